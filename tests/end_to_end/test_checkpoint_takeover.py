"""Two starts of a job alive at once, as when a node has lost its network and Slurm has started the job again elsewhere.

The newer takes over; the older ends with an error at its next checkpoint, and what is the newer's it never touches. (On a
real Slurm: tests/cluster/test_slurm_node_lost.py.)
"""
import contextlib
import signal
import time

import pytest
from faults import Watched, alone, fingerprint, history, injected, need_strace, parts, period_of, until

MODEL = ("-q", "-n", 20000, "--seed", 5)
ENDLESS = (*MODEL, "-T", 100_000_000, "-o", "never.h5", "--checkpoint", "ck", "--resume")
OFTEN, ON_REQUEST = ("--checkpoint-every", "20p"), ("--checkpoint-every", "1000000p")
ENDS = "another start of this run has taken 'ck' over: this one ends"


def start_of(restart):
    return {"SLURM_JOB_ID": "77", "SLURM_RESTART_COUNT": str(restart)}


def check_stopped(newer, folder):
    """The newer start is whole: it stops with a checkpoint, and from that goes on to what a straight run gives."""
    newer.process.send_signal(signal.SIGUSR2)
    status, _, err = newer.ended()
    assert status == 75 and "is taken over from process" in err and "(job 77, restart 0)" in err, err
    model = (*MODEL, "-T", period_of(folder / f"ck.{history(folder)[0]}") + 10)
    alone(*model, "-o", "straight.h5", cwd=folder, threads=2)
    alone(*model, "-o", "resumed.h5", "--checkpoint", "ck", "--resume", cwd=folder)
    assert fingerprint(folder / "resumed.h5") == fingerprint(folder / "straight.h5")
    assert parts(folder) == [] and not (folder / "ck.lock").exists()


def test_two_starts_of_a_job_at_once(tmp_path):
    with Watched(*ENDLESS, *OFTEN, ranks=2, cwd=tmp_path, env=start_of(0)) as older:
        until(lambda: history(tmp_path), 20, what="a checkpoint")
        with Watched(*ENDLESS, *OFTEN, ranks=3, cwd=tmp_path, env=start_of(1)) as newer:
            status, _, err = older.ended()
            assert status == 1 and ENDS in err, err
            first = history(tmp_path)[0]
            until(lambda: history(tmp_path)[0] > first + 2, 20, what="checkpoints of the newer start")
            check_stopped(newer, tmp_path)


# What holds up the call by which the fourth checkpoint gets its name; where the disk does not know that (NFS), the call
# in its place.
HELD_UP = {"renameat2": ("renameat2:delay_enter=6000000:when=4",),
           "link": ("renameat2:error=EINVAL:when=1+", "link:delay_enter=6000000:when=4")}  # fmt: skip


def is_held_up(run):
    """Stopped for longer than strace stops a process at any other call."""

    def is_stopped():
        with open(f"/proc/{run.pids('rank')[0]}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "t"

    return [is_stopped() for _ in range(10) if time.sleep(0.02) is None] == [True] * 10


@contextlib.contextmanager
def stopped(run):
    """A run that has nothing to do meanwhile leaves the processor to others."""
    run.process.send_signal(signal.SIGSTOP)
    yield
    run.process.send_signal(signal.SIGCONT)


def state_of(folder, *numbers):
    """What would show that a checkpoint was overwritten."""
    return [((folder / f"ck.{n}").stat().st_ino, (folder / f"ck.{n}").read_bytes()) for n in numbers]


@pytest.mark.parametrize("first, call", [("newer", "renameat2"), ("older", "renameat2"), ("newer", "link")])
def test_older_is_held_up_at_the_last_moment(tmp_path, first, call):
    """The older start has looked at the lock and is about to give its fourth checkpoint its name, when the newer takes
    over and has a fourth one too. The one that comes first keeps the name."""
    need_strace()
    elsewhere = {"OMPI_MCA_orte_tmpdir_base": str(tmp_path / "newer")}
    with Watched(*ENDLESS, *OFTEN, ranks=0, cwd=tmp_path, env=start_of(0), launcher=injected(*HELD_UP[call])) as older:
        until(lambda: parts(tmp_path, "ck.4.") and is_held_up(older), 20, what="the older start held up")
        with Watched(*ENDLESS, *ON_REQUEST, ranks=0, cwd=tmp_path, env={**start_of(1), **elsewhere}) as newer:
            newer.until_listening()
            until(lambda: f"pid={newer.process.pid} " in (tmp_path / "ck.lock").read_text(), 20, what="the newer's lock")
            assert history(tmp_path) == [3, 2] and older.process.poll() is None
            if first == "newer":
                newer.process.send_signal(signal.SIGUSR1)
                until(lambda: history(tmp_path)[0] == 4, 6, what="the newer start's checkpoint")
                assert is_held_up(older)
                there = 4, 3
            else:
                there = 4, 3, 2
                with stopped(newer):
                    until(lambda: history(tmp_path)[0] == 4, 20, what="the older start's checkpoint")
            before = state_of(tmp_path, *there)
            with stopped(newer):
                status, _, err = older.ended()
            assert status == 1 and ENDS in err, err
            assert state_of(tmp_path, *there) == before and history(tmp_path) == list(there)
            newer.process.send_signal(signal.SIGUSR1)
            until(lambda: history(tmp_path)[0] == 5, 20, what="the newer start's next checkpoint")
            assert state_of(tmp_path, 4) == before[:1]
            check_stopped(newer, tmp_path)
