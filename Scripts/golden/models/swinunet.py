"""Swin-Unet in PyTorch, the "lite" configuration: the reference of golden values and the peer of the benchmark. Written from the description
of `HuCaoFighting/Swin-Unet` (Cao et al., ECCV workshops 2022); the blocks are those of the Swin Transformer (Liu et al., ICCV 2021).

For: parity with published checkpoints, which load with strict=True (cut `module.` of data-parallel training first).
Not for: grids that are no multiple of the window. Invariants: names are the published ones; `forward` returns logits; there is no dropout but drop path.

Run: python3 Scripts/golden/models/swinunet.py --check FILE   compares with values of the published code (docs/developer/golden.md, "Published values").
Shape letters: B batch, H W rows and columns of pixels, n side of the token grid, L = n n tokens (row-major), C channels, M tokens of a window, 49 as published.
"""

import torch
from torch import nn
from torch.nn import functional as F

import recipes

NAME = "swinunet"
FACTORS = [[r"output\.weight$", 2.0]]
SIZES = [(224, 224, "input")]
NEEDS_TEXT = False
LOSS = "0.4 crossEntropy + 0.6 dice"
default_loss = recipes.swinunet_loss
STATED = {"parameters": 27_168_132, "multiplyAdds": 6.07e9}

WIDTH, DEPTH, HEADS, WINDOW = 96, 2, [3, 6, 12, 24], 7
DROP_PATH = 0.2


