"""Calibration: that known parameters are found within the errors that it reports, what it warns of, and its words.

CALIBRATE_SEEDS=20 in the environment tries that many seeds with the program, at CALIBRATE_HOUSEHOLDS households.
"""
import os
import subprocess
import sys

import numpy as np
import pytest
from program import ROOT

scipy = pytest.importorskip("scipy", reason="SciPy (python3-scipy) is not there")
xarray = pytest.importorskip("xarray", reason="xarray (python3-xarray) is not there")

sys.path.insert(0, str(ROOT / "jobs"))
import wealthsim  # noqa: E402
from wealthsim.moments import Simulator, parse  # noqa: E402

SCRIPT = ROOT / "jobs" / "calibrate.py"
SEEDS = int(os.environ.get("CALIBRATE_SEEDS", 3))
HOUSEHOLDS = int(os.environ.get("CALIBRATE_HOUSEHOLDS", 10_000))
N = 2000  # of the normal samples below


def normal(points, seed):
    """A simulator without the program: statistics of N normals of mean a and standard deviation b."""
    z = np.random.default_rng(seed).standard_normal(N)
    x = np.asarray(points["a"])[:, None] + np.asarray(points["b"])[:, None] * z
    sd, (lower, upper) = x.std(axis=1), np.quantile(x, [0.1, 0.9], axis=1)
    return {"mean": x.mean(axis=1), "sd": sd, "upper": upper, "lower": lower, "mean_error": sd / N**0.5}


BOUNDS = {"a": (-3, 5), "b": (0.1, 4)}
COVARIANCE = np.cov([[normal({"a": [1.5], "b": [0.7]}, seed)[name][0] for name in ("mean", "sd", "upper", "lower")] for seed in range(5000, 5400)],
                    rowvar=False)  # fmt: skip


def fit_normal(targets, **options):
    return wealthsim.calibrate(targets, BOUNDS, simulate=normal, progress=False, **options)


# ---- the numbers ---------------------------------------------------------------------------------------------


def test_as_many_targets_as_parameters():
    """The targets are met; standard errors are those of theory, b/√N and b/√(2N): of the mean's error, which the simulator
    says, exactly, of the other's within what 200 replications leave open (5 %, 4 standard errors are 20)."""
    fit = fit_normal({"mean": 1.5, "sd": 0.7}, replications=200)
    z = np.random.default_rng(1).standard_normal(N)
    assert fit.success and fit.warnings == ()
    assert fit.estimates["b"] == pytest.approx(0.7 / z.std(), rel=1e-6)
    assert fit.estimates["a"] == pytest.approx(1.5 - 0.7 / z.std() * z.mean(), rel=1e-6)
    assert fit.fitted == pytest.approx(fit.targets, rel=1e-6)
    assert fit.fitted_errors["mean"] == pytest.approx(0.7 / N**0.5, rel=1e-6)
    assert fit.standard_errors["b"] == pytest.approx(0.7 / (2 * N) ** 0.5, rel=0.2)
    assert fit.standard_errors["a"] == pytest.approx(0.7 / N**0.5, rel=0.1)
    assert np.allclose(fit.jacobian, [[1, z.mean()], [0, z.std()]], atol=1e-6)
    assert np.isnan(fit.j_statistic) and fit.degrees_of_freedom == 0
    assert fit.replication_seeds == tuple(range(2, 202))
    assert fit.points == len(fit.trace[0]) + 200 and fit.starts < fit.points


@pytest.mark.parametrize("weights", [None, "optimal", {"mean": 1, "sd": 1, "upper": 0.5, "lower": 0}])
def test_errors_are_those_of_many_fits(weights):
    """100 fits to targets of other seeds: standardised estimates have variance 1 (chi-squared of 100: 0.62 to 1.5 but for
    1 in 2,000; 60 replications leave 4 % more open), none is beyond 4.5, and J's p-values are uniform."""
    deviations, p_values = [], []
    for seed in range(100):
        given = {name: float(value[0]) for name, value in normal({"a": [1.5], "b": [0.7]}, 10**6 + seed).items() if "_" not in name}
        fit = fit_normal(given, target_errors=COVARIANCE, weights=weights, seed=100 * seed, rounds=0, replications=60)
        deviations.append([(fit.estimates["a"] - 1.5) / fit.standard_errors["a"], (fit.estimates["b"] - 0.7) / fit.standard_errors["b"]])
        p_values.append(fit.p_value)
    spread = np.mean(np.square(deviations), axis=0)
    assert (spread > 0.6).all() and (spread < 1.6).all(), spread
    assert np.abs(deviations).max() < 4.5
    assert abs(np.mean(p_values) - 0.5) < 0.12 and min(p_values) > 1e-5, np.sort(p_values)


