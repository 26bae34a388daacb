"""Pictures of results: that they are made, without a word of warning, and that what they draw is what the file says."""
import importlib
import io
import math
import os
import re
import shutil
import subprocess
import sys

import h5py
import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

import program
from program import ROOT

SCRIPT = ROOT / "jobs" / "plot.py"
ALL = ("median", "histogram", "lorenz", "tail", "paths", "cores", "statistics", "overview")
KAPPA = -2 * math.log(0.85 * 1.1) / 0.3**2  # of RUN


@pytest.fixture(scope="module")
def plot():
    """Its pictures of a run, as a module."""
    sys.path.insert(0, str(SCRIPT.parent))
    return importlib.import_module("wealthsim.plot.run")


@pytest.fixture
def axes(plot):
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def make_pictures(*arguments, cwd, status=0):
    """Run the script, where every warning is an error."""
    command = [sys.executable, "-W", "error", str(SCRIPT), *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)
    assert done.returncode == status, f"{command}: status {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert status or done.stderr == ""
    return done


def check_picture(path):
    """A PNG with something in it that README can show, and a PDF beside it."""
    with Image.open(f"{path}.png") as image:
        assert image.width <= 1400 and len(image.convert("RGB").getcolors(1 << 20)) > 3
    assert os.path.getsize(f"{path}.png") < 100_000
    with open(f"{path}.pdf", "rb") as file:
        assert file.read(5) == b"%PDF-"


# ---- files of the program's form, for what it does not write, or not now ------------------------------------------


def write_result(path, wealth, periods=(0, 10, 20), probabilities=(0.1, 0.5, 0.9), leave_out=(), nan=(), ranks=2, **attributes):
    """A result whose statistics are the same in all periods, plain NumPy's; without, or with nothing but NaN in, some
    variables."""
    wealth, p, top = np.asarray(wealth, float), np.array(probabilities), np.array([0.1, 0.05, 0.01, 0.001])
    finite = np.sort(wealth[np.isfinite(wealth)])
    share = np.concatenate([[0], np.cumsum(finite)]) / max(finite.sum(), 1e-300)
    lorenz = np.interp(p, np.linspace(0, 1, len(share)), share)
    top_share = 1 - np.interp(1 - top, np.linspace(0, 1, len(share)), share)
    median, mean = np.median(finite), finite.mean()
    single = dict(
        median=median, median_low=0.9 * median, median_high=1.1 * median, mean=mean, mean_error=0.1 * mean,
        variance=finite.var(), gini=0.4, gini_error=0.01, minimum=finite[0], maximum=finite[-1], bottom_half_share=0.2,
    )  # fmt: skip
    variables = {name: (("period",), [value]) for name, value in single.items()}
    variables |= {"quantile": (("period", "probability"), [np.quantile(finite, p)]),
                  "lorenz": (("period", "probability"), [lorenz]), "top_share": (("period", "top"), [top_share]),
                  "hill": (("period", "tail"), [[3.0, 2.9]]), "hill_error": (("period", "tail"), [[0.5, 0.2]])}  # fmt: skip
    variables = {name: (dimensions, np.repeat(values, len(periods), axis=0)) for name, (dimensions, values) in variables.items()}
    variables |= {"stationary_quantile": (("probability",), np.quantile(finite, p)), "wealth": (("household",), wealth),
                  "path_wealth": (("path", "step"), np.ones((2, 21)))}  # fmt: skip
    scales = {"period": np.array(periods), "probability": p, "top": top, "tail": np.array([0.01, 0.1]), "step": np.arange(21)}
    with h5py.File(path, "w") as file:
        for name, (dimensions, values) in variables.items():
            if name in leave_out:
                continue
            data = file.create_dataset(name, data=values * math.nan if name in nan else values)
            for axis, dimension in enumerate(dimensions):
                if dimension not in file:
                    file.create_dataset(dimension, data=scales.get(dimension, np.zeros(values.shape[axis])))
                    file[dimension].make_scale(dimension)
                data.dims[axis].attach_scale(file[dimension])
        if "timing" not in leave_out:
            for phase in "computing", "waiting", "communicating", "writing":
                file[f"timing/{phase}"] = np.full((ranks, 1), math.nan if "timing" in nan else 0.25)
        file.attrs.update(dict(format_version="1.1", households=len(wealth), periods=periods[-1], s=0.3, seed=1,
                               elapsed_seconds=1.0, theory_tail_index=math.inf) | attributes)  # fmt: skip


