"""The clusters of these tests, each brought up once for all of them; where this machine cannot have it, they are skipped."""
import pytest

import cluster
import environment


@pytest.fixture(scope="session")
def ended(request):
    """Nothing is left of the clusters when they have been stopped."""
    yield
    left = environment.end_processes(request.config.mark)
    assert not left, f"left running: {', '.join(left)}"


@pytest.fixture(scope="session")
def slurm(ended):
    """A private Slurm of two nodes with four CPUs each."""
    with cluster.Slurm(nodes=2, cpus=4) as lab:
        yield lab


@pytest.fixture(scope="session")
def network(ended):
    """Four hosts on a network of their own."""
    with cluster.Network(hosts=4) as lab:
        yield lab