def test_target_errors_add_to_those_of_simulation():
    exact = fit_normal({"mean": 1.5, "sd": 0.7})
    both = fit_normal({"mean": 1.5, "sd": 0.7}, target_errors={"mean": 0.05})
    assert both.estimates == exact.estimates and both.target_errors == {"mean": 0.05, "sd": 0}
    assert both.standard_errors["a"] == pytest.approx(np.hypot(exact.standard_errors["a"], 0.05), rel=0.01)
    assert both.standard_errors["b"] == pytest.approx(exact.standard_errors["b"], rel=0.01)
    assert "taken as exact" in exact.summary() and "the targets' errors" in both.summary()


def test_the_same_again():
    first, second = (fit_normal({"mean": 1.5, "upper": 2.4}, seed=5) for _ in range(2))
    assert first.estimates == second.estimates and first.standard_errors == second.standard_errors
    assert fit_normal({"mean": 1.5, "upper": 2.4}, seed=6).estimates != first.estimates


# ---- warnings ------------------------------------------------------------------------------------------------


def test_targets_that_cannot_be_met_together():
    fit = fit_normal({"mean": 1.5, "sd": 0.7, "upper": 5})
    assert not fit.success and fit.p_value < 1e-6
    assert any(text.startswith("the targets cannot be met together: ") and "upper by" in text for text in fit.warnings), fit.warnings
    assert "warning: the targets cannot be met together" in fit.summary()


def test_a_parameter_at_its_bound():
    fit = fit_normal({"mean": 6.5, "sd": 0.7})
    assert not fit.success and fit.estimates["a"] == pytest.approx(5, abs=1e-3)
    assert "a is at its bound 5: standard errors do not hold there" in fit.warnings


def test_parameters_that_the_targets_do_not_tell():
    def useless(points, seed):
        return {"mean": normal({"a": points["a"], "b": np.ones(len(points["a"]))}, seed)["mean"], "twice": np.full(len(points["a"]), 2.0)}

    fit = wealthsim.calibrate({"mean": 1.5, "twice": 2}, BOUNDS, simulate=useless, progress=False)
    assert not fit.success and any(text.startswith("the targets do not tell b: ") for text in fit.warnings), fit.warnings
    assert fit.standard_errors["b"] == np.inf and 0 < fit.standard_errors["a"] < 0.1


def test_points_without_finite_statistics():
    """A simulator that fails over half of the range still leads to the minimum; over all of it, it is an error."""

    def half(points, seed):
        found = normal(points, seed)
        return {name: np.where(np.asarray(points["a"]) > 1, values, np.nan) for name, values in found.items()}

    assert wealthsim.calibrate({"mean": 1.5, "sd": 0.7}, BOUNDS, simulate=half, progress=False).success
    with pytest.raises(ValueError, match="at no point within the bounds"):
        wealthsim.calibrate({"mean": 1.5, "sd": 0.7}, {"a": (-3, 0.5), "b": (0.1, 4)}, simulate=half, progress=False)


# ---- wrong questions -----------------------------------------------------------------------------------------

