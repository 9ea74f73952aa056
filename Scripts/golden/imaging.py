#!/usr/bin/env python3
"""Golden files of the Imaging tests: small images of every supported kind, and what Pillow (pixels, resizing) and PyTorch (reference
bicubic) make of them.

    python3 Scripts/golden/imaging.py            # rewrites Tests/ImagingTests/Golden

Needs numpy, pillow (13 or later: its order of resizing passes is the default here), torch. Kinds that Pillow cannot write (interlaced PNG, tiles, separate planes, 16-bit RGB) are written here, byte by
byte. Where Pillow itself would not follow the package's rule (16-bit grey keeps its high byte) the expectation comes from numpy.
"""
import hashlib, io, json, struct, zlib
from pathlib import Path
import numpy as np
from PIL import Image, ImageOps
import torch

OUT = Path(__file__).resolve().parents[2] / "Tests/ImagingTests/Golden"
OUT.mkdir(parents=True, exist_ok=True)
for old in OUT.iterdir():
    if not old.name.startswith("ycbcr-"):  # written once with libtiff itself
        old.unlink()
cases, resizes = [], []


def noise(h, w, c):
    """uint8 [h, w, c] from a hash of the index; Tests/ImagingTests/TestRasters.swift has the same formula."""
    i = np.arange(h * w * c, dtype=np.uint64)
    v = (i * 2654435761) & 0xFFFFFFFF
    v ^= v >> 15
    v = (v * 2246822519) & 0xFFFFFFFF
    return (v >> 24).astype(np.uint8).reshape(h, w, c)


def scene(h, w, c):
    """A smooth picture with an edge, [h, w, c] uint8: what JPEG codes well and scaling shows."""
    y, x = np.mgrid[0:h, 0:w]
    planes = [128 + 100 * np.sin(x / (5 + k) + k) * np.cos(y / (7 - k)) for k in range(c)]
    a = np.stack(planes, -1)
    a[h // 3 : h // 2, w // 4 : w // 2] += 60
    return np.clip(a, 0, 255).astype(np.uint8)


def add(name, data, pixels, notes=(), stored=None):
    """pixels: 8-bit grey or RGB, as `decode` gives them; stored: samples at their own depth, as `decodeStored` gives them (Pillow's where not given)."""
    pixels = np.ascontiguousarray(pixels, dtype=np.uint8)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    (OUT / name).write_bytes(data)
    h, w, c = pixels.shape
    cases.append(dict(file=name, width=w, height=h, channels=c, sha256=hashlib.sha256(pixels.tobytes()).hexdigest(), notes=list(notes),
                      stored=stored or native(data)))


def samples(kind, bits, values, alpha=None, palette=None, lossy=False):
    """What decodeStored is to give; values and alpha [h, w(, c)] at their own depth, the palette [n, 3] at 8 bits."""
    def digest(a, kind):
        return None if a is None else hashlib.sha256(np.ascontiguousarray(a).astype(kind).tobytes()).hexdigest()
    return dict(kind=kind, bits=bits, samples=digest(values, "<u2"), alpha=digest(alpha, "<u2"), palette=digest(palette, "u1"), lossy=lossy)


def native(data):
    """The stored samples that Pillow can tell of itself: it scales grey of 2 and 4 bits, and reduces 16-bit colours."""
    im = Image.open(io.BytesIO(data))
    lossy = im.format == "JPEG" or im.info.get("compression") == "jpeg"
    im = ImageOps.exif_transpose(im)
    a = np.asarray(im.convert("RGB") if im.mode == "CMYK" else im)
    if im.mode == "1":
        return samples("grey", 1, a)
    if im.mode == "P":
        return samples("palette", 8, a, palette=np.array(im.getpalette("RGB")).reshape(-1, 3))
    if im.mode in ("LA", "RGBA"):
        return samples("grey" if im.mode == "LA" else "colour", 8, a[:, :, :-1], alpha=a[:, :, -1])
    return samples({"L": "grey", "I;16": "grey", "I;16B": "grey", "RGB": "colour", "CMYK": "colour"}[im.mode], 16 if im.mode.startswith("I") else 8, a, lossy=lossy)


def pillow(data, mode=None, transpose=True):
    im = Image.open(io.BytesIO(data))
    if transpose:
        im = ImageOps.exif_transpose(im)
    return np.asarray(im.convert(mode or ("L" if im.mode in ("1", "L", "LA") else "RGB")))


def saved(array, fmt, mode=None, **options):
    b = io.BytesIO()
    im = array if isinstance(array, Image.Image) else Image.fromarray(array.squeeze())
    if mode:
        im = im.convert(mode)
    im.save(b, fmt, **options)
    return b.getvalue()


# ---- PNG -------------------------------------------------------------------------------------------------------------------------
def packed_rows(samples, depth):
    """[h, n] integers -> rows of bytes."""
    h, n = samples.shape
    if depth == 16:
        return [r.astype(">u2").tobytes() for r in samples]
    if depth == 8:
        return [r.astype(np.uint8).tobytes() for r in samples]
    bits = ((samples[:, :, None] >> np.arange(depth - 1, -1, -1)) & 1).reshape(h, -1).astype(np.uint8)
    return [np.packbits(r).tobytes() for r in bits]


def png(samples, depth, color_type, interlace=False, palette=None, trns=None, extra=()):
    """samples [h, w, channels] as stored."""
    h, w, c = samples.shape
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)] if interlace else [(0, 0, 1, 1)]
    raw = b""
    for y0, x0, dy, dx in passes:
        part = samples[y0::dy, x0::dx]
        if part.shape[0] and part.shape[1]:
            raw += b"".join(b"\0" + r for r in packed_rows(part.reshape(part.shape[0], -1).astype(np.int64), depth))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    out = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, depth, color_type, 0, 0, int(interlace)))
    for kind, data in extra:
        out += chunk(kind, data)
    if palette is not None:
        out += chunk(b"PLTE", palette.astype(np.uint8).tobytes())
    if trns is not None:
        out += chunk(b"tRNS", trns)
    return out + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b"")


