"""LAPACK is loaded by the commands that want it: what the others are spared, and what is said where it cannot be."""
import os
import platform
import subprocess

import program
import pytest
from making import FLUSHING, Copy, compile_library, has_sanitizer, libraries, loaded, on_rank_1_alone, others_first
from program import ALONE, PROGRAM

# Of order n, by a stub of dgeev: no workspace to speak of, and a failure whose number tells which library was found.
DGEEV = """int lapack_info(void);
void dgeev_(void *l, void *r, int *n, double *a, int *lda, double *x, double *y, void *vl, void *ldvl, void *vr, void *ldvr,
    double *work, int *work_size, int *info) { *work = 1; *info = *work_size < 0 ? 0 : lapack_info(); }
"""
INFO = "int lapack_info(void) { return %d; }\n"
SMALL = ("eigvals", "--matrices", 2, "--order", 10)


@pytest.fixture(scope="module")
def names():
    return loaded("lapack")


@pytest.fixture
def before(names, tmp_path):
    return lambda source: others_first(tmp_path, names, source)


def test_it_is_not_linked(names):
    assert not set(names) & set(libraries(PROGRAM))


def test_memory_of_the_others(wealthsim):
    """OpenBLAS tries for ever to get the tens of megabytes with which it begins: who does not load it is spared that."""
    if has_sanitizer():
        pytest.skip("a sanitizer wants more memory than that")
    limited = "bash", "-c", 'ulimit -d 60000; exec "$0" "$@"'
    wealthsim("-q", "-n", 1000, "-T", 3, ranks=0, threads=1, launcher=limited, env=ALONE, limit=30)


@pytest.mark.parametrize("ranks", [None, pytest.param(3, marks=pytest.mark.smoke)])
def test_one_that_cannot_be_loaded(wealthsim, tmp_path, names, before, ranks):
    """It is said once, with the host, and nothing is written; the other commands do not ask for it."""
    env = before(None)
    said = wealthsim(*SMALL, "-o", "x.h5", ranks=ranks, env=env, status=1).stderr
    ours = [line for line in said.splitlines() if "LAPACK" in line]
    assert len(ours) == 1 and ours[0].startswith("wealthsim: LAPACK cannot be loaded on host "), said
    assert f": {tmp_path}/other/{names[0]}: " in ours[0] and ours[0].endswith(": install it there, or have LD_LIBRARY_PATH name its folder")
    assert os.listdir(tmp_path) == ["other"]
    wealthsim("-q", "-n", 1000, "-T", 3, "-o", "x.h5", ranks=ranks, env=env)


def test_on_one_rank_alone(wealthsim, tmp_path, before):
    """All end, whichever rank it is."""
    launcher = on_rank_1_alone(before(None))
    result = wealthsim(*SMALL, "-o", "x.h5", ranks=3, launcher=launcher, status=1)
    assert result.stderr.count("LAPACK cannot be loaded") == 1 and result.stdout == "", result
    assert os.listdir(tmp_path) == ["other"]
    said = wealthsim("verify", "--class", "tiny", ranks=3, launcher=launcher, status=1).stdout
    assert "FAIL  eigenvalues       not looked for: LAPACK cannot be used (failed on rank 1)\n" in said
    assert said.count("PASS") == 17


def test_without_the_function(wealthsim, before):
    said = wealthsim(*SMALL, env=before("int another(void) { return 0; }"), status=1).stderr
    assert "LAPACK cannot be loaded on host " in said and "undefined symbol: dgeev_: install it there" in said


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the processor's state is changed by x86's instruction")
def test_one_that_changes_the_arithmetic(wealthsim, before):
    """As a library built with -ffast-math does when it is loaded: after the program has looked at the processor's state."""
    said = wealthsim(*SMALL, env=before(FLUSHING + DGEEV + INFO % 0), status=1).stderr
    assert "subnormal" in said and "since LAPACK was loaded, which was built with -ffast-math: take another one" in said


# ---- the build -------------------------------------------------------------------------------------------------------


def failure(folder, linked, monkeypatch):
    monkeypatch.setattr(program, "PROGRAM", linked)
    return program.run(*SMALL, cwd=folder, status=1).stderr


def test_archive(tmp_path, monkeypatch):
    """It is linked, and nothing is loaded; a shared library that it needs is linked too."""
    (tmp_path / "stub.c").write_text(DGEEV)
    compile_library(tmp_path / "needed" / "libinfo.so", INFO % 5, "-Wl,-soname,libinfo.so.1")
    (tmp_path / "needed" / "libinfo.so.1").symlink_to("libinfo.so")
    subprocess.run("gcc -w -c stub.c && ar rcs libstub.a stub.o", shell=True, cwd=tmp_path, check=True)
    (tmp_path / "copy").mkdir()
    linked = Copy(tmp_path / "copy").link(f"LAPACK_LIBS=-L{tmp_path} -lstub -L{tmp_path}/needed -linfo")
    assert (tmp_path / "copy/build/lapack").read_text() == "" and "libinfo.so.1" in libraries(linked)
    assert "LAPACK's dgeev found no eigenvalues of matrix 0: info = 5" in failure(tmp_path, linked, monkeypatch)


def test_several_libraries(tmp_path, monkeypatch):
    """In a place of their own, of which the first needs the second without saying so, and at once."""
    compile_library(tmp_path / "lib" / "libblas_mine.so", INFO % 6)
    compile_library(tmp_path / "lib" / "liblapack_mine.so", DGEEV, "-Wl,-z,now")
    (tmp_path / "copy").mkdir()
    linked = Copy(tmp_path / "copy").link(f"LAPACK_LIBS=-L{tmp_path}/lib -llapack_mine -lblas_mine")
    assert (tmp_path / "copy/build/lapack").read_text() == "libblas_mine.so:liblapack_mine.so\n"
    assert not any("mine" in name for name in libraries(linked))
    assert "LAPACK's dgeev found no eigenvalues of matrix 0: info = 6" in failure(tmp_path, linked, monkeypatch)
