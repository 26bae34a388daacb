"""What all pytest files share; `make test` and plain `pytest tests/end_to_end/test_x.py` both find it."""
import functools
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))

import program  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line("markers", "alone: no other test beside this file (it measures time, kills, or needs the whole machine)")
    config.addinivalue_line("markers", "smoke: also run under the sanitizers (quick, and touches every module)")


@pytest.fixture
def wealthsim(tmp_path):
    """program.run in a folder of the test's own: wealthsim("-n", 1000, ranks=3, threads=2)."""
    return functools.partial(program.run, cwd=tmp_path)
