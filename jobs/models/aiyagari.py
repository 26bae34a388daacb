#!/usr/bin/env python3
"""Aiyagari's (1994) economy in general equilibrium, or at given prices with --rate and --wage: QuantEcon's lecture
(https://python.quantecon.org/aiyagari.html) by default, whose households' labour is 0.1 or 1 and firms' is 1.

    max E Σ β^t u(c),   a' = (1 + r) a + wage z - c,   a' >= -limit,   Y = K^α N^(1-α),   r = F_K - δ,   wage = F_N

Wealth in the model file is a, so that its mean is K: what a household saves out of a and z is a', and nothing is added.

The paper's own economy, with labour a chain of 7 states for log z' = persistence log z + …:
    aiyagari.py FILE --persistence 0.6 --volatility 0.2 --gamma 3 --alpha 0.36 --delta 0.08
"""
from model_file import options, write_model, written  # first: finds a Python that has NumPy and h5py

import numpy as np

from egm import savings_grid, solve
from markov import move, places, stationary, tauchen

o = options(
    __doc__, beta=(0.96, "discount factor"), gamma=(1.0, "relative risk aversion"), alpha=(0.33, "capital's share"),
    delta=(0.05, "depreciation"), persistence=(0.0, "of log labour; with a --volatility"),
    volatility=(0.0, "of log labour, its stationary standard deviation; 0: the lecture's two states"), limit=(0.0, "what may be borrowed"),
    knots=(200, "knots of the savings rule"), highest=(200.0, "the highest savings on the grid"),
    rate=(-1.0, "net rate of return; -1: that of the equilibrium"), wage=(-1.0, "wage; -1: what firms pay at that rate"),
)  # fmt: skip

if o.volatility:
    z, transition = tauchen(7, o.persistence, o.volatility * np.sqrt(1 - o.persistence**2))
    labour = np.exp(z) / (stationary(transition) @ np.exp(z))
else:
    labour, transition = np.array([0.1, 1.0]), np.array([[0.9, 0.1], [0.1, 0.9]])
grid = savings_grid(1500, o.highest, -o.limit)
law = np.full((len(labour), len(grid)), 1 / len(labour) / len(grid))  # shares of the households


rule = None  # that of the last prices, from which the next one is looked for


def households(rate, wage):
    """The savings rule at these prices: assets and the assets chosen at the knots [state, point]."""
    global rule
    rule = solve(savings_grid(o.knots - 1, o.highest, -o.limit), o.beta, o.gamma, transition, np.full((len(labour), 1), 1 + rate),
                 wage * labour[:, None], np.ones(1), start=rule)  # fmt: skip
    resources, savings = rule
    return (resources - wage * labour[:, None]) / (1 + rate), savings


def capital_supplied(assets, savings, accuracy):
    """Mean assets in the stationary law, which is looked for from that of the last prices on."""
    chosen = np.array([np.interp(grid, x, a) for x, a in zip(assets, savings)]).clip(grid[0], grid[-1])
    below, above = places(grid, chosen)
    change = 1.0
    while change > accuracy:
        new = move(law, below, above, transition)
        change = np.abs(new - law).sum()
        law[:] = new
    return law.sum(axis=0) @ grid


def wage_at(rate):
    return (1 - o.alpha) * (o.alpha / (rate + o.delta)) ** (o.alpha / (1 - o.alpha))


rate = o.rate
if rate == -1:  # households' assets rise with the rate, firms' capital falls: halve the interval
    low, high = -0.5 * o.delta, 1 / o.beta - 1
    while high - low > 5e-7:
        rate = (low + high) / 2
        demand = (o.alpha / (rate + o.delta)) ** (1 / (1 - o.alpha))
        low, high = (low, rate) if capital_supplied(*households(rate, wage_at(rate)), 1e-7) > demand else (rate, high)
wage = o.wage if o.wage != -1 else wage_at(rate)
assets, savings = households(rate, wage)
capital = capital_supplied(assets, savings, 1e-9)

write_model(
    o.file,
    title=f"Aiyagari: rate = {rate:.6f}, wage = {wage:.6f}, capital = {capital:.4f}",
    transition=transition,
    policy_wealth=assets,
    policy_savings=savings,
    outcome_consumption=(1 + rate) * assets + wage * labour[:, None] - savings,
    return_constant=1.0,  # interest and wages are part of the rule
    initial_wealth=np.full(len(labour), capital),
    initial_state=range(len(labour)),
    initial_weight=stationary(transition),
    lower_bound=-o.limit,
)
written(o.file, f"rate {rate:.6f}, wage {wage:.6f}, capital {capital:.4f}")
