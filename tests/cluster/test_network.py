"""mpirun over TCP between hosts that share nothing but a network and the disk."""
import sys

import cluster
import program

sys.path.insert(0, str(program.ROOT / "tests" / "scale"))
from model import Layout, record_bytes  # noqa: E402

MODEL = ("-n", 5000, "-T", 50, "--seed", 11)


def test_four_hosts_give_the_answer_of_one_process(network, wealthsim, tmp_path):
    wealthsim(*MODEL, "-o", "direct.h5", ranks=1, threads=1)
    before = {host: network.bytes_sent(host) for host in network.names}

    network.mpirun(16, program.PROGRAM, *MODEL, "-o", "hosts.h5", cwd=tmp_path, env={"OMP_NUM_THREADS": "1"})

    direct, file = program.read(tmp_path / "direct.h5"), program.read(tmp_path / "hosts.h5")
    assert file.hash == direct.hash
    assert (file["wealth"] == direct["wealth"]).all()
    assert (file.attributes["hosts"], file.attributes["ranks"]) == (4, 16)
    assert all(network.bytes_sent(host) > before[host] for host in network.names)


def test_traffic_of_a_record_is_as_predicted(network, tmp_path):
    """Bytes through the hosts' wires for records of every period, less those of a run with the even ones: what the model
    of cost (tests/scale) says, and TCP's headers and acknowledgements."""
    layout, periods, hosts = Layout(households=400_000, ranks=16), 20, 4

    def sent(record_every):
        before = sum(network.bytes_sent(host) for host in network.names)
        run = ("-n", layout.households, "-T", periods, "--no-wealth", "--record-every", record_every, "-o", "x.h5")
        network.mpirun(layout.ranks, program.PROGRAM, *run, cwd=tmp_path, env={"OMP_NUM_THREADS": "1"})
        return sum(network.bytes_sent(host) for host in network.names) - before

    a_record = (sent(1) - sent(2)) / (periods // 2) / layout.ranks
    least, most = record_bytes(layout, hosts)
    assert least <= a_record <= 1.1 * most, f"{a_record:.0f} bytes per rank: {least:.0f} to {most:.0f} predicted"


def test_verify_on_four_hosts(network, tmp_path):
    """All checks, the published hash among them, over the network."""
    said = network.mpirun(16, program.PROGRAM, "verify", "--class", "tiny", cwd=tmp_path, env={"OMP_NUM_THREADS": "1"})
    assert "18 of 18 checks passed" in said and "over 4 hosts" in said, said


def test_slurm_nodes_on_network_hosts(network, wealthsim, tmp_path):
    """The job script on a Slurm whose nodes reach one another over wires only."""
    wealthsim(*MODEL, "-o", "direct.h5", ranks=1, threads=1)
    with cluster.Slurm(nodes=2, cpus=4, network=network) as slurm:
        env = {"WEALTHSIM": str(program.PROGRAM)}
        number = slurm.submit(program.ROOT / "jobs" / "wealthsim.sbatch", *MODEL, cwd=tmp_path, env=env)
        job = slurm.wait(number)
        assert job["JobState"] == "COMPLETED", slurm.logs()
    file = program.read(tmp_path / f"wealthsim-{number}.h5")
    assert file.hash == program.read(tmp_path / "direct.h5").hash
    assert file.attributes["hosts"] == 2
