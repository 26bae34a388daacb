"""Pictures of many scenarios: that they show the table's numbers, and theory's; which rows they show, and that they say what not;
and those of one scenario."""
import importlib
import itertools
import math
import subprocess
import sys

import h5py
import matplotlib.pyplot as plt
import numpy as np
import program
import pytest
from PIL import Image
from program import ROOT
from scenarios import stack

sys.path.insert(0, str(ROOT / "jobs"))
from wealthsim import theory  # noqa: E402
from wealthsim.plot import result, run, sweep, table, views  # noqa: E402

S, V1 = [0.4, 0.6, 0.8], [0.05, 0.2, 0.35, 0.5]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """many.h5 of a grid of s and v1, the runs that it is made of, and the tables of collect.py."""
    path = tmp_path_factory.mktemp("scenarios")
    rows = list(itertools.product(S, V1))
    for i, (s, v1) in enumerate(rows):
        program.run("-q", "-n", 400, "-T", 30, "--s", s, "--v1", v1, "--record-every", 10, "--paths", 2, "-o", f"{i}.h5", cwd=path)
    stack(path / "many.h5", [path / f"{i}.h5" for i in range(len(rows))], s=[s for s, _ in rows], v1=[v1 for _, v1 in rows])
    for name in "many.csv", "many.nc":
        script("collect.py", "many.h5", "--all-periods", "-o", name, cwd=path)
    return path


def script(name, *arguments, cwd, status=0):
    command = [sys.executable, "-W", "error", str(ROOT / "jobs" / name), *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)
    assert done.returncode == status and (status or not done.stderr), done
    return done


@pytest.fixture
def figure():
    """Make a figure of a table, or of a file, which is closed in the end."""
    made = []

    def make(source, against=None):
        source = source if isinstance(source, table.Table) else table.read_table(str(source))
        made.append(sweep.sweep_figure(source, against))
        made[-1].canvas.draw()
        return made[-1]

    yield make
    for each in made:
        plt.close(each)


def data_of(figure):
    """All numbers and texts that a figure shows, but the file's name."""
    found = []
    for axes in figure.axes:
        found += [axes.get_title(), axes.get_xlabel(), axes.get_xlim(), axes.get_ylim(), [text.get_text() for text in axes.texts]]
        found += [line.get_xydata().tolist() for line in axes.lines]
        for collection in axes.collections:
            found += [np.asarray(collection.get_offsets()).tolist(), [path.vertices.tolist() for path in collection.get_paths()]]
            found.append(None if collection.get_array() is None else np.ma.filled(collection.get_array(), -1).tolist())
    return repr([found, figure._suptitle.get_text().partition(":")[2]])


def panel(figure, title):
    return next(axes for axes in figure.axes if axes.get_title().startswith(title))


def points(axes):
    """The points of a panel's lines, without theory: [(x, y)] of each."""
    return [line.get_xydata() for line in axes.lines if line.get_marker() in ("o", "s", "^", "D", "v", "P")]


def made_up(n, **parameters):
    """A table of n rows of the built-in model, whose numbers are all there."""
    columns = {"file": ["x"] * n, "scenario": range(n), "households": [1000] * n, "periods": [10] * n}
    columns.update({name: parameters.get(name, [value] * n) for name, value in dict(w0=1, r=0.1, s=0.5, v1=0.3, v2=1).items()})
    columns.update({name: values for name, values in parameters.items() if name not in columns})
    columns.update({"period": [10] * n, "median": np.linspace(1, 2, n), "gini": np.linspace(0.3, 0.4, n), "gini_error": [0.01] * n})
    columns["mean"] = 10 + np.arange(n)
    return table.Table("made-up.csv", {name: table.as_column(list(values)) for name, values in columns.items()})


# ---- what is drawn here is what the program writes ---------------------------------------------------------------


def shape_of(path):
    """{variable: (dimensions, shape, kind, coordinates)}, and the names of the attributes."""
    with h5py.File(path) as file:
        variables = {name: data for name, data in file.items() if isinstance(data, h5py.Dataset) and not name.endswith("_length")}
        found = {}
        for name, data in variables.items():
            over = [scale[0].name.rpartition("/")[2] if len(scale) else "" for scale in data.dims]
            found[name] = over, data.shape, data.dtype.kind, data.attrs.get("coordinates", "")
        return found, set(file.attrs)


