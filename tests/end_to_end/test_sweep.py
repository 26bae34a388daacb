"""Scenario files, sweeps over a table of parameters, and their collection into one table."""
import configparser
import csv
import io
import math
import shutil
import subprocess
import sys

import h5py
import numpy as np
import pytest
import xarray
from program import PROGRAM, ROOT, environment, read
from scenarios import stack

SWEEP, COLLECT, PLOT = (str(ROOT / "jobs" / name) for name in ("sweep.sbatch", "collect.py", "plot.py"))
SMALL = ("-q", "-n", 600, "-T", 100)


def call(*command, cwd, status=0):
    env = {name: value for name, value in environment().items() if not name.startswith("SLURM_") and name != "LAUNCH"}
    env["WEALTHSIM"] = str(PROGRAM)
    done = subprocess.run(list(map(str, command)), cwd=cwd, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == status, f"{command}: status {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def sweep(folder, table, *arguments, status=0, before=("--one-by-one",)):
    """Run a table's rows here, one by one; returns what the script said, and the results by name."""
    (folder / "table.txt").write_text(table)
    done = call("bash", SWEEP, *before, "table.txt", *SMALL, *arguments, cwd=folder, status=status)
    return done, {path.name: read(path) for path in sorted(folder.glob("table-*.h5"))}


def collect(*files, cwd, status=0):
    return call(sys.executable, "-W", "error", COLLECT, *files, cwd=cwd, status=status)


# ---- the script -----------------------------------------------------------------------------------------------


def test_a_run_for_each_row(tmp_path):
    """Comments, blank lines, tabs and a last line without an end; - leaves the default; a row wins over what is said
    for all rows."""
    table = "# a comment\n s\tv1   seed # the header\n\n0.5  0.2  7\n0.6 - 8 # a row\r\n0.7 0.3 9"
    done, results = sweep(tmp_path, table, "--s", 0.1, "--r", 0.05)
    assert list(results) == ["table-01_s=0.5_v1=0.2_seed=7.h5", "table-02_s=0.6_seed=8.h5", "table-03_s=0.7_v1=0.3_seed=9.h5"]
    found = [tuple(file.attributes[name] for name in ("s", "v1", "seed", "r", "households")) for file in results.values()]
    assert found == [(0.5, 0.2, 7, 0.05, 600), (0.6, 0.1, 8, 0.05, 600), (0.7, 0.3, 9, 0.05, 600)]
    assert "row 2 of 3: --s=0.6 --seed=8" in done.stdout


def test_common_and_separate_shocks(tmp_path):
    """After 100 periods, start values are forgotten: rows that differ in nothing else end the same to the last bit if
    and only if they met the same shocks."""
    table = "w0\n1\n5\n"
    _, results = sweep(tmp_path, table)
    assert len({file.hash for file in results.values()}) == 1
    _, results = sweep(tmp_path, table, before=["--separate-shocks"])
    assert len({file.hash for file in results.values()}) == 2
    assert [file.attributes["seed"] for file in results.values()] == [1, 2]


def test_a_row_that_fails(tmp_path):
    """The others run; the exit status tells."""
    done, results = sweep(tmp_path, "s\n0.2\n2\n0.4\n", status=2)
    assert list(results) == ["table-01_s=0.2.h5", "table-03_s=0.4.h5"]
    assert "row 2: exit status 2" in done.stderr and "0 to 1" in done.stderr


def test_values_make_no_folders(tmp_path):
    (tmp_path / "x y.ini").write_text("s = 0.4\n")
    shutil.move(tmp_path / "x y.ini", tmp_path / "x.ini")
    _, results = sweep(tmp_path, "config\n./x.ini\n")
    assert list(results) == ["table-01_config=._x.ini.h5"]
    assert next(iter(results.values())).attributes["s"] == 0.4


@pytest.mark.parametrize(
    "table, message",
    [("", "table.txt: no rows"), ("s v1\n", "no rows"), ("s v1\n0.1 0.2\n0.3\n", "row 2 has 1 values, the header 2 names"),
     ("s output\n0.1 x.h5\n", "a column 'output'")],
)  # fmt: skip
def test_unusable_tables(tmp_path, table, message):
    """Nothing is run."""
    done, results = sweep(tmp_path, table, status=2)
    assert message in done.stderr and results == {}


def test_usage(tmp_path):
    assert "no table" in call("bash", SWEEP, cwd=tmp_path, status=2).stderr
    assert "cannot read the table 'absent'" in call("bash", SWEEP, "absent", cwd=tmp_path, status=2).stderr
    done, _ = sweep(tmp_path, "seed\n1\n", before=["--separate-shocks"], status=2)
    assert "column 'seed'" in done.stderr


# ---- the collection -------------------------------------------------------------------------------------------


@pytest.fixture
def results(tmp_path):
    return sweep(tmp_path, "s v1\n0.5 0.1\n0.5 0.2\n0.6 0.3\n", "--record-every", 50)[1]


def test_csv(tmp_path, results):
    """A row a file, its parameters, and every statistic of the last period to the last bit."""
    rows = list(csv.DictReader(io.StringIO(collect(*results, cwd=tmp_path).stdout)))
    parameters = ["households", "periods", "w0", "r", "s", "v1", "v2", "seed", "rng", "initial"]
    assert list(rows[0])[: 2 + len(parameters)] == ["file", *parameters, "period"]
    assert [row["file"] for row in rows] == list(results)
    for row, file in zip(rows, results.values()):
        assert all(row[name] == str(file.attributes[name]) for name in parameters)
        expected = {"period": file["period"][-1]}
        with xarray.open_dataset(tmp_path / row["file"]) as data:
            for name, variable in data.data_vars.items():
                last = variable[-1] if variable.dims[0] == "period" else variable
                if last.ndim and last.dims[0] not in ("household", "path"):
                    expected |= {f"{name}_{x:g}": float(value) for x, value in zip(last[last.dims[0]].values, last)}
                elif not last.ndim:
                    expected[name] = float(last)
        expected |= {name: value for name, value in file.attributes.items() if name.startswith("theory_")}
        found = {name: float(value) for name, value in row.items() if name not in ("file", "result_hash", *parameters)}
        assert found.keys() == expected.keys()
        for name, value in expected.items():
            assert found[name] == value or (math.isnan(found[name]) and math.isnan(value)), name
        assert row["result_hash"] == file.hash


def test_netcdf(tmp_path, results):
    """The same in a netCDF file, with what the runs have in common as attributes."""
    collect(*results, "-o", "sweep.nc", cwd=tmp_path)
    collect(*results, "-o", "sweep.csv", cwd=tmp_path)
    with open(tmp_path / "sweep.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    with xarray.open_dataset(tmp_path / "sweep.nc") as data:
        assert data["quantile"].dims == ("run", "probability") and data.attrs["households"] == 600 and "s" not in data.attrs
        assert data["households"].values.tolist() == [600] * 3
        assert data["median"].attrs["units"] == "1"
        for i, row in enumerate(rows):
            assert float(data["median"][i]) == float(row["median"]) and float(data["s"][i]) == float(row["s"])
            assert float(data["quantile"].sel(probability=0.9)[i]) == float(row["quantile_0.9"])
            assert str(data["file"].values[i]) == row["file"]


def test_files_with_different_quantiles(tmp_path):
    """Every probability has its column; nan where a file does not have it."""
    _, results = sweep(tmp_path, "s quantiles\n0.5 0.5,0.9\n0.6 0.25,0.5\n")
    rows = list(csv.DictReader(io.StringIO(collect(*results, cwd=tmp_path).stdout)))
    assert [name for name in rows[0] if name.startswith("quantile_0")] == ["quantile_0.25", "quantile_0.5", "quantile_0.9"]
    assert (rows[0]["quantile_0.25"], rows[1]["quantile_0.9"]) == ("nan", "nan")
    collect(*results, "-o", "sweep.nc", cwd=tmp_path)
    with xarray.open_dataset(tmp_path / "sweep.nc") as data:
        assert np.array_equal(np.isnan(data["quantile"].sel(probability=[0.25, 0.9])), [[True, False], [False, True]])


def test_files_that_do_not_fit(tmp_path, results):
    """All that is wrong is said in one go, with the files' names, and nothing is written."""
    first, second, third = results
    with h5py.File(tmp_path / second, "a") as file:
        file.attrs["format_version"] = "1.999"
    with h5py.File(tmp_path / third, "a") as file:
        file.attrs["format_version"] = "3.0"
    (tmp_path / "text.h5").write_text("no HDF5")
    with h5py.File(tmp_path / "other.h5", "w"):
        pass
    done = collect(first, second, third, "text.h5", "other.h5", "absent.h5", "-o", "sweep.csv", cwd=tmp_path, status=1)
    version = read(tmp_path / first).attributes["format_version"]
    assert f"{second}: its format version is 1.999, that of {first} {version}" in done.stderr
    assert f"{third}: its format version is 3.0, this script reads 1.x and 2.x" in done.stderr
    assert all(said in done.stderr for said in ("text.h5: not an HDF5 file", "other.h5: not a result", "absent.h5: No such file"))
    assert len(done.stderr.splitlines()) == 5 and not (tmp_path / "sweep.csv").exists()
    assert "neither in .csv nor in .nc" in collect(first, "-o", "sweep.txt", cwd=tmp_path, status=2).stderr


# ---- files of many scenarios ------------------------------------------------------------------------------------

S, V1 = [0.5, 0.5, 0.6], [0.1, 0.2, 0.3]


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def without(row, *names):
    return {name: x for name, x in row.items() if name not in names}


@pytest.fixture
def many(tmp_path, results):
    """The results of a sweep in one file."""
    stack(tmp_path / "many.h5", [tmp_path / name for name in results], s=S, v1=V1)
    return "many.h5"


@pytest.mark.parametrize("periods", [(), ("--all-periods",)])
def test_rows_of_scenarios(tmp_path, results, many, periods):
    """The rows are those of single runs, to the last digit, constants and hashes included; a scenario tells them apart."""
    single = rows_of(collect(*results, *periods, cwd=tmp_path).stdout)
    whole = rows_of(collect(many, *periods, cwd=tmp_path).stdout)
    assert len(whole) == (9 if periods else 3)
    assert list(whole[0]) == ["file", "scenario", *list(single[0])[1:]]
    assert [without(row, "file", "scenario") for row in whole] == [without(row, "file") for row in single]
    assert [row["scenario"] for row in whole] == [str(i) for i in range(3) for _ in range(len(whole) // 3)]
    assert {row["file"] for row in whole} == {many} and {row["households"] for row in whole} == {"600"}


def test_scenarios_as_netcdf(tmp_path, results, many):
    """The same of netCDF, of a file that xarray has rewritten too, and of a part of it."""
    with xarray.open_dataset(tmp_path / many) as data:
        assert data["median"].dims == ("scenario", "period") and {"s", "v1"} <= set(data.coords)
        data.to_netcdf(tmp_path / "again.nc")
        data.isel(scenario=[2]).to_netcdf(tmp_path / "part.nc")
    collect(*results, "--all-periods", "-o", "single.nc", cwd=tmp_path)
    collect(many, "--all-periods", "-o", "many.nc", cwd=tmp_path)
    with xarray.open_dataset(tmp_path / "single.nc") as single, xarray.open_dataset(tmp_path / "many.nc") as whole:
        assert whole["scenario"].values.tolist() == [0, 1, 2]
        names = {"file", "scenario"}
        assert set(whole.data_vars) - names == set(single.data_vars) - names
        assert whole.drop_vars(names).identical(single.drop_vars("file").assign_attrs(whole.attrs))
        assert whole.attrs["r"] == single.attrs["r"] == 0.1 and whole["r"].values.tolist() == [0.1] * 3 and "s" not in whole.attrs
    expected = rows_of(collect(many, cwd=tmp_path).stdout)
    assert [without(row, "file") for row in rows_of(collect("again.nc", cwd=tmp_path).stdout)] == [without(row, "file") for row in expected]
    assert [without(row, "file") for row in rows_of(collect("part.nc", cwd=tmp_path).stdout)] == [without(expected[2], "file")]


def test_scenarios_among_runs(tmp_path, results, many):
    """Files of both kinds in one table."""
    first = next(iter(results))
    with h5py.File(tmp_path / first, "a") as file:
        file.attrs["format_version"] = "2.0"
    rows = rows_of(collect(first, many, cwd=tmp_path).stdout)
    assert [row["scenario"] for row in rows] == ["", "0", "1", "2"] and rows[0]["median"] == rows[1]["median"]
    collect(first, many, "-o", "t.nc", cwd=tmp_path)
    with xarray.open_dataset(tmp_path / "t.nc") as data:
        assert data["scenario"].values.tolist() == [-1, 0, 1, 2] and data["median"].values.tolist() == [float(row["median"]) for row in rows]


def test_scenarios_of_texts(wealthsim, tmp_path):
    """Model files and start values are columns; a model file has no r and s. Of its quantities, each has its columns."""
    model = ROOT / "data" / "buffer_stock.h5"
    for name, wealth in ("poor.txt", "1\n2\n"), ("richer.txt", "10\n"):
        (tmp_path / name).write_text(wealth)
        wealthsim("-q", "-n", 300, "-T", 5, "--model", model, "--initial", name, "-o", f"{name}.h5")
    stack(tmp_path / "many.h5", [tmp_path / "poor.txt.h5", tmp_path / "richer.txt.h5"], model=[str(model)] * 2, initial=["poor.txt", "richer.txt"])
    rows = rows_of(collect("many.h5", cwd=tmp_path).stdout)
    assert [row["initial"] for row in rows] == ["poor.txt", "richer.txt"] and {row["model"] for row in rows} == {str(model)}
    assert not {"r", "s", "v1", "v2"} & set(rows[0])
    single = rows_of(collect("poor.txt.h5", "richer.txt.h5", cwd=tmp_path).stdout)
    assert [without(row, "file", "scenario") for row in rows] == [without(row, "file") for row in single]
    assert float(rows[0]["level_median"]) > 0


# ---- what is in data/ -----------------------------------------------------------------------------------------


def test_shipped_sweep(tmp_path):
    """From the table to the picture, as README says: by one start, and by a run for each row."""
    call("bash", SWEEP, "--one-by-one", ROOT / "data" / "sweep.txt", *SMALL, cwd=tmp_path)
    files = sorted(path.name for path in tmp_path.glob("sweep-*.h5"))
    collect(*files, "-o", "sweep.csv", cwd=tmp_path)
    call(sys.executable, "-W", "error", PLOT, "sweep.csv", cwd=tmp_path)
    rows = list(csv.DictReader(open(tmp_path / "sweep.csv", newline="")))
    assert len(rows) == len(files) >= 5 and (tmp_path / "sweep-sweep.png").stat().st_size > 5000
    q99 = [float(row["quantile_0.99"]) for row in rows]
    assert q99 == sorted(q99)  # the tail grows heavier from row to row, on the same shocks
    call(PROGRAM, "--scenarios", ROOT / "data" / "sweep.txt", *SMALL, "-o", "one.h5", cwd=tmp_path)
    call(sys.executable, "-W", "error", PLOT, "one.h5", cwd=tmp_path)
    assert (tmp_path / "one-sweep.png").stat().st_size > 5000
    found = rows_of(collect("one.h5", cwd=tmp_path).stdout)
    assert [without(row, "file", "scenario") for row in found] == [without(row, "file") for row in rows]


def keys(scenario):
    parser = configparser.ConfigParser()
    parser.read(ROOT / "data" / f"{scenario}.ini")
    return {key: float(value) for section in parser.sections() for key, value in parser.items(section)}


@pytest.mark.parametrize("scenario, low, high", [("lecture", 20, 1e9), ("light-tail", 2, 4), ("heavy-tail", 1, 2)])
def test_scenarios(wealthsim, tmp_path, scenario, low, high):
    """Each has the tail index that it is for, and says it; the program takes it, and warns where it should."""
    path, model = ROOT / "data" / f"{scenario}.ini", keys(scenario)
    kappa = -2 * math.log(model["s"] * (1 + model["r"])) / model["v1"] ** 2
    assert low < kappa < high
    assert f"= {kappa:.{1 if kappa > 100 else 4}f}" in path.read_text()
    done = wealthsim("--config", path, "-q", "-n", 600, "-T", 20, "-o", "run.h5")
    assert ("no finite variance" in done.stderr) == (kappa < 2)
    attributes = read(tmp_path / "run.h5").attributes
    assert {name: attributes[name] for name in ("r", "s", "v1", "v2", "w0", "seed")} == {
        name: model[name] for name in ("r", "s", "v1", "v2", "w0", "seed")}  # fmt: skip


def test_lecture_is_the_default(wealthsim, tmp_path):
    wealthsim("--config", ROOT / "data" / "lecture.ini", "-q", "-o", "lecture.h5")
    wealthsim("-q", "-o", "default.h5")
    lecture = read(tmp_path / "lecture.h5")
    assert lecture.hash == read(tmp_path / "default.h5").hash and lecture.attributes["households"] == 50000
