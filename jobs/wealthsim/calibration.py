"""Calibration: parameters for which simulated statistics are what they should be, by the simulated method of moments.

    import wealthsim

    fit = wealthsim.calibrate({"gini": 0.85, "share_top(0.01)": 0.35}, {"s": (0.2, 0.95), "v1": (0.05, 0.9)})
    print(fit.summary()); fit.estimates["s"]; fit.plot()

All points meet the same shocks (one seed), so that what differs between them is what the parameters do, and are simulated many
at a time, by one start of the program. Needs NumPy, SciPy 1.6 and what `wealthsim.run` needs.
"""
from __future__ import annotations

import math
import sys
import time
from dataclasses import dataclass, field
from typing import Any, Mapping, Sequence

from wealthsim.packages import require

require("wealthsim.calibrate", "numpy", "scipy")

import numpy as np  # noqa: E402
from scipy import stats  # noqa: E402

from wealthsim.fitting import Estimator, Search  # noqa: E402
from wealthsim.moments import Simulate, Simulator, parse  # noqa: E402

REPLICATIONS = 30
MISFIT = 0.001  # a warning where residuals this improbable, or more, would be by simulation and target errors alone
WEAK = 4.0  # standard errors that targets have to move by as a parameter goes through its whole range


def calibrate(
    targets: Mapping[str, float],
    parameters: Mapping[str, tuple[float, float]],
    *,
    weights: Mapping[str, float] | str | None = None,
    target_errors: Mapping[str, float] | Sequence[Sequence[float]] | None = None,
    simulate: Simulate | None = None,
    model: Any = None,
    seed: int = 1,
    households: int = 50_000,
    periods: int = 400,
    ranks: int | None = None,
    replications: int = REPLICATIONS,
    rounds: int = 12,
    population: int | None = None,
    progress: bool | None = None,
    **options: Any,
) -> Calibration:
    """Find the parameters for which simulated statistics come nearest to their targets.

    A Latin hypercube over the whole range, which is one start of the program, and least squares by Gauss and Newton's steps
    within a trust region from its best point, where a point and its finite differences are one start. Where that does not meet
    the targets, differential evolution, a generation of which is one start, and least squares from the best points of several
    valleys. Then replications with another seed at the estimate, for errors and, where targets cannot all be met, for weights
    with which least squares go on.

    Parameters
    ----------
    targets : mapping of str to float
        What the statistics should be, in their own units. A name is a variable of the result file, at the last period:
        `median`, `mean`, `variance`, `gini`, `bottom_half_share`, `minimum`, `maximum`, `quantile(0.9)`, `lorenz(0.5)`,
        `share_top(0.01)` (also `top_share`: the share of the richest 1 %), `hill(0.01)` (from the richest 1 %). With
        `_average` it is the average over the records after period `average_from`, an option that is needed then, as
        `record_every` is: `median_average`, `quantile_average(0.9)`. Of another quantity than wealth `level:mean`, `income:gini`;
        of a group of a model file that has such `group_30:median`, `group_30:level:mean_average`, and `group_30:group_share`,
        its share of the households. At least as many as there are parameters.
    parameters : mapping of str to (float, float)
        Bounds of each: any column that `--scenarios` takes as a number (`s`, `r`, `v1`, `v2`, `w0`), or an argument of
        `model`.
    weights : mapping, "optimal" or None
        Weights of the squared differences, in units of 1/target². None: 1/error² of each target, from both simulation and
        `target_errors`. "optimal": the inverse of all targets' covariance. A target of weight 0 is shown, not fitted.
    target_errors : mapping or array, optional
        Standard errors of the targets as data (those not named are exact), or their covariance, [target, target] in the
        order of `targets`. Without, targets are numbers without error, and what is reported is simulation error alone.
    simulate : callable, optional
        A simulator of one's own instead of the program: `simulate(points, seed=…)` takes a mapping of parameters to arrays [n]
        and returns one of targets' names to arrays [n], and, where known, of `NAME_error` to standard errors [n].
    model : path, xarray.Dataset or callable, optional
        A model file; or a function of the parameters, by their names, that returns one (a path or a Dataset).
    seed : int
        Of all points. Replications have the one that follows it, or those that follow.
    households, periods, ranks
        Size of the population, length of the simulation in periods, MPI ranks (None: the program alone).
    replications : int
        Populations of `households` at the estimate from which covariances come. All are parts of one that is as many times
        as large, which is one start with the next seed, if that is not beyond 2·10⁷ households and the targets are computed
        from all households' wealth or levels at the end; else there is a start for each, with the seeds that follow. 0: no covariances, and errors from
        the result file alone, which then must have those of all targets.
    rounds, population : int
        Generations of differential evolution at most, and points of each; of the first search, six times as many (None: 16, and 8 more for each parameter beyond two).
    progress : bool, optional
        A line on standard error that says how far it is. None: in a terminal.
    options
        Options of the program that hold for all points, as for `wealthsim.run`: `r=0.05`, `threads=2`.

    Returns
    -------
    Calibration

    Notes
    -----
    With m(θ) the simulated statistics, t the targets and W the weights, the estimate θ̂ makes (m(θ) − t)' W (m(θ) − t)
    least. Its covariance is

        (G'WG)⁻¹ G'W Σ WG (G'WG)⁻¹,   Σ = S + T,

    where G is ∂m/∂θ at θ̂; S is the covariance of m, simulated with this number of households, between seeds; T is that of
    the targets, 0 unless `target_errors` is given. By default the standard errors so say how far another seed's estimate
    would be: they go down with √households, and say nothing of data. With `target_errors` they contain both. (Targets that
    are a sample of n households of the model have T = S·households/n: S(1 + households/n) is Σ then.)

    S has the result file's own standard errors where it has them, those of the replications elsewhere, and the
    replications' correlations. The J statistic r'K(K'ΣK)⁻¹K'r, with the residuals r and K spanning what no parameter can move
    (K'G = 0), is compared with Hotelling's distribution of m − p dimensions, which allows for the few replications.

    `result.warnings` says where targets cannot be met together, a parameter is at its bound, or the targets do not tell what
    a parameter is.

    References
    ----------
    McFadden, Econometrica 57 (1989); Pakes and Pollard, Econometrica 57 (1989); Newey and McFadden, Handbook of
    Econometrics 4 (1994), sections 6 and 9.
    """
    begin = time.monotonic()
    search = _search(targets, parameters, simulate, dict(model=model, households=households, periods=periods, ranks=ranks, **options),
                     seed, progress)  # fmt: skip
    estimator = Estimator(search, weights, _target_covariance(targets, target_errors), replications)
    estimator.fit(rounds, population or 16 + 8 * max(0, len(parameters) - 2))
    return _calibration(estimator, dict(households=households, periods=periods) if simulate is None else {}, begin)


