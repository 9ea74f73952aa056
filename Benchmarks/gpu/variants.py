"""What the GPU peer changes in the reference model of Scripts/golden without changing what it computes: the scan's form, the spectral term, the head.

Not for: golden values. `peer.py --check` holds each of these against the reference, values and gradients.
"""

import pathlib
import sys

import torch
from torch import nn
from torch.nn import functional as F

# transformers imports torchvision where there is one; the model needs none of it, and one that does not fit torch fails.
sys.modules.setdefault("torchvision", None)
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Scripts/golden"))

import losses  # noqa: E402
import reference_model  # noqa: E402
import scans  # noqa: E402

REFERENCE_SCAN = reference_model.selective_scan


def use_scan(name):
    """Every mixer calls it from now on."""
    reference_model.selective_scan = scans.by_name(name) or REFERENCE_SCAN


def magnitude(z):
    """|z| with derivative 0 at z = 0, on the real view, which torch.compile can fuse."""
    square = torch.view_as_real(z).square().sum(-1)
    zero = square == 0
    return torch.where(zero, 0.0, torch.where(zero, 1.0, square).sqrt())


def spectral(p, g):
    """The mean over the whole spectrum from half of it: a real map's spectrum is symmetric, so columns but the first and the middle count twice."""
    width = p.shape[-1]
    column = torch.arange(width // 2 + 1, device=p.device)
    weight = torch.where((column == 0) | (2 * column == width), 1.0, 2.0)
    difference = magnitude(torch.fft.rfft2(p, norm="ortho")) - magnitude(torch.fft.rfft2(g, norm="ortho"))
    return (difference.square() * weight).sum() / p.numel()


def objective(logits, target):
    """The published loss on logits."""
    p = torch.sigmoid(logits.float())
    return losses.dice(p, target) + losses.SPECTRAL_WEIGHT * spectral(p, target) + losses.ENTROPY_WEIGHT * losses.entropy(p)


class FoldedHead(nn.Module):
    """The 3x3 convolution to 24 x 16 channels and the 1x1 one after it as one convolution to 16: everything between the two is linear."""

    def __init__(self, up, out):
        super().__init__()
        self.up, self.out = up, out

    def forward(self, x):
        conv, last, factor = self.up.conv_block, self.out.conv.conv, self.up.factor
        mix = last.weight.flatten()
        weight = torch.einsum("c,cs...->s...", mix, conv.weight.unflatten(0, (mix.numel(), factor**2)))
        bias = mix @ conv.bias.unflatten(0, (mix.numel(), factor**2))
        x = F.pixel_shuffle(F.conv2d(x, weight, bias, padding=1), factor)
        border = factor - 1
        return F.avg_pool2d(F.pad(x, (border, 0, border, 0)), factor, stride=1) + last.bias


def model(scan, folded, dropout=0.1):
    use_scan(scan)
    made = reference_model.ReferenceModel(dropout=dropout)
    if folded:
        made.decoder1, made.out = FoldedHead(made.decoder1, made.out), nn.Identity()
    # No gradient reaches these, so a fused optimizer need not carry them.
    for name, parameter in made.named_parameters():
        if reference_model.is_unused(name):
            parameter.requires_grad_(False)
    return made
