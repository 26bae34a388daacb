"""jobs/long.sbatch and jobs/one-node.sbatch on a real Slurm: stopped, timed out, put in the queue again, cancelled."""
import datetime
import os
import re
import signal
import time

import pytest

import cluster
import program
from faults import KILLS, alone, fingerprint, history, is_listening, period_of, ranks_of_job, until

MODEL = ("-n", 20000, "--seed", 5, "--record-every", 1000)
ENDLESS = ("-T", 100_000_000)
LAUNCHERS = pytest.mark.parametrize("launch", [None, "mpirun --bind-to none"], ids=["srun", "mpirun"])
ONE_EACH = ("--ntasks-per-node=1", "--cpus-per-task=1")


def submit(slurm, script, folder, *arguments, launch=None, options=ONE_EACH, env=None):
    env = {"WEALTHSIM": str(program.PROGRAM), **({"LAUNCH": launch} if launch else {}), **(env or {})}
    return slurm.submit(program.ROOT / "jobs" / script, *arguments, options=options, cwd=folder, env=env)


def log_of(slurm, folder, number):
    path = folder / f"wealthsim-{number}.log"
    return path.read_text() if path.exists() else slurm.logs()


def until_checkpoints(slurm, folder, number, count):
    until(lambda: history(folder, f"wealthsim-{number}.ck")[:1] >= [count] or
          slurm.job(number)["JobState"] in cluster.FINAL_STATES, cluster.HANGS, 0.05, f"checkpoint {count}")  # fmt: skip
    assert history(folder, f"wealthsim-{number}.ck")[:1] >= [count], log_of(slurm, folder, number)


def check(folder, number, *options):
    """Going on from the job's newest checkpoint gives what a straight run of so many periods does."""
    name = f"wealthsim-{number}.ck"
    period = period_of(folder / f"{name}.{history(folder, name)[0]}")
    model = ("-q", *MODEL, "-T", period + 10)
    alone(*model, "-o", "straight.h5", cwd=folder)
    alone(*model, "-o", "resumed.h5", "--checkpoint", name, "--resume", cwd=folder, threads=2)
    assert fingerprint(folder / "resumed.h5") == fingerprint(folder / "straight.h5")


@LAUNCHERS
def test_one_node(slurm, tmp_path, launch):
    model = (*MODEL, "-T", 50)
    number = submit(slurm, "one-node.sbatch", tmp_path, *model, launch=launch, options=("--ntasks-per-node=2", "--cpus-per-task=2"))
    job = slurm.wait(number)
    assert (job["JobState"], job["ExitCode"]) == ("COMPLETED", "0:0"), log_of(slurm, tmp_path, number)
    alone("-q", *model, "-o", "straight.h5", cwd=tmp_path)
    file = program.read(tmp_path / f"wealthsim-{number}.h5")
    assert (file.attributes["hosts"], file.attributes["ranks"], file.attributes["threads"]) == (1, 2, 2)
    assert fingerprint(tmp_path / f"wealthsim-{number}.h5") == fingerprint(tmp_path / "straight.h5")


@LAUNCHERS
def test_queued_again_to_completion(slurm, tmp_path, launch):
    """Each request to stop is followed by another start; the last one completes the run."""
    model = (*MODEL, "-T", 20000, "--checkpoint-every", "500p")
    number = submit(slurm, "long.sbatch", tmp_path, *model, launch=launch)
    starts = (1, 2) if launch is None else (1,)  # mpirun takes 12 s to end with that status
    for start in starts:
        newest = (history(tmp_path, f"wealthsim-{number}.ck") or [0])[0]
        until_checkpoints(slurm, tmp_path, number, newest + 1)
        slurm.client("scancel", "-s", "USR1", "-b", number)
        until(lambda: int(slurm.job(number)["Restarts"]) == start, cluster.HANGS, 0.1, f"start {start + 1}")
    job = slurm.wait(number)
    log = log_of(slurm, tmp_path, number)
    assert (job["JobState"], job["ExitCode"]) == ("COMPLETED", "0:0"), log
    assert all(f"job {number}, start {start}: 2 ranks" in log for start in (*starts, len(starts) + 1)), log
    assert log.count("with a checkpoint in") == log.count("going on from") == len(starts), log
    assert f"start {len(starts) + 2}" not in log, log
    alone("-q", *model, "-o", "straight.h5", cwd=tmp_path)
    assert fingerprint(tmp_path / f"wealthsim-{number}.h5") == fingerprint(tmp_path / "straight.h5")


def test_time_limit_and_cancel(slurm, tmp_path):
    """A real TIMEOUT, and scancel: SIGTERM, which the run obeys with a checkpoint; not put in the queue again. By srun
    and by mpirun, all at once, because Slurm looks at limits every 30 s. Without the request to stop before the limit:
    if Slurm looks within the 5 s, it sends that first, and the job goes on in another start."""
    launchers = [None, None, "mpirun --bind-to none", "mpirun --bind-to none"]
    unasked = (*ONE_EACH, "--signal=B:CONT@1")
    numbers = [submit(slurm, "long.sbatch", tmp_path, *MODEL, *ENDLESS, launch=launch, options=unasked) for launch in launchers]
    for number in numbers:
        until(lambda: len(ranks := ranks_of_job(number, 0)) == 2 and all(map(is_listening, ranks)), cluster.HANGS, 0.1, "the ranks")
    time.sleep(1)
    slurm.client("scontrol", "update", f"jobid={numbers[0]},{numbers[2]}", "EndTime=now+5")
    slurm.client("scancel", numbers[1], numbers[3])
    states = [slurm.wait(number)["JobState"] for number in numbers]
    logs = [log_of(slurm, tmp_path, number) for number in numbers]
    assert states == ["TIMEOUT", "CANCELLED"] * 2, logs
    for number, log in zip(numbers, logs):
        assert history(tmp_path, f"wealthsim-{number}.ck") == [1], log
        assert "start 2" not in log, log
        check(tmp_path, number)


