"""make bench ARGS='--against REPORT': rows that got slower than in an earlier report."""
import json
import subprocess
import sys

import pytest
from program import ROOT

sys.path.insert(0, str(ROOT / "tests" / "bench"))
import against  # noqa: E402


def report(tmp_path, name, **rows):
    table = {"title": "A table", "rows": [
        {"name": row, "median": sorted(samples)[len(samples) // 2], "min": min(samples), "max": max(samples), "samples": samples}
        for row, samples in rows.items()
    ]}  # fmt: skip
    path = tmp_path / f"{name}.json"
    path.write_text(json.dumps({"machine": {"processor": name}, "tables": [table]}))
    return path


def test_slower(tmp_path):
    """Only where no sample of now is as low as one of before; what one of them lacks is left out."""
    before = report(tmp_path, "before", same=[1, 2, 3], slower=[1, 2, 3], faster=[4, 5, 6], worst=[1, 1, 1], gone=[1, 1, 1])
    now = report(tmp_path, "now", same=[3, 4, 5], slower=[3.1, 4, 5], faster=[1, 2, 3], worst=[9, 9, 9], new=[8, 8, 8])
    rows, machine = against.read(now)
    assert against.slower(against.read(before)[0], rows) == [("A table", "worst", 1, 9), ("A table", "slower", 2, 4)]
    text = "\n".join(against.lines("before.json", against.read(before), rows, machine))
    assert "another processor: before" in text and "2 of 4 rows" in text and "A table: worst: 9 instead of 1, 9.00 times" in text
    assert "None of 5 rows" in "\n".join(against.lines("now.json", (rows, machine), rows, machine))


@pytest.mark.parametrize("content", [None, "", "[]", '{"tables": 3}'])
def test_no_report(tmp_path, content):
    """Said before anything is measured."""
    path = tmp_path / "old.json"
    if content is not None:
        path.write_text(content)
    words = [sys.executable, ROOT / "tests" / "bench" / "run", "--against", path]
    result = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert result.returncode == 2 and f"--against: '{path}' is no report" in result.stderr
