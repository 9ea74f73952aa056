"""The PyTorch peer of a network: its reference (Scripts/golden/models), its loss and optimizer (Adam where it names none), as a PyTorch user would write a step, on synthetic data.

Prints one line of JSON: {"imagesPerSecond": median over steps, "secondsPerStep": [...], ...}.
Not for: data loading, accuracy. Example: python3 Benchmarks/models/peer.py --model unet --batch-size 2 --steps 3
"""

import argparse
import contextlib
import importlib
import json
import pathlib
import statistics
import sys
import time

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Scripts/golden/models"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--batch-size", type=int, default=2)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--threads", type=int, default=0, help="0: PyTorch's default")
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32", help="bf16: autocast")
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--forward-only", action="store_true", help="inference: evaluation mode, no gradients")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    network = importlib.import_module(options.model)
    model = network.build(channels_last=options.channels_last)
    images = torch.rand(options.batch_size, 3, 224, 224)
    if options.channels_last:
        images = images.to(memory_format=torch.channels_last)
    inputs = [images] + ([torch.randn(options.batch_size, 24, 768)] if network.NEEDS_TEXT else [])
    rows, columns = torch.meshgrid(torch.arange(224), torch.arange(224), indexing="ij")
    target = ((rows - 110) ** 2 + (columns - 100) ** 2 <= 40**2).float().expand(options.batch_size, 1, -1, -1).contiguous()
    adam = lambda parameters: torch.optim.Adam(parameters, lr=3e-4, fused=True)
    optimizer = getattr(network, "optimizer", adam)(model.parameters())

    def autocast():
        return torch.autocast("cpu", torch.bfloat16) if options.precision == "bf16" else contextlib.nullcontext()

    def step():
        if options.forward_only:
            with torch.no_grad(), autocast():
                return torch.sigmoid(model(*inputs).float())
        with autocast():
            logits = model(*inputs)
        loss = network.default_loss(torch.sigmoid(logits.float()), target)["total"]
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return loss.detach()

    model.train(not options.forward_only)
    seconds = []
    for index in range(options.steps + 1):
        begin = time.perf_counter()
        step()
        if index > 0:
            seconds.append(time.perf_counter() - begin)
    print(json.dumps({
        "imagesPerSecond": options.batch_size / statistics.median(seconds), "secondsPerStep": seconds, "batchSize": options.batch_size,
        "precision": options.precision, "forwardOnly": options.forward_only, "channelsLast": options.channels_last,
        "threads": torch.get_num_threads(), "torch": torch.__version__}))


if __name__ == "__main__":
    main()
