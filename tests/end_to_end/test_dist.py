"""make dist: a tarball of what is committed, which builds where git is not."""
import os
import re
import shutil
import subprocess
import tarfile

import pytest
from faults import alone_in
from program import ROOT, read

HASH_OF_THE_LECTURE = "8a6c2ed1bae8902f"


def git(*words, cwd=ROOT):
    done = subprocess.run(["git", *words], cwd=cwd, capture_output=True, text=True, timeout=60)
    return done.stdout.strip() if done.returncode == 0 else ""


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A clone of what is committed here, with .ci/dist as it is now: (its folder, the tarball that it makes of itself)."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("this is no clone, or git is not installed: there is nothing to make a tarball of")
    folder = tmp_path_factory.mktemp("dist")
    git("clone", "-q", str(ROOT), str(folder / "clone"))
    shutil.copy(ROOT / ".ci" / "dist", folder / "clone" / ".ci" / "dist")
    done = subprocess.run(["make", "-s", "dist"], cwd=folder / "clone", capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done
    return folder / "clone", folder / "clone" / done.stdout.strip()


def test_what_is_in_it(clone, tmp_path):
    """All files of the commit, with their rights, under one folder, and .version; the same bytes once more."""
    folder, tarball = clone
    version = git("describe", "--always", "--tags", cwd=folder)
    assert tarball.name == f"wealthsim-{version}.tar.gz"
    with tarfile.open(tarball) as tar:
        members = {member.name.removeprefix(f"wealthsim-{version}/"): member for member in tar if member.isfile()}
        assert tar.extractfile(members[".version"]).read().decode() == f"{version}\n{git('log', '-1', '--format=%cs', cwd=folder)}\n"
    assert members.keys() - {".version"} == set(git("ls-files", cwd=folder).splitlines())
    assert {oct(member.mode) for member in members.values()} == {"0o644", "0o755"} and members[".ci/dist"].mode == 0o755
    subprocess.run([".ci/dist", str(tmp_path)], cwd=folder, check=True, capture_output=True, timeout=60)
    assert (tmp_path / tarball.name).read_bytes() == tarball.read_bytes()


def test_it_builds_without_git(clone, tmp_path):
    """With a git that fails, inside another project's clone: the version is that of .version, the answer that of all builds."""
    folder, tarball = clone
    git("init", "-q", str(tmp_path))
    shutil.unpack_archive(tarball, tmp_path)
    version = tarball.name.removeprefix("wealthsim-").removesuffix(".tar.gz")
    tree = tmp_path / f"wealthsim-{version}"
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "git").write_text("#!/bin/sh\nexit 127\n")
    (tmp_path / "tools" / "git").chmod(0o755)
    env = {**os.environ, "PATH": f"{tmp_path}/tools:{os.environ['PATH']}"}
    env = {name: value for name, value in env.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    words = ["make", f"-j{os.cpu_count()}", "BUILD=build", "OPTIMISE=-O1"]
    built = subprocess.run(words, cwd=tree, env=env, capture_output=True, text=True, timeout=280)
    assert built.returncode == 0, built.stdout + built.stderr
    env |= alone_in(tmp_path)
    said = subprocess.run([tree / "wealthsim", "--version"], env=env, capture_output=True, text=True, timeout=60).stdout
    assert said.startswith(f"wealthsim {version} (")
    page = subprocess.run([tree / "wealthsim", "--manual"], env=env, capture_output=True, text=True, timeout=60).stdout
    assert re.search(rf'^\.TH WEALTHSIM 1 "\d{{4}}-\d\d-\d\d" "wealthsim {version}"', page, re.MULTILINE)
    subprocess.run([tree / "wealthsim", "-q", "-o", "out.h5"], cwd=tmp_path, env=env, check=True, timeout=120)
    assert read(tmp_path / "out.h5").hash == HASH_OF_THE_LECTURE
    told = subprocess.run(["make", "dist"], cwd=tree, env=env, capture_output=True, text=True, timeout=60)
    assert told.returncode != 0 and "make dist: this is no clone, or git is not installed" in told.stderr


def test_what_is_not_committed(clone):
    """It is not in it, and this is said."""
    folder, tarball = clone
    before = tarball.read_bytes()
    (folder / "README.md").write_text("changed\n")
    done = subprocess.run([".ci/dist", "."], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "what is not committed is not in it" in done.stderr
    assert tarball.read_bytes() == before
