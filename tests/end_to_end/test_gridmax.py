"""wealthsim gridmax: the largest value of a function on a grid, against NumPy."""
import numpy as np
import pytest
from program import read, vector_levels


@pytest.mark.parametrize("ranks", [1, 2, pytest.param(3, marks=pytest.mark.smoke), 16])
@pytest.mark.parametrize("threads", [1, 2])
def test_layouts(wealthsim, tmp_path, ranks, threads):
    """One answer, with NumPy's value (NumPy 1.24, the lecture's code) at the default grid."""
    wealthsim("gridmax", "-q", ranks=ranks, threads=threads)
    file = read(tmp_path / "wealthsim-gridmax.h5")
    assert (file["maximum"], file["row"], file["column"], file.hash) == (0.9999992797121728, 2499, 2499, "4e12fb2c841d5f71")


@pytest.mark.parametrize("level", vector_levels())
def test_vector_levels(wealthsim, tmp_path, level):
    """The same at every level, at a size that ends within a vector."""
    wealthsim("gridmax", "-q", "--points", 2003, "--upper", 7000, ranks=2, env={"WEALTHSIM_VECTOR": level})
    assert read(tmp_path / "wealthsim-gridmax.h5").hash == "03cb9fb8a5fce90e"


@pytest.mark.parametrize("points", [1, 2, 3, 16, 17, 1023, 1025, 2050])
@pytest.mark.parametrize("lower, upper", [(-3, 3), (0.5, 20), (3, -2), (1.25, 1.25)])
def test_against_numpy(wealthsim, tmp_path, points, lower, upper):
    """Value (to the cosine's error), place, and the axis to the bit."""
    result = wealthsim("gridmax", "--points", points, "--lower", lower, "--upper", upper, ranks=3)
    file = read(tmp_path / "wealthsim-gridmax.h5")
    axis = np.linspace(lower, upper, points)
    x, y = np.meshgrid(axis, axis)
    values = np.cos(x**2 + y**2) / (1 + x**2 + y**2)
    row, column = int(file["row"]), int(file["column"])
    assert abs(file["maximum"] - values.max()) <= 3e-16 and abs(values[row, column] - values.max()) <= 3e-16
    assert (file["x"], file["y"]) == (axis[column], axis[row])
    assert f"{float(file['maximum']):.16g}" in result.stdout and file.hash in result.stdout


def test_bad_input(wealthsim, tmp_path):
    result = wealthsim("gridmax", "--points", 0, "--lower", "nan", "--upper", 1e5, "--seed", 1, ranks=2, status=2)
    for said in ("--points: '0' is out of range: 1 to 2147483647", "--lower: 'nan' is not a finite number",
                 "--upper: '100000.0' is out of range: -10000 to 10000", "--seed: unknown option"):  # fmt: skip
        assert said in result.stderr, result
    assert not list(tmp_path.glob("*.h5*"))
