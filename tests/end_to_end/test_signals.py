"""Signals: a request from the first moment on, with checkpoints; the end, with a word, where there is nothing to go on from."""
import os
import signal
import subprocess

import pytest
from faults import Watched, alone, alone_in, fingerprint, history, need_strace, parts, period_of
from program import PROGRAM, environment

# Under nohup hangups are ignored, by what is started there too.
HANGUP = [signal.SIGHUP] if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN else []
STOPS = [signal.SIGUSR2, signal.SIGTERM, signal.SIGINT, *HANGUP, signal.SIGXCPU]
MODEL = ("-q", "-n", 2000, "--seed", 5)
ENDLESS = (*MODEL, "-T", 100_000_000, "-o", "never.h5")
SHORT = (*MODEL, "-T", 300, "-o", "out.h5")

IN_MPI_INIT = "eventfd2"  # a call that is made there, and not before


def within_mpi_init(number, rank=None):
    """The words before a command that have it get a signal in the middle of MPI_Init; one rank of it only."""
    need_strace()
    name = signal.Signals(number).name.removeprefix("SIG")
    strace = ("strace", "-qq", "-o", "/dev/null", "-e", "trace=" + IN_MPI_INIT, "-e", f"inject={IN_MPI_INIT}:signal={name}:when=1")
    return strace if rank is None else ("sh", "-c", f'[ "$OMPI_COMM_WORLD_RANK" = {rank} ] || shift {len(strace)}; exec "$@"', "sh", *strace)


def check_stopped(folder, err):
    """It has ended at its first boundary, with a checkpoint, from which it goes on to the bytes of a straight run."""
    period = period_of(folder / f"ck.{history(folder)[0]}")
    assert f"stopped at period {period} of 100000000 with a checkpoint in" in err, err
    alone(*MODEL, "-T", period + 5, "-o", "straight.h5", cwd=folder)
    alone(*MODEL, "-T", period + 5, "-o", "resumed.h5", "--checkpoint", "ck", "--resume", cwd=folder, threads=2)
    assert fingerprint(folder / "resumed.h5") == fingerprint(folder / "straight.h5")
    assert parts(folder) == [] and not (folder / "never.h5").exists()


@pytest.mark.parametrize("ranks, number", [*((0, number) for number in STOPS), (3, signal.SIGUSR2), *((3, number) for number in HANGUP)])
def test_stop_before_mpi_is_there(tmp_path, number, ranks):
    launcher = within_mpi_init(number, rank=1 if ranks else None)
    with Watched(*ENDLESS, "--checkpoint", "ck", ranks=ranks, launcher=launcher, cwd=tmp_path) as run:
        status, _, err = run.ended()
    assert status == 75, f"{run.line}\n{err}"
    check_stopped(tmp_path, err)


def test_checkpoint_asked_for_before_mpi_is_there(tmp_path):
    options = *MODEL, "-T", 30_000, "-o", "out.h5", "--checkpoint", "ck", "--checkpoint-every", "1000000p"
    with Watched(*options, ranks=0, launcher=within_mpi_init(signal.SIGUSR1), cwd=tmp_path) as run:
        assert run.ended()[0] == 0, run.err
    assert history(tmp_path) == [2, 1] and period_of(tmp_path / "ck.1") < 30_000


@pytest.mark.parametrize("number", STOPS, ids=lambda number: number.name)
@pytest.mark.parametrize("when", ["at once", "running"])
def test_stop_without_checkpoints(tmp_path, number, when):
    """The end, at once, by the signal, with a word on what to do another time."""
    launcher = within_mpi_init(number) if when == "at once" else ()
    with Watched(*ENDLESS, ranks=0, launcher=launcher, cwd=tmp_path) as run:
        if when == "running":
            run.until_listening()
            run.process.send_signal(number)
        status, _, err = run.ended()
    assert status == -number, err
    if "ended by" in err or when == "at once":  # running: before it knew that it has no checkpoints
        assert f"wealthsim: ended by {number.name}: only a run with --checkpoint FILE can be gone on with\n" in err
    assert not (tmp_path / "never.h5").exists()


def test_stop_without_checkpoints_on_three_ranks(tmp_path):
    """mpirun hands SIGUSR2 to all ranks: it is said once."""
    with Watched(*ENDLESS, ranks=3, cwd=tmp_path) as run:
        run.until_listening()
        run.process.send_signal(signal.SIGUSR2)
        status, _, err = run.ended()
    assert status != 0 and err.count("ended by SIGUSR2") <= 1, err


@pytest.mark.parametrize("ranks", [0, 3])
def test_checkpoint_asked_for_without_checkpoints(tmp_path, ranks):
    """Nothing to write; no reason to die."""
    with Watched(*SHORT, ranks=ranks, launcher=within_mpi_init(signal.SIGUSR1, rank=0 if ranks else None), cwd=tmp_path) as run:
        status, _, err = run.ended()
    assert status == 0 and err.count("SIGUSR1 asks for a checkpoint, which only a run with --checkpoint FILE writes: going on") == 1, err
    alone(*SHORT[:-1], "straight.h5", cwd=tmp_path)
    assert fingerprint(tmp_path / "out.h5") == fingerprint(tmp_path / "straight.h5")


def test_other_commands(tmp_path):
    with Watched("pi", "-q", "--draws", 2_000_000, ranks=0, launcher=within_mpi_init(signal.SIGUSR1), cwd=tmp_path) as run:
        assert run.ended()[0] == 0 and "SIGUSR1" in run.err
    with Watched("pi", "-q", ranks=0, launcher=within_mpi_init(signal.SIGTERM), cwd=tmp_path) as run:
        assert run.ended()[0] == -signal.SIGTERM and "ended by SIGTERM" in run.err


def test_nohup(tmp_path):
    """A hang-up that was ignored from the start stays ignored."""
    options = *SHORT, "--checkpoint", "ck"
    with Watched(*options, ranks=0, launcher=("nohup", *within_mpi_init(signal.SIGHUP)), cwd=tmp_path) as run:
        assert run.ended()[0] == 0, run.err
    assert period_of(tmp_path / f"ck.{history(tmp_path)[0]}") == 300


def limited(folder, limit, *options):
    """Run under a limit of bash's ulimit."""
    command = ["bash", "-c", f'ulimit {limit}; exec "$0" "$@"', str(PROGRAM), *map(str, options)]
    return subprocess.run(command, cwd=folder, env=environment(1, alone_in(folder)), capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("command", [("run", "-n", 60_000, "-T", 3), ("path", "-T", 100_000)])
def test_limit_of_file_size_without_checkpoints(tmp_path, command):
    """A message and status 1 or 2, no death, and nothing left."""
    done = limited(tmp_path, "-f 100", *command[:1], "-q", *command[1:], "-o", "out.h5")
    assert done.returncode in (1, 2) and "File too large" in done.stderr, done
    assert not (tmp_path / "out.h5").exists() and parts(tmp_path) == [], os.listdir(tmp_path)


def test_processor_time_is_over(tmp_path):
    """The kernel's own SIGXCPU."""
    done = limited(tmp_path, "-S -t 1", *ENDLESS, "--checkpoint", "ck")
    assert done.returncode == 75 and "with a checkpoint in 'ck.1'" in done.stderr, done
