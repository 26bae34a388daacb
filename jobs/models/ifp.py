#!/usr/bin/env python3
"""The income fluctuation problem with stochastic returns, solved by endogenous grid points, as in QuantEcon's lecture
(https://python.quantecon.org/ifp_advanced.html) after Ma, Stachurski and Toda (2020):

    max E Σ β^t c^(1-γ)/(1-γ),   w' = R' (w - c) + y',   0 <= c <= w
    R' = exp(b_r + a_r ζ),   y' = exp(b_y z' + a_y ξ),   z' in {0, 1}

The lecture consumes the same at all wealth beyond its grid, and so saves too much there: --beyond flat does the same,
with --knots 101 --highest 100 --grid linear as there. The default goes on with the slope that consumption has at the last
knots, far out.
"""
from model_file import options, write_model, written  # first: finds a Python that has NumPy and h5py

import numpy as np

from egm import savings_grid, solve
from markov import normal_nodes

o = options(
    __doc__, beta=(0.96, "discount factor"), gamma=(1.5, "relative risk aversion"), a_r=(0.16, "volatility of the return"),
    b_r=(0.0, "mean of the return's logarithm"), a_y=(0.2, "volatility of income"), b_y=(0.5, "how much income depends on the state"),
    stay=(0.9, "probability that the state stays"), knots=(200, "knots of the savings rule"),
    highest=(1e4, "the highest savings on the grid"),
    grid=("nested", "denser near 0, or equidistant", ("nested", "linear")),
    beyond=("slope", "consumption beyond the knots", ("slope", "flat")),
    start=(50.0, "wealth at the start"),
)  # fmt: skip
if o.beta * np.exp(o.b_r + o.a_r**2 / 2) >= 1:
    raise SystemExit("ifp.py: beta times the mean return is not below 1: the household saves without bounds")

transition = np.array([[o.stay, 1 - o.stay], [1 - o.stay, o.stay]])
node, weight = normal_nodes(15)
zeta, xi = (a.ravel() for a in np.meshgrid(node, node))
income_mean = o.b_y * np.arange(2)
returns = np.tile(np.exp(o.b_r + o.a_r * zeta), (2, 1))
income = np.exp(income_mean[:, None] + o.a_y * xi)
grid = savings_grid(o.knots - 1, o.highest) if o.grid == "nested" else np.linspace(0, o.highest, o.knots - 1)
wealth, savings = solve(grid, o.beta, o.gamma, transition, returns, income, np.outer(weight, weight).ravel())
if o.beyond == "flat":  # one more knot, to which savings rise as wealth does; that slope goes on
    wealth, savings = (np.hstack([a, a[:, -1:] + o.highest]) for a in (wealth, savings))

write_model(
    o.file,
    title=f"Income fluctuation problem: beta = {o.beta}, gamma = {o.gamma}, a_r = {o.a_r}, a_y = {o.a_y}",
    transition=transition,
    policy_wealth=wealth,
    policy_savings=savings,
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
