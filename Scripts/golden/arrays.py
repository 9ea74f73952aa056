"""Writes Tests/NumPyFilesTests/Golden/*.npy and Tests/Fuzz/Seeds/npy: small arrays as numpy.save writes them, good ones and such as are refused.

The values of the good float32 ones are 0.5, 1.5, ... in the order of rows; those of int32 0, 1, 2, ...
Run: python3 Scripts/golden/arrays.py
"""

import pathlib

import numpy
from numpy.lib import format as npy

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN, SEEDS = ROOT / "Tests/NumPyFilesTests/Golden", ROOT / "Tests/Fuzz/Seeds/npy"


def floats(*shape):
    return (numpy.arange(numpy.prod(shape, dtype=int)) + 0.5).astype("<f4").reshape(shape)


def whole(*shape):
    return numpy.arange(numpy.prod(shape, dtype=int)).astype("<i4").reshape(shape)


ARRAYS = {
    "rows": floats(2, 3, 4), "columns": numpy.asfortranarray(floats(2, 3, 4)), "vector": floats(5), "single": floats(), "none": floats(0, 3),
    "ids": whole(6), "table": numpy.asfortranarray(whole(2, 3)),
    "float64": floats(2, 3).astype("<f8"), "float16": floats(2, 3).astype("<f2"), "big": floats(2, 3).astype(">f4"), "int64": whole(6).astype("<i8"),
    "bools": whole(6) > 2, "records": numpy.zeros(3, dtype=[("a", "<f4"), ("b", "<i4")])}


def main():
    for folder in (GOLDEN, SEEDS):
        folder.mkdir(parents=True, exist_ok=True)
    for name, array in ARRAYS.items():
        numpy.save(GOLDEN / f"{name}.npy", array)
    numpy.save(GOLDEN / "objects.npy", numpy.array([None, "a"], dtype=object), allow_pickle=True)
    for version in ((2, 0), (3, 0)):
        with open(GOLDEN / f"version{version[0]}.npy", "wb") as file:
            npy.write_array(file, floats(2, 3), version=version)
    # Seeds of the fuzzer: of each way through the reader one, most of them good.
    for name in ("rows", "columns", "ids", "table", "version2", "float64", "records"):
        (SEEDS / f"{name}.npy").write_bytes((GOLDEN / f"{name}.npy").read_bytes())


if __name__ == "__main__":
    main()
