"""The losses of the model's specification, section 6, on probabilities p [B,1,H,W] and targets g of the same shape, in p's dtype.

Not for: logits. Invariant: the gradient of |z| at z = 0 is 0.
"""

import torch

SPECTRAL_WEIGHT = 0.3
ENTROPY_WEIGHT = 0.1


def dice(p, g):
    axes = (2, 3)
    quotient = (2 * (p * g).sum(axes) + 1e-6) / (p.sum(axes) + g.sum(axes) + 1e-6)
    return 1 - quotient.mean()


def dice_across_batch(p, g):
    """Eq. 27 as printed: sums over the whole batch."""
    return 1 - (2 * (p * g).sum() + 1e-6) / (p.sum() + g.sum() + 1e-6)


def magnitude(z):
    """|z|, with derivative 0 at z = 0."""
    square = z.real**2 + z.imag**2
    zero = square == 0
    return torch.where(zero, torch.zeros_like(square), torch.where(zero, torch.ones_like(square), square).sqrt())


def spectral(p, g):
    difference = magnitude(torch.fft.fft2(p, norm="ortho")) - magnitude(torch.fft.fft2(g, norm="ortho"))
    return (difference**2).mean()


def entropy(p, two_class=False):
    value = -p * torch.log(p + 1e-8)
    if two_class:
        value = value - (1 - p) * torch.log(1 - p + 1e-8)
    return value.mean()


def cross_entropy(p, g):
    """Binary cross entropy; logarithms are clamped at -100 as in PyTorch."""
    return torch.nn.functional.binary_cross_entropy(p, g)


KINDS = ["seu", "seu two-class", "dice", "bce", "dice+bce"]


def loss(kind, p, g):
    """{"total": ..., and the terms the loss uses}."""
    if kind == "seu-paper":
        terms = {"dice": dice_across_batch(p, g), "spectral": spectral(p, g), "entropy": entropy(p, two_class=True)}
        terms["total"] = terms["dice"] + SPECTRAL_WEIGHT * terms["spectral"] + ENTROPY_WEIGHT * terms["entropy"]
    elif kind.startswith("seu"):
        terms = {"dice": dice(p, g), "spectral": spectral(p, g), "entropy": entropy(p, kind == "seu two-class")}
        terms["total"] = terms["dice"] + SPECTRAL_WEIGHT * terms["spectral"] + ENTROPY_WEIGHT * terms["entropy"]
    elif kind == "dice":
        terms = {"dice": dice(p, g)}
        terms["total"] = terms["dice"]
    elif kind == "bce":
        terms = {"crossEntropy": cross_entropy(p, g)}
        terms["total"] = terms["crossEntropy"]
    elif kind == "dice+bce":
        terms = {"dice": dice(p, g), "crossEntropy": cross_entropy(p, g)}
        terms["total"] = terms["dice"] + terms["crossEntropy"]
    else:
        raise ValueError(f"unknown loss {kind!r}; known: {', '.join(KINDS)}")
    return terms
