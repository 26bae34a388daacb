"""A cable that is pulled while a run spans several hosts. In a run that waits for ever, mpirun without its keep-alive
settings gives up after eight minutes; the job scripts set them."""
import os
import signal
import subprocess
import time

import program
from environment import launcher_settings, mpi
from faults import alone, fingerprint, history, parts, period_of, until

MODEL = ("-q", "-n", 20000, "--seed", 5)


class Run:
    """An endless run on two hosts with checkpoints."""

    def __init__(self, network, folder):
        self.network = network
        line = network.mpirun_command(4, program.PROGRAM, *MODEL, "-T", 100_000_000, "-o", "never.h5", "--checkpoint",
                                      "ck", "--checkpoint-every", "50p", hosts=["n1", "n2"])  # fmt: skip
        env = {**network.environment, **launcher_settings("--launcher=cluster"), "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(line, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)  # fmt: skip

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.network.link("n2", up=True)
        if self.process.poll() is None:
            self.process.terminate()
        self.process.communicate(timeout=30)
        until(lambda: not [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if self.is_rank(pid)],
              30, 0.1, "the end of the ranks on both hosts")  # fmt: skip

    def is_rank(self, pid):
        try:
            with open(f"/proc/{pid}/environ") as environ, open(f"/proc/{pid}/comm") as comm:
                return comm.read().strip() == "wealthsim" and str(self.network.folder) in environ.read()
        except OSError:
            return False


def check(folder):
    period = period_of(folder / f"ck.{history(folder)[0]}")
    alone(*MODEL, "-T", period + 10, "-o", "straight.h5", cwd=folder)
    alone(*MODEL, "-T", period + 10, "-o", "resumed.h5", "--checkpoint", "ck", "--resume", cwd=folder, threads=2)
    assert fingerprint(folder / "resumed.h5") == fingerprint(folder / "straight.h5")


def test_link_down(network, tmp_path):
    """It ends within 20 s, with an error unless by Open MPI 5's mpirun, whose status is then 0 (the job scripts look for the
    result), and another layout goes on from its checkpoint."""
    with Run(network, tmp_path) as run:
        until(lambda: history(tmp_path)[:1] > [3], 30, what="checkpoints")
        network.link("n2", up=False)
        begin = time.monotonic()
        out, _ = run.process.communicate(timeout=60)
        seconds = time.monotonic() - begin
        assert seconds < 20 and not (tmp_path / "never.h5").exists(), f"{seconds} s, {run.process.returncode}: {out}"
        assert run.process.returncode not in ((75,) if mpi() == "Open MPI 5" else (0, 75)), out
    check(tmp_path)


def test_link_down_for_four_seconds(network, tmp_path):
    """A stall, then it goes on."""
    with Run(network, tmp_path) as run:
        until(lambda: history(tmp_path)[:1] > [3], 30, what="checkpoints")
        network.link("n2", up=False)
        time.sleep(4)
        network.link("n2", up=True)
        last = history(tmp_path)[0]
        until(lambda: history(tmp_path)[0] > last + 3 or run.process.poll() is not None, 30, what="further checkpoints")
        run.process.send_signal(signal.SIGUSR2)
        out, _ = run.process.communicate(timeout=60)
        assert run.process.returncode == 75 and "with a checkpoint in" in out, out
    check(tmp_path)
    assert parts(tmp_path) == []
