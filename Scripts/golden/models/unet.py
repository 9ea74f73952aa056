"""U-Net in PyTorch: the reference of golden values and the peer of the benchmark. Written from the description of the network that
`HUANGLIZI/LViT` and `McGregorWwww/UCTransNet` call `UNet` (Ronneberger et al., MICCAI 2015): one convolution at full resolution, 512 channels at the bottom.

For: parity with published checkpoints, which load with strict=True (their entry `state_dict`).
Not for: the wider U-Nets with 1024 channels at the bottom. Invariants: names are the published ones; `forward` returns logits.

Run: python3 Scripts/golden/models/unet.py --check FILE   compares with values of the published code (docs/developer/golden.md, "Published values").
Shape letters: B batch, H W rows and columns (multiples of 16), C channels.
"""

import torch
from torch import nn
from torch.nn import functional as F

import recipes

NAME = "unet"
FACTORS = [[r"^outc\.weight$", 2.0], [r"conv\.weight$", 1.5]]
# The last input is the one of some four hundred whose float64 activations stay furthest from a kink: no input of a ReLU is nearer to 0, no two
# largest values of a pooling window nearer to each other, than 9.9e-6. Float32 takes the same branches everywhere, so its gradients can be compared closely.
SIZES = [(224, 224, "input"), (64, 96, "input"), (32, 32, "input.62")]
NEEDS_TEXT = False
LOSS = "0.5 dice + 0.5 crossEntropy"
default_loss = recipes.unet_loss
# What the description of the published network states, at 224x224.
STATED = {"parameters": 14_751_873, "multiplyAdds": 22.65e9}


class ConvolutionNormActivation(nn.Module):
    """[B,C,H,W] -> [B,output,H,W]: convolution 3x3 with bias and zero padding, batch norm, ReLU."""

    def __init__(self, input: int, output: int):
        super().__init__()
        self.conv = nn.Conv2d(input, output, 3, padding=1)
        self.norm = nn.BatchNorm2d(output)

    def forward(self, x):
        return F.relu(self.norm(self.conv(x)))


def twice(input: int, output: int) -> nn.Sequential:
    return nn.Sequential(ConvolutionNormActivation(input, output), ConvolutionNormActivation(output, output))


class Down(nn.Module):
    """[B,input,H,W] -> [B,output,H/2,W/2]: max pool 2x2 of stride 2, then two convolutions."""

    def __init__(self, input: int, output: int):
        super().__init__()
        self.nConvs = twice(input, output)

    def forward(self, x):
        return self.nConvs(F.max_pool2d(x, 2))


class Up(nn.Module):
    """x [B,C,H,W], skip [B,C,2H,2W] -> [B,output,2H,2W]: transposed convolution 2x2, concat [up, skip], two convolutions."""

    def __init__(self, channels: int, output: int):
        super().__init__()
        self.up = nn.ConvTranspose2d(channels, channels, 2, stride=2)
        self.nConvs = twice(2 * channels, output)

    def forward(self, x, skip):
        return self.nConvs(torch.cat([self.up(x), skip], dim=1))


class UNet(nn.Module):
    """[B,3,H,W] -> logits [B,1,H,W]."""

    def __init__(self, width: int = 64):
        super().__init__()
        w1, w2, w4, w8 = width, 2 * width, 4 * width, 8 * width
        self.inc = ConvolutionNormActivation(3, w1)
        self.down1, self.down2, self.down3, self.down4 = Down(w1, w2), Down(w2, w4), Down(w4, w8), Down(w8, w8)
        self.up4, self.up3, self.up2, self.up1 = Up(w8, w4), Up(w4, w2), Up(w2, w1), Up(w1, w1)
        self.outc = nn.Conv2d(w1, 1, 1)

    def forward(self, images):
        x1 = self.inc(images)
        x2 = self.down1(x1)
        x3 = self.down2(x2)
        x4 = self.down3(x3)
        x = self.down4(x4)
        for up, skip in ((self.up4, x4), (self.up3, x3), (self.up2, x2), (self.up1, x1)):
            x = up(x, skip)
        return self.outc(x)


TAPS = ["inc", "down1", "down2", "down3", "down4", "up4", "up3", "up2", "up1"]


def build(channels_last: bool = False) -> UNet:
    """A fresh network with PyTorch's initial weights, in training mode."""
    model = UNet().train()
    return model.to(memory_format=torch.channels_last) if channels_last else model


def golden_model() -> UNet:
    return build()


if __name__ == "__main__":
    import published
    import unet

    published.main(unet)
