"""Running the built program under mpirun, and reading what it wrote.

    result = run("-n", 1000, "-T", 10, "-o", "out.h5", ranks=3, threads=2, cwd=tmp_path)
    result.stdout, result.stderr, result.seconds
    file = read(tmp_path / "out.h5")
    file["wealth"], file.attributes["result_hash"]
"""
import functools
import os
import platform
import re
import shlex
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import h5py
import pytest

from environment import test_environment

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.path.abspath(os.environ.setdefault("WEALTHSIM", str(ROOT / "wealthsim"))))
MPIRUN = shlex.split(os.environ.get("MPIRUN", "mpirun"))
# A process without mpirun that starts in a tenth of a second: no daemon, no look around for networks.
ALONE = {"OMPI_MCA_ess_singleton_isolated": "1", "OMPI_MCA_pml": "ob1", "OMPI_MCA_btl": "self", "OMPI_MCA_osc": "^ucx"}


def vector_levels():
    """WEALTHSIM_VECTOR's values that this processor can run."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    flags = set(next((line for line in lines if line.startswith("flags")), "").partition(":")[2].split())
    needed = {"avx2": {"avx2", "fma", "bmi2"}, "avx512": {f"avx512{kind}" for kind in ("f", "dq", "bw", "vl", "cd")}}
    if platform.machine() == "aarch64":
        return ["portable", "neon"]
    return ["portable", *(level for level, all_of in needed.items() if all_of <= flags)]


@functools.cache
def families():
    """SPRNG's families that the program has streams of."""
    return re.search("^  streams +([^;\n]*)", run("info").stdout, re.MULTILINE)[1].split(", ")


def need_family(family):
    """Skip a test that draws from streams which the program was built without."""
    if family not in families():
        pytest.skip(f"the program has no streams of {family}: {'pmlcg is not in its SPRNG' if 'lcg' in families() else 'it is not linked with SPRNG'}")


@dataclass
class Result:
    """What a run left behind; printing it shows how to do it again."""

    command: str
    status: int
    stdout: str
    stderr: str
    seconds: float

    def __str__(self):
        return f"{self.command}\nexit status {self.status}\n--- standard output\n{self.stdout}\n--- standard error\n{self.stderr}"


def command(*arguments, ranks=1, launcher=()):
    """The command line of a run; ranks=0 starts the program alone, without mpirun. launcher: words before it."""
    mpirun = [*MPIRUN, "-np", str(ranks)] if ranks else []
    return [*mpirun, *launcher, str(PROGRAM), *map(str, arguments)]


def environment(threads=None, env=None):
    """The tests' environment with OMP_NUM_THREADS=threads and the changes of env, where None unsets."""
    changes = {**test_environment(), "OMP_NUM_THREADS": None if threads is None else str(threads), **(env or {})}
    whole = {**os.environ, **{name: value for name, value in changes.items() if value is not None}}
    return {name: value for name, value in whole.items() if changes.get(name, "") is not None}


def start(*arguments, ranks=1, threads=None, cwd=None, env=None, launcher=()):
    """Start a run and return its Popen, with both outputs as text pipes, in a process group of its own."""
    return subprocess.Popen(
        command(*arguments, ranks=ranks, launcher=launcher), cwd=cwd, env=environment(threads, env), text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def run(*arguments, ranks=None, threads=None, cwd=None, env=None, launcher=(), limit=120, status=0):
    """Run to the end, within limit seconds, and check the exit status (status=None: any will do). Without a number of ranks
    the program is started alone, which takes half as long as under mpirun."""
    __tracebackhide__ = True  # failures are shown where run was called
    if ranks is None:
        ranks, env = (1, env) if launcher else (0, {**ALONE, **(env or {})})
    begin = time.monotonic()
    process = start(*arguments, ranks=ranks, threads=threads, cwd=cwd, env=env, launcher=launcher)
    try:
        stdout, stderr = process.communicate(timeout=limit)
        timed_out = False
    except subprocess.TimeoutExpired:
        process.terminate()  # mpirun passes it on and ends its ranks
        try:
            stdout, stderr = process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            stdout, stderr = process.communicate()
        timed_out = True
    settings = [f"OMP_NUM_THREADS={threads}"] if threads else []
    settings += [f"{name}={value}" for name, value in (env or {}).items()]
    line = f"cd {shlex.quote(str(cwd or '.'))} && {shlex.join([*settings, *command(*arguments, ranks=ranks, launcher=launcher)])}"
    result = Result(line, process.returncode, stdout, stderr, time.monotonic() - begin)
    assert not timed_out, f"no end within {limit} s: {result}"
    assert status is None or result.status == status, f"exit status {status} expected: {result}"
    return result


class File(dict):
    """A result file: its variables as arrays by name, and its root attributes."""

    def __init__(self, path):
        with h5py.File(path, "r") as file:
            super().__init__({name: item[()] for name, item in file.items() if isinstance(item, h5py.Dataset)})
            self.attributes = dict(file.attrs)

    @property
    def hash(self):
        return self.attributes["result_hash"]


def read(path):
    return File(path)