def test_made_of_runs(folder, figure):
    """The file that is made of single runs is, in form and in numbers, the one that the program writes, and so are its rows and
    its picture."""
    rows = "".join(f"{s} {v1}\n" for s, v1 in itertools.product(S, V1))
    (folder / "table.txt").write_text(f"s v1\n{rows}")
    program.run("-q", "-n", 400, "-T", 30, "--record-every", 10, "--paths", 2, "--scenarios", "table.txt", "-o", "real.h5", cwd=folder)
    assert shape_of(folder / "real.h5") == shape_of(folder / "many.h5")
    real, made = program.read(folder / "real.h5"), program.read(folder / "many.h5")
    for name, values in made.items():
        if name not in ("household", "path", "scenario_hash_length"):
            assert np.array_equal(real[name], values, equal_nan=values.dtype.kind == "f"), name
    assert script("collect.py", "real.h5", cwd=folder).stdout.replace("real.h5", "many.h5") == script("collect.py", "many.h5", cwd=folder).stdout
    assert data_of(figure(folder / "real.h5")) == data_of(figure(folder / "many.h5"))


# ---- of a file as of its table -----------------------------------------------------------------------------------


@pytest.mark.parametrize("against", [None, "s", "s,v1"])
def test_file_and_table(folder, figure, against):
    """The same numbers, to the last digit, in the picture of the file and of what collect.py makes of it."""
    expected = data_of(figure(folder / "many.h5", against))
    for name in "many.csv", "many.nc":
        assert data_of(figure(folder / name, against)) == expected


def test_lines(folder, figure):
    """A line for each value of s, through the file's numbers with their intervals."""
    with h5py.File(folder / "many.h5") as file:
        median, low, high = (file[f"median{end}"][:, -1].reshape(3, 4) for end in ("", "_low", "_high"))
        gini, error = (file[name][:, -1].reshape(3, 4) for name in ("gini", "gini_error"))
    made = figure(folder / "many.h5", "v1")
    for title, values in ("median", median), ("Gini", gini):
        drawn = [xy for xy in points(panel(made, title)) if len(xy)]
        assert [xy.tolist() for xy in drawn] == [np.column_stack([V1, row]).tolist() for row in values]
    bars = [segment for bar in panel(made, "median").collections for segment in (path.vertices[:, 1] for path in bar.get_paths())]
    assert np.allclose(bars, np.column_stack([low.ravel(), high.ravel()]), rtol=1e-14)
    bars = [path.vertices[:, 1] for bar in panel(made, "Gini").collections for path in bar.get_paths()]
    expected = np.column_stack([(gini - 2 * error).ravel(), (gini + 2 * error).ravel()])
    keep = np.isfinite(error).ravel()
    assert np.allclose(np.array(bars)[keep], expected[keep], rtol=1e-14) and keep.any()
    legend = next(axes.get_legend() for axes in made.axes if axes.get_legend() and "s = 0.4" in str([t.get_text() for t in axes.get_legend().texts]))
    assert [text.get_text() for text in legend.texts] == ["s = 0.4", "s = 0.6", "s = 0.8"]
    assert "400 households, 30 periods; r = 0.1, v2 = 1, w0 = 1, seed = 1" in made._suptitle.get_text()


def test_theory_drawn(folder, figure):
    """The mean and the tail index as curves, at many more points than the table has, nan where there is no mean; quantiles and the
    Gini coefficient as the file has them."""
    made = figure(folder / "many.h5", "v1")
    for title, law in ("mean", theory.mean), ("tail index", theory.tail_index):
        curves = [line for line in panel(made, title).lines if line.get_linestyle() == "--"]
        assert len(curves) == 3
        for s, line in zip(S, curves):
            x, y = line.get_xydata().T
            assert len(x) >= 200 and (x[0], x[-1]) == (V1[0], V1[-1])
            expected = law(0.1, s, x, 1.0)
            assert np.array_equal(y, np.where(np.isfinite(expected), expected, np.nan), equal_nan=True)
    with h5py.File(folder / "many.h5") as file:
        gini, median = file["theory_gini"][()], file["stationary_quantile"][:, 4]
    for title, values in ("median", median), ("Gini", gini):
        dashes = np.concatenate([line.get_ydata() for line in panel(made, title).lines if line.get_marker() == "_" and line.get_color() == "black"])
        assert np.array_equal(dashes, values[np.isfinite(values)])
        assert "theory, row by row" in [text.get_text() for text in panel(made, title).get_legend().texts]


