"""A table of scenarios: the forms that it may have, and what is refused, before the simulation, with its row and column."""
import os
from pathlib import Path

import faults
import h5py
import netCDF4
import numpy as np
import pandas
import pytest
import xarray
from program import ROOT, read

QUICK = ["-q", "-n", 300, "-T", 8]
MODELS = {name: str(ROOT / "data" / f"{name}.h5") for name in ("ifp", "buffer_stock")}


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """Of the options that the tables of one row say."""
    folder = tmp_path_factory.mktemp("options")
    faults.alone(*QUICK, "--s", 0.85, "--v1", 0.25, "--w0", 3, "-o", "out.h5", cwd=folder)
    return faults.fingerprint(folder / "out.h5")


def run(folder, *arguments):
    faults.alone(*QUICK, *arguments, "-o", "out.h5", cwd=folder)
    return faults.fingerprint(folder / "out.h5")


def faults_of(folder, name, *arguments):
    """What is said of a table, and nothing is written."""
    before = sorted(os.listdir(folder))
    result = faults.alone(*QUICK, "--scenarios", name, *arguments, cwd=folder, status=2)
    assert sorted(os.listdir(folder)) == before
    return [line.removeprefix("wealthsim: ") for line in result.stderr.splitlines()]


def faults_of_text(folder, content, *arguments, name="t.txt"):
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return faults_of(folder, name, *arguments)


# ---- forms ----------------------------------------------------------------------------------------------------


TEXTS = {
    "blanks": "s v1 w0\n0.85 0.25 3\n",
    "aligned": "# a table\n\n    s     v1   w0  # three, of them\n\t0.85  0.25 3e0 # kappa 2.15\n\n",
    "commas": "s,v1,w0\n0.85,0.25,3\n",
    "commas and blanks": " s , v1,\tw0\n 0.85,0.25 , 3",
    "quotes": '"s","v1","w0"\n"0.85","0.25","3"\n',
    "Windows": "\ufeffs,v1,w0\r\n0.85,0.25,3\r\n",
    "defaults": "s r v1 v2 w0 initial model\n0.85 - .25 - 3 - -\n",
    "another order": "w0 v1 s\n3 0.250 8.5e-1",
}


@pytest.mark.parametrize("name", TEXTS)
def test_texts(tmp_path, expected, name):
    (tmp_path / "t.txt").write_bytes(TEXTS[name].encode())
    assert run(tmp_path, "--scenarios", "t.txt") == expected
    attributes = read(tmp_path / "out.h5").attributes
    assert (attributes["s"], attributes["v1"], attributes["w0"], attributes["scenarios"]) == (0.85, 0.25, 3, "t.txt")


FRAME = pandas.DataFrame({"s": [0.85], "v1": [0.25], "w0": [3]})


def write_h5py(path):
    with h5py.File(path, "w") as file:
        file["s"], file["v1"], file["w0"] = np.array([0.85], ">f8"), [0.25], np.array([3], "u1")


def write_texts(path):
    with h5py.File(path, "w") as file:
        file["s"], file["v1"], file["w0"] = ["0.85"], np.array([b"0.25"]), [3]
        file["initial"] = np.array([b"-"], "S8")


def write_netcdf4(path):
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("case", None)
        for name, values in FRAME.items():
            file.createVariable(name, "f8", ("case",), zlib=True)[:] = values.to_numpy()
        file.createVariable("model", str, ("case",))[0] = "-"


DATASETS = {
    "h5py": write_h5py,
    "texts": write_texts,
    "netCDF4": write_netcdf4,
    "xarray": lambda path: xarray.Dataset({name: ("case", values) for name, values in FRAME.items()}).to_netcdf(path),
    "characters": lambda path: xarray.Dataset(
        {**{name: ("case", values) for name, values in FRAME.items()}, "initial": ("case", np.array([b"-"]))}).to_netcdf(path),
    "index": lambda path: FRAME.to_xarray().to_netcdf(path),
    "coordinate": lambda path: FRAME.assign(case=[17]).set_index("case").to_xarray().to_netcdf(path),
    "column as coordinate": lambda path: FRAME.set_index("s").to_xarray().to_netcdf(path),
    "packed": lambda path: FRAME.astype({"w0": float}).to_xarray().to_netcdf(path, encoding={"w0": {"dtype": "i2", "scale_factor": 0.5, "_FillValue": -1}}),
    "pandas": lambda path: FRAME.to_csv(path, index=False),
    "pandas, tabs": lambda path: FRAME.to_csv(path, index=False, sep="\t"),
    "a text for people": lambda path: Path(path).write_text(FRAME.to_string(index=False)),
}  # fmt: skip


