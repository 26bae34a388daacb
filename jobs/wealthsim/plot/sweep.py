"""Pictures of a sweep: statistics against a parameter, from a table made by collect.py."""
import csv
import math
from pathlib import Path

import numpy as np

from wealthsim.foreign import Unreadable, attribute, dimension_of, kind_of, open_hdf5, plain, printable
from wealthsim.plot.look import COLOURS, MARKERS, grid, percent, plain_log, plt, save
from wealthsim.plot.result import PARETO_MOST


def is_netcdf_table(path):
    """Whether an HDF5 file is a table of collect.py."""
    with open_hdf5(path) as file:
        return "columns" in file.attrs and "file" in file


def read_table(path):
    """A collected sweep as {column: array}, a value per run: that of its last period. And the parameters that differ."""
    columns = read_netcdf(path) if kind_of(path) == "hdf5" else read_csv(path)
    names = list(columns)
    if "period" not in columns or "file" not in columns:
        raise Unreadable(f"{path}: not a table of jobs/collect.py: it lacks the columns 'file' and 'period'")
    parameters = names[names.index("file") + 1 : names.index("period")]
    return columns, [name for name in parameters if len(np.unique(columns[name])) > 1]


def as_numbers(texts):
    try:
        return np.array([float(text) for text in texts])
    except ValueError:
        return np.array(texts)


def read_csv(path):
    try:
        with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
            rows = list(csv.DictReader(file))
    except (OSError, csv.Error) as error:
        raise Unreadable(f"{path}: neither HDF5 nor a table of jobs/collect.py: {error}") from None
    if not rows or "file" not in rows[0]:
        raise Unreadable(f"{path}: neither HDF5 nor a table of jobs/collect.py: it has no {'column file' if rows else 'rows'}")
    if any(None in row or None in row.values() for row in rows):
        raise Unreadable(f"{path}: its rows are not all as long as its header")
    return {name: as_numbers([row[name] for row in last_of_each(rows)]) for name in rows[0]}


def last_of_each(rows):
    """Of a table of all periods, the last row of each file."""
    last = {}
    for row in rows:
        last[row["file"]] = row
    return list(last.values())


def read_netcdf(path):
    """Variables over run, and those over run and another dimension as a column for each of its values. Of a table with a
    dimension period, the values at each run's last."""
    columns = {}
    with open_hdf5(path) as file:
        last = None
        if "last_period" in file:
            last = np.searchsorted(file["period"][()], file["last_period"][()])
        for name in str(attribute(file, "columns", "")).split():
            data = file[name]
            values, over = data[()], [dimension_of(data, i) for i in range(data.ndim)]
            if values.dtype.kind in "SO":
                values = np.array([plain(value) for value in values.ravel()])
            if over[1:2] == ["period"]:
                values, over = values[np.arange(len(values)), last], over[:1] + over[2:]
            if values.ndim == 1:
                columns["period" if name == "last_period" else name] = values
            else:
                columns.update({f"{name}_{x:g}": values[:, i] for i, x in enumerate(file[over[1]][()])})
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
    figure.suptitle(f"{printable(Path(path).name)}: {len(columns['file'])} runs", fontsize=10)
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
