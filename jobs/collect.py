#!/usr/bin/env python3
"""Collects the results of a sweep into one table: a row for each file, with the parameters in which the files differ
and all statistics of the last recorded period. Needs h5py; netCDF needs xarray and netCDF4 besides.

    jobs/collect.py sweep-*.h5                  CSV on standard output
    jobs/collect.py sweep-*.h5 -o sweep.csv     CSV; jobs/plot.py draws it
    jobs/collect.py sweep-*.h5 -o sweep.nc      netCDF-4: dimensions run, probability and top; what the files have in
                                                common is in the attributes

The CSV's columns: file; the parameters that differ; period; the statistics, where quantile_0.5 is the quantile at
probability 0.5 and top_share_0.01 the share of the richest hundredth; theory's figures; result_hash. Numbers have
all their digits; nan stands for what a file does not have, inf for what is infinite by theory.

Exit status: 0 done, 1 a file could not be used (each is named, nothing is written), 2 usage.
"""
import argparse
import csv
import math
import os
import sys
from pathlib import Path

import h5py
import numpy as np

FORMAT_MAJOR = "1"

# What makes a run's numbers; other options decide what is kept of them, and where the work is done.
PARAMETERS = "households", "periods", "w0", "r", "s", "v1", "v2", "seed", "rng", "initial"

# The order of the columns; statistics that are not named here follow by name.
STATISTICS = (
    "median", "median_low", "median_high", "mean", "mean_error", "variance", "variance_error", "gini", "gini_error",
    "minimum", "maximum", "bottom_half_share", "quantile", "quantile_low", "quantile_high", "lorenz", "share_top",
    "top_share", "hill", "hill_error", "stationary_quantile",
)  # fmt: skip


class Unusable(Exception):
    """A file that cannot be collected; the text says which and why."""


class Run:
    """One result file: parameters {name: value}, theory {name: value}, statistics {name: (dimension, {x: value})},
    where dimension is None, and x None, for a single number."""

    def __init__(self, path):
        self.path = str(path)
        try:
            with h5py.File(path, "r") as file:
                self._read(file)
        except OSError as error:
            raise Unusable(f"{path}: not a readable HDF5 file: {error}") from None

    def _read(self, file):
        if "format_version" not in file.attrs or "period" not in file or file["period"].size == 0:
            raise Unusable(f"{self.path}: not a result of wealthsim run: it lacks format_version or period")
        self.format = str(file.attrs["format_version"])
        if self.format.split(".")[0] != FORMAT_MAJOR:
            raise Unusable(f"{self.path}: its format version is {self.format}, this script reads {FORMAT_MAJOR}.x")
        self.parameters = {name: plain(file.attrs[name]) for name in PARAMETERS if name in file.attrs}
        self.theory = {name: float(value) for name, value in file.attrs.items() if name.startswith("theory_")}
        self.hash = str(file.attrs.get("result_hash", ""))
        self.period = int(file["period"][-1])
        self.statistics, self.descriptions = {}, {}
        for name, data in file.items():
            if isinstance(data, h5py.Dataset) and data.size:
                self._read_statistic(file, name, data)

    def _read_statistic(self, file, name, data):
        dimensions = [data.dims[i][0].name.lstrip("/") if len(data.dims[i]) else "" for i in range(data.ndim)]
        if dimensions[:1] == ["period"]:
            dimensions, values = dimensions[1:], data[-1]
        elif name == "stationary_quantile":
            values = data[()]
        else:
            return  # wealth, path_wealth
        self.descriptions[name] = {key: str(data.attrs[key]) for key in ("long_name", "units") if key in data.attrs}
        if not dimensions:
            self.statistics[name] = None, {None: float(values)}
        else:
            self.statistics[name] = dimensions[0], dict(zip(file[dimensions[0]][()].tolist(), values.tolist()))


def plain(value):
    """An attribute as Python's own int, float or str."""
    return value.item() if isinstance(value, np.generic) else str(value)


def read_runs(paths):
    """All files, or Unusable with a line for every one that cannot be used."""
    runs, faults = [], []
    for path in paths:
        try:
            runs.append(Run(path))
        except Unusable as fault:
            faults.append(str(fault))
    for run in runs[1:]:
        if run.format != runs[0].format:
            faults.append(f"{run.path}: its format version is {run.format}, that of {runs[0].path} {runs[0].format}: "
                          "make all results of a sweep with one version of wealthsim")  # fmt: skip
    if faults:
        raise Unusable("\n".join(faults))
    return runs


