"""Weights and inputs as functions of (name, index), the same bits in Python and in Swift; docs/developer/golden.md states the rules.

For: golden files without weights in them. Not for: initialising a model that is to be trained.
Invariants: every value is a float32; u(name, i) has 24 random bits and is exact; scaling happens in float64 with one rounding at the end.
"""

import math

import numpy as np

MASK = (1 << 64) - 1


def name_hash(name: str) -> int:
    """FNV-1a, 64 bits, of the UTF-8 bytes."""
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return value


def words(name: str, count: int) -> np.ndarray:
    """uint64 [count]: splitmix64 of (hash + index)."""
    with np.errstate(over="ignore"):
        z = np.arange(count, dtype=np.uint64) + np.uint64(name_hash(name)) + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def uniform(name: str, count: int) -> np.ndarray:
    """float64 [count] in [-1, 1): (top 24 bits - 2^23) / 2^23."""
    return ((words(name, count) >> np.uint64(40)).astype(np.int64) - (1 << 23)) / float(1 << 23)


def rule(name: str, shape) -> tuple[float, float]:
    """(offset, scale) of a parameter; the first matching line of the table in docs/developer/golden.md."""
    parts = name.split(".")
    last = parts[-1]
    owner = parts[-2].lower() if len(parts) > 1 else ""
    if last == "running_mean":
        return 0.0, 0.1
    if last == "running_var":
        return 1.0, 0.3
    if last == "layer_scale_parameter":
        return 0.5, 0.1
    if last == "scale":
        return 1.421, 0.1
    if last == "A_log":
        return math.nan, 0.1  # offset log(1 + index mod 16), see `values`
    if last == "D":
        return 1.0, 0.1
    if name.endswith("dt_proj.bias"):
        return -1.0, 0.5
    if last.endswith("bias"):
        return 0.0, 0.1
    if "norm" in owner or name.endswith("downsampling_layer.0.weight"):
        return 1.0, 0.1
    if owner.endswith("_embeddings") and len(shape) == 2:
        return 0.0, 1.0
    if owner == "conv" and len(parts) > 2 and parts[-3] == "transp_conv":
        return 0.0, math.sqrt(3.0 / shape[0])
    gain = 8.0 if name == "out.conv.conv.weight" else 1.0
    return 0.0, gain * math.sqrt(3.0 / math.prod(shape[1:]))


def values(name: str, shape) -> np.ndarray:
    """float32 array of a parameter or statistic."""
    count = math.prod(shape)
    offset, scale = rule(name, tuple(shape))
    if name.split(".")[-1] == "A_log":
        offset = np.array([math.log(k) for k in range(1, 17)])[np.arange(count) % 16]
    return (offset + scale * uniform(name, count)).astype(np.float32).reshape(shape)


def plain(name: str, shape, offset: float = 0.0, scale: float = math.sqrt(3.0)) -> np.ndarray:
    """float32 array offset + scale * u; the default has zero mean and unit variance."""
    return (offset + scale * uniform(name, math.prod(shape))).astype(np.float32).reshape(shape)


def sample_indices(name: str, size: int, count: int) -> np.ndarray:
    """`count` indices below `size` (they may repeat): words of NAME#sample modulo size."""
    return (words(name + "#sample", count) % np.uint64(size)).astype(np.int64)


def integers(name: str, shape, below: int) -> np.ndarray:
    """int64 array: words modulo `below`."""
    return (words(name, math.prod(shape)) % np.uint64(below)).astype(np.int64).reshape(shape)


def images(batch: int, size: int = 224, channels: int = 3, name: str = "image") -> np.ndarray:
    """uint8 [B,H,W,C]: a smooth field (bilinear between random bytes every 16 pixels) with a quarter of noise, in integers only."""
    cell = 16
    nodes = size // cell + 1
    grid = (words(name + ".grid", batch * nodes * nodes * channels) >> np.uint64(56)).astype(np.int64)
    grid = grid.reshape(batch, nodes, nodes, channels)
    position = np.arange(size)
    low, weight = position // cell, position % cell
    rows = grid[:, low] * (cell - weight)[None, :, None, None] + grid[:, low + 1] * weight[None, :, None, None]
    field = rows[:, :, low] * (cell - weight)[None, None, :, None] + rows[:, :, low + 1] * weight[None, None, :, None]
    noise = (words(name + ".noise", batch * size * size * channels) >> np.uint64(56)).astype(np.int64)
    return ((3 * (field // (cell * cell)) + noise.reshape(field.shape)) // 4).astype(np.uint8)


def masks(batch: int, size: int = 224) -> np.ndarray:
    """uint8 0/1 [B,H,W]: sample b is the disc of centre (row 90 + 40 b, column 120 - 40 b) and radius 50 - 15 b, edge included (b < 3)."""
    rows, columns = np.mgrid[0:size, 0:size]
    return np.stack([
        ((rows - 90 - 40 * b) ** 2 + (columns - 120 + 40 * b) ** 2 <= (50 - 15 * b) ** 2).astype(np.uint8) for b in range(batch)])


def text_features(batch: int, tokens: int = 24, width: int = 768) -> np.ndarray:
    """float32 [B,N,D] of unit variance."""
    return plain("text", (batch, tokens, width))


def fill(module, dtype=None):
    """Sets every parameter and running statistic of a PyTorch module by the rules; position tables and counters stay."""
    import torch

    with torch.no_grad():
        for name, value in module.state_dict(keep_vars=True).items():
            if name.endswith((".pe", "num_batches_tracked", "position_ids", "token_type_ids")):
                continue
            value.copy_(torch.from_numpy(values(name, tuple(value.shape))))
    return module
