#!/bin/sh
# Speed of the networks beside PyTorch's: the same network, batch and loss on the same cores (Scripts/golden/models/NAME.py), training steps and the forward
# pass, PyTorch eager in its usual and in channels-last memory, all run alternately. Ratios are against PyTorch's better setting.
# Not for: UA-VLS (train.sh), data loading (one synthetic batch). Exit codes: 0 good, 2 bad arguments, 3 something missing.
#
#   Benchmarks/models.sh [--models NAME,...] [--precision fp32|bf16] [--batch-size N] [--rounds N] [--steps N] [--threads N] [--json FILE]
#
# Python: $VLSEG_PYTHON if set, else python3; it must have torch. Program: $VLSEG_TRAIN if set, else .build/release/train.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
for argument; do
    case "$argument" in
    --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
    esac
done
python=${VLSEG_PYTHON:-python3}
"$python" -c 'import torch' 2>/dev/null || { echo "models.sh: $python lacks torch; set VLSEG_PYTHON to a Python that has it" >&2; exit 3; }
train=${VLSEG_TRAIN:-$root/.build/release/train}
[ -x "$train" ] || { echo "models.sh: no $train; run: swift build -c release" >&2; exit 3; }
exec "$python" "$root/Benchmarks/models/rows.py" --train "$train" "$@"
