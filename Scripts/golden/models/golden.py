"""Writes Tests/ModelsTests/Golden/NETWORK.json: a whole network with formula weights on formula inputs, in float64. docs/developer/golden.md says what each key is.

Holds, at batch 2 without dropout or drop path: outputs in evaluation and in training mode, the running statistics after one training forward, losses
with their gradients, and every parameter's gradient. PyTorch's own float32 is recorded as deviations only: they say what a tolerance can ask for.

Run: python3 Scripts/golden/models/golden.py [unet | swinunet | swinunet-window | ariadne ...]   (all without a name; one to four minutes each on 2 cores)
"""

import pathlib
import sys

import torch

import ariadne
import cases
import counting
import published
import recipes
import summary
import swinunet
import swinunet_window
import unet

OUT = pathlib.Path(__file__).resolve().parents[3] / "Tests/ModelsTests/Golden"
NETWORKS = {network.NAME: network for network in (unet, swinunet, swinunet_window, ariadne)}
BATCH = 2
PROBABILITY_SAMPLES, SMALL_PROBABILITY_SAMPLES, TAP_SAMPLES, GRADIENT_SAMPLES = 1024, 256, 16, 16
# A gradient below this norm is 0 in exact arithmetic: what is there is rounding.
ZERO = 1e-12


def channels_last(value):
    """Maps [B,C,H,W] -> [B,H,W,C]; sequences stay."""
    return value.permute(0, 2, 3, 1) if value.dim() == 4 else value


def described(name, value, samples):
    """What `summary.tensor` says of a tensor, with mean and (population) deviation in place of the sum."""
    data = summary.flat(value)
    content = summary.tensor(name, value, samples)
    del content["sum"]
    return {**content, "mean": float(data.mean()), "deviation": float(data.std())}


def kind(network, model, name):
    """parameter | unused (no gradient reaches it) | statistic | counter | table (a function of the sizes; not trained)."""
    if name in dict(model.named_parameters()):
        return "unused" if name.startswith(getattr(network, "UNUSED", ("\0",))) else "parameter"
    if name.endswith("num_batches_tracked"):
        return "counter"
    return "statistic" if name.endswith(("running_mean", "running_var")) else "table"


def forward(network, model, inputs):
    """Logits, probabilities and taps by name, maps as [B,H,W,C]."""
    taps, hooks = published.record(model, network.TAPS)
    logits = model(*inputs.values())
    for hook in hooks:
        hook.remove()
    return logits, {n: channels_last(v.detach()) for n, v in {**taps, "logits": logits, "probabilities": torch.sigmoid(logits)}.items()}


def run(network, height, width, name, dtype):
    """Everything to record for one size, as tensors and floats, computed in `dtype`."""
    model = recipes.fill(network.golden_model(), network.FACTORS)
    model = model.double() if dtype == torch.float64 else model
    inputs = {"input": recipes.images(BATCH, height, width, dtype, name)}
    if network.NEEDS_TEXT:
        inputs["text"] = recipes.text(BATCH, dtype)
    target = recipes.target(BATCH, height, width, dtype)
    result = {}

    model.eval()
    with torch.no_grad():
        result["evaluation"] = forward(network, model, inputs)[1]

    model.train()
    inputs = {n: v.requires_grad_() for n, v in inputs.items()}
    logits, result["training"] = forward(network, model, inputs)
    result["statistics"] = {n: v.clone() for n, v in model.state_dict().items() if n.endswith(("running_mean", "running_var"))}

    result["losses"], result["logitGradients"] = {}, {}
    for name, loss in (("dice+bce", recipes.dice_and_cross_entropy), ("default", network.default_loss)):
        model.zero_grad()
        for value in inputs.values():
            value.grad = None
        terms = loss(torch.sigmoid(logits), target)
        (gradient,) = torch.autograd.grad(terms["total"], logits, retain_graph=True)
        result["losses"][name] = {term: float(value.detach()) for term, value in terms.items()}
        result["logitGradients"][name] = channels_last(gradient)
        logits.backward(gradient, retain_graph=name != "default")
        gradients = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
        result["gradients" if name == "default" else "otherGradients"] = gradients
    result["inputGradients"] = {n: channels_last(v.grad) for n, v in inputs.items()}
    expected = [n for n, _ in model.named_parameters() if kind(network, model, n) == "parameter"]
    assert list(gradients) == expected, "the unused parameters are not those stated"
    return result


