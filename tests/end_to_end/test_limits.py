"""Limits of control groups, as the program sees them: in a mount namespace whose /sys/fs/cgroup is a made-up one."""
import os
import re
import shutil
import subprocess

import faults
import pytest

NAMESPACE = ["unshare", "--mount", "sh", "-c", 'mount --bind limits /sys/fs/cgroup && exec "$@"', "sh"]


@pytest.fixture
def limited(tmp_path):
    """limited(memory=bytes, cores=number, …): the program under such limits of its root group, of either version."""
    tried = shutil.which("unshare") and subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0
    if not tried or not os.path.isdir("/sys/fs/cgroup"):
        pytest.skip("needs a mount namespace of its own (root)")

    def run(*arguments, memory=None, cores=None, **rest):
        limits = tmp_path / "limits"
        for folder in limits, limits / "memory", limits / "cpu", limits / "cpu,cpuacct":
            folder.mkdir(exist_ok=True)
            bytes_, quota = memory or 1 << 62, int(cores * 100_000) if cores else -1
            for name, value in {"memory.limit_in_bytes": bytes_, "memory.usage_in_bytes": 0, "cpu.cfs_quota_us": quota,
                                "cpu.cfs_period_us": 100_000, "memory.max": bytes_, "memory.current": 0,
                                "cpu.max": f"{quota} 100000" if cores else "max 100000"}.items():  # fmt: skip
                (folder / name).write_text(f"{value}\n")
        return faults.alone(*arguments, cwd=tmp_path, launcher=NAMESPACE, threads=None, **rest)

    return run


def test_quota(limited):
    assert "quota" not in limited("info").stdout
    assert "\n  quota       the time of 1 core\n" in limited("info", cores=1).stdout
    assert "\n  quota       the time of 1.5 cores\n" in limited("info", cores=1.5).stdout


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two cores")
def test_quota_gives_the_threads(limited):
    """Unless their number is given."""
    threads = lambda *arguments, **rest: int(re.search(r"(\d+) threads?, ", limited("info", *arguments, **rest).stdout)[1])
    assert threads() == len(os.sched_getaffinity(0))
    assert [threads(cores=1.9), threads(cores=0.5), threads(cores=2)] == [1, 1, 2]
    assert threads("-t", 3, cores=1) == threads(cores=1, env={"OMP_NUM_THREADS": "3"}) == 3


def test_memory(limited):
    assert "memory      0.2 GB to give" in limited("info", memory=200_000_000).stdout
    for command in ["-n", 20_000_000, "--no-wealth"], ["path", "-T", 5_000_000], ["verify", "--class", "large"], \
                   ["eigvals", "--order", 4000], ["scaling", "-n", 20_000_000]:  # fmt: skip
        assert "has 0.1 GB to give" in limited(*command, memory=100_000_000, status=2).stderr
