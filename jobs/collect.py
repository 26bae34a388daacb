#!/usr/bin/env python3
"""Collects the results of a sweep into one table: a row for each file, with the runs' parameters and all statistics of
the last recorded period. Needs h5py; netCDF needs xarray and netCDF4 besides.

    jobs/collect.py sweep-*.h5                  CSV on standard output
    jobs/collect.py sweep-*.h5 -o sweep.csv     CSV; jobs/plot.py draws it
    jobs/collect.py sweep-*.h5 -o sweep.nc      netCDF-4: dimensions run, probability, top and tail; the parameters that
                                                the files have in common are in the attributes too
    --all-periods                               all recorded periods: a row for each file and period, in netCDF a
                                                dimension period

The CSV's columns: file; the parameters; period; the statistics, where quantile_0.5 is the quantile at probability 0.5
and top_share_0.01 the share of the richest hundredth; of a model with more quantities than wealth theirs, under names that
begin with the quantity's: level_median; theory's figures; result_hash. Numbers have all their digits;
nan stands for what a file does not have, inf for what is infinite by theory.

Exit status: 0 done, 1 a file could not be used or the table not be written (each is named, nothing is written), 2 usage,
or a package is missing.
"""
if __name__ == "__main__":
    from needs import need

    need("h5py")

import argparse
import csv
import math
import os
import shutil
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np

from wealthsim.foreign import Unreadable, attribute, damaged, dimension_of, numbers, one_line, open_hdf5, plain, printable, quantities_of, run_script

FORMAT_MAJOR = "1"

# What makes a run's numbers; other options decide what is kept of them, and where the work is done.
PARAMETERS = "households", "periods", "w0", "r", "s", "v1", "v2", "model", "seed", "rng", "initial"

# The order of the columns; statistics that are not named here follow by name.
STATISTICS = (
    "median", "median_low", "median_high", "mean", "mean_error", "variance", "variance_error", "gini", "gini_error",
    "minimum", "maximum", "bottom_half_share", "quantile", "quantile_low", "quantile_high", "lorenz", "share_top",
    "top_share", "hill", "hill_error", "stationary_quantile",
)  # fmt: skip


class Run:
    """One result file: parameters {name: value}, theory {name: value}, the periods kept [n], and statistics
    {name: (dimension, {x: [n] values})}, where dimension is None, and x None, for a single number per period."""

    def __init__(self, path, all_periods):
        self.path, self.kept = str(path), slice(None) if all_periods else slice(-1, None)
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
        if self.format.split(".")[0] != FORMAT_MAJOR:
            raise Unreadable(f"{self.path}: its format version is {self.format}, this script reads {FORMAT_MAJOR}.x")
        self.parameters = {name: attribute(file, name) for name in PARAMETERS if name in file.attrs}
        if not self.parameters.get("model"):  # the built-in one
            self.parameters.pop("model", None)
        self.theory = {name: float(plain(value)) for name, value in file.attrs.items() if name.startswith("theory_")}
        self.hash = str(attribute(file, "result_hash", ""))
        self.periods = [int(period) for period in numbers(file["period"])[self.kept]]
        self.statistics, self.descriptions = {}, {}
        self.quantities = quantities_of(file)
        for name, data in file.items():
            if isinstance(data, h5py.Dataset) and data.size:
                self._read_statistic(name, data)

    def _read_statistic(self, name, data):
        dimensions, last = [dimension_of(data, i) for i in range(data.ndim)], data.dims[data.ndim - 1] if data.ndim else ()
        if dimensions[:2] == ["quantity", "period"]:
            if len(data) != len(self.quantities):
                raise ValueError(f"{name} has not as many quantities as there are")
            for quantity, values in zip(self.quantities, numbers(data)):
                own = prefixed(self.quantities, quantity, name)
                self._add_statistic(own, data, dimensions[2:], last, values[self.kept])
                self.descriptions[own]["long_name"] = f"{quantity}: {self.descriptions[own].get('long_name', name)}"
        elif dimensions[:1] == ["period"] and name != "period":
            self._add_statistic(name, data, dimensions[1:], last, numbers(data)[self.kept])
        elif name == "stationary_quantile":
            self._add_statistic(name, data, dimensions, last, np.stack([numbers(data)] * len(self.periods)))
        # else: wealth, path_wealth, the dimensions' own values

    def _add_statistic(self, name, data, dimensions, last, values):
        self.descriptions[name] = {key: attribute(data, key) for key in ("long_name", "units") if key in data.attrs}
        places = numbers(last[0]).tolist() if dimensions else [None]
        if values.shape != (len(self.periods), len(places))[: values.ndim] or len(dimensions) > 1:
            raise ValueError(f"{name} has not as many values as its dimensions")
        self.statistics[name] = dimensions[0] if dimensions else None, dict(zip(places, values.reshape(len(self.periods), -1).T.tolist()))


