"""What a run keeps beside its end: records over time, paths, coalescence; and what it leaves out or packs."""
import os

import h5py
import numpy as np
import pytest
from program import read
from reference import check

# ---- records over time ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "periods, every, expected",
    [(12, 0, [12]), (12, 1, range(13)), (12, 4, [0, 4, 8, 12]), (12, 5, [0, 5, 10, 12]), (12, 12, [0, 12]), (12, 100, [0, 12]),
     (0, 0, [0]), (0, 3, [0]), (1, 1, [0, 1])],
)  # fmt: skip
def test_periods(wealthsim, tmp_path, periods, every, expected):
    """0, K, 2K, ... and T, each once."""
    wealthsim("-q", "-n", 10, "-T", periods, "--record-every", every, "-o", "out.h5")
    file = read(tmp_path / "out.h5")
    assert file["period"].tolist() == list(expected)
    assert len(file["median"]) == len(file["quantile"]) == len(expected)


@pytest.mark.smoke
def test_records_are_of_their_periods(wealthsim, tmp_path):
    """Each record is what the cross-section at its period gives, which the paths of all households show; and the last one is
    that of a run without the others, which change nothing."""
    arguments = "-q", "-n", 600, "-T", 23, "--w0", 3, "--quantiles", "0.1,0.5,0.99"
    wealthsim(*arguments, "--record-every", 5, "--paths", 600, "-o", "many.h5", ranks=3, threads=2)
    wealthsim(*arguments, "-o", "one.h5")
    many, one = read(tmp_path / "many.h5"), read(tmp_path / "one.h5")
    assert many["period"].tolist() == [0, 5, 10, 15, 20, 23]
    for record, period in enumerate(many["period"]):
        check(many, record, many["path_wealth"][:, period])
    assert many.hash == one.hash
    for name, values in one.items():
        if values.shape[:1] == (1,) and name not in ("wealth",):
            assert np.array_equal(many[name][-1:], values, equal_nan=True), name


def test_a_record_is_the_end_of_a_shorter_run(wealthsim, tmp_path):
    wealthsim("-q", "-n", 2000, "-T", 30, "--record-every", 10, "--no-wealth", "-o", "long.h5", ranks=2)
    long = read(tmp_path / "long.h5")
    for record, periods in enumerate((0, 10, 20)):
        wealthsim("-q", "-n", 2000, "-T", periods, "-o", "short.h5", ranks=3)
        short = read(tmp_path / "short.h5")
        for name, values in short.items():
            if values.shape[:1] == (1,):
                assert np.array_equal(long[name][record], values[0], equal_nan=True), (name, periods)


def test_records_from_a_distribution(wealthsim, tmp_path):
    """Period 0 is the distribution itself."""
    values = np.random.default_rng(4).pareto(2, size=500)
    with h5py.File(tmp_path / "start.h5", "w") as file:
        file["wealth"] = values
    wealthsim("-q", "-n", 500, "-T", 3, "--initial", "start.h5", "--record-every", 3, "-o", "out.h5", ranks=2)
    check(read(tmp_path / "out.h5"), 0, values)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--record-every", "-1"], "--record-every: '-1' is out of range: 0 to 2147483647"),
        (["--paths", "-1"], "--paths: '-1' is out of range: 0 to the number of households"),
        (["-n", 5, "--paths", 6], "--paths: 6 paths of 5 households: there are not so many"),
        (["--compress", "10"], "--compress: '10' is out of range: 0 to 9"),
        (["--coalescence", "-1"], "--coalescence: '-1' is out of range: 0 or more"),
        (["--quantiles", "0.5,1.01"], "--quantiles: '0.5,1.01' is out of range: each 0 to 1"),
        (["--quantiles", "nan"], "--quantiles: 'nan' is not"),
        (["-n", 10, "-T", 2147483647, "--record-every", 1], "or fewer --paths or records"),
        (["-n", 1000000, "-T", 2147483647, "--paths", 1000000], "or fewer --paths or records"),
        (["-n", 1000000, "-T", 2147483647, "--paths", 1000000], "--output: 'out.h5' will have about"),
    ],
)
def test_refused(wealthsim, tmp_path, arguments, message):
    """Found before the run, by estimate where it is memory or disk that would not do."""
    result = wealthsim("-o", "out.h5", *arguments, ranks=0, status=2)
    assert message in result.stderr, result
    assert os.listdir(tmp_path) == [] and result.stdout == ""


# ---- paths ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("paths", [1, 256, 700, 1000])
def test_paths(wealthsim, tmp_path, paths):
    """The first M households at every period, also where they are several ranks'; the last is the final wealth."""
    wealthsim("-q", "-n", 1000, "-T", 12, "--w0", 2.5, "--paths", paths, "-o", "out.h5", ranks=3, threads=2)
    file = read(tmp_path / "out.h5")
    assert file["path_wealth"].shape == (paths, 13) and file["step"].tolist() == list(range(13))
    assert np.all(file["path_wealth"][:, 0] == 2.5)
    assert np.array_equal(file["path_wealth"][:, 12], file["wealth"][:paths])
    assert np.all(file["path_wealth"][:, 1:] > 0)
    for periods in 1, 7:
        wealthsim("-q", "-n", 1000, "-T", periods, "--w0", 2.5, "-o", "short.h5", ranks=2)
        assert np.array_equal(file["path_wealth"][:, periods], read(tmp_path / "short.h5")["wealth"][:paths]), periods


