"""One answer everywhere: the same bytes on any number of ranks and threads, vector level and population."""
import itertools

import numpy as np
import pytest
from program import read

RANKS = 1, 2, 3, 5, 16
THREADS = 1, 2, 4
# What does not depend on the layout: all variables of the file but those in /timing.


def fingerprint(path):
    file = read(path)
    return file.hash, {name: np.asarray(values).tobytes() for name, values in file.items()}


@pytest.mark.parametrize("households", [1, 255, 256, 257, 50000])
def test_ranks_and_threads(wealthsim, tmp_path, households):
    """Ranks × threads: the hash and every variable. With 256 households or fewer, most ranks are empty."""
    seen = {}
    for ranks, threads in itertools.product(RANKS, THREADS):
        wealthsim("-q", "-n", households, "-T", 50, "-o", "out.h5", ranks=ranks, threads=threads)
        seen[ranks, threads] = fingerprint(tmp_path / "out.h5")
    assert all(found == seen[1, 1] for found in seen.values())
    assert len(seen[1, 1][1]["wealth"]) == 8 * households


@pytest.mark.parametrize("family", ["lfg", "lcg", "lcg64", "cmrg", "mlfg", "pmlcg"])
def test_families(wealthsim, tmp_path, family):
    hashes = set()
    for ranks, threads in (1, 1), (3, 2), (2, 4):
        wealthsim("-q", "-n", 2000, "-T", 20, "--rng", family, "-o", "out.h5", ranks=ranks, threads=threads)
        hashes.add(read(tmp_path / "out.h5").hash)
    assert len(hashes) == 1


def test_vector_levels(wealthsim, tmp_path):
    """The processor's levels give the same bits; a level that it lacks is not used."""
    seen = {}
    for level in "portable", "avx2", "avx512":
        wealthsim("-q", "-n", 3000, "-T", 100, "-o", "out.h5", ranks=2, env={"WEALTHSIM_VECTOR": level})
        seen[level] = fingerprint(tmp_path / "out.h5")
    assert seen["portable"] == seen["avx2"] == seen["avx512"]


def test_known_answer(wealthsim, tmp_path):
    """The hash of the lecture's population, as README.md prints it: what other machines and compilers give too."""
    wealthsim("-q", "-o", "out.h5", ranks=16)
    assert read(tmp_path / "out.h5").hash == HASH_OF_THE_LECTURE


HASH_OF_THE_LECTURE = "5f7dc56245ae4a5d"


def test_longer_run_continues_shorter_one(wealthsim, tmp_path):
    """A household's path does not depend on how many households there are."""
    wealthsim("-q", "-n", 5000, "-T", 30, "-o", "many.h5", ranks=3)
    wealthsim("-q", "-n", 700, "-T", 30, "-o", "few.h5", ranks=2)
    assert np.array_equal(read(tmp_path / "few.h5")["wealth"], read(tmp_path / "many.h5")["wealth"][:700])


def test_seed_and_family_matter(wealthsim, tmp_path):
    hashes = set()
    for arguments in ("--seed", 1), ("--seed", 2), ("--seed", 0), ("--rng", "lfg"), ("--rng", "cmrg"):
        wealthsim("-q", "-n", 300, "-T", 5, "-o", "out.h5", *arguments)
        hashes.add(read(tmp_path / "out.h5").hash)
    assert len(hashes) == 5
