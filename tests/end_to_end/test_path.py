"""wealthsim path: one household's wealth over time."""
import numpy as np
import pytest
from program import ROOT, need_family, read

MODEL = ("--w0", 5, "--seed", 3, "--v1", 0.2)


@pytest.mark.smoke
def test_a_household_of_a_run(wealthsim, tmp_path):
    """Each household's path is the one that it has in a run, wherever in its block it stands, to the last bit."""
    wealthsim("-q", *MODEL, "-n", 1000, "-T", 40, "--paths", 1000, ranks=2)
    paths = read(tmp_path / "wealthsim.h5")["path_wealth"]
    for household in 0, 255, 256, 999:
        wealthsim("path", "-q", *MODEL, "-T", 40, "--households", 1000, "--household", household)
        assert np.array_equal(read(tmp_path / "wealthsim-path.h5")["path_wealth"], paths[household : household + 1])


@pytest.mark.parametrize("arguments", [("--w0", 5), ("--w0", 5, "--v1", 60), ("--w0", 5, "--s", 0), ("--model", "ifp"), ("--model", "buffer_stock")])
def test_long(wealthsim, tmp_path, arguments):
    """Over more periods than its numbers are made for at a time, under every kind of law, with what it drew: as in a run."""
    if arguments[0] == "--model":
        arguments = "--model", ROOT / "data" / f"{arguments[1]}.h5"
    wealthsim("-q", *arguments, "-n", 300, "-T", 515, "--paths", 300, "--no-theory")
    run = read(tmp_path / "wealthsim.h5")
    for household in 0, 77, 299:
        wealthsim("path", "-q", *arguments, "-T", 515, "--households", 300, "--household", household, "--shocks")
        path = read(tmp_path / "wealthsim-path.h5")
        assert np.array_equal(path["path_wealth"][0], run["path_wealth"][household])
        for name in set(run) & {"state", "level"}:
            assert path[f"path_{name}"][0, -1] == run[name][household]


def test_one_of_many(wealthsim, tmp_path):
    """A household far into a large population: its final wealth is what the population has there."""
    wealthsim("-q", *MODEL, "-n", 1_000_000, "-T", 3)
    wealthsim("path", "-q", *MODEL, "-T", 3, "-n", 1_000_000, "--household", 987_654)
    assert read(tmp_path / "wealthsim-path.h5")["path_wealth"][0, -1] == read(tmp_path / "wealthsim.h5")["wealth"][987_654]


@pytest.mark.parametrize("ranks", [1, 2, 3, 16])
@pytest.mark.parametrize("threads", [1, 2])
def test_layouts(wealthsim, tmp_path, ranks, threads):
    wealthsim("path", "-q", "-o", "here.h5", ranks=ranks, threads=threads)
    # Of the first household under seed 1: computed by this program, equal to a run's (above).
    assert read(tmp_path / "here.h5").hash == "4ec74229e107998d"


def test_defaults_and_table(wealthsim, tmp_path):
    result = wealthsim("path")
    file = read(tmp_path / "wealthsim-path.h5")
    assert file["path_wealth"].shape == (1, 101) and file["path_wealth"][0, 0] == 5
    assert (file["step"] == np.arange(101)).all() and file.attributes["result_of"] == "path"
    assert f"  100         {file['path_wealth'][0, -1]:.7g}\n" in result.stdout and file.hash in result.stdout


def test_csv(wealthsim, tmp_path):
    """All periods and all digits, and nothing else on standard output."""
    result = wealthsim("path", "--csv", "-T", 30, "--household", 7)
    header, *lines = result.stdout.splitlines()
    period, wealth = np.array([line.split(",") for line in lines], dtype=float).T
    assert header == "period,wealth" and (period == np.arange(31)).all()
    assert (wealth == read(tmp_path / "wealthsim-path.h5")["path_wealth"][0]).all()


def test_from_a_distribution(wealthsim, tmp_path):
    """Where the household starts depends on how many there are: it is where it does in a run of so many."""
    (tmp_path / "start.txt").write_text("".join(f"{i}\n" for i in range(10)))
    for households in 264, 300, 1000:
        arguments = "-q", "-T", 5, "--initial", "start.txt", "--households", households
        wealthsim(*arguments, "--paths", households, "-o", "run.h5")
        wealthsim("path", *arguments, "--household", 263, "-o", "path.h5", ranks=3)
        path = read(tmp_path / "path.h5")["path_wealth"][0]
        assert np.array_equal(path, read(tmp_path / "run.h5")["path_wealth"][263])
        assert path[0] == (2 * 263 + 1) * 10 // (2 * households)


def test_bad_input(wealthsim, tmp_path):
    result = wealthsim("path", "--household", -1, "-T", "x", "--houshold", 5, ranks=2, status=2)
    for said in ("--household: '-1' is out of range: 0 to 274877906943", "--periods: 'x' is not a whole number",
                 "--houshold: unknown option; did you mean --household?"):  # fmt: skip
        assert said in result.stderr, result
    result = wealthsim("path", "--household", 50_000, status=2)
    assert "--household: 50000 of 50000 households, counted from 0: give the run's --households" in result.stderr
    assert not list(tmp_path.glob("*.h5*"))


def test_more_streams_than_there_are(wealthsim):
    need_family("lcg")
    result = wealthsim("path", "--rng", "lcg", "--households", 134217729, status=2)
    assert "--rng: lcg has 524288 streams and 134217729 households need 524289: take --rng mlfg" in result.stderr
