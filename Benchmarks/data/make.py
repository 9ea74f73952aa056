"""Makes what the data benchmarks read: picture sets in Kvasir-SEG's layout, and caption text. Not for measuring.

Sets, under the folder given (each made once, kept, and remade when this file changes):
  small/   256x256 photographs: Kvasir-SEG as re-encoded at that size where it is there, else drawn ones.
  large/   332x487 to 1920x1072, JPEG. With real data: those photographs enlarged to the sizes that the 1,000 originals have, with grain,
           saved at the quality that gives the originals' bytes (39.5 kB on average). Else drawn ones of the same sizes.
  text/    captions.txt (20,000 distinct words), vocab.txt, both from a seed.
Drawn pictures are 1/f noise in colour with soft blobs: JPEG spends about as many bits on them as on photographs.
"""
import argparse
import hashlib
import io
import json
import os
import random
import sys

import numpy
from PIL import Image

SEED = 20


def drawn(width, height, rng):
    """A picture with the spectrum of photographs, and the mask of its blob."""
    fy = numpy.fft.fftfreq(height)[:, None]
    fx = numpy.fft.rfftfreq(width)[None, :]
    falloff = 1 / numpy.maximum(numpy.hypot(fx, fy), 1 / max(width, height)) ** 1.3
    planes = []
    shared = rng.standard_normal((height, fx.shape[1])) + 1j * rng.standard_normal((height, fx.shape[1]))
    for _ in range(3):
        own = rng.standard_normal((height, fx.shape[1])) + 1j * rng.standard_normal((height, fx.shape[1]))
        plane = numpy.fft.irfft2((shared + 0.25 * own) * falloff, s=(height, width))
        planes.append(plane / plane.std())
    y, x = numpy.mgrid[0:height, 0:width]
    cy, cx, r = rng.uniform(0.3, 0.7) * height, rng.uniform(0.3, 0.7) * width, rng.uniform(0.1, 0.25) * min(width, height)
    blob = ((x - cx) ** 2 + ((y - cy) * rng.uniform(0.8, 1.4)) ** 2) < r * r
    base = numpy.stack(planes, -1) * 38 + numpy.array([150, 95, 75]) + blob[..., None] * numpy.array([40, 10, 0])
    return Image.fromarray(base.clip(0, 255).astype(numpy.uint8)), Image.fromarray((blob * 255).astype(numpy.uint8))


def jpeg_of_size(picture, wanted):
    """The JPEG file whose size is nearest to `wanted` bytes among a few qualities."""
    best = None
    for quality in (55, 65, 75, 82, 88, 92):
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=quality)
        data = buffer.getvalue()
        if best is None or abs(len(data) - wanted) < abs(len(best) - wanted):
            best = data
        if len(data) > wanted:
            break
    return best


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def real_names(real):
    return sorted(n for n in os.listdir(f"{real}/kvasir-seg-256/images") if n.endswith(".jpg")) if real else []


def real_captions(real):
    captions = {}
    for split in ("train", "val", "test"):
        for entry in json.load(open(f"{real}/captions/kvasir-medvlsm-{split}.json")):
            captions[entry["img_name"]] = entry["prompts"]["p6"]
    return captions


def make_small(folder, real, count):
    captions = real_captions(real) if real else {}
    for i, name in zip(range(count), real_names(real)):
        for kind in ("images", "masks"):
            write(f"{folder}/{kind}/{name}", open(f"{real}/kvasir-seg-256/{kind}/{name}", "rb").read())
    names = sorted(os.listdir(f"{folder}/images"))
    for i in range(len(names), count if not real else 0):
        picture, mask = drawn(256, 256, numpy.random.default_rng(SEED + i))
        picture.save(f"{folder}/images/drawn{i:04}.jpg", quality=88)
        mask.save(f"{folder}/masks/drawn{i:04}.jpg", quality=88)
    return captions


def make_large(folder, real, count):
    if real:
        captions = real_captions(real)
        sizes = json.load(open(f"{real}/kvasir-seg-bboxes.json"))
        bytes_of = {}
        for line in open(f"{real}/kvasir-seg-official-sha256.tsv"):
            path, _, size = line.rstrip("\n").split("\t")
            if path.startswith("images/"):
                bytes_of[path[7:]] = int(size)
        for i, name in zip(range(count), real_names(real)):
            size = (sizes[name[:-4]]["width"], sizes[name[:-4]]["height"])
            picture = Image.open(f"{real}/kvasir-seg-256/images/{name}").convert("RGB").resize(size, Image.BICUBIC)
            grain = numpy.random.default_rng(SEED + i).normal(0, 2, (size[1], size[0], 1))
            picture = Image.fromarray((numpy.asarray(picture) + grain).clip(0, 255).astype(numpy.uint8))
            write(f"{folder}/images/{name}", jpeg_of_size(picture, bytes_of[name]))
            mask = Image.open(f"{real}/kvasir-seg-256/masks/{name}").convert("L").resize(size, Image.BICUBIC)
            mask.save(f"{folder}/masks/{name}", quality=88)
        return captions
    rng = random.Random(SEED)
    for i in range(count):
        size = rng.choice([(622, 530), (626, 547), (622, 529), (570, 530), (720, 576), (487, 332), (1225, 966), (1920, 1072)])
        picture, mask = drawn(*size, numpy.random.default_rng(SEED + i))
        picture.save(f"{folder}/images/drawn{i:04}.jpg", quality=80)
        mask.save(f"{folder}/masks/drawn{i:04}.jpg", quality=88)
    return {}


