"""Pictures of wealthsim run: each draws into the axes it is given, or raises Missing."""
import math
from functools import partial

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from wealthsim.foreign import Unreadable, numbers

from wealthsim.plot.look import (
    BLUE, COLOURS, GREEN, GREY, ORANGE, PURPLE, SINGLE, SKY, VERMILION, Missing, draw_each, grid, note, number, panels_of, parameters, percent,
    percents, plain_log, thin, with_error,
)  # fmt: skip
from wealthsim.plot.transitions import draw_mobility
from wealthsim.plot.profiles import groups_figure, quantities_figure
from wealthsim.plot.result import PARETO_MOST, Result
from wealthsim.plot.series import statistics_figure

PATHS = 3  # paths shown


def headline(result):
    """What was run."""
    households = result.attribute("households", None)
    text = f"{f'{households:,} households, ' if households else ''}{result.period[-1]:,} periods"
    scenario = "" if result.row is None else f"scenario {result.scenario}: "
    return scenario + ", ".join(filter(None, (text, parameters(result))))


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
            axes.errorbar(result.period, median, np.stack([median - low, high - median]), fmt="o", color=BLUE, capsize=4,
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
    axes.fill_between(edges, np.append(shares, shares[-1]), step="post", color=SKY, alpha=0.7, linewidth=0)
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
                for n, what in ((section.n_zero, "have nothing"), (section.n_negative, "are in debt"), (section.n_infinite, "overflowed")) if n]  # fmt: skip
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
    if at is not None:
        at = at[-1] if np.isfinite(at[-1]).any() else None  # none without a mean above 0
    try:
        households, wealth = result.cross_section.lorenz()
    except Missing:
        if at is None or probabilities is None:
            raise Missing("it has neither wealth nor lorenz") from None
        households, wealth = np.r_[0, probabilities, 1], np.r_[0, at, 1]
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1)
    axes.fill_between(households, wealth, households, color=SKY, alpha=0.35, linewidth=0)
    axes.plot(households, wealth, color=BLUE)
    if at is not None:
        axes.plot(probabilities, at, "o", color=BLUE, markersize=3.5)
    axes.set(title="Lorenz curve", xlabel="households, from the poorest", ylabel="share of wealth", xlim=(0, 1), ylim=(min(0, np.nanmin(wealth)), 1))
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
    if result.is_empty("path_wealth"):
        raise Missing("it has no path_wealth (runs with --paths have)")
    paths = result.piece("path_wealth", slice(PATHS))
    step = numbers(result.file["step"]) if "step" in result.file else np.arange(paths.shape[1])
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
    """What each rank's cores did, as shares of the run's time: a bar per rank."""
    if "timing" not in result.file:
        raise Missing("it has no group /timing")
    timing = result.file["timing"]
    seconds = {phase: numbers(timing[phase]) for phase in PHASES if phase in timing and timing[phase].size}
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
    axes.set(title="Use of the cores" + (", by all scenarios" if result.row is not None else ""), xlabel="rank", ylabel=f"share of {elapsed:.3g} s", ylim=(0, 1.32))
    margin = max(0, 4 - ranks) / 2  # a bar alone is no wall
    axes.set_xlim(-0.6 - margin, ranks - 0.4 + margin)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
    percents(axes.yaxis)
    axes.grid(axis="x", visible=False)
    axes.xaxis.set_major_locator(MaxNLocator(16, integer=True) if ranks > 16 else FixedLocator(place))
    axes.legend(loc="upper right", ncol=3, columnspacing=0.8, handlelength=0.8, fontsize=7.5)


PICTURES = {
    "median": draw_median, "histogram": draw_histogram, "lorenz": draw_lorenz,
    "tail": draw_tail, "paths": draw_paths, "mobility": draw_mobility, "cores": draw_cores,
}  # fmt: skip

# Of several panels: a result gives a figure and a line on it.
FIGURES = {"statistics": statistics_figure, "quantities": quantities_figure, "groups": lambda result: groups_figure([result])}

# What only those runs have that were asked for it: the variable without which nothing is missed.
ASKED_FOR = {"mobility": "mobility", "quantities": "quantity", "groups": "group"}


def figure_of(name, result):
    """One picture by itself."""
    if name in FIGURES:
        figure, said = FIGURES[name](result)
        figure.suptitle(f"{headline(result)}\n{said}", fontsize=9)
    else:
        figure, ((axes,),) = panels_of(SINGLE)
        PICTURES[name](result, axes)
        figure.suptitle(headline(result), fontsize=8, color=GREY)
    return figure


def overview(result, names):
    """Some of the pictures of one panel, in one figure."""
    figure, panels = grid(len(names))
    for axes, name in zip(panels, names):
        PICTURES[name](result, axes)
    figure.suptitle(headline(result), fontsize=10)
    return figure


def draw_run(path, prefix, scenario=None):
    """All pictures of one result file, or of one scenario of it.
    @return the number of pictures; Unreadable, in the end, with a line for each that could not be drawn (see draw_each)"""
    result, faults = Result(path, scenario), []
    names = [name for name in (*PICTURES, *FIGURES) if ASKED_FOR.get(name, "period") in result.file]
    drawn = draw_each(path, prefix, {name: partial(figure_of, name, result) for name in names}, faults)
    single = [name for name in drawn if name in PICTURES]
    if single:
        draw_each(path, prefix, {"overview": partial(overview, result, single)}, faults)
    if faults:
        raise Unreadable("\n".join(faults))
    return len(drawn)
