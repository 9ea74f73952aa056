"""Compares a reference with values of the published code (a JSON file; docs/developer/golden.md, "Published values", says what it holds).

For: `NETWORK.py --check FILE`. Not for: golden files, which `golden.py` writes.
Invariant: the exit status is 1 when any quantity deviates by more than its tolerance or any name differs.
"""

import argparse
import json
import sys

import numpy as np
import torch

import recipes

TOLERANCE = 1e-6  # float64 against nine written digits: relative to the largest magnitude of a tensor, or to the value of a norm
ZERO = 1e-12


class Report:
    """The largest deviation of each quantity, and where it is."""

    def __init__(self):
        self.worst = {}
        self.faults = []

    def add(self, quantity, where, deviation):
        if not deviation <= self.worst.get(quantity, (-1, ""))[0]:
            self.worst[quantity] = (deviation, where)

    def tensor(self, quantity, where, value, stated):
        if list(value.shape) != stated["shape"]:
            self.faults.append(f"{where}: shape {list(value.shape)}, published {stated['shape']}")
            return
        data = value.detach().double().contiguous().numpy().reshape(-1)
        scale = max(abs(stated["minimum"]), abs(stated["maximum"]))
        for at, expected in stated["samples"]:
            self.add(quantity, f"{where}[{at}]", abs(data[at] - expected) / scale)
        found = {"mean": data.mean(), "std": data.std(), "minimum": data.min(), "maximum": data.max()}
        for key, v in found.items():
            self.add(quantity, f"{where}.{key}", abs(v - stated[key]) / scale)
        self.add(quantity, f"{where}.norm", abs(np.linalg.norm(data) - stated["norm"]) / stated["norm"])

    def norms(self, quantity, found, stated):
        if list(found) != list(stated):
            missing, further = [n for n in stated if n not in found], [n for n in found if n not in stated]
            self.faults.append(f"{quantity}: names differ (missing {missing[:5]}, further {further[:5]}) or their order does")
        for name in found:
            expected = stated.get(name)
            if expected is None:
                continue
            value = float(found[name].double().norm())
            self.add(quantity + (" that are 0" if expected == 0 else ""), name, value if expected == 0 else abs(value - expected) / expected)

    def finish(self) -> int:
        for quantity, (deviation, where) in self.worst.items():
            limit = ZERO if quantity.endswith("that are 0") else TOLERANCE
            if not deviation <= limit:
                self.faults.append(f"{quantity}: {deviation:.1e} at {where}, allowed {limit:.0e}")
            print(f"{quantity:28} largest deviation {deviation:.1e} at {where}")
        for fault in self.faults:
            print("FAULT", fault)
        return 1 if self.faults else 0


def record(model, names):
    """Outputs of the named modules during the next forward passes, by name."""
    found, hooks = {}, []
    modules = dict(model.named_modules())
    for name in names:
        hooks.append(modules[name].register_forward_hook(lambda _, __, output, name=name: found.__setitem__(name, output)))
    return found, hooks


def check(network, path) -> int:
    stated = json.load(open(path))
    report = Report()
    if stated["factors"] != network.FACTORS:
        report.faults.append(f"factors differ: published {stated['factors']}, here {network.FACTORS}")
    model = recipes.fill(network.golden_model(), network.FACTORS).double()
    parameters = sum(p.numel() for p in model.parameters())
    if parameters != stated["parameters"]:
        report.faults.append(f"{parameters} parameters, published {stated['parameters']}")
    images, target = recipes.images(1, 224, 224), recipes.target(1, 224, 224)

    model.eval()
    stages, hooks = record(model, stated["stages"])
    with torch.no_grad():
        report.tensor("evaluation probabilities", "probabilities", torch.sigmoid(model(images)), stated["evaluation"]["probabilities"])
    for hook in hooks:
        hook.remove()
    for name, value in stated["stages"].items():
        report.tensor("stages", name, stages[name], value)

    model.train()
    probabilities = torch.sigmoid(model(images))
    report.tensor("training probabilities", "probabilities", probabilities, stated["training"]["probabilities"])
    terms = recipes.dice_and_cross_entropy(probabilities, target)
    for term, value in stated["training"]["loss"].items():
        report.add("loss", term, abs(float(terms[term].detach()) - value) / value)
    terms["total"].backward()
    report.norms("gradient norms", {n: p.grad for n, p in model.named_parameters()}, stated["gradients"])
    statistics = {n: v for n, v in model.state_dict().items() if n.endswith(("running_mean", "running_var"))}
    report.norms("running statistics", statistics, stated["statistics"])
    return report.finish()


def main(network):
    parser = argparse.ArgumentParser(description=network.__doc__.split("\n")[0])
    parser.add_argument("--check", metavar="FILE", required=True, help="JSON file of values of the published code")
    sys.exit(check(network, parser.parse_args().check))
