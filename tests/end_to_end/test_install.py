"""make install and uninstall: into any folder, for all users, and without a trace afterwards."""
import os
import shutil
import stat
import subprocess
import sys

import pytest
from faults import alone_in
from program import PROGRAM, ROOT

FILES = ("bin/wealthsim", "share/doc/wealthsim/README.md", "share/wealthsim/jobs/plot.py", "share/wealthsim/jobs/needs.py",
         "share/wealthsim/jobs/wealthsim/plot/run.py", "share/wealthsim/data/lecture.ini")  # fmt: skip


@pytest.fixture
def make(tmp_path):
    """make's two targets on the built program, in a tree of their own whose files only their owner may read."""
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in "Makefile", "README.md":
        shutil.copy(ROOT / name, tree)
    for name in ".ci", "jobs", "data":
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tree / "build").mkdir()
    shutil.copy(PROGRAM, tree / "build" / "wealthsim")
    for folder, _, files in os.walk(tree):
        for name in files:
            path = os.path.join(folder, name)
            os.chmod(path, os.stat(path).st_mode & 0o700)

    def call(target, status=0, **variables):
        words = [f"{name}={value}" for name, value in variables.items()]
        # what is built is taken as it is
        done = subprocess.run(["make", "-s", "-o", "all", target, *words], cwd=tree, capture_output=True, text=True, umask=0o077, timeout=60)
        assert (done.returncode == 0) == (status == 0), f"{words}: {done}"
        return done

    call.tree = tree
    return call


def tree_of(folder):
    return {os.path.relpath(os.path.join(place, name), folder) for place, folders, files in os.walk(folder) for name in folders + files}


@pytest.mark.parametrize("prefix, stage", [("/usr/local", "stage"), ("with blank", ""), ("with blank/it's", "stage dir"), ("rel", "stage/")])
def test_install(make, tmp_path, prefix, stage):
    """All files in one place, which everybody may read; nothing is left of them, and of the folders made for them."""
    where = {"PREFIX": prefix, "DESTDIR": f"{tmp_path}/{stage}" if stage else ""}
    absolute = prefix if prefix.startswith("/") else f"{make.tree}/{prefix}"
    before, place = tree_of(make.tree), where["DESTDIR"] + absolute
    make("install", **where)
    assert stage or tree_of(make.tree) > before
    assert not stage or tree_of(make.tree) == before  # a staged one goes nowhere else
    for name in FILES:
        mode = os.stat(os.path.join(place, name)).st_mode & 0o777
        assert mode == (0o755 if name.endswith(("bin/wealthsim", "plot.py")) else 0o644), (name, oct(mode))
    for name in tree_of(place):
        path = os.path.join(place, name)
        assert not os.path.isdir(path) or stat.S_IMODE(os.stat(path).st_mode) == 0o755, path
    said = subprocess.run([os.path.join(place, "bin/wealthsim"), "--version"], env={**os.environ, **alone_in(tmp_path)}, capture_output=True, text=True)
    assert said.stdout.startswith("wealthsim")
    make("install", **where)  # once more, as an update would
    make("uninstall", **where)
    assert tree_of(make.tree) == before
    assert not stage or tree_of(where["DESTDIR"]) == set()


def test_uninstall_keeps_what_is_others(make, tmp_path):
    """Folders that were there before, or have others' files in them; Python's leavings go. Without a list, nothing is touched."""
    root = tmp_path / "root"
    (root / "bin").mkdir(parents=True)
    make("install", PREFIX=root)
    (root / "share/wealthsim/jobs/__pycache__").mkdir()
    (root / "share/wealthsim/jobs/__pycache__/plot.pyc").touch()
    (root / "share/wealthsim/data/mine.ini").touch()
    make("uninstall", PREFIX=root)
    assert tree_of(root) == {"bin", "share", "share/wealthsim", "share/wealthsim/data", "share/wealthsim/data/mine.ini"}
    (root / "bin/wealthsim").touch()
    assert "installed" in make("uninstall", PREFIX=root, status=2).stderr
    assert (root / "bin/wealthsim").exists()


