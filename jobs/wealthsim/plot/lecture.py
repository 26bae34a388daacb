"""Pictures of the lecture's other commands: a household's path, and the comparison of layouts."""
import numpy as np
from matplotlib.ticker import FuncFormatter

from wealthsim.foreign import attribute, numbers
from wealthsim.foreign import number as number_of
from wealthsim.plot.look import BLUE, COLOURS, GREY, MARKERS, PANEL, SINGLE, Missing, number, panels_of, parameters, percents, plt, save, thin

KINDS = "serial", "threads in one rank", "ranks with one thread", "ranks with threads"  # as the file numbers them


def draw(figure, prefix):
    """@return the number of pictures"""
    save(figure, prefix)
    plt.close(figure)
    return 1


def draw_path(file, prefix):
    return draw(path_figure(file), f"{prefix}-path")


def draw_scaling(file, prefix):
    return draw(scaling_figure(file), f"{prefix}-scaling")


def path_figure(file):
    """Wealth over time: the lecture's first picture."""
    wealth, step = numbers(file["path_wealth"], 0), numbers(file["step"])
    if not np.isfinite(wealth).any():
        raise Missing("path_wealth has no finite value")
    figure, ((axes,),) = panels_of(SINGLE)
    step, wealth = thin(step, wealth)
    axes.plot(step, wealth, color=BLUE, marker="o" if len(step) == 1 else None)
    axes.set(title=f"Wealth of household {number_of(file, 'household', 0):,}", xlabel="period", ylabel="wealth")
    figure.suptitle(parameters(file), fontsize=8, color=GREY)
    return figure


def scaling_figure(file):
    """Seconds of each layout, and speed-up against cores."""
    columns = {name: numbers(file[name]) for name in ("kind", "layout_ranks", "layout_threads", "layout_cores", "seconds", "speed_up",
                                                 "efficiency", "all_seconds")}  # fmt: skip
    figure, ((left, right),) = panels_of((2.4 * PANEL[0], 1.2 * PANEL[1]), columns=2)
    draw_seconds(columns, left)
    draw_speed_up(columns, bool(attribute(file, "weak")), right)
    figure.suptitle(what_was_compared(file), fontsize=8, color=GREY)
    return figure


def what_was_compared(file):
    work = {
        "run": lambda a: f"{a('households'):,} households × {a('periods'):,} periods",
        "pi": lambda a: f"π from {a('draws'):,} draws",
        "gridmax": lambda a: f"the largest of {a('points'):,}² values",
    }[attribute(file, "command")](lambda name: number_of(file, name, 0))
    each, scaling = (" a core", "weak") if attribute(file, "weak") else ("", "strong")
    return f"{work}{each}, {scaling} scaling, medians of {attribute(file, 'repeats')}"


def draw_seconds(columns, axes):
    """A bar a layout, and a dot a measurement."""
    place = np.arange(len(columns["kind"]))[::-1]
    names = [f"{int(ranks)} × {int(threads)}" for ranks, threads in zip(columns["layout_ranks"], columns["layout_threads"])]
    colours = [COLOURS[int(kind)] for kind in columns["kind"]]
    axes.barh(place, columns["seconds"], color=colours, height=0.7)
    for y, seconds in zip(place, columns["all_seconds"]):
        axes.plot(seconds, np.full(len(seconds), y), ".", color="black", markersize=3, alpha=0.6)
    for y, seconds, all_of_it in zip(place, columns["seconds"], columns["all_seconds"]):
        axes.text(all_of_it.max(), y, f"  {number(seconds, 3)}", va="center", fontsize=8)
    axes.set_yticks(place)
    axes.set_yticklabels(names)
    axes.set_xlim(0, 1.15 * columns["all_seconds"].max())
    axes.set(title="Seconds", xlabel="seconds", ylabel="ranks × threads")
    axes.grid(axis="y", visible=False)


def draw_speed_up(columns, is_weak, axes):
    """A line a kind of layout, from the serial run on, beside what the cores would give at best."""
    cores, counts = columns["layout_cores"], np.unique(columns["layout_cores"])
    values = columns["efficiency" if is_weak else "speed_up"]
    best = np.ones(len(counts)) if is_weak else counts
    axes.plot(counts, best, color=GREY, linestyle="--", linewidth=1, label="at best")
    for kind in 1, 2, 3:
        chosen = columns["kind"] == kind
        if chosen.any():
            axes.plot([1, *cores[chosen]], [1, *values[chosen]], color=COLOURS[kind], marker=MARKERS[kind], label=KINDS[kind])
    if cores.max() > 8:
        axes.set_xscale("log", base=2)
        if not is_weak:
            axes.set_yscale("log", base=2)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axes.set_xticks(counts)
    axes.set_xticklabels([f"{int(count)}" for count in counts])
    axes.minorticks_off()
    if is_weak:
        axes.set_ylim(0, 1.15)
        percents(axes.yaxis)
    axes.set(title="Efficiency" if is_weak else "Speed-up", xlabel="cores", ylabel="of the serial rate")
    axes.legend(loc="lower left" if is_weak else "upper left")
