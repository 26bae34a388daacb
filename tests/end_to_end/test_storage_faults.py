"""Disks and file systems that fail, or do not know a call: no rank waits, no finished run is lost, nothing is taken in silence.

What no file system here does by itself, tests/lib/failing.c does to one call. Where "every call" is tried, the n-th one fails
for n = 1, 2, … until there are no more of them.
"""
import concurrent.futures
import errno
import os
import shutil
import socket
import subprocess

import h5py
import numpy as np
import pytest
from faults import ALL, Watched, alone, alone_in, failing, fault, fingerprint, generations, parts
from program import PROGRAM, environment, read

MODEL = ("-q", "-n", 3_000, "-T", 20, "--seed", 9, "--paths", 3)
RANKS = [0, 3]  # 0: one process without mpirun
QUICK = {"OMPI_MCA_pml": "ob1", "OMPI_MCA_btl": "self,vader"}  # mpirun looks around for no networks


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    folder = tmp_path_factory.mktemp("straight")
    alone(*MODEL, "-o", "out.h5", cwd=folder)
    return fingerprint(folder / "out.h5")


def run_with(folder, faults, *arguments, ranks=0, limit=30):
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
