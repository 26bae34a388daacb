#!/usr/bin/python3
"""The stationary law by another method than src/models/stationary.c: the figures that its tests hold it to.

F(x) = E F((x - Y) / A), the fixed point of the distribution function of wealth itself, by collocation: F is a
quintic spline in log w; the expectation is Gauss-Hermite in the return's shock and composite Gauss-Legendre in
income's; F at the nodes solves the linear equations. Above the grid 1 - F falls with the tail index, below it F
is 0. Nothing is shared with the C code but the model. Each set is computed on two grids: the difference says how
many digits hold.

    stationary_reference.py [NODES...]      grids to compare, default 500 700 (a minute)
"""
import sys

import numpy as np
from scipy.interpolate import BSpline, make_interp_spline
from scipy.linalg import lu_factor, lu_solve
from scipy.optimize import brentq

SETS = {  # r, s, v1, v2, lowest and highest log wealth of the grid
    "lecture": (0.1, 0.3, 0.1, 1.0, -4.5, 9.0),
    "pareto": (0.04, 0.85, 0.3, 0.6, -2.0, 16.0),
    "heavy": (0.0, 0.8, 0.5, 0.5, -2.0, 22.0),
    "no mean": (0.0, 0.9, 0.5, 1.0, -4.0, 34.0),
    "constant": (0.05, 0.6, 0.0, 1.5, -6.0, 13.0),
}
QUANTILES = (0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99)


def law(r, s, v1, v2, low, high, nodes):
    gain = (1 + r) * s
    kappa = -2 * np.log(gain) / v1**2 if v1 > 0 else np.inf
    mean = np.exp(v2**2 / 2) / (1 - gain * np.exp(v1**2 / 2)) if gain * np.exp(v1**2 / 2) < 1 else np.inf
    t = np.linspace(low, high, nodes)
    spline = make_interp_spline(t, np.eye(nodes), k=5)
    zeta, p = np.polynomial.hermite_e.hermegauss(48 if v1 > 0 else 1)
    p = p / p.sum()
    x, w = np.polynomial.legendre.leggauss(12)
    panels = 24
    matrix, constant = np.zeros((nodes, nodes)), np.zeros(nodes)
    design = np.zeros((nodes, nodes))
    for i, ti in enumerate(t):
        ends = np.linspace(-8, min(8, ti / v2), panels + 1)
        # towards the end where income takes all, panels shrink geometrically
        ends = np.concatenate([ends[:-1], ends[-1] - (ends[-1] - ends[-2]) * 0.3 ** np.arange(1, 20)])
        half = np.diff(ends) / 2
        xi = (ends[:-1, None] + half[:, None] * (1 + x)).ravel()
        weight = (half[:, None] * w).ravel() * np.exp(-(xi**2) / 2) / np.sqrt(2 * np.pi)
        rest = ti + np.log(-np.expm1(np.minimum(v2 * xi - ti, -1e-300)))
        u = (rest[:, None] - np.log(gain) - v1 * zeta).ravel()
        weight = (weight[:, None] * p).ravel()
        top, inside = u >= high, (u > low) & (u < high)
        kept = np.exp(-kappa * (u[top] - high)) if np.isfinite(kappa) else np.zeros(top.sum())
        constant[i] = np.sum(weight[top] * (1 - kept))
        if inside.any():
            design[i] = BSpline.design_matrix(u[inside], spline.t, 5).T @ weight[inside]
        matrix[i, -1] += np.sum(weight[top] * kept)
    # from B-spline coefficients to values at the nodes
    basis = BSpline.design_matrix(t, spline.t, 5).toarray()
    matrix += np.linalg.solve(basis.T, design.T).T
    f = lu_solve(lu_factor(np.eye(nodes) - matrix), constant)
    F = make_interp_spline(t, f, k=5)

    answer = {q: float(np.exp(brentq(lambda u: F(u) - q, low, high, xtol=1e-14))) for q in QUANTILES}
    if np.isfinite(mean):
        def integral(function, a, b):
            ends = np.linspace(a, b, 2000)
            half = np.diff(ends) / 2
            u = (ends[:-1, None] + half[:, None] * (1 + x)).ravel()
            return np.sum((half[:, None] * w).ravel() * function(u) * np.exp(u))
        tail = (1 - f[-1]) ** 2 * np.exp(high) / (2 * kappa - 1) if np.isfinite(kappa) else 0
        answer["gini"] = 1 - (np.exp(low) + integral(lambda u: (1 - F(u)) ** 2, low, high) + tail) / mean
        for name, q in (("bottom half", 0.5), ("top 10 %", 0.9), ("top 1 %", 0.99)):
            below = brentq(lambda u: F(u) - q, low, high, xtol=1e-14)
            share = (np.exp(below) * q - integral(F, low, below)) / mean
            answer[name] = share if q == 0.5 else 1 - share
    return answer


def main():
    grids = [int(n) for n in sys.argv[1:]] or [500, 700]
    for name, parameters in SETS.items():
        answers = [law(*parameters, n) for n in grids]
        print(f"{name}: r={parameters[0]} s={parameters[1]} v1={parameters[2]} v2={parameters[3]}")
        for key in answers[-1]:
            print(f"  {key!s:12}", *(f"{a[key]:.10g}" for a in answers))


main()
