"""The numerical side of calibration.py: a search for the minimum whose points are simulated many at a time, and what errors the
minimum has. Inside, each parameter is u in 0 … 1, from its lower bound to its upper.
"""
from __future__ import annotations

import itertools
from typing import Any, Callable, Iterator, Mapping, NamedTuple

import numpy as np
from scipy.optimize import differential_evolution, least_squares

from wealthsim.moments import Simulate, variable_of

# Half a finite difference, of a parameter's range. Under common random numbers means, Gini and shares are smooth, and every step
# from 1e-6 to 3e-3 gives their derivatives to four digits. A quantile's is that of the one household that happens to be
# there (5 to 30 % off at 1e-6 … 1e-4, with 20,000 households) until the step passes over many (2 to 4 % from 3e-3 on).
STEP = 5e-3
NEAR = 0.01, 0.05  # where the last derivatives, and slices, reach to: 4 standard errors, but not less nor more than these
SLICE = np.array([-4, -3, -2, -1, 1, 2, 3, 4]) / 4
CLOSE = 1e-3  # relative differences from the targets at which the search may end
DESIGN = 6  # times as many points as a generation has, from which the search begins
TRIES, APART = 4, 0.15  # starts of least squares, where the targets are not met; how near to a better point none is one
MET = 1e-6  # relative differences from the targets at which no further start is tried
XTOL, FTOL, STEPS = 1e-7, 1e-6, 25  # of least squares: the last step's length, or gain, and how many there are at most
EXACT = 0.01  # of a target's standard error: less than this is met, whatever the weights
SEEDS = 2**31  # there are


class SimulationFailed(Exception):
    """What the simulator has raised is the cause."""


