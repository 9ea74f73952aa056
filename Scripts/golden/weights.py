#!/usr/bin/env python3
"""Makes the golden files of the weight-file tests: safetensors files of every type and PyTorch zip files of every kind that the reader
meets. Needs torch and safetensors (the committed files: torch 2.15 and safetensors 0.8). Values follow formulas that the tests repeat.

    python3 Scripts/golden/weights.py Tests/WeightFilesTests/Golden
"""
import collections
import enum
import functools
import json
import os
import pathlib
import pickle
import sys
import tarfile
import zipfile

import numpy
import torch
from safetensors.torch import save_file


def ramp(*shape, dtype=torch.float32):
    """Element i is (i - 3) / 8: exact in every float type here."""
    count = 1
    for size in shape:
        count *= size
    return ((torch.arange(count, dtype=torch.float32) - 3) / 8).reshape(shape).to(dtype)


def whole(*shape, dtype=torch.int64):
    """Element i is i."""
    count = 1
    for size in shape:
        count *= size
    return torch.arange(count).reshape(shape).to(dtype)


def safetensors_files(folder):
    tensors = {
        "bool": torch.tensor([True, False, True]),
        "uint8": whole(5, dtype=torch.uint8),
        "int8": (whole(4) - 2).to(torch.int8),
        "float8_e5m2": ramp(9, dtype=torch.float8_e5m2),
        "float8_e4m3": ramp(9, dtype=torch.float8_e4m3fn),
        "int16": (whole(3) - 300).to(torch.int16),
        "uint16": (whole(3) + 65000).to(torch.uint16),
        "float16": ramp(2, 5, dtype=torch.float16),
        "bfloat16": ramp(2, 5, dtype=torch.bfloat16),
        "int32": (whole(3) - 100000).to(torch.int32),
        "uint32": (whole(3) + 4000000000).to(torch.uint32),
        "float32": ramp(2, 3, 4),
        "complex64": torch.tensor([1 + 2j], dtype=torch.complex64),
        "float64": ramp(7, dtype=torch.float64),
        "int64": whole(3) - 5000000000,
        "uint64": whole(3).to(torch.uint64),
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 4),
        'name "quoted"\\ é\n': ramp(2),
    }
    save_file(tensors, f"{folder}/all-types.safetensors", metadata={"format": "pt \"é\"\t"})

    # Bit patterns of the narrow types with PyTorch's own conversion of each.
    def patterns(dtype):
        width = 2 if dtype.itemsize == 2 else 1
        count = 256 ** width
        return torch.frombuffer(bytearray(b"".join(i.to_bytes(width, "little") for i in range(count))), dtype=dtype)

    # All 256 patterns of the 8-bit types; of the 65536 of the 16-bit types every 61st and the edges, which keeps the file small.
    pick = sorted(set(list(range(0, 65536, 61)) + [0x0000, 0x0001, 0x03ff, 0x0400, 0x7bff, 0x7c00, 0x7e00, 0x8000, 0x8001, 0xfbff, 0xfc00]))
    pick = torch.tensor(pick)
    out = {"pick": pick.to(torch.int32)}
    for name, dtype in [("float16", torch.float16), ("bfloat16", torch.bfloat16)]:
        out[name] = patterns(dtype)[pick].clone()
        out[name + ".float32"] = out[name].to(torch.float32)
    for name, dtype in [("float8_e5m2", torch.float8_e5m2), ("float8_e4m3", torch.float8_e4m3fn)]:
        out[name] = patterns(dtype).clone()
        out[name + ".float32"] = out[name].to(torch.float32)
    wide = torch.tensor([0.1, 1 + 2.0 ** -24, 1 + 3 * 2.0 ** -24, 1e-45, 1e300, -1e-320, 3.4028235677973366e38], dtype=torch.float64)
    out["float64"], out["float64.float32"] = wide, wide.to(torch.float32)
    save_file(out, f"{folder}/conversions.safetensors")


class Marker:
    """A class that only this script knows: what a checkpoint may hold beside its tensors."""

    def __init__(self, value):
        self.value = value


class Attributes(dict):
    """A dictionary class of its own, as Lightning's hyper-parameters are."""


class Level(enum.Enum):
    HIGH = 3


