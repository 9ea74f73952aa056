#!/usr/bin/env python3
"""Golden values for Text: what Hugging Face's BertTokenizer (slow) and BertTokenizerFast give where they agree.

    python3 Scripts/golden/text.py --cxr-vocabulary VOCAB.TXT [--captions FOLDER]

Writes to Tests/TextTests/Golden:
  vocabulary.txt   a small vocabulary of our own, rich in characters, so that differences do not hide behind [UNK]
  strings.json     adversarial and caption-like strings; ids (length 24) and pieces with that vocabulary, ids with CXR-BERT's
  scalars.json     for every Unicode scalar c on which both agree, the words of "a" + c + "b": the agreeing runs, one hash a block
  captions.json    hashes of the ids of real caption files (only with --captions)
Needs transformers and tokenizers. Same versions, same files.
"""
import argparse
import hashlib
import json
import os
import random
import re
import tempfile
import unicodedata

from transformers import BertTokenizer, BertTokenizerFast

LENGTH = 24
OUT = os.path.join(os.path.dirname(__file__), "..", "..", "Tests", "TextTests", "Golden")
SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
BLOCK = 4096

WORDS = """bilateral unilateral pulmonary infection two infected areas all left right lung upper middle lower one three four
five six seven eight nine polyp located in center of the image top bottom medium small large white pink red oval round which is a
projecting growth tissue and et resume naive cafe strasse istanbul covid ct x ray un affable""".split()
PIECES = """##s ##ed ##ing ##ly ##fect ##ion ##able ##aff ##mon ##ary ##lower ##right ##left ##ab ##bb ##aa ##aaa ##é""".split()


def small_vocabulary():
    scalars = [chr(c) for c in range(33, 127) if not chr(c).isupper()]
    for first, last in [(0xA1, 0x24F), (0x250, 0x2AF), (0x370, 0x3FF), (0x400, 0x45F), (0x5D0, 0x5EA), (0x621, 0x64A), (0x904, 0x939),
                        (0xE01, 0xE30), (0x1100, 0x1112), (0x1161, 0x1175), (0x11A8, 0x11C2), (0x2010, 0x2027), (0x20A0, 0x20BF),
                        (0x2190, 0x21FF), (0x3001, 0x3030), (0x3041, 0x30FF), (0x4E00, 0x4E1F), (0xAB70, 0xABBF), (0x10428, 0x1044F),
                        (0x1F600, 0x1F610)]:
        for c in range(first, last + 1):
            if unicodedata.category(chr(c))[0] not in "CZM":
                for d in unicodedata.normalize("NFD", chr(c).lower()):
                    if unicodedata.category(d) != "Mn" and d not in scalars:
                        scalars.append(d)
    tokens = SPECIALS + scalars + ["##" + s for s in scalars] + WORDS + PIECES
    return list(dict.fromkeys(tokens))


def words_slow(tokenizer, text):
    return tokenizer.basic_tokenizer.tokenize(text)


def words_fast(tokenizer, text):
    normal = tokenizer.backend_tokenizer.normalizer.normalize_str(text)
    return [word for word, _ in tokenizer.backend_tokenizer.pre_tokenizer.pre_tokenize_str(normal)]


