"""The program as a child process: its progress shown as it comes, its words kept, and never left behind. Standard library only."""
from __future__ import annotations

import codecs
import functools
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from wealthsim.program import Start

PROGRESS = re.compile(r"wealthsim: +[0-9]+ % done, ")
NAME = "wealthsim: "
WARNING = "warning: "
PATIENCE = 10.0  # seconds for an end without a checkpoint


class Words:
    """What the program says on standard error, parted: progress is handed on, messages and warnings are kept."""

    def __init__(self, show: Callable[[str], object] | None):
        self.show = show or (lambda text: None)
        self.lines: list[str] = []
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.piece, self.is_bar, self.shown = "", False, ""

    def feed(self, data: bytes) -> None:
        """A bar begins with a carriage return, and stands until the next one; lines end with a newline."""
        for part in re.split(r"([\r\n])", self.decoder.decode(data)):
            if part == "\n":
                self.take_line(self.piece)
                self.piece, self.is_bar = "", False
            elif part == "\r":
                self.show_bar()
                self.piece, self.is_bar = "", True
            else:
                self.piece += part
        self.show_bar()

    def show_bar(self) -> None:
        """Once, and not what is said in the middle of it. Blanks remove it."""
        is_message = NAME in self.piece or NAME.startswith(self.piece[: len(NAME)])  # or the beginning of one
        if self.is_bar and not is_message and self.piece != self.shown:
            self.show(f"\r{self.piece}" if self.piece.strip() else f"\r{self.piece}\r")
            self.shown = self.piece

    def take_line(self, line: str) -> None:
        if self.is_bar:  # what is said in the middle of one
            line = line[line.find(NAME) :] if NAME in line else ""
        if PROGRESS.match(line):
            self.show("\n" * bool(self.shown.strip()) + line + "\n")
            self.shown = ""
        elif line.strip():
            self.lines.append(line)

    def end(self) -> None:
        """Leave no half bar behind."""
        self.take_line(self.piece)
        if self.shown.strip():
            self.show("\n")

    def warnings(self) -> list[str]:
        """Each with the line behind it where it ends with a colon."""
        texts = [line[len(NAME) :] for line in self.lines if line.startswith(NAME)]
        found = []
        for i, text in enumerate(texts):
            if text.startswith(WARNING):
                more = texts[i + 1 : i + 2] if text.endswith(":") else []
                found.append("\n".join([text[len(WARNING) :], *more]))
        return found

    def message(self) -> str:
        """The program's own words, or else the last of whoever spoke, for example mpirun."""
        own = [line[len(NAME) :] for line in self.lines if line.startswith(NAME) and not line.startswith(NAME + WARNING)]
        return "\n".join(own or self.lines[-20:])


def call(start: Start, options: list[str], show: Callable[[str], object] | None, wants_bar: bool, has_checkpoint: bool) -> tuple[int, Words]:
    """Run the program to its end; what interrupts it, ends it.

    Parameters
    ----------
    show : callable, optional
        Is given pieces of text that show the progress, as they come.
    wants_bar : bool
        Whether the program is to draw a bar: its standard error is a terminal then.
    has_checkpoint : bool
        Whether it is given the time that it needs to write one when it is interrupted.

    Returns
    -------
    (int, Words)
        Exit status (below 0: the signal that ended it), and what it said.
    """
    environment = dict(start.environment)
    ours, theirs = terminal(environment) if wants_bar else os.pipe()
    words = Words(show)
    try:
        process = subprocess.Popen([*dies_with_us(), *start.words, *options], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs,
                                   start_new_session=True)  # fmt: skip
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
    try:
        listen(process, ours, words)
    except BaseException:
        stop(process, ours, words, start.stop if has_checkpoint else signal.SIGTERM, None if has_checkpoint else PATIENCE)
        raise
    finally:
        os.close(ours)
        words.end()
    return process.returncode, words


@functools.lru_cache(maxsize=None)
def dies_with_us() -> tuple[str, ...]:
    """Words before a program by which the kernel ends it when this process has died, as by SIGKILL; none where they do not work."""
    words = "setpriv", "--pdeathsig", "TERM"
    try:
        return words if subprocess.run([*words, "true"], capture_output=True).returncode == 0 else ()
    except OSError:
        return ()


def terminal(environment: dict[str, str]) -> tuple[int, int]:
    """Both ends of a pretended terminal, as wide as ours; of a pipe where there is none to be had."""
    try:
        import fcntl
        import struct
        import termios
        import tty

        ours, theirs = os.openpty()
    except (ImportError, OSError):
        return os.pipe()
    tty.setraw(theirs)
    columns, lines = shutil.get_terminal_size()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    if environment.get("TERM", "dumb") in ("", "dumb"):
        environment["TERM"] = "xterm"  # Jupyter can go back to the start of a line
    return ours, theirs


def listen(process: subprocess.Popen[bytes], ours: int, words: Words, until: float = float("inf")) -> None:
    """Hear the program out, until it ends. (Not until all have closed the other end: what it started may live longer.)"""
    while time.monotonic() < until:
        ready = select.select([ours], [], [], 0.1)[0]
        try:
            data = os.read(ours, 1 << 16) if ready else None
        except OSError:  # a terminal that nobody has open any more
            data = b""
        if data:
            words.feed(data)
        elif data == b"":
            process.wait(None if until == float("inf") else max(0.0, until - time.monotonic()))
        if not data and process.poll() is not None:
            return


def stop(process: subprocess.Popen[bytes], ours: int, words: Words, number: int, patience: float | None) -> None:
    """End the program, with a checkpoint where it writes any; at once if it takes too long or this is interrupted too."""
    try:
        if process.poll() is None:
            process.send_signal(number)
        listen(process, ours, words, float("inf") if patience is None else time.monotonic() + patience)
    except (Exception, KeyboardInterrupt):
        pass
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def shown_in() -> str:
    """Where standard error is seen: "terminal", "Jupyter", or "" elsewhere."""
    if type(sys.stderr).__module__.startswith("ipykernel"):
        return "Jupyter"
    try:
        return "terminal" if sys.stderr.isatty() else ""
    except (AttributeError, ValueError):  # none, or closed
        return ""


def to_stderr(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
