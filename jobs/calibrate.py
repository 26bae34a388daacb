#!/usr/bin/env python3
"""Parameters for which simulated statistics are what they should be, by the simulated method of moments. Needs SciPy, xarray
and netCDF4 or h5netcdf; for a picture matplotlib too.

    jobs/calibrate.py --target gini=0.6 --target 'share_top(0.01)=0.2' --parameter s=0.2:0.95 --parameter v1=0.05:0.9
    -t, --target NAME=VALUE[~ERROR]   a statistic of the last period, and what it should be: median, mean, variance, gini,
                                      bottom_half_share, quantile(0.9), lorenz(0.5), share_top(0.01) (the share of the
                                      richest 1 %), hill(0.01) …; with the standard error of the datum.
                                      median_average, quantile_average(0.9): averages over time (-- --average-from 100
                                      --record-every 10); level:mean: of another quantity; group_30:median,
                                      group_30:level:mean: of a group
    -p, --parameter NAME=LOW:HIGH     a parameter and its bounds: s, r, v1, v2, w0
    --weight NAME=WEIGHT              of a target's squared difference (else 1/error², or --optimal)
    -o FOLDER/PREFIX                  a picture of the fit, too: PREFIX.png, .pdf
    -- --r 0.05 --model FILE …        options of wealthsim for all points

As many targets as parameters, or more. Exit status: 0 done, 1 no answer (a warning with an answer is none), 2 usage, or a
package is missing.
"""
import sys

if __name__ == "__main__":
    from needs import need

    for_a_picture = ["matplotlib", "PIL"] * any(word.startswith(("-o", "--output")) for word in sys.argv[1:])
    need("numpy", "scipy", "xarray", *for_a_picture)

import argparse

from wealthsim.calibration import calibrate
from wealthsim.errors import Error
from wealthsim.foreign import run_script


def pairs(texts, what, form):
    """NAME=TEXT as {name: text}; ValueError where one has another form, or a name comes twice."""
    found = {}
    for text in texts:
        name, equals, value = text.rpartition("=")
        if not (name and equals and value):
            raise ValueError(f"--{what} '{text}' is not {form}")
        if name in found:
            raise ValueError(f"--{what}: '{name}' comes twice")
        found[name] = value
    return found


def numbers(text, between, whole):
    """'0.2:0.95' as numbers; ValueError names the whole argument."""
    try:
        return tuple(float(part) for part in text.split(between))
    except ValueError:
        raise ValueError(f"{whole}: '{text}' is not a number, or two with '{between}' between") from None


def program_options(words):
    """--record-every 10, --x=3, --no-wealth as keyword arguments."""
    options = {}
    words = list(words)
    while words:
        word = words.pop(0)
        if not word.startswith("--") or len(word) == 2:
            raise ValueError(f"'{word}': options of wealthsim are written in full, as --periods 400")
        name, equals, value = word[2:].partition("=")
        if not equals:
            value = words.pop(0) if words and not words[0].startswith("--") else True
        options[name.replace("-", "_")] = value
    return options


def questions(options):
    """What calibrate() is asked, from the command line."""
    targets = {name: numbers(text, "~", f"--target {name}") for name, text in pairs(options.target, "target", "NAME=VALUE").items()}
    bounds = {name: numbers(text, ":", f"--parameter {name}") for name, text in pairs(options.parameter, "parameter", "NAME=LOW:HIGH").items()}
    weights = {name: numbers(text, "~", f"--weight {name}")[0] for name, text in pairs(options.weight, "weight", "NAME=WEIGHT").items()}
    if wrong := [name for name, values in targets.items() if len(values) > 2]:
        raise ValueError(f"--target {wrong[0]}: one value, and one error after '~'")
    if weights and options.optimal:
        raise ValueError("--weight and --optimal: one of the two")
    return dict(
        targets={name: values[0] for name, values in targets.items()},
        parameters=bounds,
        target_errors={name: values[1] for name, values in targets.items() if len(values) == 2} or None,
        weights="optimal" if options.optimal else weights or None,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     usage="%(prog)s --target NAME=VALUE... --parameter NAME=LOW:HIGH... [-- OPTIONS OF wealthsim]")  # fmt: skip
    parser.add_argument("-t", "--target", action="append", default=[], metavar="NAME=VALUE[~ERROR]", help="what a statistic should be")
    parser.add_argument("-p", "--parameter", action="append", default=[], metavar="NAME=LOW:HIGH", help="what is looked for, and where")
    parser.add_argument("--weight", action="append", default=[], metavar="NAME=WEIGHT", help="of a target (default: 1/error²)")
    parser.add_argument("--optimal", action="store_true", help="weights: the inverse of the targets' covariance")
    parser.add_argument("-n", "--households", type=lambda text: int(float(text)), default=50_000, help="(default: 50000)")
    parser.add_argument("-T", "--periods", type=lambda text: int(float(text)), default=400, help="(default: 400)")
    parser.add_argument("--seed", type=int, default=1, help="of the random numbers (default: 1)")
    parser.add_argument("--ranks", type=int, help="MPI ranks (default: the program alone)")
    parser.add_argument("--replications", type=int, default=30, help="with other seeds, for errors (default: 30)")
    parser.add_argument("-o", "--output", metavar="FOLDER/PREFIX", help="the picture's name")
    parser.add_argument("-q", "--quiet", action="store_true", help="do not say how far it is")
    parser.add_argument("options", nargs="*", metavar="-- OPTIONS", help="of wealthsim, for all points")
    given = parser.parse_args()
    try:
        fit = calibrate(**questions(given), households=given.households, periods=given.periods, seed=given.seed, ranks=given.ranks,
                        replications=given.replications, progress=False if given.quiet else None, **program_options(given.options))  # fmt: skip
    except (ValueError, TypeError) as reason:  # a UsageError of the program's among them
        print(f"calibrate.py: {reason}", file=sys.stderr)
        return 2
    except Error as reason:
        print(f"calibrate.py: {reason}", file=sys.stderr)
        return 1
    print(fit, end="")
    return draw(fit, given.output) if given.output else 0


def draw(fit, prefix):
    import matplotlib

    matplotlib.use("Agg")
    from wealthsim.plot.look import STYLE, Unwritable, save

    matplotlib.rcParams.update(STYLE)
    try:
        save(fit.plot(), prefix)
    except Unwritable as reason:
        print(f"calibrate.py: {reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(run_script("calibrate.py", main))
