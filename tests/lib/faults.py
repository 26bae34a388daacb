"""What the tests of checkpoints share: quick runs, runs that are watched, killed and gone on from.

    run = Watched("-n", 1000, …, ranks=3, cwd=tmp_path)     # under mpirun
    run.until_listening(); run.pids("rank"); run.kill("all"); run.gone()

Choices are by seed; FAULTS=10 in the environment takes ten times as many of them.
"""
import os
import shutil
import signal
import subprocess
import time
import uuid

import h5py
import numpy as np
import pytest

import program
from environment import processes_marked

FAULTS = float(os.environ.get("FAULTS", 1))

# What is counted, for record_property.
SIGNALS = "signals, gone on from to the right bytes"
KILLS, RESUMES = "kills, resumed to the right bytes", "resumes on another layout"


def session_in(folder):
    """Open MPI 4's own files in this folder: starts at the same moment make, and remove, one that they share."""
    return {"OMPI_MCA_orte_tmpdir_base": str(folder)}


def alone_in(folder):
    """The same for a run without mpirun, in the folder that it works in."""
    return {**program.ALONE, **session_in(folder)}


def many(count):
    """So many cases in a quick run, more with FAULTS."""
    return max(1, round(count * FAULTS))


def alone(*arguments, cwd, threads=1, env=None, **rest):
    """program.run without mpirun, quickly."""
    return program.run(*arguments, ranks=0, threads=threads, cwd=cwd, env={**alone_in(cwd), **(env or {})}, **rest)


def fingerprint(path):
    """What may not depend on layout and interruptions: the hash and the bytes of all variables but the timing."""
    file = program.read(path)
    return file.hash, {name: np.asarray(values).tobytes() for name, values in file.items()}


def history(folder, name="ck"):
    """Numbers of the checkpoints that are there, newest first."""
    numbers = [entry.removeprefix(f"{name}.") for entry in os.listdir(folder) if entry.startswith(f"{name}.")]
    return sorted((int(number) for number in numbers if number.isdigit()), reverse=True)


def period_of(path):
    with h5py.File(path, "r") as file:
        return int(file.attrs["period"])


def parts(folder, beginning=""):
    """Files that are being written, or were left over."""
    return [name for name in os.listdir(folder) if ".part-" in name and name.startswith(beginning)]


def until(condition, limit=60, interval=0.001, what="it"):
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, f"{what}: not within {limit} s"
        time.sleep(interval)


def need_strace():
    if not shutil.which("strace"):
        pytest.skip("no strace here (make deps installs it)")
    tried = subprocess.run([*injected("fsync:error=EIO:when=9"), "true"], capture_output=True)
    if tried.returncode:
        pytest.skip("strace may not trace here")


def injected(*faults, rank=None):
    """The words before a command that make its system calls fail; on one rank only, where that is given."""
    calls = ",".join(fault.split(":")[0] for fault in faults)
    injections = [f"--inject={fault}" for fault in faults]
    strace = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", *injections)
    if rank is None:
        return strace
    choose = f'[ "${{OMPI_COMM_WORLD_RANK:-$PMI_RANK}}" = {rank} ] || shift {len(strace)}; exec "$@"'
    return ("sh", "-c", choose, "sh", *strace)


FAILING = program.PROGRAM.parent / "tests" / "lib" / "failing.so"
ALL = -1


def fault(call, what, first=1, count=1, rank=ALL, path=".part-"):
    """A fault for failing(): from the first-th such call on, count calls for files with path in their names, on one rank or
    all, get the errno what, or are cut short ("short")."""
    return f"{call} {first} {count} {what} {rank} {path}"


def failing(*faults, log="/dev/null"):
    """The words before a command in which these calls of the C library fail (tests/lib/failing.c)."""
    if not FAILING.exists():
        pytest.skip("tests/lib/failing.so is not built (make test-programs)")
    return ("env", f"LD_PRELOAD={FAILING}", f"WEALTHSIM_FAULTS={';'.join(faults)}", f"WEALTHSIM_FAULTS_LOG={log}")


class Watched:
    """A run under way, whose processes are known wherever they are."""

    def __init__(self, *arguments, ranks=1, threads=1, cwd=None, env=None, launcher=()):
        self.mark, self.ranks = uuid.uuid4().hex, max(ranks, 1)
        env = {**({} if ranks else alone_in(cwd)), **(env or {}), "WEALTHSIM_RUN": self.mark}
        self.line = program.command(*arguments, ranks=ranks, launcher=launcher)
        self.process = program.start(*arguments, ranks=ranks, threads=threads, cwd=cwd, env=env, launcher=launcher)

    def pids(self, kind="all"):
        """Of its ranks, or of all its processes."""
        found = processes_marked(self.mark, "WEALTHSIM_RUN")
        return [pid for pid in found if is_program(pid)] if kind == "rank" else found

    def until_listening(self):
        """Until all ranks take signals as requests."""
        until(lambda: self.process.poll() is not None or
              (len(pids := self.pids("rank")) == self.ranks and all(map(is_listening, pids))),
              what="all ranks listening", interval=0.01)  # fmt: skip
        assert self.process.poll() is None, self.say()

    def kill(self, target, rng, number=signal.SIGKILL):
        """kill -9, or another signal, to "one" rank, to "all" ranks at once, or to the launcher ("mpirun"); returns how many
        there were."""
        pids = [self.process.pid] if target == "mpirun" else self.pids("rank")
        chosen = [rng.choice(pids)] if pids and target == "one" else pids
        for pid in chosen:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
        return len(chosen)

    def ended(self, limit=60):
        """Wait for its end: exit status, output, errors."""
        self.out, self.err = self.process.communicate(timeout=limit)
        self.gone()
        return self.process.returncode, self.out, self.err

    def ended_after_kill(self, limit=30):
        """The same for a run of which a process was killed. Its launcher is to end the others. It does so; but when the
        rank died within MPI_Init, Open MPI 4.1's mpirun now and then waits for a lock of its own at its very end
        (pmix_rte_finalize of libpmix 4.2 within PMIx_server_finalize, all ranks gone; 12 times in 748 on a busy machine):
        it is then ended here, and the last value is true."""
        try:
            return *self.ended(limit), False
        except subprocess.TimeoutExpired:
            for pid in self.pids():
                os.kill(pid, signal.SIGKILL)
            return *self.ended(limit), True

    def gone(self, limit=30):
        until(lambda: not self.pids(), limit, 0.02, "the end of all its processes")

    def say(self):
        out, err = self.process.communicate(timeout=60)
        return f"{self.line}\nexit status {self.process.returncode}\n{out}\n{err}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for pid in self.pids():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.communicate()
        self.gone()


def is_program(pid):
    try:
        return os.path.samefile(f"/proc/{pid}/exe", program.PROGRAM)
    except OSError:
        return False


def ranks_of_job(number, restart):
    """Pids of the ranks of a Slurm job, on whatever of its nodes; of its first start, or after so many restarts."""
    found = []
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                environ = file.read().split(b"\0")
        except OSError:
            continue
        count = [entry.partition(b"=")[2] for entry in environ if entry.startswith(b"SLURM_RESTART_COUNT=")] or [b"0"]
        if f"SLURM_JOB_ID={number}".encode() in environ and int(count[0]) == restart and is_program(pid):
            found.append(pid)
    return found


def is_listening(pid):
    """Whether a process catches SIGUSR1."""
    try:
        with open(f"/proc/{pid}/status") as file:
            caught = next(line for line in file if line.startswith("SigCgt")).split()[1]
        return bool(int(caught, 16) >> (signal.SIGUSR1 - 1) & 1)
    except OSError:
        return False
