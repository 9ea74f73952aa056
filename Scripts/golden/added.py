#!/usr/bin/env python3
"""Golden values for added tokens: what Hugging Face's tokenizer makes of folders that hold them, file by file.

    python3 Scripts/golden/added.py

Writes Tests/TextTests/Golden/added.json: for every case the folder's files as text, and strings with their ids (length 24).
Needs transformers. Same version, same file.
"""
import json
import os
import random
import tempfile

from transformers import AddedToken, AutoTokenizer, BertTokenizer

OUT = os.path.join(os.path.dirname(__file__), "..", "..", "Tests", "TextTests", "Golden", "added.json")
SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LETTERS = list("abcdefghijklmnopqrstuvwxyz0123456789") + list("ABCGILMRTU") + list(".,-_[]<>()#") + ["é", "è", "字", "語", "ß"]
WORDS = ["lung", "left", "right", "Lung", "polyp", "ct", "in", "the", "##s", "##lung", "##ct"]
VOCABULARY = list(dict.fromkeys(SPECIALS + LETTERS + ["##" + c for c in LETTERS] + WORDS))
N = len(VOCABULARY)
MODEL = {"model_type": "bert", "vocab_size": N + 20}
UNCASED = {"tokenizer_class": "BertTokenizer", "do_lower_case": True}
CASED = {"tokenizer_class": "BertTokenizer", "do_lower_case": False}


def described(content, **flags):
    return {"content": content, "lstrip": False, "rstrip": False, "normalized": True, "single_word": False, "special": False, **flags}


DECODER = {
    str(N): described("LungCT"), str(N + 1): described("T1w", single_word=True), str(N + 2): described("<tum>", normalized=False, special=True),
    str(N + 3): described("GGO", normalized=False, single_word=True), str(N + 4): described("résumé", rstrip=True, lstrip=True),
    str(N + 5): described("T1"), str(N + 6): described("ill-defined"), str(N + 7): described("字b", single_word=True),
}


def write(folder, files):
    for name, content in files.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(content if isinstance(content, str) else json.dumps(content))


def saved(**settings):
    """tokenizer.json and tokenizer_config.json as save_pretrained writes them."""
    with tempfile.TemporaryDirectory() as folder:
        write(folder, {"vocab.txt": lines(), "config.json": MODEL, "tokenizer_config.json": settings})
        tokenizer = BertTokenizer.from_pretrained(folder)
        tokenizer.add_tokens([AddedToken("LungCT", single_word=True), "T1w", AddedToken("GGO", normalized=False)])
        with tempfile.TemporaryDirectory() as out:
            tokenizer.save_pretrained(out)
            return {name: open(os.path.join(out, name), encoding="utf-8").read() for name in ("tokenizer.json", "tokenizer_config.json")}


def lines():
    return "".join(token + "\n" for token in VOCABULARY)


CASES = {
    "added_tokens.json": {"vocab.txt": lines(), "tokenizer_config.json": UNCASED, "added_tokens.json": {"LungCT": N, "<tum>": N + 1, "T1w": N + 2}},
    "a token of the vocabulary": {"vocab.txt": lines(), "tokenizer_config.json": UNCASED, "added_tokens.json": {"ct": VOCABULARY.index("ct")}},
    "decoder": {"vocab.txt": lines(), "tokenizer_config.json": {**UNCASED, "added_tokens_decoder": DECODER}},
    "decoder, cased": {"vocab.txt": lines(), "tokenizer_config.json": {**CASED, "added_tokens_decoder": DECODER}},
    "decoder with the five": {
        "vocab.txt": lines(),
        "tokenizer_config.json": {
            **UNCASED,
            "added_tokens_decoder": {**{str(i): described(t, normalized=False, special=True) for i, t in enumerate(SPECIALS)}, **DECODER},
        },
    },
    "special tokens": {
        "vocab.txt": lines(), "tokenizer_config.json": {**UNCASED, "additional_special_tokens": ["ct"]},
        "special_tokens_map.json": {"additional_special_tokens": ["ct"], "mask_token": described("[MASK]", normalized=False, special=True)},
    },
    "saved": saved(**UNCASED),
    "saved, cased": saved(**CASED),
    "saved, with vocab.txt": {**saved(**UNCASED), "vocab.txt": lines()},
    "none": {"vocab.txt": lines(), "tokenizer_config.json": UNCASED},
}


def strings():
    generator = random.Random(11)
    parts = [
        "LungCT", "lungct", "LUNGCT", "Lungct", "T1w", "t1w", "T1W", "T1", "t1", "<tum>", "<TUM>", "GGO", "ggo", "résumé", "resume", "RÉSUMÉ", "ill-defined",
        "Ill-Defined", "字b", "字", "語", "ct", "CT", "lung", "left", "polyp", "a", "b", "s", "x", "1", "_", "-", ",", ".", "[MASK]", "[SEP]", "[mask]", "é",
        "e\u0301", "\u0301", "\u200d", "\u0085", "\x0b", "\x0c", "\u00a0", "  ", "\t", "#", "##s", "ß",
    ]
    hand = ["", " ", "left LungCT, right", "LungCTs", "xLungCT", "T1wx T1w T1w", "GGO GGOs _GGO GGO.", "a\x0bb", "a\x0cb", "a\u0085b", "résumé", "T1wT1", "<tum><tum>"]
    made = ["".join(generator.choice(parts) + generator.choice(["", "", " "]) for _ in range(generator.randint(1, 8))) for _ in range(300)]
    return list(dict.fromkeys(hand + made))


def main():
    result = []
    for name, files in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            write(folder, {"config.json": MODEL, **files})
            tokenizer = AutoTokenizer.from_pretrained(folder)
            rows = [[text, tokenizer(text, padding="max_length", truncation=True, max_length=24)["input_ids"]] for text in strings()]
        texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in files.items()}
        result.append({"name": name, "files": texts, "rows": rows})
        print(name, len(rows), len(tokenizer))
    with open(OUT, "w", encoding="ascii") as file:
        file.write(json.dumps(result, separators=(",", ":")) + "\n")


main()
