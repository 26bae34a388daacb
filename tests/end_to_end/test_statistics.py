"""Every statistic of the file: against exact arithmetic on the values at hand, closed forms, and the stationary law."""
import math
from statistics import NormalDist

import faults
import h5py
import numpy as np
import program
import pytest
from program import read
from reference import check, quantiles

PROBABILITIES = "0,0.001,0.01,0.1,0.3333333333333333,0.5,0.75,0.9,0.999,1"
NORMAL = NormalDist()


def summarize(wealthsim, folder, values, *arguments, ranks=3, threads=2):
    """The file of a run that has these values and lets no period pass."""
    with h5py.File(folder / "values.h5", "w") as file:
        file["values"] = np.asarray(values, dtype=float)
    wealthsim("-q", "-n", len(values), "-T", 0, "--initial", "values.h5:values", "-o", "out.h5", *arguments, ranks=ranks,
              threads=threads)  # fmt: skip
    file = read(folder / "out.h5")
    assert np.array_equal(file["wealth"], values)
    return file


# ---- by definition --------------------------------------------------------------------------------------------


@pytest.mark.smoke
@pytest.mark.parametrize("households", [1, 2, 7, 1000, 3800])
def test_simulated(wealthsim, tmp_path, households):
    wealthsim("-q", "-n", households, "-T", 40, "--quantiles", PROBABILITIES, "-o", "out.h5", ranks=3, threads=2)
    file = read(tmp_path / "out.h5")
    check(file, 0, file["wealth"])


RANDOM = np.random.default_rng(1)
ODD = {
    "one": [2.5],
    "one that has nothing": [0],
    "nobody has anything": np.zeros(1000),
    "all the same": np.full(1000, 0.1),
    "one has all": np.r_[np.zeros(999), 3],
    "half have nothing": np.r_[np.zeros(500), RANDOM.lognormal(size=500)],
    "few values": RANDOM.choice([0, 0.1, 0.3, 7], size=3000),
    "many equal among others": RANDOM.permutation(np.r_[np.full(2000, 1.1), RANDOM.lognormal(size=1001)]),
    "ties at the top": np.r_[RANDOM.random(900), np.full(100, 5)],
    "from small to great": 10.0 ** RANDOM.uniform(-70, 70, size=1000),
    "subnormal": RANDOM.integers(0, 50, size=500) * 5e-324,
    "ascending": np.arange(1, 2001) / 3,
    "descending": np.arange(2000, 0, -1) / 3,
    "nearly equal": 1 + RANDOM.integers(0, 9, size=1000) * 2.0**-52,
}
# Standard errors are from doubles: squares of deviations may underflow, deviations from the rounded mean be mostly rounding.
OUT_OF_REACH = {"subnormal": {"gini_error"}, "nearly equal": {"variance_error", "gini_error"}}


@pytest.mark.parametrize("name", ODD)
def test_odd_distributions(wealthsim, tmp_path, name):
    values = np.asarray(ODD[name], dtype=float)
    file = summarize(wealthsim, tmp_path, values, "--quantiles", PROBABILITIES)
    check(file, 0, values, leave_out=OUT_OF_REACH.get(name, ()))


def test_known_by_heart(wealthsim, tmp_path):
    """Small cases that need no program: Gini of (1, 3) is 1/4, that of one who has all of n is 1 - 1/n."""
    file = summarize(wealthsim, tmp_path, [3, 1], "--quantiles", "0,0.25,0.5,0.75,1")
    assert (file["gini"][0], file["mean"][0], file["variance"][0], file["median"][0]) == (0.25, 2, 1, 2)
    assert file["lorenz"][0].tolist() == [0, 0.125, 0.25, 0.625, 1]
    assert file["quantile"][0].tolist() == [1, 1.5, 2, 2.5, 3]
    file = summarize(wealthsim, tmp_path, ODD["one has all"])
    assert file["gini"][0] == 1 - 1 / 1000 and file["top_share"][0].tolist() == [1, 1, 1, 1]
    assert file["bottom_half_share"][0] == 0
    file = summarize(wealthsim, tmp_path, ODD["nobody has anything"], "--quantiles", "0.1,0.5")
    assert file["gini"][0] == 0 and file["lorenz"][0].tolist() == [0.1, 0.5]


