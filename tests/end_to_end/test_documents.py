"""What the program prints from its tables of options: the manual page, and completion for shells."""
import errno
import os
import pty
import re
import select
import shutil
import subprocess
import time

import pytest
from faults import failing, fault
from program import PROGRAM, run

COMMANDS = "run", "path", "pi", "gridmax", "eigvals", "scaling", "verify", "info"
FAMILIES = ["lfg", "lcg", "lcg64", "cmrg", "mlfg", "pmlcg"]
SECTIONS = ["NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "OPTIONS OF EVERY COMMAND", "FILES", "ENVIRONMENT", "EXIT STATUS",
            "EXAMPLES", "SEE ALSO"]  # fmt: skip


def need(program, why):
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed: {why}")


def printed(*words):
    """What the program prints without MPI, which could not start here."""
    env = {"PATH": "/nowhere", "OMPI_MCA_ess_singleton_isolated": "none", "LD_LIBRARY_PATH": os.environ.get("LD_LIBRARY_PATH", "")}
    done = subprocess.run([PROGRAM, *words], env=env, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and done.stderr == "", done
    return done.stdout


@pytest.fixture(scope="module")
def page():
    return printed("--manual")


def words_of(text):
    """Words without what sets them apart in help or page."""
    text = re.sub(r"^\.(TP|PP|S[SH].*)\n", "", text, flags=re.MULTILINE)
    for code, plain in (r"\fB", ""), (r"\fR", ""), (r"\fI", ""), (r"\-", "-"), (r"\(aq", "'"), (r"\(dq", '"'), (r"\(ha", "^"), (r"\&", ""):
        text = text.replace(code, plain)
    return " ".join(text.split())


@pytest.fixture(scope="module")
def options():
    """{command: {title of an option as in the help: its text}}."""
    found = {}
    for command in COMMANDS:
        entries = re.findall(r"^ {2}(-\w, | {4})(--\S+) *((?:.|\n {10,})*)", run(command, "--help").stdout, re.MULTILINE)
        found[command] = {title: " ".join(text.split()) for _, title, text in entries}
        assert len(found[command]) >= 8
    return found


def test_manual_has_every_option(page, options):
    """All that the commands' helps say stands in the page, in its command's part or, of several commands, where it is first."""
    plain = words_of(page)
    for command in COMMANDS:
        part = words_of(page.split(f".SS {command}")[1].split(".SS ")[0])
        for title, text in options[command].items():
            name, _, argument = title.partition("=")
            assert f"{title} {text}" in plain or re.search(rf"{name}( \(default [^)]*\))?[,.]", part), (command, title, text)
    assert len(set().union(*options.values())) > 50 and plain.count("(default ") >= 7


def test_manual_has_its_sections(page):
    assert re.findall(r"^\.SH (.*)$", page, re.MULTILINE) == SECTIONS
    assert [name.split()[0] for name in re.findall(r"^\.SS (.*)$", page, re.MULTILINE)] == list(COMMANDS)
    version = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True).stdout.split()[1]
    assert re.search(rf'^\.TH WEALTHSIM 1 "[0-9-]*" "wealthsim {re.escape(version)}" "User Commands"$', page, re.MULTILINE)
    status = page.split(".SH EXIT STATUS")[1].split(".SH")[0]
    assert re.findall(r"\\fB(\d+)\\fR", status) == ["0", "1", "2", "75"]


@pytest.mark.parametrize("checker", ["mandoc -Tlint -Wstyle", "groff -man -ww -z", "man --warnings -l"])
def test_manual_is_well_formed(page, tmp_path, checker):
    need(checker.split()[0], "the page is not checked by it")
    (tmp_path / "wealthsim.1").write_text(page)
    done = subprocess.run([*checker.split(), "wealthsim.1"], cwd=tmp_path, capture_output=True, text=True, timeout=60,
                          env={**os.environ, "MANWIDTH": "100"})  # fmt: skip
    said = done.stderr if checker.startswith("man ") else done.stdout + done.stderr
    # a tree that git does not know has no date
    said = "\n".join(line for line in said.splitlines() if "missing date" not in line)
    assert done.returncode in (0, 2) and said == "", done
    assert not checker.startswith("man ") or "--households=N" in done.stdout


# ---- bash --------------------------------------------------------------------------------------------------------------


