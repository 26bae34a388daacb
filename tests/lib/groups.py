"""A file with groups made of files without: what a model file with a variable group would give.

    with_groups(tmp_path / "groups.h5", "all.h5", {20: "a.h5", 40: "b.h5"})   # labels, and the file that a group's statistics are of
"""
import h5py
import numpy as np
from scenarios import dims_of, write

DESCRIPTION = "long_name", "units", "comment", "flag_values", "flag_meanings", "coordinates"


def with_groups(path, whole, groups, empty=()):
    """Statistics get the dimension group behind that of scenarios; of an empty group they are NaN."""
    files = [h5py.File(name, "r") for name in (whole, *groups.values())]
    first = files[0]
    with h5py.File(path, "w") as out:
        out.attrs.update(first.attrs)
        over = {name: dims_of(data) for name, data in first.items() if isinstance(data, h5py.Dataset)}
        for name in [name for name in over if over[name] == [""]]:
            out[name] = first[name][()]
            out[name].make_scale(first[name].attrs["NAME"])
        out["group"] = np.arange(len(files))
        out["group"].make_scale("group")
        out["group"].attrs.update({"flag_values": np.arange(len(files)), "flag_meanings": " ".join(["all", *map(str, groups)])})
        for name, dimensions in over.items():
            if name not in out:
                after = int("scenario" in dimensions)
                if is_statistic(name, dimensions):
                    parts = [file[name][()] * (np.nan if label in empty else 1) for label, file in zip(["all", *groups], files)]
                    write(out, name, np.stack(parts, axis=after), [*dimensions[:after], "group", *dimensions[after:]])
                else:
                    write(out, name, first[name][()], dimensions)
            out[name].attrs.update({key: value for key, value in first[name].attrs.items() if key in DESCRIPTION})
        add_sizes(out, [0 if label in empty else file.attrs["households"] for label, file in zip(groups, files[1:])], "scenario" in out)
    for file in files:
        file.close()


def is_statistic(name, dimensions):
    return "period" in dimensions or "_average" in name


def add_sizes(out, households, has_scenarios):
    n = np.repeat([[sum(households)], *([size] for size in households)], out["period"].size, axis=1)
    n = np.stack([n] * out["scenario"].size) if has_scenarios else n
    over = ["scenario"] * has_scenarios + ["group", "period"]
    write(out, "group_households", n, over)
    write(out, "group_share", n / sum(households), over)
