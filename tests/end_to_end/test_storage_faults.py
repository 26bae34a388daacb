"""Disks and file systems that fail, or do not know a call: no rank waits, no finished run is lost, nothing is taken in silence.

What no file system here does by itself, tests/lib/failing.c does to one call. Where "every call" is tried, the n-th one fails
for n = 1, 2, … until there are no more of them.
"""
import concurrent.futures
import errno
import os
import shlex
import re
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from faults import ALL, Watched, alone, alone_in, failing, fault, fingerprint, history, injected, need_strace, parts
from program import MPIRUN, PROGRAM, environment

MODEL = ("-q", "-n", 3_000, "-T", 20, "--seed", 9, "--paths", 3)
RANKS = [0, 3]  # 0: one process without mpirun
QUICK = {"OMPI_MCA_pml": "ob1", "OMPI_MCA_btl": "self,vader"}  # mpirun looks around for no networks


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    folder = tmp_path_factory.mktemp("straight")
    alone(*MODEL, "-o", "out.h5", cwd=folder)
    return fingerprint(folder / "out.h5")


def run_with(folder, faults, *arguments, ranks=0, limit=60):
    """A run in a folder with these faults: exit status, errors, the faults that were met. It has to end."""
    log = folder / "log"
    log.write_text("")
    env = QUICK if ranks else {}
    with Watched(*arguments, ranks=ranks, launcher=failing(*faults, log=log), cwd=folder, env=env) as run:
        try:
            status, out, err = run.ended(limit)
        except subprocess.TimeoutExpired:
            pytest.fail(f"{run.line}: no end within {limit} s with {faults}")
    return status, err, log.read_text().splitlines()


# ---- every call -----------------------------------------------------------------------------------------------------

# rename and close have an effect before their failure is seen: test_renaming looks at the first of them.
CALLS = "open", "pwrite", "pread", "fallocate", "ftruncate", "fsync", "close", "fsync_folder"


def try_call(folder, call, n, ranks, rank, options):
    """The n-th such call fails: exit status, errors, whether it was met, and all of it in words."""
    folder.mkdir(parents=True)
    (folder / "out.h5").touch()  # the earlier file
    path = str(folder) if call == "fsync_folder" else ".part-"
    status, err, met = run_with(folder, [fault(call, errno.EIO, n, rank=rank, path=path)], *MODEL, *options, "-o", "out.h5", ranks=ranks)
    note = f"{call} number {n} of rank {rank} of {ranks}: exit status {status}\n{err}\n{met}"
    assert parts(folder) == [], note
    return status, err, bool(met), note


def check_failing(folder, call, ranks, rank, straight, options=()):
    """EIO at every one of these calls: status 1 or 2, with the reason; the earlier file is as it was, or the new one is
    whole. Returns how many there were."""
    for n in range(1, 200):
        here = folder / f"{call}{n}"
        status, err, met, note = try_call(here, call, n, ranks, rank, options)
        if call == "fsync_folder" and met:
            assert status == 1 and "is in place, but its folder cannot be flushed" in err and "as it was" not in err, note
            assert fingerprint(here / "out.h5") == straight, note
        elif status == 0:  # there are no more; or HDF5 did not need what it could not close
            assert fingerprint(here / "out.h5") == straight, note
        else:
            assert (here / "out.h5").read_bytes() == b"" and status in (1, 2) and "nput/output error" in err, note
            assert status == 2 or "an earlier file is as it was" in err, note
        shutil.rmtree(here)
        if not met:
            assert status == 0, note
            return n - 1
    raise AssertionError(f"more than 200 times {call}")


def check_calls(folder, calls, ranks, rank, straight, options=()):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        counts = pool.map(lambda call: check_failing(folder, call, ranks, rank, straight, options), calls)
        return dict(zip(calls, counts))


@pytest.mark.parametrize("options, calls", [((), CALLS), (("--compress", 1), ("open", "pwrite", "close"))], ids=["plain", "compressed"])
def test_every_call_of_one_process(tmp_path, straight, options, calls, record_property):
    counts = check_calls(tmp_path, calls, 0, ALL, straight, options)
    record_property("calls that failed", sum(counts.values()))
    assert min(counts.values()) >= 1 and counts["pwrite"] >= 10, counts


