#!/usr/bin/env bash
# The main job, end to end, on a small set drawn by code: set-up, build, data, shards, training of the full model, scores, one mask.
# Ten to twenty minutes on two cores. Safe to run again: what is done is kept, and a training that was stopped goes on.
set -euo pipefail
cd "$(dirname "$0")/.."

pictures=60
epochs=8
run=runs/quickstart
started=$SECONDS

step() { printf '\n== %s (%d s so far)\n' "$1" $((SECONDS - started)); }

step "1/8 system packages and Swift"
Scripts/setup.sh

step "2/8 release build"
# The programs alone: a plain build also compiles what only the tests use.
for program in prep train segment; do swift build -c release --product "$program"; done
bin=$(swift build -c release --show-bin-path)

step "3/8 a synthetic polyp set in Kvasir-SEG's layout: data/demo"
"$bin/prep" demo --out data/demo --count "$pictures"

step "4/8 images, masks and captions paired and checked: manifests/demo.jsonl"
"$bin/prep" ingest kvasir --root data/demo --name demo

step "5/8 shards: shards/demo"
"$bin/prep" shard demo
"$bin/prep" stats demo
"$bin/prep" preview shards/demo --out shards/demo-preview.png

step "6/8 training the full model, $epochs epochs: $run"
if [ -f "$run/state.json" ]; then
    "$bin/train" --run "$run" --resume
else
    "$bin/train" --shards shards/demo --run "$run" --epochs "$epochs" --batch-size 8 --lr 1e-3
fi

step "7/8 scores on the test split"
"$bin/segment" evaluate --run "$run" --shards shards/demo --json "$run/test.json" --predictions "$run/predictions"

step "8/8 one image, one sentence, one mask"
image=$(sed -n 's/.*"img_name" *: *"\([^"]*\)".*/\1/p' data/demo/anns/test.json | head -n 1)
caption=$(sed -n 's/.*"p6" *: *"\([^"]*\)".*/\1/p' data/demo/anns/test.json | head -n 1)
echo "$image: \"$caption\""
"$bin/segment" predict --run "$run" --image "data/demo/images/$image" --text "$caption" \
    --out "$run/mask.png" --overlay "$run/overlay.png" --probabilities "$run/probabilities.npy"

cat <<TEXT

quickstart: done in $((SECONDS - started)) s. Worth looking at:
  shards/demo-preview.png    images, mask outlines and captions as the model gets them
  $run/report.html           the training as a page: curves, scores, eight validation samples as they evolve
  $run/metrics.csv           losses and validation scores of every epoch
  $run/test.json             test scores, per sample too, beside those of trivial masks
  $run/overlay.png           the predicted outline on $image
  $run/predictions/          a mask and a probability map of every test sample
A few epochs without pretrained weights only show that everything works; README.md says how to train on real data.
TEXT
