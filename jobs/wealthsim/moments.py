"""Statistics by the names that targets have, and a simulator of them: one start of the program for any number of points.

A name is a variable of the result file, at the last period: `gini`, `median`, `bottom_half_share`; or an average over time,
`median_average`; with the point where the variable has one, `quantile(0.9)`, `quantile_average(0.9)`, `hill(0.01)`. Before it
and a colon stand the group where it is not of all households, `group_30:median`, and the quantity where it is of another
than wealth, `level:mean`, `group_30:income:gini`. Needs NumPy.
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
OF_GROUPS = "group_share", "group_households"  # of a group, and of no quantity
AVERAGE = "_average"
OF_ALL = "households_below", "households_above", "wealth_below", "wealth_above"  # of all households' wealth, without averages
TAILS = 0.001, 0.005, 0.01, 0.05, 0.1  # of Hill's estimate
INTERVAL = 2 * 1.959963984540054  # standard errors that a 95 % interval is long
QUANTILES_MOST = 1024
PARTS_MOST = 20_000_000  # households whose wealth Python is to hold


class Statistic(NamedTuple):
    """A target's name, taken apart."""

    name: str  # as it was given
    quantity: str | None  # wealth, level, …
    variable: str  # of the result file, of averages over time without "_average"
    at: tuple[str, float] | None  # the dimension beside the period, and the place in it
    group: str | None = None  # "30", as the file names it
    is_average: bool = False  # over time

    @property
    def probability(self) -> float | None:
        """The probability that --quantiles has to name for it."""
        return self.at[1] if self.at and self.at[0] == "probability" else None


def parse(name: str) -> Statistic:
    """A target's name as a statistic: `[group_N:][QUANTITY:]STATISTIC[_average][(x)]`.

    `quantile(p)` and `lorenz(p)` are at the probability p. `share_top(x)` and `top_share(x)` are both the share of the
    richest x, a number below 1: share_top(0.01) is that of the richest 1 %, which the file's variable `share_top` has at
    probability 0.99. `hill(x)` is Hill's estimate from the richest x.

    Raises
    ------
    ValueError
        The name is none; the message names the nearest.
    """
    *before, statistic = (part.strip() for part in name.split(":"))
    found = re.fullmatch(r"(\w+)\s*(?:\(\s*([^()]*?)\s*\))?", statistic)
    if not found or found[1] not in known_names():
        raise ValueError(f"target '{name}' is not a statistic{nearest(found[1] if found else statistic)}")
    group, quantity = who_of(name, before, found[1])
    is_average = found[1].endswith(AVERAGE)
    variable = found[1][: -len(AVERAGE)] if is_average else found[1]
    if variable in SINGLE + OF_GROUPS:
        if found[2] is not None:
            raise ValueError(f"target '{name}': {found[1]} is a single number; write {found[1]}")
        return Statistic(name, quantity, variable, None, group, is_average)
    variable, at = place_of(name, variable, found[1], found[2])
    return Statistic(name, quantity, variable, at, group, is_average)


def who_of(name: str, before: Sequence[str], variable: str) -> tuple[str | None, str | None]:
    """The group and the quantity that stand before a statistic."""
    groups = [match[1] for match in (re.fullmatch(r"group_(-?\d+)", part) for part in before[:1]) if match]
    quantities = before[len(groups) :]
    if len(quantities) > 1 or not all(re.fullmatch(r"\w+", part) for part in quantities):
        raise ValueError(f"target '{name}': before a statistic there are a group and a quantity, or one of them: "
                         "group_30:median, level:mean, group_30:level:mean")  # fmt: skip
    if variable in OF_ALL and before:
        raise ValueError(f"target '{name}': {variable} is of all households: write {variable}")
    if variable in OF_GROUPS and (quantities or not groups):
        raise ValueError(f"target '{name}': {variable} is a group's: write {example(variable)}")
    return groups[0] if groups else None, quantities[0] if quantities else None


def place_of(name: str, variable: str, asked: str, text: str | None) -> tuple[str, tuple[str, float]]:
    """Of a statistic with a point x in parentheses: the file's variable, and the place in it."""
    try:
        x = float(text or "")
    except ValueError:
        x = np.nan
    if not 0 <= x <= 1:
        raise ValueError(f"target '{name}': {asked} takes a number from 0 to 1: {example(asked)}")
    if variable == "hill":
        if x not in TAILS:
            raise ValueError(f"target '{name}': Hill's estimate is made from the richest {', '.join(map(str, TAILS))}")
        return variable, ("tail", x)
    if variable in ("share_top", "top_share"):
        return "share_top", ("probability", round(1 - x, 12))
    return variable, ("probability", x)


