"""Averages over time against plain NumPy on the file's own records, and runs that end when one of them is precise enough."""
import math

import h5py
import numpy as np
import pytest
from faults import RESUMES, alone, fingerprint, history, period_of
from program import ROOT, read

COMMON = "-q", "-n", 1500, "--no-wealth", "--no-theory"
LAYOUTS = (1, 1), (2, 2), (3, 1), (16, 1)
# Beyond those, intervals' ends and standard errors are about one record and not averaged.
AVERAGED = ("median", "mean", "variance", "minimum", "maximum", "gini", "bottom_half_share", "quantile", "lorenz", "share_top",
            "top_share", "hill")  # fmt: skip


def batch_means(x):
    """Mean, standard error, batches and drift, as include/statistics/batch_means.h has them."""
    n, batches = len(x), min(32, max(16 if len(x) >= 16 else 8, math.isqrt(len(x))))
    mean = np.mean(x)
    d = x - mean
    rho = max(0, np.sum(d[1:] * d[:-1]) / np.sum(d * d)) if np.any(d) else 0
    while True:
        length = n // batches
        y = x[n - batches * length :].reshape(batches, length).mean(1)
        y = y - y.mean()
        squares, times = np.sum(y * y), np.arange(batches) - (batches - 1) / 2
        neumann = 1 - np.sum(np.diff(y) ** 2) / (2 * squares) if squares else 0
        fits = not squares or length >= 3 * (1 + rho) / (1 - rho)
        is_fine = fits and neumann <= 1.6448536269514722 * math.sqrt((batches - 2) / (batches**2 - 1))
        if is_fine or batches == 8:
            break
        batches = max(8, batches // 2)
    slope = np.sum(times * y) / np.sum(times**2)
    left = np.sum((y - slope * times) ** 2)
    drift = slope / math.sqrt(left / (batches - 2) / np.sum(times**2)) if squares else 0
    error = math.sqrt(squares / (batches - 1) / batches * batches * length / n)
    return (mean, error, batches, drift) if is_fine else (mean, math.nan, 0, drift)


def check(file, after, lead=()):
    """All averages of a file, with a scenario or quantity in front."""
    counts = file["period"] > after
    for name in AVERAGED:
        values = file[name][(*lead, counts)]
        parts = [np.atleast_1d(file[f"{name}_average{end}"][lead]) for end in ("", "_error", "_batches", "_drift")]
        for place, series in enumerate(values.reshape(len(values), -1).T):
            got = [part.ravel()[place] for part in parts]
            if np.isnan(series).any():
                assert np.isnan(got[:2]).all() and got[2] == 0 and np.isnan(got[3]), (name, place)
                continue
            mean, error, batches, drift = batch_means(series)
            assert got[0] == pytest.approx(mean, rel=1e-12), (name, place)
            assert got[2] == batches, (name, place)
            assert got[1] == pytest.approx(error, rel=1e-7, abs=1e-14, nan_ok=True), (name, place)
            assert got[3] == pytest.approx(drift, rel=1e-6, abs=1e-9), (name, place)


def test_against_numpy(wealthsim, tmp_path):
    """T is no multiple of K: its record counts, that of T0 does not."""
    arguments = *COMMON, "-T", 251, "--record-every", 2, "--average-from", 40, "--s", 0.5
    wealthsim(*arguments, "-o", "out.h5")
    file = read(tmp_path / "out.h5")
    check(file, 40)
    assert file.attributes["average-from"] == 40 and "until-error" not in file.attributes
    assert {name for name in file if name.endswith("_average")} == {f"{name}_average" for name in (
        "median", "mean", "variance", "minimum", "maximum", "gini", "bottom_half_share", "quantile", "lorenz", "share_top",
        "top_share", "hill")}  # fmt: skip
    assert file["median_average_batches"] >= 8 and file["median_average_error"] < 0.05 * file["median_average"]
    for ranks, threads in LAYOUTS[1:]:
        wealthsim(*arguments, "-o", "again.h5", ranks=ranks, threads=threads)
        assert fingerprint(tmp_path / "again.h5") == fingerprint(tmp_path / "out.h5"), (ranks, threads)


def test_averages_change_nothing_else(wealthsim, tmp_path):
    wealthsim(*COMMON, "-T", 90, "--record-every", 3, "-o", "without.h5")
    wealthsim(*COMMON, "-T", 90, "--record-every", 3, "--average-from", 0, "-o", "with.h5")
    without, with_averages = read(tmp_path / "without.h5"), read(tmp_path / "with.h5")
    assert not [name for name in without if "_average" in name] and "average-from" not in without.attributes
    for name, values in without.items():
        assert np.array_equal(with_averages[name], values, equal_nan=True), name


def test_scenarios_and_quantities(wealthsim, tmp_path):
    """A row has the averages of a run of its own, to the bit; and so has each quantity."""
    (tmp_path / "table.txt").write_text("s v1\n0.3 0.1\n0.5 0.2\n0.2 0.1\n")
    arguments = *COMMON, "-T", 120, "--record-every", 1, "--average-from", 20
    wealthsim(*arguments, "--scenarios", "table.txt", "-o", "all.h5", ranks=2)
    all_of_them = read(tmp_path / "all.h5")
    for i, (s, v1) in enumerate([(0.3, 0.1), (0.5, 0.2), (0.2, 0.1)]):
        check(all_of_them, 20, (i,))
        wealthsim(*arguments, "--s", s, "--v1", v1, "-o", "one.h5")
        one = read(tmp_path / "one.h5")
        for name in [name for name in one if "_average" in name]:
            assert all_of_them[name][i].tobytes() == one[name].tobytes(), name
    model = "--model", ROOT / "data/buffer_stock.h5"
    result = wealthsim(*arguments, *model, "-o", "model.h5", ranks=3)
    file = read(tmp_path / "model.h5")
    for group in range(len(file["group"])):
        for quantity in range(len(file["quantity"])):
            check(file, 20, (group, quantity))
    assert result.stdout == ""


def test_what_has_no_error(wealthsim, tmp_path):
    """Too few records, NaN in a record, moments that the model lacks: the file and the table say why."""
    def comments(*more):
        wealthsim(*COMMON, *more, "-o", "out.h5")
        with h5py.File(tmp_path / "out.h5") as file:
            return read(tmp_path / "out.h5"), {name: item.attrs["comment"] for name, item in file.items() if "comment" in item.attrs}

    file, said = comments("-T", 40, "--record-every", 1, "--average-from", 20, "--s", 0.85)
    assert np.isnan(file["median_average_error"]) and file["median_average_batches"] == 0 and file["median_average"] > 0
    assert said["median_average_error"].startswith("NaN: the records after average-from are too few, or too much alike")
    file, said = comments("-T", 400, "--record-every", 4, "--average-from", 100, "--config", ROOT / "data/heavy-tail.ini")
    assert np.isnan(file["mean_average_error"]) and np.isfinite(file["mean_average"])
    assert "lacks the moments" in said["mean_average_error"] and "lacks the moments" in said["variance_average_error"]
    file, said = comments("-T", 60, "--record-every", 4, "--average-from", 10, "--config", ROOT / "data/heavy-tail.ini", "--outcomes", "income,savings")
    reasons = said["mean_average_error"].split("; NaN")
    assert reasons[0].endswith("has no standard error (wealth)") and reasons[1].endswith("would have it (income; savings)")
    assert said["mean_error"].endswith("NaN: the model has no finite variance (wealth; savings)")
    result = wealthsim(*COMMON[1:], "-T", 100, "--r", 5e300, "--s", 1, "--record-every", 1, "--average-from", 0, "-o", "over.h5")
    over = read(tmp_path / "over.h5")
    assert np.isnan(over["gini_average"]) and np.isnan(over["gini_average_error"]) and over["gini_average_batches"] == 0
    assert "no standard error" in result.stdout


def test_the_table(wealthsim, tmp_path):
    result = wealthsim(*COMMON[1:], "-T", 300, "--record-every", 2, "--average-from", 50, "-o", "out.h5")
    file = read(tmp_path / "out.h5")
    assert "averages    over 125 records after period 50, with errors by batch means:" in result.stdout
    line = next(line for line in result.stdout.splitlines() if line.split()[:1] == ["median"] and line.startswith(" " * 14))
    assert line.split() == ["median", f"{float(file['median_average']):.7g}", "standard", "error", f"{float(file['median_average_error']):.2g}"]
    result = wealthsim(*COMMON[1:], "-T", 60, "--record-every", 1, "--average-from", 0, "--s", 0.8, "-o", "out.h5")
    assert "still drifting (t = " in result.stdout
    assert "--average-from: the start is forgotten after " in result.stderr


# ---- the end by precision -------------------------------------------------------------------------------------


# Student's t at 99.5 % with 14, 15, … 30 degrees of freedom.
T_995 = (2.9768, 2.9467, 2.9208, 2.8982, 2.8784, 2.8609, 2.8453, 2.8314, 2.8188, 2.8073, 2.7969, 2.7874, 2.7787, 2.7707, 2.7633, 2.7564,
         2.75)  # fmt: skip


def end_by(file, after, error, values, least, minds_drift=True):
    """The period at which a run ends, by its records: the first look that is precise enough. None: at none of them."""
    n = 0
    for i, period in enumerate(file["period"]):
        n += period > after
        step = 2 ** max(0, math.floor(math.log2(max(n, 1))) - 2)
        if n < 64 or n % step or period < least or period <= after:
            continue
        mean, deviation, batches, drift = batch_means(values[i + 1 - n : i + 1])
        if batches >= 16 and deviation <= error * abs(mean) and (abs(drift) <= T_995[batches - 16] or not minds_drift):
            return period
    return None


ENDS = [
    ("median", lambda file: file["median"], 0.002, (), 3000),
    ("gini", lambda file: file["gini"], 0.002, (), 3000),
    ("share_top(0.01)", lambda file: file["top_share"][:, 2], 0.01, ("-T", 100, "--max-periods", 3000), 3000),
    ("quantile(0.9)", lambda file: file["quantile"][:, 6], 0.004, ("-T", 700, "--max-periods", 3000), 3000),
]  # fmt: skip


@pytest.mark.parametrize("name, values, error, more, most", ENDS, ids=[end[0] for end in ENDS])
def test_a_run_ends_when_it_is_precise(wealthsim, tmp_path, name, values, error, more, most):
    """At the period at which a run's own records say so; with the records, households and paths of a run up to there."""
    common = *COMMON, "--record-every", 2, "--paths", 5, "--average-from", 40
    until = "--until-error", error, "--until-statistic", name
    wealthsim(*common, "-T", most, *until, *more, "-o", "until.h5", ranks=2)
    until_file = read(tmp_path / "until.h5")
    end = int(until_file["period"][-1])
    wealthsim(*common, "-T", most, "-o", "long.h5")
    least = more[1] if more else 0
    assert end == end_by(read(tmp_path / "long.h5"), 40, error, values(read(tmp_path / "long.h5")), least) and end < most
    assert until_file.attributes["stopped_at_period"] == end and until_file.attributes["until_error_reached"] == 1
    assert until_file.attributes["until-error"] == error and until_file.attributes["until-statistic"] == name
    wealthsim(*common, "-T", end, "-o", "straight.h5", ranks=3)
    straight = read(tmp_path / "straight.h5")
    assert set(straight) == set(until_file)
    for variable, expected in straight.items():
        assert np.array_equal(until_file[variable], expected, equal_nan=True), variable
    assert until_file.hash == straight.hash


def slow(path, pay):
    """A model file whose households own what they earn in the period, and of whom one in 500 a period moves between two jobs. All
    begin in the first, the second pays exp(pay) times as much: the median drifts for hundreds of periods, in noise that
    is new in each."""
    with h5py.File(path, "w") as file:
        file["transition"], file["policy_of_state"] = [[0.998, 0.002], [0.002, 0.998]], [0, 0]
        file["policy_wealth"], file["policy_savings"] = [[0.0, 1.0]], [[0.0, 0.0]]
        file["return_constant"], file["income_log_mean"], file["income_log_sd"] = [1.0, 1.0], [0.0, pay], [0.5, 0.5]
        file.attrs.update({"model_format": "1.0", "lower_bound": 0.0})


@pytest.mark.parametrize("pay, first, end", [(0.1, 64, 96), (0.15, 96, None)])
def test_a_drift_keeps_a_run_going(wealthsim, tmp_path, pay, first, end):
    """The error is small enough at the first look or soon, the drift still significant: the run goes on until it is not, or to
    its last period. After a period at which the start is forgotten it ends as soon as its error is small enough."""
    slow(tmp_path / "m.h5", pay)
    until = "-T", 600, "--record-every", 1, "--until-error", 0.01, "--model", "m.h5"
    common = *COMMON[1:], "--error-groups", 0, "--threads", 1
    said = wealthsim(*common, *until, "--average-from", 0, "-o", "out.h5").stdout
    file = read(tmp_path / "out.h5")
    assert end_by(file, 0, 0.01, file["median"], 0, minds_drift=False) == first
    _, error, batches, drift = batch_means(file["median"][1 : first + 1])
    assert error < 0.005 * file["median_average"] and batches == 16 and abs(drift) > T_995[0]
    assert file["period"][-1] == (end or 600) and end_by(file, 0, 0.01, file["median"], 0) == end
    assert file.attributes["until_error_reached"] == (end is not None)
    if end is None:
        assert "precision   NOT reached: the average of median has " in said and "and is still drifting at period 600" in said
    wealthsim(*common, *until, "-T", 3000, "--average-from", 2000, "-o", "out.h5")
    file = read(tmp_path / "out.h5")
    assert file["period"][-1] == end_by(file, 2000, 0.01, file["median"], 0, minds_drift=False) < 2100


def test_an_error_that_is_not_reached(wealthsim, tmp_path):
    result = wealthsim(*COMMON[1:], "-T", 100, "--record-every", 1, "--average-from", 40, "--until-error", 1e-9, "--max-periods", 180,
                       "-o", "out.h5")  # fmt: skip
    file = read(tmp_path / "out.h5")
    assert file.attributes["stopped_at_period"] == 180 and file.attributes["until_error_reached"] == 0
    assert "precision   NOT reached: the average of median has " in result.stdout and "(asked for: 1e-07 %)" in result.stdout


UNTIL = *COMMON, "--record-every", 2, "--average-from", 40, "-T", 2000, "--until-error", 0.002


def test_on_every_layout(wealthsim, tmp_path):
    alone(*UNTIL, "-o", "straight.h5", cwd=tmp_path)
    for ranks, threads in LAYOUTS[1:]:
        wealthsim(*UNTIL, "-o", "out.h5", ranks=ranks, threads=threads)
        assert fingerprint(tmp_path / "out.h5") == fingerprint(tmp_path / "straight.h5"), (ranks, threads)


def test_stopped_and_resumed(wealthsim, tmp_path, record_property):
    """The same end, to the bit, from checkpoints on the way; and from that of the end, which writes no other."""
    alone(*UNTIL, "-o", "straight.h5", cwd=tmp_path)
    end = int(read(tmp_path / "straight.h5")["period"][-1])
    checkpoint = "--checkpoint", "ck", "--checkpoint-every", "1000000p", "--resume"
    for i, (ranks, periods) in enumerate([(2, 171), (16, end - 13), (3, 2000), (1, 2000)]):
        wealthsim(*UNTIL, "-T", periods, *checkpoint, "-o", "pieces.h5", ranks=ranks)
        assert period_of(tmp_path / f"ck.{min(i, 2) + 1}") == min(periods, end)
    assert history(tmp_path)[0] == 3
    assert fingerprint(tmp_path / "pieces.h5") == fingerprint(tmp_path / "straight.h5")
    wealthsim(*UNTIL, "--until-error", 0.0015, *checkpoint, "-o", "more.h5")
    alone(*UNTIL, "--until-error", 0.0015, "-o", "straight.h5", cwd=tmp_path)
    assert fingerprint(tmp_path / "more.h5") == fingerprint(tmp_path / "straight.h5")
    result = wealthsim(*UNTIL, *checkpoint, "-o", "less.h5", status=2)
    assert f"--until-error: with this error the run ends at period {end}, and the checkpoint is at period" in result.stderr
    alone(*UNTIL, "--checkpoint", "end", "--checkpoint-every", f"{end}p", "-o", "more.h5", cwd=tmp_path)
    assert [path.name for path in tmp_path.glob("end*")] == ["end.1"]  # not one more for what is due at the end
    record_property(RESUMES, 4)


def test_all_scenarios_are_precise(wealthsim, tmp_path):
    """The run ends when the last of them is; each is to the bit what it is in a run of its own that ends there."""
    (tmp_path / "table.txt").write_text("s v1\n0.2 0.1\n0.5 0.2\n")
    result = wealthsim(*UNTIL[1:], "--scenarios", "table.txt", "-o", "all.h5", ranks=2)
    all_of_them = read(tmp_path / "all.h5")
    end = int(all_of_them["period"][-1])
    ends = []
    for i, (s, v1) in enumerate([(0.2, 0.1), (0.5, 0.2)]):
        wealthsim(*UNTIL, "--s", s, "--v1", v1, "-o", "one.h5")
        ends.append(int(read(tmp_path / "one.h5")["period"][-1]))
        wealthsim(*COMMON, "--record-every", 2, "--average-from", 40, "--s", s, "--v1", v1, "-T", end, "-o", "one.h5")
        one = read(tmp_path / "one.h5")
        for name in [name for name in one if "_average" in name]:
            assert all_of_them[name][i].tobytes() == one[name].tobytes(), name
    assert end >= max(ends) and ends[0] != ends[1]
    assert (all_of_them["median_average_error"] <= 0.002 * all_of_them["median_average"]).all()
    assert "precision   reached: the average of median has a standard error of" in result.stdout
    assert f"average     of median, over {np.sum(all_of_them['period'] > 40)} records after period 40" in result.stdout


# ---- what is refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--average-from", -2], "--average-from: '-2' is out of range: 0 to 2147483647, or -1 for none"),
        (["--average-from", 10], "--average-from: there will be 1 record after period 10, and averages take at least 8: choose a longer "
                                 "run, or --record-every 123 or less"),
        (["--average-from", 1000], "--average-from: the run has no record after period 1000: choose one below --periods, 1000"),
        (["--average-from", 10, "--record-every", 300], "--average-from: there will be 4 records after period 10"),
        (["--average-from", 10, "--record-every", 16, "--until-error", 0.1], "63 records after period 10, and --until-error looks at no "
                                                                            "less than 64"),
        (["--until-error", 0], "--until-error: '0' is out of range: above 0, and 1 or less"),
        (["--until-error", -0.1], "--until-error: '-0.1' is out of range: above 0, and 1 or less"),
        (["--until-error", "nan"], "--until-error: 'nan' is not"),
        (["--until-error", 0.1], "--until-error: needs --average-from T0"),
        (["--until-statistic", "medain"], "--until-statistic: 'medain' is no statistic that is averaged; did you mean 'median'?"),
        (["--until-statistic", "median_low"], "'median_low' is no statistic that is averaged; did you mean 'median'?"),
        (["--until-statistic", "share_tpo(0.1)"], "did you mean 'share_top'?"),
        (["--until-statistic", ""], "--until-statistic: '' is no statistic that is averaged"),
        (["--until-statistic", "quantile"], "'quantile': write 'quantile(X)', where X is one of --quantiles"),
        (["--until-statistic", "quantile(0.3)"], "'quantile(0.3)': write 'quantile(X)', where X is one of --quantiles"),
        (["--until-statistic", "top_share(0.01"], "'top_share(0.01': write 'top_share(X)', where X is one of 0.1, 0.05, 0.01, 0.001"),
        (["--until-statistic", "hill(1)"], "'hill(1)': write 'hill(X)', where X is one of 0.001, 0.005, 0.01, 0.05, 0.1"),
        (["--until-statistic", "gini(0.1)"], "'gini(0.1)': gini is one number: leave the parentheses out"),
        (["--max-periods", 2000], "--max-periods: needs --until-error E"),
        (["--record-every", 1, "--average-from", 10, "--until-error", 0.1, "--max-periods", 999], "--max-periods: 999 is less than "
                                                                                                 "--periods, 1000"),
        (["-n", 10, "--record-every", 1, "--average-from", 10, "--until-error", 0.1, "--max-periods", 2147483647], "or fewer --paths or "
                                                                                                                  "records"),
    ],
)  # fmt: skip
def test_refused(wealthsim, tmp_path, arguments, message):
    result = wealthsim("-o", "out.h5", *arguments, status=2)
    assert message in result.stderr and list(tmp_path.iterdir()) == []


def test_refused_by_theory(wealthsim, tmp_path):
    result = wealthsim(*COMMON, "--config", ROOT / "data/heavy-tail.ini", "--record-every", 1, "--average-from", 500, "--until-error", 0.1,
                       "--until-statistic", "mean", "-o", "out.h5", ranks=2, status=2)  # fmt: skip
    assert result.stderr.count("--until-statistic: the mean has no standard error under this model") == 1
    assert list(tmp_path.iterdir()) == []