def case(network, height, width, name):
    """One size: float64 values, and float32's deviations from them."""
    gold, single = (run(network, height, width, name, dtype) for dtype in (torch.float64, torch.float32))
    zero = [n for n, g in gold["gradients"].items() if float(g.norm()) < ZERO]
    rest = [n for n in gold["gradients"] if n not in zero]

    def outputs(part):
        if part == "training" and not gold["statistics"]:
            return None  # without batch statistics the two modes are one
        samples = PROBABILITY_SAMPLES if height == 224 else SMALL_PROBABILITY_SAMPLES
        return {n: described(n, v, samples if n == "probabilities" else TAP_SAMPLES) for n, v in gold[part].items()}

    def gradient(name, value):
        content = summary.tensor(name, value, GRADIENT_SAMPLES)
        return summary.rounded({key: content[key] for key in ("norm", "maximum", "samples")}, 6)

    deviations = {
        part: {n: summary.deviation(single[part][n], gold[part][n]) for n in gold[part]} for part in ("evaluation", "training")}
    worst = sorted(((summary.deviation(single["gradients"][n], gold["gradients"][n])["relative"], n) for n in rest), reverse=True)
    deviations["losses"] = {
        name: max(abs(single["losses"][name][term] - value) for term, value in terms.items()) for name, terms in gold["losses"].items()}
    deviations["statistics"] = max((summary.deviation(single["statistics"][n], v)["relative"] for n, v in gold["statistics"].items()), default=0.0)
    deviations["gradients"] = {
        "median": worst[len(worst) // 2][0], "worst": {n: d for d, n in worst[:4]},
        "norms": max(abs(float(single["gradients"][n].double().norm() / gold["gradients"][n].norm()) - 1) for n in rest),
        "ofLargestMagnitude": max(float((single["gradients"][n] - gold["gradients"][n]).abs().max() / gold["gradients"][n].abs().max()) for n in rest),
        "zero": max((float(single["gradients"][n].abs().max()) for n in zero), default=0.0)}
    print(f"{network.NAME} {height}x{width}: losses {gold['losses']}; zero gradients {len(zero)}; float32 probabilities "
          f"{[deviations[part]['probabilities']['absolute'] for part in ('evaluation', 'training')]}, "
          f"losses {deviations['losses']}, gradients {deviations['gradients']}")
    return {
        "batch": BATCH, "height": height, "width": width, "input": name,
        "evaluation": outputs("evaluation"), "training": outputs("training"),
        "statistics": {n: gradient(n, v) for n, v in gold["statistics"].items()},
        "losses": gold["losses"],
        "logitGradients": {n: described("loss " + n, v, 64) for n, v in gold["logitGradients"].items()},
        "inputGradients": {n: described(n, v, 64) for n, v in gold["inputGradients"].items()},
        "gradients": {n: gradient(n, gold["gradients"][n]) for n in rest},
        "zeroGradients": zero,
        "otherGradientNorms": None if gold["losses"]["default"] == gold["losses"]["dice+bce"] else {
            n: float(f"{float(gold['otherGradients'][n].norm()):.5e}") for n in rest},
        "float32": deviations,
    }


def main():
    for name in sys.argv[1:] or NETWORKS:
        network = NETWORKS[name]
        model = network.golden_model()
        example = [recipes.images(1, *network.SIZES[0][:2], torch.float32)] + ([recipes.text(1, torch.float32)] if network.NEEDS_TEXT else [])
        parameters = {n: p.numel() for n, p in model.named_parameters()}
        content = {
            "about": f"Scripts/golden/models/golden.py {name}, float64, PyTorch {torch.__version__}",
            **({"network": network.NETWORK, "options": network.OPTIONS} if hasattr(network, "NETWORK") else {}),
            "recipe": {
                "input": "unit array of the name that the case gives, [B,3,H,W], index in this NCHW order",
                "text": "unit array 'text', [B,24,768]" if network.NEEDS_TEXT else None,
                "target": "masks(B) at 224x224; else sample b: 16 (y - H/2)^2 + 16 (x - W/2 + 8 b)^2 <= (H - 16 b)^2",
                "weights": "formula.values(name, shape) as float32, times the factor of the first pattern that is found in the name, in float32",
                "factors": network.FACTORS, "notFilled": list(recipes.NOT_FILLED),
                "defaultLoss": network.LOSS, "dropout": 0, "dropPath": 0,
                "layout": "outputs and input gradients [B,H,W,C] or [B,L,C]; parameter gradients in the published layout",
            },
            "counts": {
                "parameters": sum(parameters.values()),
                "reached": sum(v for n, v in parameters.items() if kind(network, model, n) == "parameter"),
                "multiplyAdds": counting.multiply_adds(model, *example), "stated": network.STATED},
            "names": {n: {"shape": list(v.shape), "kind": kind(network, model, n)} for n, v in model.state_dict().items()},
            "cases": {f"{size[0]}x{size[1]}": case(network, *size) for size in network.SIZES},
        }
        cases.write(OUT / f"{name}.json", content, 7)


if __name__ == "__main__":
    main()
