"""Result files as xarray Datasets."""
from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wealthsim.packages import has, require

if TYPE_CHECKING:
    import xarray

ENGINES = {"netCDF4": "netcdf4", "h5netcdf": "h5netcdf"}  # module: what xarray calls it; the faster one first
NAMED = "group", "quantity"  # dimensions whose values have names


def engine_for(purpose: str) -> str:
    """The first of xarray's readers of netCDF-4 that is there; ImportError where there is none, or no xarray."""
    require(purpose, "xarray")
    found = [engine for module, engine in ENGINES.items() if has(module)]
    if not found:
        require(purpose, "netCDF4")
    return found[0]


def open(path: str | os.PathLike[str], group: str | None = None) -> xarray.Dataset:
    """Read a result file of any of the program's commands.

    Parameters
    ----------
    path : str or path-like
        A result file: `wealthsim.h5`.
    group : str, optional
        A group of the file in place of its root: ``"timing"``, where the seconds of each rank and thread went. The root's
        Dataset is without it.

    Returns
    -------
    xarray.Dataset
        All variables, in memory, and the file is closed. Wealth is in units of the model's income, periods are counted from 0,
        shares and probabilities are fractions of 1, seconds are seconds: each variable's `units` and `long_name` say so. The
        parameters and versions are in `attrs`. With a dimension `quantity` (runs with `outcomes`, model files with a level), its
        values are names: ``data["mean"].sel(quantity="level")``; so are those of `group` (model files with groups), texts as in
        ``data["mean"].sel(group="3")``, of which "all" is of all households. With a dimension `scenario`, the table's columns are
        coordinates over it.

    Raises
    ------
    FileNotFoundError, OSError
        There is no such file, or it is none that can be read.
    ImportError
        xarray is missing, or both h5netcdf and netCDF4; the text says what to install.
    """
    engine = engine_for("wealthsim.open")
    import xarray

    path = os.fspath(path)
    if not os.path.exists(path):
        raise FileNotFoundError(2, os.strerror(2), path)
    return with_complex(with_names(xarray.load_dataset(path, engine=engine, group=group)))


def with_names(data: xarray.Dataset) -> xarray.Dataset:
    """The same, with the names of `quantity` and `group` as their values."""
    for dimension in NAMED:
        if dimension in data.coords and "flag_meanings" in data[dimension].attrs:
            attributes = dict(data[dimension].attrs)
            names = str(attributes.pop("flag_meanings")).split()
            attributes.pop("flag_values", None)
            data = data.assign_coords({dimension: (dimension, names, attributes)})
    return data


def with_complex(data: xarray.Dataset) -> xarray.Dataset:
    """The same, with complex numbers where a reader gives pairs of real ones."""
    pairs = {name: item for name, item in data.data_vars.items() if item.dtype.names == ("r", "i")}
    return data.assign({name: (item.dims, item.values["r"] + 1j * item.values["i"], item.attrs) for name, item in pairs.items()})
