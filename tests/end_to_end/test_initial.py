"""Starting from a distribution: what is read, how it is dealt out, and what is refused."""
import os

import h5py
import numpy as np
import pytest
from program import read

VALUES = np.random.default_rng(2).lognormal(size=1000)


def save(path, **datasets):
    with h5py.File(path, "w") as file:
        for name, values in datasets.items():
            file[name] = values


# ---- what is read ---------------------------------------------------------------------------------------------


@pytest.mark.smoke
@pytest.mark.parametrize("households", [1, 300, 1001, 3700])
def test_dealt_out_in_turn(wealthsim, tmp_path, households):
    """Household i starts at value i mod M, from an HDF5 file and from a text file, on any number of ranks."""
    save(tmp_path / "start.h5", wealth=VALUES)
    (tmp_path / "start.txt").write_text("".join(f"{value!r}\n" for value in VALUES.tolist()))
    expected = VALUES[np.arange(households) % len(VALUES)]
    for name, ranks in ("start.h5", 0), ("start.h5", 5), ("start.txt", 3):
        wealthsim("-q", "-n", households, "-T", 0, "--initial", name, "-o", "out.h5", ranks=ranks)
        assert np.array_equal(read(tmp_path / "out.h5")["wealth"], expected), (name, ranks)


def test_few_values_for_many(wealthsim, tmp_path):
    """Fewer values than ranks, and than households of a rank."""
    (tmp_path / "start.txt").write_text("1\n2\n3\n")
    save(tmp_path / "start.h5", wealth=[1.0, 2, 3])
    for name in "start.txt", "start.h5":
        wealthsim("-q", "-n", 2000, "-T", 0, "--initial", name, "-o", "out.h5", ranks=5)
        assert np.array_equal(read(tmp_path / "out.h5")["wealth"], np.arange(2000) % 3 + 1)


def test_kinds_of_datasets(wealthsim, tmp_path):
    """Whole numbers, single precision, other byte orders, chunks and groups; a name of the file's own with a colon."""
    whole = np.arange(500) % 77
    save(tmp_path / "start.h5", whole=whole.astype("u1"), single=whole.astype(">f4"), **{"a/b": whole.astype("<i8")})
    with h5py.File(tmp_path / "start.h5", "a") as file:
        file.create_dataset("packed", data=whole.astype(float), chunks=(64,), compression="gzip")
    save(tmp_path / "a:b.h5", wealth=whole, x=whole)
    for source in "start.h5:whole", "start.h5:single", "start.h5:a/b", "start.h5:/a/b", "start.h5:packed", "a:b.h5", "a:b.h5:x":
        wealthsim("-q", "-n", 500, "-T", 0, "--initial", source, "-o", "out.h5", ranks=0)
        file = read(tmp_path / "out.h5")
        assert np.array_equal(file["wealth"], whole), source
        assert file.attributes["initial"] == source


def test_kinds_of_text(wealthsim, tmp_path):
    """Comments, blank lines, blanks, Windows' line ends, a last line without an end, and what strtod reads."""
    (tmp_path / "start.txt").write_text("# wealth\n\n 1.5\n2e3\t\r\n   # more\n0\n+.25\n1e-320\n7")
    wealthsim("-q", "-n", 6, "-T", 0, "--initial", "start.txt", "-o", "out.h5", ranks=2)
    assert read(tmp_path / "out.h5")["wealth"].tolist() == [1.5, 2000, 0, 0.25, 1e-320, 7]


def test_text_to_the_last_bit(wealthsim, tmp_path):
    """17 digits are enough for any double; a line may be as long as it likes."""
    values = np.random.default_rng(3).uniform(0, 1, size=300) * 10.0 ** np.arange(-150, 150)
    long = f"# {'long ' * 1000}\n" + " " * 5000 + f"0.5{' ' * 300}\n0.{'0' * 9999}1e10000\n" + "1" * 300 + "\n"
    (tmp_path / "start.txt").write_text("".join(f"{value:.17g}\n" for value in values) + long)
    wealthsim("-q", "-n", 303, "-T", 0, "--initial", "start.txt", "-o", "out.h5", ranks=2)
    assert np.array_equal(read(tmp_path / "out.h5")["wealth"], np.r_[values, 0.5, 1.0, float("1" * 300)])


# ---- what follows from it -------------------------------------------------------------------------------------


