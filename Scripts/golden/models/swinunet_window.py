"""Swin-Unet with windows of 3x3 pixels, at 96x96: the option `window` of the network in swinunet.py.

For: golden values. Not for: published checkpoints, whose windows are 7x7.
"""

import recipes
import swinunet

NAME = "swinunet-window"
NETWORK = "swinunet"
OPTIONS = {"window": "3"}
FACTORS, NEEDS_TEXT, LOSS, TAPS = swinunet.FACTORS, swinunet.NEEDS_TEXT, swinunet.LOSS, swinunet.TAPS
SIZES = [(96, 96, "input")]
default_loss = recipes.swinunet_loss
STATED = {}


def golden_model() -> swinunet.SwinUnet:
    return swinunet.SwinUnet(drop_path=0.0, window=3).train()
