"""Mobility against plain NumPy on two cross-sections of the same households, which shorter runs of the same seed give; on
layouts, in scenarios, stopped and resumed; and what is refused."""
import h5py
import numpy as np
import pytest

from program import ROOT, read, run
from test_scenarios import compare, write_table

BOUNDS = 0.2, 0.4, 0.6, 0.8, 0.9, 0.99
COMMON = "-q", "-n", 3000
NAMES = "mobility", "mobility_count", "mobility_shorrocks", "mobility_correlation", "mobility_rank_correlation"
LAYOUTS = (1, 1), (2, 2), (3, 1), (16, 1)
DEBTS = ROOT / "data/buffer_stock.h5"


def wealth_at(path, period, *options):
    run(*COMMON, *options, "-T", period, "-o", f"at{period}.h5", cwd=path)
    return read(path / f"at{period}.h5")["wealth"]


def groups_of(x, bounds):
    """Of the first in a row of equal ones: how many cuts it has reached."""
    cuts = [int(p * len(x)) for p in bounds]
    below = np.searchsorted(np.sort(x), x, side="left")
    return np.searchsorted(cuts, below, side="right")


def ranks_of(x):
    ordered = np.sort(x)
    return (np.searchsorted(ordered, x, side="left") + np.searchsorted(ordered, x, side="right") + 1) / 2


def check(file, i, before, after, bounds=BOUNDS):
    m = len(bounds) + 1
    count = np.zeros((m, m), int)
    np.add.at(count, (groups_of(before, bounds), groups_of(after, bounds)), 1)
    assert (file["mobility_count"][i] == count).all() and count.sum() == len(before)
    with np.errstate(invalid="ignore"):
        share = count / count.sum(axis=1, keepdims=True)
        np.testing.assert_array_equal(file["mobility"][i], share)
        assert file["mobility_shorrocks"][i] == pytest.approx((m - np.trace(share)) / (m - 1), rel=1e-15, nan_ok=True)
    for name, x, y in ("correlation", before, after), ("rank_correlation", ranks_of(before), ranks_of(after)):
        found = file[f"mobility_{name}"][i]
        if np.ptp(x) == 0 or np.ptp(y) == 0:
            assert np.isnan(found)
        else:
            assert found == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-12)


def same(one, other):
    return all(read(one)[name].tobytes() == read(other)[name].tobytes() for name in NAMES)


@pytest.mark.smoke
@pytest.mark.parametrize("options", [(), ("--model", DEBTS)], ids=["lecture", "model_file"])
def test_numpy(tmp_path, options):
    said = run("-n", 3000, *options, "-T", 50, "--record-every", 10, "--mobility", 20, "-o", "out.h5", cwd=tmp_path).stdout
    file = read(tmp_path / "out.h5")
    assert file["mobility_period"].tolist() == [20, 40]
    assert file["mobility_from"] == pytest.approx([*BOUNDS, 1]) and file["mobility_to"] == pytest.approx([*BOUNDS, 1])
    wealth = {period: wealth_at(tmp_path, period, *options) for period in (0, 20, 40)}
    check(file, 0, wealth[0], wealth[20])
    check(file, 1, wealth[20], wealth[40])
    assert "mobility    from period 20 to 40: Shorrocks " in said
    assert f"rank correlation {file['mobility_rank_correlation'][1]:.4f}" in said


def test_only_at_the_end(tmp_path):
    bounds = 0.0001, 0.5, 0.9999
    run(*COMMON, "-T", 60, "--mobility", 15, "--mobility-groups", ",".join(map(str, bounds)), "-o", "out.h5", cwd=tmp_path)
    file = read(tmp_path / "out.h5")
    assert file["mobility_period"].tolist() == [60] and file["mobility_from"].tolist() == [*bounds, 1]
    check(file, 0, wealth_at(tmp_path, 45), wealth_at(tmp_path, 60), bounds)


