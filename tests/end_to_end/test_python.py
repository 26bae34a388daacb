"""The Python package: runs and results as functions, the program's words as exceptions, and nothing left behind."""
import os
import pickle
import pty
import re
import shutil
import signal
import site
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
import xarray
from environment import end_processes, processes_marked
from program import MPIRUN, PROGRAM, ROOT, read

sys.path.insert(0, str(ROOT / "jobs"))
import wealthsim  # noqa: E402
from wealthsim import child, inputs, program  # noqa: E402

DATA = ROOT / "data"
SMALL = {"households": 600, "periods": 20}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Where a test is, and its temporary files are: there are none afterwards."""
    monkeypatch.chdir(tmp_path)
    temporary = tmp_path / "t"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    yield tmp_path
    assert list(temporary.iterdir()) == []


def python(text, cwd, **options):
    """A Python of its own that knows the package."""
    env = {**os.environ, "PYTHONPATH": str(ROOT / "jobs"), **options.pop("env", {})}
    return subprocess.run([sys.executable, "-c", text], cwd=cwd, env=env, capture_output=True, text=True, timeout=120, **options)


# ---- runs ----------------------------------------------------------------------------------------------------


def test_run_is_the_command_line(wealthsim_file):
    """The same numbers as the file that the command line writes, in memory, with its names, coordinates and attributes."""
    file = wealthsim_file("-n", 600, "-T", 20, "--record-every", 10, "--quantiles", "0.9,0.25", "--seed", 7, "--r", 0.05, "--paths", 2)
    data = wealthsim.run(**SMALL, record_every=10, quantiles=[0.9, 0.25], seed=7, r=0.05, paths=2)
    assert data.attrs["result_hash"] == file.hash and data.attrs["r"] == 0.05
    for name in "median", "quantile", "wealth", "path_wealth", "period", "probability":
        assert isinstance(data[name].variable._data, np.ndarray) or name in data.indexes, f"{name} is not in memory"
        assert np.array_equal(data[name], file[name]), name
    assert data["quantile"].sel(probability=0.9, period=20) == file["quantile"][-1][1]
    assert data["median"].attrs["long_name"] and "source" not in data.encoding
    assert os.listdir() == ["t"]


@pytest.fixture
def wealthsim_file(tmp_path):
    def call(*options):
        import program as tests_program

        tests_program.run("-q", *options, "-o", "t/file.h5", cwd=tmp_path)
        file = read(tmp_path / "t" / "file.h5")
        os.remove(tmp_path / "t" / "file.h5")
        return file

    return call


def test_options_as_python_has_them():
    """Numbers with all their digits, flags, lists and paths of every kind."""
    given = {"record_every": np.int64(10), "households": 1e6, "r": 0.1 + 0.2, "no_wealth": True, "timing": np.bool_(False), "seed": None,
             "quantiles": np.array([0.5, 1 / 3]), "model": Path("a b.h5"), "s": np.float64(0.85), "w0": 0.0, "v1": xarray.DataArray(0.2)}  # fmt: skip
    assert inputs.option_words(given) == [
        "--record-every=10", "--households=1000000", "--r=0.30000000000000004", "--no-wealth", "--quantiles=0.5,0.3333333333333333",
        "--model=a b.h5", "--s=0.85", "--w0=0", "--v1=0.2"]  # fmt: skip


def test_ranks_and_threads():
    """They change nothing but the file's word of them."""
    one, two = wealthsim.run(**SMALL), wealthsim.run(**SMALL, ranks=2, threads=2)
    assert two.attrs["ranks"] == 2 and two.attrs["threads"] == 2 and one.attrs["ranks"] == 1
    assert one.attrs["result_hash"] == two.attrs["result_hash"]
    with pytest.raises(ValueError, match="ranks: 0 is not a whole number above 0"):
        wealthsim.run(ranks=0)


def test_launcher(tmp_path):
    """Words that start the ranks; the number of ranks is theirs to know. Files are where other hosts see them."""
    script = tmp_path / "start"
    script.write_text('#!/bin/sh\necho "$@" >>said\nshift 3\nexec "$@"\n')
    script.chmod(0o755)
    assert wealthsim.run(**SMALL, launcher=[script, "--gently"], ranks=3).attrs["ranks"] == 1
    said = (tmp_path / "said").read_text().split()
    assert said[:4] == ["--gently", "-n", "3", str(PROGRAM)] and str(tmp_path / ".wealthsim-") in said[-1]
    assert sorted(os.listdir()) == ["said", "start", "t"]


