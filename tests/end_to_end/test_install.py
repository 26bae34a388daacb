"""make install and uninstall: into any folder, for all users, and without a trace afterwards."""
import glob
import os
import re
import shutil
import stat
import subprocess
import sys

import pytest
from faults import alone_in
from program import PROGRAM, ROOT

FILES = ("bin/wealthsim", "share/doc/wealthsim/README.md", "share/wealthsim/jobs/plot.py", "share/wealthsim/jobs/needs.py",
         "share/wealthsim/jobs/wealthsim/plot/run.py", "share/wealthsim/data/lecture.ini", "share/man/man1/wealthsim.1",
         "share/bash-completion/completions/wealthsim", "share/zsh/site-functions/_wealthsim",
         "share/modulefiles/wealthsim/1.2.3")  # fmt: skip


@pytest.fixture
def make(tmp_path):
    """make's two targets on the built program, in a tree of their own whose files only their owner may read."""
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in "Makefile", "README.md":
        shutil.copy(ROOT / name, tree)
    for name in ".ci", "jobs", "data":
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tree / ".version").write_text("1.2.3\n2026-01-02\n")
    (tree / "build").mkdir()
    shutil.copy(PROGRAM, tree / "build" / "wealthsim")
    for folder, _, files in os.walk(tree):
        for name in files:
            path = os.path.join(folder, name)
            os.chmod(path, os.stat(path).st_mode & 0o700)

    def call(target, status=0, is_built=True, **variables):
        words = [f"{name}={value}" for name, value in variables.items()]
        # what is built is taken as it is
        words = ["make", "-s", *is_built * ["-o", "all"], target, *words]
        done = subprocess.run(words, cwd=tree, capture_output=True, text=True, umask=0o077, timeout=60)
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


def test_update_removes_what_is_gone(make, tmp_path):
    """Files of an earlier version that this one has not; its modulefile, too, would load another program."""
    make("install", PREFIX=tmp_path / "root")
    (make.tree / ".version").write_text("1.3\n")
    (make.tree / "data" / "sweep.txt").unlink()
    make("install", PREFIX=tmp_path / "root")
    assert os.listdir(tmp_path / "root/share/modulefiles/wealthsim") == ["1.3"]
    assert not (tmp_path / "root/share/wealthsim/data/sweep.txt").exists()
    make("uninstall", PREFIX=tmp_path / "root")
    assert not (tmp_path / "root").exists()


@pytest.mark.parametrize("prefix", ["/proc/wealthsim", "file", "file/below", "link", "taken"])
def test_prefix_that_cannot_be_written(make, tmp_path, prefix):
    """It is said before anything is built or installed."""
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nowhere/else")
    (tmp_path / "taken/share/man").mkdir(parents=True)
    (tmp_path / "taken/share/man/man1").touch()
    before = tree_of(tmp_path)
    said = make("install", PREFIX=tmp_path / prefix, is_built=False, status=2)
    assert "make install: nothing was installed: PREFIX='" in said.stderr and "cannot be written: '" in said.stderr
    assert "PREFIX=$HOME/opt/wealthsim" in said.stderr and "compile" not in said.stdout
    assert tree_of(tmp_path) == before


def test_name_that_is_taken(make, tmp_path):
    """A folder where a file is to be."""
    (tmp_path / "root/bin/wealthsim").mkdir(parents=True)
    before = tree_of(tmp_path / "root")
    assert "nothing was installed: " in make("install", PREFIX=tmp_path / "root", status=2).stderr
    assert tree_of(tmp_path / "root") == before


def test_installation_that_fails_halfway(make, tmp_path):
    """What is there then can be removed."""
    (make.tree / "data" / "dangling.txt").symlink_to("nowhere")
    (make.tree / "jobs" / "plot.py").unlink()
    real = shutil.which("install")
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools/install").write_text(f'#!/bin/sh\ncase $* in *collect.py*) echo "install: no space" >&2; exit 1 ;; esac\nexec {real} "$@"\n')
    (tmp_path / "tools/install").chmod(0o755)
    old = os.environ["PATH"]
    os.environ["PATH"] = f"{tmp_path}/tools:{old}"
    try:
        said = make("install", PREFIX=tmp_path / "root", status=2).stderr
    finally:
        os.environ["PATH"] = old
    assert "no space" in said and "make uninstall removes what is there" in said
    assert (tmp_path / "root/bin/wealthsim").exists()
    make("uninstall", PREFIX=tmp_path / "root")
    assert not (tmp_path / "root").exists()


