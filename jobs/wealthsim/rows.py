"""Result files of wealthsim run as rows of a table: a row for each file, or of a file of many scenarios for each of those; and
for each period that is kept of it. What collect.py writes, and plot.py draws. Needs h5py."""
import itertools
import math
import re
from collections import namedtuple

import h5py
import numpy as np

from wealthsim.foreign import Unreadable, attribute, damaged, dimension_of, is_over_scenarios, names_along, numbers, open_hdf5, scenario_column

FORMATS = "1", "2"  # major versions

# What makes a run's numbers; other options decide what is kept of them, and where the work is done.
PARAMETERS = "households", "periods", "w0", "r", "s", "v1", "v2", "model", "seed", "rng", "initial"

# The order of the columns; statistics that are not named here follow by name.
STATISTICS = (
    "median", "median_low", "median_high", "mean", "mean_error", "variance", "variance_error", "gini", "gini_error",
    "minimum", "maximum", "bottom_half_share", "quantile", "quantile_low", "quantile_high", "lorenz", "share_top",
    "top_share", "hill", "hill_error", "stationary_quantile",
)  # fmt: skip

WHOLE = "stationary_quantile",  # of a run as a whole, as the averages over time are: the same in all its rows
AVERAGE = re.compile(r"\w+_average(_error|_batches|_drift)?")

# values [row, period, place]; dimension None, and places [None], for a single number per period.
Statistic = namedtuple("Statistic", "dimension places values description")


class Rows:
    """One result file: n rows, their scenarios (None: it has no such dimension), parameters and theory {name: [n] values},
    hashes [n], the periods kept, and statistics {name: Statistic}."""

    def __init__(self, path, all_periods=False):
        self.path, self.all_periods = str(path), all_periods
        try:
            with open_hdf5(path) as file:
                self._read(file)
        except Unreadable:
            raise
        except Exception as error:  # whatever a damaged file has in store
            raise damaged(path, error) from None

    def _read(self, file):
        if "format_version" not in file.attrs or "period" not in file or file["period"].size == 0:
            raise Unreadable(f"{self.path}: not a result of wealthsim run: it lacks format_version or period")
        self.format = str(attribute(file, "format_version"))
        if self.format.split(".")[0] not in FORMATS:
            raise Unreadable(f"{self.path}: its format version is {self.format}, this script reads {' and '.join(f'{x}.x' for x in FORMATS)}")
        self.scenarios = [int(x) for x in numbers(file["scenario"]).ravel()] if "scenario" in file else None
        self.n = 1 if self.scenarios is None else len(self.scenarios)
        if self.n == 0:
            raise ValueError("it has no scenarios")
        names = {name for name in [*file.attrs, *file] if name.startswith("theory_")}
        self.theory = {name: [float(x) for x in self._column(file, name)] for name in names}
        self.parameters = {name: self._column(file, name) for name in PARAMETERS if name in file.attrs or name in file}
        self.parameters = {name: values for name, values in self.parameters.items() if name == "initial" or any(x != "" for x in values)}
        self.hashes = self._column(file, "scenario_hash" if "scenario_hash" in file else "result_hash")
        self.parts = {name: names_along(file, name) for name in ("group", "quantity")}
        self._read_statistics(file)

    def _column(self, file, name):
        """A value for each row: of a variable over scenarios, or one attribute for all; '' where there is neither."""
        values = scenario_column(file[name]) if name in file else [attribute(file, name, "")]
        if len(values) not in (1, self.n):
            raise ValueError(f"{name} has not as many values as there are scenarios")
        return values if len(values) == self.n else values * self.n

    def _read_statistics(self, file):
        periods = numbers(file["period"]).ravel()
        self.kept = slice(0 if self.all_periods else len(periods) - 1, len(periods))
        self.periods = [int(period) for period in periods[self.kept]]
        self.mobility_periods = numbers(file["mobility_period"]).ravel().tolist() if "mobility_period" in file else []
        self.statistics, self.prefixes = {}, {}
        for name, data in file.items():
            if isinstance(data, h5py.Dataset) and data.size and name not in ("period", "scenario"):
                self._read_statistic(name, data)

    def _read_statistic(self, name, data):
        """Statistics are over period, behind the dimensions of groups and quantities; or they are averages over the periods. All
        else (wealth, paths, tables of mobility, the dimensions' own values) is left in the file."""
        over = [dimension_of(data, i) for i in range(data.ndim)]
        lead = (slice(None),) if is_over_scenarios(data) else ()
        over = over[len(lead) :]
        parts = [dimension for dimension in over[:2] if dimension in self.parts and dimension != name]
        over = over[len(parts) :]
        if over[:1] == ["period"]:
            values = numbers(data, (*lead, *[slice(None)] * len(parts), self.kept))
            self._add_parts(name, data, parts, over[1:], self._rows(values, lead))
        elif over == ["mobility_period"] and not parts and name != "mobility_period":
            self._add_parts(name, data, parts, [], self._at_mobility_periods(self._rows(numbers(data), lead)))
        elif name in WHOLE or AVERAGE.fullmatch(name):
            values = np.expand_dims(self._rows(numbers(data), lead), 1 + len(parts))
            self._add_parts(name, data, parts, over, np.repeat(values, len(self.periods), axis=1 + len(parts)))

    def _at_mobility_periods(self, values):
        """Those of the last table of mobility, or, of all periods, each at its own; nan where there is none."""
        if not self.all_periods:
            return values[:, -1:]
        found = np.full((len(values), len(self.periods)), math.nan)
        found[:, [self.periods.index(period) for period in self.mobility_periods]] = values
        return found

    def _add_parts(self, name, data, parts, dimensions, values):
        """A statistic for each group and quantity; values [row, (group,) (quantity,) period, …]."""
        over = dimensions[0] if dimensions else None, numbers(data.dims[data.ndim - 1][0]).tolist() if dimensions else [None]
        description = {key: attribute(data, key) for key in ("long_name", "units") if key in data.attrs}
        for places in itertools.product(*(range(len(self.parts[part])) for part in parts)):
            if values.shape[1 : 1 + len(parts)] != tuple(len(self.parts[part]) for part in parts):
                raise ValueError(f"{name} has not as many {' or '.join(parts)} values as there are")
            labels = [(part, self.parts[part][i]) for part, i in zip(parts, places) if i]
            of = ", ".join(f"group {label}" if part == "group" else label for part, label in labels)
            prefix = "".join(f"group_{label}_" if part == "group" else f"{label}_" for part, label in labels)
            self.prefixes[prefix] = None
            said = {**description, "long_name": f"{of}: {description.get('long_name', name)}"} if of else description
            self._add(prefixed(prefix, name), over, values[(slice(None), *places)], said)

    def _rows(self, values, lead):
        return values if lead else values[None]

    def _add(self, name, over, values, description):
        dimension, places = over
        values = values if dimension else values[..., None]
        if values.shape != (self.n, len(self.periods), len(places)):
            raise ValueError(f"{name} has not as many values as its dimensions")
        self.statistics[name] = Statistic(dimension, places, values, description)

    def values(self, name, x):
        """[row, period] of a statistic at x; nan where the file does not have it."""
        statistic = self.statistics.get(name)
        if statistic is None or x not in statistic.places:
            return np.full((self.n, len(self.periods)), math.nan)
        return statistic.values[:, :, statistic.places.index(x)]


