"""Theory in a sweep's pictures: of the built-in model, where it has a closed form, between a table's rows too."""
import numpy as np

from wealthsim import theory

CURVES = {"theory_mean": theory.mean, "theory_tail_index": theory.tail_index}


def closed_form(table, column, rows):
    """The function that theory's column has, of {parameter: values}, the others being those of the rows; None where it is not known."""
    if column not in CURVES or not table.is_built_in(rows):
        return None
    fixed = {name: table.columns[name][rows[0]] for name in theory.BUILT_IN}
    return lambda varied: CURVES[column](**{name: varied.get(name, value) for name, value in fixed.items()})


def curve(law, values, scale, n=400):
    """(x, y) of a closed form at n points from the least of values to the greatest. inf is left out."""
    fine = (np.geomspace if scale == "log" else np.linspace)(np.nanmin(values), np.nanmax(values), n)
    y = np.broadcast_to(law(fine), fine.shape)
    return fine, np.where(np.isfinite(y), y, np.nan)
