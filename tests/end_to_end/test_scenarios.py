"""Many parameter sets in one start: row by row the bytes of as many runs, on every layout, stopped, killed and resumed."""
import random
import shutil

import h5py
import numpy as np
import pytest

from faults import Watched, fingerprint, history, period_of, until
from program import ROOT, read, run

SWEEP = ROOT / "data/sweep.txt"
COMMON = "-q", "-n", 1500, "-T", 60
ROWS = [{"s": "0.85", "v1": v1} for v1 in ("0.02", "0.05", "0.10", "0.15", "0.20", "0.25", "0.30")]
LAYOUTS = (1, 1), (2, 2), (3, 1), (16, 1)
FULL = "--record-every", 25, "--paths", 300, "--coalescence", 5, "--quantiles", "0.1,0.5,0.999"
MODELS = ROOT / "data/ifp.h5", ROOT / "data/buffer_stock.h5"


def options_of(row):
    return [f"--{name}={value}" for name, value in row.items()]


def run_rows(path, rows, *options):
    """Each row in a run of its own."""
    for i, row in enumerate(rows):
        run(*COMMON, *options, *options_of(row), "-o", f"row{i}.h5", cwd=path, ranks=0)
    return [path / f"row{i}.h5" for i in range(len(rows))]


def write_table(path, rows):
    names = list(rows[0])
    lines = [names, *([row[name] for name in names] for row in rows)]
    path.write_text("\n".join(" ".join(map(str, line)) for line in lines) + "\n")
    return path


def same(one, other):
    """To the bit, NaN with its sign and all; characters as they are."""
    return one.dtype == other.dtype and one.tobytes() == other.tobytes()


def compare(table, singles):
    """Every variable of each single run is the scenario's, and what is an attribute there is a variable here."""
    with h5py.File(table) as file:
        assert file.attrs["format_version"] == "2.0" and len(file["scenario"]) == len(singles)
        for i, single in enumerate(singles):
            with h5py.File(single) as alone:
                for name in set(alone) - {"timing"}:
                    is_dimension = h5py.h5ds.is_scale(alone[name].id)
                    assert is_dimension or file[name].dims[0][0].name == "/scenario", name
                    assert same(file[name][()] if is_dimension else file[name][i], alone[name][()]), (name, i)
                assert b"".join(file["scenario_hash"][i]).decode() == alone.attrs["result_hash"]
                for name in alone.attrs:
                    if name.startswith("theory_") or name == "coalescence_period":
                        assert same(file[name][i], alone.attrs[name]), (name, i)


@pytest.fixture(scope="module")
def singles(tmp_path_factory):
    return run_rows(tmp_path_factory.mktemp("rows"), ROWS, *FULL)


@pytest.mark.parametrize("ranks, threads", LAYOUTS)
def test_row_by_row(tmp_path, singles, ranks, threads):
    run(*COMMON, *FULL, "--scenarios", SWEEP, "-o", "all.h5", ranks=ranks, threads=threads, cwd=tmp_path)
    compare(tmp_path / "all.h5", singles)


@pytest.mark.smoke
def test_columns(tmp_path):
    """The table's columns are coordinates; what all rows have in common is an attribute."""
    run(*COMMON, "--scenarios", SWEEP, "--r", 0.05, "-o", "all.h5", ranks=0, cwd=tmp_path)
    with h5py.File(tmp_path / "all.h5") as file:
        assert file["v1"][:].tolist() == [float(row["v1"]) for row in ROWS] and (file["s"][:] == 0.85).all()
        assert "s" not in file.attrs and "v1" not in file.attrs and file.attrs["r"] == 0.05
        for name in ("median", "quantile", "wealth", "theory_mean"):
            assert file[name].attrs["coordinates"] in ("s v1", b"s v1") and file[name].shape[0] == len(ROWS)


def test_one_row(tmp_path):
    """A table of one row is what the options would be."""
    write_table(tmp_path / "one.txt", ROWS[2:3])
    run(*COMMON, *FULL, "--scenarios", "one.txt", "-o", "table.h5", ranks=0, cwd=tmp_path)
    run(*COMMON, *FULL, *options_of(ROWS[2]), "-o", "alone.h5", ranks=0, cwd=tmp_path)
    table, alone = read(tmp_path / "table.h5"), read(tmp_path / "alone.h5")
    assert fingerprint(tmp_path / "table.h5") == fingerprint(tmp_path / "alone.h5")
    assert table.hash == alone.hash and "scenario" not in h5py.File(tmp_path / "table.h5")
    with h5py.File(tmp_path / "table.h5") as one, h5py.File(tmp_path / "alone.h5") as other:
        assert one.attrs["s"] == other.attrs["s"] == 0.85 and one.attrs["v1"] == other.attrs["v1"]


