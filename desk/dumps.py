"""Copies of the registry's database while it is in use: SQLite's backup, PostgreSQL's own tools."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa

from desk.database import make_engine

_STAGED = "kompas_restored"
_BEFORE = "kompas_before"
_PROGRAMS = Path("/usr/lib/postgresql")
_PUT_ASIDE = f"""
SET lock_timeout = '30s';
DROP SCHEMA IF EXISTS {_STAGED} CASCADE;
ALTER SCHEMA public RENAME TO {_BEFORE};
CREATE SCHEMA public;
"""
_PUT_BACK = f"""
ALTER SCHEMA public RENAME TO {_STAGED};
ALTER SCHEMA {_BEFORE} RENAME TO public;
"""


class CannotCopy(Exception):
    """A database cannot be copied; the message names it, the fault and the remedy."""


def copy_sqlite(source: Path, target: Path) -> None:
    """A whole copy of `source`, whoever writes to it meanwhile; `target` is written over."""
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as opened,
            closing(sqlite3.connect(target, timeout=30)) as copy,
        ):
            opened.backup(copy)
    except sqlite3.Error as error:
        raise CannotCopy(
            f"{source.name}: cannot be copied to {target.name} ({type(error).__name__}). Check "
            "both disks; a damaged file is moved away first."
        ) from None


def close_sqlite(path: Path) -> None:
    """Let a copy be one file, with nothing beside it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("VACUUM")
        connection.execute("PRAGMA journal_mode=DELETE")


@contextmanager
def frozen(url: str) -> Iterator[tuple[sa.Connection, str]]:
    """A view of a PostgreSQL database at one moment, and its name for `dump`."""
    engine = make_engine(url)
    try:
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            name = connection.scalar(sa.text("SELECT pg_export_snapshot()"))
            yield connection, str(name)
    finally:
        engine.dispose()


def dump(url: str, path: Path, snapshot: str) -> None:
    """The database at `url`, as `frozen` saw it, in PostgreSQL's custom format."""
    _run(
        url,
        "pg_dump",
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        f"--snapshot={snapshot}",
        f"--exclude-schema={_STAGED}",
        f"--file={path}",
        "--dbname",
        _address(url),
    )


def stage(url: str, path: Path, folder: Path) -> str:
    """Load a dump beside the registry, which goes on meanwhile; the address of what was loaded.

    `folder` takes the script for as long as it is needed.
    """
    script = folder / "restore.sql"
    before, after = folder / "before.sql", folder / "after.sql"
    before.write_text(_PUT_ASIDE)
    after.write_text(_PUT_BACK)
    # to a file and not through a pipe: half a script would be carried out and kept
    _run(
        url,
        "pg_restore",
        "--no-owner",
        "--no-privileges",
        "--no-comments",
        f"--file={script}",
        str(path),
    )
    _run(
        url,
        "psql",
        "--no-psqlrc",
        "--quiet",
        "--single-transaction",
        "--set=ON_ERROR_STOP=1",
        "--output=/dev/null",
        "--dbname",
        _address(url),
        *(f"--file={each}" for each in (before, script, after)),
    )
    options = {"options": f"-csearch_path={_STAGED}"}
    staged = sa.make_url(url).update_query_dict(options)
    return str(staged.render_as_string(hide_password=False))


def swap(url: str) -> None:
    """Let what `stage` loaded take the place of the registry, at once."""
    _execute(
        url,
        "SET LOCAL lock_timeout = '30s'",
        "DROP SCHEMA public CASCADE",
        f"ALTER SCHEMA {_STAGED} RENAME TO public",
    )


def discard(url: str) -> None:
    """Drop what `stage` loaded."""
    _execute(url, f"DROP SCHEMA IF EXISTS {_STAGED} CASCADE")


def _execute(url: str, *statements: str) -> None:
    engine = make_engine(url)
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


def _address(url: str) -> str:
    """Without the password: everyone on the machine sees the arguments of a process."""
    address = sa.make_url(url)._replace(drivername="postgresql", password=None)
    return str(address.render_as_string())


def _run(url: str, program: str, *arguments: str) -> None:
    command = [str(_tool(url, program)), *arguments]
    environment = {**os.environ, "PGCONNECT_TIMEOUT": "10"}
    password = sa.make_url(url).password
    if password:
        environment["PGPASSWORD"] = str(password)
    done = subprocess.run(  # noqa: S603
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode:
        # what it said may hold a row
        raise CannotCopy(
            f"KOMPAS_DATABASE_URL: {program} ended with {done.returncode}. Check that the account "
            "owns the database, and the log of the server."
        )


def _tool(url: str, program: str) -> Path:
    """`program` of the server's version, or of the next one there is."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            needed = int(connection.scalar(sa.text("SHOW server_version_num"))) // 10000
    finally:
        engine.dispose()
    found = {
        int(path.parts[-3]): path
        for path in _PROGRAMS.glob(f"*/bin/{program}")
        if path.parts[-3].isdigit()
    }
    on_path = shutil.which(program)
    if on_path:
        found.setdefault(_version(on_path), Path(on_path))
    fit = sorted(version for version in found if version >= needed)
    if not fit:
        raise CannotCopy(
            f"{program} of PostgreSQL {needed} is not installed. On Debian: "
            f"scripts/debian.sh postgresql-client-{needed}"
        )
    return found[fit[0]]


def _version(program: str) -> int:
    said = subprocess.run(  # noqa: S603
        [program, "--version"], capture_output=True, text=True, check=False
    ).stdout
    number = re.search(r" (\d+)", said)
    return int(number[1]) if number else 0
