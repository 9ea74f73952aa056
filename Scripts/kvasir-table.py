"""Writes Sources/Datasets/KvasirReleaseTable.swift: what the official Kvasir-SEG release holds, in 32 bytes a sample.

    python3 Scripts/kvasir-table.py CHECKSUMS.tsv kavsir_bboxes.json [MASKS_FOLDER]

CHECKSUMS.tsv has the columns path, sha256, bytes. Where MASKS_FOLDER has a faithful copy of the masks (any size; needs Pillow and NumPy),
boxes that disagree with it are left out: a few of the release's own boxes do not fit its masks.
"""

import base64
import hashlib
import json
import os
import struct
import sys

checksums, boxes = sys.argv[1], json.load(open(sys.argv[2]))
masks = sys.argv[3] if len(sys.argv) > 3 else None
digests = dict(line.split("\t")[:2] for line in open(checksums).read().splitlines()[1:])

records, disputed = {}, 0
for name, entry in boxes.items():
    width, height, found = entry["width"], entry["height"], entry["bbox"]
    box = (min(b["xmin"] for b in found), min(b["ymin"] for b in found), max(b["xmax"] for b in found), max(b["ymax"] for b in found))
    path = masks and os.path.join(masks, name + ".jpg")
    if path and os.path.exists(path):
        import numpy
        from PIL import Image

        inside = numpy.array(Image.open(path).convert("L")) >= 128
        rows, columns = numpy.nonzero(inside)
        extent = (columns.min() / inside.shape[1], rows.min() / inside.shape[0], (columns.max() + 1) / inside.shape[1], (rows.max() + 1) / inside.shape[0])
        if max(abs(a - b) for a, b in zip(extent, (box[0] / width, box[1] / height, box[2] / width, box[3] / height))) > 0.015:
            box, disputed = (0xFFFF,) * 4, disputed + 1
    key = hashlib.sha256(name.encode()).digest()[:4]
    assert key not in records, "two names with one key: lengthen it"
    records[key] = (
        key + bytes.fromhex(digests[f"images/{name}.jpg"])[:8] + bytes.fromhex(digests[f"masks/{name}.jpg"])[:8]
        + struct.pack("<6H", width, height, *box)
    )

text = base64.b64encode(b"".join(records[key] for key in sorted(records))).decode()
lines = [text[i : i + 180] for i in range(0, len(text), 180)]
with open(os.path.join(os.path.dirname(__file__), "..", "Sources/Datasets/KvasirReleaseTable.swift"), "w") as out:
    out.write(
        "// Made by Scripts/kvasir-table.py. What the official Kvasir-SEG release holds: KvasirRelease says how it is read.\n"
        "// Facts about published files, no part of the pictures.\n\n"
        "extension KvasirRelease {\n    static let table = \"\"\"\n"
        + "".join(f"        {line}\\\n" for line in lines[:-1]) + f"        {lines[-1]}\n"
        + '        """\n}\n'
    )
print(f"{len(records)} samples, {disputed} boxes left out")
