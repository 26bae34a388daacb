"""Pictures of results as matplotlib figures. jobs/plot.py makes the same from a shell, as files.

    import wealthsim
    data = wealthsim.run(households=50_000, record_every=10, paths=3)
    wealthsim.plot.overview(data).savefig("overview.png")
    wealthsim.plot.tail("wealthsim.h5")

Each function takes a Dataset of `wealthsim.run` or `wealthsim.open`, or the path of a result file, and gives back a figure of
pyplot, which Jupyter and `plt.show()` show. ValueError where the result does not have what a picture shows. Of several
quantities wealth is drawn, of several groups all households, but by `quantities` and `groups`. Of many scenarios `scenarios`,
`differences`, `quantities` and `groups` draw all or some, and the others one of them: ``data.isel(scenario=3)``. Needs matplotlib, h5py and, for Datasets, xarray.
"""
from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from wealthsim.packages import require

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    Result = xarray.Dataset | str | os.PathLike[str]

__all__ = ["median", "histogram", "lorenz", "tail", "paths", "mobility", "cores", "overview", "statistics", "quantities", "groups",
           "scenarios", "differences", "path", "scaling"]  # fmt: skip


# ---- of a run ------------------------------------------------------------------------------------------------


def median(data: Result, ax: Axes | None = None) -> Figure:
    """The median's way over the periods, with its 95 % interval, beside that of the stationary law.

    Parameters
    ----------
    data : xarray.Dataset or path
        A run's result; with records (`record_every`) for more than one point.
    ax : matplotlib.axes.Axes, optional
        Where to draw; else in a figure of its own, with the run's parameters above.

    Returns
    -------
    matplotlib.figure.Figure
    """
    return _picture("median", data, ax)


def histogram(data: Result, ax: Axes | None = None) -> Figure:
    """Shares of the households by their final wealth (logarithmic axis), with quantiles of the households and of the
    stationary law. Needs `wealth`. Parameters as of `median`."""
    return _picture("histogram", data, ax)


def lorenz(data: Result, ax: Axes | None = None) -> Figure:
    """The Lorenz curve, with the Gini coefficient and the shares of the richest. Parameters as of `median`."""
    return _picture("lorenz", data, ax)


def tail(data: Result, ax: Axes | None = None) -> Figure:
    """Rank against wealth of the richest tenth, both logarithmic, with the slope of theory's Pareto tail and Hill's estimates
    of it. Needs `wealth`. Parameters as of `median`."""
    return _picture("tail", data, ax)


def paths(data: Result, ax: Axes | None = None) -> Figure:
    """Some households' wealth over the periods, and its average over time. Needs `path_wealth` (of runs with `paths`).
    Parameters as of `median`."""
    return _picture("paths", data, ax)


def mobility(data: Result, ax: Axes | None = None) -> Figure:
    """The last table of mobility as a map: rows are where households were, columns where they are, and the numbers in percent of
    a row; Shorrocks's index above. Needs `mobility` (of runs with `mobility`). Parameters as of `median`."""
    return _picture("mobility", data, ax)


def cores(data: Result, ax: Axes | None = None) -> Figure:
    """What each rank's cores did, as shares of the run's seconds. Needs the file's group /timing: a path, since Datasets do not
    have it. Parameters as of `median`."""
    return _picture("cores", data, ax)


def overview(data: Result) -> Figure:
    """All of these pictures that the result has data for, in one figure."""
    with _drawing(), _result(data) as result:
        from wealthsim.plot import run

        there = [name for name, draw in run.PICTURES.items() if _can_draw(draw, result)]
        if not there:
            raise ValueError("nothing in it can be drawn")
        return run.overview(result, there)


def statistics(data: Result) -> Figure:
    """Median, mean, Gini coefficient, a quantile, the share of the richest and Hill's estimate over the periods, with their 95 %
    intervals; of runs with `average_from` after that period, beside the averages over time and their intervals. Needs records."""
    return _figure("statistics", data)


def quantities(data: Result, against: str | tuple[str, str] | None = None) -> Figure:
    """Wealth and the other quantities (`outcomes`) of the last period: what they spread over, their Gini coefficients and Lorenz
    curves, and their correlation with wealth. Of many scenarios, or a table, their means, Gini coefficients and correlations
    against a parameter or two, as in `scenarios`."""
    if not _is_table(data) and not _has_scenarios(data):
        return _figure("quantities", data)
    with _drawing(), _file_of(data) as file:
        from wealthsim.plot.sweep import sweep_figure
        from wealthsim.plot.table import read_table

        return sweep_figure(read_table(file), _comma(against), "quantities")


def groups(data: Result) -> Figure:
    """The last period group by group (of model files with a variable `group`, of age, say): median and quantiles, mean, Gini
    coefficient and shares of all wealth. Of many scenarios, a line for each."""
    if _has_scenarios(data):
        return _of_scenarios("groups", data)
    return _figure("groups", data)


# ---- of many scenarios ---------------------------------------------------------------------------------------


def scenarios(data: Result, against: str | tuple[str, str] | None = None, averages: bool = False) -> Figure:
    """Statistics of the last period against a parameter or two, with their 95 % intervals or two standard errors, beside theory.

    Parameters
    ----------
    data : xarray.Dataset or path
        A result of many scenarios, or a table made by jobs/collect.py.
    against : str or pair of str, optional
        The parameter on the horizontal axis, ``"s"``; or both, ``("s", "r")``: a map where the scenarios are a grid of their
        values, else lines of the first for some values of the second. The one with the most values if not given.
    averages : bool, optional
        Averages over time (of runs with `average_from`) in place of the last period.

    Returns
    -------
    matplotlib.figure.Figure
    """
    with _drawing(), _file_of(data) as file:
        from wealthsim.plot.sweep import sweep_figure
        from wealthsim.plot.table import read_table

        return sweep_figure(read_table(file), _comma(against), "averages" if averages else "sweep")


