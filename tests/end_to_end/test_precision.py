"""--precision single: shocks of single precision, with bits of their own that nothing but the run's own options changes."""
import math

import h5py
import numpy as np
import pytest
from faults import alone, fingerprint
from program import need_family, read, vector_levels
from resealed import changed

SINGLE = "--precision", "single"
HASH_OF_THE_LECTURE = "851bfa638c05b1da"  # computed by this program
LAYOUTS = [(1, 1), (2, 1), (3, 1), (2, 2)]  # ranks, threads
EVERYTHING = ("-n", 3000, "-T", 80, "--record-every", 10, "--paths", 300, "--coalescence", 7, "--outcomes", "income,savings",
              "--mobility", 20, "--seed", 3)  # fmt: skip


def final(path):
    """Wealth and, where there are several scenarios, each one's."""
    return read(path)["wealth"]


@pytest.mark.smoke
@pytest.mark.parametrize(("ranks", "threads"), LAYOUTS)
def test_hash_of_the_lecture(wealthsim, tmp_path, ranks, threads):
    wealthsim("-q", *SINGLE, "-o", "out.h5", ranks=ranks, threads=threads)
    file = read(tmp_path / "out.h5")
    assert file.hash == HASH_OF_THE_LECTURE and file.attributes["precision"] == "single"


@pytest.mark.parametrize("level", vector_levels())
def test_vector_levels(tmp_path, level):
    alone("-q", *SINGLE, "-o", "out.h5", cwd=tmp_path, env={"WEALTHSIM_VECTOR": level})
    assert read(tmp_path / "out.h5").hash == HASH_OF_THE_LECTURE


def test_double_is_the_default(tmp_path):
    """And has other shocks."""
    for name, more in ("none", ()), ("double", ("--precision", "double")), ("single", SINGLE):
        alone("-q", "-n", 2000, "-T", 30, *more, "-o", f"{name}.h5", cwd=tmp_path)
    none, double, single = (read(tmp_path / f"{name}.h5") for name in ("none", "double", "single"))
    assert none.hash == double.hash != single.hash and none.attributes["precision"] == "double"
    assert abs(np.corrcoef(double["wealth"], single["wealth"])[0, 1]) < 0.2


@pytest.mark.parametrize("family", ["lfg", "mlfg", "pmlcg"])
def test_law(tmp_path, family):
    """Ten cross-sections of 200,000 households, 40 periods apart, which is as good as independent, against the stationary law:
    mean, Gini coefficient and nine quantiles. Of 33 standard normals one is beyond 5 with a chance of 2e-5; the seed is fixed.
    The distribution is that of double precision beside such errors: its own are a millionth."""
    need_family(family)
    alone("-q", *SINGLE, "-n", 200_000, "-T", 400, "--record-every", 40, "--seed", 11, "--no-wealth", "--rng", family,
          "-o", "out.h5", cwd=tmp_path, threads=2)  # fmt: skip
    file = read(tmp_path / "out.h5")
    for name in "mean", "gini":
        error = math.sqrt(np.mean(file[f"{name}_error"][1:] ** 2) / 10)
        z = (np.mean(file[name][1:]) - file.attributes[f"theory_{name}"]) / error
        print(family, name, z)
        assert abs(z) < 5
    for j, truth in enumerate(file["stationary_quantile"]):
        width = file["quantile_high"][1:, j] - file["quantile_low"][1:, j]
        z = (np.mean(file["quantile"][1:, j]) - truth) / math.sqrt(np.mean((width / (2 * 1.959964)) ** 2) / 10)
        print(family, file["probability"][j], z)
        assert abs(z) < 5


def test_shocks(tmp_path):
    """A household's own arithmetic, of what `path --shocks` shows: numbers of single precision, good to 1e-6."""
    alone("path", "-q", *SINGLE, "-T", 500, "--shocks", "-o", "path.h5", cwd=tmp_path)
    path = read(tmp_path / "path.h5")
    w, zeta, xi = (path[f"path_{name}"].ravel() for name in ("wealth", "zeta", "xi"))
    assert np.array_equal(zeta[1:], zeta[1:].astype(np.float32)) and np.array_equal(xi[1:], xi[1:].astype(np.float32))
    expected = 1.1 * 0.3 * np.exp(0.1 * zeta[1:]) * w[:-1] + np.exp(xi[1:])
    assert np.abs(w[1:] / expected - 1).max() < 1e-6 and (w[1:] != expected).any()
    assert abs(zeta[1:].mean()) < 5 / math.sqrt(500) and abs(xi[1:].std() - 1) < 5 / math.sqrt(1000)


