"""What surrounds the program: its standard streams, its launcher, the processor's state, WEALTHSIM_VECTOR."""
import os
import platform
import shutil
import subprocess

import faults
import program
import pytest
from program import read, vector_levels


def shell(line, folder, *arguments, **env):
    """The program started by a shell, alone: "$@" is its command line."""
    words = ["sh", "-c", line, "sh", *program.command(*arguments, ranks=0)]
    return subprocess.run(words, cwd=folder, env=program.environment(1, {**faults.alone_in(folder), **env}), text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=60)  # fmt: skip


# ---- standard streams -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["path", "--help"],
        ["--version"],
        ["--launcher"],
        ["--launcher=cluster"],
        ["--manual"],
        ["--completion", "bash"],
        ["--completion=zsh"],
        ["info"],
        ["-n", 10, "-T", 1],
        ["path", "-T", 3],
        ["path", "--csv", "-T", 10_000],
        ["pi", "--draws", 10],
        ["gridmax", "--points", 3],
        ["verify", "--class", "tiny"],
    ],
)
@pytest.mark.parametrize("sink", [">/dev/full", ">&-"])
def test_output_that_cannot_be_written(tmp_path, arguments, sink):
    result = shell(f'"$@" {sink}', tmp_path, *arguments)
    assert result.returncode == 1 and "wealthsim: standard output could not be written whole" in result.stderr, result
    assert not os.path.exists(tmp_path / "wealthsim.h5") or read(tmp_path / "wealthsim.h5").attributes["households"] == 10


def test_nothing_to_say_needs_no_output(tmp_path):
    for sink in ">/dev/full", ">&-", ">&- 2>&- <&-":
        assert shell(f'"$@" {sink}', tmp_path, "-q", "-n", 10, "-T", 1).returncode == 0
        assert read(tmp_path / "wealthsim.h5").attributes["households"] == 10


def test_other_faults_come_first(tmp_path):
    result = shell('"$@" >/dev/full', tmp_path, "-n", "x")
    assert result.returncode == 2 and "standard output" not in result.stderr


# ---- the launcher ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE", "MPI_LOCALNRANKS",
                                  "SLURM_STEP_NUM_TASKS"])  # fmt: skip
def test_foreign_launcher(tmp_path, name):
    """It started several processes, each of which is alone to MPI: all would write one file."""
    result = faults.alone("-n", 10, "-T", 1, cwd=tmp_path, env={name: "3"}, status=2)
    assert f"{name}=3 processes were started, but MPI sees 1" in result.stderr and f"unset {name}" in result.stderr
    assert not os.path.exists(tmp_path / "wealthsim.h5")
    faults.alone("-n", 10, "-T", 1, cwd=tmp_path, env={name: "1"})


@pytest.mark.parametrize("ranks", [1, 3])
def test_a_launcher_within_another(wealthsim, ranks):
    """What surrounds mpirun has variables of its own, and a batch script those of its job."""
    others = {"PMI_SIZE": "7", "SLURM_STEP_NUM_TASKS": "16", "SLURM_NTASKS": "16", "MPI_LOCALNRANKS": "2"}
    wealthsim("-n", 1000, "-T", 1, ranks=ranks, env=others)


def test_a_batch_script_starts_it_alone(tmp_path):
    faults.alone("-n", 10, "-T", 1, cwd=tmp_path, env={"SLURM_NTASKS": "16", "SLURM_JOB_ID": "3"})


# ---- the processor's state ------------------------------------------------------------------------------------

CHANGED = """
#include <fenv.h>
#include <immintrin.h>
#include <stdlib.h>
#include <string.h>
__attribute__((constructor)) static void change(void)
{
    const char *what = getenv("CHANGE");
    if (what && strcmp(what, "rounding") == 0)
        fesetround(FE_UPWARD);
    else if (what)
        _mm_setcsr(_mm_getcsr() | (unsigned)strtoul(what, NULL, 16));
}
"""


@pytest.mark.skipif(platform.machine() != "x86_64" or not shutil.which("cc"), reason="needs x86-64 and a compiler")
def test_changed_arithmetic(wealthsim, tmp_path):
    """Flush-to-zero, denormals-are-zero, both, another rounding: on any rank, from a library that is loaded."""
    (tmp_path / "changed.c").write_text(CHANGED)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", "changed.so", "changed.c", "-lm"], cwd=tmp_path, check=True)
    loaded = {"LD_PRELOAD": str(tmp_path / "changed.so")}
    for change, said in {"8000": "results that are subnormal numbers become zero", "40": "subnormal numbers count as zero",
                         "8040": "subnormal numbers count as zero",
                         "rounding": "results are not rounded to the nearest number"}.items():  # fmt: skip
        for command in "run", "verify":
            result = faults.alone(command, cwd=tmp_path, env={**loaded, "CHANGE": change}, status=2)
            assert said in result.stderr and "LD_PRELOAD" in result.stderr
    faults.alone("-n", 10, "-T", 1, cwd=tmp_path, env=loaded)
    one = ["sh", "-c", '[ "$OMPI_COMM_WORLD_RANK" != 2 ] || export CHANGE=8040; exec "$@"', "sh"]
    result = wealthsim("-n", 1000, "-T", 1, ranks=3, env=loaded, launcher=one, status=2)
    assert "rank 2: on host " in result.stderr


# ---- vector code ----------------------------------------------------------------------------------------------


def test_vector_level_that_is_none(wealthsim, tmp_path):
    for level in "garbage", "AVX2", "avx1024":
        result = faults.alone("-n", 10, "-T", 1, cwd=tmp_path, env={"WEALTHSIM_VECTOR": level}, status=2)
        assert f"WEALTHSIM_VECTOR: '{level}' is not one of the levels that host " in result.stderr
        assert f"can run: {', '.join(vector_levels())}\n" in result.stderr
    faults.alone("-n", 10, "-T", 1, cwd=tmp_path, env={"WEALTHSIM_VECTOR": ""})
    one = ["sh", "-c", '[ "$OMPI_COMM_WORLD_RANK" != 2 ] || export WEALTHSIM_VECTOR=x; exec "$@"', "sh"]
    assert "rank 2: WEALTHSIM_VECTOR: 'x'" in wealthsim("-n", 1000, "-T", 1, ranks=3, launcher=one, status=2).stderr


def test_vector_level_that_this_processor_lacks(tmp_path):
    lacking = [level for level in ("avx2", "avx512") if level not in vector_levels()]
    if not lacking:
        pytest.skip("this processor has all levels")
    result = faults.alone("-n", 10, "-T", 1, cwd=tmp_path, env={"WEALTHSIM_VECTOR": lacking[-1]}, status=2)
    assert f"can run: {', '.join(vector_levels())}\n" in result.stderr


# ---- processors -----------------------------------------------------------------------------------------------


def test_big_endian_is_refused():
    """The compiler, told that it compiles for such a processor, says why it does not."""
    order = ["-U__BYTE_ORDER__", "-D__BYTE_ORDER__=__ORDER_BIG_ENDIAN__"]
    words = ["cc", "-fsyntax-only", *order, f"-I{program.ROOT}/include", program.ROOT / "src/core/hash.c"]
    result = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert result.returncode != 0 and "wealthsim is for little-endian processors" in result.stderr
