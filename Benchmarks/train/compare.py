"""Reads the runs of Benchmarks/train.sh, prints the ratio table and, where a file is named, writes it as JSON.

Use: compare.py FOLDER LOAD [FILE]. FOLDER holds PRECISION.SETTING.ROUND (setting: eager, compiled, ours), each ending in one line of JSON with "imagesPerSecond".
"""

import collections
import json
import os
import pathlib
import statistics
import sys

BUSY = 2.5
NAMES = {"fp32": "float32", "bf16": "bf16"}


def read(path: pathlib.Path) -> dict:
    lines = path.read_text().strip().splitlines()
    try:
        return json.loads(lines[-1])
    except (IndexError, json.JSONDecodeError):
        sys.exit(f"compare.py: {path.name} does not end in a line of JSON: {lines[-1] if lines else 'it is empty'}")


def main():
    folder, load = pathlib.Path(sys.argv[1]), float(sys.argv[2])
    runs = collections.defaultdict(lambda: collections.defaultdict(list))
    for path in sorted(folder.glob("*.*.[0-9]*")):
        precision, setting, _ = path.name.split(".")
        runs[precision][setting].append(read(path))
    result = {"load": load, "runs": runs}
    print(f"{'':<34}{'images/s':>10}{'peak MB':>10}   rounds")
    for precision in (name for name in NAMES if name in runs):
        rate = {}
        for setting in (name for name in ("eager", "compiled", "ours") if name in runs[precision]):
            found = runs[precision][setting]
            rates = [run["imagesPerSecond"] for run in found]
            rate[setting] = statistics.median(rates)
            who = "swift-vlseg" if setting == "ours" else f"PyTorch {found[0]['torch']} {setting}"
            peak = max(run["peakMegabytes"] for run in found)
            print(f"{NAMES[precision] + ' ' + who:<34}{rate[setting]:>10.2f}{peak:>10.0f}   " + " ".join(f"{value:.2f}" for value in rates))
        best = max((setting for setting in rate if setting != "ours"), key=rate.get)
        ratio = rate["ours"] / rate[best]
        result[NAMES[precision] + "_ratio"] = ratio
        result[NAMES[precision]] = {"imagesPerSecond": rate, "bestPeer": best}
        print(f"{'ratio to the better (' + best + ')':<34}{ratio:>10.2f}")
    if load > BUSY:
        print(f"note: the machine was busy at the start (load {load}); the figures are noisy")
    if len(sys.argv) > 3:
        path = pathlib.Path(sys.argv[3])
        temporary = path.with_name(path.name + ".tmp")
        temporary.write_text(json.dumps(result, indent=1) + "\n")
        os.replace(temporary, path)


if __name__ == "__main__":
    main()
