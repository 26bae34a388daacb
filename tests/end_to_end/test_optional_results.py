"""What runs have that were asked for it (mobility, averages over time, quantities, groups) and what scenarios differ in: in tables, in
Python and in pictures, against the file's own numbers."""
import csv
import sys

import matplotlib.pyplot as plt
import numpy as np
import program
import pytest
import xarray
from groups import with_groups
from program import ROOT, read

sys.path.insert(0, str(ROOT / "jobs"))
import collect  # noqa: E402
import wealthsim  # noqa: E402
from wealthsim.foreign import Unreadable  # noqa: E402
from wealthsim.plot import compared, look, profiles, run, sweep  # noqa: E402
from wealthsim.plot.result import Result  # noqa: E402
from wealthsim.plot.table import read_table  # noqa: E402

AGES = 20, 30, 45
RUN = "-q", "-T", 60, "--v1", 0.3, "--record-every", 2, "--mobility", 10, "--average-from", 20, "--outcomes", "income,savings"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """many.h5 of three scenarios and one.h5 of one run; groups.h5 and many-groups.h5, where the last group is empty."""
    path = tmp_path_factory.mktemp("optional")
    (path / "table.txt").write_text("s\n0.5\n0.6\n0.8\n")
    for name, more in ("many", ["--scenarios", "table.txt"]), ("one", ["--s", 0.6]), ("old", ["--s", 0.8]):
        program.run(*RUN, "-n", 3000, *more, "-o", f"{name}.h5", cwd=path)
    with_groups(path / "groups.h5", path / "one.h5", {age: path / f"{name}.h5" for age, name in zip(AGES, ("one", "old", "one"))}, empty=[45])
    with_groups(path / "many-groups.h5", path / "many.h5", {age: path / "many.h5" for age in AGES}, empty=[45])
    return path


@pytest.fixture(autouse=True)
def figures():
    """Closed in the end, in the project's style."""
    with plt.rc_context(look.STYLE):
        yield
    plt.close("all")


def panel(figure, title):
    return next(axes for axes in figure.axes if axes.get_title().startswith(title))


def rows(folder, *names, monkeypatch):
    """Of the table that collect.py makes."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["collect.py", *names, "-o", "t.csv"])
    assert collect.main() == 0
    with open("t.csv", newline="") as file:
        return list(csv.DictReader(file))


# ---- tables ----------------------------------------------------------------------------------------------------


def test_columns(folder, monkeypatch):
    """Averages, errors, differences and the last mobility, of wealth and of other quantities, to the last digit."""
    file, found = read(folder / "many.h5"), rows(folder, "many.h5", monkeypatch=monkeypatch)
    for i, row in enumerate(found):
        for q, prefix in enumerate(("", "income_", "savings_")):
            for name in "median_average", "mean_average_error", "gini_average_batches", "variance_average_drift":
                assert np.array_equal(float(row[prefix + name]), float(file[name][i, q]), equal_nan=True), (prefix, name)
            for name in "median_error", "gini_difference", "mean_difference_error", "correlation_with_wealth":
                assert float(row[prefix + name]) == file[name][i, q, -1], (prefix, name)
            assert float(row[f"{prefix}quantile_average_0.9"]) == file["quantile_average"][i, q, 6]
        for name in "shorrocks", "correlation", "rank_correlation":
            assert float(row[f"mobility_{name}"]) == file[f"mobility_{name}"][i, -1]
    one, file = rows(folder, "one.h5", monkeypatch=monkeypatch)[0], read(folder / "one.h5")
    assert float(one["mean_average"]) == file["mean_average"][0] and float(one["mobility_shorrocks"]) == file["mobility_shorrocks"][-1]


def test_single_numbers(folder, monkeypatch):
    """Without scenarios, quantities and groups an average is a variable without a dimension."""
    program.run("-q", "-n", 500, "-T", 30, "--record-every", 1, "--average-from", 5, "-o", "plain.h5", cwd=folder)
    file = read(folder / "plain.h5")
    assert file["gini_average"].shape == ()
    assert float(rows(folder, "plain.h5", monkeypatch=monkeypatch)[0]["gini_average"]) == file["gini_average"]
    assert wealthsim.open(folder / "plain.h5")["gini_average"] == file["gini_average"]
    axes = panel(wealthsim.plot.statistics(folder / "plain.h5"), "Gini")
    assert next(line for line in axes.lines if line.get_color() == look.GREEN).get_ydata()[0] == file["gini_average"]


def test_columns_of_groups(folder, monkeypatch):
    """Under names that begin with the group's, before the quantity's."""
    file, row = read(folder / "groups.h5"), rows(folder, "groups.h5", monkeypatch=monkeypatch)[0]
    for g, group in enumerate(("", "group_20_", "group_30_", "group_45_")):
        for q, quantity in enumerate(("", "income_", "savings_")):
            for name in "median", "gini_error":
                assert np.array_equal(float(row[group + quantity + name]), file[name][g, q, -1], equal_nan=True), (group, quantity, name)
            assert np.array_equal(float(row[f"{group}{quantity}mean_average"]), file["mean_average"][g, q], equal_nan=True)
        assert float(row[f"{group or 'group_'}households"]) == file["group_households"][g, -1]
        assert float(row[f"{group or 'group_'}share"]) == file["group_share"][g, -1]


def test_all_periods(folder, monkeypatch):
    """Mobility stands at its own periods; in netCDF, too, and groups have descriptions."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["collect.py", "groups.h5", "--all-periods", "-o", "t.nc"])
    assert collect.main() == 0
    file = read("groups.h5")
    with xarray.open_dataset("t.nc") as data:
        at = data["mobility_shorrocks"].sel(period=file["mobility_period"])
        assert np.array_equal(at[0], file["mobility_shorrocks"], equal_nan=True) and at.size < data.sizes["period"]
        assert data["mobility_shorrocks"].count() == at.count() > 0
        assert np.array_equal(data["group_30_income_quantile"][0, -1], file["quantile"][2, 1, -1])
        assert data["group_30_income_mean"].attrs["long_name"].startswith("group 30, income: mean")