def test_knows_its_end_of_time(slurm, tmp_path):
    """The script tells the run when to end, a minute before its time is over; the run stops by then (test_checkpoint.py)."""
    begin = datetime.datetime.now()
    number = submit(slurm, "long.sbatch", tmp_path, *MODEL, "-T", 50, options=(*ONE_EACH, "--time=7"))
    job = slurm.wait(number)
    log = log_of(slurm, tmp_path, number)
    until_when = datetime.datetime.fromisoformat(re.search("the run is to end by (.*)", log)[1])
    assert job["JobState"] == "COMPLETED" and 355 < (until_when - begin).total_seconds() < 380, log


def test_time_too_short(slurm, tmp_path):
    """Slurm would ask such a job to stop as soon as it has begun, again and again."""
    number = submit(slurm, "long.sbatch", tmp_path, *MODEL, *ENDLESS, options=(*ONE_EACH, "--time=2"))
    job = slurm.wait(number)
    log = log_of(slurm, tmp_path, number)
    assert (job["JobState"], job["ExitCode"], job["Restarts"]) == ("FAILED", "2:0", "0"), log
    assert re.search(r"of its time \d+ s are left, .* 120 s before the end .*: give it more by --time", log), log


def test_requeued_by_slurm(slurm, tmp_path):
    """As when a node has failed: without a word to the run, which is killed after KillWait at the latest."""
    model = (*MODEL, "-T", 20000, "--checkpoint-every", "500p")
    number = submit(slurm, "long.sbatch", tmp_path, *model)
    until_checkpoints(slurm, tmp_path, number, 2)
    slurm.client("scontrol", "requeue", number)
    job = slurm.wait(number)
    log = log_of(slurm, tmp_path, number)
    assert job["JobState"] == "COMPLETED" and "going on from" in log, log
    alone("-q", *model, "-o", "straight.h5", cwd=tmp_path)
    assert fingerprint(tmp_path / f"wealthsim-{number}.h5") == fingerprint(tmp_path / "straight.h5")


def kill_a_rank(number, start):
    """kill -9 of the last rank of this start of a job, as soon as there are two."""
    until(lambda: len(ranks_of_job(number, start - 1)) == 2, cluster.HANGS, 0.05, f"ranks of job {number}")
    os.kill(ranks_of_job(number, start - 1)[-1], signal.SIGKILL)


def first_status(number, log):
    """The launcher's status after the first start: 137, or with Slurm 24 that of a rank that ended because of the killed one."""
    return int(re.search(rf"job {number}: exit status (\d+)", log)[1])


def test_rank_killed(slurm, tmp_path, record_property):
    """kill -9 of a rank: the others do not wait for it, and the job is put in the queue again. By srun, which here does so
    because the script says so, and by mpirun, at once."""
    model = (*MODEL, "-T", 20000, "--checkpoint-every", "500p")
    numbers = [submit(slurm, "long.sbatch", tmp_path, *model, launch=launch) for launch in (None, "mpirun --bind-to none")]
    for number in numbers:
        until_checkpoints(slurm, tmp_path, number, 1)
        kill_a_rank(number, 1)
    alone("-q", *model, "-o", "straight.h5", cwd=tmp_path)
    for number in numbers:
        job, log = slurm.wait(number), log_of(slurm, tmp_path, number)
        assert (job["JobState"], job["Restarts"]) == ("COMPLETED", "1"), log
        assert first_status(number, log) not in (0, 1, 2, 75) and "going on from" in log and "stopped at" not in log, log
        assert fingerprint(tmp_path / f"wealthsim-{number}.h5") == fingerprint(tmp_path / "straight.h5"), log
    record_property(KILLS, len(numbers))


def test_killed_before_a_further_checkpoint(slurm, tmp_path):
    """The next start would come no further: the job fails, and what it says then is the way to go on."""
    model = (*MODEL, "-T", 3000)
    alone("-q", *MODEL, "-T", 1000, "-o", "first.h5", "--checkpoint", "first.ck", cwd=tmp_path)
    alone("-q", *model, "-o", "straight.h5", cwd=tmp_path)
    env = {"CHECKPOINT": "first.ck"}
    number = submit(slurm, "long.sbatch", tmp_path, *MODEL, *ENDLESS, env=env)
    until(lambda: "going on from 'first.ck.1'" in log_of(slurm, tmp_path, number), cluster.HANGS, 0.05, "the run")
    kill_a_rank(number, 1)
    job, log = slurm.wait(number), log_of(slurm, tmp_path, number)
    status = first_status(number, log)
    assert status not in (0, 1, 2, 75)
    assert (job["JobState"], job["ExitCode"], job["Restarts"]) == ("FAILED", f"{status}:0", "0"), log
    assert f"job {number}: not complete: CHECKPOINT=first.ck sbatch … goes on from first.ck.1" in log, log

    number = submit(slurm, "long.sbatch", tmp_path, *model, env=env)
    job, log = slurm.wait(number), log_of(slurm, tmp_path, number)
    assert job["JobState"] == "COMPLETED" and "going on from 'first.ck.1', period 1000" in log, log
    assert fingerprint(tmp_path / f"wealthsim-{number}.h5") == fingerprint(tmp_path / "straight.h5")
