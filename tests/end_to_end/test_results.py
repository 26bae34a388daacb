"""The result file: its statistics against NumPy on the gathered wealth, its form, and that it is never lost."""
import math
import os
import re
import signal
import subprocess
import time

import h5py
import netCDF4
import numpy as np
import pytest
import xarray
from program import read, start
from reference import quantiles

PROBABILITIES = "0,0.001,0.01,0.1,0.3333333333333333,0.5,0.75,0.9,0.999,1"


@pytest.mark.smoke
@pytest.mark.parametrize("households", [1, 2, 3, 1000, 1001, 70001])
def test_statistics_against_numpy(wealthsim, tmp_path, households):
    """Quantiles to the last bit; sums as math.fsum rounds them, once."""
    wealthsim("-q", "-n", households, "-T", 40, "--quantiles", PROBABILITIES, "-o", "out.h5", ranks=3, threads=2)
    file = read(tmp_path / "out.h5")
    wealth = file["wealth"]
    expected = quantiles(np.sort(wealth), file["probability"])
    assert np.array_equal(file["quantile"][0], expected)
    if tuple(map(int, np.__version__.split(".")[:2])) >= (1, 22):
        assert np.array_equal(np.quantile(wealth, file["probability"]), expected)
    assert file["median"][0] == np.median(wealth)
    assert file["minimum"][0] == wealth.min() and file["maximum"][0] == wealth.max()
    assert file["median_low"][0] <= file["median"][0] <= file["median_high"][0]
    assert math.isclose(file["mean"][0], math.fsum(wealth) / households, rel_tol=3e-16)
    assert math.isclose(file["variance"][0], wealth.var(), rel_tol=1e-12, abs_tol=1e-30)


def test_stationary_law(wealthsim, tmp_path):
    """Ten million households at the lecture's parameters lie within 4 standard errors of the stationary law, whose
    figures come from the fixed point of the distribution function. (Each period leaves a third of what was before, on average: after 50
    nothing of the start is left.) The seed is fixed: no false alarms."""
    n = 10_000_000
    probabilities = {0.01: 0.43967, 0.1: 0.80842, 0.25: 1.17804, 0.5: 1.835241, 0.75: 2.95397, 0.9: 4.69091,
                     0.99: 11.33799}  # fmt: skip
    wealthsim("-q", "-n", n, "-T", 50, "--quantiles", ",".join(map(str, probabilities)), "-o", "out.h5", ranks=2,
              limit=300)  # fmt: skip
    file = read(tmp_path / "out.h5")
    wealth = file["wealth"]
    mean, variance = 2.466868353, 5.262122969
    assert abs(file["mean"][0] - mean) < 4 * math.sqrt(variance / n)
    fourth = np.mean((wealth - wealth.mean()) ** 4)
    assert abs(file["variance"][0] - variance) < 4 * math.sqrt((fourth - variance**2) / n)
    for (p, q), found in zip(probabilities.items(), file["quantile"][0]):
        width = 0.02 * q
        density = np.mean(np.abs(wealth - q) < width) / (2 * width)
        tolerance = 4 * math.sqrt(p * (1 - p) / n) / density + 0.5e-5  # the last: the figures' own rounding
        assert abs(found - q) < tolerance, f"quantile {p}"


def test_start_values(wealthsim, tmp_path):
    """T = 0 gives the start values."""
    wealthsim("-q", "-n", 1000, "-T", 0, "--w0", 2.5, "-o", "out.h5", ranks=2)
    file = read(tmp_path / "out.h5")
    assert set(file["wealth"]) == {2.5}
    assert file["median"][0] == file["mean"][0] == file["maximum"][0] == 2.5
    assert file["variance"][0] == 0 and file["period"][0] == 0


def test_no_wealth(wealthsim, tmp_path):
    wealthsim("-q", "-n", 1000, "-T", 10, "-o", "with.h5")
    wealthsim("-q", "-n", 1000, "-T", 10, "--no-wealth", "-o", "without.h5")
    first, second = read(tmp_path / "with.h5"), read(tmp_path / "without.h5")
    assert "wealth" not in second and "household" not in second
    assert first.hash == second.hash and first["median"] == second["median"]


