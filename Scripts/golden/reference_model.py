"""UA-VLS in PyTorch, written from the model's specification (docs/developer/golden.md names it): the reference that golden values and the benchmark peer use.

For: parity with published checkpoints (names and shapes), golden values in float64 or float32, a fair PyTorch peer; with `Variant`, the paper's
equations and layers where its text and the released code differ, and the switches of its Table 2.
Not for: training real models, loading weights from the network.
Invariants: parameter and buffer names are the published ones; every operation runs in the module's own dtype (no hidden float32 casts);
dropout is active in training mode only.

Shape letters: B batch, H W rows and columns, C channels, L image positions, N text tokens, T mixed text positions, D text width.
"""

import dataclasses
import math

import torch
from torch import nn
from torch.nn import functional as F
from transformers import ConvNextConfig, ConvNextModel

WIDTHS = [96, 192, 384, 768]
HEADS = 4
STATES = 16


@dataclasses.dataclass(frozen=True)
class Variant:
    """Which network; the defaults are the released one. docs/models/ua-vls.md says what each equation is in each."""

    equations: str = "released"  # paper: eqs. 8, 12 and 17 as printed
    layers: str = "released"  # paper: eqs. 5-7, 16 and 19 as printed
    expansion: float = 0.5  # gamma of eq. 13
    guidance: bool = True
    mixer: str = "ssmix"  # linear: no scan
    fusion: str = "attention"  # addition: the mean of the mixed text


RELEASED = Variant()


