#!/usr/bin/env python3
"""Writes small MDS sets with MosaicML Streaming's own writer, for Tests/ShardsTests/Golden, to be read by ours.

    python3 Scripts/golden/shards.py

Needs: pip install mosaicml-streaming numpy. Row i is made by formula, so that the test can make the same rows:
caption "caption {i} ü" repeated i % 3 + 1 times with blanks; image byte k = (7 i + 3 k) mod 256; mask byte k = (i + k) mod 2;
token k = 100 i + k; attention k = 1 for k <= i; width 300 + i; height 200 + i.
"""
import os
import shutil

import numpy as np
from streaming import MDSWriter

GOLDEN = os.path.join(os.path.dirname(__file__), "..", "..", "Tests", "ShardsTests", "Golden")
SIZE, CHANNELS, TOKENS, ROWS = 4, 3, 6, 7
COLUMNS = {
    "id": "str", "image": f"ndarray:uint8:{SIZE},{SIZE},{CHANNELS}", "mask": f"ndarray:uint8:{SIZE},{SIZE}", "caption": "str",
    "tokens": f"ndarray:int32:{TOKENS}", "attention": f"ndarray:uint8:{TOKENS}", "height": "int", "width": "int",
}


def row(i: int) -> dict:
    return {
        "id": f"sample-{i}",
        "image": ((7 * i + 3 * np.arange(SIZE * SIZE * CHANNELS)) % 256).astype(np.uint8).reshape(SIZE, SIZE, CHANNELS),
        "mask": ((i + np.arange(SIZE * SIZE)) % 2).astype(np.uint8).reshape(SIZE, SIZE),
        "caption": " ".join([f"caption {i} ü"] * (i % 3 + 1)),
        "tokens": (100 * i + np.arange(TOKENS)).astype(np.int32),
        "attention": (np.arange(TOKENS) <= i).astype(np.uint8),
        "height": 200 + i, "width": 300 + i,
    }


def write(name: str, compression, size_limit) -> None:
    folder = os.path.join(GOLDEN, name)
    shutil.rmtree(folder, ignore_errors=True)
    with MDSWriter(out=folder, columns=COLUMNS, compression=compression, hashes=["sha1", "xxh64"], size_limit=size_limit) as writer:
        for i in range(ROWS):
            writer.write(row(i))


if __name__ == "__main__":
    write("streaming-zstd", "zstd:7", 1 << 26)
    # A limit below one sample: an empty first shard, then one sample a shard.
    write("streaming-raw", None, 450)
