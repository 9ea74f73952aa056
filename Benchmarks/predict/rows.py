"""Runs Benchmarks/predict.sh: sets the job up, lets both sides do it in turn, compares the masks, prints a table and, where a file is named, JSON."""

import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent
# Ours over PyTorch's better setting.
WANTED = 1.5


def arguments():
    parser = argparse.ArgumentParser(prog="predict.sh", description=__doc__.splitlines()[0])
    parser.add_argument("--programs", required=True, type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--images", type=pathlib.Path)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    if min(options.rounds, options.workers, options.threads, options.batch_size) < 1:
        parser.error("--rounds, --workers, --threads and --batch-size start at 1")
    if options.images is not None and not options.images.is_dir():
        parser.error(f"--images {options.images}: no such folder")
    return options


def run(command, folder):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=folder)
    if done.returncode != 0:
        sys.exit(f"predict.sh: {' '.join(map(str, command))}: {done.stderr.strip()[-400:]}")
    return done


def differing(ours, theirs):
    """The share of pixels in which masks of the same names differ."""
    wrong = pixels = 0
    for path in sorted(theirs.glob("*.png")):
        one, other = np.asarray(Image.open(ours / path.name)), np.asarray(Image.open(path))
        wrong += int((one != other).sum())
        pixels += one.size
    return wrong / pixels


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="vlseg-predict-") as name:
        folder, programs = pathlib.Path(name), options.programs.resolve()
        run([programs / "prep", "demo", "--out", "data/demo", "--count", 96], folder)
        run([programs / "prep", "ingest", "kvasir", "--root", "data/demo", "--name", "demo"], folder)
        run([programs / "prep", "shard", "demo"], folder)
        # A few steps, so that the masks are neither empty nor full.
        run([programs / "train", "--model", "unet", "--shards", "shards/demo", "--run", "runs/unet", "--epochs", 2, "--max-steps", 4,
             "--batch-size", 4, "--threads", options.threads], folder)
        images = options.images.resolve() if options.images else folder / "data/demo/images"
        shared = ["--batch-size", options.batch_size, "--workers", options.workers, "--threads", options.threads, "--precision", options.precision]
        runs = []
        for number in range(options.rounds):
            ours = run([programs / "segment", "predict", "--run", "runs/unet", "--images", images, "--out", f"ours{number}", *shared], folder)
            rate = re.findall(r"predicting: .*?([\d.]+) images/s", ours.stderr)
            if not rate:
                sys.exit(f"predict.sh: segment predict said no rate: {ours.stderr.strip()[-400:]}")
            peer = [sys.executable, HERE / "peer.py", "--images", images, "--checkpoint", "runs/unet/best.safetensors", "--out", "theirs", *shared]
            runs.append({
                "ours": {"imagesPerSecond": float(rate[-1])}, "eager": json.loads(run(peer, folder).stdout.splitlines()[-1]),
                "channelsLast": json.loads(run(peer + ["--channels-last"], folder).stdout.splitlines()[-1])})
        medians = {side: statistics.median(entry[side]["imagesPerSecond"] for entry in runs) for side in runs[0]}
        share = differing(folder / "ours0", folder / "theirs")
    ratio = medians["ours"] / max(medians["eager"], medians["channelsLast"])
    print(f"{'images/s, batch ' + str(options.batch_size) + ', ' + options.precision:<32}{'ours':>10}{'eager':>10}{'ch.-last':>10}{'ratio':>10}")
    print(f"{'unet, file to mask':<32}{medians['ours']:>10.2f}{medians['eager']:>10.2f}{medians['channelsLast']:>10.2f}{ratio:>10.2f}"
          f"   {WANTED}: {'met' if ratio >= WANTED else 'missed'}")
    print(f"masks differ in {share:.3%} of the pixels")
    if options.json:
        result = {"load": os.getloadavg()[0], "medians": medians, "ratio": ratio, "differing": share, "runs": runs}
        options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
