"""What all pictures share: colours and sizes, numbers as texts, axes, and the files. Needs matplotlib (3.3 or later) and
Pillow (8 or later)."""
import io
import math
from contextlib import contextmanager
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter
from PIL import Image

from wealthsim.foreign import attribute, one_line
from wealthsim.foreign import number as number_of


# Okabe and Ito's colours, which stay apart for the colour-blind (jfly.uni-koeln.de/color).
BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, YELLOW = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442")  # fmt: skip
COLOURS = BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY
MARKERS = "o", "s", "^", "D", "v", "P"
GREY = "#8C8C8C"

SINGLE, PANEL = (6.4, 4.2), (4.0, 3.1)  # inches: a picture of its own, a panel of several
DPI = {"png": 110, "pdf": 300}

POINTS = 2000  # of a line at most

# For plt.rc_context, or rcParams.update of a script.
STYLE = {
    "font.size": 9, "axes.titlesize": 10, "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True,
    "grid.color": "#E4E4E4", "grid.linewidth": 0.6, "axes.axisbelow": True, "legend.frameon": False,
    "legend.fontsize": 8, "lines.linewidth": 1.5, "pdf.fonttype": 42,
    "text.usetex": False,  # a user's own setting: there may be no TeX, and to TeX a % is no percent
}  # fmt: skip


class Missing(Exception):
    """The file does not have what a picture needs; the text says what."""


class Unwritable(Exception):
    """A picture cannot be put where it should be; the text says where and why."""


def map_colours():
    """Of maps: in so few steps that a palette has them all."""
    return plt.get_cmap("viridis", 64)


# ---- texts and axes ------------------------------------------------------------------------------------------


NO_TAIL = "no Pareto tail"

# Parameters on axes.
WORDS = {
    "r": "r, net rate of return", "s": "s, savings rate", "v1": "v1, volatility of the return", "v2": "v2, volatility of income",
    "w0": "w0, wealth at the start",
}  # fmt: skip


def in_words(parameter):
    return WORDS.get(parameter, parameter)


def number(value, digits=4):
    """0.395, 12,300, 1.2e+07"""
    if 1e4 <= abs(value) < 1e6:
        return f"{float(f'{value:.{digits}g}'):,.0f}"
    return f"{value:.{digits}g}"


def with_error(value, error):
    """0.395 ± 0.002: the error to one digit, and the value to the same place."""
    if not (math.isfinite(error) and error > 0):
        return number(value)
    places = max(0, -math.floor(math.log10(error)))
    return f"{value:.{places}f} ± {error:.{places}f}"


def percent(share):
    return f"{100 * share:.6g} %"


def plain_log(axis):
    """0.01, 1, 1000 on a logarithmic axis, 10⁵ beyond what is read at a glance, and values between where there are
    few decades. To be called when all is drawn: drawing on a logarithmic scale resets the labels."""
    superscripts = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    low, high = axis.get_view_interval()
    decades = math.log10(high) - math.log10(low) if 0 < low < high else math.inf
    between = range(10) if decades < 0.6 else (2, 5) if decades < (3 if high < 1000 else 2) else ()

    def at_decade(x, _):
        plain = 1e-3 <= x < 1e4 or x <= 0
        return f"{x:g}" if plain else f"10{str(round(math.log10(x))).translate(superscripts)}"

    def at_minor(x, _):
        return f"{x:g}" if x > 0 and round(x / 10 ** math.floor(math.log10(x) + 1e-9)) in between else ""

    axis.set_major_formatter(FuncFormatter(at_decade))
    axis.set_minor_formatter(FuncFormatter(at_minor))


def percents(axis):
    axis.set_major_formatter(FuncFormatter(lambda x, _: percent(x)))