@pytest.mark.parametrize("name", DATASETS)
def test_what_others_write(tmp_path, expected, name):
    DATASETS[name](tmp_path / "t")
    assert run(tmp_path, "--scenarios", "t") == expected


def test_ini_and_ranks(wealthsim, tmp_path, expected):
    """The table may be named in an INI file, and all ranks have the same."""
    (tmp_path / "t.txt").write_text(TEXTS["blanks"])
    (tmp_path / "run.ini").write_text("[model]\nscenarios = t.txt\n")
    assert run(tmp_path, "--config", "run.ini") == expected
    wealthsim(*QUICK, "--config", "run.ini", "-o", "out.h5", ranks=3)
    assert faults.fingerprint(tmp_path / "out.h5") == expected


def test_files(tmp_path):
    """Model files and start values, whose names have blanks, are relative to the working folder."""
    os.mkdir(tmp_path / "a b")
    (tmp_path / "a b" / "m, #1.h5").write_bytes(Path(MODELS["buffer_stock"]).read_bytes())
    with h5py.File(tmp_path / "a b" / "start.h5", "w") as file:
        file["x"] = [1.0, 2, 5]
    (tmp_path / "t.csv").write_text('initial,model,w0\n a b/start.h5:x , "a b/m, #1.h5",-\n')
    found = run(tmp_path, "--scenarios", "t.csv")
    assert found == run(tmp_path, "--initial", "a b/start.h5:x", "--model", "a b/m, #1.h5")
    (tmp_path / "t.csv").write_text('initial\n"a b/start.h5:x"\n')
    assert found == run(tmp_path, "--model", "a b/m, #1.h5", "--scenarios", "t.csv")


def test_resumed(tmp_path):
    """A table of one row goes on where its options were stopped, and where its own were."""
    (tmp_path / "t.txt").write_text("s\n0.85\n")
    whole = run(tmp_path, "--scenarios", "t.txt")
    run(tmp_path, "--scenarios", "t.txt", "--checkpoint", "ck", "--checkpoint-every", "3p")
    assert run(tmp_path, "--s", 0.85, "--checkpoint", "ck", "--resume") == whole
    assert run(tmp_path, "--scenarios", "t.txt", "--checkpoint", "ck", "--resume") == whole
    (tmp_path / "t.txt").write_text("s\n0.8\n")
    result = faults.alone(*QUICK, "--scenarios", "t.txt", "--checkpoint", "ck", "--resume", cwd=tmp_path, status=2)
    assert "--s" in result.stderr


# ---- what is refused ------------------------------------------------------------------------------------------


INDEX = "is it the rows' numbers? Write the table without them (pandas: index=False)"
REFUSED = [
    ("", ["--scenarios: 't.txt' is empty: its first line names the columns"]),
    ("# s v1\n\n", ["--scenarios: 't.txt' is empty: its first line names the columns"]),
    ("s v1\n# 0.5 0.1\n", ["--scenarios: 't.txt' has no rows: each is a case"]),
    ("s v1 s\n0.5 0.1 0.6\n", ["t.txt, header (line 1): column s is there twice"]),
    ("\ns,v1\n0.5,0.1\n# more\n0.5\n", ["t.txt, row 2 (line 5): 1 cell, and the header names 2 columns"]),
    ("s,v1\n0.5,0.1,7,8\n", ["t.txt, row 1 (line 2): 4 cells, and the header names 2 columns"]),
    ("s,v1\n0.5,\n", ["t.txt, row 1 (line 2): v1: the cell is empty: write - for the option's own value"]),
    ("s v1\n2 0.1\n0.5 -1\n", ["t.txt, row 1 (line 2): s: '2' is out of range: 0 to 1",
                               "t.txt, row 2 (line 3): v1: '-1' is out of range: 0 or more"]),
    ("s v1\n0.5 nan\n0.5 0.1x\n", ["t.txt, row 1 (line 2): v1: 'nan' is not a finite number",
                                   "t.txt, row 2 (line 3): v1: '0.1x' is not a finite number"]),
    ("s v3\n0.5 0.1\n", ["--scenarios: 't.txt': column 'v3' is no option of a model; did you mean 'v1'?"]),
    ("S modle\n0.5 -\n", ["--scenarios: 't.txt': column 'S' is no option of a model; did you mean 's'?",
                          "--scenarios: 't.txt': column 'modle' is no option of a model; did you mean 'model'?"]),
    ("households\n10\n", ["--scenarios: 't.txt': column 'households' is no option of a model; "
                          "columns are w0 r s v1 v2 model initial"]),
    (",s\n0,0.5\n", [f"t.txt, header (line 1): column 1 has no name: {INDEX}"]),
    ("s,,v1\n0,1,0.5\n", ["t.txt, header (line 1): column 2 has no name"]),
    ("s v1\n0 0.5 0.1\n1 0.5 0.2\n", ["t.txt, row 1 (line 2): 3 cells, and the header names 2 columns: is the first one the row's "
                                      "number? Write the table without (pandas: index=False)"]),
    ("s;v1\n0,5;0,1\n", ["t.txt, header (line 1): semicolons: columns are parted by commas or blanks, and decimals are written "
                         "with a point"]),
    ('initial\n"a b\n', ["t.txt, row 1 (line 2): a quote has no end on this line"]),
    ("s\n0.5\0\n", ["--scenarios: line 2 of 't.txt' is no text in ASCII or UTF-8, and the file is not HDF5's (netCDF-4's)"]),
    ("s v1\n0.5 0.1\n".encode("utf-16"),
     ["--scenarios: line 1 of 't.txt' is no text in ASCII or UTF-8, and the file is not HDF5's (netCDF-4's)"]),
    ("initial\nnone.h5\n", ["t.txt, row 1 (line 2): --initial: cannot read 'none.h5': No such file or directory"]),
    ("model\nnone.h5\n", ["t.txt, row 1 (line 2): --model: cannot read 'none.h5': No such file or directory"]),
]  # fmt: skip


