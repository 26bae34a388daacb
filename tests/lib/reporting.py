"""A pytest plugin for tests/run: chooses cases by words, and writes a line of JSON to a pipe as each case ends."""
import json
import os


def pytest_addoption(parser):
    parser.addoption("--report-to", type=int, help="file descriptor to report to")
    parser.addoption("--word", action="append", default=[], help="part of a name, or a marker; any may fit")


def pytest_configure(config):
    config.pluginmanager.register(Reporter(config.getoption("--report-to")), "wealthsim-reporter")


def pytest_collection_modifyitems(config, items):
    words = config.getoption("--word")

    def fits(item):
        names = [item.nodeid.lower(), *(mark.name for mark in item.iter_markers())]
        return not words or any(word in names[0] or word in names[1:] for word in words)

    chosen = [item for item in items if fits(item)]
    config.hook.pytest_deselected(items=[item for item in items if not fits(item)])
    items[:] = chosen


class Reporter:
    def __init__(self, descriptor):
        os.set_inheritable(descriptor, False)
        self.stream = os.fdopen(descriptor, "w")
        self.reports = []

    def pytest_runtest_logreport(self, report):
        """Setup, call and teardown of a case come one by one; the case's outcome is the worst of the three."""
        self.reports.append(report)
        if report.when == "teardown":
            reports, self.reports = self.reports, []
            outcomes = [r.outcome for r in reports]
            outcome = next((o for o in ("failed", "skipped") if o in outcomes), "passed")
            reason = ""
            if outcome == "skipped":
                skip = next(r for r in reports if r.outcome == "skipped")
                reason = getattr(skip, "wasxfail", None) or skip.longrepr[2].removeprefix("Skipped: ")
            failures = [r for r in reports if r.outcome == "failed"]
            counts = dict(report.user_properties)
            self.send(report.nodeid, outcome, sum(r.duration for r in reports), reason, failures, counts)

    def pytest_collectreport(self, report):
        if report.outcome == "failed":
            self.send(report.nodeid, "failed", 0, "", [report])
        elif report.outcome == "skipped":
            self.send(report.nodeid, "skipped", 0, report.longrepr[2].removeprefix("Skipped: "), [])

    def send(self, name, outcome, seconds, reason, failures, counts={}):
        details = []
        for report in failures:
            details += [report.longreprtext, *(f"--- {title}\n{text}" for title, text in report.sections)]
        line = {"name": name.rpartition("/")[2], "outcome": outcome, "seconds": seconds, "reason": reason, "counts": counts}
        print(json.dumps({**line, "details": "\n".join(details)}), file=self.stream, flush=True)
