"""Writes Tests/MetricsTests/Golden/significance.json: bootstrap intervals, signed-rank tests and Holm's correction by SciPy and statsmodels.

    pip install numpy scipy statsmodels
"""

import pathlib
import sys

import numpy as np
import scipy.stats
from statsmodels.stats.multitest import multipletests

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import drawn

GOLDEN = pathlib.Path(__file__).parents[2] / "Tests/MetricsTests/Golden"
STREAM = 0x626F6F74


def draws(units, resamples, seed):
    """The units that each resample draws, as Sources/Metrics/Significance draws them."""
    return np.stack([drawn.indices(units, units, seed, STREAM, r) for r in range(resamples)])


def interval(distribution, data, statistic, level):
    """SciPy's percentile interval of a distribution that is given."""
    class Given:
        bootstrap_distribution = np.asarray(distribution)

    result = scipy.stats.bootstrap((data,), statistic, n_resamples=0, bootstrap_result=Given, method="percentile", confidence_level=level)
    return [result.confidence_interval.low, result.confidence_interval.high]


def bootstraps() -> list:
    cases = []
    for name, images, patients, seed, resamples, level in [
        ("images", 40, None, 7, 500, 0.95), ("patients", 45, 9, 11, 400, 0.9), ("default resamples", 12, None, 2**40 + 3, 2000, 0.95),
    ]:
        u = drawn.units(4 * images, 0xB0, seed).reshape(4, images)
        dice = np.clip(0.6 + 0.5 * u[0] - 0.3 * u[1], 0, 1)
        other = np.clip(dice + 0.2 * u[2] - 0.08, 0, 1)
        parts, wholes = np.floor(200 * u[0] * u[2]), np.floor(200 * u[0] * u[2]) + np.floor(90 * u[1])
        groups = np.arange(images) if patients is None else np.floor(patients * u[3]).astype(int)
        # Units are numbered by first appearance.
        _, first = np.unique(groups, return_index=True)
        ordered = groups[np.sort(first)]
        members = [np.flatnonzero(groups == g) for g in ordered]
        drawn_units = draws(len(members), resamples, seed)
        resampled = [np.concatenate([members[unit] for unit in row]) for row in drawn_units]
        missing = np.arange(images) % 6 == 1
        means = [dice[i].mean() for i in resampled]
        ratios = [parts[i].sum() / wholes[i].sum() for i in resampled]
        known = [dice[i][~missing[i]].mean() for i in resampled]
        differences = np.array([(other - dice)[i].mean() for i in resampled])
        p = 2 * (min((differences <= 0).sum(), (differences >= 0).sum()) + 1) / (resamples + 1)
        cases.append({
            "name": name, "seed": seed, "resamples": resamples, "level": level, "groups": None if patients is None else groups,
            "draws": drawn_units[:2].ravel(), "dice": dice, "other": other, "parts": parts, "wholes": wholes,
            "mean": [dice.mean(), *interval(means, dice, np.mean, level)],
            "ratio": [parts.sum() / wholes.sum(), *interval(ratios, dice, np.mean, level)],
            "knownMean": [dice[~missing].mean(), *interval(known, dice, np.mean, level)],
            "difference": [(other - dice).mean(), *interval(differences, dice, np.mean, level)], "differenceP": min(1, p),
        })
    return cases


def signed_ranks() -> list:
    cases = []
    for name, count, steps, shift in [
        ("one pair", 1, None, 0.3), ("six", 6, None, 0.1), ("twenty", 20, None, 0.05), ("fifty", 50, None, 0.04), ("fifty-one", 51, None, 0.04),
        ("300", 300, None, 0.01), ("thirteen with ties and zeros", 13, 8, 0.1), ("thirteen without zeros", 13, 9, 0.056),
        ("fourteen with ties", 14, 8, 0.1), ("sixty with ties and zeros", 60, 10, -0.05), ("three equal", 3, 1, 0.9), ("eight with ties", 8, 20, 0.0),
    ]:
        u = drawn.units(count, 0x51, count, 0 if steps is None else steps) - 0.5 + shift
        d = u if steps is None else np.round(steps * u) / steps
        results = {}
        for alternative in ["two-sided", "greater", "less"]:
            key = {"two-sided": "twoSided"}.get(alternative, alternative)
            results[key] = scipy.stats.wilcoxon(d, alternative=alternative, correction=False).pvalue
            results[key + "Corrected"] = scipy.stats.wilcoxon(d, alternative=alternative, correction=True, method="asymptotic").pvalue
        both = scipy.stats.wilcoxon(d, correction=False)
        cases.append({"name": name, "differences": d, "statistic": both.statistic,
                      "positiveRanks": scipy.stats.wilcoxon(d, alternative="greater", correction=False).statistic, "p": results})
    return cases


def corrections() -> list:
    cases = []
    for values in [[0.01, 0.04, 0.03, 0.005], [0.5], [0.2, 0.9, 0.2, 1.0, 1e-12], [0.02, 0.02, 0.02], list(drawn.units(20, 0x401) ** 3)]:
        cases.append({"values": values, "holm": multipletests(values, method="holm")[1]})
    return cases


spread = drawn.units(6, 0x5B)
drawn.write(GOLDEN / "significance.json", {
    "about": {"script": "Scripts/golden/significance.py", **drawn.versions("numpy", "scipy", "statsmodels")},
    "bootstraps": bootstraps(), "signedRanks": signed_ranks(), "corrections": corrections(),
    "spread": {"values": spread, "mean": spread.mean(), "deviation": spread.std(ddof=1)},
})
