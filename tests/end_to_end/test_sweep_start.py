"""jobs/sweep.sbatch: the rows of a table in one start, in an array's parts, and in parts that fit the memory."""
import os
import subprocess

import h5py
import numpy as np
import pytest
from program import PROGRAM, ROOT, environment, run

SMALL = "-q", "-n", 600, "-T", 40
TABLE = "# a comment\ns,v1\r\n\n0.5,0.1\r\n0.5,0.2 # a row\n0.6,0.3\n0.7,0.1\n0.8,0.2"
CASES = [(0.5, 0.1), (0.5, 0.2), (0.6, 0.3), (0.7, 0.1), (0.8, 0.2)]


def sweep(folder, *arguments, status=0, table=TABLE, **env):
    (folder / "table.csv").write_text(table)
    variables = {name: value for name, value in environment(1).items() if not name.startswith("SLURM_") and name != "LAUNCH"}
    done = subprocess.run(["bash", str(ROOT / "jobs/sweep.sbatch"), *map(str, arguments)], cwd=folder, capture_output=True, text=True,
                          env={**variables, "WEALTHSIM": str(PROGRAM), **env}, timeout=120)  # fmt: skip
    assert done.returncode == status, f"{done.stdout}\n{done.stderr}"
    return done


def task(number, last, first=1):
    return {"SLURM_ARRAY_TASK_ID": str(number), "SLURM_ARRAY_TASK_MIN": str(first), "SLURM_ARRAY_TASK_MAX": str(last)}


def cases(path):
    """The rows that a result has, and their medians."""
    with h5py.File(path) as file:
        if "scenario" not in file:
            return [(file.attrs["s"], file.attrs["v1"])], file["median"][:]
        return list(zip(file["s"][:].tolist(), file["v1"][:].tolist())), file["median"][:, -1]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """What one start of all rows gives."""
    folder = tmp_path_factory.mktemp("whole")
    sweep(folder, "table.csv", *SMALL)
    assert sorted(os.listdir(folder)) == ["table.csv", "table.h5"]
    rows, medians = cases(folder / "table.h5")
    assert rows == CASES
    return medians


def check_parts(folder, whole, names):
    assert sorted(path.name for path in folder.glob("*.h5")) == names and not list(folder.glob("*.table"))
    parts = [cases(folder / name) for name in names]
    assert [row for rows, _ in parts for row in rows] == CASES
    assert (np.concatenate([medians for _, medians in parts]) == whole).all()


def test_array(tmp_path, whole):
    """In two parts, the last task with nothing; in parts of so many rows, whichever tasks there are."""
    for number in 1, 2, 3:
        done = sweep(tmp_path, "table.csv", *SMALL, **task(number, 3))
    check_parts(tmp_path, whole, ["table-rows-1-2.h5", "table-rows-3-4.h5", "table-rows-5-5.h5"])
    for name in tmp_path.glob("*.h5"):
        name.unlink()
    for number in 2, 1, 3:
        done = sweep(tmp_path, "--rows", 3, "table.csv", *SMALL, **task(number, number, number))
    assert "no rows are left for task 3" in done.stdout
    check_parts(tmp_path, whole, ["table-rows-1-3.h5", "table-rows-4-5.h5"])
    assert "--rows M" in sweep(tmp_path, "table.csv", *SMALL, status=2, **task(2, 2, 2)).stderr


def test_memory(tmp_path, whole):
    """Where all rows do not fit, so many at a time as do. A program that has memory for two rows, and says so as ours does."""
    (tmp_path / "small").write_text(f"""#!/bin/bash
while [ $# -gt 0 ] && [ "$1" != --scenarios ]; do before+=("$1"); shift; done
if [ "$(grep -c '^0' "$2")" -gt 2 ]; then
    echo "wealthsim: --scenarios: the run of 5 scenarios needs 1 GB of memory on host a (1 of 1 ranks), which has 0.5 GB to give: \\
at most 2 of them would fit: split the table, or use more hosts" >&2
    exit 2
fi
exec '{PROGRAM}' "${{before[@]}}" "$@"
""")
    (tmp_path / "small").chmod(0o755)
    done = sweep(tmp_path, "table.csv", *SMALL, WEALTHSIM=str(tmp_path / "small"))
    assert "2 rows at a time fit the memory" in done.stderr
    check_parts(tmp_path, whole, ["table-rows-1-2.h5", "table-rows-3-4.h5", "table-rows-5-5.h5"])


def test_what_it_says_of_memory(tmp_path):
    """The sentence that the script reads is the program's."""
    (tmp_path / "table.txt").write_text("s\n" + "".join(f"{0.3 + i * 1e-6}\n" for i in range(20000)))
    said = run("-q", "-n", 10000000, "--scenarios", "table.txt", ranks=0, cwd=tmp_path, status=2).stderr
    read = subprocess.run(["sed", "-n", next(line.split("'")[1] for line in (ROOT / "jobs/sweep.sbatch").read_text().splitlines()
                                              if "would fit.*" in line)], input=said, capture_output=True, text=True)  # fmt: skip
    assert 0 <= int(read.stdout.replace(",", "")) < 20000


def test_faults(tmp_path):
    """The program's own words and status, with the table's name."""
    done = sweep(tmp_path, "table.csv", *SMALL, table="s v1\n0.5 0.1\n2 0.1\n", status=2)
    assert "'table.csv', row 2 (line 3)" in done.stderr.replace("table.csv,", "'table.csv',") and "0 to 1" in done.stderr
    assert "no number of rows" in sweep(tmp_path, "--rows", "x", "table.csv", status=2).stderr
    assert "each row is a run" in sweep(tmp_path, "--rows", 2, "table.csv", *SMALL, table="seed\n1\n2\n", status=2).stderr


def test_other_columns(tmp_path):
    """A column that is no scenario's makes each row a run."""
    sweep(tmp_path, "table.csv", *SMALL, table="s seed\n0.5 1\n0.6 2\n")
    assert sorted(path.name for path in tmp_path.glob("*.h5")) == ["table-01_s=0.5_seed=1.h5", "table-02_s=0.6_seed=2.h5"]