def words(rng, count):
    syllables = [a + b for a in "b c d f g l m n p r s t v pl st tr".split() for b in "a e i o u al er in or us".split()]
    found = []
    seen = set()
    while len(found) < count:
        word = "".join(rng.choice(syllables) for _ in range(rng.choice((1, 2, 2, 3, 3, 4))))
        if word not in seen:
            seen.add(word)
            found.append(word)
    return found


def make_text(folder, vocabulary, lines=100_000):
    """Sentences of 8 to 20 words, half of them from the most frequent hundredth, with capitals and punctuation."""
    rng = random.Random(SEED)
    if vocabulary:
        pool = [w for w in open(vocabulary, encoding="utf-8").read().split("\n") if w.isascii() and w.isalpha() and len(w) > 2]
        distinct = list(dict.fromkeys(pool[:12_000] + words(rng, 20_000)))[:20_000]
    else:
        distinct = words(rng, 20_000)
        pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + list("abcdefghijklmnopqrstuvwxyz0123456789,.;:-()") + ["##" + c for c in "abcdefghijklmnopqrstuvwxyz0123456789"]
        pieces += distinct[:8000] + ["##" + w for w in distinct[8000:12_000]]
        write(f"{folder}/vocab.txt", ("\n".join(dict.fromkeys(pieces)) + "\n").encode())
    if vocabulary:
        write(f"{folder}/vocab.txt", open(vocabulary, "rb").read())
    rng.shuffle(distinct)
    with open(f"{folder}/captions.txt", "w", encoding="utf-8") as file:
        order = list(range(20_000))
        for line in range(lines):
            sentence = [distinct[rng.randrange(200)] if rng.random() < 0.5 else distinct[rng.randrange(20_000)] for _ in range(rng.randint(8, 20))]
            if line < 1600:  # every word occurs
                sentence = [distinct[i] for i in order[(line * 13) % 20_000:(line * 13) % 20_000 + 13]]
            sentence[0] = sentence[0].capitalize()
            if len(sentence) > 4:
                sentence[len(sentence) // 2] += ","
            file.write(" ".join(sentence) + ".\n")


def prepared(folder, kinds, key):
    """True where the folder was made with this key; else empties it."""
    mark = f"{folder}/made-by"
    if os.path.exists(mark) and open(mark).read() == key:
        return True
    for kind in kinds:
        os.makedirs(f"{folder}/{kind}", exist_ok=True)
        for name in os.listdir(f"{folder}/{kind}"):
            os.remove(f"{folder}/{kind}/{name}")
    os.makedirs(folder, exist_ok=True)
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--real", help="folder with kvasir-seg-256/ and captions/")
    parser.add_argument("--count", type=int, default=998)
    arguments = parser.parse_args()
    real = arguments.real
    own = hashlib.sha256(open(__file__, "rb").read()).hexdigest()
    for name, make in (("small", make_small), ("large", make_large)):
        folder = f"{arguments.folder}/{name}"
        key = f"{own} {arguments.count} {bool(real)}"
        if prepared(folder, ("images", "masks"), key):
            continue
        print(f"making {folder}", file=sys.stderr)
        captions = make(folder, real, arguments.count)
        names = sorted(os.listdir(f"{folder}/images"))
        rng = random.Random(SEED)
        sides = ["upper left", "upper right", "lower left", "lower right", "center"]
        text = {n: captions.get(n) or f"one {rng.choice(['small', 'large'])} polyp, located in {rng.choice(sides)} of the image" for n in names}
        write(f"{folder}/captions.json", json.dumps(text).encode())
        write(f"{folder}/made-by", key.encode())
    folder = f"{arguments.folder}/text"
    vocabulary = f"{real}/cxr-bert/vocab.txt" if real and os.path.exists(f"{real}/cxr-bert/vocab.txt") else None
    key = f"{own} {bool(vocabulary)}"
    if not prepared(folder, (), key):
        print(f"making {folder}", file=sys.stderr)
        make_text(folder, vocabulary)
        write(f"{folder}/made-by", key.encode())


main()
