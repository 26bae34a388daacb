"""A statistic over two parameters: a map of a grid with its contours and theory's, or points with colours."""
import math

import numpy as np
from matplotlib.colors import LogNorm, Normalize
from matplotlib.ticker import FuncFormatter

from wealthsim.plot.look import NO_TAIL, in_words, map_colours, note, number, percent, plain_log
from wealthsim.plot.result import PARETO_MOST
from wealthsim.plot.theories import closed_form

FINE = 200  # points of theory's contours in each direction
DECADES = 1.3  # of positive values, from which colours are logarithmic


def draw_plane(axes, table, view, panel):
    """The panel's first statistic over view.x and view.y. In the map of a grid, contours of it, white, and of theory, where that
    has a closed form, dashed at the same values."""
    line = panel.lines[0]
    z = values_of(table, line, view.rows)
    norm = norm_of(z)
    x, y = (table.columns[name][view.rows] for name in (view.x, view.y))
    if view.is_grid:
        colours = draw_map(axes, table, view, panel, grid_of(x, y, z), norm)
    else:
        keep = np.isfinite(z)
        colours = axes.scatter(x[keep], y[keep], c=z[keep], cmap=map_colours(), norm=norm, s=16 if len(z) <= 300 else 5)
    axes.grid(visible=False)
    if not np.isfinite(z).any():
        note(axes, NO_TAIL)
    bar = axes.figure.colorbar(colours, ax=axes)
    if panel.how == "percent":
        ticks_in_percent(bar.ax.yaxis, norm)
    elif isinstance(norm, LogNorm):
        plain_log(bar.ax.yaxis)
    for axis, values in (axes.xaxis, x), (axes.yaxis, y):
        if axis.get_scale() == "log":
            plain_log(axis)
    axes.set(title=panel.title + largest_error(table, line, view.rows[np.isfinite(z)]), xlabel=in_words(view.x), ylabel=in_words(view.y))


def ticks_in_percent(axis, norm):
    axis.set_major_formatter(FuncFormatter(lambda x, _: percent(x)))
    if isinstance(norm, LogNorm):  # 2 % and 5 %, too
        axis.set_minor_formatter(FuncFormatter(lambda x, _: percent(x) if round(x / 10 ** math.floor(math.log10(x))) in (2, 5) else ""))


def values_of(table, line, rows):
    """nan for the estimate of a tail that is none."""
    z = np.where(np.isfinite(table.columns[line.name][rows]), table.columns[line.name][rows], math.nan)
    if line.law == "theory_tail_index" and table.has(line.law):
        z[~(table.columns[line.law][rows] <= PARETO_MOST)] = math.nan
    return z


def norm_of(z):
    z = z[np.isfinite(z)]
    if not z.size:
        return Normalize(0, 1)
    if z.min() > 0 and z.max() > z.min() * 10**DECADES:
        return LogNorm(z.min(), z.max())
    return Normalize(z.min(), z.max())


def grid_of(x, y, z):
    """(the values of x, of y, and z [y, x]); of several rows in one place, as of different seeds, the mean."""
    xs, i = np.unique(x, return_inverse=True)
    ys, j = np.unique(y, return_inverse=True)
    there = np.isfinite(z)
    counts, sums = np.zeros((len(ys), len(xs))), np.zeros((len(ys), len(xs)))
    np.add.at(counts, (j[there], i[there]), 1)
    np.add.at(sums, (j[there], i[there]), z[there])
    return xs, ys, np.ma.masked_array(sums / np.maximum(counts, 1), counts == 0)


def draw_map(axes, table, view, panel, grid, norm):
    xs, ys, z = grid
    edges = [edges_of(values, name == "log") for values, name in ((xs, view.scale_x), (ys, view.scale_y))]
    colours = axes.pcolormesh(*edges, z, cmap=map_colours(), norm=norm, linewidth=0, rasterized=True)
    axes.set_xscale(view.scale_x)
    axes.set_yscale(view.scale_y)
    levels = levels_of(norm)
    if min(z.shape) >= 3 and not z.mask.all() and levels:
        drawn = axes.contour(xs, ys, z, levels, colors="white", linewidths=0.8)
        axes.clabel(drawn, fmt=percent if panel.how == "percent" else number, fontsize=7)
        draw_theory(axes, table, view, panel.lines[0], edges, levels)
    return colours


def edges_of(centres, log):
    """The cells' edges, half-way between their centres."""
    c = np.log(centres) if log else centres
    middle = (c[1:] + c[:-1]) / 2
    edges = np.concatenate([[2 * c[0] - middle[0]], middle, [2 * c[-1] - middle[-1]]])
    return np.exp(edges) if log else edges


def levels_of(norm):
    """A few values between the ends, round on a linear scale as on a logarithmic one."""
    if isinstance(norm, LogNorm):
        low, high = math.log10(norm.vmin), math.log10(norm.vmax)
        decades = range(math.floor(low), math.ceil(high) + 1)
        steps = (1, 2, 5) if high - low < 2 else (1, 3) if high - low < 3.5 else (1,)
        levels = [step * 10.0**decade for decade in decades for step in steps]
    else:
        width = (norm.vmax - norm.vmin) / 5
        step = width and min((s * 10 ** math.floor(math.log10(width)) for s in (1, 2, 5, 10)), key=lambda s: abs(s - width))
        levels = [step * i for i in range(math.ceil(norm.vmin / step), math.floor(norm.vmax / step) + 1)] if step else []
    return [level for level in levels if norm.vmin < level < norm.vmax]


def draw_theory(axes, table, view, line, edges, levels):
    law = closed_form(table, line.law, view.rows)
    if law is None:
        return
    fine = [(np.geomspace if scale == "log" else np.linspace)(e[0], e[-1], FINE) for e, scale in zip(edges, (view.scale_x, view.scale_y))]
    z = law({view.x: fine[0][None, :], view.y: fine[1][:, None]})
    z = np.ma.masked_invalid(np.broadcast_to(z, (FINE, FINE)))
    if not z.mask.all() and z.min() < levels[-1] and z.max() > levels[0]:
        axes.contour(*fine, z, levels, colors="black", linewidths=0.8, linestyles="--")
        axes.has_theory = True


def largest_error(table, line, rows):
    """In a title, what colours cannot show: half the widest 95 % interval, or two of the largest standard error."""
    widths = np.empty(0)
    if isinstance(line.bounds, str) and table.has(line.bounds):
        widths = 2 * table.columns[line.bounds][rows]
    elif isinstance(line.bounds, tuple) and all(map(table.has, line.bounds)):
        widths = (table.columns[line.bounds[1]][rows] - table.columns[line.bounds[0]][rows]) / 2
    widths = widths[np.isfinite(widths)]
    return f", ± {number(float(f'{widths.max():.2g}'))} at most" if widths.size else ""
