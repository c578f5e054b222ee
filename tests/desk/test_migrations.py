"""The models and the migrations say the same, in both databases."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from desk.database import Database, config, make_engine, migrate
from desk.models import Base


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
