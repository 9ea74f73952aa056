#!/bin/sh
# Training speed beside PyTorch's: the same model, batch and loss on the same cores, the programs run alternately, in float32 and bf16, PyTorch eager and
# compiled (torch.compile takes minutes to start; --no-compile leaves it out). Ratios are against PyTorch's better setting.
# Not for: data loading (both use one synthetic batch). Exit codes: 0 good, 2 bad arguments, 3 something missing.
#
#   Benchmarks/train.sh [--json FILE] [--batch N] [--steps N] [--rounds N] [--threads N] [--forward-only] [--no-compile] [--precision fp32|bf16]
#
# Python: $VLSEG_PYTHON if set, else Benchmarks/.venv, made on the first run (PyTorch for CPU, about 1 GB).
# Program: $VLSEG_TRAIN if set, else .build/release/train.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
json= batch=8 steps=3 rounds=2 threads=0 forward= modes='eager compiled' precisions='fp32 bf16'

usage() { sed -n '2,9s/^# \{0,1\}//p' "$0"; }
number() {
    case "$2" in
    '' | *[!0-9]*) echo "train.sh: $1 is \"$2\"; expected a whole number" >&2; exit 2 ;;
    esac
}
while [ $# -gt 0 ]; do
    case "$1" in
    --help) usage; exit 0 ;;
    --forward-only) forward=--forward-only; shift ;;
    --no-compile) modes=eager; shift ;;
    --json | --precision | --batch | --steps | --rounds | --threads)
        [ $# -ge 2 ] || { echo "train.sh: $1 needs a value" >&2; exit 2; }
        case "$1" in
        --json) json=$2 ;;
        --precision)
            case "$2" in
            fp32 | bf16) precisions=$2 ;;
            *) echo "train.sh: --precision is \"$2\"; expected fp32 or bf16" >&2; exit 2 ;;
            esac ;;
        --batch) number "$1" "$2"; batch=$2 ;;
        --steps) number "$1" "$2"; steps=$2 ;;
        --rounds) number "$1" "$2"; rounds=$2 ;;
        --threads) number "$1" "$2"; threads=$2 ;;
        esac
        shift 2 ;;
    *) echo "train.sh: unknown argument \"$1\"" >&2; usage >&2; exit 2 ;;
    esac
done
[ "$batch" -gt 0 ] && [ "$steps" -gt 0 ] && [ "$rounds" -gt 0 ] || { echo "train.sh: --batch, --steps and --rounds start at 1" >&2; exit 2; }
[ "$threads" -gt 0 ] || threads=$(nproc)

python=${VLSEG_PYTHON:-}
if [ -z "$python" ]; then
    python=$root/Benchmarks/.venv/bin/python
    if ! "$python" -c 'import torch, transformers' 2>/dev/null; then
        echo "making Benchmarks/.venv (PyTorch 2.13 for CPU, transformers)" >&2
        python3 -m venv "$root/Benchmarks/.venv" || { echo "train.sh: no python3 with venv; install python3-venv, or set VLSEG_PYTHON" >&2; exit 3; }
        "$python" -m pip install --quiet 'torch==2.13.0+cpu' transformers numpy 2>/dev/null ||
            "$python" -m pip install --quiet torch transformers numpy ||
            { echo "train.sh: PyTorch could not be installed; set VLSEG_PYTHON to a Python with torch and transformers" >&2; exit 3; }
    fi
fi
"$python" -c 'import torch, transformers' || { echo "train.sh: $python lacks torch or transformers" >&2; exit 3; }
train=${VLSEG_TRAIN:-$root/.build/release/train}
[ -x "$train" ] || { echo "train.sh: no $train; run: swift build -c release" >&2; exit 3; }

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
load=$(cut -d' ' -f1 /proc/loadavg 2>/dev/null || echo 0)
round=1
while [ "$round" -le "$rounds" ]; do
    for precision in $precisions; do
        for mode in $modes; do
            echo "round $round of $rounds: PyTorch, $precision, $mode" >&2
            compile=
            [ "$mode" = eager ] || compile=--compile
            # A PyTorch that cannot compile here (no C++ compiler, say) is compared in its eager setting alone.
            # shellcheck disable=SC2086
            "$python" "$root/Benchmarks/train/peer.py" --batch-size "$batch" --steps "$steps" --threads "$threads" --precision "$precision" \
                $compile $forward >"$results/$precision.$mode.$round" 2>"$results/error" ||
                { [ "$mode" = compiled ] && { echo "train.sh: torch.compile failed: $(tail -n 1 "$results/error")" >&2; rm -f "$results/$precision.$mode.$round"; }; } ||
                { cat "$results/error" >&2; exit 3; }
        done
        echo "round $round of $rounds: train, $precision" >&2
        # shellcheck disable=SC2086
        "$train" --benchmark --benchmark-steps "$steps" --batch-size "$batch" --threads "$threads" --precision "$precision" $forward --json \
            >"$results/$precision.ours.$round"
    done
    round=$((round + 1))
done
"$python" "$root/Benchmarks/train/compare.py" "$results" "$load" ${json:+"$json"}
