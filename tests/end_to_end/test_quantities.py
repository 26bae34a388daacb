"""Statistics of a model's other quantities, of debts, and of who is beyond the knots: a model file with levels."""
import csv
import importlib
import io
import math
import subprocess
import sys

import h5py
import numpy as np
import pytest
from program import ROOT, read

NAMES = ["wealth", "level", "wealth_in_levels"]
LOWEST, HIGHEST = np.array([-1.0, -0.5]), np.array([1.5, 1.0])
MODEL = {
    "transition": [[0.8, 0.2], [0.3, 0.7]],
    "policy_wealth": [[-1.0, 0, 1.5], [-0.5, 0.5, 1]],
    "policy_savings": [[-1.2, -0.3, 0.9], [-0.6, 0.1, 0.5]],
    "return_constant": [1.02, 1.0],
    "income_constant": [-1.2, -0.6],
    "income_log_sd": [0.4, 0.2],
    "level_growth": [1.02, 0.99],
    "level_loading": [0.1, 0.05],
}


def write(path, leave_out=(), **changes):
    with h5py.File(path, "w") as file:
        for name, values in {**MODEL, **changes}.items():
            if name not in leave_out:
                file[name] = values
        file.attrs.update({"model_format": "1.0", "lower_bound": -4.0})


RUN = "-n", 3000, "-T", 40, "--quantiles", "0.1,0.5,0.9", "--model", "m.h5"


def quantity(file, i):
    wealth, level = file["wealth"], file["level"]
    return [wealth, level, wealth * level][i]


