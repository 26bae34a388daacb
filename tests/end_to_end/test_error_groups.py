"""Standard errors from parts of the population: against NumPy on the households' wealth, on all layouts, resumed, refused."""

import numpy as np
import pytest
from program import read

N, T, SEED = 20_000, 40, 7
OPTIONS = "-n", N, "-T", T, "--seed", SEED, "--no-theory"
BLOCK = 256


def lorenz(x, p):
    """The share of the poorest p: of the last household as much as is needed."""
    x, place = np.sort(x), len(x) * p
    whole = int(place)
    below = x[:whole].sum() + (place - whole) * (x[whole] if whole < len(x) else 0)
    return below / x.sum()


def gini(x):
    x, n = np.sort(x), len(x)
    return ((2 * np.arange(n) - n + 1) * x).sum() / (n * x.sum())


def hill(x, share):
    x, k = np.sort(x), int(len(x) * share)
    return 1 / np.log(x[-k:] / x[-k - 1]).mean() if k >= 2 else np.nan


def error_of(wealth, groups, statistic):
    of = np.arange(len(wealth)) // BLOCK % groups
    weights = np.bincount(of) / len(wealth)
    values = np.array([statistic(wealth[of == g]) for g in range(groups)])
    mean = (weights * values).sum()
    return np.sqrt((weights * (values - mean) ** 2).sum() / (groups - 1))


@pytest.fixture
def result_of(wealthsim, tmp_path):
    """The result file of a run."""

    def run(*words, **how):
        wealthsim("-q", *words, "-o", "out.h5", **how)
        return read(tmp_path / "out.h5")

    return run


STATISTICS = {
    "median_error": np.median, "mean_group_error": np.mean, "variance_group_error": np.var, "gini_group_error": gini,
    "bottom_half_share_error": lambda x: lorenz(x, 0.5),
}  # fmt: skip


def check(file, wealth, groups):
    for name, statistic in STATISTICS.items():
        assert file[name][-1] == pytest.approx(error_of(wealth, groups, statistic), rel=1e-7), name
    for i, p in enumerate(file["probability"]):
        assert file["quantile_error"][-1, i] == pytest.approx(error_of(wealth, groups, lambda x: np.quantile(x, p)), rel=1e-7)
        for name in "lorenz_error", "share_top_error":
            assert file[name][-1, i] == pytest.approx(error_of(wealth, groups, lambda x: lorenz(x, p)), rel=1e-6)
    for i, top in enumerate(file["top"]):
        assert file["top_share_error"][-1, i] == pytest.approx(error_of(wealth, groups, lambda x: lorenz(x, 1 - top)), rel=1e-6)
    for i, share in enumerate(file["tail"]):
        expected = error_of(wealth, groups, lambda x: hill(x, share))
        assert file["hill_group_error"][-1, i] == pytest.approx(expected, rel=1e-6, nan_ok=True)


@pytest.mark.parametrize("groups", [2, 7, 32])
def test_against_numpy(result_of, groups):
    file = result_of(*OPTIONS, "--error-groups", groups, "--record-every", 20)
    assert file.attributes["error-groups"] == groups
    check(file, file["wealth"], groups)


def test_on_all_layouts(result_of):
    options = *OPTIONS, "--record-every", 20, "--v1", 0.5
    one = result_of(*options)
    for ranks, threads in (2, 2), (3, 1), (16, 1):
        other = result_of(*options, ranks=ranks, threads=threads)
        for name in (name for name in one if name.endswith("_error")):
            assert np.array_equal(one[name], other[name], equal_nan=True), name


def test_differences_between_scenarios(result_of, tmp_path):
    """Paired: the first scenario's shocks are the other's. A scenario that is the first again differs by nothing."""
    table = tmp_path / "table.txt"
    table.write_text("s\n0.9\n0.91\n0.9\n")
    file = result_of(*OPTIONS, "--scenarios", table, ranks=2)
    assert not file["median_difference"][[0, 2]].any() and not file["median_difference_error"][[0, 2]].any()
    assert file["gini_difference"][1] == file["gini"][1] - file["gini"][0]
    of, wealth = np.arange(N) // BLOCK % 32, file["wealth"]
    weights = np.bincount(of) / N
    values = np.array([np.median(wealth[1][of == g]) - np.median(wealth[0][of == g]) for g in range(32)])
    expected = np.sqrt((weights * (values - (weights * values).sum()) ** 2).sum() / 31)
    assert file["median_difference_error"][1, -1] == pytest.approx(expected, rel=1e-7)
    assert file["median_difference_error"][1, -1] < 0.5 * file["median_error"][1, -1]


def printed_differences(said):
    """The second table: of each row scenario, v1, and three times difference and error."""
    lines = iter(said.splitlines())
    next(line for line in lines if line == "  differences from scenario 0 ± their standard errors, on the same shocks")
    assert next(lines).split() == ["scenario", "v1", "median", "Gini", "top", "1", "%,", "points"]
    return [line.replace(" ± ", " ").split() for line in iter(lines.__next__, "")]


def test_printed_differences(wealthsim, tmp_path):
    """To two digits of their errors; of the first scenario, none; of equal scenarios, 0."""
    table = tmp_path / "table.txt"
    table.write_text("s v1\n0.85 0.02\n0.85 0.3\n0.85 0.02\n")
    said = wealthsim(*OPTIONS, "--scenarios", table, "-o", "out.h5").stdout
    rows, file = printed_differences(said), read(tmp_path / "out.h5")
    assert [row[:2] for row in rows] == [["1", "0.3"], ["2", "0.02"]] and rows[1][2:] == ["0"] * 6
    of = [(file[name][1, -1], file[f"{name}_error"][1, -1]) for name in ("median_difference", "gini_difference")]
    of.append(tuple(100 * file[name][1, -1, 2] for name in ("top_share_difference", "top_share_difference_error")))
    assert file["top"][2] == 0.01
    for (difference, error), shown, shown_error in zip(of, rows[0][2::2], rows[0][3::2]):
        digits = 1 - int(np.floor(np.log10(error)))
        assert (shown, shown_error) == (f"{difference:.{digits}f}", f"{error:.{digits}f}")
    assert max(map(len, said.splitlines())) <= 110


def test_no_differences_printed_without_errors(wealthsim, tmp_path):
    table = tmp_path / "table.txt"
    table.write_text("v1\n0.02\n0.3\n")
    for words in ("--error-groups", 0), ("-n", 300):
        assert "differences" not in wealthsim(*OPTIONS, *words, "--scenarios", table).stdout


def test_fewer_where_the_population_is_small(result_of):
    assert [result_of("-n", n, "-T", 1, "--no-theory").attributes["error-groups"] for n in (16384, 1537, 1024, 1023, 1)] == [32, 3, 2, 2, 0]
    assert "median_error" not in result_of("-n", 300, "-T", 1, "--error-groups", 0)


@pytest.mark.parametrize("words, message", [
    (("--error-groups", 1), "1 group has no spread: give 2 or more, or 0"),
    (("-n", 1000, "--error-groups", 5), "5 groups need as many blocks of 256 households, and 1000 households are 4"),
    (("--error-groups", 257), "--error-groups"),
])  # fmt: skip
def test_refused(wealthsim, words, message):
    result = wealthsim(*words, status=2)
    assert message in result.stderr
