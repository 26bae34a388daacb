"""Statistics of parts of one population, as the program makes them of a whole one: what replications are made of."""
from __future__ import annotations

import numpy as np

from wealthsim.moments import Statistic

COMPUTED = ("median", "mean", "variance", "gini", "minimum", "maximum", "bottom_half_share", "quantile", "lorenz", "share_top",
            "hill")  # fmt: skip


def parts_of(values: np.ndarray, n: int) -> np.ndarray:
    """[n, values/n]: the parts that take every n-th household each, so that each has all of the start values; ascending."""
    return np.sort(np.asarray(values, dtype=float).reshape(-1, n).T, axis=1)


def statistic_of(ascending: np.ndarray, statistic: Statistic) -> np.ndarray:
    """A statistic [n] of each of n populations [n, households], sorted: to rounding what the result file has."""
    variable, x = statistic.variable, statistic.at[1] if statistic.at else 0.5
    size = ascending.shape[1]
    if variable == "mean":
        return ascending.mean(axis=1)
    if variable == "variance":
        return ascending.var(axis=1)
    if variable in ("median", "quantile"):
        return np.quantile(ascending, x, axis=1)
    if variable in ("minimum", "maximum"):
        return ascending[:, 0 if variable == "minimum" else -1]
    if variable == "hill":
        k = int(size * x)
        with np.errstate(invalid="ignore", divide="ignore"):
            return 1 / np.log(ascending[:, size - k :] / ascending[:, size - k - 1 : size - k]).mean(axis=1) if 2 <= k < size else np.full(len(ascending), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        total = ascending.sum(axis=1)
        if variable == "gini":
            return ascending @ (2 * np.arange(1, size + 1) - size - 1.0) / (size * total)
        below = lowest_of(ascending, x) / total
        return 1 - below if variable == "share_top" else below


def lowest_of(ascending: np.ndarray, p: float) -> np.ndarray:
    """What the poorest p of the households have [n]; of a household in part, its part."""
    place = min(ascending.shape[1] * p, float(ascending.shape[1]))
    whole = int(place)
    rest = ascending[:, whole] * (place - whole) if whole < ascending.shape[1] else 0
    return ascending[:, :whole].sum(axis=1) + rest
