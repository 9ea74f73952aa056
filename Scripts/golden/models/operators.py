"""Writes Tests/ModelsTests/Golden/operators.json: cases of the operators and small blocks that the networks of this folder need, in float64, all values
in full (but for the two Swin blocks of 32 channels, which are sampled). docs/developer/golden.md says what a case holds.

Maps are [B,H,W,C], sequences [B,L,C]; weights and their gradients have PyTorch's layout.

Run: python3 Scripts/golden/models/operators.py
"""

import torch
from torch import nn
from torch.nn import functional as F

import recipes
import swinunet
import unet
from ariadne import GuideLayer
from cases import case, fill, unit, whole, write
from golden import OUT, described
from reference_model import PositionTable


class Named(nn.Module):
    """Holds an operator under a name of its own, so that its weights are CASE.NAME.weight."""

    def __init__(self, **children):
        super().__init__()
        for name, child in children.items():
            self.add_module(name, child)


def maps(x):
    return x.permute(0, 3, 1, 2)


def rows(x):
    return x.permute(0, 2, 3, 1)


def max_pooling():
    about = "max pool 2x2 of stride 2, rows and columns that are left over are dropped"
    for name, shape in (("maxPool", (2, 4, 6, 3)), ("maxPoolOdd", (2, 5, 7, 2))):
        x = unit(name + ".input", *shape)
        yield name, case(name, rows(F.max_pool2d(maps(x), 2)), {name + ".input": x}, about=about)
    name = "maxPoolTies"
    x = torch.from_numpy(recipes.formula.integers(name + ".input", (2, 6, 6, 2), 3)).double().requires_grad_()
    content = case(
        name, rows(F.max_pool2d(maps(x), 2)), {name + ".input": x},
        about=about + "; the input is the integers below 3 (not a unit array); of equal values the first in row-major order takes the gradient")
    yield name, {**content, "inputValues": {name + ".input": whole(x)}}


CONVOLUTIONS = {
    # name: in, out, kernel, stride, padding, dilation, groups, bias, rows, columns
    "conv1x1": (5, 1, (1, 1), 1, 0, 1, 1, True, 3, 4),
    "conv3x3": (3, 4, (3, 3), 1, 1, 1, 1, True, 5, 4),
    "convNoPadding": (2, 3, (3, 3), 1, 0, 1, 1, False, 5, 4),
    "convStride2": (3, 4, (3, 3), 2, 1, 1, 1, True, 5, 7),
    "convStride2Even": (3, 4, (3, 3), 2, 1, 1, 1, True, 6, 4),
    "conv1x1Stride2": (3, 4, (1, 1), 2, 0, 1, 1, False, 5, 6),
    "conv7x7Stride2": (2, 2, (7, 7), 2, 3, 1, 1, False, 9, 8),
    "convPatches": (3, 4, (4, 4), 4, 0, 1, 1, True, 8, 8),
    "convPatchesLeftOver": (3, 2, (4, 4), 4, 0, 1, 1, True, 9, 11),
    "convDilation2": (3, 2, (3, 3), 1, 2, 2, 1, True, 6, 5),
    "convDilation3NoPadding": (2, 2, (3, 3), 1, 0, 3, 1, True, 8, 7),
    "convGroups2": (4, 6, (3, 3), 1, 1, 1, 2, True, 4, 5),
    "convDepthwise": (4, 4, (3, 3), 1, 1, 1, 4, True, 5, 4),
    "convDepthwiseTwice": (3, 6, (5, 5), 2, 2, 1, 3, False, 7, 6),
    "convOblong": (2, 3, (1, 5), (1, 2), (0, 2), 1, 1, True, 4, 7),
    "convAll": (4, 6, (3, 2), (2, 1), (2, 1), (2, 3), 2, True, 7, 6),
}


def convolutions():
    for name, (i, o, kernel, stride, padding, dilation, groups, bias, height, width) in CONVOLUTIONS.items():
        layer = nn.Conv2d(i, o, kernel, stride, padding, dilation, groups, bias)
        module, x = fill(Named(conv=layer), name), unit(name + ".input", 2, height, width, i)
        content = case(name, rows(layer(maps(x))), {name + ".input": x}, module, "convolution, zero padding, [rows, columns] where two numbers matter")
        pairs = {"kernel": layer.kernel_size, "stride": layer.stride, "padding": layer.padding, "dilation": layer.dilation}
        yield name, {**content, "parameters": {**{k: list(v) for k, v in pairs.items()}, "groups": groups}}


