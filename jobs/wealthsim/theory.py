"""Theory of the built-in model, w' = A w + Y with A = (1 + r) s exp(v1 ζ) and Y = exp(v2 ξ): what of its stationary law has a
closed form, by the formulas of src/models/kesten_theory.c. Needs NumPy.

All functions take numbers or arrays (of shapes that fit each other) of the parameters r, s, v1 and v2, and return an array, or
a number for numbers: nan where there is no stationary law, inf where the law has no such moment. (Its quantiles have no closed
form: the program finds them numerically, and a result file has them as stationary_quantile.)
"""
import numpy as np

BUILT_IN = "r", "s", "v1", "v2"


def gain(r, s):
    """(1 + r) s; there is a stationary law where it is below 1."""
    return (1 + np.asarray(r, float)) * np.asarray(s, float)


def mean(r, s, v1, v2):
    """E w, in the model's unit of wealth: inf where E A >= 1."""
    with np.errstate(all="ignore"):
        g, v1, v2 = gain(r, s), np.asarray(v1, float), np.asarray(v2, float)
        growth = g * np.exp(v1 * v1 / 2)
        value = np.where(growth < 1, np.exp(v2 * v2 / 2) / (1 - growth), np.inf)
        return where_law(g, value)


def variance(r, s, v1, v2):
    """Var w, in the model's unit of wealth squared: inf where E A² >= 1."""
    with np.errstate(all="ignore"):
        g, v1, v2 = gain(r, s), np.asarray(v1, float), np.asarray(v2, float)
        first, second = g * np.exp(v1 * v1 / 2), g * g * np.exp(2 * v1 * v1)
        expected = np.exp(v2 * v2 / 2) / (1 - first)
        square = (2 * first * np.exp(v2 * v2 / 2) * expected + np.exp(2 * v2 * v2)) / (1 - second)
        return where_law(g, np.where((first < 1) & (second < 1), square - expected * expected, np.inf))


def tail_index(r, s, v1, v2=0.0):
    """κ, the index of the Pareto tail: P(w > x) falls like x to the power -κ; inf without risk in the return, that is, without
    such a tail. v2 makes no difference."""
    with np.errstate(all="ignore"):
        g, v1 = gain(r, s), np.asarray(v1, float)
        g, v1, _ = np.broadcast_arrays(g, v1, np.asarray(v2, float))
        return where_law(g, np.where((v1 > 0) & (g > 0), -2 * np.log(g) / (v1 * v1), np.inf))


def memory(r, s, v1=0.0, v2=0.0):
    """Periods after which a thousandth of a household's start is left, in the median: inf without a stationary law. v1 and v2
    make no difference."""
    with np.errstate(all="ignore"):
        g, _, _ = np.broadcast_arrays(gain(r, s), np.asarray(v1, float), np.asarray(v2, float))
        return np.where(g < 1, np.where(g > 0, np.ceil(np.log(1e-3) / np.log(g)), 1.0), np.inf)[()]


def where_law(g, value):
    """The value where there is a stationary law, else nan."""
    return np.where(g < 1, value, np.nan)[()]
