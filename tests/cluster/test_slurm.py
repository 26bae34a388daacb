"""The job scripts as users submit them, on a real Slurm with two nodes."""
import os
import sys

import pytest

import program

MODEL = ("-n", 5000, "-T", 50, "--seed", 11)
SCRIPT = program.ROOT / "jobs" / "wealthsim.sbatch"


def submit(slurm, folder, *arguments, launch=None, options=()):
    """Submit the script in folder and wait: what Slurm says of the job, its log, and its result file's path."""
    env = {"WEALTHSIM": str(program.PROGRAM), **({"LAUNCH": launch} if launch else {})}
    number = slurm.submit(SCRIPT, *arguments, options=options, cwd=folder, env=env)
    job = slurm.wait(number)
    log = folder / f"wealthsim-{number}.log"
    return job, log.read_text() if log.exists() else slurm.logs(), folder / f"wealthsim-{number}.h5"


# The nodes claim more CPUs than the machine has: mpirun cannot bind to them.
@pytest.mark.parametrize("launch", [None, "mpirun --bind-to none"], ids=["srun", "mpirun"])
def test_two_nodes_give_the_answer_of_one_process(slurm, wealthsim, tmp_path, launch):
    wealthsim(*MODEL, "-o", "direct.h5", ranks=1, threads=1)
    direct = program.read(tmp_path / "direct.h5")

    job, log, path = submit(slurm, tmp_path, *MODEL, launch=launch)

    assert (job["JobState"], job["ExitCode"]) == ("COMPLETED", "0:0"), log
    file = program.read(path)
    assert file.hash == direct.hash
    assert (file["wealth"] == direct["wealth"]).all()
    assert (file.attributes["hosts"], file.attributes["ranks"], file.attributes["threads"]) == (2, 4, 2)
    assert str(file.hash) in log


def test_exit_status_of_the_program_is_the_exit_status_of_the_job(slurm, tmp_path):
    job, log, path = submit(slurm, tmp_path, "--households", "minus one")
    assert (job["JobState"], job["ExitCode"]) == ("FAILED", "2:0"), log
    assert not path.exists()


def test_verify_on_two_nodes(slurm, tmp_path):
    said = slurm.client("srun", "--mpi=pmix", "-N2", "-n4", program.PROGRAM, "verify", "--class", "tiny", cwd=tmp_path,
                        env={"OMP_NUM_THREADS": "1"})  # fmt: skip
    assert "18 of 18 checks passed" in said and "over 2 hosts" in said, said


def test_tasks_that_mpi_does_not_know(slurm, tmp_path):
    """Tasks that would each run alone write nothing (Open MPI 4 itself gives up under srun without PMIx); a program started
    alone in a batch script, which has the job's number of tasks in its environment, runs."""
    slurm.client("sh", "-c", f"! srun --mpi=none -n3 '{program.PROGRAM}' -n 10 -T 1", cwd=tmp_path)
    assert not (tmp_path / "wealthsim.h5").exists()
    script = tmp_path / "alone.sbatch"
    script.write_text(f"#!/bin/sh\n#SBATCH -n 4 -N 2 -o alone.log\n'{program.PROGRAM}' -q -n 10 -T 1\n")
    job = slurm.wait(slurm.submit(script, cwd=tmp_path))
    assert job["JobState"] == "COMPLETED", (tmp_path / "alone.log").read_text()
    assert program.read(tmp_path / "wealthsim.h5").attributes["ranks"] == 1

PYTHON = """
import os, signal, sys, threading
import wealthsim
signal.signal(signal.SIGINT, signal.default_int_handler)
small = {"households": 5000, "periods": 50, "seed": 11}
for ranks in None, 3, 1:
    data = wealthsim.run(**small, ranks=ranks)
    print(data.attrs["result_hash"], data.attrs["hosts"], data.attrs["ranks"])
try:
    wealthsim.run(s=2)
except wealthsim.UsageError as error:
    print(error)
threading.Timer(6, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    wealthsim.run(households=5000, periods=10**9, checkpoint="run.ck")
except KeyboardInterrupt:
    print("interrupted", len([name for name in os.listdir() if name.startswith("run.ck.")]), os.system("squeue -h -s | grep -v batch"))
"""


def test_python_in_a_job(slurm, wealthsim, tmp_path):
    """wealthsim.run starts as many ranks as the job has tasks, on its nodes, or as it is told to; it ends them when it is
    interrupted, with a checkpoint, and leaves nothing else behind."""
    pytest.importorskip("xarray")
    wealthsim(*MODEL, "-o", "direct.h5", ranks=0)
    script = tmp_path / "python.sbatch"
    script.write_text(f"#!/bin/sh\n#SBATCH -N 2 -n 4 -c 2 -o python.log\n'{sys.executable}' python.py\n")
    (tmp_path / "python.py").write_text(PYTHON)
    before = set(os.listdir(tmp_path))
    job = slurm.wait(slurm.submit(script, cwd=tmp_path, env={"WEALTHSIM": str(program.PROGRAM), "PYTHONPATH": str(program.ROOT / "jobs")}))
    log = (tmp_path / "python.log").read_text()
    assert job["JobState"] == "COMPLETED", log
    same = program.read(tmp_path / "direct.h5").hash
    assert log.splitlines() == [f"{same} 2 4", f"{same} 2 3", f"{same} 1 1", "--s: '2' is out of range: 0 to 1", "interrupted 1 256"], log
    assert {name for name in os.listdir(tmp_path) if not name.startswith("run.ck")} == before | {"python.log"}
