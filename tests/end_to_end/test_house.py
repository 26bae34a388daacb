"""The layout is the architecture: what an object refers to, as nm tells, lies in its own folder or in a lower one."""
import collections
import re
import subprocess

import pytest
from program import PROGRAM, ROOT

BUILD = PROGRAM.parent
# Folders from the lowest to the highest; those on one line know nothing of each other.
ORDER = """
core
simd
random
models
statistics population
simulation
files
lecture
commands
verify
main
"""
LEVEL = {folder: level for level, line in enumerate(ORDER.split("\n")) for folder in line.split()}


def folder_of(name):
    return name.split("/")[0].removesuffix(".o")


def objects_of_sources():
    """Those of a build folder whose source is there still: "core/comm.o" and, of a *.vec.c, "lecture/grid.avx2.o"."""
    for source in sorted((ROOT / "src").glob("**/*.c")):
        place = source.relative_to(ROOT / "src")
        stem, is_vector = place.name.split(".")[0], ".vec." in place.name
        found = (BUILD / place.parent).glob(f"{stem}.*.o" if is_vector else f"{stem}.o")
        yield from (str(path.relative_to(BUILD)) for path in sorted(found))


@pytest.fixture(scope="module")
def symbols():
    """{object: (symbols that it defines, symbols that it wants)}, as "core/comm.o", "main.o"."""
    objects = list(objects_of_sources())
    lines = subprocess.run(["nm", "-A", "-P", *objects], cwd=BUILD, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    table = {name: (set(), set()) for name in objects}
    for name, symbol, kind, *_ in map(str.split, lines):
        if kind.isupper() or kind in "wv":
            table[name.rstrip(":")][kind in "Uwv"].add(symbol)
    assert len(table) > 50
    return table


@pytest.fixture(scope="module")
def references(symbols):
    """[(object, symbol, object that defines it)] of all references from one object to another."""
    homes = collections.defaultdict(list)
    for name, (defined, _) in symbols.items():
        for symbol in defined:
            homes[symbol].append(name)
    return [(name, symbol, home) for name, (_, wanted) in symbols.items() for symbol in wanted for home in homes[symbol] if home != name]


def test_every_folder_has_its_place(symbols):
    assert {folder_of(name) for name in symbols} == set(LEVEL)


def test_nothing_refers_upwards(references):
    upward = [
        f"{name} -> {symbol} -> {home}" for name, symbol, home in references
        if folder_of(name) != folder_of(home) and LEVEL[folder_of(home)] >= LEVEL[folder_of(name)]
    ]  # fmt: skip
    assert len(references) > 500 and not upward, "\n".join(sorted(upward))


def test_options_need_core_alone(references):
    """Whatever parses options can be had without the program."""
    needs = collections.defaultdict(set)
    for name, _, home in references:
        needs[name].add(home)
    engine = [name for name in needs if name.startswith("core/option")]
    assert "core/options.o" in engine
    closed, new = set(), set(engine)
    while new:
        closed |= new
        new = set().union(*(needs.get(name, set()) for name in new)) - closed
    assert [name for name in closed if folder_of(name) != "core"] == []


@pytest.mark.parametrize("library, folders", [("H5|nc_", {"files"}), ("MPI_|PMPI_|ompi_", set(LEVEL) - {"simd", "random", "models"})],
                         ids=["HDF5", "MPI"])  # fmt: skip
def test_who_calls_a_library(symbols, library, folders):
    """(The core names the version of HDF5.)"""
    users = [name for name, (_, wanted) in symbols.items() if any(re.match(library, s) for s in wanted - {"H5get_libversion"})]
    assert users and [name for name in users if folder_of(name) not in folders] == []