def test_every_call_of_rank_0(tmp_path, straight, record_property):
    counts = check_calls(tmp_path, ["pwrite", "open", "ftruncate", "fsync", "fsync_folder"], 3, 0, straight)
    record_property("calls that failed", sum(counts.values()))
    assert min(counts.values()) >= 1 and counts["pwrite"] >= 10, counts


@pytest.mark.parametrize("options, opened", [((), 2), (("--compress", 1), 1)])
def test_every_call_of_another_rank(tmp_path, options, opened, record_property):
    """It opens the file before and at the end, where it has rows to write that are not compressed."""
    alone(*MODEL, *options, "-o", "straight.h5", cwd=tmp_path)
    counts = check_calls(tmp_path, ["open", "pwrite", "pread", "close"], 3, 2, fingerprint(tmp_path / "straight.h5"), options)
    record_property("calls that failed", sum(counts.values()))
    assert counts["open"] == counts["close"] == opened and counts["pwrite"] == (not options) and counts["pread"] == 1, counts


@pytest.mark.parametrize("call, moments", [("open", [1, 2]), ("pwrite", [1, 2]), ("fsync", [1]), ("close", [1, 2])])
def test_all_ranks_fail(tmp_path, call, moments):
    """All at once, from a call on: before the simulation, and at the end."""
    for first in moments:
        (folder := tmp_path / f"{first}").mkdir()
        status, err, met = run_with(folder, [fault(call, errno.EIO, first, 1000)], *MODEL, "-o", "out.h5", ranks=3)
        assert status in (1, 2) and met and os.listdir(folder) == ["log"], f"{status} {err}"


@pytest.mark.parametrize("ranks", RANKS)
@pytest.mark.parametrize("options", [(), ("--compress", 1)], ids=["plain", "compressed"])
def test_interrupted(tmp_path, straight, ranks, options):
    """A call that a signal interrupts is made again, one that does half is gone on with: each of them, on all ranks."""
    for call, what in INTERRUPTED:
        if call == "fallocate" and options:
            continue  # nobody knows beforehand how long the file will be
        path = str(tmp_path) if call == "fsync_folder" else ".part-"
        faults = [fault(call, what, count=1000 if what == "short" else 0, path=path)]
        status, err, met = run_with(tmp_path, faults, *MODEL, *options, "-o", "out.h5", ranks=ranks)
        note = f"{call} {what}: {status} {err}"
        assert status == 0 and err == "" and fingerprint(tmp_path / "out.h5") == straight and parts(tmp_path) == [], note
        assert met, f"no {call}"
        assert ranks == 0 or call not in ("open", "pread") or {line[0] for line in met} == {"0", "1", "2"}, note


INTERRUPTED = [(call, errno.EINTR) for call in ("open", "pwrite", "pread", "fallocate", "fsync", "fsync_folder", "rename")]
INTERRUPTED += [("pwrite", "short"), ("pread", "short")]


@pytest.mark.parametrize("ranks, rank, calls", [(0, ALL, ("open", "pwrite", "pread", "fallocate", "ftruncate", "fsync", "renameat2")),
                                                (3, 0, ("open", "pwrite")), (3, 2, ("open", "pwrite", "pread", "close")),
                                                (3, ALL, ("fsync",))])  # fmt: skip
def test_every_call_of_a_checkpoint(tmp_path, straight, ranks, rank, calls, record_property):
    """EIO: the checkpoint is missing, which is said, and the run ends well."""

    def check(call):
        for n in range(1, 200):
            (here := tmp_path / f"{call}{n}").mkdir()
            faults = [fault(call, errno.EIO, n, rank=rank, path="ck.1.part-")]
            status, err, met = run_with(here, faults, *MODEL, "--checkpoint", "ck", "-o", "out.h5", ranks=ranks)
            note = f"{call} number {n} of rank {rank} of {ranks}: exit status {status}\n{err}\n{met}"
            assert status == 0 and fingerprint(here / "out.h5") == straight and parts(here) == [], note
            said = "warning: no checkpoint at period 20" in err and "nput/output error" in err
            assert history(here) == ([] if said else [1]) and (said or not met or call == "close"), note
            shutil.rmtree(here)
            if not met:
                return n - 1

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        counts = dict(zip(calls, pool.map(check, calls)))
    record_property("calls that failed", sum(counts.values()))
    assert min(counts.values()) >= 1, counts


