"""Checks that the Python `webdataset` package reads what `prep export --to webdataset` wrote, sample for sample.

Usage: python Scripts/check-webdataset.py EXPORTED_DIR SHARDS_DIR
Needs: pip install webdataset pillow numpy mosaicml-streaming (the last reads the shards themselves).
"""
import glob
import json
import os
import sys
import tempfile

import numpy as np
import webdataset
from streaming import StreamingDataset


def main(exported: str, shards: str) -> int:
    record = json.load(open(os.path.join(exported, "export.json")))
    failures = 0
    for split in sorted(record["splits"]):
        tars = sorted(glob.glob(os.path.join(exported, f"{split}-*.tar")))
        found = {}
        for sample in webdataset.WebDataset(tars, shardshuffle=False).decode("rgb8"):
            found[sample["json"]["id"]] = sample
        # A local folder in use by the reader is left as it is: it unpacks into a folder of its own.
        with tempfile.TemporaryDirectory() as local:
            rows = list(StreamingDataset(remote=os.path.join(shards, split), local=local, shuffle=False, batch_size=1))
        if len(rows) != len(found):
            print(f"{split}: {len(found)} samples in {len(tars)} tar files, {len(rows)} in the shards")
            failures += 1
        for row in rows:
            sample = found.get(row["id"])
            if sample is None:
                print(f"{split}: {row['id']}: not in the tar files")
                failures += 1
                continue
            image = np.broadcast_to(row["image"], row["image"].shape[:2] + (3,))
            mask = np.repeat(row["mask"][:, :, None] * 255, 3, axis=2)
            same = (np.array_equal(sample["png"], image) and np.array_equal(sample["mask.png"], mask)
                    and sample.get("txt") == row.get("caption") and sample["json"].get("caption") == row.get("caption")
                    and (sample["json"]["width"], sample["json"]["height"]) == (row["width"], row["height"]))
            if not same:
                print(f"{split}: {row['id']}: differs")
                failures += 1
        print(f"{split}: {len(found)} samples in {len(tars)} tar files compared")
    print("all the same" if failures == 0 else f"{failures} differences")
    return 1 if failures else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))
