"""Options, configuration file, messages and exit statuses."""
import os
import subprocess

import faults
import pytest
from environment import launcher_settings, launcher_words, mpi
from program import need_family, read


def lines_of(result):
    """What the program itself said on standard error."""
    return [line.removeprefix("wealthsim: ") for line in result.stderr.splitlines() if line.startswith("wealthsim: ")]


@pytest.mark.smoke
def test_all_faults_in_one_go(wealthsim, tmp_path):
    (tmp_path / "bad.ini").write_text("[model]\nhoushold = 5\nr = x\nperiods = 10\nperiods = 11\nseed = -1\nfoo\n")
    result = wealthsim("--bogus", 5, "--period", 3, "-n", "12x", "--s", 1.5, "--v1", "nan", "--quiet=1", "--rng",
                       "mlgf", "--quantiles", "0.5,2", "extra", "--config", "bad.ini", "-o", "none/out.h5", "-T",
                       ranks=2, status=2)  # fmt: skip
    assert sorted(lines_of(result)) == sorted([
        "--bogus: unknown option",
        "--quiet: takes no value",
        "'extra' is neither a command nor an option: the command stands first, then options",
        "--periods: needs a value",
        "bad.ini:2: unknown key 'houshold'; did you mean 'households'?",
        "bad.ini:5: periods: given twice in this file",
        "bad.ini:7: neither 'key = value' nor '[section]' nor a comment",
        "--households: '12x' is not a whole number",
        "bad.ini:3: r: 'x' is not a finite number",
        "--s: '1.5' is out of range: 0 to 1",
        "--v1: 'nan' is not a finite number",
        "bad.ini:6: seed: '-1' is out of range: 0 to 2147483647",
        "--rng: 'mlgf' is out of range: lfg, lcg, lcg64, cmrg, mlfg or pmlcg",
        "--quantiles: '0.5,2' is out of range: each 0 to 1",
        "--output: the folder 'none' cannot be used: No such file or directory",
    ])  # fmt: skip
    assert os.listdir(tmp_path) == ["bad.ini"]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["-n", "0"], "--households: '0' is out of range: 1 to 274877906944"),
        (["-n", "50.000"], "--households: '50.000' is not a whole number"),
        (["--quantiles", ",".join(["0.5"] * 1025)], "--quantiles: more than 1024 numbers"),
        (["-n", "274877906945"], "--households: '274877906945' is out of range: 1 to 274877906944"),
        (["-T", "-1"], "--periods: '-1' is out of range: 0 to 2147483647"),
        (["--r", "-1"], "--r: '-1' is out of range: more than -1"),
        (["--houshold", "3"], "--houshold: unknown option; did you mean --households?"),
        (["rnu"], "'rnu': unknown command; did you mean 'run'?"),
        (["--config", "none.ini"], "--config: cannot read 'none.ini': No such file or directory"),
        (["-o", ""], "--output: the file's name is empty"),
        (["-o", "/proc/x.h5"], "--output: "),
        (["-o", "/dev/null"], "--output: '/dev/null' is there and is not a file"),
        (["--rng", "lcg", "-n", "134217729"], "--rng: lcg has 524288 streams and 134217729 households need 524289: "
                                              "take --rng mlfg, which has 2147483647"),
        (["-n", "1e11", "--no-wealth"], "--households: the run needs "),
        (["-n", "1e11"], "--output: 'wealthsim.h5' will have about 800 GB, and its disk has "),
    ],
)  # fmt: skip
def test_one_fault(wealthsim, tmp_path, arguments, message):
    if "lcg" in arguments:
        need_family("lcg")
    result = wealthsim(*arguments, status=2)
    assert any(line.startswith(message) for line in lines_of(result)), result
    assert os.listdir(tmp_path) == [] and result.stdout == ""


@pytest.mark.parametrize("command", ["run", "path", "pi", "gridmax", "eigvals", "scaling"])
def test_what_a_result_does_not_replace(tmp_path, command):
    """A file that is no result of HDF5's, and the configuration that the run reads, under whatever name."""
    (tmp_path / "paper.tex").write_text("years of work")
    (tmp_path / "run.ini").write_text("threads = 1\n")
    (tmp_path / "link.h5").symlink_to("run.ini")
    (tmp_path / "empty.h5").touch()
    for output, said in {"paper.tex": "is there and is not an HDF5 file that could be read: a result would replace it",
                         "run.ini": "is the file that --config reads", "link.h5": "is the file that --config reads"}.items():  # fmt: skip
        result = faults.alone(command, "--config", "run.ini", "-o", output, cwd=tmp_path, status=2)
        assert f"wealthsim: --output: '{output}' {said}" in result.stderr
    assert (tmp_path / "paper.tex").read_text() == "years of work" and (tmp_path / "run.ini").read_text() == "threads = 1\n"


