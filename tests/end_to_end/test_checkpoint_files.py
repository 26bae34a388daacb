"""Files beside a run's checkpoints: the lock, and names that are like theirs. What is not a checkpoint is never removed or
overwritten; what cannot be read is never called useless."""
import os
import shutil
import signal
import socket
import subprocess

import h5py
import pytest
from faults import Watched, alone, alone_in, fingerprint, history, injected, need_strace, parts, until
from program import PROGRAM, environment

MODEL = ("-q", "-n", 700, "--seed", 2)
CK = ("--checkpoint", "ck")
RUN = (*MODEL, "-T", 40, "-o", "out.h5", *CK)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A folder with checkpoints of periods 15 and 20, and what a straight run of 40 gives."""
    folder = tmp_path_factory.mktemp("whole")
    alone(*MODEL, "-T", 20, "-o", "out.h5", *CK, "--checkpoint-every", "5p", cwd=folder)
    alone(*MODEL, "-T", 40, "-o", "straight.h5", cwd=folder)
    assert history(folder) == [4, 3]
    return folder


def take(whole, folder):
    for name in "ck.3", "ck.4":
        shutil.copy(whole / name, folder / name)


# ---- names ---------------------------------------------------------------------------------------------------


def logs(folder, count):
    """Files named as checkpoints, above and below them all."""
    names = [f"ck.{number}" for number in [1, 2, *range(10**6, 10**6 + count - 2)]]
    for i, name in enumerate(names):
        (folder / name).write_text(f"job {i} began\n")
    return names


@pytest.mark.parametrize("name, why", [("x" * 252, "File name too long"), ("cks/", "the name of a folder"), ("nowhere/ck", "cannot be used")])
def test_names_that_will_not_do(tmp_path, name, why):
    """Said before the simulation, with nothing left behind. (252 characters leave no room for a lock's name.)"""
    err = alone(*MODEL, "-T", 20, "-o", "out.h5", "--checkpoint", name, cwd=tmp_path, status=2).stderr
    assert why in err and "--checkpoint: " in err, err
    assert os.listdir(tmp_path) == []


def test_a_link_of_the_name_means_nothing(tmp_path):
    """Checkpoints are beside it, wherever it points to."""
    (tmp_path / "ck").symlink_to("away/ck")
    alone(*MODEL, "-T", 20, "-o", "out.h5", *CK, cwd=tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["ck", "ck.1", "out.h5"]


def test_logs_are_left_alone(whole, tmp_path):
    """A fresh start, one that goes on, and the end of both."""
    names = logs(tmp_path, 101)
    alone(*MODEL, "-T", 20, "-o", "out.h5", *CK, "--checkpoint-every", "5p", cwd=tmp_path)
    result = alone(*RUN, "--resume", "--checkpoint-every", "5p", cwd=tmp_path)
    assert "and others of such names are no checkpoints: left alone" in result.stderr and "period 20" in result.stderr
    assert fingerprint(tmp_path / "out.h5") == fingerprint(whole / "straight.h5")
    assert [(tmp_path / name).read_text() for name in names] == [f"job {i} began\n" for i in range(101)]
    ours = [number for number in history(tmp_path) if f"ck.{number}" not in names]
    assert ours == [10, 9]


def test_many_checkpoints_are_all_looked_at(whole, tmp_path):
    """The whole one is the oldest of 101."""
    shutil.copy(whole / "ck.4", tmp_path / "ck.1")
    for number in range(2, 102):
        (tmp_path / f"ck.{number}").write_bytes((whole / "ck.3").read_bytes()[:900])
    result = alone(*RUN, "--resume", cwd=tmp_path)
    assert result.stderr.count("is skipped") == 100 and "going on from 'ck.1', period 20" in result.stderr
    assert len(history(tmp_path)) == 102  # those that are cut short are not known to be ours


def test_only_a_log(tmp_path):
    """--resume of a first start is one that begins afresh."""
    logs(tmp_path, 3)
    result = alone(*RUN, "--resume", cwd=tmp_path)
    assert "no checkpoints: left alone" in result.stderr and (tmp_path / "ck.3").exists()


def test_a_result_of_such_a_name(whole, tmp_path):
    """Not known to be a checkpoint, nor not to be one: not removed."""
    take(whole, tmp_path)
    shutil.copy(whole / "straight.h5", tmp_path / "ck.2")
    alone(*RUN, "--resume", "--checkpoint-every", "5p", cwd=tmp_path)
    assert (tmp_path / "ck.2").read_bytes() == (whole / "straight.h5").read_bytes()
    for number in history(tmp_path):
        if number != 2:
            (tmp_path / f"ck.{number}").unlink()
    result = alone(*RUN, cwd=tmp_path, status=2)
    assert "'ck.2' is there already, and is not known to be a whole checkpoint" in result.stderr and "remove" not in result.stderr


def test_pipe_of_such_a_name(whole, tmp_path):
    """Nobody waits for somebody to write into it."""
    take(whole, tmp_path)
    os.mkfifo(tmp_path / "ck.9")
    assert "going on from 'ck.4'" in alone(*RUN, "--resume", cwd=tmp_path).stderr
    assert (tmp_path / "ck.9").is_fifo()


def test_a_link_is_not_followed_to_be_removed(whole, tmp_path):
    shutil.copy(whole / "ck.4", tmp_path / "kept")
    os.symlink("kept", tmp_path / "ck.1")
    alone(*RUN, "--resume", "--checkpoint-every", "5p", cwd=tmp_path)
    assert (tmp_path / "ck.1").is_symlink() and (tmp_path / "kept").exists()


def test_colliding_names(tmp_path):
    """Of the result and of what is read, by every spelling."""
    (tmp_path / "sub").mkdir()
    os.symlink(".", tmp_path / "here")
    os.symlink("ck.7", tmp_path / "link.h5")
    os.symlink("link.h5", tmp_path / "link.of.link")
    for name in "ck.5", "ck.6":
        (tmp_path / name).write_text("1\n2\n" if name == "ck.5" else "seed = 3\n")
    for output in "ck.3", "./ck.3", "sub/../ck.3", "here/ck.3", str(tmp_path / "ck.3"), "link.h5", "link.of.link", "ck.lock":
        result = alone("-q", "-n", 10, "-T", 1, "-o", output, *CK, "--resume", cwd=tmp_path, status=2)
        assert f"--output: '{output}' has a name that --checkpoint 'ck' gives its own files" in result.stderr, result
    for checkpoint in "./ck", "here/ck", str(tmp_path / "ck"):
        assert "--output: 'ck.3'" in alone("-q", "-n", 10, "-T", 1, "-o", "ck.3", "--checkpoint", checkpoint, cwd=tmp_path, status=2).stderr
    result = alone("-q", "-n", 10, "-T", 1, "--initial", "ck.5", "--config", "here/ck.6", *CK, "--resume", cwd=tmp_path, status=2)
    assert "--initial: 'ck.5'" in result.stderr and "--config: 'here/ck.6'" in result.stderr
    assert "--initial: 'ck.4:wealth'" in alone("-q", "-n", 10, "-T", 1, "--initial", "ck.4:wealth", *CK, cwd=tmp_path, status=2).stderr
    for output in "ck", "ck.x", "ck.3.h5", "ck.03", "sub/ck.3", "ck.1234567890123456":
        alone("-q", "-n", 10, "-T", 1, "-o", output, *CK, "--resume", cwd=tmp_path)


def test_colliding_names_on_three_ranks(wealthsim, tmp_path):
    assert "--output: 'ck.3'" in wealthsim("-q", "-n", 10, "-T", 1, "-o", "ck.3", *CK, ranks=3, status=2).stderr
    assert os.listdir(tmp_path) == []


# ---- what cannot be read -------------------------------------------------------------------------------------

HINT = "not all of them are known to be damaged: mend what is said above and try --resume again"


@pytest.mark.parametrize("ranks", [0, 3])
def test_checkpoints_that_cannot_be_opened(whole, tmp_path, ranks):
    """Whole as they are, nobody is told to remove them; on three ranks, one cannot read."""
    need_strace()
    take(whole, tmp_path)
    launcher = injected("openat:error=EACCES:when=1+", rank=1 if ranks else None)
    at = launcher.index("--inject=openat:error=EACCES:when=1+") + 1
    paths = [word for name in ("ck.3", "ck.4") for path in (name, tmp_path / name) for word in ("-P", str(path))]
    launcher = (*launcher[:at], *paths, *launcher[at:])
    if ranks:  # the words to skip have become more
        launcher = tuple(word.replace(f"shift {len(injected('openat:error=EACCES:when=1+'))};", f"shift {len(injected('openat:error=EACCES:when=1+')) + len(paths)};") for word in launcher)
    with Watched(*RUN, "--resume", ranks=ranks, launcher=launcher, cwd=tmp_path) as run:
        status, _, err = run.ended()
    assert status == 1 and "Permission denied" in err and HINT in err and "remove them" not in err, err
    assert history(tmp_path) == [4, 3]


def test_one_damaged_one_unread(whole, tmp_path):
    need_strace()
    take(whole, tmp_path)
    data = bytearray((tmp_path / "ck.4").read_bytes())
    data[5000] ^= 1
    (tmp_path / "ck.4").write_bytes(data)
    traced = (*injected("pread64:error=EIO:when=3+"), "-P", str(tmp_path / "ck.3"))
    with Watched(*RUN, "--resume", ranks=0, launcher=traced, cwd=tmp_path) as run:
        status, _, err = run.ended()
    assert status == 1 and "'ck.4' is damaged" in err and "Input/output error" in err and HINT in err and "remove them" not in err, err


def test_folder_that_cannot_be_looked_through(whole, tmp_path):
    need_strace()
    take(whole, tmp_path)
    with Watched(*RUN, ranks=0, launcher=(*injected("getdents64:error=EIO:when=1+"), "-P", str(tmp_path)), cwd=tmp_path) as run:
        status, _, err = run.ended()
    assert status == 2 and "cannot be looked through for checkpoints: Input/output error" in err, err


def test_checkpoint_of_an_earlier_format(tmp_path):
    """Its end is that of format 2; the version stands among HDF5's texts."""
    import struct

    from resealed import xxh3

    with h5py.File(tmp_path / "ck.1", "w") as file:
        file.attrs["title"] = "Checkpoint of wealthsim"
        file.attrs["wealthsim_version"] = "v1.2-3-gabcdef"
    body = (tmp_path / "ck.1").read_bytes()
    trailer = struct.pack("<16sqq15qQ", b"wealthsim-check", len(body), 700, *[0] * 15, 0)
    (tmp_path / "ck.1").write_bytes(body + trailer + struct.pack("<Q", xxh3()(trailer, 0)))
    before = (tmp_path / "ck.1").read_bytes()
    result = alone(*RUN, "--resume", cwd=tmp_path, status=1)
    assert "'ck.1' has checkpoint format 2, of wealthsim v1.2-3-gabcdef, and this wealthsim" in result.stderr, result
    assert "go on with the one that wrote it, or start afresh with another --checkpoint FILE" in result.stderr
    assert "remove" not in result.stderr and (tmp_path / "ck.1").read_bytes() == before


# ---- the lock ------------------------------------------------------------------------------------------------


def lock_of(folder):
    return dict(field.split("=", 1) for field in (folder / "ck.lock").read_text().split())


def test_lock_that_is_not_one(tmp_path):
    """Another program's file, a folder, a link, a pipe: left alone, and said."""
    makers = {"file": lambda path: path.write_text("pid 17\n"), "long": lambda path: path.write_text("x" * 5000), "folder": lambda path: path.mkdir(),
              "link": lambda path: path.symlink_to("elsewhere"), "pipe": os.mkfifo}  # fmt: skip
    for name, make in makers.items():
        (tmp_path / name).mkdir()
        make(tmp_path / name / "ck.lock")
        result = alone(*RUN, cwd=tmp_path / name, status=2)
        assert "'ck.lock' is there, where the lock is to be, and is no lock of wealthsim: move it away" in result.stderr, result
        assert os.listdir(tmp_path / name) == ["ck.lock"]


@pytest.mark.parametrize("ranks", [0, 3])
def test_lock_that_cannot_be_read(tmp_path, ranks):
    need_strace()
    (tmp_path / "ck.lock").write_text("host=elsewhere pid=1 started=1 job=5 restart=0\n")
    words = injected("openat:error=EACCES:when=1+", rank=0 if ranks else None)
    with Watched(*RUN, ranks=ranks, launcher=words if ranks else (*words, "-P", "ck.lock", "-P", str(tmp_path / "ck.lock")), cwd=tmp_path) as run:
        status, _, err = run.ended()
    if not ranks:
        assert status == 2 and "the lock 'ck.lock' cannot be read (Permission denied): another run may have it" in err, err
    assert status != 0 and (tmp_path / "ck.lock").read_text().startswith("host=elsewhere") and history(tmp_path) == []


def test_lock_of_another_space(tmp_path):
    """The same host's name, and a process number that means nothing here."""
    host = socket.gethostname()
    for space in " space=deadbeef", "", " space=00000000":
        (tmp_path / "ck.lock").write_text(f"host={host} pid={2**22 - 1} started=1 job=- restart=0{space}\n")
        result = alone(*RUN, "--resume", cwd=tmp_path)
        assert f"'ck' is taken over from process {2**22 - 1} on host {host}" in result.stderr and "stale" not in result.stderr, result


def test_lock_of_a_container(tmp_path):
    """A run in a process namespace of its own, with this host's name, is alive, and its number is another process's here, or
    nobody's: it is taken over as that of another host would be, and ends at its next checkpoint."""
    container = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
    if os.geteuid() != 0 or subprocess.run([*container, "true"], capture_output=True).returncode:
        pytest.skip("no right to make a process namespace here")
    options = *MODEL, "-T", 100_000_000, "-o", "never.h5", *CK, "--checkpoint-every", "20p"
    command = [*container, str(PROGRAM), *map(str, options)]
    env = {**environment(1, alone_in(tmp_path)), "OMPI_MCA_orte_tmpdir_base": str(tmp_path / "inner")}
    with subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as inner:
        try:
            until(lambda: history(tmp_path), 30, what="a checkpoint in the container")
            said = lock_of(tmp_path)
            assert int(said["pid"]) < 100 and int(said["space"], 16) > 0
            newest = history(tmp_path)[0]
            with Watched(*options, "--resume", ranks=0, cwd=tmp_path) as outer:
                _, err = inner.communicate(timeout=30)
                assert inner.returncode == 1 and "another start of this run has taken 'ck' over: this one ends" in err, err
                until(lambda: history(tmp_path)[0] > newest, 30, what="the newer start's checkpoint")
                outer.process.send_signal(signal.SIGTERM)
                status, _, err = outer.ended()
            assert status == 75 and f"is taken over from process {said['pid']} on host" in err and "stale" not in err, err
        finally:
            inner.kill()
    assert parts(tmp_path) == []


def test_temporary_of_the_lock_is_made_anew(tmp_path):
    """Links under every name that the old lock's temporary could have: nothing is written through them."""
    (tmp_path / "victim").write_text("precious\n")
    for pid in range(os.getpid(), os.getpid() + 300):
        os.symlink("victim", tmp_path / f"ck.lock.part-{pid}")
    alone(*RUN, cwd=tmp_path)
    assert (tmp_path / "victim").read_text() == "precious\n"
