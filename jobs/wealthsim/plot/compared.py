"""Pictures of a file of many scenarios: statistics against a parameter, what they differ in over time, and their groups."""
from functools import partial

import numpy as np

from wealthsim.foreign import Unreadable
from wealthsim.plot.look import COLOURS, Missing, draw_each
from wealthsim.plot.profiles import groups_figure
from wealthsim.plot.result import Result
from wealthsim.plot.series import differences_figure
from wealthsim.plot.sweep import sweep_figures
from wealthsim.plot.table import read_table, said

MOST = len(COLOURS)  # scenarios that can be told apart

# name: a function of results and their labels, the variable without which there is no such picture, and the first scenario in it.
FIGURES = {"differences": (differences_figure, "median_difference", 1), "groups": (groups_figure, "group", 0)}


def draw_scenarios(path, prefix, against=None):
    """All pictures of a file of scenarios. @return the number of pictures; Unreadable as of draw_run"""
    table, faults, file = read_table(path), [], Result(path, 0).file
    figures = {name: partial(scenarios_figure, table, name) for name, (_, variable, _) in FIGURES.items() if variable in file}
    drawn = draw_each(path, prefix, {**sweep_figures(table, against), **figures}, faults)
    if faults:
        raise Unreadable("\n".join(faults))
    return len(drawn)


def scenarios_figure(table, name):
    """One picture of at most MOST scenarios, evenly among them, of the file that the table is of."""
    make, _, first = FIGURES[name]
    if "scenario" not in table.columns:
        raise Missing("it has no scenarios")
    scenarios = table.columns["scenario"][first:].astype(int)
    some = scenarios[np.unique(np.linspace(0, len(scenarios) - 1, MOST).round().astype(int))]
    results = [Result(table.path, scenario) for scenario in some]
    figure, notes = make(results, [label_of(table, scenario) for scenario in some])
    head, constants = table.title()
    left_out = f"; {len(some)} of {len(scenarios)} scenarios are shown" if len(some) < len(scenarios) else ""
    figure.suptitle("\n".join(filter(None, (head, constants, notes + left_out))), fontsize=9)
    return figure


def label_of(table, scenario):
    """The number, and what differs."""
    row = table.columns["scenario"].tolist().index(scenario)
    return ", ".join([f"scenario {scenario}", *(said(name, table.columns[name][row].item()) for name in table.differ)])
