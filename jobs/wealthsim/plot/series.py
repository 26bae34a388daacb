"""Pictures of statistics over the periods, with their errors: of one run, with the averages over time; and of what scenarios
differ in."""
import math
from collections import namedtuple

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator

from wealthsim.plot.look import (
    BLUE, COLOURS, GREEN, GREY, SKY, VERMILION, Missing, grid, legend_of_lines, number, panel_grid, percent, percents, student, thin,
    with_error,
)  # fmt: skip
from wealthsim.plot.result import PARETO_MOST

# name: a variable over period, at a place of its last dimension, if it has one; law: theory's attribute, or None.
Shown = namedtuple("Shown", "title name place law")


def shown_of(result, suffix=""):
    """The statistics that have a panel, of those that the file has: wealth's, or with a suffix what is of them."""
    top, middle = (nearest(result, *of) for of in (("top", 0.01), ("probability", 0.9)))
    wanted = [Shown("median", "median", None, None), Shown("mean", "mean", None, "theory_mean"), Shown("Gini coefficient", "gini", None, "theory_gini")]
    if middle is not None:
        wanted.append(Shown(f"{percent(middle)} quantile", "quantile", middle, None))
    if top is not None:
        wanted.append(Shown(f"share of the richest {percent(top)}", "top_share", top, None))
    if not result.attribute("theory_tail_index") > PARETO_MOST:
        wanted.append(Shown("tail index κ, Hill's estimate (top 1 %)", "hill", 0.01, "theory_tail_index"))
    return [each for each in wanted if result.series(each.name + suffix, each.place) is not None]


def nearest(result, dimension, x):
    """The value of a dimension that is nearest to x; None where there is none."""
    values = result.find(dimension)
    return None if values is None else float(values[np.abs(values - x).argmin()])


def draw_series(axes, period, values, ends, colour, band, label=None):
    """A line and its 95 % band; few points are marked, one is a point with a bar."""
    if len(period) == 1:
        axes.errorbar(period, values, np.abs([values - ends[0], ends[1] - values]), fmt="o", color=colour, capsize=3, label=label)
        return
    period, values, low, high = thin(period, values, *ends)
    axes.fill_between(period, low, high, color=band, alpha=0.35, linewidth=0)
    axes.plot(period, values, "-o" if len(period) < 15 else "-", markersize=3, color=colour, linewidth=1, label=label)


# ---- of one run ------------------------------------------------------------------------------------------------


def statistics_figure(result):
    """Statistics of wealth over the periods; of a run that averages over time, after the period from which on it does, and the
    averages."""
    shown = shown_of(result)
    start = average_from(result)
    after = result.period > start if start is not None else np.full(len(result.period), True)
    if np.count_nonzero(after) < 2 or not shown:
        raise Missing("it has not two records to go from one to the other (runs with --record-every have more)")
    figure, panels = grid(len(shown))
    for axes, each in zip(panels, shown):
        values = result.series(each.name, each.place)
        draw_series(axes, result.period[after], values[after], [end[after] for end in result.interval(each.name, each.place)], BLUE, SKY)
        draw_law(axes, result, each)
        if start is not None:
            draw_average(axes, result, each, start)
        axes.set(title=each.title, xlabel="period")
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        if each.name == "top_share":
            percents(axes.yaxis)
        if axes.get_legend_handles_labels()[0]:
            axes.margins(y=0.2)
            axes.legend(loc="best")
    if start is None:
        return figure, "bands: 95 % intervals"
    return figure, f"records after period {start:,}, and their averages with errors by batch means; bands: 95 % intervals"


def average_from(result):
    """The period after which records are averaged over; None where none are."""
    start = result.attribute("average-from")
    return int(start) if start >= 0 and "median_average" in result.file else None


def draw_law(axes, result, shown):
    """Theory, where it is within reach of what is shown."""
    law = result.attribute(shown.law) if shown.law else result.at_probability("stationary_quantile", shown.place or 0.5)
    if shown.name == "top_share" or not math.isfinite(law):
        return
    low, high = axes.get_ylim()
    if low - (high - low) < law < high + (high - low):
        axes.axhline(law, color=VERMILION, linestyle="--", linewidth=1, label=f"theory: {number(law)}")


def draw_average(axes, result, shown, start):
    """A line from the period on that it is of, and its interval."""
    average, error, batches = (result.series(f"{shown.name}_average{end}", shown.place) for end in ("", "_error", "_batches"))
    if average is None:
        return
    places, average, error = [start, result.period[-1]], float(average), math.nan if error is None else float(error)
    said = f"{with_error(100 * average, 100 * error)} %" if shown.name == "top_share" else with_error(average, error)
    axes.plot(places, [average] * 2, color=GREEN, label=f"average: {said}")
    if math.isfinite(error) and batches is not None:
        half = student(float(batches) - 1) * error
        axes.fill_between(places, average - half, average + half, color=GREEN, alpha=0.3, linewidth=0)


# ---- of scenarios ----------------------------------------------------------------------------------------------


def differences_figure(results, labels):
    """What some scenarios' statistics are above those of scenario 0, over the periods, each with its band: of a change in a
    parameter, the responses to it. Of one period, the differences by scenario."""
    shown = shown_of(results[0], "_difference")
    if not shown:
        raise Missing("it has no differences between scenarios (--error-groups 0, or a population without parts)")
    figure, panels, below = panel_grid(len(shown), True)
    for axes, each in zip(panels, shown):
        axes.axhline(0, color=GREY, linewidth=0.8)
        for i, result in enumerate(results):
            name = f"{each.name}_difference"
            values, ends = result.series(name, each.place), result.interval(name, each.place)
            if values is not None:
                place = result.period if len(result.period) > 1 else np.array([result.scenario])
                draw_series(axes, place, values, ends, COLOURS[i], COLOURS[i])
        axes.set(title=each.title, xlabel="period" if len(results[0].period) > 1 else "scenario")
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        if each.name == "top_share":
            axes.yaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{100 * x:.6g} pp"))
    legend_of_lines(below, labels, "-")
    return figure, "differences from scenario 0, on the same shocks; bands: 95 % intervals"
