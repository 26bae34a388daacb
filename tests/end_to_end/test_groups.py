"""Statistics of groups of households: against NumPy on the households of each, on all layouts, resumed, in tables, refused."""

import h5py
import numpy as np
import pytest
from program import ROOT, read

LABELS = np.array([30, -5, 30, 7, 2])  # of the states, the last of which nobody comes to
NAMES = ["all", "-5", "2", "7", "30"]
N = 5000
RUN = "-n", N, "-T", 30, "--quantiles", "0.1,0.5,0.9", "--error-groups", 8
CUTS = [0.1, 0.5, 0.9]


def write(path, labels=LABELS, **changes):
    """States go round; in the last there is nobody."""
    n = len(LABELS)
    transition = np.zeros((n, n))
    transition[:, : n - 1] = 0.15 / (n - 2)
    for state in range(n):
        transition[state, (state + 1) % (n - 1)] += 1 - transition[state].sum()
    model = {
        "transition": transition, "policy_wealth": [0.0, 100.0], "policy_savings": [0.0, 80.0], "policy_of_state": np.zeros(n),
        "return_log_mean": np.zeros(n), "return_log_sd": np.full(n, 0.1), "income_log_mean": np.linspace(-1, 1, n),
        "income_log_sd": np.full(n, 0.3), "outcome_consumption": [0.0, 20.0], "group": labels,
    }  # fmt: skip
    with h5py.File(path, "w") as file:
        for name, values in {**model, **changes}.items():
            if values is not None:
                file[name] = [values] if name.startswith(("policy_w", "policy_s", "outcome")) else values
        file.attrs.update({"model_format": "1.0", "lower_bound": 0.0})


@pytest.fixture
def result_of(wealthsim, tmp_path):
    def run(*words, output="out.h5", **how):
        wealthsim("-q", *words, "-o", output, **how)
        return read(tmp_path / output)

    write(tmp_path / "m.h5")
    return run


def error_of(parts, values, statistic):
    weights = np.bincount(parts, minlength=8) / len(values)
    of_parts = np.array([statistic(values[parts == part]) if (parts == part).any() else np.nan for part in range(8)])
    mean = (weights * of_parts).sum()
    return np.sqrt((weights * (of_parts - mean) ** 2).sum() / 7)


def gini(x):
    x, n = np.sort(x), len(x)
    return ((2 * np.arange(n) - n + 1) * x).sum() / (n * x.sum())


def lorenz(x, p):
    x, place = np.sort(x), len(x) * p
    whole = int(place)
    return (x[:whole].sum() + (place - whole) * (x[whole] if whole < len(x) else 0)) / x.sum()


