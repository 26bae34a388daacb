"""Checkpoints that somebody has changed and given the right digest: each thing that a run could not have written is refused,
with a message; never a crash, a hang or a wrong answer."""
import shutil
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest

import h5py
import numpy as np
import pytest
from faults import alone, fingerprint
from program import need_family
from resealed import changed

MODEL = ("-q", "-n", 700, "--seed", 2, "--record-every", 7, "--paths", 2, "--coalescence", 50, "--mobility", 7)
WHOLE = 40  # periods; the checkpoint is of period 20, with records of 0, 7, 14 and 20


def attribute(name, value, **how):
    def edit(file, trailer):
        del file.attrs[name]
        if value is not None:
            file.attrs.create(name, value, **how)

    return edit


def values(name, index, value):
    def edit(file, trailer):
        file[name][index] = value

    return edit


def dataset(name, value=None, **how):
    """Make a dataset anew."""

    def edit(file, trailer):
        old = file[name][()]
        del file[name]
        if how or value is not None:
            file.create_dataset(name, data=old if value is None else value, **how)

    return edit


def link(name, target):
    def edit(file, trailer):
        del file[name]
        file[name] = target

    return edit


def trailer(name, *places):
    """Set a member; of a section place, rows, bytes of a row and planes, where they are not None."""

    def edit(file, trailer):
        if isinstance(trailer[name], list):
            trailer[name] = [old if new is None else new for old, new in zip_longest(trailer[name], places)]
        else:
            (trailer[name],) = places

    return edit


def moved(by):
    def edit(file, trailer):
        trailer["wealth"][0] += by

    return edit


def exchanged(file, trailer):
    trailer["path_wealth"], trailer["streams"] = trailer["streams"], trailer["path_wealth"]


def overlapping(file, trailer):
    trailer["streams"][0] = trailer["wealth"][0] + 8


def in_another_file(file, trailer):
    del file["records/median"]
    file.create_dataset("records/median", (4,), "f8", external=[("/dev/zero", 0, 32)])


FIXED = h5py.string_dtype("utf-8", 4)
NUMBER, TEXT, LIST, HERE = "is not one whole number", "is not a text of a fixed number of bytes", "is not a list of numbers", "is not a list of the numbers that belong there"
PLACES, ARRAYS, CUT, OTHER = "its arrays are not where its end says", "it does not have the arrays of its run", "damaged at its end", "is the checkpoint of another run"
PIECE = "is not a dataset in one piece"
AGREES = "the coupled run agrees from a period on that is not over"