WRONG = [
    (dict(targets={"ginny": 0.5, "mean": 1}), "target 'ginny' is not a statistic; did you mean gini?"),
    (dict(targets={"quantil(0.9)": 3, "mean": 1}), "target 'quantil(0.9)' is not a statistic; did you mean quantile(0.9)?"),
    (dict(targets={"xyz": 3, "mean": 1}), "there are median, mean, gini"),
    (dict(targets={"quantile": 3, "mean": 1}), "target 'quantile': quantile takes a number from 0 to 1: quantile(0.9)"),
    (dict(targets={"share_top(1)": 3, "mean(3)": 1}), "target 'mean(3)': mean is a single number; write mean"),
    (dict(targets={"hill(0.02)": 3, "mean": 1}), "Hill's estimate is made from the richest 0.001, 0.005, 0.01, 0.05, 0.1"),
    (dict(targets={"median_averge": 3, "mean": 1}), "target 'median_averge' is not a statistic; did you mean median_average"),
    (dict(targets={"group_3:income:quantil_average(0.9)": 3, "mean": 1}), "did you mean quantile_average(0.9)"),
    (dict(targets={"quantile_average": 3, "mean": 1}), "quantile_average takes a number from 0 to 1: quantile_average(0.9)"),
    (dict(targets={"mean_average(3)": 3, "mean": 1}), "mean_average is a single number; write mean_average"),
    (dict(targets={"mean": 3, "gini_average": 1}), "target 'gini_average' is an average over time: say after which period it begins"),
    (dict(targets={"level:group_3:mean": 3, "mean": 1}), "target 'level:group_3:mean': before a statistic there are a group and a quantity"),
    (dict(targets={"group 3:mean": 3, "mean": 1}), "or one of them: group_30:median, level:mean, group_30:level:mean"),
    (dict(targets={"group_share": 3, "mean": 1}), "target 'group_share': group_share is a group's: write group_30:group_share"),
    (dict(targets={"group_30:households_below": 3, "mean": 1}), "households_below is of all households: write households_below"),
    (dict(targets={"households_below_average": 3, "mean": 1}), "target 'households_below_average' is not a statistic"),
    (dict(targets={"mean": np.nan, "gini": 0.3}), "target 'mean': nan is not a finite number"),
    (dict(targets={"gini": 0.5}), "1 target cannot tell 2 parameters"),
    (dict(parameters={}), "no parameters"),
    (dict(parameters={"s": (0.9, 0.1)}), "parameter 's': bounds are two numbers, the lower first"),
    (dict(parameters={"s": 0.9}), "parameter 's': bounds are two numbers, the lower first"),
    (dict(target_errors={"gin": 0.1}), "target_errors: no target is called 'gin'"),
    (dict(target_errors=[[1, 2], [2, 1]]), "target_errors: not a covariance"),
    (dict(weights={"gin": 0.1}), "weights: no target is called 'gin'"),
    (dict(weights={"gini": 0}), "at least 2 of them are above 0"),
    (dict(weights="best"), "weights 'best'"),
]  # fmt: skip


@pytest.mark.parametrize("change, words", WRONG)
def test_wrong_questions(change, words):
    """Said before anything is simulated."""
    asked = {"targets": {"gini": 0.5, "mean": 3}, "parameters": {"s": (0.2, 0.9), "v1": (0.1, 0.5)}, **change}
    with pytest.raises(ValueError) as raised:
        wealthsim.calibrate(**asked)
    assert words in str(raised.value)


# ---- the program ---------------------------------------------------------------------------------------------

NAMES = "gini", "mean", "median", "variance", "bottom_half_share", "quantile(0.33)", "lorenz(0.25)", "share_top(0.01)", "top_share(0.05)", "hill(0.05)"


def test_names_are_the_files_variables():
    found = Simulator(list(map(parse, NAMES)), households=3000, periods=20)({"s": np.array([0.7]), "v1": np.array([0.3])}, seed=3)
    data = wealthsim.run(households=3000, periods=20, s=0.7, v1=0.3, seed=3, quantiles=[0.25, 0.33, 0.95, 0.99])
    last = data.isel(period=-1)
    expected = {
        "gini": last["gini"], "mean": last["mean"], "quantile(0.33)": last["quantile"].sel(probability=0.33),
        "lorenz(0.25)": last["lorenz"].sel(probability=0.25), "hill(0.05)": last["hill"].sel(tail=0.05), "median": last["median"],
        "share_top(0.01)": last["top_share"].sel(top=0.01), "top_share(0.05)": last["top_share"].sel(top=0.05),
        "gini_error": last["gini_error"], "hill(0.05)_error": last["hill_error"].sel(tail=0.05), "variance": last["variance"],
        "bottom_half_share": last["bottom_half_share"],
        "median_error": (last["median_high"] - last["median_low"]) / 3.919928,
    }  # fmt: skip
    for name, value in expected.items():
        assert found[name] == pytest.approx([float(value)], rel=1e-6), name
    richest = np.sort(data["wealth"])[-30:]
    assert found["share_top(0.01)"][0] == pytest.approx(float(richest.sum() / data["wealth"].sum()), rel=1e-9)