def test_in_a_job_of_slurm(tmp_path, monkeypatch):
    """srun starts the ranks, as in the job scripts; one rank is started alone."""
    srun = tmp_path / "srun"
    srun.write_text('#!/bin/sh\necho "$OMP_NUM_THREADS $@" >>said\nwhile [ "${1#-}" != "$1" ]; do [ "$1" = -n ] && shift; shift; done\nexec "$@"\n')
    srun.chmod(0o755)
    for name, value in {"SLURM_JOB_ID": "7", "SLURM_NTASKS": "4", "SLURM_CPUS_PER_TASK": "2", "PATH": f"{tmp_path}:{os.environ['PATH']}"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    for ranks in None, 3, 1:
        wealthsim.run(**SMALL, ranks=ranks)
    common = f"2 --mpi=pmix --kill-on-bad-exit {{}}{PROGRAM} --households=600"
    lines = (tmp_path / "said").read_text().splitlines()
    assert len(lines) == 2 and lines[0].startswith(common.format("")) and lines[1].startswith(common.format("-n 3 "))


def test_under_mpirun(tmp_path):
    """Ranks of a Python program each have runs of their own: what mpirun told them is not for these."""
    text = "import wealthsim; print([int(wealthsim.run(households=600, ranks=ranks).attrs['ranks']) for ranks in (None, 2)])"
    env = {**os.environ, "PYTHONPATH": str(ROOT / "jobs")}
    done = subprocess.run([*MPIRUN, "-n", "2", sys.executable, "-c", text], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "[1, 2]\n[1, 2]\n"), done


def test_output_is_kept(tmp_path):
    data = wealthsim.run(**SMALL, output=tmp_path / "kept.h5")
    assert read("kept.h5").hash == data.attrs["result_hash"]
    assert wealthsim.open("kept.h5").identical(data)


def test_where_the_program_is(tmp_path, monkeypatch):
    """$WEALTHSIM first; else beside the package, in this folder, or on PATH; else a line says what to do."""
    monkeypatch.setenv("WEALTHSIM", str(tmp_path / "nothing"))
    with pytest.raises(FileNotFoundError, match="nothing' is no program that can be run"):
        wealthsim.run()
    monkeypatch.delenv("WEALTHSIM")

    def put(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
        return str(path)

    monkeypatch.setattr(program, "__file__", str(tmp_path / "p/lib/python3/site-packages/wealthsim/program.py"))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    with pytest.raises(FileNotFoundError, match="neither beside this package nor in this folder nor on PATH"):
        program.find_program()
    for place in "path/wealthsim", "wealthsim", "p/bin/wealthsim":
        path = put(tmp_path / place)
        assert program.find_program() == path
    monkeypatch.setattr(program, "__file__", str(tmp_path / "tree/jobs/wealthsim/program.py"))
    assert program.find_program() == str(tmp_path / "wealthsim")
    path = put(tmp_path / "tree/wealthsim")
    assert program.find_program() == path


# ---- models and scenarios ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ifp.h5", "buffer_stock.h5"])
def test_models(name):
    """A model file, and the same as a Dataset: one answer. Quantities have names."""
    with xarray.open_dataset(DATA / name) as model:
        runs = [wealthsim.run(**SMALL, model=what) for what in (DATA / name, str(DATA / name), model, model.load())]
    assert len({run.attrs["result_hash"] for run in runs}) == 1
    assert len({run.attrs["model_digest"] for run in runs}) == 1 and runs[2].attrs["model"] == "model.h5"
    if name == "buffer_stock.h5":
        assert runs[0]["quantity"].values.tolist() == ["wealth", "level", "wealth_in_levels", "consumption"]
        assert runs[0]["group"].values.tolist() == ["all", "0", "1", "10"]  # 10 × age, 1 for the unemployed
        assert runs[0]["mean"].sel(group="1", quantity="level", period=20) == runs[0]["mean"][2, 1, -1] > 1
    with pytest.raises(TypeError, match="model: an xarray.Dataset or a file's path is wanted, not dict"):
        wealthsim.run(model={})


def written(scenarios):
    inputs.write_scenarios(scenarios, "table")
    text = Path("table").read_text()
    os.remove("table")
    return text


def test_tables():
    """As the program reads them: all digits, None as -, one value for all rows, texts in quotes; the index plays no part."""
    third = 1 / 3
    assert written({"s": [0.1, third], "r": 0.05, "initial": None}) == f"s,r,initial\n0.1,0.05,-\n{third!r},0.05,-\n"
    assert written({"model": ["a b.h5", Path("c,d.h5"), 'e"f', "-"], "w0": (1, None, np.float32(0.5), 2)}) == \
        'model,w0\n"a b.h5",1\n"c,d.h5",-\n"e""f",0.5\n-,2\n'  # fmt: skip
    assert written({"model": ["a.h5", "b c.h5"]}) == 'model\n"a.h5"\n"b c.h5"\n' and written({"a b": 1}) == '"a b"\n1\n'
    assert written({"s": 0.5}) == "s\n0.5\n" and written({"s": []}) == "s\n"
    assert written(xarray.Dataset({"s": ("row", [0.1, 0.2]), "r": 0.05}).data_vars) == "s,r\n0.1,0.05\n0.2,0.05\n"
    pandas = pytest.importorskip("pandas")
    assert written(pandas.DataFrame({"s": [0.1, third], "initial": ["x.h5", None]}, index=[7, 9])) == f's,initial\n0.1,"x.h5"\n{third!r},-\n'


def test_one_scenario():
    """A table of one row is what its options would be, from a dict or a file."""
    expected = wealthsim.run(**SMALL, s=0.1 + 0.2, r=0.05)
    Path("one.txt").write_text("s r\n0.30000000000000004 0.05\n")
    for scenarios in {"s": [0.1 + 0.2], "r": 0.05}, {"s": 0.1 + 0.2, "r": np.array([0.05]), "initial": None}, "one.txt", Path("one.txt"):
        data = wealthsim.run(**SMALL, scenarios=scenarios)
        assert data.attrs["result_hash"] == expected.attrs["result_hash"] and data.attrs["s"] == 0.1 + 0.2 and "scenario" not in data.dims
    shutil.copy(DATA / "ifp.h5", "a #b,c.h5")
    data = wealthsim.run(**SMALL, scenarios={"model": ["a #b,c.h5"]})
    assert data.attrs["result_hash"] == wealthsim.run(**SMALL, model=DATA / "ifp.h5").attrs["result_hash"]


TABLE = {"s": [0.3, 0.1 + 0.2, 0.7, 0.3], "r": 0.05, "v1": [None, 0.2, 0.3, "-"]}


@pytest.mark.parametrize("form", ["dict", "DataFrame", "file", "two ranks"])
def test_scenarios(form):
    """Every form of a table gives each row what the same options give alone, and its columns as coordinates."""
    table = dict(TABLE)
    if form == "DataFrame":
        table = pytest.importorskip("pandas").DataFrame(table)
    elif form == "file":
        inputs.write_scenarios(table, "table.csv")
        table = Path("table.csv")
    data = wealthsim.run(**SMALL, scenarios=table, record_every=10, paths=2, ranks=2 if form == "two ranks" else None)
    assert data["scenario"].values.tolist() == [0, 1, 2, 3] and {"s", "r", "v1"} <= set(data.coords) and "s" not in data.attrs
    assert data["s"].values.tolist() == TABLE["s"] and data["v1"].values.tolist() == [0.1, 0.2, 0.3, 0.1] and (data["r"] == 0.05).all()
    for i, row in enumerate([{"s": 0.3}, {"s": 0.1 + 0.2, "v1": 0.2}, {"s": 0.7, "v1": 0.3}]):
        alone = wealthsim.run(**SMALL, **row, r=0.05, record_every=10, paths=2)
        assert data["scenario_hash"].values[i] == alone.attrs["result_hash"]
        one = data.isel(scenario=i)
        for name in alone.data_vars:
            assert one[name].dims == alone[name].dims and np.array_equal(one[name], alone[name], equal_nan=True), name
        assert float(one["theory_mean"]) == alone.attrs["theory_mean"]
    assert data["scenario_hash"].values[0] == data["scenario_hash"].values[3]
    by_s = data["gini"].isel(period=-1).swap_dims(scenario="s")
    assert float(by_s.sel(s=0.7)) == float(data["gini"][2, -1])


def test_scenarios_of_models():
    """Both model files in one start: their names are texts, and the quantities those of the richer one."""
    names = [str(DATA / name) for name in ("ifp.h5", "buffer_stock.h5")]
    data = wealthsim.run(**SMALL, scenarios={"model": names})
    assert data["model"].values.tolist() == names and data["quantity"].values.tolist() == ["wealth", "level", "wealth_in_levels", "consumption"]
    for i, name in enumerate(names):
        alone = wealthsim.run(**SMALL, model=name)
        assert data["scenario_hash"].values[i] == alone.attrs["result_hash"] and data["model_digest"].values[i] == alone.attrs["model_digest"]
    assert float(data["mean"].sel(quantity="level")[0, 0]) == 1


def test_warnings_of_scenarios():
    """They name the row."""
    with pytest.warns(wealthsim.RunWarning, match="row 2 .*no stationary law"):
        wealthsim.run(**SMALL, scenarios={"s": [0.3, 0.95]})


def test_faults_of_tables():
    """By row and column, as the program says them, without the file that was written for it."""
    with pytest.raises(wealthsim.UsageError) as caught:
        wealthsim.run(scenarios={"s": [2.0, 0.3, float("nan")], "q": 1})
    assert str(caught.value).splitlines() == [
        "--scenarios: the table: column 'q' is no option of a model; did you mean 'r'?",
        "scenarios, row 1: s: '2.0' is out of range: 0 to 1",
        "scenarios, row 3: s: 'nan' is not a finite number"]  # fmt: skip
    with pytest.raises(wealthsim.UsageError, match="the table has no rows"):
        wealthsim.run(scenarios={"s": []})
    pandas = pytest.importorskip("pandas")
    with pytest.raises(wealthsim.UsageError, match="scenarios, row 2: s: '<NA>' is not a finite number"):
        wealthsim.run(scenarios=pandas.DataFrame({"s": pandas.array([1, None], dtype="Int64")}))


@pytest.mark.parametrize("scenarios, error, words", [
    ({"s": [1, 2], "r": [1, 2, 3]}, ValueError, "columns of different lengths: s has 2, r has 3"),
    ({"s": np.ones((2, 2))}, ValueError, "an array of 2 dimensions"),
    ({"initial": ["a\nb"]}, ValueError, "a text with a line's end in it"),
    ([1, 2], TypeError, "a DataFrame, a dict of lists or a file's path is wanted, not list"),
])  # fmt: skip
def test_what_is_no_table(scenarios, error, words):
    with pytest.raises(error, match=words):
        wealthsim.run(scenarios=scenarios)


# ---- what the program says -----------------------------------------------------------------------------------


def test_faults_are_exceptions(tmp_path):
    """All of them in one go, in the program's words, with the nearest name; they can be pickled, for other processes."""
    with pytest.raises(wealthsim.UsageError) as caught:
        wealthsim.run(housholds=3, s=2, quantiles=[0.5, 7], progress=False)
    fault = caught.value
    assert isinstance(fault, ValueError) and isinstance(fault, wealthsim.Error) and fault.status == 2
    lines = str(fault).splitlines()
    assert "--housholds: unknown option; did you mean --households?" in lines and "--s: '2' is out of range: 0 to 1" in lines
    assert any(line.startswith("--quantiles: ") for line in lines) and len(lines) == 3
    again = pickle.loads(pickle.dumps(fault))
    assert type(again) is wealthsim.UsageError and str(again) == str(fault) and again.status == 2
    with pytest.raises(TypeError, match="run\\(\\) got an unexpected keyword argument 'help'"):
        wealthsim.run(help=True)
    with pytest.raises(ValueError, match="^--model: cannot read 'nothing.h5': No such file or directory$"):
        wealthsim.run(model="nothing.h5", ranks=2)


def test_failing_runs(tmp_path, monkeypatch):
    """One that cannot write its result, and one that is killed."""
    with pytest.raises(wealthsim.Error, match="No such file or directory"):
        wealthsim.run(**SMALL, output="nowhere/out.h5")
    killed = tmp_path / "killed"
    killed.write_text("#!/bin/sh\necho last words >&2\nkill -9 $$\n")
    killed.chmod(0o755)
    monkeypatch.setenv("WEALTHSIM", str(killed))
    with pytest.raises(wealthsim.Error, match="^killed was ended by SIGKILL: last words$") as caught:
        wealthsim.run()
    assert caught.value.status == -9
    killed.write_text("#!/bin/sh\n")
    with pytest.raises(wealthsim.Error, match="^the program has written no result$"):
        wealthsim.run()


def test_warnings():
    """Python's, at the line that called; none without a reason."""
    with pytest.warns(wealthsim.RunWarning, match="no stationary law exists") as caught:
        wealthsim.run(**SMALL, r=0.5, s=0.9)
    assert len(caught) == 1 and caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        wealthsim.run(**SMALL)


def test_stopped():
    """At its time limit, with a checkpoint; the same call goes on from there."""
    once = {"households": 2000, "checkpoint": "run.ck", "checkpoint_every": "50p", "resume": True, "progress": False}
    wealthsim.run(periods=100, **once)
    with pytest.raises(wealthsim.Stopped, match="go on with --resume") as caught:
        wealthsim.run(periods=1e9, max_time=1, **once)
    assert caught.value.status == 75
    assert int(re.search("stopped at period ([0-9]+) of 1000000000 ", str(caught.value))[1]) > 100


# ---- progress ------------------------------------------------------------------------------------------------

# About two seconds of computing, however fast the machine is: it stops in good time.
SECONDS = "households=20_000, periods=10**9, threads=1, checkpoint='run.ck', max_time=4"
STOPS = f"""
import wealthsim
try:
    wealthsim.run({SECONDS})
except wealthsim.Stopped:
    print("stopped")
"""


def test_progress_in_a_terminal(tmp_path):
    """A bar that is drawn anew, and gone at the end; elsewhere nothing, or lines if they are asked for."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([sys.executable, "-c", STOPS], cwd=tmp_path, stderr=theirs, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
                               env={**os.environ, "PYTHONPATH": str(ROOT / "jobs"), "TERM": "xterm"})  # fmt: skip
    os.close(theirs)
    seen = b""
    try:
        while data := os.read(ours, 4096):
            seen += data
    except OSError:  # nobody has it open any more
        pass
    os.close(ours)
    assert process.communicate()[0] == b"stopped\n" and process.returncode == 0
    bars = seen.decode().split("\r")
    assert sum("household-periods/s" in bar for bar in bars) > 2 and bars[-1] == "" and bars[-2].isspace(), bars

    text = "import wealthsim; wealthsim.run(households=100_000, periods=2000, no_wealth=True{})"
    done = python(text.format(""), tmp_path)
    assert done.returncode == 0 and done.stderr == done.stdout == ""
    done = python(text.format(", progress=True"), tmp_path)
    assert re.search("^wealthsim: +[0-9]+ % done, .* left$", done.stderr, re.MULTILINE) and "\r" not in done.stderr


def test_progress_in_jupyter(monkeypatch):
    """Its standard error is an object of its own, to which the bar is written."""

    class OutStream(list):
        write = list.append

        def flush(self):
            pass

    OutStream.__module__ = "ipykernel.iostream"
    stream = OutStream()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "dumb")
    for more in {}, {"progress": False}:
        with pytest.raises(wealthsim.Stopped):
            eval(f"wealthsim.run({SECONDS}, resume=True, **more)")
        assert ("".join(stream).count("household-periods/s") > 2) == (more == {}), stream
        assert more == {} or stream == []
        stream.clear()


def test_words_in_pieces():
    """However the program's words come in, the same of them is shown and the same is kept."""
    said = ("wealthsim: warning: first:\nwealthsim: why\n\r[##   ]  20 %\r[###  ]  30 % left wealthsim: ended\nwealthsim:  40 % done, fast\n"
            "\r[#### ]  50 %\r             \rwealthsim: warning: zweite – ö\nmpirun: noise\nwealthsim: last").encode()  # fmt: skip
    for size in 1, 2, 3, 7, 1000:
        shown = []
        words = child.Words(shown.append)
        for start in range(0, len(said), size):
            words.feed(said[start : start + size])
        words.end()
        assert words.warnings() == ["first:\nwhy", "zweite – ö"] and words.message() == "why\nended\nlast"
        text = "".join(shown)
        assert "\r[##   ]  20 %" in text and "\nwealthsim:  40 % done, fast\n\r[" in text and text.endswith(" \r") and "mpirun" not in text


# ---- interrupted ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ranks", [1, 2])
@pytest.mark.parametrize("checkpoint", [False, True])
def test_interrupted(tmp_path, ranks, checkpoint):
    """KeyboardInterrupt, in a moment: no process and no file is left, but the checkpoint of a run that writes any."""
    (tmp_path / "tmp").mkdir()
    more = f", ranks={ranks}" + checkpoint * ", checkpoint='run.ck'"
    text = f"""
import signal, wealthsim
signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell's job in the background ignores
try:
    wealthsim.run(households=50_000, periods=10**9, progress=True{more})
except KeyboardInterrupt:
    print("interrupted")
"""
    env = {**os.environ, "PYTHONPATH": str(ROOT / "jobs"), "TMPDIR": str(tmp_path / "tmp"), "MINE": str(tmp_path)}
    process = subprocess.Popen([sys.executable, "-c", text], cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               start_new_session=True)  # fmt: skip
    limit = time.monotonic() + 30
    while "wealthsim" not in names_of(processes_marked(str(tmp_path), "MINE")) and time.monotonic() < limit:
        time.sleep(0.05)
    time.sleep(1)
    os.kill(process.pid, signal.SIGINT)  # not to the group: the program has one of its own
    stdout, stderr = process.communicate(timeout=60)
    assert (stdout, process.returncode) == ("interrupted\n", 0), stderr
    assert end_processes(str(tmp_path), "MINE") == []
    assert list((tmp_path / "tmp").iterdir()) == []
    assert len(list(tmp_path.glob("run.ck.*"))) == (1 if checkpoint else 0), stderr
    assert {path.name for path in tmp_path.iterdir()} - {"t", "tmp"} == {path.name for path in tmp_path.glob("run.ck.*")}


@pytest.mark.skipif(not shutil.which("setpriv"), reason="setpriv (util-linux) is not installed")
@pytest.mark.parametrize("ranks", [1, 2])
def test_killed(tmp_path, ranks):
    """Python dies without a word, as a kernel of Jupyter does that is started anew: the run ends too."""
    text = f"import wealthsim; wealthsim.run(households=50_000, periods=10**9, ranks={ranks})"
    process = subprocess.Popen([sys.executable, "-c", text], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT / "jobs"), "MINE": str(tmp_path), "TMPDIR": "t"},
                               stderr=subprocess.DEVNULL, start_new_session=True)  # fmt: skip
    limit = time.monotonic() + 30
    while "wealthsim" not in names_of(processes_marked(str(tmp_path), "MINE")) and time.monotonic() < limit:
        time.sleep(0.05)
    time.sleep(1)
    process.kill()
    process.wait()
    limit = time.monotonic() + 20
    while (left := processes_marked(str(tmp_path), "MINE")) and time.monotonic() < limit:
        time.sleep(0.05)
    end_processes(str(tmp_path), "MINE")
    shutil.rmtree(next((tmp_path / "t").glob("wealthsim-*"), "none"), ignore_errors=True)
    assert not left