def prefixed(prefix, name):
    """level_median, group_3_median, group_3_level_median, and group_3_share where the variable is group_share: statistics of all
    households' wealth have no prefix."""
    return prefix + (name.removeprefix("group_") if prefix.startswith("group_") else name)


def read_rows(paths, all_periods):
    """All files, or Unreadable with a line for every one that cannot be used."""
    files, faults = [], []
    for path in paths:
        try:
            files.append(Rows(path, all_periods))
        except Unreadable as fault:
            faults.append(str(fault))
    for file in files[1:]:
        if file.format != files[0].format:
            faults.append(f"{file.path}: its format version is {file.format}, that of {files[0].path} {files[0].format}: "
                          "make all results of a sweep with one version of wealthsim")  # fmt: skip
    if faults:
        raise Unreadable("\n".join(faults))
    return files


# ---- what the table has ----------------------------------------------------------------------------------------


class Layout:
    """The columns of a table of some files: whether there are scenarios, the parameters that any file has a value of, every
    statistic that any file has, {name: (dimension, [x, …])}, at every x that any file has, and theory's figures."""

    def __init__(self, files):
        self.has_scenarios = any(file.scenarios is not None for file in files)
        self.parameters = [name for name in PARAMETERS if any(name in file.parameters for file in files)]
        self.theories = sorted({name for file in files for name in file.theory})
        self.statistics = {}
        found = {name for file in files for name in file.statistics}
        prefixes = dict.fromkeys(["", *(prefix for file in files for prefix in file.prefixes)])
        known = [prefix + name for prefix in prefixes for name in STATISTICS]
        for name in [name for name in known if name in found] + sorted(found - set(known)):
            have = [file.statistics[name] for file in files if name in file.statistics]
            places = {x for statistic in have for x in statistic.places}
            self.statistics[name] = have[0].dimension, sorted(places) if have[0].dimension else [None]


def columns_of(file, layout):
    """A file's part of the table: {column: [value, …]}, a value for each row and period; '' for a parameter that it has not."""
    columns = {"file": [file.path] * file.n}
    if layout.has_scenarios:
        columns["scenario"] = file.scenarios or [""]
    columns.update({name: file.parameters.get(name, [""] * file.n) for name in layout.parameters})
    ends = {name: file.theory.get(name, [math.nan] * file.n) for name in layout.theories}
    ends["result_hash"] = file.hashes

    def for_each_period(part):
        return {name: [value for value in values for _ in file.periods] for name, values in part.items()}

    statistics = {name if x is None else f"{name}_{x:g}": file.values(name, x).ravel().tolist()
                  for name, (_, places) in layout.statistics.items() for x in places}  # fmt: skip
    return {**for_each_period(columns), "period": file.periods * file.n, **statistics, **for_each_period(ends)}
