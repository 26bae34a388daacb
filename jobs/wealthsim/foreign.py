"""Files as they come: results that other programs have rewritten (xarray, ncks, cdo, h5repack), damaged ones, ones that are
something else, names that are not UTF-8. What plot.py and collect.py have in common. Needs h5py."""
import faulthandler
import os
import re
import resource
import stat
import sys
import warnings

import h5py
import numpy as np

PACKED = "scale_factor", "add_offset"
SECONDS = 10  # of a core, for what takes milliseconds


class Unreadable(Exception):
    """A file that cannot be used; the text begins with its name and says why."""


def kind_of(path):
    """'hdf5' or 'text', by the content and not by the name."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise Unreadable(f"{path}: a folder, not a file" if os.path.isdir(path) else f"{path}: not a regular file")
        with open(path, "rb") as file:
            start = file.read(8)
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror or error}") from None
    if start[:3] == b"CDF":
        raise Unreadable(f"{path}: a netCDF file of the classic format; nccopy -k netCDF-4 '{path}' NEW makes one that can be read")
    return "hdf5" if h5py.is_hdf5(path) else "text"


def open_hdf5(path):
    """The open file, to be closed by the caller."""
    if kind_of(path) != "hdf5":
        raise Unreadable(f"{path}: not an HDF5 file")
    if not can_be_read(path):
        raise Unreadable(f"{path}: damaged: HDF5 crashes over it, or finds no end")
    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise Unreadable(f"{path}: not a readable HDF5 file: {error}") from None


def can_be_read(path):
    """Whether HDF5 comes through a file's attributes. Damaged ones may take Python with them, or have no end: a child tries."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that threads of libraries stay behind: the child does not need them
        child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == 0
    try:
        faulthandler.disable()
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stderr__.fileno())
        with h5py.File(path, "r") as file:
            dict(file.attrs)
            file.visititems(lambda name, item: (dict(item.attrs), None)[1])
    except Exception:  # it can be caught, then
        pass
    finally:
        os._exit(0)


def damaged(path, error):
    """What to raise for an error that a file of wealthsim's own form does not cause."""
    return Unreadable(f"{path}: damaged, or not as wealthsim writes it: {one_line(error)}")


def one_line(error):
    return " ".join(str(error).split()) or type(error).__name__


def attribute(of, name, otherwise=None):
    """An attribute as Python's own int, float or str, however many wrappings it has come in by."""
    return plain(of.attrs[name]) if name in of.attrs else otherwise


def number(of, name, otherwise):
    """An attribute that is a number, or otherwise."""
    value = attribute(of, name, otherwise)
    return value if isinstance(value, (int, float)) else otherwise


def plain(value):
    """bytes become str, arrays of one element the element, NumPy's scalars Python's; empty texts are texts."""
    if isinstance(value, h5py.Empty):
        return ""
    if isinstance(value, np.ndarray):
        if value.size != 1:
            return str(value.tolist())
        value = value.ravel()[0]
    if isinstance(value, np.generic):
        value = value.item()
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value if isinstance(value, (int, float)) else str(value)


def dimension_of(data, axis):
    """The name of a variable's dimension, '' where it has none. (cdo makes several of one: period_2 is period.)"""
    scales = data.dims[axis]
    return re.sub(r"_[0-9]+$", "", scales[0].name.rpartition("/")[2]) if len(scales) else ""


def names_along(file, dimension):
    """The names of the quantities, or groups, that statistics are of: wealth, or all households, first; () where they are of these
    alone."""
    if dimension not in file:
        return ()
    names = str(attribute(file[dimension], "flag_meanings", "")).split()
    if len(names) != file[dimension].size:
        raise ValueError(f"{dimension} has not as many names (flag_meanings) as values")
    return tuple(names)


def has_scenarios(file):
    """Whether a file is of many scenarios; of one that was chosen of them, the coordinate may be left as a number."""
    return "scenario" in file and file["scenario"].ndim > 0


def is_over_scenarios(data):
    """Whether a variable has a value, or a part, for each of a file's scenarios."""
    return data.ndim > 0 and dimension_of(data, 0) == "scenario"


def scenario_column(data):
    """A variable that has a number or a text for each scenario, as a list. Texts may be arrays of characters."""
    if data.dtype.kind in "fiu":
        return numbers(data).ravel().tolist()
    values = np.atleast_1d(data[()])
    if values.dtype == "S1":
        return [b"".join(characters.ravel()).decode("utf-8", "replace") for characters in values.reshape(-1, values.shape[-1])]
    return [plain(value) for value in values.ravel()]


def numbers(data, piece=()):
    """A variable's values, or a piece of them, where they are real numbers; those of others would mean something else."""
    if data.dtype.kind not in "fiu":
        raise ValueError(f"{data.name} is not of real numbers")
    if any(name in data.attrs for name in PACKED):
        raise ValueError(f"{data.name} is packed (scale_factor, add_offset): ncpdq -U unpacks it")
    return data[piece]


def printable(path):
    """A name for a picture or another file: what is not UTF-8 in it is replaced."""
    return os.fsencode(path).decode("utf-8", "replace")


def run_script(script, main):
    """A script's main function, with names that are not UTF-8 passing through both outputs as they are, and what is printed
    brought out before the end. @return the exit status"""
    for stream in sys.stdout, sys.stderr:
        stream.reconfigure(encoding="utf-8", errors="surrogateescape")
    try:
        try:
            status = main()
        except SystemExit as end:  # argparse's
            status = end.code
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python tries again at its end
        if not isinstance(error, BrokenPipeError):
            print(f"{script}: cannot write standard output: {error.strerror}", file=sys.stderr)
        status = 1
    return status