def test_empty_file_is_replaced(tmp_path):
    """As mktemp makes one; and an earlier result is."""
    (tmp_path / "out.h5").touch()
    for households in 10, 20:
        faults.alone("-q", "-n", households, "-T", 0, "-o", "out.h5", cwd=tmp_path)
        assert read(tmp_path / "out.h5").attributes["households"] == households


def test_configuration_file(wealthsim, tmp_path):
    """Keys are the long options; the command line wins; sections only group."""
    (tmp_path / "run.ini").write_text("; a scenario\n[model]\nhouseholds = 1e3\nr = 0.05 ; net\n[results]\n"
                                      "no-wealth = yes\noutput = from_file.h5\n")  # fmt: skip
    wealthsim("-q", "--config", "run.ini", "-T", 3)
    wealthsim("-q", "--config", "run.ini", "-T", 3, "-n", 500, "-o", "from_line.h5")
    first, second = read(tmp_path / "from_file.h5"), read(tmp_path / "from_line.h5")
    assert (first.attributes["households"], second.attributes["households"]) == (1000, 500)
    assert first.attributes["r"] == 0.05 and "wealth" not in first


def test_help_and_version(wealthsim, tmp_path):
    for arguments in (["--help"], ["run", "--help"], ["-h"]):
        result = wealthsim(*arguments, ranks=2)
        assert result.stdout.count("--households=N") == 2 and result.stderr == ""
    result = wealthsim("--version", ranks=2)
    assert all(name in result.stdout for name in ("wealthsim", mpi().split()[0], "HDF5", "GMP", "SPRNG")) and result.stdout.count("\n") == 1
    assert os.listdir(tmp_path) == []


def test_table_and_quiet(wealthsim, tmp_path):
    result = wealthsim("-n", 50000, "-T", 10, ranks=2)
    for word in "median", "95 % interval", "mean", "quantiles", "rate", "wealthsim.h5", "hash":
        assert word in result.stdout
    assert read(tmp_path / "wealthsim.h5").hash in result.stdout
    assert "100 % done" in result.stderr
    quiet = wealthsim("-q", "-n", 50000, "-T", 10, ranks=2)
    assert quiet.stdout == quiet.stderr == ""


@pytest.mark.parametrize(
    "arguments, warning",
    [
        (["--s", "1"], "no stationary law"),
        (["--s", "0.9", "--r", "0", "--v1", "0.5"], "no finite mean"),
        (["--s", "0.8", "--r", "0", "--v1", "0.5"], "no finite variance"),
    ],
)
def test_warnings_about_the_law(wealthsim, arguments, warning):
    """Parameters whose figures mean nothing run, with a warning."""
    result = wealthsim("-q", "-n", 1000, "-T", 10, *arguments, ranks=2)
    assert warning in result.stderr


def test_warning_about_cores(wealthsim):
    result = wealthsim("-q", "-n", 1000, "-T", 1, "-t", 4, launcher=launcher_words("ranks on a core each"))
    assert " ".join(launcher_words("ranks unbound")) in result.stderr


def test_launcher(wealthsim):
    """What mpirun is to be told, for a shell: what is set already stays; `--launcher` stands alone."""
    said = wealthsim("--launcher", ranks=0, env=dict.fromkeys(launcher_settings())).stdout
    script = f"{said}\nexec env"
    shell = subprocess.run(["sh", "-c", script], env={"PATH": os.environ["PATH"]}, stdout=subprocess.PIPE, text=True)
    assert launcher_settings().items() <= dict(line.split("=", 1) for line in shell.stdout.splitlines()).items()
    for name in launcher_settings():
        assert name not in wealthsim("--launcher", ranks=0, env={name: "x"}).stdout
    assert "--launcher: stands alone" in wealthsim("-q", "--launcher", status=2).stderr
