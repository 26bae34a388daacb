"""A damaged checkpoint never gives a wrong answer: the older one is used, or the run ends with the reason.

Choices are by seed. FAULTS=10 takes ten times as many.
"""
import os
import random
import shutil

import pytest
from faults import Watched, alone, fingerprint, history, injected, many, need_strace

PARTS = 4  # which may run beside each other
TRAILER = 248  # bytes at the end of a checkpoint
SMALL = ("-q", "-n", 700, "-T", 40, "--seed", 2, "--record-every", 7, "--paths", 2)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A folder with two checkpoints of SMALL half-way (periods 20 and 15), what a straight run gives, and a
    checkpoint of another run and a later one."""
    folder = tmp_path_factory.mktemp("whole")
    half = [*SMALL]
    half[half.index("-T") + 1] = 20
    alone(*half, "-o", "out.h5", "--checkpoint", "ck", "--checkpoint-every", "5p", cwd=folder)
    assert history(folder) == [4, 3]
    half[half.index("-n") + 1] = 701
    alone(*half, "-o", "out.h5", "--checkpoint", "another", cwd=folder)
    alone(*SMALL, "-o", "straight.h5", cwd=folder)
    return folder


def truncate(data, rng):
    return data[: rng.choice([0, 1, TRAILER - 1, TRAILER, TRAILER + 1, len(data) // 2, len(data) - TRAILER, len(data) - 1, rng.randrange(len(data))])]


def flip_bit(data, rng):
    i = rng.choice([rng.randrange(len(data)), rng.randrange(2048), len(data) - 1 - rng.randrange(TRAILER)])
    return data[:i] + bytes([data[i] ^ 1 << rng.randrange(8)]) + data[i + 1 :]


def change_bytes(data, rng):
    changed = bytearray(data)
    for _ in range(rng.randrange(1, 50)):
        changed[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(changed)


def zero_block(data, rng):
    size = rng.choice([1, 64, 512, 4096])
    i = rng.randrange(len(data)) // size * size
    return data[:i] + bytes(len(data[i : i + size])) + data[i + size :]


def append(data, rng):
    return data + rng.randbytes(rng.choice([1, TRAILER, 5000]))


def repeat_trailer(data, rng):
    return data + data[-TRAILER:]


def exchange_blocks(data, rng):
    size = rng.choice([8, 512, 4096])
    i, j = sorted(rng.sample(range(len(data) // size), 2))
    cut = [data[i * size : (i + 1) * size], data[j * size : (j + 1) * size]]
    return data[: i * size] + cut[1] + data[(i + 1) * size : j * size] + cut[0] + data[(j + 1) * size :]


DAMAGES = [truncate, truncate, flip_bit, flip_bit, change_bytes, zero_block, append, repeat_trailer, exchange_blocks]


def resume_damaged(whole, folder, seed):
    """Damage the newest checkpoint, or both; what then becomes of a run that is to go on."""
    rng = random.Random(seed)
    folder.mkdir()
    damage, both = rng.choice(DAMAGES), rng.random() < 0.3
    for n in 3, 4:
        data = (whole / f"ck.{n}").read_bytes()
        changed = damage(data, rng) if n == 4 or both else data
        (folder / f"ck.{n}").write_bytes(changed)
        both = both and (n == 4 or changed != data)
    is_damaged = changed != data
    ranks = 2 if rng.random() < 0.05 else 0
    options = *SMALL, "--checkpoint", "ck", "--checkpoint-every", "15p", "--resume", "-o", "out.h5"
    note = f"seed {seed}: {damage.__name__}, {'both' if both else 'newest'}"
    with Watched(*options, ranks=ranks, threads=rng.choice([1, 2]), cwd=folder) as run:
        status, out, err = run.ended(30)
    note += f"\n{run.line}\nexit status {status}\n{err}"
    if both and is_damaged:
        assert status == 1 and "none of the checkpoints of 'ck' is whole: remove them to start afresh" in err, note
        assert "'ck.4' is skipped" in err and "'ck.3' is skipped" in err and not (folder / "out.h5").exists(), note
    else:
        assert status == 0 and fingerprint(folder / "out.h5") == fingerprint(whole / "straight.h5"), note
        assert f"going on from 'ck.{3 if is_damaged else 4}'" in err, note
        assert not is_damaged or any(why in err for why in ("is cut short", "is damaged", "damaged at its end")), note
    shutil.rmtree(folder)
    return is_damaged


@pytest.mark.parametrize("part", range(PARTS))
def test_damaged(whole, tmp_path, record_property, part):
    """Cut, changed, zeroed, lengthened, exchanged: fallen back or refused, never a wrong answer, a crash or a hang."""
    seeds = range(part, many(230), PARTS)
    damaged = sum(resume_damaged(whole, tmp_path / str(seed), seed) for seed in seeds)
    record_property("damaged checkpoints", damaged)
    assert damaged >= 0.9 * len(seeds)


def go_on(folder, whole, *options, **rest):
    result = alone(*SMALL, "--checkpoint", "ck", "--resume", "-o", "out.h5", *options, cwd=folder, **rest)
    if result.status == 0:
        assert fingerprint(folder / "out.h5") == fingerprint(whole / "straight.h5")
    return result.stderr


def test_mixed_history(whole, tmp_path):
    """Names exchanged; trailers exchanged; halves of two; another run's checkpoint under this run's name."""
    older, newer, another = ((whole / name).read_bytes() for name in ("ck.3", "ck.4", "another.1"))

    def put(three, four):
        for path in tmp_path.glob("*"):
            path.unlink()
        (tmp_path / "ck.3").write_bytes(three)
        (tmp_path / "ck.4").write_bytes(four)

    put(newer, older)
    assert "going on from 'ck.4', period 15" in go_on(tmp_path, whole)
    put(older, newer[:-TRAILER] + older[-TRAILER:])
    assert "going on from 'ck.3', period 15" in go_on(tmp_path, whole)
    put(older, older[:-TRAILER] + newer[-TRAILER:])
    assert "going on from 'ck.3'" in go_on(tmp_path, whole)
    put(older, older[: len(older) // 2] + newer[len(older) // 2 :])
    assert "going on from 'ck.3'" in go_on(tmp_path, whole)
    put(older, another)
    assert "--households: the checkpoint has 701, this run 700" in go_on(tmp_path, whole, status=2)
    put(older, (whole / "straight.h5").read_bytes())
    assert "going on from 'ck.3'" in go_on(tmp_path, whole)


def test_strange_names(whole, tmp_path):
    """Files beside the checkpoints that are none of them; one whose number is beyond all others; a folder; a link."""
    shutil.copy(whole / "ck.4", tmp_path / "ck.4")
    for name in "ck.", "ck.x", "ck.4x", "ck.-1", "ck.0", "ck.05", "ck.+7", "ck.9223372036854775807", "ck.99999999999999999999":
        (tmp_path / name).write_bytes(b"nothing")
    (tmp_path / "ck.8").mkdir()
    os.symlink("nowhere", tmp_path / "ck.9")
    err = go_on(tmp_path, whole)
    assert "'ck.9' is skipped" in err and "'ck.8' is no checkpoint: left alone" in err and "going on from 'ck.4'" in err
    assert {name for name in os.listdir(tmp_path) if name.startswith("ck.")} >= {"ck.x", "ck.05", "ck.+7"}


def test_reading_fails(whole, tmp_path):
    """A newest checkpoint that cannot be read is skipped, with the reason."""
    need_strace()
    for name in "ck.3", "ck.4":
        shutil.copy(whole / name, tmp_path / name)
    options = *SMALL, "--checkpoint", "ck", "--resume", "-o", "out.h5"
    traced = (*injected("pread64:error=EIO:when=1+"), "-P", str(tmp_path / "ck.4"))
    with Watched(*options, ranks=0, launcher=traced, cwd=tmp_path) as run:
        status, out, err = run.ended()
    assert status == 0 and "'ck.4' is skipped" in err and "Input/output error" in err, err
    assert fingerprint(tmp_path / "out.h5") == fingerprint(whole / "straight.h5")
