"""HDF5 is loaded by the ranks that use it: what the others are spared, and what is said where it cannot be, before the simulation."""
import os
import platform

import program
import pytest
from making import FLUSHING, libraries, loaded, on_rank_1_alone, others_first
from program import PROGRAM

SMALL = ("-q", "-n", 3000, "-T", 3, "-o", "x.h5")


@pytest.fixture(scope="module")
def names():
    return loaded("hdf5")


@pytest.fixture
def absent(names, tmp_path):
    """An environment where it cannot be loaded."""
    return others_first(tmp_path, names, None)


def test_it_is_not_linked(names):
    assert not [name for name in libraries(PROGRAM) if "hdf5" in name]


def who_loads_it(wealthsim, folder, names, *options):
    """The ranks, as the dynamic linker says."""
    log = 'LD_DEBUG=files LD_DEBUG_OUTPUT="$PWD/log.${OMPI_COMM_WORLD_RANK:-$PMI_RANK}" exec "$@"'
    wealthsim(*SMALL, *options, ranks=3, launcher=("sh", "-c", log, "sh"))
    logs = {path: path.read_text(errors="replace") for path in folder.glob("log.*")}
    assert len(logs) >= 3
    for path in logs:
        path.unlink()
    return {int(path.suffixes[0][1:]) for path, text in logs.items() if f"file={names[0]}" in text}


def test_who_loads_it(wealthsim, tmp_path, names):
    """Who writes, and all where all compress or go on from a checkpoint."""
    assert who_loads_it(wealthsim, tmp_path, names) == {0}
    assert who_loads_it(wealthsim, tmp_path, names, "--compress", 1) == {0, 1, 2}
    checkpoint = "--record-every", 1, "--checkpoint", "ck", "--checkpoint-every", "1p"
    assert who_loads_it(wealthsim, tmp_path, names, *checkpoint, "--resume") == {0}
    assert who_loads_it(wealthsim, tmp_path, names, *checkpoint, "--resume", "-T", 5) == {0, 1, 2}


def check_said(result, host_is_said_by="HDF5 cannot be loaded on host "):
    ours = [line for line in result.stderr.splitlines() if "HDF5" in line]
    assert len(ours) == 1 and host_is_said_by in ours[0], result.stderr
    assert result.stdout == ""
    return ours[0]


@pytest.mark.parametrize("options", [(), ("--checkpoint", "ck")])
@pytest.mark.parametrize("ranks", [None, pytest.param(3, marks=pytest.mark.smoke)])
def test_cannot_be_loaded(wealthsim, tmp_path, names, absent, options, ranks):
    """It is said once, before the simulation, and nothing is written."""
    said = check_said(wealthsim(*SMALL, "-T", 10**9, *options, ranks=ranks, env=absent, status=1))
    assert f": {tmp_path}/other/{names[0]}: " in said and said.endswith(": install it there, or have LD_LIBRARY_PATH name its folder")
    assert os.listdir(tmp_path) == ["other"]


def test_start_from_a_file(wealthsim, tmp_path, absent):
    """A file that cannot be read for lack of HDF5 is not called damaged."""
    wealthsim(*SMALL[:-1], "start.h5")
    said = wealthsim(*SMALL, "--initial", "start.h5", env=absent, status=2).stderr
    assert "--initial: cannot read 'start.h5': HDF5 cannot be loaded on host " in said and "damaged" not in said


def test_on_one_rank_alone(wealthsim, tmp_path, absent):
    """Who does not write does without it; where all write compressed values it is wanted of all."""
    launcher = on_rank_1_alone(absent)
    wealthsim(*SMALL, ranks=3, launcher=launcher)
    check_said(wealthsim(*SMALL, "-T", 10**9, "--compress", 1, ranks=3, launcher=launcher, status=1))


def test_without_a_function(wealthsim, tmp_path, names):
    env = others_first(tmp_path, names, "int another(void) { return 0; }")
    assert "undefined symbol: H5" in check_said(wealthsim(*SMALL, env=env, status=1))


def test_version(absent):
    assert "HDF5 cannot be loaded; " in program.run("--version", env=absent).stdout


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the processor's state is changed by x86's instruction")
def test_one_that_changes_the_arithmetic(wealthsim, tmp_path, names):
    """As a library built with -ffast-math does when it is loaded: after the program has looked at the processor's state."""
    every_name = f'#define FUNCTION(name) long name(void) {{ return 0; }}\n#define DATA(name) long name = 1;\n#include "{PROGRAM.parent}/hdf5_calls.h"\n'
    said = wealthsim(*SMALL, env=others_first(tmp_path, names, FLUSHING + every_name), status=1).stderr
    assert "subnormal" in said and "since HDF5 was loaded: it, or what it needs, was built with -ffast-math: take another one" in said
