"""A run that is killed, or whose disk fails, never gives a wrong answer.

Choices are by seed; moments are those of the machine. FAULTS=10 takes ten times as many.
"""
import collections
import concurrent.futures
import os
import random
import shutil
import signal
import subprocess
import time

import pytest
from faults import KILLS, RESUMES, SIGNALS, Watched, alone, alone_in, fingerprint, history, injected, many, need_strace, parts, period_of, session_in, until
from program import PROGRAM, environment

LAYOUTS = [(1, 1), (1, 2), (2, 1), (3, 2), (5, 1)]  # ranks, threads
MODEL = ("-q", "-n", 60_000, "-T", 600, "--seed", 9, "--record-every", 70, "--paths", 3)
CHECKPOINTS = ("--checkpoint", "ck", "--checkpoint-every", "20p", "--resume")

Straight = collections.namedtuple("Straight", "fingerprint seconds")


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    """The run of MODEL that nothing interrupts: the fingerprint that all others are to have, and the time that it took."""
    folder = tmp_path_factory.mktemp("straight")
    begin = time.monotonic()
    alone(*MODEL, *CHECKPOINTS, "-o", "out.h5", cwd=folder)
    return Straight(fingerprint(folder / "out.h5"), time.monotonic() - begin)


# ---- killed --------------------------------------------------------------------------------------------------


def moment(run, folder, when, straight, rng):
    """Wait for a moment to kill at. False: the run has ended before."""
    begin, seen = time.monotonic(), set(parts(folder))
    if when == "any time":
        time.sleep(rng.uniform(0, 1.2 * straight.seconds))
    elif when == "running":
        until(lambda: run.process.poll() is not None or (folder / "ck.lock").exists())
        time.sleep(rng.uniform(0, 0.6 * straight.seconds))
    else:  # in the middle of writing: its temporary file has just come up
        beginning = "out.h5" if when == "result" else "ck."
        skip = rng.randrange(8) if when == "checkpoint" else 0
        while run.process.poll() is None:
            now = set(parts(folder, beginning)) - seen
            if now and (skip := skip - 1) < 0:
                break
            seen |= now
            assert time.monotonic() - begin < 60
            time.sleep(0.0002)
        time.sleep(rng.choice([0, 0, 0.0005, 0.002, 0.005]))
    return run.process.poll() is None


STOPS = [signal.SIGUSR2, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGXCPU]


def check_end(number, target, status, err, note):
    """What a run may end with after a signal. Ranks that have one before they are loaded die of it; mpirun has ways of its
    own, and dies of XCPU, of USR1 and USR2 before it listens, and of PIPE where it writes to a rank that is gone."""
    statuses = {0, 1, 75, 137, 143, 128 + number, -number, -signal.SIGKILL, -signal.SIGPIPE} - ({75} if number == signal.SIGKILL else set())
    assert status in statuses, f"{note}: exit status {status}\n{err}"
    assert status != 75 or "with a checkpoint in 'ck." in err, f"{note}\n{err}"
    assert "none of the checkpoints" not in err and "is skipped" not in err and "warning: no checkpoint" not in err, f"{note}\n{err}"


def kill_and_go_on(folder, straight, seed, numbers=(signal.SIGKILL,)):
    """Kill a run three times, or send it signals, each start on another layout, then let it end; what was done, and how
    often a run went on from another layout's checkpoint. Starts that end before their moment are tried again."""
    rng = random.Random(seed)
    folder.mkdir()
    done, resumed, before, newest, writer = [], 0, None, [], None  # writer: the layout that wrote the newest checkpoint
    for _ in range(8):
        if len(done) == 3:
            break
        ranks, threads = before = rng.choice([layout for layout in LAYOUTS if layout != before])
        when, target = rng.choice(["any time", "running", "checkpoint", "checkpoint", "result"]), rng.choice(["one", "all", "mpirun"])
        number = rng.choice(numbers)
        with Watched(*MODEL, *CHECKPOINTS, "-o", "out.h5", ranks=ranks, threads=threads, cwd=folder, env=session_in(folder)) as run:
            hit = moment(run, folder, when, straight, rng) and run.kill(target, rng, number)
            status, out, err, hung = run.ended_after_kill()
            assert hit or (status == 0 and not hung), f"seed {seed}: {run.line}\n{out}\n{err}"
            check_end(number, target, status, err, f"seed {seed}: {run.line}, {number.name} to {target}, {when}")
        resumed += writer is not None and writer != before and "going on from" in err
        if hit:
            done.append((number.name, when, target, status == 75, bool(parts(folder)), hung))
        if history(folder)[:1] != newest:
            newest, writer = history(folder)[:1], before
        if (folder / "out.h5").exists():
            assert fingerprint(folder / "out.h5") == straight.fingerprint, f"seed {seed}"
            if status == 0:  # start again, to be killed again
                newest, writer = [], None
                (folder / "out.h5").unlink()
                for n in history(folder):
                    (folder / f"ck.{n}").unlink()
    last = 1, rng.choice([1, 2, 3])
    result = alone(*MODEL, *CHECKPOINTS, "-o", "out.h5", threads=last[1], cwd=folder)
    resumed += writer is not None and writer != last and "going on from" in result.stderr
    assert fingerprint(folder / "out.h5") == straight.fingerprint, f"seed {seed}: {result}"
    left = parts(folder, "out.h5") + parts(folder, f"ck.{history(folder)[0]}")
    assert left == [] and len(history(folder)) <= 2, f"seed {seed}: {os.listdir(folder)}"
    shutil.rmtree(folder)
    return done, resumed