# ---- Python ----------------------------------------------------------------------------------------------------


def test_options_and_names():
    """The options as arguments, and the dimensions' values as names."""
    data = wealthsim.run(households=600, periods=90, scenarios={"s": [0.5, 0.6]}, record_every=1, outcomes=["income"], mobility=5, average_from=20,
                         until_error=0.5, mobility_groups=[0.5])  # fmt: skip
    assert data["mean_average"].sel(quantity="income").dims == ("scenario",) and data["mobility"].shape[2:] == (2, 2)
    assert data.attrs["outcomes"] == "income" and data["mobility_period"].values[0] == 5


def test_names_of_groups(folder):
    data, file = wealthsim.open(folder / "groups.h5"), read(folder / "groups.h5")
    assert data["group"].values.tolist() == ["all", "20", "30", "45"]
    assert np.array_equal(data["median"].sel(group="30", quantity="savings"), file["median"][2, 2])
    of_data, of_file = wealthsim.plot.groups(data), wealthsim.plot.groups(folder / "groups.h5")
    for one, other in zip(of_data.axes, of_file.axes):
        assert all(np.array_equal(a.get_xydata(), b.get_xydata(), equal_nan=True) for a, b in zip(one.lines, other.lines)) and other.lines
    with pytest.raises(ValueError, match="it has no groups"):
        wealthsim.plot.groups(folder / "one.h5")
    with pytest.raises(ValueError, match="it has no scenarios"):
        wealthsim.plot.differences(folder / "one.h5")


# ---- pictures of one run ---------------------------------------------------------------------------------------


def test_mobility_drawn(folder):
    """A cell for each pair of groups, the poorest on top, with its number."""
    file, axes = read(folder / "one.h5"), wealthsim.plot.mobility(folder / "one.h5").axes[0]
    last = file["mobility"][-1]
    assert np.array_equal(axes.collections[0].get_array().reshape(7, 7), last) and axes.get_ylim() == (7, 0)
    for text in axes.texts:
        j, i = (int(place) for place in text.get_position())
        assert abs(float(text.get_text()) - 100 * last[i, j]) <= 0.5
    assert len(axes.texts) == 49
    assert axes.get_title() == f"Mobility in %: Shorrocks's index {file['mobility_shorrocks'][-1]:.3f}"
    assert axes.get_xlabel() == f"group by wealth at period 60; rank correlation {file['mobility_rank_correlation'][-1]:.3f}"
    assert axes.get_ylabel() == "group 10 periods before" and axes.get_yticklabels()[4].get_text() == "80–90 %"


