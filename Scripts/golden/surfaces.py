#!/usr/bin/env python3
"""Golden values of surface measures and of the distance transform, and what three other libraries make of the same masks.

    pip install numpy scipy scikit-image pandas nibabel monai surface-distance torch
    pip install git+https://github.com/Project-MONAI/MetricsReloaded@cb38dfc0a5ed4fa3bdc559e4960b6e2b93c3b967
    python3 Scripts/golden/surfaces.py           # rewrites Tests/MetricsTests/Golden/surfaces*.json, prints the tables of metrics.md

`expected` is float64, from the definitions with SciPy's erosion and distance transform and NumPy's percentile. MONAI's values are float32.
Masks are stored as lengths of runs, background first. null is NaN, "inf" is infinite.
"""
import contextlib, io, json, math, platform, warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np

np.Inf, np.NaN = np.inf, np.nan  # surface-distance 0.1 uses names that NumPy 2 no longer has
import scipy
from scipy import ndimage
import torch
from monai.metrics import compute_average_surface_distance, compute_hausdorff_distance, compute_surface_dice
import surface_distance
from MetricsReloaded.metrics.pairwise_measures import BinaryPairwiseMeasures

warnings.simplefilter("ignore")
OUT = Path(__file__).resolve().parents[2] / "Tests/MetricsTests/Golden"
RELOADED = "0.1.0, commit cb38dfc0a5ed4fa3bdc559e4960b6e2b93c3b967"


def runs(mask):
    flat = np.concatenate([[0], np.asarray(mask, np.int8).ravel()])
    places = np.flatnonzero(np.diff(flat)).tolist()
    return np.diff([0] + places + [flat.size - 1]).tolist()


def plain(value):
    value = float(value)
    return None if math.isnan(value) else "inf" if math.isinf(value) else value


def boundary(mask):
    return mask & ~ndimage.binary_erosion(mask)


def expected(truth, prediction, spacing, tolerances):
    t, p = boundary(truth), boundary(prediction)
    from_prediction = ndimage.distance_transform_edt(~t, sampling=spacing)[p]
    from_truth = ndimage.distance_transform_edt(~p, sampling=spacing)[t]
    both = np.concatenate([from_prediction, from_truth])
    return dict(
        hausdorff95=max(np.percentile(from_prediction, 95), np.percentile(from_truth, 95)),
        hausdorff=both.max(), averageSymmetric=both.mean(), boundaryOfTruth=int(t.sum()), boundaryOfPrediction=int(p.sum()),
        normalisedSurfaceDistance=[float((both <= x * (1 + 1e-7)).mean()) for x in tolerances])


def monai(truth, prediction, spacing, tolerances):
    t, p = (torch.from_numpy(m.astype(np.float32))[None, None] for m in (truth, prediction))
    options = dict(include_background=True, spacing=[float(x) for x in spacing])
    return dict(
        hausdorff95=plain(compute_hausdorff_distance(p, t, percentile=95, **options)[0, 0]),
        averageSymmetric=plain(compute_average_surface_distance(p, t, symmetric=True, **options)[0, 0]),
        normalisedSurfaceDistance=[plain(compute_surface_dice(p, t, [x], **options)[0, 0]) for x in tolerances])


def reloaded(truth, prediction, spacing, tolerances):
    def measures(tolerance):
        return BinaryPairwiseMeasures(
            prediction.astype(int), truth.astype(int), pixdim=list(spacing), dict_args={"nsd": tolerance, "hd_perc": 95})
    with contextlib.redirect_stdout(io.StringIO()):
        _, assd, hd95, _ = measures(1).measured_distance()
        nsd = [plain(measures(x).normalised_surface_distance()) for x in tolerances]
    return dict(hausdorff95=plain(hd95), averageSymmetric=plain(assd), normalisedSurfaceDistance=nsd)


