"""Peers of `prep shard`: decode, resize to 224, tokenize, MDSWriter with zstd:3 and hashes, in PROCESSES processes. Prints seconds as JSON.

    ingest.py FOLDER KIND PROCESSES OUT     KIND: pillow | simplejpeg

pillow: Pillow decodes and resizes (bicubic, antialiased). simplejpeg: libjpeg-turbo's decoder into an array, torchvision's bicubic with
antialiasing on uint8 tensors. The clock starts after imports, in processes that are there already. The input files are not hashed, as ours are.
"""
import json
import multiprocessing
import os
import shutil
import sys
import time

import numpy
import peers  # noqa: F401
from PIL import Image
from tokenizers import BertWordPieceTokenizer

COLUMNS = {
    "attention": "ndarray:uint8:24", "caption": "str", "height": "int", "id": "str", "image": "ndarray:uint8:224,224,3",
    "mask": "ndarray:uint8:224,224", "tokens": "ndarray:int32:24", "width": "int",
}


def decode_pillow(folder, name):
    image = Image.open(f"{folder}/images/{name}").convert("RGB")
    mask = Image.open(f"{folder}/masks/{name}").convert("L")
    size = image.size
    image = numpy.asarray(image.resize((224, 224), Image.BICUBIC))
    return size, image, (numpy.asarray(mask.resize((224, 224), Image.NEAREST)) >= 128).astype(numpy.uint8)


def decode_simplejpeg(folder, name):
    import simplejpeg
    import torch
    from torchvision.transforms.functional import InterpolationMode, resize

    image = simplejpeg.decode_jpeg(open(f"{folder}/images/{name}", "rb").read(), colorspace="RGB")
    mask = simplejpeg.decode_jpeg(open(f"{folder}/masks/{name}", "rb").read(), colorspace="GRAY")[..., 0]
    height, width = image.shape[:2]
    # channels-last memory, for which torch has vector kernels
    tensor = torch.from_numpy(image).permute(2, 0, 1)
    image = resize(tensor[None], [224, 224], InterpolationMode.BICUBIC, antialias=True)[0].permute(1, 2, 0).contiguous().numpy()
    rows, columns = (numpy.arange(224) + 0.5) * height / 224, (numpy.arange(224) + 0.5) * width / 224
    mask = mask[rows.astype(int)[:, None], columns.astype(int)[None, :]]
    return (width, height), image, (mask >= 128).astype(numpy.uint8)


def work(part, folder, kind, out, barrier, times):
    from streaming import MDSWriter

    if kind == "simplejpeg":
        import torch
        import torchvision.transforms.functional  # noqa: F401
        torch.set_num_threads(1)
    decode = {"pillow": decode_pillow, "simplejpeg": decode_simplejpeg}[kind]
    captions = json.load(open(f"{folder}/captions.json"))
    vocabulary = f"{os.path.dirname(folder)}/text/vocab.txt"
    tokenizer = BertWordPieceTokenizer(vocabulary, lowercase=True)
    tokenizer.enable_truncation(24)
    tokenizer.enable_padding(length=24)
    barrier.wait()
    start = time.monotonic()
    with MDSWriter(out=out, columns=COLUMNS, compression="zstd:3", hashes=["sha256", "xxh3_64"]) as writer:
        for name in part:
            size, image, mask = decode(folder, name)
            encoded = tokenizer.encode(captions[name])
            writer.write({
                "attention": numpy.array(encoded.attention_mask, numpy.uint8), "caption": captions[name], "height": size[1], "id": name[:-4],
                "image": image, "mask": mask, "tokens": numpy.array(encoded.ids, numpy.int32), "width": size[0],
            })
    times.put((start, time.monotonic()))


def main():
    folder, kind, processes, out = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    shutil.rmtree(out, ignore_errors=True)
    names = sorted(os.listdir(f"{folder}/images"))
    context = multiprocessing.get_context("fork")
    barrier, times = context.Barrier(processes), context.Queue()
    children = [
        context.Process(target=work, args=(names[i::processes], folder, kind, f"{out}/{i}", barrier, times)) for i in range(processes)
    ]
    for child in children:
        child.start()
    spans = [times.get() for _ in children]
    for child in children:
        child.join()
    seconds = max(end for _, end in spans) - min(start for start, _ in spans)
    shutil.rmtree(out, ignore_errors=True)
    print(json.dumps({"samples": len(names), "seconds": seconds}))


main()
