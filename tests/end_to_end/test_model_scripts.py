"""The scripts of jobs/models: files that wealthsim takes; its runs against Young's histogram, against the law written out in
NumPy household by household, and against what papers and lectures print."""
import re
import subprocess
import sys
from types import SimpleNamespace

import h5py
import numpy as np
import pytest
from model_reference import Histogram, Model
from program import ROOT, read

SCRIPTS = ROOT / "jobs/models"
PROBABILITIES = np.array([0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99])
SMALL = {  # options with which each script is quick
    "kesten": (),
    "wealth_dynamics": (),
    "ifp": ("--knots", 60, "--a-r", 0.1),
    "aiyagari": ("--knots", 60),
    "buffer_stock": ("--knots", 60, "--ages", 25),  # a sparse chain
    "krusell_smith_path": ("--periods", 200, "--step", 0.1, "--knots", 60),
}


@pytest.fixture
def model(tmp_path):
    """model("ifp", "--a-r", 0.1): the path of the file that the script writes; what it printed in .said"""

    def write(script, *options):
        path = tmp_path / f"{script}.h5"
        command = [sys.executable, str(SCRIPTS / f"{script}.py"), str(path), *map(str, options)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=500)
        assert done.returncode == 0, done.stderr
        write.said = done.stdout
        return path

    return write


# ---- files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", SMALL)
def test_netcdf(script, model):
    """The file is netCDF-4: each dimension has its scale, and each variable says what it is."""
    with h5py.File(model(script, *SMALL[script])) as file:
        dimensions = {name for name in file if file[name].attrs.get("CLASS") == b"DIMENSION_SCALE"}
        assert dimensions >= {"state", "policy", "point"} and file.attrs["model_format"] == "1.0"
        for name in set(file) - dimensions:
            assert all(len(dimension) == 1 for dimension in file[name].dims), name
            assert {dimension[0].name[1:] for dimension in file[name].dims} <= dimensions and file[name].attrs["long_name"]


@pytest.mark.parametrize("name, options", [("ifp", ()), ("buffer_stock", ())])
def test_files_in_data(name, options, model, wealthsim):
    """They are what the scripts write, but for the last digits of another NumPy."""
    new, kept = Model(model(name, *options)), Model(ROOT / f"data/{name}.h5")
    assert (ROOT / f"data/{name}.h5").stat().st_size < 100_000 and new.variables.keys() == kept.variables.keys()
    for variable, values in kept.variables.items():
        assert np.allclose(new.variables[variable], values, rtol=1e-7, atol=1e-9), variable
    wealthsim("-q", "-n", 1000, "-T", 3, "--model", ROOT / f"data/{name}.h5", "--no-wealth")