def test_killed(tmp_path, straight, record_property):
    """kill -9 of a rank, of all, of mpirun; before the first checkpoint, between checkpoints, in the middle of one
    and of the result."""
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        seeds = range(many(24))
        runs = list(pool.map(lambda seed: kill_and_go_on(tmp_path / str(seed), straight, seed), seeds))
    done, resumed = sum((kills for kills, _ in runs), []), sum(resumed for _, resumed in runs)
    counts = {what: sum(what in kill for kill in done) for what in ("one", "all", "mpirun", "any time", "running", "checkpoint", "result")}
    counts["left a file half written"] = sum(half for *_, half, _ in done)
    hung = sum(hung for *_, hung in done)
    record_property(KILLS, len(done))
    record_property(RESUMES, resumed)
    record_property("launchers that did not notice a kill", hung)
    assert len(done) >= many(50) and min(counts.values()) >= 3 and hung <= len(done) / 10, (counts, hung)
    assert resumed >= many(30)


def test_signalled(tmp_path, straight, record_property):
    """Every request, to a rank, to all or to mpirun, at the same moments."""
    numbers = [signal.SIGUSR1, *STOPS]
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        seeds = range(1000, 1000 + many(10))
        runs = list(pool.map(lambda seed: kill_and_go_on(tmp_path / str(seed), straight, seed, numbers), seeds))
    done, resumed = sum((kills for kills, _ in runs), []), sum(resumed for _, resumed in runs)
    for number in numbers:
        record_property(f"{number.name}", sum(kill[0] == number.name for kill in done))
    record_property(SIGNALS, len(done))
    record_property("ended with status 75", sum(kill[3] for kill in done))
    record_property("launchers that did not notice a signal", sum(kill[-1] for kill in done))
    record_property(RESUMES, resumed)
    assert len(done) >= many(20) and resumed >= many(8), (done, resumed)


# What the start tries out, the lock and the result are renamed, a checkpoint is so that it replaces none. MPI unlinks files
# of its own too: one unlink in six or so is an old checkpoint's.
@pytest.mark.parametrize("call, calls", [("fsync", range(1, 9)), ("rename", range(1, 5)), ("renameat2", range(1, 9)),
                                         ("unlink", range(2, 30, 3)), ("pwrite64", range(1, 11))])  # fmt: skip
def test_killed_at_a_system_call(tmp_path, straight, record_property, call, calls):
    """strace kills the process as it makes its n-th call of a kind: the moments that matter most, one by one."""
    need_strace()
    for n in calls:
        folder = tmp_path / str(n)
        folder.mkdir()
        traced = injected(f"{call}:signal=KILL:when={n}")
        with Watched(*MODEL, *CHECKPOINTS, "-o", "out.h5", ranks=0, launcher=traced, cwd=folder) as run:
            status = run.ended()[0]
            assert status != 0, f"not killed at its {call} number {n}"
        alone(*MODEL, *CHECKPOINTS, "-o", "out.h5", threads=2, cwd=folder)
        assert fingerprint(folder / "out.h5") == straight.fingerprint, f"{call} number {n}"
        left = [name for name in os.listdir(folder) if ".part-" in name or ".kept-" in name]
        assert not left, f"{call} number {n}: {left}"
    record_property(KILLS, len(calls))


