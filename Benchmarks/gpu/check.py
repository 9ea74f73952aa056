"""Holds the GPU peer's variants against the reference model: scans and spectral term alone, then one whole training step's loss and gradients.

Called by `peer.py --check`. Float64 on the CPU for the parts; float32 for the whole step, on the device that was named, against the CPU's loop.
"""

import torch
from torch.nn import functional as F

import formula
import losses
import scans
import variants


def distance(a, b):
    """|a - b| / |b| over whole tensors; not-a-numbers stay."""
    a, b = a.detach().double().cpu(), b.detach().double().cpu()
    return float((a - b).norm() / b.norm().clamp(min=1e-30))


def gradients_of(function, inputs):
    inputs = [x.detach().clone().requires_grad_() for x in inputs]
    result = function(*inputs)
    weight = torch.cos(torch.arange(result.numel(), device=result.device)).view_as(result).to(result.dtype)
    return [result, *torch.autograd.grad((result * weight).sum(), inputs)]


def scan_inputs(dtype, device):
    generator = torch.Generator().manual_seed(1)

    def normal(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)
    samples, length, channels, size = 3, 24, 40, 16
    log_a = torch.log(torch.arange(1, size + 1, dtype=torch.float64)).repeat(channels, 1) + 0.1 * normal(channels, size)
    values = [
        normal(samples, length, channels), F.softplus(normal(samples, length, channels)), log_a, normal(channels),
        normal(samples, length, size), normal(samples, length, size)]
    return [value.to(device, dtype) for value in values]


def step_of(model, loss, device):
    images = variants.reference_model.normalise_images(torch.from_numpy(formula.images(2, 64)), torch.float32)
    text = torch.from_numpy(formula.text_features(2))
    target = torch.from_numpy(formula.masks(2, 64)).float()[:, None]
    value = loss(model(images.to(device), text.to(device)), target.to(device))
    names = [name for name, parameter in model.named_parameters() if not variants.reference_model.is_unused(name)]
    parameters = dict(model.named_parameters())
    return value, dict(zip(names, torch.autograd.grad(value, [parameters[name] for name in names])))


def reference_step():
    variants.use_scan("loop")
    model = formula.fill(variants.reference_model.ReferenceModel(dropout=0.0))
    return step_of(model, lambda logits, target: losses.loss("seu", torch.sigmoid(logits), target)["total"], "cpu")


def variant_step(scan, folded, device):
    plain = formula.fill(variants.reference_model.ReferenceModel(dropout=0.0))
    model = variants.model(scan, folded, dropout=0.0)
    # A folded head holds the same tensors in other places; gradients come back under the published names.
    places = {"decoder1.up.": "decoder1.", "decoder1.out.": "out."} if folded else {}

    def published(name):
        return next((new + name[len(old):] for old, new in places.items() if name.startswith(old)), name)
    values = plain.state_dict()
    model.load_state_dict({name: values[published(name)] for name in model.state_dict()})
    model = model.to(device, memory_format=torch.channels_last)
    value, gradients = step_of(model, variants.objective, device)
    return value, {published(name): gradient for name, gradient in gradients.items()}


def main(options):
    device, good = options.device, True
    torch.set_float32_matmul_precision("highest")
    torch.backends.cudnn.allow_tf32 = False

    def report(what, found, allowed):
        nonlocal good
        fine = found <= allowed
        good = good and fine
        print(f"{'ok ' if fine else 'BAD'} {what}: {found:.2e}, allowed {allowed:.0e}", flush=True)

    exact = gradients_of(variants.REFERENCE_SCAN, scan_inputs(torch.float64, "cpu"))
    forms = [("doubling", torch.float64, "cpu", 1e-12), ("doubling", torch.float32, device, 1e-5)]
    if scans.triton is not None:
        forms.append(("triton", torch.float32, device, 1e-5))
    else:
        print("-   scan triton: not checked, there is no triton here")
    names = ("value", "u", "step", "log_a", "skip", "b", "c")
    for name, dtype, place, allowed in forms:
        found = gradients_of(scans.by_name(name), scan_inputs(dtype, place))
        worst, of = max((distance(a, b), part) for a, b, part in zip(found, exact, names))
        report(f"scan {name}, {str(dtype)[6:]} on {place}, value and gradients (worst: {of})", worst, allowed)

    p = torch.sigmoid(torch.randn(2, 1, 32, 48, generator=torch.Generator().manual_seed(2), dtype=torch.float64))
    g = (p > 0.6).double()
    for form, (a, b) in {"value": (0, 0), "gradient": (1, 1)}.items():
        found, wanted = (gradients_of(lambda x: f(x, g), [p]) for f in (variants.spectral, losses.spectral))
        report(f"spectral term, {form}", distance(found[a], wanted[b]), 1e-12)

    value, gradients = reference_step()
    for scan in ["doubling"] + (["triton"] if scans.triton is not None else []):
        for folded in (False, True):
            found, found_gradients = variant_step(scan, folded, device)
            label = f"whole step on {device}, scan {scan}" + (", folded head" if folded else "")
            report(f"{label}, loss", distance(found, value), 1e-5)
            assert found_gradients.keys() == gradients.keys()
            everything = torch.cat([found_gradients[name].flatten().cpu() for name in gradients])
            report(f"{label}, all gradients", distance(everything, torch.cat([gradient.flatten() for gradient in gradients.values()])), 1e-3)
    print("the peer computes what the reference does" if good else "the peer differs from the reference")
    return 0 if good else 1
