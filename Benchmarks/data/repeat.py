"""A manifest of COUNT samples, all of them for training, by naming those of another manifest again and again. For the loader's benchmark."""
import hashlib
import json
import sys

folder, source, name, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
samples = [json.loads(line) for line in open(f"{folder}/{source}.jsonl", encoding="utf-8")]
lines = []
for i in range(count):
    sample = dict(samples[i % len(samples)], id=f"s{i:07}", split="train")
    lines.append(json.dumps(sample, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n")
text = "".join(lines).encode()
open(f"{folder}/{name}.jsonl", "wb").write(text)
summary = json.load(open(f"{folder}/{source}.summary.json"))
summary.update(name=name, counts={"all": count, "train": count, "val": 0, "test": 0}, manifestSha256=hashlib.sha256(text).hexdigest())
json.dump(summary, open(f"{folder}/{name}.summary.json", "w"), indent=1)
