"""What was erased, remembered beside the registry, so that no backup brings it back.

A line is a keyed hash and a day: without KOMPAS_DESK_INDEX_KEY it says nothing. It is kept as long
as the oldest backup that may still be restored.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

_PATIENCE = 10.0
_TABLE = "CREATE TABLE IF NOT EXISTS erased (token TEXT PRIMARY KEY, day TEXT NOT NULL)"


class ListAway(SQLAlchemyError):
    """The list cannot be had; handled as the registry's own database being away.

    An erasure that could be undone by a backup is none: it fails, and is asked for again.
    """


class ErasedList:
    """Tokens of what was erased, in a SQLite file. Methods block and raise `ListAway`."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)

    def add(self, tokens: Iterable[str], day: date) -> None:
        """Remember `tokens`; they are on the disk when this returns."""
        with self._connection() as connection:
            connection.executemany(
                "INSERT INTO erased VALUES (?, ?) ON CONFLICT DO UPDATE SET day = excluded.day",
                [(token, day.isoformat()) for token in tokens],
            )

    def tokens(self) -> dict[str, date]:
        """Everything remembered, with the day of its erasure."""
        if not self._path.is_file():
            return {}
        with self._connection() as connection:
            rows = connection.execute("SELECT token, day FROM erased").fetchall()
        return {token: date.fromisoformat(day) for token, day in rows}

    def forget(self, before: date) -> None:
        """Drop what was erased before the oldest backup was made."""
        if not self._path.is_file():
            return
        with self._connection() as connection:
            connection.execute("DELETE FROM erased WHERE day < ?", (before.isoformat(),))

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            with contextlib.closing(sqlite3.connect(self._path, timeout=_PATIENCE)) as connection:
                connection.execute("PRAGMA synchronous=FULL")
                connection.execute("PRAGMA secure_delete=ON")
                with connection:
                    connection.execute(_TABLE)
                    yield connection
        except (OSError, sqlite3.Error) as error:
            raise ListAway(
                f"KOMPAS_ERASED cannot be used ({type(error).__name__}). Give a file in a folder "
                "that this process may write to."
            ) from None