def test_program_that_cannot_be_run(make, tmp_path):
    """Of another architecture, as after cross-compiling: it is installed without what it would print."""
    (make.tree / "build/wealthsim").write_bytes(b"\x7fELF of another kind")
    said = make("install", PREFIX=tmp_path / "root").stderr
    assert "Manual page and completion are not installed: 'build/wealthsim', which prints them, cannot be run here" in said
    assert (tmp_path / "root/bin/wealthsim").exists() and not (tmp_path / "root/share/man").exists()


def test_check_installed(make, tmp_path):
    """All that is installed is found and works; what is not is named."""
    root = {"PREFIX": tmp_path / "with blank"}
    make("install", **root)
    said = make("check-installed", NP=2, ARGS="--class tiny", **root).stdout
    assert len(said.splitlines()) == 8 and "FAIL" not in said, said
    assert all(f"PASS  {what}" in said for what in ("files", "program", "bash", "Python", "verify"))
    assert f"{'PASS' if shutil.which('man') else 'SKIP'}  manual" in said and f"{'PASS' if shutil.which('zsh') else 'SKIP'}  zsh" in said
    assert "18 of 18 checks passed" in said
    for name in FILES[6:8]:
        (root["PREFIX"] / name).unlink()
    (root["PREFIX"] / FILES[9]).write_text("#%Module1.0\n")
    (root["PREFIX"] / "bin/wealthsim").write_text("#!/bin/sh\nexit 1\n")
    has_modules = "SKIP  modulefile" not in said
    said = make("check-installed", status=2, NP=2, ARGS="--class tiny", **root).stdout
    failing = ["files", "program", "manual", "bash", *has_modules * ["modulefile"], "verify"]
    assert [line.split()[1] for line in said.splitlines() if line.startswith("FAIL")] == failing
    assert f"{root['PREFIX']}/{FILES[6]} is missing" in said
    assert "make install writes, is not there" in make("check-installed", status=2, PREFIX=tmp_path / "none").stderr


TOOLS = {"Environment Modules": "/usr/lib/*/modulecmd.tcl /usr/share/Modules/libexec/modulecmd.tcl",
         "Lmod": "/usr/share/lmod/lmod/libexec/lmod /usr/share/lmod/*/libexec/lmod"}  # fmt: skip


@pytest.mark.parametrize("tool", TOOLS)
def test_modulefile(make, tmp_path, tool):
    """Loaded, it has the program, its page and its package found, with the modules that were loaded when it was installed, and
    the system's manual pages as before; unloaded, it leaves nothing."""
    places = [path for pattern in TOOLS[tool].split() for path in glob.glob(pattern)]
    if not places:
        pytest.skip(f"{tool} is not installed")
    # (Lmod itself takes no path of a modulefile with a blank or a quotation mark in it.)
    root = tmp_path / ("root" if tool == "Lmod" else "with blank's [x]")
    make("install", PREFIX=root, MODULES="library/7:wealthsim/1.1")
    others = tmp_path / "modules" / "library"
    others.mkdir(parents=True)
    (others / "7").write_text("#%Module1.0\nsetenv LIBRARY 7\n")
    names = "PATH", "MANPATH", "PYTHONPATH", "LIBRARY"
    show = "; ".join(f'echo "{name}=[${{{name}-unset}}]"' for name in names)
    script = f'unset MANPATH PYTHONPATH LIBRARY; module() {{ eval "$("$TOOL" sh "$@")"; }}; module load wealthsim; {show}; ' \
             f'wealthsim --launcher | head -n 1; module unload wealthsim; {show}'  # fmt: skip
    env = {name: value for name, value in os.environ.items() if "MODULE" not in name and "LMOD" not in name}
    env |= {"TOOL": places[0], "MODULEPATH": f"{root}/share/modulefiles:{tmp_path}/modules", **alone_in(tmp_path)}
    done = subprocess.run(["sh", "-c", script], env=env, capture_output=True, text=True, timeout=60)
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"PATH=[{root}/bin:") and re.fullmatch(r"MANPATH=\[" + re.escape(f"{root}/share/man") + "::?]", lines[1]), done
    assert lines[2].startswith(f"PYTHONPATH=[{root}/lib/python3") and lines[3] == "LIBRARY=[7]", done
    assert lines[4].startswith("# "), done
    assert str(root) not in lines[5] and "/bin" in lines[5], done  # (Lmod takes out what is in PATH twice)
    assert lines[6:8] == ["MANPATH=[unset]", "PYTHONPATH=[unset]"], done


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
    assert "\n  C compiler: GCC 8" in done.stderr and "Without a C compiler (cc)" in done.stderr
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


@pytest.mark.parametrize("compiler, macro, version, oldest", [("gcc", "__GNUC__", 7, 8), ("clang", "__clang_major__", 13, 14)])
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
        assert is_taken or "\n  C compiler: GCC 8, Clang 14" in done.stderr


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
