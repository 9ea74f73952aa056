#!/bin/sh
# Training speed, memory and start-up beside PyTorch's: the same model, batch and loss on the same cores, the programs run alternately, in float32 and
# bf16, PyTorch eager and compiled (torch.compile takes minutes to start; --no-compile leaves it out). Ratios are against PyTorch's better setting.
# Not for: data loading (steps use one synthetic batch; the start-up row reads shards). Exit codes: 0 good, 2 bad arguments, 3 something missing.
#
#   Benchmarks/train.sh [--json FILE] [--merge] [--only ROW,...] [--precision fp32|bf16] [--no-compile] [--rounds N] [--steps N] [--threads N] [--limit SECONDS]
#
# Rows: step8, step32 (training steps of 8 and 32 images; peak memory with them), forward, startup, text. --limit bounds each run of the peer (default 300 s).
# --merge keeps the rows that FILE has already and that are not run now.
# Python: $VLSEG_PYTHON if set, else Benchmarks/.venv, made on the first run (PyTorch for CPU, about 1 GB).
# Programs: $VLSEG_TRAIN and $VLSEG_PREP if set, else .build/release/train and prep.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
usage() { sed -n '2,12s/^# \{0,1\}//p' "$0"; }
for argument; do
    case "$argument" in
    --help) usage; exit 0 ;;
    esac
done
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
"$python" -c 'import torch' || { echo "train.sh: $python lacks torch" >&2; exit 3; }
train=${VLSEG_TRAIN:-$root/.build/release/train} prep=${VLSEG_PREP:-$root/.build/release/prep}
for program in "$train" "$prep"; do
    [ -x "$program" ] || { echo "train.sh: no $program; run: swift build -c release" >&2; exit 3; }
done
exec "$python" "$root/Benchmarks/train/rows.py" --train "$train" --prep "$prep" "$@"
