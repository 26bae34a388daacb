"""make sprng: SPRNG 2 built from upstream's source, as Debian's source package has it, and linked with."""
import os
import re
import shutil
import subprocess
import tarfile

import program
import pytest
from program import ROOT
from test_layout import HASH_OF_THE_LECTURE

SOURCES = "Types: deb-src\nURIs: {}\nSuites: {}\nComponents: main\nTrusted: yes\n"


def fetched(folder):
    """Debian's source package, by an apt that has lists of its own; None with the reason in the second place."""
    for part in "lists/partial", "state":
        (folder / part).mkdir(parents=True)
    (folder / "debian.sources").write_text(SOURCES.format("http://deb.debian.org/debian", "bookworm"))
    here = {"Dir::Etc::sourcelist": folder / "debian.sources", "Dir::Etc::sourceparts": "/dev/null", "Dir::State::lists": folder / "lists",
            "APT::Sandbox::User": "", "Acquire::Retries": 0, "Acquire::http::Timeout": 8}  # fmt: skip
    apt = ["apt-get", "-qq", *(f"-o{name}={value}" for name, value in here.items())]
    for command in [*apt, "update"], [*apt, "source", "--download-only", "sprng"]:
        try:
            done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
        except (OSError, subprocess.TimeoutExpired) as error:
            return None, str(error)
        if done.returncode:
            return None, done.stdout.strip().splitlines()[-1]
    return next(folder.glob("sprng_2.0a.orig.tar.*"), None), "no source in the package"


@pytest.fixture(scope="module")
def tarball(tmp_path_factory):
    """Of SPRNG 2: $WEALTHSIM_SPRNG_SOURCE, or Debian's."""
    given = os.environ.get("WEALTHSIM_SPRNG_SOURCE")
    if given:
        return given
    found, reason = fetched(tmp_path_factory.mktemp("source"))
    if not found:
        pytest.skip(f"the source of SPRNG 2 cannot be had here: {reason}")
    return found


@pytest.fixture
def make(tmp_path):
    """make in a copy of the project, which has nothing built."""
    for part in "Makefile", ".ci", "src", "include":
        (shutil.copytree if (ROOT / part).is_dir() else shutil.copy)(ROOT / part, tmp_path / part)

    def run(*arguments, status=0):
        env = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        done = subprocess.run(["make", "--no-print-directory", *arguments], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=100)
        assert done.returncode == status, done
        return done

    return run


def asked(make, *names):
    """What variables of the Makefile say."""
    said = make("--eval=say-them:; @printf '%s\\n' " + " ".join(f"'$({name})'" for name in names), "say-them").stdout
    return said.rstrip("\n").split("\n")


@pytest.mark.skipif("sanitize" in str(program.PROGRAM) or "threads" in str(program.PROGRAM), reason="objects of another compiler are linked with")
def test_built_from_source(make, tarball, tmp_path, monkeypatch):
    """The program with that library passes its verification, all six families, and has the lecture's hash. What is compiled
    anew is what knows the library; the other objects are those of the program under test."""
    before = make("-n", "build/random/stream.o").stdout
    assert "build/sprng" not in before
    make("sprng", f"TARBALL={tarball}")
    assert sorted(os.listdir(tmp_path / "build" / "sprng")) == ["include", "lib", "source"] and os.listdir(tmp_path / "build") == ["sprng"]
    make("build/random/stream.o", "WERROR=-Werror")
    assert "libsprng.a" in (tmp_path / "build" / "flags").read_text() and "SPRNG 2" in (tmp_path / "build" / "flags").read_text()
    compiler, ldflags, ldlibs = asked(make, "MPICC", "ldflags", "ldlibs")
    build = program.PROGRAM.parent
    command = f"{compiler} {ldflags} -o mine {build}/main.o build/random/stream.o {build}/libwealthsim.a {ldlibs}"
    subprocess.run(command, shell=True, cwd=tmp_path, check=True)
    assert "libsprng" not in subprocess.run(["ldd", "mine"], cwd=tmp_path, stdout=subprocess.PIPE, text=True, check=True).stdout
    monkeypatch.setattr(program, "PROGRAM", tmp_path / "mine")
    said = program.run("verify", "--class", "tiny", ranks=2, cwd=tmp_path).stdout
    assert "6 of 6 families of SPRNG give their known numbers" in said
    program.run("-q", "-o", "out.h5", ranks=2, cwd=tmp_path)
    assert program.read(tmp_path / "out.h5").hash == HASH_OF_THE_LECTURE


