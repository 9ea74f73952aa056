"""The figures of data.sh as a table and as JSON: the best of all rounds of each program; ratios are ours over the best peer."""
import glob
import json
import os
import sys

folder, pictures = sys.argv[1], sys.argv[2]
target = sys.argv[3] if len(sys.argv) > 3 else None


def runs(name):
    return [json.load(open(path)) for path in sorted(glob.glob(f"{folder}/{name}.*")) if path.rsplit(".", 1)[0].endswith(name)]


def best_rate(name, key):
    values = [r[key] for r in runs(name) if r.get(key) is not None]
    return max(values) if values else None


report = {"pictures": pictures, "cores": os.cpu_count(), "rounds": max([int(p.rsplit(".", 1)[1]) for p in glob.glob(f"{folder}/*")], default=0)}
try:
    report["processor"] = next(line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
except (OSError, StopIteration):
    report["processor"] = "unknown"
rows = []


def row(what, ours, peers, unit):
    known = {name: value for name, value in peers.items() if value}
    if ours is None or not known:
        return None
    best = max(known, key=known.get)
    ratio = ours / known[best]
    rows.append((what, f"{ours:,.0f}", ", ".join(f"{name} {value:,.0f}" for name, value in known.items()), unit, f"{ratio:.2f} ({best})"))
    return ratio


for name, title in (("large", "332x487 to 1920x1072"), ("small", "256x256")):
    rates = {kind: [r["samples"] / r["seconds"] for r in runs(f"ingest.{name}.{kind}")] for kind in ("ours", "pillow", "simplejpeg")}
    if not rates["ours"]:
        continue
    best = {kind: max(values) for kind, values in rates.items()}
    ratio = row(f"shard, {title}", best["ours"], {"Pillow + MDSWriter": best["pillow"], "simplejpeg + torchvision + MDSWriter": best["simplejpeg"]}, "samples/s")
    report[f"ingest_{name}"] = {k: round(v, 1) for k, v in best.items()}
    report[f"ingest_{name}_ratio"] = round(ratio, 3)
    report[f"ingest_{name}_ratio_to_pillow"] = round(best["ours"] / best["pillow"], 3)
if "ingest_large_ratio" in report:
    report["ingest_ratio"] = min(report["ingest_large_ratio"], report["ingest_small_ratio"])

peers = {"streaming": "StreamingDataset", "webdataset": "webdataset tar.zst", "arrow": "Hugging Face Arrow, not compressed", "jpeg": "JPEG folder + Pillow"}
loader = {}
for name in ("ours", "ours-500MB", *peers):
    if runs(f"loader.{name}"):
        loader[name] = {key: best_rate(f"loader.{name}", key) for key in ("first_epoch_per_s", "later_epochs_per_s")}
        loader[name]["first_batch_s"] = min(r["first_batch_s"] for r in runs(f"loader.{name}"))
        loader[name]["peak_memory_mb"] = max(r["peak_memory_mb"] for r in runs(f"loader.{name}"))
if loader:
    report["loader"] = loader

    def steady(name):
        return loader[name]["later_epochs_per_s"] or loader[name]["first_epoch_per_s"] if name in loader else None

    others = {title: steady(name) for name, title in peers.items()}
    report["loader_ratio"] = round(row("load, epochs after the first", steady("ours"), others, "samples/s"), 3)
    report["loader_500MB_ratio"] = round(row("load, --memory 500MB, unpacking each epoch", steady("ours-500MB"), others, "samples/s"), 3)
    first = {title: loader[name]["first_epoch_per_s"] for name, title in peers.items() if name in loader}
    report["loader_first_epoch_ratio"] = round(row("load, first epoch", loader["ours"]["first_epoch_per_s"], first, "samples/s"), 3)

if runs("tokenizer.ours"):
    ours, rust = (best_rate(f"tokenizer.{name}", "captions_per_s") for name in ("ours", "rust"))
    checks = {name: {r["check"] for r in runs(f"tokenizer.{name}")} for name in ("ours", "rust")}
    report["tokenizer"] = {"ours": ours, "rust": rust, "same_ids": checks["ours"] == checks["rust"]}
    report["tokenizer_ratio"] = round(row("tokenize, one thread", ours, {"tokenizers (Rust)": rust}, "captions/s"), 3)

print(f"{report['processor']}, {report['cores']} cores; {pictures}; best of {report['rounds']}")
print("| work | ours | peers | unit | ours / best peer |")
print("| --- | --- | --- | --- | --- |")
for line in rows:
    print("| " + " | ".join(line) + " |")
if loader:
    print("\n| loader | to the first batch | peak memory |")
    print("| --- | --- | --- |")
    for name, figures in loader.items():
        print(f"| {name} | {figures['first_batch_s']:.2f} s | {figures['peak_memory_mb']:.0f} MB |")
if report.get("tokenizer", {}).get("same_ids") is False:
    print("\nthe two tokenizers gave different ids: the comparison does not hold")
if target:
    with open(target, "w") as file:
        json.dump(report, file, indent=1, sort_keys=True)
        file.write("\n")