def test_theory_of_the_program(folder, tmp_path, wealthsim):
    """Where moments end, where there is no law, without risk and without savings: what the program writes."""
    cases = [(0.1, 0.3, 0.1, 1), (0.1, 0.85, 0.3, 1), (0.05, 0.9, 0.6, 0.5), (0.1, 0.95, 0.1, 1), (0.1, 0.5, 0, 1), (0.1, 0, 0.2, 1), (0, 0.5, 0, 0)]
    for r, s, v1, v2 in cases:
        wealthsim("-q", "-n", 10, "-T", 1, "--r", r, "--s", s, "--v1", v1, "--v2", v2, "--no-wealth", "-o", "t.h5")
        found = program.read(tmp_path / "t.h5").attributes
        for name in "mean", "variance", "tail_index", "memory":
            value = getattr(theory, name)(r, s, v1, v2)
            assert value == pytest.approx(found[f"theory_{name}"], rel=1e-12, nan_ok=True), (name, r, s, v1, v2)
    r, s, v1, v2 = (np.array(column, float) for column in zip(*cases))
    for law in theory.mean, theory.variance, theory.tail_index, theory.memory:
        assert np.array_equal(law(r, s, v1, v2), [law(*case) for case in cases], equal_nan=True)


# ---- over two parameters -----------------------------------------------------------------------------------------


def test_map(folder, figure):
    """A grid is a map: a cell for each row, in its place; theory's contours beside those of the simulation."""
    made = figure(folder / "many.h5", "v1,s")
    with h5py.File(folder / "many.h5") as file:
        median = file["median"][:, -1].reshape(3, 4)
    axes = panel(made, "median")
    mesh = axes.collections[0]
    assert np.array_equal(mesh.get_array().reshape(3, 4), median)
    assert axes.get_xlabel().startswith("v1") and axes.get_ylabel().startswith("s")
    corners = np.asarray(mesh._coordinates)
    assert all(corners[0, i, 0] < V1[i] < corners[0, i + 1, 0] for i in range(4))
    assert all(corners[i, 0, 1] < S[i] < corners[i + 1, 0, 1] for i in range(3))
    assert "contours of the simulation white, of theory dashed" in made._suptitle.get_text()


def test_map_with_gaps(figure):
    """Rows that are no grid: lines of the first parameter for some values of the second, which the picture says."""
    pairs = [(s, v1) for s in np.linspace(0.2, 0.8, 9) for v1 in np.linspace(0.1, 0.4, 8) if (s, v1) != (0.2, 0.1)]
    rows = made_up(len(pairs), s=[s for s, _ in pairs], v1=[v1 for _, v1 in pairs])
    view = views.view_of(rows, "s,v1")
    assert len(view.lines) == views.MOST and not view.in_plane and view.x == "s" and view.notes == ["6 of 8 values of v1 are shown"]
    assert "6 of 8 values of v1 are shown" in figure(rows, "s,v1")._suptitle.get_text()


def test_scattered_rows(figure):
    """A design whose rows have nothing in common: points, in the plane or with colours, every row of them."""
    random = np.random.default_rng(1)
    rows = made_up(500, s=random.uniform(0.2, 0.8, 500), v1=random.uniform(0.1, 0.4, 500), v2=random.uniform(0.5, 1, 500))
    for against, x, y in (None, "s", "v1"), ("s,v1", "s", "v1"), ("v2,s", "v2", "s"):
        made = figure(rows, against)
        dots = panel(made, "median").collections[0]
        assert np.array_equal(dots.get_offsets(), np.column_stack([rows.columns[x], rows.columns[y]]))
        assert np.array_equal(dots.get_array(), rows.columns["median"])
    assert "not shown: v1 (0.1" in made._suptitle.get_text()
    made = figure(rows, "v1")
    dots = next(c for c in panel(made, "median").collections if c.get_array() is not None)
    assert np.array_equal(dots.get_array(), rows.columns["s"]) and "not shown: v2 (0.5" in made._suptitle.get_text()


def test_three_parameters():
    """Of the third, the value in the middle, which the picture says; lines of as few as can be told apart."""
    s, v1, r = (part.ravel() for part in np.meshgrid(np.linspace(0.2, 0.8, 8), np.linspace(0.1, 0.4, 7), [0.01, 0.02, 0.03], indexing="ij"))
    rows = made_up(s.size, s=s, v1=v1, r=r)
    view = views.view_of(rows, "s,v1")
    assert view.is_grid and len(view.rows) == 56 and set(r[view.rows]) == {0.02} and view.notes == ["r = 0.02: one of 3 values"]
    view = views.view_of(rows, "s")
    assert list(view.lines) == ["r = 0.01", "r = 0.02", "r = 0.03"] and view.notes == ["v1 = 0.25: one of 7 values"]
    assert views.view_of(rows).is_grid  # without a choice, the two with the most values
    with pytest.raises(Exception, match="--against v2: what differs between its runs is r, s, v1"):
        views.view_of(rows, "v2")
    for against in "s,v1,r", "s,s":
        with pytest.raises(Exception, match="what differs"):
            views.view_of(rows, against)