# ---- calls that a file system does not know -------------------------------------------------------------------------

NO_RENAME_TO_FREE = [fault("renameat2", errno.EINVAL, count=1000)]
NO_LINK = [fault("link", errno.EPERM, count=1000)]


def check_checkpoints(folder, faults, ranks, straight):
    """A run with checkpoints goes through, without a word, and another goes on from its last one."""
    half = [*MODEL]
    half[half.index("-T") + 1] = 10
    checkpoints = "--checkpoint", "ck", "--checkpoint-every", "3p"
    status, err, met = run_with(folder, faults, *half, *checkpoints, "-o", "out.h5", ranks=ranks)
    assert status == 0 and err == "" and met, f"{status} {err}"
    assert history(folder) == [4, 3] and parts(folder) == [], os.listdir(folder)
    status, err, met = run_with(folder, faults, *MODEL, *checkpoints, "--resume", "-o", "out.h5", ranks=ranks)
    assert status == 0 and "going on from 'ck.4', period 10" in err and err.count("\n") == 1, f"{status} {err}"
    assert fingerprint(folder / "out.h5") == straight and parts(folder) == []


@pytest.mark.parametrize("ranks", RANKS)
@pytest.mark.parametrize("faults", [NO_RENAME_TO_FREE, NO_RENAME_TO_FREE + NO_LINK], ids=["renameat2", "renameat2 and link"])
def test_no_renaming_to_a_free_name(tmp_path, straight, ranks, faults):
    """NFS and Lustre know the second names instead, FAT and some FUSE neither."""
    check_checkpoints(tmp_path, faults, ranks, straight)


@pytest.mark.parametrize("ranks", RANKS)
@pytest.mark.parametrize("what", [errno.EINVAL, errno.ENOTSUP])
def test_folders_that_cannot_be_flushed(tmp_path, straight, ranks, what):
    """CIFS, vboxsf."""
    check_checkpoints(tmp_path, [fault("fsync_folder", what, count=1000, path=str(tmp_path))], ranks, straight)


@pytest.mark.parametrize("ranks", RANKS)
def test_no_locks(tmp_path, ranks, monkeypatch):
    """None is needed, for writing or reading, whatever the environment wants of HDF5."""
    monkeypatch.setenv("HDF5_USE_FILE_LOCKING", "TRUE")
    alone("-q", "-n", 700, "-T", 3, "-o", "start.h5", cwd=tmp_path)
    half, checkpoints = ("-q", "-n", 3000, "-T", 10), ("--checkpoint", "ck", "--checkpoint-every", "3p", "--resume")
    for options in ("--initial", "start.h5"), ("-T", 20):
        locks = [fault("flock", errno.ENOLCK, count=1000, path=str(tmp_path))]
        status, err, met = run_with(tmp_path, locks, *half, *checkpoints, "--initial", "start.h5", *options, "-o", "out.h5", ranks=ranks)
        # but for a look whether another program writes to the start file
        assert status == 0 and all("start.h5" in call for call in met) and "skipped" not in err, f"{status} {err} {met}"
    assert "going on from 'ck.4'" in err and history(tmp_path)[0] > 4


