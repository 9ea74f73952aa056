"""Peers of the loader: shuffled, normalised float32 batches of 32 through a torch DataLoader with PROCESSES workers. Prints figures as JSON.

    loader.py KIND FOLDER PROCESSES EPOCHS COUNT     KIND: streaming | webdataset | arrow | jpeg | make-webdataset | make-arrow

FOLDER: streaming: shards of `prep shard` (MDS, zstd). webdataset: tar files of samples, zstd over the whole tar. arrow: a Hugging Face dataset on disk,
uncompressed. jpeg: images/ and masks/, COUNT samples by repeating them. The time to the first batch counts from the process's start.
"""
import json
import os
import subprocess
import sys
import time

kind, folder, processes, epochs, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])


def seconds_since_start():
    fields = open("/proc/self/stat").read().rsplit(")", 1)[1].split()
    return float(open("/proc/uptime").read().split()[0]) - int(fields[19]) / os.sysconf("SC_CLK_TCK")


import numpy  # noqa: E402
import torch  # noqa: E402


ROW_MEAN = torch.tensor([127.0, 82.0, 60.0]).repeat(224)
ROW_SCALE = 1 / torch.tensor([75.0, 55.0, 45.0]).repeat(224)


def collate(samples):
    """uint8 samples to normalised float32, in the worker, with constants per channel: less work than each image's own mean and deviation, which is
    what ours takes. Whole rows at once, the fastest way found."""
    images = torch.from_numpy(numpy.stack([s["image"] for s in samples])).view(len(samples), 224, 672).float()
    images.sub_(ROW_MEAN).mul_(ROW_SCALE)
    masks = torch.from_numpy(numpy.stack([s["mask"] for s in samples]))
    tokens = torch.from_numpy(numpy.stack([s["tokens"] for s in samples]))
    return images.view(len(samples), 224, 224, 3), masks, tokens


def memory_megabytes():
    """Of this process and its workers, each shared page counted once; pages of mapped files, which the system can drop, left out."""
    total = 0
    for pid in [os.getpid()] + [child.pid for child in torch.multiprocessing.active_children()]:
        try:
            fields = dict(line.split(":", 1) for line in open(f"/proc/{pid}/smaps_rollup") if ":" in line)
            total += sum(int(fields[name].split()[0]) for name in ("Pss_Anon", "Pss_Shmem"))
        except (OSError, KeyError):
            pass
    return total * 1024 / 1e6


def streaming_loader():
    import shutil
    import peers  # noqa: F401
    from streaming import StreamingDataset
    from torch.utils.data import DataLoader

    # Unpacks beside the shards on the first pass: a copy of links, so that every run begins with packed shards.
    local = f"{folder}.streaming"
    shutil.rmtree(local, ignore_errors=True)
    os.makedirs(local)
    for name in os.listdir(folder):
        os.link(f"{folder}/{name}", f"{local}/{name}")
    dataset = StreamingDataset(local=local, shuffle=True, batch_size=32, shuffle_seed=1)
    return DataLoader(dataset, batch_size=32, num_workers=processes, collate_fn=collate, persistent_workers=True), lambda: shutil.rmtree(local)


def webdataset_loader():
    import glob
    import webdataset
    from torch.utils.data import DataLoader

    files = sorted(glob.glob(f"{folder}/*.tar.zst"))

    def parse(sample):
        return {
            "image": numpy.frombuffer(sample["image"], numpy.uint8).reshape(224, 224, 3),
            "mask": numpy.frombuffer(sample["mask"], numpy.uint8).reshape(224, 224),
            "tokens": numpy.frombuffer(sample["tokens"], numpy.int32),
        }

    urls = [f"pipe:zstd -dcq {f}" for f in files]
    dataset = webdataset.WebDataset(urls, shardshuffle=len(urls), empty_check=False, seed=1).shuffle(1000).map(parse)
    return DataLoader(dataset, batch_size=32, num_workers=processes, collate_fn=collate, persistent_workers=True), lambda: None