def test_replications_are_parts_of_a_population():
    """By one start: their statistics are what the program has for the whole, were it one part; and they differ as those
    of other seeds do (ratios of variances of 40 and 20: within 0.3 and 3.5 but for one in 500)."""
    statistics = list(map(parse, NAMES))
    simulator = Simulator(statistics, households=1200, periods=20)
    point = {"s": np.array([0.7]), "v1": np.array([0.3])}
    whole = simulator(point, seed=3)
    assert simulator.replications(point, seed=3, n=1)[0] == pytest.approx([whole[name][0] for name in NAMES], rel=1e-9)
    parts = simulator.replications(point, seed=3, n=40)
    assert parts.shape == (40, len(NAMES))
    of_seeds = [simulator(point, seed=seed) for seed in range(100, 120)]
    seeds = np.array([[found[name][0] for name in NAMES] for found in of_seeds])
    ratio = parts.var(axis=0) / seeds.var(axis=0)
    assert (ratio > 0.3).all() and (ratio < 3.5).all(), dict(zip(NAMES, ratio))
    assert Simulator([parse("households_below")], households=100, periods=2).replications(point, seed=3, n=2) is None


def test_outcomes_are_asked_for():
    """Targets of income and savings: the program records them."""
    simulator = Simulator([parse(name) for name in ("mean", "income:mean", "savings:mean", "savings:correlation_with_wealth")], households=1000, periods=5)
    found = simulator({"s": np.array([0.7, 0.5]), "v1": np.array([0.3, 0.3])}, seed=3)
    assert found["savings:mean"] == pytest.approx([0.7 * found["mean"][0], 0.5 * found["mean"][1]], rel=1e-12)
    assert found["income:mean"][0] == found["income:mean"][1] == pytest.approx(np.exp(0.5), abs=5 * found["income:mean_error"][0])
    assert found["savings:correlation_with_wealth"] == pytest.approx(1, abs=1e-12)


def with_groups(folder, rate=0.5, pay=1.0):
    """A model file of two states that households move between at random, employed (label 30) at `pay` times the others' (-5)
    income; they keep `rate` of their wealth."""
    sys.path.append(str(ROOT / "jobs" / "models"))
    from model_file import write_model

    x = np.array([0.0, 1.0])
    return write_model(str(folder / f"{rate!r}-{pay!r}.h5"), transition=[[0.5, 0.5], [0.25, 0.75]], policy_wealth=[x], policy_savings=[rate * x],
                       policy_of_state=[0, 0], return_constant=[1.0, 1.0], income_log_mean=[0.0, np.log(pay)], income_log_sd=[0.3, 0.3],
                       level_growth=[1.0, 1.0], level_loading=[0.1, 0.1], group=[-5, 30])  # fmt: skip


IN_GROUPS = ("group_30:median", "group_-5:gini", "group_30:wealth_in_levels:mean_average", "median_average", "level:quantile_average(0.33)",
             "share_top_average(0.01)", "group_30:group_share", "group_-5:group_households", "group_30:level:share_top(0.05)")  # fmt: skip


def test_averages_and_groups_are_the_files_variables(tmp_path):
    options = dict(households=3000, periods=60, record_every=2, average_from=10)
    simulator = Simulator(list(map(parse, IN_GROUPS)), model=lambda rate: with_groups(tmp_path, rate), **options)
    found = simulator({"rate": np.array([0.5])}, seed=3)
    data = wealthsim.run(**options, model=with_groups(tmp_path, 0.5), seed=3, quantiles=[0.33, 0.95, 0.99])
    last, after = data.isel(period=-1), data.sel(period=slice(11, None))
    share = 1 - after["lorenz"].sel(probability=0.99, group="all", quantity="wealth")
    expected = {
        "group_30:median": last["median"].sel(group="30", quantity="wealth"), "group_-5:gini": last["gini"].sel(group="-5", quantity="wealth"),
        "group_30:wealth_in_levels:mean_average": after["mean"].sel(group="30", quantity="wealth_in_levels").mean(),
        "median_average": after["median"].sel(group="all", quantity="wealth").mean(), "share_top_average(0.01)": share.mean(),
        "level:quantile_average(0.33)": after["quantile"].sel(group="all", quantity="level", probability=0.33).mean(),
        "group_30:group_share": last["group_share"].sel(group="30"), "group_-5:group_households": last["group_households"].sel(group="-5"),
        "group_30:level:share_top(0.05)": last["share_top"].sel(group="30", quantity="level", probability=0.95),
        "group_-5:gini_error": last["gini_error"].sel(group="-5", quantity="wealth"),
        "median_average_error": data["median_average_error"].sel(group="all", quantity="wealth"),
    }  # fmt: skip
    for name, value in expected.items():
        assert found[name] == pytest.approx([float(value)], rel=1e-9, nan_ok=True), name
    assert set(expected) >= set(IN_GROUPS) and found["group_30:group_share"] == pytest.approx(2 / 3, abs=0.05)


