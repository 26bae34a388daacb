"""Progress on standard error: a bar that stays within the window, wherever there is a window; else lines."""
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

import pytest
from environment import mpi
from faults import alone_in
from program import command, environment

# Longer than any test looks at it, and ended by the test; records keep its steps short, so that bars come often.
LONG = ("-n", 1000, "-T", 10**7, "--record-every", 1000, "-o", "long.h5")
SHORT = ("-n", 1000, "-T", 100_000, "--record-every", 1000, "-o", "short.h5")
BAR = re.compile(r"\[#* *\] +\d+ %(  [0-9.e+]+ household-periods/s)?(  [0-9:]+( s)? left)? *")


class Terminal:
    """A run on a pseudo-terminal of so many columns, which is its standard error."""

    def __init__(self, *arguments, columns, cwd, ranks=0, env=None):
        self.master, slave = pty.openpty()
        self.text, self.columns = "", columns
        self.resize(columns)
        self.process = subprocess.Popen(
            command(*arguments, ranks=ranks), cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=slave,
            env=environment(1, {**({} if ranks else alone_in(cwd)), "TERM": "xterm", "COLUMNS": None, **(env or {})}),
            start_new_session=True,
        )  # fmt: skip
        os.close(slave)

    def resize(self, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 24 if columns else 0, columns, 0, 0))

    def read(self, seconds=0.5):
        """What comes within so many seconds, or up to the end: '' then."""
        if not select.select([self.master], [], [], seconds)[0]:
            return None
        try:
            piece = os.read(self.master, 4096).decode()
        except OSError:  # the program has ended
            piece = ""
        self.text += piece
        return piece

    def bars(self, n):
        """The next n bars, each whole."""
        before, end = self.text.count("\r"), time.monotonic() + 60
        while self.text.count("\r") < before + n + 1:
            assert self.read() != "" and time.monotonic() < end, f"no bar: {self.text!r}"
        return self.text.split("\r")[before + 1 :][:n]

    def close(self):
        os.close(self.master)
        self.process.terminate()  # mpirun ends its ranks
        self.process.wait(timeout=20)


@pytest.fixture
def terminal(tmp_path):
    opened = []

    def start(*arguments, **options):
        opened.append(Terminal(*arguments, cwd=tmp_path, **options))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


def check_fits(bars, columns):
    for bar in bars:
        assert len(bar) < columns and BAR.fullmatch(bar), (columns, bar)


@pytest.mark.parametrize("ranks", [0, 2])  # on the terminal itself, and on that of mpirun
def test_fits_the_window(terminal, ranks):
    """Also one whose size changes while the program runs. A narrow one has the share and a bar, a wider one the time."""
    if ranks and mpi() == "Open MPI 5":
        pytest.skip("mpirun of Open MPI 5 passes on whole lines only: there are lines instead of bars")
    screen = terminal(*LONG, columns=80, ranks=ranks)
    shown = {}
    for columns in 80, 40, 20, 200, 30:
        screen.resize(columns)
        screen.bars(1)  # this one may have been written before
        shown[columns] = screen.bars(2)
        check_fits(shown[columns], columns)
    assert all("household-periods/s" in bar and "left" in bar for columns in (80, 200) for bar in shown[columns])
    assert all("household-periods/s" not in bar and "left" in bar for bar in shown[40])
    assert all(len(bar.rstrip()) >= 15 for bar in shown[20])
    assert "\n" not in screen.text and "\x1b" not in screen.text


@pytest.mark.parametrize("columns, said, fits", [(0, "50", 50), (0, None, 80), (0, "x", 80), (10, "50", None), (4, None, None)])
def test_windows_without_a_size(terminal, columns, said, fits):
    """COLUMNS counts where the terminal does not know; a window that has no room for a bar has the share."""
    bars = terminal(*LONG, columns=columns, env={"COLUMNS": said, "NO_COLOR": "1"}).bars(2)
    if fits:
        check_fits(bars, fits)
    else:
        assert all(re.fullmatch(r" *\d*( %)?", bar) and len(bar) < columns for bar in bars), bars


def test_wiped_at_the_end(terminal):
    """What is left of the bar is an empty line of the window's width, and its start."""
    screen = terminal(*SHORT, columns=40)
    screen.bars(1)
    while screen.read(20):
        pass
    assert screen.process.wait(timeout=20) == 0
    *bars, last, rest = screen.text.split("\r")
    check_fits(bars[1:], 40)
    assert last.strip(" ") == "" and 0 < len(last) < 40 and rest == ""


@pytest.mark.parametrize("kind", ["dumb", None, ""])
def test_dumb_terminals(terminal, kind):
    """Lines, as in a file: the cursor cannot go back."""
    screen = terminal(*SHORT, columns=80, env={"TERM": kind})
    while screen.read(20):
        pass
    lines = screen.text.replace("\r\n", "\n").splitlines()
    assert lines and all(re.fullmatch(r"wealthsim: +\d+ % done, \S+ household-periods/s, .* left", line) for line in lines)