def test_paths_and_path(wealthsim, tmp_path):
    """One household's path is the run's, to the bit, wherever in its block it stands."""
    wealthsim("-q", *SINGLE, "-n", 700, "-T", 300, "--paths", 700, "--seed", 3, "-o", "run.h5", ranks=3)
    run = read(tmp_path / "run.h5")["path_wealth"]
    for household in 0, 2, 129, 255, 256, 699:
        alone("path", "-q", *SINGLE, "--w0", 1, "-T", 300, "-n", 700, "--seed", 3, "--household", household, "-o", "path.h5", cwd=tmp_path)
        assert np.array_equal(read(tmp_path / "path.h5")["path_wealth"][0], run[household])


def test_layouts_with_everything(wealthsim, tmp_path):
    alone("-q", *SINGLE, *EVERYTHING, "-o", "one.h5", cwd=tmp_path)
    one = fingerprint(tmp_path / "one.h5")
    for ranks, threads in LAYOUTS[1:]:
        wealthsim("-q", *SINGLE, *EVERYTHING, "-o", "other.h5", ranks=ranks, threads=threads)
        assert fingerprint(tmp_path / "other.h5") == one
    assert read(tmp_path / "one.h5").attributes["coalescence_period"] > 0


def test_income_is_what_wealth_gets(tmp_path):
    """Where nobody saves, wealth is income: its statistics are those of the outcome, which comes from the kept normals."""
    alone("-q", *SINGLE, "-n", 3000, "-T", 9, "--s", 0, "--outcomes", "income,savings", "-o", "out.h5", cwd=tmp_path)
    file = read(tmp_path / "out.h5")
    for name in "mean", "median", "maximum", "minimum", "gini":
        assert file[name][1, 0] == file[name][0, 0] > 0, name
    assert file["maximum"][2, 0] == 0


# ---- going on --------------------------------------------------------------------------------------------------


def test_stopped_and_resumed(wealthsim, tmp_path):
    """On other layouts, between records, with the kept normals in the checkpoint."""
    alone("-q", *SINGLE, *EVERYTHING, "-o", "straight.h5", cwd=tmp_path)
    checkpoint = "--checkpoint", "ck", "--checkpoint-every", "1000p", "--resume"
    for periods, ranks, threads in (23, 1, 1), (40, 3, 1), (80, 2, 2):
        wealthsim("-q", *SINGLE, *EVERYTHING, "-T", periods, *checkpoint, "-o", "pieces.h5", ranks=ranks, threads=threads)
    assert fingerprint(tmp_path / "pieces.h5") == fingerprint(tmp_path / "straight.h5")


def test_resume_in_another_precision(tmp_path):
    """Refused either way. A checkpoint from before there was the option is of double precision."""
    run = "-q", "-n", 600, "--checkpoint", "ck", "--resume", "-o", "out.h5"
    alone(*run, *SINGLE, "-T", 5, cwd=tmp_path)
    refused = alone(*run, "-T", 9, cwd=tmp_path, status=2)
    assert "--precision: the checkpoint has 'single', this run 'double'" in refused.stderr
    (tmp_path / "old").mkdir()
    alone(*run, "-T", 5, cwd=tmp_path / "old")
    refused = alone(*run, *SINGLE, "-T", 9, cwd=tmp_path / "old", status=2)
    assert "--precision: the checkpoint has 'double', this run 'single'" in refused.stderr
    with changed(tmp_path / "old" / "ck.1") as (file, _):
        del file.attrs["precision"]
    with h5py.File(tmp_path / "old" / "ck.1") as file:
        assert "precision" not in file.attrs
    refused = alone(*run, *SINGLE, "-T", 9, cwd=tmp_path / "old", status=2)
    assert "--precision: the checkpoint has 'double', this run 'single'" in refused.stderr
    alone(*run, "-T", 9, cwd=tmp_path / "old")
    alone("-q", "-n", 600, "-T", 9, "-o", "straight.h5", cwd=tmp_path)
    assert read(tmp_path / "old" / "out.h5").hash == read(tmp_path / "straight.h5").hash