@pytest.mark.parametrize("has_apt", [False, True])
def test_what_is_missing(tmp_path, has_apt):
    """A missing C compiler is named first, and what is advised can be done here."""
    tools = "sh", "mktemp", "rm", "grep", "sed", "awk", "cut", "tr", "sort", "cat", "id", "env", *(["apt-get"] if has_apt else [])
    for name in tools:
        if not shutil.which(name):
            pytest.skip(f"{name} is not installed")
        os.symlink(shutil.which(name), tmp_path / name)
    done = subprocess.run([ROOT / ".ci" / "deps", "check", "run"], env={"PATH": str(tmp_path)}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "\n  C compiler: GCC 10" in done.stderr and "Without a C compiler (cc)" in done.stderr
    can_install = has_apt and os.geteuid() == 0
    assert ("make deps" in done.stderr) == can_install
    assert ("There is no apt here" in done.stderr) == (not has_apt) and ("as root, apt-get" in done.stderr) == (has_apt and not can_install)


@pytest.mark.parametrize("module, version, named", [("h5py", "2.9.1", "h5py 2.10"), ("matplotlib", "3.2.2", "Matplotlib 3.3")])
def test_what_is_too_old(tmp_path, module, version, named):
    """The least versions are looked at, and named."""
    (tmp_path / module).mkdir()
    (tmp_path / module / "__init__.py").write_text(f"__version__ = '{version}'\n")
    env = {**os.environ, "PYTHON": sys.executable, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([ROOT / ".ci" / "deps", "check", "test"], env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "is too old or cannot be used" in done.stderr and named in done.stderr


def look_for_libraries(**changes):
    """.ci/deps with flags as the Makefile has them; {NAME} in a change stands for what it is without."""
    names = "MPICC", "HDF5_CFLAGS", "HDF5_LIBS", "SPRNG_CFLAGS", "SPRNG_LIBS", "LAPACK_LIBS"
    rule = "say-flags:; @printf '%s\\n' " + " ".join(f"'$({name})'" for name in names)
    said = subprocess.run(["make", "--no-print-directory", "-C", ROOT, f"--eval={rule}", "say-flags"], capture_output=True, text=True, check=True)
    flags = dict(zip(names, said.stdout.splitlines()))
    env = {**os.environ, **flags, **{name: value.format(**flags) for name, value in changes.items()}}
    return subprocess.run([ROOT / ".ci" / "deps", "check", "run"], env=env, capture_output=True, text=True, timeout=100)


@pytest.mark.parametrize("compiler, macro, version, oldest", [("gcc", "__GNUC__", 9, 10), ("clang", "__clang_major__", 13, 14)])
def test_compiler_that_is_too_old(tmp_path, compiler, macro, version, oldest):
    """One that says so of itself. The least that does is taken."""
    if not shutil.which(compiler):
        pytest.skip(f"{compiler} is not installed")
    for said, is_taken in (version, False), (oldest, True):
        wrapper = tmp_path / f"{compiler}-{said}"
        wrapper.write_text(f'#!/bin/sh\nexec {compiler} -U{macro} -D{macro}={said} "$@"\n')
        wrapper.chmod(0o755)
        done = look_for_libraries(CC=str(wrapper), OMPI_CC=str(wrapper), MPICH_CC=str(wrapper))
        assert (done.returncode == 0) == is_taken, done.stderr
        assert is_taken or "\n  C compiler: GCC 10, Clang 14" in done.stderr


def test_hdf5_that_is_too_old(tmp_path):
    """Headers of 1.10.5; those of 1.10.6 are taken."""
    for release, is_taken in (5, False), (6, True):
        lines = ["#include_next <hdf5.h>"]
        for name, value in ("MINOR", 10), ("RELEASE", release):
            lines += [f"#undef H5_VERS_{name}", f"#define H5_VERS_{name} {value}"]
        (tmp_path / "hdf5.h").write_text("\n".join(lines) + "\n")
        done = look_for_libraries(HDF5_CFLAGS=f"-I{tmp_path} {{HDF5_CFLAGS}}")
        assert (done.returncode == 0) == is_taken, done.stderr
        assert is_taken or "HDF5" in done.stderr.split("is too old or cannot be used:")[1]
