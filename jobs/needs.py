"""Finds a Python that has the packages that a script needs: the one that runs it, else the system's."""
import importlib
import os
import shlex
import subprocess
import sys
from pathlib import Path

SYSTEM = "/usr/bin/python3"
APT = {"h5py": "python3-h5py", "matplotlib": "python3-matplotlib", "PIL": "python3-pil", "xarray": "python3-xarray",
       "netCDF4": "python3-netcdf4"}  # fmt: skip
PIP = {"PIL": "Pillow"}


def need(*modules):
    """Return where this Python has all the modules; go over to the system's Python where that has them; else end with
    status 2 and say which packages are missing. To be called before anything is done, by the script itself."""
    missing = [name for name in modules if not has(name)]
    if not missing:
        return
    others = sys.executable != SYSTEM and os.access(SYSTEM, os.X_OK)
    if others and not subprocess.run([SYSTEM, "-c", f"import {', '.join(modules)}"], capture_output=True).returncode:
        sys.stdout.flush()
        os.execv(SYSTEM, [SYSTEM, *sys.argv])
    named = [PIP.get(name, name) for name in missing]
    print(f"{Path(sys.argv[0]).name}: {sys.executable} lacks {', '.join(named)}{f', and so does {SYSTEM}' if others else ''}.\n"
          f"Install what is missing: apt-get install {' '.join(APT[name] for name in missing)}\n"
          f"or: {shlex.quote(sys.executable)} -m pip install {' '.join(named)}", file=sys.stderr)  # fmt: skip
    sys.exit(2)


def has(module):
    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True