def test_everything_differs(tmp_path):
    """All parameters, and the start, some left as the options are."""
    (tmp_path / "start.txt").write_text("\n".join(map(str, range(700))))
    (tmp_path / "low.txt").write_text("0\n1\n")
    rows = [{"r": 0.1, "s": 0.3, "v1": 0.1, "v2": 1, "w0": 1, "initial": "-"},
            {"r": 0.1, "s": 0.3, "v1": 0.1, "v2": 1, "w0": 9, "initial": "start.txt"},
            {"r": 0, "s": 0, "v1": 0, "v2": 0, "w0": 0, "initial": "low.txt"},
            {"r": 0.02, "s": 0.9, "v1": 60, "v2": 1, "w0": 1, "initial": "./start.txt"},  # the guarded law
            {"r": 0.1, "s": 0.3, "v1": 0.1, "v2": 0.5, "w0": "1e3", "initial": "-"}]  # fmt: skip
    write_table(tmp_path / "table.txt", rows)
    run(*COMMON, *FULL, "--scenarios", "table.txt", "-o", "all.h5", ranks=3, threads=2, cwd=tmp_path)
    alone = [{name: value for name, value in row.items() if value != "-"} for row in rows]
    compare(tmp_path / "all.h5", run_rows(tmp_path, alone, *FULL))


@pytest.mark.parametrize("ranks", (1, 3))
def test_model_files(tmp_path, ranks):
    """Both model files of data/ in one start: where one has a level and the other none, that one's stay 1."""
    rows = [{"model": model} for model in MODELS]
    write_table(tmp_path / "table.txt", rows)
    run(*COMMON, *FULL[:4], "--scenarios", "table.txt", "-o", "all.h5", ranks=ranks, threads=2, cwd=tmp_path)
    ifp, buffer_stock = run_rows(tmp_path, rows, *FULL[:4])
    with h5py.File(tmp_path / "all.h5") as file, h5py.File(ifp) as without, h5py.File(buffer_stock) as with_level:
        assert same(file["wealth"][0], without["wealth"][()]) and same(file["wealth"][1], with_level["wealth"][()])
        assert (file["state"][0] == without["state"][()]).all() and (file["state"][1] == with_level["state"][()]).all()
        assert (file["level"][0] == 1).all() and same(file["level"][1], with_level["level"][()])
        assert same(file["median"][0, 0, [0, 3]], without["median"][()]) and same(file["median"][1], with_level["median"][()])
        assert same(file["median"][0, 0, 2], without["median"][0])  # in levels of 1
        assert same(file["households_above"][0], without["households_above"][()])
        for i, alone in enumerate((without, with_level)):
            assert b"".join(file["scenario_hash"][i]).decode() == alone.attrs["result_hash"]
            assert b"".join(file["model_digest"][i]).decode() == alone.attrs["model_digest"]


@pytest.mark.parametrize("options", (("--compress", 4), ("--no-wealth",), ("--compress", 1, "-n", 300000, "-T", 2)))
def test_forms_of_the_file(tmp_path, options):
    run(*COMMON, *options, "--scenarios", SWEEP, "-o", "all.h5", ranks=3, cwd=tmp_path)
    compare(tmp_path / "all.h5", run_rows(tmp_path, ROWS, *options))


def test_stopped_and_resumed(tmp_path, singles):
    """On another layout each time."""
    for i, (ranks, periods) in enumerate(((3, 1), (1, 20), (16, 33), (2, 60))):
        run("-q", "-n", 1500, "-T", periods, *FULL, "--scenarios", SWEEP, "--checkpoint", "ck", "--resume", "-o", "all.h5",
            ranks=ranks, threads=1 + i % 2, cwd=tmp_path)  # fmt: skip
    compare(tmp_path / "all.h5", singles)


def test_no_theory(tmp_path):
    """What takes long to find is left out, and nothing else."""
    for name, options in ("with", ()), ("without", ("--no-theory",)):
        run(*COMMON, *options, "--scenarios", SWEEP, "-o", f"{name}.h5", ranks=0, cwd=tmp_path)
    with h5py.File(tmp_path / "with.h5") as all, h5py.File(tmp_path / "without.h5") as some:
        assert set(all) - set(some) == {"theory_gini", "stationary_quantile"} and set(some) < set(all)
        assert all.attrs["result_hash"] == some.attrs["result_hash"]


