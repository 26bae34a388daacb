"""What of a sweep's table a picture shows: which rows, as lines, as points or in a plane, and what it does not show."""
import math
from dataclasses import dataclass, field

import numpy as np

from wealthsim.foreign import Unreadable
from wealthsim.plot.look import COLOURS
from wealthsim.plot.table import said

MOST = len(COLOURS)  # lines that can be told apart


@dataclass
class View:
    """lines {label: rows, ascending in x}, one without a label; or, without lines, rows as points whose colour is the parameter y;
    or a plane of x and y, in which the rows are a grid or scattered. scale_x, scale_y: linear or log. notes: what is not shown, or
    shown of many."""

    x: str
    rows: np.ndarray
    y: str = ""
    lines: dict = field(default_factory=dict)
    in_plane: bool = False
    is_grid: bool = False
    scale_x: str = "linear"
    scale_y: str = "linear"
    notes: list = field(default_factory=list)


def view_of(table, against=None):
    """What to show of a table; against: see chosen."""
    view = chosen(table, against)
    view.scale_x, view.scale_y = scale_of(table, view.x), scale_of(table, view.y)
    return view


def scale_of(table, name):
    """Of an axis: logarithmic where a parameter's values are spaced more evenly on that."""
    if not name or not table.is_of_numbers(name):
        return "linear"
    x = np.array([value for value in table.values[name] if value == value])
    if len(x) < 3 or x[0] <= 0 or x[-1] < 20 * x[0]:
        return "linear"
    steps, factors = np.diff(x), np.diff(np.log(x))
    return "log" if factors.std() / factors.mean() < steps.std() / steps.mean() else "linear"


def chosen(table, against):
    """against: a parameter, two with a comma between them, or None: the parameter with the most values whose lines are few, else
    the plane of the two with the most."""
    if not table.differ:
        raise Unreadable(f"{table.path}: no parameter differs between its runs: there is nothing to draw against")
    names = [name.strip() for name in against.split(",")] if against else []
    if len(names) > 2 or len(set(names)) < len(names) or not set(names) <= set(table.differ):
        raise Unreadable(f"{table.path}: --against {against}: what differs between its runs is {', '.join(table.differ)}")
    everything = np.arange(table.n)
    if len(names) == 2:
        return view_of_two(table, *names)
    if names:
        return view_of_one(table, names[0], everything)
    candidates = [name for name in table.differ if name != "seed"] or table.differ
    # Texts last. Values that are nearly all different are as many as any.
    candidates = sorted(candidates, key=lambda name: (not table.is_of_numbers(name), -min(len(table.values[name]), table.n // 2)))
    few = [name for name in candidates if len(groups(table, others(table, name), everything)) <= MOST]
    if not few and len(candidates) > 1 and all(map(table.is_of_numbers, candidates[:2])):
        return view_of_two(table, *sorted(candidates[:2], key=table.differ.index))
    return view_of_one(table, (few or candidates)[0], everything)


def others(table, *shown):
    return [name for name in table.differ if name not in (*shown, "seed")]


def groups(table, names, rows):
    """{values of these parameters: rows that have them}, ascending."""
    found = {}
    for row in rows:
        values = [table.columns[name][row].item() for name in names]
        found.setdefault(tuple(value if value == value else math.nan for value in values), []).append(row)
    return {key: np.array(found[key]) for key in sorted(found, key=lambda key: [(x != x, x) for x in key])}


def ascending(table, x, rows):
    return rows[np.argsort(table.columns[x][rows], kind="stable")]


def label_of(names, values):
    return ", ".join(said(name, value) for name, value in zip(names, values))


def view_of_one(table, x, rows, notes=(), names=None):
    """Lines, one for each value of the other parameters. Of too many, those for the parameter with the fewest values, the rest
    being as in slice_of; of still too many, some, where each has several points; else points."""
    names = others(table, x) if names is None else names
    found = groups(table, names, rows)
    if len(found) > MOST and len(names) > 1:
        second = min(names, key=lambda name: len(table.values[name]))
        part, said_of_it = slice_of(table, [name for name in names if name != second])
        if len(part) < len(rows):
            return view_of_one(table, x, part, said_of_it, [second])
    view = View(x, rows, notes=[*notes])
    if len(found) > MOST:
        if np.median([len(np.unique(table.columns[x][part])) for part in found.values()]) < 3:
            return points_of(table, view, names)
        keys = list(found)
        some = np.unique(np.linspace(0, len(keys) - 1, MOST).round().astype(int))
        view.notes.append(f"{len(some)} of {len(keys)} {'values' if len(names) == 1 else 'combinations'} of {', '.join(names)} are shown")
        found = {keys[i]: found[keys[i]] for i in some}
    view.lines = {label_of(names, key): ascending(table, x, part) for key, part in found.items()}
    return view


def points_of(table, view, names):
    """Points that no line joins; the colour is another parameter."""
    numeric = [name for name in names if table.is_of_numbers(name)]
    view.y = numeric[0] if numeric else ""
    view.notes += not_shown(table, [name for name in names if name != view.y])
    return view


def view_of_two(table, x, y):
    """A plane, where the rows are a grid, or too scattered for lines; else a line for each value of y."""
    rows, notes = slice_of(table, others(table, x, y))
    if table.is_of_numbers(x) and table.is_of_numbers(y):
        if is_grid(table, x, y, rows):
            return View(x, rows, y, in_plane=True, is_grid=True, notes=notes)
        view = view_of_one(table, x, rows, notes, names=[y])
        return view if view.lines else View(x, rows, y, in_plane=True, notes=notes)
    return view_of_one(table, x, rows, notes, names=[y])


def slice_of(table, names):
    """The rows in which the parameters that are not shown have the values in their middle; of rows that are no product of
    parameters, all. And a note of it."""
    everything = np.arange(table.n)
    found = groups(table, names, everything)
    if len(found) == 1:
        return everything, []
    keys = list(found)
    middle = keys[(len(keys) - 1) // 2]
    if len(found[middle]) < 4:
        return everything, not_shown(table, names)
    return found[middle], [f"{label_of(names, middle)}: one of {len(keys)} {'values' if len(names) == 1 else 'combinations'}"]


def not_shown(table, names):
    """In words, what differs besides."""
    return [f"not shown: {', '.join(f'{name} ({range_of(table, name)})' for name in names)}"] if names else []


def range_of(table, name):
    values = [value for value in table.values[name] if value == value]
    if table.is_of_numbers(name) and len(values) > 1:
        return f"{values[0]:.3g} to {values[-1]:.3g}"
    return f"{len(table.values[name])} values"


def is_grid(table, x, y, rows):
    """Whether every value of x occurs with every value of y."""
    pairs = {(table.columns[x][row], table.columns[y][row]) for row in rows}
    xs, ys = ({pair[i] for pair in pairs} for i in (0, 1))
    return not any(math.isnan(v) for v in (*xs, *ys)) and min(len(xs), len(ys)) > 1 and len(pairs) == len(xs) * len(ys)