def names_of(pids):
    names = []
    for pid in pids:
        try:
            names.append(Path(f"/proc/{pid}/comm").read_text().strip())
        except OSError:  # it has ended
            pass
    return names


# ---- results -------------------------------------------------------------------------------------------------


def test_open(tmp_path, monkeypatch):
    """A group of the file; results of other commands, complex ones too, by either reader; what is no file."""
    import program as tests_program

    tests_program.run("eigvals", "--matrices", 2, "--order", 3, "-q", cwd=tmp_path)
    wealthsim.run(**SMALL, threads=2, output="out.h5")
    for reader in "netCDF4", "h5netcdf":
        pytest.importorskip(reader)
        monkeypatch.setattr("wealthsim.results.has", lambda module, reader=reader: module == reader)
        values = wealthsim.open("wealthsim-eigvals.h5")["eigenvalue"]
        assert values.dtype == complex and np.allclose(np.imag(values.sum("number")), 0)
        timing = wealthsim.open("out.h5", group="timing")
        assert dict(timing.sizes) == {"rank": 1, "thread": 2} and "computing" not in wealthsim.open("out.h5")
    with pytest.raises(FileNotFoundError, match="nothing.h5"):
        wealthsim.open("nothing.h5")


def test_without_packages(tmp_path):
    """`import wealthsim` needs the standard library alone; what a function lacks is said by its names, before it runs."""
    text = """
import sys
sys.modules.update(dict.fromkeys(["numpy", "xarray", "h5py", "netCDF4", "h5netcdf", "matplotlib", "pandas", "scipy"]))
import wealthsim
from wealthsim import run, open, Error
assert {"run", "open", "plot", "calibrate"} <= set(dir(wealthsim)) and wealthsim.__version__ and wealthsim.run is run
for call in lambda: wealthsim.run(), lambda: wealthsim.open("x.h5"):
    try:
        call()
    except ImportError as error:
        print(error)
try:
    wealthsim.simulate_
except AttributeError as error:
    print(error)
"""
    done = python(text, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "wealthsim.run needs xarray, which " in done.stdout and "wealthsim.open needs xarray" in done.stdout
    assert "apt-get install python3-xarray\n" in done.stdout and "-m pip install xarray\n" in done.stdout
    assert "module 'wealthsim' has no attribute 'simulate_'" in done.stdout


# ---- pictures ------------------------------------------------------------------------------------------------


@pytest.fixture
def pyplot():
    """matplotlib's, into memory; all figures are closed, those of other tests before and these afterwards."""
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.close("all")
    yield plt
    plt.close("all")


def pixels(figure):
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba()).copy()