SOME = np.random.default_rng(1).lognormal(size=2000)
STATISTICS = ("median_low", "median_high", "mean", "mean_error", "variance", "gini", "gini_error", "minimum", "maximum",
              "bottom_half_share", "quantile", "lorenz", "top_share", "hill", "hill_error", "stationary_quantile")  # fmt: skip

# name: (what is special, pictures that cannot be made)
ODD = {
    "as it should be": ({}, ()),
    "one period": ({"periods": (20,)}, ("statistics",)),
    "two periods": ({"periods": (0, 20)}, ()),
    "statistics missing": ({"leave_out": STATISTICS}, ()),
    "statistics NaN": ({"nan": STATISTICS}, ()),
    "errors NaN": ({"nan": ("mean_error", "gini_error", "hill_error", "median_low", "median_high")}, ()),
    "all else missing": ({"leave_out": (*STATISTICS, "wealth", "path_wealth", "timing")},
                         ("histogram", "lorenz", "tail", "paths", "cores")),
    "median NaN": ({"nan": ("median",)}, ("median",)),
    "all NaN": ({"nan": (*STATISTICS, "median", "wealth", "path_wealth", "timing")}, ALL[:-1]),
    "without wealth": ({"leave_out": ("wealth",)}, ("histogram", "tail")),
    "one household": ({"wealth": [2.0]}, ()),
    "all the same": ({"wealth": np.full(500, 2.0)}, ()),
    "all zero": ({"wealth": np.zeros(500), "nan": ("lorenz",)}, ("histogram", "lorenz", "tail")),
    "some zero, some infinite": ({"wealth": np.r_[SOME, 0, 0, np.inf]}, ()),
    "from very small to very great": ({"wealth": np.r_[SOME, 1e-100, 1e150]}, ()),
    "a hundred ranks": ({"ranks": 100}, ()),
    "no stationary law": ({"theory_tail_index": math.nan, "nan": ("stationary_quantile",)}, ()),
    "a growing law": ({"theory_tail_index": -3.0}, ()),
    "a Pareto tail": ({"theory_tail_index": 2.5}, ()),
}  # fmt: skip


@pytest.mark.filterwarnings("error", "ignore:Conversion of an array with ndim:DeprecationWarning:matplotlib")
@pytest.mark.parametrize("name", ODD)
def test_odd_files(tmp_path, plot, monkeypatch, capsys, name):
    """What can be drawn is drawn without a warning; a line says what cannot be. (Without files, for speed.)"""
    special, impossible = ODD[name]
    write_result(tmp_path / "odd.h5", **{"wealth": SOME, **special})
    drawn = []

    def save(figure, prefix):
        drawn.append(prefix.rpartition("-")[2])
        if drawn[-1] in ("statistics", "overview"):  # in which the others are
            importlib.import_module("wealthsim.plot.look").freeze(figure)
            figure.canvas.draw()

    monkeypatch.setattr("wealthsim.plot.look.save", save)
    monkeypatch.setattr(sys, "argv", ["plot.py", str(tmp_path / "odd.h5")])
    nothing = len(impossible) == len(ALL) - 1
    assert importlib.import_module("plot").main() == (1 if nothing else 0)
    said = capsys.readouterr()
    assert drawn == ([] if nothing else [picture for picture in ALL if picture not in impossible])
    for picture in impossible:
        assert f"odd.h5: no picture '{picture}': " in said.out
    assert ("odd.h5: nothing in it can be drawn" in said.err) == nothing


def test_unusable_files(tmp_path):
    """Each is named with its reason, and the others are drawn all the same."""
    (tmp_path / "text.h5").write_text("no HDF5")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = 1.0
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    (tmp_path / "ragged.csv").write_text("file,s,period\nx,1\n")
    write_result(tmp_path / "good.h5", SOME, leave_out=(*STATISTICS, "wealth", "path_wealth", "timing"))  # few pictures, for speed
    bad = "text.h5", "other.h5", "absent.h5", "other.csv", "ragged.csv"
    done = make_pictures(*bad, "good.h5", "-o", "pictures/x", cwd=tmp_path, status=1)
    lines = done.stderr.splitlines()
    assert len(lines) == len(bad) and all(name in line for name, line in zip(bad, lines)), done.stderr
    check_picture(tmp_path / "pictures" / "x-good-overview")


# ---- what is drawn -----------------------------------------------------------------------------------------------


