"""Who appears in the tests of the desk, what they bring, and a clock that tests can turn."""

from __future__ import annotations

import itertools
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher

from bot.sealing import new_keys
from desk.access import Member
from desk.crypto import BlindIndex, Vault
from desk.database import Database
from desk.intake import parse_case, parse_contact
from desk.login import Login
from desk.registry import Registry
from desk.settings import Settings
from desk.texts.changes import TextChanges

KEY = "k" * 32
INDEX_KEY = "i" * 32
SEAL_KEY, SEAL_PUBLIC = new_keys()
SERVICE_TOKEN = "s" * 32
PASSWORD = "a long enough password"
# a Tuesday, at eleven in the Netherlands
START = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
_numbers = itertools.count(1)
_folder = tempfile.TemporaryDirectory(prefix="kompas-erased-")


class Clock:
    """Stands still until it is turned."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


def cheap_hasher() -> PasswordHasher:
    """argon2id without the work that makes it safe, and slow."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Desk:
    """A registry with its colleagues."""

    url: str
    database: Database
    vault: Vault
    index: BlindIndex
    registry: Registry
    login: Login
    texts: TextChanges
    clock: Clock
    members: dict[str, Member]
    uris: dict[str, str]

    def __getitem__(self, name: str) -> Member:
        return self.members[name]

    def bring(self, **changes: Any) -> str:
        """Bring a case; its reference."""
        return self.bring_again(1, **changes)

    def bring_again(self, number: int, **changes: Any) -> str:
        """Bring another case of a conversation; its reference."""
        body = case_body(**changes)
        key = f"{body['conversation']}-{number}"
        receipt, is_new = self.registry.create_case(parse_case(body), key)
        assert is_new
        return receipt.reference

    def contact(self, **changes: Any) -> str:
        """Bring a contact form; its contact_ref."""
        return self.registry.store_contact(parse_contact(contact_body(**changes)))[0]


Cast = tuple[dict[str, Member], dict[str, str]]
"""Colleagues by name, and the address for the authenticator app of each."""

COLLEAGUES = {
    "wim": "worker",
    "wilma": "worker",
    "jan": "jurist",
    "joke": "jurist",
    "cor": "coordinator",
    "cora": "coordinator",
    "tess": "translator",
    "tom": "translator",
    "aad": "auditor",
}


def _do_not_wait_for_the_disk(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def open_desk(url: str, cast: Cast) -> Desk:
    """A desk on a database that `hire` prepared, or on a copy of it."""
    database, vault, index, clock = Database(url), Vault([KEY]), BlindIndex(INDEX_KEY), Clock()
    if database.is_sqlite:
        # a machine that loses its power is another test's matter; waiting for the disk is not
        sa.event.listen(database.engine, "connect", _do_not_wait_for_the_disk)
    login = Login(database, vault, index, hasher=cheap_hasher(), clock=clock)
    registry = Registry(database, vault, index, clock)
    texts = TextChanges(database, index, clock)
    return Desk(url, database, vault, index, registry, login, texts, clock, *cast)


def hire(url: str) -> Cast:
    """Make the accounts of the colleagues."""
    desk = open_desk(url, ({}, {}))
    for name, role in COLLEAGUES.items():
        account = desk.login.create_account(name, role, PASSWORD)
        desk.members[name] = Member(account.id, name, role)
        desk.uris[name] = account.totp_uri
    desk.database.close()
    return desk.members, desk.uris


def case_body(**changes: Any) -> dict[str, Any]:
    """A body of `POST /api/cases` of the contract."""
    return {
        "conversation": f"conversation{next(_numbers)}",
        "language": "tr",
        "code": "kinderontvoering",
        "role": "left_behind",
        "countries": {"from": "NL", "to": "TR"},
        "children": [{"birth_year": 2019}],
        "urgent": False,
        "summary": [{"question_id": "q_home_country", "answer": "NL", "verdict": "ok"}],
        "transcript": [
            {"from": "visitor", "text": "Yardım edin", "intent": "child_abducted"},
            {"from": "assistant", "text": "…", "id": "utter_child_abducted", "lang": "tr"},
        ],
        **changes,
    }


def contact_body(**changes: Any) -> dict[str, Any]:
    """A contact form of the contract."""
    return {
        "name": "Ayşe Yılmaz",
        "phone": "+31 6 12345678",
        "channel": "phone",
        "language": "tr",
        "consent": True,
        **changes,
    }


def environment_for(url: str, **changes: str) -> dict[str, str]:
    """The variables of a desk on `url`."""
    return {
        "KOMPAS_DATABASE_URL": url,
        "KOMPAS_ERASED": f"{_folder.name}/erased.db",
        "KOMPAS_DESK_SERVICE_TOKEN": SERVICE_TOKEN,
        "KOMPAS_DESK_KEYS": KEY,
        "KOMPAS_DESK_INDEX_KEY": INDEX_KEY,
        "KOMPAS_DESK_SEAL_KEYS": SEAL_KEY,
        **changes,
    }


def settings_for(url: str, **changes: str) -> Settings:
    """Settings of a desk on `url`."""
    return Settings.from_environment(environment_for(url, **changes))
