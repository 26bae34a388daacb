"""wealthsim scaling: one computation on several layouts."""
import numpy as np
import pytest
from program import need_family, read

KINDS = "serial", "threads", "ranks", "hybrid"


def layouts(file):
    columns = (file[name].astype(int) for name in ("kind", "layout_ranks", "layout_threads"))
    return [(KINDS[kind], ranks, threads) for kind, ranks, threads in zip(*columns)]


@pytest.mark.smoke
@pytest.mark.parametrize(
    "work, alone",
    [
        (("run", "-n", 3000, "-T", 20), ("run", "-n", 3000, "-T", 20)),
        (("pi", "--draws", 300_000), ("pi", "--draws", 300_000)),
        (("gridmax", "--points", 300), ("gridmax", "--points", 300)),
    ],
    ids=["run", "pi", "gridmax"],
)
def test_answers(wealthsim, tmp_path, work, alone):
    """All layouts on up to 4 cores, and the answer is the command's own."""
    command, *size = work
    result = wealthsim("scaling", "--command", command, *size, "--cores", 4, "--repeats", 3, ranks=5)
    wealthsim(*alone, "-q", "-o", "alone.h5", ranks=2)
    file = read(tmp_path / "wealthsim-scaling.h5")
    assert file.hash == read(tmp_path / "alone.h5").hash and file.hash in result.stdout
    assert layouts(file) == [
        ("serial", 1, 1), ("threads", 1, 2), ("ranks", 2, 1), ("threads", 1, 4), ("ranks", 4, 1), ("hybrid", 2, 2),
    ]  # fmt: skip
    assert "answers   the same on all layouts\n" in result.stdout


@pytest.mark.parametrize("ranks, threads", [(1, 1), (2, 2), (3, 1), (16, 2)])
def test_figures(wealthsim, tmp_path, ranks, threads):
    """Medians, speed-up, efficiency and rate by their definitions, whatever the layout that it was started with."""
    wealthsim("scaling", "-q", "-n", 2000, "-T", 30, "--repeats", 4, "--cores", 2, ranks=ranks, threads=threads)
    file = read(tmp_path / "wealthsim-scaling.h5")
    assert file["all_seconds"].shape == (len(file["kind"]), 4) and (file["all_seconds"] > 0).all()
    assert np.allclose(file["seconds"], np.median(file["all_seconds"], axis=1), rtol=1e-15)
    assert np.allclose(file["speed_up"], file["seconds"][0] / file["seconds"], rtol=1e-12)
    assert np.allclose(file["efficiency"], file["speed_up"] / file["layout_cores"], rtol=1e-12)
    assert np.allclose(file["rate_per_core"], 60_000 / file["seconds"] / file["layout_cores"], rtol=1e-12)


@pytest.mark.parametrize("command", ["run", "pi", "gridmax"])
def test_weak(wealthsim, tmp_path, command):
    """The work grows with the cores; layouts on as many cores give the same answer, that of the larger work."""
    size = {"run": ("-n", 1000, "-T", 10), "pi": ("--draws", 200_000), "gridmax": ("--points", 200)}[command]
    result = wealthsim("scaling", "--weak", "--command", command, *size, "--cores", 4, "--repeats", 2, ranks=4)
    file = read(tmp_path / "wealthsim-scaling.h5")
    assert np.allclose(file["work"] / file["work"][0], file["layout_cores"], rtol=0.02)
    assert np.allclose(file["efficiency"], file["rate_per_core"] / file["rate_per_core"][0], rtol=1e-12)
    assert "weak scaling" in result.stdout and "the same on all layouts with as many cores" in result.stdout


def test_says_why_layouts_are_missing(wealthsim):
    assert "1 rank cannot fill 4 cores" in wealthsim("scaling", "-n", 100, "-T", 1, "--cores", 4).stdout


def test_bad_input(wealthsim, tmp_path):
    result = wealthsim("scaling", "--command", "path", "--repeats", 0, "--cores", -1, "--paths", 3, ranks=2, status=2)
    for said in ("--command: 'path' is out of range: run, pi or gridmax", "--repeats: '0' is out of range: 1 to 1000",
                 "--cores: '-1' is out of range", "--paths: unknown option"):  # fmt: skip
        assert said in result.stderr, result
    assert "needs 2.7e+03 GB of memory" in wealthsim("scaling", "-n", "2.7e11", status=2).stderr
    weak = "scaling", "--command", "gridmax", "--weak", "--cores", 2, "--points", 2**31 - 1
    assert "--points: with --weak the grid of 2 cores has more than 2147483647" in wealthsim(*weak, status=2).stderr
    assert not list(tmp_path.glob("*.h5*"))


def test_more_streams_than_there_are(wealthsim):
    need_family("lcg")
    assert "lcg has 524288 streams" in wealthsim("scaling", "-n", "2e8", "--rng", "lcg", status=2).stderr
