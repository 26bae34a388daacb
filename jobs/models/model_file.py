"""Writes model files for wealthsim --model: a household that is solved elsewhere, as README.md beside this file has it.

    from model_file import write_model

    write_model("mine.h5", transition=P,                         # [state, next_state]
                policy_wealth=x, policy_savings=a,               # [policy, point]: knots of the savings rule
                return_constant=R, income_log_mean=mean, income_log_sd=sd)  # [state]

Needs NumPy and h5py. The file is valid netCDF-4: each dimension is a variable of its own, counted from 0.
"""
import argparse
import difflib
import os
import sys
from pathlib import Path

try:
    import h5py
    import numpy as np
except ImportError:
    if Path(sys.argv[0]).resolve().parent == Path(__file__).resolve().parent:  # a script of this folder, at its first line
        sys.path.append(str(Path(__file__).resolve().parents[1]))
        from needs import need

        need("h5py")  # goes over to a Python that has it, or says what to install
    raise

STATE, POLICY, SAMPLE = ("state",), ("policy", "point"), ("sample",)
# name: (dimensions, what it is). With ("aggregate", …) before them where AGGREGATE says so.
VARIABLES = {
    "transition": (("state", "next_state"), "probability of the next state"),
    "transition_start": (("start",), "where a state's entries begin"),
    "transition_to": (("entry",), "next state"),
    "transition_probability": (("entry",), "its probability"),
    "policy_wealth": (POLICY, "wealth at the knots"),
    "policy_savings": (POLICY, "savings at the knots"),
    "policy_share": (POLICY, "share of savings that has the risky return"),
    "policy_of_state": (STATE, "the policy that a state uses"),
    "return_constant": (STATE, "gross return, the certain part"),
    "risky_constant": (STATE, "risky return, the constant"),
    "return_log_mean": (STATE, "mean of the risky return's logarithm"),
    "return_log_sd": (STATE, "standard deviation of the risky return's logarithm"),
    "income_constant": (STATE, "income, the certain part"),
    "income_log_mean": (STATE, "mean of random income's logarithm"),
    "income_log_sd": (STATE, "standard deviation of random income's logarithm"),
    "level_growth": (STATE, "growth factor of the level"),
    "level_loading": (STATE, "what the return's normal does to the level's logarithm"),
    "newborn": (STATE, "1: who comes here starts anew from the initial sample"),
    "group": (STATE, "label by which statistics are split"),
    "initial_wealth": (SAMPLE, "wealth at the start"),
    "initial_state": (SAMPLE, "state at the start"),
    "initial_level": (SAMPLE, "level at the start"),
    "initial_weight": (SAMPLE, "weight of the point"),
    "aggregate_path": (("period",), "index of the aggregate state in period 1, 2, …"),
}
INTEGERS = "transition_start", "transition_to", "policy_of_state", "newborn", "group", "initial_state", "aggregate_path"
WITHOUT_AGGREGATE = "transition_start", "transition_to", "group", "aggregate_path", *(name for name in VARIABLES if "initial" in name)
ATTRIBUTES = "extrapolation", "lower_bound", "upper_bound", "title"


def write_model(path, **model):
    """Write a model file under a temporary name, renamed when complete.
    @param model  variables by their names, each an array or a list (a number where every state has the same); the
                  attributes extrapolation, lower_bound, upper_bound and title; None is left out
    @return the path; ValueError with one line for each thing that is wrong, and nothing written"""
    model = {name: value for name, value in model.items() if value is not None}
    attributes = {name: model.pop(name) for name in ATTRIBUTES if name in model}
    faults = [f"{name} is not a variable of a model file{nearest(name)}" for name in model if shape_of(name) is None]
    variables = {name: numbers(name, value, model) for name, value in model.items() if shape_of(name) is not None}
    dimensions = {name: dimensions_of(name, values, faults) for name, values in variables.items()}
    lengths = {} if faults else lengths_of(variables, dimensions, faults)
    faults += [] if faults else wrong_numbers(variables)
    if faults:
        raise ValueError("\n".join(faults))

    with h5py.File(f"{path}.part", "w") as file:
        for name, length in lengths.items():
            file[name] = np.arange(length)
            file[name].make_scale(name)
        for name, values in variables.items():
            large = {"compression": "gzip", "shuffle": True} if values.nbytes > 65536 else {}
            item = file.create_dataset(name, data=values, **large)
            item.attrs["long_name"] = shape_of(name)[1]
            for axis, dimension in enumerate(dimensions[name]):
                item.dims[axis].attach_scale(file[dimension])
        file.attrs.update({"model_format": "1.0", "Conventions": "CF-1.8", **attributes})
    os.replace(f"{path}.part", path)
    return path


