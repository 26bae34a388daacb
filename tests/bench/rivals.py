#!/usr/bin/env python3
"""The rivals in Python: the lecture's computation in Numba and NumPy, and NumPy's selection.

A server of tests/bench/run, so that imports and just-in-time compilation are not in the measured times: it reads
a line with a command's name and arguments, and answers with a line of JSON. Uses nothing of wealthsim.
"""
import functools
import json
import math
import sys
import time

import numpy as np

R, S, V1, V2, W0 = 0.1, 0.3, 0.1, 1.0, 1.0


# ---- the lecture's computation: each returns the final wealth of all households ------------------------------


def with_numpy(households, periods):
    """Vectorised over households, in place."""
    generator = np.random.default_rng(1)
    wealth, shock = np.full(households, W0), np.empty(households)
    for _ in range(periods):
        generator.standard_normal(out=shock)
        np.exp(np.multiply(shock, V1, out=shock), out=shock)
        wealth *= np.multiply(shock, (1 + R) * S, out=shock)
        generator.standard_normal(out=shock)
        wealth += np.exp(np.multiply(shock, V2, out=shock), out=shock)
    return wealth


def with_numba():
    """The serial and the parallel version: {name: function(households, periods)}; {} without Numba."""
    try:
        import numba
    except ImportError:
        return {}

    @numba.njit
    def live(periods):
        wealth = W0
        for _ in range(periods):
            growth = (1 + R) * np.exp(V1 * np.random.randn())
            income = np.exp(V2 * np.random.randn())
            wealth = growth * S * wealth + income
        return wealth

    @numba.njit
    def serial(households, periods):
        wealth = np.empty(households)
        for i in range(households):
            wealth[i] = live(periods)
        return wealth

    @numba.njit(parallel=True)
    def parallel(households, periods):
        wealth = np.empty(households)
        for i in numba.prange(households):
            wealth[i] = live(periods)
        return wealth

    for function in serial, parallel:
        function(10, 10)
    return {"numba_serial": serial, "numba_prange": parallel}


def simulate(name, households, periods):
    start = time.perf_counter()
    wealth = simulations[name](households, periods)
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "median": float(np.median(wealth))}


# ---- selection -----------------------------------------------------------------------------------------------


def write_values(path, n):
    """A cross-section to select from: n lognormal values, as raw doubles."""
    np.exp(np.random.default_rng(7).standard_normal(n)).tofile(path)


def select(name, path, probabilities=()):
    """Seconds and the answer of one NumPy function on the file's values, which are kept from call to call."""
    if path not in values:
        values.clear()
        values[path] = np.fromfile(path)
    x = values[path]
    call = {
        "median": lambda: np.median(x),
        "quantiles": lambda: np.quantile(x, probabilities),
        "sort": lambda: np.sort(x)[(len(x) - 1) // 2 : len(x) // 2 + 1].mean(),
    }[name]
    start = time.perf_counter()
    answer = call()
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "answer": np.atleast_1d(answer).tolist()}


# ---- the lecture's other computations ------------------------------------------------------------------------


def pi_with_numba():
    """{name: function(points)}, serial and parallel; {} without Numba."""
    try:
        import numba
    except ImportError:
        return {}

    @numba.njit
    def serial(n):
        count = 0
        for _ in range(n):
            u, v = np.random.uniform(0, 1), np.random.uniform(0, 1)
            count += np.sqrt((u - 0.5) ** 2 + (v - 0.5) ** 2) < 0.5
        return 4 * count / n

    @numba.njit(parallel=True)
    def parallel(n):
        count = 0
        for _ in numba.prange(n):
            u, v = np.random.uniform(0, 1), np.random.uniform(0, 1)
            count += np.sqrt((u - 0.5) ** 2 + (v - 0.5) ** 2) < 0.5
        return 4 * count / n

    for function in serial, parallel:
        function(10)
    return {"serial": serial, "prange": parallel}


def pi_with_numpy(n, at_once=1_000_000):
    generator, count = np.random.default_rng(1), 0
    for begin in range(0, n, at_once):
        u, v = generator.random((2, min(at_once, n - begin)))
        count += np.count_nonzero((u - 0.5) ** 2 + (v - 0.5) ** 2 < 0.25)
    return 4 * count / n


def largest_with_numpy(n):
    grid = np.linspace(-3, 3, n)
    x, y = np.meshgrid(grid, grid)
    return float(np.max(np.cos(x**2 + y**2) / (1 + x**2 + y**2)))