@pytest.mark.parametrize("target, words", [
    ("group_3:mean", "target 'group_3:mean': the model's groups are group_-5, group_30; did you mean group_30?"),
    ("levl:mean", "the model's quantities are wealth, level, wealth_in_levels; did you mean level?"),
    ("grup_30:mean", "before a statistic stands its group as group_30:mean"),
])  # fmt: skip
def test_groups_and_quantities_that_a_model_has_not(tmp_path, target, words):
    simulator = Simulator([parse(target)], model=lambda rate: with_groups(tmp_path, rate), households=100, periods=2)
    with pytest.raises(ValueError) as raised:
        simulator({"rate": np.array([0.5])}, seed=1)
    assert words in str(raised.value)
    with pytest.raises(ValueError, match="has no groups, which a model file with the variable group gives"):
        Simulator([parse("group_3:mean")], households=100, periods=2)({"s": np.array([0.3])}, seed=1)


def test_an_average_and_a_group_as_targets(tmp_path):
    """A known parameter from the statistics of other shocks: within 4 standard errors. Replications are starts of their own."""
    options = dict(households=1000, periods=36, record_every=2, average_from=20, outcomes="none", error_groups=0, threads=1)
    names = "mean_average", "group_-5:median"
    simulator = Simulator(list(map(parse, names)), model=lambda rate: with_groups(tmp_path, rate, 1.5), **options)
    point = {"rate": np.array([0.7])}
    given = {name: float(values[0]) for name, values in simulator(point, seed=77).items() if name in names}
    assert simulator.replications(point, seed=3, n=2) is None
    fit = wealthsim.calibrate(given, {"rate": (0.2, 0.9)}, model=simulator.model, replications=6, rounds=1, population=5, progress=False, **options)
    assert fit.success and len(fit.replication_seeds) == 6, fit.summary()
    assert abs(fit.estimates["rate"] - 0.7) < 4 * 2**0.5 * fit.standard_errors["rate"] < 0.1, fit.summary()


TRUE = {"s": 0.8, "v1": 0.3}
TARGETS = "gini", "share_top(0.01)", "median"


@pytest.mark.timeout(3600)
def test_known_parameters_are_found():
    """Targets simulated from other populations at known parameters: within 3 standard errors for all seeds (by chance, one
    of 2 × 20 estimates would be beyond for one choice of seeds in 10), and nothing is warned of."""
    size = {"households": HOUSEHOLDS, "periods": 100}
    simulator = Simulator(list(map(parse, TARGETS)), **size)
    point = {name: np.array([value]) for name, value in TRUE.items()}
    others = simulator.replications(point, seed=1001, n=max(30, SEEDS))
    covariance = np.cov(others, rowvar=False)
    worst = {}
    for i in range(SEEDS):
        fit = wealthsim.calibrate(dict(zip(TARGETS, map(float, others[i]))), {"s": (0.2, 0.9), "v1": (0.05, 0.6)}, target_errors=covariance, seed=1 + 50 * i,
                                  replications=20, progress=False, **size)  # fmt: skip
        assert fit.warnings == () and fit.success, fit.summary()
        worst[i] = max(abs(fit.estimates[name] - true) / fit.standard_errors[name] for name, true in TRUE.items())
        print(f"seed {i}: {worst[i]:.2f} standard errors, {fit.starts} starts, {fit.points} points, {fit.seconds:.1f} s")
    assert max(worst.values()) < 3, worst