def bash_completes(tmp_path, *words):
    """What bash is told for these words, the last of which is being typed: candidates, and "FILES" where readline is to go on."""
    script = 'compopt() { [[ $* == "-o default" ]] && echo FILES; }; set -u; source ./completion; COMP_WORDS=(wealthsim "$@"); COMP_CWORD=$#; _wealthsim; ' \
             'printf "%s\\n" "${COMPREPLY[@]}"'  # fmt: skip
    (tmp_path / "completion").write_text(printed("--completion=bash"))
    done = subprocess.run(["bash", "--norc", "-c", script, "bash", *words], cwd=tmp_path, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and done.stderr == "", done
    return done.stdout.split()


@pytest.mark.parametrize(
    "words, expected",
    [
        ([""], list(COMMANDS)),
        (["p"], ["path", "pi"]),
        (["--se"], ["--seed"]),
        (["--l"], ["--launcher", "--launcher=cluster"]),
        (["-q", "--l"], []),
        (["--completion", "="], ["bash", "zsh"]),
        (["--launcher", "="], ["cluster"]),
        (["--launcher", ""], []),
        (["--completion=z"], ["--completion=zsh"]),
        (["--rng", "l"], ["lfg", "lcg", "lcg64"]),
        (["run", "--rng", ""], FAMILIES),
        (["run", "--rng", "="], FAMILIES),
        (["run", "--rng", "=", "m"], ["mlfg"]),
        (["run", "--rng=m"], ["--rng=mlfg"]),
        (["run", "--quiet", "="], []),
        (["gridmax", "--rng", "m"], []),
        (["verify", "--class", ""], ["tiny", "small", "large"]),
        (["scaling", "--command", "p"], ["pi"]),
        (["run", "--config", ""], ["FILES"]),
        (["path", "-o", "x"], ["FILES"]),
        (["run", "--config", "=", "a"], ["FILES"]),
        (["run", "--households", ""], []),
        (["run", "-n", "1"], []),
        (["run", "--rng", "--he"], ["--help"]),
        (["eigvals", "--m"], ["--matrices"]),
        (["run", "-n", "5", "--until"], ["--until-error", "--until-statistic"]),
    ],
)
def test_bash(tmp_path, words, expected):
    assert bash_completes(tmp_path, *words) == expected


def test_bash_has_every_option(tmp_path, options):
    for command in COMMANDS:
        names = {title.partition("=")[0].partition("[")[0] for title in options[command]}
        assert set(bash_completes(tmp_path, command, "--")) == names - {"--launcher", "--manual", "--completion"}


def test_bash_is_clean(tmp_path):
    need("shellcheck", "the script is not looked at by it")
    (tmp_path / "completion").write_text(printed("--completion", "bash"))
    done = subprocess.run(["shellcheck", "-s", "bash", "completion"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


# ---- shells on a terminal ----------------------------------------------------------------------------------------------


def typed(shell, lines, folder, until, limit=20):
    """What a shell on a terminal of its own shows when lines are typed, up to a pattern, or all within the limit."""
    pid, terminal = pty.fork()
    if pid == 0:
        try:
            os.chdir(folder)
            os.environ.update(TERM="dumb", PS1="$ ", HOME=str(folder), HISTFILE="/dev/null", COLUMNS="200")
            os.execvp(shell[0], shell)
        finally:  # it is no test's process that goes on here
            os._exit(127)
    try:
        shown, end = "", time.monotonic() + limit
        for line in lines:
            os.write(terminal, line.encode())
        while time.monotonic() < end and not re.search(until, shown):
            if select.select([terminal], [], [], 0.1)[0]:
                try:
                    shown += os.read(terminal, 4096).decode(errors="replace")
                except OSError:  # the shell has ended
                    break
        return shown
    finally:
        os.close(terminal)
        os.kill(pid, 9)
        os.waitpid(pid, 0)


def test_bash_completes_files(tmp_path):
    """By readline itself, which quotes blanks."""
    (tmp_path / "my table.txt").touch()
    (tmp_path / "completion").write_text(printed("--completion=bash"))
    (tmp_path / "wealthsim").write_text('#!/bin/sh\nprintf "<%s>" "$@"\n')
    (tmp_path / "wealthsim").chmod(0o755)
    shown = typed(["bash", "--norc", "--noprofile", "-i"], ["source ./completion\n", "./wealthsim run --scenarios=my\t --rng ml\t\n"],
                  tmp_path, r"<run>.*<--rng><\w*>")  # fmt: skip
    assert "<run><--scenarios=my table.txt><--rng><mlfg>" in shown


@pytest.mark.parametrize(
    "typed_so_far, expected",
    [
        ("pat", "path"),
        ("run --rng ml", "run --rng mlfg"),
        ("run --rng=cm", "run --rng=cmrg"),
        ("verify --class ti", "verify --class tiny"),
        ("--complet", "--completion"),
        ("eigvals --matr", "eigvals --matrices"),
        ("--config ta", "--config table.ini"),
    ],
)
def test_zsh(tmp_path, typed_so_far, expected):
    need("zsh", "its completion is not tried")
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions" / "_wealthsim").write_text(printed("--completion=zsh"))
    (tmp_path / "table.ini").touch()
    start = "fpath=($PWD/functions $fpath); autoload -Uz compinit; compinit -u -D; PS1='$ '\n"
    # a function of the program's name shows what the line has become
    shown = typed(["zsh", "-f", "-i"], [start, "wealthsim() { print -r -- \"<$*>\" }\n", f"wealthsim {typed_so_far}\t\n"], tmp_path, "\n<.*>")
    assert f"<{expected}>" in shown, shown


# ---- messages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["--manual"], ["--completion", "bash"], ["--completion=zsh"]])
@pytest.mark.parametrize("command", range(1, len(COMMANDS) + 1))
def test_no_memory(tmp_path, words, command):
    """For the options of one of the commands: nothing is printed, and the status says so."""
    log = tmp_path / "met"
    line = [*failing(fault("calloc", errno.ENOMEM, first=command, path="large"), log=log), PROGRAM, *words]
    done = subprocess.run(line, capture_output=True, text=True, timeout=30)
    assert log.read_text() == "0 calloc large\n"
    assert (done.returncode, done.stdout) == (1, "") and "wealthsim: no memory for the options (" in done.stderr, done


@pytest.mark.parametrize(
    "words, message",
    [
        (["--completion=fish"], "--completion: stands alone, as in: wealthsim --completion=bash"),
        (["--completion"], "--completion: stands alone, as in: wealthsim --completion=bash"),
        (["run", "--manual"], "--manual: stands alone, as in: wealthsim --manual | man -l -"),
        (["--manual=x"], "--manual: stands alone"),
        (["--help=x"], "--help: takes no value"),
        (["--manul"], "--manul: unknown option; did you mean --manual?"),
    ],
)
def test_answers_stand_alone(wealthsim, words, message):
    assert message in wealthsim(*words, status=2).stderr
