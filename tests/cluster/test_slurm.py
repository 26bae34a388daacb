"""The job scripts as users submit them, on a real Slurm with two nodes."""
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
