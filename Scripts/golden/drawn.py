"""Numbers that both sides can draw: the generator of Sources/Randomness, and the pixels and images that tests of statistics are made of."""

import importlib.util
import json
import pathlib

import numpy as np

STEP = np.uint64(0x9E3779B97F4A7C15)


def mixed(value):
    z = np.asarray(value, dtype=np.uint64)
    with np.errstate(over="ignore"):
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def words(state, count: int):
    """The first numbers of the generator with this state."""
    with np.errstate(over="ignore"):
        return mixed(np.uint64(state) + STEP * np.arange(1, count + 1, dtype=np.uint64))


def state_of(*keys: int):
    """SplitMix64(keys:)."""
    state = np.uint64(0)
    for key in keys:
        state = mixed(state ^ mixed(np.uint64(key)))
    return state


def units(count: int, *keys: int):
    """Uniform numbers in [0, 1)."""
    return (words(state_of(*keys), count) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def indices(below: int, count: int, *keys: int):
    """SplitMix64.index(below:), drawn `count` times."""
    return np.array([int(word) * below >> 64 for word in words(state_of(*keys), count)])


def pixels(image: int, count: int = 1024):
    """Logits and truth of an image: a network that is too sure. Every fourth logit or so is a multiple of 1/2, so that there are ties."""
    u = units(4 * count, 0xCA11, image).reshape(count, 4)
    z = 12 * (u[:, 0] + u[:, 1] + u[:, 2] - 1.5) - 2
    z = np.where(u[:, 1] < 0.25, np.floor(2 * z) / 2, z).astype(np.float32)
    y = 0.4 * z.astype(np.float64) + 0.3
    truth = u[:, 3] < 0.5 + 0.5 * y / (1 + np.abs(y))
    return z, truth.astype(np.uint8)


def probabilities(z):
    return (1 / (1 + np.exp(-z.astype(np.float64)))).astype(np.float32)


def digits(value, count=12):
    """The same structure with floats of `count` significant digits, and None for what is no number."""
    if isinstance(value, dict):
        return {str(k): digits(v, count) for k, v in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [digits(v, count) for v in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return None if np.isnan(value) else float(f"{float(value):.{count - 1}e}")
    return value


def write(path, content: dict):
    """JSON, a line for each key, and for each case of a list of cases."""
    def text(value):
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return "[\n" + ",\n".join("  " + json.dumps(v) for v in value) + "\n]"
        return json.dumps(value)

    lines = [f"{json.dumps(k)}: {text(v)}" for k, v in digits(content).items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def versions(*names: str) -> dict:
    from importlib.metadata import version

    return {name: version(name) for name in names}


def torch_uncertainty(path):
    """A file of torch-uncertainty without the rest of the package, which needs torchvision and lightning."""
    root = pathlib.Path(importlib.util.find_spec("torch_uncertainty").origin).parent
    spec = importlib.util.spec_from_file_location(pathlib.Path(path).stem, root / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
