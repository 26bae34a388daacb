"""make sprng: SPRNG 2 built from upstream's source, as Debian's source package has it, and linked with; a SPRNG without one of
its families; and, where the program under test was built so, none (make SPRNG=none)."""
import os
import re
import shutil
import subprocess
import tarfile

import program
import pytest
from faults import alone
from making import Copy, libraries
from program import ROOT
from resealed import changed
from test_layout import HASH_OF_THE_LECTURE

SOURCES = "Types: deb-src\nURIs: {}\nSuites: {}\nComponents: main\nTrusted: yes\n"


def where_packages_are():
    """(address, release) of the first place that this machine has its packages from, or None."""
    form = ["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)", "Created-By: Packages", "Component: main"]
    if not shutil.which(form[0]):
        return None
    lines = subprocess.run(form, capture_output=True, text=True, timeout=60).stdout.splitlines()
    return lines[0].split() if lines else None


def fetched(folder):
    """Debian's source package, by an apt that has lists of its own; None with the reason in the second place."""
    place = where_packages_are()
    if not place:
        return None, "apt-get knows of no packages"
    for part in "lists/partial", "state":
        (folder / part).mkdir(parents=True)
    (folder / "debian.sources").write_text(SOURCES.format(*place))
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
def copy(tmp_path):
    return Copy(tmp_path)


def test_built_from_source(copy, tarball, tmp_path, monkeypatch):
    """The program with that library passes its verification, all six families, and has the lecture's hash."""
    assert "build/sprng" not in copy.make("-n", "build/random/sprng.o").stdout
    copy.make("sprng", f"TARBALL={tarball}")
    assert sorted(os.listdir(tmp_path / "build" / "sprng")) == ["include", "lib", "source"] and os.listdir(tmp_path / "build") == ["sprng"]
    monkeypatch.setattr(program, "PROGRAM", copy.link())
    assert "libsprng.a" in (tmp_path / "build" / "flags").read_text() and "SPRNG 2" in (tmp_path / "build" / "flags").read_text()
    assert not any("sprng" in name for name in libraries(program.PROGRAM))
    assert "SPRNG 2.0a)" in program.run("--version").stdout
    said = program.run("verify", "--class", "tiny", ranks=2, cwd=tmp_path).stdout
    assert "6 of 6 families of SPRNG give their known numbers\n" in said
    program.run("-q", "-o", "out.h5", ranks=2, cwd=tmp_path)
    assert program.read(tmp_path / "out.h5").hash == HASH_OF_THE_LECTURE


@pytest.mark.parametrize("kind", ["archive", "shared"])
def test_without_pmlcg(copy, tarball, tmp_path, monkeypatch, kind):
    """A SPRNG that was built without that family: it is said and refused by name, and the others serve. In the shared library
    the family's code is there, and SPRNG does not know of it."""
    subprocess.run(["tar", "-xf", str(tarball)], cwd=tmp_path, check=True)
    (top,) = tmp_path.glob("sprng2*")
    (top / "SRC" / "pmlcg" / "gmp.h").unlink()
    (top / "SRC" / "pmlcg" / "Makefile").write_text("all:\n\tgcc -std=gnu89 -fPIC -w -c -I.. pmlcg.c\n")
    flags = ["PLAT=INTEL", "MPIDEF=", "PMLCGDEF=", "LIB_REL_DIR=lib", "CC=gcc -std=gnu89 -fcommon -fPIC -w"]
    subprocess.run(["make", "-C", top / "SRC" / "sprng", "sprng", *flags], stdout=subprocess.DEVNULL, check=True)
    library = f"{top}/lib/libsprng.a"
    if kind == "shared":
        shared = f"{top}/lib/libsprng.so"
        subprocess.run(["gcc", "-shared", "-o", shared, "-Wl,--whole-archive", library, "-Wl,--no-whole-archive", "-lgmp"], check=True)
        library = f"-L{top}/lib -Wl,-Bdynamic -lsprng"
    mine = copy.link(f"SPRNG_CFLAGS=-I{top}/SRC", f"SPRNG_LIBS={library}")
    monkeypatch.setattr(program, "PROGRAM", mine)
    result = program.run("verify", "--class", "tiny", cwd=tmp_path)
    assert "PASS  known streams     5 of 5 families of SPRNG give their known numbers; not there: pmlcg\n" in result.stdout
    assert "streams     lfg, lcg, lcg64, cmrg, mlfg; not there: pmlcg\n" in program.run("info").stdout
    result = program.run("-n", 300, "--rng", "pmlcg", ranks=2, cwd=tmp_path, status=2)
    assert "--rng: pmlcg is a family of SPRNG's, which is linked here without that family: take --rng mlfg, or a SPRNG" in result.stderr
    program.run("-q", "-n", 300, "-T", 3, "--rng", "lcg", cwd=tmp_path)