def thin(*arrays):
    """At most POINTS of each, the last among them."""
    step = max(1, -(-len(arrays[0]) // POINTS))
    keep = np.arange(len(arrays[0]) - 1, -1, -step)[::-1]
    return [a[keep] for a in arrays]


def note(axes, text, x=0.97, y=0.95, **options):
    options = {"ha": "right", "va": "top", "fontsize": 8, **options}
    axes.text(x, y, text, transform=axes.transAxes, **options)


def student(degrees):
    """What 97.5 % of Student's distribution with so many degrees of freedom are below, to a thousandth from 7 on (Abramowitz and
    Stegun, 26.7.5)."""
    z, n = 1.959963984540054, np.asarray(degrees, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (z + (z**3 + z) / (4 * n) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
                + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3))  # fmt: skip


# ---- figures -------------------------------------------------------------------------------------------------


def panels_of(size, rows=1, columns=1):
    """A figure whose panels make room for each other's labels, and its axes as an array."""
    return plt.subplots(rows, columns, figsize=size, constrained_layout=True, squeeze=False)


def columns_of_panels(n):
    """Three a row; of four two."""
    return 2 if n == 4 else min(n, 3)


def grid(n):
    """A figure of n panels and its axes."""
    columns = columns_of_panels(n)
    rows = -(-n // columns)
    figure, panels = panels_of((PANEL[0] * columns, PANEL[1] * rows + 0.3), rows, columns)
    for axes in panels.flat[n:]:
        axes.set_visible(False)
    return figure, panels.flat[:n]


def panel_grid(n, with_legend):
    """A figure of n panels, their axes, and the axes of a low row for the legend."""
    columns = columns_of_panels(n)
    rows = -(-n // columns)
    heights = [PANEL[1]] * rows + [0.3] * with_legend
    figure, panels = plt.subplots(rows + with_legend, columns, figsize=(PANEL[0] * columns, sum(heights) + 0.5), squeeze=False,
                                  constrained_layout=True, gridspec_kw={"height_ratios": heights})  # fmt: skip
    for axes in panels.flat[n:]:
        axes.axis("off")
    return figure, panels.flat[:n], panels[-1, (columns - 1) // 2]


def legend_of_lines(axes, labels, style):
    """Once for all panels, below them."""
    handles = [Line2D([], [], color=COLOURS[i], marker=MARKERS[i], markersize=4, linestyle=style, linewidth=1, label=label)
               for i, label in enumerate(labels)]  # fmt: skip
    n, width = len(labels), max(map(len, labels))
    columns = n if n * (width + 6) < 150 else 3 if width < 45 else 2
    axes.legend(handles=handles, loc="center", ncol=columns, handlelength=1.5, columnspacing=1.2).set_in_layout(False)


@contextmanager
def closing_figures():
    """Of the figures that are made meanwhile."""
    before = set(plt.get_fignums())
    try:
        yield
    finally:
        for figure in set(plt.get_fignums()) - before:
            plt.close(figure)


def draw_each(path, prefix, figures, faults):
    """Each picture of a file by itself: what one of them cannot be made of does not stop the others.
    @param figures  {name: what makes the figure}; Missing is said on standard output
    @param faults   gets a line for each that fails for another reason than that the file does not have what it shows
    @return the names of those that were drawn"""
    drawn = []
    for name, make in figures.items():
        with closing_figures():
            try:
                save(make(), f"{prefix}-{name}")
                drawn.append(name)
            except Missing as reason:
                print(f"{path}: no picture '{name}': {reason}")
            except (Unwritable, BrokenPipeError):
                raise
            except Exception as error:  # whatever a damaged file has in store
                faults.append(f"{path}: no picture '{name}': {one_line(error)}")
    return drawn


def freeze(figure):
    """Let everything stay where it is."""
    if hasattr(figure, "set_layout_engine"):
        figure.set_layout_engine("none")
    else:  # matplotlib before 3.6
        figure.set_constrained_layout(False)


def parameters(file):
    """What was run, in words: a model file or the built-in model's parameters, and the seed."""
    model = Path(str(attribute(file, "model", ""))).name
    names = [name for name in (("seed",) if model else ("w0", "r", "s", "v1", "v2", "seed")) if name in file.attrs]
    return ", ".join(([model] if model else []) + [f"{name} = {number_of(file, name, math.nan):g}" for name in names])


def save(figure, prefix):
    """PNG and PDF, without date or version: the same data give the same bytes. The PNG has a palette, and so a third
    of the size."""
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=DPI["png"])
    freeze(figure)
    method, dither = getattr(Image, "Quantize", Image), getattr(Image, "Dither", Image)  # Pillow from 9.1 on, and before
    palette = {"colors": 256, "method": method.MAXCOVERAGE, "dither": dither.NONE}  # rare colours, too
    pdf = io.BytesIO()
    figure.savefig(pdf, format="pdf", dpi=DPI["pdf"], metadata={"CreationDate": None, "Producer": None, "Creator": None})
    try:
        Path(prefix).parent.mkdir(parents=True, exist_ok=True)
        Image.open(png).convert("RGB").quantize(**palette).save(f"{prefix}.png", optimize=True)
        Path(f"{prefix}.pdf").write_bytes(pdf.getvalue())
    except OSError as error:
        raise Unwritable(f"cannot write the pictures {prefix}.png, .pdf: {error.strerror or error}") from None
    print(f"{prefix}.png, .pdf")
