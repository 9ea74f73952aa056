"""PyTorch's side of Benchmarks/predict.sh: masks of a folder of pictures by the reference U-Net. Prints one line of JSON."""

import argparse
import json
import os
import pathlib
import struct
import sys
import time

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[2] / "Scripts" / "golden" / name) for name in ("models", "")]
import unet  # noqa: E402

SIZE = 224


class Pictures(Dataset):
    """The network's input [3,224,224], BGR from 0 to 1, with the picture's path and size."""

    def __init__(self, folder):
        self.paths = sorted(pathlib.Path(folder).iterdir())

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        picture = Image.open(self.paths[index]).convert("RGB")
        small = np.asarray(picture.resize((SIZE, SIZE), Image.BICUBIC))
        return torch.from_numpy(small[:, :, ::-1].copy()).permute(2, 0, 1).float() / 255, index, picture.height, picture.width


def weights(path):
    data = pathlib.Path(path).read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    found = {}
    for name, entry in json.loads(data[8:8 + length]).items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        begin, end = entry["data_offsets"]
        values = np.frombuffer(data[8 + length + begin:8 + length + end], dtype=np.float32).copy()
        found[name] = torch.from_numpy(values.reshape(entry["shape"]))
    return found


def main():
    parser = argparse.ArgumentParser()
    for name in ("--images", "--checkpoint", "--out"):
        parser.add_argument(name, required=True)
    for name in ("--batch-size", "--workers", "--threads"):
        parser.add_argument(name, type=int, required=True)
    parser.add_argument("--precision", choices=["fp32", "bf16"], required=True)
    parser.add_argument("--channels-last", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    memory = torch.channels_last if options.channels_last else torch.contiguous_format
    model = unet.UNet()
    model.load_state_dict(weights(options.checkpoint), strict=False)
    model = model.eval().to(memory_format=memory)
    out = pathlib.Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    data = Pictures(options.images)
    start = time.perf_counter()
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=options.precision == "bf16"):
        for images, indices, heights, widths in DataLoader(data, batch_size=options.batch_size, num_workers=options.workers):
            probabilities = torch.sigmoid(model(images.to(memory_format=memory)).float())
            for place, index in enumerate(indices.tolist()):
                size = (int(heights[place]), int(widths[place]))
                whole = F.interpolate(probabilities[place:place + 1], size=size, mode="bilinear", align_corners=False)
                mask = (whole[0, 0] > 0.5).to(torch.uint8).mul(255).numpy()
                Image.fromarray(mask).save(out / (data.paths[index].stem + ".png"))
    seconds = time.perf_counter() - start
    print(json.dumps({"imagesPerSecond": len(data) / seconds, "load": os.getloadavg()[0]}))


if __name__ == "__main__":
    main()