def test_says_what_is_missing(tmp_path):
    """All start from the same wealth: all are of the first group, and nothing correlates."""
    run(*COMMON, "-T", 10, "--record-every", 5, "--mobility", 5, "-o", "out.h5", cwd=tmp_path)
    with h5py.File(tmp_path / "out.h5") as file:
        assert np.isnan(file["mobility"][0, 1:]).all() and not np.isnan(file["mobility"][1]).any()
        assert file["mobility_count"][0, 0].sum() == 3000
        for name in NAMES:
            assert file[name].attrs["long_name"] and file[name].attrs["units"]
            assert file[name].dims[0][0].name == "/mobility_period"
            assert ("comment" in file[name].attrs) == bool(np.isnan(file[name][()]).any())
    run(*COMMON, "-T", 10, "-o", "none.h5", cwd=tmp_path)
    with h5py.File(tmp_path / "none.h5") as file:
        assert not [name for name in file if name.startswith("mobility")] and "mobility_groups" not in file.attrs


@pytest.mark.parametrize("ranks, threads", LAYOUTS)
def test_layouts(tmp_path, ranks, threads):
    options = *COMMON, "-T", 30, "--record-every", 5, "--mobility", 10
    run(*options, "-o", "one.h5", cwd=tmp_path)
    run(*options, "-o", "other.h5", cwd=tmp_path, ranks=ranks, threads=threads)
    assert same(tmp_path / "one.h5", tmp_path / "other.h5")


@pytest.mark.parametrize(
    "every, lag, stop", [(5, 20, 10), (5, 20, 20), (5, 20, 33), (5, 20, 47), (0, 30, 30), (0, 20, 20), (0, 20, 40), (0, 60, 60)]
)
def test_stopped_and_resumed(tmp_path, every, lag, stop):
    """Through a shorter run, which ends before, at and after an earlier period, on another layout."""
    options = *COMMON, "--record-every", every, "--mobility", lag
    run(*options, "-T", 60, "-o", "straight.h5", cwd=tmp_path)
    run(*options, "-T", max(stop, lag), "--checkpoint", "c", "-o", "short.h5", cwd=tmp_path, ranks=2)
    run(*options, "-T", 60, "--checkpoint", "c", "--resume", "-o", "resumed.h5", cwd=tmp_path, ranks=3)
    assert same(tmp_path / "straight.h5", tmp_path / "resumed.h5")
    run(*options, "-T", 60, "--checkpoint", "c", "--resume", "-o", "again.h5", cwd=tmp_path)
    assert same(tmp_path / "straight.h5", tmp_path / "again.h5")


@pytest.mark.parametrize("every", [0, 10])
def test_on_the_way(tmp_path, every):
    """Between the two periods of a pair, from a checkpoint at none of them."""
    options = *COMMON, "-T", 60, "--record-every", every, "--mobility", 30
    run(*options, "--checkpoint", "c", "--checkpoint-every", "47p", "-o", "x.h5", cwd=tmp_path, ranks=2)
    (tmp_path / "c.2").unlink()  # the end's
    assert "period 47" in run(*options[1:], "--checkpoint", "c", "--resume", "-o", "y.h5", cwd=tmp_path, ranks=3).stderr
    assert same(tmp_path / "x.h5", tmp_path / "y.h5")


@pytest.mark.parametrize("ranks, threads", LAYOUTS)
def test_scenarios(tmp_path, ranks, threads):
    rows = [{"s": s, "v1": v1} for s, v1 in (("0.5", "0.1"), ("0.9", "0.2"), ("0.95", "0"))]
    options = *COMMON, "-T", 40, "--record-every", 10, "--mobility", 20, "--coalescence", 3
    for i, row in enumerate(rows):
        run(*options, *(f"--{name}={value}" for name, value in row.items()), "-o", f"row{i}.h5", cwd=tmp_path)
    write_table(tmp_path / "t.txt", rows)
    run(*options, "--scenarios", "t.txt", "-T", 20, "--checkpoint", "c", "-o", "x.h5", cwd=tmp_path, ranks=2)
    run(*options, "--scenarios", "t.txt", "--checkpoint", "c", "--resume", "-o", "out.h5", cwd=tmp_path, ranks=ranks, threads=threads)
    compare(tmp_path / "out.h5", [tmp_path / f"row{i}.h5" for i in range(3)])