def test_another_table(tmp_path):
    """A checkpoint of other scenarios is not gone on from."""
    options = "-q", "-n", 600, "--checkpoint", "ck", "--resume"
    run(*options, "-T", 5, "--scenarios", SWEEP, ranks=0, cwd=tmp_path)
    write_table(tmp_path / "other.txt", [*ROWS[:-1], {"s": "0.85", "v1": "0.31"}])
    said = run(*options, "-T", 9, "--scenarios", "other.txt", ranks=0, cwd=tmp_path, status=2).stderr
    assert "--scenarios: digest of what the table says: the checkpoint has" in said
    write_table(tmp_path / "same.csv", ROWS)  # by another name
    run(*options, "-T", 9, "--scenarios", "same.csv", ranks=0, cwd=tmp_path)


def test_end_table(tmp_path):
    """A row each, with the columns that differ."""
    said = run("-n", 1500, "-T", 60, "--scenarios", SWEEP, ranks=0, cwd=tmp_path).stdout
    lines = said.splitlines()
    assert "in 7 scenarios" in lines[0] and lines[2].split() == ["scenario", "v1", "median", "Gini", "top", "1", "%"]
    file = h5py.File(tmp_path / "wealthsim.h5")
    for i, line in enumerate(lines[3:10]):
        number, v1, median, gini, top, _ = line.split()
        assert int(number) == i and float(v1) == file["v1"][i]
        assert float(median) == pytest.approx(file["median"][i, -1], rel=1e-6)
        assert float(gini) == pytest.approx(file["gini"][i, -1], abs=1e-5) and 0 < float(top) < 100


@pytest.mark.parametrize("ranks", (1, 2))
def test_departure(tmp_path, ranks):
    """Where a rule forbids a place, the first to come there is named, with its scenario."""
    shutil.copy(MODELS[0], tmp_path / "strict.h5")
    with h5py.File(tmp_path / "strict.h5", "a") as file:
        file.attrs["extrapolation"] = "error"
    (tmp_path / "far.txt").write_text("1000000\n")
    rows = [{"model": MODELS[0], "initial": "far.txt"}, *[{"model": "strict.h5", "initial": "far.txt"}] * 2]
    write_table(tmp_path / "table.txt", rows)
    said = run(*COMMON, "--scenarios", "table.txt", ranks=ranks, cwd=tmp_path, status=1).stderr
    assert "household 0 of scenario 1 left the knots of its savings rule in period 0 with wealth 1000000" in said, said


def test_warns_by_row(tmp_path):
    write_table(tmp_path / "table.txt", [{"s": 0.3, "r": 0.1}, {"s": 0.95, "r": 0.1}])
    said = run(*COMMON, "--scenarios", "table.txt", ranks=2, cwd=tmp_path).stderr
    assert "warning: row 2 (s=0.95 r=0.1): " in said and "row 1" not in said


def test_memory(tmp_path):
    """More scenarios than memory holds: how many would fit is said before anything is done."""
    write_table(tmp_path / "table.txt", [{"s": 0.3 + i * 1e-6} for i in range(20000)])
    said = run("-q", "-n", 10000000, "--scenarios", "table.txt", ranks=2, cwd=tmp_path, status=2).stderr
    assert "--scenarios: the run of 20,000 scenarios needs" in said and "of them would fit: split the table" in said


def test_killed(tmp_path):
    """All ranks killed after a checkpoint, and gone on with on another layout."""
    command = "-q", "-n", 40000, "-T", 400, *FULL, "--scenarios", SWEEP
    run(*command, "-o", "straight.h5", ranks=2, cwd=tmp_path)
    resumable = *command, "--checkpoint", "ck", "--checkpoint-every", "20p", "--resume", "-o", "all.h5"
    with Watched(*resumable, ranks=3, cwd=tmp_path) as watched:
        until(lambda: len(history(tmp_path)) > 0, what="a checkpoint", interval=0.01)
        assert watched.kill("all", random.Random(1)) == 3
        watched.ended_after_kill()
    assert 0 < period_of(tmp_path / f"ck.{history(tmp_path)[0]}") < 400 and not (tmp_path / "all.h5").exists()
    run(*resumable, ranks=2, threads=2, cwd=tmp_path)
    assert fingerprint(tmp_path / "all.h5") == fingerprint(tmp_path / "straight.h5")
