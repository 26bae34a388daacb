"""Markov chains: those that stand for an AR(1) process x' = ρ x + σ ε, and what households' law of wealth does to them."""
from math import erf, sqrt

import numpy as np


def tauchen(n, rho, sigma, width=3.0):
    """n equidistant states over ± width standard deviations of x (Tauchen 1986).
    @return states [n], transition [n, n]"""
    x = np.linspace(-1, 1, n) * width * sigma / sqrt(1 - rho**2)
    edges = (x[1:] + x[:-1]) / 2
    below = np.array([[0.5 + 0.5 * erf((edge - rho * start) / sigma / sqrt(2)) for edge in edges] for start in x])
    return x, np.diff(below, axis=1, prepend=0, append=1)


def rouwenhorst(n, rho, sigma):
    """n equidistant states with the mean, variance and correlation of x, whatever ρ (Rouwenhorst 1995).
    @return states [n], transition [n, n]"""
    p, chain = (1 + rho) / 2, np.ones((1, 1))
    for size in range(2, n + 1):
        larger = np.zeros((size, size))
        larger[:-1, :-1] += p * chain
        larger[:-1, 1:] += (1 - p) * chain
        larger[1:, :-1] += (1 - p) * chain
        larger[1:, 1:] += p * chain
        larger[1:-1] /= 2
        chain = larger
    return np.linspace(-1, 1, n) * sqrt((n - 1) / (1 - rho**2)) * sigma, chain / chain.sum(axis=1, keepdims=True)


def stationary(transition):
    """The chain's stationary law [n]."""
    n = len(transition)
    equations = np.vstack([np.transpose(transition) - np.eye(n), np.ones(n)])
    law = np.linalg.lstsq(equations, np.r_[np.zeros(n), 1], rcond=None)[0].clip(0)
    return law / law.sum()


def places(grid, chosen):
    """Where savings [state, point] lie in the grid: the point below each, and how far towards the next one."""
    below = np.searchsorted(grid, chosen, side="right").clip(1, len(grid) - 1) - 1
    return below, (chosen - grid[below]) / (grid[below + 1] - grid[below])


def move(law, below, above, transition):
    """One period of households without risk in returns or income, by Young's (2010) histogram: who saves between two points
    of the grid is spread over both, such that the mean stays.
    @param law           [state, point] shares of the households
    @param below, above  of what they save there: places(grid, savings)
    @return [state, point] a period later"""
    n = law.shape[1]
    saved = [np.bincount(k, p * (1 - t), n) + np.bincount(k + 1, p * t, n) for k, p, t in zip(below, law, above)]
    return transition.T @ np.array(saved)


def normal_nodes(n):
    """Gauss and Hermite's nodes and weights for a standard normal."""
    x, weight = np.polynomial.hermite_e.hermegauss(n)
    return x, weight / weight.sum()


def sparse(transition):
    """The variables of a sparse chain, for write_model(..., **sparse(transition))."""
    rows, columns = np.nonzero(transition)
    start = np.r_[0, np.cumsum(np.count_nonzero(transition, axis=1))]
    return {"transition_start": start, "transition_to": columns, "transition_probability": transition[rows, columns]}
