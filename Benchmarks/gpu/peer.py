"""The PyTorch peer on a GPU: the model of Benchmarks/train/peer.py with what a strong user would do there, timed on synthetic data that is on the GPU already.

Channels-last, bf16 autocast or TF32, fused AdamW, attention by scaled_dot_product_attention, the scan without a loop, a real-input spectrum, cuDNN's search,
torch.compile in each of its modes, CUDA graphs (torch.compile's own, or --graph: one graph of the whole step, optimizer included). No step waits for the GPU.
Prints one line of JSON: {"imagesPerSecond": from the median step, "secondsPerStep": [...], "firstStepSeconds": compilation included, ...}.
Not for: data loading, accuracy. --check compares values and gradients with the reference instead of timing.

Example: python3 Benchmarks/gpu/peer.py --batch-size 32 --precision bf16 --compile default --graph
"""

import argparse
import contextlib
import json
import resource
import statistics
import sys
import time

import torch

import variants  # noqa: E402 (puts Scripts/golden on the path)
import formula  # noqa: E402

COMPILE_MODES = ("none", "default", "reduce-overhead", "max-autotune", "max-autotune-no-cudagraphs")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--image-size", type=int, default=224)
    parser.add_argument("--steps", type=int, default=50, help="timed steps")
    parser.add_argument("--warmup", type=int, default=10, help="steps before the timed ones, compilation in the first")
    parser.add_argument("--precision", choices=["fp32", "tf32", "bf16"], default="bf16", help="bf16: autocast; tf32: float32 with TF32 products")
    parser.add_argument("--compile", choices=COMPILE_MODES, default="none", help="mode of torch.compile, over model and loss")
    parser.add_argument("--graph", action="store_true", help="capture the whole step, AdamW included, in one CUDA graph")
    parser.add_argument("--forward-only", action="store_true", help="inference: evaluation mode, no gradients")
    parser.add_argument("--contiguous", action="store_true", help="NCHW memory instead of channels-last")
    parser.add_argument("--scan", choices=["loop", "doubling", "triton"], default="doubling", help="form of the selective scan (scans.py)")
    parser.add_argument("--folded-head", action="store_true", help="the head's two convolutions as one, which a user may not think of")
    parser.add_argument("--budget", type=float, default=1e9, help="seconds after which no step is begun, once one is timed")
    parser.add_argument("--gate", action="store_true", help="print 'ready' after the warm-up, and time anew for each line on standard input")
    parser.add_argument("--check", action="store_true", help="compare every variant with the reference model on --device, float32, and leave with 1 on a difference")
    options = parser.parse_args()
    if options.graph and options.device == "cpu":
        parser.error("--graph needs a GPU")
    if options.graph and options.compile in ("reduce-overhead", "max-autotune"):
        parser.error(f"--graph and --compile {options.compile} would both capture; use --compile default or max-autotune-no-cudagraphs")
    return options