H, W = 21, 27
for depth in (1, 2, 4, 8, 16):
    full = noise(H, W, 2).astype(np.int64)
    values = (full[:, :, :1] * 256 + full[:, :, 1:]) >> (16 - depth)
    for interlace in (False, True):
        tag = f"{depth}{'-interlaced' if interlace else ''}"
        data = png(values, depth, 0, interlace)
        want = values >> 8 if depth == 16 else pillow(data)
        grey = samples("grey", depth, values)
        assert depth in (2, 4) or grey == native(data)
        add(f"grey{tag}.png", data, want, {16: ["reducedFrom16Bit"], 8: []}.get(depth, [f"scaledFromBits({depth})"]), grey)
    if depth <= 8:
        table = noise(1 << depth, 1, 3)
        for interlace in (False, True):
            data = png(values, depth, 3, interlace, palette=table)
            assert (np.asarray(Image.open(io.BytesIO(data))) == values[:, :, 0]).all()
            add(f"palette{depth}{'-interlaced' if interlace else ''}.png", data, pillow(data), ["paletteExpanded"], samples("palette", depth, values, palette=table))
rgb = noise(H, W, 3)
add("rgb8.png", saved(rgb, "PNG"), rgb)
add("rgb8-interlaced.png", png(rgb, 8, 2, True), rgb)
wide = noise(H, W, 6).astype(np.int64).reshape(H, W, 3, 2)
wide = wide[..., 0] * 256 + wide[..., 1]
data = png(wide, 16, 2)
add("rgb16.png", data, pillow(data), ["reducedFrom16Bit"], samples("colour", 16, wide))
rgba = noise(H, W, 4)
add("rgba8.png", saved(rgba, "PNG"), rgba[:, :, :3], ["alphaDropped"])
la = noise(H, W, 2)
add("grey-alpha8.png", png(la, 8, 4), la[:, :, 0], ["alphaDropped"])
wide4 = noise(H, W, 8).astype(np.int64).reshape(H, W, 4, 2)
wide4 = (wide4, wide4[..., 0] * 256 + wide4[..., 1])
add("rgba16-interlaced.png", png(wide4[1], 16, 6, True), wide4[0][:, :, :3, 0], ["reducedFrom16Bit", "alphaDropped"],
    samples("colour", 16, wide4[1][:, :, :3], alpha=wide4[1][:, :, 3]))
indexes = (noise(H, W, 1) >> 4).astype(np.int64)
data = png(indexes, 4, 3, palette=noise(16, 1, 3), trns=bytes(range(0, 160, 10)))
opacity = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))[:, :, 3]
add("palette4-transparent.png", data, pillow(data), ["paletteExpanded", "alphaDropped"], samples("palette", 4, indexes, alpha=opacity, palette=noise(16, 1, 3)))
data = png(rgb, 8, 2, trns=struct.pack(">HHH", 1, 2, 3))
add("rgb8-transparent.png", data, rgb, ["alphaDropped"], samples("colour", 8, rgb, alpha=np.full((H, W), 255)))
# Pillow shows the transparent colour as alpha, too.
key = [int(v) for v in rgb[3, 4]]
data = png(rgb, 8, 2, trns=struct.pack(">HHH", *key))
opacity = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))[:, :, 3]
assert opacity[3, 4] == 0 and opacity.max() == 255
add("rgb8-transparent-colour.png", data, rgb, ["alphaDropped"], samples("colour", 8, rgb, alpha=opacity))
two = (noise(H, W, 1) >> 6).astype(np.int64)
data = png(two, 2, 0, trns=struct.pack(">H", 2))
add("grey2-transparent.png", data, two * 85, ["scaledFromBits(2)", "alphaDropped"], samples("grey", 2, two, alpha=np.where(two == 2, 0, 3)))
deep = (noise(H, W, 1) >> 6).astype(np.int64) * 257 + 1
data = png(deep, 16, 0, trns=struct.pack(">H", 258))
add("grey16-transparent.png", data, deep >> 8, ["reducedFrom16Bit", "alphaDropped"], samples("grey", 16, deep, alpha=np.where(deep == 258, 0, 65535)))
exif = Image.Exif()
exif[0x0112] = 6
data = saved(rgb, "PNG", exif=exif)
add("rgb8-exif6.png", data, pillow(data), ["orientationApplied(6)"])
add("one-pixel.png", png(noise(1, 1, 3), 8, 2), noise(1, 1, 3))