def normalise_images(pixels: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """uint8 [B,H,W,1 or 3] -> [B,3,H,W], zero mean and unit population deviation per image and channel; deviation 0 counts as 1."""
    x = pixels.to(torch.float64).permute(0, 3, 1, 2)
    if x.shape[1] == 1:
        x = x.expand(-1, 3, -1, -1)
    mean = x.mean(dim=(2, 3), keepdim=True)
    deviation = x.var(dim=(2, 3), keepdim=True, unbiased=False).sqrt()
    deviation = torch.where(deviation == 0, torch.ones_like(deviation), deviation)
    return ((x - mean) / deviation).to(dtype)


def sinusoidal_table(positions: int, channels: int) -> torch.Tensor:
    """float64 [positions, channels]: sin on even, cos on odd features, base 10000."""
    position = torch.arange(positions, dtype=torch.float64)[:, None]
    even = torch.arange(0, channels, 2, dtype=torch.float64)
    angle = position * torch.exp(-math.log(10000.0) * even / channels)
    table = torch.empty(positions, channels, dtype=torch.float64)
    table[:, 0::2] = torch.sin(angle)
    table[:, 1::2] = torch.cos(angle)
    return table


class PositionTable(nn.Module):
    """Holds the table under the published buffer name `pe` [1, positions, channels]; a fixed function, never trained."""

    def __init__(self, channels: int, positions: int):
        super().__init__()
        self.register_buffer("pe", sinusoidal_table(positions, channels)[None].to(torch.get_default_dtype()))

    def forward(self, x):
        return x + self.pe[:, : x.shape[1]]

    def make_exact(self):
        """Recomputes the table after the module moved to float64."""
        self.pe = sinusoidal_table(self.pe.shape[1], self.pe.shape[2])[None].to(self.pe.dtype)


class ImageEncoder(nn.Module):
    """ConvNeXt-Tiny under `model.`; `project_head` exists in published checkpoints and is used by nothing."""

    def __init__(self, depths=(3, 3, 9, 3), widths=tuple(WIDTHS)):
        super().__init__()
        config = ConvNextConfig(depths=list(depths), hidden_sizes=list(widths), drop_path_rate=0.0)
        self.model = ConvNextModel(config)
        self.project_head = nn.Linear(widths[3], widths[3])

    def forward(self, images):
        """[B,3,H,W] -> four stage outputs, without the final norm."""
        x = self.model.embeddings(images)
        outputs = []
        for stage in self.model.encoder.stages:
            x = stage(x)
            outputs.append(x)
        return outputs


def selective_scan(u, step, log_a, skip, b, c):
    """u, step [B,L,K], log_a [K,S], skip [K], b, c [B,L,S] -> [B,L,K]; the plain loop over positions."""
    a = -torch.exp(log_a)
    state = torch.zeros(u.shape[0], u.shape[2], log_a.shape[1], dtype=u.dtype, device=u.device)
    outputs = []
    for l in range(u.shape[1]):
        decay = torch.exp(step[:, l, :, None] * a)
        state = decay * state + (step[:, l] * u[:, l])[:, :, None] * b[:, l, None, :]
        outputs.append((state * c[:, l, None, :]).sum(-1) + skip * u[:, l])
    return torch.stack(outputs, dim=1)


class SSMix(nn.Module):
    """State space mixer, eqs. 13-19: [B,N,C] -> [B,T,C]; with the paper's layers [B,N,C] -> [B,N,C]."""

    def __init__(self, channels: int, tokens: int, positions: int, variant: Variant = RELEASED):
        super().__init__()
        self.variant = variant
        inner = round(variant.expansion * channels)
        released = variant.layers == "released"
        # Eq. 16 gives the step all its columns; the released code gives it few, and a linear map from them.
        self.step = math.ceil(channels / 16) if released else inner
        if variant.mixer == "ssmix":
            self.A_log = nn.Parameter(torch.log(torch.arange(1, STATES + 1, dtype=torch.float32)).repeat(inner, 1))
            self.D = nn.Parameter(torch.ones(inner))
        self.in_proj = nn.Linear(channels, 2 * inner, bias=False)
        if variant.mixer == "ssmix":
            self.x_proj = nn.Linear(inner, self.step + 2 * STATES, bias=False)
            self.dt_proj = nn.Linear(self.step, inner) if released else StepBias(inner)
            self.conv1d_x = nn.Conv1d(inner, inner, 4, groups=inner, bias=False)
            self.conv1d_z = nn.Conv1d(inner, inner, 4, groups=inner, bias=False)
        self.out_proj = nn.Linear(tokens, positions, bias=False) if released else nn.Linear(2 * inner, channels, bias=False)
        if variant.mixer == "ssmix":
            if released:
                nn.init.uniform_(self.dt_proj.weight, -self.step**-0.5, self.step**-0.5)
            with torch.no_grad():
                step = torch.exp(math.log(1e-3) + torch.rand(inner) * (math.log(1e-1) - math.log(1e-3))).clamp(min=1e-4)
                self.dt_proj.bias.copy_(step + torch.log(-torch.expm1(-step)))

    def output(self, x):
        """[B,2 inner,N] -> [B,T,C]: the released map is over positions, eq. 19's over features."""
        return self.out_proj(x).transpose(1, 2) if self.variant.layers == "released" else self.out_proj(x.transpose(1, 2))

    def scan_step(self, dt):
        bias = self.dt_proj.bias
        if self.variant.layers == "paper":
            return F.softplus(dt + bias)
        # The bias counts twice, as published; in eq. 17 once.
        if self.variant.equations == "released":
            return F.softplus(self.dt_proj(dt) + bias)
        return F.softplus(F.linear(dt, self.dt_proj.weight) + bias)

    def forward(self, x):
        x = self.in_proj(x).transpose(1, 2)
        if self.variant.mixer == "linear":
            return self.output(x)
        p, q = x.chunk(2, dim=1)
        # "same" padding of a kernel of 4: one before, two after.
        p = torch.tanh(self.conv1d_x(F.pad(p, (1, 2))))
        q = torch.tanh(self.conv1d_z(F.pad(q, (1, 2))))
        p = p.transpose(1, 2)
        dt, b, c = self.x_proj(p).split([self.step, STATES, STATES], dim=-1)
        step = self.scan_step(dt)
        dtype = torch.promote_types(x.dtype, torch.float32)
        with torch.autocast(x.device.type, enabled=False):
            y = selective_scan(*(t.to(dtype) for t in (p, step, self.A_log, self.D, b, c)))
        return self.output(torch.cat([y.transpose(1, 2).to(q.dtype), q], dim=1))


class StepBias(nn.Module):
    """The bias of eq. 17 without a linear map."""

    def __init__(self, inner: int):
        super().__init__()
        self.bias = nn.Parameter(torch.empty(inner))


class SelfAttention(nn.Module):
    """Four heads, layer norm over the head dimension on queries and keys; eqs. 5-7 print neither norm nor bias."""

    def __init__(self, channels: int, dropout: float, variant: Variant = RELEASED):
        super().__init__()
        released = variant.layers == "released"
        self.dropout = dropout
        self.qkv = nn.Linear(channels, channels * 3, bias=released)
        self.q_norm = nn.LayerNorm(channels // HEADS) if released else nn.Identity()
        self.k_norm = nn.LayerNorm(channels // HEADS) if released else nn.Identity()
        self.proj = nn.Linear(channels, channels, bias=released)

    def forward(self, x):
        B, L, C = x.shape
        q, k, v = self.qkv(x).view(B, L, 3, HEADS, C // HEADS).permute(2, 0, 3, 1, 4).unbind(0)
        q, k = self.q_norm(q), self.k_norm(k)
        dropout = self.dropout if self.training else 0.0
        mixed = F.scaled_dot_product_attention(q, k, v.to(q.dtype), dropout_p=dropout)
        return F.dropout(self.proj(mixed.transpose(1, 2).reshape(B, L, C)), self.dropout, self.training)


class MoDAB(nn.Module):
    """Modality decoding attention block, eqs. 3-12: x [B,L,C], text [B,N,D] -> [B,L,C]."""

    def __init__(self, channels: int, tokens: int, positions: int, text_width: int, dropout: float, variant: Variant = RELEASED):
        super().__init__()
        self.variant = variant
        positions = positions if variant.layers == "released" else tokens
        self.self_attn_norm = nn.LayerNorm(channels)
        self.cross_attn_norm = nn.LayerNorm(channels)
        self.self_attn = SelfAttention(channels, dropout, variant)
        if variant.fusion == "attention":
            self.cross_attn = nn.MultiheadAttention(channels, HEADS, batch_first=True)
        self.text_project = nn.Sequential(
            nn.Linear(text_width, channels), nn.LeakyReLU(0.01), SSMix(channels, tokens, positions, variant), nn.GELU())
        self.vis_pos = PositionTable(channels, 5000)
        self.txt_pos = PositionTable(channels, positions)
        self.norm1 = nn.LayerNorm(channels)
        self.norm2 = nn.LayerNorm(channels)
        self.scale = nn.Parameter(torch.tensor(1.421))

    def forward(self, x, text):
        s = self.text_project(text)
        printed = self.variant.equations == "paper"
        attended = self.vis_pos(self.norm1(x))
        # Eq. 8 adds to what was attended, eq. 12 to x.
        x1 = (attended if printed else x) + self.self_attn_norm(self.self_attn(attended))
        if self.variant.fusion == "attention":
            c, _ = self.cross_attn(self.vis_pos(self.norm2(x1)), self.txt_pos(s), s, need_weights=False)
        else:
            c = s.mean(dim=1, keepdim=True).expand(-1, x.shape[1], -1)
        return (x if printed else x1) + self.scale * self.cross_attn_norm(c)


class Convolution(nn.Module):
    """A convolution under the name `conv`, as the published names have it."""

    def __init__(self, conv: nn.Module):
        super().__init__()
        self.conv = conv

    def forward(self, x):
        return self.conv(x)


class ConvolutionBlock(nn.Module):
    """Twice 3x3 convolution, batch norm, leaky ReLU."""

    def __init__(self, input: int, output: int):
        super().__init__()
        self.conv1 = Convolution(nn.Conv2d(input, output, 3, padding=1, bias=False))
        self.conv2 = Convolution(nn.Conv2d(output, output, 3, padding=1, bias=False))
        self.norm1 = nn.BatchNorm2d(output)
        self.norm2 = nn.BatchNorm2d(output)

    def forward(self, x):
        x = F.leaky_relu(self.norm1(self.conv1(x)), 0.01)
        return F.leaky_relu(self.norm2(self.conv2(x)), 0.01)


class UpBlock(nn.Module):
    """Transposed 2x2 convolution, concatenation with the skip, convolution block, eqs. 20-21."""

    def __init__(self, input: int, output: int):
        super().__init__()
        self.transp_conv = Convolution(nn.ConvTranspose2d(input, output, 2, stride=2, bias=False))
        self.conv_block = ConvolutionBlock(2 * output, output)

    def forward(self, x, skip):
        return self.conv_block(torch.cat([self.transp_conv(x), skip], dim=1))


class DecoderStage(nn.Module):
    """MoDAB on the map as a sequence, then the up block."""

    def __init__(self, input: int, output: int, tokens: int, positions: int, text_width: int, dropout: float, variant: Variant = RELEASED):
        super().__init__()
        self.guide_layer = MoDAB(input, tokens, positions, text_width, dropout, variant) if variant.guidance else None
        self.decoder = UpBlock(input, output)

    def forward(self, x, skip, text):
        if self.guide_layer is None:
            return self.decoder(x, skip), None
        B, C, H, W = x.shape
        guided = self.guide_layer(x.flatten(2).transpose(1, 2), text)
        return self.decoder(guided.transpose(1, 2).reshape(B, C, H, W), skip), guided


class SubpixelUpsample(nn.Module):
    """3x3 convolution, pixel shuffle by 4, pad 3 on top and left, average pool 4x4 of stride 1."""

    def __init__(self, input: int, output: int, factor: int):
        super().__init__()
        self.factor = factor
        self.conv_block = nn.Conv2d(input, output * factor**2, 3, padding=1)
        with torch.no_grad():  # ICNR: the sub-pixel filters of a channel start equal.
            kernel = nn.init.kaiming_normal_(torch.zeros(output, input, 3, 3))
            self.conv_block.weight.copy_(kernel.repeat_interleave(factor**2, dim=0))

    def forward(self, x):
        x = F.pixel_shuffle(self.conv_block(x), self.factor)
        border = self.factor - 1
        return F.avg_pool2d(F.pad(x, (border, 0, border, 0)), self.factor, stride=1)


class ReferenceModel(nn.Module):
    """The whole model. `forward` returns logits [B,1,H,W]; probabilities are their sigmoid."""

    def __init__(
        self, text_width: int = 768, tokens: int = 24, dropout: float = 0.1, variant: Variant = RELEASED, depths=(3, 3, 9, 3),
        widths=tuple(WIDTHS), positions=(24, 12, 9)):
        super().__init__()
        self.encoder = ImageEncoder(depths, widths)
        stages = zip(widths[:0:-1], widths[-2::-1], positions)
        self.decoder16, self.decoder8, self.decoder4 = (
            DecoderStage(input, output, tokens, count, text_width, dropout, variant) for input, output, count in stages)
        self.decoder1 = SubpixelUpsample(widths[0], widths[0] // 4, 4)
        self.out = Convolution(Convolution(nn.Conv2d(widths[0] // 4, 1, 1)))

    def features(self, images, text):
        """Everything worth comparing, by name."""
        f1, f2, f3, f4 = self.encoder(images)
        d16, m16 = self.decoder16(f4, f3, text)
        d8, m8 = self.decoder8(d16, f2, text)
        d4, m4 = self.decoder4(d8, f1, text)
        logits = self.out(self.decoder1(d4))
        return {
            "f1": f1, "f2": f2, "f3": f3, "f4": f4, "modab16": m16, "modab8": m8, "modab4": m4,
            "decoder16": d16, "decoder8": d8, "decoder4": d4, "logits": logits,
        }

    def forward(self, images, text):
        return self.features(images, text)["logits"]

    def in_float64(self):
        """The same model in float64, position tables included."""
        self.double()
        for module in self.modules():
            if isinstance(module, PositionTable):
                module.make_exact()
        return self


def is_unused(name: str) -> bool:
    """Parameters of published checkpoints that no gradient reaches."""
    return name.startswith(("encoder.model.layernorm.", "encoder.project_head."))


def kind(name: str, model: nn.Module) -> str:
    """parameter | unused | statistic (running statistics) | counter (num_batches_tracked) | table (fixed position tables)."""
    if name in dict(model.named_parameters()):
        return "unused" if is_unused(name) else "parameter"
    if name.endswith("num_batches_tracked"):
        return "counter"
    return "table" if name.endswith(".pe") else "statistic"
