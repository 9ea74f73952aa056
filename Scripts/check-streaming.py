#!/usr/bin/env python3
"""Opens our shards with MosaicML Streaming and compares every sample with what `prep verify --list-json` says.

    python3 Scripts/check-streaming.py shards/kvasir [--prep .build/release/prep]

Needs: pip install mosaicml-streaming. The shards are only read: Streaming unpacks into a temporary folder. Exit code 1 on any difference.
"""
import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
from streaming import StreamingDataset


def sha256(array: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def original_mask(sample: dict) -> np.ndarray:
    """The mask at the image's own size, from its run lengths (docs/reference/shards.md)."""
    data, lengths, shift = sample["original_mask"], [0], 0
    assert data[0] == 1, f"format {data[0]}"
    for byte in data[1:]:
        lengths[-1] |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            lengths.append(0)
            shift = 0
    lengths.pop()
    return np.repeat(np.arange(len(lengths)) % 2, lengths).astype(np.uint8).reshape(sample["height"], sample["width"])


def spacing(sample: dict) -> list | None:
    """Millimetres a pixel; None where they are not known."""
    values = sample["spacing"].tolist() if "spacing" in sample else []
    return None if all(np.isnan(values)) else values


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shards", help="a dataset's shards, such as shards/kvasir")
    parser.add_argument("--prep", default=".build/release/prep", help="the prep program")
    options = parser.parse_args()

    listing = subprocess.run([options.prep, "verify", options.shards, "--list-json", "-"], check=True, stdout=subprocess.PIPE)
    ours: dict[str, list[dict]] = {}
    for line in listing.stdout.decode().splitlines():
        sample = json.loads(line)
        ours.setdefault(sample["split"], []).append(sample)

    differences = 0
    for split, samples in sorted(ours.items()):
        with tempfile.TemporaryDirectory() as local:
            dataset = StreamingDataset(
                remote=os.path.abspath(os.path.join(options.shards, split)), local=local, shuffle=False, batch_size=1,
                validate_hash="xxh3_64")
            if len(dataset) != len(samples):
                print(f"{split}: Streaming sees {len(dataset)} samples, prep {len(samples)}")
                differences += 1
            for index, expected in enumerate(samples):
                sample = dataset[index]
                # Sets without captions have no caption, and shards may lack tokens: null in prep's list.
                found = {
                    "split": split, "id": sample["id"], "caption": sample.get("caption"), "width": sample["width"],
                    "height": sample["height"], "imageSha256": sha256(sample["image"]), "maskSha256": sha256(sample["mask"]),
                    "tokensSha256": sha256(sample["tokens"].astype("<i4")) if "tokens" in sample else None,
                    "attentionSha256": sha256(sample["attention"]) if "attention" in sample else None,
                    "group": sample.get("group") or None,
                    "otherCaptions": json.loads(sample["other_captions"]) if "other_captions" in sample else None,
                    "spacing": spacing(sample),
                    "originalMaskSha256": sha256(original_mask(sample)) if "original_mask" in sample else None,
                }
                for key in expected:
                    if found[key] != expected[key]:
                        print(f"{split}: sample {index} ({expected['id']}): {key}: Streaming {found[key]!r}, prep {expected[key]!r}")
                        differences += 1
            shape = sample["image"].shape
            print(f"{split}: {len(samples)} samples, images {shape[0]}x{shape[1]}x{shape[2]}: compared id, caption, size, image, both masks, tokens, attention, patient, other captions, millimetres")
    print("no differences" if differences == 0 else f"{differences} differences")
    return 0 if differences == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
