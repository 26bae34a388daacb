#!/usr/bin/env python3
"""The buffer-stock household of HARK's IndShockConsumerType (https://docs.econ-ark.org), with HARK's default parameters
and an infinite horizon: permanent and transitory shocks to income, unemployment, death and newborns.

    max E Σ (β survival)^t C^(1-γ)/(1-γ)
    permanent income  p' = p growth ψ',  log ψ' = -σ_ψ²/2 - σ_ψ ζ     (mean one)
    resources in it   m' = R/(growth ψ') (m - c) + θ',  c <= m
    θ' = benefit with probability unemployment, else lognormal, such that the mean of θ' is one

Wealth in the model file is m, the level is p. ζ is the same in both: a good shock to permanent income makes resources
smaller in proportion. States are employed and unemployed, times the years of age that --ages tells apart (the last one:
that age or more), then the dead, in whose place a newborn starts: with m = 1 and p as permanent income's first shock has
it. HARK puts shocks on 7 equally likely points each; here they are lognormal, and --approximation says how exactly the household
knows that.
"""
from model_file import options, write_model, written  # first: finds a Python that has NumPy and h5py

from statistics import NormalDist

import numpy as np

from egm import savings_grid, solve
from markov import normal_nodes, sparse

o = options(
    __doc__, beta=(0.96, "discount factor: DiscFac"), gamma=(2.0, "relative risk aversion: CRRA"), rate=(1.03, "gross return: Rfree"),
    growth=(1.01, "growth of permanent income: PermGroFac"), survival=(0.98, "probability to live on: LivPrb"),
    permanent=(0.1, "volatility of permanent income: PermShkStd"), transitory=(0.1, "volatility of transitory income: TranShkStd"),
    unemployment=(0.05, "probability: UnempPrb"), benefit=(0.3, "income of the unemployed: IncUnemp"), ages=(1, "years of age told apart"),
    knots=(200, "knots of the savings rule"), highest=(200.0, "the highest savings on the grid"), newborns=(101, "levels of newborns"),
    approximation=("fine", "in the savings rule; hark: 7 equally likely points for each shock, 48 savings up to 20", ("fine", "hark")),
)  # fmt: skip
NORMAL = NormalDist()


def shock_points(sd):
    """A mean-one lognormal shock: points and their weights. HARK's are the means within equally likely parts."""
    if o.approximation == "fine" or sd == 0:
        node, weight = normal_nodes(15)
        return np.exp(sd * node - sd**2 / 2), weight
    edge = [-np.inf, *(NORMAL.inv_cdf(k / 7) for k in range(1, 7)), np.inf]
    return 7 * np.diff([NORMAL.cdf(x - sd) for x in edge]), np.full(7, 1 / 7)


def savings():
    """On which the rule is found. HARK's begin at what could be owed without a limit, 0.25017509 below 0."""
    if o.approximation == "fine":
        return savings_grid(o.knots - 1, o.highest)
    grid = np.linspace(*np.log1p(np.log1p(np.log1p([0.001, 20]))), 48)
    grid = np.expm1(np.expm1(np.expm1(grid))) - 0.25017509
    return np.r_[0, grid[grid > 0]]


employed_mean = (1 - o.unemployment * o.benefit) / (1 - o.unemployment)
psi, psi_weight = shock_points(o.permanent)
theta, theta_weight = shock_points(o.transitory)
theta = np.r_[o.benefit, theta * employed_mean]
theta_weight = np.r_[o.unemployment, theta_weight * (1 - o.unemployment)]
psi, theta = (a.ravel() for a in np.meshgrid(psi, theta))
wealth, saved = solve(
    savings(), o.beta * o.survival, o.gamma, [[1.0]], o.rate / (o.growth * psi)[None], theta[None],
    np.outer(theta_weight, psi_weight).ravel(), (o.growth * psi[None]) ** (1 - o.gamma),
)  # fmt: skip

states, dead = 2 * o.ages + 1, 2 * o.ages  # employed and unemployed of each age; the dead
transition = np.zeros((states, states))
for state in range(states):
    age = min(state // 2 + 1, o.ages - 1)
    transition[state, 2 * age] = o.survival * (1 - o.unemployment)
    transition[state, 2 * age + 1] = o.survival * o.unemployment
    transition[state, dead] = 1 - o.survival
is_unemployed = np.arange(states) % 2 == 1
first = o.growth * np.exp([o.permanent * NORMAL.inv_cdf((k + 0.5) / o.newborns) - o.permanent**2 / 2 for k in range(o.newborns)])

write_model(
    o.file,
    title=f"Buffer stock: {', '.join(f'{name} = {value}' for name, value in vars(o).items() if name != 'file')}",
    **(sparse(transition) if states > 40 else {"transition": transition}),
    policy_of_state=np.zeros(states),
    policy_wealth=wealth,
    policy_savings=saved,
    outcome_consumption=wealth - saved,  # in units of permanent income, as wealth is
    return_log_mean=np.log(o.rate / o.growth) + o.permanent**2 / 2,
    return_log_sd=o.permanent,
    income_log_mean=np.where(is_unemployed, np.log(o.benefit), np.log(employed_mean) - o.transitory**2 / 2),
    income_log_sd=np.where(is_unemployed, 0, o.transitory),
    level_growth=o.growth * np.exp(-(o.permanent**2) / 2),
    level_loading=-o.permanent,
    newborn=np.arange(states) == dead,
    group=10 * (np.arange(states) // 2) + is_unemployed,  # 10 × age, and 1 for the unemployed
    initial_wealth=1 + o.rate * np.exp(-12) / first,  # HARK's newborns have exp(-12) of capital
    initial_state=np.zeros(o.newborns),
    initial_level=first,
    lower_bound=0.0,
)


def fixed_point(factor):
    """Resources that do not change on average: factor (m - c(m)) + 1 = m."""
    low, high = 1.0, saved[0, -1]
    while high - low > 1e-12 * high:
        m = (low + high) / 2
        low, high = (m, high) if factor * np.interp(m, wealth[0], saved[0]) + 1 > m else (low, m)
    return low


target = fixed_point(o.rate / o.growth * np.sum(np.outer(theta_weight, psi_weight).ravel() / psi))
written(o.file, f"target of resources (mNrmTrg) {target:.5f}, balanced growth (mNrmStE) {fixed_point(o.rate / o.growth):.5f}")
