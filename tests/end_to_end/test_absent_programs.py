"""A machine without one of the programs that tests use for more: those tests are skipped and say so, none fails."""
import os
import re
import subprocess
import sys

import program
import pytest

NETWORK = "cluster/test_network.py::test_four_hosts_give_the_answer_of_one_process"
BOTH = "cluster/test_network.py::test_slurm_nodes_on_network_hosts"
SLURM = "cluster/test_sweep_array.py::test_without_an_array_one_after_the_other"
USERS = {
    "strace": ["end_to_end/test_checkpoint_takeover.py::test_older_is_held_up_at_the_last_moment"],
    "ncdump": ["end_to_end/test_readers.py::test_ncdump"],
    "h5dump": ["end_to_end/test_readers.py::test_h5dump"],
    "Rscript": ["end_to_end/test_readers.py::test_r"],
    "ip": [NETWORK],
    "bridge": [NETWORK],
    "nsenter": [NETWORK],
    "unshare": [NETWORK, SLURM],
    "munged": [SLURM],
    "slurmctld": [SLURM, BOTH, "cluster/test_slurm_node_lost.py"],
}


def path_without(name, folder):
    """A folder of links to all programs but one, as $PATH."""
    folder.mkdir()
    for place in [*os.environ["PATH"].split(":"), "/usr/sbin", "/sbin"]:
        for entry in os.listdir(place) if os.path.isdir(place) else ():
            if entry != name and not (folder / entry).is_symlink():
                (folder / entry).symlink_to(os.path.join(place, entry))
    return str(folder)


@pytest.mark.parametrize("name", USERS)
def test_skipped_without(tmp_path, name):
    tests = [str(program.ROOT / "tests" / user) for user in USERS[name]]
    env = {**os.environ, "PATH": path_without(name, tmp_path / "bin"), "WEALTHSIM_TEST_SBIN": ""}
    command = [sys.executable, "-m", "pytest", f"--build={program.PROGRAM.parent}", f"--basetemp={tmp_path}/t", *tests]
    done = subprocess.run(command, env=env, cwd=program.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert re.fullmatch("0 passed, 0 failed, [1-9][0-9]* skipped", done.stdout.splitlines()[-1]), done.stdout
    assert "SKIPPED" in done.stdout and done.returncode == 5, done.stdout
