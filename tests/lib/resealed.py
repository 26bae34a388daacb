"""Checkpoints that were changed and sealed again: their digest is right, what they say is not.

    with changed(path) as (file, trailer):   # h5py's file, open for writing; the trailer, a dictionary of lists
        file.attrs["period"] = -1
        trailer["households"] = 7
"""
import contextlib
import ctypes
import ctypes.util
import struct

import h5py
import pytest

SECTIONS = ["wealth", "array 1", "array 2", "array 3", "shocks", "path_wealth", "streams", "coalesced", "mobility_wealth"]  # as the trailer has them
BLOCK_ROWS = dict.fromkeys([*SECTIONS[:5], "mobility_wealth"], 256)
TRAILER = struct.Struct("<qq36qQQ64sqQ16s")
PIECE = 1 << 20


def xxh3():
    """XXH3 with a seed, from the library whose header the program is built with."""
    name = ctypes.util.find_library("xxhash")
    if not name:
        pytest.skip("no xxHash library here, only its header")
    call = ctypes.CDLL(name).XXH3_64bits_withSeed
    call.argtypes, call.restype = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64], ctypes.c_uint64
    return lambda data, seed: call(data, len(data), seed)


def unpack(data):
    fields = TRAILER.unpack(data[-TRAILER.size :])
    places = {name: list(fields[2 + 4 * i : 6 + 4 * i]) for i, name in enumerate(SECTIONS)}  # place, rows, bytes of a row, planes
    return {"bytes": fields[0], "households": fields[1], **places, "version": fields[-4], "format": fields[-3], "magic": fields[-1]}


def digest(body, trailer):
    """Sum of the sections' blocks and of what is between them, each with its place as seed."""
    hashed, total, place = xxh3(), 0, 0
    ranges = sorted((trailer[name], name) for name in SECTIONS if trailer[name][1] > 0)
    for (begin, rows, row_bytes, planes), name in [*ranges, ((len(body), 0, 0, 0), "")]:
        total += sum(hashed(body[at : min(at + PIECE, begin)], at) for at in range(place, begin, PIECE))
        step = BLOCK_ROWS.get(name, 1) * row_bytes
        for plane in range(planes):
            first, end = (begin + (plane + i) * rows * row_bytes for i in (0, 1))
            total += sum(hashed(body[at : min(at + step, end)], at) for at in range(first, end, max(step, 1)))
        place = begin + planes * rows * row_bytes
    return total % 2**64


def seal(body, trailer):
    """The bytes with a trailer behind them whose digest and check are right."""

    def packed(sum_of_all, check):
        places = [number for name in SECTIONS for number in trailer[name]]
        identity = struct.pack("<64sq", trailer["version"], trailer["format"])
        return TRAILER.pack(trailer["bytes"], trailer["households"], *places, sum_of_all, check, trailer["version"], trailer["format"],
                            xxh3()(identity, 0), trailer["magic"])  # fmt: skip

    is_sane = all(0 <= trailer[name][0] and 0 <= trailer[name][1] * trailer[name][2] * max(trailer[name][3], 0) <= len(body) for name in SECTIONS)
    sum_of_all = digest(body, trailer) if is_sane else 0
    return body + packed(sum_of_all, xxh3()(packed(sum_of_all, 0), 0))


@contextlib.contextmanager
def changed(path):
    data = path.read_bytes()
    trailer = unpack(data)
    path.write_bytes(data[: -TRAILER.size])
    with h5py.File(path, "r+") as file:
        yield file, trailer
    body = path.read_bytes()
    if trailer["bytes"] == len(data) - TRAILER.size:  # not changed by hand
        trailer["bytes"] = len(body)
    path.write_bytes(seal(body, trailer))
