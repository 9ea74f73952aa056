"""The PyTorch peer of the text encoder: transformers' BERT base, frozen, on synthetic tokens; or, with --save, such an encoder with random weights as a folder.

Prints one line of JSON: {"textsPerSecond": median over passes, ...}. bf16 is the model in bf16, the faster of PyTorch's two ways.
"""

import argparse
import json
import pathlib
import statistics
import string
import sys
import time

import torch

# transformers imports torchvision where there is one; the model needs none of it, and one that does not fit torch fails.
sys.modules.setdefault("torchvision", None)
from transformers import BertConfig, BertModel  # noqa: E402


def save(folder: pathlib.Path):
    model = BertModel(BertConfig(), add_pooling_layer=False)
    model.save_pretrained(folder)
    # Any word can be spelled with these; the rest only fills the vocabulary.
    letters = string.ascii_lowercase + string.digits + string.punctuation
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *("##" + letter for letter in letters)]
    pieces += [f"[unused{index}]" for index in range(30522 - len(pieces))]
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--save", type=pathlib.Path, help="write the folder of an encoder here and leave")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--tokens", type=int, default=24)
    parser.add_argument("--steps", type=int, default=5, help="timed passes")
    parser.add_argument("--threads", type=int, default=0, help="0: PyTorch's default")
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--compile", action="store_true", help="torch.compile")
    parser.add_argument("--budget", type=float, default=1e9, help="seconds after which no pass is begun, once one is timed")
    options = parser.parse_args()
    torch.manual_seed(0)
    if options.save:
        return save(options.save)
    if options.threads:
        torch.set_num_threads(options.threads)
    model = BertModel(BertConfig(), add_pooling_layer=False).eval()
    if options.precision == "bf16":
        model = model.to(torch.bfloat16)
    run = torch.compile(model) if options.compile else model
    ids = torch.randint(0, 30522, (options.batch_size, options.tokens))
    attention = torch.ones_like(ids)
    begin, seconds = time.perf_counter(), []
    with torch.inference_mode():
        run(input_ids=ids, attention_mask=attention)
        while len(seconds) < options.steps and (not seconds or time.perf_counter() - begin < options.budget):
            start = time.perf_counter()
            run(input_ids=ids, attention_mask=attention)
            seconds.append(time.perf_counter() - start)
    print(json.dumps({
        "textsPerSecond": options.batch_size / statistics.median(seconds), "secondsPerPass": seconds, "batchSize": options.batch_size,
        "tokens": options.tokens, "precision": options.precision, "compiled": options.compile, "threads": torch.get_num_threads(),
        "torch": torch.__version__}))


if __name__ == "__main__":
    main()
