"""wealthsim eigvals: eigenvalues of random matrices."""
import h5py
import numpy as np
import pytest
import xarray
from program import need_family, read

SMALL = ("--matrices", 7, "--order", 60, "--seed", 4)


@pytest.fixture(scope="module")
def hashes():
    """What the first layout gave: the eigenvalues' last digits are the processor's and the library's."""
    return {}


@pytest.mark.parametrize("ranks", [1, 2, pytest.param(3, marks=pytest.mark.smoke), 16])
@pytest.mark.parametrize("threads", [1, 2])
def test_layouts(wealthsim, tmp_path, hashes, ranks, threads):
    """One answer on all of them, with ranks that have no matrix among them; the entries' is the same everywhere."""
    wealthsim("eigvals", "-q", *SMALL, ranks=ranks, threads=threads)
    file = read(tmp_path / "wealthsim-eigvals.h5")
    assert file.attributes["entries_hash"] == "23914be9d8b93465"  # computed by this program
    assert file.hash == hashes.setdefault("eigvals", file.hash)


def test_entries_at_vector_levels(wealthsim, tmp_path):
    wealthsim("eigvals", "-q", *SMALL, env={"WEALTHSIM_VECTOR": "portable"})
    assert read(tmp_path / "wealthsim-eigvals.h5").attributes["entries_hash"] == "23914be9d8b93465"


def test_figures(wealthsim, tmp_path):
    """Sums of eigenvalues are traces, radii are their definition; a matrix does not depend on how many there are; the
    circular law: a matrix of order 400 has no eigenvalue far outside the circle of radius 20, and fills it."""
    result = wealthsim("eigvals", "--matrices", 3, "--order", 400, ranks=2, threads=2)
    file = read(tmp_path / "wealthsim-eigvals.h5")
    values = file["eigenvalue"]
    assert values.dtype == complex and values.shape == (3, 400)
    assert np.allclose(values.sum(axis=1), file["trace"], atol=1e-10)
    assert np.array_equal(file["spectral_radius"], np.hypot(values.real, values.imag).max(axis=1))
    pairs = values.imag != 0
    assert np.array_equal(np.sort_complex(values[pairs]), np.sort_complex(values[pairs].conj()))
    inside = np.abs(values) < 20 / np.sqrt(2)
    assert 0.4 < inside.mean() < 0.6 and file["spectral_radius"].max() < 1.2 * 20
    assert f"matrix 0    spectral radius {file['spectral_radius'][0]:.7g}" in result.stdout and file.hash in result.stdout
    wealthsim("eigvals", "-q", "--matrices", 1, "--order", 400, "-o", "one.h5")
    assert np.array_equal(read(tmp_path / "one.h5")["eigenvalue"][0], values[0])


def test_readers(wealthsim, tmp_path):
    """h5py reads complex numbers; xarray and its netCDF-4 library open the file."""
    wealthsim("eigvals", "-q", "--matrices", 2, "--order", 3)
    with h5py.File(tmp_path / "wealthsim-eigvals.h5") as file:
        assert file["eigenvalue"].dtype == complex and file["eigenvalue"].dims[0][0] == file["matrix"]
    with xarray.open_dataset(tmp_path / "wealthsim-eigvals.h5") as data:
        assert data.spectral_radius.dims == ("matrix",)


@pytest.mark.parametrize("matrices, order", [(1, 1), (2, 1), (1, 2), (5, 3)])
def test_small_ones(wealthsim, tmp_path, matrices, order):
    wealthsim("eigvals", "--matrices", matrices, "--order", order, ranks=3, threads=2)
    file = read(tmp_path / "wealthsim-eigvals.h5")
    assert np.allclose(file["eigenvalue"].sum(axis=1), file["trace"], atol=1e-14)


def test_bad_input(wealthsim, tmp_path):
    result = wealthsim("eigvals", "--matrices", 0, "--order", 50000, "-n", 5, ranks=2, status=2)
    for said in ("--matrices: '0' is out of range: 1 to 2147483647", "--order: '50000' is out of range: 1 to 46340",
                 "-n: unknown option"):  # fmt: skip
        assert said in result.stderr, result
    result = wealthsim("eigvals", "--order", 46340, ranks=2, threads=2, status=2)
    assert "--order: a matrix per thread needs " in result.stderr and "use fewer ranks or --threads" in result.stderr
    assert not list(tmp_path.glob("*.h5*"))


def test_more_streams_than_there_are(wealthsim):
    need_family("lcg")
    result = wealthsim("eigvals", "--rng", "lcg", "--matrices", 600_000, "--order", 1, status=2)
    assert "lcg has 524288 streams and 600000 matrices need 600000" in result.stderr