def deepmind(truth, prediction, spacing, tolerances):
    d = surface_distance.compute_surface_distances(truth, prediction, spacing)
    # It gives the average of each direction. Here they are weighted by the contours' lengths, as an ASSD.
    lengths = [d["surfel_areas_gt"], d["surfel_areas_pred"]]
    averages = surface_distance.compute_average_surface_distance(d)
    total = sum(x.sum() for x in lengths)
    assd = sum(a * x.sum() for a, x in zip(averages, lengths) if x.size) / total if total else math.nan
    return dict(
        hausdorff95=plain(surface_distance.compute_robust_hausdorff(d, 95)), averageSymmetric=plain(assd),
        normalisedSurfaceDistance=[plain(surface_distance.compute_surface_dice_at_tolerance(d, x)) for x in tolerances])


def ellipses(height, width, parts):
    y, x = np.mgrid[0:height, 0:width]
    mask = np.zeros((height, width), bool)
    for cy, cx, ry, rx in parts:
        mask |= ((y - cy) / ry) ** 2 + ((x - cx) / rx) ** 2 <= 1
    return mask


def variants(truth, prediction):
    """Definitions that others use, on the same masks: what the choice of one is worth."""
    def all_distances(erode):
        t, p = truth & ~erode(truth), prediction & ~erode(prediction)
        return ndimage.distance_transform_edt(~t)[p], ndimage.distance_transform_edt(~p)[t]

    def values(one, other):
        both = np.concatenate([one, other])
        return dict(hausdorff95=max(np.percentile(one, 95), np.percentile(other, 95)), averageSymmetric=both.mean(),
                    normalisedSurfaceDistance=[float((both <= x).mean()) for x in (0, 1)])
    one, other = all_distances(ndimage.binary_erosion)
    both = np.concatenate([one, other])
    result = {
        "percentile of all distances together": np.percentile(both, 95), "mean of the two percentiles": (np.percentile(one, 95) + np.percentile(other, 95)) / 2,
        "percentile without interpolation": max(np.percentile(x, 95, method="inverted_cdf") for x in (one, other)),
        "mean of the two means": (one.mean() + other.mean()) / 2,
        "boundary by eight neighbours": values(*all_distances(lambda m: ndimage.binary_erosion(m, np.ones((3, 3))))),
        "no boundary at the image's border": values(*all_distances(lambda m: ndimage.binary_erosion(m, border_value=1)))}
    return {name: x if isinstance(x, dict) else float(x) for name, x in result.items()}


def drawn(*rows):
    return np.array([[c == "#" for c in row] for row in rows])


rng = np.random.default_rng(13)
blobs = lambda h, w, sigma, share: (lambda field: field > np.quantile(field, 1 - share))(ndimage.gaussian_filter(rng.random((h, w)), sigma))
example = (drawn("............", "....####....", "...######...", "...######...", "....####....", "............", "............", "............"),
           drawn("............", "............", "...#####....", "..#######...", "...#####....", "............", "..........#.", "............"))
at_border = (drawn("####....", "####....", "####....", "........"), drawn("#####...", "#####...", "........", "........"))
large = (ellipses(224, 224, [(92, 100, 56, 45), (180, 180, 22, 17)]), ellipses(224, 224, [(95, 97, 51, 49), (178, 184, 16, 22), (22, 22, 5, 5)]))
holed = ellipses(40, 48, [(20, 24, 15, 18)]) & ~ellipses(40, 48, [(18, 22, 5, 4)])
one = np.zeros((5, 9), bool); one[1, 2] = True
other = np.zeros((5, 9), bool); other[4, 7] = True
line = np.zeros((1, 30), bool); line[0, 3:9] = True
shifted = np.zeros((1, 30), bool); shifted[0, 5:20] = True
CASES = [
    ("example", example, (1, 1), [0, 1, 2]), ("atBorder", at_border, (1, 1), [0, 1, 2]), ("large", large, (1, 1), [1, 2, 5]),
    ("largeMillimetres", large, (0.7, 1.3), [1, 2, 5]), ("equal", (large[0], large[0]), (1, 1), [0, 1]),
    ("holed", (holed, ellipses(40, 48, [(21, 25, 14, 17)])), (1, 1), [0, 1, 2]), ("onePixels", (one, other), (2, 0.5), [6, 6.5, 7]),
    ("line", (line, shifted), (1, 1), [1, 3]), ("tall", (line.T, shifted.T), (0.5, 3), [1, 3]),
    ("everything", (np.ones((12, 17), bool), ellipses(12, 17, [(6, 8, 4, 6)])), (1, 1), [1, 3]),
] + [(f"blobs{i}", (blobs(48, 64, 3, 0.3), blobs(48, 64, 3, 0.25)), spacing, [1, 2, 3])
     for i, spacing in enumerate([(1, 1), (1, 1), (1, 1), (0.5, 0.5), (0.8, 1.6), (3, 0.3)])
] + [(f"specks{i}", (rng.random((30, 20)) < 0.05, rng.random((30, 20)) < 0.1), spacing, [1, 2, 3]) for i, spacing in enumerate([(1, 1), (2, 1)])]

