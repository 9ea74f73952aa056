"""Measures training steps along three axes, prints a table and draws a plot: batch 1 to 64, image 128 to 512, threads 1 and 2. See Benchmarks/scaling.sh."""

import argparse
import csv
import json
import pathlib
import subprocess
import sys

BATCHES, IMAGES, THREADS, IMAGE_BATCH = (1, 2, 4, 8, 16, 32, 64), (128, 192, 224, 256, 384, 512), (1, 2), 4
FIELDS = ("axis", "precision", "batch", "image", "threads", "imagesPerSecond", "peakMegabytes")


def points(axis):
    """(batch, image, threads) along an axis."""
    return {
        "batch": [(batch, 224, 2) for batch in BATCHES], "image": [(IMAGE_BATCH, image, 2) for image in IMAGES],
        "threads": [(batch, 224, threads) for threads in THREADS for batch in (1, 8)],
    }[axis]


def measure(options, precision, batch, image, threads):
    command = [
        options.train, "benchmark", "--json", "--steps", options.steps, "--batch-size", batch, "--image-size", image, "--threads", threads,
        "--precision", precision]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"scaling.py: {' '.join(map(str, command))}: {done.stderr.strip()}")
    return json.loads(done.stdout.strip().splitlines()[-1])


COLOURS = {"fp32": "#1f5fa8", "bf16": "#c0501f"}


def panel(rows, left, title, x_name, y_name, value, width=330, height=250):
    """Axes with a line for each number format; x is logarithmic by position, y starts at 0."""
    ticks = sorted({row[x_name] for row in rows})
    top = max(value(row) for row in rows) * 1.12
    place = {tick: left + 55 + index * (width - 75) / max(1, len(ticks) - 1) for index, tick in enumerate(ticks)}

    def down(y):
        return 40 + (height - 80) * (1 - y / top)
    parts = [f'<text x="{left + width / 2 + 15}" y="22" text-anchor="middle" font-weight="bold">{title}</text>']
    for step in range(5):
        y = top * step / 4
        parts.append(f'<line x1="{left + 50}" x2="{left + width - 15}" y1="{down(y):.1f}" y2="{down(y):.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{left + 45}" y="{down(y) + 4:.1f}" text-anchor="end">{y:.3g}</text>')
    for tick, x in place.items():
        parts.append(f'<text x="{x:.1f}" y="{height - 22}" text-anchor="middle">{tick}</text>')
    parts.append(f'<text x="{left + width / 2 + 15}" y="{height - 4}" text-anchor="middle">{x_name}; up: {y_name}</text>')
    for precision, colour in COLOURS.items():
        line = sorted((row[x_name], value(row)) for row in rows if row["precision"] == precision)
        path = " ".join(f"{place[x]:.1f},{down(y):.1f}" for x, y in line)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{place[x]:.1f}" cy="{down(y):.1f}" r="3" fill="{colour}"/>' for x, y in line]
    return parts


def plot(rows):
    batch, image = ([row for row in rows if row["axis"] == axis] for axis in ("batch", "image"))
    parts = []
    if batch:
        parts += panel(batch, 0, "speed by batch, 224x224", "batch", "images/s", lambda row: row["imagesPerSecond"])
        parts += panel(batch, 340, "peak memory by batch, 224x224", "batch", "MB", lambda row: row["peakMegabytes"])
    if image:
        parts += panel(
            image, 680, f"seconds an image by size, batch {IMAGE_BATCH}", "image", "s", lambda row: 1 / row["imagesPerSecond"])
    legend = "".join(
        f'<text x="{15 + index * 60}" y="14" fill="{colour}" font-weight="bold">{name}</text>' for index, (name, colour) in enumerate(COLOURS.items()))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1030 260" font-family="sans-serif" font-size="11">'
        '<rect width="1030" height="260" fill="white"/>' + legend + "\n" + "\n".join(parts) + "\n</svg>\n")


def table(rows):
    lines = []
    for axis in ("batch", "image", "threads"):
        chosen = [row for row in rows if row["axis"] == axis]
        if not chosen:
            continue
        lines += ["", "| batch | image | threads | fp32 images/s | bf16 images/s | fp32 MB | bf16 MB |", "| --- | --- | --- | --- | --- | --- | --- |"]
        for key in sorted({(row["threads"], row["image"], row["batch"]) for row in chosen}):
            cells = []
            for field, form in (("imagesPerSecond", "{:.2f}"), ("peakMegabytes", "{:.0f}")):
                for precision in COLOURS:
                    found = [r for r in chosen if (r["threads"], r["image"], r["batch"]) == key and r["precision"] == precision]
                    cells.append(form.format(found[0][field]) if found else "-")
            lines.append(f"| {key[2]} | {key[1]} | {key[0]} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def write(rows, path):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        writer.writerows(rows)


def main():
    parser = argparse.ArgumentParser(prog="scaling.sh", description=__doc__)
    parser.add_argument("--train", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--csv", type=pathlib.Path)
    parser.add_argument("--svg", type=pathlib.Path)
    parser.add_argument("--steps", type=int, default=1, help="timed steps a point, after one that is not")
    parser.add_argument("--merge", action="store_true")
    parser.add_argument("--axis", choices=["batch", "image", "threads"])
    options = parser.parse_args()
    rows = []
    if options.merge and options.csv and options.csv.exists():
        numbers = {"batch": int, "image": int, "threads": int, "imagesPerSecond": float, "peakMegabytes": float}
        with options.csv.open() as file:
            rows = [{name: numbers.get(name, str)(text) for name, text in row.items()} for row in csv.DictReader(file)]
    for axis in [options.axis] if options.axis else ("batch", "image", "threads"):
        for point in points(axis):
            for precision in COLOURS:
                known = [row for row in rows if (row["precision"], row["batch"], row["image"], row["threads"]) == (precision, *point)]
                if any(row["axis"] == axis for row in known):
                    continue
                if known:
                    rows.append(known[0] | {"axis": axis})
                else:
                    result = measure(options, precision, *point)
                    rows.append(dict(zip(FIELDS, (axis, precision, *point, result["imagesPerSecond"], result["peakMegabytes"]))))
                    print("{axis}: {precision}, batch {batch}, {image}x{image}, {threads} threads: {imagesPerSecond:.2f} images/s".format(**rows[-1]), file=sys.stderr)
                if options.csv:
                    write(rows, options.csv)
    if options.svg:
        options.svg.write_text(plot(rows))
    print(table(rows).strip())


if __name__ == "__main__":
    main()
