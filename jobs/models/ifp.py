#!/usr/bin/env python3
"""The income fluctuation problem with stochastic returns, solved by endogenous grid points, as in QuantEcon's lecture
(https://python.quantecon.org/ifp_advanced.html) after Ma, Stachurski and Toda (2020):

    max E Σ β^t c^(1-γ)/(1-γ),   w' = R' (w - c) + y',   0 <= c <= w
    R' = exp(b_r + a_r ζ),   y' = exp(b_y z' + a_y ξ),   z' in {0, 1}

Consumption goes on beyond the last knot, far out, with the slope that it has there. --approximation lecture is the lecture's
rule: 100 savings, 1 apart, a line from the origin to the second one (no wealth at which all is consumed), and constant
consumption beyond the last one, so that all wealth above is saved.
"""
from model_file import options, write_model, written  # first: finds a Python that has NumPy and h5py

import numpy as np

from egm import savings_grid, solve
from markov import normal_nodes

o = options(
    __doc__, beta=(0.96, "discount factor"), gamma=(1.5, "relative risk aversion"), a_r=(0.16, "volatility of the return"),
    b_r=(0.0, "mean of the return's logarithm"), a_y=(0.2, "volatility of income"), b_y=(0.5, "how much income depends on the state"),
    stay=(0.9, "probability that the state stays"), knots=(200, "knots of the savings rule"),
    highest=(1e4, "the highest savings on the grid"), approximation=("fine", "in the savings rule", ("fine", "lecture")),
    start=(50.0, "wealth at the start"),
)  # fmt: skip
if o.beta * np.exp(o.b_r + o.a_r**2 / 2) >= 1:
    raise SystemExit("ifp.py: beta times the mean return is not below 1: the household saves without bounds")

transition = np.array([[o.stay, 1 - o.stay], [1 - o.stay, o.stay]])
node, weight = normal_nodes(11)
zeta, xi = (a.ravel() for a in np.meshgrid(node, node))
income_mean = o.b_y * np.arange(2)
returns = np.tile(np.exp(o.b_r + o.a_r * zeta), (2, 1))
income = np.exp(income_mean[:, None] + o.a_y * xi)
is_fine = o.approximation == "fine"
grid = savings_grid(o.knots - 1, o.highest) if is_fine else np.linspace(0, 100, 100)
wealth, savings = solve(grid, o.beta, o.gamma, transition, returns, income, np.outer(weight, weight).ravel(), is_bound=is_fine,
                        is_flat=not is_fine)  # fmt: skip
if not is_fine:  # one more knot, to which savings rise as wealth does: that slope goes on
    wealth, savings = (np.hstack([a[:, 1:], a[:, -1:] + 100]) for a in (wealth, savings))

write_model(
    o.file,
    title=f"Income fluctuation problem: beta = {o.beta}, gamma = {o.gamma}, a_r = {o.a_r}, a_y = {o.a_y}",
    transition=transition,
    policy_wealth=wealth,
    policy_savings=savings,
    outcome_consumption=wealth - savings,
    return_log_mean=o.b_r,
    return_log_sd=o.a_r,
    income_log_mean=income_mean,
    income_log_sd=o.a_y,
    initial_wealth=[o.start],
    initial_state=[0],
    lower_bound=0.0,
)
slopes = (savings[:, -1] - savings[:, -2]) / (wealth[:, -1] - wealth[:, -2])
written(o.file, f"savings rise by {slopes[0]:.5f} and {slopes[1]:.5f} of wealth beyond {wealth[:, -1].min():.4g}")
