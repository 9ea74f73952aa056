#!/usr/bin/env python3
"""Small odd image files and a caption workbook for the Datasets tests.

    python3 Scripts/golden/datasets.py           # rewrites Tests/DatasetsTests/Golden

Needs numpy, pillow, openpyxl. All pictures show the same 40x32 gradient; only how they are stored differs.
"""
from pathlib import Path

import numpy as np
from openpyxl import Workbook
from PIL import Image

OUT = Path(__file__).resolve().parents[2] / "Tests/DatasetsTests/Golden"
OUT.mkdir(parents=True, exist_ok=True)
for old in OUT.iterdir():
    old.unlink()

HEIGHT, WIDTH = 32, 40
rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
rgb = np.stack([rows * 7, columns * 6, (rows + columns) * 3], axis=2).astype(np.uint8)
colour = Image.fromarray(rgb)

colour.save(OUT / "plain.jpg", quality=90)
colour.save(OUT / "plain.tif", compression="packbits")
colour.convert("CMYK").save(OUT / "cmyk.jpg", quality=90)
colour.quantize(32).save(OUT / "palette.png")
colour.convert("RGBA").save(OUT / "alpha.png")
Image.fromarray((rows * 1800 + columns).astype(np.uint16)).save(OUT / "deep.png")
Image.fromarray((rows * 1800 + columns).astype(np.uint16)).save(OUT / "deep.tif")
exif = Image.Exif()
exif[0x0112] = 6
colour.save(OUT / "turned.jpg", quality=90, exif=exif)
colour.save(OUT / "pages.tif", save_all=True, append_images=[colour, colour])

book = Workbook()
sheet = book.active
sheet.append(["image ", "DESCRIPTION", "Notes"])
for name in ["one", "two", "three", "four"]:
    sheet.append([f"mask_{name}.png", f"Unilateral pulmonary infection, area {name}..", "x"])
book.save(OUT / "Train_Val_text.xlsx")