def test_printed_beside_scenarios(tmp_path):
    """A column of the last pair's index, with none where a group is empty; none where no mobility was asked for."""
    write_table(tmp_path / "t.txt", [{"v1": v1, "v2": v2} for v1, v2 in (("0.1", "1"), ("0.6", "1"), ("0", "0"))])
    options = "-n", 3000, "-T", 50, "--record-every", 5, "--average-from", 0, "--scenarios", "t.txt", "-o", "out.h5"
    said = run(*options, "--mobility", 20, cwd=tmp_path).stdout.splitlines()
    head = next(i for i, line in enumerate(said) if line.startswith("  scenario"))
    place = said[head].index("Shorrocks") + len("Shorrocks")
    index = read(tmp_path / "out.h5")["mobility_shorrocks"][:, -1]
    shown = [said[head + 1 + i][:place].split()[-1] for i in range(3)]
    assert shown == [f"{index[0]:.4f}", f"{index[1]:.4f}", "-"] and np.isnan(index[2])
    assert "  mobility    Shorrocks's index, from period 20 to 40" in said and max(map(len, said)) <= 110
    assert "Shorrocks" not in run(*options, cwd=tmp_path).stdout


@pytest.mark.parametrize(
    "options, message",
    [
        (["-T", 100, "--mobility", 15, "--record-every", 10], "--mobility: 15 is no multiple of --record-every 10: give 10"),
        (["-T", 105, "--mobility", 110, "--record-every", 10], "--mobility: no record is 110 periods after another: give at most 100"),
        (["-T", 100, "--mobility", 30], "--mobility: the 100 periods are no multiple of 30: give 25 or 50"),
        (["-T", 0, "--mobility", 3], "--mobility: 0 periods have no two records to compare"),
        (["-T", 9, "--mobility", 10, "--record-every", 10], "give more --periods"),
        (["-T", 9, "--mobility", 3, "--mobility-groups", "0,0.5"], "--mobility-groups: '0,0.5' is out of range"),
        (["-T", 9, "--mobility", 3, "--mobility-groups", ",".join(f"{i / 200}" for i in range(1, 120))], "give at most 99"),
        (["--mobility", 1.5], "--mobility: '1.5' is not a whole number"),
    ],
)
def test_refuses(tmp_path, options, message):
    result = run(*COMMON, *options, "-o", "out.h5", cwd=tmp_path, status=2)
    assert message in result.stderr and not (tmp_path / "out.h5").exists()


def test_checkpoint_of_another_run(tmp_path):
    """It is of another K, or does not hold the wealth that a sooner end would need."""
    options = *COMMON, "--mobility", 30
    run(*options, "-T", 90, "--checkpoint", "c", "--checkpoint-every", "50p", "-o", "x.h5", cwd=tmp_path)
    (tmp_path / "c.2").unlink()  # the end's
    result = run(*COMMON, "--mobility", 20, "-T", 60, "--checkpoint", "c", "--resume", "-o", "y.h5", cwd=tmp_path, status=2)
    assert "mobility" in result.stderr
    result = run(*options, "-T", 60, "--checkpoint", "c", "--resume", "-o", "y.h5", cwd=tmp_path, status=2)
    assert "the run would need wealth at period 30" in result.stderr and "give at least 90" in result.stderr
    run(*options, "-T", 90, "--checkpoint", "c", "--resume", "-o", "y.h5", cwd=tmp_path)
    assert same(tmp_path / "x.h5", tmp_path / "y.h5")
