"""Runs the rows of Benchmarks/train.sh, prints them as a table and, where a file is named, writes them as JSON.

The JSON holds "float32_ratio" and "bf16_ratio" (training steps of 8 images, ours over PyTorch's better setting), "rows" with the medians, and "runs"
with everything the programs printed.
"""

import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
NAMES = {"fp32": "float32", "bf16": "bf16"}
ROWS = ("step8", "step32", "forward", "startup", "text")
TITLES = {
    "step8": "training step, batch 8, images/s", "step32": "training step, batch 32, images/s", "forward": "forward only, batch 8, images/s",
    "memory8": "peak memory, batch 8, MB", "memory32": "peak memory, batch 32, MB", "startup": "start to the end of the first step, s",
    "text": "BERT base, 32 texts of 24 tokens, texts/s",
}
# Ours over the peer's better setting; memory and time the other way round.
WANTED = {
    ("step8", "fp32"): 2, ("step8", "bf16"): 2, ("step32", "fp32"): 2, ("step32", "bf16"): 2, ("forward", "fp32"): 2.2, ("forward", "bf16"): 1.8,
    ("text", "fp32"): 2, ("text", "bf16"): 1.3,
}
LEAST_MEMORY, FIRST_STEP_SECONDS, BUSY = 0.5, 1.5, 2.5


def arguments():
    parser = argparse.ArgumentParser(prog="train.sh", description=__doc__.splitlines()[0])
    parser.add_argument("--train", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--prep", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--json", type=pathlib.Path, help="write the figures here")
    parser.add_argument("--merge", action="store_true", help="keep rows that the file has and that are not run now")
    parser.add_argument("--only", default=",".join(ROWS), help="rows to run, with commas between: " + ", ".join(ROWS))
    parser.add_argument("--precision", choices=list(NAMES), help="one of the two alone")
    parser.add_argument("--no-compile", action="store_true", help="PyTorch eager alone")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--steps", type=int, default=3, help="timed steps in a run")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--limit", type=int, default=300, help="seconds for a run of the peer")
    options = parser.parse_args()
    options.rows = options.only.split(",")
    unknown = [row for row in options.rows if row not in ROWS]
    if unknown:
        parser.error(f"--only: no row {unknown[0]!r}; expected some of {', '.join(ROWS)}")
    if min(options.rounds, options.steps, options.threads, options.limit) < 1:
        parser.error("--rounds, --steps, --threads and --limit start at 1")
    return options