def largest_with_numba():
    try:
        import numba
    except ImportError:
        return {}

    def f(x, y):
        return np.cos(x**2 + y**2) / (1 + x**2 + y**2)

    functions = {
        "vectorize": numba.vectorize(["float64(float64, float64)"])(f),
        "parallel target": numba.vectorize(["float64(float64, float64)"], target="parallel")(f),
    }

    def with_meshgrid(function, n):
        grid = np.linspace(-3, 3, n)
        x, y = np.meshgrid(grid, grid)
        return float(np.max(function(x, y)))

    made = {name: (lambda n, function=function: with_meshgrid(function, n)) for name, function in functions.items()}
    for function in made.values():
        function(10)
    return made


def eigenvalues_with_numpy(matrices, order):
    generator = np.random.default_rng(1)
    return float(np.mean([np.abs(np.linalg.eigvals(generator.standard_normal((order, order)))).max() for _ in range(matrices)]))


def path_with_numpy(periods):
    """A loop over time, as it must be, over shocks that are drawn at once."""
    zeta, xi = np.random.default_rng(1).standard_normal((2, periods))
    growth, income = (1 + R) * S * np.exp(V1 * zeta), np.exp(V2 * xi)
    wealth = np.empty(periods + 1)
    wealth[0] = 5
    for t in range(periods):
        wealth[t + 1] = growth[t] * wealth[t] + income[t]
    return float(wealth.mean())


def path_with_numba():
    try:
        import numba
    except ImportError:
        return {}

    @numba.njit
    def path(periods):
        wealth = np.empty(periods + 1)
        wealth[0] = 5
        for t in range(periods):
            growth = (1 + R) * np.exp(V1 * np.random.randn())
            wealth[t + 1] = growth * S * wealth[t] + np.exp(V2 * np.random.randn())
        return wealth.mean()

    path(10)
    return {"path, Numba": path}


def lecture(name, *sizes):
    """Seconds and the answer of a computation."""
    start = time.perf_counter()
    answer = lectures[name](*sizes)
    return {"seconds": time.perf_counter() - start, "answer": answer}


# ---- a model file's law ---------------------------------------------------------------------------------------
# What a NumPy user's code has for the two lookups, as Numba does them fastest; run takes the fastest pair on the file.


def searches():
    """Ways to find the last knot up to w, of a policy's: {name: function(x, guide, scale, policy, w)}."""
    import numba

    @numba.njit
    def searchsorted(x, guide, scale, policy, w):
        return np.searchsorted(x[policy], w, side="right") - 1

    @numba.njit
    def bisection(x, guide, scale, policy, w):
        low, high = 0, x.shape[1]
        while low < high:
            middle = (low + high) >> 1
            if x[policy, middle] <= w:
                low = middle + 1
            else:
                high = middle
        return low - 1

    @numba.njit
    def computed(x, guide, scale, policy, w):
        """An index from the logarithm, and a walk from where that cell begins."""
        n = x.shape[1]
        cell = int(math.log1p(max(w - x[policy, 0], 0.0)) * scale)
        j = guide[policy, min(cell, guide.shape[1] - 1)]
        while j + 1 < n and x[policy, j + 1] <= w:
            j += 1
        return j

    return {"searchsorted": searchsorted, "a bisection": bisection, "a computed index": computed}


def chains():
    """Ways to find the next state: {name: function(cumulated, begin, state, u)}."""
    import numba

    @numba.njit
    def searchsorted(cumulated, begin, state, u):
        return np.searchsorted(cumulated[state], u, side="right")

    @numba.njit
    def compare(cumulated, begin, state, u):
        j = 0
        while cumulated[state, j] <= u:
            j += 1
        return j

    @numba.njit
    def computed(cumulated, begin, state, u):
        j = begin[state, int(u * begin.shape[1])]
        while cumulated[state, j] <= u:
            j += 1
        return j

    return {"searchsorted": searchsorted, "comparisons": compare, "a computed index": computed}


@functools.lru_cache(maxsize=None)
def law_with_numba(search, chain):
    import numba

    find, move = searches()[search], chains()[chain]

    @numba.njit
    def law(wealth, state, periods, x, a, slope, guide, scale, policy, cumulated, begin, r0, r_mean, r_sd, y0, y_mean, y_sd, low):
        last = x.shape[1] - 2
        for i in range(len(wealth)):
            w, z = wealth[i], state[i]
            for _ in range(periods):
                p = policy[z]
                j = min(max(find(x, guide, scale, p, w), 0), last)
                savings = a[p, j] + slope[p, j] * (w - x[p, j])
                z = move(cumulated, begin, z, np.random.random())
                gross = r0[z] + math.exp(r_mean[z] + r_sd[z] * np.random.randn())
                w = max(gross * savings + y0[z] + math.exp(y_mean[z] + y_sd[z] * np.random.randn()), low)
            wealth[i], state[i] = w, z

    return law


