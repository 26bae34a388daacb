"""What the program says, as exceptions and warnings of the same words. Standard library only."""
from __future__ import annotations


class Error(Exception):
    """The program failed; the text is its message, without its name before each line.

    Attributes
    ----------
    status : int
        Its exit status: 1 failed while running (the message says what became of an earlier result file), 2 see `UsageError`,
        75 see `Stopped`; below 0, the signal that ended it.
    """

    def __init__(self, message: str, status: int = 1):
        super().__init__(message)
        self.status = status

    def __reduce__(self):
        return type(self), (str(self), self.status)


class UsageError(Error, ValueError):
    """An option, a table of scenarios or an input file is wrong (status 2): a line for each fault; nothing was written."""


class Stopped(Error):
    """The run stopped early, with a checkpoint in place (status 75): the same call with resume=True goes on from it."""


class RunWarning(UserWarning):
    """The program's warnings, for example that parameters have no stationary law."""


def error_of(status: int, message: str) -> Error:
    """The exception for an exit status."""
    return {2: UsageError, 75: Stopped}.get(status, Error)(message, status)