def test_statistics_drawn(folder):
    """The records after the period from which on averages are, with bands; the averages with theirs."""
    file, figure = read(folder / "one.h5"), wealthsim.plot.statistics(folder / "one.h5")
    after = file["period"] > 20
    for title, name, place in ("mean", "mean", ()), ("90 % quantile", "quantile", (6,)), ("share of", "top_share", (2,)):
        axes = panel(figure, title)
        values = file[name][(0, after, *place)]
        assert np.array_equal(axes.lines[0].get_xydata(), np.column_stack([file["period"][after], values]))
        line = next(line for line in axes.lines if line.get_color() == look.GREEN)
        assert set(line.get_ydata()) == {file[f"{name}_average"][(0, *place)]} and line.get_xdata().tolist() == [20, 60]
    mean, error = file["mean"][0, after], file["mean_error"][0, after]
    band = panel(figure, "mean").collections[0].get_paths()[0].vertices[:, 1]
    assert set(mean - 2 * error) | set(mean + 2 * error) <= set(band)


def test_average_with_its_interval(tmp_path):
    """Student's, of as many degrees of freedom as there are batches less one."""
    program.run("-q", "-n", 500, "-T", 300, "--record-every", 1, "--average-from", 40, "--no-wealth", "-o", "a.h5", cwd=tmp_path)
    file = read(tmp_path / "a.h5")
    average, error, batches = (float(file[f"gini_average{end}"]) for end in ("", "_error", "_batches"))
    assert batches >= 8
    axes = panel(wealthsim.plot.statistics(tmp_path / "a.h5"), "Gini")
    band = axes.collections[1].get_paths()[0].vertices[:, 1]
    assert np.ptp(band) / 2 == pytest.approx(look.student(batches - 1) * error)
    assert any(text.get_text() == f"average: {look.with_error(average, error)}" for text in axes.get_legend().texts)


def test_student():
    scipy = pytest.importorskip("scipy.stats")
    degrees = np.arange(7, 300)
    assert np.allclose(look.student(degrees), scipy.t.ppf(0.975, degrees), rtol=1e-3, atol=0)


def test_quantities_drawn(folder):
    file, figure = read(folder / "one.h5"), wealthsim.plot.quantities(folder / "one.h5")
    bars = panel(figure, "correlation").patches
    assert [bar.get_width() for bar in bars] == file["correlation_with_wealth"][:, -1].tolist()
    assert panel(figure, "Gini").lines[0].get_xdata().tolist() == file["gini"][:, -1].tolist()
    assert [label.get_text() for label in panel(figure, "Gini").get_yticklabels()] == ["wealth", "income", "savings"]
    curves = panel(figure, "Lorenz").lines[1:]
    assert all(np.array_equal(line.get_ydata()[1:-1], file["lorenz"][q, -1]) for q, line in enumerate(curves)) and len(curves) == 3


def test_groups_drawn(folder):
    """At their labels; an empty one is left out. Shares of wealth sum to 1, with errors as of independent parts."""
    file, figure = read(folder / "groups.h5"), wealthsim.plot.groups(folder / "groups.h5")
    for title, name in ("wealth: median", "median"), ("mean", "mean"), ("Gini", "gini"):
        assert np.array_equal(panel(figure, title).lines[0].get_xydata(), np.column_stack([AGES[:2], file[name][1:3, 0, -1]]))
    shares, errors, households = profiles.wealth_shares(Result(folder / "groups.h5"))
    wealth, spread = 3000 * file["mean"][1:3, 0, -1], 3000 * file["mean_error"][1:3, 0, -1]
    assert np.allclose(shares, [*wealth / wealth.sum(), 0], rtol=1e-14) and households.tolist() == [0.5, 0.5, 0]
    draws = np.random.default_rng(1).normal(wealth, spread, (100_000, 2))
    assert np.allclose(errors[:2], (draws.T / draws.sum(axis=1)).std(axis=1), rtol=0.02) and errors[2] == 0


