#!/usr/bin/env python3
"""The rivals in Python: the lecture's computation in Numba and NumPy, and NumPy's selection.

A server of tests/bench/run, so that imports and just-in-time compilation are not in the measured times: it reads
a line with a command's name and arguments, and answers with a line of JSON. Uses nothing of wealthsim.
"""
import json
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
    "lecture": lecture, "lectures": lambda: list(lectures), "simulate": simulate, "select": select, "write_values": write_values, "versions": versions,
    "simulations": lambda: list(simulations),
}  # fmt: skip

for line in sys.stdin:
    name, *arguments = json.loads(line)
    print(json.dumps(commands[name](*arguments)), flush=True)