@pytest.mark.parametrize("content, said", REFUSED)
def test_refused(tmp_path, content, said):
    assert faults_of_text(tmp_path, content) == said


def test_all_at_once(tmp_path):
    """The table's faults, those of its cells, of files that they name, and those of other options."""
    content = "s,v1,v1,sigma,initial\n0.5,0.1,0.2,3,-\n2,x,1,1,nofile\n0.5\n"
    assert faults_of_text(tmp_path, content, "--s", 0.2, "--paths", 1000) == [
        "t.txt, header (line 1): column v1 is there twice",
        "t.txt, row 3 (line 4): 1 cell, and the header names 5 columns",
        "--scenarios: 't.txt': column 's' is given as an option, too: take one of the two away",
        "--scenarios: 't.txt': column 'sigma' is no option of a model; columns are w0 r s v1 v2 model initial",
        "t.txt, row 2 (line 3): s: '2' is out of range: 0 to 1",
        "t.txt, row 2 (line 3): v1: 'x' is not a finite number",
        "--paths: 1000 paths of 300 households: there are not so many",
        "t.txt, row 2 (line 3): --initial: cannot read 'nofile': No such file or directory",
    ]


def test_which_wins_is_not_guessed(tmp_path):
    said = ["--scenarios: 't.txt': column 'r' is given as an option, too: take one of the two away"]
    assert faults_of_text(tmp_path, "r\n0.1\n", "--r", 0.1) == said
    (tmp_path / "run.ini").write_text("r = 0.1\n")
    assert faults_of_text(tmp_path, "r\n0.1\n", "--config", "run.ini") == said


def test_kinds_of_models(tmp_path):
    """All rows are of the built-in model, or of model files."""
    ifp, stock = MODELS["ifp"], MODELS["buffer_stock"]
    assert faults_of_text(tmp_path, f'model s\n"{ifp}" -\n- 0.5\n"{stock}" -\n') == [
        "t.txt, row 2 (line 3): model: is -, the built-in model, and other rows have files: all are of one kind",
        "--scenarios: 't.txt': column 's' is a parameter of the built-in model, and column 'model' names others",
    ]
    assert faults_of_text(tmp_path, "s w0\n0.5 -\n", "--model", ifp) == [
        "--scenarios: 't.txt': column 's' is a parameter of the built-in model, and --model names another"]
    assert faults_of_text(tmp_path, f'model\n"{ifp}"\n', "--r", 0.1) == [
        "--r: is a parameter of the built-in model, and --model names another: take one of the two away"]
    assert faults_of_text(tmp_path, f'model\n"{ifp}"\n', "--model", ifp) == [
        "--scenarios: 't.txt': column 'model' is given as an option, too: take one of the two away"]
    (tmp_path / "no.h5").write_text("no model")
    assert faults_of_text(tmp_path, f'model w0\n"{ifp}" 2\nno.h5 1\nno.h5 1\n') == [
        "t.txt, row 2 (line 3): --model: 'no.h5' is not an HDF5 file, which a model file has to be; netCDF-4 files are (of an older "
        "netCDF file nccopy -k netCDF-4 makes one)",
        "t.txt, row 1 (line 2): w0: the model file has initial_wealth: write - here, or give start values in a column initial",
    ]