def read_law(path):
    """The arguments of a law, from a model file that has linear extrapolation and both lognormal terms."""
    import h5py

    with h5py.File(path) as file:
        given = {name: item[...] for name, item in file.items() if isinstance(item, h5py.Dataset)}
        low = float(file.attrs.get("lower_bound", -1e150))
    transition, x, a = (np.ascontiguousarray(given[f"{name}"]) for name in ("transition", "policy_wealth", "policy_savings"))
    states = len(transition)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.diff(a) / np.diff(x)  # of no width: never found
    cells = 16 * x.shape[1]
    scale = cells / np.log1p(np.ptp(x, axis=1).max())
    edge = np.expm1(np.arange(cells) / scale)
    guide = np.stack([np.maximum(np.searchsorted(row, row[0] + edge * (1 - 1e-12), side="right") - 1, 0) for row in x])
    cumulated = np.cumsum(transition, axis=1)
    cumulated[:, -1] = 2
    begin = np.stack([np.searchsorted(row, np.arange(4 * states) / (4 * states), side="right") for row in cumulated])
    of_state = [given.get(name, np.zeros(states)).astype(float) for name in (
        "return_constant", "return_log_mean", "return_log_sd", "income_constant", "income_log_mean", "income_log_sd")]  # fmt: skip
    policy = given.get("policy_of_state", np.arange(states)).astype(np.int64)
    sample = given["initial_wealth"], given["initial_state"].astype(np.int64), given.get("initial_weight", np.ones(1))
    return sample, (x, a, slope, guide, scale, policy, cumulated, begin, *of_state, low)


def model(path, search, chain, households, periods):
    """Seconds, those of the processor too, and the median with its standard error."""
    (wealth, state, weight), arguments = read_law(path)
    cumulated = np.cumsum(weight) / np.sum(weight)
    point = np.searchsorted(cumulated, (np.arange(households) + 0.5) / households, side="right")
    law = law_with_numba(search, chain)
    law(wealth[:1].copy(), state[:1].copy(), 1, *arguments)
    wealth, state = wealth[point], state[point]
    start = time.perf_counter(), time.process_time()
    law(wealth, state, periods, *arguments)
    seconds, processor = time.perf_counter() - start[0], time.process_time() - start[1]
    wealth.sort()
    half = int(np.sqrt(households) / 2)
    error = (wealth[households // 2 + half] - wealth[households // 2 - half]) / 2
    return {"seconds": seconds, "processor": processor, "median": float(np.median(wealth)), "error": float(error)}


def models(path):
    """All pairs of lookups, the fastest first; none without Numba."""
    try:
        import numba  # noqa: F401
    except ImportError:
        return []
    pairs = [(search, chain) for search in searches() for chain in chains()]
    return sorted(pairs, key=lambda pair: min(model(path, *pair, 2000, 100)["processor"] for _ in range(3)))


# ---- the server ----------------------------------------------------------------------------------------------


def versions():
    import platform

    found = {"Python": platform.python_version(), "NumPy": np.__version__}
    if "numba" in sys.modules:
        import numba

        found["Numba"] = f"{numba.__version__}, {numba.get_num_threads()} threads, layer {numba.threading_layer()}"
    return found


values = {}
simulations = {"numpy": with_numpy, **with_numba()}
lectures = {
    "pi, NumPy": pi_with_numpy, **{f"pi, Numba {name}": function for name, function in pi_with_numba().items()},
    "gridmax, NumPy": largest_with_numpy,
    **{f"gridmax, Numba {name}": function for name, function in largest_with_numba().items()},
    "eigvals, NumPy": eigenvalues_with_numpy, "path, NumPy": path_with_numpy, **path_with_numba(),
}  # fmt: skip
commands = {
    "lecture": lecture, "lectures": lambda: list(lectures), "model": model, "models": models, "simulate": simulate, "select": select,
    "write_values": write_values, "versions": versions,
    "simulations": lambda: list(simulations),
}  # fmt: skip

for line in sys.stdin:
    name, *arguments = json.loads(line)
    print(json.dumps(commands[name](*arguments)), flush=True)
