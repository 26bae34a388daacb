"""wealthsim pi: the share of random points that lie within a circle."""
import math

import numpy as np
import pytest
from program import need_family, read, vector_levels


@pytest.mark.parametrize("ranks", [1, 2, pytest.param(3, marks=pytest.mark.smoke), 16])
@pytest.mark.parametrize("threads", [1, 2])
def test_layouts(wealthsim, tmp_path, ranks, threads):
    """One answer; ranks without a block among them (10 blocks of 65,536 points)."""
    wealthsim("pi", "-q", "--draws", 600_001, ranks=ranks, threads=threads)
    file = read(tmp_path / "wealthsim-pi.h5")
    # Computed by this program; tests/unit/test_circle.c holds the way to count against plain code.
    assert (file["inside"], file.hash) == (470_874, "f46374f8cb58cc71")


@pytest.mark.parametrize("level", vector_levels())
@pytest.mark.parametrize("draws", [1, 3, 255, 65536, 65539])
def test_vector_levels(wealthsim, tmp_path, level, draws):
    """The same at every level, at sizes that end within a vector."""
    files = []
    for forced in level, "portable":
        wealthsim("pi", "-q", "--draws", draws, env={"WEALTHSIM_VECTOR": forced})
        files.append(read(tmp_path / "wealthsim-pi.h5"))
    assert files[0].hash == files[1].hash and files[0]["inside"] == files[1]["inside"]


@pytest.mark.parametrize("family", ["lfg", "lcg", "lcg64", "cmrg", "mlfg", "pmlcg"])
def test_families(wealthsim, tmp_path, family):
    """Within 4.5 standard errors of pi: 1 in 25,000 families would miss that."""
    need_family(family)
    wealthsim("pi", "-q", "--draws", 400_000, "--rng", family, ranks=2)
    file = read(tmp_path / "wealthsim-pi.h5")
    assert abs(file["pi"] - math.pi) < 4.5 * file["pi_error"]


def test_figures(wealthsim, tmp_path):
    """Estimate and standard error by their definitions, and what the table says of them."""
    result = wealthsim("pi", "--draws", 1_000_000, "--seed", 8)
    file = read(tmp_path / "wealthsim-pi.h5")
    share = int(file["inside"]) / 1_000_000
    assert file["pi"] == 4 * int(file["inside"]) / 1_000_000
    assert np.isclose(file["pi_error"], 4 * math.sqrt(share * (1 - share) / 1_000_000), rtol=1e-15)
    z = (float(file["pi"]) - math.pi) / float(file["pi_error"])
    assert abs(z) < 4 and f"{z:+.2f} standard errors" in result.stdout and file.hash in result.stdout


def test_one_draw(wealthsim, tmp_path):
    assert "no standard error: all points lie on one side" in wealthsim("pi", "--draws", 1, ranks=3).stdout


def test_bad_input(wealthsim, tmp_path):
    result = wealthsim("pi", "--draws", 0, "--seed", -2, "--w0", 1, ranks=2, status=2)
    for said in ("--draws: '0' is out of range: 1 to 140737488289792", "--seed: '-2' is out of range",
                 "--w0: unknown option"):  # fmt: skip
        assert said in result.stderr, result
    assert not list(tmp_path.glob("*.h5*"))


def test_more_streams_than_there_are(wealthsim):
    need_family("lcg")
    assert "--rng: lcg has 524288 streams" in wealthsim("pi", "--draws", "1e13", "--rng", "lcg", status=2).stderr
