"""Writes Tests/NetworksTests/Golden/operators.json: small golden cases of single operators and layers, in float64.

A case has `inputs` and `weights` (names with shapes: the values are the formula's, see docs/developer/golden.md), `outputs` and `gradients`, with all
values up to 320, sampled above.
Gradients are those of sum(output * upstream), where upstream is the unit-variance formula array CASE.upstream in the output's shape.

Run: python3 Scripts/golden/operators.py
"""

import pathlib

import torch
from torch import nn
from torch.nn import functional as F

import formula
import losses
import summary
from reference_model import (
    Convolution, MoDAB, SSMix, SubpixelUpsample, UpBlock, normalise_images, selective_scan, sinusoidal_table)

OUT = pathlib.Path(__file__).resolve().parents[2] / "Tests/NetworksTests/Golden"


def unit(name, *shape):
    return torch.from_numpy(formula.plain(name, shape)).double().requires_grad_()


def fill(module, prefix):
    """Formula weights under PREFIX.name, in float64."""
    module.double()
    with torch.no_grad():
        for name, value in module.state_dict(keep_vars=True).items():
            if name.endswith("num_batches_tracked"):
                continue
            if name.endswith(".pe"):
                value.copy_(sinusoidal_table(*value.shape[1:])[None])
            else:
                value.copy_(torch.from_numpy(formula.values(f"{prefix}.{name}", tuple(value.shape))))
    return module


def case(name, output, inputs, module=None, outputs=None):
    """Differentiates and describes one case."""
    weights = {f"{name}.{n}": p for n, p in module.named_parameters()} if module else {}
    upstream = torch.from_numpy(formula.plain(name + ".upstream", tuple(output.shape))).double()
    differentiable = {**inputs, **weights}
    gradients = torch.autograd.grad((output * upstream).sum(), list(differentiable.values()))
    return {
        "inputs": {n: list(v.shape) for n, v in inputs.items()},
        "weights": {n: list(v.shape) for n, v in weights.items()},
        "outputs": {
            "output": summary.compact(name + ".output", output), **{n: summary.compact(n, v) for n, v in (outputs or {}).items()}},
        "gradients": {n: summary.compact(n, g) for n, g in zip(differentiable, gradients)},
    }


def scan():
    """Inputs of unit variance; step = softplus of the unit array scan.step - 1; A_log by its rule."""
    u, raw, skip = unit("scan.u", 2, 24, 6), unit("scan.step", 2, 24, 6), unit("scan.D", 6)
    b, c = unit("scan.B", 2, 24, 16), unit("scan.C", 2, 24, 16)
    log_a = torch.from_numpy(formula.values("scan.A_log", (6, 16))).double().requires_grad_()
    y = selective_scan(u, F.softplus(raw - 1), log_a, skip, b, c)
    return case("scan", y, {"scan.u": u, "scan.step": raw, "scan.D": skip, "scan.B": b, "scan.C": c, "scan.A_log": log_a})


def ssmix():
    module, x = fill(SSMix(32, 24, 9), "ssmix"), unit("ssmix.input", 2, 24, 32)
    return case("ssmix", module(x), {"ssmix.input": x}, module)


def modab():
    module = fill(MoDAB(32, 24, 12, 24, 0.0), "modab")
    x, text = unit("modab.input", 2, 9, 32), unit("modab.text", 2, 24, 24)
    return case("modab", module(x, text), {"modab.input": x, "modab.text": text}, module)


def batch_norm():
    """Training mode, batch statistics; maps as [B,H,W,C]; followed by leaky ReLU 0.01."""
    module, x = fill(nn.BatchNorm2d(5), "batch.norm"), unit("batch.input", 2, 4, 3, 5)
    output = F.leaky_relu(module(x.permute(0, 3, 1, 2)), 0.01).permute(0, 2, 3, 1)
    wrapped = nn.Module()
    wrapped.norm = module
    return case(
        "batch", output, {"batch.input": x}, wrapped,
        {"running_mean": module.running_mean, "running_var": module.running_var})