# ---- scenarios -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 8, 40])
def test_scenarios(wealthsim, tmp_path, n):
    """Each as alone, to the bit; every eighth saves nothing, and neighbours share income, growth, both or neither."""
    rows = [(0.05 * (i % 4), 0 if i % 8 == 7 else round(0.3 + 0.1 * (i % 3), 1), 0.5 * (1 + i % 5 // 2)) for i in range(n)]
    (tmp_path / "table").write_text("v1 s v2\n" + "".join(f"{v1} {s} {v2}\n" for v1, s, v2 in rows))
    run = "-q", *SINGLE, "-n", 1500, "-T", 40, "--seed", 2, "--coalescence", 30
    wealthsim(*run, "--scenarios", "table", "-o", "all.h5", ranks=2, threads=2)
    file = read(tmp_path / "all.h5")
    together = file["wealth"].reshape(n, -1)
    for i in sorted({0, 1 % n, 7 % n, n // 2, n - 1}):
        v1, s, v2 = rows[i]
        alone(*run, "--v1", v1, "--s", s, "--v2", v2, "-o", "one.h5", cwd=tmp_path)
        assert np.array_equal(read(tmp_path / "one.h5")["wealth"], together[i]), rows[i]


# ---- what is refused -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--v2", 2.5), "--precision: v2 is 2.5: single precision has no normals beyond 6.56"),
        (("--v1", 2.0000001), "--precision: v1 is 2.0000001: "),
        (("--s", 1e-25), "--precision: (1 + r) s is 1.1e-25: single precision takes 0, and 5.4e-20 to 1.8e+19"),
        (("--rng", "lcg"), "--rng: the lower bits of lcg's numbers are too regular for --precision single"),
        (("--rng", "lcg64"), "too regular"),
        (("--rng", "cmrg"), "too regular"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", [(), ("path",), ("scaling",)], ids=["run", "path", "scaling"])
def test_refused(tmp_path, command, arguments, message):
    if arguments[0] == "--rng":
        need_family(arguments[1])
    refused = alone(*command, *SINGLE, *arguments, "-o", "out.h5", cwd=tmp_path, status=2)
    assert message in refused.stderr and not (tmp_path / "out.h5").exists()


def test_refused_word(tmp_path):
    refused = alone("--precision", "quad", cwd=tmp_path, status=2)
    assert "--precision" in refused.stderr and "double or single" in refused.stderr


def test_refused_row(tmp_path):
    """Each scenario's own parameters; and a column of precisions."""
    (tmp_path / "table").write_text("v1 v2\n0.1 1\n0.2 3\n3 1\n")
    refused = alone(*SINGLE, "--scenarios", "table", cwd=tmp_path, status=2)
    assert "table, row 2 (line 3): --precision: v2 is 3" in refused.stderr
    assert "table, row 3 (line 4): --precision: v1 is 3" in refused.stderr and "row 1" not in refused.stderr
    (tmp_path / "mixed").write_text("v1 precision\n0.1 single\n0.2 double\n")
    for more in (), SINGLE:
        refused = alone("--scenarios", "mixed", *more, cwd=tmp_path, status=2)
        assert "column 'precision' is the same for all rows: give it as the option --precision" in refused.stderr


@pytest.mark.parametrize("command", [(), ("path",)], ids=["run", "path"])
def test_refused_model(tmp_path, command):
    from program import ROOT

    refused = alone(*command, *SINGLE, "--model", ROOT / "data" / "ifp.h5", cwd=tmp_path, status=2)
    assert "--precision: is of the built-in model, and the rule of a model file is computed in double" in refused.stderr
    (tmp_path / "table").write_text(f"model\n{ROOT / 'data' / 'ifp.h5'}\n")
    if not command:
        refused = alone(*SINGLE, "--scenarios", "table", cwd=tmp_path, status=2)
        assert "the rule of a model file is computed in double" in refused.stderr


def test_scaling(tmp_path):
    """The simulation that layouts are compared by has the asked precision."""
    hashes = set()
    for precision in "single", "double":
        alone("scaling", "-q", "--precision", precision, "-n", 3000, "-T", 20, "-o", "scaling.h5", cwd=tmp_path)
        alone("-q", "--precision", precision, "-n", 3000, "-T", 20, "-o", "run.h5", cwd=tmp_path)
        hashes.add(read(tmp_path / "scaling.h5").hash)
        assert read(tmp_path / "scaling.h5").hash == read(tmp_path / "run.h5").hash
    assert len(hashes) == 2
