"""Runs of model files: one answer on every layout, stopped and resumed, on every vector level; what other options make of them."""
import csv
import re
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from program import ROOT, vector_levels

sys.path.insert(0, str(ROOT / "jobs" / "models"))
from model_file import write_model  # noqa: E402

LAYOUTS = [(1, 1), (2, 2), (3, 1), (16, 1)]
SCRIPTS = ["kesten", "wealth_dynamics", "ifp", "aiyagari", "buffer_stock", "krusell_smith_path"]
LEAVES = "2266", "40"  # household and period
RUN = "-n", 3000, "-T", 90, "--record-every", 30


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """{script: the file that it writes when it is asked for}"""
    folder = tmp_path_factory.mktemp("models")

    class Models(dict):
        def __missing__(self, name):
            self[name] = folder / f"{name}.h5"
            subprocess.run([sys.executable, ROOT / "jobs" / "models" / f"{name}.py", self[name]], check=True, capture_output=True)
            return self[name]

    return Models()


def contents(path):
    """All bytes of all variables, and the hash."""
    with h5py.File(path) as file:
        values = {name: item[...].tobytes() for name, item in file.items() if isinstance(item, h5py.Dataset)}
        return values, file.attrs["result_hash"]


@pytest.mark.parametrize("name", SCRIPTS)
def test_one_answer(wealthsim, tmp_path, models, name):
    answers = []
    for ranks, threads in LAYOUTS:
        wealthsim("--model", models[name], *RUN, "-o", "r.h5", ranks=ranks, threads=threads)
        answers.append(contents(tmp_path / "r.h5"))
    for level in vector_levels():
        wealthsim("--model", models[name], *RUN, "-o", "r.h5", env={"WEALTHSIM_VECTOR": level})
        answers.append(contents(tmp_path / "r.h5"))
    wealthsim("--model", models[name], *RUN[:2], "-T", 40, *RUN[4:], "--checkpoint", "ck", "-o", "r.h5", ranks=3)
    wealthsim("--model", models[name], *RUN, "--checkpoint", "ck", "--resume", "-o", "r.h5", ranks=2, threads=2)
    answers.append(contents(tmp_path / "r.h5"))
    assert len({hash for _, hash in answers}) == 1
    for values, _ in answers[1:]:
        assert values == answers[0][0]


def two_states(path, **changes):
    model = {
        "transition": [[0.9, 0.1], [0.4, 0.6]], "policy_wealth": [[0, 1, 10], [0, 2, 12]], "policy_savings": [[0, 0.5, 8], [0, 1, 9]],
        "return_log_mean": [0, 0.01], "return_log_sd": [0.1, 0.2], "income_constant": [1, 0.3],
    }  # fmt: skip
    write_model(path, **{**model, **changes})
    return path


def test_resume_with_another_file(wealthsim, tmp_path):
    one, other = two_states(tmp_path / "one.h5"), two_states(tmp_path / "other.h5", income_constant=[1, 0.31])
    copy = two_states(tmp_path / "copy.h5")
    wealthsim("--model", one, "-n", 500, "-T", 10, "--checkpoint", "ck")
    said = wealthsim("--model", other, "-n", 500, "-T", 20, "--checkpoint", "ck", "--resume", status=2).stderr
    assert "--model: digest of what the file says: the checkpoint has" in said
    said = wealthsim("-n", 500, "-T", 20, "--checkpoint", "ck", "--resume", status=2).stderr
    assert "the checkpoint's model is 'tabulated', this run's 'kesten'" in said
    wealthsim("--model", copy, "-n", 500, "-T", 20, "--checkpoint", "ck", "--resume")


def test_parameters_of_the_other_model(wealthsim, tmp_path):
    model = two_states(tmp_path / "m.h5", initial_wealth=[1, 2], initial_state=[0, 1])
    (tmp_path / "s.ini").write_text("s = 0.4\n")
    said = wealthsim("--model", model, "--r", 0.1, "--config", "s.ini", "--w0", 3, status=2).stderr
    assert "--r: is a parameter of the built-in model" in said and "--s: is a parameter of the built-in model" in said
    assert "--w0: the model file has initial_wealth" in said and "--v1" not in said
    assert "--r: is a parameter" in wealthsim("path", "--model", model, "--r", 0.1, status=2).stderr


def test_path_of_aggregate_states_too_short(wealthsim, tmp_path):
    model = two_states(
        tmp_path / "m.h5", aggregate_path=[0, 1, 0], income_constant=[[1, 0.3], [2, 0.6]], return_log_mean=[[0, 0.01], [0, 0]]
    )
    wealthsim("--model", model, "-n", 100, "-T", 3)
    said = wealthsim("--model", model, "-n", 100, "-T", 4, status=2).stderr
    assert "--periods: 4 periods, and aggregate_path of" in said and "has 3: give at most so many" in said