@pytest.mark.smoke
def test_form(wealthsim, tmp_path):
    """Every dimension has its scale, every variable long_name and units; readers of netCDF-4 open it as it is."""
    wealthsim("-q", "-n", 1000, "-T", 10, "--seed", 7, "-o", "out.h5", ranks=3, threads=2)
    path = tmp_path / "out.h5"
    with h5py.File(path) as file:
        for group in file, file["timing"]:
            for name, item in group.items():
                if isinstance(item, h5py.Dataset) and not h5py.h5ds.is_scale(item.id):
                    assert all(len(dimension) == 1 for dimension in item.dims), name
                    assert isinstance(item.attrs["long_name"], str) and isinstance(item.attrs["units"], str)
        for name, value in dict(households=1000, periods=10, seed=7, ranks=3, threads=2, hosts=1, block_size=256,
                                rng="mlfg", format_version="2.0").items():  # fmt: skip
            assert file.attrs[name] == value, name
        for name in ("title", "Conventions", "result_hash", "date_created", "history", "wealthsim_version",
                     "compiler", "compiler_flags", "mpi_version", "hdf5_version", "sprng_version"):  # fmt: skip
            assert isinstance(file.attrs[name], str) and file.attrs[name], name
        assert file.attrs["elapsed_seconds"] > 0 and file.attrs["household_periods_per_second"] > 0
        assert file["household"].id.get_storage_size() == 0
        assert file["timing/computing"].shape == (3, 2) and np.all(file["timing/computing"][()] >= 0)
    with xarray.open_dataset(path) as data:
        assert data.wealth.dims == ("household",) and data["quantile"].dims == ("period", "probability")
        assert float(data["quantile"].sel(probability=0.5)) == float(data["median"])
    with xarray.open_dataset(path, group="timing") as timing:
        assert set(timing.sizes) == {"rank", "thread"}
    with netCDF4.Dataset(path) as data:
        assert data.dimensions["household"].size == 1000
    header = subprocess.run(["ncdump", "-h", path], capture_output=True, text=True, check=True).stdout
    assert re.search(r"double wealth\(household\)", header)


def left_overs(folder):
    return [name for name in os.listdir(folder) if ".part-" in name]


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.05, 0.2])
def test_killed_while_writing(wealthsim, tmp_path, seconds):
    """Killed between the temporary file's first byte and its rename, a run leaves an earlier result as it was; the
    next run removes what was left over."""
    wealthsim("-q", "-n", 1000, "-T", 10, "-o", "out.h5")
    before = (tmp_path / "out.h5").read_bytes()
    process = start("-q", "-n", 20_000_000, "-T", 1, "-o", "out.h5", ranks=2, cwd=tmp_path)
    while not left_overs(tmp_path):
        assert process.poll() is None, "the run ended before its temporary file was seen"
        time.sleep(0.001)
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGKILL)
    for pid in ranks_below(tmp_path):
        os.kill(pid, signal.SIGKILL)
    process.communicate(timeout=30)
    now = (tmp_path / "out.h5").read_bytes()
    assert now == before or len(now) > 100_000_000  # or it was complete already
    while ranks_below(tmp_path):
        time.sleep(0.01)
    wealthsim("-q", "-n", 1000, "-T", 10, "-o", "out.h5")
    assert left_overs(tmp_path) == [] and read(tmp_path / "out.h5")["wealth"].size == 1000


def ranks_below(folder):
    """Processes that work in a folder."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{pid}/cwd") == str(folder):
                found.append(int(pid))
        except OSError:
            pass
    return found


def test_disk_full(wealthsim, tmp_path):
    """A file-size limit stands for a full disk: status 1, the reason, the earlier result as it was, nothing left."""
    wealthsim("-q", "-n", 1000, "-T", 10, "-o", "out.h5")
    before = (tmp_path / "out.h5").read_bytes()
    limited = ("bash", "-c", 'trap "" XFSZ; ulimit -f 1000; exec "$0" "$@"')
    result = wealthsim("-q", "-n", 1_000_000, "-T", 1, "-o", "out.h5", ranks=2, status=1, launcher=limited)
    assert "could not be written to 'out.h5'" in result.stderr and "File too large" in result.stderr
    assert (tmp_path / "out.h5").read_bytes() == before and left_overs(tmp_path) == []