@pytest.mark.parametrize("exponent", [-940, -664, -300, 300, 664, 900])
def test_tiny_and_huge_wealth(wealthsim, tmp_path, exponent):
    """Times a power of two all figures are, to the last bit, times a power of it, as far as doubles reach."""
    values = np.random.default_rng(5).lognormal(size=1001)
    plain = summarize(wealthsim, tmp_path, values, "--quantiles", PROBABILITIES, ranks=2, threads=1)
    scaled = summarize(wealthsim, tmp_path, np.ldexp(values, exponent), "--quantiles", PROBABILITIES)
    for name in "gini", "gini_error", "lorenz", "share_top", "top_share", "bottom_half_share":
        assert np.array_equal(scaled[name], plain[name]), name
    for name in "mean", "mean_error", "median", "quantile", "minimum", "maximum":
        assert np.array_equal(scaled[name], np.ldexp(plain[name], exponent)) and scaled[name].any(), name
    assert np.allclose(scaled["hill"], plain["hill"], rtol=1e-11, equal_nan=True)
    with np.errstate(over="ignore", under="ignore"):
        error = np.ldexp(plain["variance_error"], 2 * exponent)
    assert np.array_equal(scaled["variance_error"], np.where(np.isinf(error), np.nan, error), equal_nan=True)


def test_median_is_numpys(tmp_path):
    """The mean of the two values in the middle, also where numpy.quantile's interpolation rounds otherwise, and where their
    sum is beyond the doubles."""
    random = np.random.default_rng(6)
    pairs = [pair for pair in np.sort(10.0 ** random.uniform(-9, 1, size=(400, 2))) if np.median(pair) != quantiles(np.sort(pair), [0.5])[0]]
    for pair in pairs[:4]:
        (tmp_path / "pair.txt").write_text("".join(f"{value!r}\n" for value in pair.tolist()))
        faults.alone("-q", "-n", 2, "-T", 0, "--initial", "pair.txt", "-o", "out.h5", "--quantiles", 0.5, cwd=tmp_path)
        file = read(tmp_path / "out.h5")
        assert (file["median"][0], file["quantile"][0, 0]) == (np.median(pair), quantiles(np.sort(pair), [0.5])[0])
    (tmp_path / "pair.txt").write_text("1.5e308\n1.7e308\n")
    faults.alone("-q", "-n", 2, "-T", 0, "--initial", "pair.txt", "-o", "out.h5", cwd=tmp_path)
    assert read(tmp_path / "out.h5")["median"][0] == 1.6e308


@pytest.mark.parametrize(
    "start, model, said",
    [
        ("1", ["--s", 1], "the model has no stationary law"),
        ("1", ["--s", 0.8, "--r", 0, "--v1", 0.6], "the model's moments are infinite"),
        ("1e180", [], "it is beyond the range of floating-point numbers"),
    ],
)
def test_why_there_is_no_standard_error(tmp_path, start, model, said):
    """Wealth that is too large for its square is not said to have infinite moments, nor a law that is not there."""
    (tmp_path / "start.txt").write_text(f"{start}\n1\n")
    result = faults.alone("-n", 300, "-T", 1, "--initial", "start.txt", *model, cwd=tmp_path)
    line = next(line for line in result.stdout.splitlines() if line.startswith("  variance"))
    assert line.endswith(f"no standard error: {said}"), result
    tail_index = read(tmp_path / "wealthsim.h5").attributes["theory_tail_index"]
    assert math.isnan(tail_index) == ("no stationary law" in said)


# ---- closed forms ---------------------------------------------------------------------------------------------
# Lorenz curves. The lognormal's is Φ(Φ⁻¹(p) - σ), the Pareto's 1 - (1 - p)^(1 - 1/a); that of a Weibull of shape a follows from
# Γ(1 + 1/a, x), which is elementary where 1/a is whole.


def lognormal(sigma):
    def curve(p):
        return NORMAL.cdf(NORMAL.inv_cdf(p) - sigma)

    return curve, 2 * NORMAL.cdf(sigma / math.sqrt(2)) - 1


def pareto(a):
    return lambda p: 1 - (1 - p) ** (1 - 1 / a), 1 / (2 * a - 1)


def weibull(a):
    def curve(p):
        x = -math.log1p(-p)
        return 1 - (1 - p) * sum(x**j / math.factorial(j) for j in range(round(1 / a) + 1))

    return curve, 1 - 2 ** (-1 / a)


LAWS = {
    "lognormal, σ = 0.5": (lognormal(0.5), 1e-7),
    "lognormal, σ = 1": (lognormal(1.0), 2e-7),
    "Pareto, a = 3": (pareto(3), 1e-7),
    "Pareto, a = 1.5": (pareto(1.5), 2e-6),
    "exponential": (weibull(1), 1e-8),
    "Weibull, a = 1/2": (weibull(1 / 2), 1e-7),
    "Weibull, a = 1/3": (weibull(1 / 3), 2e-7),
}


