"""What is on its way to the desk: kept on disk until the desk has it, sent once.

The action server puts cases here and the visitor site contact forms; `bot.delivery` takes them
to the desk. A case is encrypted with a key of the action server and its couriers; a contact form
comes sealed to the desk (`bot.sealing`). A letter has a key, so that neither putting nor sending
it twice makes two of it. Methods block: call them outside the event loop.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import secrets
import sqlite3
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CASE, CONTACT, ERASURE = "case", "contact", "erasure"
"""What a letter is: a case, a contact form, or the wish to erase a conversation's cases."""

WAITING, DELIVERED, ERASED = "waiting", "delivered", "erased"
"""Where it is: still here, with the desk, or refused because the conversation was erased."""

# a visitor waits meanwhile, and what cannot be kept is told
_PATIENCE = 1.5
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NONCE = 12
_LONGEST_PAUSE = 300.0
# doublings of the first pause that reach the longest; days of tries would overflow a float
_MOST_DOUBLINGS = 10
_UNATTENDED = 60.0
_RECEIPT_SECONDS = 2 * 24 * 3600.0
_TABLE = """
CREATE TABLE IF NOT EXISTS letters (
  key TEXT PRIMARY KEY,
  conversation TEXT NOT NULL,
  kind TEXT NOT NULL,
  body BLOB,
  encrypted INTEGER NOT NULL,
  state TEXT NOT NULL,
  created REAL NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  due REAL NOT NULL,
  receipt TEXT
)
"""


@dataclass(frozen=True)
class Letter:
    """Something for the desk. `key` is its Idempotency-Key."""

    key: str
    conversation: str
    kind: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Receipt:
    """What became of a letter: `state`, and what the desk replied once it had it."""

    state: str
    reply: Mapping[str, Any]


class Misplaced(sqlite3.OperationalError):
    """The file of an outbox can never be there."""


class CannotRead(ValueError):
    """A letter cannot be decrypted: KOMPAS_OUTBOX_KEY is another than when it was put."""