def test_only_what_is_there(folder, monkeypatch, capsys):
    """No picture of what nobody asked for, and no word of it."""
    made = []
    monkeypatch.setattr(look, "save", lambda figure, prefix: made.append(prefix))
    monkeypatch.setattr(run, "overview", lambda result, names: made.append(names))
    program.run("-q", "-n", 300, "-T", 20, "--record-every", 10, "--paths", 1, "-o", "bare.h5", cwd=folder)
    run.draw_run(folder / "bare.h5", "bare")
    usual = ["median", "histogram", "lorenz", "tail", "paths", "cores"]
    assert made == [*(f"bare-{name}" for name in (*usual, "statistics")), usual, "bare-overview"] and capsys.readouterr().out == ""


# ---- pictures of scenarios -------------------------------------------------------------------------------------


def test_differences_drawn(folder):
    """A line for each scenario but the first, with its band."""
    file, figure = read(folder / "many.h5"), wealthsim.plot.differences(folder / "many.h5")
    times = look.student(file.attributes["error-groups"] - 1)
    for title, name, place in ("median", "median", ()), ("Gini", "gini", ()), ("share of", "top_share", (2,)):
        axes = panel(figure, title)
        for i, line in enumerate(axes.lines[1:], start=1):
            values, error = (file[f"{name}_difference{end}"][(i, 0, slice(None), *place)] for end in ("", "_error"))
            assert np.array_equal(line.get_ydata(), values, equal_nan=True)
            band = axes.collections[i - 1].get_paths()[0].vertices[:, 1]
            assert np.nanmax(values + times * error) == pytest.approx(band.max(), rel=1e-14)
        assert len(axes.lines) == 3
    assert "scenario 2, s = 0.8" in [text.get_text() for axes in figure.axes if axes.get_legend() for text in axes.get_legend().texts]


def test_averages_and_mobility_in_sweeps(folder):
    """Against the parameter: averages in a picture of their own, mobility with the statistics."""
    file, table = read(folder / "many.h5"), read_table(str(folder / "many.h5"))
    axes = panel(sweep.sweep_figure(table, name="averages"), "median")
    assert np.array_equal(axes.lines[0].get_xydata(), np.column_stack([[0.5, 0.6, 0.8], file["median_average"][:, 0]]))
    axes = panel(sweep.sweep_figure(table), "mobility")
    points = [line.get_ydata().tolist() for line in axes.lines if line.get_marker() in look.MARKERS]
    assert points == [file[f"mobility_{name}"][:, -1].tolist() for name in ("shorrocks", "rank_correlation")]


@pytest.mark.parametrize("against", [None, "s,v1"])
def test_quantities_of_scenarios(folder, tmp_path, against, monkeypatch):
    """Of one line the means apart, and Gini coefficients and correlations together, where a quantity has one colour; of a grid each
    statistic in a map of its own. From a table of collect.py as from the file."""
    if against is None:
        file = read(folder / "many.h5")
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["collect.py", "many.h5", "-o", str(tmp_path / "t.csv")])
        assert collect.main() == 0
        for source in folder / "many.h5", tmp_path / "t.csv":
            figure = wealthsim.plot.quantities(source)
            titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
            assert [title.split(" ±")[0] for title in titles] == ["mean of wealth", "mean of income", "mean of savings", "Gini coefficient", "correlation with wealth"]
            lines = {name: [line for line in panel(figure, name).lines if line.get_marker() in look.MARKERS] for name in
                     ("mean of income", "Gini", "correlation")}  # fmt: skip
            assert np.allclose(lines["mean of income"][0].get_ydata(), file["mean"][:, 1, -1], rtol=1e-12)
            assert np.allclose([line.get_ydata() for line in lines["Gini"]], file["gini"][:, [1, 2, 0], -1].T, rtol=1e-12)
            assert np.allclose([line.get_ydata() for line in lines["correlation"]], file["correlation_with_wealth"][:, 1:, -1].T, rtol=1e-12)
            assert [line.get_color() for line in lines["Gini"]][:2] == [line.get_color() for line in lines["correlation"]]
        return
    (tmp_path / "t.txt").write_text("s v1\n" + "".join(f"{s} {v1}\n" for s in (0.3, 0.5, 0.7) for v1 in (0.1, 0.2, 0.3)))
    program.run("-q", "-n", 600, "-T", 10, "--scenarios", "t.txt", "--outcomes", "income,savings", "-o", "grid.h5", cwd=tmp_path)
    file, figure = read(tmp_path / "grid.h5"), wealthsim.plot.quantities(tmp_path / "grid.h5", ("s", "v1"))
    shown = np.asarray(panel(figure, "Gini coefficient of savings").collections[0].get_array()).reshape(3, 3)
    assert np.allclose(shown.T.ravel(), file["gini"][:, 2, -1], rtol=1e-12)