def check_end(file):
    """The last record against NumPy's figures of the final households."""
    for i in range(len(NAMES)):
        x = np.sort(quantity(file, i))
        n = len(x)
        assert file["median"][i, -1] == np.median(x) and file["mean"][i, -1] == math.fsum(x) / n
        assert file["quantile"][i, -1] == pytest.approx(np.quantile(x, [0.1, 0.5, 0.9]), rel=1e-15)
        assert file["variance"][i, -1] == pytest.approx(x.var(), rel=1e-12)
        correlation = np.corrcoef(file["wealth"], quantity(file, i))[0, 1]
        assert file["correlation_with_wealth"][i, -1] == pytest.approx(correlation, rel=1e-9)
        total = math.fsum(x)
        if total > 0:
            weights = 2 * np.arange(1, n + 1) - n - 1
            assert file["gini"][i, -1] == pytest.approx(math.fsum(weights * x) / (n * total), rel=1e-12)
            assert file["lorenz"][i, -1, 1] == pytest.approx(math.fsum(x[: n // 2]) / total, rel=1e-12)
        else:
            assert math.isnan(file["gini"][i, -1]) and np.isnan(file["lorenz"][i, -1]).all() and np.isnan(file["top_share"][i, -1]).all()


def check_beyond(file):
    wealth, state = file["wealth"], file["state"]
    below, above = wealth < LOWEST[state], wealth > HIGHEST[state]
    assert below.any() and above.any()
    assert file["households_below"][-1] == below.sum() and file["households_above"][-1] == above.sum()
    assert file["wealth_below"][-1] == math.fsum(wealth[below]) and file["wealth_above"][-1] == math.fsum(wealth[above])


def statistics(path):
    """What stands over period, as bytes."""
    with h5py.File(path) as file:
        over = {name: [d[0].name for d in data.dims if len(d)] for name, data in file.items() if isinstance(data, h5py.Dataset)}
        return {name: file[name][()].tobytes() for name in over if "/period" in over[name]}


@pytest.mark.smoke
def test_quantities(wealthsim, tmp_path):
    write(tmp_path / "m.h5")
    said = wealthsim(*RUN, "--record-every", 7, "-o", "out.h5").stdout
    with h5py.File(tmp_path / "out.h5") as file:
        scale = file["quantity"]
        assert scale[()].tolist() == [0, 1, 2] and scale.attrs["flag_values"].tolist() == [0, 1, 2]
        assert scale.attrs["flag_meanings"].split() == NAMES
        assert [d[0].name for d in file["quantile"].dims] == ["/quantity", "/period", "/probability"]
        assert file["median"].attrs["long_name"] == "median of the quantity"
        assert file["gini"].attrs["comment"] == "NaN where the mean is not above 0 (wealth; wealth_in_levels)"
    file = read(tmp_path / "out.h5")
    assert file["mean"].shape == (3, 7) and file["hill"].shape == (3, 7, 5) and file["households_below"].shape == (7,)
    check_end(file)
    check_beyond(file)
    assert file["mean"][0, -1] < 0 and "  Gini        none, nor shares: the mean is not above 0\n" in said
    with_wealth = [f", correlation with wealth {r:.4f}\n" for r in file["correlation_with_wealth"][:, -1]]
    level = f"median {file['median'][1, -1]:.7g}, mean {file['mean'][1, -1]:.7g}, Gini {file['gini'][1, -1]:.7g}{with_wealth[1]}"
    in_levels = f"median {file['median'][2, -1]:.7g}, mean {file['mean'][2, -1]:.7g}{with_wealth[2]}"
    assert f"  level            {level}" in said and f"  wealth_in_levels {in_levels}" in said
    for n, side in (file["households_below"][-1], "below the lowest"), (file["households_above"][-1], "above the highest"):
        assert f"  beyond      {n:,} household" in said and f"{side} knot of the savings rule" in said


def test_layouts_and_resumption(wealthsim, tmp_path):
    """All of it is the same to the bit on any layout, and when it comes from a checkpoint."""
    write(tmp_path / "m.h5")
    every = "--record-every", 5, "-q"
    wealthsim(*RUN, *every, "-o", "whole.h5")
    whole = statistics(tmp_path / "whole.h5")
    assert len(whole) == 36
    for ranks, threads in (2, 2), (3, 1):
        wealthsim(*RUN, *every, "-o", "out.h5", ranks=ranks, threads=threads)
        assert statistics(tmp_path / "out.h5") == whole
    shorter = [*RUN[:3], 22, *RUN[4:]]
    wealthsim(*shorter, *every, "-o", "part.h5", "--checkpoint", "ck", ranks=3)
    wealthsim(*RUN, *every, "-o", "out.h5", "--checkpoint", "ck", "--resume", ranks=2)
    assert statistics(tmp_path / "out.h5") == whole


def test_one_quantity(wealthsim, tmp_path):
    """Without a level there is none to tell apart; with the knots far out nobody is beyond them."""
    far = {"policy_wealth": [[-4.0, 0, 50]] * 2, "policy_savings": [[-3.9, -0.3, 30]] * 2}
    write(tmp_path / "m.h5", leave_out=("level_growth", "level_loading"), **far)
    said = wealthsim(*RUN, "-o", "out.h5").stdout
    file = read(tmp_path / "out.h5")
    assert "quantity" not in file and file["median"].shape == (1,)
    assert file["households_below"].tolist() == file["households_above"].tolist() == [0] and "beyond" not in said


def test_the_built_in_model(wealthsim, tmp_path):
    wealthsim("-q", "-n", 100, "-T", 5, "-o", "out.h5")
    file = read(tmp_path / "out.h5")
    assert "quantity" not in file and "households_below" not in file


def test_beyond_along_a_path(wealthsim, tmp_path):
    """The knots are those of the period to come; behind the path's end, of its last."""
    wide, narrow = [[-50.0, 0, 50]] * 2, [[-1.0, 0, 3]] * 2
    write(tmp_path / "m.h5", leave_out=("level_growth", "level_loading"), policy_wealth=[wide, narrow],
          policy_savings=[[[-3.9, 0, 30]] * 2, [[-1.2, -0.3, 1.6]] * 2], aggregate_path=[0, 1, 0, 1])  # fmt: skip
    wealthsim("-q", "-n", 1000, "-T", 4, "--record-every", 1, "--w0", 10, "--model", "m.h5", "-o", "out.h5")
    above = read(tmp_path / "out.h5")["households_above"]
    assert above[0] == 0 and above[1] > 0 and above[2] == 0 and len(above) == 5


# ---- post-processing ------------------------------------------------------------------------------------------


@pytest.fixture
def results(wealthsim, tmp_path):
    """Two runs of a model with a level, one without."""
    write(tmp_path / "m.h5")
    wealthsim(*RUN, "--record-every", 10, "--paths", 2, "-q", "-o", "debts.h5")
    write(tmp_path / "m.h5", income_constant=[0.2, 0.3])
    wealthsim(*RUN, "-q", "-o", "assets.h5")
    wealthsim("-q", "-n", 3000, "-T", 40, "--quantiles", "0.1,0.5,0.9", "-o", "built-in.h5")
    return ["debts.h5", "assets.h5", "built-in.h5"]


def script(name, *arguments, cwd):
    done = subprocess.run([sys.executable, "-W", "error", ROOT / "jobs" / name, *arguments], cwd=cwd, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and not done.stderr, done
    return done.stdout


def test_collect(tmp_path, results):
    """Wealth's columns as ever; those of other quantities under names that begin with theirs."""
    rows = list(csv.DictReader(io.StringIO(script("collect.py", *results, cwd=tmp_path))))
    columns = list(rows[0])
    assert columns.index("median") < columns.index("level_median") < columns.index("wealth_in_levels_median")
    for name, row in zip(results, rows):
        file = read(tmp_path / name)
        for i, quantity in enumerate(NAMES):
            for statistic, last in ("median", ()), ("gini", ()), ("quantile", (2,)), ("hill", (1,)):
                column = ("" if i == 0 else f"{quantity}_") + statistic + {"quantile": "_0.9", "hill": "_0.005"}.get(statistic, "")
                if "quantity" in file:
                    expected = file[statistic][(i, -1, *last)]
                else:
                    expected = file[statistic][(-1, *last)] if i == 0 else math.nan
                assert np.array_equal(float(row[column]), expected, equal_nan=True), (name, column)
        assert "quantity" in file or row["households_below"] == "nan"
        assert "quantity" not in file or int(row["households_below"]) == file["households_below"][-1]


def test_collect_as_netcdf(tmp_path, results):
    xarray = pytest.importorskip("xarray")
    script("collect.py", *results, "--all-periods", "-o", "t.nc", cwd=tmp_path)
    file = read(tmp_path / "debts.h5")
    with xarray.open_dataset(tmp_path / "t.nc") as table:
        assert table["level_quantile"].dims == ("run", "period", "probability")
        assert table["level_quantile"].attrs["long_name"].startswith("level: quantiles")
        assert np.array_equal(table["level_quantile"].sel(run=0), file["quantile"][1])
        assert np.array_equal(table["mean"].sel(run=0), file["mean"][0])


def test_pictures(tmp_path, results, monkeypatch, capsys):
    """They show wealth, of debts what they can."""
    monkeypatch.syspath_prepend(ROOT / "jobs")
    run, made = importlib.import_module("wealthsim.plot.run"), set()
    monkeypatch.setattr("wealthsim.plot.look.save", lambda figure, prefix: made.add(prefix))
    for name in "debts", "assets":
        run.draw_run(tmp_path / f"{name}.h5", name)
        assert {f"{name}-{picture}" for picture in ("median", "histogram", "tail", "quantities", "overview")} <= made
    assert "assets-lorenz" in made and "debts.h5: no picture 'lorenz'" in capsys.readouterr().out
    result = importlib.import_module("wealthsim.plot.result").Result(tmp_path / "assets.h5")
    file = read(tmp_path / "assets.h5")
    assert result.last("mean") == file["mean"][0, -1] and result.find("lorenz").tolist() == file["lorenz"][0].tolist()
    assert result.over("top_share") == list(zip([0.1, 0.05, 0.01, 0.001], file["top_share"][0, -1].tolist()))
    wealth = file["wealth"]
    section = result.cross_section
    assert (section.n_negative, section.n_zero) == ((wealth < 0).sum(), (wealth == 0).sum())
