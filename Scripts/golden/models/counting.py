"""Counts multiply-adds as PyTorch executes them: convolutions, linear maps and attention products; nothing else counts.

Convention: one multiply-add is one multiplication with its addition. A convolution counts outputs x kernel x input channels of its group, a transposed
convolution inputs x kernel x output channels of its group, a product [n,k] x [k,m] counts n k m. Biases, norms, activations, softmax and pooling count 0.
"""

import math

import torch
from torch.utils._python_dispatch import TorchDispatchMode

aten = torch.ops.aten


class MultiplyAdds(TorchDispatchMode):
    """`with MultiplyAdds() as counted: model(x)`; then counted.total, and counted.of["convolution" | "product" | "attention"]."""

    def __init__(self):
        super().__init__()
        self.of = {"convolution": 0, "product": 0, "attention": 0}

    @property
    def total(self):
        return sum(self.of.values())

    def __torch_dispatch__(self, function, types, arguments=(), keywords=None):
        output = function(*arguments, **(keywords or {}))
        name = function.overloadpacket
        if name is aten.convolution:
            x, weight, transposed = arguments[0], arguments[1], arguments[6]
            # Both layouts: [out, in / groups, kernel...] and, transposed, [in, out / groups, kernel...].
            positions = x if transposed else output
            self.of["convolution"] += positions.numel() * math.prod(weight.shape[1:])
        elif name in (aten.mm, aten.addmm):
            a, b = arguments[-2:]
            self.of["product"] += a.shape[0] * a.shape[1] * b.shape[1]
        elif name in (aten.bmm, aten.baddbmm):
            a, b = arguments[-2:]
            self.of["attention"] += a.shape[0] * a.shape[1] * a.shape[2] * b.shape[2]
        elif "scaled_dot_product" in str(name):
            q, k, v = arguments[:3]
            self.of["attention"] += math.prod(q.shape[:-1]) * k.shape[-2] * (q.shape[-1] + v.shape[-1])
        return output


def multiply_adds(model, *inputs) -> dict:
    """The parts and their total of one evaluation forward."""
    was_training = model.training
    model.eval()
    with torch.no_grad(), MultiplyAdds() as counted:
        model(*inputs)
    model.train(was_training)
    return {**counted.of, "total": counted.total}
