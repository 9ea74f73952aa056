"""Ariadne's Thread (LanGuideMedSeg) in PyTorch: the reference of golden values and the peer of the benchmark. Written from the description of
`Junelin2333/LanGuideMedSeg-MICCAI2023` (Zhong et al., MICCAI 2023). UA-VLS is this network with another guide layer: encoder, up blocks and head come
from reference_model.py.

For: parity with published checkpoints, which load with strict=True into `build(text_encoder=True)` (cut Lightning's `model.` first).
Not for: text in letters: `forward` takes text features, the last hidden state of CXR-BERT. Invariants: names are the published ones; `forward` returns
logits; nothing drops out, since the text encoder that would is not run.

Run: python3 Scripts/golden/models/ariadne.py --check   proves what it shares with UA-VLS, the guide layer against plain formulas, and the stated sizes.
Shape letters: B batch, H W rows and columns of pixels (multiples of 32), C channels, L image positions, N = 24 text tokens, T mixed text positions, D = 768.
"""

import argparse
import math
import sys

import torch
from torch import nn
from torch.nn import functional as F

import recipes
from reference_model import Convolution, ImageEncoder, PositionTable, ReferenceModel, SubpixelUpsample, UpBlock

NAME = "ariadne"
FACTORS = []
# No input of a leaky ReLU is within 1e-5 of 0 in these, but at 224x224: there float32 may take the other branch of a few.
SIZES = [(224, 224, "input"), (64, 96, "input 8"), (32, 32, "input")]
NEEDS_TEXT = True
LOSS = "dice + crossEntropy, as dice+bce"
default_loss = recipes.dice_and_cross_entropy
STATED = {"parameters": 43_950_000, "multiplyAdds": 8.86e9}

TOKENS, TEXT_WIDTH = 24, 768


class GuideLayer(nn.Module):
    """x [B,L,C], text [B,N,D] -> [B,L,C]: self-attention with one head, then cross-attention to the mixed text with four."""

    def __init__(self, channels: int, positions: int, tokens: int = TOKENS, text_width: int = TEXT_WIDTH):
        super().__init__()
        self.self_attn_norm = nn.LayerNorm(channels)
        self.cross_attn_norm = nn.LayerNorm(channels)
        self.self_attn = nn.MultiheadAttention(channels, 1, batch_first=True)
        self.cross_attn = nn.MultiheadAttention(channels, 4, batch_first=True)
        # The convolution of kernel 1 has the token positions as its channels: [B,N,D] -> [B,T,D].
        self.text_project = nn.Sequential(nn.Conv1d(tokens, positions, 1), nn.GELU(), nn.Linear(text_width, channels), nn.LeakyReLU(0.01))
        self.vis_pos = PositionTable(channels, 5000)
        self.txt_pos = PositionTable(channels, positions)
        self.norm1 = nn.LayerNorm(channels)
        self.norm2 = nn.LayerNorm(channels)
        self.scale = nn.Parameter(torch.tensor(1.421))

    def forward(self, x, text):
        s = self.text_project(text)
        n = self.norm1(x)
        q = self.vis_pos(n)
        mixed, _ = self.self_attn(q, q, n, need_weights=False)
        x = x + self.self_attn_norm(mixed)
        mixed, _ = self.cross_attn(self.vis_pos(self.norm2(x)), self.txt_pos(s), s, need_weights=False)
        return x + self.scale * self.cross_attn_norm(mixed)


