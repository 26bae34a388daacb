"""The law of a model file (jobs/models/README.md) by its definition: plain NumPy, one period after the other, for given shocks.

    model = Model("ifp.h5")
    start = model.start(households)                            # wealth, state, level
    paths = model.simulate(*start, zeta, xi, uniform)          # shocks [period, household]; wealth, state, level [period + 1, household]
"""
import math

import h5py
import numpy as np

BOUND = 1e150
DIMENSIONS = {"transition": 2, "policy_wealth": 2, "policy_savings": 2, "policy_share": 2}  # of a variable without aggregate; else 1


class Model:
    def __init__(self, path):
        with h5py.File(path, "r") as file:
            self.variables = {name: item[()] for name, item in file.items()}
            self.attributes = dict(file.attrs)
        sparse = "transition_start" in self.variables
        self.states = len(self.variables["transition_start"]) - 1 if sparse else self.variables["transition"].shape[-1]
        self.has_level = any(f"level_{name}" in self.variables for name in ("growth", "loading"))

    # ---- what holds in a period ------------------------------------------------------------------------------

    def get(self, name, period, default=None):
        """A variable in period 1, 2, …: that of its aggregate state; of a state's variable that is not there, the default."""
        values = self.variables.get(name)
        if values is None:
            return default if default is None else np.full(self.states, default)
        if values.ndim > DIMENSIONS.get(name, 1):
            return values[self.variables["aggregate_path"][period - 1]]
        return values

    def lognormal(self, name, period, state, normal):
        """exp(mean + sd normal); 0 where the file has neither mean nor sd."""
        mean, sd = (self.get(f"{name}_log_{part}", period) for part in ("mean", "sd"))
        if mean is None and sd is None:
            return 0.0
        zero = np.zeros(self.states)
        return np.exp((zero if mean is None else mean)[state] + (zero if sd is None else sd)[state] * normal)

    def chain(self, period, state):
        """The next states with positive probability, their probabilities and the distribution function at them, from one state."""
        start = self.variables.get("transition_start")
        if start is None:
            row = self.get("transition", period)[state]
            to = np.arange(len(row))
        else:
            entries = slice(start[state], start[state + 1])
            row, to = self.get("transition_probability", period)[entries], self.variables["transition_to"][entries]
        to, row = to[row > 0], row[row > 0]
        return to, row, np.cumsum(row)  # one after the other, in double

    # ---- the law ---------------------------------------------------------------------------------------------

    def rule(self, name, period, wealth, state, extrapolation):
        """A function on the knots, at each household's wealth."""
        policy = self.get("policy_of_state", period)
        policy = state if policy is None else policy[state].astype(int)
        x, y = self.get("policy_wealth", period), self.get(name, period)
        result = np.empty(len(wealth))
        for each in np.unique(policy):
            chosen = policy == each
            result[chosen] = on_knots(x[each], y[each], wealth[chosen], extrapolation)
        return result

    def next_states(self, period, state, uniform):
        """The states that come, and what is left of the uniforms: where they lie within their intervals."""
        coming, left = np.empty(len(state), int), np.empty(len(state))
        for each in np.unique(state):
            chosen = state == each
            to, probability, below = self.chain(period, each)
            at = np.minimum(np.searchsorted(below, uniform[chosen], side="right"), len(to) - 1)  # the last one takes the rest
            coming[chosen] = to[at]
            left[chosen] = (uniform[chosen] - np.r_[0, below][at]) / probability[at]
        return coming, left

    def step(self, period, wealth, state, level, zeta, xi, uniform):
        """One period of all households, in period 1, 2, …"""
        savings = self.rule("policy_savings", period, wealth, state, self.attributes.get("extrapolation", "linear"))
        share = 1.0
        if "policy_share" in self.variables:
            share = self.rule("policy_share", period, wealth, state, "flat")
        coming, left = self.next_states(period, state, uniform)

        constant = {name: self.get(f"{name}_constant", period, 0.0)[coming] for name in ("return", "risky", "income")}
        rate = constant["return"] + share * (constant["risky"] + self.lognormal("return", period, coming, zeta))
        income = constant["income"] + self.lognormal("income", period, coming, xi)
        wealth = np.clip(rate * savings + income, self.attributes.get("lower_bound", -BOUND), self.attributes.get("upper_bound", BOUND))
        growth, loading = self.get("level_growth", period, 1.0)[coming], self.get("level_loading", period, 0.0)[coming]
        level = np.clip(level * growth * np.exp(loading * zeta), 1 / BOUND, BOUND)

        born = self.get("newborn", period, 0)[coming] == 1
        if born.any():
            wealth[born], coming[born], level[born] = self.sample(self.point(left[born]))
        return wealth, coming, level

    def simulate(self, wealth, state, level, zeta, xi, uniform):
        paths = [(wealth, state, level)]
        for period, shocks in enumerate(zip(zeta, xi, uniform), 1):
            paths.append(self.step(period, *paths[-1], *shocks))
        return tuple(np.array(each) for each in zip(*paths))

    # ---- the initial sample ----------------------------------------------------------------------------------

    def sample(self, point):
        """Wealth, state and level of points of the sample."""
        points = len(self.variables["initial_wealth"])
        state = self.variables.get("initial_state", np.zeros(points))[point].astype(int)
        return self.variables["initial_wealth"][point], state, self.variables.get("initial_level", np.ones(points))[point]

    def point(self, at):
        """The point of the sample at a part of the cumulated weight."""
        weight = self.variables.get("initial_weight", np.ones(len(self.variables["initial_wealth"])))
        below = np.cumsum(weight)
        return np.minimum(np.searchsorted(below, at * below[-1], side="right"), np.flatnonzero(weight)[-1])

    def start(self, households, w0=1.0):
        """What each of so many households starts with."""
        if "initial_wealth" not in self.variables:
            return np.full(households, w0), np.zeros(households, int), np.ones(households)
        points = len(self.variables["initial_wealth"])
        if "initial_weight" in self.variables:
            return self.sample(self.point((np.arange(households) + 0.5) / households))
        return self.sample((2 * np.arange(households) + 1) * points // (2 * households))  # exactly


def on_knots(x, y, wealth, extrapolation):
    """Linear between knots; a repeated abscissa is a jump, where the upper value holds. Beyond: linear, by the slope of the
    outermost segment that has a width; flat; or error."""
    segment = np.flatnonzero(np.diff(x) > 0)
    slope = np.zeros(len(x))
    slope[segment] = np.diff(y)[segment] / np.diff(x)[segment]
    at = np.searchsorted(x, wealth, side="right") - 1
    below, above = wealth < x[0], wealth > x[-1]
    if extrapolation == "error" and (below.any() or above.any()):
        raise ValueError(f"household {np.flatnonzero(below | above)[0]} is beyond the knots")
    if extrapolation == "linear" and len(segment):
        slope[-1] = slope[segment[-1]]
        first = slope[segment[0]]
    else:
        first = 0.0
    inside = y[at.clip(0)] + slope[at.clip(0)] * (wealth - x[at.clip(0)])
    return np.where(below, y[0] + first * (wealth - x[0]), inside)


# ---- without households ------------------------------------------------------------------------------------


class Histogram:
    """Young's (2010) non-stochastic simulation: the mass of households at the points of a fine grid, for each state, moved
    by the law of a model without share and aggregate states; of a model with a level, that of wealth in units of it. What
    falls between two points is spread over both such that its mean stays. Normals are points 1/20 (returns) and 1/100
    (income) apart, out to 7, weighted by their density."""

    def __init__(self, model, highest, points=1500, lowest=0.0):
        self.model = model
        self.grid = lowest + np.expm1(np.expm1(np.linspace(0, math.log1p(math.log1p(highest - lowest)), points)))
        self.matrices = {}
        self.mass = np.zeros((model.states, points))
        if "initial_wealth" in model.variables:
            wealth, state, _ = model.sample(np.arange(len(model.variables["initial_wealth"])))
            weight = model.variables.get("initial_weight", np.ones(len(wealth)))
        else:
            wealth, state, weight = np.ones(1), np.zeros(1, int), np.ones(1)
        for each, z, w in zip(wealth, state, weight / weight.sum()):
            self.mass[z] += w * self.spread(np.array([[each]]), np.ones(1))[0]
        self.newborn = self.mass.copy()

    def spread(self, targets, weight):
        """[source, point]: where mass at each source goes, whose targets are [source, node]."""
        targets = targets.clip(self.grid[0], self.grid[-1])
        at = np.searchsorted(self.grid, targets, side="right").clip(1, len(self.grid) - 1) - 1
        above = (targets - self.grid[at]) / (self.grid[at + 1] - self.grid[at])
        flat = (np.arange(len(targets))[:, None] * len(self.grid) + at).ravel()
        size = len(targets) * len(self.grid)
        matrix = np.bincount(flat, (weight * (1 - above)).ravel(), size) + np.bincount(flat + 1, (weight * above).ravel(), size)
        return matrix.reshape(len(targets), len(self.grid))

    def matrix(self, key, sources, constant, mean, sd, step):
        """sources × exp(mean + sd normal) + constant, or sources + that, made once for each key."""
        if key not in self.matrices:
            normal = np.arange(-7, 7 + step / 2, step) if sd else np.zeros(1)
            weight = np.exp(-(normal**2) / 2) / np.exp(-(normal**2) / 2).sum()
            factor = np.exp(mean + sd * normal) if math.isfinite(mean) else np.zeros(1)
            self.matrices[key] = self.spread(constant(factor, sources), weight)
        return self.matrices[key]

    def parameters(self, name, state):
        """Constant, mean (-inf: no random part) and standard deviation."""
        mean, sd = (self.model.get(f"{name}_log_{part}", 1) for part in ("mean", "sd"))
        none = mean is None and sd is None
        return (self.model.get(f"{name}_constant", 1, 0.0)[state], -math.inf if none else 0.0 if mean is None else mean[state],
                0.0 if sd is None else sd[state])  # fmt: skip

    def step(self):
        model, extrapolation = self.model, self.model.attributes.get("extrapolation", "linear")
        policy = model.get("policy_of_state", 1)
        policy = np.arange(model.states) if policy is None else policy
        born = model.get("newborn", 1, 0) == 1
        coming = np.zeros_like(self.mass)  # by policy and next state, before anything happens
        by_policy = {}
        for z in range(model.states):
            if not self.mass[z].any():
                continue
            to, probability, _ = model.chain(1, z)
            for target, p in zip(to, probability):
                by_policy.setdefault((policy[z], target), np.zeros(len(self.grid)))[:] += p * self.mass[z]
        reborn = 0.0
        for (rule, z), mass in by_policy.items():
            if born[z]:
                reborn += mass.sum()
                continue
            constant, mean, sd = self.parameters("return", z)
            income, income_mean, income_sd = self.parameters("income", z)
            savings = on_knots(model.get("policy_wealth", 1)[rule], model.get("policy_savings", 1)[rule], self.grid, extrapolation)
            after = self.matrix(("return", rule, constant, mean, sd, income), savings,
                                lambda factor, a: (constant + factor) * a[:, None] + income, mean, sd, 1 / 20)  # fmt: skip
            moved = mass @ after
            if math.isfinite(income_mean):
                moved = moved @ self.matrix(("income", income_mean, income_sd), self.grid, lambda factor, b: b[:, None] + factor,
                                            income_mean, income_sd, 1 / 100)  # fmt: skip
            coming[z] += moved
        self.mass = coming + reborn * self.newborn
        return self

    def run(self, periods):
        for _ in range(periods):
            self.step()
        return self

    # ---- what it says --------------------------------------------------------------------------------------

    def quantiles(self, probabilities, states=slice(None)):
        """Of the households in some states: each point's mass lies evenly between the middles to its neighbours."""
        mass = self.mass[states].sum(axis=0)
        edges = np.r_[self.grid[0], (self.grid[1:] + self.grid[:-1]) / 2, self.grid[-1]]
        return np.interp(probabilities, np.r_[0, np.cumsum(mass)] / mass.sum(), edges)

    def mean(self, states=slice(None)):
        mass = self.mass[states].sum(axis=0)
        return mass @ self.grid / mass.sum()

    def gini_and_top(self, top=0.01, states=slice(None)):
        """The Gini coefficient, and the share of the richest."""
        mass = self.mass[states].sum(axis=0)
        mass = mass / mass.sum()
        poorer, share = np.r_[0, np.cumsum(mass)], np.r_[0, np.cumsum(mass * self.grid)]
        share /= share[-1]
        return 1 - np.sum(np.diff(poorer) * (share[1:] + share[:-1])), 1 - np.interp(1 - top, poorer, share)
