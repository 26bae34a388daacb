#!/usr/bin/env python3
"""Krusell and Smith's (1998) economy along a given path of booms and recessions.

    max E Σ β^t log c,   k' = (1 + r) k + wage labour e - c,   k' >= 0,   e in {unemployed, employed}
    r = z α (K/L)^(α-1) - δ,   wage = z (1 - α) (K/L)^α,   K the mean of k
    believed: log K' = 0.095 + 0.962 log K in booms, 0.085 + 0.965 log K in recessions, as the paper found

The rule that follows from that belief moves a histogram of households along the path, and the K that comes about makes the
prices. Wealth in the model file is k. The aggregate index stands for (z, z', K): the savings rule depends on today's z and
K, the risk of unemployment on today's z and tomorrow's; K is rounded to --step.
"""
from model_file import options, write_model, written  # first: finds a Python that has NumPy and h5py

import numpy as np

from egm import savings_grid, solve
from markov import move, places

o = options(
    __doc__, periods=(2000, "length of the path"), seed=(1, "of the path of booms and recessions"), capital=(11.6, "K at the start"),
    beta=(0.99, "discount factor"), alpha=(0.36, "capital's share"), delta=(0.025, "depreciation"), boom=(0.01, "z is 1 ± this"),
    duration=(8.0, "quarters that booms and recessions last on average"), knots=(100, "knots of the savings rule"),
    highest=(500.0, "the highest savings on the grid"), step=(0.02, "what K is rounded to"),
)  # fmt: skip

BAD, GOOD = 0, 1
UNEMPLOYED, EMPLOYED = 0, 1
z = np.array([1 - o.boom, 1 + o.boom])
jobless = np.array([0.1, 0.04])
labour = 0.3271  # hours of the employed
stay_jobless = np.array([[0.6, 0.25], [0.75, 1 / 3]])  # [z, z']: 2.5 quarters in recessions, 1.5 in booms; 1.25, 0.75 of it between
lose_job = (jobless[None, :] - jobless[:, None] * stay_jobless) / (1 - jobless[:, None])
employment = np.array([[stay_jobless, 1 - stay_jobless], [lose_job, 1 - lose_job]]).transpose(2, 3, 0, 1)  # [z, z', e, e']
stay = 1 - 1 / o.duration
booms = np.array([[stay, 1 - stay], [1 - stay, stay]])


def believed(now, capital):
    return np.exp(np.where(now == GOOD, 0.095 + 0.962 * np.log(capital), 0.085 + 0.965 * np.log(capital)))


def prices(now, capital):
    """Net return and wage."""
    ratio = capital / (labour * (1 - jobless[now]))
    return z[now] * o.alpha * ratio ** (o.alpha - 1) - o.delta, z[now] * (1 - o.alpha) * ratio**o.alpha


# The households' problem: their state is (z, e, K), with K on a coarse grid, where K' between two points is a lottery.
coarse = np.linspace(10.0, 13.0, 13)
now, e, j = (a.ravel() for a in np.meshgrid((BAD, GOOD), (UNEMPLOYED, EMPLOYED), range(len(coarse)), indexing="ij"))
place = np.interp(believed(now, coarse[j]), coarse, range(len(coarse)))
lottery = np.maximum(0, 1 - np.abs(place[:, None] - j[None, :]))
chain = booms[now[:, None], now] * employment[now[:, None], now, e[:, None], e] * lottery
rate, wage = prices(now, coarse[j])
income = wage * labour * e
resources, savings = solve(savings_grid(o.knots - 1, o.highest), o.beta, 1.0, chain, 1 + rate[:, None], income[:, None], np.ones(1),
                           accuracy=1e-8)  # fmt: skip
assets = ((resources - income[:, None]) / (1 + rate[:, None])).reshape(2, 2, len(coarse), o.knots)  # at the same savings


def rule(now, capital):
    """Assets [e, point] at the knots, for any K."""
    place = np.interp(capital, coarse, range(len(coarse)))
    low = min(int(place), len(coarse) - 2)
    return (1 - place + low) * assets[now, :, low] + (place - low) * assets[now, :, low + 1]


# The path, and the capital that comes about.
random = np.random.default_rng(o.seed)
path = np.empty(o.periods + 1, int)
path[0] = GOOD
for t, uniform in enumerate(random.random(o.periods)):
    path[t + 1] = path[t] if uniform < stay else 1 - path[t]
grid = savings_grid(1000, o.highest)
law = np.zeros((2, len(grid)))
start = np.searchsorted(grid, o.capital)
law[:, start] = jobless[path[0]], 1 - jobless[path[0]]
capital = np.empty(o.periods)
for t in range(o.periods):
    capital[t] = np.round(law.sum(axis=0) @ grid / o.step) * o.step
    chosen = np.array([np.interp(grid, x, a) for x, a in zip(rule(path[t], capital[t]), savings)]).clip(0, o.highest)
    law = move(law, *places(grid, chosen), employment[path[t], path[t + 1]])
different, index = np.unique(np.column_stack([path[:-1], path[1:], capital]), axis=0, return_inverse=True)
today, tomorrow = different[:, :2].astype(int).T

write_model(
    o.file,
    title=f"Krusell and Smith: {o.periods} periods, seed {o.seed}",
    transition=employment[today, tomorrow],
    policy_wealth=[rule(now, capital) for now, capital in zip(today, different[:, 2])],
    policy_savings=savings[:2],
    return_constant=1.0,  # interest and wages are part of the rule
    aggregate_path=index.ravel(),
    initial_wealth=[grid[start], grid[start]],
    initial_state=[UNEMPLOYED, EMPLOYED],
    initial_weight=[jobless[path[0]], 1 - jobless[path[0]]],
    lower_bound=0.0,
)
written(o.file, f"{len(different)} aggregate states, capital from {capital.min():.2f} to {capital.max():.2f}")
for name, now in ("booms", GOOD), ("recessions", BAD):  # after the first quarter of the path, which still tells of the start
    t = np.flatnonzero(path[:-2] == now)
    t = t[t >= o.periods // 4]
    if len(t) > 2:
        slope, constant = np.polyfit(np.log(capital[t]), np.log(capital[t + 1]), 1)
        print(f"in {name} log K' = {constant:.4f} + {slope:.4f} log K")
