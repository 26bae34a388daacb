"""A node that loses its network while its ranks run on: Slurm starts the job again elsewhere, and for a while both starts
are alive, with one disk. The newer takes the checkpoints over; the older finds that out and ends."""
import ctypes
import os
import re
import struct

import cluster
import program
from faults import alone, fingerprint, history, period_of, ranks_of_job, until

MODEL = ("-n", 20000, "--seed", 5)
OPTIONS = ("--nodes=1", "--ntasks-per-node=2", "--cpus-per-task=1")


class Renames:
    """What is renamed in a folder, in its order, as (old name, new name)."""

    MOVED_FROM, MOVED_TO = 0x40, 0x80

    def __init__(self, folder):
        libc = ctypes.CDLL(None, use_errno=True)
        self.file = libc.inotify_init1(os.O_NONBLOCK)
        assert libc.inotify_add_watch(self.file, os.fsencode(folder), self.MOVED_FROM | self.MOVED_TO) > 0
        self.froms, self.seen = {}, []

    def read(self):
        while True:
            try:
                data = os.read(self.file, 1 << 16)
            except BlockingIOError:
                return self.seen
            while data:
                _, mask, cookie, length = struct.unpack("iIII", data[:16])
                name = data[16 : 16 + length].rstrip(b"\0").decode()
                assert not mask & 0x4000, "too many renames at once"
                if mask & self.MOVED_FROM:
                    self.froms[cookie] = name
                elif mask & self.MOVED_TO:
                    self.seen.append((self.froms.pop(cookie, ""), name))
                data = data[16 + length :]


class Job:
    """A run without end on one node, by jobs/long.sbatch."""

    def __init__(self, slurm, folder, launch):
        env = {"WEALTHSIM": str(program.PROGRAM), **({"LAUNCH": launch} if launch else {})}
        self.slurm, self.folder = slurm, folder
        self.renames = Renames(folder)
        arguments = (*MODEL, "-T", 100_000_000, "--checkpoint-every", "20p")
        self.number = slurm.submit(program.ROOT / "jobs" / "long.sbatch", *arguments, options=OPTIONS, cwd=folder, env=env)
        self.name = f"wealthsim-{self.number}.ck"
        until(lambda: history(folder, self.name)[:1] > [2], 60, 0.05, "checkpoints of the first start")
        self.node = slurm.job(self.number)["NodeList"]
        self.older = ranks_of_job(self.number, 0)
        self.both = False
        assert len(self.older) == 2

    def log(self):
        return (self.folder / f"wealthsim-{self.number}.log").read_text()

    def watch(self):
        """Whether all ranks of the older start have ended and the newer runs; notes whether both have been alive at once."""
        self.renames.read()
        older, newer = ranks_of_job(self.number, 0), ranks_of_job(self.number, 1)
        self.both = self.both or len(newer) == 2 and older == self.older
        return not older and len(newer) == 2

    def check(self):
        log = self.log()
        assert self.both, f"never both at once: {log}"
        assert f"another start of this run has taken '{self.name}' over: this one ends" in log, log
        assert re.search(rf"job {self.number}, start 2: 2 ranks", log) and "going on from" in log, log
        first = history(self.folder, self.name)[0]
        until(lambda: history(self.folder, self.name)[0] > first + 2, 20, 0.05, "checkpoints of the newer start")
        self.check_renames()
        assert self.slurm.job(self.number)["Restarts"] == "1"
        self.slurm.client("scancel", self.number)
        assert self.slurm.wait(self.number)["JobState"] == "CANCELLED"
        self.renames.read()
        self.check_answer()

    def check_renames(self):
        """The second time the lock is written, the newer start takes over. From then on all names are given by it, but
        for one that the older may have been giving at that very moment."""
        renames = [(old, new) for old, new in self.renames.read() if not re.search(r"\.(kept|part)-", new)]  # but what a start tries out
        locks = [i for i, (_, new) in enumerate(renames) if new == f"{self.name}.lock"]
        assert len(locks) == 2, renames[-20:]
        given = [re.search(r"\.part-(.*)-\d+-[0-9a-f]{8}-[0-9a-f]{16}$", old)[1] for old, _ in renames if ".lock" not in old]
        before, after = given[: locks[1] - 1], given[locks[1] - 1 :]
        assert set(before) == {self.node} and self.node not in after[1:] and len(after) > 2, (before[-3:], after[:5])

    def check_answer(self):
        model = ("-q", *MODEL, "-T", period_of(self.folder / f"{self.name}.{history(self.folder, self.name)[0]}") + 10)
        alone(*model, "-o", "straight.h5", cwd=self.folder, threads=2)
        alone(*model, "-o", "resumed.h5", "--checkpoint", self.name, "--resume", cwd=self.folder)
        assert fingerprint(self.folder / "resumed.h5") == fingerprint(self.folder / "straight.h5")


def test_node_lost_with_both_starts_alive(network, tmp_path):
    """Started by srun and by mpirun, at the same time on nodes that then are both cut off; two more stand by."""
    with cluster.Slurm(nodes=4, cpus=2, network=network) as slurm:
        jobs = []
        for launch in None, "mpirun --bind-to none":
            (tmp_path / f"{len(jobs)}").mkdir()
            jobs.append(Job(slurm, tmp_path / f"{len(jobs)}", launch))
        try:
            for job in jobs:
                network.link(job.node, up=False)
            until(lambda: all([job.watch() for job in jobs]), 180, 0.1, "the newer starts alone")
            for job in jobs:
                job.check()
        finally:
            for job in jobs:
                network.link(job.node, up=True)
