"""Reads the runs of Benchmarks/train.sh, prints the ratio table and, where a file is named, writes it as JSON.

Use: compare.py FOLDER ROUNDS LOAD [FILE]. FOLDER holds peer.N and ours.N, each ending in one line of JSON with "imagesPerSecond".
"""

import json
import os
import pathlib
import statistics
import sys

BUSY = 2.5


def read(folder: pathlib.Path, name: str) -> dict:
    lines = (folder / name).read_text().strip().splitlines()
    try:
        return json.loads(lines[-1])
    except (IndexError, json.JSONDecodeError):
        sys.exit(f"compare.py: {name} does not end in a line of JSON: {lines[-1] if lines else 'it is empty'}")


def main():
    folder, rounds, load = pathlib.Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    runs = {side: [read(folder, f"{side}.{n}") for n in range(1, rounds + 1)] for side in ("peer", "ours")}
    rates = {side: [run["imagesPerSecond"] for run in found] for side, found in runs.items()}
    median = {side: statistics.median(values) for side, values in rates.items()}
    ratio = median["ours"] / median["peer"]
    print(f"{'float32 training':<24}{'images/s':>10}   rounds")
    for side, title in (("peer", "PyTorch " + runs["peer"][0]["torch"]), ("ours", "swift-vlseg")):
        print(f"{title:<24}{median[side]:>10.2f}   " + " ".join(f"{rate:.2f}" for rate in rates[side]))
    print(f"{'ratio':<24}{ratio:>10.2f}")
    if load > BUSY:
        print(f"note: the machine was busy at the start (load {load}); the figures are noisy")
    if len(sys.argv) > 4:
        result = {"float32_ratio": ratio, "imagesPerSecond": median, "rounds": rates, "load": load, "runs": runs}
        path = pathlib.Path(sys.argv[4])
        temporary = path.with_name(path.name + ".tmp")
        temporary.write_text(json.dumps(result, indent=1) + "\n")
        os.replace(temporary, path)


if __name__ == "__main__":
    main()
