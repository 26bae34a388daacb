"""Collects the C tests: each test function of a cmocka program is a pytest item. The program is run once for all of them, in
tests/parallel under mpirun, once for each number of ranks. A case fails if it failed on any rank, and is skipped if no rank
ran it. A program without such functions is one item: it must print something and exit with 0.
"""
import os
import re
import shlex
import subprocess
import tempfile
import uuid
from pathlib import Path

import pytest
from environment import chosen, end_processes, test_environment

ROOT = Path(__file__).resolve().parents[2]
# Every MPI tells its ranks who they are in one of these variables.
RANK = "${PMIX_RANK:-${OMPI_COMM_WORLD_RANK:-${PMI_RANK:-0}}}"


def parse(text):
    """What became of each case in one process's output: {case: (outcome, reason)}."""
    cases, running, said = {}, None, []
    for line in text.splitlines():
        match = re.match(r"\[ +(RUN|OK|FAILED|SKIPPED) +\] (.*)", line)
        verb, name = match.groups() if match else ("", "")
        if verb == "RUN":
            running, said = name, []
            cases[name] = ("failed", "did not end")
        elif verb and name == running:
            outcome = {"OK": "passed", "FAILED": "failed", "SKIPPED": "skipped"}[verb]
            cases[name] = (outcome, " ".join(said) if outcome == "skipped" else "")
            running = None
        else:
            said.append(line.strip())
    return cases


def merge(outputs):
    """The same of all ranks: [(rank, output)]."""
    merged = {}
    for rank, text in outputs:
        for case, (outcome, reason) in parse(text).items():
            reason = f"{reason} on rank {rank}".strip() if outcome == "failed" and len(outputs) > 1 else reason
            before = merged.get(case)
            if before is None or outcome == "failed" and before[0] != "failed" or before[0] == "skipped":
                merged[case] = outcome, reason
    return merged


class Run:
    """A program that has run: what became of its cases, what it said, and how to run it again."""

    def __init__(self, program, ranks, options):
        under, self.limit = shlex.split(options.under), options.limit
        launcher = [] if ranks is None else [*shlex.split(os.environ.get("MPIRUN", "mpirun")), "-np", str(ranks)]
        settings = [f"{key}={value}" for key, value in {**chosen(), **test_environment()}.items()]
        self.again = shlex.join([*settings, *launcher, *under, os.path.relpath(program, ROOT)])
        with tempfile.TemporaryDirectory() as folder:
            shell = ["sh", "-c", f'exec "$@" >"$0/{RANK}" 2>&1', folder, *under, str(program)]
            with open(f"{folder}/launcher", "wb") as stdout:
                self.status = self.wait([*launcher, *shell], stdout)
            files = {path.name: path.read_text(errors="replace") for path in Path(folder).iterdir() if path.is_file()}
        launcher_said = files.pop("launcher")
        outputs = sorted((int(name), text) for name, text in files.items() if name.isdigit())
        self.said = any(text for _, text in outputs)
        self.cases = merge(outputs)
        shown = {}  # ranks that said the same appear once
        for rank, text in outputs:
            shown.setdefault(text, []).append(str(rank))
        self.output = "".join(text if ranks is None else f"--- rank {', '.join(of)}\n{text}\n" for text, of in shown.items())
        self.output += f"--- {launcher[0]}\n{launcher_said}" if launcher and launcher_said else launcher_said

    def wait(self, command, stdout):
        """Run to the end: the exit status, or None when the time limit was over."""
        mark = uuid.uuid4().hex
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "WEALTHSIM_RUN": mark}, stdin=subprocess.DEVNULL, stdout=stdout,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            return process.wait(self.limit)
        except subprocess.TimeoutExpired:
            return None
        finally:
            if process.returncode is None:
                end_processes(mark, "WEALTHSIM_RUN")
            process.wait()

    def outcome(self, case):
        """Of a case, or of the whole program: (outcome, reason)."""
        if self.status is None:
            return "failed", f"no end within {self.limit:g} s"
        if case in self.cases:
            outcome, reason = self.cases[case]
            others_failed = any(outcome == "failed" for outcome, _ in self.cases.values())
            return ("failed", f"exit status {self.status}") if self.status and not others_failed else (outcome, reason)
        if self.status:
            return "failed", f"exit status {self.status}"
        if not self.said:
            return "failed", "said nothing"
        if case is None:
            return "passed", ""
        return ("failed", "did not run") if self.cases else ("skipped", self.output.strip())


class Failed(Exception):
    pass


class Case(pytest.Item):
    def setup(self):
        self.run = self.parent.run_of(self.ranks)
        self.again = self.run.again

    def runtest(self):
        outcome, reason = self.run.outcome(self.case)
        if outcome == "skipped":
            pytest.skip(reason or "no reason given")
        if outcome == "failed":
            raise Failed(f"{reason}\n{self.run.output}")

    def repr_failure(self, excinfo, **more):
        return str(excinfo.value) if excinfo.errisinstance(Failed) else super().repr_failure(excinfo, **more)

    def reportinfo(self):
        return self.fspath, None, self.name


class Source(pytest.File):
    """tests/unit/test_x.c or tests/parallel/test_x.c, whose program is build/tests/…/test_x."""

    def collect(self):
        text = Path(self.fspath).read_text()
        cases = re.findall(r"^static void (test_\w+)\(void \*\*\w+\)$", text, re.MULTILINE)
        is_parallel = Path(self.fspath).parent.name == "parallel"
        self.runs = {}
        for ranks in map(int, self.config.option.ranks.split()) if is_parallel else [None]:
            for case in cases or [None]:
                name = case or "program"
                item = Case.from_parent(self, name=name if ranks is None else f"{name}[{ranks}-rank{'s'[: ranks > 1]}]")
                item.case, item.ranks = case, ranks
                item.add_marker(pytest.mark.timeout(0))  # --limit says how long a program may take
                yield item

    def run_of(self, ranks):
        if ranks not in self.runs:
            source = Path(self.fspath).relative_to(ROOT).with_suffix("")
            self.runs[ranks] = Run(Path(os.environ["WEALTHSIM"]).parent / source, ranks, self.config.option)
        return self.runs[ranks]
