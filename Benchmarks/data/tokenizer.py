"""Peer of the tokenizer: Hugging Face tokenizers (Rust) on one thread, batches of 1,000 lines. Prints the best rate of the passes made in SECONDS.

    tokenizer.py CAPTIONS VOCABULARY LENGTH SECONDS
"""
import json
import os
import sys
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
from tokenizers import BertWordPieceTokenizer  # noqa: E402

captions, vocabulary, length, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
lines = open(captions, encoding="utf-8").read().splitlines()
tokenizer = BertWordPieceTokenizer(vocabulary, lowercase=True)
tokenizer.enable_truncation(length)
tokenizer.enable_padding(length=length)
best, begin = 0, time.monotonic()
while True:
    start = time.monotonic()
    for at in range(0, len(lines), 1000):
        for encoded in tokenizer.encode_batch(lines[at:at + 1000]):
            last = encoded
    best = max(best, len(lines) / (time.monotonic() - start))
    if time.monotonic() - begin > seconds:
        break
total = 0
for at in range(0, len(lines), 1000):
    for encoded in tokenizer.encode_batch(lines[at:at + 1000]):
        own = 0
        for token in encoded.ids:
            own = own * 31 + token
        total = (total * 31 + own) & 0xFFFFFFFF
print(json.dumps({"captions": len(lines), "captions_per_s": round(best), "check": total}))
