"""Libraries in places of their own, and those that will not do: what is said of them."""
import os
import shlex
import subprocess

import pytest
from making import Copy, compile_library, libraries

SPRNG_5 = "#include <iostream>\nclass Sprng;\n"


def of_another_architecture(path):
    """A library whose header says so."""
    data = bytearray(compile_library(path, "void __gmpz_init(void *z) { }").read_bytes())
    data[18:20] = (183 if data[18] != 183 else 62).to_bytes(2, "little")  # EM_AARCH64, EM_X86_64
    path.write_bytes(data)


def of_another_mpi(folder):
    """An HDF5 that wants the library of another MPI than mpicc's."""
    mine = subprocess.run("mpicc -show", shell=True, stdout=subprocess.PIPE, text=True).stdout
    soname = "libmpi.so.40" if "mpich" in mine else "libmpich.so.12"
    other = compile_library(folder / soname, "int another(void) { return 0; }", f"-Wl,-soname,{soname}")
    for name in "hdf5", "hdf5_hl":
        source = "int another(void); int H5Pset_fapl_mpio() { return another(); } int H5DSset_scale() { return 0; }"
        compile_library(folder / f"lib{name}.so", source, str(other))


CASES = {
    "absent": ("GMP_LIBS=-lno-such", "GMP: cannot find -lno-such"),
    "header elsewhere": ("XXHASH_CFLAGS=-nostdinc", "xxHash 0.8: xxhash.h: No such file or directory"),
    "too old": ("XXHASH_CFLAGS=-I{0}/old", "xxHash 0.8: this xxHash is older than 0.8: its XXH3 has other values"),
    "not what it says": ("SPRNG_LIBS=-lgmp", "undefined reference to `init_rng'"),
    "absent, of those to be loaded": ("LAPACK_LIBS=-lno-such", "LAPACK (OpenBLAS): cannot find -lno-such"),
    "architecture": ("GMP_LIBS=-L{0} -lforeign", "GMP: {0}/libforeign.so is for another architecture than "),
    "architecture, by file": ("GMP_LIBS={0}/libforeign.so", "GMP: {0}/libforeign.so is for another architecture than "),
    "MPI": ("HDF5_LIBS=-L{0}/hdf5 -Wl,-rpath,{0}/hdf5 -lhdf5_hl -lhdf5",
            "parallel HDF5 1.10.6 + HL: this HDF5 is of another MPI than the one that mpicc is of"),
    "SPRNG 5": ("SPRNG_CFLAGS=-I{0}/five", "SPRNG 2: the header is not that of SPRNG 2: is it SPRNG 4 or 5, which is C++?"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_will_not_do(tmp_path, case):
    """The first error is passed on; what works is not named."""
    if "architecture" in case:
        of_another_architecture(tmp_path / "libforeign.so")
    if case == "MPI":
        of_another_mpi(tmp_path / "hdf5")
    (tmp_path / "five" / "sprng").mkdir(parents=True)
    (tmp_path / "five" / "sprng" / "sprng.h").write_text(SPRNG_5)
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "xxhash.h").write_text("#include_next <xxhash.h>\n#undef XXH_VERSION_NUMBER\n#define XXH_VERSION_NUMBER 703\n")
    (tmp_path / "copy").mkdir()
    setting, said = (text.format(tmp_path) for text in CASES[case])
    done = Copy(tmp_path / "copy").make("build/flags", "SPRNG=", setting, status=2)
    table, _, reasons = done.stderr.partition("What the compiler said first:\n")
    assert said in reasons.split("\n\n")[0], done.stderr
    assert len(table.strip().splitlines()) == 4, done.stderr
    assert ("make SPRNG=none" in done.stderr) == ("SPRNG" in setting)
    assert not (tmp_path / "copy" / "build" / "flags").exists()


def test_prefixes(tmp_path):
    """Folders with include and lib, or lib64: headers and libraries are found there, at run time too, before the system's."""
    found = {}
    for line in subprocess.run(["gcc", "-print-search-dirs"], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines():
        found[line.partition(": =")[0]] = line.partition(": =")[2].split(":")
    library = next(f"{place}/libgmp.so" for place in found["libraries"] if os.path.exists(f"{place}/libgmp.so"))
    for prefix, lib in ("one", "lib"), ("two", "lib64"):
        (tmp_path / prefix / "include").mkdir(parents=True)
        (tmp_path / prefix / lib).mkdir()
    (tmp_path / "two" / "lib64" / "libgmp.so.10").write_bytes(open(library, "rb").read())
    (tmp_path / "two" / "lib64" / "libgmp.so").symlink_to("libgmp.so.10")
    (tmp_path / "two" / "include" / "xxhash.h").write_text("#include_next <xxhash.h>\n")
    (tmp_path / "copy").mkdir()
    copy, prefixes = Copy(tmp_path / "copy"), f"PREFIXES={tmp_path}/one {tmp_path}/two"
    mine = copy.link(prefixes)
    assert libraries(mine)["libgmp.so.10"] == f"{tmp_path}/two/lib64/libgmp.so.10"
    compiled = shlex.split(copy.make("-n", "V=1", "build/core/hash.o", prefixes).stdout)
    assert compiled.index(f"-I{tmp_path}/one/include") < compiled.index(f"-I{tmp_path}/two/include")


def test_prefix_that_is_not_there(tmp_path):
    done = Copy(tmp_path).make("all", "PREFIXES=/usr /no/such", status=2)
    assert "PREFIXES: there is no folder /no/such" in done.stderr


@pytest.mark.parametrize("flags", ["-ffast-math", "-Ofast", "-ffinite-math-only", "-fassociative-math -fno-signed-zeros", "-freciprocal-math"])
def test_arithmetic_that_is_not_ieee(tmp_path, flags):
    """Flags that change results are refused where they would, with the reason."""
    done = Copy(tmp_path).make("build/random/mlfg.portable.o", "CC=gcc", f"CFLAGS={flags}", status=2)
    assert "take -ffast-math, -Ofast and the like out of CFLAGS (icx: add -fp-model=precise)" in done.stderr