def transposed_convolution():
    name = "transposed"
    layer = nn.ConvTranspose2d(3, 4, 2, stride=2)
    module, x = fill(Named(up=layer), name), unit(name + ".input", 2, 2, 3, 3)
    yield name, case(
        name, rows(layer(maps(x))), {name + ".input": x}, module, "transposed convolution 2x2 of stride 2 with bias; weight [in,out,2,2]")


def window_attention():
    """Side 3, shift 1, so that a 6x6 grid has four windows and nine regions."""
    name = "windowAttention"
    qkv, table = unit(name + ".qkv", 2, 36, 12), unit(name + ".table", 25, 2)
    for shift in (0, 1):
        this = name + ("Shifted" if shift else "")
        grid = qkv.view(2, 6, 6, 12).roll((-shift, -shift), dims=(1, 2))
        q, k, v = swinunet.windows(grid, 3).view(8, 9, 3, 2, 2).permute(2, 0, 3, 1, 4).unbind(0)
        bias = table[swinunet.relative_position_index(3).view(-1)].view(9, 9, 2).permute(2, 0, 1)
        scores = (q * 2**-0.5) @ k.transpose(-2, -1) + bias
        if shift:
            mask = swinunet.shift_mask(6, 3, shift).double()
            scores = (scores.view(2, 4, 2, 9, 9) + mask[:, None]).view(8, 2, 9, 9)
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(8, 9, 4)
        output = swinunet.from_windows(mixed, 3, 6).roll((shift, shift), dims=(1, 2)).reshape(2, 36, 4)
        yield this, case(
            this, output, {name + ".qkv": qkv, name + ".table": table},
            about=f"qkv [B,L,3C] of a 6x6 grid, C 4, 2 heads of 2, window 3, shift {shift}, table [25,2]; no linear maps; q times 2^-0.5; output [B,L,C]")
    for name, n in (("windowLayer", 6), ("windowLayerWhole", 3)):
        block = swinunet.SwinBlock(4, n, 2, shifted=True, side=3)
        module, x = fill(Named(attn=block.attn), name), unit(name + ".input", 2, n * n, 4)
        block.double()
        yield name, case(name, block.attention(x), {name + ".input": x}, module,
                         f"with qkv and proj; {n}x{n} grid, window 3, shift {block.shift}, 2 heads")


def patches():
    name = "patchGather"
    x = unit(name + ".input", 2, 16, 3)
    grid = x.view(2, 4, 4, 3)
    gathered = torch.cat([grid[:, r::2, c::2] for r, c in ((0, 0), (1, 0), (0, 1), (1, 1))], dim=-1).view(2, 4, 12)
    yield name, case(name, gathered, {name + ".input": x}, about="4x4 grid: tokens (0,0), (1,0), (0,1), (1,1) (row, column) of each 2x2 patch side by side")
    name = "patchMerging"
    module, x = fill(swinunet.PatchMerging(3, 4), name), unit(name + ".input", 2, 16, 3)
    yield name, case(name, module(x), {name + ".input": x}, module, "4x4 grid: gather, layer norm of 12, linear 12 to 6")
    for name, factor, channels, output in (("patchExpanding2", 2, 6, 3), ("patchExpanding4", 4, 4, 4)):
        module, x = fill(swinunet.PatchExpanding(channels, 2, factor, output), name), unit(name + ".input", 2, 4, channels)
        yield name, case(name, module(x), {name + ".input": x}, module, f"2x2 grid: linear, scatter to {2 * factor}x{2 * factor}, layer norm of {output}")
        this = f"patchScatter{factor}"
        x = unit(this + ".input", 2, 4, factor * factor * output)
        parts = x.view(2, 2, 2, factor, factor, output).permute(0, 1, 3, 2, 4, 5).reshape(2, -1, output)
        yield this, case(this, parts, {this + ".input": x}, about=f"2x2 grid: channel (p1 {factor} + p2) {output} + c to row {factor} h + p1, column {factor} w + p2")


def drop_path():
    name = "dropPath"
    x, keep = unit(name + ".input", 4, 3, 2), torch.tensor([1.0, 0.0, 1.0, 1.0]).double()
    yield name, case(name, x * keep[:, None, None] / 0.75, {name + ".input": x}, about="rate 0.25, samples 0, 2 and 3 kept: x / 0.75, sample 1 becomes 0")


