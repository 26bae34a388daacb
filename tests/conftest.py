"""What all tests share: the program under test, the environment, which tests run beside each other, and what is said of them.

`make test` starts pytest with several processes (pytest-xdist) and limits of time (pytest-timeout); plain `pytest
tests/end_to_end/test_x.py` does without either.
"""
import collections
import fcntl
import functools
import json
import os
import shlex
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
KINDS = "unit", "parallel", "end_to_end", "cluster"
MOST_AGAIN = 8  # failures that are tried again: of more than that, none is
sys.path.insert(0, str(TESTS / "lib"))
sys.path.append(str(TESTS.parent / "jobs"))  # pytest-xdist imports the modules of warnings where it gathers them
sys.dont_write_bytecode = False  # assertions as pytest rewrites them are kept: half of each start

import environment  # noqa: E402
from cmocka import Source  # noqa: E402


def pytest_addoption(parser):
    group = parser.getgroup("wealthsim")
    group.addoption("--build", default="build", help="the build folder under test (default: build)")
    group.addoption("--ranks", default="1 2 3 5 16", help="rank counts of the parallel tests")
    group.addoption("--under", default="", metavar="COMMAND", help="what starts the C tests: a debugger, Valgrind …")
    group.addoption("--limit", type=float, default=180, help="seconds that the program of a C test may take (default: 180)")
    group.addoption("--failed", default="", metavar="FILE", help="write there what has failed, if it is little, for --again")
    group.addoption("--again", default="", metavar="FILE", help="only what has failed, according to FILE, and count it with the rest")
    group.addoption("--words", default="", help="choose tests: a kind (unit, parallel, end_to_end, cluster), part of a name, a marker")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    """The environment of the program under test, and a folder of this process's own, whose name no other process knows: Open
    MPI's folders of a session are made and removed in it."""
    config.worker = getattr(config, "workerinput", {}).get("workerid", "")  # none: it starts those, or is the only process
    os.environ["WEALTHSIM"] = os.path.abspath(TESTS.parent / config.option.build / "wealthsim")
    for name in environment.TOLD_TO_MAKE:
        os.environ.pop(name, None)
    os.environ.update(environment.test_environment(), PYTHONDONTWRITEBYTECODE="1")
    os.environ["WEALTHSIM_TEST"] = config.mark = f"{os.getppid() if config.worker else os.getpid()}-{config.worker}"
    config.marks = [config.mark]
    config.folder = tempfile.mkdtemp(prefix=f"{config.worker}-" if config.worker else "wealthsim-test-")
    os.environ["TMPDIR"] = tempfile.tempdir = config.folder
    if not config.option.basetemp:
        config.option.basetemp = f"{config.folder}/t"
    if not config.worker:
        os.environ["WEALTHSIM_TEST_LOCK"] = f"{config.folder}/lock"
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        config.pluginmanager.register(Totals(config), "wealthsim-totals")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    node.config.marks.append(f"{os.getpid()}-{node.gateway.id}")


def pytest_unconfigure(config):
    for mark in config.marks:  # of processes that have died, too
        environment.end_processes(mark)
    shutil.rmtree(config.folder, ignore_errors=True)
    if not config.worker:
        config.pluginmanager.getplugin("wealthsim-totals").say()


# ---- which tests ---------------------------------------------------------------------------------------------


def collect_source(file, parent, **place):
    if file.suffix == ".c" and file.name.startswith("test_") and file.parent.name in KINDS:
        return Source.from_parent(parent, **place)
    return None


if hasattr(pytest, "version_tuple"):  # pytest 7

    def pytest_collect_file(file_path, parent):
        return collect_source(file_path, parent, path=file_path)

else:

    def pytest_collect_file(path, parent):
        return collect_source(Path(path), parent, fspath=path)


def is_alone(item):
    return item.get_closest_marker("alone") is not None


def is_to_be_tried_again(item):
    option = item.config.option.again
    return not option or item.nodeid in json.loads(Path(option).read_text())["failed"]


def fits(item, words):
    name = item.nodeid.lower()
    marks = {mark.name for mark in item.iter_markers()}
    return not words or any(name.startswith(f"{word}/") if word in KINDS else word in name or word in marks for word in words)


