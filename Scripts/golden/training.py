"""Reference values for Tests/TrainingTests: PyTorch's cosine schedule and bilinear resizing.

Run from the package's root: python3 Scripts/golden/training.py
"""
import json
import pathlib

import torch

OUT = pathlib.Path("Tests/TrainingTests/Golden/training.json")


def cosine(base, minimum, epochs):
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.AdamW([parameter], lr=base)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs, eta_min=minimum)
    rates = []
    for _ in range(epochs):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return {"base": base, "minimum": minimum, "epochs": epochs, "rates": rates}


def bilinear(height, width, new_height, new_width):
    values = [((7 * i + 3) % 11) / 10 for i in range(height * width)]
    source = torch.tensor(values).reshape(1, 1, height, width)
    result = torch.nn.functional.interpolate(source, (new_height, new_width), mode="bilinear", align_corners=False)
    return {
        "height": height, "width": width, "newHeight": new_height, "newWidth": new_width,
        "values": values, "result": result.flatten().tolist(),
    }


OUT.parent.mkdir(parents=True, exist_ok=True)
golden = {
    "cosine": [cosine(3e-4, 1e-6, 10), cosine(5e-4, 1e-6, 200), cosine(1e-3, 0.0, 3)],
    "bilinear": [bilinear(4, 5, 7, 9), bilinear(5, 4, 3, 2), bilinear(3, 3, 3, 8)],
}
OUT.write_text(json.dumps(golden, indent=1) + "\n")