def test_pictures(pyplot):
    """Of a Dataset and of its file the same, as figures of pyplot; a user's own style stays as it is."""
    data = wealthsim.run(**SMALL, r=0.1, s=0.85, v1=0.3, record_every=5, paths=2, output="out.h5")
    before = dict(pyplot.rcParams)
    for name in "median", "histogram", "lorenz", "tail", "paths":
        draw = getattr(wealthsim.plot, name)
        of_data, of_file = draw(data), draw("out.h5")
        assert np.array_equal(pixels(of_data), pixels(of_file)), name
        assert of_data.number in pyplot.get_fignums() and len(of_data.axes) >= 1
        pyplot.close("all")
    assert len(wealthsim.plot.overview(data).axes) >= 5 < len(wealthsim.plot.overview("out.h5").axes)
    figure, (left, right) = pyplot.subplots(1, 2)
    assert wealthsim.plot.lorenz(data, ax=right) is figure and right.get_title() == "Lorenz curve" and not left.lines
    assert wealthsim.plot.cores("out.h5").axes[0].get_title() == "Use of the cores"
    assert dict(pyplot.rcParams) == before


def test_pictures_of_quantities(pyplot):
    """Of several quantities wealth."""
    data = wealthsim.run(**SMALL, model=DATA / "buffer_stock.h5", record_every=5, output="out.h5")
    assert np.array_equal(pixels(wealthsim.plot.median(data)), pixels(wealthsim.plot.median("out.h5")))