def check_group(file, group, who):
    """All statistics of the last record, of the households who are in a group."""
    wealth = file["wealth"]
    parts = (np.arange(N) // 256 % 8)[who]
    quantities = wealth[who], 0.2 * wealth[who]  # the outcome's rule is linear
    for quantity, x in enumerate(quantities):
        at = group, quantity, -1
        close = pytest.approx
        assert file["median"][at] == close(np.median(x), rel=1e-14)
        assert file["quantile"][at] == close(np.quantile(x, CUTS), rel=1e-14)
        assert file["mean"][at] == close(x.mean(), rel=1e-13) and file["variance"][at] == close(x.var(), rel=1e-11)
        assert (file["minimum"][at], file["maximum"][at]) == close((x.min(), x.max()), rel=1e-14)
        assert file["gini"][at] == close(gini(x), rel=1e-11)
        assert file["lorenz"][at] == close([lorenz(x, p) for p in CUTS], rel=1e-11)
        assert file["share_top"][at] == close([1 - lorenz(x, p) for p in CUTS], rel=1e-11)
        assert file["top_share"][at] == close([1 - lorenz(x, 1 - top) for top in file["top"]], rel=1e-9)
        assert file["bottom_half_share"][at] == close(lorenz(x, 0.5), rel=1e-11)
        for i, share in enumerate(file["tail"]):
            k = int(len(x) * share)
            tail = 1 / np.log(np.sort(x)[-k:] / np.sort(x)[-k - 1]).mean() if k >= 2 else np.nan
            assert file["hill"][at][i] == close(tail, rel=1e-10, nan_ok=True)
        assert file["mean_error"][at] == close(x.std() / np.sqrt(len(x)), rel=1e-9)
        assert file["correlation_with_wealth"][at] == close(1, rel=1e-12) and file["correlation_with_wealth_error"][at] < 1e-12
        for name, statistic in ("median_error", np.median), ("mean_group_error", np.mean), ("gini_group_error", gini):
            assert file[name][at] == close(error_of(parts, x, statistic), rel=1e-6), name
        assert file["quantile_error"][at][2] == close(error_of(parts, x, lambda x: np.quantile(x, 0.9)), rel=1e-7)


def members_of(file, name):
    return np.ones(N, bool) if name == "all" else LABELS[file["state"]] == int(name)


@pytest.mark.smoke
def test_against_numpy(result_of, tmp_path):
    file = result_of(*RUN, "--model", "m.h5", "--record-every", 10)
    with h5py.File(tmp_path / "out.h5") as opened:
        assert opened["group"].attrs["flag_meanings"].split() == NAMES
        assert [dimension[0].name for dimension in opened["quantile"].dims] == ["/group", "/quantity", "/period", "/probability"]
        assert [dimension[0].name for dimension in opened["group_share"].dims] == ["/group", "/period"]
        assert "group_households" in opened["group"].attrs["comment"]
    for group, name in enumerate(NAMES):
        who = members_of(file, name)
        assert file["group_households"][group, -1] == who.sum() and file["group_share"][group, -1] == who.sum() / N
        if who.any():
            check_group(file, group, who)
    assert (file["group_households"][1:].sum(axis=0) == N).all()


def test_nobody(result_of):
    """A group without households is NaN at that record: all of its statistics, errors and averages."""
    file = result_of(*RUN, "--model", "m.h5", "--record-every", 1, "--average-from", 0)
    empty, first = NAMES.index("2"), NAMES.index("7")  # all begin in state 0, whose label is 30
    assert not file["group_households"][empty].any() and (file["group_households"][:, 0] == [N, 0, 0, 0, N]).all()
    for name in ("median", "mean", "gini", "quantile", "hill", "maximum", "median_error", "mean_error", "correlation_with_wealth"):
        assert np.isnan(file[name][empty]).all() and np.isnan(file[name][first, :, 0]).all(), name
    assert np.isfinite(file["median"][first, :, 1:]).all() and np.isnan(file["median_average"][empty]).all()
    assert np.isfinite(file["median_average"][first]).all() and np.isfinite(file["median_average"][0]).all()


def assert_same(one, other):
    assert one.keys() == other.keys()
    for name in one:
        assert one[name].tobytes() == other[name].tobytes(), name


def test_on_all_layouts(result_of):
    options = *RUN, "--model", "m.h5", "--record-every", 10
    one = result_of(*options)
    for ranks, threads in (1, 3), (2, 2), (3, 1), (16, 1):
        assert_same(one, result_of(*options, ranks=ranks, threads=threads))


def test_stopped_and_resumed(result_of, tmp_path):
    options = *RUN[2:], "--model", "m.h5", "--record-every", 10, "-n", N
    one = result_of(*options, "-T", 30)
    result_of(*options, "-T", 20, "--checkpoint", "ck", output="short.h5", ranks=3)
    assert_same(one, result_of(*options, "-T", 30, "--checkpoint", "ck", "--resume", ranks=2, threads=2))


def named_in(comment):
    """The quantities and groups that a comment on NaN names: "why (wealth; debt of groups all, 7)"."""
    named = set()
    for part in comment[comment.rindex("(") + 1 : -1].split("; ") if comment.endswith(")") else ():
        quantity, _, groups = part.replace(" of group ", " of groups ").partition(" of groups ")
        named |= {(quantity, group) for group in (groups.split(", ") if groups else NAMES)}
    return named


def where(missing):
    """Quantities and groups of an array that leads with groups and quantities."""
    found = missing.reshape(*missing.shape[:2], -1).any(axis=-1)
    return {(("wealth", "debt")[quantity], NAMES[group]) for group, quantity in zip(*np.nonzero(found))}


def test_comments_on_nan(result_of, tmp_path):
    """They name the quantities and groups that lack a number, for the reason that they give, and no others."""
    write(tmp_path / "m.h5", outcome_consumption=None, policy_of_state=[0, 0, 0, 1, 0], policy_wealth=None, policy_savings=None)
    with h5py.File(tmp_path / "m.h5", "r+") as file:
        file["policy_wealth"], file["policy_savings"] = [[0.0, 100.0]] * 2, [[0.0, 80.0]] * 2
        file["outcome_debt"] = [[0.1, 0.2], [-1.0, -1.0]]  # the second is that of label 7
    file = result_of(*RUN, "--model", "m.h5", "--record-every", 2, "--average-from", 8)
    with h5py.File(tmp_path / "out.h5") as opened:
        said = {name: data.attrs.get("comment", "") for name, data in opened.items()}
    gini_is_none = where(np.isfinite(file["mean"]) & np.isnan(file["gini"]))
    assert gini_is_none == {("debt", "7"), ("debt", "all")} and "(debt of groups all, 7)" in said["gini"]
    for name in "gini", "top_share", "lorenz":
        assert named_in(said[name]) == gini_is_none
    assert named_in(said["correlation_with_wealth"]) == where(~np.isnan(file["mean"]) & np.isnan(file["correlation_with_wealth"]))
    assert ("debt", "7") in named_in(said["correlation_with_wealth"])
    for name in "median", "hill", "gini", "top_share":
        error = f"{name}_group_error" if f"{name}_group_error" in said else f"{name}_error"
        assert named_in(said[error]) == where(~np.isnan(file[name]) & np.isnan(file[error])), name
        assert named_in(said[f"{name}_average"]) == where(np.isnan(file[f"{name}_average"])), name
        assert named_in(said[f"{name}_average_error"]) == where(np.isfinite(file[f"{name}_average"]) & np.isnan(file[f"{name}_average_error"])), name
    assert ("wealth", "all") not in named_in(said["median_error"])


def test_tables(result_of, tmp_path):
    """Files of different labels: each row has all of them, and its own are what a run of its own gives. One has none."""
    write(tmp_path / "other.h5", [1, 2, 3, 7, 2], income_log_sd=np.full(5, 0.4))
    write(tmp_path / "none.h5", None)
    (tmp_path / "table.txt").write_text("model\nm.h5\nother.h5\nnone.h5\n")
    with_all = result_of(*RUN, "--scenarios", "table.txt", ranks=2)
    names = ["all", "-5", "1", "2", "3", "7", "30"]
    for row, (model, own) in enumerate([("m.h5", NAMES), ("other.h5", ["all", "1", "2", "3", "7"]), ("none.h5", ["all"])]):
        alone = result_of(*RUN, "--model", model)
        places = [names.index(name) for name in own]
        others = np.delete(np.arange(len(names)), places)
        assert not with_all["group_households"][row, others].any() and np.isnan(with_all["median"][row, others]).all()
        for name in ("median", "gini", "hill", "quantile", "median_error", "mean_group_error", "mean_error"):
            expected = alone[name] if len(own) > 1 else alone[name][None]
            assert with_all[name][row, places].tobytes() == expected.tobytes(), (model, name)
    both = names.index("7")
    difference = with_all["median"][1, both, 0, -1] - with_all["median"][0, both, 0, -1]
    assert with_all["median_difference"][1, both, 0, -1] == difference and with_all["median_difference_error"][1, both, 0, -1] > 0
    assert np.isnan(with_all["median_difference"][1, names.index("30"), 0, -1])


def test_the_table(wealthsim, result_of, tmp_path):
    result = wealthsim(*RUN, "--model", "m.h5", "-o", "out.h5")
    lines = [line.split() for line in result.stdout.splitlines()]
    first = next(i for i, line in enumerate(lines) if line[:2] == ["groups", "-5"])
    assert lines[first + 1][0] == "2" and " ".join(lines[first + 1][1:]) == "no households"
    file = read(tmp_path / "out.h5")
    assert lines[first][2:] == (f"{100 * file['group_share'][1, -1]:.4g} % of households, median {file['median'][1, 0, -1]:.7g}, "
                                f"mean {file['mean'][1, 0, -1]:.7g}, Gini {file['gini'][1, 0, -1]:.5g}").split()  # fmt: skip


def test_too_many(wealthsim, tmp_path):
    n = 256
    write(tmp_path / "m.h5")
    with h5py.File(tmp_path / "many.h5", "w") as file:
        file.attrs.update({"model_format": "1.0", "lower_bound": 0.0})
        file["transition"], file["group"], file["policy_of_state"] = np.eye(n), np.arange(n), np.zeros(n)
        file["policy_wealth"], file["policy_savings"] = [[0.0, 1.0]], [[0.0, 0.5]]
        file["return_constant"], file["income_constant"] = np.ones(n), np.ones(n)
    result = wealthsim("-n", 10, "--model", "many.h5", status=2)
    assert "group has more than 255 different labels: give states that statistics need not tell apart the same" in result.stderr
    with h5py.File(tmp_path / "many.h5", "r+") as file:
        file["group"][-1] = 0
    (tmp_path / "table.txt").write_text("model\nm.h5\nmany.h5\n")
    result = wealthsim("-n", 10, "-T", 1, "--scenarios", "table.txt", "-o", "x.h5", status=2)
    assert "the model files have more than 255 different labels of group together" in result.stderr
    wealthsim("-n", 1000, "-T", 10, "--record-every", 1, "--average-from", 0, "--model", "many.h5", "-o", "x.h5", ranks=2)
    assert read(tmp_path / "x.h5")["median"].shape == (256, 11)
    with h5py.File(tmp_path / "x.h5") as file:  # all begin in state 0: the others' groups are empty, and the first are named
        named = ", ".join(map(str, range(1, 17)))
        assert file["median_average"].attrs["comment"].endswith(f" (wealth of groups {named} and 238 more)")


def many(path, labels):
    """A state of its own for each label, in which a household stays; a quarter of the households begin in each of four."""
    n = len(labels)
    with h5py.File(path, "w") as file:
        file.attrs.update({"model_format": "1.0", "lower_bound": 0.0})
        file["transition"], file["group"], file["policy_of_state"] = np.eye(n), labels, np.zeros(n)
        file["policy_wealth"], file["policy_savings"] = [[0.0, 1.0]], [[0.0, 0.5]]
        file["return_constant"], file["income_constant"] = np.ones(n), np.ones(n)
        file["initial_wealth"], file["initial_state"] = np.ones(4), np.linspace(0, n - 1, 4).astype(int)


@pytest.mark.parametrize("ranks", [1, 2, 3, 16])
def test_too_many_on_several_ranks(wealthsim, tmp_path, ranks):
    """Whatever a rank's own households are: each has those of two labels at most, and so has each file of the table fewer labels than
    all files together. Refused once, by all ranks; and with one label less it runs."""
    together = "the model files have more than 255 different labels of group together"
    for name, labels in ("256", range(256)), ("a", range(128)), ("b", range(-127, 1)), ("c", range(127, 256)):
        many(tmp_path / f"{name}.h5", labels)
    run = "-n", 1024, "-T", 1, "-o", "x.h5"
    refused = [(("--model", "256.h5"), "'256.h5': group has more than 255 different labels")]
    for files, is_fine in (("a", "b"), True), (("a", "c"), False), (("b", "a", "c"), False):
        (tmp_path / f"{''.join(files)}.txt").write_text("model\n" + "".join(f"{file}.h5\n" for file in files))
        refused += [(("--scenarios", f"{''.join(files)}.txt"), together)] * (not is_fine)
    for words, message in refused:
        result = wealthsim(*run, *words, ranks=ranks, status=2)
        assert result.stderr.count(message) == 1 and not (tmp_path / "x.h5").exists(), result.stderr
    wealthsim(*run, "--scenarios", "ab.txt", ranks=ranks)
    file = read(tmp_path / "x.h5")
    assert file["median"].shape == (2, 256, 1)
    held = [1 + 127 + label for label in (0, 42, 84, 127)]  # behind all, and the labels from -127 on
    assert file["group_households"][0, held, 0].tolist() == [256] * 4 and file["group_households"][:, 0, 0].tolist() == [1024] * 2


def test_of_the_project(wealthsim, tmp_path):
    """data/'s file by age and employment."""
    wealthsim("-q", "-n", 3000, "-T", 5, "--model", ROOT / "data/buffer_stock.h5", "-o", "out.h5")
    file = read(tmp_path / "out.h5")
    assert file["median"].shape == (4, 4, 1) and file["group_households"][1:3, -1].sum() == 3000
