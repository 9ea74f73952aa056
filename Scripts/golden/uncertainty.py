"""Writes Tests/MetricsTests/Golden/uncertainty.json: uncertainty of several predictions, and whether it finds errors, by other libraries.

    pip install numpy scipy scikit-learn torch torchmetrics && pip install --no-deps torch-uncertainty
"""

import pathlib
import sys

import numpy as np
import scipy.stats
import torch
from sklearn.metrics import average_precision_score, roc_auc_score

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import drawn

GOLDEN = pathlib.Path(__file__).parents[2] / "Tests/MetricsTests/Golden"
T = 7


def entropy(p):
    return torch.distributions.Bernoulli(probs=torch.from_numpy(np.asarray(p, dtype=np.float64))).entropy().numpy()


def spread() -> dict:
    """Predictions of one pixel each: usual ones, sure ones, equal ones, and such as contradict each other."""
    u = drawn.units(40 * T, 0x5EED).reshape(T, 40)
    p = u.copy()
    p[:, 8:16] = 1e-6 * u[:, 8:16]
    p[:, 16:24] = 1 - 1e-6 * u[:, 16:24]
    p[:, 24:30] = u[:1, 24:30]
    p[:, 30:34] = np.round(u[:, 30:34])
    p[:, 34], p[:, 35], p[:, 36] = 0, 1, 0.5
    p = p.astype(np.float32)
    whole = p.astype(np.float64)
    mean = whole.mean(0)
    # scipy's entropy takes 0 ln 0 = 0; torch's Bernoulli clamps, and agrees elsewhere.
    def h(q):
        return scipy.stats.entropy(np.stack([q, 1 - q]), axis=0)

    inside = (whole > 1e-5) & (whole < 1 - 1e-5)
    assert np.allclose(h(whole)[inside], entropy(whole)[inside], rtol=1e-9)
    return {"predictions": p, "mean": mean, "entropy": h(mean), "expectedEntropy": h(whole).mean(0),
            "mutualInformation": h(mean) - h(whole).mean(0), "variance": whole.var(0)}


def detection() -> dict:
    z, y = zip(*[drawn.pixels(100 + i) for i in range(6)])
    p, y = drawn.probabilities(np.concatenate(z)), np.concatenate(y)
    whole = p.astype(np.float64)
    h = scipy.stats.entropy(np.stack([whole, 1 - whole]), axis=0) / np.log(2)
    h = np.minimum(1, h.astype(np.float32)).astype(np.float32)
    wrong = (p > 0.5) != (y != 0)
    return {"images": 6, "firstImage": 100, "errorRate": wrong.mean(), "areaUnderROC": roc_auc_score(wrong, h.astype(np.float64)),
            "averagePrecision": average_precision_score(wrong, h.astype(np.float64))}


def ties() -> list:
    cases = []
    for seed, values, count in [(1, 3, 30), (2, 8, 50), (3, 1000, 40)]:
        u = drawn.units(2 * count, 0x71E5, seed).reshape(2, count)
        score = np.floor(values * u[0]).astype(np.float32) / values
        score = score.astype(np.float32)
        positive = (u[1] < 0.3 + 0.4 * score).astype(np.uint8)
        cases.append({"values": score, "positives": positive, "areaUnderROC": roc_auc_score(positive, score.astype(np.float64)),
                      "averagePrecision": average_precision_score(positive, score.astype(np.float64))})
    return cases


def correlations() -> list:
    cases = []
    for seed, steps, count in [(1, 10**9, 25), (2, 4, 40), (3, 2, 12), (4, 7, 3)]:
        u = drawn.units(2 * count, 0xC0, seed).reshape(2, count)
        a, b = np.floor(steps * u[0]) / steps, np.floor(steps * (u[1] - u[0] / 2)) / steps
        cases.append({"first": a, "second": b, "ranks": scipy.stats.rankdata(a), "spearman": scipy.stats.spearmanr(a, b).statistic})
    return cases


def coverage() -> list:
    """Images with Dice 0 or 1 for torch-uncertainty, whose risk is the error rate, and with any Dice for the formula alone."""
    aurc = drawn.torch_uncertainty("metrics/classification/risk_coverage.py").AURC
    cases = []
    for seed, count, is_binary in [(1, 30, True), (2, 30, False), (3, 101, False)]:
        u = drawn.units(2 * count, 0xA0C, seed).reshape(2, count)
        uncertainty = u[0]
        dice = np.clip(1.2 - u[0] * u[1] - 0.3 * u[1], 0, 1)
        if is_binary:
            dice = np.round(dice)
        order = np.argsort(uncertainty)
        risk = 1 - dice[order]
        risks = np.array([risk[: k + 1].mean() for k in range(count)])
        ideal = np.array([np.sort(1 - dice)[: k + 1].mean() for k in range(count)])
        theirs = None
        if is_binary:
            # Confidence of class 1 above 0.5, the target wrong where Dice is 0.
            confidence = torch.from_numpy(1 - uncertainty / 2.1)
            metric = aurc()
            metric.update(confidence, torch.from_numpy((dice > 0.5).astype(np.int64)))
            theirs = metric.compute().item()
        cases.append({
            "uncertainties": uncertainty, "dice": dice, "risks": risks, "areaUnderCurve": risks.mean(), "idealAreaUnderCurve": ideal.mean(),
            "trapezoid": np.trapezoid(risks, np.arange(1, count + 1) / count) / (1 - 1 / count), "torchUncertainty": theirs,
            "rest10": dice[order][: count - int(np.floor(0.1 * count + 0.5))].mean(),
            "rest50": dice[order][: count - int(np.floor(0.5 * count + 0.5))].mean(),
        })
    return cases


drawn.write(GOLDEN / "uncertainty.json", {
    "about": {"script": "Scripts/golden/uncertainty.py", **drawn.versions("numpy", "scipy", "scikit-learn", "torch", "torch-uncertainty")},
    "spread": spread(), "detection": detection(), "ties": ties(), "correlations": correlations(), "coverage": coverage(),
})
