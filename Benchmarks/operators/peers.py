"""The operators of `train benchmark --operators` in PyTorch, found by their names, which say all sizes.

Each function takes the numbers of its pattern and the batch size, and returns the inputs' shapes and the operator as a function of them.
Maps are [B,C,H,W] here, and [B,H,W,C] in memory where the benchmark asks for channels-last.
"""

import re

import torch
from torch.nn import functional as F

PEERS = []


def operator(pattern):
    def keep(make):
        PEERS.append((re.compile(pattern), make))
        return make

    return keep


def extent(rest, word, plain):
    found = re.search(rf"{word} (\d+)(?:x(\d+))?", rest)
    return (int(found[1]), int(found[2] or found[1])) if found else (plain, plain)


@operator(r"convolution (\d+)x(\d+) (\d+)->(\d+) at (\d+)x(\d+)(.*)")
def convolution(batch, kh, kw, inputs, outputs, height, width, rest):
    groups = extent(rest, "groups", 1)[0]
    how = {"stride": extent(rest, "stride", 1), "padding": extent(rest, "padding", 0), "dilation": extent(rest, "dilation", 1), "groups": groups}
    return [(batch, inputs, height, width), (outputs, inputs // groups, kh, kw)], lambda x, w: F.conv2d(x, w, **how)


@operator(r"depthwise (\d+)x(\d+) of (\d+) at (\d+)x(\d+)")
def depthwise(batch, kh, kw, channels, height, width):
    shapes = [(batch, channels, height, width), (channels, 1, kh, kw), (channels,)]
    return shapes, lambda x, w, b: F.conv2d(x, w, b, padding=kh // 2, groups=channels)


@operator(r"transposed convolution (\d+)x(\d+) (\d+)->(\d+) at (\d+)x(\d+)")
def transposed_convolution(batch, kh, kw, inputs, outputs, height, width):
    return [(batch, inputs, height, width), (inputs, outputs, kh, kw)], lambda x, w: F.conv_transpose2d(x, w, stride=kh)


@operator(r"max pooling (\d+)x(\d+) of (\d+) at (\d+)x(\d+)")
def max_pooling(batch, size, _, channels, height, width):
    return [(batch, channels, height, width)], lambda x: F.max_pool2d(x, size)


@operator(r"batch norm of (\d+) at (\d+)x(\d+)")
def batch_norm(batch, channels, height, width):
    def work(x, gamma, beta):
        return F.leaky_relu(F.batch_norm(x, None, None, gamma, beta, training=True), 0.01)

    return [(batch, channels, height, width), (channels,), (channels,)], work


@operator(r"layer norm of (\d+) at (\d+)")
def layer_norm(batch, channels, positions):
    return [(batch, positions, channels), (channels,), (channels,)], lambda x, gamma, beta: F.layer_norm(x, (channels,), gamma, beta)


@operator(r"linear (\d+)->(\d+) at (\d+)")
def linear(batch, inputs, outputs, positions):
    return [(batch, positions, inputs), (outputs, inputs), (outputs,)], F.linear


@operator(r"linear over positions (\d+)->(\d+) of (\d+)( with bias)?")
def linear_over_positions(batch, inputs, outputs, channels, bias):
    shapes = [(batch, inputs, channels), (outputs, inputs, 1)] + ([(outputs,)] if bias else [])
    return shapes, F.conv1d


@operator(r"attention (\d+) x (\d+), (\d+) heads of (\d+)")
def attention(batch, queries, keys, heads, width):
    def work(q, k, v):
        q, k, v = (t.unflatten(-1, (heads, width)).transpose(1, 2) for t in (q, k, v))
        return F.scaled_dot_product_attention(q, k, v, dropout_p=0.1).transpose(1, 2).flatten(-2)

    return [(batch, n, heads * width) for n in (queries, keys, keys)], work


@operator(r"window attention at (\d+)x(\d+), (\d+) heads of (\d+), side (\d+)(?:, shift (\d+))?")
def window_attention(batch, height, width, heads, head_width, side, shift):
    """As Swin's code does it: roll, windows, a bias for each pair of places, a mask where the roll joined what lies apart."""
    shift, area = shift or 0, side * side
    places = torch.stack(torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")).flatten(1)
    apart = places[:, :, None] - places[:, None, :] + side - 1
    index = apart[0] * (2 * side - 1) + apart[1]

    def windows(x):
        return x.unflatten(1, (height // side, side)).unflatten(3, (width // side, side)).transpose(2, 3).reshape(-1, area, x.shape[-1])

    bands = torch.zeros(1, height, width, 1)
    if shift:
        cuts = (slice(0, -side), slice(-side, -shift), slice(-shift, None))
        for number, (rows, columns) in enumerate((a, b) for a in cuts for b in cuts):
            bands[:, rows, columns] = number
    band = windows(bands).squeeze(-1)
    mask = (band[:, None, :] != band[:, :, None]).float() * -100

    def work(qkv, table):
        rolled = qkv.roll((-shift, -shift), (1, 2)) if shift else qkv
        q, k, v = windows(rolled).unflatten(-1, (3, heads, head_width)).permute(2, 0, 3, 1, 4)
        bias = table[index.flatten()].unflatten(0, (area, area)).permute(2, 0, 1)[None]
        if shift:
            bias = bias + mask.to(bias.dtype).repeat(batch, 1, 1)[:, None]
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=bias.expand(q.shape[0], -1, -1, -1)).transpose(1, 2).flatten(-2)
        grid = mixed.reshape(batch, height // side, width // side, side, side, -1).transpose(2, 3).reshape(batch, height, width, -1)
        return grid.roll((shift, shift), (1, 2)) if shift else grid

    return [(batch, height, width, 3 * heads * head_width), ((2 * side - 1) ** 2, heads)], work


@operator(r"drop path of (\d+) at (\d+)x(\d+)")
def drop_path(batch, channels, height, width):
    def work(x, branch):
        kept = torch.empty(batch, 1, 1, 1, dtype=x.dtype).bernoulli_(0.9).div_(0.9)
        return x + branch * kept

    return [(batch, height, width, channels)] * 2, work


def find(name, batch):
    """The shapes and the function of an operator; None where this file has no such operator."""
    for pattern, make in PEERS:
        found = pattern.fullmatch(name)
        if found:
            values = [int(part) if part is not None and part.isdigit() else part for part in found.groups()]
            return make(batch, *values)
    return None
