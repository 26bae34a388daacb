"""A cross-section's statistics by their definitions: plain, serial, exact. include/statistics/ states the definitions.

    expected = statistics(wealth, probabilities)
    expected["gini"], expected["quantile"]
    check(file, 0, wealth)  # all variables of a result file's first record
"""
import math
from fractions import Fraction

import numpy as np

TOP = 0.1, 0.05, 0.01, 0.001
TAIL = 0.001, 0.005, 0.01, 0.05, 0.1
# Sums of logarithms or of rounded terms: not exact, and stated so. All other variables agree to the last bit.
NOT_EXACT = {"mean_error": 4e-16, "variance_error": 1e-11, "gini_error": 1e-9, "hill": 1e-11, "hill_error": 1e-11}


def ratio(numerator, denominator, whole):
    """Rounded once; whole where all is zero."""
    return float(Fraction(numerator, denominator)) if denominator else whole


def lorenz_of(integers, total, p):
    """Lorenz curve and the rest, exact but for one rounding; the place p n is a double."""
    n = len(integers)
    place = min(n * p, float(n))
    whole = math.floor(place)
    below = Fraction(sum(integers[:whole])) + (Fraction(place) - whole) * (integers[whole] if whole < n else 0)
    return (ratio(below, total, p), ratio(total - below, total, 1 - p))


def interval_of(n, p):
    """Positions of the order statistics that bound the quantile at p: at most 2.5 % of chance beyond either.
    (The program's may lie further out by one where n p (1 - p) is 1000 or more.)"""
    if p in (0, 1):
        return (0, 0) if p == 0 else (n - 1, n - 1)
    log = [math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * math.log(p) + (n - k) * math.log1p(-p)
           for k in range(n + 1)]  # fmt: skip
    chance = np.exp(log)
    low = int(np.sum(np.cumsum(chance) <= 0.025))  # how many counts of values below fit into the lower tail
    high = int(np.sum(np.cumsum(chance[::-1]) <= 0.025))
    return max(low - 1, 0), min(n - high, n - 1)


def hill_of(ascending, k):
    """1 / H and its standard error."""
    n = len(ascending)
    if k < 2 or k >= n or ascending[n - k - 1] <= 0:
        return math.nan, math.nan
    threshold = ascending[n - k - 1]
    h = math.fsum(math.log(x) - math.log(threshold) for x in ascending[n - k :]) / k
    return (1 / h, 1 / h / math.sqrt(k)) if h > 0 else (math.nan, math.nan)


def quantiles(ascending, p):
    """As numpy.quantile's default, by its formula since NumPy 1.22 (those before differ in the last digit)."""
    at = np.asarray(p, dtype=float) * (len(ascending) - 1)
    below = np.floor(at).astype(int)
    low, high, t = ascending[below], ascending[np.minimum(below + 1, len(ascending) - 1)], at - below
    return np.where(t < 0.5, low + (high - low) * t, high - (high - low) * (1 - t))


def root(fraction):
    """The square root of a number that may be far outside of the doubles' range."""
    if fraction <= 0:
        return 0.0
    half = (fraction.numerator.bit_length() - fraction.denominator.bit_length()) // 2
    return math.ldexp(math.sqrt(fraction / Fraction(4) ** half), half)


def errors_of(ascending, integers, scale, gini):
    """Standard errors of mean, variance and Gini (Davidson 2009, eq. 20), each rounded at its end only."""
    n, total = len(integers), sum(integers)
    deviations = [n * x - total for x in integers]  # n (x - mean)
    second, fourth = sum(d**2 for d in deviations), sum(d**4 for d in deviations)
    mean_error = root(Fraction(second, n**4 * scale**2))
    variance_error = Fraction(fourth, n**5) - Fraction(second, n**3) ** 2  # of the integers
    variance_error = root(variance_error / n / Fraction(scale) ** 4)
    if total == 0:
        return mean_error, variance_error, 0.0
    z, below = [], 0
    for i, x in enumerate(integers, 1):
        below += x
        z.append(-(gini + 1) * x + Fraction((2 * i - 1) * x - 2 * below, n))
    common = math.lcm(*{value.denominator for value in z[:50]}, gini.denominator * n)
    z = [int(value * common) for value in z]
    spread = sum(value**2 for value in z) - Fraction(sum(z) ** 2, n)
    return mean_error, variance_error, math.sqrt(spread / Fraction(common * total) ** 2)


def statistics(wealth, probabilities):
    """All variables of a record, by name."""
    ascending = np.sort(np.asarray(wealth, dtype=float))
    n, p = len(ascending), np.asarray(probabilities)
    values = [Fraction(x) for x in ascending.tolist()]
    scale = max(value.denominator for value in values)  # a power of two
    integers = [int(value * scale) for value in values]
    total, squares = sum(integers), sum(x * x for x in integers)
    weighted = sum((2 * i - n - 1) * x for i, x in enumerate(integers, 1))
    gini = Fraction(weighted, n * total) if total else Fraction(0)

    lorenz = [lorenz_of(integers, total, float(q)) for q in p]
    intervals = [interval_of(n, float(q)) for q in p]
    low, high = interval_of(n, 0.5)
    hill = [hill_of(ascending.tolist(), int(n * share)) for share in TAIL]
    mean_error, variance_error, gini_error = errors_of(ascending, integers, scale, gini)
    return {
        "median": np.median(ascending), "median_low": ascending[low], "median_high": ascending[high],
        "mean": float(Fraction(total, n * scale)), "mean_error": mean_error,
        "variance": float(Fraction(n * squares - total**2, n**2 * scale**2)), "variance_error": variance_error,
        "minimum": ascending[0], "maximum": ascending[-1], "gini": float(gini), "gini_error": gini_error,
        "bottom_half_share": lorenz_of(integers, total, 0.5)[0],
        "quantile": quantiles(ascending, p),
        "quantile_low": ascending[[pair[0] for pair in intervals]],
        "quantile_high": ascending[[pair[1] for pair in intervals]],
        "lorenz": [pair[0] for pair in lorenz], "share_top": [pair[1] for pair in lorenz],
        "top_share": [lorenz_of(integers, total, 1 - top)[1] for top in TOP],
        "hill": [pair[0] for pair in hill], "hill_error": [pair[1] for pair in hill],
    }  # fmt: skip


def check(file, record, wealth, leave_out=()):
    """Every variable over periods of a result file's record is what these values give, but those left out."""
    __tracebackhide__ = True
    expected = statistics(wealth, file["probability"])
    recorded = {name for name, values in file.items() if values.shape[:1] == file["period"].shape} - {"period"}
    assert recorded >= set(expected), f"not in the file: {set(expected) - recorded}"
    for name, value in expected.items():
        if name in leave_out:
            continue
        found = file[name][record]
        if name in NOT_EXACT:
            same = np.allclose(found, value, rtol=NOT_EXACT[name], atol=0, equal_nan=True)
        else:
            same = np.array_equal(found, np.asarray(value), equal_nan=True)
        assert same, f"{name} of record {record} is {found!r}, not {value!r}"