def test_population_in_slabs(plot, monkeypatch):
    """Counts, sums and the largest values are those of NumPy on the whole, and no more than a slab is read at once."""
    wealth = np.random.default_rng(2).lognormal(sigma=2, size=100_003)
    wealth[:7] = 0
    read = []

    result = importlib.import_module("wealthsim.plot.result")

    class Dataset:
        shape = wealth.shape

        def __getitem__(self, piece):
            read.append(len(wealth[piece]))
            return wealth[piece]

    monkeypatch.setattr(result, "SLAB", 1000)
    section = result.CrossSection(Dataset())
    assert max(read) == 1000 and sum(read) == 2 * wealth.size
    assert section.counts.sum() == section.n_positive == wealth.size - 7 and section.n_zero == 7
    assert np.array_equal(section.largest, np.sort(wealth)[-result.LARGEST :])
    edges, shares = section.histogram()
    expected, _ = np.histogram(wealth, edges)
    assert np.abs(shares * wealth.size - expected).max() <= 2  # the edges' own rounding
    households, share = section.lorenz()
    exact = np.cumsum(np.sort(wealth)) / wealth.sum()
    at = np.round(households * wealth.size).astype(int)[2:]
    assert np.abs(share[2:] - exact[at - 1]).max() < 1e-6
    value, rank = section.ranks(10_000)
    assert np.array_equal(rank[: result.LARGEST], np.arange(1, result.LARGEST + 1))
    for v, r in zip(value[result.LARGEST :: 50], rank[result.LARGEST :: 50]):
        assert abs((wealth >= v).sum() - r) <= 2


RUN = ("-q", "-n", 20000, "-T", 200, "--s", 0.85, "--v1", 0.3, "--record-every", 10, "--paths", 3)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The result of RUN."""
    folder = tmp_path_factory.mktemp("run")
    program.run(*RUN, "-o", "run.h5", ranks=2, threads=2, cwd=folder)
    return folder / "run.h5"


@pytest.fixture
def result(plot, run):
    return plot.Result(run)


def text_of(axes):
    legend = axes.get_legend()
    return " | ".join(t.get_text() for t in [*axes.texts, *(legend.get_texts() if legend else ())])


def test_pictures_of_a_run(plot, result, run, tmp_path):
    """One command makes them all, and another time the same bytes; below what each shows is held against the file."""
    shutil.copy(run, tmp_path)
    make_pictures("run.h5", cwd=tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"run.h5", *(f"run-{picture}.{kind}" for picture in ALL for kind in ("pdf", "png"))}
    with plt.rc_context(importlib.import_module("wealthsim.plot.look").STYLE):
        for name in "tail", "statistics":
            importlib.import_module("wealthsim.plot.look").save(plot.figure_of(name, result), str(tmp_path / "again"))
            for kind in "pdf", "png":
                assert (tmp_path / f"run-{name}.{kind}").read_bytes() == (tmp_path / f"again.{kind}").read_bytes(), name
    for picture in ALL:
        check_picture(tmp_path / f"run-{picture}")
    assert plot.headline(result).startswith("20,000 households, 200 periods, w0 = 1, r = 0.1, s = 0.85, v1 = 0.3")


def test_median_drawn(plot, result, axes):
    plot.draw_median(result, axes)
    line = next(line for line in axes.lines if line.get_label() == "median")
    assert np.array_equal(line.get_xdata(), np.arange(0, 201, 10)) and np.array_equal(line.get_ydata(), result.find("median"))
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert set(result.find("median_low")) <= set(band) and set(result.find("median_high")) <= set(band)


def test_histogram_drawn(plot, result, axes):
    plot.draw_histogram(result, axes)
    edges, shares = result.cross_section.histogram()
    assert math.isclose(shares.sum(), 1)
    drawn = {tuple(corner) for corner in axes.collections[0].get_paths()[0].vertices}
    assert all({(low, share), (high, share)} <= drawn for low, high, share in zip(edges, edges[1:], shares))
    marked = {line.get_xdata()[0] for line in axes.lines if line.get_linestyle() == "--"}
    assert marked == set(result.find("stationary_quantile"))
    own = next(line for line in axes.lines if line.get_marker() == "^")
    assert np.array_equal(own.get_xdata(), result.find("quantile")[-1])


def test_lorenz_drawn(plot, result, axes):
    plot.draw_lorenz(result, axes)
    curve = axes.lines[1]
    found = np.interp(result.find("probability"), curve.get_xdata(), curve.get_ydata())
    assert np.allclose(found, result.find("lorenz")[-1], atol=1e-4)
    said = float(re.search(r"Gini ([0-9.]+)", text_of(axes)).group(1))
    assert abs(said - result.last("gini")) < 0.0006
    assert "±" not in text_of(axes)  # the law's variance is infinite: there is no standard error
    assert f"richest 1 %: {100 * result.find('top_share')[-1][2]:.1f} %" in text_of(axes)


def test_tail_drawn(plot, result, axes):
    """The richest household has rank 1; the line falls with theory's index."""
    plot.draw_tail(result, axes)
    points, line = axes.lines
    assert (points.get_xdata()[0], points.get_ydata()[0]) == (result.last("maximum"), 1)
    slope = np.diff(np.log(line.get_ydata())) / np.diff(np.log(line.get_xdata()))
    assert math.isclose(slope[0], -KAPPA, rel_tol=1e-9)
    assert "κ = 1.49" in text_of(axes) and "Hill, top 1 %" in text_of(axes)