def pytest_collection_modifyitems(config, items):
    """Those that fit a word; clusters first, which mostly wait, and last what no other test may run beside."""
    words = config.option.words.lower().split()
    chosen = [item for item in items if fits(item, words) and is_to_be_tried_again(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    order = {kind: i for i, kind in enumerate(reversed(KINDS))}
    items[:] = sorted(chosen, key=lambda item: (is_alone(item), order[item.nodeid.split("/")[0]]))


# ---- beside each other ---------------------------------------------------------------------------------------


def scope(nodeid):
    """What one process runs one after the other: the cases of a C program, all clusters; each other test by itself."""
    file, _, name = nodeid.partition("::")
    if file.endswith(".c"):
        return file + name.partition("[")[2]
    return "cluster" if file.startswith("cluster/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return scope(nodeid)

        def remove_node(self, node):
            """A process that has died: the test that it was at is not tried again (LoadScopeScheduling would, for ever)."""
            units = self.assigned_work.pop(node)
            pending = [(unit, test) for unit in units.values() for test, done in unit.items() if not done]
            for unit, test in pending[:1]:
                unit[test] = True
            self.workqueue.update({name: unit for name, unit in units.items() if not all(unit.values())})
            for other in self.assigned_work:
                self._reschedule(other)
            return pending[0][1] if pending else None

    return Scheduling(config, log)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    """A test has a lock together with others, or alone."""
    with open(os.environ["WEALTHSIM_TEST_LOCK"], "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX if is_alone(item) else fcntl.LOCK_SH)
        yield


# ---- around each test ----------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def tidy(request):
    """What a test has started and not ended is ended, by pid, and is a failure; its folder is removed. (Pretend clusters live
    longer: cluster/conftest.py looks after them.)"""
    before = environment.processes_marked(request.config.mark)
    folder = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
    yield
    left = [] if "cluster" in request.node.nodeid.split("/") else environment.end_processes(request.config.mark, keep=before)
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
    assert not left, f"left running: {', '.join(left)}"


@pytest.fixture
def wealthsim(tmp_path):
    """program.run in a folder of the test's own: wealthsim("-n", 1000, ranks=3, threads=2)."""
    import program

    return functools.partial(program.run, cwd=tmp_path)


# ---- what is said --------------------------------------------------------------------------------------------


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    if report.failed:
        settings = [f"{key}={value}" for key, value in environment.chosen().items()]
        where = [sys.executable, "-m", "pytest", f"--build={item.config.option.build}", f"tests/{item.nodeid}"]
        report.sections.append(("run it again", getattr(item, "again", shlex.join([*settings, *where]))))


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report):
    """No dots: Totals writes a line for each test."""
    if report.passed and report.when != "call":
        return "", "", ""
    kind = "error" if report.failed and report.when != "call" else report.outcome
    return kind, "", kind.upper()


class Totals:
    """Says what has become of each test as it ends, and of all of them at the very end."""

    def __init__(self, config):
        self.config = config
        self.outcomes, self.seconds, self.counted = {}, collections.Counter(), collections.Counter()

    def pytest_runtest_logreport(self, report):
        """Setup, call and teardown come one by one; the worst of the three is the outcome."""
        worst = max(report.outcome, self.outcomes.get(report.nodeid, "passed"), key=["passed", "skipped", "failed"].index)
        self.outcomes[report.nodeid] = worst
        self.seconds[report.nodeid] += report.duration
        if report.when == "teardown":
            self.counted.update(dict(report.user_properties))
            word = {"passed": "ok", "skipped": "skip", "failed": "FAIL"}[worst]
            terminal = self.config.pluginmanager.getplugin("terminalreporter")
            terminal.write_line(f"{word:4} {self.seconds[report.nodeid]:6.1f} s  {report.nodeid}")
            terminal.flush()

    def pytest_collectreport(self, report):
        if not report.passed:
            self.outcomes[report.nodeid] = report.outcome

    def pytest_internalerror(self):
        self.outcomes["pytest itself"] = "failed"

    def pytest_keyboard_interrupt(self):
        self.outcomes["interrupted"] = "failed"

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session):
        """Where nothing has passed, nothing was tested."""
        if session.exitstatus == 0 and "passed" not in self.outcomes.values():
            session.exitstatus = 5

    def write_failed(self, count):
        """Few failures may be due to what ran beside them: they are tried again by themselves."""
        failed = [name for name, outcome in self.outcomes.items() if outcome == "failed"]
        path = Path(self.config.option.failed)
        path.unlink(missing_ok=True)
        if 0 < len(failed) <= MOST_AGAIN and all("::" in name for name in failed):
            path.write_text(json.dumps({"failed": failed, "count": count}))

    def say(self):
        count = collections.Counter(self.outcomes.values())
        if self.config.option.failed:
            self.write_failed(count)
        if self.config.option.again:
            before = json.loads(Path(self.config.option.again).read_text())
            print("failed beside others:", *before["failed"], sep="\n  ")
            print(f"passed by {'itself' if count['passed'] == 1 else 'themselves'}: {count['passed']}")
            count.update({what: number for what, number in before["count"].items() if what != "failed"})
        if not count["passed"] and not count["failed"]:
            print("nothing was tested: every test was skipped" if count["skipped"] else "nothing was tested: no test fits")
        if self.counted:
            print(f"counted: {', '.join(f'{number} {what}' for what, number in self.counted.items())}")
        print(f"{count['passed']} passed, {count['failed']} failed" + f", {count['skipped']} skipped" * bool(count["skipped"]), flush=True)
