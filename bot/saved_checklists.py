"""Checklists kept for later under a short code of words and a number that the parent chose.

What is stored is encrypted with a key made of both, so the database alone opens nothing. A code
that is wrong, used, withdrawn or out of date is answered in one and the same way, after the same
work. It works once.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.languages import clean, fold

WORDS = Path(__file__).parent / "checklist" / "words"
WORDS_IN_CODE = 4
LEAST_DIGITS, MOST_DIGITS = 4, 12
MOST_FAILURES = 5
"""Wrong numbers for one code after which it is gone."""

_NONCE = 12
_metadata = sa.MetaData()
_table = sa.Table(
    "kompas_saved_checklists",
    _metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("owner", sa.String(64), nullable=False, index=True),
    sa.Column("salt", sa.LargeBinary, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("expires", sa.Float, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False, default=0),
)


def kept_days() -> int:
    """Days for which a checklist is kept."""
    return int(os.environ.get("KOMPAS_CODE_DAYS", "14"))


class NotOpened(Exception):
    """Words and number together open nothing; why is nobody's business."""


@dataclass(frozen=True)
class Code:
    """What the parent writes down, and until when it works."""

    words: tuple[str, ...]
    expires: datetime


@dataclass(frozen=True)
class Kept:
    """A kept checklist that its words and number opened; it works until it is used up."""

    id: str
    content: Any


@cache
def words(language: str) -> tuple[str, ...]:
    """The words that codes in `language` are made of."""
    return tuple((WORDS / f"{language}.txt").read_text(encoding="utf-8").split())


def is_number(number: object) -> bool:
    """Whether `number` can be the parent's own: four to twelve digits."""
    return (
        isinstance(number, str)
        and number.isascii()
        and number.isdigit()
        and LEAST_DIGITS <= len(number) <= MOST_DIGITS
    )


class SavedChecklists:
    """The table of kept checklists in the database of the conversations.

    `secret` keys the ids, so that a copy of the database says nothing of words or conversations.
    Methods work for some 50 ms on purpose (scrypt): call them outside the event loop.
    """

    def __init__(self, engine: sa.engine.Engine, secret: str, days: int) -> None:
        self._engine = engine
        self._key = hashlib.sha256(b"saved:" + secret.encode()).digest()
        self.days = days
        self._has_table = False
        # the database may be away; and where several workers begin at once one of them makes it
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            self._make_table()

    def _make_table(self) -> None:
        _metadata.create_all(self._engine)
        self._has_table = True

    @contextlib.contextmanager
    def _begun(self) -> Iterator[sa.engine.Connection]:
        if not self._has_table:
            self._make_table()
        with self._engine.begin() as connection:
            yield connection

    def keep(self, owner: str, content: Any, number: str, language: str, now: datetime) -> Code:
        """Keep `content` (JSON) for `owner`; what was kept for the same before is gone."""
        chosen = tuple(secrets.choice(words(language)) for _ in range(WORDS_IN_CODE))
        expires = now + timedelta(days=self.days)
        salt, nonce = os.urandom(16), os.urandom(_NONCE)
        plain = json.dumps(content).encode()
        sealed = AESGCM(_stretched(chosen, number, salt)).encrypt(nonce, plain, None)
        with self._begun() as connection:
            self._forget_old(connection, now)
            connection.execute(_table.delete().where(_table.c.owner == self._hidden(owner)))
            connection.execute(
                _table.insert().values(
                    id=self._id(chosen),
                    owner=self._hidden(owner),
                    salt=salt,
                    content=nonce + sealed,
                    expires=expires.timestamp(),
                    failures=0,
                )
            )
        return Code(chosen, expires)

    def open(self, said: str, number: str, now: datetime) -> Any:
        """The content behind the words `said` and `number`, which is then gone.

        Raises `NotOpened`.
        """
        found = self.find(said, number, now)
        self.use_up(found)
        return found.content

    def find(self, said: str, number: str, now: datetime) -> Kept:
        """What the words `said` and `number` open. Raises `NotOpened`."""
        chosen = tuple(fold(clean(said)).replace(",", " ").replace("-", " ").split())
        with self._begun() as connection:
            self._forget_old(connection, now)
            found = connection.execute(
                _table.select().where(_table.c.id == self._id(chosen))
            ).fetchone()
        # the same work for a code that does not exist
        key = _stretched(chosen, number, found.salt if found else b"\0" * 16)
        if found is None:
            raise NotOpened
        try:
            content = json.loads(
                AESGCM(key).decrypt(found.content[:_NONCE], found.content[_NONCE:], None)
            )
        except InvalidTag:
            self._count_failure(found.id)
            raise NotOpened from None
        return Kept(found.id, content)

    def use_up(self, found: Kept) -> None:
        """Let `found` be gone. Raises `NotOpened` when somebody else used it meanwhile."""
        with self._begun() as connection:
            gone = connection.execute(_table.delete().where(_table.c.id == found.id))
            if gone.rowcount != 1:
                raise NotOpened

    def withdraw(self, owner: str) -> None:
        """Erase what is kept for `owner`."""
        with self._begun() as connection:
            connection.execute(_table.delete().where(_table.c.owner == self._hidden(owner)))

    def forget_old(self, now: datetime) -> None:
        """Erase what is past its days."""
        with self._begun() as connection:
            self._forget_old(connection, now)

    def _count_failure(self, identity: str) -> None:
        with self._begun() as connection:
            connection.execute(
                _table.update()
                .where(_table.c.id == identity)
                .values(failures=_table.c.failures + 1)
            )
            connection.execute(
                _table.delete().where(
                    sa.and_(_table.c.id == identity, _table.c.failures >= MOST_FAILURES)
                )
            )

    @staticmethod
    def _forget_old(connection: sa.engine.Connection, now: datetime) -> None:
        connection.execute(_table.delete().where(_table.c.expires <= now.timestamp()))

    def _id(self, chosen: tuple[str, ...]) -> str:
        return self._hidden(" ".join(fold(word) for word in chosen))

    def _hidden(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


def _stretched(chosen: tuple[str, ...], number: str, salt: bytes) -> bytes:
    phrase = " ".join(fold(word) for word in chosen) + "\n" + number
    return hashlib.scrypt(phrase.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)


def current_time() -> datetime:
    """Now, in UTC."""
    return datetime.now(timezone.utc)
