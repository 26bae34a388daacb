"""Pictures of a sweep: statistics against a parameter or two, with their error bars, beside theory where it is known."""
import re
from collections import namedtuple
from functools import partial
from pathlib import Path

import numpy as np
from matplotlib.lines import Line2D

from wealthsim.foreign import Unreadable
from wealthsim.plot.look import (
    COLOURS, GREY, MARKERS, NO_TAIL, Missing, draw_each, in_words, legend_of_lines, map_colours, note, panel_grid, percent, percents, plain_log,
)  # fmt: skip
from wealthsim.plot.plane import draw_plane
from wealthsim.plot.result import PARETO_MOST
from wealthsim.plot.theories import closed_form, curve
from wealthsim.plot.views import view_of

BARS = 60  # points of a line that have bars; more have a band
QUANTITIES = len(COLOURS)  # shown at most
QUANTITIES_APART = 4  # shown at most where each has panels of its own

# bounds: columns of the interval's ends, or the column of the standard error; law: theory's column; of: what a line is of.
Line = namedtuple("Line", "name bounds law of")
# how: "" (linear, or logarithmic over decades), "linear", "log" or "percent"; unit: of the vertical axis
Panel = namedtuple("Panel", "title errors lines how unit")


def draw_sweep(table, prefix, against=None):
    """All pictures of a table. @return the number of pictures; Unreadable as of draw_run"""
    faults = []
    drawn = draw_each(table.path, prefix, sweep_figures(table, against), faults)
    if faults:
        raise Unreadable("\n".join(faults))
    return len(drawn)


def sweep_figures(table, against=None):
    """{name: what makes the figure}: of the last period, of the averages over time and of other quantities than wealth, if it has
    any. Unreadable where there is nothing to draw against."""
    view_of(table, against)
    there = ["sweep", *(name for name in ("averages", "quantities") if PANELS[name](table, False))]
    return {name: partial(sweep_figure, table, against, name) for name in there}


def sweep_figure(table, against=None, name="sweep"):
    """A picture of a Table, by its name; against: see view_of."""
    view = view_of(table, against)
    panels = PANELS[name](table, view.in_plane or len(view.lines) != 1)
    if not panels:
        raise Missing(f"it has none of the {'statistics' if name == 'sweep' else name} that can be drawn")
    figure, all_axes, below = panel_grid(len(panels), len(view.lines) > 1)
    for axes, panel in zip(all_axes, panels):
        if view.in_plane:
            draw_plane(axes, table, view, panel)
        else:
            draw_panel(axes, table, view, panel)
    if len(view.lines) > 1:
        legend_of_lines(below, list(view.lines), "-" if table.is_of_numbers(view.x) else "")
    head, constants = table.title()
    has_theory = any(getattr(axes, "has_theory", False) for axes in all_axes)
    notes = ["averages over time"] * (name == "averages") + quantities_left_out(table, panels) * (name == "quantities") + view.notes
    notes += ["contours of the simulation white, of theory dashed"] * has_theory
    figure.suptitle("\n".join(filter(None, (head, constants, "; ".join(notes)))), fontsize=9)
    return figure


def panels_of_table(table, several):
    """What there is to show; where there are several lines, or a plane, one statistic a panel."""
    panels = wealth_panels(table, several)
    moves = [Line("mobility_shorrocks", None, None, "Shorrocks's index"), Line("mobility_rank_correlation", None, None, "rank correlation")]
    panels.append(Panel("mobility, Shorrocks's index" if several else "mobility", "", moves[: 1 if several else 2], "linear", ""))
    return with_columns(table, panels)


def panels_of_averages(table, several):
    """The same of averages over time, with their standard errors by batch means."""
    def average(line):
        name, place = re.fullmatch(r"(\D+?)((?:_[0-9].*)?)", line.name).groups()
        return line._replace(name=f"{name}_average{place}", bounds=f"{name}_average_error{place}")

    panels = [panel._replace(lines=[average(line) for line in panel.lines], errors=" ± 2 standard errors") for panel in wealth_panels(table, several)]
    return with_columns(table, panels)


