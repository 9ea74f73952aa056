"""Times the convolutions of `train benchmark --operators convolution` in PyTorch too, alternately, and prints a row each: see Benchmarks/operators.sh.

A case's name says all of its sizes: "convolution 7x7 3->64 at 224x224, stride 2, padding 3, dilation 2, groups 32".
"""

import argparse
import json
import re
import subprocess
import time

import torch
from torch.nn import functional as F

NAME = re.compile(r"convolution (\d+)x(\d+) (\d+)->(\d+) at (\d+)x(\d+)")


def extent(name, word, plain):
    found = re.search(rf"{word} (\d+)(?:x(\d+))?", name)
    return (int(found[1]), int(found[2] or found[1])) if found else (plain, plain)


def peer(name, batch, precision, steps, channels_last):
    """Least milliseconds of the forward pass, and of it with all gradients."""
    kh, kw, inputs, outputs, height, width = map(int, NAME.match(name).groups())
    groups = extent(name, "groups", 1)[0]
    how = {"stride": extent(name, "stride", 1), "padding": extent(name, "padding", 0), "dilation": extent(name, "dilation", 1), "groups": groups}
    memory = torch.channels_last if channels_last else torch.contiguous_format
    kind = torch.bfloat16 if precision == "bf16" else torch.float32
    x = torch.rand(batch, inputs, height, width).to(kind).contiguous(memory_format=memory).requires_grad_()
    weight = torch.rand(outputs, inputs // groups, kh, kw).to(kind).contiguous(memory_format=memory).requires_grad_()

    def best(work):
        times = []
        for _ in range(steps + 1):
            start = time.perf_counter()
            work()
            times.append((time.perf_counter() - start) * 1e3)
        return min(times[1:])

    with torch.no_grad():
        forward = best(lambda: F.conv2d(x, weight, **how))
        upstream = torch.full_like(F.conv2d(x, weight, **how), 0.5)

    def step():
        x.grad = weight.grad = None
        F.conv2d(x, weight, **how).backward(upstream)

    return forward, best(step)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--train", required=True)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", default="convolution", help="what the names begin with")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    command = [options.train, "benchmark", "--operators", options.only, "--json", "--device", "cpu", "--precision", options.precision]
    command += ["--batch-size", str(options.batch_size), "--steps", str(options.steps), "--threads", str(options.threads)]
    ours, theirs = {}, {}

    def keep(table, name, pair):
        old = table.get(name, (float("inf"), float("inf")))
        table[name] = tuple(min(a, b) for a, b in zip(old, pair))

    for _ in range(options.rounds):
        result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for row in result["rows"]:
            keep(ours, row["name"], (row["forward"], row["step"]))
        for name in list(ours):
            for channels_last in (False, True):
                keep(theirs, name, peer(name, options.batch_size, options.precision, options.steps, channels_last))

    print(f"{result['backend']}; PyTorch {torch.__version__}; {options.precision}, batch {options.batch_size}; milliseconds, least of all rounds")
    wide = max(map(len, ours))
    print(f"{'':{wide}}  {'forward':>8} {'PyTorch':>8} {'ratio':>6}  {'step':>8} {'PyTorch':>8} {'ratio':>6}")
    for name, mine in ours.items():
        peers = theirs[name]
        parts = [f"{a:8.2f} {b:8.2f} {b / a:6.2f}" for a, b in zip(mine, peers)]
        print(f"{name:{wide}}  {parts[0]}  {parts[1]}")


main()