def differences(data: Result) -> Figure:
    """What statistics of the scenarios, of six at most, are above those of the first, over the periods, with 95 % intervals: the
    responses to a change in a parameter. All scenarios meet the same shocks."""
    return _of_scenarios("differences", data)


# ---- of other commands ---------------------------------------------------------------------------------------


def path(data: Result) -> Figure:
    """A household's wealth over the periods: of a result of `wealthsim path`."""
    return _of_file("path_figure", data)


def scaling(data: Result) -> Figure:
    """Seconds and speed-up of layouts of ranks and threads: of a result of `wealthsim scaling`."""
    return _of_file("scaling_figure", data)


def _comma(against: str | tuple[str, str] | None) -> str | None:
    return ",".join(against) if isinstance(against, tuple) else against


# ---- how -----------------------------------------------------------------------------------------------------


@contextmanager
def _drawing() -> Iterator[Any]:
    """The project's style, for what is drawn meanwhile. What cannot be drawn is a ValueError, and leaves no figure."""
    require("wealthsim.plot", "matplotlib", "h5py")
    import matplotlib

    matplotlib.get_backend()  # chosen before the style, which is taken back
    from wealthsim.foreign import Unreadable
    from wealthsim.plot import look

    before = set(look.plt.get_fignums())
    with look.plt.rc_context(look.STYLE):
        try:
            yield look
        except BaseException as error:
            for number in set(look.plt.get_fignums()) - before:
                look.plt.close(number)
            if isinstance(error, (look.Missing, Unreadable)):
                raise ValueError(str(error)) from None
            raise


@contextmanager
def _file_of(data: Result) -> Iterator[str]:
    """A result file's path: of a Dataset, one that is written for the while."""
    if not hasattr(data, "to_netcdf"):
        yield os.fspath(data)
        return
    with tempfile.TemporaryDirectory(prefix="wealthsim-") as folder:
        file = os.path.join(folder, "result")
        _as_in_files(data).to_netcdf(file, engine=_engine())
        try:
            yield file
        except Exception as error:
            error.args = (str(error).replace(f"{file}: ", ""),)
            raise


def _engine() -> str:
    from wealthsim.results import engine_for

    return engine_for("wealthsim.plot of a Dataset")


def _as_in_files(data: xarray.Dataset) -> xarray.Dataset:
    """Coordinates of one value, as of a chosen scenario, become attributes again, and names of quantities and groups numbers."""
    from wealthsim.results import NAMED

    single = {name: item for name, item in data.coords.items() if item.ndim == 0}
    data = data.drop_vars(list(single)).assign_attrs({name: item.values.item() for name, item in single.items()})
    data.attrs.update({name: data[name].values.item() for name in data.data_vars if str(name).startswith("theory_") and data[name].ndim == 0})
    for dimension in NAMED:
        if dimension in data.coords and data[dimension].dtype.kind in "UO":
            attributes = {**data[dimension].attrs, "flag_meanings": " ".join(map(str, data[dimension].values))}
            data = data.assign_coords({dimension: (dimension, list(range(data.sizes[dimension])), attributes)})
    for item in data.variables.values():  # of the file that it was read from
        item.encoding = {}
    return data


@contextmanager
def _result(data: Result) -> Iterator[Any]:
    from wealthsim.foreign import has_scenarios, open_hdf5
    from wealthsim.plot.result import Result

    with _file_of(data) as file:
        with open_hdf5(file) as opened:
            if has_scenarios(opened):
                raise ValueError("several scenarios: draw one of them, as of data.isel(scenario=3), or all by wealthsim.plot.scenarios")
        result = Result(file)
        try:
            yield result
        finally:
            result.file.close()


def _picture(name: str, data: Result, ax: Axes | None) -> Figure:
    with _drawing(), _result(data) as result:
        from wealthsim.plot import run

        if ax is None:
            return run.figure_of(name, result)
        run.PICTURES[name](result, ax)
        return ax.figure


def _figure(name: str, data: Result) -> Figure:
    with _drawing(), _result(data) as result:
        from wealthsim.plot import run

        return run.figure_of(name, result)


def _of_scenarios(name: str, data: Result) -> Figure:
    with _drawing(), _file_of(data) as file:
        from wealthsim.plot.compared import scenarios_figure
        from wealthsim.plot.table import read_table

        return scenarios_figure(read_table(file), name)


def _has_scenarios(data: Result) -> bool:
    if hasattr(data, "sizes"):
        return "scenario" in data.sizes
    with _drawing():
        from wealthsim.foreign import has_scenarios, open_hdf5

        with open_hdf5(os.fspath(data)) as opened:
            return has_scenarios(opened)


def _is_table(data: Result) -> bool:
    """Whether it is a file that jobs/collect.py has made."""
    if hasattr(data, "sizes"):
        return False
    with _drawing():
        from wealthsim.foreign import kind_of
        from wealthsim.plot.table import is_netcdf_table

        return kind_of(os.fspath(data)) == "text" or is_netcdf_table(os.fspath(data))


def _can_draw(draw: Any, result: Any) -> bool:
    from matplotlib.figure import Figure

    from wealthsim.plot.look import Missing

    try:
        draw(result, Figure().subplots())
    except Missing:
        return False
    return True


def _of_file(name: str, data: Result) -> Figure:
    with _drawing(), _file_of(data) as file:
        from wealthsim.foreign import open_hdf5
        from wealthsim.plot import lecture

        with open_hdf5(file) as opened:
            return getattr(lecture, name)(opened)
