"""A picture of who moves where: the last table of mobility as a map."""
import math

import numpy as np
from matplotlib.colors import Normalize

from wealthsim.foreign import numbers
from wealthsim.plot.look import Missing, map_colours, percent

NUMBERS_MOST = 14  # groups, up to which there is room for a number in each cell


def draw_mobility(result, axes):
    """Rows: where households were, the poorest on top; columns: where they are; a row's shares sum to 1."""
    if "mobility" not in result.file:
        raise Missing("it has no mobility (runs with --mobility have)")
    shares = result.need("mobility")[-1]
    edges = np.arange(len(shares) + 1)
    axes.pcolormesh(edges, edges, np.ma.masked_invalid(shares), cmap=map_colours(), norm=Normalize(0, np.nanmax(shares)), edgecolors="white", linewidth=0.5)
    if len(shares) <= NUMBERS_MOST:
        write_numbers(axes, shares)
    label_groups(axes, numbers(result.file["mobility_to"]))
    now = f"group by wealth at period {numbers(result.file['mobility_period'])[-1]:,}"
    axes.set(title=indexed("Mobility in %", ": ", "Shorrocks's index", result.last("mobility_shorrocks")), ylabel=f"group {span(result)} before",
             xlabel=indexed(now, "; ", "rank correlation", result.last("mobility_rank_correlation")))  # fmt: skip
    axes.set_ylim(len(shares), 0)
    axes.grid(visible=False)


def write_numbers(axes, shares):
    """In percent; bright on dark."""
    for i, j in np.ndindex(shares.shape):
        share = 100 * shares[i, j]
        text = "–" if math.isnan(share) else f"{share:.0f}" if share >= 0.95 or share == 0 else f"{share:.1f}"
        axes.text(j + 0.5, i + 0.5, text, ha="center", va="center", fontsize=7, color="white" if shares[i, j] < 0.55 * np.nanmax(shares) else "black")


def label_groups(axes, ends):
    """By the shares of the households that they lie between."""
    labels = [f"{100 * low:.4g}–{percent(high)}" for low, high in zip([0, *ends], ends)]
    step = -(-len(ends) // NUMBERS_MOST)
    for axis in axes.xaxis, axes.yaxis:
        axis.set_ticks(np.arange(len(ends))[::step] + 0.5)
        axis.set_ticklabels(labels[::step], fontsize=7)
    axes.tick_params(length=0)
    for label in axes.get_xticklabels():
        label.set(rotation=30, ha="right", rotation_mode="anchor")


def indexed(words, separator, what, index):
    """With an index's value, where it has one."""
    return f"{words}{separator}{what} {index:.3f}" if math.isfinite(index) else words


def span(result):
    periods = result.attribute("mobility")
    return f"{periods:.0f} period{'s' * (periods != 1)}" if periods == periods else "some periods"
