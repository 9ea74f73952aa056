#!/bin/sh
# How the cost of a training step grows with the batch, the image and the threads: a table, and a plot as SVG. No peer.
# Not for: comparing machines (a point is the median of few steps). Exit codes: 0 good, 2 bad arguments, 3 something missing.
#
#   Benchmarks/scaling.sh [--csv FILE] [--svg FILE] [--steps N] [--merge] [--axis batch|image|threads]
#
# --csv keeps the figures, after every point; --merge takes up what the file has already, and --axis measures one axis alone.
# Program: $VLSEG_TRAIN if set, else .build/release/train. Needs python3 (its standard library alone).
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
case " $* " in
*" --help "*) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
esac
train=${VLSEG_TRAIN:-$root/.build/release/train}
[ -x "$train" ] || { echo "scaling.sh: no $train; run: swift build -c release" >&2; exit 3; }
exec python3 "$root/Benchmarks/train/scaling.py" --train "$train" "$@"
