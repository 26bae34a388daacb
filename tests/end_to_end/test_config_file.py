"""The configuration file: what is read, and that nothing of it is read as something else."""
import os
import subprocess
import threading

import faults
import program
import pytest
from program import read

QUICK = ["-q", "-T", 0, "-o", "out.h5"]


def households(folder, content, *arguments):
    """Of a run with this configuration."""
    (folder / "run.ini").write_bytes(content if isinstance(content, bytes) else content.encode())
    faults.alone(*QUICK, "--config", "run.ini", *arguments, cwd=folder)
    return read(folder / "out.h5").attributes["households"]


def faults_of(folder, content):
    (folder / "run.ini").write_bytes(content if isinstance(content, bytes) else content.encode())
    result = faults.alone(*QUICK, "--config", "run.ini", cwd=folder, status=2)
    assert os.listdir(folder) == ["run.ini"]
    return [line.removeprefix("wealthsim: ") for line in result.stderr.splitlines()]


def test_long_comment_is_a_comment(tmp_path):
    """To its end, wherever a reader's buffer ends."""
    comments = [";" + "x" * length + "households = 7\n" for length in (*range(180, 270), *range(1010, 1030), 4096, 70000)]
    assert households(tmp_path, "".join(comments) + "households = 300\n") == 300


def test_long_values(tmp_path):
    """A list of 1,024 probabilities on one line, and a name near the system's limit."""
    numbers = ",".join(f"{(i + 1) / 1025!r}" for i in range(1024))
    assert households(tmp_path, f"quantiles = {numbers}\nhouseholds = 300{' ' * 5000}; more\n") == 300
    assert len(read(tmp_path / "out.h5")["probability"]) == 1024
    said = faults_of_numbers(tmp_path, numbers + ",0.5")
    assert said == ["run.ini:1: quantiles: more than 1024 numbers"]


def faults_of_numbers(folder, numbers):
    os.remove(folder / "out.h5")
    return faults_of(folder, f"quantiles = {numbers}\n")


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffhouseholds = 300\n",
        "[model]\r\nhouseholds = 300\r\nr = 0.2\r\n",
        "  [model]\n\thouseholds = 300\n    r = 0.2\n",
        "households: 300",
        "# ; comment\n\n  # more\n; households = 7\nhouseholds = 300 ; and not 7",
        "households=300\t; tab\n;\n",
        "[model] ; section\nhouseholds   =   300   \n[model]\n",
    ],
)
def test_forms(tmp_path, content):
    assert households(tmp_path, content) == 300


def test_semicolon_within_a_value(tmp_path):
    """Only behind a blank does it begin a comment."""
    (tmp_path / "run.ini").write_text("output = a;b.h5 ; not c.h5\nhouseholds = 300\n")
    faults.alone("-q", "-T", 0, "--config", "run.ini", cwd=tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["a;b.h5", "run.ini"]


@pytest.mark.parametrize(
    "content, messages",
    [
        ("households = 300\n  500\n", ["run.ini:2: households: a value stands on one line, and this line would continue it"]),
        ("quantiles = 0.1,\n  0.5\n", ["run.ini:1: quantiles: '0.1,' is not a list of numbers with commas between them",
                                       "run.ini:2: quantiles: a value stands on one line, and this line would continue it"]),
        ("households = 300\n500\n", ["run.ini:2: neither 'key = value' nor '[section]' nor a comment"]),
        ("a\nb\n", [f"run.ini:{i}: neither 'key = value' nor '[section]' nor a comment" for i in (1, 2)]),
        ("[model\n", ["run.ini:1: neither 'key = value' nor '[section]' nor a comment"]),
        ("= 3\n", ["run.ini:1: neither 'key = value' nor '[section]' nor a comment"]),
        ("households = 50.000\n", ["run.ini:1: households: '50.000' is not a whole number"]),
        ("checkpoint =\n", ["run.ini:1: checkpoint: the file's name is empty: is a variable not set?"]),
        (b"households = 300\nr = 0.\x001\n", ["run.ini:2: not a text file, or not in ASCII or UTF-8"]),
        ("households = 300\n".encode("utf-16"), ["run.ini:1: not a text file, or not in ASCII or UTF-8"]),
        ("r = " + "9" * 500 + "x\n", [f"run.ini:1: r: '{'9' * 200}...' is not a finite number"]),
    ],
)  # fmt: skip
def test_faults(tmp_path, content, messages):
    assert sorted(faults_of(tmp_path, content)) == messages


def test_faults_of_a_file_with_a_long_name(tmp_path):
    """File, line and key are in the message whole."""
    folder = tmp_path / ("d" * 200) / ("e" * 200)
    folder.mkdir(parents=True)
    (folder / "run.ini").write_text("\nr = x\n")
    result = faults.alone(*QUICK, "--config", folder / "run.ini", cwd=tmp_path, status=2)
    assert f"{folder}/run.ini:2: r: 'x' is not a finite number" in result.stderr


@pytest.mark.parametrize("ranks", [0, 3])
def test_folder_is_no_configuration(wealthsim, tmp_path, ranks):
    (tmp_path / "folder").mkdir()
    result = wealthsim("-n", 10, "-T", 0, "--config", "folder", ranks=ranks, status=2)
    assert "wealthsim: --config: cannot read 'folder': Is a directory" in result.stderr
    assert os.listdir(tmp_path) == ["folder"]


def test_read_error_half_way(tmp_path):
    faults.need_strace()
    (tmp_path / "run.ini").write_text("households = 300\n" + "# comment\n" * 2000)
    fault = ("strace", "-f", "-qq", "-o", "/dev/null", "-P", str(tmp_path / "run.ini"), "-e", "trace=read",
             "-e", "inject=read:error=EIO:when=2")  # fmt: skip
    result = faults.alone(*QUICK, "--config", tmp_path / "run.ini", cwd=tmp_path, launcher=fault, status=2)
    assert f"--config: cannot read '{tmp_path}/run.ini': Input/output error" in result.stderr


@pytest.mark.parametrize("option", ["checkpoint", "initial", "config", "output"])
def test_empty_name(tmp_path, option):
    """What a variable that is not set leaves of --initial "$START"."""
    result = faults.alone("-n", 10, "-T", 0, f"--{option}", "", cwd=tmp_path, status=2)
    assert result.stderr == f"wealthsim: --{option}: the file's name is empty: is a variable not set?\n"
    assert os.listdir(tmp_path) == []


def test_pipes(tmp_path):
    """As from <(command): read once somebody writes."""
    os.mkfifo(tmp_path / "pipe")

    def write():
        subprocess.run(["sh", "-c", "sleep 0.3; echo 'households = 300' >pipe"], cwd=tmp_path, check=True)

    writer = threading.Thread(target=write)
    writer.start()
    faults.alone(*QUICK, "--config", "pipe", cwd=tmp_path)
    writer.join()
    assert read(tmp_path / "out.h5").attributes["households"] == 300
    line = program.command(*QUICK, ranks=0)
    subprocess.run(["bash", "-c", '"$@" --config <(echo "households = 200")', "bash", *line], cwd=tmp_path,
                   env=program.environment(1, faults.alone_in(tmp_path)), check=True)  # fmt: skip
    assert read(tmp_path / "out.h5").attributes["households"] == 200