class DecoderStage(nn.Module):
    """x [B,C,H,W], skip [B,C/2,2H,2W], text [B,N,D] -> [B,C/2,2H,2W]: guide layer on the map as a sequence, then the up block."""

    def __init__(self, channels: int, positions: int):
        super().__init__()
        self.guide_layer = GuideLayer(channels, positions)
        self.decoder = UpBlock(channels, channels // 2)

    def forward(self, x, skip, text):
        guided = self.guide_layer(x.flatten(2).transpose(1, 2), text)
        return self.decoder(guided.transpose(1, 2).reshape(x.shape), skip)


class ProjectionHead(nn.Module):
    """CXR-BERT's head under `cls_projection_head`; it is in checkpoints and nothing uses it."""

    def __init__(self, width: int, projection: int):
        super().__init__()
        self.dense_to_hidden = nn.Linear(width, projection)
        self.LayerNorm = nn.LayerNorm(projection, eps=1e-12)
        self.dense_to_output = nn.Linear(projection, projection)


class LanguageModel(nn.Module):
    """The names of CXR-BERT-specialized, frozen: `bert` gives text features, `cls` and `cls_projection_head` are used by nothing."""

    def __init__(self):
        super().__init__()
        from transformers import BertConfig, BertModel
        from transformers.models.bert.modeling_bert import BertOnlyMLMHead

        config = BertConfig(vocab_size=30522, hidden_dropout_prob=0.25, attention_probs_dropout_prob=0.25, layer_norm_eps=1e-12)
        self.bert = BertModel(config, add_pooling_layer=False)
        self.cls = BertOnlyMLMHead(config)
        self.cls_projection_head = ProjectionHead(TEXT_WIDTH, 128)
        self.requires_grad_(False)
        self.register_load_state_dict_pre_hook(drop_position_ids)


def drop_position_ids(module, state, prefix, *_):
    """Checkpoints of older versions of Transformers hold this index table, 0 to 511; newer versions do not keep it."""
    for name in ("position_ids", "token_type_ids"):
        if f"bert.embeddings.{name}" not in module.state_dict():
            state.pop(f"{prefix}bert.embeddings.{name}", None)


class TextEncoder(nn.Module):
    """`project_head` is trained by name but reached by no gradient; `model` is there only if asked for."""

    def __init__(self, with_language_model: bool):
        super().__init__()
        if with_language_model:
            self.model = LanguageModel()
        self.project_head = nn.Sequential(nn.Linear(TEXT_WIDTH, 768), nn.LayerNorm(768), nn.GELU(), nn.Linear(768, 768))


class Ariadne(nn.Module):
    """images [B,3,H,W], text features [B,N,D] -> logits [B,1,H,W]."""

    def __init__(self, text_encoder: bool = False):
        super().__init__()
        self.encoder = ImageEncoder()
        self.text_encoder = TextEncoder(text_encoder)
        self.decoder16, self.decoder8, self.decoder4 = DecoderStage(768, 24), DecoderStage(384, 12), DecoderStage(192, 9)
        self.decoder1 = SubpixelUpsample(96, 24, 4)
        self.out = Convolution(Convolution(nn.Conv2d(24, 1, 1)))

    def forward(self, images, text):
        f1, f2, f3, f4 = self.encoder(images)
        x = self.decoder16(f4, f3, text)
        x = self.decoder8(x, f2, text)
        x = self.decoder4(x, f1, text)
        return self.out(self.decoder1(x))

    def double(self):
        """In float64, with exact position tables."""
        super().double()
        for module in self.modules():
            if isinstance(module, PositionTable):
                module.make_exact()
        return self


UNUSED = ("encoder.model.layernorm.", "encoder.project_head.", "text_encoder.")
TAPS = [*(f"encoder.model.encoder.stages.{s}" for s in range(4)),
        *(f"decoder{n}{part}" for n in (16, 8, 4) for part in (".guide_layer.text_project", ".guide_layer", ""))]


def build(channels_last: bool = False, text_encoder: bool = False) -> Ariadne:
    """A fresh network with PyTorch's initial weights, in training mode. A step needs text features alone, so the text encoder is left out."""
    model = Ariadne(text_encoder).train()
    return model.to(memory_format=torch.channels_last) if channels_last else model


def golden_model() -> Ariadne:
    return build()


class Skipped(nn.Module):
    """In a guide layer's place: the map goes through."""

    def forward(self, x, text):
        return x


def shared_deviations() -> dict:
    """The same image through Ariadne and UA-VLS with equal weights and no guide layer: logits, and gradients of the encoder, up blocks and head."""
    ours, theirs = recipes.fill(build()).double(), recipes.fill(ReferenceModel(dropout=0.0)).in_float64()
    for model in (ours, theirs):
        for stage in (model.decoder16, model.decoder8, model.decoder4):
            stage.guide_layer = Skipped()
        model.train()
    images, text, target = recipes.images(2, 64, 64), recipes.text(2), recipes.target(2, 64, 64)
    logits = []
    for model in (ours, theirs):
        logits.append(model(images, text))
        default_loss(torch.sigmoid(logits[-1]), target)["total"].backward()
    gradients = {n: p.grad for n, p in theirs.named_parameters() if p.grad is not None}
    found = {n: p.grad for n, p in ours.named_parameters() if p.grad is not None}
    assert found.keys() == gradients.keys(), "names of gradients differ"
    return {"shared logits": float((logits[0] - logits[1]).detach().abs().max()),
            "shared gradients": max(float((found[n] - g).abs().max() / g.abs().max()) for n, g in gradients.items())}


def plain_attention(module, heads, q, k, v):
    """[B,L,C], [B,S,C], [B,S,C] -> [B,L,C], without nn.MultiheadAttention: packed weight rows are those of q, k, v in this order."""
    C = q.shape[-1]
    w, b = module.in_proj_weight.split(C), module.in_proj_bias.split(C)
    q, k, v = (F.linear(x, w[i], b[i]).unflatten(-1, (heads, C // heads)).transpose(1, 2) for i, x in enumerate((q, k, v)))
    weights = torch.softmax(torch.einsum("bhlc,bhsc->bhls", q, k) / math.sqrt(C // heads), dim=-1)
    mixed = torch.einsum("bhls,bhsc->bhlc", weights, v).transpose(1, 2).flatten(2)
    return F.linear(mixed, module.out_proj.weight, module.out_proj.bias)


def plain_guide(layer, x, text):
    """The guide layer by its equations alone."""
    def norm(module, x):
        centred = x - x.mean(-1, keepdim=True)
        return centred / torch.sqrt((centred**2).mean(-1, keepdim=True) + 1e-5) * module.weight + module.bias

    mix, project = layer.text_project[0], layer.text_project[2]
    s = torch.einsum("tn,bnd->btd", mix.weight[:, :, 0], text) + mix.bias[:, None]
    s = 0.5 * s * (1 + torch.erf(s / math.sqrt(2)))
    s = s @ project.weight.T + project.bias
    s = torch.where(s > 0, s, 0.01 * s)
    C, L = x.shape[-1], x.shape[1]
    n = norm(layer.norm1, x)
    q = n + layer.vis_pos.pe[:, :L]
    x = x + norm(layer.self_attn_norm, plain_attention(layer.self_attn, 1, q, q, n))
    q = norm(layer.norm2, x) + layer.vis_pos.pe[:, :L]
    return x + layer.scale * norm(layer.cross_attn_norm, plain_attention(layer.cross_attn, 4, q, s + layer.txt_pos.pe, s))


def guide_deviations() -> dict:
    worst = {"guide layer": 0.0, "guide gradients": 0.0}
    model = recipes.fill(build()).double()
    for name, side in (("decoder16", 7), ("decoder8", 14), ("decoder4", 28)):
        layer = getattr(model, name).guide_layer
        x = torch.from_numpy(recipes.formula.plain(name, (2, side * side, layer.norm1.weight.shape[0]))).double()
        outputs = [layer(x, recipes.text(2)), plain_guide(layer, x, recipes.text(2))]
        worst["guide layer"] = max(worst["guide layer"], float((outputs[0] - outputs[1]).detach().abs().max()))
        upstream = torch.from_numpy(recipes.formula.plain(name + ".upstream", tuple(x.shape))).double()
        both = [torch.autograd.grad((o * upstream).sum(), list(layer.parameters())) for o in outputs]
        for a, b in zip(*both):
            worst["guide gradients"] = max(worst["guide gradients"], float((a - b).abs().max() / b.abs().max()))
    return worst


def check() -> int:
    """Prints the largest deviations; 1 if any exceeds 1e-9, or a size is not the stated one."""
    import counting

    failures = 0
    for quantity, deviation in {**shared_deviations(), **guide_deviations()}.items():
        print(f"{quantity:28} largest deviation {deviation:.1e}")
        failures += not deviation <= 1e-9
    model = build(text_encoder=True)
    count = {n: p.numel() for n, p in model.named_parameters()}

    def millions(*prefixes):
        return sum(v for n, v in count.items() if n.startswith(prefixes)) / 1e6

    bert = millions("text_encoder.model.bert.")
    trained = millions("") - millions("text_encoder.model.")
    small = build()
    macs = counting.multiply_adds(small, recipes.images(1, 224, 224, torch.float32), recipes.text(1, torch.float32))
    sizes = {
        "encoder": (millions("encoder.model."), 27.82), "image head": (millions("encoder.project_head."), 0.59),
        "text head": (millions("text_encoder.project_head."), 1.18), "decoder16": (millions("decoder16."), 10.48),
        "decoder8": (millions("decoder8."), 2.77), "decoder4": (millions("decoder4."), 0.77), "head": (millions("decoder1.", "out."), 0.33),
        "trainable": (trained, 43.95), "without the text head": (trained - millions("text_encoder.project_head."), 42.77),
        "with BERT": (trained + bert, 152.84), "10^9 multiply-adds": (macs["total"] / 1e9, 8.86)}
    for name, (found, stated) in sizes.items():
        print(f"{name:28} {found:.4f}, stated {stated}")
        failures += abs(found - stated) > 0.00501
    other = Ariadne(text_encoder=True)
    state = model.state_dict()
    state["text_encoder.model.bert.embeddings.position_ids"] = torch.arange(512)[None]
    other.load_state_dict(state, strict=True)
    print("strict loading               accepted, with and without position_ids")
    return 1 if failures else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", required=True, help="prove the reference; status 1 if it fails")
    parser.parse_args()
    sys.exit(check())
