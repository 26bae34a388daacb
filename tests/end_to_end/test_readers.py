"""Other people's programs read the result file as it is, and find what h5py finds."""
import re
import shutil
import socket
import subprocess

import h5py
import netCDF4
import numpy as np
import program
import pytest
import xarray
from program import read


@pytest.fixture(scope="module", params=["plain", "compressed"])
def path(request, tmp_path_factory):
    """A file that has everything."""
    folder = tmp_path_factory.mktemp("readers")
    packed = ["--compress", 4] if request.param == "compressed" else []
    program.run("-q", "-n", 1000, "-T", 21, "--record-every", 5, "--paths", 3, "--coalescence", 9, *packed, "-o", "out.h5",
                ranks=3, threads=2, cwd=folder)  # fmt: skip
    return folder / "out.h5"


SIZES = {"household": 1000, "period": 6, "probability": 9, "top": 4, "tail": 5, "path": 3, "step": 22}
WITHOUT_VALUES = {"household", "path"}
HOST = socket.gethostname()


def variables_of(path):
    """Name: (dimensions' names, values) of the root's variables, by h5py."""
    with h5py.File(path) as file:
        return {
            name: (tuple(scale[0].name[1:] for scale in item.dims) if not h5py.h5ds.is_scale(item.id) else (name,), item[()])
            for name, item in file.items()
            if isinstance(item, h5py.Dataset) and name not in WITHOUT_VALUES
        }  # fmt: skip


