"""Checkpoints: a run that was stopped and gone on with, on any layout, has the bytes of a straight one."""
import os
import signal
import time

import pytest
from environment import launcher_settings, mpi, signals_passed_on
from faults import RESUMES, Watched, alone, fingerprint, history, parts, period_of, until
from program import need_family, read, vector_levels

LAYOUTS = [(2, 1), (16, 1), (1, 4), (5, 2), (3, 1), (1, 1), (2, 3)]  # ranks, threads
CHECKPOINT = ("--checkpoint", "ck", "--checkpoint-every", "1000000p")
ENDLESS = ("-q", "-n", 20000, "-T", 100_000_000, "--seed", 5, "-o", "never.h5", "--checkpoint", "ck")


# ---- going on ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [(), ("--record-every", 1), ("--record-every", 7, "--paths", 300, "--coalescence", 50)],
                         ids=["plain", "records", "records, paths and coupled run"])  # fmt: skip
def test_every_piece_on_another_layout(wealthsim, tmp_path, record_property, more):
    """Pieces whose ends are not multiples of 7: the last record of each is one that the longer run does not have."""
    model = ("-q", "-n", 5000, "--seed", 3, *more)
    alone(*model, "-T", 11 * len(LAYOUTS), "-o", "straight.h5", cwd=tmp_path)
    for i, (ranks, threads) in enumerate(LAYOUTS):
        wealthsim(*model, "-T", 11 * (i + 1), "-o", "pieces.h5", *CHECKPOINT, "--resume", ranks=ranks, threads=threads)
        assert history(tmp_path)[0] == i + 1 and len(history(tmp_path)) == min(i + 1, 2)
        assert period_of(tmp_path / f"ck.{i + 1}") == 11 * (i + 1)
    assert fingerprint(tmp_path / "pieces.h5") == fingerprint(tmp_path / "straight.h5")
    assert parts(tmp_path) == [] and not (tmp_path / "ck.lock").exists()
    record_property(RESUMES, len(LAYOUTS) - 1)


@pytest.mark.smoke
@pytest.mark.parametrize("family", ["lfg", "lcg", "lcg64", "cmrg", "mlfg", "pmlcg"])
def test_every_family(wealthsim, tmp_path, record_property, family):
    need_family(family)
    model = ("-q", "-n", 1500, "--rng", family, "--seed", 4)
    alone(*model, "-T", 30, "-o", "straight.h5", cwd=tmp_path)
    alone(*model, "-T", 13, "-o", "pieces.h5", *CHECKPOINT, cwd=tmp_path, threads=2)
    wealthsim(*model, "-T", 30, "-o", "pieces.h5", *CHECKPOINT, "--resume", ranks=2)
    assert fingerprint(tmp_path / "pieces.h5") == fingerprint(tmp_path / "straight.h5")
    record_property(RESUMES, 1)


@pytest.mark.smoke
@pytest.mark.parametrize("family, households", [("mlfg", 400_000), ("lfg", 12_000)])
def test_streams_of_several_pieces(wealthsim, tmp_path, record_property, family, households):
    """More bytes of streams on each rank than are read at a time, 256 KiB."""
    need_family(family)
    model = ("-q", "-n", households, "--rng", family, "--seed", 6)
    alone(*model, "-T", 5, "-o", "straight.h5", cwd=tmp_path)
    wealthsim(*model, "-T", 2, "-o", "pieces.h5", *CHECKPOINT, ranks=2)
    wealthsim(*model, "-T", 4, "-o", "pieces.h5", *CHECKPOINT, "--resume", ranks=3)
    alone(*model, "-T", 5, "-o", "pieces.h5", *CHECKPOINT, "--resume", cwd=tmp_path, threads=2)
    assert fingerprint(tmp_path / "pieces.h5") == fingerprint(tmp_path / "straight.h5")
    record_property(RESUMES, 2)


@pytest.mark.smoke
@pytest.mark.parametrize("households", [1, 256, 300])
def test_fewer_households_than_ranks(wealthsim, tmp_path, record_property, households):
    """Most ranks, then none, are empty."""
    model = ("-q", "-n", households, "--paths", 1, "--record-every", 5, "--coalescence", 2)
    alone(*model, "-T", 40, "-o", "straight.h5", cwd=tmp_path)
    for periods, ranks in (12, 5), (25, 1), (40, 3):
        wealthsim(*model, "-T", periods, "-o", "pieces.h5", *CHECKPOINT, "--resume", ranks=ranks)
    assert fingerprint(tmp_path / "pieces.h5") == fingerprint(tmp_path / "straight.h5")
    record_property(RESUMES, 2)


