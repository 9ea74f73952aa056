#!/bin/sh
# Speed of `segment predict --images` beside PyTorch's: U-Net at 224x224 with the same weights over the same folder of pictures, from file to mask file:
# decode, resize, forward pass, resize back, threshold, PNG. PyTorch: a DataLoader with as many workers, in its usual and in channels-last memory.
# All run alternately; the ratio is against PyTorch's better setting. The share of pixels in which the masks differ is shown too.
# Not for: the networks alone (models.sh). Exit codes: 0 good, 2 bad arguments, 3 something missing.
#
#   Benchmarks/predict.sh [--images DIR] [--precision fp32|bf16] [--batch-size N] [--workers N] [--rounds N] [--threads N] [--json FILE]
#
# Without --images, 96 synthetic pictures of `prep demo`. Python: $VLSEG_PYTHON if set, else python3; it must have torch and PIL.
# Programs: $VLSEG_PROGRAMS if set, else .build/release.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
for argument; do
    case "$argument" in
    --help) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 0 ;;
    esac
done
python=${VLSEG_PYTHON:-python3}
"$python" -c 'import torch, PIL' 2>/dev/null || { echo "predict.sh: $python lacks torch or PIL; set VLSEG_PYTHON to a Python that has both" >&2; exit 3; }
programs=${VLSEG_PROGRAMS:-$root/.build/release}
[ -x "$programs/segment" ] || { echo "predict.sh: no $programs/segment; run: swift build -c release" >&2; exit 3; }
exec "$python" "$root/Benchmarks/predict/rows.py" --programs "$programs" "$@"
