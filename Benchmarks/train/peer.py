"""The PyTorch peer of the training benchmark: the same model, loss and optimizer as a PyTorch user would write them, timed on synthetic data.

Prints one line of JSON: {"imagesPerSecond": median over steps, "secondsPerStep": [...], ...}.
The model is Scripts/golden/reference_model.py: ConvNeXt from transformers, convolutions and attention from PyTorch, the scan as a loop over 24 positions.
Not for: data loading (the batch is made once), accuracy.

Example: python3 Benchmarks/train/peer.py --batch-size 8 --steps 3
"""

import argparse
import contextlib
import json
import os
import pathlib
import resource
import statistics
import sys
import time

import torch

# transformers imports torchvision where there is one; the model needs none of it, and one that does not fit torch fails.
sys.modules.setdefault("torchvision", None)
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Scripts/golden"))

import formula  # noqa: E402
import losses  # noqa: E402
from reference_model import ReferenceModel, normalise_images  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--steps", type=int, default=5, help="timed steps; 0: the first step alone, for the start-up time")
    parser.add_argument("--warmup", type=int, default=1, help="steps before the timed ones")
    parser.add_argument("--threads", type=int, default=0, help="0: PyTorch's default")
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32", help="bf16: autocast")
    parser.add_argument("--compile", action="store_true", help="torch.compile")
    parser.add_argument("--forward-only", action="store_true", help="inference: evaluation mode, no gradients")
    parser.add_argument("--contiguous", action="store_true", help="NCHW memory instead of channels-last")
    parser.add_argument("--optimizer", choices=["fused", "foreach"], default="fused")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--budget", type=float, default=1e9, help="seconds after which no step is begun, once one is timed")
    return parser.parse_args()


def since_process_start() -> float:
    """Seconds, imports included (Linux)."""
    ticks = int(pathlib.Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


def main():
    options = arguments()
    start = time.perf_counter()
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    model = ReferenceModel().to(options.device)
    images = normalise_images(torch.from_numpy(formula.images(options.batch_size)), torch.float32).to(options.device)
    if not options.contiguous:
        model, images = model.to(memory_format=torch.channels_last), images.to(memory_format=torch.channels_last)
    text = torch.from_numpy(formula.text_features(options.batch_size)).to(options.device)
    rows, columns = torch.meshgrid(torch.arange(224), torch.arange(224), indexing="ij")
    disc = ((rows - 110) ** 2 + (columns - 100) ** 2 <= 40**2).float()
    target = disc.expand(options.batch_size, 1, -1, -1).contiguous().to(options.device)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=3e-4, weight_decay=0.01, **{options.optimizer: True})
    run = torch.compile(model) if options.compile else model

    def autocast():
        enabled = options.precision == "bf16"
        return torch.autocast(options.device, torch.bfloat16) if enabled else contextlib.nullcontext()

    def step():
        if options.forward_only:
            with torch.no_grad(), autocast():
                return torch.sigmoid(run(images, text).float())
        with autocast():
            logits = run(images, text)
        loss = losses.loss("seu", torch.sigmoid(logits.float()), target)["total"]
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return loss.detach()

    model.train(not options.forward_only)
    seconds, first, ready = [], None, None
    for index in range(max(1, options.warmup + options.steps) if options.steps else 1):
        if seconds and time.perf_counter() - start > options.budget:
            break
        begin = time.perf_counter()
        step()
        if options.device != "cpu":
            torch.cuda.synchronize()
        end = time.perf_counter()
        if first is None:
            first, ready = end - start, since_process_start()
        if index >= options.warmup:
            seconds.append(end - begin)
    print(json.dumps({
        "imagesPerSecond": options.batch_size / statistics.median(seconds) if seconds else None, "startSeconds": ready, "secondsPerStep": seconds, "firstStepSeconds": first,
        "batchSize": options.batch_size, "precision": options.precision, "compiled": options.compile, "forwardOnly": options.forward_only,
        "channelsLast": not options.contiguous, "threads": torch.get_num_threads(), "device": options.device,
        "peakMegabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "torch": torch.__version__,
    }))


if __name__ == "__main__":
    main()