def test_from_a_folder(copy, tarball, tmp_path):
    """One where it was unpacked and built by hand, without what a library needs here: it is built anew, and nothing in the
    folder changes. What was there before is replaced."""
    with tarfile.open(tarball) as archive:
        archive.extractall(tmp_path / "given")
    top = next((tmp_path / "given").iterdir())
    (top / "SRC" / "primes_32.o").write_bytes(b"an old object")
    before = {path: path.read_bytes() for path in (tmp_path / "given").rglob("*") if path.is_file()}
    (tmp_path / "build" / "sprng" / "old").mkdir(parents=True)
    copy.make("sprng", "TARBALL=given", "-j2")
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
def test_what_is_refused(copy, tmp_path, case, said):
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
    done = copy.make("sprng", f"TARBALL={given}", status=2)
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


# ---- without SPRNG ---------------------------------------------------------------------------------------------

FAMILIES = "lfg", "lcg", "lcg64", "cmrg", "pmlcg"


@pytest.fixture
def unlinked():
    """For tests of a program that was built with SPRNG=none."""
    if "lcg" in program.families():
        pytest.skip("the program is linked with SPRNG: make test SPRNG=none BUILD=build/none")


def test_said_where_it_is_not_linked(unlinked, wealthsim, tmp_path):
    assert "SPRNG not linked (mlfg as in 2.0a)" in wealthsim("--version").stdout
    info = wealthsim("info").stdout
    assert "SPRNG not linked" in info and f"streams     mlfg; not there: {', '.join(FAMILIES)}" in info
    assert "1 of 1 family of SPRNG gives its known numbers; SPRNG is not linked" in wealthsim("verify", "--class", "tiny", ranks=2).stdout
    wealthsim("-q", "-o", "out.h5", ranks=3)
    file = program.read(tmp_path / "out.h5")
    assert file.attributes["sprng_version"] == "not linked (mlfg as in 2.0a)" and file.hash == HASH_OF_THE_LECTURE
    assert not any("sprng" in name for name in libraries(program.PROGRAM))


@pytest.mark.parametrize("family", FAMILIES)
def test_other_families_are_refused(unlinked, wealthsim, tmp_path, family):
    commands = ["run"], ["path"], ["pi"], ["eigvals"], ["scaling", "--repeats", 1]
    for command in commands:
        result = wealthsim(*command, "--rng", family, status=2)
        assert f"--rng: {family} is a family of SPRNG's, which this program was built without: take --rng mlfg" in result.stderr, result
    assert os.listdir(tmp_path) == []


def test_checkpoint_of_another_family(unlinked, tmp_path):
    """It is refused, and stays."""
    model = "-q", "-n", 300, "--checkpoint", "ck", "-o", "out.h5"
    alone(*model, "-T", 3, cwd=tmp_path)
    with changed(tmp_path / "ck.1") as (file, _):
        del file.attrs["rng"]
        file.attrs.create("rng", b"lcg", dtype="S3")
    before = (tmp_path / "ck.1").read_bytes()
    result = alone(*model, "-T", 9, "--rng", "lcg", "--resume", cwd=tmp_path, status=2)
    assert "--rng: lcg is a family of SPRNG's, which this program was built without" in result.stderr
    assert "--rng: the checkpoint has 'lcg', this run 'mlfg'" in alone(*model, "-T", 9, "--resume", cwd=tmp_path, status=2).stderr
    assert (tmp_path / "ck.1").read_bytes() == before