@pytest.mark.parametrize("ranks, threads", [(1, 1), (2, 2), (3, 1), (5, 1)])
def test_household_that_leaves_the_knots(wealthsim, tmp_path, ranks, threads):
    """Always the same one, however many periods are taken at a time."""
    model = two_states(tmp_path / "m.h5", extrapolation="error", policy_savings=[[0, 0.5, 8], [0, 1, 11]])
    said = set()
    for extra in (), ("--record-every", 7), ("--paths", 3):
        result = wealthsim("--model", model, "-n", 3000, "-T", 500, "-q", *extra, ranks=ranks, threads=threads, status=1)
        said.add(re.search(r"household \d+ left the knots of its savings rule in period \d+ with wealth \S+", result.stderr)[0])
        assert not (tmp_path / "wealthsim.h5").exists()
    household, period, wealth = re.findall(r"[\d.]+", said.pop())
    assert not said and (household, period) == LEAVES
    path = wealthsim("path", "--model", model, "--household", household, "-T", period, "-n", 3000, "--w0", 1, "--csv").stdout.splitlines()
    assert float(path[-1].split(",")[1]) == float(wealth) > 10
    for periods in int(period) + 1, 300_000:  # which are taken in several goes
        said = wealthsim("path", "--model", model, "--household", household, "-T", periods, "-n", 3000, "--w0", 1, status=1).stderr
        assert f"household {household} left the knots of its savings rule in period {period} " in said



def test_coalescence(wealthsim, tmp_path):
    """Two populations from different wealth on the same shocks, states and all, meet to the last bit."""
    model = two_states(tmp_path / "m.h5", policy_savings=[[0, 0.2, 2], [0, 0.2, 2]])
    assert re.search(r"coalescence all households agree with those from wealth 9 from period \d+ on", wealthsim(
        "--model", model, "-n", 2000, "-T", 300, "--coalescence", 9, ranks=2).stdout)  # fmt: skip


def test_coalescence_from_beyond_the_bounds(wealthsim, tmp_path):
    model = two_states(tmp_path / "m.h5", upper_bound=50.0)
    said = wealthsim("--model", model, "-n", 100, "-T", 1, "--coalescence", 51, status=2).stderr
    assert "--coalescence: 51 is not within -1e+150 and 50, the bounds of wealth" in said


def test_collected(wealthsim, tmp_path):
    """The table of several runs says which model each was of."""
    for name in "a", "b":
        wealthsim("--model", two_states(tmp_path / f"{name}-model.h5"), "-n", 500, "-T", 5, "-o", f"{name}.h5")
    wealthsim("-n", 500, "-T", 5, "-o", "c.h5")
    said = subprocess.run([sys.executable, ROOT / "jobs/collect.py", "a.h5", "b.h5", "c.h5"], cwd=tmp_path, capture_output=True, text=True, check=True)
    rows = list(csv.DictReader(said.stdout.splitlines()))
    assert [(Path(row["model"]).name, row["s"]) for row in rows] == [("a-model.h5", ""), ("b-model.h5", ""), ("", "0.3")]
    with h5py.File(tmp_path / "a.h5") as file:
        assert "model" in file.attrs and not {"r", "s", "v1", "v2"} & set(file.attrs)  # they had no part in it


def test_initial_sample(wealthsim, tmp_path):
    """Systematic resampling: each point has its weight's share of households, to one."""
    weight = np.array([0.5, 0.1, 3, 1.4])
    model = two_states(
        tmp_path / "m.h5", initial_wealth=[4, 3, 2, 1], initial_state=[0, 1, 0, 1], initial_weight=weight,
        level_growth=[1.1, 0.9], initial_level=[1, 2, 3, 4],
    )  # fmt: skip
    for ranks in 1, 3:
        wealthsim("--model", model, "-n", 777, "-T", 0, "-o", "r.h5", ranks=ranks)
        with h5py.File(tmp_path / "r.h5") as file:
            wealth, state, level = (file[name][:] for name in ("wealth", "state", "level"))
        expected = np.searchsorted(np.cumsum(weight) / weight.sum(), (np.arange(777) + 0.5) / 777, side="right")
        assert (wealth == 4 - expected).all() and (state == expected % 2).all() and (level == 1 + expected).all()


