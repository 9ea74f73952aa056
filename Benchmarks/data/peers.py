"""Makes torchvision importable beside a torch without CUDA: its wheel's operators need CUDA's libraries, its resizing is torch's own."""
import sys

import torch

try:
    import torchvision  # noqa: F401
except (RuntimeError, OSError):
    for name in [n for n in sys.modules if n.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import torchvision  # noqa: F401
