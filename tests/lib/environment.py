"""The environment that tests run in, and how their processes are found and ended. Standard library only."""
import os
import signal
import time
from pathlib import Path

# Open MPI: root is welcome, ranks may outnumber cores and give way while they wait, nobody is bound to a core.
# HDF5: ranks compare the arguments of their collective calls. OpenMP: waiting threads sleep.
TEST_ENVIRONMENT = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_mpi_yield_when_idle": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    "OMP_WAIT_POLICY": "passive",
    "H5_COLL_API_SANITY_CHECK": "1",
}


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


def end_processes(value, name="WEALTHSIM_TEST", keep=None, grace=2.0):
    """End by pid what is marked, except keep: first it may end by itself, then SIGTERM, then SIGKILL. Returns
    those that had to be ended, as 'command (pid)'."""
    ended = []
    for send in None, signal.SIGTERM, signal.SIGKILL:
        limit = time.monotonic() + (0.5 if send is None else grace)
        while pids := [pid for pid in processes_marked(value, name) if pid != keep]:
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
