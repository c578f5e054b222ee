"""The models and the migrations say the same, in both databases."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from desk.database import Database, config, make_engine, migrate
from desk.models import Base

EARLIER = [
    script.revision
    for script in ScriptDirectory.from_config(config("sqlite://")).walk_revisions()
    if script.nextrev
]


@pytest.mark.both_databases
def test_models_equal_migrations(url: str):
    engine = make_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_there_is_one_history():
    assert len(ScriptDirectory.from_config(config("sqlite://")).get_heads()) == 1


def test_down_and_up_again(empty_url: str):
    migrate(empty_url)
    command.downgrade(config(empty_url), "base")
    engine = make_engine(empty_url)
    assert set(sa.inspect(engine).get_table_names()) == {"alembic_version"}
    engine.dispose()
    migrate(empty_url)


def filled(engine: sa.Engine) -> dict[str, list[dict[str, object]]]:
    """A row in every table, whatever this revision's columns are; what is then in them."""
    metadata = sa.MetaData()
    metadata.reflect(engine)
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            if connection.execute(sa.select(sa.func.count()).select_from(table)).scalar():
                continue
            row = {column.name: value_for(column) for column in table.columns}
            connection.execute(sa.insert(table), row)
    return contents(engine)


def value_for(column: sa.Column[Any]) -> object:
    if column.name == "id" and not isinstance(column.type, sa.Integer):
        return "i" * 32
    if column.foreign_keys:
        return "i" * 32
    kinds: list[tuple[type, object]] = [
        (sa.Boolean, True),
        (sa.Integer, 7),
        (sa.DateTime, datetime(2026, 11, 22, 9, 30, 1)),
        (sa.LargeBinary, b"\x00sealed\xff"),
    ]
    for kind, value in kinds:
        if isinstance(column.type, kind):
            return value
    return "ç"


def contents(engine: sa.Engine) -> dict[str, list[dict[str, object]]]:
    metadata = sa.MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        return {
            table.name: [
                {
                    name: bytes(each) if isinstance(each, memoryview) else each
                    for name, each in row.items()
                }
                for row in connection.execute(sa.select(table)).mappings()
            ]
            for table in metadata.sorted_tables
            if table.name != "alembic_version"
        }


def keeps(
    before: dict[str, list[dict[str, object]]], after: dict[str, list[dict[str, object]]]
) -> bool:
    """Whether every row is still there, perhaps with columns more."""
    return all(
        len(rows) == len(after[table])
        and all(old.items() <= new.items() for old, new in zip(rows, after[table]))
        for table, rows in before.items()
    )


@pytest.mark.parametrize("revision", EARLIER)
def test_what_was_written_at_an_earlier_revision_is_kept(empty_url: str, revision: str):
    migrate(empty_url, revision)
    engine = make_engine(empty_url)
    before = filled(engine)
    assert all(before.values())
    migrate(empty_url)
    assert keeps(before, contents(engine))
    command.downgrade(config(empty_url), revision)
    assert contents(engine) == before
    migrate(empty_url)
    assert keeps(before, contents(engine))
    engine.dispose()


def test_migrating_twice_changes_nothing(empty_url: str):
    migrate(empty_url)
    migrate(empty_url)


def test_a_database_without_tables_is_not_ready(empty_url: str):
    database = Database(empty_url)
    assert not database.answers()
    migrate(empty_url)
    assert database.answers()
    database.close()


def test_a_database_that_is_away_is_not_ready():
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    assert not database.answers()


def test_sqlite_overwrites_what_is_deleted(migrated_file: tuple[Path, object]):
    engine = make_engine(f"sqlite:///{migrated_file[0]}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    engine.dispose()
