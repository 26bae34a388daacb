"""Post-processing of files as they come: rewritten by other programs, damaged, something else, under odd names; of outputs that
cannot be written; by a Python that lacks packages."""
import csv
import importlib
import io
import os
import random
import shutil
import stat
import subprocess
import sys

import h5py
import numpy as np
import program
import pytest
import xarray
from faults import alone_in, many
from PIL import Image
from program import ROOT

COLLECT, PLOT = (str(ROOT / "jobs" / name) for name in ("collect.py", "plot.py"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where result.h5 is, which has everything, and many.h5, of three scenarios."""
    path = tmp_path_factory.mktemp("foreign")
    (path / "table.txt").write_text("s v1\n0.3 0.1\n0.5 0.2\n0.8 0.3\n")
    small = "-q", "-n", 300, "-T", 20, "--record-every", 10, "--paths", 2
    program.run(*small, "--scenarios", "table.txt", "-o", "many.h5", ranks=0, cwd=path, env=alone_in(path))
    program.run("-q", "-n", 500, "-T", 20, "--record-every", 10, "--paths", 2, "-o", "result.h5", ranks=0, cwd=path, env=alone_in(path))
    shutil.copy(path / "result.h5", path / "lean.h5")  # gives few pictures, for speed
    with h5py.File(path / "lean.h5", "a") as file:
        for name in set(file) - {"period", "probability", "median", "median_low", "median_high"}:
            del file[name]
    return path


def call(*command, cwd, status=0, **options):
    done = subprocess.run([sys.executable, *map(os.fsencode, map(str, command))], cwd=cwd, capture_output=True, timeout=120, **options)
    assert done.returncode == status and b"Traceback" not in done.stderr, f"{command}: {done}"
    return done


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def rows(*files, cwd):
    return [{name: x for name, x in row.items() if name != "file"} for row in rows_of(call(COLLECT, *files, cwd=cwd).stdout.decode())]


@pytest.fixture(scope="module")
def scripts():
    """The scripts as modules whose pictures are drawn, but not written: for speed."""
    sys.path.insert(0, str(ROOT / "jobs"))
    return importlib.import_module("collect"), importlib.import_module("plot")


@pytest.fixture
def drawn(monkeypatch, scripts):
    """The names of the pictures that a script makes."""
    names = []

    def save(figure, prefix):  # drawn, but not rendered: that takes most of the time
        names.append(os.path.basename(prefix))

    for module in "look", "lecture":
        monkeypatch.setattr(importlib.import_module(f"wealthsim.plot.{module}"), "save", save)
    return names


@pytest.fixture
def main(monkeypatch, capsys):
    """Run a script in this process: its status and what it said."""
    def call_main(module, *arguments):
        monkeypatch.setattr(sys, "argv", [module.__name__ + ".py", *map(str, arguments)])
        try:
            status = module.main()
        except SystemExit as end:
            status = end.code
        return status, *capsys.readouterr()

    return call_main


# ---- rewritten by others -----------------------------------------------------------------------------------------

REWRITERS = {
    "xarray": None, "attributes as bytes": None, "attributes as arrays": None,
    "ncks": ("ncks", "-O", "-4", "-L", "3", "result.h5", "new.nc"), "nccopy": ("nccopy", "-d", "3", "result.h5", "new.nc"),
    "cdo": ("cdo", "-s", "copy", "result.h5", "new.nc"), "h5repack": ("h5repack", "-f", "GZIP=3", "result.h5", "new.nc"),
}  # fmt: skip


def rewrite(how, folder):
    if REWRITERS[how]:
        if not shutil.which(REWRITERS[how][0]):
            pytest.skip(f"{how} is not installed")
        subprocess.run(REWRITERS[how], cwd=folder, check=True, capture_output=True, timeout=120)
    elif how == "xarray":
        with xarray.open_dataset(folder / "result.h5") as data:
            data.to_netcdf(folder / "new.nc")
    else:
        shutil.copy(folder / "result.h5", folder / "new.nc")
        with h5py.File(folder / "new.nc", "a") as file:
            for name, value in list(file.attrs.items()):
                if how == "attributes as arrays":
                    file.attrs[name] = np.array([value], dtype=None if not isinstance(value, str) else h5py.string_dtype())
                elif isinstance(value, str):
                    file.attrs[name] = np.bytes_(value)


@pytest.mark.parametrize("how", REWRITERS)
def test_rewritten(folder, scripts, drawn, main, how):
    """The same table and pictures as from the file itself, whatever its name ends in. (cdo knows no attributes of 64-bit
    integers, and like xarray no groups.)"""
    rewrite(how, folder)
    (expected,), (found,) = rows("result.h5", cwd=folder), rows("new.nc", cwd=folder)
    lost = {"households", "periods", "seed"} if how == "cdo" else set()
    assert found == {name: x for name, x in expected.items() if name not in lost}
    status, _, said = main(scripts[1], folder / "new.nc")
    pictures = ("median", "histogram", "lorenz", "tail", "paths", *(() if how in ("cdo", "xarray") else ("cores",)), "statistics", "overview")
    assert (status, said) == (0, "") and drawn == [f"new-{picture}" for picture in pictures]


def test_packed_and_classic(folder, scripts, main, drawn):
    """What would be read wrongly, or cannot be read, is named with what to do."""
    shutil.copy(folder / "result.h5", folder / "packed.h5")
    with h5py.File(folder / "packed.h5", "a") as file:
        file["median"].attrs["scale_factor"] = 0.5
    (folder / "classic.nc").write_bytes(b"CDF\x01" + bytes(28))
    for script in scripts:
        status, _, said = main(script, folder / "packed.h5")
        assert status == 1 and "packed.h5" in said and "median is packed" in said and "ncpdq" in said
        status, _, said = main(script, folder / "classic.nc")
        assert status == 1 and "classic.nc" in said and "nccopy -k netCDF-4" in said


# ---- damaged, or something else ----------------------------------------------------------------------------------


def damage(path, choose):
    """Change a file in one of many ways: a few of its bytes, or a variable or attribute of it."""
    if choose.random() < 0.4:
        data = bytearray(path.read_bytes())
        for _ in range(choose.choice((1, 3, 10))):
            at = choose.randrange(len(data))
            data[at : at + 8] = choose.choice((bytes(8), choose.randbytes(8), bytes([data[at] ^ 1]) + data[at + 1 : at + 8]))
        path.write_bytes(data if choose.random() < 0.8 else data[: choose.randrange(len(data))])
        return
    with h5py.File(path, "a") as file:
        name = choose.choice([name for name in file if isinstance(file[name], h5py.Dataset)])
        values = np.asarray(file[name][()])
        numbers = values if values.dtype.kind in "fiu" else np.ones(values.shape)
        others = (np.array(b"text"), np.zeros(0), np.zeros((3, 2)), np.full(values.shape, np.nan), np.full(values.shape, 1e308),
                  values.ravel()[:1], -numbers, values.astype("S"), numbers > 0, numbers * 1j, np.concatenate([values, values]))  # fmt: skip
        how = choose.randrange(4)
        if how < 2:
            del file[name]
        if how == 0:
            file[name] = choose.choice(others)
        attribute = choose.choice(list(file.attrs))
        if how == 2:
            del file.attrs[attribute]
        if how == 3:
            file.attrs[attribute] = choose.choice((b"bytes", np.zeros(0), np.arange(3), "", "text", float("nan"), 10**18, -5, h5py.Empty("f")))


@pytest.mark.parametrize("part", range(many(2)))
def test_damaged(folder, tmp_path, scripts, main, drawn, monkeypatch, record_property, part):
    """All that 12 damaged files, of one run and of scenarios, are good for is a table, pictures, or a line that names the file.
    (350 of another kind of damage gave 134 tracebacks.)"""
    monkeypatch.chdir(tmp_path)
    choose = random.Random(part)
    for i in range(12):
        name, of_one = ("result.h5", ()) if i % 2 else ("many.h5", ("--scenario", 1))
        shutil.copy(folder / name, "damaged.h5")
        damage(tmp_path / "damaged.h5", choose)
        for script, options in (scripts[0], ("--all-periods", "-o", "table.csv")), (scripts[1], ()), (scripts[1], of_one):
            status, _, said = main(script, "damaged.h5", *options)
            assert status in (0, 1) and ("damaged.h5: " in said) == (status == 1), said
    record_property("damaged results read", 12)


@pytest.mark.parametrize("script", [COLLECT, PLOT])
def test_something_else(folder, tmp_path, script):
    """Each is named with its reason, in one go."""
    shutil.copy(folder / "lean.h5", os.fsencode(tmp_path / "r") + b"\xe9sum\xe9.h5")
    (tmp_path / "cut.h5").write_bytes((folder / "result.h5").read_bytes()[:3000])
    (tmp_path / "empty.nc").touch()
    (tmp_path / "noise.csv").write_bytes(bytes(range(256)) * 10)
    (tmp_path / "folder.h5").mkdir()
    os.mkfifo(tmp_path / "pipe.h5")
    bad = "cut.h5", "empty.nc", "noise.csv", "folder.h5", "pipe.h5", "absent\udce9.h5"
    done = call(script, *bad, cwd=tmp_path, status=1)
    lines = done.stderr.splitlines()
    assert len(lines) == len(bad), done.stderr
    for name, line in zip(bad, lines):
        assert os.fsencode(name) + b": " in line, line
    assert b"a folder" in lines[3] and b"not a regular file" in lines[4] and b"No such file" in lines[5]
    done = call(script, "r\udce9sum\udce9.h5", cwd=tmp_path)  # the name is no reason
    assert b"r\xe9sum\xe9" in done.stdout


# ---- what is written ---------------------------------------------------------------------------------------------


def test_names_of_pictures(folder, tmp_path, scripts, main, drawn, monkeypatch):
    """No two files' pictures have one name; what would make them so is refused before anything is drawn."""
    for place in "a", "b":
        (tmp_path / place).mkdir()
    for name in "run_0.1", "run_0.2", "run.h5", "run.nc", "a/x.h5", "b/x.h5":
        shutil.copy(folder / "result.h5", tmp_path / name)
    monkeypatch.chdir(tmp_path)
    beginnings = scripts[1].prefixes
    assert beginnings(["run_0.1", "run_0.2"], None) == {"run_0.1": "run_0.1", "run_0.2": "run_0.2"}
    assert beginnings(["run.h5", "run.nc"], None) == {"run.h5": "run.h5", "run.nc": "run.nc"}
    assert beginnings(["run.h5", "./run.h5"], None) == {"run.h5": "run"}
    assert beginnings(["a/x.h5", "b/x.h5"], None) == {"a/x.h5": "a/x", "b/x.h5": "b/x"}
    assert beginnings(["run_0.1", "run_0.2"], "p/") == {"run_0.1": "p/run_0.1", "run_0.2": "p/run_0.2"}
    status, _, said = main(scripts[1], "a/x.h5", "b/x.h5", "-o", "p/")
    assert status == 2 and "a/x.h5 and b/x.h5" in said and not drawn


def test_unwritable(folder, tmp_path):
    """A line that names what cannot be written; nothing is left behind."""
    (tmp_path / "file").touch()
    (tmp_path / "folder.csv").mkdir()
    shutil.copy(folder / "result.h5", tmp_path)
    for output in "absent/x.csv", "file/x.csv", "folder.csv", "file/x.nc":
        assert output.encode() in call(COLLECT, "result.h5", "-o", output, cwd=tmp_path, status=1).stderr
    assert b"file/x" in call(PLOT, "result.h5", "-o", "file/x", cwd=tmp_path, status=1).stderr
    assert sorted(os.listdir(tmp_path)) == ["file", "folder.csv", "result.h5"]
    with open("/dev/full", "wb") as full:
        for command in (COLLECT, "result.h5"), (COLLECT, "--help"):
            done = subprocess.run([sys.executable, *command], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, timeout=120)
            assert done.returncode and b"Traceback" not in done.stderr


def test_never_over_its_input(folder, tmp_path):
    """By whatever name; a table that is there is replaced, keeps its mode, and is written to where one's own link points."""
    before = (folder / "result.h5").read_bytes()
    (tmp_path / "result.nc").write_bytes(before)
    os.symlink("result.nc", tmp_path / "soft.nc")
    os.link(tmp_path / "result.nc", tmp_path / "hard.nc")
    for name in "result.nc", "./result.nc", "soft.nc", "hard.nc":
        assert b"one of the files to be collected" in call(COLLECT, "result.nc", "-o", name, cwd=tmp_path, status=2).stderr
        assert (tmp_path / "result.nc").read_bytes() == before
    (tmp_path / "real.csv").write_text("old")
    os.chmod(tmp_path / "real.csv", 0o640)
    os.symlink("real.csv", tmp_path / "link.csv")
    call(COLLECT, "result.nc", "-o", "link.csv", cwd=tmp_path)
    assert os.path.islink(tmp_path / "link.csv") and (tmp_path / "real.csv").read_text().startswith("file,households,")
    assert stat.S_IMODE(os.stat(tmp_path / "real.csv").st_mode) == 0o640
    call(COLLECT, "result.nc", "-o", "new.nc", cwd=tmp_path, umask=0o027)
    assert stat.S_IMODE(os.stat(tmp_path / "new.nc").st_mode) == 0o640
    assert sorted(os.listdir(tmp_path)) == ["hard.nc", "link.csv", "new.nc", "real.csv", "result.nc", "soft.nc"]


def test_planted_links(folder, tmp_path, scripts, main, monkeypatch):
    """The temporary is a new file, is no link, and has a name that cannot be foreseen."""
    names, replace = set(), os.replace

    def seen(temporary, target):
        names.add(os.path.basename(temporary))
        assert os.path.dirname(temporary) == str(tmp_path) and not os.path.islink(temporary)
        replace(temporary, target)

    (tmp_path / "victim").write_text("whole")
    for name in "t.csv.part", ".t.csv.part":
        os.symlink("victim", tmp_path / name)
    monkeypatch.setattr(os, "replace", seen)
    for _ in range(3):
        assert main(scripts[0], folder / "result.h5", "-o", tmp_path / "t.csv")[0] == 0
    assert len(names) == 3 and all(name.startswith("t.csv.part-") for name in names)
    assert (tmp_path / "victim").read_text() == "whole"


def test_all_periods(folder, tmp_path, scripts, main, drawn):
    """A row for each file and period, in netCDF a dimension; plot.py draws the last of each."""
    env = alone_in(tmp_path)
    for s, every in (0.2, 5), (0.4, 10):
        program.run("-q", "-n", 200, "-T", 20, "--s", s, "--record-every", every, "-o", f"s{s}.h5", ranks=0, cwd=tmp_path, env=env)
    files = [tmp_path / f"s{s}.h5" for s in (0.2, 0.4)]
    for name in "all.csv", "all.nc":
        assert main(scripts[0], *files, "--all-periods", "-o", tmp_path / name) == (0, "", "")
        assert main(scripts[1], tmp_path / name)[0] == 0
    assert drawn == ["all-sweep"] * 2
    table = rows_of((tmp_path / "all.csv").read_text())
    assert [int(row["period"]) for row in table] == [0, 5, 10, 15, 20, 0, 10, 20]
    with xarray.open_dataset(tmp_path / "all.nc") as data:
        assert data["quantile"].dims == ("run", "period", "probability") and data["s"].values.tolist() == [0.2, 0.4]
        assert np.isnan(data["median"].sel(period=[5, 15], run=1)).all()
        for i, path in enumerate(files):
            file = program.read(path)
            mine = [row for row in table if row["file"] == str(path)]
            assert [float(row["median"]) for row in mine] == file["median"].tolist()
            assert [float(row["quantile_0.9"]) for row in mine] == file["quantile"][:, 6].tolist()
            assert data["median"].sel(period=file["period"], run=i).values.tolist() == file["median"].tolist()
    tables = importlib.import_module("wealthsim.plot.table")
    for name in "all.csv", "all.nc":
        read = tables.read_table(str(tmp_path / name))
        assert read.differ == ["s"] and read.columns["period"].tolist() == [20, 20]
        assert read.columns["median"].tolist() == [program.read(path)["median"][-1] for path in files]


# ---- the user's surroundings -------------------------------------------------------------------------------------


def test_no_tex(folder, tmp_path):
    """Pictures do without TeX, whatever the user's matplotlibrc says."""
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\nfigure.autolayout: True\n")
    shutil.copy(folder / "result.h5", tmp_path)
    call(PLOT, "result.h5", cwd=tmp_path, env={**os.environ, "PATH": "", "MATPLOTLIBRC": str(tmp_path)})
    with Image.open(tmp_path / "result-overview.png") as image:
        assert image.width > 1000


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory):
    """A Python without any package: a virtual environment's."""
    folder = tmp_path_factory.mktemp("venv")
    made = subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], capture_output=True)
    if made.returncode:
        pytest.skip("no virtual environment can be made here (python3-venv)")
    return folder / "bin" / "python3"


@pytest.mark.parametrize("script", [COLLECT, PLOT])
def test_python_without_packages(folder, bare_python, script):
    """The system's Python takes over where it has the packages; else a line says what to install."""
    system_has = not subprocess.run(["/usr/bin/python3", "-c", "import h5py, matplotlib, PIL"], capture_output=True).returncode
    done = subprocess.run([bare_python, script, "lean.h5"], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == (0 if system_has else 2) and "Traceback" not in done.stderr, done.stderr
    changed = "import needs; needs.SYSTEM = '/nowhere/python3'; needs.need('h5py', 'PIL')"
    done = subprocess.run([bare_python, "-c", changed], cwd=ROOT / "jobs", capture_output=True, text=True, timeout=120)
    assert done.returncode == 2 and "lacks h5py, Pillow" in done.stderr and "apt-get install python3-h5py python3-pil" in done.stderr