def known_names() -> list[str]:
    """Of statistics, without what stands before them or behind."""
    names = [*SINGLE, *OF_A_SHARE]
    return [*names, *OF_GROUPS, *(name + AVERAGE for name in names if name not in OF_ALL)]


def variable_of(name: str) -> str:
    """A target's variable; "" of names that only a simulator of one's own knows."""
    try:
        return parse(name).variable
    except ValueError:
        return ""


def nearest(name: str) -> str:
    """What comes nearest to a wrong name, as the end of a message."""
    known = [known for known in known_names() if known.endswith(AVERAGE) == ("_a" in name.lower())]
    close = difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.5) or [k for k in known if name and name.lower() in k]
    if close:
        return f"; did you mean {' or '.join(map(example, close))}?"
    return f"; there are {', '.join(map(example, SINGLE + OF_A_SHARE))}, with {AVERAGE} their averages over time, as median{AVERAGE}"


def nearest_of(name: str, known: Sequence[str]) -> str:
    """The nearest of the names that a result has, as the end of a message."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else ""


def example(variable: str) -> str:
    base = variable[: -len(AVERAGE)] if variable.endswith(AVERAGE) else variable
    if base in OF_GROUPS:
        return f"group_30:{variable}"
    return variable if base in SINGLE else f"{variable}({'0.9' if base in ('quantile', 'lorenz') else '0.01'})"


def read(data: Any, statistic: Statistic) -> tuple[np.ndarray, np.ndarray | None]:
    """A statistic of a result at its last period, or its average over time.

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
    variable = statistic.variable + AVERAGE * statistic.is_average
    values = pick(data, variable, statistic)
    if values is None:
        raise ValueError(f"target '{statistic.name}': the result has no {variable}")
    low, high = (pick(data, f"{variable}_{end}", statistic) for end in ("low", "high"))
    if low is not None and high is not None:  # of quantiles these are more precise than the spread over parts
        return values, (high - low) / INTERVAL
    return values, pick(data, f"{variable}_error", statistic)


def pick(data: Any, variable: str, statistic: Statistic) -> np.ndarray | None:
    """A variable's values [n] where the statistic is; None where there is no such variable."""
    if variable not in data:
        if statistic.group is not None:
            check_group(data, statistic)
        return None
    values = data[variable]
    if "period" in values.dims:
        values = values.isel(period=-1)
    if statistic.group is not None:
        check_group(data, statistic)
    if "group" in values.dims:
        values = values.isel(group=list(map(str, data["group"].values)).index(statistic.group or "all"))
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
            group = re.fullmatch(r"gr\w*?_?(-?\d+)", wanted)
            hint = f"; before a statistic stands its group as group_{group[1]}:{variable}" if group else nearest_of(wanted, names)
            raise ValueError(f"target '{statistic.name}': the model's quantities are {', '.join(names)}{hint}")
        values = values.isel(quantity=names.index(wanted))
    elif statistic.quantity not in (None, "wealth"):
        raise ValueError(f"target '{statistic.name}': the result has no quantity but wealth")
    return np.atleast_1d(np.asarray(values.values, dtype=float))


def check_group(data: Any, statistic: Statistic) -> None:
    """ValueError where a result has not the statistic's group."""
    names = [str(name) for name in data["group"].values[1:]] if "group" in data else []
    if not names:
        raise ValueError(f"target '{statistic.name}': the result has no groups, which a model file with the variable group gives")
    if statistic.group not in names:
        raise ValueError(f"target '{statistic.name}': the model's groups are {', '.join(f'group_{name}' for name in names)}"
                         f"{nearest_of(f'group_{statistic.group}', [f'group_{name}' for name in names])}")  # fmt: skip


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
        averages = [statistic.name for statistic in statistics if statistic.is_average]
        if averages and options.get("average_from") is None:
            raise ValueError(f"target '{averages[0]}' is an average over time: say after which period it begins, and how often there are "
                             "records, by average_from and record_every (--average-from 100 --record-every 10)")  # fmt: skip
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
        if n * households > PARTS_MOST or not of <= {"wealth", "level"} or any(
            s.variable not in COMPUTED or s.is_average or s.group is not None for s in self.statistics
        ):
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
