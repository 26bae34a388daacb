"""jobs/recipes: what other programs read there fits this project. (tests/recipes/run tries what can be tried, on bare machines.)"""
import contextlib
import importlib.util
import re
import runpy
import shutil
import subprocess
import sys
import types

import pytest
from program import PROGRAM, ROOT

RECIPES = ROOT / "jobs" / "recipes"
MAKEFILE = (ROOT / "Makefile").read_text()


def is_option(name):
    """Whether the Makefile knows it."""
    return re.search(rf"^{name}\s*\?=", MAKEFILE, re.MULTILINE) is not None


def column(manager):
    """{what .ci/deps calls a need of the program: its name for a package manager}."""
    titles = ["apt", "dnf", "Spack", "EasyBuild", "conda-forge"]
    rows = re.findall(r"^run +\|(.*)$", (ROOT / ".ci" / "deps").read_text(), re.MULTILINE)
    cells = [[cell.strip() for cell in row.split("|")] for row in rows]
    assert len(cells) >= 8
    return {row[0]: row[2 + titles.index(manager)] for row in cells}


# ---- Spack -------------------------------------------------------------------------------------------------------------


class Named:
    """A spec or a path of which any part can be asked for: it has its own name."""

    def __init__(self, name, variants=()):
        self.name, self.variants = name, variants

    def __getattr__(self, part):
        return Named(f"{self.name}/{part}")

    def __getitem__(self, name):
        return Named(f"/{name}")

    def __str__(self):
        return self.name

    def satisfies(self, spec):
        return spec in self.variants


class Spack(types.ModuleType):
    """A stand-in for spack.package, which takes down what a recipe says."""

    def __init__(self):
        super().__init__("spack.package")
        self.said, self.made = [], []
        for directive in "version", "variant", "resource", "depends_on", "conflicts", "extends":
            setattr(self, directive, lambda *words, _name=directive, **how: self.said.append((_name, words, how)))
        self.make = lambda *words: self.made.append(words)
        self.run_after = self.on_package_attributes = lambda *_, **__: lambda function: function
        self.when = lambda condition: contextlib.nullcontext()


