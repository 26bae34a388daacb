"""What the pictures of a sweep are made of: a table with a row for each run, from collect.py or from a file of many scenarios."""
import csv
import math
import re
from pathlib import Path

import numpy as np

from wealthsim.foreign import Unreadable, attribute, dimension_of, kind_of, numbers, open_hdf5, printable, scenario_column
from wealthsim.rows import Layout, Rows, columns_of
from wealthsim.theory import BUILT_IN


class Table:
    """columns {name: array}, a value per row, of each row's last period; the parameters among them; those that differ, and what
    the others are; quantities: names of those besides wealth. A parameter that a row does not have is nan, or '' among texts."""

    def __init__(self, path, columns):
        self.path, self.columns = path, columns
        if "period" not in columns or "file" not in columns:
            raise Unreadable(f"{path}: not a table of jobs/collect.py: it lacks the columns 'file' and 'period'")
        names = list(columns)
        between = names[names.index("file") + 1 : names.index("period")]
        self.parameters = [name for name in between if name != "scenario"]
        self.n = len(columns["file"])
        self.values = {name: distinct(columns[name]) for name in self.parameters}
        self.differ = [name for name in self.parameters if len(self.values[name]) > 1]
        single = {name: values[0] for name, values in self.values.items() if len(values) == 1}
        end = "_correlation_with_wealth"  # which every quantity has; those of groups are columns of theirs
        self.quantities = [name[: -len(end)] for name in names if name.endswith(end) and not re.match(r"group_-?\d+_", name)]
        self.constants = {name: value for name, value in single.items() if value == value}

    def has(self, name):
        """Whether a column is there, of numbers, and not empty."""
        return self.is_of_numbers(name) and bool(np.isfinite(self.columns[name]).any())

    def is_of_numbers(self, name):
        return name in self.columns and self.columns[name].dtype.kind == "f"

    def is_built_in(self, rows):
        """Whether all of these rows are of the built-in model, whose theory is known."""
        without_file = "model" not in self.columns or all(model == "" for model in self.columns["model"][rows])
        return without_file and all(self.is_of_numbers(name) and np.isfinite(self.columns[name][rows]).all() for name in BUILT_IN)

    def places(self, statistic):
        """Where a statistic is given, ascending: the 0.5 and 0.9 of columns quantile_0.5 and quantile_0.9, as texts."""
        begin = f"{statistic}_"
        found = [name[len(begin) :] for name in self.columns if name.startswith(begin) and self.has(name)]
        return sorted((x for x in found if is_number(x)), key=float)

    def title(self):
        """What the table is of, and the parameters that all rows have in common."""
        name = printable(Path(self.path).name)
        head = f"{name}: {self.n:,} {'scenarios' if 'scenario' in self.columns else 'runs'}"
        sizes = [f"{self.constants[size]:,.0f} {size}" for size in ("households", "periods") if size in self.constants]
        rest = [said(name, self.constants[name]) for name in (*BUILT_IN, "w0", "model", "seed") if name in self.constants]
        return head, "; ".join(filter(None, (", ".join(sizes), ", ".join(rest))))


def said(name, value):
    """r = 0.05; of a file the name without its folders."""
    return f"{name} = {value:g}" if isinstance(value, float) else f"{name} = {Path(value).name or '-'}"


def is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def distinct(values):
    """The values that occur, ascending: floats, or texts; nan, if at all, last."""
    found = set(values.tolist())
    is_there = [value for value in found if value == value]
    return sorted(is_there) + [math.nan] * (len(is_there) < len(found))


def as_column(values):
    """Floats if all that is not empty is a number, else texts."""
    try:
        return np.array([float(value) if value != "" else math.nan for value in values])
    except ValueError:
        return np.array([str(value) for value in values])


def is_netcdf_table(path):
    """Whether an HDF5 file is a table of collect.py."""
    with open_hdf5(path) as file:
        return "columns" in file.attrs and "file" in file


def read_table(path):
    """A collected sweep, or a result file whose scenarios are its rows."""
    if kind_of(path) == "text":
        return Table(path, read_csv(path))
    if is_netcdf_table(path):
        return Table(path, read_netcdf(path))
    rows = Rows(path)
    return Table(path, {name: as_column(values) for name, values in columns_of(rows, Layout([rows])).items()})


def read_csv(path):
    try:
        with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
            rows = list(csv.DictReader(file))
    except (OSError, csv.Error) as error:
        raise Unreadable(f"{path}: neither HDF5 nor a table of jobs/collect.py: {error}") from None
    if not rows or "file" not in rows[0]:
        raise Unreadable(f"{path}: neither HDF5 nor a table of jobs/collect.py: it has no {'column file' if rows else 'rows'}")
    if any(None in row or None in row.values() for row in rows):
        raise Unreadable(f"{path}: its rows are not all as long as its header")
    return {name: as_column([row[name] for row in last_of_each(rows)]) for name in rows[0]}


def last_of_each(rows):
    """Of a table of all periods, the last row of each file and scenario."""
    last = {}
    for row in rows:
        last[row["file"], row.get("scenario")] = row
    return list(last.values())


def read_netcdf(path):
    """Variables over run, and those over run and another dimension as a column for each of its values. Of a table with a
    dimension period, the values at each run's last."""
    columns = {}
    with open_hdf5(path) as file:
        last = None
        if "last_period" in file:
            last = np.searchsorted(file["period"][()], file["last_period"][()])
        for name in str(attribute(file, "columns", "")).split():
            data = file[name]
            over = [dimension_of(data, i) for i in range(data.ndim)]
            if data.dtype.kind in "SO":
                columns[name] = as_column(scenario_column(data))
                continue
            values = numbers(data)
            if over[1:2] == ["period"]:
                values, over = values[np.arange(len(values)), last], over[:1] + over[2:]
            if values.ndim == 1:
                columns["period" if name == "last_period" else name] = values.astype(float)
            else:
                columns.update({f"{name}_{x:g}": values[:, i].astype(float) for i, x in enumerate(file[over[1]][()])})
    return columns
