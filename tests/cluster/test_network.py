"""mpirun over TCP between hosts that share nothing but a network and the disk."""
import cluster
import program

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


def test_verify_on_four_hosts(network, tmp_path):
    """All checks, the published hash among them, over the network."""
    said = network.mpirun(16, program.PROGRAM, "verify", "--class", "tiny", cwd=tmp_path, env={"OMP_NUM_THREADS": "1"})
    assert "16 of 16 checks passed" in said and "over 4 hosts" in said, said


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