@dataclass(frozen=True)
class Calibration:
    """What `calibrate` has found. Mappings are by the parameters' and targets' names, arrays in their order."""

    estimates: dict[str, float]
    standard_errors: dict[str, float]  # inf where the targets do not tell
    covariance: np.ndarray  # [parameter, parameter] of the estimates
    bounds: dict[str, tuple[float, float]]
    targets: dict[str, float]
    target_errors: dict[str, float]  # standard errors of the data; 0 where exact
    fitted: dict[str, float]  # the statistics at the estimate
    fitted_errors: dict[str, float]  # their simulation error: the standard error with this number of households
    moment_covariance: np.ndarray  # [target, target] of the fitted, by simulation: S
    residuals: dict[str, float]  # fitted − target
    jacobian: np.ndarray  # [target, parameter] at the estimate: G
    weights: np.ndarray  # [target, target]: W
    objective: float  # residuals' W residuals
    j_statistic: float  # NaN without more targets than parameters
    degrees_of_freedom: int  # targets − parameters
    p_value: float  # of J; NaN as J
    starts: int  # of the program
    points: int  # simulated in all
    seconds: float
    seed: int
    replication_seeds: tuple[int, ...]
    size: dict[str, int]  # households, periods
    success: bool  # converged, all targets met within their errors, inside the bounds, all parameters identified
    warnings: tuple[str, ...]
    trace: tuple[np.ndarray, np.ndarray] = field(repr=False)  # all points of the search and the steps [n, parameter], objectives [n]
    slices: dict[str, tuple[np.ndarray, np.ndarray]] = field(repr=False)  # the objective along each parameter: values, objectives

    def __str__(self) -> str:
        return self.summary()

    def summary(self) -> str:
        """The result as a table in plain text."""
        size = "".join(f"{self.size[name]:,} {name}, " for name in self.size)
        lines = [f"calibration of {_count(self.estimates, 'parameter')} to {_count(self.targets, 'target')}: {size}seed {self.seed}", ""]
        rows = [("parameter", "estimate", "standard error", "95 % interval", "bounds")]
        for name, estimate in self.estimates.items():
            error = self.standard_errors[name]
            interval = f"{estimate - 1.96 * error:.5g} to {estimate + 1.96 * error:.5g}" if math.isfinite(error) else "-"
            rows.append((name, f"{estimate:.6g}", f"{error:.2g}", interval, "{:g} to {:g}".format(*self.bounds[name])))
        lines += [*_table(rows), ""]
        rows = [("target", "value", "its error", "fitted", "simulation error", "difference")]
        for name, target in self.targets.items():
            data = self.target_errors[name]
            rows.append((name, f"{target:.6g}", f"{data:.2g}" if data else "exact", f"{self.fitted[name]:.6g}",
                         f"{self.fitted_errors[name]:.2g}", f"{self.residuals[name]:+.2g}"))  # fmt: skip
        lines += [*_table(rows), ""]
        if math.isfinite(self.j_statistic):
            lines.append(f"  J = {self.j_statistic:.4g} with {_count(self.degrees_of_freedom, 'degree')} of freedom, p = {self.p_value:.3g}")
        meaning = "simulation and the targets' errors" if any(self.target_errors.values()) else "simulation alone; the targets are taken as exact"
        lines.append(f"  standard errors are of {meaning}")
        lines.append(f"  {self.starts} starts of the simulation, {self.points:,} points, {self.seconds:.1f} s")
        return "\n".join(lines + [f"  warning: {text}" for text in self.warnings]) + "\n"

    def plot(self) -> Any:
        """A picture of the fit: fitted against targets, with errors; the objective along each parameter near the estimate,
        and where the search has been.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from wealthsim.plot import _drawing

        with _drawing():
            from wealthsim.plot.fit import draw_fit

            return draw_fit(self)


# ---- what is asked -------------------------------------------------------------------------------------------


def _search(targets: Any, parameters: Any, simulate: Any, options: dict[str, Any], seed: int, progress: Any) -> Search:
    """The problem, checked; ValueError says what is wrong with it."""
    if not parameters:
        raise ValueError("no parameters: name at least one, with its bounds: parameters={'s': (0.2, 0.95)}")
    for name, bounds in parameters.items():
        low, high = bounds if np.shape(bounds) == (2,) else (np.nan, np.nan)
        if not -math.inf < low < high < math.inf:
            raise ValueError(f"parameter '{name}': bounds are two numbers, the lower first: {name}=(0.2, 0.95)")
    for name, value in targets.items():
        if not math.isfinite(value):
            raise ValueError(f"target '{name}': {value} is not a finite number")
    if len(targets) < len(parameters):
        raise ValueError(f"{_count(targets, 'target')} cannot tell {_count(parameters, 'parameter')}: there must be at least as many targets")
    if simulate is None:
        simulate = Simulator([parse(name) for name in targets], **options)
    elif unused := sorted(set(options) - {"model", "households", "periods", "ranks"}):
        raise TypeError(f"with a simulator of one's own there are no options of the program: {', '.join(unused)}")
    report = _report if progress or (progress is None and sys.stderr.isatty()) else None
    return Search(dict(targets), dict(parameters), simulate, seed, report)


def _target_covariance(targets: Mapping[str, float], errors: Any) -> np.ndarray:
    """T [target, target]."""
    if errors is None:
        return np.zeros((len(targets), len(targets)))
    if isinstance(errors, Mapping):
        if unknown := sorted(set(errors) - set(targets)):
            raise ValueError(f"target_errors: no target is called {', '.join(map(repr, unknown))}")
        found = np.diag([float(errors.get(name, 0)) ** 2 for name in targets])
    else:
        found = np.array(errors, dtype=float)
    if found.shape != (len(targets),) * 2 or not np.isfinite(found).all():
        raise ValueError(f"target_errors: neither errors by the targets' names nor a covariance of {len(targets)} × {len(targets)} numbers")
    if not np.allclose(found, found.T) or np.linalg.eigvalsh(found).min() < -1e-9 * np.trace(found):
        raise ValueError("target_errors: not a covariance, which is symmetric and has no negative eigenvalues")
    return found


def _report(starts: int, points: int, text: str) -> None:
    line = f"calibrate: {starts} starts, {points:,} points, {text}"
    print(f"\r{line:<100.100}" if sys.stderr.isatty() else line, end="" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)


# ---- what is said --------------------------------------------------------------------------------------------


def _calibration(estimator: Estimator, size: dict[str, int], begin: float) -> Calibration:
    search = estimator.search
    names, target_names = list(search.parameters), list(search.targets)
    jacobian = estimator.best.jacobian / search.width
    j, freedom, p = j_test(estimator)
    found, errors = search.place(estimator.best.u), np.sqrt(np.diag(estimator.covariance))
    trouble = troubles(estimator, p)
    slices = estimator.slices()
    if search.report and sys.stderr.isatty():
        print(file=sys.stderr)
    return Calibration(
        estimates=_named(names, found),
        standard_errors=_named(names, errors * search.width),
        covariance=estimator.covariance * np.outer(search.width, search.width),
        bounds=dict(search.parameters),
        targets=dict(search.targets),
        target_errors=_named(target_names, np.sqrt(np.diag(estimator.target_covariance))),
        fitted=_named(target_names, estimator.best.fitted),
        fitted_errors=_named(target_names, np.sqrt(np.diag(estimator.simulated_covariance))),
        moment_covariance=estimator.simulated_covariance,
        residuals=_named(target_names, estimator.best.fitted - search.wanted),
        jacobian=jacobian,
        weights=estimator.root.T @ estimator.root,
        objective=estimator.best.objective,
        j_statistic=j,
        degrees_of_freedom=freedom,
        p_value=p,
        starts=search.starts,
        points=search.n_points,
        seconds=time.monotonic() - begin,
        seed=search.seed,
        replication_seeds=estimator.replication_seeds,
        size=size,
        success=estimator.best.converged and not trouble,
        warnings=(*trouble, *estimator.messages),
        trace=estimator.trace(),
        slices={name: slices[i] for i, name in enumerate(names)},
    )


def j_test(estimator: Estimator) -> tuple[float, int, float]:
    """J, its degrees of freedom and its p-value; J and p are NaN where there is nothing to test."""
    used = np.flatnonzero(np.diag(estimator.root.T @ estimator.root) > 0)
    jacobian, sigma = estimator.best.jacobian[used], estimator.sigma[np.ix_(used, used)]
    freedom = len(used) - jacobian.shape[1]
    beyond = np.linalg.qr(jacobian, mode="complete")[0][:, jacobian.shape[1] :]
    within = beyond.T @ sigma @ beyond
    if freedom <= 0 or np.linalg.matrix_rank(within, hermitian=True) < freedom:
        return math.nan, max(freedom, 0), math.nan
    residuals = beyond.T @ (estimator.best.fitted - estimator.search.wanted)[used]
    j = float(residuals @ np.linalg.solve(within, residuals))
    n = estimator.replications
    if n > freedom + 1:
        return j, freedom, float(stats.f.sf(j * (n - freedom) / (freedom * (n - 1)), freedom, n - freedom))
    return j, freedom, float(stats.chi2.sf(j, freedom))


def troubles(estimator: Estimator, p: float) -> list[str]:
    """What makes the estimate less than it seems."""
    search, found = estimator.search, [] if estimator.best.converged else ["least squares have not converged"]
    for name, u in zip(search.parameters, estimator.best.u):
        if min(u, 1 - u) < 1e-4:
            found.append(f"{name} is at its bound {search.parameters[name][int(u > 0.5)]:g}: standard errors do not hold there")
    errors = np.sqrt(np.diag(estimator.sigma))
    residuals = estimator.best.fitted - search.wanted
    allowed = 3 if len(residuals) > len(search.parameters) else 0.1  # as many targets as parameters can be met exactly
    far = [f"{name} by {residual:+.2g}, {abs(residual) / error:.1f} standard errors" if error else f"{name} by {residual:+.2g}"
           for name, residual, error in zip(search.targets, residuals, errors)
           if abs(residual) > max(allowed * error, 1e-6 * abs(search.targets[name]))]  # fmt: skip
    if far or p < MISFIT:
        found.append(f"the targets cannot be met together: {'; '.join(far) or f'p = {p:.2g}'}")
    strength, direction = estimator.weakest()
    if strength < WEAK:
        names = [name for name, share in zip(search.parameters, np.abs(direction)) if share > 0.1]
        found.append(f"the targets do not tell {' and '.join(names)}{' apart' * (len(names) > 1)}: they would move by {strength:.1f} "
                     f"standard errors from bound to bound")  # fmt: skip
    return found


def _named(names: Sequence[str], values: np.ndarray) -> dict[str, float]:
    return {name: float(value) for name, value in zip(names, values)}


def _count(things: Any, word: str) -> str:
    n = things if isinstance(things, int) else len(things)
    return f"{n} {word}{'' if n == 1 else 's'}"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows)]
    return ["  " + "  ".join(f"{cell:<{w}}" if i == 0 else f"{cell:>{w}}" for i, (cell, w) in enumerate(zip(row, widths))) for row in rows]