def test_pictures_of_scenarios(pyplot):
    """Statistics against a parameter, of a Dataset as of its file; one scenario by its number."""
    values = [0.2, 0.4, 0.6]
    data = wealthsim.run(**SMALL, scenarios={"s": values}, record_every=5, output="many.h5")
    wealthsim.run(**SMALL, s=0.4, record_every=5, output="0.4.h5")
    figures = wealthsim.plot.scenarios(data), wealthsim.plot.scenarios("many.h5", against="s")
    for of_data, of_file in zip(figures[0].axes, figures[1].axes):
        assert of_data.get_title() == of_file.get_title() and of_data.get_xlabel().startswith("s, ")
        for one, other in zip(of_data.lines, of_file.lines):
            assert np.array_equal(one.get_xydata(), other.get_xydata(), equal_nan=True)
    assert [figure._suptitle.get_text().partition(":")[0] for figure in figures] == ["result", "many.h5"]
    assert np.array_equal(pixels(wealthsim.plot.tail(data.isel(scenario=1))), pixels(wealthsim.plot.tail("0.4.h5")))
    with pytest.raises(ValueError, match="^several scenarios: draw one of them"):
        wealthsim.plot.median(data)
    with pytest.raises(ValueError, match="^--against q: what differs between its runs is s"):
        wealthsim.plot.scenarios(data, against="q")
    assert len(pyplot.get_fignums()) == 4


