"""Writes Tests/ModelsTests/Golden/equations.json: UA-VLS as released and as the paper prints it, each with the switches of Table 2, in float64.

Small networks, and the two of full size that follow the paper. For each: logits and probabilities in evaluation and in training mode without dropout,
the terms of both SEU losses, and every parameter's gradient of the loss that the variant's recipe has. docs/developer/golden.md says what each key is.

Run: python3 Scripts/golden/equations.py   (about two minutes on 2 cores)
"""

import json
import pathlib

import numpy as np
import torch
from torch.nn import functional

import formula
import losses
import summary
from reference_model import ReferenceModel, Variant, is_unused, normalise_images

OUT = pathlib.Path(__file__).resolve().parents[2] / "Tests/ModelsTests/Golden/equations.json"
BATCH, SIZE = 2, 64
SMALL = {"depths": (1, 1, 1, 1), "widths": (16, 32, 48, 64), "tokens": 8, "text_width": 40, "positions": (8, 5, 4)}
FULL = {"depths": (3, 3, 9, 3), "widths": (96, 192, 384, 768), "tokens": 24, "text_width": 768, "positions": (24, 12, 9)}
PROBABILITY_SAMPLES, LOGIT_SAMPLES, GRADIENT_SAMPLES = 128, 32, 2
# A gradient below this norm is 0 in exact arithmetic: what is there is rounding.
ZERO = 1e-12
# A leaky ReLU's derivative jumps at 0. Where an input of one is nearer than this, float32 may take the other branch, and gradients say nothing.
CLEAR = 5e-6


def variants():
    """[name, sizes, variant]: the name lists the options that are not the released network's."""
    switches = [{}, {"mixer": "linear"}, {"fusion": "addition"}, {"guidance": False}]
    for equations in ("released", "paper"):
        for layers in ("released", "paper"):
            for switch in switches:
                if layers == "paper" and not switch.get("guidance", True):
                    continue
                yield SMALL, Variant(equations=equations, layers=layers, **switch)
    yield SMALL, Variant(equations="paper", layers="paper", expansion=1.0)
    yield SMALL, Variant(layers="paper", expansion=0.3)
    yield FULL, Variant(equations="paper")
    yield FULL, Variant(equations="paper", layers="paper")


def options(variant):
    """The variant as `--model-option` takes it."""
    return {
        "equations": variant.equations, "layers": variant.layers, "expansion": str(variant.expansion), "mixer": variant.mixer,
        "fusion": variant.fusion, "text-guidance": "on" if variant.guidance else "off"}