class Search:
    """Targets, bounds and the simulator; counts what is simulated, and keeps it."""

    def __init__(self, targets: dict[str, float], parameters: dict[str, tuple[float, float]], simulate: Simulate, seed: int,
                 report: Callable[[int, int, str], None] | None):  # fmt: skip
        self.targets, self.parameters, self.simulate, self.seed, self.report = targets, parameters, simulate, seed, report
        self.wanted = np.array(list(targets.values()), dtype=float)
        self.low, high = np.array(list(parameters.values()), dtype=float).T
        self.width = high - self.low
        self.starts = self.n_points = 0
        self.seen: list[tuple[np.ndarray, np.ndarray]] = []  # points [n, p] in parameters, statistics [n, m]

    def place(self, u: np.ndarray) -> np.ndarray:
        """Parameters at u [n, p] or [p]."""
        return self.low + np.asarray(u) * self.width

    def moments(self, u: np.ndarray, what: str, seed: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Statistics at points u [n, p], by one start: values and standard errors [n, m], NaN where unknown."""
        points = self.place(np.atleast_2d(u))
        self.starts, self.n_points = self.starts + 1, self.n_points + len(points)
        if self.report:
            self.report(self.starts, self.n_points, what)
        found = self.simulate(dict(zip(self.parameters, points.T)), seed=self.seed if seed is None else seed)
        if missing := [name for name in self.targets if name not in found]:
            raise ValueError(f"the simulator returned no {', '.join(missing)}")
        unknown = np.full(len(points), np.nan)
        values = np.array([np.broadcast_to(found[name], len(points)) for name in self.targets], dtype=float).T
        errors = np.array([np.broadcast_to(found.get(f"{name}_error", unknown), len(points)) for name in self.targets], dtype=float).T
        if seed is None:
            self.seen.append((points, values))
        return values, errors

    def replicate(self, u: np.ndarray, n: int) -> tuple[np.ndarray, tuple[int, ...], list[str]]:
        """Statistics of n populations at u [n, m] that have nothing in common with those of the seed; the seeds that they are from,
        one start each, and the simulator's messages. A simulator that can makes them by one start."""
        point = dict(zip(self.parameters, self.place(u)[:, None]))
        seeds = [(self.seed + 1 + i) % SEEDS for i in range(n)]
        if n and hasattr(self.simulate, "replications"):
            if self.report:
                self.report(self.starts, self.n_points, "replications")
            found = self.simulate.replications(point, seed=seeds[0], n=n)
            if found is not None:
                self.starts, self.n_points = self.starts + 1, self.n_points + n
                return found, (seeds[0],), list(self.simulate.messages)
        values, messages = np.empty((n, len(self.targets))), {}
        for i, seed in enumerate(seeds):
            values[i] = self.moments(u, f"replication {i + 1} of {n}", seed)[0][0]
            messages.update(dict.fromkeys(getattr(self.simulate, "messages", ())))
        return values, tuple(seeds), list(messages)


class Scale:
    """Statistics on a scale on which parameters move them evenly, over the whole range: logarithms of odds of what is a share of
    something, logarithms of what is positive, else parts of the target. What is as many times too great is as far as what is
    so many times too small, and a Gini coefficient of 0.999 is as far from one of 0.99 as this from 0.9."""

    ODDS = "gini", "bottom_half_share", "lorenz", "share_top", "group_share"
    LOGARITHM = "median", "mean", "variance", "quantile", "hill", "maximum", "minimum"

    def __init__(self, targets: Mapping[str, float]):
        self.wanted = np.array(list(targets.values()), dtype=float)
        variables = [variable_of(name) for name in targets]
        self.odds = np.array([variable in self.ODDS for variable in variables]) & (self.wanted > 0) & (self.wanted < 1)
        self.log = np.array([variable in self.LOGARITHM for variable in variables]) & (self.wanted > 0)
        self.unit = np.where(self.wanted != 0, np.abs(self.wanted), 1)

    def of(self, values: np.ndarray) -> np.ndarray:
        """[n, m] of [n, m]"""
        part, above = np.clip(values, 1e-12, 1 - 1e-12), np.maximum(values, 1e-9 * self.unit)
        return np.where(self.odds, np.log(part / (1 - part)), np.where(self.log, np.log(above), values / self.unit))

    def slope(self, values: np.ndarray) -> np.ndarray:
        part, above = np.clip(values, 1e-12, 1 - 1e-12), np.maximum(values, 1e-9 * self.unit)
        return np.where(self.odds, 1 / (part * (1 - part)), np.where(self.log, 1 / above, 1 / self.unit))


class Local:
    """Residuals, root·(m(u) − t), of the statistics themselves or on a scale, and their derivatives; both of a point by one
    start."""

    def __init__(self, search: Search, root: np.ndarray, scale: Scale | None):
        self.search, self.root, self.scale, self.known = search, root, scale, {}

    def at(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Statistics [m], their standard errors [m], and their derivatives with respect to u [m, p]."""
        key = u.tobytes()
        if key not in self.known:
            steps = STEP * np.eye(len(u))
            up, down = np.minimum(u + steps, 1), np.maximum(u - steps, 0)
            values, errors = self.search.moments(np.vstack([u, up, down]), "least squares")
            above, below = np.split(values[1:], 2)
            self.known[key] = values[0], errors[0], ((above - below) / np.diag(up - down)[:, None]).T
        return self.known[key]

    def minimise(self, u: np.ndarray) -> Any:
        """SciPy's result of least squares from u."""

        wanted, scale = self.search.wanted, self.scale

        def residuals(u: np.ndarray) -> np.ndarray:
            values = self.at(u)[0]
            return self.root @ (scale.of(values) - scale.of(wanted) if scale else values - wanted)

        def derivatives(u: np.ndarray) -> np.ndarray:
            values, _, jacobian = self.at(u)
            return self.root @ (scale.slope(values)[:, None] * jacobian if scale else jacobian)

        u = np.clip(u, 1e-3, 1 - 1e-3)
        return least_squares(residuals, u, derivatives, bounds=(0, 1), xtol=XTOL, ftol=FTOL, gtol=1e-12, max_nfev=STEPS)


class Minimum(NamedTuple):
    """What least squares have found."""

    u: np.ndarray  # [p]
    fitted: np.ndarray  # [m] statistics there
    errors: np.ndarray  # [m] their standard errors by the simulator; NaN where it does not know
    jacobian: np.ndarray  # [m, p] their derivatives with respect to u
    objective: float
    converged: bool


class Estimator:
    """Finds the minimum; afterwards: best, root (weights are root'root), simulated_covariance S, sigma = S + T, and
    covariance, of u, as calibration.py describes them."""

    def __init__(self, search: Search, weights: Any, target_covariance: np.ndarray, replications: int):
        self.search, self.weights, self.target_covariance, self.replications = search, weights, target_covariance, replications
        self.given = None if weights is None or isinstance(weights, str) else self._given_root(weights)
        if isinstance(weights, str) and (weights != "optimal" or replications <= len(search.targets)):
            raise ValueError(f"weights '{weights}'" + (f" need more than {len(search.targets)} replications" if weights == "optimal"
                             else ": a mapping of targets to numbers, 'optimal' or None"))  # fmt: skip

    def _given_root(self, weights: Mapping[str, float]) -> np.ndarray:
        if unknown := sorted(set(weights) - set(self.search.targets)):
            raise ValueError(f"weights: no target is called {', '.join(map(repr, unknown))}")
        found = np.array([float(weights.get(name, 1)) for name in self.search.targets])
        if not (np.isfinite(found).all() and found.min() >= 0) or np.count_nonzero(found) < len(self.search.parameters):
            raise ValueError(f"weights are numbers, 0 or above, and at least {len(self.search.parameters)} of them are above 0")
        return np.diag(np.sqrt(found))

    def fit(self, rounds: int, population: int) -> None:
        """Search and least squares on a scale; errors; least squares with weights, where the targets are not met."""
        used = np.ones(len(self.search.wanted)) if self.given is None else np.sign(np.diag(self.given))
        self.root, self.scale = np.diag(used), Scale(self.search.targets)
        self.minima: list[Minimum] = []
        first = self._begin(population)
        if not self._try_starts(1):
            self._evolve(first, rounds)
            self._try_starts(TRIES)
        self.best = min(self.minima, key=lambda minimum: minimum.objective)
        self._replicate()
        errors = np.sqrt(np.diag(self.sigma))
        self.root, self.scale = self._weights_root(errors) if self.given is None else self.given, None
        if self.best.converged and (np.abs(self.best.fitted - self.search.wanted) <= EXACT * errors)[used > 0].all():
            self.best = self.best._replace(objective=float(self.objective(self.best.fitted[None])[0]))
        else:
            before, spread = self.best.u, np.sqrt(np.diag(self._sandwich()))
            self.best = self._least_squares(before)
            if not (np.abs(self.best.u - before) < spread).all():
                self._replicate()
        self._look_around()
        self.covariance = self._sandwich()

    def _begin(self, population: int) -> np.ndarray:
        """A Latin hypercube over everything, by one start. The best of its points [population, p]."""
        p, chance = len(self.search.parameters), np.random.RandomState(self.search.seed)
        n = DESIGN * population
        design = (np.array([chance.permutation(n) for _ in range(p)]).T + chance.uniform(size=(n, p))) / n
        values, _ = self.search.moments(design, "search")
        if not np.isfinite(self.objective(values)).any():
            raise ValueError("at no point within the bounds are all targets' statistics finite numbers")
        return self._seen()[0][:population]

    def _evolve(self, first: np.ndarray, rounds: int) -> None:
        """Differential evolution from a first generation, each by one start. Its points are among those seen."""

        def generation(_: Any, points: Any) -> list[float]:
            try:
                found = self.objective(self.search.moments(np.array(list(points)), "search")[0])
            except (TypeError, ValueError) as error:
                raise SimulationFailed from error  # SciPy takes these two for a map that is called wrongly
            return np.where(np.isfinite(found), found, np.inf).tolist()

        def is_close(best: np.ndarray, convergence: float = 0) -> bool:
            _, values = self.search.seen[-1]
            return bool((np.abs(values - self.search.wanted) < CLOSE * np.abs(self.search.wanted)).all(axis=1).any())

        try:
            differential_evolution(lambda u: np.inf, [(0, 1)] * first.shape[1], init=first, maxiter=rounds, tol=0.01, polish=False,
                                   seed=self.search.seed, callback=is_close, updating="deferred", workers=generation)  # fmt: skip
        except SimulationFailed as failed:
            raise failed.__cause__ from None

    def _seen(self) -> tuple[np.ndarray, np.ndarray]:
        """All points u seen and their objectives, the best first; infinite where a statistic is not finite."""
        points, values = map(np.vstack, zip(*self.search.seen))
        objectives = self.objective(values)
        order = np.argsort(np.where(np.isfinite(objectives), objectives, np.inf), kind="stable")
        return ((points - self.search.low) / self.search.width)[order], np.nan_to_num(objectives[order], nan=np.inf, posinf=np.inf)

    def _starts(self) -> Iterator[np.ndarray]:
        """Points seen that have no better one near them, the best first."""
        points, objectives = self._seen()
        for i in range(np.count_nonzero(np.isfinite(objectives))):
            if not (np.abs(points[:i] - points[i]).max(axis=1) < APART).any():
                yield points[i]

    def _try_starts(self, most: int) -> bool:
        """Adds the minima to which least squares lead from several starts. Whether one meets the targets."""
        used = np.diag(self.root) > 0
        new = (start for start in self._starts() if all(np.abs(start - minimum.u).max() > 1e-3 for minimum in self.minima))
        for start in list(itertools.islice(new, most)):
            self.minima.append(self._least_squares(start))
            far = np.abs(self.minima[-1].fitted - self.search.wanted) / Scale(self.search.targets).unit
            if (far[used] < MET).all():
                return True
        return False

    def _least_squares(self, u: np.ndarray) -> Minimum:
        local = Local(self.search, self.root, self.scale)
        found = local.minimise(u)
        return Minimum(found.x, *local.at(found.x), 2 * found.cost, found.status > 0)

    def _replicate(self) -> None:
        """S and sigma at u, from other seeds."""
        found, self.replication_seeds, self.messages = self.search.replicate(self.best.u, self.replications)
        known = np.isfinite(self.best.errors)
        if self.replications < 2:
            if not known.all():
                names = [name for name, there in zip(self.search.targets, known) if not there]
                raise ValueError(f"without replications nothing says which errors these have: {', '.join(names)}")
            self.simulated_covariance = np.diag(self.best.errors**2)
        else:
            covariance = np.atleast_2d(np.cov(found, rowvar=False))
            spread = np.sqrt(np.diag(covariance))
            scale = np.where(known, self.best.errors, spread) / np.where(spread > 0, spread, 1)
            self.simulated_covariance = covariance * np.outer(scale, scale)
        self.sigma = self.simulated_covariance + self.target_covariance

    def _weights_root(self, errors: np.ndarray) -> np.ndarray:
        if not (errors > 0).all():  # a simulator without chance
            return np.diag(1 / Scale(self.search.targets).unit)
        if self.weights == "optimal":
            return np.linalg.cholesky(np.linalg.inv(self.sigma)).T
        return np.diag(1 / errors)

    def _look_around(self) -> None:
        """The objective along each parameter, and derivatives of cubics through the statistics there: over distances at which
        chance matters, not those of least squares' differences."""
        reach = np.clip(np.nan_to_num(4 * np.sqrt(np.diag(self._sandwich())), nan=1, posinf=1), *NEAR)
        points = np.clip(self.best.u + (SLICE[:, None] * reach)[:, :, None] * np.eye(len(self.best.u)), 0, 1)  # [offset, p, p]
        values = self.search.moments(points.reshape(-1, len(self.best.u)), "around the estimate")[0].reshape(len(SLICE), len(self.best.u), -1)
        self.near, derivatives = [], []
        for i, at in enumerate(self.best.u):
            x = np.r_[points[:, i, i], at] - at
            y = np.vstack([values[:, i], self.best.fitted])
            powers = (x / reach[i])[:, None] ** np.arange(4)
            there = np.isfinite(y).all(axis=1)
            derivatives.append(np.linalg.lstsq(powers[there], y[there], rcond=None)[0][1] / reach[i])
            order = np.unique(x, return_index=True)[1]
            self.near.append((x[order] + at, self.objective(y[order])))
        self.best = self.best._replace(jacobian=np.array(derivatives).T)

    def objective(self, values: np.ndarray) -> np.ndarray:
        """[n] of statistics [n, m]."""
        wanted = self.search.wanted
        with np.errstate(over="ignore", invalid="ignore"):
            far = self.scale.of(values) - self.scale.of(wanted) if self.scale else values - wanted
            return (far @ self.root.T) ** 2 @ np.ones(len(self.root))

    def _sandwich(self) -> np.ndarray:
        """The covariance of u; infinite where the targets do not tell."""
        g, weights = self.best.jacobian, self.root.T @ self.root
        values, vectors = np.linalg.eigh(g.T @ weights @ g)
        told = values > 1e-14 * values.max()
        half = vectors[:, told] / values[told] @ vectors[:, told].T @ g.T @ weights
        covariance = half @ self.sigma @ half.T
        lost = (np.abs(vectors[:, ~told]) > 1e-6).any(axis=1)
        covariance[lost, :] = covariance[:, lost] = np.inf
        return covariance

    def weakest(self) -> tuple[float, np.ndarray]:
        """The direction [p], of length 1, that moves the targets least, and by how many standard errors from bound to bound."""
        used = np.diag(self.root.T @ self.root) > 0
        errors, wanted = np.sqrt(np.diag(self.sigma))[used], np.abs(self.search.wanted[used])
        errors = np.where(errors > 0, errors, 1e-12 * np.where(wanted > 0, wanted, 1))
        _, strengths, directions = np.linalg.svd(self.best.jacobian[used] / errors[:, None], full_matrices=False)
        return float(strengths[-1]), directions[-1]

    def trace(self) -> tuple[np.ndarray, np.ndarray]:
        """All points with the seed, in parameters, and their objectives by the last weights."""
        points, values = map(np.vstack, zip(*self.search.seen))
        return points, self.objective(values)

    def slices(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """The objective along each parameter, near the estimate: the parameter's values and the objective."""
        return [(self.search.low[i] + u * self.search.width[i], objective) for i, (u, objective) in enumerate(self.near)]
