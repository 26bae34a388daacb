#!/usr/bin/env python3
"""Pictures of wealthsim's results, each as PNG and PDF. Needs h5py and matplotlib (which brings Pillow).

    jobs/plot.py wealthsim.h5 [MORE.h5 ...]      of each result: median, histogram, lorenz, tail, paths, cores, and
                                                 an overview of them all: wealthsim-median.png, …
    jobs/plot.py sweep.csv [--against OPTION]    of a table made by jobs/collect.py (CSV or netCDF): statistics
                                                 against the parameter: sweep-sweep.png
    -o FOLDER/PREFIX                             instead of the file's own path, the names' beginning; a FOLDER
                                                 (FOLDER/) keeps the files' names

A picture whose data the file does not have is left out, and a line says why. A population of any size is read a
slab at a time. Exit status: 0 done, 1 a file could not be read or nothing could be drawn from it, 2 usage.
"""
import argparse
import csv
import io
import math
import sys
from pathlib import Path

import h5py
import matplotlib
import numpy as np
from PIL import Image

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator  # noqa: E402

# Okabe and Ito's colours, which stay apart for the colour-blind (jfly.uni-koeln.de/color).
BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, YELLOW = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442")  # fmt: skip
COLOURS = BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY
MARKERS = "o", "s", "^", "D", "v", "P"
GREY = "#8C8C8C"

SINGLE, PANEL = (6.4, 4.2), (4.0, 3.1)  # inches: a picture of its own, a panel of several
DPI = {"png": 110, "pdf": 300}

SLAB = 1 << 22  # households read at a time: 32 MB
BINS = 4096  # fine logarithmic bins, of which pictures make theirs
LARGEST = 1000  # households whose wealth the tail shows one by one
PATHS = 3  # paths shown
POINTS = 2000  # of a line at most
# Above this index, theory's Pareto tail begins where no population of this world has a household.
PARETO_MOST = 20

plt.rcParams.update({
    "font.size": 9, "axes.titlesize": 10, "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True,
    "grid.color": "#E4E4E4", "grid.linewidth": 0.6, "axes.axisbelow": True, "legend.frameon": False,
    "legend.fontsize": 8, "lines.linewidth": 1.5, "pdf.fonttype": 42,
})  # fmt: skip


class Missing(Exception):
    """The file does not have what a picture needs; the text says what."""


class Unreadable(Exception):
    """The file cannot be used at all; the text says why."""


# ---- reading -------------------------------------------------------------------------------------------------


class Result:
    """An open result file. Variables that are absent, empty or nowhere finite are all the same: not there."""

    def __init__(self, path):
        self.path = path
        try:
            self.file = h5py.File(path, "r")
        except OSError as error:
            raise Unreadable(f"{path}: not a readable HDF5 file: {error}") from None
        if "period" not in self.file or self.file["period"].size == 0:
            raise Unreadable(f"{path}: not a result of wealthsim run: it has no variable 'period'")
        self.period = self.file["period"][()]
        self._cross_section = None

    def attribute(self, name, otherwise=math.nan):
        return self.file.attrs.get(name, otherwise)

    def find(self, name):
        """The whole variable as an array, or None."""
        if name not in self.file:
            return None
        values = self.file[name][()]
        return values if np.isfinite(values).any() else None

    def need(self, name):
        values = self.find(name)
        if values is None:
            raise Missing(f"it has no {name}" if name not in self.file else f"{name} has no finite value")
        return values

    def last(self, name):
        """The variable at the last recorded period: a float, NaN when it is not there."""
        values = self.find(name)
        return math.nan if values is None else float(values[-1])

    def over(self, name):
        """(value of the second dimension, variable at the last recorded period there): pairs, the finite ones."""
        values = self.find(name)
        if values is None or values.ndim != 2 or not len(self.file[name].dims[1]):
            return []
        scale = self.file[name].dims[1][0][()]
        return [(x, value) for x, value in zip(scale.tolist(), values[-1].tolist()) if math.isfinite(value)]

    def at_probability(self, name, probability):
        """A variable over probability (of the last period, if over period too) at one probability, or NaN."""
        values, probabilities = self.find(name), self.find("probability")
        if values is None or probabilities is None or probability not in probabilities:
            return math.nan
        return float(np.atleast_2d(values)[-1][np.flatnonzero(probabilities == probability)[0]])

    @property
    def cross_section(self):
        """The final wealth, read once for all pictures."""
        if "wealth" not in self.file or self.file["wealth"].size == 0:
            raise Missing("it has no wealth (the run had --no-wealth)")
        if self._cross_section is None:
            self._cross_section = CrossSection(self.file["wealth"])
        return self._cross_section


