#!/usr/bin/env python3
"""Makes the golden files of the weight-file tests: safetensors files of every type and PyTorch zip files of every kind that the reader
meets. Needs torch and safetensors (the committed files: torch 2.15 and safetensors 0.8). Values follow formulas that the tests repeat.

    python3 Scripts/golden/weights.py Tests/WeightFilesTests/Golden
"""
import collections
import os
import sys
import types
import zipfile

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
    # Every 16-bit and 8-bit pattern, to check the conversions exhaustively against PyTorch's own.
    def patterns(dtype):
        width = 2 if dtype.itemsize == 2 else 1
        count = 256 ** width
        return torch.frombuffer(bytearray(b"".join(i.to_bytes(width, "little") for i in range(count))), dtype=dtype)

    # float16 has 65536 values; every 7th plus the edges keeps the file small.
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


if __name__ == "__main__":
    target = sys.argv[1] if len(sys.argv) > 1 else "Tests/WeightFilesTests/Golden"
    os.makedirs(target, exist_ok=True)
    safetensors_files(target)
