"""Pictures of what a population is made of: its groups (by age, say), of one run or of scenarios; and its quantities."""
import math

import numpy as np

from wealthsim.plot.look import (
    BLUE, COLOURS, GREEN, GREY, MARKERS, ORANGE, Missing, grid, legend_of_lines, panel_grid, percent, percents, plain_log,
)  # fmt: skip
from wealthsim.plot.series import nearest

QUANTILES = 0.1, 0.25, 0.75, 0.9  # of which those that the file has are shown
QUANTITIES_MOST = 8


# ---- groups ----------------------------------------------------------------------------------------------------


class Profile:
    """A statistic of each group at the last recorded period, empty groups nan, with the ends of its interval."""

    def __init__(self, result, name, place=None):
        parts = [(result.series(name, place, group=g), result.interval(name, place, group=g)) for g in range(1, len(result.names("group")))]
        self.values = np.array([math.nan if values is None else values[-1] for values, _ in parts])
        self.low, self.high = (np.array([math.nan if values is None else ends[i][-1] for values, ends in parts]) for i in (0, 1))

    def draw(self, axes, place, i=0, **options):
        """Points, joined, with bars."""
        there = np.isfinite(self.values)
        if not there.any():  # a scenario whose model file tells no groups apart
            return
        bars = np.nan_to_num([self.values - self.low, self.high - self.values])[:, there].clip(min=0)
        axes.errorbar(place[there], self.values[there], bars, **{"color": COLOURS[i], "marker": MARKERS[i], "markersize": 3.5, "linewidth": 1, "capsize": 2, **options})


def groups_figure(results, labels=()):
    """The last cross-section group by group. Of one result the quantiles and shares too; of several, a line for each."""
    if len(results[0].names("group")) < 2:
        raise Missing("it has no groups (model files with a variable group have)")
    if len(results) == 1:
        figure, panels = grid(4)
    else:
        figure, panels, below = panel_grid(4, True)
        legend_of_lines(below, labels, "-")
    for axes, draw in zip(panels, (draw_quantiles, draw_mean, draw_gini, draw_shares)):
        place, ticks = places_of(results[0])
        for i, result in enumerate(results):
            draw(axes, result, place, i, alone=len(results) == 1)
        axes.set_xticks(place[ticks])
        axes.set_xticklabels(np.array(results[0].names("group")[1:])[ticks])
        axes.set(xlabel="group")
        if axes.get_legend_handles_labels()[0]:
            axes.legend(loc="best")
    return figure, f"by group, at period {results[0].period[-1]:,}; bars: 95 % intervals"


def places_of(result):
    """Where the groups are on the axis, by their labels, which are whole numbers; and which of them have theirs written."""
    place = np.array([float(label) for label in result.names("group")[1:]])
    return place, np.unique(np.linspace(0, len(place) - 1, 8).round().astype(int))


def draw_quantiles(axes, result, place, i, alone):
    """The median; of one result between shares of the households that are below."""
    if alone:
        known = result.find("probability")
        for colour, p, q in zip(("#CFE6F5", "#9CCBE8"), (0.1, 0.25), (0.9, 0.75)):
            if known is not None and {p, q} <= set(known):
                low, high = Profile(result, "quantile", p).values, Profile(result, "quantile", q).values
                axes.fill_between(place, low, high, color=colour, linewidth=0, label=f"{percent(p)} to {percent(q)}")
    Profile(result, "median").draw(axes, place, i, label="median" if alone else None)
    axes.set(title="wealth: median and quantiles" if alone else "median wealth")


def draw_mean(axes, result, place, i, alone):
    Profile(result, "mean").draw(axes, place, i)
    axes.set(title="mean wealth")


def draw_gini(axes, result, place, i, alone):
    Profile(result, "gini").draw(axes, place, i)
    axes.set(title="Gini coefficient within the group")


def draw_shares(axes, result, place, i, alone):
    """Of all wealth, beside those of the households."""
    shares, errors, households = wealth_shares(result)
    if alone:
        axes.plot(place, households, color=GREY, marker="_", linestyle="--", linewidth=1, label="of the households")
    if np.isfinite(shares).any():
        axes.errorbar(place, shares, 2 * np.nan_to_num(errors), color=COLOURS[i], marker=MARKERS[i], markersize=3.5, linewidth=1, capsize=2, label="of all wealth" if alone else None)
    axes.set(title="share of the groups" if alone else "share of all wealth")
    percents(axes.yaxis)


