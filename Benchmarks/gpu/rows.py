"""Runs the parts of Benchmarks/gpu.sh, prints them as they end, then a table, and writes everything as JSON where a file is named.

A wave is a set of rows that are measured side by side: the peer's settings start together, compile while nothing is timed, and wait at their gates; then
ours and each of them are timed one at a time, in rounds. Each part has a time limit of its own; one that fails is reported and the rest goes on.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import select
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    title: str
    precision: str
    batch: int
    flags: tuple = ()


ROWS = {row.name: row for row in (
    Row("train32", "training step, batch 32, bf16", "bf16", 32),
    Row("forward32", "forward only, batch 32, bf16", "bf16", 32, ("--forward-only",)),
    Row("train128", "training step, batch 128, bf16", "bf16", 128),
    Row("train32-fp32", "training step, batch 32, float32 with TF32", "fp32", 32),
)}
# float32 with products in TF32, as PyTorch's users run it; ours with --tf32.
PEER_PRECISION = {"bf16": "bf16", "fp32": "tf32"}
# Waves in order of importance: (row, setting's name, the peer's flags).
WAVES = [
    [("train32", "eager"), ("train32", "eager + graph", "--graph"), ("train32", "eager + graph, NCHW", "--graph", "--contiguous"),
     ("train32", "compile + graph", "--compile", "default", "--graph"), ("train32", "compile reduce-overhead", "--compile", "reduce-overhead"),
     ("forward32", "eager + graph", "--graph"), ("forward32", "compile + graph", "--compile", "default", "--graph")],
    [("train128", "eager + graph", "--graph"), ("train128", "compile + graph", "--compile", "default", "--graph"),
     ("train32-fp32", "eager + graph", "--graph"), ("train32-fp32", "compile + graph", "--compile", "default", "--graph")],
    [("train32", "compile max-autotune + graph", "--compile", "max-autotune-no-cudagraphs", "--graph"),
     ("train32", "compile + graph, scan in Triton", "--compile", "default", "--graph", "--scan", "triton"),
     ("train32", "compile + graph, NCHW", "--compile", "default", "--graph", "--contiguous"),
     ("forward32", "compile max-autotune + graph", "--compile", "max-autotune-no-cudagraphs", "--graph"),
     ("train32", FOLDED := "compile + graph, head folded as ours", "--compile", "default", "--graph", "--folded-head")],
]
MORE = 2  # the wave that --only calls `more`
# A setting that changes the algorithm, not the way it runs; shown, not counted as the peer's best.
APART = {FOLDED}
REHEARSAL_WAVES = [
    [("train32", "eager"), ("train32", "eager, NCHW", "--contiguous"), ("forward32", "eager")],
    [("train128", "eager"), ("train32-fp32", "eager")],
    [("train32", FOLDED, "--folded-head")],
]


def arguments():
    parser = argparse.ArgumentParser(prog="gpu.sh", description=__doc__.splitlines()[0])
    parser.add_argument("--train", help=argparse.SUPPRESS)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--only", default=",".join([*ROWS, "more"]))
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--steps", type=int, default=40, help="timed steps a round")
    parser.add_argument("--peer-only", action="store_true")
    parser.add_argument("--ours-only", action="store_true")
    parser.add_argument("--shards", type=pathlib.Path)
    parser.add_argument("--rehearse", action="store_true")
    options = parser.parse_args()
    options.only = options.only.split(",")
    unknown = [row for row in options.only if row not in ROWS and row != "more"]
    if unknown:
        parser.error(f"--only: no row {unknown[0]!r}; expected some of {', '.join(ROWS)}, more")
    if min(options.minutes, options.rounds, options.steps) <= 0:
        parser.error("--minutes, --rounds and --steps must be positive")
    return options


class Peer:
    """A process of peer.py: it compiles by itself, says `ready`, and times steps each time it is asked."""

    def __init__(self, row, setting, flags, bench):
        self.row, self.setting, self.ready, self.error, self.results, self.pending = row, setting, False, None, [], b""
        command = [sys.executable, HERE / "peer.py", "--gate", "--precision", PEER_PRECISION[row.precision], *row.flags, *flags, *bench.peer_sizes(row)]
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log)

    def line(self, deadline):
        """The next line of output; None at the deadline or the end."""
        output = self.process.stdout.fileno()
        while b"\n" not in self.pending:
            if not select.select([output], [], [], max(0, deadline - time.monotonic()))[0]:
                self.stop("ran out of time")
                return None
            if not (more := os.read(output, 65536)):
                self.process.wait()
                self.log.seek(0)
                self.stop(f"exit code {self.process.returncode}: {self.log.read().strip()[-400:]}")
                return None
            self.pending += more
        line, _, self.pending = self.pending.partition(b"\n")
        return line.decode()

    def await_ready(self, deadline):
        while (line := self.line(deadline)) is not None:
            if line == "ready":
                self.ready = True
                return

    def measure(self, deadline):
        try:
            self.process.stdin.write(b"go\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            self.stop("ended by itself while it waited")
            return
        # Whatever else PyTorch may print there is passed over.
        while (line := self.line(deadline)) is not None:
            if line.startswith("{"):
                self.results.append(json.loads(line))
                return

    def stop(self, error=None):
        self.error = self.error or error
        self.ready = False
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()


class Bench:
    def __init__(self, options):
        self.options, self.start, self.failed = options, time.monotonic(), False
        self.end = self.start + 60 * options.minutes
        self.ours = {name: [] for name in ROWS}
        self.peers = {name: [] for name in ROWS}
        self.report = {"minutes": options.minutes, "rehearsal": options.rehearse}

    def left(self):
        return self.end - time.monotonic()

    def say(self, text):
        print(f"[{time.monotonic() - self.start:5.0f} s] {text}", flush=True)

    def complain(self, text):
        self.failed = True
        self.say("FAILED: " + text)

    def run(self, what, command, limit, show=False):
        """A program's output, or None, reported. show: print it, whatever came of it."""
        limit = min(limit, self.left())
        if limit < 3:
            self.complain(f"{what}: no time left")
            return None
        try:
            done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=limit)
        except subprocess.TimeoutExpired as error:
            if show:
                print((error.stdout or b"").decode().rstrip(), flush=True)
            self.complain(f"{what}: not done within {limit:.0f} s")
            return None
        except OSError as error:
            self.complain(f"{what}: {error}")
            return None
        if show:
            print(done.stdout.rstrip(), flush=True)
        if done.returncode:
            self.complain(f"{what}: exit code {done.returncode}: {(done.stderr.strip() or done.stdout.strip())[-600:]}")
            return None
        return done.stdout

    # What is there.

    def machine(self):
        lines = [f"processor: {os.cpu_count()} cores, {processor()}"]
        if not self.options.rehearse:
            found = self.run("nvidia-smi", ["nvidia-smi", "--query-gpu=name,driver_version,memory.total,clocks.max.sm,power.limit", "--format=csv,noheader"], 20)
            lines += ["GPU: " + line for line in (found or "").strip().splitlines()]
        if not self.options.ours_only:
            found = self.run("PyTorch's versions", [sys.executable, "-c", (
                "import torch, transformers as t; b = torch.backends.cudnn; "
                "print('peer: PyTorch', torch.__version__, 'cuDNN', b.version() if b.is_available() else '-', 'transformers', t.__version__)")], 60)
            lines += (found or "").strip().splitlines()
        if self.options.train:
            found = self.run("train devices", [self.options.train, "devices"], 60)
            lines += ["ours: " + line for line in (found or "").strip().splitlines()]
        print("\n".join(lines), flush=True)
        self.report["machine"] = lines

    def checks(self):
        """What is computed, before how fast: ours beside the CPU, the peer beside the reference."""
        if self.options.train:
            self.parity()
        if not self.options.ours_only:
            self.say("the peer beside the reference model: peer.py --check")
            output = self.run("peer.py --check", [sys.executable, HERE / "peer.py", "--check", "--device", self.device()], 120, show=True)
            self.report["peerCheck"] = {"good": output is not None, "output": (output or "").splitlines()}

    def parity(self):
        """Operators and whole steps, the device beside the CPU, in both formats: the program prints a line a comparison."""
        self.report["parity"] = {}
        for precision in ("fp32", "bf16"):
            self.say(f"parity: train check --device {self.device()} --precision {precision}")
            size = ["--image-size", 64] if self.options.rehearse else []
            output = self.run(
                f"parity in {precision}", [self.options.train, "check", "--device", self.device(), "--precision", precision, *size], 90, show=True)
            self.report["parity"][precision] = {"good": output is not None, "output": (output or "").splitlines()}

    # Figures.

    def device(self):
        return "cpu" if self.options.rehearse else "cuda"

    def sizes(self, row):
        """(batch, image size, steps)"""
        return (max(2, row.batch // 32), 64, 2) if self.options.rehearse else (row.batch, 224, self.options.steps)

    def peer_sizes(self, row):
        batch, image, steps = self.sizes(row)
        return ["--batch-size", batch, "--image-size", image, "--steps", steps, "--device", self.device(), "--warmup", 1 if self.options.rehearse else 10]

    def products(self, row):
        """float32 in TF32 on both sides, where there is a GPU."""
        return ["--tf32"] if row.precision == "fp32" and not self.options.rehearse else []

    def measure_ours(self, row):
        batch, image, steps = self.sizes(row)
        output = self.run(f"ours, {row.title}", [
            self.options.train, "benchmark", "--json", "--steps", steps, "--batch-size", batch, "--image-size", image,
            "--precision", row.precision, "--device", self.device(), *self.products(row), *row.flags], 60)
        if output:
            self.ours[row.name].append(json.loads(output.strip().splitlines()[-1]))
            self.say(f"ours, {row.title}: {self.ours[row.name][-1]['imagesPerSecond']:.1f} images/s")

    def wave(self, settings, limit, meanwhile=None):
        rows = [row for row in ROWS.values() if any(name == row.name for name, *_ in settings)]
        peers = []
        if not self.options.ours_only:
            for name, setting, *flags in settings:
                peers.append(Peer(ROWS[name], setting, flags, self))
                self.peers[name].append(peers[-1])
            self.say(f"the peer prepares {len(peers)} settings at once (limit {min(limit, self.left()):.0f} s)")
        try:
            if meanwhile:
                meanwhile()
            deadline = time.monotonic() + min(limit, self.left())
            for peer in peers:
                peer.await_ready(deadline)
                if peer.error:
                    self.complain(f"peer, {peer.row.title}, {peer.setting}: {peer.error}")
            for _ in range(self.options.rounds):
                for row in rows:
                    if self.options.train:
                        self.measure_ours(row)
                    for peer in peers:
                        if peer.row is row and peer.ready:
                            self.measure_peer(peer)
        finally:
            for peer in peers:
                peer.stop()

    def measure_peer(self, peer):
        if self.left() < 1:
            return
        peer.measure(time.monotonic() + min(60, self.left()))
        if peer.error:
            self.complain(f"peer, {peer.row.title}, {peer.setting}: {peer.error}")
        else:
            result = peer.results[-1]
            if not result["finite"]:
                self.complain(f"peer, {peer.row.title}, {peer.setting}: the loss is not finite")
            self.say(f"peer, {peer.row.title}, {peer.setting}: {result['imagesPerSecond']:.1f} images/s (ready after {result['warmUpSeconds']:.0f} s)")

    def epoch(self):
        """Two epochs on real shards: the second one's training time, validation apart, beside the same number of steps on synthetic data."""
        row = ROWS["train32"]
        batch = 2 if self.options.rehearse else row.batch
        with tempfile.TemporaryDirectory() as folder:
            command = [
                self.options.train, "--shards", self.options.shards, "--run", folder + "/run", "--epochs", 2, "--batch-size", batch, "--precision", row.precision,
                "--device", self.device()]
            self.say(f"two epochs on {self.options.shards}")
            if self.run("epochs on shards", command, 240) is None:
                return
            lines = pathlib.Path(folder, "run", "timing.csv").read_text().splitlines()
        timing = {name: float(text) for name, text in zip(lines[0].split(","), lines[-1].split(","))}
        self.report["epoch"] = timing
        self.say(f"an epoch on {self.options.shards}: {timing['train_images']:.0f} images in {timing['train_seconds']:.2f} s, {timing['images_per_second']:.1f} images/s;"
                 f" validation {timing['validation_seconds']:.2f} s")
        if self.ours[row.name] and not self.options.rehearse:
            rate = statistics.median(run["imagesPerSecond"] for run in self.ours[row.name])
            timing["made_up_seconds"] = timing["train_images"] / rate
            self.say(f"the same number of steps on synthetic data: {timing['made_up_seconds']:.2f} s, {rate:.1f} images/s")

    # The end.

    def conclude(self, row):
        ours = self.ours[row.name]
        settings = {peer.setting: statistics.median(run["imagesPerSecond"] for run in peer.results) for peer in self.peers[row.name] if peer.results}
        counted = {setting: rate for setting, rate in settings.items() if setting not in APART}
        best = max(counted, key=counted.get) if counted else None
        peak = {peer.setting: peer.results[-1].get("peakAllocatedMegabytes", peer.results[-1]["peakMegabytes"]) for peer in self.peers[row.name] if peer.results}
        line = {
            "row": row.name, "title": row.title, "ours": statistics.median(run["imagesPerSecond"] for run in ours) if ours else None, "best": best,
            "peer": counted.get(best), "peerSettings": settings, "oursMegabytes": ours[-1]["peakBytes"] / 1e6 if ours else None, "peerMegabytes": peak.get(best)}
        line["ratio"] = line["ours"] / line["peer"] if line["ours"] and line["peer"] else None
        return line

    def table(self):
        def cell(value, form="{:.1f}"):
            return form.format(value) if value is not None else "-"
        lines = [self.conclude(row) for row in ROWS.values() if row.name in self.options.only]
        print("\n| work | ours, images/s | PyTorch's best, images/s | setting | ratio | ours, MB | PyTorch, MB |\n| --- | --- | --- | --- | --- | --- | --- |")
        for line in lines:
            print(f"| {line['title']} | {cell(line['ours'])} | {cell(line['peer'])} | {line['best'] or '-'} | {cell(line['ratio'], '{:.2f}')} | "
                  f"{cell(line['oursMegabytes'], '{:.0f}')} | {cell(line['peerMegabytes'], '{:.0f}')} |")
        print("\nThe peer's settings, images/s:")
        for line in lines:
            for setting, rate in sorted(line["peerSettings"].items(), key=lambda pair: -pair[1]):
                print(f"  {line['title']}, {setting}: {rate:.1f}" + (" (another algorithm, not counted)" if setting in APART else ""))
        if self.options.rehearse:
            print("\nA rehearsal on the CPU with tiny sizes: these figures mean nothing.")
        return lines

    def write(self, lines):
        self.report |= {
            "rows": lines, "good": not self.failed, "seconds": time.monotonic() - self.start,
            "ours": self.ours, "peer": {name: [{"setting": peer.setting, "error": peer.error, "runs": peer.results} for peer in peers] for name, peers in self.peers.items()}}
        temporary = self.options.json.with_name(self.options.json.name + ".tmp")
        temporary.write_text(json.dumps(self.report, indent=1) + "\n")
        os.replace(temporary, self.options.json)


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return os.uname().machine


def main():
    options = arguments()
    bench = Bench(options)
    bench.machine()
    waves = REHEARSAL_WAVES if options.rehearse else WAVES
    checks = bench.checks
    for index, settings in enumerate(waves):
        if index == MORE:
            if options.shards and options.train:
                bench.epoch()
            settings = settings if "more" in options.only and not options.ours_only else []
        settings = [setting for setting in settings if setting[0] in options.only]
        if not settings:
            continue
        if index and bench.left() < 20:
            bench.say(f"left out for lack of time: {', '.join(dict.fromkeys(f'{name} {setting}' for name, setting, *_ in settings))}")
            continue
        # Compilation, the slow part, may take what the later waves do not need.
        bench.wave(settings, limit=240 if index == 0 else 180, meanwhile=checks)
        checks = None
    lines = bench.table()
    if options.json:
        bench.write(lines)
    return 1 if bench.failed else 0


if __name__ == "__main__":
    sys.exit(main())
