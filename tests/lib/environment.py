"""The environment that tests run in, and how their processes are found and ended. Standard library only."""
import functools
import os
import re
import signal
import subprocess
import time
from pathlib import Path

# HDF5: ranks compare the arguments of their collective calls. OpenMP: waiting threads sleep.
FIXED = {"OMP_WAIT_POLICY": "passive", "H5_COLL_API_SANITY_CHECK": "1"}
# What `make test` was told of its build: the makes that tests start are not.
TOLD_TO_MAKE = "MAKEFLAGS", "MFLAGS", "GNUMAKEFLAGS", "MAKEOVERRIDES", "MAKELEVEL", "BUILD", "SPRNG", "T", "RANKS", "WERROR", "SANITIZE", "OPTIMISE"
LAUNCHERS_OWN = "OMPI_", "PRTE_", "PMIX_", "MPIR_", "HYDRA_", "HWLOC_"


@functools.cache
def launcher_says(what="--launcher"):
    """What the program under test ($WEALTHSIM) says of its MPI's launcher. Nothing where there is no program."""
    program = os.environ.get("WEALTHSIM", "")
    if not os.access(program, os.X_OK):
        return ""
    env = {name: value for name, value in os.environ.items() if not name.startswith(LAUNCHERS_OWN)}
    return subprocess.run([program, what], env=env, stdout=subprocess.PIPE, text=True, check=True).stdout


def launcher_settings(what="--launcher"):
    """The variables that it would set; "--launcher=cluster": in jobs of several nodes."""
    return dict(re.findall(r"^export (\w+)='(.*)'$", launcher_says(what), re.MULTILINE))


def launcher_words(purpose):
    """The words of its command line for a purpose: "ranks on a core each"."""
    return re.search(rf"^# {purpose}: \w+ (.*)$", launcher_says(), re.MULTILINE)[1].split()


def mpi():
    """The MPI of the program under test: "Open MPI 4", "Open MPI 5", "MPICH"."""
    return re.match("# ([^,]*)", launcher_says())[1]


def signals_passed_on():
    """Those that its launcher hands to the ranks and takes for no order of its own. (Others: Open MPI ends its ranks; mpiexec
    of MPICH dies of USR1 and USR2.)"""
    return {signal.SIGTERM, signal.SIGINT} if mpi() == "MPICH" else {signal.SIGUSR1, signal.SIGUSR2}


def test_environment():
    """Ranks may outnumber cores and give way while they wait, nobody is bound to a core, root is welcome; Open MPI does not
    look for networks that are not here (a fifth of a second each time)."""
    return {**launcher_settings(), "OMPI_MCA_pml": "ob1", "OMPI_MCA_osc": "^ucx", **FIXED}


def chosen():
    """What make's targets set for the tests."""
    return {key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS") or key == "WEALTHSIM_TEST_SLOW"}


def processes_marked(value, name="WEALTHSIM_TEST"):
    """Pids of the processes that have name=value in their environment: what a test started, and what that
    started, wherever they have gone. This process and those it comes from are not among them."""
    own, pid = set(), os.getpid()
    while pid > 1:
        own.add(pid)
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) not in own:
            try:
                if f"{name}={value}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
            except OSError:  # it has ended, or is another user's
                pass
    return found


def end_processes(value, name="WEALTHSIM_TEST", keep=(), grace=2.0):
    """End by pid what is marked, except keep: first it may end by itself, then SIGTERM, then SIGKILL. Returns
    those that had to be ended, as 'command (pid)'."""
    ended = []
    for send in None, signal.SIGTERM, signal.SIGKILL:
        limit = time.monotonic() + (3 if send is None else grace)
        while pids := [pid for pid in processes_marked(value, name) if pid not in keep]:
            if send:
                for pid in pids:
                    try:
                        if send == signal.SIGTERM:
                            ended.append(f"{Path(f'/proc/{pid}/comm').read_text().strip()} ({pid})")
                        os.kill(pid, send)
                    except OSError:
                        pass
            if time.monotonic() > limit:
                break
            time.sleep(0.05)
        if not pids:
            break
    return sorted(set(ended))
