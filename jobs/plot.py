#!/usr/bin/env python3
"""Pictures of wealthsim's results, each as PNG and PDF. Needs h5py and matplotlib (which brings Pillow).

    jobs/plot.py wealthsim.h5 [MORE.h5 ...]      of each result: median, histogram, lorenz, tail, paths, cores, and
                                                 an overview of them all: wealthsim-median.png, …
    jobs/plot.py wealthsim-path.h5               a household's wealth over time: wealthsim-path-path.png
    jobs/plot.py wealthsim-scaling.h5            the comparison of layouts: wealthsim-scaling-scaling.png
    jobs/plot.py sweep.csv [--against OPTION]    of a table made by jobs/collect.py (CSV or netCDF): statistics
                                                 against the parameter: sweep-sweep.png
    -o FOLDER/PREFIX                             instead of the file's own path, the names' beginning; a FOLDER
                                                 (FOLDER/) keeps the files' names

A picture whose data the file does not have is left out, and a line says why. A population of any size is read a
slab at a time. Exit status: 0 done, 1 a file could not be read or nothing could be drawn from it, 2 usage.
"""
import argparse
import sys
from pathlib import Path

import h5py

from pictures.lecture import draw_path, draw_scaling
from pictures.look import Missing, Unreadable
from pictures.run import draw_run
from pictures.sweep import draw_sweep


def name_beginning(path, output, n_files):
    stem = Path(path).with_suffix("")
    if output is None:
        return str(stem)
    if output.endswith("/") or Path(output).is_dir():
        return str(Path(output) / stem.name)
    return output if n_files == 1 else f"{output}-{stem.name}"


def draw_file(path, prefix):
    """All pictures of a result file, whichever command wrote it. @return the number of pictures."""
    draw = {"path": draw_path, "scaling": draw_scaling}
    try:
        with h5py.File(path, "r") as file:
            command = file.attrs.get("result_of", "run")
            if command in draw:
                return draw[command](file, prefix)
    except (OSError, KeyError) as error:
        raise Unreadable(f"{path}: not a readable result: {error}") from None
    except Missing as reason:
        raise Unreadable(f"{path}: {reason}") from None
    return draw_run(path, prefix)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, usage="%(prog)s FILE... [-o FOLDER/PREFIX]")  # fmt: skip
    parser.add_argument("files", nargs="+", metavar="FILE", help="result (.h5) or collected sweep (.csv, .nc)")
    parser.add_argument("-o", "--output", metavar="FOLDER/PREFIX", help="beginning of the pictures' names")
    parser.add_argument("--against", metavar="OPTION", help="of a sweep: the parameter on the horizontal axis")
    options = parser.parse_args()
    status = 0
    for path in options.files:
        prefix = name_beginning(path, options.output, len(options.files))
        try:
            is_table = Path(path).suffix in (".csv", ".nc")
            n = draw_sweep(path, prefix, options.against) if is_table else draw_file(path, prefix)
            if n == 0:
                raise Unreadable(f"{path}: nothing in it can be drawn")
        except (Unreadable, OSError) as reason:
            print(f"plot.py: {reason}", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