def test_quantities_that_are_not_there(tmp_path):
    """Of scenarios without other quantities; of more than can be told apart; and of a scenario without groups beside one that has."""
    (tmp_path / "t.txt").write_text("s\n0.5\n0.6\n")
    program.run("-q", "-n", 300, "-T", 2, "--scenarios", "t.txt", "-o", "bare.h5", cwd=tmp_path)
    with pytest.raises(ValueError, match="it has none of the quantities that can be drawn"):
        wealthsim.plot.quantities(tmp_path / "bare.h5")
    table = read_table(str(tmp_path / "bare.h5"))
    for i in range(8):
        table.columns[f"q{i}_mean"] = table.columns[f"q{i}_gini"] = table.columns[f"q{i}_correlation_with_wealth"] = table.columns["mean"]
    table.quantities = [f"q{i}" for i in range(8)]
    assert "6 of 9 quantities are shown" in sweep.sweep_figure(table, name="quantities")._suptitle.get_text()
    (tmp_path / "t.txt").write_text(f"model\n{ROOT}/data/ifp.h5\n{ROOT}/data/buffer_stock.h5\n")
    program.run("-q", "-n", 600, "-T", 10, "--scenarios", "t.txt", "-o", "models.h5", cwd=tmp_path)
    figure = wealthsim.plot.groups(tmp_path / "models.h5")
    assert [len(line.get_xdata()) for line in panel(figure, "median wealth").lines if line.get_marker() in look.MARKERS] == [2]


def test_all_of_scenarios(folder, monkeypatch):
    """What plot.py makes of a file, groups among it, with a line for each scenario."""
    made = {}
    monkeypatch.setattr(look, "save", lambda figure, prefix: made.update({prefix: figure}))
    assert compared.draw_scenarios(str(folder / "many-groups.h5"), "x") == 5
    assert list(made) == ["x-sweep", "x-averages", "x-quantities", "x-differences", "x-groups"]
    file = read(folder / "many-groups.h5")
    lines = [line for line in panel(made["x-groups"], "median wealth").lines if line.get_marker() in look.MARKERS]
    assert [line.get_ydata().tolist() for line in lines] == file["median"][:, 1:3, 0, -1].tolist()


def test_a_picture_that_fails_stops_no_other(folder, monkeypatch, capsys):
    """Of a run, of scenarios and of a table: the others are drawn, and in the end a line says which could not be, and why."""
    made = []
    monkeypatch.setattr(look, "save", lambda figure, prefix: made.append(prefix))

    def fail(*arguments):
        raise ValueError("it is broken")

    monkeypatch.setitem(run.PICTURES, "histogram", fail)
    monkeypatch.setitem(run.FIGURES, "statistics", fail)
    with pytest.raises(Unreadable) as raised:
        run.draw_run(folder / "groups.h5", "x")
    assert [line.rpartition("groups.h5: ")[2] for line in str(raised.value).splitlines()] == [
        "no picture 'histogram': it is broken", "no picture 'statistics': it is broken"]  # fmt: skip
    assert {"x-median", "x-tail", "x-groups", "x-overview"} <= set(made) and not {"x-histogram", "x-statistics"} & set(made)
    for draw, source in (compared.draw_scenarios, str(folder / "many-groups.h5")), (sweep.draw_sweep, read_table(str(folder / "many.h5"))):
        made.clear()
        with monkeypatch.context() as changed:
            changed.setattr(sweep, "draw_panel", fail)
            with pytest.raises(Unreadable, match="no picture 'sweep': it is broken"):
                draw(source, "x")
        assert made == (["x-differences", "x-groups"] if draw is compared.draw_scenarios else [])