def target(dtype):
    """Sample b is 1 where 16 (y - H/2)^2 + 16 (x - W/2 + 8 b)^2 <= (H - 16 b)^2."""
    rows, columns = np.mgrid[0:SIZE, 0:SIZE]
    discs = [16 * (rows - SIZE // 2) ** 2 + 16 * (columns - SIZE // 2 + 8 * b) ** 2 <= (SIZE - 16 * b) ** 2 for b in range(BATCH)]
    return torch.from_numpy(np.stack(discs))[:, None].to(dtype)


def distance_from_kinks(sizes, variant, image):
    """The smallest magnitude of an input of a leaky ReLU in a training pass, in float64."""
    found = []
    original = functional.leaky_relu

    def recorded(x, *rest, **named):
        found.append(float(x.detach().abs().min()))
        return original(x, *rest, **named)

    functional.leaky_relu = recorded
    try:
        model = formula.fill(ReferenceModel(dropout=0.0, variant=variant, **sizes)).in_float64()
        model.train()
        images = normalise_images(torch.from_numpy(formula.images(BATCH, SIZE, name=image)), torch.float64)
        with torch.no_grad():
            model(images, torch.from_numpy(formula.text_features(BATCH, sizes["tokens"], sizes["text_width"])).double())
    finally:
        functional.leaky_relu = original
    return min(found)


def clear_image(sizes, variant):
    """The first of "image", "image 1", "image 2", ... whose pass comes near no kink."""
    names = ["image"] + [f"image {number}" for number in range(1, 30)]
    distances = {}
    for name in names:
        distances[name] = distance_from_kinks(sizes, variant, name)
        if distances[name] >= CLEAR:
            return name
    return max(distances, key=distances.get)


def run(sizes, variant, dtype, image):
    model = formula.fill(ReferenceModel(dropout=0.0, variant=variant, **sizes))
    model = model.in_float64() if dtype == torch.float64 else model
    images = normalise_images(torch.from_numpy(formula.images(BATCH, SIZE, name=image)), dtype)
    text = torch.from_numpy(formula.text_features(BATCH, sizes["tokens"], sizes["text_width"])).to(dtype)
    g = target(dtype)
    model.eval()
    with torch.no_grad():
        evaluation = model(images, text).permute(0, 2, 3, 1)
    model.train()
    logits = model(images, text)
    p = torch.sigmoid(logits)
    recipe = "seu-paper" if variant.equations == "paper" else "seu"
    terms = {kind: losses.loss(kind, p, g) for kind in ("seu", "seu-paper")}
    at_logits = {kind: torch.autograd.grad(t["total"], logits, retain_graph=True)[0].permute(0, 2, 3, 1) for kind, t in terms.items()}
    terms[recipe]["total"].backward()
    gradients = {
        name: torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
        for name, parameter in model.named_parameters() if not is_unused(name)}
    return {
        "recipe": recipe, "evaluation": evaluation, "training": logits.detach().permute(0, 2, 3, 1),
        "losses": {kind: {n: float(v.detach()) for n, v in t.items()} for kind, t in terms.items()},
        "atLogits": at_logits, "gradients": gradients}


def case(sizes, variant):
    image = clear_image(sizes, variant)
    gold, single = (run(sizes, variant, dtype, image) for dtype in (torch.float64, torch.float32))
    zero = [name for name, value in gold["gradients"].items() if float(value.norm()) < ZERO]

    def outputs(logits):
        described = {"logits": summary.tensor("logits", logits, LOGIT_SAMPLES)}
        described["probabilities"] = summary.tensor("probabilities", torch.sigmoid(logits), PROBABILITY_SAMPLES)
        return {name: summary.rounded(value, 7) for name, value in described.items()}

    def gradient(name):
        value = summary.tensor(name, gold["gradients"][name], GRADIENT_SAMPLES)
        return summary.rounded([value["norm"], value["maximum"], *value["samples"]], 5)

    worst = max(
        max(summary.deviation(single["gradients"][n], g)["absolute"] / float(g.abs().max()),
            abs(float(single["gradients"][n].double().norm() / g.norm()) - 1))
        for n, g in gold["gradients"].items() if n not in zero)
    probabilities = [summary.deviation(torch.sigmoid(single[k]), torch.sigmoid(gold[k]))["absolute"] for k in ("evaluation", "training")]
    print(options(variant), image, "float32: gradients", f"{worst:.1e}", "probabilities", [f"{v:.1e}" for v in probabilities], "zero", len(zero))
    return {
        "options": options(variant),
        "sizes": {
            "depths": ",".join(map(str, sizes["depths"])), "widths": ",".join(map(str, sizes["widths"])), "tokens": sizes["tokens"],
            "textWidth": sizes["text_width"],
            "textPositions": "24,12,9" if variant.layers == "paper" or not variant.guidance else ",".join(map(str, sizes["positions"]))},
        "image": image, "recipe": gold["recipe"], "evaluation": outputs(gold["evaluation"]), "training": outputs(gold["training"]),
        "losses": gold["losses"],
        "logitGradients": {
            kind: summary.rounded(summary.tensor("loss " + kind, value, LOGIT_SAMPLES), 6) for kind, value in gold["atLogits"].items()},
        "gradients": {name: gradient(name) for name in gold["gradients"] if name not in zero},
        "zeroGradients": zero,
        "float32": {"gradients": worst, "probabilities": max(probabilities)},
    }


def main():
    found = [summary.rounded(case(sizes, variant), 9) for sizes, variant in variants()]
    # Each name once: gradients and zeroGradients give its place in the list.
    names = list(dict.fromkeys(name for entry in found for name in [*entry["gradients"], *entry["zeroGradients"]]))
    places = {name: place for place, name in enumerate(names)}
    for entry in found:
        entry["gradients"] = [[places[name], *numbers] for name, numbers in entry["gradients"].items()]
        entry["zeroGradients"] = [places[name] for name in entry["zeroGradients"]]
    about = f"Scripts/golden/equations.py, float64, PyTorch {torch.__version__}"
    body = ",\n".join(
        "{\n" + ",\n".join(f"  {json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}" for key, value in entry.items()) + "\n}"
        for entry in found)
    OUT.write_text(f'{{"about": {json.dumps(about)}, "batch": {BATCH}, "size": {SIZE}, "parameters": {json.dumps(names)}, "cases": [\n{body}\n]}}\n')
    print(f"{OUT.name}: {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