def test_the_values_matter_and_are_used(wealthsim, tmp_path):
    """w0 for all by a file is w0; other values are another start on the same shocks: after one period the wealths differ by
    the same shock times the difference of the start values."""
    save(tmp_path / "start.h5", two=np.full(10, 2.0), values=VALUES)
    for name, arguments in {"a": ["--initial", "start.h5:two"], "b": ["--w0", 2], "c": ["--initial", "start.h5:values"],
                            "d": ["--w0", 0]}.items():  # fmt: skip
        wealthsim("-q", "-n", 1000, "-T", 1, "-o", f"{name}.h5", *arguments, ranks=2)
    a, b, c, d = (read(tmp_path / f"{name}.h5") for name in "abcd")
    assert a.hash == b.hash != c.hash
    gain = (b["wealth"] - d["wealth"]) / 2  # A in w' = A w + Y, to rounding
    assert np.allclose(c["wealth"], gain * VALUES + d["wealth"], rtol=1e-12)


def test_a_result_goes_on_with_another_seed(wealthsim, tmp_path):
    """A result file's own wealth is the start of a run; the next period's shocks are the other seed's first ones."""
    wealthsim("-q", "-n", 1000, "-T", 20, "-o", "first.h5", ranks=3)
    wealthsim("-q", "-n", 1000, "-T", 5, "--seed", 2, "--initial", "first.h5", "--paths", 1000, "-o", "second.h5", ranks=2)
    wealthsim("-q", "-n", 1000, "-T", 5, "--seed", 2, "--initial", "first.h5:wealth", "-o", "third.h5", ranks=1)
    first, second = read(tmp_path / "first.h5"), read(tmp_path / "second.h5")
    assert np.array_equal(second["path_wealth"][:, 0], first["wealth"])
    assert np.array_equal(second["path_wealth"][:, 5], second["wealth"])
    assert second.hash == read(tmp_path / "third.h5").hash


def test_onto_itself(wealthsim, tmp_path):
    """The file that a run starts from may be the one that it writes."""
    wealthsim("-q", "-n", 1000, "-T", 20, "-o", "out.h5", ranks=2)
    before = read(tmp_path / "out.h5")["wealth"]
    wealthsim("-q", "-n", 1000, "-T", 1, "--initial", "out.h5", "--paths", 1000, "-o", "out.h5", ranks=2)
    assert np.array_equal(read(tmp_path / "out.h5")["path_wealth"][:, 0], before)


# ---- what is refused ------------------------------------------------------------------------------------------


def refused(wealthsim, folder, source, *messages, n=1000, ranks=0):
    """Exit status 2, the reason, said once, and nothing written."""
    before = sorted(os.listdir(folder))
    result = wealthsim("-n", n, "-T", 5, "--initial", source, "-o", "out.h5", ranks=ranks, status=2)
    said = [line.removeprefix("wealthsim: ") for line in result.stderr.splitlines() if line.startswith("wealthsim: ")]
    for message in messages:
        assert any(message in line for line in said), result
    assert sum("--initial" in line for line in said) == 1, result
    assert sorted(os.listdir(folder)) == before and result.stdout == ""


@pytest.mark.parametrize("value, shown", [(np.nan, "nan"), (np.inf, "inf"), (-np.inf, "-inf"), (-1e-300, "-1e-300")])
def test_values_that_are_no_wealth(wealthsim, tmp_path, value, shown):
    """Named with their position, from 0; a middle rank meets this one."""
    values = VALUES.copy()
    values[481] = value
    save(tmp_path / "start.h5", wealth=values)
    (tmp_path / "start.txt").write_text("# values\n" + "".join(f"{float(x)!r}\n" for x in values))
    refused(wealthsim, tmp_path, "start.h5", f"value 481 of 'start.h5' is {shown}", ranks=3)
    refused(wealthsim, tmp_path, "start.txt", f"value 481 of 'start.txt' is {shown}")


def test_the_first_of_several(wealthsim, tmp_path):
    """Each rank has its own values: which one is named does not depend on that."""
    values = VALUES.copy()
    values[[5, 300, 999]] = -1
    save(tmp_path / "start.h5", wealth=values)
    for ranks in 1, 3:
        refused(wealthsim, tmp_path, "start.h5", "value 5 of 'start.h5' is -1", ranks=ranks)


