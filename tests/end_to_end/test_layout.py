"""One answer everywhere: the same bytes on any number of ranks and threads, vector level and population."""
import itertools

import h5py
import numpy as np
import pytest
from program import families, need_family, read, vector_levels

RANKS = 1, 2, 3, 5, 16
THREADS = 1, 2, 4
ONCE = (1, 1), (1, 4), (2, 2), (3, 1), (5, 4), (16, 1)
# What does not depend on the layout: all variables of the file but those in /timing.


def fingerprint(path):
    file = read(path)
    return file.hash, {name: np.asarray(values).tobytes() for name, values in file.items()}


@pytest.mark.parametrize("households", [1, 255, 256, 257, 50000])
def test_ranks_and_threads(wealthsim, tmp_path, households):
    """Ranks × threads: the hash and every variable. With 256 households or fewer, a single thread of them all has any: of the
    numbers of ranks and threads each comes once, not with every other."""
    seen = {}
    for ranks, threads in itertools.product(RANKS, THREADS) if households > 256 else ONCE:
        wealthsim("-q", "-n", households, "-T", 50, "-o", "out.h5", ranks=ranks, threads=threads)
        seen[ranks, threads] = fingerprint(tmp_path / "out.h5")
    assert all(found == seen[1, 1] for found in seen.values())
    assert len(seen[1, 1][1]["wealth"]) == 8 * households


# Attributes that say where, when and how fast.
OF_THE_LAYOUT = {"ranks", "threads", "hosts", "vector_code", "date_created", "history", "elapsed_seconds",
                 "household_periods_per_second", "streams_seconds"}  # fmt: skip


def everything(path):
    """All variables and attributes that do not depend on the layout."""
    attributes = {name: value for name, value in read(path).attributes.items() if name not in OF_THE_LAYOUT}
    return fingerprint(path)[1] | {f"attribute {name}": np.asarray(value).tolist() for name, value in attributes.items()}


@pytest.fixture(scope="module")
def start_values(tmp_path_factory):
    """A distribution with ties and zeros, shorter than the population, in both forms."""
    folder = tmp_path_factory.mktemp("layout")
    generator = np.random.default_rng(5)
    values = np.r_[np.zeros(40), np.full(60, 2.0), generator.pareto(1.5, size=531)]
    values = generator.permutation(values)
    with h5py.File(folder / "start.h5", "w") as file:
        file["wealth"] = values
    (folder / "start.txt").write_text("".join(f"{value!r}\n" for value in values.tolist()))
    return folder


@pytest.mark.parametrize("households", [3, 1500])
@pytest.mark.parametrize("packed", [False, True])
def test_everything_at_once(wealthsim, tmp_path, start_values, households, packed):
    """Records over time, paths over several ranks, a start from a distribution, coalescence; plain and compressed."""
    seen = {}
    for ranks, threads, form in (1, 1, "h5"), (1, 4, "txt"), (3, 2, "h5"), (5, 1, "txt"), (16, 1, "h5"):
        wealthsim("-q", "-n", households, "-T", 60, "--record-every", 7, "--paths", households * 2 // 3, "--coalescence", 30,
                  "--quantiles", "0,0.01,0.3333,0.5,0.999,1", "--initial", start_values / f"start.{form}",
                  *packed * ["--compress", 5], "-o", "out.h5", ranks=ranks, threads=threads)  # fmt: skip
        seen[ranks, threads] = everything(tmp_path / "out.h5")
        seen[ranks, threads].pop("attribute initial")
    first = seen[1, 1]
    assert len(first["period"]) == 8 * 10 and first["attribute coalescence_period"] > 0
    for layout, found in seen.items():
        assert found.keys() == first.keys(), layout
        assert [name for name in first if found[name] != first[name]] == [], layout


def test_many_ranks(wealthsim, tmp_path):
    """So many that values go to the ranks that sort them by way of others (statistics/exchange.h): statistics, and mobility,
    whose ranks of households come home that way."""
    seen = []
    for ranks in 66, 2:
        wealthsim("-q", "-n", 40_000, "-T", 4, "--record-every", 2, "--mobility", 2, "--no-theory", "-o", "out.h5", ranks=ranks, threads=1)
        seen.append(fingerprint(tmp_path / "out.h5"))
    assert seen[0] == seen[1] and "mobility" in seen[0][1]


@pytest.mark.parametrize("family", ["lfg", "lcg", "lcg64", "cmrg", "mlfg", "pmlcg"])
def test_families(wealthsim, tmp_path, family):
    need_family(family)
    hashes = set()
    for ranks, threads in (1, 1), (3, 2), (2, 4):
        wealthsim("-q", "-n", 2000, "-T", 20, "--rng", family, "-o", "out.h5", ranks=ranks, threads=threads)
        hashes.add(read(tmp_path / "out.h5").hash)
    assert len(hashes) == 1


def test_vector_levels(wealthsim, tmp_path):
    """The processor's levels give the same bits."""
    seen = {}
    for level in vector_levels():
        wealthsim("-q", "-n", 3000, "-T", 100, "--record-every", 9, "--paths", 2000, "--coalescence", 9, "-o", "out.h5",
                  ranks=2, env={"WEALTHSIM_VECTOR": level})  # fmt: skip
        seen[level] = everything(tmp_path / "out.h5")
    assert all(found == seen["portable"] for found in seen.values())


def test_known_answer(wealthsim, tmp_path):
    """The hash of the lecture's population, as README.md prints it: what other machines and compilers give too."""
    wealthsim("-q", "-o", "out.h5", ranks=16)
    assert read(tmp_path / "out.h5").hash == HASH_OF_THE_LECTURE


HASH_OF_THE_LECTURE = "8a6c2ed1bae8902f"


def test_longer_run_continues_shorter_one(wealthsim, tmp_path):
    """A household's path does not depend on how many households there are."""
    wealthsim("-q", "-n", 5000, "-T", 30, "-o", "many.h5", ranks=3)
    wealthsim("-q", "-n", 700, "-T", 30, "-o", "few.h5", ranks=2)
    assert np.array_equal(read(tmp_path / "few.h5")["wealth"], read(tmp_path / "many.h5")["wealth"][:700])


def test_seed_and_family_matter(wealthsim, tmp_path):
    hashes = set()
    others = [("--rng", family) for family in ("lfg", "cmrg") if family in families()]
    for arguments in ("--seed", 1), ("--seed", 2), ("--seed", 0), *others:
        wealthsim("-q", "-n", 300, "-T", 5, "-o", "out.h5", *arguments)
        hashes.add(read(tmp_path / "out.h5").hash)
    assert len(hashes) == 3 + len(others)