def test_paths_without_wealth_or_periods(wealthsim, tmp_path):
    wealthsim("-q", "-n", 300, "-T", 0, "--paths", 300, "--no-wealth", "-o", "out.h5", ranks=2)
    file = read(tmp_path / "out.h5")
    assert file["path_wealth"].tolist() == [[1.0]] * 300 and "wealth" not in file
    wealthsim("-q", "-n", 300, "-T", 5, "-o", "out.h5")
    assert not {"path_wealth", "step", "path"} & set(read(tmp_path / "out.h5"))


# ---- coalescence ----------------------------------------------------------------------------------------------


def test_coalescence(wealthsim, tmp_path):
    """Two runs from different start values, compared by hand at every period: the first at which all 50,000 households agree
    to the last bit. At the lecture's parameters memory is gone after 35 to 50 periods. The second population changes nothing
    of the first."""
    arguments = "-n", 50000, "-T", 60
    result = wealthsim(*arguments, "--coalescence", 50, "-o", "both.h5", ranks=2, threads=2)
    for name, w0 in ("first", 1), ("second", 50):
        wealthsim("-q", *arguments, "--w0", w0, "--paths", 50000, "-o", f"{name}.h5", ranks=2)
    first, second, both = (read(tmp_path / f"{name}.h5") for name in ("first", "second", "both"))
    agree = np.all(first["path_wealth"] == second["path_wealth"], axis=0)
    expected = int(np.argmax(agree))
    assert agree[expected:].all() and not agree[:expected].any()
    assert 35 <= expected <= 50
    assert both.attributes["coalescence_period"] == expected and both.attributes["coalescence"] == 50
    assert f"from wealth 50 from period {expected} on" in result.stdout
    assert both.hash == first.hash == second.hash
    assert "coalescence_period" not in first.attributes


def test_coalescence_that_is_not_reached(wealthsim, tmp_path):
    result = wealthsim("-n", 300, "-T", 10, "--coalescence", 50, "-o", "out.h5", ranks=3)
    assert read(tmp_path / "out.h5").attributes["coalescence_period"] == -1
    assert "coalescence not within 10 periods" in result.stdout


def test_coalescence_without_saving(wealthsim, tmp_path):
    """What is not saved is forgotten at once: with s = 0 all agree from the first period on, with the last bit of records
    in between."""
    wealthsim("-q", "-n", 300, "-T", 10, "--s", 0, "--coalescence", 1e9, "--record-every", 2, "-o", "out.h5", ranks=2)
    assert read(tmp_path / "out.h5").attributes["coalescence_period"] == 1


# ---- what is packed or left out -------------------------------------------------------------------------------


@pytest.mark.parametrize("households, ranks", [(1, 3), (257, 3), (200_000, 1), (200_000, 3)])
def test_compress(wealthsim, tmp_path, households, ranks):
    """The same values in less room, whatever the level; netCDF's own filter, so that every reader has it."""
    arguments = "-q", "-n", households, "-T", 20
    wealthsim(*arguments, "-o", "plain.h5", ranks=2)
    wealthsim(*arguments, "--compress", 6, "-o", "packed.h5", ranks=ranks)
    plain, packed = read(tmp_path / "plain.h5"), read(tmp_path / "packed.h5")
    assert plain.hash == packed.hash and plain.keys() == packed.keys()
    assert all(np.array_equal(packed[name], values, equal_nan=True) for name, values in plain.items())
    with h5py.File(tmp_path / "packed.h5") as file:
        assert (file["wealth"].compression, file["wealth"].compression_opts) == ("gzip", 6)
    with h5py.File(tmp_path / "plain.h5") as file:
        assert file["wealth"].compression is None
    if households > 100_000:
        saved = (tmp_path / "plain.h5").stat().st_size - (tmp_path / "packed.h5").stat().st_size
        assert saved > 0.05 * 8 * households


def test_compressed_start_values(wealthsim, tmp_path):
    """Equal values take next to no room."""
    wealthsim("-q", "-n", 1_000_000, "-T", 0, "--compress", 1, "-o", "out.h5", ranks=2)
    assert (tmp_path / "out.h5").stat().st_size < 400_000
    assert np.all(read(tmp_path / "out.h5")["wealth"] == 1)


def test_no_wealth(wealthsim, tmp_path):
    """Neither wealth nor its dimension; all else is the same."""
    arguments = "-q", "-n", 3000, "-T", 12, "--record-every", 4, "--paths", 2
    wealthsim(*arguments, "-o", "with.h5", ranks=2)
    wealthsim(*arguments, "--no-wealth", "-o", "without.h5", ranks=3)
    first, second = read(tmp_path / "with.h5"), read(tmp_path / "without.h5")
    assert first.keys() - second.keys() == {"wealth", "household"} and first.hash == second.hash
    assert all(np.array_equal(first[name], values, equal_nan=True) for name, values in second.items())
