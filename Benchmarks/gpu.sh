#!/usr/bin/env bash
# Training on a GPU beside PyTorch's: what the machine has, whether CUDA computes what the CPU does, then images/s, ratios and memory in one table,
# in under eight minutes. Builds nothing and needs no network. Not for: accuracy, several GPUs, the CPU (Benchmarks/train.sh).
# Exit codes: 0 good, 1 a part failed (the rest ran), 2 bad arguments, 3 something missing on this machine.
#
#   Benchmarks/gpu.sh [--bundle FILE | --programs FOLDER] [--json FILE] [--minutes N] [--only ROW,...] [--rounds N] [--steps N]
#                     [--peer-only | --ours-only] [--shards FOLDER] [--rehearse]
#
# --bundle FILE       take train from this bundle (Scripts/bundle.sh); --programs FOLDER: from this folder; default: .build/release
# --minutes N         begin nothing that would end later than this; default 8
# --only ROW,...      of: train32, train128, train32-fp32, forward32 (each beside the peer's settings), more (slow settings of the peer)
# --peer-only, --ours-only   one side alone
# --shards FOLDER     also: an epoch on these shards beside the same number of steps on synthetic data
# --rehearse          the whole script on the CPU with tiny sizes: shows that it runs, measures nothing
#
# The peer (Benchmarks/gpu/peer.py) is PyTorch eager and compiled, bf16 autocast, channels-last, fused AdamW, CUDA graphs; its best setting counts.
# Python: $VLSEG_PYTHON if set, else python3; it needs torch with CUDA and transformers, unless --ours-only. NVIDIA's libraries for our side: $VLSEG_CUDA_PATH if set,
# else those of that Python, so that both sides use the same ones.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
usage() { sed -n '2,20s/^# \{0,1\}//p' "$0"; }
fail() { echo "gpu.sh: $2" >&2; exit "$1"; }

bundle="" programs="" ours=yes peer=yes rehearse=no passed=()
while [ $# -gt 0 ]; do
    case "$1" in
    --help) usage; exit 0 ;;
    --bundle | --programs)
        [ $# -ge 2 ] || fail 2 "$1 needs a value"
        if [ "$1" = --bundle ]; then bundle=$2; else programs=$2; fi
        shift ;;
    --peer-only) ours=no passed+=("$1") ;;
    --ours-only) peer=no passed+=("$1") ;;
    --rehearse) rehearse=yes passed+=("$1") ;;
    *) passed+=("$1") ;;
    esac
    shift
done
[ "$ours$peer" != nono ] || fail 2 "--peer-only and --ours-only exclude each other"
[ -z "$bundle" ] || [ -z "$programs" ] || fail 2 "--bundle and --programs exclude each other"

python=${VLSEG_PYTHON:-python3}
command -v "$python" >/dev/null || fail 3 "no $python; install python3, or set VLSEG_PYTHON"
if [ "$peer" = yes ]; then
    "$python" -c 'import torch, transformers' 2>/dev/null || fail 3 "$python lacks torch or transformers; set VLSEG_PYTHON to one that has them, or measure our side alone with --ours-only"
fi
if [ "$rehearse" = no ]; then
    command -v nvidia-smi >/dev/null && nvidia-smi -L >/dev/null 2>&1 || fail 3 "no NVIDIA GPU here: nvidia-smi is missing or finds none; --rehearse runs the script on the CPU"
    [ "$peer" = no ] || "$python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' || fail 3 "$python's torch does not see the GPU (a build for CUDA is needed)"
fi
if [ "$ours" = yes ]; then
    if [ -n "$bundle" ]; then
        [ -f "$bundle" ] || fail 2 "no bundle $bundle"
        unpacked=$(mktemp -d "${TMPDIR:-/tmp}/vlseg-gpu.XXXXXX")
        trap 'rm -rf "$unpacked"' EXIT
        # tar needs the program xz, Python only itself.
        tar -C "$unpacked" -xf "$bundle" 2>/dev/null || "$python" -m tarfile -e "$bundle" "$unpacked" || fail 2 "$bundle could not be unpacked"
        programs=$unpacked/swift-vlseg/bin
    fi
    programs=${programs:-$root/.build/release}
    [ -x "$programs/train" ] || fail 3 "no $programs/train; name a bundle (--bundle) or a folder of programs (--programs), or run: swift build -c release"
    passed+=(--train "$programs/train")
    if [ -z "${VLSEG_CUDA_PATH:-}" ]; then
        folder=$("$python" -c 'import importlib.util as u; found = u.find_spec("nvidia"); print(list(found.submodule_search_locations)[0] if found else "")' 2>/dev/null || true)
        [ -z "$folder" ] || export VLSEG_CUDA_PATH=$folder
    fi
fi
"$python" "$root/Benchmarks/gpu/rows.py" "${passed[@]}"
