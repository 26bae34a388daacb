"""Python's values as the program reads them: options, tables of scenarios, model files."""
from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

LEAVE = "-"  # a cell that leaves an option as it is


def plain(value: Any) -> Any:
    """Python's own number, text or list of such for those of NumPy, pandas and xarray."""
    if isinstance(value, (str, os.PathLike)):
        return os.fspath(value)
    if not hasattr(value, "tolist") and hasattr(value, "values") and not callable(value.values):
        value = value.values  # xarray's
    if getattr(value, "ndim", 0) > 1:
        raise ValueError(f"an array of {value.ndim} dimensions: one will do")
    return value.tolist() if hasattr(value, "tolist") else value


def option_words(options: Mapping[str, Any]) -> list[str]:
    """--record-every=10 for record_every=10. True is a flag, None and False leave an option out."""
    words = []
    for name, given in options.items():
        value, word = plain(given), f"--{name.replace('_', '-')}"
        if value is True:
            words.append(word)
        elif value is not None and value is not False:
            words.append(f"{word}={option_text(value)}")
    return words


def option_text(value: Any) -> str:
    """A number with all its digits, several parted by commas, a path or a text as it is."""
    value = plain(value)
    if isinstance(value, str):
        return value
    if isinstance(value, Iterable):
        return ",".join(map(option_text, value))
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))  # 1e6 households
    return repr(value)


def write_scenarios(scenarios: Any, path: str) -> None:
    """Write a table: columns by their names, each with its scenarios' values, or with one value for all.

    Parameters
    ----------
    scenarios : pandas.DataFrame or mapping
        Its index plays no part. None and "-" leave an option as it is.
    """
    if not hasattr(scenarios, "items"):
        raise TypeError(f"scenarios: a DataFrame, a dict of lists or a file's path is wanted, not {type(scenarios).__name__}")
    columns = {str(name): values_of(values) for name, values in scenarios.items()}
    lengths = {name: len(values) for name, values in columns.items() if isinstance(values, list)}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"scenarios: columns of different lengths: {', '.join(f'{name} has {n}' for name, n in lengths.items())}")
    rows = next(iter(lengths.values()), 1)
    table = [values if isinstance(values, list) else [values] * rows for values in columns.values()]
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
        print(",".join(name if name.isidentifier() else quoted(name) for name in columns), file=file)
        for row in zip(*table):
            print(",".join(map(cell, row)), file=file)


def values_of(values: Any) -> Any:
    """A list, or one value."""
    values = plain(values)
    return list(values) if isinstance(values, Iterable) and not isinstance(values, str) else values


def cell(value: Any) -> str:
    """A number with all its digits; a text in quotes."""
    value = plain(value)
    if isinstance(value, str):
        return LEAVE if value == LEAVE else quoted(value)
    return LEAVE if value is None else repr(value)


def quoted(text: str) -> str:
    if "\n" in text or "\r" in text:
        raise ValueError(f"scenarios: a text with a line's end in it: {text!r}")
    return '"' + text.replace('"', '""') + '"'


def as_given(message: str) -> str:
    """What the program says of a table that was written for it, without the file's name and lines."""
    return re.sub(r"scenarios\.csv, (header|row [0-9]+) \(line [0-9]+\)", r"scenarios, \1", message).replace("'scenarios.csv'", "the table")
