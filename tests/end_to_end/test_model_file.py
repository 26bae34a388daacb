"""Model files: what is read of them, and what is refused, before the simulation, with its name and place."""
import os

import faults
import h5py
import netCDF4
import numpy as np
import pytest
import xarray
from program import read

GRID = [[0.0, 1, 2, 8], [0.0, 1, 3, 9]]
VALID = {
    "transition": [[0.9, 0.1], [0.2, 0.8]],
    "policy_wealth": GRID,
    "policy_savings": [[0.0, 0.5, 1, 4], [0.0, 0.5, 2, 6]],
    "income_constant": [1.0, 2.0],
}
SPARSE = {"transition_start": [0, 1, 3], "transition_to": [1, 0, 1], "transition_probability": [1.0, 0.5, 0.5]}


def write(path, variables, **attributes):
    with h5py.File(path, "w") as file:
        for name, values in variables.items():
            file[name] = values
        file.attrs["model_format"] = "1.0"
        for name, value in attributes.items():
            if value is None:
                del file.attrs[name]
            else:
                file.attrs[name] = value


def changed(**changes):
    """VALID with other variables; those that are None are left out."""
    return {name: value for name, value in {**VALID, **changes}.items() if value is not None}


def with_value(name, place, value):
    values = np.array(VALID[name], dtype=float)
    values[place] = value
    return changed(**{name: values})


# ---- what is read ---------------------------------------------------------------------------------------------


def run(wealthsim, folder, name, ranks=0):
    wealthsim("-q", "-n", 500, "-T", 6, "--model", name, "-o", "out.h5", ranks=ranks)
    return read(folder / "out.h5")


@pytest.mark.smoke
def test_all_that_writes(wealthsim, tmp_path):
    """h5py, netCDF4 and xarray, with dimensions, coordinates, other attributes and whatever types hold the numbers: one model,
    whose digest and whose wealth are the same."""
    write(tmp_path / "a.h5", VALID)
    write(tmp_path / "b.h5", {**changed(policy_wealth=np.array(GRID, "u1"), income_constant=np.array([1, 2], ">i2"),
                                        policy_savings=np.array(VALID["policy_savings"], "f4")),
                              "state": [10, 20], "point": [b"a", b"b", b"c", b"d"]},
          model_format=np.bytes_("1.0"), extrapolation="linear", title="a model", history=[1, 2])  # fmt: skip
    dimensions = {"transition": ("state", "next_state"), "income_constant": ("state",)}
    with netCDF4.Dataset(tmp_path / "c.nc", "w") as file:
        file.model_format, file.Conventions = "1.0", "CF-1.8"
        for name, length in {"state": 2, "next_state": 2, "policy": 2, "point": 4, "unused": 3}.items():
            file.createDimension(name, length)
        file.createVariable("state", "i4", ("state",))[:] = [0, 1]
        for name, values in VALID.items():
            file.createVariable(name, "f8", dimensions.get(name, ("policy", "point")), compression="zlib")[:] = values
    xarray.Dataset({name: (dimensions.get(name, ("policy", "point")), values) for name, values in VALID.items()},
                   coords={"z": ("state", [0.1, 0.2])}, attrs={"model_format": "1.0"}).drop_vars("z").to_netcdf(tmp_path / "d.nc")  # fmt: skip
    results = [run(wealthsim, tmp_path, name, ranks) for name, ranks in [("a.h5", 0), ("b.h5", 2), ("c.nc", 3), ("d.nc", 1)]]
    assert len({result.hash for result in results}) == 1 == len({result.attributes["model_digest"] for result in results})


@pytest.mark.parametrize("as_flags", [False, True])
def test_sparse_is_dense(wealthsim, tmp_path, as_flags):
    """A sparse chain is the dense one with its zeros; flags may be truth values."""
    newborn = np.array([False, False]) if as_flags else np.zeros(2)
    write(tmp_path / "dense.h5", changed(transition=[[0.0, 1], [0.5, 0.5]], newborn=newborn))
    write(tmp_path / "sparse.h5", changed(transition=None, newborn=newborn, **SPARSE))
    assert run(wealthsim, tmp_path, "dense.h5").hash == run(wealthsim, tmp_path, "sparse.h5", ranks=2).hash


