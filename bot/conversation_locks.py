"""One turn of a conversation at a time, also when several Rasa servers share the database.

Each conversation has a worker (bot/workers.py), and while that is down another: so two could have
it for a moment. What two processes share is the database, so the lock lies beside it: in PostgreSQL
an advisory lock, beside a file of SQLite a lock on one byte of an empty file. Both end with the
process that holds them, however it ends.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any, Protocol

import sqlalchemy as sa
from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore, LockError
from rasa.utils.endpoints import EndpointConfig

from bot.tracker_store import bounded

_PAUSE = 0.05


class _Between(Protocol):
    """A lock that other processes see."""

    def take(self, number: int) -> bool:
        """Take the lock; whether nobody else has it."""

    def give_back(self, number: int) -> None:
        """Let others have it."""


class ConversationLocks(InMemoryLockStore):
    """Named in endpoints.yml; `url` is that of the tracker store."""

    def __init__(self, endpoint_config: EndpointConfig) -> None:
        super().__init__()
        self._between = _between(str(endpoint_config.url or ""))

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        # Rasa's own waits a second, which a visitor would notice
        wait_time_in_seconds: float = _PAUSE,
    ) -> AsyncGenerator[TicketLock, None]:
        """Wait for the lock in this process, then among the processes. Raises `LockError`."""
        async with super().lock(conversation_id, lock_lifetime, wait_time_in_seconds) as ticket:
            if self._between is None:
                yield ticket
                return
            number, until = _number(conversation_id), time.monotonic() + lock_lifetime
            while not self._between.take(number):
                if time.monotonic() > until:
                    raise LockError("Another worker holds the conversation.")
                await asyncio.sleep(wait_time_in_seconds)
            try:
                yield ticket
            finally:
                self._between.give_back(number)


def _between(url: str) -> _Between | None:
    parsed = sa.engine.make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return _Advisory(url)
    in_a_file = parsed.database not in (None, "", ":memory:")
    return _Bytes(f"{parsed.database}-turns") if in_a_file else None


def _number(conversation: str) -> int:
    """A place for each conversation: 60 bits tell all apart."""
    return int.from_bytes(sha256(conversation.encode()).digest()[:8], "big") >> 4


class _Bytes:
    """Beside SQLite. The file stays empty: its bytes are locked, not written."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: int | None = None

    def take(self, number: int) -> bool:
        if self._file is None:
            self._file = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
        except (BlockingIOError, PermissionError):
            return False
        return True

    def give_back(self, number: int) -> None:
        assert self._file is not None
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, number)


class _Advisory:
    """In PostgreSQL, on one connection that only locks."""

    def __init__(self, url: str) -> None:
        self._engine = sa.create_engine(
            bounded(url), isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool
        )
        self._connection: Any = None

    def take(self, number: int) -> bool:
        try:
            return self._ask("SELECT pg_try_advisory_lock(:number)", number)
        except sa.exc.SQLAlchemyError:
            # it may have been away since: with its end the locks on it ended
            self._forget()
            return self._ask("SELECT pg_try_advisory_lock(:number)", number)

    def give_back(self, number: int) -> None:
        try:
            self._ask("SELECT pg_advisory_unlock(:number)", number)
        except sa.exc.SQLAlchemyError:
            self._forget()

    def _ask(self, question: str, number: int) -> bool:
        if self._connection is None:
            self._connection = self._engine.connect()
        found = self._connection.execute(sa.text(question), {"number": number})
        return bool(found.scalar())

    def _forget(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()
