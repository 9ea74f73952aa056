"""Writes Sources/Datasets/MedVLSMSplitTable.swift: which images of Kvasir-SEG MedVLSM puts in val and test, in 4 bytes an image.

    python3 Scripts/kvasir-splits.py TRAIN.json VAL.json TEST.json

The three files are MedVLSM's captions of Kvasir-SEG (anns/train.json, val.json, test.json). Every other image of the release is for training; the
names in TRAIN.json are needed to check that no two names share their 4 bytes.
"""

import base64
import hashlib
import json
import os
import sys


def key(name):
    return hashlib.sha256(name.encode()).digest()[:4]


train, val, test = ([os.path.splitext(entry["img_name"])[0] for entry in json.load(open(path))] for path in sys.argv[1:4])
names = train + val + test
assert len({key(name) for name in names}) == len(names), "a name twice, or two names with one key: lengthen it"


def literal(part):
    text = base64.b64encode(b"".join(sorted(key(name) for name in part))).decode()
    lines = [text[i : i + 180] for i in range(0, len(text), 180)]
    return "\"\"\"\n" + "".join(f"        {line}\\\n" for line in lines[:-1]) + f"        {lines[-1]}\n        \"\"\""


with open(os.path.join(os.path.dirname(__file__), "..", "Sources/Datasets/MedVLSMSplitTable.swift"), "w") as out:
    out.write(
        "// Made by Scripts/kvasir-splits.py. Which images of Kvasir-SEG MedVLSM puts in val and test: MedVLSMSplits says how it is read.\n"
        "// Facts about published files, no part of them.\n\n"
        f"extension MedVLSMSplits {{\n    static let valTable = {literal(val)}\n    static let testTable = {literal(test)}\n}}\n"
    )
print(f"{len(train)} train, {len(val)} val, {len(test)} test")