def test_tail_that_is_not_pareto(plot, wealthsim, tmp_path, axes):
    """The lecture's parameters: an index of 222 is no tail, and there is no estimate of it."""
    wealthsim("-q", "-n", 2000, "-T", 50, "-o", "run.h5")
    plot.draw_tail(plot.Result(tmp_path / "run.h5"), axes)
    assert "no Pareto tail" in text_of(axes) and "Hill" not in text_of(axes) and len(axes.lines) == 1


def test_paths_drawn(plot, result, axes):
    plot.draw_paths(result, axes)
    paths = result.file["path_wealth"][:, 1:]
    averages = [line.get_ydata()[-1] for line in axes.lines if line.get_label().startswith("household")]
    assert np.allclose(averages, paths.mean(axis=1), rtol=1e-12)
    assert f"mean of all households: {result.last('mean'):.3g}" in text_of(axes)


def test_cores_drawn(plot, result, axes):
    """A bar per rank; with what is left, each makes up the whole time."""
    plot.draw_cores(result, axes)
    tops = {}
    for bar in axes.patches:
        tops[round(bar.get_x(), 6)] = max(tops.get(round(bar.get_x(), 6), 0), bar.get_y() + bar.get_height())
    assert len(tops) == 2 and all(0.999 < top < 1.1 for top in tops.values())
    computing = result.file["timing/computing"][()].sum(axis=1) / 2 / result.attribute("elapsed_seconds")
    assert np.allclose([bar.get_height() for bar in axes.patches[:2]], computing)


def test_png_keeps_its_colours(plot, tmp_path, monkeypatch):
    """The palette is for size, and not seen: no pixel of the fullest picture is far from what was drawn."""
    write_result(tmp_path / "a.h5", SOME)
    look = importlib.import_module("wealthsim.plot.look")
    drawn, save = io.BytesIO(), look.save

    def save_both(figure, prefix):
        if prefix.endswith("overview"):
            figure.savefig(drawn, format="png", dpi=look.DPI["png"])
            save(figure, prefix)

    monkeypatch.setattr(look, "save", save_both)
    plot.draw_run(tmp_path / "a.h5", str(tmp_path / "a"))
    images = [np.asarray(Image.open(file).convert("RGB"), int) for file in (drawn, tmp_path / "a-overview.png")]
    assert np.abs(images[0] - images[1]).max() < 24


def test_lecture_pictures(tmp_path):
    """Of a path and of a comparison, strong and weak: each a PNG that shows something."""
    program.run("path", "-q", "-T", 30, cwd=tmp_path)
    program.run("path", "-q", "-T", 0, "-o", "short.h5", cwd=tmp_path)
    scaling = "scaling", "-q", "-n", 500, "-T", 3, "--repeats", 2, "--cores"
    program.run(*scaling, 16, ranks=4, cwd=tmp_path)
    program.run(*scaling, 4, "--weak", "--command", "gridmax", "--points", 50, "-o", "weak.h5", ranks=2, cwd=tmp_path)
    program.run(*scaling, 1, "--command", "pi", "--draws", 1000, "-o", "serial.h5", cwd=tmp_path)
    files = "wealthsim-path", "short", "wealthsim-scaling", "weak", "serial"
    make_pictures(*(f"{name}.h5" for name in files), cwd=tmp_path)
    for name, picture in zip(files, ("path", "path", "scaling", "scaling", "scaling")):
        with Image.open(tmp_path / f"{name}-{picture}.png") as image:
            assert len(image.convert("RGB").getcolors(1 << 24)) > 3
        assert (tmp_path / f"{name}-{picture}.pdf").stat().st_size > 1000


def test_a_result_without_a_picture(tmp_path):
    program.run("pi", "-q", "--draws", 10, cwd=tmp_path)
    assert "not a result of wealthsim run" in make_pictures("wealthsim-pi.h5", cwd=tmp_path, status=1).stderr
