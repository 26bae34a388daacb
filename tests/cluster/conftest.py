"""The clusters of these tests, each brought up once for all of them, where this machine can have it."""
import pytest

import cluster


@pytest.fixture(scope="session")
def slurm():
    """A private Slurm of two nodes with four CPUs each."""
    try:
        lab = cluster.Slurm(nodes=2, cpus=4)
    except cluster.NotPossibleHere as reason:
        pytest.skip(f"Slurm: {reason}")
    with lab:
        yield lab


@pytest.fixture(scope="session")
def network():
    """Four hosts on a network of their own."""
    try:
        lab = cluster.Network(hosts=4)
    except cluster.NotPossibleHere as reason:
        pytest.skip(f"network hosts: {reason}")
    with lab:
        yield lab
