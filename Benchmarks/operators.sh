#!/bin/sh
# Speed of operators beside PyTorch's, on the shapes of networks: cases of the table of operators (Sources/OperatorCases), forward and with all gradients,
# both programs alternately on the same cores. PyTorch runs eager, in its usual and in channels-last memory; ratios are against its better setting.
# Its operators are in operators/peers.py. Not for: whole networks (models.sh). Exit codes: 0 good, 2 bad arguments, 3 something missing.
#
#   Benchmarks/operators.sh [--precision fp32|bf16] [--batch-size N] [--rounds N] [--steps N] [--threads N] [--only TEXT]
#
# Python: $VLSEG_PYTHON if set, else python3; it must have torch. Program: $VLSEG_TRAIN if set, else .build/release/train.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
for argument; do
    case "$argument" in
    --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
    esac
done
python=${VLSEG_PYTHON:-python3}
"$python" -c 'import torch' 2>/dev/null || { echo "operators.sh: $python lacks torch; set VLSEG_PYTHON to a Python that has it" >&2; exit 3; }
train=${VLSEG_TRAIN:-$root/.build/release/train}
[ -x "$train" ] || { echo "operators.sh: no $train; run: swift build -c release" >&2; exit 3; }
exec "$python" "$root/Benchmarks/operators/rows.py" --train "$train" "$@"