@pytest.mark.parametrize("law", LAWS)
def test_closed_forms(wealthsim, tmp_path, law):
    """Household i has its cell's mean, n (L((i + 1)/n) - L(i/n)): then the sample's Lorenz curve is the law's at all i/n, and
    its Gini less than the law's by the trapezoid rule's error alone."""
    (curve, gini), error = LAWS[law]
    n = 20000
    points = [0.0, *(curve(i / n) for i in range(1, n)), 1.0]
    values = RANDOM.permutation(np.maximum.accumulate(n * np.diff(points)))
    file = summarize(wealthsim, tmp_path, values, "--quantiles", "0.05,0.1,0.25,0.5,0.9,0.99")
    assert 0 < gini - file["gini"][0] < error
    expected = np.array([curve(p) for p in file["probability"]])
    assert np.allclose(file["lorenz"][0], expected, rtol=0, atol=1e-11)
    assert np.allclose(file["share_top"][0], 1 - expected, rtol=0, atol=1e-11)
    assert np.allclose(file["top_share"][0], [1 - curve(1 - top) for top in file["top"]], rtol=0, atol=1e-11)
    assert math.isclose(file["bottom_half_share"][0], curve(0.5), abs_tol=1e-11)
    assert math.isclose(file["mean"][0], 1, rel_tol=1e-12)


def test_hill_on_a_pareto_tail(wealthsim, tmp_path):
    """Values at a Pareto law's quantiles: Hill's estimator is the index, but for the grid (half a step in k)."""
    n, a = 100_000, 2.5
    values = (1 - (np.arange(n) + 0.5) / n) ** (-1 / a)
    file = summarize(wealthsim, tmp_path, values)
    k = np.floor(n * file["tail"])
    assert np.all(np.abs(file["hill"][0] / a - 1) < 3 / k + 3e-3 * (k < 1000))
    assert np.allclose(file["hill_error"][0], file["hill"][0] / np.sqrt(k), rtol=1e-15)


# ---- standard errors against their meaning --------------------------------------------------------------------


def test_standard_errors_cover(wealthsim, tmp_path):
    """Cross-sections 40 periods apart are as good as independent: over 60 of them, errors in units of their standard error
    have a mean of about 0 and a variance of about 1. Of 60 normals the variance lies within 0.55 to 1.6 with a chance of
    99.8 %; the seed is fixed."""
    wealthsim("-q", "-n", 4000, "-T", 2400, "--record-every", 40, "--no-wealth", "-o", "out.h5", ranks=2)
    file = read(tmp_path / "out.h5")
    theory = {"mean": 2.466868353, "variance": 5.262122969, "gini": 0.3950735064}
    for name, truth in theory.items():
        z = (file[name][1:] - truth) / file[f"{name}_error"][1:]
        assert len(z) == 60 and 0.55 < np.var(z) < 1.6 and abs(np.mean(z)) < 4 / math.sqrt(60), (name, np.mean(z), np.var(z))
    for name, truth in {"median": 1.835240992}.items():
        covered = np.mean((file[f"{name}_low"][1:] <= truth) & (truth <= file[f"{name}_high"][1:]))
        assert covered >= 0.85  # of 60 at 95 %: fewer than 52 with a chance of 0.5 %


