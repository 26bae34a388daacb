"""wealthsim info --model: what a model file says, in words."""
import h5py
import numpy as np
import pytest


def write(path, attributes=None, **variables):
    with h5py.File(path, "w") as file:
        for name, values in variables.items():
            file[name] = values
        file.attrs.update({"model_format": "1.0", **(attributes or {})})


KNOTS = {"policy_wealth": [[0.0, 1, 1, 5]], "policy_savings": [[0.0, 0.5, 0.25, 4]]}


def stationary(transition):
    values, vectors = np.linalg.eig(np.asarray(transition).T)
    law = np.real(vectors[:, np.argmin(abs(values - 1))])
    return law / law.sum()


def table(text):
    """{state: [the numbers behind it]}"""
    lines = [line.split() for line in text.splitlines()]
    begin = next(i for i, words in enumerate(lines) if words[:1] == ["state"]) + 1
    rows = [words for words in lines[begin:] if words and words[0].isdigit()]
    return {int(words[0]): [float(word) for word in words[1:]] for words in rows}


@pytest.mark.smoke
@pytest.mark.parametrize("ranks", [0, 2])
def test_a_model(wealthsim, tmp_path, ranks):
    transition = [[0.9, 0.1, 0.0], [0.2, 0.5, 0.3], [0.0, 0.6, 0.4]]
    write(tmp_path / "m.h5", {"extrapolation": "flat", "lower_bound": -1.0}, transition=transition, income_log_sd=[0.5, 0.1, 0],
          policy_of_state=[0, 0, 0], income_constant=[0, 1, 2.5], **KNOTS)  # fmt: skip
    said = wealthsim("info", "--model", "m.h5", ranks=ranks).stdout
    law, income = stationary(transition), [np.exp(0.125), 1 + np.exp(0.005), 3.5]
    for z, (probability, policy, mean) in table(said).items():
        assert probability == pytest.approx(law[z], rel=1e-5) and mean == pytest.approx(income[z], rel=1e-5) and policy == 0
    assert f"income      {law @ income:.6g} on average" in said
    for line in ["chain       3 states\n", "policies    1 of 4 knots\n", "knots       wealth 0 to 5, savings 0 to 4, 1 jump\n",
                 "beyond      the outermost savings stay\n", "bounds      wealth is held at -1 or more\n", "start       at --w0 in state 0\n",
                 "return_log_sd (no such term)", "policy_share (1)", "income_log_mean (0)", "level_growth (no level)"]:  # fmt: skip
        assert line in said, said
    assert "policy_of_state (" not in said and len(table(said)) == 3


def test_many_states(wealthsim, tmp_path):
    """Those of the largest probabilities, in their order, from a sparse chain."""
    n = 3000
    to = np.stack([np.zeros(n), np.minimum(np.arange(n) + 1, n - 1)], axis=1)
    write(tmp_path / "m.h5", transition_start=2 * np.arange(n + 1), transition_to=to.ravel(), transition_probability=np.full(2 * n, 0.5),
          **KNOTS)  # fmt: skip
    said = wealthsim("info", "--model", "m.h5").stdout
    assert [(z, row[0]) for z, row in table(said).items()] == [(z, pytest.approx(0.5 ** (z + 1), rel=1e-5)) for z in range(20)]
    assert "chain       3,000 states, sparse, with 6,000 moves\n" in said and "  ... and 2,980 more, with 9.54e-07 of the probability" in said


def test_chains_without_one_law(wealthsim, tmp_path):
    write(tmp_path / "m.h5", transition=[[0.5, 0.25, 0.25], [0, 1, 0], [0, 0, 1]], **KNOTS)
    said = wealthsim("info", "--model", "m.h5").stdout
    assert "it ends in one of 2 sets of states, by where it begins and by chance" in said and "on average" not in said
    write(tmp_path / "m.h5", transition=[[0, 1, 0], [0, 0, 1], [0, 1, 0]], **KNOTS)
    said = wealthsim("info", "--model", "m.h5").stdout
    assert "over 2 of the states" in said and [row[0] for row in table(said).values()] == [0, 0.5, 0.5]


def test_newborns_and_aggregates(wealthsim, tmp_path):
    """Newborns are where the sample is; each aggregate state has its law."""
    transition = np.array([[[0, 1, 0], [0, 0.5, 0.5], [0, 0, 1]], [[0, 1, 0], [0, 0.75, 0.25], [0, 0, 1]]])
    write(tmp_path / "m.h5", transition=transition, newborn=[False, False, True], initial_state=[0, 0], initial_wealth=[1.0, 3],
          aggregate_path=[0, 1, 1], group=[20, 30, -1], income_constant=[[1, 2, 0], [1, 3, 0]], **KNOTS)  # fmt: skip
    said = wealthsim("info", "--model", "m.h5").stdout
    first, second = said.split("if aggregate state 1 stayed for ever")
    assert "if aggregate state 0 stayed for ever" in first and "a sample of 2 points, wealth 1 to 3\n" in first
    assert "aggregate   2 states, on a path of 3 periods\n" in first and "group" in first and "newborns" in first
    assert "income      1.66667 on average" in first and "income      2.6 on average" in second
