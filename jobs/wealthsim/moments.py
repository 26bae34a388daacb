"""Statistics by the names that targets have, and a simulator of them: one start of the program for any number of points.

A name is a variable of the result file, at the last period: `gini`, `median`, `bottom_half_share`; with the point where the
variable has one, `quantile(0.9)`, `hill(0.01)`; with the quantity before it where it is of another than wealth,
`level:mean`, `income:gini`. Needs NumPy.
"""
from __future__ import annotations

import difflib
import re
import tempfile
import warnings
from pathlib import Path
from typing import Any, Callable, Mapping, NamedTuple, Sequence

import numpy as np

from wealthsim.results import engine_for

Points = Mapping[str, np.ndarray]  # a parameter's values at n points
Moments = Mapping[str, np.ndarray]  # a statistic's values [n], and under NAME_error their standard errors, where known

SINGLE = ("median", "mean", "gini", "variance", "bottom_half_share", "minimum", "maximum", "households_below",
          "households_above", "wealth_below", "wealth_above", "correlation_with_wealth")  # fmt: skip
OF_A_SHARE = "quantile", "lorenz", "share_top", "top_share", "hill"
TAILS = 0.001, 0.005, 0.01, 0.05, 0.1  # of Hill's estimate
INTERVAL = 2 * 1.959963984540054  # standard errors that a 95 % interval is long
QUANTILES_MOST = 1024
PARTS_MOST = 20_000_000  # households whose wealth Python is to hold


class Statistic(NamedTuple):
    """A target's name, taken apart."""

    name: str  # as it was given
    quantity: str | None  # wealth, level, …
    variable: str  # of the result file
    at: tuple[str, float] | None  # the dimension beside the period, and the place in it

    @property
    def probability(self) -> float | None:
        """The probability that --quantiles has to name for it."""
        return self.at[1] if self.at and self.at[0] == "probability" else None


def parse(name: str) -> Statistic:
    """A target's name as a statistic.

    `quantile(p)` and `lorenz(p)` are at the probability p. `share_top(x)` and `top_share(x)` are both the share of the
    richest x, a number below 1: share_top(0.01) is that of the richest 1 %, which the file's variable `share_top` has at
    probability 0.99. `hill(x)` is Hill's estimate from the richest x.

    Raises
    ------
    ValueError
        The name is none; the message names the nearest.
    """
    found = re.fullmatch(r"\s*(?:(\w+)\s*:)?\s*(\w+)\s*(?:\(\s*([^()]*?)\s*\))?\s*", name)
    if not found or found[2] not in SINGLE + OF_A_SHARE:
        raise ValueError(f"target '{name}' is not a statistic{nearest(found[2] if found else name)}")
    quantity, variable, text = found.groups()
    if variable in SINGLE:
        if text is not None:
            raise ValueError(f"target '{name}': {variable} is a single number; write {variable}")
        return Statistic(name, quantity, variable, None)
    try:
        x = float(text or "")
    except ValueError:
        x = np.nan
    if not 0 <= x <= 1:
        raise ValueError(f"target '{name}': {variable} takes a number from 0 to 1: {variable}({0.9 if variable == 'quantile' else 0.01})")
    if variable == "hill":
        if x not in TAILS:
            raise ValueError(f"target '{name}': Hill's estimate is made from the richest {', '.join(map(str, TAILS))}")
        return Statistic(name, quantity, variable, ("tail", x))
    if variable in ("share_top", "top_share"):
        return Statistic(name, quantity, "share_top", ("probability", round(1 - x, 12)))
    return Statistic(name, quantity, variable, ("probability", x))


def variable_of(name: str) -> str:
    """A target's variable; "" of names that only a simulator of one's own knows."""
    try:
        return parse(name).variable
    except ValueError:
        return ""


def nearest(name: str) -> str:
    """What comes nearest to a wrong name, as the end of a message."""
    known = dict.fromkeys(SINGLE + OF_A_SHARE)
    close = difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.5) or [k for k in known if name and name.lower() in k]
    if close:
        return f"; did you mean {' or '.join(map(example, close))}?"
    return f"; there are {', '.join(map(example, known))}"


def example(variable: str) -> str:
    return variable if variable in SINGLE else f"{variable}({'0.9' if variable in ('quantile', 'lorenz') else '0.01'})"


def read(data: Any, statistic: Statistic) -> tuple[np.ndarray, np.ndarray | None]:
    """A statistic of a result at its last period.

    Parameters
    ----------
    data : xarray.Dataset
        A result of `wealthsim.run`, of one scenario or many.

    Returns
    -------
    values, errors
        [n] each, over the scenarios, in the statistic's own unit; errors are standard errors, None where the result has
        none.
    """
    values = pick(data, statistic.variable, statistic)
    if values is None:
        raise ValueError(f"target '{statistic.name}': the result has no {statistic.variable}")
    low, high = (pick(data, f"{statistic.variable}_{end}", statistic) for end in ("low", "high"))
    if low is not None and high is not None:  # of quantiles these are more precise than the spread over parts
        return values, (high - low) / INTERVAL
    return values, pick(data, f"{statistic.variable}_error", statistic)