none = np.zeros_like(example[0])
EMPTY = [("bothEmpty", (none, none)), ("truthEmpty", (none, example[1])), ("predictionEmpty", (example[0], none))]


def entry(name, masks, spacing, tolerances, with_expected=True):
    truth, prediction = masks
    result = dict(name=name, width=truth.shape[1], height=truth.shape[0], truth=runs(truth), prediction=runs(prediction),
                  spacing=[float(x) for x in spacing], tolerances=[float(x) for x in tolerances])
    if with_expected:
        result["expected"] = expected(truth, prediction, spacing, tolerances)
    for library, function in [("monai", monai), ("metricsReloaded", reloaded), ("surfaceDistance", deepmind)]:
        try:
            result[library] = function(truth, prediction, spacing, tolerances)
        except Exception as error:
            result[library] = None
            print(f"{name}: {library}: {type(error).__name__}: {error}")
    return result


def write(name, value):
    def rounded(x):
        if isinstance(x, dict): return {k: rounded(v) for k, v in x.items()}
        if isinstance(x, (list, tuple)): return [rounded(v) for v in x]
        return float(f"{x:.15g}") if isinstance(x, (float, np.floating)) else x
    (OUT / name).write_text(json.dumps(rounded(value), separators=(",", ":")) + "\n")


versions = {name: version(name) for name in ["numpy", "scipy", "torch", "monai", "surface-distance"]} | {
    "MetricsReloaded": RELOADED, "python": platform.python_version()}
cases, empty = [entry(*case) for case in CASES], [entry(name, masks, (1, 1), [1], False) for name, masks in EMPTY]
definitions = dict(example=variants(*example), atBorder=variants(*at_border))
write("surfaces.json", dict(about=versions | dict(variants=definitions), cases=cases, empty=empty))

transforms = []
for name, mask, spacing in [("specks", rng.random((17, 23)) < 0.03, (1, 1)), ("one", one, (1, 1)), ("blobs", blobs(24, 32, 2, 0.1), (0.7, 1.3)),
                            ("thin", rng.random((1, 40)) < 0.1, (3, 0.2)), ("large", boundary(large[0]), (1, 1)), ("none", none, (1, 1))]:
    distances = ndimage.distance_transform_edt(~mask, sampling=spacing) if mask.any() else np.zeros((0, 0))
    values = distances.ravel()
    places = range(values.size) if values.size <= 800 else range(0, values.size, 97)
    transforms.append(dict(name=name, width=mask.shape[1], height=mask.shape[0], mask=runs(mask), spacing=[float(x) for x in spacing],
                           sum=float(values.sum()), step=1 if values.size <= 800 else 97, values=[float(f"{values[i]:.12g}") for i in places]))
write("surfaces-distances.json", dict(about=versions, cases=transforms))

print(versions, definitions)
for case in cases[:5] + empty:
    for library in ["expected", "monai", "metricsReloaded", "surfaceDistance"]:
        print(case["name"], library, case.get(library))
for case in cases:
    e, m, r = case["expected"], case["monai"], case["metricsReloaded"]
    print(case["name"], "MONAI - expected", m["hausdorff95"] - e["hausdorff95"], m["averageSymmetric"] - e["averageSymmetric"],
          np.subtract(m["normalisedSurfaceDistance"], e["normalisedSurfaceDistance"]),
          "MetricsReloaded", r["hausdorff95"] - e["hausdorff95"], r["averageSymmetric"] - e["averageSymmetric"],
          np.subtract(r["normalisedSurfaceDistance"], e["normalisedSurfaceDistance"]))
