"""The sweep as users submit it: a Slurm array, a task a row."""
import program

TABLE = "s v1\n0.2 0.1\n0.3 0.1\n0.4 0.2\n"
MODEL = ("-n", 5000, "-T", 50, "--seed", 11)
SCRIPT = program.ROOT / "jobs" / "sweep.sbatch"
NAMES = "table-01_s=0.2_v1=0.1.h5", "table-02_s=0.3_v1=0.1.h5", "table-03_s=0.4_v1=0.2.h5"


def submit(slurm, folder, *options, tasks):
    """Submit the sweep in folder and wait for its tasks: what Slurm says of each, and their logs."""
    (folder / "table.txt").write_text(TABLE)
    number = slurm.submit(SCRIPT, "--one-by-one", "table.txt", *MODEL, options=options, cwd=folder, env={"WEALTHSIM": str(program.PROGRAM)})
    jobs = [slurm.wait(f"{number}_{task}" if task else number) for task in tasks]
    return jobs, "\n".join(path.read_text() for path in sorted(folder.glob("sweep-*.log"))) or slurm.logs()


def test_array_gives_what_the_rows_alone_give(slurm, wealthsim, tmp_path):
    jobs, log = submit(slurm, tmp_path, "--array=1-3", "--ntasks-per-node=2", "--cpus-per-task=1", tasks=(1, 2, 3))
    assert [(job["JobState"], job["ExitCode"]) for job in jobs] == [("COMPLETED", "0:0")] * 3, log
    for name, (s, v1) in zip(NAMES, [(0.2, 0.1), (0.3, 0.1), (0.4, 0.2)]):
        wealthsim(*MODEL, "--s", s, "--v1", v1, "-o", "direct.h5", ranks=1, threads=1)
        direct, file = program.read(tmp_path / "direct.h5"), program.read(tmp_path / name)
        assert file.hash == direct.hash, log
        assert file.attributes["ranks"] == 2


def test_array_that_is_not_the_table(slurm, tmp_path):
    """A task without a row fails and says so; rows without a task are named by those that run."""
    jobs, log = submit(slurm, tmp_path, "--array=2,4", tasks=(2, 4))
    assert [(job["JobState"], job["ExitCode"]) for job in jobs] == [("COMPLETED", "0:0"), ("FAILED", "2:0")], log
    assert "table.txt has no row 4: use --array=1-3" in log
    assert [path.name for path in tmp_path.glob("table-*.h5")] == [NAMES[1]]
    jobs, log = submit(slurm, tmp_path, "--array=2", tasks=(2,))
    assert "the array ends at row 2 of 3" in log


def test_without_an_array_one_after_the_other(slurm, tmp_path):
    (job,), log = submit(slurm, tmp_path, tasks=(None,))
    assert (job["JobState"], job["ExitCode"]) == ("COMPLETED", "0:0"), log
    assert sorted(path.name for path in tmp_path.glob("table-*.h5")) == list(NAMES)


def test_one_start_for_a_part_of_the_table(slurm, wealthsim, tmp_path):
    """An array of two: each task has its part of the rows in one start, and the whole table without an array the same numbers."""
    (tmp_path / "table.txt").write_text(TABLE)
    env = {"WEALTHSIM": str(program.PROGRAM)}
    options = "--ntasks-per-node=2", "--cpus-per-task=1"
    number = slurm.submit(SCRIPT, "table.txt", *MODEL, options=("--array=1-2", *options), cwd=tmp_path, env=env)
    jobs = [slurm.wait(f"{number}_{task}") for task in (1, 2)]
    assert [(job["JobState"], job["ExitCode"]) for job in jobs] == [("COMPLETED", "0:0")] * 2, slurm.logs()
    job = slurm.wait(slurm.submit(SCRIPT, "table.txt", *MODEL, options=options, cwd=tmp_path, env=env))
    assert (job["JobState"], job["ExitCode"]) == ("COMPLETED", "0:0"), slurm.logs()
    assert sorted(path.name for path in tmp_path.glob("table*.h5")) == ["table-rows-1-2.h5", "table-rows-3-3.h5", "table.h5"]
    whole, part, last = (program.read(tmp_path / name) for name in ("table.h5", "table-rows-1-2.h5", "table-rows-3-3.h5"))
    assert (whole["wealth"][:2] == part["wealth"]).all() and (whole["wealth"][2] == last["wealth"]).all()
    assert part.attributes["ranks"] == 2
