"""Starting from a distribution: what is read, how it is dealt out, and what is refused."""
import os
import subprocess

import faults
import h5py
import netCDF4
import numpy as np
import program
import pytest
from program import read

VALUES = np.random.default_rng(2).lognormal(size=1000)


def save(path, **datasets):
    with h5py.File(path, "w") as file:
        for name, values in datasets.items():
            file[name] = values


# ---- what is read ---------------------------------------------------------------------------------------------


def dealt_out(values, households):
    """Of M values, household i of N starts at value floor((2i + 1) M / (2N))."""
    values = np.asarray(values)
    return values[(2 * np.arange(households) + 1) * len(values) // (2 * households)]


@pytest.mark.smoke
@pytest.mark.parametrize("households", [1, 300, 1000, 1001, 3700])
def test_dealt_out(wealthsim, tmp_path, households):
    """From an HDF5 file and from a text file, on any number of ranks."""
    save(tmp_path / "start.h5", wealth=VALUES)
    (tmp_path / "start.txt").write_text("".join(f"{value!r}\n" for value in VALUES.tolist()))
    expected = dealt_out(VALUES, households)
    for name, ranks in ("start.h5", 0), ("start.h5", 5), ("start.txt", 3):
        wealthsim("-q", "-n", households, "-T", 0, "--initial", name, "-o", "out.h5", ranks=ranks)
        assert np.array_equal(read(tmp_path / "out.h5")["wealth"], expected), (name, ranks)


def test_few_values_for_many(wealthsim, tmp_path):
    """Fewer values than ranks, and than households of a rank."""
    (tmp_path / "start.txt").write_text("1\n2\n3\n")
    save(tmp_path / "start.h5", wealth=[1.0, 2, 3])
    for name in "start.txt", "start.h5":
        wealthsim("-q", "-n", 2000, "-T", 0, "--initial", name, "-o", "out.h5", ranks=5)
        assert np.array_equal(read(tmp_path / "out.h5")["wealth"], dealt_out([1, 2, 3], 2000))


def test_no_value_is_preferred(wealthsim, tmp_path):
    """Where M does not divide N a value has as many households as any other, or one more, and so the values' mean stays where
    it is, also of values in order: 6,000 lognormal ones, dealt out in turn to 50,000, would lose 3.1 % of it, since the
    first 2,000 would have one household more."""
    values = np.sort(np.random.default_rng(2).lognormal(size=6000))
    save(tmp_path / "start.h5", wealth=values)
    wealthsim("-q", "-n", 50_000, "-T", 0, "--initial", "start.h5", "-o", "out.h5", ranks=2)
    wealth = read(tmp_path / "out.h5")["wealth"]
    assert set(np.unique(wealth, return_counts=True)[1]) == {8, 9}
    assert abs(wealth.mean() / values.mean() - 1) < 1e-4


@pytest.mark.parametrize("layout", [{}, {"chunks": (1000,)}, {"chunks": (300_001,), "compression": 1}, {"chunks": (10**6,), "shuffle": True}],
                         ids=["contiguous", "small chunks", "large chunks", "one chunk"])  # fmt: skip
@pytest.mark.parametrize("households", [7, 999, 1_500_000])
def test_many_values(wealthsim, tmp_path, layout, households):
    """They are read in pieces of 2^18, or of whole chunks, and no others than the households need."""
    values = np.random.default_rng(6).permutation(800_003).astype(float)
    with h5py.File(tmp_path / "start.h5", "w") as file:
        file.create_dataset("wealth", data=values, maxshape=(None,) if layout else None, **layout)
    wealthsim("-q", "-n", households, "-T", 0, "--initial", "start.h5", "-o", "out.h5", ranks=3)
    assert np.array_equal(read(tmp_path / "out.h5")["wealth"], dealt_out(values, households))



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


def start_of(folder, source, n, **env):
    """The start values of n households."""
    result = faults.alone("-q", "-n", n, "-T", 0, "--initial", source, "-o", "out.h5", cwd=folder, env=env)
    return read(folder / "out.h5")["wealth"], result.stderr


@pytest.mark.parametrize("shape", [(500, 1), (1, 500), (1, 500, 1), (1, 1)])
def test_one_column_or_row(wealthsim, tmp_path, shape):
    values = VALUES[: np.prod(shape)].reshape(shape)
    save(tmp_path / "start.h5", wealth=values)
    wealthsim("-q", "-n", 700, "-T", 0, "--initial", "start.h5", "-o", "out.h5", ranks=3)
    assert np.array_equal(read(tmp_path / "out.h5")["wealth"], dealt_out(values.ravel(), 700))


def test_names_with_colons(tmp_path):
    """The file is the longest beginning that is one; what follows is the dataset."""
    save(tmp_path / "a", **{"wealth": [1.0], "b:c": [2.0], "c": [3.0], "b/c:d": [4.0]})
    for source, value in {"a": 1, "a:b:c": 2, "a:c": 3, "a:b/c:d": 4}.items():
        assert start_of(tmp_path, source, 1)[0] == [value], source
    save(tmp_path / "a:b", c=[5.0])
    assert start_of(tmp_path, "a:b:c", 1)[0] == [5]


@pytest.mark.parametrize("ranks", [1, 3])
def test_packed_values(wealthsim, tmp_path, ranks):
    """scale_factor and add_offset as netCDF4 applies them, in whole numbers, from a file that netCDF4 wrote."""
    values = np.random.default_rng(4).integers(0, 1000, size=700) * 0.25 + 5
    with netCDF4.Dataset(tmp_path / "packed.nc", "w") as file:
        file.createDimension("household", 700)
        variable = file.createVariable("wealth", "i2", ("household",), fill_value=-1)
        variable.scale_factor, variable.add_offset = 0.25, 5.0
        variable[:] = values
    assert h5py.File(tmp_path / "packed.nc")["wealth"][0] != values[0]
    wealthsim("-q", "-n", 700, "-T", 0, "--initial", "packed.nc", "-o", "out.h5", ranks=ranks)
    assert np.array_equal(read(tmp_path / "out.h5")["wealth"], values)


def attributed(path, values, **attributes):
    with h5py.File(path, "w") as file:
        file["wealth"] = values
        for name, value in attributes.items():
            file["wealth"].attrs[name] = value


@pytest.mark.parametrize(
    "dtype, attributes, said",
    [
        ("f8", {"_FillValue": np.array([1e20])}, "missing (1e+20: _FillValue or missing_value)"),
        ("f4", {"_FillValue": np.float32(1e20)}, "missing (1e+20: _FillValue or missing_value)"),
        ("f4", {"missing_value": 1e20}, "missing (1e+20: _FillValue or missing_value)"),
        ("f8", {"missing_value": np.array([-1.0, 1e20])}, "missing (1e+20: _FillValue or missing_value)"),
        ("f8", {"scale_factor": 0.5, "_FillValue": 1e20}, "missing (1e+20: _FillValue or missing_value)"),
        ("f8", {"valid_max": 1e10}, "1e+20, not within valid_min and valid_max (-inf to 1e+10)"),
        ("f8", {"valid_range": np.array([0, 1e10])}, "1e+20, not within valid_min and valid_max (0 to 1e+10)"),
        ("f8", {"scale_factor": -1.0}, "-1: wealth must be finite, 0 or more"),
        ("f8", {"scale_factor": 1e300}, "inf: wealth must be finite, 0 or more"),
    ],
)
def test_missing_values(wealthsim, tmp_path, dtype, attributes, said):
    """Refused with their position, on the rank that meets them."""
    values = np.ones(1000, dtype)
    values[700] = 1e20
    position = 0 if said.startswith("-1") else 700
    attributed(tmp_path / "start.h5", values, **attributes)
    refused(wealthsim, tmp_path, "start.h5", f"value {position} of 'start.h5' is {said}", ranks=3)


@pytest.mark.parametrize("name, value", [("scale_factor", "two"), ("add_offset", [1.0, 2.0]), ("scale_factor", np.inf),
                                         ("valid_range", 1.0), ("missing_value", "none"), ("_Unsigned", "true")])  # fmt: skip
def test_attributes_that_are_not_understood(wealthsim, tmp_path, name, value):
    attributed(tmp_path / "start.h5", [1.0], **{name: value})
    refused(wealthsim, tmp_path, "start.h5", f"attribute {name} of dataset 'wealth' of 'start.h5' cannot be understood")


@pytest.mark.parametrize(
    "content, values, header",
    [
        (b"\xef\xbb\xbf1.5\n2\n", [1.5, 2], None),
        (b"\xef\xbb\xbfwealth\r\n1.5\r\n2\r\n", [1.5, 2], "line 1 of 'start.txt' is taken for a header: wealth"),
        (b'# R\n\n"x"\n1\n2\n', [1, 2], "line 3 of 'start.txt' is taken for a header: \"x\""),
        ("Vermögen in €\n1\n".encode(), [1], "line 1 of 'start.txt' is taken for a header: Vermögen in €"),
        ("Ärzte\n1\n".encode(), [1], "is taken for a header: Ärzte"),
        (b"  0.15D+03\n 1d-2\n1D2\n.5d0\n 1.E1\n", [150, 0.01, 100, 0.5, 10], None),
        (b'"1.5"\n"2"\n', [1.5, 2], None),
    ],
)  # fmt: skip
def test_columns_of_other_programs(tmp_path, content, values, header):
    """A mark at the beginning, one line of header, which is said, Fortran's exponents, quotes."""
    (tmp_path / "start.txt").write_bytes(content)
    found, said = start_of(tmp_path, "start.txt", len(values))
    assert found.tolist() == values and (header in said if header else said == ""), said


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


@pytest.mark.parametrize("output", ["first.h5", "./first.h5", "link.h5", "hard.h5", "folder/../first.h5"])
def test_onto_itself(wealthsim, tmp_path, output):
    """The file that a run starts from is not replaced, under whatever name."""
    wealthsim("-q", "-n", 1000, "-T", 2, "-o", "first.h5", ranks=0)
    before = (tmp_path / "first.h5").read_bytes()
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.h5").symlink_to("first.h5")
    os.link(tmp_path / "first.h5", tmp_path / "hard.h5")
    for command in "run", "path":
        result = faults.alone(command, "-T", 1, "--initial", "first.h5", "-o", output, cwd=tmp_path, status=2)
        assert f"--output: '{output}' is the file that --initial reads" in result.stderr
    assert (tmp_path / "first.h5").read_bytes() == before


# ---- what is refused ------------------------------------------------------------------------------------------


def refused(wealthsim, folder, source, *messages, n=1000, ranks=0):
    """Exit status 2, the reason, said once, and nothing written."""
    before = sorted(os.listdir(folder))
    arguments = ("-n", n, "-T", 5, "--initial", source, "-o", "out.h5")
    result = wealthsim(*arguments, ranks=ranks, status=2) if ranks else faults.alone(*arguments, cwd=folder, status=2)
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
        ("1\n2 3\n", "start.txt:2: not a number alone but several columns: keep one, as cut -d' ' -f1 'start.txt' does"),
        ("1,5\n", "start.txt:1: not a number alone but several columns: keep one, as cut -d',' -f1 'start.txt' does "
                  "(decimals are written with a point)"),
        ("id,wealth\n1,0.5\n", "start.txt:2: not a number alone but several columns: keep one, as cut -d','"),
        ("1;5\n", "start.txt:1: not a number alone but several columns: keep one, as cut -d';'"),
        ("1\t5\n", "start.txt:1: not a number alone but several columns: keep one, as cut -f1"),
        ("a\nb\n1\n", "start.txt:2: not a number"),
        ("1\nwealth\n", "start.txt:2: not a number"),
        ("wealth\n", "'start.txt' has no values"),
        ("1.5x\n1\n", "start.txt:1: not a number"),
        ("-\n1\n", "start.txt:1: not a number"),
        ("1.5D\n", "start.txt:1: not a number"),
        ("1.5Dx\n", "start.txt:1: not a number"),
        ('"1.5\n', "start.txt:1: not a number"),
        ("wealth\n".encode("utf-16"), "start.txt:1: not a number"),
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
    all_names = "a, b, complex, empty, group/inner, matrix, null, scalar, words"
    for source, *messages in [
        ("start.h5", "'start.h5' has no dataset 'wealth'; it has: " + all_names),
        ("start.h5:c", "'start.h5' has no dataset 'c'; it has: " + all_names),
        ("start.h5:group", "has no dataset 'group'"),
        ("start.h5:group/none", "has no dataset 'group/none'"),
        ("start.h5:none/none", "has no dataset 'none/none'"),
        ("start.h5:", "has no dataset ''"),
        ("start.h5:empty", "'start.h5' has no values"),
        ("start.h5:matrix", "dataset 'matrix' of 'start.h5' is not one-dimensional, of numbers: it is 10 x 3: write what"),
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
    refused(wealthsim, tmp_path, "damaged.h5", "'damaged.h5' is a damaged HDF5 file, or cannot be read now: HDF5 says 'truncated file")
    refused(wealthsim, tmp_path, "nothing.h5", "'nothing.h5' has no dataset 'wealth'; it has: none")
    refused(wealthsim, tmp_path, "folder", "cannot read 'folder': Is a directory")


def test_pipes(wealthsim, tmp_path):
    """They would be waited for for ever, and could be read once only."""
    os.mkfifo(tmp_path / "pipe")
    for source in "pipe", "pipe:x", "/dev/zero", "/dev/null":
        refused(wealthsim, tmp_path, source, f"'{source.removesuffix(':x')}' is a pipe or a device, and is read more than once: "
                                             "write what comes out of it to a file first")  # fmt: skip
    line = program.command("-n", 10, "-T", 1, ranks=0)
    result = subprocess.run(["bash", "-c", '"$@" --initial <(echo 1)', "bash", *line], cwd=tmp_path, text=True,
                            env=program.environment(1, faults.alone_in(tmp_path)), capture_output=True, timeout=60)  # fmt: skip
    assert result.returncode == 2 and "is a pipe or a device" in result.stderr


@pytest.mark.parametrize("mode", ["r+", "w"])
def test_file_that_is_open_elsewhere(wealthsim, tmp_path, mode):
    """Its lock is no damage."""
    save(tmp_path / "start.h5", wealth=VALUES)
    with h5py.File(tmp_path / "start.h5", mode):
        refused(wealthsim, tmp_path, "start.h5", "'start.h5' is open for writing elsewhere: close it there, or start from a copy")


def test_file_that_is_read_elsewhere(tmp_path):
    save(tmp_path / "start.h5", wealth=VALUES)
    with h5py.File(tmp_path / "start.h5", "r"):
        assert np.array_equal(start_of(tmp_path, "start.h5", 1000)[0], VALUES)


def test_filter_that_is_not_there(wealthsim, tmp_path):
    """The file, the dataset and the filter are named; a dataset beside it is read."""
    with h5py.File(tmp_path / "start.h5", "w") as file:
        plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plan.set_chunk((100,))
        plan.set_filter(32_015, h5py.h5z.FLAG_OPTIONAL, (3,))
        h5py.h5d.create(file.id, b"wealth", h5py.h5t.IEEE_F64LE, h5py.h5s.create_simple((100,)), dcpl=plan)
        file["plain"] = VALUES
    refused(wealthsim, tmp_path, "start.h5", "dataset 'wealth' of 'start.h5' needs HDF5's filter 32015 (without a name), which is "
                                             "not here")  # fmt: skip
    assert np.array_equal(start_of(tmp_path, "start.h5:plain", 1000)[0], VALUES)


def test_values_that_are_not_used_do_not_matter(wealthsim, tmp_path):
    """Of an HDF5 file only what the households need is read: a NaN between them is no fault."""
    values = np.insert(VALUES, 500, np.nan)
    save(tmp_path / "start.h5", wealth=values)
    wealthsim("-q", "-n", 1000, "-T", 0, "--initial", "start.h5", "-o", "out.h5", ranks=2)
    assert np.array_equal(read(tmp_path / "out.h5")["wealth"], VALUES)


def test_without_wealth_the_file_says_what_it_has(wealthsim, tmp_path):
    wealthsim("-q", "-n", 500, "-T", 5, "--no-wealth", "-o", "first.h5")
    refused(wealthsim, tmp_path, "first.h5", "'first.h5' has no dataset 'wealth'; it has: ")