def prefixed(quantities, quantity, name):
    """Wealth's statistics have no prefix."""
    return name if quantity == quantities[0] else f"{quantity}_{name}"


def read_runs(paths, all_periods):
    """All files, or Unreadable with a line for every one that cannot be used."""
    runs, faults = [], []
    for path in paths:
        try:
            runs.append(Run(path, all_periods))
        except Unreadable as fault:
            faults.append(str(fault))
    for run in runs[1:]:
        if run.format != runs[0].format:
            faults.append(f"{run.path}: its format version is {run.format}, that of {runs[0].path} {runs[0].format}: "
                          "make all results of a sweep with one version of wealthsim")  # fmt: skip
    if faults:
        raise Unreadable("\n".join(faults))
    return runs


def parameters_of(runs):
    """The parameters that any file has, and of those the ones that all have in common."""
    names = [name for name in PARAMETERS if any(name in run.parameters for run in runs)]
    return names, [name for name in names if len({run.parameters.get(name) for run in runs}) == 1]


def statistics_of(runs):
    """{name: (dimension, [x, …])}: every statistic that any file has, at every x that any file has."""
    found = {name for run in runs for name in run.statistics}
    quantities = dict.fromkeys(quantity for run in runs for quantity in run.quantities[1:])
    known = [*STATISTICS, *(f"{quantity}_{name}" for quantity in quantities for name in STATISTICS)]
    order = [name for name in known if name in found] + sorted(found - set(known))
    table = {}
    for name in order:
        have = [run.statistics[name] for run in runs if name in run.statistics]
        places = {x for _, values in have for x in values}
        table[name] = have[0][0], sorted(places) if have[0][0] else [None]
    return table


def values(run, name, x):
    """A statistic at x in all periods that are kept of a run."""
    return run.statistics.get(name, (None, {}))[1].get(x, [math.nan] * len(run.periods))


def theories(runs):
    return sorted({name for run in runs for name in run.theory})


def write_csv(runs, file):
    """repr gives each double the fewest digits that lead back to it."""
    statistics = [(name, x) for name, (_, places) in statistics_of(runs).items() for x in places]
    columns = [name if x is None else f"{name}_{x:g}" for name, x in statistics]
    names, _ = parameters_of(runs)
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["file", *names, "period", *columns, *theories(runs), "result_hash"])
    for run in runs:
        ends = [*(repr(run.theory.get(name, math.nan)) for name in theories(runs)), run.hash]
        rows = zip(*(values(run, name, x) for name, x in statistics)) if statistics else [()] * len(run.periods)
        for period, row in zip(run.periods, rows):
            writer.writerow([run.path, *(run.parameters.get(name, "") for name in names), period, *map(repr, row), *ends])


def over_periods(run, name, x, periods):
    """A statistic at x in each of these periods; nan in those that the run has not recorded."""
    known = dict(zip(run.periods, values(run, name, x)))
    return [known.get(period, math.nan) for period in periods]


