"""make in copies of the project, and programs that are linked anew of the objects of the program under test."""
import os
import shutil
import subprocess

import program
import pytest
from program import ROOT

# Of a library that changes the processor's arithmetic when it is loaded, as one built with -ffast-math does (x86).
FLUSHING = "#include <xmmintrin.h>\n__attribute__((constructor)) static void flush(void) { _mm_setcsr(_mm_getcsr() | 0x8040); }\n"


class Copy:
    """Of the project, in a folder, with nothing built."""

    def __init__(self, folder):
        self.folder = folder
        for part in "Makefile", ".ci", "src", "include":
            (shutil.copytree if (ROOT / part).is_dir() else shutil.copy)(ROOT / part, folder / part)

    def make(self, *arguments, status=0):
        """What has become of `make ARGUMENTS`."""
        command = ["make", "--no-print-directory", *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=150)
        assert done.returncode == status, f"exit status {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def values(self, *names, arguments=()):
        """Of variables of the Makefile."""
        rule = "say-them:; @printf '%s\\n' " + " ".join(f"'$({name})'" for name in names)
        return self.make(f"--eval={rule}", "say-them", *arguments).stdout.rstrip("\n").split("\n")

    def link(self, *arguments):
        """The program as `make ARGUMENTS` would link it. What is compiled anew is what knows of SPRNG or LAPACK; the other objects
        are those of the program under test."""
        build = program.PROGRAM.parent
        if has_sanitizer():
            pytest.skip("the objects of the program under test are linked with, and a sanitizer is in them")
        anew = "build/random/sprng.o", "build/lecture/lapack.o", "build/core/version.o"
        self.make(*anew, "WERROR=-Werror", *arguments)
        compiler, ldflags, ldlibs = self.values("MPICC", "ldflags", "ldlibs", arguments=arguments)
        command = f"{compiler} {ldflags} -o mine {build}/main.o {' '.join(anew)} {build}/libwealthsim.a {ldlibs}"
        subprocess.run(command, shell=True, cwd=self.folder, check=True)
        return self.folder / "mine"


def has_sanitizer():
    """Whether the program under test has one that wants memory of its own."""
    flags = (program.PROGRAM.parent / "flags").read_text()
    return any(f"-fsanitize={kind}" in flags for kind in ("address", "thread"))


def loaded(library):
    """The names of what the program under test loads of "hdf5" or "lapack"."""
    found = (program.PROGRAM.parent / library).read_text().strip()
    if not found:
        pytest.skip(f"the program has {library} in itself, from an archive")
    return found.split(":")


def compile_library(path, source, *options):
    path.parent.mkdir(parents=True, exist_ok=True)
    command = ["gcc", "-shared", "-fPIC", "-w", "-o", path, "-x", "c", "-", "-x", "none", *options]
    subprocess.run(command, input=source, text=True, check=True)
    return path


def others_first(folder, names, source):
    """An environment where libraries of these names come first, made of that source; None: texts."""
    for name in names:
        path = folder / "other" / name
        path.parent.mkdir(exist_ok=True)
        if source is None:
            path.write_text("no library, but a text that is longer than the first part of a library's file\n")
        else:
            compile_library(path, source)
    return {"LD_LIBRARY_PATH": f"{folder}/other:{os.environ.get('LD_LIBRARY_PATH', '')}"}


def on_rank_1_alone(env):
    """A launcher whose second rank alone has this environment."""
    settings = " ".join(f"{name}='{value}'" for name, value in env.items())
    return "sh", "-c", f'[ "${{OMPI_COMM_WORLD_RANK:-$PMI_RANK}}" != 1 ] || export {settings}; exec "$@"', "sh"


def libraries(path):
    """{name: file} of the shared libraries that a program finds."""
    said = subprocess.run(["ldd", path], stdout=subprocess.PIPE, text=True, check=True).stdout
    return {line.split()[0]: line.split()[2] for line in said.splitlines() if "=>" in line}