def test_start_within_bounds(tmp_path):
    """A row's start values and a coupled run are held against the row's model."""
    (tmp_path / "start.txt").write_text("1\n-1\n")
    assert faults_of_text(tmp_path, "s initial\n0.5 -\n0.6 start.txt\n0.7 start.txt\n") == [
        "t.txt, row 2 (line 3): --initial: value 1 of 'start.txt' is -1: wealth must be finite, 0 or more"]
    text = f'model\n"{MODELS["buffer_stock"]}"\n'
    assert faults_of_text(tmp_path, text, "--coalescence", 1e200) == [
        "t.txt, row 1 (line 2): --coalescence: 1e+200 is not within 0 and 1e+150, the bounds of wealth"]


def test_datasets_refused(tmp_path):
    with h5py.File(tmp_path / "t.h5", "w") as file:
        file["s"], file["square"], file["v1"], file["v2"] = [0.5, 7], np.eye(2), [0.1, 0.2, 0.3], [np.nan, 1]
        file["truth"] = [True, False]
        file["r"] = h5py.SoftLink("/s")
        file.create_group("more")
    assert faults_of(tmp_path, "t.h5") == [
        "--scenarios: 'more' of 't.h5' is a group: columns are datasets at the top of the file",
        "--scenarios: 'r' of 't.h5' is a link, which is not followed: write the values themselves",
        "--scenarios: 'square' of 't.h5' is not one-dimensional, of numbers or texts: a column is a dataset of its own",
        "--scenarios: 'truth' of 't.h5' is not one-dimensional, of numbers or texts: a column is a dataset of its own",
        "--scenarios: 'v1' of 't.h5' has another number of values than the first column",
        "t.h5, row 1: v2: 'nan' is not a finite number",
        "t.h5, row 2: s: '7' is out of range: 0 to 1",
    ]
    FRAME.assign(s=np.nan).to_xarray().to_netcdf(tmp_path / "t.nc")
    assert faults_of(tmp_path, "t.nc") == ["t.nc, row 1: s: missing (nan: _FillValue or missing_value)"]


def test_damaged(tmp_path):
    """Half a file, and one with other bytes in it, are refused or read, and nothing else."""
    write_h5py(tmp_path / "t.h5")
    whole = (tmp_path / "t.h5").read_bytes()
    random = np.random.default_rng(1)
    for case in range(faults.many(12)):
        damaged = bytearray(whole)
        if case % 3 == 0:
            del damaged[random.integers(8, len(whole)) :]
        for place in random.integers(8, len(damaged), size=case % 3 * 4):
            damaged[place] = random.integers(256)
        (tmp_path / "t.h5").write_bytes(damaged)
        result = faults.alone(*QUICK, "--scenarios", "t.h5", "-o", "out.h5", cwd=tmp_path, status=None)
        assert result.status in (0, 2) and (result.status == 0 or "t.h5" in result.stderr), result


def test_no_regular_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    pipe = "is a pipe or a device, and is read more than once: write what comes out of it to a file first"
    assert faults_of(tmp_path, "pipe") == [f"--scenarios: 'pipe' {pipe}"]
    assert faults_of(tmp_path, "/dev/null") == [f"--scenarios: '/dev/null' {pipe}"]
    assert faults_of(tmp_path, ".") == ["--scenarios: cannot read '.': Is a directory"]
    assert faults_of(tmp_path, "none.txt") == ["--scenarios: cannot read 'none.txt': No such file or directory"]


def test_nothing_is_overwritten(tmp_path):
    """The table, and the files in its cells, are files that the run reads."""
    (tmp_path / "m.h5").write_bytes(Path(MODELS["buffer_stock"]).read_bytes())
    with h5py.File(tmp_path / "start.h5", "w") as file:
        file["x"] = [1.0, 2]
    (tmp_path / "ck.1").write_text("model,initial\nm.h5,start.h5:x\n")
    for name in "ck.1", "m.h5", "start.h5":
        assert faults_of(tmp_path, "ck.1", "-o", name) == [
            f"--output: '{name}' is the file that --scenarios reads: the result would replace it: give another -o FILE"]
    said = faults_of(tmp_path, "ck.1", "--checkpoint", "ck")
    assert said[0].startswith("--scenarios: 'ck.1' has a name that --checkpoint 'ck' gives its own files")
    os.rename(tmp_path / "ck.1", tmp_path / "t.csv")
    os.rename(tmp_path / "m.h5", tmp_path / "ck.2")
    (tmp_path / "t.csv").write_text("model,initial\nck.2,start.h5:x\n")
    said = faults_of(tmp_path, "t.csv", "--checkpoint", "ck")
    assert said[0].startswith("--scenarios: 'ck.2' has a name that --checkpoint 'ck' gives its own files")
