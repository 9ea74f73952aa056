"""How golden files describe a tensor, and how two computations of it differ."""

import json
import math

import numpy as np

import formula


def flat(tensor) -> np.ndarray:
    return tensor.detach().to("cpu").double().contiguous().numpy().reshape(-1)


def tensor(name: str, value, samples: int) -> dict:
    """Shape, sum, Euclidean norm, largest magnitude and values at the formula's indices of the row-major order given."""
    data = flat(value)
    indices = formula.sample_indices(name, data.size, samples)
    return {
        "shape": list(value.shape), "sum": float(data.sum()), "norm": float(np.sqrt((data**2).sum())),
        "maximum": float(np.abs(data).max()), "samples": [float(v) for v in data[indices]],
    }


def compact(name: str, value) -> dict:
    """Shape and all values of a small tensor; of a larger one what `tensor` says, with 64 samples."""
    if value.numel() > 320:
        return tensor(name, value, 64)
    return {"shape": list(value.shape), "values": [float(v) for v in flat(value)]}


def deviation(value, gold) -> dict:
    """Largest absolute difference, and the difference's norm over the gold's."""
    a, b = flat(value), flat(gold)
    norm = float(np.sqrt((b**2).sum()))
    return {"absolute": float(np.abs(a - b).max()), "relative": float(np.sqrt(((a - b) ** 2).sum()) / norm) if norm else math.inf}


def rounded(value, digits=9):
    """The same structure with floats of `digits` significant digits."""
    if isinstance(value, float):
        return float(f"{value:.{digits - 1}e}")
    if isinstance(value, dict):
        return {k: rounded(v, digits) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(v, digits) for v in value]
    return value


def write(path, content: dict):
    """JSON, one line per entry of the second level."""
    content = rounded(content)
    sections = []
    for key, value in content.items():
        if isinstance(value, dict) and value:
            lines = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in value.items())
            sections.append(f"{json.dumps(key)}: {{\n{lines}\n}}")
        else:
            sections.append(f"{json.dumps(key)}: {json.dumps(value)}")
    path.write_text("{\n" + ",\n".join(sections) + "\n}\n")
    print(f"{path.name}: {path.stat().st_size} bytes")
