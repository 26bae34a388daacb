"""wealthsim verify: that it passes here, on every layout, and that each of its checks can fail."""
import os
import re

import pytest
from program import vector_levels

CHECKS = (
    "known streams", "bulk streams", "floating point", "shocks", "vector levels", "exact sums", "order statistics", "messages",
    "published hash", "layout", "moments", "quantiles", "result file", "checkpoint", "model file", "pi", "gridmax", "eigenvalues",
)  # fmt: skip


def outcomes(result):
    """{check: PASS or FAIL}"""
    return {name.rstrip(): outcome for outcome, name in re.findall(r"^  (PASS|FAIL)  (.{17}) ", result.stdout, re.M)}


@pytest.mark.parametrize("ranks", [1, 2, pytest.param(3, marks=pytest.mark.smoke), 16])
@pytest.mark.parametrize("threads", [1, 2])
def test_layouts(wealthsim, tmp_path, ranks, threads):
    result = wealthsim("verify", "--class", "tiny", ranks=ranks, threads=threads)
    assert outcomes(result) == dict.fromkeys(CHECKS, "PASS")
    assert f"{len(CHECKS)} of {len(CHECKS)} checks passed" in result.stdout
    assert os.listdir(tmp_path) == []


def test_messages_of_many_ranks(wealthsim):
    """Beyond 64 ranks not to each other one, but to those at powers of two and at some other distances."""
    result = wealthsim("verify", "--class", "tiny", ranks=66)
    assert "32768 bytes from each of 66 ranks to 30 others" in result.stdout, result


@pytest.mark.parametrize("level", vector_levels()[:-1])
def test_vector_levels(wealthsim, level):
    wealthsim("verify", "--class", "tiny", ranks=2, env={"WEALTHSIM_VECTOR": level})


@pytest.mark.parametrize("check", CHECKS)
def test_each_check_can_fail(wealthsim, tmp_path, check):
    """With a bit, a number or a period changed on purpose: that check fails, no other does, and the status says so."""
    result = wealthsim("verify", "--class", "tiny", ranks=3, env={"WEALTHSIM_VERIFY_BREAK": check}, status=1)
    assert outcomes(result) == {**dict.fromkeys(CHECKS, "PASS"), check: "FAIL"}, result
    assert f"1 of {len(CHECKS)} checks failed: do not rely on this build's results here" in result.stderr
    assert os.listdir(tmp_path) == []


def test_small(wealthsim):
    """The class that README.md tells new users to run."""
    assert "class small" in wealthsim("verify", "-t", 1, ranks=2).stdout


def test_quiet(wealthsim):
    """Only what fails is said."""
    assert wealthsim("verify", "-q", "--class", "tiny").stdout == ""
    broken = wealthsim("verify", "-q", "--class", "tiny", env={"WEALTHSIM_VERIFY_BREAK": "pi"}, status=1)
    assert outcomes(broken) == {"pi": "FAIL"}


def test_bad_input(wealthsim):
    result = wealthsim("verify", "--class", "huge", "--seed", 2, "-o", "x.h5", ranks=2, status=2)
    for said in "--class: 'huge' is out of range: tiny, small or large", "--seed: unknown option", "-o: unknown option":
        assert said in result.stderr, result
