#!/usr/bin/env python3
"""Golden values of the folds: which fold scikit-learn's StratifiedGroupKFold gives each group.

    pip install numpy scikit-learn
    python3 Scripts/golden/folds.py              # rewrites Tests/ExperimentsTests/Golden/folds.json

Groups are stored as their number of samples in each stratum, in the order in which scikit-learn meets them (without its own shuffling).
"""
import json, platform
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

OUT = Path(__file__).resolve().parents[2] / "Tests/ExperimentsTests/Golden/folds.json"


def case(name, counts, folds):
    counts = np.asarray(counts)
    strata = np.concatenate([np.repeat(np.arange(counts.shape[1]), row) for row in counts])
    groups = np.repeat(np.arange(len(counts)), counts.sum(axis=1))
    found = np.full(len(counts), -1)
    for fold, (_, test) in enumerate(StratifiedGroupKFold(n_splits=folds).split(np.zeros(len(strata)), strata, groups)):
        found[np.unique(groups[test])] = fold
    return dict(name=name, folds=folds, counts=counts.tolist(), dealt=found.tolist())


random = np.random.default_rng(5)
single = np.eye(5, dtype=int)[random.integers(0, 5, 60)]
patients = random.multinomial(1, [0.2] * 5, size=(25, 9)).sum(axis=1)
uneven = np.vstack([random.integers(0, 4, (18, 3)) + np.array([1, 0, 0]), [[20, 0, 0]], [[0, 12, 3]]])
cases = [case("one sample a group", single, 5), case("nine samples a group", patients, 4), case("groups of many sizes", uneven, 3)]
about = dict(python=platform.python_version(), numpy=version("numpy"), scikitLearn=version("scikit-learn"))
OUT.write_text(json.dumps(dict(about=about, cases=cases), separators=(",", ":")) + "\n")
print(OUT, {c["name"]: np.bincount(c["dealt"]).tolist() for c in cases})