@pytest.mark.parametrize(
    "content, message",
    [
        ("1\n2\nthree\n4\n", "start.txt:3: not a number"),
        ("1\n2 3\n", "start.txt:2: not a number"),
        ("1,5\n", "start.txt:1: not a number"),
        ("", "'start.txt' has no values"),
        ("# nothing\n\n", "'start.txt' has no values"),
        ("1\n# " + "long " * 100 + "\n" + "2" * 300 + "x\n", "start.txt:3: not a number"),
        (b"1\n2\x003\n4\n", "start.txt:2: not a number"),
        (b"\x89PNG\r\n\x1a\n\x00", "start.txt:1: not a number"),
    ],
)  # fmt: skip
def test_text_that_is_no_list_of_numbers(wealthsim, tmp_path, content, message):
    (tmp_path / "start.txt").write_bytes(content.encode() if isinstance(content, str) else content)
    refused(wealthsim, tmp_path, "start.txt", message)


def test_datasets_that_do_not_do(wealthsim, tmp_path):
    save(tmp_path / "start.h5", b=VALUES, a=VALUES, empty=np.zeros(0), matrix=np.ones((10, 3)), scalar=1.0,
         complex=np.ones(10, dtype=complex), words=np.array([b"a", b"b"]))  # fmt: skip
    with h5py.File(tmp_path / "start.h5", "a") as file:
        file.create_group("group")["inner"] = VALUES
        file["null"] = h5py.Empty("f8")
    all_names = "a, b, complex, empty, matrix, null, scalar, words"
    for source, *messages in [
        ("start.h5", "'start.h5' has no dataset 'wealth'; it has: " + all_names),
        ("start.h5:c", "'start.h5' has no dataset 'c'; it has: " + all_names),
        ("start.h5:group", "has no dataset 'group'"),
        ("start.h5:group/none", "has no dataset 'group/none'"),
        ("start.h5:none/none", "has no dataset 'none/none'"),
        ("start.h5:", "has no dataset ''"),
        ("start.h5:empty", "'start.h5' has no values"),
        ("start.h5:matrix", "dataset 'matrix' of 'start.h5' is not one-dimensional, of numbers"),
        ("start.h5:scalar", "dataset 'scalar' of 'start.h5' is not one-dimensional, of numbers"),
        ("start.h5:complex", "is not one-dimensional, of numbers"),
        ("start.h5:words", "is not one-dimensional, of numbers"),
        ("start.h5:null", "is not one-dimensional, of numbers"),
    ]:
        refused(wealthsim, tmp_path, source, *messages)


def test_files_that_do_not_do(wealthsim, tmp_path):
    save(tmp_path / "whole.h5", wealth=np.arange(100_000.0))
    whole = (tmp_path / "whole.h5").read_bytes()
    (tmp_path / "damaged.h5").write_bytes(whole[:5000])
    (tmp_path / "folder").mkdir()
    with h5py.File(tmp_path / "nothing.h5", "w"):
        pass
    refused(wealthsim, tmp_path, "none.txt", "cannot read 'none.txt': No such file or directory")
    refused(wealthsim, tmp_path, "none.h5:x", "cannot read 'none.h5': No such file or directory")
    refused(wealthsim, tmp_path, "damaged.h5", "'damaged.h5' is a damaged HDF5 file")
    refused(wealthsim, tmp_path, "nothing.h5", "'nothing.h5' has no dataset 'wealth'; it has: none")
    refused(wealthsim, tmp_path, "folder", "cannot read 'folder': Is a directory")


def test_values_that_are_not_used_do_not_matter(wealthsim, tmp_path):
    """Of an HDF5 file only what the households need is read: a NaN past them is no fault."""
    values = np.r_[VALUES, np.nan]
    save(tmp_path / "start.h5", wealth=values)
    wealthsim("-q", "-n", 1000, "-T", 0, "--initial", "start.h5", "-o", "out.h5", ranks=2)
    assert np.array_equal(read(tmp_path / "out.h5")["wealth"], VALUES)


def test_without_wealth_the_file_says_what_it_has(wealthsim, tmp_path):
    wealthsim("-q", "-n", 500, "-T", 5, "--no-wealth", "-o", "first.h5")
    refused(wealthsim, tmp_path, "first.h5", "'first.h5' has no dataset 'wealth'; it has: ")