def test_pictures_that_cannot_be(pyplot, tmp_path):
    """They say why, and leave no figure."""
    data = wealthsim.run(**SMALL, no_wealth=True)
    for name, words in ("histogram", "it has no wealth"), ("paths", "it has no path_wealth"), ("cores", "it has no group /timing"):
        with pytest.raises(ValueError, match=words):
            getattr(wealthsim.plot, name)(data)
    with pytest.raises(ValueError, match="^not a result of wealthsim run"):
        wealthsim.plot.median(xarray.Dataset({"x": 1}))
    (tmp_path / "text").write_text("no HDF5")
    with pytest.raises(ValueError, match="text: not an HDF5 file"):
        wealthsim.plot.overview("text")
    assert pyplot.get_fignums() == []


def test_pictures_of_other_commands(pyplot, tmp_path):
    import program as tests_program

    tests_program.run("path", "-q", "-T", 20, cwd=tmp_path)
    data = wealthsim.open("wealthsim-path.h5")
    for what in data, "wealthsim-path.h5":
        line = wealthsim.plot.path(what).axes[0].lines[0]
        assert np.array_equal(line.get_ydata(), data["path_wealth"][0])


# ---- installed -----------------------------------------------------------------------------------------------


def tree_for(folder):
    """What installing needs of the source tree, in a new folder where it may leave what it makes."""
    folder.mkdir()
    for name in "Makefile", "README.md":
        shutil.copy(ROOT / name, folder)
    for name in ".ci", "jobs", "data":
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
    (folder / "build").mkdir()
    shutil.copy(PROGRAM, folder / "build" / "wealthsim")
    return folder