def write_netcdf(runs, path, all_periods):
    import xarray

    names, common = parameters_of(runs)
    data = {"file": ("run", [printable(run.path) for run in runs])}
    for name in names:
        data[name] = "run", [run.parameters.get(name, "") for run in runs]
    data["period" if not all_periods else "last_period"] = "run", [run.periods[-1] for run in runs]
    places = {"period": sorted({period for run in runs for period in run.periods})} if all_periods else {}
    for dimension, xs in statistics_of(runs).values():
        if dimension:
            places[dimension] = sorted({*xs, *places.get(dimension, ())})
    for name, (dimension, _) in statistics_of(runs).items():
        xs = places[dimension] if dimension else [None]
        table = [[over_periods(run, name, x, places["period"]) if all_periods else values(run, name, x) for x in xs] for run in runs]
        table = np.array(table, float).swapaxes(1, 2)  # run, period, x
        shape = (len(runs), *([table.shape[1]] if all_periods else []), *([len(xs)] if dimension else []))
        dimensions = ["run", *(["period"] if all_periods else []), *([dimension] if dimension else [])]
        data[name] = dimensions, table.reshape(shape), next(run.descriptions[name] for run in runs if name in run.statistics)
    for name in theories(runs):
        data[name] = "run", [run.theory.get(name, math.nan) for run in runs]
    data["result_hash"] = "run", [run.hash for run in runs]
    title = f"A sweep of wealthsim: statistics of {'all recorded periods' if all_periods else 'the last recorded period'}"
    attributes = {"title": title, "Conventions": "CF-1.8", "format_version": runs[0].format, "columns": " ".join(data),
                  **{name: runs[0].parameters[name] for name in common}}  # fmt: skip
    xarray.Dataset(data, places, attributes).to_netcdf(path, engine="netcdf4")


# ---- the table's file ----------------------------------------------------------------------------------------


def write_table(runs, output, all_periods, file):
    """To a file that is open for writing bytes. netCDF's library writes to a name: to one that nobody else can reach."""
    if Path(output).suffix == ".nc":
        with tempfile.TemporaryDirectory() as folder:
            write_netcdf(runs, f"{folder}/table", all_periods)
            with open(f"{folder}/table", "rb") as table:
                shutil.copyfileobj(table, file)
    else:
        with open(file.fileno(), "w", newline="", encoding="utf-8", errors="surrogateescape", closefd=False) as text:
            write_csv(runs, text)


def write(runs, output, all_periods):
    """Under a name of its own beside the table's (mkstemp: new, no link, with random letters), renamed when it is on disk."""
    target = Path(final_target(output))
    descriptor, temporary = tempfile.mkstemp(prefix=f"{target.name[:100]}.part-", dir=target.parent)
    try:
        with open(descriptor, "wb") as file:
            write_table(runs, output, all_periods, file)
            file.flush()
            os.fsync(descriptor)
            os.fchmod(descriptor, mode_of(target))
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def final_target(output):
    """What a link of one's own points to; one that somebody else has put there is replaced, not followed."""
    own = os.path.islink(output) and os.lstat(output).st_uid == os.geteuid()
    return os.path.realpath(output) if own else output


def mode_of(target):
    """That of the table that is replaced, else what a new file would have."""
    if target.is_file() and not target.is_symlink():
        return target.stat().st_mode & 0o777
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask


def faulty(options):
    """What is wrong with the command line, or None."""
    if not options.output:
        return None
    if Path(options.output).suffix not in (".csv", ".nc"):
        return f"--output: '{options.output}' ends neither in .csv nor in .nc"
    for path in options.files:
        if os.path.exists(options.output) and os.path.exists(path) and os.path.samefile(options.output, path):
            return f"--output: '{options.output}' is one of the files to be collected: give the table another name"
    return None


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, usage="%(prog)s FILE... [--all-periods] [-o TABLE]")  # fmt: skip
    parser.add_argument("files", nargs="+", metavar="FILE", help="a result of wealthsim run")
    parser.add_argument("-o", "--output", metavar="TABLE", help="a name that ends in .csv or .nc")
    parser.add_argument("--all-periods", action="store_true", help="all recorded periods, not the last alone")
    options = parser.parse_args()
    if faulty(options):
        parser.error(faulty(options))
    if options.output and options.output.endswith(".nc") and __name__ == "__main__":
        need("h5py", "xarray", "netCDF4")
    try:
        runs = read_runs(options.files, options.all_periods)
        if options.output:
            write(runs, options.output, options.all_periods)
        else:
            write_csv(runs, sys.stdout)
    except Unreadable as reason:
        for line in str(reason).splitlines():
            print(f"collect.py: {line}", file=sys.stderr)
        return 1
    except Exception as error:  # of the libraries, when a disk is full or a folder not writable
        if not options.output:
            raise
        why = error.strerror if isinstance(error, OSError) and error.strerror else one_line(error)
        print(f"collect.py: cannot write {options.output}: {why}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(run_script("collect.py", main))
