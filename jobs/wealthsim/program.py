"""Where the program is, and how its ranks are started. Standard library only."""
from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

# A process without mpirun that starts in a tenth of a second: no daemon, no look around for networks.
ALONE = {"OMPI_MCA_ess_singleton_isolated": "1", "OMPI_MCA_pml": "ob1", "OMPI_MCA_btl": "self", "OMPI_MCA_osc": "^ucx"}
# What a launcher that started Python itself has left for its own ranks.
LAUNCHED = "OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK"
LAUNCHERS_OWN = "OMPI_COMM_WORLD_", "OMPI_MCA_ess_", "OMPI_MCA_orte_", "PMIX_", "PMI_", "PRTE_", "HYDRA_", "OMPI_UNIVERSE_", "OMPI_APP_", "OMPI_NUM_APP"
SRUN = "srun", "--mpi=pmix", "--kill-on-bad-exit"


@dataclass
class Start:
    """How to start the program: words before its options, the whole environment, and the signal that stops it."""

    words: list[str]
    environment: dict[str, str] = field(repr=False)
    stop: int = signal.SIGTERM  # also with a checkpoint
    is_far: bool = False  # ranks may be on other hosts, which see no folder of this one's own


def find_program() -> str:
    """The program's path: $WEALTHSIM; that of the source tree or of the prefix that the package is in; ./wealthsim; or one on
    $PATH."""
    told = os.environ.get("WEALTHSIM")
    if told:
        if not is_program(told):
            raise FileNotFoundError(f"WEALTHSIM='{told}' is no program that can be run")
        return os.path.abspath(told)
    here = Path(__file__).resolve()
    places = [here.parents[2] / "wealthsim", *(folder / "bin" / "wealthsim" for folder in here.parents), Path("wealthsim")]
    found = next((os.path.abspath(place) for place in places if is_program(place)), None) or shutil.which("wealthsim")
    if not found:
        raise FileNotFoundError("the program wealthsim is neither beside this package nor in this folder nor on PATH: build it (make), "
                                "install it (make install), or set WEALTHSIM to its path")  # fmt: skip
    return found


def is_program(path: str | Path) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)


def how_to_start(ranks: int | None, launcher: str | Sequence[str] | None) -> Start:
    """Alone, by mpirun, by srun in a job of Slurm, or as the launcher says."""
    if ranks is not None and (isinstance(ranks, bool) or int(ranks) != ranks or ranks < 1):
        raise ValueError(f"ranks: {ranks!r} is not a whole number above 0")
    program = find_program()
    environment = without_launchers_own(dict(os.environ))
    in_job = "SLURM_JOB_ID" in os.environ and shutil.which("srun") is not None
    many = ranks is not None and ranks > 1
    if launcher is None and not many and not (in_job and ranks is None and int(os.environ.get("SLURM_NTASKS", "1")) > 1):
        return Start([program], {**ALONE, "HWLOC_COMPONENTS": "-gl", **environment})

    advice = subprocess.run([program, f"--launcher{'=cluster' if in_job else ''}"], env=environment, stdout=subprocess.PIPE, text=True,
                            check=True).stdout  # fmt: skip
    environment.update(re.findall(r"^export (\w+)='(.*)'$", advice, re.MULTILINE))
    if launcher is not None:
        words = shlex.split(launcher) if isinstance(launcher, str) else [str(word) for word in launcher]
    else:
        words = list(SRUN) if in_job else mpirun_of(advice)
    if in_job:  # as the job scripts do
        environment.setdefault("OMP_NUM_THREADS", os.environ.get("SLURM_CPUS_PER_TASK", "1"))
        environment.setdefault("SRUN_CPUS_PER_TASK", environment["OMP_NUM_THREADS"])
    # mpirun of Open MPI hands SIGUSR2 to its ranks, which then stop; at SIGTERM it does not wait for them.
    is_open_mpi = advice.startswith("# Open MPI") and os.path.basename(words[0]).startswith(("mpirun", "mpiexec", "orterun", "prterun"))
    count = ["-n", str(int(ranks))] if ranks is not None else []
    return Start([*words, *count, program], environment, signal.SIGUSR2 if is_open_mpi else signal.SIGTERM, launcher is not None or in_job)


def without_launchers_own(environment: dict[str, str]) -> dict[str, str]:
    if not any(name in environment for name in LAUNCHED):
        return environment
    return {name: value for name, value in environment.items() if not name.startswith(LAUNCHERS_OWN)}


def mpirun_of(advice: str) -> list[str]:
    """The launcher of the program's own MPI: $MPIRUN, or the one that it names, of several on Debian the right one."""
    if os.environ.get("MPIRUN"):
        return shlex.split(os.environ["MPIRUN"])
    mpi = "mpich" if advice.startswith("# MPICH") else "openmpi"
    named = re.search(r"^# ranks unbound: (\w+) ", advice, re.MULTILINE)
    name = named[1] if named else "mpirun"
    found = shutil.which(f"{name}.{mpi}") or shutil.which(name)
    if not found:
        raise FileNotFoundError(f"several ranks need {name}, which is not on PATH: install {'mpich' if mpi == 'mpich' else 'openmpi-bin'}, "
                                "or load the MPI that the program was built with, or set MPIRUN")  # fmt: skip
    return [found]
