#!/usr/bin/env python3
"""Draws docs/images/strip.png, the picture of README.md: synthetic test images of the quickstart with the true mask's outline above and the predicted
mask's outline below, each pair with its sentence. No patient data.

Run: Scripts/quickstart.sh, then python3 Scripts/picture.py [--data data/demo] [--predictions runs/quickstart/predictions] [--out docs/images/strip.png]
Needs Pillow and NumPy.
"""
import argparse
import json
import pathlib
import textwrap

import numpy
from PIL import Image, ImageDraw, ImageFont

TILE, GAP, LABEL, CAPTION = 200, 8, 74, 58
TRUE, PREDICTED = (255, 214, 0), (0, 229, 255)


def outline(image, mask, colour):
    """The image with the border of the mask, three pixels wide, in one colour."""
    inside = numpy.asarray(mask) > 127
    padded = numpy.pad(inside, 2)
    height, width = inside.shape
    shifts = [padded[2 + y:2 + y + height, 2 + x:2 + x + width] for y in (-2, -1, 0, 1, 2) for x in (-2, -1, 0, 1, 2)]
    border = numpy.any(shifts, axis=0) & ~numpy.all(shifts, axis=0)
    pixels = numpy.asarray(image).copy()
    pixels[border] = colour
    return Image.fromarray(pixels)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, default="data/demo")
    parser.add_argument("--predictions", type=pathlib.Path, default="runs/quickstart/predictions")
    parser.add_argument("--out", type=pathlib.Path, default="docs/images/strip.png")
    parser.add_argument("--count", type=int, default=4)
    options = parser.parse_args()

    samples = json.loads((options.data / "anns/test.json").read_text())
    samples = (samples if isinstance(samples, list) else list(samples.values()))[:options.count]
    font = ImageFont.load_default(13)
    strip = Image.new("RGB", (LABEL + len(samples) * (TILE + GAP), 2 * (TILE + GAP) + CAPTION), "white")
    draw = ImageDraw.Draw(strip)
    for row, (label, colour) in enumerate([("true\nmask", TRUE), ("predicted\nmask", PREDICTED)]):
        top = row * (TILE + GAP)
        draw.rectangle((4, top + TILE / 2 - 30, 28, top + TILE / 2 - 25), fill=colour)
        draw.text((4, top + TILE / 2 - 18), label, fill="black", font=font)
    for column, sample in enumerate(samples):
        name = sample["img_name"]
        image = Image.open(options.data / "images" / name).convert("RGB").resize((TILE, TILE), Image.BICUBIC)
        true = next((options.data / "masks").glob(pathlib.Path(name).stem + ".*"))
        masks = [true, options.predictions / (pathlib.Path(name).stem + ".png")]
        left = LABEL + column * (TILE + GAP)
        for row, (path, colour) in enumerate(zip(masks, [TRUE, PREDICTED])):
            mask = Image.open(path).convert("L").resize((TILE, TILE), Image.NEAREST)
            strip.paste(outline(image, mask, colour), (left, row * (TILE + GAP)))
        sentence = sample["prompts"]["p6"] if "prompts" in sample else sample["p6"]
        draw.multiline_text((left, 2 * (TILE + GAP) - 2), "\n".join(textwrap.wrap(sentence, 32)[:3]), fill="black", font=font)
    strip.quantize(96, dither=Image.Dither.NONE).save(options.out, optimize=True)
    print(f"{options.out}: {len(samples)} samples, {options.out.stat().st_size} bytes")


main()
