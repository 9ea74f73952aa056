"""Runs the rows of Benchmarks/models.sh, prints them as a table and, where a file is named, writes them as JSON.

The JSON holds "rows" with the medians over rounds and "runs" with everything the programs printed.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
# Networks and their references in Scripts/golden/models.
MODELS = ("unet", "ariadne", "swinunet")
# Ours over PyTorch's better setting.
WANTED = {"fp32": 1.3}


def arguments():
    parser = argparse.ArgumentParser(prog="models.sh", description=__doc__.splitlines()[0])
    parser.add_argument("--train", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--batch-size", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    unknown = [name for name in options.models.split(",") if name not in MODELS]
    if unknown:
        parser.error(f"--models: no network {unknown[0]!r}; expected some of {', '.join(MODELS)}")
    if min(options.rounds, options.steps, options.threads, options.batch_size) < 1:
        parser.error("--rounds, --steps, --threads and --batch-size start at 1")
    return options


def last_line(command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"models.sh: {' '.join(map(str, command))}: {done.stderr.strip()[-400:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def main():
    options = arguments()
    shared = ["--batch-size", options.batch_size, "--steps", options.steps, "--threads", options.threads, "--precision", options.precision]
    rows, all_runs = [], {}
    print(f"{'images/s, batch ' + str(options.batch_size) + ', ' + options.precision:<32}{'ours':>10}{'eager':>10}{'ch.-last':>10}{'ratio':>10}")
    for model in options.models.split(","):
        for row, flags in (("step", []), ("forward", ["--forward-only"])):
            runs = []
            for _ in range(options.rounds):
                peer = [sys.executable, HERE / "peer.py", "--model", model, *shared, *flags]
                runs.append({
                    "eager": last_line(peer), "channelsLast": last_line(peer + ["--channels-last"]),
                    "ours": last_line([options.train, "benchmark", "--model", model, *shared, *flags, "--json"])})
            medians = {side: statistics.median(run[side]["imagesPerSecond"] for run in runs) for side in runs[0]}
            ratio = medians["ours"] / max(medians["eager"], medians["channelsLast"])
            wanted = WANTED.get(options.precision) if row == "step" else None
            verdict = "" if wanted is None else f"   {wanted}: {'met' if ratio >= wanted else 'missed'}"
            print(f"{model + ', ' + row:<32}{medians['ours']:>10.3f}{medians['eager']:>10.3f}{medians['channelsLast']:>10.3f}{ratio:>10.2f}{verdict}", flush=True)
            rows.append({"model": model, "row": row, "precision": options.precision, **medians, "ratio": ratio})
            all_runs[f"{model}.{row}.{options.precision}"] = runs
    if options.json:
        options.json.write_text(json.dumps({"load": os.getloadavg()[0], "rows": rows, "runs": all_runs}, indent=1) + "\n")


if __name__ == "__main__":
    main()