def test_models_of_a_function(tmp_path):
    """A household that is solved for each point; of two quantities."""
    sys.path.append(str(ROOT / "jobs" / "models"))
    from model_file import write_model

    def solve(rate, growth):
        x = np.array([0.0, 1.0])
        return write_model(str(tmp_path / f"{rate!r}-{growth!r}.h5"), transition=[[1.0]], policy_wealth=[x], policy_savings=[rate * x],
                           return_constant=[1.0], income_log_sd=[0.3], level_growth=[growth], level_loading=[0.0])  # fmt: skip

    fit = wealthsim.calibrate({"mean": 4, "level:mean": 1.3}, {"rate": (0.1, 0.95), "growth": (0.9, 1.1)}, model=solve, households=1000,
                              periods=60, replications=5, rounds=3, progress=False)  # fmt: skip
    assert fit.estimates["growth"] == pytest.approx(1.3 ** (1 / 60), rel=1e-6)
    assert fit.estimates["rate"] == pytest.approx(1 - np.exp(0.3**2 / 2) / 4, abs=5 * fit.standard_errors["rate"])
    with pytest.raises(ValueError, match="target 'income:mean': the model's quantities are wealth, level"):
        wealthsim.calibrate({"income:mean": 4}, {"rate": (0.1, 0.95)}, model=lambda rate: solve(rate, 1.0), households=300, periods=5)


# ---- the command line ----------------------------------------------------------------------------------------


def calibrate(*words, cwd, status=0):
    command = [sys.executable, "-W", "error", str(SCRIPT), *words]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300)
    assert done.returncode == status, f"{command}: status {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def test_script(tmp_path):
    """The summary, an option for all points, a picture; nothing else is left."""
    pytest.importorskip("matplotlib")
    done = calibrate("--target", "gini=0.4~0.005", "--target", "mean=9", "-p", "s=0.2:0.9", "-p", "v1=0.05:0.6", "-n", "4e3", "-T", "60",
                     "--replications", "6", "-o", "fit", "--", "--v2", "0.9", cwd=tmp_path)  # fmt: skip
    assert "calibration of 2 parameters to 2 targets: 4,000 households, 60 periods, seed 1" in done.stdout
    assert "\n  s " in done.stdout and "0.2 to 0.9" in done.stdout and "0.005" in done.stdout and "fit.png, .pdf" in done.stdout
    assert sorted(os.listdir(tmp_path)) == ["fit.pdf", "fit.png"] and done.stderr == ""


@pytest.mark.parametrize(
    "words, message",
    [
        (["-t", "ginny=0.4", "-p", "s=0.2:0.9"], "target 'ginny' is not a statistic; did you mean gini?"),
        (["-t", "gini", "-p", "s=0.2:0.9"], "--target 'gini' is not NAME=VALUE"),
        (["-t", "gini=x", "-p", "s=0.2:0.9"], "--target gini: 'x' is not a number"),
        (["-t", "gini_average=0.4", "-p", "s=0.2:0.9"], "by average_from and record_every (--average-from 100 --record-every 10)"),
        (["-t", "gini_average=0.4", "-p", "s=0.2:0.9", "-T", "50", "--", "--average-from", "20"], "--average-from: there will be 1 record"),
        (["-t", "gini=0.4", "-t", "gini=0.5", "-p", "s=0.2:0.9"], "--target: 'gini' comes twice"),
        (["-t", "gini=0.4", "-p", "s=0.2"], "parameter 's': bounds are two numbers"),
        (["-t", "gini=0.4", "-p", "z=0.2:0.3"], "'z'"),
        (["-t", "gini=0.4", "-p", "s=0.2:0.9", "--", "--perods", "3"], "did you mean --periods?"),
        (["-t", "gini=0.4", "-p", "s=0.2:0.9", "--", "-T3"], "options of wealthsim are written in full"),
    ],
)
def test_script_is_asked_wrongly(tmp_path, words, message):
    done = calibrate(*words, cwd=tmp_path, status=2)
    assert message in done.stderr and done.stderr.startswith("calibrate.py: ") and done.stdout == "", done.stderr
    assert os.listdir(tmp_path) == []
