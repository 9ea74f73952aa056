#!/usr/bin/env python3
"""Golden values of components and of the detection of lesions: SciPy's labels, a plain matching, and MetricsReloaded's assignment.

    pip install numpy scipy scikit-image pandas nibabel
    pip install git+https://github.com/Project-MONAI/MetricsReloaded@cb38dfc0a5ed4fa3bdc559e4960b6e2b93c3b967
    python3 Scripts/golden/lesions.py            # rewrites Tests/MetricsTests/Golden/lesions.json, prints the example of metrics.md

Masks are stored as lengths of runs, background first. `ambiguous`: a lesion has two candidates; there MetricsReloaded keeps the pair of
least IoU. `atThreshold`: a pair's IoU is the threshold; MetricsReloaded needs more than it. In both cases its counts are only recorded.
"""
import contextlib, io, json, platform, warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
from scipy import ndimage
from MetricsReloaded.utility.assignment_localization import AssignmentMapping

warnings.simplefilter("ignore")
OUT = Path(__file__).resolve().parents[2] / "Tests/MetricsTests/Golden"
EIGHT = np.ones((3, 3))


def runs(mask):
    flat = np.concatenate([[0], np.asarray(mask, np.int8).ravel()])
    places = np.flatnonzero(np.diff(flat)).tolist()
    return np.diff([0] + places + [flat.size - 1]).tolist()


def components(mask):
    labels, count = ndimage.label(mask, EIGHT)
    boxes = [[s[0].start, s[0].stop, s[1].start, s[1].stop] for s in ndimage.find_objects(labels)]
    # A number that depends on the label of every pixel, in place of the labels.
    mixed = int((labels.ravel().astype(np.int64) * (np.arange(labels.size) + 1)).sum())
    return labels, dict(areas=np.bincount(labels.ravel(), minlength=count + 1)[1:].tolist(), boxes=boxes, labelSum=mixed)


def matrix(t, p):
    return np.array([[(a & b).sum() / (a | b).sum() for b in (p == j + 1 for j in range(p.max()))]
                     for a in (t == i + 1 for i in range(t.max()))]).reshape(t.max(), p.max())


def plain(iou, threshold):
    """Greedy by IoU; ties by true lesion, then by predicted one."""
    found, iou = [], iou.copy()
    while iou.size and iou.max() >= threshold and iou.max() > 0:
        i, j = np.unravel_index(np.argmax(iou), iou.shape)
        found.append([int(i), int(j)])
        iou[i, :] = iou[:, j] = -1
    return found


def masks(labels):
    return np.array([labels == i + 1 for i in range(labels.max())]).astype(int).reshape(-1, *labels.shape)


def reloaded(t, p, threshold):
    if t.max() == 0 and p.max() == 0:
        return None
    with contextlib.redirect_stdout(io.StringIO()):
        mapping = AssignmentMapping(
            masks(p), masks(t), None,
            localization="mask_iou", thresh=threshold, assignment="greedy_matching", pixdim=[1, 1])
        pred, ref, fp, fn = mapping.matching_ref_predseg()
    return [len(pred), len(fp), len(fn)]


def drawn(*rows):
    return np.array([[c == "#" for c in row] for row in rows])


rng = np.random.default_rng(29)


def discs(height, width, count, largest):
    y, x = np.mgrid[0:height, 0:width]
    mask = np.zeros((height, width), bool)
    for _ in range(count):
        mask |= (y - rng.integers(height)) ** 2 + (x - rng.integers(width)) ** 2 <= rng.uniform(1, largest) ** 2
    return mask


def moved(mask):
    result = np.roll(mask, tuple(rng.integers(-2, 3, 2)), (0, 1)) & (rng.random(mask.shape) < 0.97)
    return result | discs(*mask.shape, 1, 4)


#                     true: 3 lesions; predicted: one joins two, one is split in two, one is false
example = (drawn("####.####......", "####.####......", "...............", "..######.......", "..######.......", "..............."),
           drawn("####.##........", "#########......", "...............", "..###.##.....##", "..###.##.....##", "..............."))
CASES = [("example", *example), ("none", example[0] & False, example[0] & False), ("onlyTrue", example[0], example[0] & False),
         ("onlyPredicted", example[0] & False, example[1]), ("equal", example[0], example[0]),
         ("spiral", drawn("#######", "......#", "#####.#", "#...#.#", "#.###.#", "#.....#", "#######"), drawn("#.#.#.#", ".#.#.#.", "#......", ".......", "#.#.#.#", "#.....#", "###.###")),
         ("chain", drawn("##########.##########"), drawn("##############.######")),
         ("noise", rng.random((40, 33)) < 0.3, rng.random((40, 33)) < 0.25), ("line", rng.random((1, 60)) < 0.5, rng.random((1, 60)) < 0.5)]
for i in range(24):
    truth = discs(48, 64, 1 + i % 6, 9)
    CASES.append((f"discs{i}", truth, moved(truth)))

result = []
for name, truth, prediction in CASES:
    (t, of_truth), (p, of_prediction) = components(truth), components(prediction)
    iou, levels = matrix(t, p), []
    for threshold in [0.1, 0.5]:
        above = iou >= threshold
        matches = plain(iou, threshold)
        levels.append(dict(
            threshold=threshold, matches=matches, atThreshold=bool((iou == threshold).any()), ious=[float(iou[i, j]) for i, j in matches], ambiguous=bool((above.sum(0) > 1).any() or (above.sum(1) > 1).any()),
            counts=[len(matches), int(p.max()) - len(matches), int(t.max()) - len(matches)], metricsReloaded=reloaded(t, p, threshold)))
        if name in ("example", "chain"):
            print(name, threshold, levels[-1])
    result.append(dict(name=name, width=truth.shape[1], height=truth.shape[0], truth=runs(truth), prediction=runs(prediction),
                       ofTruth=of_truth, ofPrediction=of_prediction, levels=levels))

thirds = []
for sizes in [[5], [1, 2], [1, 2, 3, 4], [9, 9, 9, 9, 9], list(rng.integers(1, 400, 100)), list(rng.random(50))]:
    sizes = [float(x) for x in sizes]
    thirds.append(dict(sizes=sizes, lower=float(np.quantile(sizes, 1 / 3)), upper=float(np.quantile(sizes, 2 / 3))))

versions = {name: version(name) for name in ["numpy", "scipy"]} | {
    "MetricsReloaded": "0.1.0, commit cb38dfc0a5ed4fa3bdc559e4960b6e2b93c3b967", "python": platform.python_version()}
(OUT / "lesions.json").write_text(json.dumps(dict(about=versions, cases=result, thirds=thirds), separators=(",", ":")) + "\n")
plain_levels = [l for c in result for l in c["levels"] if l["metricsReloaded"] and not l["ambiguous"] and not l["atThreshold"]]
print(len(plain_levels), "without ambiguity, equal:", sum(l["counts"] == l["metricsReloaded"] for l in plain_levels))