def windows(x, side: int):
    """[B,n,n,C] -> [B (n/side)^2, side side, C]: windows of a sample in row-major order, tokens of a window in row-major order."""
    B, n, _, C = x.shape
    parts = x.view(B, n // side, side, n // side, side, C)
    return parts.permute(0, 1, 3, 2, 4, 5).reshape(-1, side * side, C)


def from_windows(x, side: int, n: int):
    """The inverse of `windows`."""
    parts = x.view(-1, n // side, n // side, side, side, x.shape[-1])
    return parts.permute(0, 1, 3, 2, 4, 5).reshape(-1, n, n, x.shape[-1])


def relative_position_index(side: int) -> torch.Tensor:
    """int64 [M,M]: row of the bias table for query (r, c) and key (r', c'): (r - r' + side - 1)(2 side - 1) + (c - c' + side - 1)."""
    position = torch.arange(side * side)
    row, column = position // side, position % side
    return (row[:, None] - row[None] + side - 1) * (2 * side - 1) + (column[:, None] - column[None] + side - 1)


def shift_mask(n: int, side: int, shift: int) -> torch.Tensor:
    """[windows,M,M]: -100 between tokens of different regions of the shifted grid, 0 elsewhere. Rows [0, n-side), [n-side, n-shift), [n-shift, n)
    and columns likewise make nine regions."""
    position = torch.arange(n)
    band = (position >= n - side).long() + (position >= n - shift).long()
    region = windows((3 * band[:, None] + band[None]).view(1, n, n, 1), side).squeeze(-1)
    return torch.where(region[:, None] == region[:, :, None], 0.0, -100.0)


class DropPath(nn.Module):
    """Training: a sample's branch is dropped with probability `rate`, the others are divided by 1 - rate. Evaluation: identity."""

    def __init__(self, rate: float):
        super().__init__()
        self.rate = rate

    def forward(self, x):
        if self.rate == 0 or not self.training:
            return x
        keep = torch.empty(x.shape[0], 1, 1, dtype=x.dtype, device=x.device).bernoulli_(1 - self.rate)
        return x * keep / (1 - self.rate)


class WindowAttention(nn.Module):
    """x [B W,M,C], mask [W,M,M] or None -> the same shape; W windows of a sample, sample-major."""

    def __init__(self, channels: int, heads: int, side: int):
        super().__init__()
        self.heads = heads
        self.scale = (channels // heads) ** -0.5
        self.relative_position_bias_table = nn.Parameter(nn.init.trunc_normal_(torch.zeros((2 * side - 1) ** 2, heads), std=0.02))
        self.register_buffer("relative_position_index", relative_position_index(side))
        self.qkv = nn.Linear(channels, 3 * channels)
        self.proj = nn.Linear(channels, channels)

    def forward(self, x, mask=None):
        N, M, C = x.shape
        q, k, v = self.qkv(x).view(N, M, 3, self.heads, C // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        bias = self.relative_position_bias_table[self.relative_position_index.view(-1)].view(M, M, self.heads).permute(2, 0, 1)
        scores = (q * self.scale) @ k.transpose(-2, -1) + bias
        if mask is not None:
            scores = (scores.view(-1, mask.shape[0], self.heads, M, M) + mask[:, None]).view(N, self.heads, M, M)
        mixed = scores.softmax(dim=-1) @ v
        return self.proj(mixed.transpose(1, 2).reshape(N, M, C))


class FeedForward(nn.Module):
    """C - 4C - C with GELU (erf)."""

    def __init__(self, channels: int):
        super().__init__()
        self.fc1 = nn.Linear(channels, 4 * channels)
        self.fc2 = nn.Linear(4 * channels, channels)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class SwinBlock(nn.Module):
    """[B,L,C] -> [B,L,C] on an n x n grid. A window as large as the grid is not shifted and has no mask."""

    def __init__(self, channels: int, n: int, heads: int, shifted: bool, drop_path: float = 0.0, side: int = WINDOW):
        super().__init__()
        self.n, self.side = n, side
        self.shift = side // 2 if shifted and n > side else 0
        self.norm1 = nn.LayerNorm(channels)
        self.attn = WindowAttention(channels, heads, side)
        self.drop_path = DropPath(drop_path)
        self.norm2 = nn.LayerNorm(channels)
        self.mlp = FeedForward(channels)
        self.register_buffer("attn_mask", shift_mask(n, side, self.shift) if self.shift else None)

    def attention(self, x):
        B, L, C = x.shape
        grid = x.view(B, self.n, self.n, C)
        if self.shift:
            grid = grid.roll((-self.shift, -self.shift), dims=(1, 2))
        grid = from_windows(self.attn(windows(grid, self.side), self.attn_mask), self.side, self.n)
        if self.shift:
            grid = grid.roll((self.shift, self.shift), dims=(1, 2))
        return grid.reshape(B, L, C)

    def forward(self, x):
        x = x + self.drop_path(self.attention(self.norm1(x)))
        return x + self.drop_path(self.mlp(self.norm2(x)))


class PatchEmbedding(nn.Module):
    """[B,3,H,W] -> [B,L,C]: convolution 4x4 of stride 4, layer norm."""

    def __init__(self):
        super().__init__()
        self.proj = nn.Conv2d(3, WIDTH, 4, stride=4)
        self.norm = nn.LayerNorm(WIDTH)

    def forward(self, images):
        return self.norm(self.proj(images).flatten(2).transpose(1, 2))


class PatchMerging(nn.Module):
    """[B,n n,C] -> [B,n n / 4,2C]: the tokens (0,0), (1,0), (0,1), (1,1) (row, column) of each 2x2 patch side by side, layer norm, linear."""

    def __init__(self, channels: int, n: int):
        super().__init__()
        self.n = n
        self.reduction = nn.Linear(4 * channels, 2 * channels, bias=False)
        self.norm = nn.LayerNorm(4 * channels)

    def forward(self, x):
        B, _, C = x.shape
        grid = x.view(B, self.n, self.n, C)
        patches = [grid[:, row::2, column::2] for row, column in ((0, 0), (1, 0), (0, 1), (1, 1))]
        return self.reduction(self.norm(torch.cat(patches, dim=-1).view(B, -1, 4 * C)))


class PatchExpanding(nn.Module):
    """[B,n n,C] -> [B,(factor n)^2,output]: linear to factor factor output channels, whose index (p1 factor + p2) output + c goes to
    row factor h + p1, column factor w + p2, channel c; layer norm."""

    def __init__(self, channels: int, n: int, factor: int, output: int):
        super().__init__()
        self.n, self.factor = n, factor
        self.expand = nn.Linear(channels, factor * factor * output, bias=False)
        self.norm = nn.LayerNorm(output)

    def forward(self, x):
        parts = self.expand(x).view(x.shape[0], self.n, self.n, self.factor, self.factor, -1)
        return self.norm(parts.permute(0, 1, 3, 2, 4, 5).reshape(x.shape[0], -1, parts.shape[-1]))


class Stage(nn.Module):
    """Two blocks, the second shifted, then `downsample` or `upsample` where there is one."""

    def __init__(self, channels: int, n: int, heads: int, rates, side: int, downsample=None, upsample=None):
        super().__init__()
        self.blocks = nn.ModuleList(SwinBlock(channels, n, heads, b % 2 == 1, rate, side) for b, rate in enumerate(rates))
        self.downsample, self.upsample = downsample, upsample

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        for change in (self.downsample, self.upsample):
            x = x if change is None else change(x)
        return x


class Network(nn.Module):
    """[B,3,S,S] -> logits [B,1,S,S], S = 32 times the window's side: 224 as published."""

    def __init__(self, drop_path: float, window: int):
        super().__init__()
        self.size = 32 * window
        widths = [WIDTH << s for s in range(4)]
        sides = [self.size // 4 >> s for s in range(4)]
        rates = torch.linspace(0, drop_path, 4 * DEPTH).view(4, DEPTH).tolist()
        self.patch_embed = PatchEmbedding()
        self.layers = nn.ModuleList(
            Stage(widths[s], sides[s], HEADS[s], rates[s], window, downsample=PatchMerging(widths[s], sides[s]) if s < 3 else None)
            for s in range(4))
        self.layers_up = nn.ModuleList([PatchExpanding(widths[3], sides[3], 2, widths[2])])
        self.concat_back_dim = nn.ModuleList([nn.Identity()])
        for s in (2, 1, 0):
            upsample = PatchExpanding(widths[s], sides[s], 2, widths[s - 1]) if s > 0 else None
            self.layers_up.append(Stage(widths[s], sides[s], HEADS[s], rates[s], window, upsample=upsample))
            self.concat_back_dim.append(nn.Linear(2 * widths[s], widths[s]))
        self.norm = nn.LayerNorm(widths[3])
        self.norm_up = nn.LayerNorm(WIDTH)
        self.up = PatchExpanding(WIDTH, sides[0], 4, WIDTH)
        self.output = nn.Conv2d(WIDTH, 1, 1, bias=False)
        self.apply(initialise)

    def forward(self, images):
        x = self.patch_embed(images)
        skips = []
        for stage in self.layers:
            skips.append(x)  # a stage's input is the skip
            x = stage(x)
        x = self.layers_up[0](self.norm(x))
        for i in (1, 2, 3):
            x = self.layers_up[i](self.concat_back_dim[i](torch.cat([x, skips[3 - i]], dim=-1)))
        x = self.up(self.norm_up(x))
        return self.output(x.transpose(1, 2).reshape(x.shape[0], WIDTH, self.size, self.size))


def initialise(module):
    """Linear weights truncated normal of deviation 0.02, biases 0; convolutions keep PyTorch's defaults."""
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


class SwinUnet(nn.Module):
    """[B,1 or 3,S,S] -> logits [B,1,S,S], S = 32 times the window's side; a single channel is repeated to three."""

    def __init__(self, drop_path: float = DROP_PATH, window: int = WINDOW):
        super().__init__()
        self.swin_unet = Network(drop_path, window)

    def forward(self, images):
        return self.swin_unet(images if images.shape[1] == 3 else images.expand(-1, 3, -1, -1))


TAPS = ["swin_unet.patch_embed", *(f"swin_unet.layers.{s}" for s in range(4)), *(f"swin_unet.layers_up.{i}" for i in range(4)), "swin_unet.norm_up"]


def build(channels_last: bool = False, drop_path: float = DROP_PATH) -> SwinUnet:
    """A fresh network with the published initialisation, in training mode."""
    model = SwinUnet(drop_path).train()
    return model.to(memory_format=torch.channels_last) if channels_last else model


def optimizer(parameters):
    """The published recipe's, for the benchmark."""
    return torch.optim.SGD(parameters, lr=0.05, momentum=0.9, weight_decay=1e-4, fused=True)


def golden_model() -> SwinUnet:
    return build(drop_path=0.0)


if __name__ == "__main__":
    import published
    import swinunet

    published.main(swinunet)
