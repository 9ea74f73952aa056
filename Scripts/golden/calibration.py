"""Writes Tests/MetricsTests/Golden/calibration.json: calibration errors, scores, temperatures and curves of drawn pixels, by other libraries.

    pip install numpy scipy scikit-learn torch torchmetrics netcal seaborn && pip install --no-deps torch-uncertainty
"""

import pathlib
import sys

import numpy as np
import torch
from netcal.metrics import ACE, ECE, MCE
from scipy.optimize import minimize_scalar
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, precision_recall_curve, roc_auc_score
from torchmetrics.functional.classification import binary_average_precision, binary_calibration_error, multiclass_calibration_error

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import drawn

BINS, IMAGES = 15, 15
GOLDEN = pathlib.Path(__file__).parents[2] / "Tests/MetricsTests/Golden"


def errors(p, y) -> dict:
    """Calibration errors of probabilities in float64, so that libraries add without rounding."""
    p = p.astype(np.float64)
    tp, ty = torch.from_numpy(p), torch.from_numpy(y.astype(np.int64))
    two = torch.stack([1 - tp, tp], -1)
    # torchmetrics adds confidences of classes in float32, so the same in float64.
    sure, right = np.maximum(p, 1 - p), (p > 0.5) == (y != 0)
    index = np.clip(np.ceil(sure * BINS).astype(int) - 1, 0, BINS - 1)
    gaps = [abs(sure[index == b].mean() - right[index == b].mean()) if (index == b).any() else 0 for b in range(BINS)]
    return {
        "numpyClassECE": sum(gap * (index == b).mean() for b, gap in enumerate(gaps)), "numpyClassMCE": max(gaps),
        "torchmetricsECE": binary_calibration_error(tp, ty, BINS, "l1").item(),
        "torchmetricsMCE": binary_calibration_error(tp, ty, BINS, "max").item(),
        "torchmetricsClassECE": multiclass_calibration_error(two, ty, 2, BINS, "l1").item(),
        "torchmetricsClassMCE": multiclass_calibration_error(two, ty, 2, BINS, "max").item(),
        "netcalECE": ECE(BINS).measure(p, y), "netcalMCE": MCE(BINS).measure(p, y), "netcalACE": ACE(BINS).measure(p, y),
    }


def temperature(z, y) -> dict:
    z, y = z.astype(np.float64), y.astype(np.float64)

    def nll(t):
        return np.mean(np.logaddexp(0, z / t) - y * z / t)

    best = minimize_scalar(lambda log_t: nll(np.exp(log_t)), bounds=(-4, 4), method="bounded", options={"xatol": 1e-12})
    return {"temperature": float(np.exp(best.x)), "before": nll(1.0), "after": nll(float(np.exp(best.x)))}


def main():
    images = [drawn.pixels(i) for i in range(IMAGES)]
    z, y = np.concatenate([i[0] for i in images]), np.concatenate([i[1] for i in images])
    p = drawn.probabilities(z)
    p64 = p.astype(np.float64)
    frequency, confidence = calibration_curve(y, p64, n_bins=BINS)

    # Equal mass, of pixels with different probabilities: their order is then certain.
    def adaptive(order):
        return np.mean([abs(p64[part].mean() - y[part].mean()) for part in np.array_split(order, BINS)])

    first = np.unique(p, return_index=True)[1]
    first = np.sort(first)[: len(first) // BINS * BINS]
    module = drawn.torch_uncertainty("metrics/classification/calibration/adaptive_calibration_error.py")
    score = module.AdaptiveCalibrationError(task="binary", num_bins=BINS)
    score.update(torch.from_numpy(p64[first]), torch.from_numpy(y[first].astype(np.int64)))
    order = first[np.argsort(p64[first])]

    thresholds = np.arange(1024) / 1024
    per_image = np.zeros(1024)
    for logits, truth in images:
        q = drawn.probabilities(logits)
        dice = []
        for t in thresholds:
            guess = q > t
            whole = guess.sum() + truth.sum()
            dice.append(1.0 if whole == 0 else 2 * (guess & (truth != 0)).sum() / whole)
        per_image += np.array(dice)
    per_image /= IMAGES
    pixel_dice = np.array([2 * ((p > t) & (y != 0)).sum() / ((p > t).sum() + y.sum()) for t in thresholds])
    # scikit-learn predicts at p >= t, so its point for t is the curve's where no probability equals t.
    precision, recall, at = precision_recall_curve(y, p64)
    where = [64, 256, 512, 700, 1000]
    index = [int(np.searchsorted(at, t / 1024, side="right")) for t in where]

    fits = []
    for name, scale, shift, count in [("too sure", 1, 0, 15), ("not sure enough", 0.1, 0, 15), ("shifted", 1, 3, 4), ("steep", 4, 0, 3)]:
        zs = (z[: 1024 * count] * np.float32(scale) + np.float32(shift)).astype(np.float32)
        fits.append({"name": name, "scale": scale, "shift": shift, "images": count, **temperature(zs, y[: 1024 * count])})

    drawn.write(GOLDEN / "calibration.json", {
        "about": {"script": "Scripts/golden/calibration.py", **drawn.versions(
            "numpy", "scipy", "scikit-learn", "torch", "torchmetrics", "netcal", "torch-uncertainty")},
        "images": IMAGES, "bins": BINS, "logits": z[:8], "probabilities": p[:8], "truth": y[:32], "foreground": int(y.sum()),
        "whole": errors(p, y), "perImage": [errors(drawn.probabilities(i[0]), i[1])["torchmetricsECE"] for i in images],
        "curveConfidence": confidence, "curveFrequency": frequency,
        "brier": brier_score_loss(y, p64), "logLoss": log_loss(y, p), "logitLoss": float(np.mean(np.logaddexp(0, z.astype(np.float64)) - y * z)),
        "clippedLoss": log_loss([1, 0, 1], np.array([0, 1, 1], dtype=np.float32), labels=[0, 1]),
        "distinct": len(first), "adaptive": adaptive(order), "torchUncertaintyACE": score.compute().item(),
        "averagePrecision": average_precision_score(y, p64), "areaUnderROC": roc_auc_score(y, p64),
        "torchmetricsAveragePrecision": binary_average_precision(torch.from_numpy(p64), torch.from_numpy(y.astype(np.int64))).item(),
        "thresholds": where, "precision": [precision[i] for i in index], "recall": [recall[i] for i in index],
        "pixelDice": pixel_dice[where], "imageDice": per_image[where],
        "bestForPixels": {"threshold": thresholds[pixel_dice.argmax()], "dice": pixel_dice.max()},
        "bestForImages": {"threshold": thresholds[per_image.argmax()], "dice": per_image.max()},
        "fits": fits,
    })


main()
