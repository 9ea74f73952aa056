"""Writes Tests/NetworksTests/Golden/convnext-authors.pth and convnext-timm.pth: one small ConvNeXt as PyTorch files under the names of its authors and
of timm. Values are the formula's for Hugging Face's names (docs/developer/golden.md), so that the test knows them.

Run: python3 Scripts/golden/convnext.py
"""

import pathlib

import torch
from transformers import ConvNextConfig, ConvNextModel

import formula

OUT = pathlib.Path(__file__).resolve().parents[2] / "Tests/NetworksTests/Golden"
DEPTHS, WIDTHS = [1, 2, 1, 1], [16, 16, 16, 16]
BLOCK = {
    "authors": {"dwconv": "dwconv", "layernorm": "norm", "pwconv1": "pwconv1", "pwconv2": "pwconv2"},
    "timm": {"dwconv": "conv_dw", "layernorm": "norm", "pwconv1": "mlp.fc1", "pwconv2": "mlp.fc2"},
}


def rename(name, scheme):
    parts = name.split(".")
    last = parts[-1]
    if parts[0] == "layernorm":
        return ("norm." if scheme == "authors" else "head.norm.") + last
    if parts[0] == "embeddings":
        place = "0" if parts[1] == "patch_embeddings" else "1"
        return f"downsample_layers.0.{place}.{last}" if scheme == "authors" else f"stem.{place}.{last}"
    stage = parts[2]
    if parts[3] == "downsampling_layer":
        return f"downsample_layers.{stage}.{parts[4]}.{last}" if scheme == "authors" else f"stages.{stage}.downsample.{parts[4]}.{last}"
    block = f"stages.{stage}.{parts[4]}" if scheme == "authors" else f"stages.{stage}.blocks.{parts[4]}"
    return f"{block}.gamma" if last == "layer_scale_parameter" else f"{block}.{BLOCK[scheme][parts[5]]}.{last}"


def main():
    state = formula_state()
    for scheme in BLOCK:
        renamed = {rename(name, scheme): value for name, value in state.items()}
        # timm's models can be built with 1x1 convolutions in place of linear maps.
        if scheme == "timm":
            renamed = {name: value[:, :, None, None] if ".mlp." in name and value.ndim == 2 else value for name, value in renamed.items()}
        head = "head." if scheme == "authors" else "head.fc."
        renamed[head + "weight"], renamed[head + "bias"] = torch.zeros(3, WIDTHS[3]), torch.zeros(3)
        torch.save({"model": renamed} if scheme == "authors" else renamed, OUT / f"convnext-{scheme}.pth")


def formula_state():
    model = ConvNextModel(ConvNextConfig(hidden_sizes=WIDTHS, depths=DEPTHS))
    values = {name: torch.from_numpy(formula.values("encoder.model." + name, tuple(value.shape))) for name, value in model.state_dict().items()}
    return {name: value.clone() for name, value in values.items()}


if __name__ == "__main__":
    main()
