"""The desk as it is, on files of SQLite and on a PostgreSQL server of the tests' own."""

from __future__ import annotations

import copy
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cast import Cast, Desk, hire, open_desk
from postgres import MISSING, Cluster, binaries

from desk.database import migrate

_numbers = itertools.count(1)
_KINDS = ["sqlite", "postgresql"]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "both_databases: runs on SQLite and on PostgreSQL")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """On SQLite alone, unless the test says that the database matters to it, or which."""
    chosen = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "prepared" in metafunc.fixturenames and "prepared" not in chosen:
        both = metafunc.definition.get_closest_marker("both_databases") is not None
        metafunc.parametrize("prepared", _KINDS if both else _KINDS[:1], indirect=True)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The server."""
    if binaries() is None:
        pytest.fail(MISSING)
    cluster = Cluster()
    yield cluster
    cluster.close()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Cast]:
    """A file with tables and colleagues, to copy."""
    path = tmp_path_factory.mktemp("desk") / "desk.db"
    migrate(f"sqlite:///{path}")
    return path, hire(f"sqlite:///{path}")


@pytest.fixture(scope="session")
def migrated_database(cluster: Cluster) -> tuple[str, Cast]:
    """The same on the server."""
    url = cluster.create("migrated")
    migrate(url)
    return "migrated", hire(url)


@pytest.fixture(params=_KINDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    name = f"test{next(_numbers)}"
    yield cluster.create(name)
    cluster.drop(name)


@pytest.fixture
def prepared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Cast]]:
    """The address of a database of each kind with tables and colleagues."""
    if request.param == "sqlite":
        file, cast = request.getfixturevalue("migrated_file")
        shutil.copy(file, tmp_path / "desk.db")
        yield f"sqlite:///{tmp_path}/desk.db", cast
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    template, cast = request.getfixturevalue("migrated_database")
    name = f"test{next(_numbers)}"
    yield cluster.create(name, template=template), cast
    cluster.drop(name)


@pytest.fixture
def url(prepared: tuple[str, Cast]) -> str:
    return prepared[0]


@pytest.fixture
def desk(prepared: tuple[str, Cast]) -> Iterator[Desk]:
    desk = open_desk(*copy.deepcopy(prepared))
    yield desk
    desk.database.close()