def up_block():
    """Maps as [B,H,W,C]; batch norm in training mode."""
    module, x, skip = fill(UpBlock(16, 8), "up"), unit("up.input", 2, 3, 4, 16), unit("up.skip", 2, 6, 8, 8)
    output = module(x.permute(0, 3, 1, 2), skip.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
    return case("up", output, {"up.input": x, "up.skip": skip}, module)


def head():
    """Logits [B,H,W] of the unfolded head on a map [B,h,w,C]; checked here against the head folded into one 3x3 convolution C -> 16."""
    class Head(nn.Module):
        def __init__(self):
            super().__init__()
            self.decoder1 = SubpixelUpsample(16, 24, 4)
            self.out = Convolution(Convolution(nn.Conv2d(24, 1, 1)))

        def forward(self, x):
            return self.out(self.decoder1(x))

    module, x = fill(Head(), "head"), unit("head.input", 2, 4, 3, 16)
    maps = x.permute(0, 3, 1, 2)
    output = module(maps).squeeze(1)
    with torch.no_grad():
        mix = module.out.conv.conv.weight.view(24, 1)
        weight = (module.decoder1.conv_block.weight.view(24, 16, 16, 3, 3) * mix.view(24, 1, 1, 1, 1)).sum(0)
        bias = (module.decoder1.conv_block.bias.view(24, 16) * mix).sum(0)
        folded = F.pixel_shuffle(F.conv2d(maps, weight, bias, padding=1), 4)
        folded = F.avg_pool2d(F.pad(folded, (3, 0, 3, 0)), 4, stride=1) + module.out.conv.conv.bias
        assert torch.allclose(folded.squeeze(1), output, atol=1e-12), "folded head differs"
    return case("head", output, {"head.input": x}, module)


def icnr():
    """The published initialisation: the 16 sub-pixel filters of a channel are equal."""
    weight = SubpixelUpsample(8, 24, 4).conv_block.weight.view(24, 16, -1)
    assert (weight == weight[:, :1]).all()


def spectral():
    """Probabilities 0.5 + 0.45 u and a target u > 0 [3,16,16]; the last map of both is 0 (|z| at 0)."""
    p = torch.from_numpy(formula.plain("spectral.p", (3, 16, 16), 0.5, 0.45)).double()
    g = (torch.from_numpy(formula.plain("spectral.g", (3, 16, 16))) > 0).double()
    p[2], g[2] = 0, 0
    p.requires_grad_()
    value = losses.spectral(p[:, None], g[:, None])
    (gradient,) = torch.autograd.grad(value, p)
    assert (gradient[2] == 0).all()
    return {"value": float(value.detach()), "gradient": summary.compact("spectral.gradient", gradient)}


def normalisation():
    """Image normalisation of formula images [2,32,32,3] named small, and of a constant image (deviation 0 counts as 1)."""
    x = normalise_images(torch.from_numpy(formula.images(2, 32, name="small")), torch.float64)
    constant = normalise_images(torch.full((1, 4, 4, 1), 7, dtype=torch.uint8), torch.float64)
    assert (constant == 0).all() and constant.shape[1] == 3
    return {"normalised": summary.tensor("small", x.permute(0, 2, 3, 1), 256)}


def formulas():
    """First values of the formula itself: the Swift side checks its copy against these before anything else."""
    names = ["encoder.model.embeddings.patch_embeddings.weight", "decoder16.guide_layer.text_project.2.A_log", "text"]
    shapes = [(96, 3, 4, 4), (384, 16), (2, 24, 768)]
    content = {
        "hashes": {name: f"{formula.name_hash(name):016x}" for name in names},
        "words": {name: [f"{int(w):016x}" for w in formula.words(name, 4)] for name in names},
        "parameters": {n: [float(v) for v in formula.values(n, s).reshape(-1)[:20]] for n, s in zip(names[:2], shapes)},
        "text": [float(v) for v in formula.text_features(2).reshape(-1)[:4]],
        "indices": [int(i) for i in formula.sample_indices("text", 1000, 8)],
        "image": [int(v) for v in formula.images(2).reshape(-1)[:32]],
        "imageSum": int(formula.images(2).astype(int).sum()),
        "maskSums": [int(m.sum()) for m in formula.masks(2)],
    }
    return content


def main():
    icnr()
    content = {"about": "Scripts/golden/operators.py, float64, PyTorch " + torch.__version__, "formula": formulas()}
    for make in (scan, ssmix, modab, batch_norm, up_block, head):
        result = make()
        content[next(iter(result["inputs"])).split(".")[0]] = result
    content["spectral"] = spectral()
    content["normalisation"] = normalisation()
    content["sinusoidal"] = {"table": summary.compact("sinusoidal", sinusoidal_table(9, 16))}
    summary.write(OUT / "operators.json", content)


if __name__ == "__main__":
    main()
