"""The database of the registry: connections, transactions, migrations."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.orm import Session

from bot import sqlite_traces

logger = logging.getLogger("kompas.desk.database")

_MIGRATIONS = Path(__file__).with_name("migrations")
_READING = "reading"
_WRITERS = 0x4B4F4D50
"""Number of the PostgreSQL lock that writers take turns by."""


def driver_url(url: str) -> sa.URL:
    """`url` with the driver we install, where it names none."""
    parsed = sa.make_url(url)
    if parsed.drivername == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def make_engine(url: str) -> sa.Engine:
    """An engine for SQLite or PostgreSQL."""
    parsed = driver_url(url)
    options: dict[str, Any] = {"hide_parameters": True, "pool_pre_ping": True}
    if parsed.get_backend_name() == "sqlite":
        options["connect_args"] = {"timeout": 30, "check_same_thread": False}
        engine = sa.create_engine(parsed, **options)
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    options["connect_args"] = {"connect_timeout": 5}
    return sa.create_engine(parsed, pool_size=8, max_overflow=8, **options)


def _prepare_sqlite(connection: Any, _: Any) -> None:
    # we say when a transaction begins; the driver begins too late for reading before writing
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        # what is erased is overwritten, not only marked free
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    reading = connection.get_execution_options().get(_READING, False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


class NewerTables(Exception):
    """The database was brought to a revision that this version does not know."""


class Database:
    """Sessions on the registry. Methods block: call them outside the event loop."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self._reader = self.engine.execution_options(**{_READING: True})

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return str(self.engine.dialect.name) == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that changes nothing."""
        with Session(self._reader) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes are stored together, or not at all.

        One at a time in both databases: two cases taken in at once must find each other, a look
        must not slip past a wall that is being built, and the audit log is one chain.
        """
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            if not self.is_sqlite:
                session.execute(sa.select(sa.func.pg_advisory_xact_lock(_WRITERS)))
            yield session

    def answers(self) -> bool:
        """Whether the database is there with the tables of this version."""
        try:
            with self._reader.connect() as connection:
                current = MigrationContext.configure(connection).get_current_revision()
        except sa.exc.SQLAlchemyError:
            return False
        return current == newest_revision()

    def forget_traces(self) -> None:
        """After an erasure: let nothing of it live on beside the tables."""
        if self.is_sqlite:
            if not sqlite_traces.forget(self.engine):
                logger.warning(
                    "desk.db is in use or too large: sealed copies of what was erased may stay in "
                    "unused parts of the file. See docs/operations.md, Erasure on request."
                )
            return
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as vacuum:
            vacuum.exec_driver_sql("VACUUM")

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def config(url: str) -> Config:
    """The settings of Alembic, which has no file of its own here."""
    settings = Config()
    settings.set_main_option("script_location", str(_MIGRATIONS))
    settings.attributes["url"] = url
    return settings


def newest_revision() -> str | None:
    """The revision that this version of the program works with."""
    return ScriptDirectory(str(_MIGRATIONS)).get_current_head()


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database at `url` to `revision`; makes the file of a new SQLite database."""
    path = sa.make_url(url).database
    if sa.make_url(url).get_backend_name() == "sqlite" and path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    try:
        command.upgrade(config(url), revision)
    except CommandError:
        raise NewerTables(
            "KOMPAS_DATABASE_URL: its tables are of a newer version of Kompas. Start that version, "
            "or restore a backup of this one (docs/backup.md)."
        ) from None
