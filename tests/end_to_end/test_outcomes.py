"""What records are of besides wealth: income and savings of the built-in model, outcomes of a model file."""
import math

import h5py
import numpy as np
import pytest
from model_reference import on_knots
from program import read

LAYOUTS = [(1, 1), (2, 2), (3, 1), (16, 1)]
RUN = "-n", 3000, "-T", 12, "--quantiles", "0.1,0.5,0.9"
BOTH = "--outcomes", "income,savings"
TINY = 1e-70  # of a savings rate so small that wealth is the period's income, to the bit


def check(file, i, at, x, wealth, within=0):
    """A quantity's statistics in a record, from plain NumPy; within: of values that are rounded once less by the program."""
    n, x_sorted = len(x), np.sort(x)
    ours = [file["median"][i, at], file["maximum"][i, at], file["minimum"][i, at]]
    assert ours == pytest.approx([np.median(x), x.max(), x.min()], rel=within, abs=within)
    assert file["mean"][i, at] == pytest.approx(math.fsum(x) / n, rel=within or 4e-16)
    assert file["quantile"][i, at] == pytest.approx(np.quantile(x, [0.1, 0.5, 0.9]), rel=within or 1e-15)
    assert file["variance"][i, at] == pytest.approx(x.var(), rel=1e-12)
    gini = math.fsum((2 * np.arange(1, n + 1) - n - 1) * x_sorted) / (n * math.fsum(x))
    assert file["gini"][i, at] == pytest.approx(gini, rel=1e-12)
    assert file["lorenz"][i, at, 1] == pytest.approx(math.fsum(x_sorted[: n // 2]) / math.fsum(x), rel=1e-12)
    assert file["top_share"][i, at, 2] == pytest.approx(math.fsum(x_sorted[-n // 100 :]) / math.fsum(x), rel=1e-12)
    assert file["correlation_with_wealth"][i, at] == pytest.approx(np.corrcoef(wealth, x)[0, 1], rel=1e-9, abs=1e-12)
    parts = file.attributes["error-groups"]
    of = np.arange(n) // 256 % parts
    weights = np.bincount(of) / n
    values = np.array([np.corrcoef(wealth[of == part], x[of == part])[0, 1] for part in range(parts)])
    error = math.sqrt((weights * (values - (weights * values).sum()) ** 2).sum() / (parts - 1))
    assert file["correlation_with_wealth_error"][i, at] == pytest.approx(error, rel=1e-6, abs=1e-12)


def statistics(path):
    """What stands over period, as bytes."""
    with h5py.File(path) as file:
        over = {name: [d[0].name for d in data.dims if len(d)] for name, data in file.items() if isinstance(data, h5py.Dataset)}
        return {name: file[name][()].tobytes() for name in over if "/period" in over[name]}


# ---- the built-in model ---------------------------------------------------------------------------------------


@pytest.mark.smoke
def test_income_and_savings(wealthsim, tmp_path):
    """Each record against NumPy, on the households' paths: income from a run that saves nothing."""
    parameters = "--r", 0.1, "--s", 0.4, "--v1", 0.5, "--v2", 0.8
    said = wealthsim(*RUN, *parameters, *BOTH, "--record-every", 1, "--paths", 3000, "-o", "out.h5").stdout
    file = read(tmp_path / "out.h5")
    wealthsim("-q", *RUN[:4], *parameters[:2], "--s", TINY, *parameters[4:], "--paths", 3000, "-o", "income.h5")
    wealth, income = file["path_wealth"], read(tmp_path / "income.h5")["path_wealth"]
    assert file["median"].shape == file["correlation_with_wealth"].shape == (3, 13) and (wealth > 0).all()
    for t in range(13):
        check(file, 2, t, 0.4 * wealth[:, t], wealth[:, t]) if t > 0 else None
        check(file, 1, t, income[:, t], wealth[:, t]) if t > 0 else None
    assert (file["correlation_with_wealth"][0] == 1).all() and file["mean"][2, 0] == 0.4
    assert file["correlation_with_wealth"][2, 1:] == pytest.approx(1, abs=1e-12) and np.isnan(file["correlation_with_wealth"][1:, 0]).all()
    with h5py.File(tmp_path / "out.h5") as h5:
        over_period = [data[1, 0] for name, data in h5.items() if "quantity" in [d[0].name[1:] for d in getattr(data, "dims", ()) if len(d)]
                       and data.ndim > 1]  # fmt: skip
        assert len(over_period) >= 20 and all(np.isnan(value).all() for value in over_period)  # there was no income before the first period
        assert h5["quantity"].attrs["flag_meanings"] == "wealth income savings"
        assert h5["quantity"].attrs["comment"] == "what is of the period that ended, like income, is NaN at period 0"
    assert file.attributes["outcomes"] == "income,savings"
    for i, name in (1, "income "), (2, "savings"):
        assert (f"  {name}     median {file['median'][i, -1]:.7g}, mean {file['mean'][i, -1]:.7g}, Gini {file['gini'][i, -1]:.7g}, "
                f"correlation with wealth {file['correlation_with_wealth'][i, -1]:.4f}\n") in said  # fmt: skip


def test_income_is_of_the_shocks(wealthsim, tmp_path):
    """exp(v2 ξ), with the ξ that path --shocks shows: of one household, which is then all that there is."""
    for period in 1, 5, 40:
        wealthsim("-q", "-n", 1, "-T", period, "--v2", 1.5, "--outcomes", "income", "-o", "out.h5")
        wealthsim("path", "-q", "-T", period, "--v2", 1.5, "--shocks", "-o", "path.h5")
        xi = read(tmp_path / "path.h5")["path_xi"].ravel()[-1]
        assert read(tmp_path / "out.h5")["median"][1, 0] == pytest.approx(math.exp(1.5 * xi), rel=1e-12)


def test_one_answer(wealthsim, tmp_path):
    """On all layouts; and the run is the one without outcomes."""
    every = "--record-every", 5, "-q"
    wealthsim(*RUN, *BOTH, *every, "-o", "whole.h5")
    whole = statistics(tmp_path / "whole.h5")
    assert len(whole) == 32
    for ranks, threads in LAYOUTS[1:]:
        wealthsim(*RUN, *BOTH, *every, "-o", "out.h5", ranks=ranks, threads=threads)
        assert statistics(tmp_path / "out.h5") == whole
    wealthsim(*RUN, *every, "-o", "none.h5")
    none, file = read(tmp_path / "none.h5"), read(tmp_path / "whole.h5")
    assert none.hash == file.hash and none.attributes["outcomes"] == "none"
    assert "quantity" not in none and "correlation_with_wealth" not in none
    assert all(np.array_equal(none[name], file[name][0], equal_nan=True) for name in ("quantile", "gini_error", "hill"))


@pytest.mark.parametrize("every", [0, 7])
def test_resumed_at_a_record(wealthsim, tmp_path, every):
    """A run that ends where a checkpoint of a longer one is, at a period that was not recorded then: its income is in there."""
    arguments = "-q", "-n", 3000, *BOTH, "--record-every", every
    wealthsim(*arguments, "-T", 20, "-o", "whole.h5")
    wealthsim(*arguments, "-T", 30, "--checkpoint", "ck", "--checkpoint-every", "20p", "-o", "longer.h5", ranks=3)
    (tmp_path / "ck.2").unlink()
    wealthsim(*arguments, "-T", 20, "--checkpoint", "ck", "--resume", "-o", "out.h5", ranks=2, threads=2)
    assert statistics(tmp_path / "out.h5") == statistics(tmp_path / "whole.h5")
    wealthsim(*arguments, "-T", 30, "--checkpoint", "ck", "--resume", "-o", "out.h5", ranks=1)
    assert statistics(tmp_path / "out.h5") == statistics(tmp_path / "longer.h5")


def test_resumed_with_others(wealthsim, tmp_path):
    wealthsim("-q", "-n", 100, "-T", 5, "--outcomes", "income", "--checkpoint", "ck")
    said = wealthsim("-n", 100, "-T", 9, "--outcomes", "savings", "--checkpoint", "ck", "--resume", status=2).stderr
    assert "--outcomes: the checkpoint has 'income', this run 'savings'" in said


def test_scenarios(wealthsim, tmp_path):
    """Each row as alone; a row of which nothing is saved, and one whose wealth leaves the range of doubles."""
    rows = [(0.3, 0.2, 1), (0.3, 0.2, 0.5), (0, 0.2, 1), (1, 500, 400), (0, 0.2, 400)]
    (tmp_path / "t.csv").write_text("s,v1,v2\n" + "".join(f"{s},{v1},{v2}\n" for s, v1, v2 in rows))
    every = "-q", *RUN, "--record-every", 4, "--outcomes", "all"
    wealthsim(*every, "--scenarios", "t.csv", "-o", "all.h5", ranks=3)
    together = read(tmp_path / "all.h5")
    assert together["mean"].shape == (5, 3, 4)
    for i, (s, v1, v2) in enumerate(rows):
        wealthsim(*every, "--s", s, "--v1", v1, "--v2", v2, "-o", "one.h5")
        alone = read(tmp_path / "one.h5")
        for name in statistics(tmp_path / "one.h5"):
            if name != "period":
                assert together[name][i].tobytes() == alone[name].tobytes(), (i, name)
    assert all((together[name][[2, 4], 2] == 0).all() for name in ("minimum", "mean", "maximum")) and np.isnan(together["correlation_with_wealth"][2, 2]).all()
    assert together["maximum"][3, 1:, -1].tolist() == [np.inf, np.inf] and np.isnan(together["correlation_with_wealth"][3, 1:]).all()


def test_many_scenarios(wealthsim, tmp_path):
    """So many that a block's numbers are made some periods ahead."""
    (tmp_path / "t.csv").write_text("s\n" + "".join(f"{0.2 + i / 100}\n" for i in range(40)))
    arguments = "-q", "-n", 600, "-T", 45, "--record-every", 20, "--outcomes", "income", "--no-theory"
    wealthsim(*arguments, "--scenarios", "t.csv", "-o", "all.h5", ranks=2)
    wealthsim(*arguments, "--s", 0.2 + 39 / 100, "-o", "one.h5")
    together, alone = read(tmp_path / "all.h5"), read(tmp_path / "one.h5")
    for name in "mean", "quantile", "correlation_with_wealth":
        assert together[name][39].tobytes() == alone[name].tobytes()
    assert (together["mean"][:, 1, 1:] == alone["mean"][1, 1:]).all()


def test_heavy_tails(wealthsim, tmp_path):
    """What theory says of wealth's moments holds of savings too, not of income."""
    wealthsim("-q", "-n", 3000, "-T", 100, "--v1", 0.6, "--s", 0.78, "--outcomes", "all", "-o", "out.h5")
    file = read(tmp_path / "out.h5")
    assert file.attributes["theory_tail_index"] < 2
    assert np.isnan(file["mean_error"][:, 0]).tolist() == np.isnan(file["gini_error"][:, 0]).tolist() == [True, False, True]


@pytest.mark.parametrize(("names", "message"), [
    ("incom", "the model has no 'incom'; did you mean 'income'?: choose from income, savings, all, none"),
    ("income,wealth", "the model has no 'wealth': choose from income, savings, all, none"),
    ("income,", "the model has no '': choose from income, savings, all, none"),
    ("", "the list is empty: is a variable not set?"),
    ("all,income", "'all' stands alone: take the other names away"),
    ("savings,none", "'none' stands alone: take the other names away"),
])  # fmt: skip
def test_names_that_do_not_do(wealthsim, tmp_path, names, message):
    result = wealthsim("-n", 100, "-T", 3, "--outcomes", names, "--r", "x", status=2)
    assert f"wealthsim: --outcomes: {message}\n" in result.stderr and not list(tmp_path.iterdir())


def test_order_and_repetition(wealthsim, tmp_path):
    """Names come in the model's order, each once; from a file too."""
    (tmp_path / "o.ini").write_text("outcomes = savings, income ,savings\n")
    wealthsim("-q", "-n", 100, "-T", 3, "--config", "o.ini", "-o", "out.h5", ranks=2)
    file = read(tmp_path / "out.h5")
    assert file.attributes["outcomes"] == "income,savings" and file["mean"].shape == (3, 1)
    said = wealthsim("-n", 100, "-T", 0, "--outcomes", "income", "-o", "out.h5").stdout
    assert "  income      none: no period has ended\n" in said


# ---- model files ----------------------------------------------------------------------------------------------

KNOTS = {
    "policy_wealth": [[-1.0, 0, 1.5, 1.5], [-0.5, -0.5, 0.5, 1]],
    "policy_savings": [[-1.2, -0.3, 0.9, 1.0], [-0.6, -0.5, 0.1, 0.5]],
    "outcome_consumption": [[0.1, 0.4, 0.6, 0.5], [0.2, 0.3, 0.5, 0.9]],
    "outcome_Hours_2": [[-0.3, 0.4, 0.7, 0.5], [0.2, 0.2, 0.4, 0.8]],
}
MODEL = {
    **KNOTS,
    "transition": [[0.8, 0.2], [0.3, 0.7]],
    "return_constant": [1.02, 1.0],
    "income_constant": [-1.2, -0.6],
    "income_log_sd": [0.4, 0.2],
}
NAMES = ["Hours_2", "consumption"]


def write(path, leave_out=(), **changes):
    with h5py.File(path, "w") as file:
        for name, values in {**MODEL, **changes}.items():
            if name not in leave_out:
                file[name] = values
        file.attrs.update({"model_format": "1.0", "lower_bound": -4.0})


def outcome(name, wealth, state, model=MODEL):
    """By the definition: linear between the knots, flat beyond them, the upper value at a jump."""
    knots, values = np.array(model["policy_wealth"]), np.array(model[f"outcome_{name}"])
    return np.where(state == 0, *(on_knots(knots[z], values[z], wealth, "flat") for z in (0, 1)))


def test_outcomes_of_a_file(wealthsim, tmp_path):
    write(tmp_path / "m.h5")
    wealthsim("-q", *RUN, "--record-every", 4, "--model", "m.h5", "-o", "out.h5")
    file = read(tmp_path / "out.h5")
    wealth, state = file["wealth"], file["state"]
    assert file["households_below"][-1] > 0 and file["households_above"][-1] > 0 and file.attributes["outcomes"] == ",".join(NAMES)
    for i, name in enumerate(NAMES, 1):
        check(file, i, -1, outcome(name, wealth, state), wealth, 1e-14)
    assert file["median"][:, 0].tolist() == [1, outcome("Hours_2", np.ones(1), np.zeros(1))[0], outcome("consumption", np.ones(1), np.zeros(1))[0]]


def test_without_jumps_it_is_numpy_interp(wealthsim, tmp_path):
    smooth = {"policy_wealth": [[0.0, 0.5, 1, 2]] * 2, "policy_savings": [[0.0, 0.4, 0.7, 1.2]] * 2,
              "outcome_consumption": [[0.0, 0.1, 0.3, 0.8], [0.1, 0.3, 0.5, 0.9]], "income_constant": [0.2, 0.3]}  # fmt: skip
    write(tmp_path / "m.h5", ["outcome_Hours_2"], **smooth)
    wealthsim("-q", *RUN, "--model", "m.h5", "--outcomes", "consumption", "-o", "out.h5")
    file = read(tmp_path / "out.h5")
    x, c = smooth["policy_wealth"][0], smooth["outcome_consumption"]
    check(file, 1, 0, np.where(file["state"] == 0, np.interp(file["wealth"], x, c[0]), np.interp(file["wealth"], x, c[1])), file["wealth"], 1e-14)


def test_with_a_level_and_a_path(wealthsim, tmp_path):
    """Level and outcomes together; the outcome is of the aggregate state that holds in the period to come."""
    of_aggregates = [KNOTS["outcome_consumption"], [[1.1, 1.4, 1.6, 1.5], [1.2, 1.3, 1.5, 1.9]]]
    write(tmp_path / "m.h5", outcome_consumption=of_aggregates, aggregate_path=[0, 1, 1], level_growth=[1.02, 0.99], level_loading=[0.1, 0])
    for periods, aggregate in (1, 1), (3, 1):
        wealthsim("-q", *RUN[:2], "-T", periods, *RUN[4:], "--model", "m.h5", "-o", "out.h5")
        file = read(tmp_path / "out.h5")
        assert file["mean"].shape == (5, 1) and file.attributes["outcomes"] == "level,wealth_in_levels,Hours_2,consumption"
        model = {**MODEL, "outcome_consumption": of_aggregates[aggregate]}
        check(file, 4, 0, outcome("consumption", file["wealth"], file["state"], model), file["wealth"], 1e-14)
        check(file, 1, 0, file["level"], file["wealth"])
    wealthsim("-q", "-n", 10, "-T", 0, "--model", "m.h5", "-o", "out.h5")
    assert read(tmp_path / "out.h5")["median"][4, 0] == outcome("consumption", np.ones(1), np.zeros(1))[0]


def test_one_answer_of_a_file(wealthsim, tmp_path):
    write(tmp_path / "m.h5")
    arguments = "-q", *RUN, "--record-every", 5, "--model", "m.h5"
    wealthsim(*arguments, "-o", "whole.h5")
    whole = statistics(tmp_path / "whole.h5")
    for ranks, threads in LAYOUTS[1:]:
        wealthsim(*arguments, "-o", "out.h5", ranks=ranks, threads=threads)
        assert statistics(tmp_path / "out.h5") == whole
    wealthsim(*arguments[:4], 7, *arguments[5:], "--checkpoint", "ck", "-o", "part.h5", ranks=3)
    wealthsim(*arguments, "--checkpoint", "ck", "--resume", "-o", "out.h5", ranks=2)
    assert statistics(tmp_path / "out.h5") == whole
    write(tmp_path / "plain.h5", [f"outcome_{name}" for name in NAMES])
    wealthsim(*arguments[:-1], "plain.h5", "-o", "plain.h5.h5")
    assert read(tmp_path / "plain.h5.h5").hash == read(tmp_path / "whole.h5").hash


def test_chosen_of_a_file(wealthsim, tmp_path):
    write(tmp_path / "m.h5", level_growth=[1.02, 0.99])
    for names, expected in ("consumption,level", "wealth level consumption"), ("consumption", "wealth consumption"):
        wealthsim("-q", *RUN, "--model", "m.h5", "--outcomes", names, "-o", "out.h5")
        with h5py.File(tmp_path / "out.h5") as file:
            assert file["quantity"].attrs["flag_meanings"] == expected
        file = read(tmp_path / "out.h5")
        check(file, -1, 0, outcome("consumption", file["wealth"], file["state"]), file["wealth"], 1e-14)
    wealthsim("-q", *RUN, "--model", "m.h5", "--outcomes", "none", "-o", "out.h5")
    assert read(tmp_path / "out.h5")["mean"].shape == (1,)
    said = wealthsim("-n", 9, "-T", 1, "--model", "m.h5", "--outcomes", "consumpton", status=2).stderr
    assert ("--outcomes: the model has no 'consumpton'; did you mean 'consumption'?: choose from level, wealth_in_levels, Hours_2, "
            "consumption, all, none\n") in said  # fmt: skip


def test_info(wealthsim, tmp_path):
    write(tmp_path / "m.h5")
    assert "\n  outcomes    Hours_2, consumption\n" in wealthsim("info", "--model", "m.h5").stdout


def test_scenarios_of_files(wealthsim, tmp_path):
    """Outcomes are found by their names: in another file they may be others' neighbours."""
    write(tmp_path / "a.h5")
    write(tmp_path / "b.h5", outcome_A=KNOTS["policy_savings"], level_growth=[1.02, 0.99])
    (tmp_path / "t.csv").write_text("model\na.h5\nb.h5\n")
    arguments = "-q", *RUN, "--record-every", 5
    for outcomes in (), ("--outcomes", "all"), ("--outcomes", "Hours_2"):
        if outcomes[1:] != ("Hours_2",):
            said = wealthsim(*arguments, *outcomes, "--scenarios", "t.csv", status=2, ranks=2).stderr
            assert said.count("row 2 (model=b.h5): its model file has an outcome_A, and that of row 1 has none: name outcomes that all have") == 1
            continue
        wealthsim(*arguments, *outcomes, "--scenarios", "t.csv", "-o", "all.h5", ranks=3)
        together = read(tmp_path / "all.h5")
        for i, name in enumerate("ab"):
            wealthsim(*arguments, *outcomes, "--model", f"{name}.h5", "-o", "one.h5")
            alone = read(tmp_path / "one.h5")
            for statistic in statistics(tmp_path / "one.h5"):
                if statistic != "period":
                    assert together[statistic][i].tobytes() == alone[statistic].tobytes(), (name, statistic)
    (tmp_path / "t.csv").write_text("model\nb.h5\na.h5\n")
    said = wealthsim(*arguments, "--outcomes", "A", "--scenarios", "t.csv", status=2).stderr
    assert "row 2 (model=a.h5): its model file has no outcome_A, and that of row 1 has one: name outcomes that all have" in said