class Outbox:
    """Letters in a SQLite file; without `secret` it takes only what is sealed already.

    Where the file cannot be had, on a full disk for one, each use raises `sqlite3.Error` until it
    can: whoever holds an outbox starts all the same.
    """

    def __init__(self, path: str | os.PathLike[str], secret: str | None = None) -> None:
        self._path = str(path)
        self._cipher = AESGCM(hashlib.sha256(secret.encode()).digest()) if secret else None
        self._prepared = False
        with contextlib.suppress(sqlite3.Error):
            self._prepare()

    def _prepare(self) -> None:
        try:
            Path(self._path).parent.mkdir(parents=True, exist_ok=True)
            # nobody else on the machine is to read when who asked for help; SQLite follows for
            # its log
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise sqlite3.OperationalError(type(error).__name__) from None
            raise Misplaced(type(error).__name__) from None
        with contextlib.closing(sqlite3.connect(self._path, timeout=_PATIENCE)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            with connection:
                connection.execute(_TABLE)
                connection.execute("CREATE INDEX IF NOT EXISTS letters_due ON letters (state, due)")
        self._prepared = True

    def put(self, letter: Letter, *, now: float | None = None, hold: float = 0) -> None:
        """Keep a letter until it is delivered; one with a known key is kept as it was.

        It is on the disk when this returns. `hold` leaves the first try, for so many seconds, to
        who puts it. Raises `sqlite3.Error` when it cannot be kept.
        """
        now = time.time() if now is None else now
        with self._connection() as connection:
            self._insert(connection, letter, now, hold)

    def _insert(
        self, connection: sqlite3.Connection, letter: Letter, now: float, hold: float
    ) -> None:
        # escaped: what a visitor typed can hold half a character, which UTF-8 cannot
        raw = json.dumps(dict(letter.body)).encode()
        encrypted = letter.kind == CASE
        body = self._encrypt(raw, letter.key) if encrypted else raw
        connection.execute(
            "INSERT OR IGNORE INTO letters"
            " (key, conversation, kind, body, encrypted, state, created, due)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                letter.key,
                letter.conversation,
                letter.kind,
                body,
                encrypted,
                WAITING,
                now,
                now + hold,
            ),
        )

    def waiting(self, *, now: float | None = None, most: int = 20) -> list[Letter]:
        """Letters whose turn it is, the oldest first.

        Raises `CannotRead`; what cannot be read then waits for a later turn, and the rest goes on.
        """
        now = time.time() if now is None else now
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT key, conversation, kind, body, encrypted FROM letters"
                " WHERE state = ? AND due <= ? ORDER BY created, key LIMIT ?",
                (WAITING, now, most),
            ).fetchall()
        letters, unreadable = [], None
        for row in rows:
            try:
                letters.append(self._letter(row))
            except CannotRead as error:
                self.later(row[0], now=now)
                unreadable = error
        if unreadable is not None:
            raise unreadable
        return letters

    def one(self, key: str) -> Letter | None:
        """A letter that waits, whether or not it is its turn. Raises `CannotRead`."""
        with self._connection() as connection:
            row = connection.execute(
                "SELECT key, conversation, kind, body, encrypted FROM letters"
                " WHERE state = ? AND key = ?",
                (WAITING, key),
            ).fetchone()
        return self._letter(row) if row is not None else None

    def delivered(
        self,
        key: str,
        reply: Mapping[str, Any],
        *,
        state: str = DELIVERED,
        now: float | None = None,
    ) -> None:
        """The desk has it, or wants nothing of it any more: only the reply is kept."""
        now = time.time() if now is None else now
        with self._connection() as connection:
            connection.execute(
                "UPDATE letters SET state = ?, body = NULL, receipt = ?, due = ? WHERE key = ?",
                (state, json.dumps(dict(reply)), now, key),
            )

    def later(self, key: str, *, now: float | None = None) -> None:
        """It could not be delivered: the next try comes after a pause that grows to 5 minutes."""
        now = time.time() if now is None else now
        with self._connection() as connection:
            row = connection.execute("SELECT tries FROM letters WHERE key = ?", (key,)).fetchone()
            tries = row[0] if row is not None else 0
            pause = min(0.5 * 2 ** min(tries, _MOST_DOUBLINGS), _LONGEST_PAUSE)
            connection.execute(
                "UPDATE letters SET tries = tries + 1, due = ? WHERE key = ?", (now + pause, key)
            )

    def receipt(self, key: str) -> Receipt | None:
        """What became of a letter; None for one that was never put or is long delivered."""
        with self._connection() as connection:
            row = connection.execute(
                "SELECT state, receipt FROM letters WHERE key = ?", (key,)
            ).fetchone()
        return Receipt(row[0], json.loads(row[1]) if row[1] else {}) if row is not None else None

    def withdraw(self, conversation: str, *, hold: float = 0) -> Letter:
        """Take back what waits of a conversation; the letter that asks to erase the rest."""
        wish = Letter(erasure_key(conversation), conversation, ERASURE, {})
        with self._connection() as connection:
            connection.execute("DELETE FROM letters WHERE conversation = ?", (conversation,))
            self._insert(connection, wish, time.time(), hold)
        return wish

    def forget(self, conversation: str) -> None:
        """Drop what is remembered of a conversation's letters that are delivered."""
        with self._connection() as connection:
            connection.execute(
                "DELETE FROM letters WHERE conversation = ? AND state != ?", (conversation, WAITING)
            )

    def sweep(self, *, now: float | None = None) -> None:
        """Drop the receipts of letters delivered days ago."""
        now = time.time() if now is None else now
        with self._connection() as connection:
            connection.execute(
                "DELETE FROM letters WHERE state != ? AND due < ?",
                (WAITING, now - _RECEIPT_SECONDS),
            )

    def oldest(self) -> float | None:
        """When the oldest letter that waits was put, in seconds since 1970; None without any."""
        with self._connection() as connection:
            found: float | None = connection.execute(
                "SELECT min(created) FROM letters WHERE state = ?", (WAITING,)
            ).fetchone()[0]
        return found

    def unattended(self, *, now: float | None = None) -> bool:
        """Whether letters wait whose turn was long ago: no courier looks at them."""
        now = time.time() if now is None else now
        with self._connection() as connection:
            found = connection.execute(
                "SELECT 1 FROM letters WHERE state = ? AND due < ? LIMIT 1",
                (WAITING, now - _UNATTENDED),
            ).fetchone()
        return found is not None

    def count(self) -> int:
        """How many letters wait. Raises `sqlite3.Error` when the file cannot be read."""
        with self._connection() as connection:
            found: int = connection.execute(
                "SELECT count(*) FROM letters WHERE state = ?", (WAITING,)
            ).fetchone()[0]
        return found

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        if not self._prepared:
            self._prepare()
        # one for each use: handlers and threads share nothing
        connection = sqlite3.connect(self._path, timeout=_PATIENCE)
        try:
            # an accepted case survives a power cut; what is delivered leaves no remains
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA secure_delete=ON")
            with connection:
                yield connection
        finally:
            connection.close()

    def _encrypt(self, raw: bytes, key: str) -> bytes:
        if self._cipher is None:
            raise CannotRead("KOMPAS_OUTBOX_KEY is not set. Start with `make run`, or set it.")
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, raw, key.encode())

    def _letter(self, row: tuple[str, str, str, bytes, int]) -> Letter:
        key, conversation, kind, body, encrypted = row
        if encrypted:
            try:
                assert self._cipher is not None
                body = self._cipher.decrypt(body[:_NONCE], body[_NONCE:], key.encode())
            except (AssertionError, InvalidTag):
                raise CannotRead(
                    "A letter cannot be read. Set KOMPAS_OUTBOX_KEY to what it was before."
                ) from None
        return Letter(key, conversation, kind, json.loads(body))


def case_key(conversation: str, number: int) -> str:
    """The key of a conversation's hand-over, as the contract has it."""
    return f"{conversation}-{number}"


def erasure_key(conversation: str) -> str:
    """The key of the wish to erase a conversation's cases."""
    return f"{conversation}-erasure"