def panels_of_quantities(table, several):
    """Of each quantity the mean; Gini coefficients, and the correlations with wealth, of all in one panel where there is one line,
    else in panels of their own. None where wealth is the only one."""
    names = ["wealth", *table.quantities][: QUANTITIES_APART if several else QUANTITIES]
    if len(names) < 2:
        return []

    def lines(statistic, error):
        prefixes = ["" if name == "wealth" else f"{name}_" for name in names]
        return [Line(prefix + statistic, prefix + error, None, name) for prefix, name in zip(prefixes, names)]

    means, errors = lines("mean", "mean_error"), " ± 2 standard errors"
    wealth, *others = lines("gini", "gini_error")
    ginis = [*others, wealth]  # wealth last, for a quantity to have one colour in both panels
    correlations = lines("correlation_with_wealth", "correlation_with_wealth_error")[1:]
    panels = [Panel(f"mean of {line.of}", errors, [line], "", "") for line in means]
    for title, found in ("Gini coefficient", ginis), ("correlation with wealth", correlations):
        apart = [Panel(f"{title} of {line.of}" if line in ginis else f"{line.of}: {title}", errors, [line], "linear", "") for line in found]
        panels += apart if several else [Panel(title, errors, found, "linear", "")]
    return with_columns(table, panels)


def quantities_left_out(table, panels):
    """In words, where not all are shown."""
    n, shown = 1 + len(table.quantities), sum(panel.title.startswith("mean of ") for panel in panels)
    return [f"{shown} of {n} quantities are shown"] * (shown < n)


def with_columns(table, panels):
    """Of the panels' lines those that the table has."""
    there = [panel._replace(lines=[line for line in panel.lines if table.has(line.name)]) for panel in panels]
    return [panel for panel in there if panel.lines]


def wealth_panels(table, several):
    """The statistics of wealth."""
    quantiles = shown_of(table.places("quantile"), ["0.9"] if several else ["0.1", "0.5", "0.9", "0.99"])
    tops = shown_of(table.places("top_share"), ["0.01"] if several else ["0.1", "0.01", "0.001"])
    one_quantile = f"{percent(float(quantiles[0]))} quantile" if len(quantiles) == 1 else "quantiles"
    one_top = f"share of the richest {percent(float(tops[0]))}" if len(tops) == 1 else "share of the richest"
    return [
        Panel("median", ", 95 % interval", [Line("median", ("median_low", "median_high"), "stationary_quantile_0.5", "")], "", "wealth"),
        Panel("mean", " ± 2 standard errors", [Line("mean", "mean_error", "theory_mean", "")], "", "wealth"),
        Panel(one_quantile, f", 95 % interval{'s' * (len(quantiles) > 1)}", [
            Line(f"quantile_{q}", (f"quantile_low_{q}", f"quantile_high_{q}"), f"stationary_quantile_{q}", percent(float(q))) for q in quantiles],
            "log", "wealth"),
        Panel("Gini coefficient", " ± 2 standard errors", [Line("gini", "gini_error", "theory_gini", "")], "", ""),
        Panel(one_top, " ± 2 standard errors", [Line(f"top_share_{t}", f"top_share_error_{t}", None, percent(float(t))) for t in tops], "percent", "of all wealth"),
        Panel("tail index κ, Hill's estimate (top 1 %)", "", [Line("hill_0.01", "hill_error_0.01", "theory_tail_index", "")], "log", ""),
    ]  # fmt: skip


def shown_of(places, wanted):
    """Those that are wanted, else as many of what there is."""
    found = [x for x in wanted if x in places]
    if found or not places:
        return found
    return [places[i] for i in np.unique(np.linspace(0, len(places) - 1, len(wanted)).round().astype(int))]


# name: the panels of a table that it has; where there are several lines, or a plane, one statistic a panel.
PANELS = {"sweep": panels_of_table, "averages": panels_of_averages, "quantities": panels_of_quantities}


# ---- lines, or points ------------------------------------------------------------------------------------------