# ---- disks that fail -----------------------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path):
    """How to run with a small disk mounted at "disk", in a mount namespace of the run's own; afterwards "kept" has
    what was on it."""
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        pytest.skip("no right to mount a small disk here")
    (tmp_path / "disk").mkdir()

    def run_on(size, *arguments, fill="true", status=0):
        script = f'mount -t tmpfs -o size={size} tmpfs disk && {fill} && "$@"; s=$?; rm -rf kept; cp -a disk kept; exit $s'
        command = ["unshare", "-m", "sh", "-c", script, "sh", str(PROGRAM), *map(str, arguments)]
        done = subprocess.run(command, cwd=tmp_path, env=environment(1, alone_in(tmp_path)), capture_output=True, text=True, timeout=60)
        assert done.returncode == status, f"exit status {done.returncode}: {done.stderr}"
        return done.stderr

    return run_on


def test_disk_full(disk, tmp_path, straight):
    """Full after the first checkpoint: each one that fails is said, the run goes on; those
    before are as they were; what is left of a failed one is removed."""
    options = *MODEL, "--checkpoint", "disk/ck", "--checkpoint-every", "50p", "-o", "out.h5"
    alone(*MODEL, "--checkpoint", "ck", "--checkpoint-every", "300p", "-o", "out.h5", cwd=tmp_path)
    size = (tmp_path / "ck.2").stat().st_size
    fill = f"until [ -e disk/ck.1 ]; do sleep 0.01; done; head -c {size * 30} /dev/zero >disk/fill"
    err = disk(size * 15, *options, fill=f"{{ ({fill}) 2>/dev/null & }}")
    assert fingerprint(tmp_path / "out.h5") == straight.fingerprint
    assert "warning: no checkpoint at period" in err and "No space left on device" in err, err
    there = history(tmp_path / "kept")
    assert there and parts(tmp_path / "kept") == []
    for n in there:
        shutil.copy(tmp_path / "kept" / f"ck.{n}", tmp_path / f"ck.{n}")
    (tmp_path / "out.h5").unlink()
    for n in set(history(tmp_path)) - set(there):
        (tmp_path / f"ck.{n}").unlink()
    alone(*MODEL, *CHECKPOINTS, "-o", "out.h5", cwd=tmp_path, threads=2)
    assert fingerprint(tmp_path / "out.h5") == straight.fingerprint


def test_disk_too_small_from_the_start(disk, tmp_path):
    err = disk("1m", *MODEL, "--checkpoint", "disk/ck", "-o", "out.h5", status=2)
    assert "--checkpoint: 'disk/ck' will have about" in err and "GB left" in err, err