def test_from_a_folder(make, tarball, tmp_path):
    """One where it was unpacked and built by hand, without what a library needs here: it is built anew, and nothing in the
    folder changes. What was there before is replaced."""
    with tarfile.open(tarball) as archive:
        archive.extractall(tmp_path / "given")
    top = next((tmp_path / "given").iterdir())
    (top / "SRC" / "primes_32.o").write_bytes(b"an old object")
    before = {path: path.read_bytes() for path in (tmp_path / "given").rglob("*") if path.is_file()}
    (tmp_path / "build" / "sprng" / "old").mkdir(parents=True)
    make("sprng", "TARBALL=given", "-j2")
    assert sorted(os.listdir(tmp_path / "build" / "sprng")) == ["include", "lib", "source"]
    assert "folder given" in (tmp_path / "build" / "sprng" / "source").read_text()
    assert {path: path.read_bytes() for path in (tmp_path / "given").rglob("*") if path.is_file()} == before


def made_up(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    return folder


@pytest.mark.parametrize("case, said", [
    ("nothing", "which source? make sprng TARBALL=sprng2.0b.tar.gz"),
    ("absent", "TARBALL=it's absent: there is no such file or folder"),
    ("text", "is not a tarball that can be unpacked"),
    ("another", "is not SPRNG: SRC/sprng/sprng.c, SRC/mlfg/mlfg.c and make.CHOICES are not all there"),
    ("part", "is not SPRNG 2, or only a part of it"),
    ("five", "is SPRNG 4 or 5, which is in C++ and has another interface"),
    ("broken", "SPRNG could not be built; build/sprng.log has all that was said"),
])  # fmt: skip
def test_what_is_refused(make, tmp_path, case, said):
    """With what it is and what to do; nothing is left of it, and an earlier build stays."""
    earlier = made_up(tmp_path / "build" / "sprng", "source", "lib/libsprng.a")
    given = {"nothing": "", "absent": "it's absent", "text": tmp_path / "text"}.get(case, tmp_path / "given")
    (tmp_path / "text").write_text("no archive")
    folder = tmp_path / "given" / "top"
    made_up(folder, "README")
    if case == "part":
        made_up(folder, "SRC/sprng.h", "SRC/mlfg/mlfg.c")
    if case == "five":
        made_up(folder, "SRC/sprng.cpp", "include/sprng_cpp.h", "SRC/sprng/sprng.c")
    if case == "broken":
        made_up(folder, "SRC/sprng/sprng.c", "SRC/mlfg/mlfg.c", "SRC/pmlcg/Makefile", "make.CHOICES")
        (folder / "SRC" / "sprng" / "Makefile").write_text("sprng:\n\t@echo error: no\n")
    done = make("sprng", f"TARBALL={given}", status=2)
    assert said in done.stderr, done.stderr
    assert case in ("absent", "broken") or "make SPRNG=none" in done.stderr
    assert set(os.listdir(tmp_path / "build")) <= {"sprng", "sprng.log"} and (earlier / "lib" / "libsprng.a").exists()


def test_flat_headers(tmp_path):
    """<sprng.h>, as upstream has it, where there is no folder sprng in the compiler's places."""
    (tmp_path / "sprng.h").write_text("enum { FLAT = 1 };\n")
    (tmp_path / "try.c").write_text('#include "random/sprng_library.h"\nint main(void) { return FLAT; }\n')
    compiler = shutil.which("cc") or pytest.skip("no cc")
    only = subprocess.run([compiler, "-print-file-name=include"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    command = [compiler, "-nostdinc", f"-I{only}", f"-I{ROOT}/include", f"-I{tmp_path}", "-c", "-o", tmp_path / "try.o", tmp_path / "try.c"]
    subprocess.run(command, check=True)
    folder = made_up(tmp_path, "sprng/sprng.h")
    assert re.search("FLAT", subprocess.run(command, cwd=folder, stderr=subprocess.PIPE, text=True).stderr)
