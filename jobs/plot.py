#!/usr/bin/env python3
"""Pictures of wealthsim's results, each as PNG and PDF. Needs h5py and matplotlib (which brings Pillow).

    jobs/plot.py wealthsim.h5 [MORE.h5 ...]      of each result: median, histogram, lorenz, tail, paths, mobility, cores, and
                                                 an overview of them all: wealthsim-median.png, …; statistics over the
                                                 periods with averages over time, quantities, groups
    jobs/plot.py wealthsim.h5                    of a result of many scenarios: statistics, and averages over time, against the
                                                 parameter that differs: wealthsim-sweep.png, -averages; so other
                                                 quantities than wealth: -quantities; over the periods what
                                                 scenarios are above the first: -differences; their groups
    jobs/plot.py wealthsim.h5 --scenario 3       its scenario 3, as if it were a result of its own:
                                                 wealthsim-scenario-3-median.png, …
    jobs/plot.py sweep.csv                       of a table made by jobs/collect.py (CSV or netCDF): as of a result of
                                                 many scenarios: sweep-sweep.png
    --against OPTION                             the parameter on the horizontal axis; a line for each value of the others
    --against OPTION,OPTION                      two: a map where the table is a grid of their values, else lines of the
                                                 first for some values of the second, or points with colours
    jobs/plot.py wealthsim-path.h5               a household's wealth over time: wealthsim-path-path.png
    jobs/plot.py wealthsim-scaling.h5            the comparison of layouts: wealthsim-scaling-scaling.png
    -o FOLDER/PREFIX                             instead of the file's own path, the names' beginning; a FOLDER
                                                 (FOLDER/) keeps the files' names

Beside the statistics stand their 95 % intervals or two standard errors, and theory: of the built-in model's mean and tail index
a curve, of what has no closed form (quantiles, Gini) the figures that the file has, a dash in each row. The picture says what
differs besides and is not shown. A picture whose data the file does not have is left out, and a line says why. A population of
any size is read a slab at a time. What a file is, its content says, not its name. Exit status: 0 done, 1 a file could not be read
or not all be drawn that is in it, 2 usage, or a package is missing.
"""
if __name__ == "__main__":
    from needs import need

    need("h5py", "matplotlib", "PIL")

import argparse
import os
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # before pyplot is imported: into files, wherever this runs

from wealthsim.foreign import Unreadable, attribute, damaged, has_scenarios, kind_of, open_hdf5, run_script
from wealthsim.plot.lecture import draw_path, draw_scaling
from wealthsim.plot.look import STYLE, Missing, Unwritable
from wealthsim.plot.run import draw_run
from wealthsim.plot.compared import draw_scenarios
from wealthsim.plot.sweep import draw_sweep
from wealthsim.plot.table import is_netcdf_table, read_table

SUFFIXES = ".h5", ".hdf5", ".nc", ".nc4", ".csv"  # others are a part of the name, as in run_0.1


def stem(path):
    return path.stem if path.suffix in SUFFIXES else path.name


def prefixes(paths, output):
    """The beginning of each file's pictures' names: {path: beginning}. No two are the same: files that differ in nothing
    but the suffix keep it, and others raise ValueError."""
    paths = list(dict.fromkeys(map(os.path.normpath, paths)))

    def beginning(path, name):
        if output is None:
            return str(path.with_name(name))
        if output.endswith("/") or os.path.isdir(output):
            return str(Path(output) / name)
        return output if len(paths) == 1 else f"{output}-{name}"

    found = {}
    for path in map(Path, paths):
        alike = [other for other in map(Path, paths) if beginning(other, stem(other)) == beginning(path, stem(path))]
        found[str(path)] = beginning(path, stem(path) if len(alike) == 1 else path.name)
    for path, prefix in found.items():
        alike = [other for other in found if found[other] == prefix]
        if len(alike) > 1:
            raise ValueError(f"the pictures of {' and '.join(alike)} would have the same names: draw them one by one, with --output")
    return found


def draw_hdf5(path, prefix, against, scenario):
    """All pictures of a result file, whichever command wrote it. @return the number of pictures."""
    draw = {"path": draw_path, "scaling": draw_scaling}
    with open_hdf5(path) as file:
        command, is_of_many = attribute(file, "result_of", "run"), has_scenarios(file)
        if command in draw:
            return draw[command](file, prefix)
    if scenario is not None:
        return draw_run(path, f"{prefix}-scenario-{scenario}", scenario)
    if is_of_many:
        return draw_scenarios(path, prefix, against)
    return draw_run(path, prefix)


def draw_file(path, prefix, against, scenario):
    """What a file is, its content says. @return the number of pictures."""
    try:
        if kind_of(path) == "text" or is_netcdf_table(path):
            if scenario is not None:
                raise Unreadable(f"{path}: --scenario is of a result: a table has no runs that could be drawn")
            return draw_sweep(read_table(path), prefix, against)
        return draw_hdf5(path, prefix, against, scenario)
    except (Unreadable, Unwritable, BrokenPipeError):
        raise
    except Missing as reason:
        raise Unreadable(f"{path}: {reason}") from None
    except Exception as error:  # whatever a damaged file has in store
        raise damaged(path, error) from None


def main():
    matplotlib.rcParams.update(STYLE)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="%(prog)s FILE... [--against OPTION[,OPTION] | --scenario I] [-o FOLDER/PREFIX]")  # fmt: skip
    parser.add_argument("files", nargs="+", metavar="FILE", help="result (.h5, .nc) or collected sweep (.csv, .nc)")
    parser.add_argument("-o", "--output", metavar="FOLDER/PREFIX", help="beginning of the pictures' names")
    parser.add_argument("--against", metavar="OPTION[,OPTION]", help="of a sweep: the parameter on the horizontal axis, or on both")
    parser.add_argument("--scenario", metavar="I", type=int, help="of a result of many scenarios: draw this one, counted from 0")
    options = parser.parse_args()
    if options.against and options.scenario is not None:
        parser.error("--against is of all scenarios, --scenario of one")
    try:
        beginnings = prefixes(options.files, options.output)
    except ValueError as reason:
        parser.error(str(reason))
    status = 0
    for path, prefix in beginnings.items():
        try:
            if draw_file(path, prefix, options.against, options.scenario) == 0:
                raise Unreadable(f"{path}: nothing in it can be drawn")
        except (Unreadable, Unwritable) as reason:
            for line in str(reason).splitlines():
                print(f"plot.py: {line}", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(run_script("plot.py", main))
