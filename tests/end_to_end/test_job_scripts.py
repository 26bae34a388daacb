"""What the job scripts make of a run's end, without Slurm: tests/cluster has them in its hands."""
import subprocess

import pytest
from program import PROGRAM, ROOT, environment, read


def submit(script, tmp_path, *options, launch):
    return subprocess.run(
        ["bash", ROOT / "jobs" / script, *options],
        cwd=tmp_path,
        env={
            **environment(),
            "WEALTHSIM": str(PROGRAM),
            "LAUNCH": launch,
            "SLURM_JOB_ID": "7",
            "SLURM_NTASKS": "1",
            "SLURM_CPUS_PER_TASK": "1",
            "SLURM_JOB_NODELIST": "here",
        },
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    "options, result",
    [
        ((), "wealthsim-7.h5"),
        (("-o", "out.h5"), "out.h5"),
        (("-oout.h5",), "out.h5"),
        (("-qo", "out.h5"), "out.h5"),
        (("-qoout.h5",), "out.h5"),
        (("--output=out.h5",), "out.h5"),
        (("--outp", "out.h5"), "out.h5"),
        (("--outcomes", "income", "-o", "out.h5"), "out.h5"),
        (("-o", "out.h5", "--outcomes=income"), "out.h5"),
    ],
)
def test_status_zero_means_a_result(tmp_path, options, result):
    """A launcher that ends with 0 without a result (as Open MPI 5's when it loses a node) has lost the run."""
    lost = submit("wealthsim.sbatch", tmp_path, "-n", "300", "-T", "3", *options, launch="true")
    assert lost.returncode == 255 and f"no new {result}: the run was lost" in lost.stdout, lost
    done = submit("wealthsim.sbatch", tmp_path, "-n", "300", "-T", "3", *options, launch="env")
    assert done.returncode == 0 and "lost" not in done.stdout, done
    assert read(tmp_path / result)["wealth"].size == 300
    again = submit("wealthsim.sbatch", tmp_path, "-n", "300", "-T", "3", *options, launch="true")
    assert again.returncode == 255, "the result of before is no new one"
