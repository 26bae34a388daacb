"""A picture of a calibration: how near the targets are met, the objective along each parameter, where the search has been."""
from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.colors import LogNorm

from wealthsim.plot.look import BLUE, GREY, PANEL, VERMILION, note, number, panels_of, plain_log, with_error

SHOWN = 6  # parameters at most, each with a panel


def draw_fit(fit: Any) -> Any:
    """The figure of a `wealthsim.calibration.Calibration`."""
    names = list(fit.estimates)
    n = 1 + len(names[:SHOWN]) + (len(names) > 1)
    columns = 2 if n in (2, 4) else 3
    rows = -(-n // columns)
    figure, panels = panels_of((PANEL[0] * columns, PANEL[1] * rows + 0.3), rows, columns)
    panels, beyond = panels.flat[:n], panels.flat[n:]
    for axes in beyond:
        axes.set_visible(False)
    draw_targets(panels[0], fit)
    for axes, name in zip(panels[1:], names[:SHOWN]):
        draw_slice(axes, fit, name)
    if len(names) > 1:
        draw_search(panels[-1], fit, *names[:2])
        bar = figure.colorbar(panels[-1].collections[0], ax=panels[-1], label="objective", pad=0.02)
        plain_log(bar.ax.yaxis)
    of = "parameters" if len(names) > 1 else "parameter"
    size = "".join(f"{fit.size[name]:,} {name}, " for name in fit.size)
    figure.suptitle(f"calibration of {len(names)} {of} to {len(fit.targets)} target{'s' * (len(fit.targets) > 1)}: {size}seed {fit.seed}", fontsize=10)
    return figure


def draw_targets(axes: Any, fit: Any) -> None:
    """Each target a row: fitted and its simulation error about the target and its error, in standard errors of both."""
    for row, name in enumerate(fit.targets):
        data, simulated = fit.target_errors[name], fit.fitted_errors[name]
        unit = math.hypot(data, simulated) or max(abs(fit.targets[name]), 1e-300)
        axes.errorbar(fit.residuals[name] / unit, row, xerr=2 * simulated / unit, fmt="o", color=BLUE, markersize=5, capsize=3,
                      label="fitted ± 2 errors" if row == 0 else None)  # fmt: skip
        axes.errorbar(0, row + 0.12, xerr=2 * data / unit if data else None, fmt="|", color=VERMILION, markersize=8, capsize=3,
                      label="target" + " ± 2 errors" * bool(data) if row == 0 else None)  # fmt: skip
        axes.text(0.02, row - 0.1, f"{with_error(fit.fitted[name], simulated)} for {number(fit.targets[name])}", fontsize=8,
                  transform=axes.get_yaxis_transform(), va="bottom")  # fmt: skip
    axes.set_yticks(range(len(fit.targets)))
    axes.set_yticklabels(fit.targets)
    axes.set_ylim(len(fit.targets) - 0.5, -0.6 - 0.15 * len(fit.targets))
    most = 1.1 * max(3, *(abs(x) for x in axes.get_xlim()))
    axes.set(title="targets", xlabel="fitted − target, standard errors", xlim=(-most, most))
    axes.grid(False, axis="y")
    axes.legend(loc="upper center", ncol=2, columnspacing=1)


def draw_slice(axes: Any, fit: Any, name: str) -> None:
    """The objective as one parameter moves, the others at the estimate, and what derivatives there make of it."""
    values, objective = fit.slices[name]
    estimate, error = fit.estimates[name], fit.standard_errors[name]
    i = list(fit.estimates).index(name)
    slope = fit.jacobian[:, i] @ fit.weights
    x = np.linspace(values.min(), values.max(), 200)
    residuals = np.array(list(fit.residuals.values()))
    axes.plot(x, fit.objective + 2 * (x - estimate) * (slope @ residuals) + (x - estimate) ** 2 * (slope @ fit.jacobian[:, i]), color=GREY,
              linewidth=1, label="by the derivatives")  # fmt: skip
    axes.plot(values, objective, "o", color=BLUE, markersize=4, label="simulated")
    axes.axvline(estimate, color=VERMILION, linewidth=1, label="estimate")
    if math.isfinite(error):
        axes.axvspan(max(estimate - 2 * error, values.min()), min(estimate + 2 * error, values.max()), color=VERMILION, alpha=0.08, linewidth=0)
    axes.set(title=f"{name} = {with_error(estimate, error)}", xlabel=name, ylabel="objective")
    axes.locator_params(axis="x", nbins=5)
    axes.legend(loc="upper center")


def draw_search(axes: Any, fit: Any, first: str, second: str) -> None:
    """All points simulated, coloured by the objective, within the bounds of the first two parameters."""
    points, objective = fit.trace
    keep = np.isfinite(objective) & (objective > 0)
    order = np.flatnonzero(keep)[np.argsort(-objective[keep])]  # the best on top
    low, high = (objective[keep].min(), objective[keep].max()) if keep.any() else (1, 1)
    names = list(fit.estimates)
    axes.scatter(points[order, names.index(first)], points[order, names.index(second)], c=objective[order], s=9, cmap="viridis_r",
                 norm=LogNorm(max(low, high * 1e-8), max(high, low * 1.0001)), linewidths=0)  # fmt: skip
    axes.plot(fit.estimates[first], fit.estimates[second], "+", color=VERMILION, markersize=12, markeredgewidth=1.5)
    axes.set(title="where the search has been", xlabel=first, ylabel=second, xlim=fit.bounds[first], ylim=fit.bounds[second])
    if not keep.all():
        note(axes, f"{np.count_nonzero(~keep)} points without finite statistics", y=0.02, va="bottom")