def wealth_shares(result):
    """Each group's share of all wealth, its standard error, and its share of the households. Groups are independent but for shocks
    to all: of p = a / (a + b), a group's wealth and the others', the variance is ((1 - p)² Var a + p² Var b) / (a + b)²."""
    groups = range(1, len(result.names("group")))
    n, mean, error = (np.array([last_of(result.find(name, group=g)) for g in groups]) for name in ("group_households", "mean", "mean_error"))
    if not np.nansum(n):
        return (np.full(len(n), math.nan),) * 3
    wealth, variance = np.nan_to_num(n * mean), (n * error) ** 2
    variance = np.where(n == 0, 0, variance)
    p = wealth / wealth.sum()
    others = variance.sum() - variance
    return p, np.sqrt((1 - p) ** 2 * variance + p**2 * others) / abs(wealth.sum()), n / n.sum()


def last_of(values):
    return math.nan if values is None else float(values[-1])


# ---- quantities ------------------------------------------------------------------------------------------------


def quantities_figure(result):
    """The last cross-section quantity by quantity: what they spread over, how unequal they are, and whether the wealthy have more."""
    names = result.names("quantity")[:QUANTITIES_MOST]
    if len(names) < 2:
        raise Missing("it has no quantities besides wealth (--outcomes says of which)")
    rows = np.arange(len(names))
    figure, panels = grid(4)
    for axes, draw in zip(panels, (draw_spreads, draw_ginis, draw_correlations)):
        draw(axes, result, rows)
        axes.set_yticks(rows)
        axes.set_yticklabels(names)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.grid(visible=False, axis="y")
    draw_curves(panels[3], result, names)
    return figure, f"quantities at period {result.period[-1]:,}; bars: 95 % intervals"


def at_end(result, name, place=None):
    """A statistic of each quantity at the last period, and the lengths of its interval's halves."""
    n = len(result.names("quantity")[:QUANTITIES_MOST])
    series = [(result.series(name, place, quantity=q), result.interval(name, place, quantity=q)) for q in range(n)]
    values = np.array([last_of(values) for values, _ in series])
    ends = np.array([[math.nan] * 2 if v is None else [v[-1] - ends[0][-1], ends[1][-1] - v[-1]] for v, ends in series])
    return values, np.nan_to_num(ends.T).clip(min=0)


def draw_spreads(axes, result, rows):
    """From a low quantile to a high one, with median and mean."""
    low, high = nearest(result, "probability", 0.1), nearest(result, "probability", 0.9)
    if low is not None and low < high:
        ends = [at_end(result, "quantile", p)[0] for p in (low, high)]
        axes.hlines(rows, *ends, color="#9CCBE8", linewidth=6, label=f"{percent(low)} to {percent(high)}")
        if np.nanmin(ends[0]) > 0 and np.nanmax(ends[1]) > 30 * np.nanmin(ends[0]):
            axes.set_xscale("log")
    for name, colour, marker in ("median", BLUE, "o"), ("mean", ORANGE, "D"):
        values, bars = at_end(result, name)
        axes.errorbar(values, rows, xerr=bars, fmt=marker, color=colour, markersize=4.5, capsize=2, label=name)
    if axes.get_xscale() == "log":
        plain_log(axes.xaxis)
    axes.set(title="median, mean and quantiles")
    axes.legend(loc="best")


def draw_ginis(axes, result, rows):
    values, bars = at_end(result, "gini")
    axes.errorbar(values, rows, xerr=bars, fmt="o", color=BLUE, markersize=4.5, capsize=2)
    axes.set(title="Gini coefficient")


def draw_correlations(axes, result, rows):
    values, _ = at_end(result, "correlation_with_wealth")
    axes.barh(rows, values, 0.5, color=[GREY] + [GREEN] * (len(rows) - 1))
    axes.axvline(0, color=GREY, linewidth=0.8)
    axes.set(title="correlation with wealth", xlim=(min(0, -1.05 * (np.nanmin(values) < 0)), 1.05))


def draw_curves(axes, result, names):
    """Lorenz curves, at the file's probabilities."""
    p = result.find("probability")
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1)
    for q, name in enumerate(names[: len(COLOURS)]):
        share = result.find("lorenz", quantity=q)
        if share is not None and p is not None and np.isfinite(share[-1]).all():
            axes.plot([0, *p, 1], [0, *share[-1], 1], color=COLOURS[q], marker=".", label=name)
    axes.set(title="Lorenz curves", xlabel="households, from the poorest", ylabel="share")
    percents(axes.xaxis)
    percents(axes.yaxis)
    axes.legend(loc="upper left")
