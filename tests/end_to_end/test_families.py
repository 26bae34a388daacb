"""Every family of SPRNG gives the statistics of the stationary law within their errors, and so the others' too."""
import math

import numpy as np
import program
import pytest
from program import read

FAMILIES = "lfg", "lcg", "lcg64", "cmrg", "mlfg", "pmlcg"
# Cross-sections 40 periods apart are as good as independent (0.33^40 is left of what one household had): ten of 100,000
# households are a million, of 391 streams, whose setting up takes every family less than two seconds.
HOUSEHOLDS, EVERY, RECORDS = 100_000, 40, 10
# Of 132 standard normals one is beyond 5.8 with a chance below 9e-7. Seeds are fixed: it fails always or never.
FARTHEST = 5.8


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Runs, each made once."""
    files = {}

    def run(family, *arguments):
        if (family, arguments) not in files:
            folder = tmp_path_factory.mktemp(family)
            program.run("-q", "-n", HOUSEHOLDS, "-T", EVERY * RECORDS, "--record-every", EVERY, "--seed", 11, "--no-wealth",
                        "--rng", family, *arguments, "-o", "out.h5", ranks=2, threads=1, cwd=folder)  # fmt: skip
            files[family, arguments] = read(folder / "out.h5")
        return files[family, arguments]

    return run


def estimates(file):
    """Means over the recorded cross-sections and their standard errors, by name. A quantile's error is its interval's
    width: 95 % are 2 × 1.96 standard errors."""
    names = ["mean", "variance", "gini"]
    values = {name: (file[name][1:], file[f"{name}_error"][1:]) for name in names}
    for j, p in enumerate(file["probability"]):
        width = file["quantile_high"][1:, j] - file["quantile_low"][1:, j]
        values[f"quantile {p}"] = file["quantile"][1:, j], width / (2 * 1.959964)
    assert all(len(found) == RECORDS for found, _ in values.values())
    return {name: (np.mean(found), math.sqrt(np.mean(error**2) / RECORDS)) for name, (found, error) in values.items()}


def law(file):
    truths = {name: file.attributes[f"theory_{name}"] for name in ("mean", "variance", "gini")}
    truths |= {f"quantile {p}": q for p, q in zip(file["probability"], file["stationary_quantile"])}
    return truths


def deviations(file, truths):
    """In standard errors, by name."""
    return {name: (found - truths[name]) / error for name, (found, error) in estimates(file).items()}


def show(family, z):
    print(f"{family:6}", "  ".join(f"{name} {value:+.2f}" for name, value in z.items()))


@pytest.mark.parametrize("family", FAMILIES)
def test_stationary_law(made, family):
    program.need_family(family)
    file = made(family)
    z = deviations(file, law(file))
    show(family, z)
    assert len(z) == 12 and max(map(abs, z.values())) < FARTHEST
    # A standard error that is too great would hide anything: the mean's is known.
    known = math.sqrt(file.attributes["theory_variance"] / (HOUSEHOLDS * RECORDS))
    assert math.isclose(estimates(file)["mean"][1], known, rel_tol=0.05)


@pytest.mark.parametrize("family", [family for family in FAMILIES if family != "mlfg"])
def test_same_as_the_default(made, family):
    """Differences between two families, in the standard error of a difference."""
    program.need_family(family)
    one, other = estimates(made(family)), estimates(made("mlfg"))
    z = {name: (one[name][0] - other[name][0]) / math.hypot(one[name][1], other[name][1]) for name in one}
    show(family, z)
    assert max(map(abs, z.values())) < FARTHEST
    assert made(family).hash != made("mlfg").hash


def test_another_law_is_found(made):
    """Savings of 30.5 % instead of 30 are seen."""
    z = deviations(made("mlfg", "--s", 0.305), law(made("mlfg")))
    show("s", z)
    assert max(map(abs, z.values())) > FARTHEST


@pytest.mark.parametrize("family", FAMILIES)
def test_warning(wealthsim, family):
    """Of streams that share numbers (test_stream_shared.c), and of no others."""
    said = wealthsim("-q", "-n", 600, "-T", 2, "-o", "x.h5", "--rng", family, ranks=2).stderr
    assert ("warning: --rng pmlcg: SPRNG's streams of it share numbers" in said) == (family == "pmlcg"), said
    assert "share numbers" not in wealthsim("-q", "-n", 200, "-T", 2, "-o", "x.h5", "--rng", family).stderr