@pytest.fixture
def recipe(monkeypatch):
    """(The class of Spack's recipe, what it said and made)."""
    spack = Spack()
    makefile = types.ModuleType("spack_repo.builtin.build_systems.makefile")
    makefile.MakefilePackage = object
    names = ["spack", "spack_repo", "spack_repo.builtin", "spack_repo.builtin.build_systems"]
    for name, module in {**{name: types.ModuleType(name) for name in names}, "spack.package": spack, makefile.__name__: makefile}.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    path = RECIPES / "spack/spack_repo/wealthsim/packages/wealthsim/package.py"
    spec = importlib.util.spec_from_file_location("package", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Wealthsim, spack


def test_spack_depends_on_what_is_needed(recipe):
    """On what .ci/deps names."""
    needed = {words[0] for directive, words, _ in recipe[1].said if directive == "depends_on"}
    for what, name in column("Spack").items():
        package, *variants = re.split(r"(?=[+ ])", name)
        if package in ("gcc", "llvm", "-"):
            continue
        package = "mpi" if what.startswith("MPI") else package
        found = [spec for spec in needed if re.match(rf"{package}\b", spec)]
        assert found and all(variant in found[0] for variant in variants), (what, name)


@pytest.mark.parametrize("variants", [("+sprng", "+python"), ("+sprng",), ("+python",), ()])
def test_spack_gives_options_that_there_are(recipe, variants):
    package, spack = recipe
    instance = package()
    instance.spec, instance.prefix = Named("", variants), Named("/prefix")
    instance.build(instance.spec, instance.prefix)
    instance.install(instance.spec, instance.prefix)
    assert ("+sprng" in variants) == (spack.made[0] == ("sprng", "TARBALL=sprng2.0b"))
    build, install = spack.made[-2:]
    assert install == ("install", *build) and "PREFIX=/prefix" in build and "MPICC=/mpi/mpicc" in build
    assert f"PYTHON={'/python/command/path' if '+python' in variants else 'none'}" in build
    assert f"SPRNG={'' if '+sprng' in variants else 'none'}" in build
    assert [word for word in build if not is_option(word.split("=")[0])] == []


# ---- EasyBuild ---------------------------------------------------------------------------------------------------------

# Of EasyBuild's documentation.
PARAMETERS = {
    "easyblock", "name", "version", "homepage", "description", "toolchain", "toolchainopts", "source_urls", "sources", "checksums",
    "builddependencies", "dependencies", "start_dir", "skipsteps", "prebuildopts", "buildopts", "installopts", "modextrapaths",
    "sanity_check_paths", "sanity_check_commands", "moduleclass"}  # fmt: skip


@pytest.fixture
def easyconfig():
    path = next((RECIPES / "easybuild").glob("*.eb"))
    said = runpy.run_path(str(path), {"SOURCE_TAR_GZ": "%(name)s-%(version)s.tar.gz"})
    return path, {name: value for name, value in said.items() if not name.startswith("__") and name != "SOURCE_TAR_GZ"}


def test_easyconfig_says_what_easybuild_knows(easyconfig):
    path, said = easyconfig
    assert said.keys() <= PARAMETERS and said.keys() >= {"name", "version", "homepage", "description", "toolchain", "moduleclass"}
    assert path.name == f"{said['name']}-{said['version']}-{said['toolchain']['name']}-{said['toolchain']['version']}.eb"
    assert len(said["checksums"]) == len(said["sources"])
    names = re.findall(r"\b([A-Z_]{4,})=", said["prebuildopts"] + said["installopts"])
    assert names and [name for name in names if not is_option(name) and name != "TARBALL"] == []


def test_easyconfig_depends_on_what_is_needed(easyconfig):
    """On what .ci/deps names; the toolchain foss has GCC, Open MPI and OpenBLAS."""
    said = easyconfig[1]
    needed = {name for name, *_ in said["dependencies"] + said["builddependencies"]} | {"GCCcore", "OpenMPI", "OpenBLAS"}
    names = {name for name in column("EasyBuild").values() if not name.startswith(("-", "SPRNG"))}
    assert names <= needed and "sprng" in said["sources"][1]["filename"]


def test_easyconfig_expects_what_is_installed(easyconfig, tmp_path):
    """The files of its check are those that make install puts there."""
    words = ["make", "-s", "-o", "all", "install", f"BUILD={PROGRAM.parent}", f"PREFIX={tmp_path}", f"PYTHON={sys.executable}"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done
    short = f"{sys.version_info.major}.{sys.version_info.minor}"
    wanted = easyconfig[1]["sanity_check_paths"]
    for name in wanted["files"] + wanted["dirs"]:
        assert (tmp_path / name.replace("%(pyshortver)s", short)).exists(), name


# ---- the others --------------------------------------------------------------------------------------------------------


def test_container_recipes_say_the_same():
    """The Dockerfile and the definition file have the same commands, environment and files, as tests/recipes/run compares them."""
    run = runpy.run_path(str(ROOT / "tests" / "recipes" / "run"))
    run["compare"](run["instructions"]("openmpi", "bookworm"), run["sections"]())
    tally = run["tally"]
    assert tally.passed == 4 and tally.failed == 0


def test_debian_depends_on_what_is_needed():
    """The packages to build with are those of .ci/deps, with Open MPI."""
    control = (RECIPES / "debian" / "control").read_text()
    build = set(re.findall(r"^ ([\w.-]+)", control.split("Build-Depends:")[1].split("\nStandards")[0], re.MULTILINE))
    named = " ".join(column("apt").values()).replace("@mpi_compiler", "libopenmpi-dev openmpi-bin").replace("@mpi_launcher", "openmpi-bin")
    needed = set(named.replace("-@mpi-", "-openmpi-").split()) - {"@cc", "@openmp"}
    assert len(needed) >= 7 and needed <= build
    # loaded, not linked: dh_shlibdeps does not see it
    loaded = [name.removesuffix("-dev").replace("libopenblas", "libopenblas0") for name in needed if "openblas" in name]
    assert len(loaded) == 1 and re.search(rf"^Depends:.* {loaded[0]},", control, re.MULTILINE)


def test_debian_changelog(tmp_path):
    """Its version is a number that goes up, and Debian's tools read it."""
    if not shutil.which("dpkg-parsechangelog"):
        pytest.skip("dpkg-dev is not installed")
    shutil.copytree(RECIPES / "debian", tmp_path / "debian")
    for version, expected in ("v1.2", "1.2"), ("1.2.3", "1.2.3"), ("v1.2-5-gabc1234", "1.2+5.gabc1234"), ("abc1234", "0~20260102+abc1234"), (
        "1234567", "0~20260102+1234567"):  # fmt: skip
        (tmp_path / ".version").write_text(f"{version}\n2026-01-02\n")
        subprocess.run(["debian/rules", "debian/changelog"], cwd=tmp_path, check=True, capture_output=True, timeout=60)
        said = subprocess.run(["dpkg-parsechangelog", "-S", "Version"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert said.stdout == f"{expected}\n" and said.stderr == "", said


def test_readme_names_every_recipe():
    """Each file or folder of the recipes stands in their README.md, on one screen or two."""
    text = (RECIPES / "README.md").read_text()
    for path in RECIPES.iterdir():
        assert path.name == "README.md" or path.name in text, path.name
    assert len(text.splitlines()) < 70
