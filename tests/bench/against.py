"""Two reports of tests/bench/run, row by row: which rows have got slower by more than their samples spread."""
import json
from pathlib import Path


class NoReport(Exception):
    """The file is not a report of tests/bench/run; the message says why."""


def read(path):
    """Rows of a report, {(table, row): {"median", "min", "max", …}}, and the machine that it is of."""
    try:
        report = json.loads(Path(path).read_text())
        rows = {(table["title"], row["name"]): row for table in report["tables"] for row in table["rows"]}
        return rows, report["machine"]
    except (OSError, ValueError, KeyError, TypeError) as why:
        raise NoReport(f"--against: '{path}' is no report (BUILD/bench/*.json) of this bench: {why!r}") from None


def slower(before, now):
    """Names of rows whose least time is above the greatest of before, with both medians; the worst first. Rows that only one
    of the reports has are left out."""
    both = [(key, before[key], now[key]) for key in now if key in before]
    found = [(row["median"] / was["median"], key, was, row) for key, was, row in both if row["min"] > was["max"]]
    return [(title, name, was["median"], row["median"]) for _, (title, name), was, row in sorted(found, key=lambda f: -f[0])]


def lines(path, before, now, machine):
    """A section of the report."""
    rows, was = before
    common = sum(key in rows for key in now)
    head = [f"## Against {path}", ""]
    if was.get("processor") != machine.get("processor"):
        head += [f"That report is of another processor: {was.get('processor')}.", ""]
    found = slower(rows, now)
    if not found:
        return [*head, f"None of {common} rows got slower by more than its samples spread.", ""]
    told = [f"- {title}: {name}: {new:.4g} instead of {old:.4g}, {new / old:.2f} times" for title, name, old, new in found]
    return [*head, f"Slower by more than their samples spread, {len(found)} of {common} rows:", "", *told, ""]