def test_vector_levels(tmp_path):
    """Written by portable code, gone on with by the best, and the other way round."""
    model = ("-q", "-n", 3000)
    alone(*model, "-T", 40, "-o", "straight.h5", cwd=tmp_path)
    levels = vector_levels()
    for periods, level in (10, "portable"), (20, levels[-1]), (30, "portable"), (40, levels[len(levels) // 2]):
        env = {"WEALTHSIM_VECTOR": level}
        alone(*model, "-T", periods, "-o", "pieces.h5", *CHECKPOINT, "--resume", cwd=tmp_path, env=env)
    assert fingerprint(tmp_path / "pieces.h5") == fingerprint(tmp_path / "straight.h5")


def test_from_a_distribution(tmp_path):
    (tmp_path / "initial.txt").write_text("1\n2\n30\n")
    model = ("-q", "-n", 3000, "--initial", "initial.txt")
    alone(*model, "-T", 20, "-o", "straight.h5", cwd=tmp_path)
    alone(*model, "-T", 2, "-o", "pieces.h5", *CHECKPOINT, cwd=tmp_path)
    alone(*model, "-T", 20, "-o", "pieces.h5", *CHECKPOINT, "--resume", cwd=tmp_path)
    assert fingerprint(tmp_path / "pieces.h5") == fingerprint(tmp_path / "straight.h5")


def test_checkpoints_on_the_way_change_nothing(tmp_path):
    model = ("-q", "-n", 3000, "-T", 50, "--record-every", 7)
    alone(*model, "-o", "straight.h5", cwd=tmp_path)
    alone(*model, "-o", "with.h5", "--checkpoint", "ck", "--checkpoint-every", "3p", cwd=tmp_path)
    assert fingerprint(tmp_path / "with.h5") == fingerprint(tmp_path / "straight.h5")
    assert history(tmp_path) == [17, 16]  # periods 50 and 48
    assert [period_of(tmp_path / f"ck.{i}") for i in (16, 17)] == [48, 50]
    assert fingerprint_after_end(tmp_path, model) == fingerprint(tmp_path / "straight.h5")
    assert history(tmp_path) == [17, 16]


def fingerprint_after_end(folder, model):
    """--resume of a run that is complete writes its result again, and no further checkpoint."""
    (folder / "with.h5").unlink()
    alone(*model, "-o", "with.h5", "--checkpoint", "ck", "--resume", cwd=folder)
    return fingerprint(folder / "with.h5")


def test_checkpoints_by_the_clock(tmp_path):
    with Watched(*ENDLESS, "--checkpoint-every", "0.3", ranks=0, cwd=tmp_path) as run:
        until(lambda: history(tmp_path)[:1] == [3], 20, what="three checkpoints")
        run.process.send_signal(signal.SIGTERM)
        assert run.ended()[0] == 75


# ---- refusals ------------------------------------------------------------------------------------------------


def contents(folder):
    return {name: (folder / name).read_bytes() for name in os.listdir(folder) if name.startswith("ck.")}


def test_other_parameters_are_refused_by_name(wealthsim, tmp_path):
    alone("-q", "-n", 1000, "-T", 20, "--record-every", 5, "-o", "out.h5", *CHECKPOINT, cwd=tmp_path)
    before = contents(tmp_path)
    other = ("-n", 1001, "-T", 10, "--r", 0.05, "--v2", 0.5, "--seed", 2, "--record-every", 4, "--quantiles", "0.5",
             "--paths", 1)  # fmt: skip
    result = wealthsim("-q", *other, "-o", "new.h5", *CHECKPOINT, "--resume", ranks=3, status=2)
    for said in ("--households: the checkpoint has 1000, this run 1001", "--periods: the checkpoint is at period 20",
                 "--r: the checkpoint has 0.1", "--v2: the checkpoint has 1, this run 0.5", "--seed:", "--record-every:",
                 "--quantiles:", "--paths:"):  # fmt: skip
        assert said in result.stderr, result
    assert "--s:" not in result.stderr and "--w0:" not in result.stderr
    assert contents(tmp_path) == before and not (tmp_path / "new.h5").exists()


def test_another_family_is_refused_by_name(wealthsim, tmp_path):
    need_family("lfg")
    alone("-q", "-n", 1000, "-T", 20, "-o", "out.h5", *CHECKPOINT, cwd=tmp_path)
    result = wealthsim("-q", "-n", 1000, "-T", 30, "--rng", "lfg", *CHECKPOINT, "--resume", ranks=3, status=2)
    assert "--rng: the checkpoint has 'mlfg', this run 'lfg'" in result.stderr, result


def test_other_statistics_are_taken_where_nothing_is_recorded(tmp_path):
    alone("-q", "-n", 1000, "-T", 20, "-o", "out.h5", *CHECKPOINT, cwd=tmp_path)
    alone("-q", "-n", 1000, "-T", 30, "--quantiles", "0.2,0.5", "-o", "out.h5", *CHECKPOINT, "--resume", cwd=tmp_path)
    alone("-q", "-n", 1000, "-T", 30, "--quantiles", "0.2,0.5", "-o", "straight.h5", cwd=tmp_path)
    assert fingerprint(tmp_path / "out.h5") == fingerprint(tmp_path / "straight.h5")


@pytest.mark.smoke
def test_existing_checkpoints_are_not_overwritten(wealthsim, tmp_path):
    alone("-q", "-n", 1000, "-T", 20, "-o", "out.h5", *CHECKPOINT, cwd=tmp_path)
    before = contents(tmp_path)
    result = wealthsim("-q", "-n", 1000, "-T", 20, "-o", "out.h5", *CHECKPOINT, ranks=2, status=2)
    assert "'ck.1' is there already: go on from it with --resume, or remove it" in result.stderr
    assert contents(tmp_path) == before


def test_options_that_need_a_checkpoint(tmp_path):
    result = alone("-q", "-n", 1000, "--resume", "--max-time", "1:00:00", cwd=tmp_path, status=2)
    assert "--resume: needs --checkpoint FILE" in result.stderr and "--max-time" in result.stderr
    for bad in ("--checkpoint-every", "0"), ("--checkpoint-every", "10q"), ("--max-time", "1:99:00"):
        assert bad[0] in alone("-q", "-n", 1000, "--checkpoint", "ck", *bad, cwd=tmp_path, status=2).stderr
    assert "no-such-folder" in alone("-q", "-n", 1000, "--checkpoint", "no-such-folder/ck", cwd=tmp_path, status=2).stderr


# ---- stop requests -------------------------------------------------------------------------------------------


def check_newest(folder):
    """The newest checkpoint has the state of a straight run: so many periods give the same."""
    newest = history(folder)[0]
    period = period_of(folder / f"ck.{newest}")
    model = ("-q", "-n", 20000, "--seed", 5, "-T", period)
    alone(*model, "-o", "straight.h5", cwd=folder)
    alone(*model, "-o", "resumed.h5", "--checkpoint", "ck", "--resume", cwd=folder, threads=2)
    assert fingerprint(folder / "resumed.h5") == fingerprint(folder / "straight.h5")
    assert not (folder / "never.h5").exists()
    return newest, period


def check_stopped(folder):
    """It has the state in which the run was stopped, which left nothing else behind."""
    newest, period = check_newest(folder)
    assert parts(folder) == [] and not (folder / "ck.lock").exists()
    return newest, period


def test_checkpoint_and_go_on(tmp_path):
    """SIGUSR1 to mpirun, twice; to a rank, where mpirun does not pass it on."""
    with Watched(*ENDLESS, ranks=3, cwd=tmp_path) as run:
        run.until_listening()
        hears = run.process.pid if signal.SIGUSR1 in signals_passed_on() else run.pids("rank")[-1]
        for number in 1, 2:
            os.kill(hears, signal.SIGUSR1)
            until(lambda: history(tmp_path)[:1] == [number], 10, what="the checkpoint")
        time.sleep(0.1)
        assert run.process.poll() is None
        os.kill(hears, signal.SIGUSR2)
        assert run.ended()[0] == 75, run.err
    assert check_stopped(tmp_path)[0] == 3


@pytest.mark.alone
@pytest.mark.parametrize("number", [signal.SIGUSR2, signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("to", ["launcher", "a rank", "no launcher"])
def test_stop(tmp_path, number, to):
    """A checkpoint, status 75, within 2 s of the run (and the end of a launcher). mpirun has a way of its own with SIGTERM
    and SIGINT, and a status of its own: that of Open MPI 4 passes on SIGTERM and gives the ranks some time (here more than
    its 2 s), that of Open MPI 5 kills them within half a second, where a last checkpoint is not promised."""
    is_passed_on = to != "launcher" or number in signals_passed_on()
    if not is_passed_on and number == signal.SIGUSR2:
        pytest.skip("mpiexec of MPICH dies of SIGUSR2, and its ranks with it")
    env = {} if is_passed_on else launcher_settings("--launcher=cluster")  # mpirun also waits longer after any other status than 0
    with Watched(*ENDLESS, ranks=0 if to == "no launcher" else 3, cwd=tmp_path, env=env) as run:
        run.until_listening()
        begin = time.monotonic()
        os.kill(run.pids("rank")[-1] if to == "a rank" else run.process.pid, number)
        status, _, err = run.ended()
        seconds = time.monotonic() - begin
    if is_passed_on:
        newest, period = check_stopped(tmp_path)
        assert status == 75, err
        assert f"stopped at period {period} of 100000000 with a checkpoint in 'ck.{newest}': go on with --resume" in err
        assert seconds < 5, f"{seconds} s"
    else:
        assert status != 0
        if mpi() == "Open MPI 4":
            check_stopped(tmp_path)
        elif history(tmp_path):
            check_newest(tmp_path)


@pytest.mark.alone
def test_second_interrupt_ends_at_once(tmp_path):
    """The first is not obeyed, because a step of that many households takes long; the second does not wait for it."""
    model = ("-q", "-n", 10_000_000, "-T", 100_000, "-o", "never.h5", "--checkpoint", "ck")
    with Watched(*model, ranks=0, cwd=tmp_path) as run:
        run.until_listening()
        begin = time.monotonic()
        run.process.send_signal(signal.SIGINT)
        time.sleep(0.02)
        run.process.send_signal(signal.SIGINT)
        assert run.ended()[0] == -signal.SIGINT
        assert time.monotonic() - begin < 0.7
    assert history(tmp_path) == []


@pytest.mark.alone
@pytest.mark.parametrize("how", ["--max-time", "SLURM_JOB_END_TIME"])
def test_stop_in_time(wealthsim, tmp_path, how):
    """It has ended before its time is over, but has used most of it."""
    options, env = (("--max-time", 4), {}) if how == "--max-time" else ((), {how: str(int(time.time()) + 6)})
    begin = time.monotonic()
    result = wealthsim(*ENDLESS, *options, ranks=2, status=75, env=env)
    assert "with a checkpoint in 'ck.1': go on with --resume" in result.stderr
    assert 2 < time.monotonic() - begin < (9 if env else 7)  # with the launcher's own start and end
    check_stopped(tmp_path)


# ---- the lock ------------------------------------------------------------------------------------------------


def test_lock_of_a_living_run(tmp_path):
    """Refused, and the run that has it does not notice."""
    with Watched(*ENDLESS, ranks=0, cwd=tmp_path) as run:
        run.until_listening()
        until(lambda: (tmp_path / "ck.lock").exists(), what="its lock", interval=0.01)
        result = alone(*ENDLESS, "--resume", cwd=tmp_path, status=2)
        assert f"'ck' is in use by process {run.process.pid} on this host" in result.stderr
        run.process.send_signal(signal.SIGTERM)
        assert run.ended()[0] == 75
    check_stopped(tmp_path)


def test_stale_lock(tmp_path):
    with Watched(*ENDLESS, "--checkpoint-every", "20p", ranks=0, cwd=tmp_path) as run:
        until(lambda: history(tmp_path), 20, what="a checkpoint")
        run.process.kill()
        run.ended()
    assert (tmp_path / "ck.lock").exists()
    period = period_of(tmp_path / f"ck.{history(tmp_path)[0]}")
    model = ("-q", "-n", 20000, "--seed", 5, "-T", period + 5)
    result = alone(*model, "-o", "resumed.h5", "--checkpoint", "ck", "--resume", cwd=tmp_path)
    assert f"'ck' has a stale lock of process {run.process.pid}, which is gone: taken over" in result.stderr
    alone(*model, "-o", "straight.h5", cwd=tmp_path)
    assert fingerprint(tmp_path / "resumed.h5") == fingerprint(tmp_path / "straight.h5")


def test_lock_of_another_host(tmp_path):
    """It cannot be asked whether it is alive: taken over, and said."""
    model = ("-q", "-n", 1000, "-T", 20, "-o", "out.h5", *CHECKPOINT)
    (tmp_path / "ck.lock").write_text("host=elsewhere pid=1 started=1 job=5 restart=0\n")
    result = alone(*model, "--resume", cwd=tmp_path)
    assert "is taken over from process 1 on host elsewhere (job 5, restart 0)" in result.stderr


@pytest.mark.parametrize("text", ["", "\n", "host=", "\0" * 100], ids=["empty", "blank", "cut", "zeros"])
def test_lock_that_a_crash_left(tmp_path, text):
    (tmp_path / "ck.lock").write_text(text)
    alone("-q", "-n", 1000, "-T", 20, "-o", "out.h5", *CHECKPOINT, cwd=tmp_path)
    assert history(tmp_path) == [1] and read(tmp_path / "out.h5")


def test_lock_that_was_removed(tmp_path):
    """Somebody tidied up: nobody has taken over, so the run goes on and has its lock again."""
    with Watched(*ENDLESS, "--checkpoint-every", "20p", ranks=0, cwd=tmp_path) as run:
        until(lambda: history(tmp_path), 20, what="a checkpoint")
        os.unlink(tmp_path / "ck.lock")
        until(lambda: (tmp_path / "ck.lock").exists(), 20, what="the lock, again")
        run.process.send_signal(signal.SIGTERM)
        assert run.ended()[0] == 75, run.err
    check_stopped(tmp_path)