def scalars(slow, fast):
    runs, blocks, agreed = [], {}, []
    for c in range(0x110000):
        if 0xD800 <= c < 0xE000:
            continue
        text = "a" + chr(c) + "b"
        words = words_slow(slow, text)
        if words != words_fast(fast, text):
            continue
        agreed.append(c)
        if runs and runs[-1][1] == c - 1:
            runs[-1][1] = c
        else:
            runs.append([c, c])
        blocks.setdefault(c // BLOCK, hashlib.sha256()).update(("\x01".join(words) + "\n").encode())
    hashes = {str(block): value.hexdigest()[:16] for block, value in sorted(blocks.items())}
    return {"runs": runs, "blockSize": BLOCK, "blocks": hashes}, agreed


HAND = [
    "", " ", "\t\r\n", ".", "a", "A", "[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]", "[sep]", "[Sep]", "[SEP", "SEP]", "[[SEP]]", "[SEP][SEP]",
    "a[SEP]b", "polyp [MASK] lung", "polyp[MASK]lung", "[ SEP ]", "[S\u0000EP]", "[SE\u0301P]", "[CLS]polyp[SEP]", "[UNK]able", "[PAD] polyp",
    "#", "##", "##s", "##ing", "a##s", "polyp##s", "[unused1]", "a" * 99, "a" * 100, "a" * 101, "a" * 200 + " polyp", "é" * 100, "é" * 101,
    "e\u0301" * 100, "e\u0301" * 101, "字" * 30, "a字b", "ab\u4e00cd\u4e01", "\uac00\uac01\ud7a3", "한국어", "\u1100\u1161", "ＡＢＣ１２３", "ﬁ ﬂ",
    "ŻÓŁĆ", "Ångström", "Å", "Straße", "STRASSE", "ẞ", "İstanbul", "ISTANBUL", "ıI", "ΑΣ ΑΣΑ", "ΌΣΟΣ", "ᾈᾘᾨ", "ǅ ǆ Ǆ", "ŉ", "ǰ", "ΐ", "Ꭰꭰ",
    "résumé naïve café", "re\u0301sume\u0301", "\u0301abc", "a\u0300\u0301\u0302b", "≮ ≯ ≠", "\u037e", "\u1fef", "\u2260x", "\u212a\u212b\u2126",
    "a\u00a0b", "a\u2009b", "a\u2028b", "a\u2029b", "a\u3000b", "a\u200bb", "a\u200db", "a\ufeffb", "a\u0085b", "a\x0bb", "a\x0cb", "a\x1cb", "a\x00b",
    "a\ufffdb", "a\u00adb", "\u202eabc", "«quoted»", "“quoted”", "it's", "don’t", "x-ray", "x–ray", "x—ray", "x_ray", "a.b.c", "...", "1,000.50", "50%",
    "3x4", "$5", "€5", "£5", "²", "½", "№5", "…", "¿qué?", "¡no!", "§1", "·", "•", "†", "‡", "‰", "′", "※", "\U0001f600 ok", "a\U0001f600b", "\U0001f468\u200d\U0001f469",
    "\U00010400\U00010428", "\U0001d400", "\U0001d15e", "\u1d165", "\U0001d165\U0001d16d\U0001d166", "\u302e\u302f", "\u302f\u0301\u302e", "ก็", "หมู", "नमस्ते", "שלום", "שָׁלוֹם",
    "السلام", "مُحَمَّد", "コンニチハ", "ｶﾞ", "が", "か\u3099", "\u1e9b\u0323", "\u0344", "\u0958", "\u2adc", "\uf900", "\U0002f800", "a\uf900b", "affable", "unaffable",
    "infections", "infecting", "lungs", "upperlower", "leftright", "aab", "aaab", "aaaab", "abab", "polypé", "éé", "a\u0301é",
    "Bilateral pulmonary infection, two infected areas, all left lung and all right lung..",
    "Bilateral pulmonary infection, two infected areas,lower left lung and lower right lung.",
    "Bilateral  pulmonary infection,\u00a0two infected areas, all left lung and all right lung. ",
    "one medium white oval polyp, located in center of the image",
    "one medium white oval polyp which is a projecting growth of tissue located in top left, bottom right of the image",
]


def random_strings(agreed, count, seed):
    generator = random.Random(seed)
    latin = [c for c in agreed if c < 0x250]
    known = [c for c in agreed if c < 0x3100 or 0x1F000 < c < 0x1F700 or 0x10400 <= c < 0x10450]
    marks = [c for c in agreed if unicodedata.category(chr(c)) in ("Mn", "Mc", "Me")]
    odd = [0, 9, 10, 13, 32, 0xA0, 0xAD, 0x200B, 0x2028, 0x3000, 0xFFFD, 0x85, 0xFEFF]
    result = []
    for _ in range(count):
        parts = []
        for _ in range(generator.randint(1, 14)):
            kind = generator.randint(0, 9)
            if kind <= 2:
                word = generator.choice(WORDS)
                parts.append(word if generator.random() < 0.6 else word.title())
            elif kind == 3:
                parts.append(generator.choice(SPECIALS))
            elif kind == 4:
                parts.append("".join(chr(generator.choice(latin)) for _ in range(generator.randint(1, 6))))
            elif kind == 5:
                parts.append("".join(chr(generator.choice(known)) for _ in range(generator.randint(1, 4))))
            elif kind == 6:
                parts.append(chr(generator.choice(agreed)))
            elif kind == 7:
                parts.append("e" + "".join(chr(generator.choice(marks)) for _ in range(generator.randint(1, 3))))
            elif kind == 8:
                parts.append(chr(generator.choice(odd)))
            else:
                parts.append(generator.choice(["..", ", ", "-", "[", "]", "##", "  "]))
            if generator.random() < 0.5:
                parts.append(" ")
        result.append("".join(parts))
    return result


def captions(generator):
    sides, number = ["all", "upper", "middle", "lower", "upper middle", "middle lower"], ["one", "two", "three", "nine"]
    return [f"Bilateral pulmonary infection, {generator.choice(number)} infected areas, {generator.choice(sides)} left lung and "
            f"{generator.choice(sides)} right lung{generator.choice(['.', '..', '', ' .'])}" for _ in range(30)]


def encode(tokenizer, text):
    return tokenizer(text, padding="max_length", truncation=True, max_length=LENGTH)["input_ids"]


def write(name, value):
    with open(os.path.join(OUT, name), "w", encoding="ascii") as file:
        file.write(value if isinstance(value, str) else json.dumps(value, separators=(",", ":")) + "\n")


def ids_digest(slow, fast, texts):
    digest, count = hashlib.sha256(), 0
    known = {}
    for text in texts:
        if text not in known:
            ids = encode(slow, text)
            assert ids == encode(fast, text), text
            known[text] = (" ".join(map(str, ids)) + "\n").encode()
        digest.update(known[text])
        count += 1
    return {"count": count, "distinct": len(known), "sha256": digest.hexdigest()}


def real_captions(slow, fast, folder):
    import openpyxl
    result = {}
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if re.match(r"kvasir-medvlsm-.*\.json$", name):
            with open(path, encoding="utf-8") as file:
                objects = json.load(file)
            texts = [t for o in objects for k in sorted(o["prompts"]) for v in [o["prompts"][k]] for t in (v if isinstance(v, list) else [v])]
        elif name.endswith(".xlsx"):
            rows = list(openpyxl.load_workbook(path, read_only=True).worksheets[0].iter_rows(values_only=True))[1:]
            texts = [row[1] for row in rows if row and row[0]]
        else:
            continue
        result[name] = ids_digest(slow, fast, texts)
    return result


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--cxr-vocabulary", required=True)
    arguments.add_argument("--captions")
    arguments = arguments.parse_args()
    tokens = small_vocabulary()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "vocab.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write("".join(t + "\n" for t in tokens))
        slow, fast = BertTokenizer(path), BertTokenizerFast(path)
    with open(os.path.join(OUT, "vocabulary.txt"), "w", encoding="utf-8") as file:
        file.write("".join(t + "\n" for t in tokens))
    cxr_slow, cxr_fast = BertTokenizer(arguments.cxr_vocabulary), BertTokenizerFast(arguments.cxr_vocabulary)
    table, agreed = scalars(slow, fast)
    write("scalars.json", table)
    rows, dropped = [], []
    for text in dict.fromkeys(HAND + captions(random.Random(1)) + random_strings(agreed, 400, 2)):
        ids, cxr = encode(slow, text), encode(cxr_slow, text)
        pieces = slow.tokenize(text)
        if ids == encode(fast, text) and cxr == encode(cxr_fast, text) and pieces == fast.tokenize(text):
            rows.append({"text": text, "ids": ids, "cxr": cxr, "pieces": pieces})
        else:
            dropped.append(text)
    write("strings.json", "[\n" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "\n]\n")
    print(f"{len(tokens)} tokens; {len(rows)} strings, {len(dropped)} on which the two disagree: {[ascii(t) for t in dropped[:20]]}")
    if arguments.captions:
        write("captions.json", real_captions(cxr_slow, cxr_fast, arguments.captions))


main()