def draw_panel(axes, table, view, panel):
    if panel.how == "log" or spans_decades(table, panel, view.rows):
        axes.set_yscale("log")
    place, has_bars = places_on_axis(axes, table, view), False
    if view.lines:
        for i, rows in enumerate(view.lines.values()):
            for j, line in enumerate(panel.lines):
                has_bars |= draw_line(axes, table, view, place, line, rows, j if len(view.lines) == 1 else i)
    else:
        has_bars = draw_points(axes, table, place, view, panel.lines[0])
    if any(is_estimate(table, line, view.rows).any() for line in panel.lines):
        draw_theory(axes, table, view, panel, place)
    else:
        note(axes, NO_TAIL, x=0.5, y=0.5, ha="center")
        axes.yaxis.set_visible(False)
    axes.set(title=panel.title + panel.errors * has_bars, xlabel=in_words(view.x), ylabel=panel.unit)
    for axis in axes.xaxis, axes.yaxis:
        if axis.get_scale() == "log":
            plain_log(axis)
    if panel.how == "percent":
        percents(axes.yaxis)
    legend_of_panel(axes, view, panel)


def places_on_axis(axes, table, view):
    """Each row's place on the horizontal axis: texts have a place each, with their names below."""
    values = table.columns[view.x]
    if not table.is_of_numbers(view.x):
        names = table.values[view.x]
        axes.set_xticks(range(len(names)))
        axes.set_xticklabels([Path(name).name or "-" for name in names], rotation=0 if len(names) < 4 else 30, fontsize=8)
        axes.set_xlim(-0.5, len(names) - 0.5)
        return np.array([names.index(value) for value in values.tolist()], float)
    axes.set_xscale(view.scale_x)
    if view.scale_x == "linear":
        axes.locator_params(axis="x", nbins=6)
    return values


def spans_decades(table, panel, rows):
    values = np.concatenate([table.columns[line.name][rows] for line in panel.lines])
    values = values[np.isfinite(values)]
    return panel.how == "" and values.size > 0 and values.min() > 0 and values.max() > 30 * values.min()


def is_estimate(table, line, rows):
    """Of Hill's estimate: whether there is a tail to be estimated."""
    if line.law != "theory_tail_index" or not table.has(line.law):
        return np.full(len(rows), True)
    return table.columns[line.law][rows] <= PARETO_MOST


def interval(table, line, rows):
    """Distances down and up from the value to the interval's ends; nan where there is none. Or None."""
    values, bounds = table.columns[line.name][rows], line.bounds
    if isinstance(bounds, tuple) and all(map(table.has, bounds)):
        return np.abs([values - table.columns[bounds[0]][rows], table.columns[bounds[1]][rows] - values])
    if isinstance(bounds, str) and table.has(bounds):
        return 2 * np.array([table.columns[bounds][rows]] * 2)
    return None


def kept(table, place, line, rows):
    """Of the rows those that a line has a value of: (rows, x, y, distances to the interval's ends or None)."""
    x, y = place[rows], table.columns[line.name][rows]
    keep = np.isfinite(x) & np.isfinite(y) & is_estimate(table, line, rows)
    distances = interval(table, line, rows[keep]) if keep.any() else None
    if distances is not None:
        distances = np.where(np.isfinite(distances), distances, 0) if np.isfinite(distances).any() else None
    return rows[keep], x[keep], y[keep], distances


def draw_line(axes, table, view, place, line, rows, k):
    """Points with their bars, joined where theory draws no curve, and numbers are in an order; many, a line with a band.
    @return whether it has bars or a band"""
    rows, x, y, distances = kept(table, place, line, rows)
    if not x.size:
        return False
    colour, few, has_bars = COLOURS[k], len(x) <= BARS, distances is not None
    options = {"color": colour, "linewidth": 1}
    if few and has_bars:
        axes.errorbar(x, y, distances, fmt="none", capsize=2.5, **options)
    elif has_bars:
        axes.fill_between(x, y - distances[0], y + distances[1], color=colour, alpha=0.25, linewidth=0)
    axes.plot(x, y, MARKERS[k] if few else "", markersize=4, label=line.of or None, **options)
    if not few or table.is_of_numbers(view.x) and closed_form(table, line.law, rows) is None:
        axes.plot(*middles(x, y), **options)
    return has_bars


