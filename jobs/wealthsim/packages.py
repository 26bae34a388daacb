"""Packages by the names that Python, apt and pip have for them. Standard library only."""
from __future__ import annotations

import importlib
import shlex
import sys

APT = {"h5py": "python3-h5py", "matplotlib": "python3-matplotlib", "PIL": "python3-pil", "xarray": "python3-xarray",
       "netCDF4": "python3-netcdf4", "h5netcdf": "python3-h5netcdf", "pandas": "python3-pandas", "scipy": "python3-scipy",
       "numpy": "python3-numpy"}  # fmt: skip
PIP = {"PIL": "Pillow"}


def has(module: str) -> bool:
    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True


def named(modules: list[str]) -> str:
    return ", ".join(PIP.get(module, module) for module in modules)


def how_to_install(modules: list[str]) -> str:
    return (f"Install what is missing: apt-get install {' '.join(APT.get(module, module) for module in modules)}\n"
            f"or: {shlex.quote(sys.executable)} -m pip install {' '.join(PIP.get(module, module) for module in modules)}")  # fmt: skip


def require(purpose: str, *modules: str) -> None:
    """Raise ImportError, with what to install, where this Python lacks one of the modules."""
    missing = [module for module in modules if not has(module)]
    if missing:
        raise ImportError(f"{purpose} needs {named(missing)}, which {sys.executable} lacks.\n{how_to_install(missing)}")
