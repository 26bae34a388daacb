"""wealthsim.run: a simulation as a function."""
from __future__ import annotations

import os
import signal
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from wealthsim.child import Words, call, shown_in, to_stderr
from wealthsim.errors import Error, RunWarning, error_of
from wealthsim.inputs import as_given, option_words, write_scenarios
from wealthsim.program import Start, how_to_start
from wealthsim.results import engine_for, open as open_result

if TYPE_CHECKING:
    import pandas
    import xarray

    Path = str | os.PathLike[str]

ANSWERS = "help", "version", "launcher"  # what makes the program answer and not run


def run(
    *,
    households: float | None = None,
    periods: float | None = None,
    scenarios: pandas.DataFrame | Mapping[str, Any] | Path | None = None,
    model: xarray.Dataset | Path | None = None,
    ranks: int | None = None,
    threads: int | None = None,
    output: Path | None = None,
    launcher: str | Sequence[str] | None = None,
    progress: bool | None = None,
    **options: Any,
) -> xarray.Dataset:
    """Simulate a population of households, and give back the result.

    Parameters
    ----------
    households : int, optional
        Households (50,000 if not given; 1e6 will do for a million).
    periods : int, optional
        Periods that they live (1,000).
    scenarios : pandas.DataFrame, mapping or path, optional
        Many parameter sets in one start, on the same shocks: a row a scenario; columns `w0` (wealth at the start), `r` (net
        rate of return per period), `s` (share of wealth saved), `v1`, `v2` (standard deviations of the logarithms of return
        and labour income), or `model` (paths of model files), and `initial` (paths of start values). Of a mapping, columns are
        lists or arrays of one length; a single value holds for all rows. None, or "-", leaves an option as it is. A path is
        that of a table. With more than one row, the result has a dimension `scenario` with the columns as coordinates.
    model : xarray.Dataset or path, optional
        Another household than the built-in one: a model file, or its contents.
    ranks : int, optional
        MPI ranks. None or 1: the program is started alone; more: by mpirun; in a job of Slurm by srun, where None means the
        job's own number of tasks. The result does not depend on it.
    threads : int, optional
        OpenMP threads of each rank (as many as it has cores). The result does not depend on it.
    output : path, optional
        Keep the result file there. Else it is read into memory and removed.
    launcher : str or sequence of str, optional
        What starts the ranks in place of mpirun or srun: ``"srun -N 2 --mpi=pmix"``; `ranks` are added to it as ``-n``.
    progress : bool, optional
        Show how far the run is, on standard error: True and False say so; None shows a bar in a terminal and in Jupyter, and
        nothing elsewhere.
    **options
        All other options of the command line, with underscores for hyphens, as ``record_every=10`` (periods), ``no_wealth=True``,
        ``quantiles=[0.1, 0.5]`` (fractions), ``seed=7``, ``checkpoint="run.ck"``, ``max_time=3600`` (seconds),
        ``outcomes=["income"]``, ``mobility=10`` and ``average_from=100`` (periods), ``until_error=0.001``. `wealthsim --help` lists
        them.

    Returns
    -------
    xarray.Dataset
        As `wealthsim.open` gives it: in memory, closed.

    Raises
    ------
    UsageError
        Options, a table or an input file are wrong: a line for each fault, with the nearest name of an unknown one. A ValueError.
    Stopped
        The run stopped early, at `max_time` or asked by a signal, with a checkpoint in place: `resume=True` goes on.
    Error
        It failed otherwise. The text is the program's message.
    KeyboardInterrupt
        The run was ended, with a checkpoint if it writes any. No process and no file are left.

    Warns
    -----
    RunWarning
        What the program warns of.

    Examples
    --------
    >>> data = wealthsim.run(households=50_000, periods=1000, record_every=10)
    >>> data["median"], data["quantile"].sel(probability=0.9)
    >>> sweep = wealthsim.run(scenarios={"s": [0.3, 0.5, 0.7], "r": 0.05}, ranks=4, no_wealth=True)
    >>> sweep["gini"].isel(period=-1).to_series()
    """
    for name in options:
        if any(other.startswith(name) for other in ANSWERS):
            raise TypeError(f"run() got an unexpected keyword argument '{name}'")
    engine = engine_for("wealthsim.run")
    start = how_to_start(ranks, launcher)
    options = {"households": households, "periods": periods, "threads": threads, **options}
    wants_bar = shown_in() != ""
    is_shown = progress if progress is not None else wants_bar and not options.get("quiet")
    options["quiet"] = not is_shown
    # Where ranks may be on other hosts, in a folder that they see too.
    with tempfile.TemporaryDirectory(prefix=".wealthsim-" if start.is_far else "wealthsim-", dir=os.getcwd() if start.is_far else None) as folder:
        if not start.is_far:
            start.environment["TMPDIR"] = folder  # what MPI leaves behind when it is ended
        options["model"] = model_file(model, folder, engine)
        options["scenarios"] = scenarios_file(scenarios, folder)
        options["output"] = os.path.join(folder, "wealthsim.h5") if output is None else output
        short = partial(short_names, folder)
        status, words = call(start, option_words(options), to_stderr if is_shown else None, is_shown and wants_bar, bool(options.get("checkpoint")))
        for text in words.warnings():
            warnings.warn(short(text), RunWarning, stacklevel=2)
        if status != 0:
            raise error_of(status, short(reason(start, status, words)))
        if not os.path.exists(options["output"]):
            raise Error(f"the program has written no result{': ' * bool(words.message())}{words.message()}", status)
        data = open_result(options["output"])
    data.attrs.update({name: short(text) for name, text in data.attrs.items() if isinstance(text, str)})
    if output is None:
        data.encoding.pop("source", None)
    return data


def model_file(model: Any, folder: str, engine: str) -> Any:
    """A model file's path: of a Dataset, one that is written for the run."""
    if not hasattr(model, "to_netcdf"):
        if model is not None and not isinstance(model, (str, os.PathLike)):
            raise TypeError(f"model: an xarray.Dataset or a file's path is wanted, not {type(model).__name__}")
        return model
    path = os.path.join(folder, "model.h5")
    model.to_netcdf(path, engine=engine)
    return path


def scenarios_file(scenarios: Any, folder: str) -> Any:
    """A table's path: of a DataFrame or dict, one that is written for the run."""
    if scenarios is None or isinstance(scenarios, (str, os.PathLike)):
        return scenarios
    path = os.path.join(folder, "scenarios.csv")
    write_scenarios(scenarios, path)
    return path


def short_names(folder: str, text: str) -> str:
    """Without the folder that nobody knows of."""
    return as_given(text.replace(f"{folder}/", ""))


def reason(start: Start, status: int, words: Words) -> str:
    """Why it failed: its own words, or what is known."""
    message = words.message()
    if status >= 0 and message:
        return message
    ended = f"{os.path.basename(start.words[0])} was ended by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
    return f"{ended}: {message}" if message else ended