class CrossSection:
    """A population's wealth as far as a picture can show it: counts and sums in fine logarithmic bins, and the
    largest values. Two passes, a slab at a time."""

    def __init__(self, dataset):
        self.n = dataset.shape[0]
        low, high, self.n_positive, n_finite = math.inf, 0.0, 0, 0
        for slab in slabs(dataset):
            finite = slab[np.isfinite(slab)]
            positive = finite[finite > 0]
            n_finite += finite.size
            self.n_positive += positive.size
            if positive.size:
                low, high = min(low, positive.min()), max(high, positive.max())
        self.n_infinite = self.n - n_finite
        self.n_zero = n_finite - self.n_positive
        if not self.n_positive:
            raise Missing("no household has wealth that is positive and finite")
        low, high = math.log10(low), math.log10(high)
        if high - low < 1e-6:  # all households have the same
            low, high = low - 0.1, high + 0.1
        self.edges = np.linspace(low, high, BINS + 1)
        self.counts, self.sums, self.largest = np.zeros(BINS, np.int64), np.zeros(BINS), np.empty(0)
        for slab in slabs(dataset):
            self._add(slab[np.isfinite(slab) & (slab > 0)], low, BINS / (high - low))

    def _add(self, positive, low, bins_per_decade):
        place = np.clip(((np.log10(positive) - low) * bins_per_decade).astype(np.int64), 0, BINS - 1)
        self.counts += np.bincount(place, minlength=BINS)
        self.sums += np.bincount(place, weights=positive, minlength=BINS)
        largest = np.concatenate([self.largest, positive])
        if largest.size > LARGEST:
            largest = np.partition(largest, -LARGEST)[-LARGEST:]
        self.largest = np.sort(largest)

    def histogram(self):
        """(edges, shares of households) in as many bins as suit their number (Rice's rule, a power of two)."""
        n_bins = 1 << int(np.clip(round(math.log2(2 * self.n_positive ** (1 / 3))), 3, 7))
        counts = self.counts.reshape(n_bins, -1).sum(axis=1)
        return 10 ** self.edges[:: BINS // n_bins], counts / self.n

    def lorenz(self):
        """(share of households, share of wealth), from the poorest up."""
        households = np.concatenate([[0, self.n_zero], self.n_zero + np.cumsum(self.counts)])
        wealth = np.concatenate([[0, 0], np.cumsum(self.sums)])
        return households / households[-1], wealth / wealth[-1]

    def ranks(self, most):
        """(wealth, rank) of the richest down to rank most, ascending in rank: one by one, then by bins."""
        ranks = np.cumsum(self.counts[::-1])
        wealth = 10 ** self.edges[:-1][::-1]
        binned = (ranks > self.largest.size) & (ranks <= most) & (self.counts[::-1] > 0)
        one_by_one = np.arange(1, min(self.largest.size, int(most)) + 1)
        return (np.concatenate([self.largest[::-1][: one_by_one.size], wealth[binned]]),
                np.concatenate([one_by_one, ranks[binned]]))  # fmt: skip


def slabs(dataset):
    for start in range(0, dataset.shape[0], SLAB):
        yield dataset[start : start + SLAB]


# ---- texts and axes ------------------------------------------------------------------------------------------


def number(value, digits=4):
    """0.395, 12,300, 1.2e+07"""
    if 1e4 <= abs(value) < 1e6:
        return f"{float(f'{value:.{digits}g}'):,.0f}"
    return f"{value:.{digits}g}"


def with_error(value, error):
    """0.395 ± 0.002: the error to one digit, and the value to the same place."""
    if not (math.isfinite(error) and error > 0):
        return number(value)
    places = max(0, -math.floor(math.log10(error)))
    return f"{value:.{places}f} ± {error:.{places}f}"


def percent(share):
    return f"{100 * share:.6g} %"


def headline(result):
    """What was run."""
    text = f"{result.attribute('households', 0):,} households, {result.period[-1]:,} periods"
    names = [name for name in ("w0", "r", "s", "v1", "v2", "seed") if name in result.file.attrs]
    return text + "".join(f", {name} = {result.attribute(name):g}" for name in names)


def plain_log(axis):
    """0.01, 1, 1000 on a logarithmic axis, 10⁵ beyond what is read at a glance, and values between where there are
    few decades. To be called when all is drawn: drawing on a logarithmic scale resets the labels."""
    superscripts = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    low, high = axis.get_view_interval()
    decades = math.log10(high / low) if 0 < low < high else math.inf
    between = range(10) if decades < 0.6 else (2, 5) if decades < (3 if high < 1000 else 2) else ()

    def at_decade(x, _):
        plain = 1e-3 <= x < 1e4 or x <= 0
        return f"{x:g}" if plain else f"10{str(round(math.log10(x))).translate(superscripts)}"

    def at_minor(x, _):
        return f"{x:g}" if x > 0 and round(x / 10 ** math.floor(math.log10(x) + 1e-9)) in between else ""

    axis.set_major_formatter(FuncFormatter(at_decade))
    axis.set_minor_formatter(FuncFormatter(at_minor))


def percents(axis):
    axis.set_major_formatter(FuncFormatter(lambda x, _: percent(x)))


def thin(*arrays):
    """At most POINTS of each, the last among them."""
    step = max(1, -(-len(arrays[0]) // POINTS))
    keep = np.arange(len(arrays[0]) - 1, -1, -step)[::-1]
    return [a[keep] for a in arrays]


def note(axes, text, x=0.97, y=0.95, **options):
    options = {"ha": "right", "va": "top", "fontsize": 8, **options}
    axes.text(x, y, text, transform=axes.transAxes, **options)


# ---- pictures of a run: each draws into the axes it is given, or raises Missing ------------------------------------


def draw_median(result, axes):
    """The median with its confidence band over time, beside that of the stationary law."""
    median = result.need("median")
    low, high = (result.find(f"median_{end}") for end in ("low", "high"))
    theory = result.at_probability("stationary_quantile", 0.5)
    axes.set(title="Median wealth", xlabel="period", ylabel="wealth")

    if math.isfinite(theory):
        axes.axhline(theory, color=VERMILION, linestyle="--", linewidth=1, label=f"stationary law: {number(theory)}")
    if len(median) == 1:
        if low is not None and high is not None:
            axes.errorbar(result.period, median, [median - low, high - median], fmt="o", color=BLUE, capsize=4,
                          label="median and its 95 % interval")  # fmt: skip
        else:
            axes.plot(result.period, median, "o", color=BLUE, label="median")
        axes.set_xticks(result.period)
        axes.margins(y=0.4)
        axes.legend(loc="upper right")
        return
    period, median = thin(result.period, median)
    axes.plot(period, median, color=BLUE, label="median")
    if low is not None and high is not None:
        _, low, high = thin(result.period, low, high)
        axes.fill_between(period, low, high, color=SKY, alpha=0.5, linewidth=0, label="95 % interval")
    else:
        low = high = median
    magnify_end(axes, period, median, low, high, theory)


def magnify_end(axes, period, median, low, high, theory):
    """Where the way to the end takes all the room, the second half stands in an inset of its own scale."""
    half = slice(len(period) // 2, None)
    if len(period) < 20 or 5 * (np.nanmax(high[half]) - np.nanmin(low[half])) > np.ptp(median[np.isfinite(median)]):
        axes.legend(loc="best")
        return
    rising = median[-1] > np.nanmedian([np.nanmin(median), np.nanmax(median)])
    inset = axes.inset_axes([0.36, 0.14, 0.61, 0.38] if rising else [0.36, 0.27, 0.61, 0.34])
    inset.fill_between(period[half], low[half], high[half], color=SKY, alpha=0.5, linewidth=0)
    inset.plot(period[half], median[half], color=BLUE, linewidth=1)
    if math.isfinite(theory):
        inset.axhline(theory, color=VERMILION, linestyle="--", linewidth=1)
    inset.set_xlim(period[half][0], period[-1])
    inset.tick_params(labelsize=7)
    inset.yaxis.set_major_locator(MaxNLocator(4))
    inset.set_title("second half, magnified", fontsize=8, pad=3)
    axes.margins(y=0.08)
    axes.legend(loc="upper right" if not rising else "center right", ncol=1, bbox_to_anchor=(1, 0.72) if rising else None)


def draw_histogram(result, axes):
    """The final cross-section, with the quantiles of the stationary law and its own."""
    section = result.cross_section
    edges, shares = section.histogram()
    axes.stairs(shares, edges, fill=True, color=SKY, alpha=0.7)
    axes.set_xscale("log")
    axes.set(title=f"Wealth after {result.period[-1]:,} periods", xlabel="wealth", ylabel="share of households per bin")
    axes.set_ylim(0, shares.max() * 1.6)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda x, _: percent(x) if x < 1.01 else ""))

    probabilities, theory, own = (result.find(name) for name in ("probability", "stationary_quantile", "quantile"))
    if theory is not None:
        mark_quantiles(axes, probabilities, theory, edges, shares)
    if own is not None:
        positive = own[-1][own[-1] > 0]
        axes.plot(positive, np.zeros(positive.size), "^", color="black", markersize=5, clip_on=False, zorder=3,
                  label="quantiles of the households")  # fmt: skip
    plain_log(axes.xaxis)
    if theory is not None or own is not None:
        axes.legend(loc="upper right")
    left_out = [f"{n:,} of {section.n:,} households {what}, not shown"
                for n, what in ((section.n_zero, "have nothing"), (section.n_infinite, "overflowed")) if n]  # fmt: skip
    if left_out:
        note(axes, "\n".join(left_out), x=0.02, y=0.99, ha="left")


def mark_quantiles(axes, probabilities, quantiles, edges, shares):
    """A line up to the histogram's top at each quantile, and its probability above, where there is room for it."""
    keep = np.isfinite(quantiles) & (quantiles > 0)
    low, high = (math.log10(x) for x in axes.get_xlim())
    last = -math.inf
    for i, (p, q) in enumerate(zip(probabilities[keep], quantiles[keep])):
        place = np.searchsorted(edges, q)
        near = shares[max(0, place - 2) : place + 1]
        height = (near.max() if near.size else 0) + 0.04 * shares.max()
        axes.plot([q, q], [0, height], color=VERMILION, linestyle="--", linewidth=1,
                  label="" if i else "quantiles of the stationary law")  # fmt: skip
        if math.log10(q) - last > 0.035 * (high - low):
            axes.text(q, height + 0.02 * shares.max(), percent(p), rotation=90, ha="center", va="bottom", fontsize=7,
                      color=VERMILION)  # fmt: skip
            last = math.log10(q)


def draw_lorenz(result, axes):
    """The Lorenz curve: from all households, else at the file's probabilities."""
    probabilities, at = result.find("probability"), result.find("lorenz")
    try:
        households, wealth = result.cross_section.lorenz()
    except Missing:
        if at is None or probabilities is None:
            raise Missing("it has neither wealth nor lorenz") from None
        households, wealth = np.r_[0, probabilities, 1], np.r_[0, at[-1], 1]
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1)
    axes.fill_between(households, wealth, households, color=SKY, alpha=0.35, linewidth=0)
    axes.plot(households, wealth, color=BLUE)
    if at is not None:
        axes.plot(probabilities, at[-1], "o", color=BLUE, markersize=3.5)
    axes.set(title="Lorenz curve", xlabel="households, from the poorest", ylabel="share of wealth", xlim=(0, 1), ylim=(0, 1))
    percents(axes.xaxis)
    percents(axes.yaxis)

    lines = []
    gini = result.last("gini")
    if math.isfinite(gini):
        lines.append(f"Gini {with_error(gini, result.last('gini_error'))}")
    if math.isfinite(result.last("bottom_half_share")):
        lines.append(f"poorest 50 %: {100 * result.last('bottom_half_share'):.1f} %")
    lines += [f"richest {percent(top)}: {100 * share:.1f} %" for top, share in result.over("top_share")]
    note(axes, "\n".join(lines), x=0.05, ha="left")


def draw_tail(result, axes):
    """Rank against wealth of the richest tenth, with the slope that theory gives to a Pareto tail."""
    section = result.cross_section
    most = max(section.n // 10, min(section.n, 100))
    wealth, rank = section.ranks(most)
    axes.loglog(wealth, rank, ".", color=BLUE, markersize=3, rasterized=True)
    axes.set(title="The richest: rank and wealth", xlabel="wealth", ylabel="rank (1: the richest)")
    axes.set_ylim(0.7, most * 1.6)
    draw_pareto(result, axes, wealth, rank)
    plain_log(axes.xaxis)
    plain_log(axes.yaxis)


def draw_pareto(result, axes, wealth, rank):
    """The slope of theory's Pareto tail, drawn from the richest hundredth up, and Hill's estimates of it."""
    index = float(result.attribute("theory_tail_index"))
    if not index > 0:  # unknown, or no stationary law
        return
    if index > PARETO_MOST:
        known = "" if math.isinf(index) else f" (κ = {number(index, 3)})"
        note(axes, f"no Pareto tail{known}")
        return
    anchor = min(int(np.searchsorted(rank, rank[-1] // 10)), rank.size - 1)
    line = np.array([rank[anchor], 0.7])
    axes.plot(wealth[anchor] * (rank[anchor] / line) ** (1 / index), line, color=VERMILION, linestyle="--")
    lines = [f"theory: Pareto tail, κ = {number(index, 3)}"]
    errors = dict(result.over("hill_error"))
    for top, hill in sorted(result.over("hill"), reverse=True):
        lines.append(f"Hill, top {percent(top)}: {with_error(hill, errors.get(top, math.nan))}")
    note(axes, "\n".join(lines))


def draw_paths(result, axes):
    """Some households' wealth, and its average over time beside the average over all households."""
    if "path_wealth" not in result.file or result.file["path_wealth"].size == 0:
        raise Missing("it has no path_wealth (runs with --paths have)")
    data = result.file["path_wealth"]
    paths = data[: min(PATHS, data.shape[0])]
    step = result.file["step"][()] if "step" in result.file else np.arange(paths.shape[1])
    after_start = slice(1, None) if paths.shape[1] > 1 else slice(None)
    step, paths = step[after_start], paths[:, after_start]
    average = np.cumsum(paths, axis=1) / np.arange(1, paths.shape[1] + 1)
    if not np.isfinite(paths).any():
        raise Missing("path_wealth has no finite value")

    shown = np.unique(np.geomspace(1, paths.shape[1], 200).astype(int)) - 1  # evenly on the logarithmic axis
    marker = "o" if paths.shape[1] == 1 else None
    for i, colour in zip(range(len(paths)), COLOURS):
        axes.plot(step[shown], paths[i, shown], color=colour, linewidth=0.6, alpha=0.5, marker=marker)
    for i, colour in zip(range(len(paths)), COLOURS):
        axes.plot(step[shown], average[i, shown], color=colour, linewidth=2, marker=marker,
                  label=f"household {i}, averaged over time: {number(average[i][-1], 3)}")  # fmt: skip
    mean = result.last("mean")
    if math.isfinite(mean):
        axes.axhline(mean, color="black", linestyle="--", linewidth=1.2, label=f"mean of all households: {number(mean, 3)}")
    if (paths[np.isfinite(paths)] > 0).all():
        axes.set_yscale("log")
        axes.set_ylim(top=np.nanmax(paths[:, shown]) * 6)
        plain_log(axes.yaxis)
    if paths.shape[1] > 20:
        axes.set_xscale("log")
        plain_log(axes.xaxis)
    elif paths.shape[1] == 1:
        axes.set_xticks(step)
    axes.set(title="Paths, and their averages over time", xlabel="period", ylabel="wealth")
    axes.legend(loc="upper left", fontsize=7.5)


PHASES = {"computing": BLUE, "waiting": ORANGE, "communicating": GREEN, "writing": PURPLE}


def draw_cores(result, axes):
    """What each rank's cores did, as shares of the run's time: a bar a rank."""
    if "timing" not in result.file:
        raise Missing("it has no group /timing")
    timing = result.file["timing"]
    seconds = {phase: timing[phase][()] for phase in PHASES if phase in timing and timing[phase].size}
    if not seconds or not any(np.isfinite(values).any() for values in seconds.values()):
        raise Missing("/timing has no finite value")
    threads = np.isfinite(next(iter(seconds.values()))).sum(axis=1).clip(min=1)
    of_rank = {phase: np.nansum(values, axis=1) / threads for phase, values in seconds.items()}
    elapsed = float(result.attribute("elapsed_seconds"))
    if not (math.isfinite(elapsed) and elapsed > 0):
        elapsed = float(max(sum(of_rank.values()).max(), 1e-300))

    ranks = len(threads)
    place, bottom, width = np.arange(ranks), np.zeros(ranks), 0.8 if ranks <= 64 else 1.0
    for phase, values in of_rank.items():
        axes.bar(place, values / elapsed, width, bottom, color=PHASES[phase], linewidth=0,
                 label=f"{phase} {100 * values.mean() / elapsed:.0f} %")  # fmt: skip
        bottom += values / elapsed
    rest = np.clip(1 - bottom, 0, None)
    axes.bar(place, rest, width, bottom, color="#DDDDDD", linewidth=0, label=f"other {100 * rest.mean():.0f} %")
    axes.set(title="Use of the cores", xlabel="rank", ylabel=f"share of {elapsed:.3g} s", ylim=(0, 1.32))
    margin = max(0, 4 - ranks) / 2  # a bar alone is no wall
    axes.set_xlim(-0.6 - margin, ranks - 0.4 + margin)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
    percents(axes.yaxis)
    axes.grid(axis="x", visible=False)
    axes.xaxis.set_major_locator(MaxNLocator(16, integer=True) if ranks > 16 else FixedLocator(place))
    axes.legend(loc="upper right", ncol=3, columnspacing=0.8, handlelength=0.8, fontsize=7.5)


PICTURES = {
    "median": draw_median, "histogram": draw_histogram, "lorenz": draw_lorenz,
    "tail": draw_tail, "paths": draw_paths, "cores": draw_cores,
}  # fmt: skip


def draw_run(path, prefix):
    """All pictures of one result file. @return the number of pictures."""
    result, drawn = Result(path), {}
    for name, draw in PICTURES.items():
        figure, axes = plt.subplots(figsize=SINGLE, layout="constrained")
        try:
            draw(result, axes)
        except Missing as reason:
            print(f"{path}: no picture '{name}': {reason}")
        else:
            figure.suptitle(headline(result), fontsize=8, color=GREY)
            save(figure, f"{prefix}-{name}")
            drawn[name] = draw
        plt.close(figure)
    if drawn:
        figure, panels = grid(len(drawn))
        for axes, draw in zip(panels, drawn.values()):
            draw(result, axes)
        figure.suptitle(headline(result), fontsize=10)
        save(figure, f"{prefix}-overview")
        plt.close(figure)
    return len(drawn)


def grid(n):
    """A figure of n panels, three a row, and its axes."""
    columns = min(n, 3)
    rows = -(-n // columns)
    figure, panels = plt.subplots(
        rows, columns, figsize=(PANEL[0] * columns, PANEL[1] * rows + 0.3), layout="constrained", squeeze=False)  # fmt: skip
    for axes in panels.flat[n:]:
        axes.set_visible(False)
    return figure, panels.flat[:n]


def save(figure, prefix):
    """PNG and PDF, without date or version: the same data give the same bytes. The PNG has a palette, and so a third
    of the size."""
    Path(prefix).parent.mkdir(parents=True, exist_ok=True)
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=DPI["png"])
    figure.set_layout_engine("none")  # it stays where it is
    palette = {"colors": 256, "method": Image.Quantize.MAXCOVERAGE, "dither": Image.Dither.NONE}  # rare colours, too
    Image.open(png).convert("RGB").quantize(**palette).save(f"{prefix}.png", optimize=True)
    figure.savefig(f"{prefix}.pdf", dpi=DPI["pdf"], metadata={"CreationDate": None, "Producer": None, "Creator": None})
    print(f"{prefix}.png, .pdf")


# ---- pictures of a sweep -------------------------------------------------------------------------------------


def read_table(path):
    """A collected sweep as {column: array}, and the names of the parameters that differ."""
    columns = read_csv(path) if Path(path).suffix == ".csv" else read_netcdf(path)
    if "period" not in columns or "file" not in columns:
        raise Unreadable(f"{path}: not a table of jobs/collect.py: it lacks the columns 'file' and 'period'")
    names = list(columns)
    return columns, names[names.index("file") + 1 : names.index("period")]


def as_numbers(texts):
    try:
        return np.array([float(text) for text in texts])
    except ValueError:
        return np.array(texts)


def read_csv(path):
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path}: {error}") from None
    if not rows:
        raise Unreadable(f"{path}: it has no rows")
    if any(None in row or None in row.values() for row in rows):
        raise Unreadable(f"{path}: its rows are not all as long as its header")
    return {name: as_numbers([row[name] for row in rows]) for name in rows[0]}


def read_netcdf(path):
    """Variables over run, and those over run and another dimension as a column for each of its values."""
    columns = {}
    try:
        with h5py.File(path, "r") as file:
            names = file.attrs.get("columns", "")
            for name in (names.decode() if isinstance(names, bytes) else names).split():
                data = file[name]
                values = data.asstr()[()] if h5py.check_string_dtype(data.dtype) else data[()]
                if values.ndim == 1:
                    columns[name] = values
                else:
                    scale = data.dims[1][0]
                    columns.update({f"{name}_{x:g}": values[:, i] for i, x in enumerate(scale[()])})
    except (OSError, KeyError) as error:
        raise Unreadable(f"{path}: not a table of jobs/collect.py: {error}") from None
    return columns


def runs_by_line(columns, parameters, against):
    """What to put on the x axis, and the runs of each line: {label: indices}."""
    chosen = against or next((p for p in parameters if p != "seed"), parameters[0])
    others = [p for p in parameters if p not in (chosen, "seed")]
    lines = {}
    for i in range(len(columns[chosen])):
        label = ", ".join(f"{p} = {columns[p][i]:g}" if columns[p].dtype.kind == "f" else f"{p} = {columns[p][i]}" for p in others)
        lines.setdefault(label, []).append(i)
    order = np.argsort(columns[chosen], kind="stable")
    return chosen, {label: order[np.isin(order, runs)] for label, runs in lines.items()}


def sweep_panels(columns, several):
    """What there is to show: [(title, [(column, its error or interval, theory's column, label)], log scale)]; where
    there are several lines, one statistic a panel."""
    tops = ["0.01"] if several else ["0.1", "0.01", "0.001"]
    quantiles = ["0.9"] if several else ["0.1", "0.5", "0.9", "0.99"]
    panels = [
        ("median, 95 % interval", [("median", ("median_low", "median_high"), "stationary_quantile_0.5", "")], False),
        ("mean ± 2 standard errors", [("mean", "mean_error", "theory_mean", "")], False),
        ("90 % quantile" if several else "quantiles",
         [(f"quantile_{q}", None, f"stationary_quantile_{q}", percent(float(q))) for q in quantiles], True),
        ("Gini ± 2 standard errors", [("gini", "gini_error", None, "")], False),
        ("share of wealth of the richest 1 %" if several else "share of wealth of the richest",
         [(f"top_share_{t}", None, None, percent(float(t))) for t in tops], False),
        ("tail index κ, Hill's estimate (top 1 %)", [("hill_0.01", "hill_error_0.01", "theory_tail_index", "")], True),
    ]  # fmt: skip
    there = [(title, [line for line in lines if has(columns, line[0])], log) for title, lines, log in panels]
    return [panel for panel in there if panel[1]]


def has(columns, name):
    """Whether a column is there, of numbers, and not empty."""
    return name in columns and columns[name].dtype.kind in "fi" and np.isfinite(columns[name]).any()


def interval(columns, name, error, runs):
    """Distances down and up from the value to the interval's ends."""
    values = columns[name][runs]
    if isinstance(error, tuple) and all(e in columns for e in error):
        return np.abs([values - columns[error[0]][runs], columns[error[1]][runs] - values])
    if isinstance(error, str) and error in columns:
        return np.nan_to_num(2 * np.array([columns[error][runs]] * 2))
    return None


def draw_sweep(path, prefix, against):
    columns, parameters = read_table(path)
    if not parameters:
        raise Unreadable(f"{path}: no parameter differs between its runs: there is nothing to draw against")
    if against and against not in parameters:
        raise Unreadable(f"{path}: --against {against}: what differs between its runs is {', '.join(parameters)}")
    chosen, lines = runs_by_line(columns, parameters, against)
    if len(lines) > len(COLOURS):
        raise Unreadable(f"{path}: {len(lines)} lines would be too many: its runs differ in {', '.join(parameters)}; "
                         f"collect fewer files, or choose another parameter with --against")  # fmt: skip
    panels = sweep_panels(columns, len(lines) > 1)
    figure, all_axes = grid(len(panels))
    for axes, (title, statistics, log) in zip(all_axes, panels):
        if log:
            axes.set_yscale("log")
        draw_sweep_panel(axes, columns, chosen, lines, statistics)
        axes.set(title=title, xlabel=chosen)
        if log:
            plain_log(axes.yaxis)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(loc="best")
    figure.suptitle(f"{Path(path).name}: {len(columns['file'])} runs", fontsize=10)
    save(figure, f"{prefix}-sweep")
    plt.close(figure)
    return len(panels)


def draw_sweep_panel(axes, columns, chosen, lines, statistics):
    """Each statistic of each line: points where theory draws the line, else points joined by one."""
    with_theory = False
    for i, (label, runs) in enumerate(lines.items()):
        for j, (name, error, theory, of) in enumerate(statistics):
            k = j if len(lines) == 1 else i
            x, y = columns[chosen][runs], columns[name][runs].copy()
            has_theory = theory and has(columns, theory)
            if has_theory:
                law = np.where(np.isfinite(columns[theory][runs]), columns[theory][runs], math.nan)
                axes.plot(x, law, "--", color="black", linewidth=1, zorder=1, label=None if with_theory else "theory")
                with_theory = True
            if theory == "theory_tail_index" and has_theory:
                y[~(law <= PARETO_MOST)] = math.nan  # an estimate of nothing
            keep = np.isfinite(y)
            if not keep.any():
                continue
            axes.errorbar(x[keep], y[keep], interval(columns, name, error, runs[keep]), fmt=MARKERS[k] + ("" if has_theory else "-"),
                          color=COLOURS[k], markersize=4, linewidth=1, capsize=2.5, label=label or of or None)  # fmt: skip
    if statistics[0][2] == "theory_tail_index" and axes.get_ylim()[1] > 2 * PARETO_MOST:
        axes.set_ylim(top=2 * PARETO_MOST)  # beyond, there is no Pareto tail to speak of


# ---- the command ---------------------------------------------------------------------------------------------


def name_beginning(path, output, n_files):
    stem = Path(path).with_suffix("")
    if output is None:
        return str(stem)
    if output.endswith("/") or Path(output).is_dir():
        return str(Path(output) / stem.name)
    return output if n_files == 1 else f"{output}-{stem.name}"


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
            n = draw_sweep(path, prefix, options.against) if is_table else draw_run(path, prefix)
            if n == 0:
                raise Unreadable(f"{path}: nothing in it can be drawn")
        except (Unreadable, OSError) as reason:
            print(f"plot.py: {reason}", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