def readme_example():
    """README's first Python, as it stands."""
    return re.search(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)[1]


def check_installed(places, cwd, **env):
    """README's example runs on the package that is there, and on no other."""
    example = readme_example()
    assert len(example.splitlines()) == 3
    text = f"{example}\nprint(wealthsim.__file__, data.sizes['household'])"
    env = {**{name: value for name, value in os.environ.items() if name != "WEALTHSIM"}, "PYTHONPATH": places, **env}
    done = subprocess.run([sys.executable, "-W", "error::wealthsim.RunWarning", "-c", text], cwd=cwd, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(places.split(":")[0]) and done.stdout.endswith(" 50000\n"), done.stdout


def test_make_install(tmp_path):
    """Where Python would not look by itself, it says how; uninstalling leaves nothing, Python's caches included."""
    tree, prefix = tree_for(tmp_path / "tree"), tmp_path / "p q"
    make = ["make", "-s", "-o", "all", f"PREFIX={prefix}", f"PYTHON={sys.executable}"]
    done = subprocess.run([*make, "install"], cwd=tree, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    places = re.search(r"export PYTHONPATH='(.*)'\n$", done.stdout)[1]
    check_installed(places, tmp_path)
    assert (Path(places) / "wealthsim" / "py.typed").exists()
    subprocess.run([*make, "uninstall"], cwd=tree, check=True, timeout=100)
    assert not prefix.exists() or not any(prefix.iterdir())


def test_make_install_where_python_looks(tmp_path):
    """In /usr/local of Debian, or a Python's own prefix: there the package goes, without a word."""
    place = next((place for place in site.getsitepackages() if place.startswith(("/usr/local/lib", sys.prefix + "/lib"))), None)
    prefix = place and place.partition("/lib/")[0]
    if not place:
        pytest.skip("this Python has no folder for packages")
    tree = tree_for(tmp_path / "tree")
    done = subprocess.run(["make", "-s", "-o", "all", f"PREFIX={prefix}", f"DESTDIR={tmp_path}/stage", f"PYTHON={sys.executable}", "install"],
                          cwd=tree, capture_output=True, text=True, timeout=100)  # fmt: skip
    assert (done.returncode, done.stdout) == (0, ""), done
    assert (tmp_path / f"stage{place}" / "wealthsim" / "plot" / "__init__.py").exists()


def test_pip_install(tmp_path):
    """pip puts the package and its kind of type hints into a folder; the program is on PATH then, or in the folder of the call."""
    wanted = "import setuptools, wheel, pip, sys; sys.exit(int(setuptools.__version__.split('.')[0]) < 61)"
    if subprocess.run([sys.executable, "-c", wanted], capture_output=True).returncode:
        pytest.skip("pip, wheel or setuptools 61 is not installed")
    shutil.copytree(ROOT / "jobs", tmp_path / "jobs", ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
    command = [sys.executable, "-m", "pip", "install", "--no-build-isolation", "--no-deps", "--no-index", "--no-cache-dir", "--target", "site", "./jobs"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert (tmp_path / f"site/wealthsim-{wealthsim.__version__}.dist-info").exists() and (tmp_path / "site/wealthsim/py.typed").exists()
    (tmp_path / "bin").mkdir()
    os.symlink(PROGRAM, tmp_path / "bin" / "wealthsim")
    check_installed(str(tmp_path / "site"), tmp_path, PATH=f"{tmp_path}/bin:{os.environ['PATH']}")
