"""Cases of single operators and blocks, and the layout of the JSON files of this folder.

A case holds `inputs` and `weights` (names with shapes: the values follow from the names), `outputs`, and `gradients` of sum(output * upstream), where
upstream is the unit array CASE.upstream in the output's shape. Invariant: everything is float64; every gradient is with respect to a named array.
"""

import json

import torch

import formula
import recipes
import summary


def unit(name, *shape):
    """The unit array NAME, as a leaf that asks for its gradient."""
    return torch.from_numpy(formula.plain(name, shape)).double().requires_grad_()


def fill(module, prefix):
    """Formula weights under PREFIX.name; index tables and shift masks keep their values."""
    module.double()
    with torch.no_grad():
        for name, value in module.state_dict(keep_vars=True).items():
            if not name.endswith(recipes.NOT_FILLED):
                value.copy_(torch.from_numpy(formula.values(f"{prefix}.{name}", tuple(value.shape))))
    return module


def whole(value):
    return {"shape": list(value.shape), "values": [float(v) for v in summary.flat(value)]}


def case(name, output, inputs, module=None, about="", others=None, describe=lambda name, value: whole(value)):
    """`inputs` are the leaves by name, `others` further results that no gradient concerns, `describe(name, value)` how a tensor is written."""
    weights = {f"{name}.{n}": p for n, p in module.named_parameters()} if module else {}
    upstream = torch.from_numpy(formula.plain(name + ".upstream", tuple(output.shape))).double()
    leaves = {**inputs, **weights}
    gradients = torch.autograd.grad((output * upstream).sum(), list(leaves.values()))
    return {
        "about": about,
        "inputs": {n: list(v.shape) for n, v in inputs.items()},
        "weights": {n: list(v.shape) for n, v in weights.items()},
        "outputs": {n: describe(f"{name}.{n}", v) for n, v in {"output": output, **(others or {})}.items()},
        "gradients": {n: describe(n, g) for n, g in zip(leaves, gradients)},
    }


def dump(value, depth=0) -> str:
    """JSON in which an object of objects has a line per entry, and everything else is one line."""
    if isinstance(value, dict) and any(isinstance(v, dict) for v in value.values()):
        indent = " " * (depth + 1)
        lines = ",\n".join(f"{indent}{json.dumps(k)}: {dump(v, depth + 1)}" for k, v in value.items())
        return "{\n" + lines + "\n" + " " * depth + "}"
    return json.dumps(value, separators=(",", ":"))


def write(path, content, digits=9):
    path.write_text(dump(summary.rounded(content, digits)) + "\n")
    print(f"{path.name}: {path.stat().st_size} bytes")