FAULTS = {
    "transitions is not a variable of a model file; did you mean transition?": {"transitions": [[1.0]]},
    "transition[0] is a row whose sum is not 1": {"transition": [[0.5]]},
    "policy_savings has 3 along point, but policy_wealth has 2": {"policy_savings": [[0.0, 1.0, 2.0]]},
    "policy_wealth has 1 dimensions, not 2: policy, point": {"policy_wealth": [0.0, 1.0]},
    "policy_wealth[0, 0] is larger than the next knot": {"policy_wealth": [[1.0, 0.0]]},
    "policy_savings[0, 1] is not finite": {"policy_savings": [[0.0, float("nan")]]},
    "income_log_sd[0] is a negative standard deviation": {"income_log_sd": [-1.0]},
    "policy_savings is missing": {"policy_savings": None},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_of_what_is_to_be_written(fault, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    from model_file import write_model

    right = {"transition": [[1.0]], "policy_wealth": [[0.0, 1.0]], "policy_savings": [[0.0, 0.5]], "income_log_sd": [1.0]}
    write_model(tmp_path / "right.h5", **right)
    with pytest.raises(ValueError, match=re.escape(fault)):
        write_model(tmp_path / "wrong.h5", **{**right, **FAULTS[fault]})
    assert [path.name for path in tmp_path.iterdir()] == ["right.h5"]


def lines_of(name, number, objects, tmp_path, monkeypatch):
    """Run the Python of a page of jobs/models, with objects of the package that it is about; what they write."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    monkeypatch.chdir(tmp_path)
    exec(re.findall(r"```python\n(.*?)```", (SCRIPTS / name).read_text(), re.S)[number], objects)
    return Model(next(tmp_path.glob("[!b]*.h5")))


def test_lines_from_hark(model, tmp_path, monkeypatch, wealthsim):
    """An object with HARK's attributes becomes the file of buffer_stock.py."""
    script = Model(model("buffer_stock"))
    wealth, savings = (script.variables[f"policy_{name}"][0] for name in ("wealth", "savings"))
    solution = SimpleNamespace(cFunc=lambda m: m - np.interp(m, wealth, savings))
    agent = SimpleNamespace(solution=[solution], Rfree=[1.03], PermGroFac=[1.01], PermShkStd=[0.1], TranShkStd=[0.1], UnempPrb=0.05,
                            IncUnemp=0.3, LivPrb=[0.98])  # fmt: skip
    lines = lines_of("from_hark.md", 0, {"agent": agent}, tmp_path, monkeypatch)
    for name in "transition", "return_log_mean", "return_log_sd", "level_growth", "level_loading", "newborn":
        assert np.allclose(lines.variables[name], script.variables[name], rtol=1e-14), name
    for name in "income_log_mean", "income_log_sd":  # of the dead they mean nothing
        assert np.allclose(lines.variables[name][:2], script.variables[name][:2], rtol=1e-14), name
    wealthsim("-q", "-n", 1000, "-T", 3, "--model", "hark.h5")


def test_lines_from_quantecon(tmp_path, monkeypatch, wealthsim):
    """Arrays as the lecture's, in single precision, become a file that runs."""
    a, P = np.tile(np.linspace(0, 100, 100), (2, 1)).T.astype(np.float32), np.array([[0.9, 0.1], [0.1, 0.9]], np.float32)
    ifp = SimpleNamespace(P=P, a_r=0.1, b_r=0.0, a_y=0.2, b_y=0.5)
    lines = lines_of("from_quantecon.md", 0, {"ifp": ifp, "c_vec": a / 2, "a_vec": a}, tmp_path, monkeypatch)
    assert np.allclose(lines.variables["policy_savings"][:, -1], [150, 150]) and np.allclose(lines.variables["income_log_mean"], [0, 0.5])
    wealthsim("-q", "-n", 1000, "-T", 3, "--model", "quantecon.h5")


def test_lines_from_quantecon_aiyagari(tmp_path, monkeypatch, wealthsim):
    household = SimpleNamespace(a_grid=np.linspace(0, 12.5, 100), Π=np.array([[0.9, 0.1], [0.1, 0.9]]), z_grid=np.array([0.1, 1.0]))
    rule = np.array([np.maximum(np.arange(100) - 3, 0), np.minimum(np.arange(100) + 2, 99)]).T
    lines_of("from_quantecon.md", 1, {"household": household, "σ_star": rule}, tmp_path, monkeypatch)
    wealthsim("-q", "-n", 1000, "-T", 30, "--model", "aiyagari.h5", "-o", "run.h5")
    assert np.isclose(read(tmp_path / "run.h5")["wealth"][:, None], household.a_grid).any(axis=1).all()


# ---- the distribution ----------------------------------------------------------------------------------------


def check_cross_section(wealth, histogram, states=slice(None)):
    """At each quantile of the histogram, the share of households below is what it should be, within 4 standard errors (where
    many households have the same wealth: on either side of it); and so is the mean. (One check in 16,000 fails by chance.)"""
    n = len(wealth)
    quantiles = histogram.quantiles(PROBABILITIES, states)
    step = np.gradient(histogram.grid)[np.searchsorted(histogram.grid, quantiles).clip(0, len(histogram.grid) - 1)]
    allowed = 4 * np.sqrt(PROBABILITIES * (1 - PROBABILITIES) / n)
    below = np.array([np.mean(wealth <= q + h) for q, h in zip(quantiles, step / 4)])
    beneath = np.array([np.mean(wealth < q - h) for q, h in zip(quantiles, step / 4)])
    assert np.all(below >= PROBABILITIES - allowed) and np.all(beneath <= PROBABILITIES + allowed), (quantiles, below, beneath)
    assert abs(wealth.mean() - histogram.mean(states)) <= 4 * wealth.std() / np.sqrt(n), (wealth.mean(), histogram.mean(states))


@pytest.mark.parametrize(
    "script, options, periods, highest",
    [
        ("kesten", (), 40, 1e4),
        ("kesten", ("--s", 0.7, "--v1", 0.3, "--v2", 0.2), 60, 1e5),
        ("wealth_dynamics", ("--sigma-r", 0.3, "--w-hat", 4, "--states", 3), 60, 1e6),  # many below w_hat
        ("wealth_dynamics", ("--sigma-r", 0.3, "--states", 5, "--method", "tauchen"), 60, 1e6),
        ("ifp", ("--a-r", 0.1, "--knots", 80, "--start", 3), 100, 1e4),
        ("aiyagari", ("--knots", 80), 150, 1e3),
    ],
)  # fmt: skip
def test_histogram(script, options, periods, highest, model, wealthsim, tmp_path):
    path = model(script, *options)
    wealthsim("-q", "-n", 200_000, "-T", periods, "--model", path, "-o", "run.h5", threads=1)
    check_cross_section(read(tmp_path / "run.h5")["wealth"], Histogram(Model(path), highest, 1000).run(periods))


def test_buffer_stock_by_age_and_employment(model, wealthsim, tmp_path):
    """Resources in units of permanent income, of each of ten groups; and the groups' shares."""
    path = model("buffer_stock", "--ages", 5, "--knots", 100)
    wealthsim("-q", "-n", 1_000_000, "-T", 120, "--model", path, "-o", "run.h5", threads=1)
    run, histogram = read(tmp_path / "run.h5"), Histogram(Model(path), 1e3, 1000).run(120)
    for state in range(10):
        wealth, share = run["wealth"][run["state"] == state], histogram.mass[state].sum()
        assert abs(len(wealth) / 1e6 - share) <= 4 * np.sqrt(share * (1 - share) / 1e6), state
        if state == 0:  # newborns, of whom each has what the sample says
            assert np.isin(wealth, Model(path).variables["initial_wealth"]).all()
        elif len(wealth):
            check_cross_section(wealth, histogram, [state])
    assert not (run["state"] == 10).any()  # the dead are replaced at once
    # Of p: (1 + growth) to the power of the age, and the dead are replaced by 1.01.
    born, survival = np.array([1.01, 0.98])
    ages = np.arange(120)
    expected = np.sum((1 - survival) * (survival * born) ** ages * born) + (survival * born) ** 120 * born
    assert abs(run["level"].mean() - expected) <= 4 * run["level"].std() / 1e3


# ---- household by household ----------------------------------------------------------------------------------

EVERYTHING = dict(  # shares, a jump, own grids, bounds, debts, constants, newborns with weights, aggregate states, a level
    transition=[[[0.5, 0.3, 0.2, 0.0], [0.1, 0.6, 0.2, 0.1], [0.0, 0.3, 0.7, 0.0], [0.25, 0.25, 0.25, 0.25]],
                [[0.9, 0.1, 0.0, 0.0], [0.2, 0.2, 0.5, 0.1], [0.0, 0.0, 0.9, 0.1], [0.4, 0.3, 0.2, 0.1]]],
    policy_wealth=[[-2.0, 0.0, 1.0, 1.0, 4.0], [-1.0, 0.5, 2.0, 5.0, 9.0]],
    policy_savings=[[[-2.0, -1.0, 0.2, 0.5, 2.0], [-1.5, 0.0, 1.0, 3.5, 6.0]], [[-1.0, -1.0, 0.1, 0.8, 3.0], [-0.5, 0.1, 0.9, 3.0, 6.5]]],
    policy_share=[[0.0, 0.1, 0.5, 0.9, 1.0], [1.0, 0.8, 0.4, 0.3, 0.2]],
    policy_of_state=[0, 1, 1, 0],
    return_constant=[1.01, 1.0, 0.99, 1.02],
    risky_constant=[[-1.0, -1.1, -0.9, -1.0], [-1.0, -1.0, -1.2, -1.0]],
    return_log_mean=[0.05, 0.02, 0.0, 0.04],
    return_log_sd=[0.2, 0.3, 0.1, 0.2],
    income_constant=[-0.3, 0.0, 0.5, 0.1],
    income_log_sd=[0.5, 0.3, 0.0, 0.2],
    level_growth=[[1.0, 1.02, 0.98, 1.0], [0.99, 1.01, 1.0, 1.0]],
    level_loading=[-0.1, 0.2, 0.0, 0.1],
    newborn=[0, 0, 0, 1],
    initial_wealth=[0.5, -1.0, 3.0, 7.0, 2.0],
    initial_state=[0, 1, 2, 0, 1],
    initial_level=[1.0, 2.0, 0.5, 1.5, 3.0],
    initial_weight=[0.3, 0.0, 0.45, 0.2, 0.05],
    aggregate_path=[0, 0, 1, 1, 0, 1] * 20,
    lower_bound=-2.5, upper_bound=30.0,
)  # fmt: skip


def check_households(path, wealthsim, households, periods, *options):
    """The program's own numbers through the law in NumPy give the program's paths, to 1e-12 of each wealth or level."""
    reference, n = Model(path), 1000
    start = reference.start(n)
    for household in households:
        table = wealthsim("path", "--csv", "--shocks", "--model", path, "-n", n, "-T", periods, "--household", household, *options).stdout
        header, *lines = table.splitlines()
        columns = dict(zip(header.split(","), np.array([line.split(",") for line in lines], dtype=float).T))
        shocks = [columns[name][1:, None] for name in ("zeta", "xi", "uniform")]
        paths = reference.simulate(*(np.atleast_1d(each[household]) for each in start), *shocks)
        for name, expected in zip(("wealth", "state", "level"), paths):
            if name != "level" or reference.has_level:
                assert np.allclose(columns[name], expected[:, 0], rtol=1e-12, atol=1e-13), (household, name)
        assert ("level" in columns) == reference.has_level


@pytest.mark.parametrize("script", SMALL)
def test_household_by_household(script, model, wealthsim):
    check_households(model(script, *SMALL[script]), wealthsim, (0, 255, 256, 999), 150)


@pytest.mark.parametrize("extrapolation", ["linear", "flat"])
def test_everything_household_by_household(extrapolation, tmp_path, wealthsim, monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    from model_file import write_model

    path = write_model(tmp_path / "all.h5", extrapolation=extrapolation, **EVERYTHING)
    check_households(path, wealthsim, range(0, 1000, 90), 120)


# ---- what is printed elsewhere -------------------------------------------------------------------------------


def printed(said, name):
    return float(re.search(rf"{re.escape(name)}\D*(-?[0-9.]+[0-9])", said)[1])


def test_hark(model):
    """HARK's notebook on IndShockConsumerType prints targets and the knots of the consumption function."""
    path = model("buffer_stock", "--approximation", "hark")
    assert abs(printed(model.said, "(mNrmTrg)") - 1.4927857922351209) < 5e-5
    assert abs(printed(model.said, "(mNrmStE)") - 1.4685470816550523) < 5e-5
    resources = np.array([0.97801609, 1.20228528, 1.4537233, 2.10900608, 5.06325289, 10.12185197, 18.54332509])
    consumption = np.array([0.85670054, 0.93710668, 1.00606296, 1.11300021, 1.37767809, 1.69690819, 2.1584167])
    with h5py.File(path) as file:
        mine = resources - np.interp(resources, file["policy_wealth"][0], file["policy_savings"][0])
    assert np.all(np.abs(mine / consumption - 1) < [1e-5] * 6 + [1e-4])  # the last one is near the grid's end, where HARK bends it


@pytest.mark.parametrize("a_y, gini", [(0.2, 0.19), (0.125, 0.18)])
def test_income_fluctuations(a_y, gini, model, wealthsim, tmp_path):
    """QuantEcon's exercise at a_r = 0.10, to the two digits in which it is told. (At 0.16 its rule lets wealth grow without
    bounds, and the result is the sample's.)"""
    path = model("ifp", "--approximation", "lecture", "--a-r", 0.1, "--a-y", a_y)
    wealthsim("-q", "-n", 50_000, "-T", 500, "--model", path, "-o", "run.h5", threads=1)
    assert round(float(read(tmp_path / "run.h5")["gini"][0, -1]), 2) == gini


def test_aiyagari(model, wealthsim, tmp_path):
    """Capital is about 8 in QuantEcon's lecture; a run's mean wealth is the capital of the equilibrium, and its households eat what
    that and labour, 0.55 on average, earn."""
    path = model("aiyagari")
    capital = printed(model.said, "capital")
    assert round(capital) == 8
    wealthsim("-q", "-n", 200_000, "-T", 400, "--model", path, "-o", "run.h5", threads=1)
    run = read(tmp_path / "run.h5")
    eaten = printed(model.said, "rate") * capital + printed(model.said, "wage") * 0.55
    for quantity, expected in enumerate((capital, eaten)):
        assert abs(run["mean"][quantity, -1] - expected) < 4 * run["mean_error"][quantity, -1]


@pytest.mark.parametrize("name", ["ifp", "buffer_stock"])
def test_consumption(name, wealthsim, tmp_path):
    """What wealth, or resources, is not saved, of the final households; flat beyond the knots."""
    file = Model(ROOT / f"data/{name}.h5").variables
    wealthsim("-q", "-n", 20_000, "-T", 60, "--model", ROOT / f"data/{name}.h5", "-o", "run.h5", threads=1)
    run = read(tmp_path / "run.h5")
    policy = file["policy_of_state"].astype(int)[run["state"]] if "policy_of_state" in file else run["state"]
    eaten = np.empty(20_000)
    for i, (x, a) in enumerate(zip(file["policy_wealth"], file["policy_savings"])):
        eaten[policy == i] = np.interp(run["wealth"][policy == i], x, x - a)
    mean, median = (run[name][(0,) * (run[name].ndim - 2) + (-1, -1)] for name in ("mean", "median"))
    assert mean == pytest.approx(eaten.mean(), rel=1e-12) and median == pytest.approx(np.median(eaten), rel=1e-12)


def test_krusell_smith(model, wealthsim, tmp_path, monkeypatch):
    """The law of capital that comes about is that of the paper, and so is the Gini coefficient, 0.25; a run's mean wealth is
    the capital of a histogram that the file's rules move along the path, and its final cross-section the histogram's."""
    path = model("krusell_smith_path")
    laws = np.array(re.findall(r"log K' = ([0-9.]+) \+ ([0-9.]+) log K", model.said), dtype=float)
    assert np.abs(laws - [[0.095, 0.962], [0.085, 0.965]]).max() < 0.003
    wealthsim("-q", "-n", 100_000, "-T", 2000, "--record-every", 100, "--model", path, "-o", "run.h5", threads=1)
    run, reference = read(tmp_path / "run.h5"), Model(path)
    assert abs(np.ravel(run["gini"])[-1] - 0.25) < 0.01

    monkeypatch.syspath_prepend(str(SCRIPTS))
    from markov import move, places

    histogram = Histogram(reference, 150, 4000)  # its grid and start
    mean = [histogram.mean()]
    for t in range(1, 2001):
        rules = zip(reference.get("policy_wealth", t), reference.get("policy_savings", t))
        chosen = np.array([np.interp(histogram.grid, x, a) for x, a in rules])
        histogram.mass = move(histogram.mass, *places(histogram.grid, chosen), reference.get("transition", t))
        mean.append(histogram.mean())
    assert np.all(np.abs(np.ravel(run["mean"])[1:] - mean[100::100]) < 4 * np.ravel(run["mean_error"])[1:])
    for state in 0, 1:
        check_cross_section(run["wealth"][run["state"] == state], histogram, [state])