class Step:
    """One training step, or one forward pass, over a fixed batch; calling it enqueues work and waits for nothing."""

    def __init__(self, options):
        device, size = options.device, options.image_size
        torch.manual_seed(0)
        self.options = options
        self.model = variants.model(options.scan, options.folded_head).to(device).train(not options.forward_only)
        images = torch.from_numpy(formula.images(options.batch_size, size))
        self.images = variants.reference_model.normalise_images(images, torch.float32).to(device)
        self.text = torch.from_numpy(formula.text_features(options.batch_size)).to(device)
        rows, columns = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
        disc = (30 * ((rows - size // 2) ** 2 + (columns - size // 2) ** 2) <= size**2).float()
        self.target = disc.expand(options.batch_size, 1, -1, -1).contiguous().to(device)
        if not options.contiguous:
            self.model = self.model.to(memory_format=torch.channels_last)
            self.images = self.images.to(memory_format=torch.channels_last)
        trained = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        self.optimizer = torch.optim.AdamW(trained, lr=3e-4, weight_decay=0.01, fused=True, capturable=options.graph)
        mode = None if options.compile == "default" else options.compile
        self.run = self.compute if options.compile == "none" else torch.compile(self.compute, mode=mode, fullgraph=True)
        self.replayed = None

    def compute(self, images, text, target):
        """The loss, or probabilities where there is no training; compiled as one."""
        if self.options.forward_only:
            return torch.sigmoid(self.model(images, text).float())
        logits = self.model(images, text)
        with torch.autocast(images.device.type, enabled=False):
            return variants.objective(logits, target)

    def autocast(self):
        if self.options.precision != "bf16":
            return contextlib.nullcontext()
        return torch.autocast(torch.device(self.options.device).type, torch.bfloat16)

    def enqueue(self):
        if self.options.forward_only:
            with torch.no_grad(), self.autocast():
                return self.run(self.images, self.text, self.target)
        # Before the forward pass: CUDA graphs of torch.compile write into the last step's gradients.
        self.optimizer.zero_grad(set_to_none=True)
        with self.autocast():
            loss = self.run(self.images, self.text, self.target)
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def __call__(self):
        if self.replayed is None:
            return self.enqueue()
        self.replayed.replay()
        return self.result

    def capture(self):
        """PyTorch's recipe for a whole step: warm up on a stream of its own, then record."""
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                self.enqueue()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        if not self.options.forward_only:
            self.optimizer.zero_grad(set_to_none=True)
        with torch.cuda.graph(graph):
            self.result = self.enqueue()
        self.replayed = graph


def timed(step, options):
    """Seconds of each step; on a GPU between events, so that the host runs ahead as in a real loop."""
    start, seconds = time.perf_counter(), []
    if options.device == "cpu":
        while len(seconds) < options.steps and (not seconds or time.perf_counter() - start < options.budget):
            begin = time.perf_counter()
            step()
            seconds.append(time.perf_counter() - begin)
        return seconds
    # In lots: the budget is looked at between them, and the host never waits within one.
    while len(seconds) < options.steps and (not seconds or time.perf_counter() - start < options.budget):
        events = [torch.cuda.Event(enable_timing=True) for _ in range(min(25, options.steps - len(seconds)) + 1)]
        events[0].record()
        for event in events[1:]:
            step()
            event.record()
        torch.cuda.synchronize()
        seconds += [before.elapsed_time(after) / 1000 for before, after in zip(events, events[1:])]
    return seconds


def main():
    options = arguments()
    if options.check:
        import check
        return check.main(options)
    on_gpu = options.device != "cpu"
    torch.backends.cudnn.benchmark = True
    torch.set_float32_matmul_precision("highest" if options.precision == "fp32" else "high")
    torch.backends.cudnn.allow_tf32 = options.precision != "fp32"
    step = Step(options)
    begin = time.perf_counter()
    step()
    if on_gpu:
        torch.cuda.synchronize()
    first = time.perf_counter() - begin
    for _ in range(options.warmup - 1):
        step()
    if options.graph:
        step.capture()
        step()
    if on_gpu:
        torch.cuda.synchronize()
    warm = time.perf_counter() - begin
    if not options.gate:
        print(json.dumps(measured(step, options, first, warm)))
        return 0
    # Others may be compiling; whoever started this says when the machine is free, and may ask again.
    print("ready", flush=True)
    for _ in sys.stdin:
        for _ in range(3):
            step()
        print(json.dumps(measured(step, options, first, warm)), flush=True)
    return 0


def measured(step, options, first, warm):
    seconds = timed(step, options)
    on_gpu = options.device != "cpu"
    result = {
        "imagesPerSecond": options.batch_size / statistics.median(seconds), "secondsPerStep": seconds, "firstStepSeconds": first, "warmUpSeconds": warm,
        "finite": bool(torch.isfinite(step()).all()),
        "batchSize": options.batch_size, "imageSize": options.image_size, "precision": options.precision, "compile": options.compile, "graph": options.graph,
        "forwardOnly": options.forward_only, "channelsLast": not options.contiguous, "scan": options.scan, "foldedHead": options.folded_head,
        "device": torch.cuda.get_device_name() if on_gpu else "cpu", "torch": torch.__version__,
        "peakMegabytes": (torch.cuda.max_memory_reserved() if on_gpu else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024) / 1e6,
    }
    if on_gpu:
        result["peakAllocatedMegabytes"] = torch.cuda.max_memory_allocated() / 1e6
    return result


if __name__ == "__main__":
    sys.exit(main())