def sequence_product():
    name = "sequenceProduct"
    module, x = fill(Named(mix=nn.Conv1d(5, 3, 1)), name), unit(name + ".input", 2, 5, 4)
    mixed = module.mix(x)
    yield name, case(name, mixed, {name + ".input": x}, module, "[B,5,4] -> [B,3,4]: weight [3,5,1] over positions, bias per output position")
    name = "sequenceProductGELU"
    module, x = fill(Named(mix=nn.Conv1d(5, 3, 1)), name), unit(name + ".input", 2, 5, 4)
    yield name, case(name, F.gelu(module.mix(x)), {name + ".input": x}, module, "the same, then GELU (erf)")


def blocks():
    """Small blocks of the three networks, in training mode."""
    name = "unetDown"
    module, x = fill(unet.Down(3, 4), name), unit(name + ".input", 2, 4, 6, 3)
    statistics = {n: v for n, v in module.state_dict().items() if "running" in n}  # the same storage: read after the forward
    yield name, case(name, rows(module(maps(x))), {name + ".input": x}, module, "max pool, twice conv, batch norm (batch statistics), ReLU", statistics)
    name = "unetUp"
    module, x, skip = fill(unet.Up(4, 3), name), unit(name + ".input", 2, 2, 3, 4), unit(name + ".skip", 2, 4, 6, 4)
    yield name, case(name, rows(module(maps(x), maps(skip))), {name + ".input": x, name + ".skip": skip}, module,
                     "transposed conv, concat [up, skip], twice conv, batch norm (batch statistics), ReLU")
    name = "guideLayer"
    module = fill(GuideLayer(8, 3, tokens=5, text_width=6), name)
    for child in module.modules():
        if isinstance(child, PositionTable):
            child.make_exact()
    x, text = unit(name + ".input", 2, 6, 8), unit(name + ".text", 2, 5, 6)
    s = module.text_project(text)
    yield name, case(name, module(x, text), {name + ".input": x, name + ".text": text}, module,
                     "Ariadne's guide layer, C 8, L 6, text [5,6], T 3; `text` among the outputs is the mixed text", {"text": s})
    for n in (14, 7):
        name = f"swinBlock{n}"
        module, x = fill(swinunet.SwinBlock(32, n, 2, shifted=True), name), unit(f"{name}.input", 2, n * n, 32)
        yield name, case(
            name, module(x), {name + ".input": x}, module,
            f"{n}x{n} grid, 32 channels, 2 heads, window 7, " + ("shift 3 with mask" if n == 14 else "no shift and no mask: the window is the grid"),
            describe=lambda n, v: whole(v) if n.endswith("bias_table") else described(n, v, 48))


def losses():
    """The published losses of U-Net and Swin-Unet: logits are the unit array, the target is 1 where its unit array is positive, and sample 2 is empty."""
    logits = unit("loss.logits", 3, 1, 4, 5)
    target = (torch.from_numpy(recipes.formula.plain("loss.target", (3, 1, 4, 5))) > 0).double()
    target[2] = 0
    content = {"about": "gradients of the total with respect to the logits [3,1,4,5]; p = sigmoid", "target": whole(target)}
    for name, loss in (("unet", recipes.unet_loss), ("swinunet", recipes.swinunet_loss), ("dice+bce", recipes.dice_and_cross_entropy)):
        terms = loss(torch.sigmoid(logits), target)
        (gradient,) = torch.autograd.grad(terms["total"], logits)
        content[name] = {"terms": {n: float(v.detach()) for n, v in terms.items()}, "gradient": whole(gradient)}
    return content


def tables():
    mask = swinunet.shift_mask(14, 7, 3)
    return {
        "about": "relativePositionIndex of window 7 [49,49], row-major; maskedPairs: per window of the 14x14 grid, shift 3, how many of the 2401 pairs get -100; "
                 "lastMaskRow: the mask of window 1 (upper right) for query 6, 49 keys",
        "relativePositionIndex": swinunet.relative_position_index(7).view(-1).tolist(),
        "maskedPairs": [int(v) for v in (mask != 0).flatten(1).sum(1)],
        "lastMaskRow": mask[1, 6].tolist()}


def main():
    content = {"about": "Scripts/golden/models/operators.py, float64, PyTorch " + torch.__version__, "cases": {}}
    for group in (max_pooling, convolutions, transposed_convolution, window_attention, patches, drop_path, sequence_product, blocks):
        content["cases"].update(group())
    content["losses"], content["tables"] = losses(), tables()
    write(OUT / "operators.json", content)


if __name__ == "__main__":
    main()