def differing(runs):
    """The parameters that are not the same in all files."""
    return [name for name in PARAMETERS if len({run.parameters.get(name) for run in runs}) > 1]


def statistics_of(runs):
    """{name: (dimension, [x, …])}: every statistic that any file has, at every x that any file has."""
    found = {name for run in runs for name in run.statistics}
    order = [name for name in STATISTICS if name in found] + sorted(found - set(STATISTICS))
    table = {}
    for name in order:
        have = [run.statistics[name] for run in runs if name in run.statistics]
        places = {x for _, values in have for x in values}
        table[name] = have[0][0], sorted(places) if have[0][0] else [None]
    return table


def value(run, name, x):
    return run.statistics.get(name, (None, {}))[1].get(x, math.nan)


def theories(runs):
    return sorted({name for run in runs for name in run.theory})


def write_csv(runs, file):
    """repr gives each double the fewest digits that lead back to it."""
    statistics = [(name, x) for name, (_, places) in statistics_of(runs).items() for x in places]
    columns = [name if x is None else f"{name}_{x:g}" for name, x in statistics]
    varying = differing(runs)
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["file", *varying, "period", *columns, *theories(runs), "result_hash"])
    for run in runs:
        writer.writerow([
            run.path, *(run.parameters.get(name, "") for name in varying), run.period,
            *(repr(value(run, name, x)) for name, x in statistics),
            *(repr(run.theory.get(name, math.nan)) for name in theories(runs)), run.hash,
        ])  # fmt: skip


def write_netcdf(runs, path):
    import xarray

    varying, places = differing(runs), {}
    data = {"file": ("run", [run.path for run in runs])}
    for name in varying:
        data[name] = "run", [run.parameters.get(name, "") for run in runs]
    data["period"] = "run", [run.period for run in runs]
    for name, (dimension, _) in statistics_of(runs).items():
        if dimension:
            places[dimension] = sorted({x for run in runs if name in run.statistics for x in run.statistics[name][1]}
                                       | set(places.get(dimension, ())))  # fmt: skip
    for name, (dimension, _) in statistics_of(runs).items():
        dimensions = ["run", dimension] if dimension else ["run"]
        values = [[value(run, name, x) for x in places[dimension]] if dimension else value(run, name, None) for run in runs]
        description = next(run.descriptions[name] for run in runs if name in run.statistics)
        data[name] = dimensions, np.array(values, float), description
    for name in theories(runs):
        data[name] = "run", [run.theory.get(name, math.nan) for run in runs]
    data["result_hash"] = "run", [run.hash for run in runs]
    common = {name: x for name, x in runs[0].parameters.items() if name not in varying}
    attributes = {"title": "A sweep of wealthsim: statistics of the last recorded period", "Conventions": "CF-1.8",
                  "format_version": runs[0].format, "columns": " ".join(data), **common}  # fmt: skip
    xarray.Dataset(data, places, attributes).to_netcdf(path, engine="netcdf4")


def write(runs, output):
    """Under a temporary name, renamed when complete."""
    temporary = f"{output}.part"
    try:
        if Path(output).suffix == ".nc":
            write_netcdf(runs, temporary)
        else:
            with open(temporary, "w", newline="", encoding="utf-8") as file:
                write_csv(runs, file)
        os.replace(temporary, output)
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, usage="%(prog)s FILE... [-o TABLE]")
    parser.add_argument("files", nargs="+", metavar="FILE", help="a result of wealthsim run")
    parser.add_argument("-o", "--output", metavar="TABLE", help="a name that ends in .csv or .nc")
    options = parser.parse_args()
    if options.output and Path(options.output).suffix not in (".csv", ".nc"):
        parser.error(f"--output: '{options.output}' ends neither in .csv nor in .nc")
    try:
        runs = read_runs(options.files)
        if options.output:
            write(runs, options.output)
        else:
            write_csv(runs, sys.stdout)
    except (Unusable, OSError) as reason:
        for line in str(reason).splitlines():
            print(f"collect.py: {line}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