def last_line(command, limit=None):
    """The JSON in the last line of what a program prints; None where it ran out of time, or failed."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        print(f"no result within {limit} s: {' '.join(map(str, command[1:]))}", file=sys.stderr)
        return None
    lines = done.stdout.strip().splitlines()
    if done.returncode != 0 or not lines:
        print(f"failed: {' '.join(map(str, command))}: {done.stderr.strip()[-300:]}", file=sys.stderr)
        return None
    return json.loads(lines[-1])


class Bench:
    def __init__(self, options):
        self.options = options
        self.settings = ["eager"] if options.no_compile else ["eager", "compiled"]
        self.given_up = set()

    def peer(self, script, precision, setting, *extra):
        """A run of the peer; a setting that ran out of time once is not tried again."""
        key = (script, precision, setting, extra)
        if key in self.given_up:
            return None
        command = [sys.executable, HERE / script, "--threads", self.options.threads, "--precision", precision, *extra]
        command += ["--budget", self.options.limit // 2] + (["--compile"] if setting == "compiled" else [])
        result = last_line([str(word) for word in command], self.options.limit)
        if result is None:
            self.given_up.add(key)
        return result

    def ours(self, precision, *extra):
        command = [
            self.options.train, "benchmark", "--threads", self.options.threads, "--precision", precision, "--steps", self.options.steps, *extra, "--json"]
        return last_line([str(word) for word in command])

    def step(self, precision, batch, *flags):
        runs = {}
        for setting in self.settings:
            runs[setting] = self.peer("peer.py", precision, setting, "--batch-size", batch, "--steps", self.options.steps, *flags)
        runs["ours"] = self.ours(precision, "--batch-size", batch, *flags)
        return runs

    def text(self, precision):
        runs = {setting: self.peer("text_peer.py", precision, setting, "--steps", self.options.steps) for setting in self.settings}
        runs["ours"] = self.ours(precision, "--text", "--batch-size", 32)
        return runs

    def startup(self, precision, folder):
        """Ours reads shards, initial weights and a text encoder; the peer makes its weights and its batch up."""
        runs = {setting: self.peer("peer.py", precision, setting, "--batch-size", 8, "--steps", 0) for setting in self.settings}
        run = pathlib.Path(folder) / f"run-{precision}-{time.monotonic_ns()}"
        command = [
            self.options.train, "--shards", folder + "/shards/demo", "--init", folder + "/initial.safetensors", "--text-encoder", folder + "/bert",
            "--run", run, "--batch-size", 8, "--max-steps", 1, "--precision", precision, "--threads", self.options.threads]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        found = re.search(r"first step finished after ([0-9.]+) s, plus ([0-9.]+) s for encoding captions", done.stderr)
        runs["ours"] = {"startSeconds": float(found[1]), "captionSeconds": float(found[2])} if found else None
        return runs

    def prepare(self, folder):
        """A demonstration set as shards, a text encoder of BERT base's size with random weights, and initial weights: what a run finds on disk."""
        def run(*command):
            subprocess.run([str(word) for word in command], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        run(sys.executable, HERE / "text_peer.py", "--save", folder + "/bert")
        run(self.options.prep, "demo", "--out", "demo", "--count", 48)
        run(self.options.prep, "ingest", "kvasir", "--root", "demo", "--name", "demo")
        run(self.options.prep, "shard", "demo", "--vocabulary", "bert")
        run(self.options.train, "--shards", "shards/demo", "--run", "first", "--batch-size", 2, "--max-steps", 1)
        os.rename(folder + "/first/last.safetensors", folder + "/initial.safetensors")


def median(runs, setting, field):
    values = [run[setting][field] for run in runs if run.get(setting) and run[setting].get(field) is not None]
    return statistics.median(values) if values else None


def conclude(name, precision, runs, field, smaller_is_better=False):
    """One line of the table."""
    row = {"row": name, "title": TITLES[name], "precision": NAMES[precision]}
    for setting in ("ours", "eager", "compiled"):
        row[setting] = median(runs, setting, field)
    peers = [row[setting] for setting in ("eager", "compiled") if row[setting] is not None]
    if peers and row["ours"]:
        row["ratio"] = row["ours"] / (min(peers) if smaller_is_better else max(peers))
    if name.startswith("memory"):
        row["wanted"], row["met"] = f"at most {LEAST_MEMORY}", row["ratio"] <= LEAST_MEMORY if "ratio" in row else None
    elif name == "startup":
        row["captions"] = median(runs, "ours", "captionSeconds")
        row["wanted"], row["met"] = f"under {FIRST_STEP_SECONDS} s, captions apart", row["ours"] < FIRST_STEP_SECONDS if row["ours"] else None
    else:
        wanted = WANTED[name, precision]
        row["wanted"], row["met"] = f"{wanted}", row["ratio"] >= wanted if "ratio" in row else None
    return row


def show(row):
    def number(value):
        return f"{value:>10.2f}" if value is not None else f"{'-':>10}"
    verdict = {True: "met", False: "missed", None: "not measured"}[row["met"]]
    captions = f"; captions {row['captions']:.2f} s" if row.get("captions") is not None else ""
    print(f"{row['title'] + ', ' + row['precision']:<54}" + "".join(number(row.get(key)) for key in ("ours", "eager", "compiled", "ratio"))
          + f"   {row['wanted']}: {verdict}{captions}", flush=True)


def main():
    options = arguments()
    bench = Bench(options)
    load = os.getloadavg()[0]
    result = json.loads(options.json.read_text()) if options.merge and options.json and options.json.exists() else {}
    rows, all_runs = {(row["row"], row["precision"]): row for row in result.get("rows", [])}, result.get("runs", {})
    print(f"{'':<54}{'ours':>10}{'eager':>10}{'compiled':>10}{'ratio':>10}   wanted")
    with tempfile.TemporaryDirectory() as folder:
        if "startup" in options.rows:
            bench.prepare(folder)
        for name in options.rows:
            for precision in [options.precision] if options.precision else NAMES:
                runs = []
                for _ in range(options.rounds):
                    runs.append({
                        "step8": lambda: bench.step(precision, 8), "step32": lambda: bench.step(precision, 32),
                        "forward": lambda: bench.step(precision, 8, "--forward-only"), "text": lambda: bench.text(precision),
                        "startup": lambda: bench.startup(precision, folder)}[name]())
                all_runs[f"{name}.{NAMES[precision]}"] = runs
                field = {"startup": "startSeconds", "text": "textsPerSecond"}.get(name, "imagesPerSecond")
                lines = [conclude(name, precision, runs, field, smaller_is_better=name == "startup")]
                if name in ("step8", "step32"):
                    lines.append(conclude(name.replace("step", "memory"), precision, runs, "peakMegabytes", smaller_is_better=True))
                for row in lines:
                    rows[row["row"], row["precision"]] = row
                    show(row)
    result |= {"load": load, "rows": list(rows.values()), "runs": all_runs}
    for precision in NAMES.values():
        if "ratio" in rows.get(("step8", precision), {}):
            result[precision + "_ratio"] = rows["step8", precision]["ratio"]
    if load > BUSY:
        print(f"note: the machine was busy at the start (load {load:.1f}); the figures are noisy")
    if options.json:
        temporary = options.json.with_name(options.json.name + ".tmp")
        temporary.write_text(json.dumps(result, indent=1) + "\n")
        os.replace(temporary, options.json)


if __name__ == "__main__":
    main()