def test_limit_of_file_size(tmp_path, straight):
    """Without room for any checkpoint, nor the result: the run goes through, then fails with the result's reason."""
    alone("-q", "-n", 10, "-T", 1, "-o", "out.h5", cwd=tmp_path)
    before = (tmp_path / "out.h5").read_bytes()
    limited = ["bash", "-c", 'ulimit -f 200; exec "$0" "$@"', str(PROGRAM), *map(str, (*MODEL, *CHECKPOINTS, "-o", "out.h5"))]
    done = subprocess.run(limited, cwd=tmp_path, env=environment(1, alone_in(tmp_path)), capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "File too large" in done.stderr, done
    assert done.stderr.count("warning: no checkpoint at period") == 30
    assert (tmp_path / "out.h5").read_bytes() == before and parts(tmp_path) == [] and history(tmp_path) == []


FAILING = {
    "fsync": ("fsync:error=EIO:when=3..40",),
    "every fsync of files": ("fsync:error=EIO:when=2+",),
    "reading back": ("pread64:error=EIO:when=60+",),
    "room": ("fallocate:error=ENOSPC:when=1..9", "pwrite64:error=ENOSPC:when=4..30"),
    "rename": ("renameat2:error=EIO:when=1..5",),
    "a disk that knows no rename to a free name": ("renameat2:error=EINVAL:when=1+", "link:error=EIO:when=2..8+2"),
    "quota": ("pwrite64:error=EDQUOT:when=5..60",),
}


@pytest.mark.parametrize("which", FAILING)
def test_system_calls_fail(tmp_path, straight, which):
    """Checkpoints fail in every way: said, gone on, right in the end, and what was written is good."""
    need_strace()
    options = *MODEL, "--checkpoint", "ck", "--checkpoint-every", "50p"
    with Watched(*options, "-o", "out.h5", ranks=0, launcher=injected(*FAILING[which]), cwd=tmp_path) as run:
        status, out, err = run.ended()
    note = f"{run.line}\nexit status {status}\n{err}"
    assert "warning: no checkpoint at period" in err, note
    assert status == 0 or status == 1 and "the result could not be written" in err, note
    assert parts(tmp_path) == [], note
    if status == 0:
        assert fingerprint(tmp_path / "out.h5") == straight.fingerprint, note
    else:
        assert not (tmp_path / "out.h5").exists(), note
    alone(*MODEL, *CHECKPOINTS, "-o", "out.h5", threads=2, cwd=tmp_path)
    assert fingerprint(tmp_path / "out.h5") == straight.fingerprint


@pytest.mark.parametrize("fault", ["pwrite64:error=EIO:when=2..8", "pread64:error=EIO:when=20..22"])
def test_system_calls_fail_on_one_rank(tmp_path, straight, fault):
    """One of three cannot write, or not read back: all agree that there is no checkpoint, and none waits for another."""
    need_strace()
    options = *MODEL, "--checkpoint", "ck", "--checkpoint-every", "50p"
    with Watched(*options, "-o", "out.h5", ranks=3, launcher=injected(fault, rank=1), cwd=tmp_path) as run:
        status, out, err = run.ended()
    note = f"{run.line}\nexit status {status}\n{err}"
    assert "warning: no checkpoint at period" in err and "rank 1: " in err and "Input/output error" in err, note
    assert status == 0 and fingerprint(tmp_path / "out.h5") == straight.fingerprint and parts(tmp_path) == [], note
    alone(*MODEL, *CHECKPOINTS, "-o", "out.h5", threads=2, cwd=tmp_path)
    assert fingerprint(tmp_path / "out.h5") == straight.fingerprint


def test_read_only_folder(tmp_path):
    """Said before the run starts. (Root may write to any folder: nobody runs it.)"""
    if os.geteuid() == 0 and subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        pytest.skip("no right to mount here")
    (tmp_path / "ro").mkdir(mode=0o555)
    mount = "mount --bind ro ro && mount -o remount,ro,bind ro &&" if os.geteuid() == 0 else ""
    words = ["unshare", "-m"] if os.geteuid() == 0 else []
    script = f'{mount} exec "$@"'
    command = [*words, "sh", "-c", script, "sh", str(PROGRAM), *map(str, (*MODEL, "--checkpoint", "ro/ck", "-o", "out.h5"))]
    done = subprocess.run(command, cwd=tmp_path, env=environment(1, alone_in(tmp_path)), capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "--checkpoint: the folder 'ro' cannot be written to" in done.stderr, done


@pytest.mark.parametrize("comes_back", [False, True])
def test_folder_disappears(tmp_path, straight, comes_back):
    """Checkpoints fail while it is away, and are written again when it is back."""
    (tmp_path / "away").mkdir()
    options = *MODEL, "--checkpoint", "away/ck", "--checkpoint-every", "20p", "-o", "out.h5"
    with Watched(*options, ranks=2, cwd=tmp_path) as run:
        until(lambda: history(tmp_path / "away"), what="a checkpoint")
        os.rename(tmp_path / "away", tmp_path / "elsewhere")
        warning = run.process.stderr.readline()
        if comes_back:
            (tmp_path / "away").mkdir()
        status, out, err = run.ended()
    assert status == 0 and "warning: no checkpoint at period" in warning, f"{status}: {warning}{err}"
    assert fingerprint(tmp_path / "out.h5") == straight.fingerprint
    if comes_back:
        newest = history(tmp_path / "away")[0]
        assert period_of(tmp_path / "away" / f"ck.{newest}") == 600


def test_earlier_result_survives_a_failed_one(tmp_path, straight):
    need_strace()
    alone("-q", "-n", 10, "-T", 1, "-o", "out.h5", cwd=tmp_path)
    before = (tmp_path / "out.h5").read_bytes()
    with Watched(*MODEL, "-o", "out.h5", ranks=2, launcher=injected("fsync:error=EIO:when=1+"), cwd=tmp_path) as run:
        status, out, err = run.ended()
    assert status == 1 and "cannot flush" in err and "an earlier file is as it was" in err, err
    assert (tmp_path / "out.h5").read_bytes() == before and parts(tmp_path) == []


def test_result_fails_on_one_rank(tmp_path):
    """None waits for it."""
    need_strace()
    alone("-q", "-n", 10, "-T", 1, "-o", "out.h5", cwd=tmp_path)
    before = (tmp_path / "out.h5").read_bytes()
    launcher = injected("pwrite64:error=EIO:when=1+", rank=1)
    with Watched(*MODEL, "-o", "out.h5", ranks=3, launcher=launcher, cwd=tmp_path) as run:
        status, out, err = run.ended()
    assert status == 1 and "rank 1: " in err and "an earlier file is as it was" in err, err
    assert (tmp_path / "out.h5").read_bytes() == before and parts(tmp_path) == []
