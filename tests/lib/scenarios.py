"""A file of many scenarios made of single runs: what --scenarios would have written, as far as it can be read.

    stack(tmp_path / "many.h5", ["a.h5", "b.h5"], s=[0.2, 0.4])   # the columns of the table
"""
import h5py
import numpy as np

DESCRIPTION = "long_name", "units", "comment", "flag_values", "flag_meanings"
OF_EACH = "wealth", "state", "level", "path_wealth", "stationary_quantile"  # besides statistics, which are over period


def stack(path, files, **columns):
    """Files of the same shape; the columns are options in which they differ."""
    opened = [h5py.File(name, "r") for name in files]
    first = opened[0]
    theory = {name: [file.attrs[name] for file in opened] for name in first.attrs if name.startswith("theory_")}
    with h5py.File(path, "w") as out:
        attributes = {name: value for name, value in first.attrs.items() if name not in (*columns, *theory, "coalescence_period")}
        out.attrs.update({**attributes, "format_version": "2.0", "result_hash": "0123456789abcdef"})
        out["scenario"] = np.arange(len(files))
        out["scenario"].make_scale("scenario")
        dimensions = {name: dims_of(data) for name, data in first.items() if isinstance(data, h5py.Dataset)}
        is_each = {name: "period" in over[:3] and name != "period" or name in OF_EACH for name, over in dimensions.items()}
        for name in sorted(dimensions, key=lambda name: is_each[name]):  # the dimensions' own values come first
            if is_each[name]:
                write(out, name, np.stack([file[name][()] for file in opened]), ["scenario", *dimensions[name]])
            else:
                out[name] = first[name][()]
                out[name].make_scale(first[name].attrs["NAME"])
            out[name].attrs.update({key: value for key, value in first[name].attrs.items() if key in DESCRIPTION})
        for name, data in first["timing"].items():
            out[f"timing/{name}"] = data[()]
        for name, values in {**columns, **theory, "scenario_hash": [file.attrs["result_hash"] for file in opened]}.items():
            write_column(out, name, values)
        for name, data in out.items():
            is_statistic = isinstance(data, h5py.Dataset) and dims_of(data)[:1] == ["scenario"]
            if is_statistic and name not in (*columns, "scenario_hash"):
                data.attrs["coordinates"] = " ".join(columns)
    for file in opened:
        file.close()


def dims_of(data):
    return [scale[0].name.lstrip("/") if len(scale) else "" for scale in data.dims]


def write(out, name, values, over):
    data = out.create_dataset(name, data=values)
    for axis, dimension in enumerate(over):
        data.dims[axis].attach_scale(out[dimension])


def write_column(out, name, values):
    """Texts as characters, over a dimension of their length."""
    if not isinstance(values[0], str):
        write(out, name, np.array(values, float), ["scenario"])
        return
    texts = [value.encode() for value in values]
    length = max(map(len, texts))
    out[f"{name}_length"] = np.zeros(length, ">f4")
    out[f"{name}_length"].make_scale(f"This is a netCDF dimension but not a netCDF variable. {length:9}")
    characters = np.zeros((len(texts), length), "S1")
    for i, text in enumerate(texts):
        characters[i, : len(text)] = np.frombuffer(text, "S1")
    write(out, name, characters, ["scenario", f"{name}_length"])