CASES = {
    "period, two": (attribute("period", [20, 20]), NUMBER),
    "period, many": (attribute("period", np.zeros(5000, "i8")), NUMBER),
    "period, real": (attribute("period", 20.0), NUMBER),
    "period, text": (attribute("period", "20"), NUMBER),
    "period, short": (attribute("period", np.int32(20)), NUMBER),
    "period, a list of one": (attribute("period", np.array([20], "i8")), NUMBER),
    "period, none": (attribute("period", None), NUMBER),
    "period, empty": (attribute("period", h5py.Empty("i8")), NUMBER),
    "period -1": (attribute("period", np.int64(-1)), "it is of period -1"),
    "period, least": (attribute("period", np.int64(-(2**63))), "it is of period -9223372036854775808"),
    "period 15": (attribute("period", np.int64(15)), "its paths do not end at its period 15"),
    "period 7": (attribute("period", np.int64(7)), "it has 4 records at period 7"),
    "period 41": (attribute("period", np.int64(41)), OTHER),
    "period, greatest": (attribute("period", np.int64(2**63 - 1)), OTHER),
    "records -1": (attribute("n_records", np.int64(-1)), "it has -1 records at period 20"),
    "records of the whole run": (attribute("n_records", np.int64(7)), "it has 7 records at period 20"),
    "records, too many": (attribute("n_records", np.int64(2**40)), "it has 1099511627776 records"),
    "records, too few": (attribute("n_records", np.int64(2)), "it has 2 records at period 20"),
    "records, a list": (attribute("n_records", [4, 4]), NUMBER),
    "format 2 inside": (attribute("checkpoint_format", np.int64(2)), ARRAYS),
    "model, another": (attribute("model_name", b"other", dtype="S5"), "the checkpoint's model is 'other', this run's 'kesten'"),
    "model, none": (attribute("model_name", None), TEXT),
    "seed, a list": (attribute("seed", np.arange(700)), NUMBER),
    "seed, none": (attribute("seed", None), NUMBER),
    "r, three": (attribute("r", [0.1, 0.1, 0.1]), "is not one number"),
    "r, whole": (attribute("r", 1), "is not one number"),
    "r, short": (attribute("r", np.float32(0.1)), "is not one number"),
    "r, none": (attribute("r", np.nan), "--r: the checkpoint has none, this run 0.1"),
    "rng, variable length": (attribute("rng", "mlfg", dtype=h5py.string_dtype()), TEXT),
    "rng, long": (attribute("rng", b"x" * 30000, dtype="S30000"), TEXT),
    "rng, two": (attribute("rng", [b"mlfg", b"mlfg"], dtype=FIXED), TEXT),
    "rng, another": (attribute("rng", b"lfg", dtype="S3"), "--rng: the checkpoint has 'lfg', this run 'mlfg'"),
    "rng, a number": (attribute("rng", 4), TEXT),
    "quantiles, a table": (attribute("quantiles", np.zeros((3, 3))), LIST),
    "quantiles, many": (attribute("quantiles", np.zeros(5000)), LIST),
    "quantiles, one": (attribute("quantiles", 0.5), LIST),
    "households": (attribute("households", np.int64(701)), OTHER),
    "record periods": (values("records/period", 2, 13), "its records are not of the periods that are recorded"),
    "record periods, behind": (values("records/period", 3, 40), "its records are not of the periods that are recorded"),
    "record periods, before": (values("records/period", 0, -7), "its records are not of the periods that are recorded"),
    "median, long": (dataset("records/median", np.zeros(900)), HERE),
    "median, short": (dataset("records/median", np.zeros(3)), HERE),
    "median, a table": (dataset("records/median", np.zeros((2, 2))), HERE),
    "median, text": (dataset("records/median", np.array([b"x"] * 4)), HERE),
    "median, float": (dataset("records/median", np.zeros(4, "f4")), HERE),
    "median, compressed": (dataset("records/median", compression="gzip", chunks=(4,)), PIECE),
    "median, none": (dataset("records/median"), PIECE),
    "median, a link": (link("records/median", h5py.SoftLink("/records/mean")), PIECE),
    "median, elsewhere": (link("records/median", h5py.ExternalLink("other.h5", "wealth")), PIECE),
    "median, of another file": (in_another_file, PIECE),
    "records, elsewhere": (link("records", h5py.ExternalLink("/dev/zero", "wealth")), "'records' is not a group"),
    "gini -1": (values("records/gini", 1, -1), "'gini' is not 0 or more in every record"),
    "hill error -1": (values("records/hill_error", 5, -1e-300), "'hill_error' is not 0 or more in every record"),
    "wealth NaN": (values("wealth", (699, 0), np.nan), "it has nan in 'wealth'"),
    "wealth negative": (values("wealth", (300, 0), -1e-9), "it has -1e-09 in 'wealth'"),
    "wealth -inf": (values("wealth", (0, 0), -np.inf), "it has -inf in 'wealth'"),
    "coupled run's NaN": (values("wealth", (700 + 1, 0), np.nan), "it has nan in 'wealth'"),
    "path NaN": (values("path_wealth", (1, 3), np.nan), "it has nan in 'path_wealth'"),
    "path's end": (values("path_wealth", (1, 20), 3.0), "a path does not end where its household is"),
    "coalesced later": (values("coalesced", (0, 0), 21), AGREES),
    "coalesced -2": (values("coalesced", (2, 0), -2), AGREES),
    "mobility, one pair": (values("mobility/n", 0, 1), "its 'n' is not the number of its pairs of periods"),
    "mobility, held later": (values("mobility/held", 0, 21), "its 'held' is not a period of which wealth is held"),
    "mobility, held before": (values("mobility/held", 0, 7), "its 'held' is not a period of which wealth is held"),
    "mobility periods": (values("mobility/period", 1, 7), "its 'period' is not the later period of each pair"),
    "mobility -1": (values("mobility/mobility_count", 3, -1), "its 'mobility_count' is not possible in every record"),
    "mobility, more": (values("mobility/mobility_count", 60, 700), "its 'mobility_count' is not possible in every record"),
    "mobility, correlation": (values("mobility/mobility_rank_correlation", 0, 1.5), "its 'mobility_rank_correlation' is not possible"),
    "mobility, elsewhere": (link("mobility", h5py.ExternalLink("/dev/zero", "wealth")), "'mobility' is not a group"),
    "held wealth NaN": (values("mobility_wealth", (699, 0), np.nan), "it has nan in 'mobility_wealth'"),
    "end: no mobility": (trailer("mobility_wealth", None, 0, None), ARRAYS),
    "streams even": (values("streams", (1, 7), 0), "SPRNG does not take the checkpoint's streams"),
    "end: households 701": (trailer("households", 701), ARRAYS),
    "end: households 1": (trailer("households", 1), "is damaged"),
    "end: households 0": (trailer("households", 0), CUT),
    "end: households, many": (trailer("households", 2**38), CUT),
    "end: wealth 8 on": (moved(8), CUT),
    "end: wealth 8 back": (moved(-8), PLACES),
    "end: wealth before": (moved(-(2**40)), CUT),
    "end: paths and streams": (exchanged, ARRAYS),
    "end: streams within wealth": (overlapping, CUT),
    "end: no coupled run": (trailer("wealth", None, None, None, 1), ARRAYS),
    "end: no scenarios": (trailer("wealth", None, None, None, 0), CUT),
    "end: scenarios overflow": (trailer("wealth", None, None, None, 2**58), CUT),
    "end: another array": (trailer("array 1", 2048, 700, 8, 2), ARRAYS),
    "end: fewer rows": (trailer("wealth", None, 699, None), ARRAYS),
    "end: no rows": (trailer("wealth", None, 0, None), ARRAYS),
    "end: rows overflow": (trailer("streams", None, 2**61, 8), CUT),
    "end: shorter paths": (trailer("path_wealth", None, None, 160), "its paths do not end at its period 20"),
    "end: odd paths": (trailer("path_wealth", None, None, 161), ARRAYS),
    "end: other streams": (trailer("streams", None, 3, 8), PLACES),
    "end: bytes": (trailer("bytes", 1000), CUT),
    "end: format 7": (trailer("format", 7), "has checkpoint format 7, of wealthsim"),
    "end: format 0": (trailer("format", 0), CUT),
    "no wealth": (dataset("wealth"), PLACES),
}  # fmt: skip
HARMLESS = {
    "nothing": lambda file, trailer: None,
    "infinite wealth": values("wealth", (500, 0), np.inf),
    "another attribute": lambda file, trailer: file.attrs.__setitem__("note", "mine"),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    alone(*MODEL, "-T", 20, "-o", "out.h5", "--checkpoint", "ck", cwd=folder)
    alone(*MODEL, "-T", WHOLE, "-o", "straight.h5", cwd=folder)
    return folder


def resume(whole, folder, edit, **rest):
    folder.mkdir(exist_ok=True)
    shutil.copy(whole / "ck.1", folder / "ck.1")
    with changed(folder / "ck.1") as opened:
        edit(*opened)
    return alone(*MODEL, "-T", WHOLE, "-o", "out.h5", "--checkpoint", "ck", "--resume", cwd=folder, status=None, limit=30, **rest)


def is_refused(name, said, result, folder):
    """And called useless where it is: not where another wealthsim, or another SPRNG, may know it."""
    useless = "none of the checkpoints of 'ck' is whole: remove them to start afresh" in result.stderr
    is_said = result.status in (1, 2) and said in result.stderr and not (folder / "out.h5").exists()
    return is_said and useless == (result.status == 1 and name not in ("end: format 7", "streams even"))


def test_no_types_of_variable_length(whole):
    with h5py.File(whole / "ck.1") as file:
        found = [(name, key) for name in [*file, *(f"records/{name}" for name in file["records"]), *(f"mobility/{name}" for name in file["mobility"])] for key in file[name].attrs]
        found += [key for key in file.attrs if file.attrs.get_id(key).get_type().get_class() == h5py.h5t.VLEN or h5py.check_string_dtype(file.attrs.get_id(key).dtype) and file.attrs.get_id(key).get_type().is_variable_str()]  # fmt: skip
        assert found == []
        assert file.attrs["title"] == b"Checkpoint of wealthsim" and file["records/median"].shape == (4,)


def test_refused(whole, tmp_path, record_property):
    with ThreadPoolExecutor(3) as pool:
        tried = {name: pool.submit(resume, whole, tmp_path / f"case{i}", edit) for i, (name, (edit, _)) in enumerate(CASES.items())}
    wrong = [f"{name}: {tried[name].result()}" for i, (name, (_, said)) in enumerate(CASES.items())
             if not is_refused(name, said, tried[name].result(), tmp_path / f"case{i}")]  # fmt: skip
    assert not wrong, "\n".join(wrong)
    record_property("checkpoints changed and sealed again", len(CASES))


@pytest.mark.parametrize("name", HARMLESS)
def test_taken(whole, tmp_path, name):
    result = resume(whole, tmp_path, HARMLESS[name])
    assert result.status == 0 and "going on from 'ck.1', period 20" in result.stderr, result
    if name != "infinite wealth":
        assert fingerprint(tmp_path / "out.h5") == fingerprint(whole / "straight.h5")


@pytest.mark.parametrize("name", ["wealth NaN", "held wealth NaN", "coalesced -2", "streams even", "period, two", "end: paths and streams", "rng, another"])
def test_refused_on_three_ranks(wealthsim, whole, tmp_path, name):
    """One rank sees it, or all: all leave together."""
    edit, said = CASES[name]
    shutil.copy(whole / "ck.1", tmp_path / "ck.1")
    with changed(tmp_path / "ck.1") as opened:
        edit(*opened)
    result = wealthsim(*MODEL, "-T", WHOLE, "-o", "out.h5", "--checkpoint", "ck", "--resume", ranks=3, status=None, limit=60)
    assert is_refused(name, said, result, tmp_path), result


@pytest.mark.parametrize("ranks", [1, 3])
def test_exchanged(wealthsim, tmp_path, ranks):
    """Two arrays of the same shape: 3 paths up to period 62, and 3 blocks' streams of 63 numbers."""
    model = ("-q", "-n", 700, "--paths", 3, "--checkpoint", "ck")
    wealthsim(*model, "-T", 62)
    with changed(tmp_path / "ck.1") as (_, end):
        assert end["path_wealth"][1:] == end["streams"][1:]
        exchanged(None, end)
    assert PLACES in wealthsim(*model, "-T", 80, "--resume", ranks=ranks, status=1).stderr


def test_shocks(tmp_path):
    """Normals of the period, from which its income is: one that is none, and one that no two words make."""
    model = ("-q", "-n", 700, "--outcomes", "income", "--checkpoint", "ck")
    for value, said in (np.nan, "it has nan in 'shocks'"), (8.6, "it has 8.6 in 'shocks'"), (8.5, None):
        for name in "ck.1", "ck.2":
            (tmp_path / name).unlink(missing_ok=True)
        alone(*model, "-T", 3, cwd=tmp_path)
        with changed(tmp_path / "ck.1") as (file, end):
            assert file["shocks"].shape == (700, 1) and end["shocks"][1:] == [700, 8, 1]
            file["shocks"][699, 0] = value
        result = alone(*model, "-T", 3, "--resume", "-o", "out.h5", cwd=tmp_path, status=1 if said else 0)
        assert said is None or said in result.stderr, result
    with h5py.File(tmp_path / "out.h5") as file:
        assert file["maximum"][1, 0] == pytest.approx(np.exp(8.5), rel=1e-13)


def test_families(tmp_path):
    """Streams of SPRNG's own form, with a place among its lagged numbers that is not there, or another family's name."""
    need_family("lfg")
    for family, at in ("lfg", -4), ("lfg", 7), ("lcg64", 7), ("cmrg", 7), ("lcg", 7):
        model = ("-q", "-n", 300, "--rng", family, "--checkpoint", "ck")
        for name in "ck.1", "ck.2":
            (tmp_path / name).unlink(missing_ok=True)
        alone(*model, "-T", 3, cwd=tmp_path)
        with changed(tmp_path / "ck.1") as (file, _):
            file["streams"][1, at] = 0x7F
        result = alone(*model, "-T", 9, "--resume", cwd=tmp_path, status=1)
        assert f"SPRNG does not take the checkpoint's streams of {family}" in result.stderr, result
