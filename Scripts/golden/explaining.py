"""Writes Tests/ExplainingTests/Golden/explaining.json: class activation maps and cross-attention of small networks with formula weights, in float64.

The maps are those of pytorch-grad-cam on the references of U-Net and UA-VLS, the attention weights those of PyTorch's own nn.MultiheadAttention on the
references of UA-VLS and Ariadne's Thread. docs/developer/golden.md says what each key is.

Run: python3 Scripts/golden/explaining.py   (a minute on 2 cores; needs torch, transformers, and grad-cam, which `pip install --no-deps grad-cam ttach` and opencv give)
"""

import importlib.metadata
import json
import pathlib
import sys

import numpy as np
import pytorch_grad_cam
import torch

import formula
import summary
from reference_model import ReferenceModel

sys.path.append(str(pathlib.Path(__file__).resolve().parent / "models"))
import ariadne  # noqa: E402
import recipes  # noqa: E402
import unet  # noqa: E402

OUT = pathlib.Path(__file__).resolve().parents[2] / "Tests/ExplainingTests/Golden/explaining.json"
SMALL = {"depths": (1, 1, 1, 1), "widths": (16, 32, 48, 64), "tokens": 8, "text_width": 40, "positions": (8, 5, 4)}
METHODS = {"grad-cam": pytorch_grad_cam.GradCAM, "grad-cam++": pytorch_grad_cam.GradCAMPlusPlus, "hirescam": pytorch_grad_cam.HiResCAM}
MAP_SAMPLES, ATTENTION_SAMPLES = 192, 64
# A derivative jumps at 0. Where an input of a ReLU is nearer than this, float32 may take the other branch, and gradients say nothing.
CLEAR = 2e-6


class MeanLogit:
    """The mean of the logits in a mask; pytorch-grad-cam calls it with the output [1,H,W] of one image."""

    def __init__(self, mask):
        self.mask = mask

    def __call__(self, output):
        return (output[0] * self.mask).sum() / self.mask.sum()


class WithText(torch.nn.Module):
    """A network whose text is fixed, as pytorch-grad-cam passes images alone."""

    def __init__(self, network, text):
        super().__init__()
        self.network, self.text = network, text

    def forward(self, images):
        return self.network(images, self.text)


def unet_case(image):
    network = recipes.fill(unet.UNet(4), unet.FACTORS).double().eval()
    return network, network, recipes.images(1, 32, 32, torch.float64, image)


def uavls_case(image):
    network = formula.fill(ReferenceModel(dropout=0.0, **SMALL)).in_float64().eval()
    text = torch.from_numpy(formula.text_features(1, SMALL["tokens"], SMALL["text_width"])).double()
    return network, WithText(network, text), recipes.images(1, 64, 64, torch.float64, image)


NETWORKS = {
    "unet": (unet_case, {name: (lambda n, name=name: getattr(n, name)) for name in ("down2", "down4", "up3", "up1")}),
    # A decoder stage returns its map with the guided sequence; the up block's output is the same map.
    "ua-vls": (uavls_case, {
        "encoder.stages.1": lambda n: n.encoder.model.encoder.stages[1], "encoder.stages.3": lambda n: n.encoder.model.encoder.stages[3],
        "decoder16": lambda n: n.decoder16.decoder, "decoder4": lambda n: n.decoder4.decoder}),
}


def kinks(make, image):
    """The smallest magnitude of an input of a ReLU, leaky or not, and of a difference of a pooling window's two largest values."""
    found = []

    def recorded(original):
        def call(x, *rest, **named):
            found.append(float(x.detach().abs().min()))
            return original(x, *rest, **named)
        return call

    functional = torch.nn.functional
    kept = functional.relu, functional.leaky_relu, functional.max_pool2d

    def pool(x, size):
        windows = functional.unfold(x, size, stride=size).reshape(x.shape[1], size * size, -1)
        top = windows.topk(2, dim=1).values
        # A window of zeros alone has no gradient behind it.
        found.append(float(torch.where(top[:, 0] > 0, top[:, 0] - top[:, 1], torch.inf).min()))
        return kept[2](x, size)

    functional.relu, functional.leaky_relu, functional.max_pool2d = recorded(kept[0]), recorded(kept[1]), pool
    try:
        _, callable_, images = make(image)
        with torch.no_grad():
            callable_(images)
    finally:
        functional.relu, functional.leaky_relu, functional.max_pool2d = kept
    return min(found)