def test_initial_wealth_beside_a_model(wealthsim, tmp_path):
    """--initial sets wealth; states and levels are the file's. Debts are allowed, within the bounds."""
    model = two_states(tmp_path / "m.h5", initial_wealth=[4, 3], initial_state=[0, 1], lower_bound=-2.0)
    (tmp_path / "w.txt").write_text("-1.5\n0\n7\n")
    wealthsim("--model", model, "--initial", "w.txt", "-n", 6, "-T", 0, "-o", "r.h5")
    with h5py.File(tmp_path / "r.h5") as file:
        assert file["wealth"][:].tolist() == [-1.5, -1.5, 0, 0, 7, 7] and file["state"][:].tolist() == [0, 0, 0, 1, 1, 1]
    (tmp_path / "w.txt").write_text("-2.5\n")
    assert "-2.5" in wealthsim("--model", model, "--initial", "w.txt", "-n", 6, "-T", 0, status=2).stderr


def test_debts(wealthsim, tmp_path):
    """Statistics of a population that owes more than it has, against NumPy."""
    model = two_states(
        tmp_path / "m.h5", policy_wealth=[[-4, 1, 10], [-4, 2, 12]], policy_savings=[[-3.9, -1.5, 4], [-3.9, -1, 4]],
        income_constant=[0.5, 0.1], lower_bound=-3.0,
    )  # fmt: skip
    wealthsim("--model", model, "-n", 5000, "-T", 100, "-o", "r.h5", ranks=3)
    with h5py.File(tmp_path / "r.h5") as file:
        wealth = file["wealth"][:]
        assert wealth.min() == -3 and (wealth < 0).mean() > 0.5
        assert file["median"][0] == np.median(wealth) and file["minimum"][0] == -3
        assert file["mean"][0] == pytest.approx(wealth.mean(), rel=1e-14)
        assert file["variance"][0] == pytest.approx(wealth.var(), rel=1e-13)


def test_memory_of_states(wealthsim, tmp_path):
    """The smallest type that holds them."""
    for states, dtype in (200, "u1"), (300, "u2"):
        model = two_states(
            tmp_path / "m.h5", transition=np.eye(states), policy_wealth=[[0, 1]], policy_savings=[[0, 0.5]],
            return_log_mean=np.zeros(states), return_log_sd=np.zeros(states), income_constant=np.ones(states),
        )  # fmt: skip
        wealthsim("--model", model, "-n", 300, "-T", 3, "-o", "r.h5")
        with h5py.File(tmp_path / "r.h5") as file:
            assert file["state"].dtype == dtype


def test_theory_judges_the_run(wealthsim, tmp_path):
    """Not the option: a run that is shorter than the memory of its start says nothing of a tail."""
    (tmp_path / "w.txt").write_text("".join(f"{1000 / i}\n" for i in range(1, 2000)))
    for periods in 0, 3:
        said = wealthsim("--initial", "w.txt", "-n", 20000, "-T", periods).stdout
        assert "no Pareto tail to be seen" not in said and "not judged: after 7 periods the start is forgotten" in said
    assert "no Pareto tail to be seen (theory: index 222)" in wealthsim("--initial", "w.txt", "-n", 20000, "-T", 7).stdout


def test_readme(wealthsim, tmp_path):
    """Its lines of Python write a model file that runs, in a folder of their own."""
    code = re.search(r"```python\n(import sys.*?)```", (ROOT / "README.md").read_text(), re.S)[1]
    subprocess.run([sys.executable, "-c", code.replace('"jobs/models"', f'"{ROOT / "jobs/models"}"')], cwd=tmp_path, check=True)
    said = wealthsim("--model", "mine.h5", "-n", 50000, ranks=2)
    assert "tail        index 7.18 by theory" in said.stdout
    assert "2 of 200 knots" in wealthsim("info", "--model", "mine.h5").stdout


def test_model_file_is_not_lost(wealthsim, tmp_path):
    """A result or a checkpoint of its name would replace it."""
    model = two_states(tmp_path / "ck.3")
    bytes_of_model = model.read_bytes()
    (tmp_path / "link.h5").symlink_to(model)
    for command in "run", "path":
        for output in "ck.3", "link.h5":
            said = wealthsim(command, "--model", "ck.3", "-T", 1, "-o", output, ranks=2, status=2).stderr
            assert f"--output: '{output}' is the file that --model reads" in said
    assert "--model: 'ck.3' has a name that --checkpoint 'ck' gives its own files" in wealthsim(
        "--model", "ck.3", "-T", 1, "--checkpoint", "ck", status=2).stderr  # fmt: skip
    assert model.read_bytes() == bytes_of_model