@pytest.mark.parametrize("ranks", RANKS)
def test_no_name(tmp_path, straight, ranks):
    """What cannot be renamed at the end is kept, and its user told where; the next run leaves it alone."""
    (tmp_path / "out.h5").touch()
    status, err, met = run_with(tmp_path, [fault("rename", errno.EPERM, 2)], *MODEL, "-o", "out.h5", ranks=ranks)
    kept = [name for name in os.listdir(tmp_path) if ".kept-" in name]
    assert status == 1 and met and len(kept) == 1 and f"the whole file is kept as '{kept[0]}'" in err, err
    assert fingerprint(tmp_path / kept[0]) == straight and (tmp_path / "out.h5").read_bytes() == b""
    alone(*MODEL, "-o", "out.h5", cwd=tmp_path)
    assert (tmp_path / kept[0]).exists() and fingerprint(tmp_path / "out.h5") == straight


# ---- names and folders ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ranks", RANKS)
def test_names(tmp_path, straight, ranks):
    """As long as the file system takes them; with what other programs read as a file system's or a host's name."""
    env = QUICK if ranks else alone_in(tmp_path)
    for name in "x" * 231 + ".h5", "y" * 252 + ".h5", "nfs:a:b.h5", "blank and 'quote'.h5", "ä" * 126 + ".h5", "%s%n":
        with Watched(*MODEL, "-o", name, ranks=ranks, cwd=tmp_path, env=env) as run:
            status, out, err = run.ended()
        assert status == 0 and err == "" and fingerprint(tmp_path / name) == straight, f"{name}: {status} {err}"
    assert parts(tmp_path) == []


@pytest.mark.parametrize("name, why", [("x" * 256, "File name too long"), ("results/", "the name of a folder"), ("nowhere/x.h5", "cannot be used"),
                                       ("file/x.h5", "'file' is not a folder"), ("folder", "is not a file"), ("loop.h5", "symbolic links"),
                                       ("away.h5", "the folder 'away' cannot be used")],
                         ids=["long", "a folder", "no folder", "no folder but a file", "a folder that is there", "loop", "dangling"])  # fmt: skip
def test_names_that_will_not_do(tmp_path, name, why):
    """Said before the simulation, with nothing left behind."""
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop.h5").symlink_to("loop.h5")
    (tmp_path / "away.h5").symlink_to("away/x.h5")
    err = alone(*MODEL, "-o", name, cwd=tmp_path, status=2).stderr
    assert why in err and "--output: " in err, err
    assert sorted(os.listdir(tmp_path)) == ["away.h5", "file", "folder", "loop.h5"]


@pytest.mark.parametrize("call, what", [("open", errno.EACCES), ("open", errno.EDQUOT), ("pwrite", errno.ENOSPC), ("rename", errno.EPERM)])
def test_temporaries_that_cannot_be_made(tmp_path, call, what):
    """Whatever the reason is, it is found before the simulation."""
    status, err, met = run_with(tmp_path, [fault(call, what)], *MODEL, "-T", 2_000_000_000, "--paths", 0, "-o", "out.h5")
    assert status == 2 and os.strerror(what) in err and os.listdir(tmp_path) == ["log"], err


@pytest.mark.parametrize("ranks", RANKS)
def test_links(tmp_path, straight, ranks):
    """The file that a link points to is written, also when it is not there yet; the link stays."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "old.h5").touch()
    (tmp_path / "hop").symlink_to("data")
    for link, target in ("a.h5", "data/old.h5"), ("b.h5", "hop/new.h5"), ("c.h5", str(tmp_path / "a.h5")):
        (tmp_path / link).symlink_to(target)
        env = QUICK if ranks else alone_in(tmp_path)
        with Watched(*MODEL, "-o", link, ranks=ranks, cwd=tmp_path, env=env) as run:
            status, out, err = run.ended()
        assert status == 0 and (tmp_path / link).is_symlink() and fingerprint(tmp_path / link) == straight, err
    assert sorted(os.listdir(tmp_path / "data")) == ["new.h5", "old.h5"]


@pytest.fixture
def open_folder():
    """A folder that other users reach, as root, with a user for another one."""
    other = 4711
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("no right to be several users here")
    folder = Path(tempfile.mkdtemp(prefix="wealthsim-test-", dir="/tmp"))
    folder.chmod(0o777)
    yield folder, other
    shutil.rmtree(folder)


def test_planted_link(open_folder):
    """A link of another user's, in a folder that everybody may write to, is not followed."""
    folder, other = open_folder
    (secret := folder / "secret").write_text("mine")
    secret.chmod(0o600)
    (folder / "out.h5").symlink_to("secret")
    os.lchown(folder / "out.h5", other, other)
    err = alone(*MODEL, "-o", "out.h5", cwd=folder, status=2).stderr
    assert "is a link that another user has put" in err and secret.read_text() == "mine"


