"""wealthsim info, --timing and /timing: who sits on which core, and what it did there."""
import os
import re
import shlex

import h5py
import numpy as np
import pytest
import xarray
from environment import launcher_words

CORES = len(os.sched_getaffinity(0))
two_cores = pytest.mark.skipif(CORES < 2, reason="needs two cores")


def seats(result):
    """The table's lines: (rank, thread, core, cores that it may use)."""
    lines = [line.split() for line in result.stdout.splitlines()]
    begin = next(i for i, words in enumerate(lines) if words[:2] == ["host", "rank"]) + 1
    return [(int(rank), int(thread), int(core), allowed) for _, rank, thread, core, allowed in lines[begin : lines.index([], begin)]]


@pytest.mark.parametrize("ranks", [1, 2, pytest.param(3, marks=pytest.mark.smoke), 16])
@pytest.mark.parametrize("threads", [1, 2])
def test_layouts(wealthsim, tmp_path, ranks, threads):
    result = wealthsim("info", ranks=ranks, threads=threads)
    assert [seat[:2] for seat in seats(result)] == [(r, t) for r in range(ranks) for t in range(threads)]
    assert all(core in os.sched_getaffinity(0) for _, _, core, _ in seats(result))
    fits = ranks * threads <= CORES
    said = "Each thread can have a core of its own" if fits else f"{ranks * threads} threads of all ranks share {CORES} cores"
    assert said in result.stdout and os.listdir(tmp_path) == []


def test_many_threads(wealthsim):
    """The table ends where it would be too long."""
    result = wealthsim("info", ranks=2, threads=40)
    assert len(seats_until(result)) == 64 and "  ... and 16 more\n" in result.stdout


def seats_until(result):
    lines = result.stdout.splitlines()
    begin = next(i for i, line in enumerate(lines) if line.split()[:2] == ["host", "rank"]) + 1
    return lines[begin : next(i for i, line in enumerate(lines) if "... and" in line)]


@two_cores
def test_bound_to_one_core(wealthsim):
    """As Open MPI binds two ranks by default. The advice is in words of the MPI that is there, and helps."""
    bound = {"ranks": 2, "threads": 2, "launcher": launcher_words("ranks on a core each")}
    result = wealthsim("info", **bound)
    assert "the 2 threads of rank 0 share core" in result.stdout
    advised = re.search(r"start the ranks with \w+ (.*) or (.*) \(srun", result.stdout)
    assert "2 of 2 ranks have more threads than cores" in wealthsim("-q", "-n", 100, "-T", 1, **bound).stderr
    assert shlex.split(advised[1]) == launcher_words("ranks unbound")
    unbound = wealthsim("info", ranks=2, threads=1, launcher=shlex.split(advised[1]))
    assert "Each thread can have a core of its own" in unbound.stdout
    pinned = wealthsim("info", ranks=1, threads=2, launcher=shlex.split(advised[2]))
    assert "Each thread can have a core of its own" in pinned.stdout


@two_cores
def test_openmp_places(wealthsim):
    """Threads on places each have a core alone, and the places count as the rank's cores; places without binding are
    asked for in vain."""
    bound = {"OMP_PLACES": "threads", "OMP_PROC_BIND": "true"}
    result = wealthsim("info", env=bound)
    found = seats(result)
    assert len(found) == CORES and len({allowed for *_, allowed in found}) == CORES
    assert "Each thread can have a core of its own" in result.stdout
    assert "OMP_PLACES" not in result.stdout
    loose = {"OMP_PLACES": "threads", "OMP_PROC_BIND": "false"}
    said = "ask for threads on places, and this OpenMP library does not put them there"
    assert said in wealthsim("info", env=loose).stdout
    assert said in wealthsim("-q", "-n", 100, "-T", 1, env=loose).stderr


def test_vector_code(wealthsim):
    assert "vector code portable (WEALTHSIM_VECTOR=portable)" in wealthsim("info", env={"WEALTHSIM_VECTOR": "portable"}).stdout


@pytest.mark.parametrize("command", ["run", "pi", "gridmax", "path"])
def test_timing(wealthsim, tmp_path, command):
    """A line per rank and thread, with the numbers that are in the file."""
    small = {"run": ("-n", 5000, "-T", 50), "pi": ("--draws", 500_000), "gridmax": ("--points", 500), "path": ()}[command]
    result = wealthsim(command, *small, "--timing", "-o", "out.h5", ranks=3, threads=2)
    threads = 1 if command == "path" else 2
    lines = result.stdout.split("share of a core\n")[1].splitlines()
    assert [tuple(map(int, line.split()[1:3])) for line in lines] == [(r, t) for r in range(3) for t in range(threads)]
    with h5py.File(tmp_path / "out.h5") as file:
        timing, elapsed = file["timing"], float(file.attrs["elapsed_seconds"])
        assert timing["core"].shape == (3, threads)
        assert [b"".join(host).decode() for host in timing["host"]] == [lines[0].split()[0]] * 3
        worked = timing["computing"][()] > 0
        assert np.isin(timing["core"][()][worked], list(os.sched_getaffinity(0))).all()
        assert np.array_equal(timing["core_share"][()], timing["computing"][()] / elapsed)
        shown = [float(line.split()[4]) for line in lines]
        assert np.allclose(shown, timing["computing"][()].ravel(), rtol=1e-3)
    with xarray.open_dataset(tmp_path / "out.h5", group="timing") as data:
        assert data.host.dims == ("rank",) and data.core.dims == ("rank", "thread")


def test_bad_input(wealthsim):
    result = wealthsim("info", "--threads", 5000, "-o", "x.h5", ranks=2, status=2)
    assert "--threads: '5000' is out of range" in result.stderr and "-o: unknown option" in result.stderr
