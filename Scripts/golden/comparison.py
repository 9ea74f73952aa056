"""Writes Tests/ComparingTests/Golden/comparison.json: four runs on sixty images, compared with the first by SciPy and statsmodels.

    pip install numpy scipy statsmodels
"""

import pathlib
import sys

import numpy as np
import scipy.stats
from statsmodels.stats.multitest import multipletests

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import drawn

GOLDEN = pathlib.Path(__file__).parents[2] / "Tests/ComparingTests/Golden"
IMAGES = 60

u = drawn.units(4 * IMAGES, 0xC0).reshape(4, IMAGES)
first = np.clip(0.55 + 0.5 * u[0], 0, 1)
# A clearly better run, one that differs by chance, one that is worse on most images and equal on some.
runs = [first, np.clip(first + 0.1 * u[1] - 0.02, 0, 1), np.clip(first + 0.1 * (u[2] - 0.5), 0, 1), np.where(u[3] < 0.2, first, first - 0.04 * u[3])]
# What JSON holds is what is compared.
runs = [np.array([float(f"{value:.12g}") for value in run]) for run in runs]
tests = [scipy.stats.wilcoxon(run - runs[0], correction=False) for run in runs[1:]]
signs = [(run - runs[0])[run != runs[0]] for run in runs[1:]]
holm = multipletests([test.pvalue for test in tests], method="holm")[1]
drawn.write(GOLDEN / "comparison.json", {
    "about": {"script": "Scripts/golden/comparison.py", **drawn.versions("numpy", "scipy", "statsmodels")},
    "dice": runs,
    "tests": [
        {"difference": (run - runs[0]).mean(), "p": test.pvalue, "holm": corrected, "better": int((run > runs[0]).sum()),
         "worse": int((run < runs[0]).sum()), "equal": int((run == runs[0]).sum()),
         "effect": (2 * scipy.stats.rankdata(abs(d))[d > 0].sum() / scipy.stats.rankdata(abs(d)).sum()) - 1}
        for run, test, corrected, d in zip(runs[1:], tests, holm, signs)
    ],
    "seeds": {"mean": np.mean([run.mean() for run in runs[:3]]), "deviation": np.std([run.mean() for run in runs[:3]], ddof=1)},
})