def test_file_of_another_user(open_folder):
    """Where only its owner may replace it."""
    folder, other = open_folder
    folder.chmod(0o1777)
    (folder / "out.h5").write_bytes(b"\211HDF\r\n\032\n")
    user = ("setpriv", f"--reuid={other}", f"--regid={other}", "--clear-groups")
    if subprocess.run([*user, PROGRAM, "--version"], capture_output=True).returncode:
        pytest.skip("another user cannot start the program here")
    (own := folder / "tmp").mkdir()
    own.chmod(0o777)
    env = {**alone_in(own), "TMPDIR": str(own)}
    err = alone(*MODEL, "-o", "out.h5", cwd=folder, status=2, launcher=user, env=env).stderr
    assert "is another user's, and in its folder only its owner may replace it" in err


def test_temporaries_are_our_own(tmp_path):
    """Made where nothing is, and opened where they are no links: nobody can have put something in their place."""
    need_strace()
    trace = ("strace", "-f", "-qq", "-o", "trace", "-e", "trace=open,openat")
    with Watched(*MODEL, "-o", "out.h5", ranks=0, launcher=trace, cwd=tmp_path) as run:
        assert run.ended()[0] == 0
    calls = re.findall(r'"(out.h5.part-[^"]*)", (\S+?)[,)]', (tmp_path / "trace").read_text())
    made = [name for name, flags in calls if "O_EXCL" in flags]
    assert len(made) == 2 == len({name for name, _ in calls}) and all("O_NOFOLLOW" in flags for _, flags in calls), calls


# ---- left-overs -----------------------------------------------------------------------------------------------------


def test_left_overs_of_the_gone_only(tmp_path):
    """Of a process that is gone, and wealthsim's by their whole name and their beginning."""
    run_with(tmp_path, [fault("rename", errno.EPERM, 2)], *MODEL, "-o", "out.h5")
    kept = next(name for name in os.listdir(tmp_path) if ".kept-" in name)
    beginning, space, number = kept.replace(".kept-", ".part-").rsplit("-", 2)
    beginning = beginning.rpartition("-")[0]
    gone = subprocess.Popen(["true"])
    gone.wait()
    ours = f"{beginning}-{gone.pid}-{space}-{number}"
    for name, content in (ours, b""), (ours.replace(number, "0" * 16), b"\211HDF\r\n\032\n and more"):
        (tmp_path / name).write_bytes(content)
    others = [
        f"{beginning}-{os.getpid()}-{space}-{number}",  # of a process that lives
        f"{beginning}-{gone.pid}-{int(space, 16) ^ 1:08x}-{number}",  # of a container, or the time before the host's start
        f"{beginning}-{gone.pid}-{space}-{number}.log", f"{beginning}-{gone.pid}-{number}", f"{beginning}-{gone.pid}",
        f"my{ours}", ours.replace(socket.gethostname(), "elsewhere"),
    ]  # fmt: skip
    for name in others:
        (tmp_path / name).touch()
    strange = ours.replace(number, "1" * 16), ours.replace(number, "2" * 16), ours.replace(number, "3" * 16)
    (tmp_path / strange[0]).write_bytes(b"a diary")
    (tmp_path / strange[1]).mkdir()
    (tmp_path / strange[2]).symlink_to("nowhere")
    alone(*MODEL, "-o", "out.h5", cwd=tmp_path)
    assert sorted(parts(tmp_path)) == sorted([*others, *strange])


# ---- what all ranks have to see alike -------------------------------------------------------------------------------