def arrow_loader():
    import datasets
    from torch.utils.data import DataLoader

    dataset = datasets.load_from_disk(folder)

    class Rows(torch.utils.data.Dataset):
        def __len__(self):
            return len(dataset)

        def __getitems__(self, indices):
            # Straight from Arrow's buffers, without Python objects for the bytes.
            table = dataset.with_format("arrow")[indices]
            columns = [table.column(name).combine_chunks() for name in ("image", "mask", "tokens")]
            result = []
            for i in range(len(indices)):
                image, mask, tokens = (numpy.frombuffer(c[i].as_buffer(), numpy.uint8) for c in columns)
                result.append({"image": image.reshape(224, 224, 3), "mask": mask.reshape(224, 224), "tokens": tokens.view(numpy.int32)})
            return result

    return DataLoader(Rows(), batch_size=32, shuffle=True, num_workers=processes, collate_fn=collate, persistent_workers=True), lambda: None


def jpeg_loader():
    from PIL import Image
    from torch.utils.data import DataLoader

    names = sorted(os.listdir(f"{folder}/images"))

    class Files(torch.utils.data.Dataset):
        def __len__(self):
            return count

        def __getitem__(self, index):
            name = names[index % len(names)]
            image = Image.open(f"{folder}/images/{name}").convert("RGB").resize((224, 224), Image.BICUBIC)
            mask = Image.open(f"{folder}/masks/{name}").convert("L").resize((224, 224), Image.NEAREST)
            return {"image": numpy.asarray(image), "mask": (numpy.asarray(mask) >= 128).astype(numpy.uint8), "tokens": numpy.zeros(24, numpy.int32)}

    return DataLoader(Files(), batch_size=32, shuffle=True, num_workers=processes, collate_fn=collate, persistent_workers=True), lambda: None


def stored_samples(shards):
    import peers  # noqa: F401
    from streaming import StreamingDataset

    for sample in StreamingDataset(local=shards, shuffle=False, batch_size=1):
        yield sample


def make_webdataset():
    import io
    import tarfile

    shards = sys.argv[6]
    os.makedirs(folder, exist_ok=True)
    number, tar = 0, None
    for index, sample in enumerate(stored_samples(shards)):
        if index % 330 == 0:
            if tar:
                tar.close()
            path = f"{folder}/{number:05}.tar"
            tar, number = tarfile.open(path, "w"), number + 1
        for name in ("image", "mask", "tokens"):
            data = sample[name].tobytes()
            info = tarfile.TarInfo(f"s{index:07}.{name}")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    tar.close()
    for i in range(number):
        subprocess.run(["zstd", "-q", "-3", "--rm", "-f", f"{folder}/{i:05}.tar", "-o", f"{folder}/{i:05}.tar.zst"], check=True)


def make_arrow():
    import datasets

    shards = sys.argv[6]

    def rows():
        for sample in stored_samples(shards):
            yield {name: sample[name].tobytes() for name in ("image", "mask", "tokens")}

    features = datasets.Features({name: datasets.Value("binary") for name in ("image", "mask", "tokens")})
    datasets.Dataset.from_generator(rows, features=features, cache_dir=f"{folder}.cache").save_to_disk(folder)


def main():
    torch.set_num_threads(1)
    if kind.startswith("make-"):
        {"make-webdataset": make_webdataset, "make-arrow": make_arrow}[kind]()
        return
    loader, clean = {"streaming": streaming_loader, "webdataset": webdataset_loader, "arrow": arrow_loader, "jpeg": jpeg_loader}[kind]()
    first, peak = None, 0.0
    rates = []
    for _ in range(epochs):
        start = time.monotonic()
        samples = 0
        for batch, (images, masks, tokens) in enumerate(loader):
            if first is None:
                first = seconds_since_start()
            samples += images.shape[0]
            if batch % 100 == 99:
                peak = max(peak, memory_megabytes())
        rates.append(samples / (time.monotonic() - start))
    clean()
    print(json.dumps({
        "first_batch_s": round(first, 3), "first_epoch_per_s": round(rates[0]), "later_epochs_per_s": round(max(rates[1:])) if rates[1:] else None,
        "peak_memory_mb": round(peak), "samples": samples,
    }))


main()