# ---- the stationary law ---------------------------------------------------------------------------------------
# tests/bench/stationary_reference.py: the distribution function by spline collocation. Quantiles of 1, 10, 25, 50, 75, 90,
# 99 %, then Gini, the shares of the bottom half, the top 10 and the top 1 %. tests/unit/test_stationary.c has the same.
STATIONARY = {
    "the lecture's": (
        dict(r=0.1, s=0.3, v1=0.1, v2=1),
        (0.4396715503, 0.8084150058, 1.178037733, 1.835240992, 2.953971433, 4.690911232, 11.33799401),
        (0.3950735064, 0.2372213373, 0.3048382344, 0.06604301622),
    ),
    "infinite fourth moment": (
        dict(r=0.04, s=0.85, v1=0.3, v2=0.6),
        (3.409563001, 5.661865482, 7.816879798, 11.60800544, 18.20864337, 29.05015158, 77.47059881),
        (0.3922567245, 0.2439230364, 0.3158190142, 0.07925900052),
    ),
    "infinite variance": (
        dict(r=0, s=0.8, v1=0.5, v2=0.5),
        (1.715384737, 2.960421971, 4.244223709, 6.752799678, 11.87384393, 22.08365914, 88.02180893),
        (0.5276717932, 0.1756817778, 0.4454217456, 0.1680232218),
    ),
    "constant return": (
        dict(r=0.05, s=0.6, v1=0, v2=1.5),
        (1.211480126, 2.280321357, 3.399525453, 5.498579384, 9.371936294, 16.08946291, 48.83419528),
        (0.458630176, 0.2041783865, 0.3640764393, 0.09953046542),
    ),
    "infinite mean": (
        dict(r=0, s=0.9, v1=0.5, v2=1),
        (2.684108147, 6.418782933, 11.4796131, 24.74922096, 66.17225615, 209.5988662, 3312.421261),
        None,
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def stationary(tmp_path_factory):
    """Runs of 400,000 households, each made once."""
    made = {}

    def run(name):
        if name not in made:
            folder = tmp_path_factory.mktemp("stationary")
            model = [word for key, value in STATIONARY[name][0].items() for word in (f"--{key}", value)]
            program.run("-q", "-n", 400_000, "-T", 300, *model, "--quantiles", "0.01,0.1,0.25,0.5,0.75,0.9,0.99", "-o",
                        "out.h5", ranks=2, cwd=folder)  # fmt: skip
            made[name] = read(folder / "out.h5")
        return made[name]

    return run


@pytest.mark.parametrize("name", STATIONARY)
def test_quantiles_of_the_stationary_law(stationary, name):
    """Within 4 standard errors. A quantile's is that of the number of values below the law's, which needs no density. The
    seed is fixed: no false alarms."""
    file, (_, quantiles, _) = stationary(name), STATIONARY[name]
    ascending = np.sort(file["wealth"])
    n = len(ascending)
    for j, (p, truth) in enumerate(zip(file["probability"], quantiles)):
        away = 4 * math.sqrt(n * p * (1 - p))
        low, high = ascending[math.floor(n * p - away)], ascending[math.ceil(n * p + away)]
        assert low < truth < high and low < file["quantile"][0, j] < high, f"quantile {p}"
        assert file["quantile_low"][0, j] <= file["quantile"][0, j] <= file["quantile_high"][0, j]
    assert np.allclose(file["stationary_quantile"], quantiles, rtol=1e-8)


@pytest.mark.parametrize("name", [name for name in STATIONARY if STATIONARY[name][2]])
def test_inequality_of_the_stationary_law(stationary, name):
    """Gini with the file's own standard error, shares with that of their influence function (Beach and Davidson, Review of
    Economic Studies 50 (1983)), computed here. Where the variance is infinite there are no standard errors: sums of the k
    greatest values then scatter, relative to themselves, by about k^(1/κ - 1), and that is what is taken instead."""
    file, (_, quantiles, (gini, bottom, top_10, top_1)) = stationary(name), STATIONARY[name]
    wealth, mean = file["wealth"], file["mean"][0]
    found = {0.5: 1 - file["bottom_half_share"][0], 0.9: file["top_share"][0][0], 0.99: file["top_share"][0][2]}
    truths = {0.5: 1 - bottom, 0.9: top_10, 0.99: top_1}
    n, kappa = len(wealth), file.attributes["theory_tail_index"]
    gini_error = file["gini_error"][0] if kappa > 2 else n ** (1 / kappa - 1)
    assert abs(file["gini"][0] - gini) < 4 * gini_error
    for p, truth in truths.items():
        q = quantiles[{0.5: 3, 0.9: 5, 0.99: 6}[p]]
        influence = np.maximum(wealth - q, 0) + (1 - p) * q - found[p] * wealth
        error = np.std(influence) / mean / math.sqrt(n) if kappa > 2 else truth * ((1 - p) * n) ** (1 / kappa - 1)
        assert abs(found[p] - truth) < 4 * error, f"share above {p}"


@pytest.mark.parametrize("name", ["the lecture's", "infinite fourth moment", "constant return"])
def test_moments_of_the_stationary_law(stationary, name):
    """E w = E Y / (1 - E A) and E w² = (2 E A E Y E w + E Y²) / (1 - E A²). Where the fourth moment is infinite the variance
    has no standard error."""
    file, model = stationary(name), STATIONARY[name][0]
    gain, y = model["s"] * (1 + model["r"]), model["v2"] ** 2 / 2
    a, a2 = gain * math.exp(model["v1"] ** 2 / 2), gain**2 * math.exp(2 * model["v1"] ** 2)
    mean = math.exp(y) / (1 - a)
    variance = (2 * a * math.exp(y) * mean + math.exp(4 * y)) / (1 - a2) - mean**2
    assert abs(file["mean"][0] - mean) < 4 * file["mean_error"][0]
    if name != "infinite fourth moment":
        assert abs(file["variance"][0] - variance) < 4 * file["variance_error"][0]
    for key, truth in {"theory_mean": mean, "theory_variance": variance}.items():
        assert math.isclose(file.attributes[key], truth, rel_tol=1e-12)


def test_the_tail_of_the_stationary_law(stationary):
    """Where theory has a Pareto tail of 1.79, Hill's estimate from the top 0.1 % (k = 400) finds it."""
    file = stationary("infinite variance")
    kappa = -2 * math.log(0.8) / 0.5**2
    assert math.isclose(file.attributes["theory_tail_index"], kappa, rel_tol=1e-12)
    assert abs(file["hill"][0][0] - kappa) < 4 * file["hill_error"][0][0]