class Exploit:
    """Runs a command when an ordinary unpickler opens it."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


def network():
    model = torch.nn.Sequential(collections.OrderedDict(conv=torch.nn.Conv2d(2, 3, 2), norm=torch.nn.BatchNorm2d(3)))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(ramp(*parameter.shape))
    return model


def pytorch_files(folder):
    """Writes the PyTorch files; returns, for each that has one, the state dictionary that the reader must find."""
    model = network()
    state = model.state_dict()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    model(ramp(1, 2, 4, 4)).sum().backward()
    optimizer.step()
    state = collections.OrderedDict((name, value.clone()) for name, value in state.items())
    beside = {
        "epoch": 3, "loss": 0.25, "name": "run é", "nothing": None, "flag": True, "big": 2 ** 100, "negative": -(2 ** 40),
        "list": [1, [2, [3]]], "set": {1, 2}, "frozen": frozenset({"a"}), "bytes": b"\x00\xff" * 3, "complex": 1 + 2j,
        "path": pathlib.PurePosixPath("a/b"), "size": torch.Size([2, 3]), "device": torch.device("cpu"), "dtype": torch.bfloat16,
        "object": Marker([Marker(1), ramp(2)]), "partial": functools.partial(print, "x"), "enum": Level.HIGH,
        "default": collections.defaultdict(list, {"k": [1]}), "array": numpy.arange(3), "scalar": numpy.float32(1.5),
        "attributes": Attributes(lr=0.1, marker=Marker(2)), "class": Marker, "function": os.path.join, "tensor": ramp(3),
        "quantized": torch.quantize_per_tensor(ramp(3), 0.1, 0, torch.qint8), "sparse": ramp(3).to_sparse(),
    }
    loop = []
    loop.append(loop)
    lightning = {
        "epoch": 1, "global_step": 12, "pytorch-lightning_version": "2.5.0",
        "state_dict": collections.OrderedDict([("model." + k, v) for k, v in state.items()] + [("loss.weight", ramp(2))]),
        "loops": {"fit_loop": {"state_dict": {}, "epoch_progress": {"total": {"ready": 1}}}},
        "callbacks": {"ModelCheckpoint{'monitor': 'val_loss'}": {"best": pathlib.PurePosixPath("best.ckpt"), "score": ramp(1)}},
        "optimizer_states": [optimizer.state_dict()], "lr_schedulers": [], "hparams_name": "kwargs",
        "hyper_parameters": Attributes(lr=1e-3, loop=loop, objects=beside),
    }
    types = {
        "float32": ramp(5), "float64": ramp(5, dtype=torch.float64), "float16": ramp(2, 3, dtype=torch.float16),
        "bfloat16": ramp(2, 3, dtype=torch.bfloat16), "int64": whole(3) - 1, "int32": whole(3, dtype=torch.int32) - 1,
        "int16": whole(3, dtype=torch.int16) - 1, "int8": whole(3, dtype=torch.int8) - 1, "uint8": whole(3, dtype=torch.uint8) + 200,
        "bool": torch.tensor([True, False]), "uint16": (whole(3) + 65000).to(torch.uint16), "uint32": (whole(2) + 4000000000).to(torch.uint32),
        "uint64": whole(2).to(torch.uint64), "float8_e4m3": ramp(4, dtype=torch.float8_e4m3fn),
        "float8_e5m2": ramp(4, dtype=torch.float8_e5m2), "scalar": torch.tensor(2.5), "empty": torch.zeros(0, 3),
        "parameter": torch.nn.Parameter(ramp(3)),
    }
    base = ramp(4, 6)
    marked = torch.nn.Parameter(ramp(2, 2))
    marked.decay = True
    views = {
        "base": base, "transposed": base.t(), "rows": base[1:3], "columns": base[:, 1::2], "element": base[2, 3],
        "repeated": base[0, :3].expand(2, 3), "permuted": ramp(2, 3, 4).permute(2, 0, 1), "same": base,
        "channels_last": ramp(1, 2, 3, 2).contiguous(memory_format=torch.channels_last),
        "marked": marked, "half": ramp(4, 3, dtype=torch.float16).t(),
    }
    torch.save(state, f"{folder}/state-dict.bin")
    # Weights in two files with their index, under a prefix that the index has too.
    names = sorted(state)
    parts = {f"part-{number}.bin": names[number - 1::2] for number in (1, 2)}
    for part, held in parts.items():
        torch.save({"model." + name: state[name] for name in held}, f"{folder}/{part}")
    with open(f"{folder}/parts.bin.index.json", "w") as file:
        json.dump({"metadata": {}, "weight_map": {"model." + name: part for part, held in parts.items() for name in held}}, file)
    torch.save({"model": state, "optimizer": optimizer.state_dict(), **beside}, f"{folder}/nested.pt")
    torch.save(lightning, f"{folder}/lightning.ckpt")
    torch.save(types, f"{folder}/types.pt")
    torch.save(views, f"{folder}/views.pt")
    torch.save({"model_state_dict": state}, f"{folder}/protocol5.pt", pickle_protocol=5)
    exploits = [Exploit(os.system, "touch vlseg-exploited"), Exploit(eval, "open('vlseg-exploited','w')"), Exploit(exec, "import os")]
    torch.save({"state_dict": state, "exploits": exploits, exploits[0].call[1]: 1}, f"{folder}/malicious.pt")
    torch.save({"state_dict": {**state, "evil": exploits[0]}}, f"{folder}/malicious-inside.pt")
    torch.save(exploits[0], f"{folder}/malicious-top.pt")
    torch.save({"state_dict": {**state, "note": "text", "_extra_state": None}}, f"{folder}/extras.pt")
    # What must be refused, each with its own message.
    torch.save(model, f"{folder}/module.pt")
    torch.save([ramp(2)], f"{folder}/list.pt")
    torch.save({"net": state, "epoch": 1}, f"{folder}/other-key.pt")
    torch.save(state, f"{folder}/legacy.pt", _use_new_zipfile_serialization=False)
    with open(f"{folder}/legacy-tar.pt", "wb") as file:
        file.write(tarfile.TarInfo("storages").tobuf() + bytes(1024))
    torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), f"{folder}/script.pt")
    with open(f"{folder}/plain.pkl", "wb") as file:
        pickle.dump({"a": 1}, file, protocol=2)
    # Packed again by another tool, and marked as big-endian.
    for name, method, order in [("deflated.pt", zipfile.ZIP_DEFLATED, b"little"), ("big-endian.pt", zipfile.ZIP_STORED, b"big")]:
        with zipfile.ZipFile(f"{folder}/state-dict.bin") as source, zipfile.ZipFile(f"{folder}/{name}", "w", method) as packed:
            for item in source.namelist():
                packed.writestr(zipfile.ZipInfo(item), order if item.endswith("byteorder") else source.read(item), method)
    bare = {**state, "loss.weight": ramp(2)}
    return {
        "state-dict.bin": state, "nested.pt": state, "lightning.ckpt": bare, "types.pt": types, "views.pt": views,
        "protocol5.pt": state, "malicious.pt": state, "extras.pt": state, "deflated.pt": state,
    }


def expected(states):
    """Shapes, types and values as Float32 bit patterns, as PyTorch itself sees them."""
    names = {torch.float32: "F32", torch.float64: "F64", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64", torch.int32: "I32",
             torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL", torch.uint16: "U16", torch.uint32: "U32",
             torch.uint64: "U64", torch.float8_e4m3fn: "F8_E4M3", torch.float8_e5m2: "F8_E5M2"}
    out = {}
    for file, state in states.items():
        out[file] = {}
        for name, tensor in state.items():
            bits = tensor.detach().to(torch.float32).contiguous().flatten().numpy().view(numpy.uint32).tolist()
            out[file][name] = {"shape": list(tensor.shape), "type": names[tensor.dtype], "bits": bits}
    return out


if __name__ == "__main__":
    target = sys.argv[1] if len(sys.argv) > 1 else "Tests/WeightFilesTests/Golden"
    os.makedirs(target, exist_ok=True)
    torch.manual_seed(1)
    safetensors_files(target)
    states = pytorch_files(target)
    with open(f"{target}/expected.json", "w") as file:
        json.dump(expected(states), file, separators=(",", ":"), sort_keys=True)
    for name in os.listdir(target):
        os.chmod(f"{target}/{name}", 0o644)