def shape_of(name):
    """(Dimensions, what it is), or None."""
    return (POLICY, name[8:]) if name.startswith("outcome_") else VARIABLES.get(name)


def nearest(name):
    names = difflib.get_close_matches(name, [*VARIABLES, *ATTRIBUTES], 1, 0.5)
    return f"; did you mean {names[0]}?" if names else ""


def numbers(name, value, model):
    """As it goes into the file; one number stands for all states."""
    values = np.asarray(value, dtype=np.int64 if name in INTEGERS else float)
    if values.ndim == 0 and shape_of(name)[0] == STATE:
        states = np.shape(model["transition"])[-1] if "transition" in model else len(model["transition_start"]) - 1
        values = np.full(states, values)
    return values


def dimensions_of(name, values, faults):
    dimensions = shape_of(name)[0]
    if values.ndim == len(dimensions) + 1 and name not in WITHOUT_AGGREGATE:
        return ("aggregate", *dimensions)
    if values.ndim != len(dimensions):
        faults.append(f"{name} has {values.ndim} dimensions, not {len(dimensions)}: {', '.join(dimensions)}")
    return dimensions


def lengths_of(variables, dimensions, faults):
    """{dimension: length}, which all variables have to agree on."""
    seen = {}
    for name, values in variables.items():
        for dimension, length in zip(dimensions[name], values.shape):
            first, known = seen.setdefault(dimension, (name, length))
            if length != known:
                faults.append(f"{name} has {length} along {dimension}, but {first} has {known}")
    lengths = {dimension: length for dimension, (_, length) in seen.items()}
    if lengths.get("next_state", lengths.get("state")) != lengths.get("state"):
        faults.append(f"transition goes from {lengths['state']} states to {lengths['next_state']}")
    faults += [f"{name} is missing" for name in ("policy_wealth", "policy_savings") if name not in variables]
    if "transition" not in variables and "transition_start" not in variables:
        faults.append("transition is missing (or, for a sparse chain, transition_start, transition_to, transition_probability)")
    return lengths


def wrong_numbers(variables):
    """A line for each variable with a number that no model can have, naming the first one's position."""
    faults = []

    def look(name, bad, what):
        if name in variables and np.any(where := bad(variables[name])):
            place = [int(i) for i in np.argwhere(where)[0]]
            faults.append(f"{name}{place} {what}")

    for name in variables:
        look(name, lambda x: ~np.isfinite(x), "is not finite")
    look("transition", lambda p: p < 0, "is a negative probability")
    look("transition", lambda p: np.abs(p.sum(-1) - 1) > 1e-12, "is a row whose sum is not 1")
    look("policy_wealth", lambda x: np.diff(x) < 0, "is larger than the next knot")
    for name in "return_log_sd", "income_log_sd":
        look(name, lambda x: x < 0, "is a negative standard deviation")
    look("initial_weight", lambda x: x < 0, "is a negative weight")
    return faults


def options(doc, **defaults):
    """The command line of a script that writes a model file.
    @param doc       the script's text, for --help
    @param defaults  name=(default, help) for each option; name=(default, help, choices) where only some will do
    @return their values by name, and the file's name as `file`"""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", metavar="FILE", help="the model file to be written")
    for name, (default, text, *choices) in defaults.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default, help=f"{text} (default: {default})",
                            choices=choices[0] if choices else None, metavar=None if choices else name[0].upper())  # fmt: skip
    return parser.parse_args()


def written(path, figures=""):
    """Say what was written."""
    print(f"{path}: {os.path.getsize(path):,} bytes{f'; {figures}' if figures else ''}")