def middles(x, y):
    """Of several values in one place, as of runs that differ in their seed, the mean."""
    places, which, counts = np.unique(x, return_inverse=True, return_counts=True)
    return places, np.bincount(which, weights=y) / counts


def draw_points(axes, table, place, view, line):
    """Points whose colour is another parameter. @return whether they have bars"""
    rows, x, y, distances = kept(table, place, line, view.rows)
    if not x.size:
        return False
    few = len(x) <= BARS and distances is not None
    if few:
        axes.errorbar(x, y, distances, fmt="none", color=GREY, linewidth=0.7)
    if not view.y:
        axes.plot(x, y, "o", color=COLOURS[0], markersize=3)
        return few
    dots = axes.scatter(x, y, c=table.columns[view.y][rows], s=12 if len(x) <= 300 else 5, cmap=map_colours(), zorder=2)
    axes.figure.colorbar(dots, ax=axes).set_label(view.y)
    return few


# ---- theory ----------------------------------------------------------------------------------------------------


def draw_theory(axes, table, view, panel, place):
    """Where it has a closed form, as a curve of many points; else, as the file has it, a dash in each row. They do not change what
    the axes show but by a little: where a moment ends, theory has no end."""
    shown = axes.get_ylim()
    for line in panel.lines:
        for rows, colour in zip(view.lines.values(), COLOURS if len(view.lines) > 1 else ["black"]):
            law = closed_form(table, line.law, rows)
            if law is not None and table.is_of_numbers(view.x):
                x, y = curve(lambda fine: law({view.x: fine}), table.columns[view.x][rows], view.scale_x)
                axes.plot(x, y, "--", color=colour, linewidth=1, zorder=1)
            elif line.law and table.has(line.law):
                y = table.columns[line.law][rows]
                keep = np.isfinite(place[rows]) & np.isfinite(y)
                if line.law == "theory_tail_index":
                    keep &= y <= PARETO_MOST
                axes.plot(place[rows][keep], y[keep], "_", color="black", markersize=9, markeredgewidth=1.1, zorder=3)
    limit(axes, shown, panel)


def limit(axes, shown, panel):
    """The vertical axis: what the simulation shows, and of theory a third of that more; no more of a tail index than makes a
    tail."""
    log = axes.get_yscale() == "log"
    low, high = np.log(shown) if log else shown
    new_low, new_high = np.log(axes.get_ylim()) if log else axes.get_ylim()
    reach = (high - low) / 3
    ends = max(new_low, low - reach), min(new_high, high + reach)
    axes.set_ylim(np.exp(ends) if log else ends)
    if panel.lines[0].law == "theory_tail_index" and axes.get_ylim()[1] > 2 * PARETO_MOST:
        axes.set_ylim(top=2 * PARETO_MOST)  # beyond, there is no Pareto tail to speak of


# ---- legends ---------------------------------------------------------------------------------------------------


def handles_of_theory(axes):
    """What stands for theory in a legend, of what was drawn."""
    curves = any(line.get_linestyle() == "--" and np.isfinite(line.get_ydata()).any() for line in axes.lines)
    dashes = any(line.get_marker() == "_" and line.get_color() == "black" and len(line.get_xdata()) for line in axes.lines)
    return [Line2D([], [], color="black", linestyle="--", linewidth=1, label="theory")] * curves + [
        Line2D([], [], color="black", marker="_", linestyle="", markersize=9, label="theory, row by row")] * dashes  # fmt: skip


def legend_of_panel(axes, view, panel):
    """Of a single line what it is; of several what is theory alone."""
    handles = axes.get_legend_handles_labels()[0] if len(panel.lines) > 1 else []
    handles = handles + handles_of_theory(axes)
    if handles:
        axes.legend(handles=handles, loc="best")
