#!/usr/bin/env python3
"""QuantEcon's lecture "Wealth Distribution Dynamics" (https://python.quantecon.org/wealth_dynamics.html) as a model file.

    w' = R' s(w) + y',   s(w) = s0 w from w_hat on, else 0
    R' = c_r exp(z') + exp(μ_r + σ_r ζ),   y' = c_y exp(z') + exp(μ_y + σ_y ξ)
    z' = a z + b + σ_z ε: a Markov chain here, of as many states as --states says
"""
from model_file import options, write_model, written  # first: finds a Python that has NumPy and h5py

import numpy as np

from markov import rouwenhorst, stationary, tauchen

o = options(
    __doc__, w_hat=(1.0, "wealth from which on households save"), s_0=(0.75, "share that they save"), c_y=(1.0, "income: weight of exp(z)"),
    mu_y=(1.0, "income: mean of the logarithm"), sigma_y=(0.2, "income: volatility"), c_r=(0.05, "return: weight of exp(z)"),
    mu_r=(0.1, "return: mean of the logarithm"), sigma_r=(0.5, "return: volatility"),
    a=(0.5, "autocorrelation of z"), b=(0.0, "drift of z"), sigma_z=(0.1, "volatility of z"), states=(9, "states that stand for z"),
    method=("rouwenhorst", "how they are chosen", ("rouwenhorst", "tauchen")),
)  # fmt: skip

deviation, transition = {"rouwenhorst": rouwenhorst, "tauchen": tauchen}[o.method](o.states, o.a, o.sigma_z)
exp_z = np.exp(o.b / (1 - o.a) + deviation)
law = stationary(transition)
mean_return = o.c_r * law @ exp_z + np.exp(o.mu_r + o.sigma_r**2 / 2)
mean_income = o.c_y * law @ exp_z + np.exp(o.mu_y + o.sigma_y**2 / 2)
if mean_return * o.s_0 >= 1:
    raise SystemExit(f"wealth_dynamics.py: s_0 times the mean return is {mean_return * o.s_0:.3f}, not below 1: wealth has no mean")

write_model(
    o.file,
    title=f"QuantEcon's wealth dynamics: mu_r = {o.mu_r}, sigma_r = {o.sigma_r}, {o.states} states by {o.method}",
    transition=transition,
    policy_of_state=0,  # all states save alike
    policy_wealth=[[0.0, o.w_hat, o.w_hat, 2 * o.w_hat]],  # a jump at w_hat, where the upper value holds
    policy_savings=[[0.0, 0.0, o.s_0 * o.w_hat, 2 * o.s_0 * o.w_hat]],
    return_constant=o.c_r * exp_z,
    return_log_mean=o.mu_r,
    return_log_sd=o.sigma_r,
    income_constant=o.c_y * exp_z,
    income_log_mean=o.mu_y,
    income_log_sd=o.sigma_y,
    initial_wealth=np.full(o.states, mean_income),  # as in the lecture: mean income, z from its stationary law
    initial_state=range(o.states),
    initial_weight=law,
)
written(o.file, f"mean return {mean_return:.4f}, mean income {mean_income:.4f}")