def test_what_matters_changes_the_digest(wealthsim, tmp_path):
    models = {"a": (VALID, {}), "b": (with_value("transition", 0, [0.8, 0.2]), {}), "c": (VALID, {"upper_bound": 7.0}),
              "d": (VALID, {"extrapolation": "flat"}), "e": (changed(return_constant=[0.0, 0]), {}),
              "f": (changed(outcome_c=GRID), {}), "g": (changed(outcome_c=VALID["policy_savings"]), {}), "h": (changed(outcome_d=GRID), {})}  # fmt: skip
    for name, (variables, attributes) in models.items():
        write(tmp_path / name, variables, **attributes)
    digests = {run(wealthsim, tmp_path, name).attributes["model_digest"] for name in models}
    assert len(digests) == len(models)


# ---- what is refused ------------------------------------------------------------------------------------------


def refused(wealthsim, folder, *messages, ranks=0, arguments=(), name="m.h5"):
    """Exit status 2, each fault in a line of its own, said once, and nothing written."""
    before = sorted(os.listdir(folder))
    arguments = ("-n", 100, "-T", 3, "--model", name, "-o", "out.h5", *arguments)
    result = wealthsim(*arguments, ranks=ranks, status=2) if ranks else faults.alone(*arguments, cwd=folder, status=2)
    said = [line.removeprefix("wealthsim: ") for line in result.stderr.splitlines() if line.startswith("wealthsim: ")]
    said = [line for line in said if not line.startswith("ended by SIGTERM")]  # mpirun ends the ranks that have not ended yet
    assert said == [message.replace("M: ", f"--model: '{name}': ", 1) for message in messages], result
    assert sorted(os.listdir(folder)) == before and result.stdout == ""


