"""Times the operators of `train benchmark --operators` in PyTorch too, alternately, and prints a row each: see Benchmarks/operators.sh."""

import argparse
import json
import subprocess
import time

import torch

import peers


def best(work, steps):
    times = []
    for _ in range(steps + 1):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1e3)
    return min(times[1:])


def time_peer(shapes, work, precision, steps, channels_last):
    """Least milliseconds of the forward pass, and of it with all gradients."""
    kind = torch.bfloat16 if precision == "bf16" else torch.float32

    def tensor(shape):
        values = torch.rand(shape).to(kind)
        return (values.contiguous(memory_format=torch.channels_last) if channels_last and len(shape) == 4 else values).requires_grad_()

    inputs = [tensor(shape) for shape in shapes]
    with torch.no_grad():
        forward = best(lambda: work(*inputs), steps)
        upstream = torch.full_like(work(*inputs), 0.5)

    def step():
        for one in inputs:
            one.grad = None
        work(*inputs).backward(upstream)

    return forward, best(step, steps)


def main():
    parser = argparse.ArgumentParser(prog="operators.sh")
    parser.add_argument("--train", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", help="what the names begin with, such as convolution")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    command = [options.train, "benchmark", "--json", "--device", "cpu", "--precision", options.precision]
    command += ["--batch-size", str(options.batch_size), "--steps", str(options.steps), "--threads", str(options.threads)]
    kinds = ["convolution", "depthwise", "transposed", "max", "batch", "layer", "linear", "attention", "window", "drop path"]
    ours, theirs = {}, {}

    def keep(table, name, pair):
        old = table.get(name, (float("inf"), float("inf")))
        table[name] = tuple(min(a, b) for a, b in zip(old, pair))

    for _ in range(options.rounds):
        for kind in [options.only] if options.only else kinds:
            done = subprocess.run(command + ["--operators", kind], capture_output=True, text=True)
            if done.returncode != 0:
                raise SystemExit(f"operators.sh: {done.stderr.strip()[-400:]}")
            result = json.loads(done.stdout)
            for row in result["rows"]:
                keep(ours, row["name"], (row["forward"], row["step"]))
                peer = peers.find(row["name"], options.batch_size)
                for channels_last in (False, True) if peer else ():
                    keep(theirs, row["name"], time_peer(*peer, options.precision, options.steps, channels_last))

    print(f"{result['backend']}; PyTorch {torch.__version__}; {options.precision}, batch {options.batch_size}; milliseconds, least of all rounds")
    wide = max(map(len, ours))
    print(f"{'':{wide}}  {'forward':>8} {'PyTorch':>8} {'ratio':>6}  {'step':>8} {'PyTorch':>8} {'ratio':>6}")
    for name, mine in ours.items():
        if name in theirs:
            parts = [f"{a:8.2f} {b:8.2f} {b / a:6.2f}" for a, b in zip(mine, theirs[name])]
        else:
            parts = [f"{a:8.2f} {'-':>8} {'-':>6}" for a in mine]
        print(f"{name:{wide}}  {parts[0]}  {parts[1]}")


if __name__ == "__main__":
    main()