def clear_image(make):
    for number in range(400):
        name = f"explain.{number}"
        if kinks(make, name) >= CLEAR:
            return name
    raise SystemExit("no image stays clear of the kinks")


def scaled(values):
    """To 0...1; a map that is 0 everywhere stays."""
    return (values - values.min()) / (values.max() - values.min() if values.max() > values.min() else 1)


def maps(name):
    make, taps = NETWORKS[name]
    image = clear_image(make)
    network, callable_, images = make(image)
    logits = callable_(images).detach()[0, 0]
    # Not the threshold 0: formula weights put all logits on one side.
    predicted = (logits > logits.mean()).double()
    point = torch.zeros_like(predicted)
    row, column = logits.shape[0] // 3, logits.shape[1] // 2
    point[row, column] = 1
    cases = []
    for target, mask in (("mask", predicted), ("point", point)):
        for tap, module in taps.items():
            for method, kind in METHODS.items():
                if target == "point" and method != "grad-cam":
                    continue
                with kind(model=callable_, target_layers=[module(network)]) as cam:
                    whole = scaled(cam(input_tensor=images, targets=[MeanLogit(mask)])[0])
                indices = formula.sample_indices("map", whole.size, MAP_SAMPLES)
                cases.append({"target": target, "tap": tap, "method": method, "mean": float(whole.mean()),
                              "samples": [float(v) for v in whole.reshape(-1)[indices]]})
    return {"image": image, "size": list(logits.shape), "logitMean": float(logits.mean()), "area": int(predicted.sum()),
            "point": [column, row], "maps": cases}


def attention_of(modules, run):
    """Weights [heads, queries, keys] of each nn.MultiheadAttention in `modules`, caught on their way in."""
    caught = {}

    def hook(name):
        def call(module, args, kwargs):
            names = ("query", "key", "value")
            given = {**dict(zip(names, args)), **{n: kwargs[n] for n in names if n in kwargs}}
            with torch.no_grad():
                caught[name] = torch.nn.MultiheadAttention.forward(
                    module, given["query"], given["key"], given["value"], need_weights=True, average_attn_weights=False)[1][0]
        return call

    handles = [module.register_forward_pre_hook(hook(name), with_kwargs=True) for name, module in modules.items()]
    with torch.no_grad():
        run()
    for handle in handles:
        handle.remove()
    return caught


def described(weights):
    return {name: {"shape": list(value.shape), "samples": summary.tensor("attention." + name, value, ATTENTION_SAMPLES)["samples"]}
            for name, value in weights.items()}


def attention():
    network, callable_, images = uavls_case("explain.0")
    modules = {stage: getattr(network, stage).guide_layer.cross_attn for stage in ("decoder16", "decoder8", "decoder4")}
    result = {"ua-vls": {"image": "explain.0", "size": [64, 64], "stages": described(attention_of(modules, lambda: callable_(images)))}}
    guide = ariadne.GuideLayer(16, 5, 8, 40)
    recipes.fill(torch.nn.ModuleDict({"guide": guide})).double().eval()
    x = torch.from_numpy(formula.plain("guide.x", (1, 9, 16))).double()
    text = torch.from_numpy(formula.text_features(1, 8, 40)).double()
    result["ariadne guide layer"] = {
        "image": "guide.x", "size": [3, 3], "stages": described(attention_of({"guide": guide.cross_attn}, lambda: guide(x, text)))}
    return result


def main():
    versions = {n: importlib.metadata.version(n) for n in ("torch", "grad-cam", "numpy", "transformers")}
    content = summary.rounded({
        "about": {"script": "Scripts/golden/explaining.py, float64", **versions},
        "networks": {name: maps(name) for name in NETWORKS}, "attention": attention()}, 6)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(content, separators=(",", ":")).replace('{"target"', '\n{"target"') + "\n")
    print(f"{OUT.name}: {OUT.stat().st_size} bytes", versions)


if __name__ == "__main__":
    main()