# ---- JPEG ------------------------------------------------------------------------------------------------------------------------
picture = scene(45, 59, 3)
for name, options in {
    "rgb-444": dict(subsampling=0, quality=90), "rgb-422": dict(subsampling=1, quality=85), "rgb-420": dict(subsampling=2, quality=75),
    "rgb-420-progressive": dict(subsampling=2, quality=75, progressive=True), "rgb-444-progressive": dict(subsampling=0, quality=60, progressive=True),
    "rgb-420-restarts": dict(subsampling=2, quality=70, restart_marker_blocks=2), "rgb-optimised": dict(quality=50, optimize=True),
    "rgb-q100": dict(quality=100, subsampling=0), "rgb-kept": dict(keep_rgb=True, quality=80),
}.items():
    data = saved(picture, "JPEG", **options)
    add(f"{name}.jpg", data, pillow(data))
data = saved(scene(33, 17, 1), "JPEG", quality=80)
add("grey.jpg", data, pillow(data))
data = saved(scene(33, 17, 1), "JPEG", quality=80, progressive=True)
add("grey-progressive.jpg", data, pillow(data))
cmyk = saved(Image.frombytes("CMYK", (31, 29), scene(29, 31, 4).tobytes()), "JPEG", quality=85)
add("cmyk.jpg", cmyk, pillow(cmyk), ["convertedFromCMYK"])
adobe = cmyk.index(b"Adobe")
ycck = bytearray(cmyk)
ycck[adobe + 11] = 2  # the same coded data, declared as YCCK
add("ycck.jpg", bytes(ycck), pillow(bytes(ycck)), ["convertedFromCMYK"])
small = scene(13, 18, 3)
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(small, "JPEG", quality=90, exif=exif)
    add(f"exif{orientation}.jpg", data, pillow(data), [f"orientationApplied({orientation})"] if orientation > 1 else [])
xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="8"/></x:xmpmeta>'
data = saved(small, "JPEG", quality=90, xmp=xmp)
add("xmp8.jpg", data, pillow(data), ["orientationApplied(8)"])
exif = Image.Exif()
exif[0x0112] = 9
data = saved(small, "JPEG", quality=90, exif=exif)
add("exif-invalid.jpg", data, pillow(data))


# ---- TIFF ------------------------------------------------------------------------------------------------------------------------
def tiff(samples, depth, photometric, endian="<", tile=None, planar=False, rows_per_strip=None, deflate=False, tags=()):
    """samples [h, w, channels] as stored."""
    h, w, c = samples.shape
    blocks = []

    def block(part):
        flat = part.reshape(part.shape[0], -1).astype(np.int64)
        data = b"".join(packed_rows(flat, depth)) if depth != 16 else flat.astype(endian + "u2").tobytes()
        blocks.append(zlib.compress(data) if deflate else data)

    for plane in [samples[:, :, k : k + 1] for k in range(c)] if planar else [samples]:
        if tile:
            for y in range(0, h, tile):
                for x in range(0, w, tile):
                    part = np.zeros((tile, tile, plane.shape[2]), np.int64)
                    cut = plane[y : y + tile, x : x + tile]
                    part[: cut.shape[0], : cut.shape[1]] = cut
                    block(part)
        else:
            step = rows_per_strip or h
            for y in range(0, h, step):
                block(plane[y : y + step])
    entries = [(256, 4, [w]), (257, 4, [h]), (258, 3, [depth] * c), (259, 3, [8 if deflate else 1]), (262, 3, [photometric]), (277, 3, [c]), (284, 3, [2 if planar else 1])]
    sizes = [len(b) for b in blocks]
    offsets, position = [], 8
    for b in blocks:
        offsets.append(position)
        position += len(b)
    entries += [(322, 4, [tile]), (323, 4, [tile]), (324, 4, offsets), (325, 4, sizes)] if tile else [(273, 4, offsets), (278, 4, [rows_per_strip or h]), (279, 4, sizes)]
    entries = sorted(entries + list(tags))
    position += position % 2
    directory = struct.pack(endian + "H", len(entries))
    extra, extra_at = b"", position + 2 + 12 * len(entries) + 4
    for tag, kind, values in entries:
        data = struct.pack(endian + {3: "H", 4: "I"}[kind] * len(values), *values)
        if len(data) > 4:
            field = struct.pack(endian + "I", extra_at + len(extra))
            extra += data
        else:
            field = data.ljust(4, b"\0")
        directory += struct.pack(endian + "HHI", tag, kind, len(values)) + field
    head = (b"II" if endian == "<" else b"MM") + struct.pack(endian + "HI", 42, position)
    body = b"".join(blocks)
    return head + body + b"\0" * ((8 + len(body)) % 2) + directory + b"\0\0\0\0" + extra


