#!/usr/bin/env python3
"""The coefficients of the shocks of single precision, again: minimax polynomials with coefficients rounded to single precision,
as they stand in src/random/normals_single.vec.c and src/models/kesten_single.c. Takes about 10 s.

Lawson's algorithm (J. R. Rice, "The Approximation of Functions", vol. 2, 1969) gives the real polynomial on a grid; coefficients
are rounded one by one from the lowest power on, each time with the others fitted again; at last each is moved to its
neighbours as long as the largest error falls."""
import numpy as np

POINTS, ROUNDS = 601, 300


def fitted(columns, values, weights):
    """Coefficients of the least largest weighted error."""
    scales = np.abs(columns * weights[:, None]).max(0)
    matrix, right = columns * weights[:, None] / scales, values * weights
    best, least, shares = None, np.inf, np.full(len(right), 1 / len(right))
    for _ in range(ROUNDS):
        roots = np.sqrt(shares)
        coefficients = np.linalg.lstsq(matrix * roots[:, None], right * roots, rcond=None)[0]
        errors = np.abs(matrix @ coefficients - right)
        if errors.max() < least:
            best, least = coefficients / scales, errors.max()
        shares *= errors
        shares /= shares.sum()
    return best


def show(name, function, degree, low, high, weight, constant=None):
    """weight: of the error at x, given the function's value there. constant: a coefficient of x^0 that is given."""
    x = (low + high) / 2 + (high - low) / 2 * np.cos(np.pi * (np.arange(POINTS) + 0.5) / POINTS)
    values = function(x)
    weights = weight(x, values)
    found = {} if constant is None else {0: constant}
    for power in range(len(found), degree + 1):
        left = range(power, degree + 1)
        rest = values - sum(c * x**p for p, c in found.items())
        found[power] = np.float32(fitted(np.stack([x**p for p in left], 1), rest, weights)[0])

    def largest(coefficients):
        return np.abs(weights * (sum(float(c) * x**p for p, c in coefficients.items()) - values)).max()

    error, is_better = largest(found), True
    while is_better:
        is_better = False
        for power in range(constant is not None, degree + 1):
            for towards in np.float32(np.inf), np.float32(-np.inf):
                tried = {**found, power: np.nextafter(np.float32(found[power]), towards)}
                if largest(tried) < error * (1 - 1e-9):
                    found, error, is_better = tried, largest(tried), True
    print(f"{name}: largest error {error:.2g}")
    print("   ", ", ".join(float(c).hex() for c in found.values()))


def relative(_, values):
    return 1 / np.abs(values)


show("-2 ln(1 - z/2) / z, 0 <= z <= 1, relative", lambda z: -2 * np.log1p(-z / 2) / z, 8, 1e-9, 1, relative, 1.0)
show("cos(pi t / 2) by t^2, |t| <= 1, absolute", lambda s: np.cos(np.pi / 2 * np.sqrt(s)), 5, 1e-12, 1, lambda s, _: np.ones_like(s), 1.0)
show("sin(pi t / 2) / t by t^2, absolute of the sine", lambda s: np.sin(np.pi / 2 * np.sqrt(s)) / np.sqrt(s), 4, 1e-12, 1, lambda s, _: np.sqrt(s))
show("2^x, |x| <= 1/2, relative", lambda x: 2.0**x, 6, -0.5, 0.5, relative, 1.0)