def pick(data: Any, variable: str, statistic: Statistic) -> np.ndarray | None:
    """A variable's values [n] where the statistic is; None where there is no such variable."""
    if variable not in data:
        return None
    values = data[variable].isel(period=-1)
    if "group" in values.dims:  # of all households
        values = values.isel(group=0)
    if statistic.at:
        dimension, x = statistic.at
        place = int(np.abs(data[dimension].values - x).argmin())
        if abs(float(data[dimension].values[place]) - x) > 1e-9:
            raise ValueError(f"target '{statistic.name}': the result has no {dimension} {x:g}")
        values = values.isel({dimension: place})
    if "quantity" in values.dims:
        names = list(map(str, data["quantity"].values))
        wanted = statistic.quantity or names[0]
        if wanted not in names:
            raise ValueError(f"target '{statistic.name}': the model's quantities are {', '.join(names)}")
        values = values.isel(quantity=names.index(wanted))
    elif statistic.quantity not in (None, "wealth"):
        raise ValueError(f"target '{statistic.name}': the result has no quantity but wealth")
    return np.atleast_1d(np.asarray(values.values, dtype=float))


class Simulator:
    """Simulates statistics at many points by one start of the program, whose scenarios they are.

    Parameters
    ----------
    statistics : sequence of Statistic
        What is wanted.
    model : path, xarray.Dataset or callable, optional
        A model file for all points; or a function that takes a point's parameters by their names, solves the household's
        problem for them, and returns the model, as a path or a Dataset.
    options
        For `wealthsim.run`: households (number), periods (number), ranks, and the program's own.

    Attributes
    ----------
    messages : list of str
        The program's warnings at the last start.
    """

    def __init__(self, statistics: Sequence[Statistic], *, model: Any = None, **options: Any):
        self.statistics, self.model, self.options = list(statistics), model, options
        self.messages: list[str] = []
        wanted = {s.probability for s in statistics} - {None}
        asked = options.pop("quantiles", ())
        self.quantiles = sorted({*np.atleast_1d(asked).astype(float).tolist(), *wanted} or {0.5})
        if len(self.quantiles) > QUANTILES_MOST:
            raise ValueError(f"the targets need {len(self.quantiles)} quantiles, and a run has {QUANTILES_MOST} at most")

    def __call__(self, points: Points, *, seed: int) -> dict[str, np.ndarray]:
        data = self._start(points, seed)
        moments = {}
        for statistic in self.statistics:
            moments[statistic.name], errors = read(data, statistic)
            if errors is not None:
                moments[f"{statistic.name}_error"] = errors
        return moments

    def replications(self, points: Points, *, seed: int, n: int) -> np.ndarray | None:
        """The statistics of n independent populations at one point [n, statistic]: parts of one that is n times as large, by one
        start. None where it would be too large, or a statistic is not of the households' wealth or level alone."""
        from wealthsim.subpopulations import COMPUTED, parts_of, statistic_of

        households = int(self.options["households"])
        of = {statistic.quantity or "wealth" for statistic in self.statistics}
        if n * households > PARTS_MOST or not of <= {"wealth", "level"} or any(s.variable not in COMPUTED for s in self.statistics):
            return None
        data = self._start(points, seed, households=n * households, no_wealth=False)
        parts = {name: parts_of(data[name].values, n) for name in of}
        return np.array([statistic_of(parts[statistic.quantity or "wealth"], statistic) for statistic in self.statistics]).T

    def _start(self, points: Points, seed: int, **changes: Any) -> Any:
        """A result, and the program's warnings as messages."""
        with tempfile.TemporaryDirectory(prefix="wealthsim-") as folder, warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            data = self._run(points, seed, Path(folder), changes)
        self.messages = [str(warning.message) for warning in caught if issubclass(warning.category, UserWarning)]
        return data

    def _run(self, points: Points, seed: int, folder: Path, changes: Mapping[str, Any]) -> Any:
        import wealthsim

        scenarios = {name: np.asarray(values, dtype=float).tolist() for name, values in points.items()}
        options = {"no_wealth": True, "no_theory": True, "progress": False, "quantiles": self.quantiles, **self.options, **changes}
        if callable(self.model):
            columns = zip(*scenarios.values())
            models = [self.model(**dict(zip(scenarios, point))) for point in columns]
            scenarios = {"model": [path_of(model, folder / f"{i}.h5") for i, model in enumerate(models)]}
        elif self.model is not None:
            options["model"] = self.model
        others = {statistic.quantity for statistic in self.statistics} - {None, "wealth"}
        if self.model is None and others:
            options.setdefault("outcomes", ",".join(sorted(others)))
        return wealthsim.run(scenarios=scenarios, seed=seed, **options)


def path_of(model: Any, path: Path) -> str:
    """A model's file: as it is, or a Dataset written there."""
    if isinstance(model, (str, Path)):
        return str(model)
    model.to_netcdf(path, engine=engine_for("wealthsim.calibrate"))
    return str(path)


Simulate = Callable[..., Moments]  # simulate(points, seed=…)