def called(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{command}: status {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("engine", ["netcdf4", "h5netcdf"])  # of the libraries netCDF4 and h5netcdf
def test_xarray(path, engine):
    """All variables with their dimensions, coordinates, names and units, and the attributes."""
    if engine == "h5netcdf":
        pytest.importorskip(engine)
    with xarray.open_dataset(path, engine=engine) as data:
        assert dict(data.sizes) == SIZES
        assert set(data.coords) == {"period", "probability", "top", "tail", "step"}
        expected = variables_of(path)
        assert set(data.variables) == set(expected)
        for name, (dimensions, values) in expected.items():
            assert data[name].dims == dimensions and np.array_equal(data[name], values, equal_nan=True), name
            assert data[name].attrs["long_name"] and data[name].attrs["units"], name
        assert float(data["quantile"].sel(probability=0.5, period=20)) == float(data["median"].sel(period=20))
        assert data.attrs["result_hash"] == read(path).hash and data.attrs["households"] == 1000
    with xarray.open_dataset(path, engine=engine, group="timing") as timing:
        assert dict(timing.sizes) == {"rank": 3, "thread": 2} and float(timing["computing"].sum()) > 0
        assert timing["host"].dims == ("rank",) and timing["host"].values.tolist() == [HOST] * 3


def test_netcdf4(path):
    with netCDF4.Dataset(path) as data:
        assert data.data_model == "NETCDF4"
        assert {name: dimension.size for name, dimension in data.dimensions.items()} == SIZES
        assert not any(dimension.isunlimited() for dimension in data.dimensions.values())
        for name, (dimensions, values) in variables_of(path).items():
            variable = data[name]
            assert variable.dimensions == dimensions
            assert np.array_equal(np.ma.filled(variable[...], np.nan), values, equal_nan=True), name
        assert data["wealth"].filters()["zlib"] == ("compress" in data.ncattrs() and data.getncattr("compress") > 0)
        assert data.rng == "mlfg" and data["timing"]["computing"].shape == (3, 2)
        assert data["timing"]["host"][:].tolist() == [HOST] * 3


def test_pandas(path):
    """One table of what has only the period, one of what has a probability too."""
    pytest.importorskip("pandas")
    with xarray.open_dataset(path) as data:
        table = data[["median", "mean", "gini"]].to_dataframe()
        assert table.index.tolist() == [0, 5, 10, 15, 20, 21] and table.loc[0, "gini"] == 0
        assert table["mean"].tolist() == read(path)["mean"].tolist()
        long = data["quantile"].to_dataframe()
        assert long.loc[(20, 0.5), "quantile"] == table.loc[20, "median"]


@pytest.mark.skipif(not shutil.which("ncdump"), reason="ncdump (netcdf-bin) is not installed")
def test_ncdump(path):
    header = called("ncdump", "-h", path)
    for name, size in SIZES.items():
        assert re.search(rf"^\t{name} = {size} ;$", header, re.M), name
    for name, (dimensions, _) in variables_of(path).items():
        assert re.search(rf" {name}\({', '.join(dimensions)}\) ;", header), name
    assert 'string :rng = "mlfg" ;' in header
    assert called("ncdump", "-v", "timing/host", path).count(f'"{HOST}"') == 3
    values = called("ncdump", "-v", "wealth", "-p", "9,17", path).rpartition("wealth =")[2].partition(";")[0]
    assert np.array_equal([float(text) for text in values.split(",")], read(path)["wealth"])


def test_dimensions_without_values(path):
    """Zeros where they are read all the same, not what happens to be in memory: the file has a fill value for them. (An
    h5py that takes such memory as it is shows nothing wrong here; the file does.)"""
    with h5py.File(path) as file:
        for name in *WITHOUT_VALUES, "timing/rank", "timing/thread":
            assert file[name].attrs["NAME"].startswith(b"This is a netCDF dimension but not a netCDF variable."), name
            assert file[name].id.get_create_plist().get_fill_time() != h5py.h5d.FILL_TIME_NEVER, name
            assert not file[name][()].any(), name


@pytest.mark.parametrize("command", [("nccopy", "-d", "4"), ("nccopy", "-d", "4", "-s"), ("ncks", "-O", "-4", "-L", "4")], ids=" ".join)
def test_compressed_by_others(path, tmp_path, command):
    """netCDF's own tools compress all variables, which netCDF cannot with texts of variable length."""
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    called(*command, path, tmp_path / "out.nc")
    assert variables_of(tmp_path / "out.nc").keys() == variables_of(path).keys()
    with netCDF4.Dataset(tmp_path / "out.nc") as data:
        assert data["timing"]["host"].filters()["zlib"] and data["timing"]["host"][:].tolist() == [HOST] * 3


@pytest.mark.skipif(not shutil.which("h5dump"), reason="h5dump (hdf5-tools) is not installed")
def test_h5dump(path):
    assert 'ATTRIBUTE "long_name"' in called("h5dump", "-A", path)
    values = called("h5dump", "-y", "-w", "1", "-m", "%.17g", "-d", "/wealth", path).partition("DATA {")[2].partition("}")[0]
    assert np.array_equal([float(text) for text in values.split(",")], read(path)["wealth"])


R = """
library(ncdf4)
file <- suppressWarnings(nc_open(commandArgs(TRUE)[1]))
for (name in c("wealth", "median", "quantile", "path_wealth", "period", "probability"))
    cat(name, sprintf("%.17g", as.vector(ncvar_get(file, name))), "\\n")
cat("rng", ncatt_get(file, 0, "rng")$value, "\\n")
cat("units", ncatt_get(file, "median", "units")$value, "\\n")
cat("hosts", ncvar_get(file, "timing/host"), "\\n")
"""


@pytest.fixture(scope="module")
def rscript():
    found = shutil.which("Rscript")
    if not found or subprocess.run([found, "-e", "library(ncdf4)"], capture_output=True).returncode:
        pytest.skip("R with ncdf4 (r-cran-ncdf4) is not installed")
    return found


def test_r(path, rscript):
    """ncdf4's arrays have the first dimension last, so that their memory is in the same order."""
    said = dict(line.split(" ", 1) for line in called(rscript, "-e", R, path).splitlines() if " " in line)
    for name in "wealth", "median", "quantile", "path_wealth", "period", "probability":
        assert np.array_equal([float(text) for text in said[name].split()], read(path)[name].ravel()), name
    assert said["rng"].strip() == "mlfg" and said["units"].strip() == "1" and said["hosts"].split() == [HOST] * 3