# ---- other tables --------------------------------------------------------------------------------------------------


def test_seeds(figure):
    """Runs that differ in the seed are points in one place, and the line is that of their means."""
    s, seed = (part.ravel() for part in np.meshgrid([0.2, 0.4, 0.6], [1, 2, 3, 4], indexing="ij"))
    rows = made_up(12, s=s, seed=seed)
    axes = panel(figure(rows), "median")
    assert len(points(axes)[0]) == 12
    line = next(line for line in axes.lines if line.get_linestyle() == "-" and line.get_marker() in ("", "None", None))
    assert np.allclose(line.get_ydata(), rows.columns["median"].reshape(3, 4).mean(axis=1))


def test_texts_on_an_axis(figure):
    axes = panel(figure(made_up(3, initial=["a/rich.txt", "a/poor.txt", ""])), "median")
    assert [label.get_text() for label in axes.get_xticklabels()] == ["-", "poor.txt", "rich.txt"]
    assert points(axes)[0].tolist() == [[2, 1], [1, 1.5], [0, 2]] or points(axes)[0].tolist() == [[0, 2], [1, 1.5], [2, 1]]
    assert not any(line.get_linestyle() == "-" for line in axes.lines)


def test_logarithmic_axes(figure):
    axes = panel(figure(made_up(5, w0=[1, 10, 100, 1000, 10000])), "median")
    assert axes.get_xscale() == "log"
    assert panel(figure(made_up(5, w0=[1, 10, 20, 30, 40])), "median").get_xscale() == "linear"


def test_many_rows(figure):
    """Of hundreds of rows a line and a band, without markers and bars."""
    axes = panel(figure(made_up(400, s=np.linspace(0.1, 0.8, 400))), "Gini")
    assert all(len(xy) == 0 for xy in points(axes)) and len(axes.collections) == 1 and axes.get_title() == "Gini coefficient ± 2 standard errors"


def test_script(folder, tmp_path):
    """A picture as others are: PNG and PDF, without a warning; its usage."""
    done = script("plot.py", folder / "many.h5", "-o", f"{tmp_path}/", "--against", "s", cwd=tmp_path)
    assert done.stdout == f"{tmp_path}/many-sweep.png, .pdf\n"
    with Image.open(tmp_path / "many-sweep.png") as image:
        assert 1000 < image.width <= 1400
    assert "has no scenario 12: it has 12, 0 to 11" in script("plot.py", folder / "many.h5", "--scenario", 12, cwd=tmp_path, status=1).stderr
    assert "many.csv: --scenario is of a result" in script("plot.py", folder / "many.csv", "--scenario", 1, cwd=tmp_path, status=1).stderr
    assert "0.h5: it has no scenario 1" in script("plot.py", folder / "0.h5", "--scenario", 1, cwd=tmp_path, status=1).stderr
    assert "--scenario of one" in script("plot.py", folder / "many.h5", "--scenario", 1, "--against", "s", cwd=tmp_path, status=2).stderr


# ---- one scenario ------------------------------------------------------------------------------------------------


def test_one_scenario(folder, monkeypatch):
    """All that its pictures read is what its own run has; they are named by it."""
    own, part = result.Result(str(folder / "6.h5")), result.Result(str(folder / "many.h5"), 6)
    assert run.headline(part) == f"scenario 6: {run.headline(own)}" and "s = 0.6, v1 = 0.35" in run.headline(own)
    for name, data in own.file.items():
        if isinstance(data, h5py.Dataset):
            expected, found = own.find(name), part.find(name)
            assert expected is found is None or np.array_equal(expected, found, equal_nan=True), name
    assert part.cross_section.counts.tolist() == own.cross_section.counts.tolist() and part.cross_section.n == 400
    assert np.array_equal(part.piece("path_wealth", slice(1)), own.piece("path_wealth", slice(1)))
    for name in "theory_mean", "theory_tail_index", "households", "v1":
        assert part.attribute(name) == own.attribute(name) and math.isfinite(part.attribute(name))
    assert part.over("top_share") == own.over("top_share")
    assert part.at_probability("stationary_quantile", 0.5) == own.at_probability("stationary_quantile", 0.5)
    made = []
    monkeypatch.setattr("wealthsim.plot.look.save", lambda figure, prefix: made.append(prefix))
    run.draw_run(folder / "many.h5", "x", 6)
    assert made == [f"x-{name}" for name in ("median", "histogram", "lorenz", "tail", "paths", "cores", "statistics", "overview")]