FAULTS = {
    "no chain": (changed(transition=None, transitions=[[1.0]]),
                 ["unknown variable 'transitions'; did you mean 'transition'?",
                  "variable 'transition' is missing; the nearest name there is 'transitions'"]),
    "no rule": (changed(policy_savings=None), ["variable 'policy_savings' is missing"]),
    "half a sparse chain": (changed(transition=None, transition_start=[0, 1, 3], transition_probability=[1, 0.5, 0.5]),
                            ["variable 'transition_to' is missing"]),
    "two chains": (changed(**SPARSE), ["a chain is given twice: keep either transition or transition_start, transition_to and "
                                       "transition_probability"]),
    "unknown": (changed(polcy_share=[[1.0]], discount=0.95),
                ["unknown variable 'discount'", "unknown variable 'polcy_share'; did you mean 'policy_share'?"]),
    "rank": (changed(income_constant=1.0), ["'income_constant' is a single value: it has to be income_constant(state) or "
                                            "income_constant(aggregate, state)"]),
    "rank of a list": (changed(group=[[1, 2]]), ["'group' is 1 x 2: it has to be group(state)"]),
    "length": (changed(income_log_sd=[1, 1, 1]), ["'income_log_sd' has length 3 along state, 'transition' has 2"]),
    "lengths of knots": (changed(policy_savings=[[0.0, 1, 2]] * 2), ["'policy_savings' has length 3 along point, 'policy_wealth' has 4"]),
    "an outcome's shape": (changed(outcome_c=[[0.0, 1, 2]] * 2), ["'outcome_c' has length 3 along point, 'policy_wealth' has 4"]),
    "an outcome's value": (changed(outcome_c=[[0.0, 1, 2, 3], [0, 1, np.nan, 3]]),
                           ["outcome_c[1, 2] is nan: numbers are finite, and of magnitude 1e75 at most"]),
    "an outcome that was not written": (changed(outcome_c=[[0.0, 1, 2, 3], [0, 1, 9.969209968386869e36, 3]]),
                                        ["outcome_c[1, 2] is missing (9.96921e+36: netCDF's fill value)"]),
    "an outcome's slope": (changed(policy_wealth=[[0.0, 1e-80, 1, 2]] * 2, policy_savings=GRID, outcome_c=[[0.0, 1, 2, 3]] * 2),
                           ["policy_savings[0, 1] is 1, behind 0 at nearly the same wealth: a jump has the same wealth twice",
                            "outcome_c[0, 1] is 1, behind 0 at nearly the same wealth: a jump has the same wealth twice"]),
    "outcomes' names": (changed(**{f"outcome_{name}": GRID for name in ("", "a b", "a" * 48, "all", "wealth")}),
                        [f"'outcome_{name}': an outcome's name is of letters, digits and _, 47 at most, and not all, none, wealth, level or "
                         "wealth_in_levels" for name in ("", "a b", "a" * 48, "all", "wealth")]),
    "many outcomes": (changed(**{f"outcome_{i:02}": GRID for i in range(18)}),
                      [f"'outcome_{i}' is one outcome too many: 16 are the most" for i in (16, 17)]),
    "not square": (changed(transition=np.full((2, 3), 1 / 3)), ["'transition' is of 2 states and 3 next states: it has to be square"]),
    "rows of a sparse chain": (changed(transition=None, **{**SPARSE, "transition_start": [0, 1, 2, 3]}),
                               ["'transition_start' has length 4 for 2 states: it has to be one more"]),
    "nothing": (changed(group=np.zeros(0)), ["'group' has no values", "'group' has length 0 along state, 'transition' has 2"]),
    "texts": (changed(newborn=["no", "yes"]), ["'newborn' is not of numbers"]),
    "complex": (changed(income_constant=np.ones(2, complex)), ["'income_constant' is not of numbers"]),
    "sum": (with_value("transition", (1, 1), 0.79), ["transition: the probabilities of state 1 sum to 0.99, not to 1 within 1e-12"]),
    "negative": (with_value("transition", 0, [1.1, -0.1]), ["transition[0, 1] is -0.1: a probability is not negative"]),
    "descending": (with_value("policy_wealth", (1, 2), 0.5), ["policy_wealth[1, 2] is 0.5, behind 1: knots do not descend"]),
    "three of one": (with_value("policy_wealth", (0, slice(3)), 1), ["policy_wealth[0, 2] is the third knot at 1: a jump has two"]),
    "NaN": (with_value("income_constant", 1, np.nan), ["income_constant[1] is nan: numbers are finite, and of magnitude 1e75 at most"]),
    "infinite": (with_value("policy_savings", (0, 3), -np.inf),
                 ["policy_savings[0, 3] is -inf: numbers are finite, and of magnitude 1e75 at most"]),
    "large": (with_value("income_constant", 1, -2e75), ["income_constant[1] is -2e+75: numbers are finite, and of magnitude 1e75 at most"]),
    "policy": (changed(policy_of_state=[0, 2]), ["policy_of_state[1] is 2: policies are numbered 0 to 1"]),
    "half a policy": (changed(policy_of_state=[0, 0.5]), ["policy_of_state[1] is 0.5: it has to be a whole number"]),
    "policies": (changed(policy_wealth=[[0.0, 1]] * 3, policy_savings=[[0.0, 1]] * 3),
                 ["policy_of_state is missing: there are 3 policies for 2 states"]),
    "deviation": (changed(income_log_sd=[0.5, -0.5]), ["income_log_sd[1] is -0.5: a standard deviation is not negative"]),
    "exponent": (changed(return_log_sd=[1, 100]), ["return_log_sd[1]: with a mean of magnitude 0 and a deviation of 100 the exponent may "
                                                   "reach 860: 600 is the most"]),
    "path": (changed(aggregate_path=[0, 0, 1]), ["aggregate_path[2] is 1: aggregate states are numbered 0 to 0"]),
    "no path": (changed(income_constant=[[1, 2], [3, 4]]), ["aggregate_path is missing: it says which of the 2 aggregate states holds in "
                                                            "each period"]),
    "aggregates": (changed(income_constant=[[1, 2], [3, 4]], income_log_sd=[[0, 0]] * 3, aggregate_path=[0, 1, 1]),
                   ["'income_log_sd' has length 3 along aggregate, 'income_constant' has 2"]),
    "group": (changed(group=[0, 2**31]), ["group[1] is 2147483648: a group is a whole number of 32 bits"]),
    "start": (changed(initial_state=[0, 2]), ["initial_state[1] is 2: states are numbered 0 to 1"]),
    "newborn": (changed(newborn=[0, 1], initial_state=[0, 1]),
                ["initial_state[1] is 1, a state of newborns, who begin in a state of the sample: it has to be another"]),
    "weights": (changed(initial_weight=[0.0, 0]), ["initial_weight: the weights sum to 0"]),
    "level": (changed(level_growth=[1, 1], initial_level=[1, 0.0]), ["initial_level[1] is 0: a level is positive (1e-75 or more)"]),
    "netCDF's fill": (with_value("income_constant", 1, 9.969209968386869e36),
                      ["income_constant[1] is missing (9.96921e+36: netCDF's fill value)"]),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_variables_that_do_not_do(wealthsim, tmp_path, name):
    variables, messages = FAULTS[name]
    write(tmp_path / "m.h5", variables)
    refused(wealthsim, tmp_path, *[f"M: {message}" for message in messages])


ATTRIBUTES = {
    "format missing": ({"model_format": None}, ['attribute model_format is missing: it has to be the text "1.0"']),
    "format number": ({"model_format": 1.0}, ['attribute model_format is no short text: it has to be the text "1.0"']),
    "format": ({"model_format": "2.0"}, ['attribute model_format is "2.0": this wealthsim reads "1.0"']),
    "format long": ({"model_format": "1.0 " * 1000}, ['attribute model_format is no short text: it has to be the text "1.0"']),
    "extrapolation": ({"extrapolation": "none"}, ['attribute extrapolation is "none": it has to be "linear", "flat" or "error"']),
    "extrapolation number": ({"extrapolation": 1}, ['attribute extrapolation is no short text: it has to be "linear", "flat" or "error"']),
    "misspelt": ({"extrapolaton": "flat"}, ["unknown attribute 'extrapolaton'; did you mean 'extrapolation'?"]),
    "bound": ({"lower_bound": "0"}, ["attribute lower_bound is not one number"]),
    "bounds": ({"upper_bound": [1.0, 2]}, ["attribute upper_bound is not one number"]),
    "infinite bound": ({"upper_bound": np.inf}, ["upper_bound is inf: numbers are finite, and of magnitude 1e75 at most"]),
    "order of bounds": ({"lower_bound": 8.0, "upper_bound": 8.0}, ["lower_bound is 8, upper_bound 8: it has to be above"]),
    "rule that leaves": ({"lower_bound": 0.0, "upper_bound": 5.0},
                         ["policy_savings[1, 3] is 6: wealth is held within 0 and 5 (lower_bound, upper_bound)"]),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_attributes_that_do_not_do(wealthsim, tmp_path, name):
    attributes, messages = ATTRIBUTES[name]
    write(tmp_path / "m.h5", VALID, **attributes)
    refused(wealthsim, tmp_path, *[f"M: {message}" for message in messages])


@pytest.mark.smoke
@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_several_at_once(wealthsim, tmp_path, ranks):
    """On any number of ranks each fault is said once: those of names and shapes together, then those of values."""
    write(tmp_path / "m.h5", changed(policy_savings=None, income_constant=1.0), extrapolation="none")
    refused(wealthsim, tmp_path, 'M: attribute extrapolation is "none": it has to be "linear", "flat" or "error"',
            "M: variable 'policy_savings' is missing",
            "M: 'income_constant' is a single value: it has to be income_constant(state) or income_constant(aggregate, state)",
            ranks=ranks)  # fmt: skip
    write(tmp_path / "m.h5", changed(transition=[[1.0, 0.1], [0, 1]], group=[0.5, 0.5], income_log_sd=[-1, 0]))
    refused(wealthsim, tmp_path, "M: income_log_sd[0] is -1: a standard deviation is not negative",
            "M: group[0] is 0.5: it has to be a whole number (and 1 more of its numbers)",
            "M: transition: the probabilities of state 0 sum to 1.1, not to 1 within 1e-12", ranks=ranks)  # fmt: skip


def test_twenty_lines(wealthsim, tmp_path):
    write(tmp_path / "m.h5", changed(**{f"x{i:02}": 1.0 for i in range(30)}))
    refused(wealthsim, tmp_path, *[f"M: unknown variable 'x{i:02}'" for i in range(19)], "there are more faults than these")


def test_names_that_are_no_variables(wealthsim, tmp_path):
    """Links are not followed, wherever they lead; nor is anything read in groups, or in other files."""
    write(tmp_path / "other.h5", VALID)
    write(tmp_path / "m.h5", VALID)
    with h5py.File(tmp_path / "m.h5", "a") as file:
        file["policy_share"] = h5py.SoftLink("/policy_wealth")
        file["income_log_mean"] = h5py.ExternalLink("other.h5", "income_constant")
        file.create_group("return_constant")
        file.create_group("notes")["anything"] = "at all"
        file.create_dataset("risky_constant", (2,), "f8", external=[(str(tmp_path / "other.h5"), 0, 16)])
        layout = h5py.VirtualLayout((2,), "f8")
        layout[:] = h5py.VirtualSource(tmp_path / "other.h5", "income_constant", (2,))
        file.create_virtual_dataset("level_loading", layout)
    refused(wealthsim, tmp_path, "M: 'income_log_mean' is a link, which is not followed: write the values themselves",
            "M: 'policy_share' is a link, which is not followed: write the values themselves",
            "M: 'return_constant' is a group: write the variable at the top of the file",
            "M: 'risky_constant' lies in another file, which is not read: write the values themselves",
            "M: 'level_loading' lies in another file, which is not read: write the values themselves")  # fmt: skip


def test_packed_and_missing(wealthsim, tmp_path):
    write(tmp_path / "m.h5", VALID)
    with h5py.File(tmp_path / "m.h5", "a") as file:
        file["income_constant"].attrs["scale_factor"] = 0.5
    refused(wealthsim, tmp_path, "M: 'income_constant' is packed (scale_factor 0.5, add_offset 0): write plain numbers")
    with h5py.File(tmp_path / "m.h5", "a") as file:
        file["income_constant"].attrs["scale_factor"] = "half"
    refused(wealthsim, tmp_path, "M: attribute scale_factor of 'income_constant' cannot be understood: write plain numbers")
    with h5py.File(tmp_path / "m.h5", "a") as file:
        del file["income_constant"].attrs["scale_factor"]
        file["income_constant"].attrs["_FillValue"] = 2.0
        file["transition"].attrs["missing_value"] = 0.2
        file["policy_savings"].attrs["_FillValue"] = np.nan
    refused(wealthsim, tmp_path, "M: transition[1, 0] is missing (0.2: _FillValue or missing_value)",
            "M: income_constant[1] is missing (2: _FillValue or missing_value)")  # fmt: skip


def test_filter_that_is_not_there(wealthsim, tmp_path):
    write(tmp_path / "m.h5", changed(income_constant=None))
    with h5py.File(tmp_path / "m.h5", "a") as file:
        plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plan.set_chunk((2,))
        plan.set_filter(32_015, h5py.h5z.FLAG_OPTIONAL, (3,))
        h5py.h5d.create(file.id, b"income_constant", h5py.h5t.IEEE_F64LE, h5py.h5s.create_simple((2,)), dcpl=plan)
    result = faults.alone("-n", 100, "-T", 3, "--model", "m.h5", cwd=tmp_path, status=2)
    assert "dataset 'income_constant' of 'm.h5' needs HDF5's filter 32015 (without a name), which is not here" in result.stderr


def test_too_large(wealthsim, tmp_path):
    """What would not fit is said by its size, before it is read."""
    write(tmp_path / "m.h5", changed(transition=None, income_constant=None))
    with h5py.File(tmp_path / "m.h5", "a") as file:
        file.create_dataset("transition", (10**7, 10**7), "f8", chunks=(10, 10))
    result = faults.alone("-n", 100, "-T", 3, "--model", "m.h5", cwd=tmp_path, status=2)
    assert "--model: 'm.h5': its tables take 8e+05 GB on each rank, and this host can give " in result.stderr
    write(tmp_path / "m.h5", changed(transition=None, income_constant=None, **{**SPARSE, "transition_start": None}))
    with h5py.File(tmp_path / "m.h5", "a") as file:
        file.create_dataset("transition_start", (2**31 + 1,), "i8", chunks=(10**6,))
    refused(wealthsim, tmp_path, "M: it has 2147483648 states: 2147483647 is the most")


def test_files_that_do_not_do(wealthsim, tmp_path):
    write(tmp_path / "whole.h5", VALID)
    (tmp_path / "damaged.h5").write_bytes((tmp_path / "whole.h5").read_bytes()[:2500])
    (tmp_path / "text").write_text("transition = 1\n")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    netcdf = "which a model file has to be; netCDF-4 files are (of an older netCDF file nccopy -k netCDF-4 makes one)"
    for name, message in {
        "none.h5": "cannot read 'none.h5': No such file or directory",
        "folder": "cannot read 'folder': Is a directory",
        "text": f"'text' is not an HDF5 file, {netcdf}",
        "pipe": "'pipe' is a pipe or a device, and is read more than once: write what comes out of it to a file first",
        "damaged.h5": "'damaged.h5' is a damaged HDF5 file, or cannot be read now: HDF5 says 'truncated file: eof = 2500, "
                      f"sblock->base_addr = 0, stored_eof = {os.path.getsize(tmp_path / 'whole.h5')}'",
    }.items():  # fmt: skip
        refused(wealthsim, tmp_path, f"--model: {message}", name=name, ranks=2 if name == "text" else 0)
    with h5py.File(tmp_path / "whole.h5", "r+"):
        refused(wealthsim, tmp_path, "--model: 'whole.h5' is open for writing elsewhere: close it there, or start from a copy",
                name="whole.h5")  # fmt: skip


# ---- with other options -----------------------------------------------------------------------------------------


def test_other_options(wealthsim, tmp_path):
    """Parameters of the lecture's model, a run longer than the aggregate path, starts beyond the bounds."""
    write(tmp_path / "m.h5", changed(aggregate_path=[0, 0]), lower_bound=0.0, upper_bound=9.0)
    refused(wealthsim, tmp_path, "--r: is a parameter of the built-in model, and --model names another: take one of the two away",
            "--periods: 3 periods, and aggregate_path of 'm.h5' has 2: give at most so many",
            "--w0: 10 is not within 0 and 9, the bounds of 'm.h5'", arguments=("--r", 0.1, "--w0", 10))  # fmt: skip
    (tmp_path / "start.txt").write_text("1\n9\n9.5\n")
    refused(wealthsim, tmp_path, "--initial: value 2 of 'start.txt' is 9.5: wealth must be within 0 and 9",
            arguments=("-T", 2, "--w0", 10, "--initial", "start.txt"))  # fmt: skip
    with h5py.File(tmp_path / "start.h5", "w") as file:
        file["wealth"] = [-1.0] * 50
    refused(wealthsim, tmp_path, "--initial: value 0 of 'start.h5' is -1: wealth must be within 0 and 9", ranks=2,
            arguments=("-T", 2, "--initial", "start.h5"))  # fmt: skip
