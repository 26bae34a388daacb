#!/usr/bin/env python3
"""Collects the results of a sweep into one table: a row for each file, and of a file of many scenarios for each of those, with
its parameters and all statistics of the last recorded period. Needs h5py; netCDF needs xarray and netCDF4 besides.

    jobs/collect.py wealthsim.h5                CSV on standard output
    jobs/collect.py sweep-*.h5 -o sweep.csv     CSV; jobs/plot.py draws it
    jobs/collect.py sweep-*.h5 -o sweep.nc      netCDF-4: dimensions run, probability, top and tail; the parameters that
                                                the runs have in common are in the attributes too
    --all-periods                               all recorded periods: a row for each file, scenario and period, in netCDF
                                                a dimension period

The CSV's columns: file; scenario, where a file has more than one; the parameters, those that are the same in all rows
included; period; the statistics, where quantile_0.5 is the quantile at probability 0.5 and top_share_0.01 the share of the
richest hundredth, median_average an average over time, median_difference what it is above scenario 0's, mobility_shorrocks the
last index of mobility (of all periods, each at its own); of other quantities than wealth, and of groups, theirs, under names
that begin with the group's and the quantity's: level_median, group_3_median, group_3_level_median; theory's figures; result_hash, which is a scenario's own (scenario_hash in its file). Numbers have all their
digits; nan stands for what a file does not have, inf for what is infinite by theory.

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

import numpy as np

from wealthsim.foreign import Unreadable, one_line, printable, run_script
from wealthsim.rows import Layout, columns_of, read_rows

NO_SCENARIO = -1  # in netCDF, of a run whose file has no scenarios


def write_csv(files, output):
    """repr gives each double the fewest digits that lead back to it."""
    layout, writer = Layout(files), csv.writer(output, lineterminator="\n")
    for i, file in enumerate(files):
        columns = columns_of(file, layout)
        if i == 0:
            writer.writerow(columns)
        writer.writerows(zip(*columns.values()))  # floats by repr


def write_netcdf(files, path, all_periods):
    """A run for each file and scenario. Parameters and theory are in variables over run; what all runs share is in the
    attributes besides."""
    import xarray

    layout = Layout(files)
    data = {"file": ("run", [printable(file.path) for file in files for _ in range(file.n)])}
    if layout.has_scenarios:
        data["scenario"] = "run", [scenario for file in files for scenario in file.scenarios or [NO_SCENARIO]]
    for name in layout.parameters:
        data[name] = "run", column([value for file in files for value in file.parameters.get(name, [""] * file.n)])
    data["last_period" if all_periods else "period"] = "run", [file.periods[-1] for file in files for _ in range(file.n)]
    places = {"period": sorted({period for file in files for period in file.periods})} if all_periods else {}
    for dimension, xs in layout.statistics.values():
        if dimension:
            places[dimension] = sorted({*xs, *places.get(dimension, ())})
    for name, (dimension, _) in layout.statistics.items():
        dimensions = ["run", *(["period"] if all_periods else []), *([dimension] if dimension else [])]
        description = next(file.statistics[name].description for file in files if name in file.statistics)
        data[name] = dimensions, statistic_of_all(files, name, places.get("period"), places.get(dimension)), description
    for name in layout.theories:
        data[name] = "run", [value for file in files for value in file.theory.get(name, [math.nan] * file.n)]
    data["result_hash"] = "run", [text for file in files for text in file.hashes]
    title = f"A sweep of wealthsim: statistics of {'all recorded periods' if all_periods else 'the last recorded period'}"
    attributes = {"title": title, "Conventions": "CF-1.8", "format_version": files[0].format, "columns": " ".join(data),
                  **in_common(files, layout)}  # fmt: skip
    xarray.Dataset(data, places, attributes).to_netcdf(path, engine="netcdf4")


def statistic_of_all(files, name, periods, xs):
    """Values [run], with a period's axis where periods are given, and one for the places xs; nan where a file has none."""
    parts = []
    for file in files:
        part = np.full((file.n, len(periods or [0]), len(xs or [None])), math.nan)
        at = [periods.index(period) for period in file.periods] if periods else [0]
        for i, x in enumerate(xs or [None]):
            part[:, at, i] = file.values(name, x)
        parts.append(part)
    whole = np.concatenate(parts)
    return whole.reshape(len(whole), *whole.shape[1 : 2 if periods else 1], *whole.shape[2 : 3 if xs else 2])


def column(values):
    """A parameter's values as one kind: numbers with nan for what is not there, or texts."""
    there = [value for value in values if value != ""]
    if len(there) == len(values) or any(isinstance(value, str) for value in there):
        return values
    return [math.nan if value == "" else value for value in values]


def in_common(files, layout):
    """{name: value} of the parameters that all runs have the same value of."""
    values = {name: {value for file in files for value in file.parameters.get(name, [""])} for name in layout.parameters}
    return {name: next(iter(found)) for name, found in values.items() if len(found) == 1}


# ---- the table's file ----------------------------------------------------------------------------------------


def write_table(files, output, all_periods, file):
    """To a file that is open for writing bytes. netCDF's library writes to a name: to one that nobody else can reach."""
    if Path(output).suffix == ".nc":
        with tempfile.TemporaryDirectory() as folder:
            write_netcdf(files, f"{folder}/table", all_periods)
            with open(f"{folder}/table", "rb") as table:
                shutil.copyfileobj(table, file)
    else:
        with open(file.fileno(), "w", newline="", encoding="utf-8", errors="surrogateescape", closefd=False) as text:
            write_csv(files, text)


def write(files, output, all_periods):
    """Under a name of its own beside the table's (mkstemp: new, no link, with random letters), renamed when it is on disk."""
    target = Path(final_target(output))
    descriptor, temporary = tempfile.mkstemp(prefix=f"{target.name[:100]}.part-", dir=target.parent)
    try:
        with open(descriptor, "wb") as file:
            write_table(files, output, all_periods, file)
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
        files = read_rows(options.files, options.all_periods)
        if options.output:
            write(files, options.output, options.all_periods)
        else:
            write_csv(files, sys.stdout)
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