def start_apart(folder, programs, *arguments):
    """Ranks in folders of their own: [(ranks, folder, program)]; exit status and errors. (A shell chooses, by the rank:
    mpirun of Open MPI 5.0.7 crashes where it is given several programs.)"""
    cases, first = [], 0
    for ranks, name, path in programs:
        (folder / name).mkdir(exist_ok=True)
        whose = "|".join(str(rank) for rank in range(first, first + ranks))
        cases.append(f"{whose}) cd {shlex.quote(str(folder / name))} && exec {shlex.quote(str(path))} \"$@\" ;;")
        first += ranks
    choose = f'case ${{OMPI_COMM_WORLD_RANK:-$PMI_RANK}} in {" ".join(cases)} esac'
    words = ["-np", str(first), "sh", "-c", choose, "sh", *map(str, arguments)]
    done = subprocess.run([*MPIRUN, *words], env=environment(1, QUICK), capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr


@pytest.mark.parametrize("option", ["output", "checkpoint"])
@pytest.mark.parametrize("place", ["out", "../shared/out"], ids=["own", "shared"])
def test_ranks_in_other_folders(tmp_path, option, place):
    """Said before the simulation, and nothing is left behind; a folder that all of them see will do."""
    (tmp_path / "shared").mkdir()
    others = {"output": "../shared/out.h5", option: place}
    words = [word for name, value in others.items() for word in (f"--{name}", value)]
    status, err = start_apart(tmp_path, [(1, "a", PROGRAM), (2, "b", PROGRAM)], *MODEL, *words)
    if place == "out":
        assert status == 2 and "rank 1: " in err and f"--{option}: host " in err and "does not see the folder of 'out'" in err, err
        assert os.listdir(tmp_path / "a") == os.listdir(tmp_path / "b") == []
    else:
        assert status == 0 and parts(tmp_path / "shared") == [], err


@pytest.mark.parametrize("here, there", [("1\n2\n", "1\n-2\n"), ("1\n2\n", "1\n2\n3\n"), ("1\n2\n", None), ("1\n2\n", "HDF5"), ("HDF5", "1\n2\n")],
                         ids=["other values", "more", "none", "HDF5", "text"])  # fmt: skip
def test_other_start_values(tmp_path, here, there):
    (tmp_path / "shared").mkdir()
    for name, content in ("a", here), ("b", there):
        (tmp_path / name).mkdir()
        if content == "HDF5":
            with h5py.File(tmp_path / name / "start", "w") as file:
                file["wealth"] = np.array([1.0, 2.0])
        elif content:
            (tmp_path / name / "start").write_text(content)
    words = *MODEL, "--initial", "start", "-o", "../shared/out.h5"
    status, err = start_apart(tmp_path, [(1, "a", PROGRAM), (2, "b", PROGRAM)], *words)
    assert status == 2 and "--initial: host " in err and "does not see the file 'start' as rank 0 does" in err, err
    assert os.listdir(tmp_path / "shared") == []


def test_other_build(tmp_path):
    """Options of one mean nothing to the other."""
    version = alone("--version", cwd=tmp_path).stdout.split()[1].encode() + b"\0"
    code = PROGRAM.read_bytes()
    assert version in code
    (other := tmp_path / "other").write_bytes(code.replace(version, version[:-2] + b"?\0"))
    other.chmod(0o755)
    for programs in [(1, "a", PROGRAM), (2, "a", other)], [(2, "a", other), (1, "a", PROGRAM)]:
        status, err = start_apart(tmp_path, programs, *MODEL)
        assert status == 2 and "start the same program on all ranks" in err and os.listdir(tmp_path / "a") == [], err


def test_what_was_tried_out_is_removed(tmp_path):
    """A kill while the start tries the folders leaves a temporary: the next run removes it."""
    need_strace()
    for n in 1, 2:  # the file that is tried out, and the one that all ranks are to see
        launcher = injected(f"pwrite64:signal=KILL:when={n}")
        with Watched(*MODEL, "-o", "out.h5", ranks=0, launcher=launcher, cwd=tmp_path) as run:
            run.ended()
        assert len(parts(tmp_path)) == 1
    alone(*MODEL, "-o", "out.h5", cwd=tmp_path)
    assert parts(tmp_path) == []
