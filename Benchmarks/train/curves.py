"""Lays the loss of two runs with the same settings and seed side by side: a table of means over stretches of steps, and a plot of running means as SVG.

Example: python3 Benchmarks/train/curves.py runs/fp32 runs/bf16 --svg curves.svg   (folders of `train --precision fp32` and `--precision bf16`)
"""

import argparse
import json
import pathlib
import statistics

COLOURS = ("#1f5fa8", "#c0501f")
WIDTH, HEIGHT, LEFT, BOTTOM = 640, 260, 50, 36


def losses(folder):
    with (pathlib.Path(folder) / "log.jsonl").open() as file:
        return [json.loads(line)["loss"] for line in file]


def running(values, window):
    """Means over the window that ends at each step; shorter at the start."""
    return [statistics.mean(values[max(0, index + 1 - window):index + 1]) for index in range(len(values))]


def plot(curves, names):
    low, high, steps = min(map(min, curves)), max(map(max, curves)), max(map(len, curves))

    def x(step):
        return LEFT + (WIDTH - LEFT - 15) * step / max(1, steps - 1)

    def y(loss):
        return 20 + (HEIGHT - 20 - BOTTOM) * (high - loss) / (high - low)
    parts = []
    for tick in range(5):
        loss = low + (high - low) * tick / 4
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 15}" y1="{y(loss):.1f}" y2="{y(loss):.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 5}" y="{y(loss) + 4:.1f}" text-anchor="end">{loss:.3f}</text>')
        step = (steps - 1) * tick // 4
        parts.append(f'<text x="{x(step):.1f}" y="{HEIGHT - 18}" text-anchor="middle">{step + 1}</text>')
    for index, (curve, name) in enumerate(zip(curves, names)):
        path = " ".join(f"{x(step):.1f},{y(loss):.1f}" for step, loss in enumerate(curve))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[index]}" stroke-width="1.5"/>')
        parts.append(f'<text x="{LEFT + 10 + 60 * index}" y="14" fill="{COLOURS[index]}" font-weight="bold">{name}</text>')
    parts.append(f'<text x="{(WIDTH + LEFT) / 2}" y="{HEIGHT - 4}" text-anchor="middle">step; up: training loss, running mean</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="11">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs=2)
    parser.add_argument("--names", nargs=2, default=["fp32", "bf16"])
    parser.add_argument("--svg", type=pathlib.Path)
    parser.add_argument("--window", type=int, default=20, help="steps of a running mean")
    options = parser.parse_args()
    curves = [losses(run) for run in options.runs]
    steps = min(map(len, curves))
    curves = [curve[:steps] for curve in curves]
    smooth = [running(curve, options.window) for curve in curves]
    print(f"| steps | {options.names[0]} | {options.names[1]} | difference |\n| --- | --- | --- | --- |")
    for start in range(0, steps, options.window):
        first, second = (statistics.mean(curve[start:start + options.window]) for curve in curves)
        print(f"| {start + 1} to {min(steps, start + options.window)} | {first:.4f} | {second:.4f} | {second - first:+.4f} |")
    gaps = [b - a for a, b in zip(*smooth)][options.window:]
    if gaps:
        print(f"\nrunning means over {options.window} steps differ by at most {max(map(abs, gaps)):.4f}, by {statistics.mean(gaps):+.4f} in the mean")
    if options.svg:
        options.svg.write_text(plot(smooth, options.names))


if __name__ == "__main__":
    main()
