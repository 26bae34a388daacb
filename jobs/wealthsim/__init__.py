"""wealthsim from Python: the wealth of a large population of households, simulated by a program of MPI ranks and threads.

    import wealthsim
    data = wealthsim.run(households=50_000, periods=1000, record_every=10)      # an xarray.Dataset
    data["median"], data["quantile"].sel(probability=0.9), data["wealth"]

`run` starts the program and gives back its result; `open` reads a result file; `plot` draws either; `calibrate` finds
parameters that give certain statistics. What the program says becomes an exception (`Error`, `UsageError`, `Stopped`) or a
warning (`RunWarning`). Nothing but the standard library is imported until it is used.
"""
from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wealthsim import plot as plot
    from wealthsim.calibration import calibrate as calibrate
    from wealthsim.errors import Error as Error
    from wealthsim.errors import RunWarning as RunWarning
    from wealthsim.errors import Stopped as Stopped
    from wealthsim.errors import UsageError as UsageError
    from wealthsim.results import open as open
    from wealthsim.simulate import run as run

__version__ = "2.0"  # the results' format that it reads and the program writes

_MODULES = {"run": "simulate", "open": "results", "calibrate": "calibration", "Error": "errors", "UsageError": "errors", "Stopped": "errors",
            "RunWarning": "errors"}  # fmt: skip
__all__ = ["run", "open", "plot", "calibrate", "Error", "UsageError", "Stopped", "RunWarning"]


def __getattr__(name: str) -> Any:
    if name == "plot":
        return importlib.import_module("wealthsim.plot")
    if name not in _MODULES:
        raise AttributeError(f"module 'wealthsim' has no attribute '{name}'")
    value = getattr(importlib.import_module(f"wealthsim.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
