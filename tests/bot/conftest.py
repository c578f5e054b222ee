"""A PostgreSQL server for the tests that ask for one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from postgres import MISSING, Cluster, binaries, patient

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The server."""
    if binaries() is None:
        pytest.fail(MISSING)
    cluster = Cluster()
    yield cluster
    cluster.close()


@pytest.fixture
def database(cluster: Cluster) -> Iterator[str]:
    """The address of a database without tables."""
    name = f"test{next(_numbers)}"
    yield patient(cluster.create(name))
    cluster.drop(name)
