"""Inputs, weights and losses of the networks' golden values: what a test in another language must recreate. docs/developer/golden.md states each rule.

For: the references in this folder. Not for: training; datasets.
Invariants: inputs and weights are float32 values of `formula`, widened when the computation is float64; losses take probabilities [B,1,H,W].
"""

import pathlib
import re
import sys

import numpy as np
import torch

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
import formula  # noqa: E402
import losses  # noqa: E402

NOT_FILLED = ("num_batches_tracked", "relative_position_index", "attn_mask", ".pe", "position_ids", "token_type_ids")


def weights(name: str, shape, factors) -> np.ndarray:
    """float32: formula.values(name), times the factor of the first pattern found in the name, multiplied in float32."""
    values = formula.values(name, tuple(shape))
    for pattern, factor in factors:
        if re.search(pattern, name):
            return values * np.float32(factor)
    return values


def fill(module, factors=()):
    """Sets every parameter and running statistic; counters, index tables, shift masks and position tables keep their values."""
    with torch.no_grad():
        for name, value in module.state_dict(keep_vars=True).items():
            if not name.endswith(NOT_FILLED):
                value.copy_(torch.from_numpy(weights(name, value.shape, factors)))
    return module


def images(batch: int, height: int, width: int, dtype=torch.float64, name: str = "input") -> torch.Tensor:
    """[B,3,H,W], the unit array NAME with its index in this NCHW order."""
    return torch.from_numpy(formula.plain(name, (batch, 3, height, width))).to(dtype)


def text(batch: int, dtype=torch.float64) -> torch.Tensor:
    """[B,24,768], the unit array "text"."""
    return torch.from_numpy(formula.text_features(batch)).to(dtype)


def target(batch: int, height: int, width: int, dtype=torch.float64) -> torch.Tensor:
    """[B,1,H,W] of 0 and 1. 224x224: formula.masks. Other sizes: sample b is 1 where 16 (y - H/2)^2 + 16 (x - W/2 + 8 b)^2 <= (H - 16 b)^2."""
    if (height, width) == (224, 224):
        return torch.from_numpy(formula.masks(batch))[:, None].to(dtype)
    rows, columns = np.mgrid[0:height, 0:width]
    discs = [16 * (rows - height // 2) ** 2 + 16 * (columns - width // 2 + 8 * b) ** 2 <= (height - 16 * b) ** 2 for b in range(batch)]
    return torch.from_numpy(np.stack(discs))[:, None].to(dtype)


def unet_loss(p, g):
    """0.5 Dice + 0.5 BCE. Dice: per sample, squares in the denominator, both maps times 0.5, smoothing 1e-5, then the mean over samples.
    BCE: half the mean over the positive pixels of the batch plus half the mean over its negative pixels (a class without pixels counts 0)."""
    half_p, half_g = 0.5 * p.flatten(1), 0.5 * g.flatten(1)
    overlap = (half_p * half_g).sum(1)
    squares = (half_p**2).sum(1) + (half_g**2).sum(1)
    dice = (1 - (2 * overlap + 1e-5) / (squares + 1e-5)).mean()
    pixels = torch.nn.functional.binary_cross_entropy(p, g, reduction="none")
    positive, negative = g, 1 - g
    entropy = 0.5 * (positive * pixels).sum() / positive.sum().clamp(min=1) + 0.5 * (negative * pixels).sum() / negative.sum().clamp(min=1)
    return {"dice": dice, "crossEntropy": entropy, "total": 0.5 * dice + 0.5 * entropy}


def swinunet_loss(p, g):
    """0.4 BCE + 0.6 Dice of the foreground: sums over the whole batch, squares in the denominator, smoothing 1e-5.
    The published loss is a softmax over the classes, which says nothing of a single one."""
    overlap, squares = (p * g).sum(), (p**2).sum() + (g**2).sum()
    dice = 1 - (2 * overlap + 1e-5) / (squares + 1e-5)
    entropy = losses.cross_entropy(p, g)
    return {"dice": dice, "crossEntropy": entropy, "total": 0.4 * entropy + 0.6 * dice}


def dice_and_cross_entropy(p, g):
    return losses.loss("dice+bce", p, g)