th, tw = 37, 43
trgb, tgrey = scene(th, tw, 3), scene(th, tw, 1)
for compression in (None, "tiff_lzw", "tiff_adobe_deflate", "packbits", "tiff_deflate"):
    name = {None: "raw", "tiff_lzw": "lzw", "tiff_adobe_deflate": "deflate", "packbits": "packbits", "tiff_deflate": "old-deflate"}[compression]
    add(f"rgb-{name}.tif", saved(trgb, "TIFF", compression=compression), trgb)
    add(f"grey-{name}.tif", saved(tgrey, "TIFF", compression=compression), tgrey)
add("rgb-lzw-predictor.tif", saved(trgb, "TIFF", compression="tiff_lzw", tiffinfo={317: 2}), trgb)
data = saved(trgb, "TIFF", compression="jpeg", quality=80)
add("rgb-jpeg.tif", data, pillow(data))
data = saved(Image.fromarray(tgrey.squeeze()).convert("1", dither=0), "TIFF", compression="group4")
add("bits1-group4.tif", data, pillow(data), ["scaledFromBits(1)", "invertedFromMinimumIsWhite"][: 2 if Image.open(io.BytesIO(data)).tag_v2[262] == 0 else 1])
data = saved(Image.fromarray(trgb).quantize(32), "TIFF")
opened = Image.open(io.BytesIO(data))
colours = np.array(opened.tag_v2[320]).reshape(3, 256).T // 256
assert (np.asarray(opened.convert("RGB")) == colours[np.asarray(opened)]).all()
add("palette8.tif", data, pillow(data), ["paletteExpanded"], samples("palette", 8, np.asarray(opened), palette=colours))
add("rgba.tif", saved(scene(th, tw, 4), "TIFF"), scene(th, tw, 4)[:, :, :3], ["alphaDropped"])
data = saved(Image.frombytes("CMYK", (tw, th), scene(th, tw, 4).tobytes()), "TIFF")
add("cmyk.tif", data, pillow(data), ["convertedFromCMYK"])
pages = [Image.fromarray(trgb), Image.fromarray(255 - trgb)]
data = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
add("two-pages.tif", data, trgb, ["firstPageOfSeveral"])
add("big.tif", saved(tgrey, "TIFF", big_tiff=True), tgrey)
grey16 = tgrey.astype(np.int64) * 256 + noise(th, tw, 1)
add("grey16.tif", tiff(grey16, 16, 1), tgrey, ["reducedFrom16Bit"])
add("grey16-big-endian.tif", tiff(grey16, 16, 1, endian=">"), tgrey, ["reducedFrom16Bit"])
rgb16 = trgb.astype(np.int64) * 256 + noise(th, tw, 3)
add("rgb16-tiles-deflate.tif", tiff(rgb16, 16, 2, tile=16, deflate=True), trgb, ["reducedFrom16Bit"], samples("colour", 16, rgb16))
white = noise(th, tw, 1).astype(np.int64) * 256 + tgrey
add("grey16-white-is-zero.tif", tiff(white, 16, 0), 255 - (white >> 8), ["reducedFrom16Bit", "invertedFromMinimumIsWhite"], samples("grey", 16, 65535 - white))
white = noise(th, tw, 1).astype(np.int64) >> 6
add("grey2-white-is-zero.tif", tiff(white, 2, 0), 255 - 85 * white, ["scaledFromBits(2)", "invertedFromMinimumIsWhite"], samples("grey", 2, 3 - white))
add("rgb-tiles.tif", tiff(trgb, 8, 2, tile=16), trgb)
add("rgb-tiles-planes.tif", tiff(trgb, 8, 2, tile=32, planar=True, deflate=True), trgb)
add("rgb-strips-planes.tif", tiff(trgb, 8, 2, planar=True, rows_per_strip=10), trgb)
add("grey-tiles-big-endian.tif", tiff(tgrey, 8, 1, endian=">", tile=16), tgrey)
add("grey-white-is-zero.tif", tiff(255 - tgrey, 8, 0, rows_per_strip=5), tgrey, ["invertedFromMinimumIsWhite"])
for depth in (1, 2, 4):
    few = noise(th, tw, 1).astype(np.int64) >> (8 - depth)
    add(f"grey{depth}.tif", tiff(few, depth, 1), few * (255 // ((1 << depth) - 1)), [f"scaledFromBits({depth})"], samples("grey", depth, few))
    add(f"grey{depth}-tiles.tif", tiff(few, depth, 1, tile=16, deflate=True), few * (255 // ((1 << depth) - 1)), [f"scaledFromBits({depth})"], samples("grey", depth, few))
table = noise(16, 1, 3).astype(np.int64)
few = noise(th, tw, 1).astype(np.int64) >> 4
data = tiff(few, 4, 3, tags=[(320, 3, [int(v) * 257 for k in range(3) for v in table[:, 0, k]])])
add("palette4.tif", data, table[few.squeeze(), 0], ["paletteExpanded"], samples("palette", 4, few, palette=table))
add("five-samples.tif", tiff(noise(th, tw, 5), 8, 2, tags=[(338, 3, [0, 0])]), noise(th, tw, 5)[:, :, :3], ["extraChannelsDropped(2)"],
    samples("colour", 8, noise(th, tw, 5)[:, :, :3]))
# Alpha: associated (colours are stored multiplied by it), unassociated, unsaid.
solid = np.concatenate([scene(th, tw, 3), noise(th, tw, 1)], 2).astype(np.int64)
solid[:5, :, 3], solid[5:10, :, 3] = 0, 255
for depth in (8, 16):
    top = (1 << depth) - 1
    deep = solid * 257 if depth == 16 else solid
    multiplied = np.concatenate([deep[:, :, :3] * deep[:, :, 3:] // top, deep[:, :, 3:]], 2)
    alpha = np.maximum(multiplied[:, :, 3:], 1)
    divided = np.where(multiplied[:, :, 3:] == 0, 0, np.minimum(top, multiplied[:, :, :3] * top // alpha))
    for planar in (False, True):
        data = tiff(multiplied, depth, 2, tags=[(338, 3, [1])], planar=planar, deflate=True)
        if not planar:
            expected = pillow(data, "RGB")
            assert (np.asarray(Image.open(io.BytesIO(data)))[:, :, :3] == expected).all()
            assert depth == 16 or (expected == divided).all()
        add(f"rgb{depth}-associated-alpha{'-planes' if planar else ''}.tif", data, expected, (["reducedFrom16Bit"] if depth == 16 else []) + ["unpremultiplied", "alphaDropped"],
            samples("colour", depth, divided, alpha=multiplied[:, :, 3]))
add("rgb8-alpha-unsaid.tif", tiff(solid, 8, 2), solid[:, :, :3], ["alphaDropped"], samples("colour", 8, solid[:, :, :3], alpha=solid[:, :, 3]))
add("rgb8-unspecified.tif", tiff(solid, 8, 2, tags=[(338, 3, [0])]), solid[:, :, :3], ["alphaDropped"], samples("colour", 8, solid[:, :, :3], alpha=solid[:, :, 3]))
add("grey8-alpha.tif", tiff(solid[:, :, 2:], 8, 1, tags=[(338, 3, [2])]), solid[:, :, 2], ["alphaDropped"], samples("grey", 8, solid[:, :, 2], alpha=solid[:, :, 3]))
data = tiff(small, 8, 2, tags=[(274, 3, [7])])
add("orientation7.tif", data, pillow(data), ["orientationApplied(7)"])

# ---- BMP -------------------------------------------------------------------------------------------------------------------------
def filled(palette, count):
    """The palette with black entries beyond its own, as Pillow shows them."""
    full = np.zeros((count, 3), int)
    palette = np.asarray(palette).reshape(-1, 3)
    full[: len(palette)] = palette
    return full


def bmp(h, w, bits, pixels, palette=None, compression=0, header=40, masks=(), top_down=False, colours=None):
    """pixels: the rows' bytes as stored, in the file's order."""
    table = b"" if palette is None else b"".join(bytes([b, g, r]) + (b"" if header == 12 else b"\0") for r, g, b in np.asarray(palette).reshape(-1, 3).tolist())
    fields = b"".join(struct.pack("<I", m) for m in masks)
    if header == 12:
        info = struct.pack("<IHHHH", 12, w, h, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", header, w, -h if top_down else h, 1, bits, compression, len(pixels), 2835, 2835, len(table) // 4 if colours is None else colours, 0)
        if header > 40:
            info = (info + fields).ljust(header, b"\0")
            fields = b""
    offset = 14 + len(info) + len(fields) + len(table)
    return b"BM" + struct.pack("<IHHI", offset + len(pixels), 0, 0, offset) + info + fields + table + pixels


def bmp_rows(values, bits, bottom_up=True):
    """[h, n] integers of 1, 4, 8, 16, 24 or 32 bits -> rows of whole words."""
    rows = packed_rows(values, bits) if bits <= 8 else [b"".join(int(v).to_bytes(bits // 8, "little") for v in r) for r in values]
    rows = [r + b"\0" * (-len(r) % 4) for r in rows]
    return b"".join(rows[::-1] if bottom_up else rows)


bh, bw = 19, 29
brgb, bgrey = scene(bh, bw, 3), scene(bh, bw, 1)
add("rgb24.bmp", saved(brgb, "BMP"), brgb)
add("grey8.bmp", saved(bgrey, "BMP"), bgrey, [], samples("grey", 8, bgrey))
one = np.asarray(Image.fromarray(bgrey.squeeze()).convert("1", dither=0))
add("grey1.bmp", saved(Image.fromarray(one), "BMP"), one * 255, ["scaledFromBits(1)"], samples("grey", 1, one))
add("rgb32.bmp", saved(scene(bh, bw, 4), "BMP"), scene(bh, bw, 4)[:, :, :3])  # 32 bits without a mask for alpha: Pillow drops the fourth
for depth in (1, 4, 8):
    values = (noise(bh, bw, 1) >> (8 - depth)).astype(np.int64).squeeze()
    table = noise(1 << depth, 1, 3)
    for name, options in {"": {}, "-top-down": dict(top_down=True), "-os2": dict(header=12)}.items():
        data = bmp(bh, bw, depth, bmp_rows(values, depth, bottom_up=not options.get("top_down")), table, **options)
        assert (np.asarray(Image.open(io.BytesIO(data))) == values).all()
        add(f"palette{depth}{name}.bmp", data, pillow(data), ["paletteExpanded"], samples("palette", depth, values, palette=table.reshape(-1, 3)))
# Fewer colours than the bits allow; two colours at 8 bits, where Pillow reads single bits.
few = (noise(bh, bw, 1) % 5).astype(np.int64).squeeze()
table = noise(5, 1, 3).reshape(-1, 3)
data = bmp(bh, bw, 8, bmp_rows(few, 8), table)
add("palette8-five.bmp", data, pillow(data), ["paletteExpanded"], samples("palette", 8, few, palette=filled(table, 256)))
two = few % 2
table = np.array([[0, 0, 0], [255, 255, 255]])
data = bmp(bh, bw, 8, bmp_rows(two, 8), table)
add("palette8-black-white.bmp", data, table[two], ["paletteExpanded"], samples("palette", 8, two, palette=filled(table, 256)))
sixteen = (noise(bh, bw, 2).astype(np.int64) @ np.array([256, 1]))
data = bmp(bh, bw, 16, bmp_rows(sixteen, 16))
add("rgb16-555.bmp", data, pillow(data))
data = bmp(bh, bw, 16, bmp_rows(sixteen, 16), compression=3, masks=(0xF800, 0x7E0, 0x1F))
add("rgb16-565.bmp", data, pillow(data))
wide = noise(bh, bw, 4).astype(np.int64) @ np.array([1 << 24, 1 << 16, 1 << 8, 1])
for name, header, masks in [
    ("bgrx", 40, (0xFF0000, 0xFF00, 0xFF)), ("xbgr", 40, (0xFF000000, 0xFF0000, 0xFF00)), ("rgba-v4", 108, (0xFF, 0xFF00, 0xFF0000, 0xFF000000)),
    ("bgra-v5", 124, (0xFF0000, 0xFF00, 0xFF, 0xFF000000)), ("abgr-v3", 56, (0xFF000000, 0xFF0000, 0xFF00, 0xFF)), ("zero-masks", 56, (0, 0, 0, 0)),
]:
    data = bmp(bh, bw, 32, bmp_rows(wide, 32), compression=3, header=header, masks=masks)
    add(f"rgb32-{name}.bmp", data, pillow(data), ["alphaDropped"] if header > 40 else [])
data = bmp(bh, bw, 24, bmp_rows(wide >> 8, 24, bottom_up=False), top_down=True)
add("rgb24-top-down.bmp", data, pillow(data))
data = bmp(bh, bw, 24, bmp_rows(wide >> 8, 24), header=12)
add("rgb24-os2.bmp", data, pillow(data))


def runs(values, half):
    """Run-length code: rows from below, runs and literal stretches, one skip."""
    out = bytearray()
    for number, row in enumerate(values[::-1].tolist()):
        x = 0
        while x < len(row):
            n = 1
            while x + n < len(row) and row[x + n] == row[x]:
                n += 1
            if n >= 2 or len(row) - x < 3:
                out += bytes([n, row[x] * 17 if half else row[x]])
            else:
                n = min(len(row) - x, 3 + number % 5)
                part = row[x : x + n]
                body = bytes((a << 4) | b for a, b in zip(part[::2], part[1::2] + [0])) if half else bytes(part)
                out += bytes([0, n]) + body + b"\0" * (len(body) % 2)
            x += n
        out += b"\0\0" if number < len(values) - 1 else b"\0\1"
    return bytes(out)


table = noise(16, 1, 3).reshape(-1, 3)
shapes = np.minimum(bgrey.squeeze() // 16, 15).astype(np.int64)
for half in (False, True):
    depth, code = (4, 2) if half else (8, 1)
    data = bmp(bh, bw, depth, runs(shapes, half), table, compression=code)
    assert (np.asarray(Image.open(io.BytesIO(data))) == shapes).all()
    add(f"runs{depth}.bmp", data, pillow(data), ["paletteExpanded"], samples("palette", depth, shapes, palette=filled(table, 1 << depth)))
skips = bytes([3, 7, 0, 2, 2, 1, 4, 9, 0, 0, 0, 3, 1, 2, 3, 0]) + bytes([6, 5, 0, 0, 9, 4])
data = bmp(4, 9, 8, skips, table, compression=1)
add("runs8-skips.bmp", data, pillow(data), ["paletteExpanded"], samples("palette", 8, np.asarray(Image.open(io.BytesIO(data))), palette=filled(table, 256)))

# ---- GIF -------------------------------------------------------------------------------------------------------------------------
def lzw(values):
    """Codes of 9 bits, cleared before they would grow."""
    codes = []
    for i, v in enumerate(values):
        if i % 250 == 0:
            codes.append(256)
        codes.append(int(v))
    bits = "".join(format(c, "09b")[::-1] for c in codes + [257])
    data = bytes(int(bits[i : i + 8].ljust(8, "0")[::-1], 2) for i in range(0, len(bits), 8))
    return b"\x08" + b"".join(bytes([len(data[i : i + 255])]) + data[i : i + 255] for i in range(0, len(data), 255)) + b"\0"


def gif(screen, frames, palette=None, background=0):
    """frames: (values [h, w], left, top, transparent index or None, local palette or None, interlaced)."""
    def colours(p):
        return np.asarray(p).astype(np.uint8).tobytes()
    def size(p):
        return int(np.log2(len(p))) - 1
    out = b"GIF89a" + struct.pack("<HHBBB", screen[0], screen[1], 0 if palette is None else 0x80 | size(palette), background, 0)
    if palette is not None:
        out += colours(palette)
    for values, left, top, transparent, local, interlaced in frames:
        if transparent is not None:
            out += b"!\xf9\x04\x01\0\0" + bytes([transparent]) + b"\0"
        h, w = values.shape
        out += b"," + struct.pack("<HHHHB", left, top, w, h, (0 if local is None else 0x80 | size(local)) | (0x40 if interlaced else 0))
        if local is not None:
            out += colours(local)
        order = [y for start, step in ((0, 8), (4, 8), (2, 4), (1, 2)) for y in range(start, h, step)] if interlaced else range(h)
        out += lzw(np.concatenate([values[y] for y in order]))
    return out + b";"


gh, gw = 23, 31
gtable = noise(64, 1, 3).reshape(-1, 3)
gvalues = (noise(gh, gw, 1) >> 2).squeeze()
greys = np.repeat(np.arange(256)[:, None], 3, 1)
for name, data, notes in [
    ("grey8", gif((gw, gh), [(scene(gh, gw, 1).squeeze(), 0, 0, None, None, False)], greys), []),
    ("grey-no-palette", gif((gw, gh), [(scene(gh, gw, 1).squeeze(), 0, 0, None, None, False)]), []),
    ("palette6", gif((gw, gh), [(gvalues, 0, 0, None, None, False)], gtable), ["paletteExpanded"]),
    ("palette6-interlaced", gif((gw, gh), [(gvalues, 0, 0, None, None, True)], gtable), ["paletteExpanded"]),
    ("palette6-local", gif((gw, gh), [(gvalues, 0, 0, None, gtable[::-1], False)], gtable), ["paletteExpanded"]),
    ("palette6-transparent", gif((gw, gh), [(gvalues, 0, 0, 5, None, False)], gtable), ["paletteExpanded", "alphaDropped"]),
    ("palette6-small-frame", gif((gw + 9, gh + 5), [(gvalues, 4, 3, None, None, False)], gtable, background=7), ["paletteExpanded"]),
    ("palette6-small-transparent", gif((gw + 9, gh + 5), [(gvalues, 4, 3, 9, None, True)], gtable), ["paletteExpanded", "alphaDropped"]),
    ("palette6-large-frame", gif((gw - 8, gh - 3), [(gvalues, 2, 1, None, None, False)], gtable), ["paletteExpanded"]),
    ("palette6-beyond", gif((gw, gh), [(gvalues + 40, 0, 0, None, None, False)], gtable), ["paletteExpanded"]),
    ("two-frames", gif((gw, gh), [(gvalues, 0, 0, None, None, False), (gvalues[::-1], 0, 0, None, None, False)], gtable), ["paletteExpanded", "firstFrameOfSeveral"]),
]:
    im = Image.open(io.BytesIO(data))
    im.load()
    a, transparent = np.asarray(im), im.info.get("transparency")
    assert im.mode == ("L" if name.startswith("grey") else "P")
    palette = None if im.mode == "L" else filled(im.getpalette("RGB"), 256)
    add(f"{name}.gif", data, pillow(data), notes, samples("grey" if im.mode == "L" else "palette", 8, a, palette=palette, alpha=None if transparent is None else np.where(a == transparent, 0, 255)))
data = saved(Image.fromarray(scene(gh, gw, 3)).quantize(64), "GIF")  # with Pillow's own, growing codes
im = Image.open(io.BytesIO(data))
add("pillow.gif", data, pillow(data), ["paletteExpanded"], samples("palette", 8, np.asarray(im), palette=filled(im.getpalette("RGB"), 256)))

# ---- WebP ------------------------------------------------------------------------------------------------------------------------
wrgb, wrgba = scene(37, 43, 3), np.concatenate([scene(37, 43, 3), noise(37, 43, 1)], 2)
exif = Image.Exif()
exif[0x0112] = 6
for name, data, notes in [
    ("lossy", saved(wrgb, "WEBP", quality=80), []), ("lossy-alpha", saved(wrgba, "WEBP", quality=70), ["alphaDropped"]),
    ("lossless", saved(wrgb, "WEBP", lossless=True), []), ("lossless-alpha", saved(wrgba, "WEBP", lossless=True, exact=True), ["alphaDropped"]),
    ("lossless-noise", saved(noise(21, 27, 3), "WEBP", lossless=True), []), ("lossy-one-pixel", saved(wrgb[:1, :1], "WEBP", quality=90), []),
    ("exif6", saved(wrgb, "WEBP", lossless=True, exif=exif), ["orientationApplied(6)"]), ("xmp8", saved(wrgb, "WEBP", quality=85, xmp=xmp), ["orientationApplied(8)"]),
    ("animation", saved(Image.fromarray(wrgb), "WEBP", lossless=True, save_all=True, append_images=[Image.fromarray(255 - wrgb)], duration=100), ["firstFrameOfSeveral"]),
]:
    opened = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    a = np.asarray(opened)
    lossy = "lossy" in name or name == "xmp8"
    add(f"{name}.webp", data, pillow(data, "RGB"), notes, samples("colour", 8, a[:, :, :3], alpha=a[:, :, 3] if opened.mode == "RGBA" else None, lossy=lossy))


def chunk(kind, body):
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def u24(v):
    return struct.pack("<I", v)[:3]


# An animation whose first frame is smaller than the canvas: the rest is transparent.
still = saved(noise(9, 11, 3), "WEBP", lossless=True)[12:]
frame = u24(2) + u24(3) + u24(10) + u24(8) + u24(100) + b"\0" + still
body = b"WEBP" + chunk(b"VP8X", b"\x12\0\0\0" + u24(19) + u24(22)) + chunk(b"ANIM", b"\xff\xff\xff\xff\0\0") + chunk(b"ANMF", frame) * 2
data = b"RIFF" + struct.pack("<I", len(body)) + body
a = np.asarray(Image.open(io.BytesIO(data)))
add("small-frame.webp", data, a[:, :, :3], ["alphaDropped", "firstFrameOfSeveral"], samples("colour", 8, a[:, :, :3], alpha=a[:, :, 3]))

# ---- resizing --------------------------------------------------------------------------------------------------------------------
for h, w, c, nh, nw in [
    (1072, 1920, 3, 224, 224), (487, 332, 3, 224, 224), (512, 512, 3, 224, 224), (256, 256, 1, 224, 224), (1000, 1000, 3, 224, 224),
    (100, 80, 3, 224, 224), (224, 224, 1, 531, 622), (224, 300, 3, 224, 224), (300, 224, 1, 224, 224), (7, 5, 3, 3, 2), (1, 1, 3, 9, 4),
    (3, 700, 1, 5, 13), (90, 42, 3, 63, 37), (60, 50, 1, 45, 40), (60, 60, 3, 20, 40), (61, 60, 3, 20, 40), (50, 60, 3, 40, 70), (225, 223, 3, 224, 224), (33, 1, 1, 7, 7),
]:
    a = noise(h, w, c)
    im = Image.fromarray(a.squeeze(-1) if c == 1 else a)
    reference = torch.nn.functional.interpolate(
        torch.from_numpy(a).permute(2, 0, 1)[None].float(), (nh, nw), mode="bicubic", align_corners=False, antialias=False)
    reference = reference.round().clamp(0, 255).to(torch.uint8)[0].permute(1, 2, 0).contiguous().numpy()
    entry = dict(height=h, width=w, channels=c, newHeight=nh, newWidth=nw)
    # One direction at a time is the order of Pillow up to 12; from 13 on Pillow chooses the order.
    rows_first = im.resize((nw, h), Image.BICUBIC).resize((nw, nh), Image.BICUBIC)
    for key, result in [("bicubic", np.asarray(im.resize((nw, nh), Image.BICUBIC))), ("bicubicRowsFirst", np.asarray(rows_first)), ("nearest", np.asarray(im.resize((nw, nh), Image.NEAREST))), ("reference", reference)]:
        entry[key] = hashlib.sha256(np.ascontiguousarray(result).tobytes()).hexdigest()
    # A torch build may round differently in the last bit: a coarse sum and 97 samples bound the difference where the hash does not match.
    flat = reference.reshape(-1)
    entry["referenceSamples"] = [int(v) for v in flat[:: max(1, len(flat) // 97)]]
    resizes.append(entry)

grey = np.asarray(Image.fromarray(noise(64, 64, 3)).convert("L"))
(OUT / "expected.json").write_text(json.dumps(dict(
    images=cases, resizes=resizes, greyOfNoise64=hashlib.sha256(grey.tobytes()).hexdigest()), indent=1) + "\n")
print(len(cases), "images,", sum(p.stat().st_size for p in OUT.iterdir()), "bytes")
