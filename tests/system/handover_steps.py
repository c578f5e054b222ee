"""Steps of handing over to a person, for the tests, and what staff see of it."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from stack import Answer, Stack, Visitor, fetch

from desk.access import COORDINATOR, JURIST, Member
from desk.app import open_stores
from desk.models import Case, Contact, Staff
from desk.registry import Registry
from desk.settings import Settings
from desk.views import CaseView
from web.tokens import Tokens

ASK, ROLE, FORM = "utter_ask_human", "utter_handover_role", "utter_handover_form"
DONE, WAITING, KNOWN = "utter_handover_done", "utter_handover_waiting", "utter_handover_known"
DECLINED, WITHDRAWN = "utter_handover_declined", "utter_handover_withdrawn"
REFERENCE = re.compile(r"K-\d{4}-[0-9A-Z-]+")
# what is typed into the form, found again wherever it should not be
MARKERS = ("Zwaluwnest", "0687654321", "kwartelkoning@voorbeeld.nl", "Bijeneter", "Torenvalk")
WEEK = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_PATIENCE = 180.0


def step(name: str) -> str:
    """What a button of the hand-over sends."""
    return f'/handover{{"handover": "{name}"}}'


def form(**changes: Any) -> dict[str, Any]:
    """The contact form, filled in."""
    name, phone, email, answered, word = MARKERS
    return {
        "name": name,
        "phone": phone,
        "email": email,
        "channel": "phone",
        # at any moment
        "safe_times": [
            {"days": WEEK, "from": "00:00", "to": "13:00"},
            {"days": WEEK, "from": "12:00", "to": "01:00"},
        ],
        "voicemail_allowed": False,
        "if_someone_else_answers": answered,
        "code_word": word,
        "language": "tr",
        "interpreter": True,
        "consent": True,
        **changes,
    }


class Desk:
    """What staff see, read by the registry's own code with the keys of the stack."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._tokens = Tokens(stack.environment["KOMPAS_TOKEN_SECRET"])
        database, vault, index = open_stores(Settings.from_environment(stack.environment))
        self._registry = Registry(database, vault, index)
        self._database = database

    def _colleague(self, role: str = JURIST) -> Member:
        """Somebody with a hand in nothing: what one test opens is no wall before another."""
        person = Staff(
            id=f"{time.time_ns():032x}",
            name=f"{role} {time.time_ns()}",
            role=role,
            password="-",
            totp=b"-",
            created=datetime.now(UTC),
        )
        member = Member(person.id, person.name, person.role)
        with self._database.writing() as session:
            session.add(person)
        return member

    def conversation(self, visitor: Visitor) -> str:
        """The id of a conversation."""
        sender = self._tokens.sender(visitor.token)
        assert sender
        return sender

    def references(self, visitor: Visitor) -> list[str]:
        """The cases of a conversation, the oldest first."""
        return self._select(Case.reference, Case, visitor)

    def contacts(self, visitor: Visitor) -> int:
        """How many contact forms the desk has of a conversation."""
        return len(self._select(Contact.id, Contact, visitor))

    def _select(self, column: Any, table: Any, visitor: Visitor) -> list[Any]:
        wanted = table.conversation == self.conversation(visitor)
        with self._database.reading() as session:
            return list(session.scalars(sa.select(column).where(wanted).order_by(table.created)))

    def case(self, visitor: Visitor) -> CaseView:
        """The one case of a conversation."""
        (reference,) = self.references(visitor)
        return self._registry.look(self._colleague(), reference)

    def details(self, visitor: Visitor) -> dict[str, Any]:
        """What the one contact form of a conversation says, to a colleague in the safe hours."""
        (reference,) = self.references(visitor)
        (contact,) = self._registry.contacts(self._colleague(), reference)
        return {**contact.safety, **contact.details}

    def erase(self, visitor: Visitor) -> None:
        """Erase the one case of a conversation, as a coordinator does."""
        (reference,) = self.references(visitor)
        self._registry.erase_case(self._colleague(COORDINATOR), reference)

    def pending(self) -> list[str]:
        """Conversations that the Rasa server still has to erase."""
        return self._registry.pending_erasures()

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()


def send_form(visitor: Visitor, **changes: Any) -> Answer:
    """Send the contact form as the page does."""
    headers = {"Authorization": f"Bearer {visitor.token}"}
    return fetch(visitor.stack, "POST", "/api/contact", form(**changes), headers)


def to_the_form(visitor: Visitor, role: str = "left_behind") -> None:
    """Give permission and say who one is."""
    assert visitor.press("/ask_human").ids == [ASK]
    assert visitor.press(step("yes")).ids == [ROLE]
    assert visitor.press(step(f"role={role}")).ids == [FORM]


def reference_in(reply: Answer) -> str:
    """The number that the visitor is told."""
    found = REFERENCE.search(reply.text)
    assert found, reply.ids
    return found[0]


def eventually(look: Callable[[], Any]) -> Any:
    """What `look` returns as soon as it is something: what is on its way, others bring."""
    until = time.monotonic() + _PATIENCE
    while not (found := look()):
        assert time.monotonic() < until, "it never came"
        time.sleep(0.1)
    return found


def number_told(visitor: Visitor) -> str:
    """The number, as soon as the visitor hears it on asking."""

    def asked_again() -> str | None:
        reply = visitor.press(step("status"))
        assert reply.ids[0] in (WAITING, KNOWN), reply.ids
        return reference_in(reply) if reply.ids[0] == KNOWN else None

    return str(eventually(asked_again))


def texts(view: CaseView) -> str:
    """All that was said, as staff read it."""
    assert view.content
    return json.dumps(view.content.transcript, ensure_ascii=False)


@contextlib.contextmanager
def gone(stack: Stack, name: str) -> Iterator[None]:
    """While a process is dead."""
    stack.kill(name)
    try:
        yield
    finally:
        stack.start(name)


def outbox(stack: Stack) -> list[tuple[str, str, bytes | None]]:
    with contextlib.closing(sqlite3.connect(stack.folder / "outbox.db")) as connection:
        return list(connection.execute("SELECT conversation, kind, body FROM letters"))


def assert_in_no_file(stack: Stack, words: tuple[str, ...]) -> None:
    # in a process of its own: whoever closes a file of SQLite lets go of all locks on it, the
    # ones of the registry that is open here, too
    sought = [argument for word in words for argument in ("-e", word)]
    found = subprocess.run(
        # a journal of SQLite may go while it looks
        ["grep", "-srlaF", *sought, str(stack.folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout == "", f"in {found.stdout}"
    assert found.returncode in (1, 2)


def withdraw(visitor: Visitor) -> Answer:
    assert visitor.press(step("withdraw")).ids == ["utter_handover_withdraw_ask"]
    return visitor.press(step("withdraw_yes"))
