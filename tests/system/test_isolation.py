"""Conversations never mix, tokens of others open nothing, and an ended conversation is gone."""

from __future__ import annotations

import base64
import http.client
import json
import secrets
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from aiohttp import web
from checklist_steps import answer, asked, walk_to
from handover_steps import (
    DONE,
    FORM,
    KNOWN,
    WITHDRAWN,
    Desk,
    eventually,
    reference_in,
    send_form,
    step,
    texts,
    withdraw,
)
from stack import LANGUAGES, Stack, Visitor, fetch

from web.routes import add_routes
from web.tokens import Tokens

Arrive = Callable[..., Visitor]
_AT_ONCE = 20
# what an address of the visitor API needs no token for
_OPEN = {"/api/chat/start", "/api/help.json"}


def _mark(number: int) -> str:
    return f"Mezenkop{number:02d}qx"


def test_twenty_conversations_at_once_never_mix(stack: Stack, arrive: Arrive, desk: Desk) -> None:
    """Each writes, answers the list, changes its language and hands over; none waits its turn."""

    def walk(number: int) -> tuple[Visitor, str]:
        language, other = (LANGUAGES[(number + step) % len(LANGUAGES)] for step in (0, 1))
        visitor = arrive(language)
        visitor.say(f"{_mark(number)} mag mee op reis, wat heb ik nodig?")
        assert asked(walk_to(visitor, "q_age")) == "q_age"
        visitor.press(answer("q_age", f"{number % 15}+{number % 15}"))
        visitor.press(answer("q_event", "taken"))
        reply = visitor.choose(other)
        assert (reply.lang, asked(reply)) == (other, "q_date")
        visitor.press("/ask_human")
        visitor.press(step("yes"))
        told = send_form(visitor, name=_mark(number), phone=f"06111122{number:02d}")
        assert set(told.ids) & {DONE, KNOWN}
        return visitor, reference_in(told)

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        came = list(threads.map(walk, range(_AT_ONCE)))
    assert len({reference for _, reference in came}) == _AT_ONCE
    for number, (visitor, reference) in enumerate(came):
        assert desk.references(visitor) == [reference]
        eventually(lambda: desk.contacts(visitor))  # noqa: B023 - looked at before the next
        details, said = desk.details(visitor), texts(desk.case(visitor))
        assert (details["name"], details["phone"]) == (_mark(number), f"06111122{number:02d}")
        found = {other for other in range(_AT_ONCE) if _mark(other) in said}
        assert found == {number}


def _routes() -> list[tuple[str, str]]:
    app = web.Application()
    add_routes(app)
    found = []
    for route in app.router.routes():
        path = route.resource.canonical if route.resource else ""
        if path.startswith("/api/") and path not in _OPEN and route.method != "HEAD":
            found.append((route.method, path))
    return sorted(found)


_BODIES = {
    "/api/chat/message": {"payload": "/menu"},
    "/api/contact": {"channel": "phone", "phone": "0612345678", "language": "nl", "consent": True},
    "/api/checklist/code": {"number": "123456"},
    "/api/checklist/open": {"words": "een twee drie vier", "number": "123456"},
}


@pytest.mark.parametrize(("method", "path"), _routes())
def test_a_token_that_is_not_ones_own_opens_nothing(
    stack: Stack, arrive: Arrive, method: str, path: str
) -> None:
    visitor, ended = arrive("nl"), arrive("tr")
    sender = Tokens(stack.environment["KOMPAS_TOKEN_SECRET"]).sender(visitor.token)
    assert sender
    ended.end()
    raw = bytearray(base64.urlsafe_b64decode(visitor.token))
    raw[5] ^= 1
    of_no_use = {
        "none": "",
        "changed": base64.urlsafe_b64encode(raw).decode(),
        "of another site": Tokens(secrets.token_hex(32)).issue(),
        "made up": secrets.token_urlsafe(48),
        "the id inside": sender,
        "the secret inside": stack.environment["KOMPAS_CHANNEL_SECRET"],
        "cut off": visitor.token[:-1],
        "twice": visitor.token * 2,
        "never begun": Tokens(stack.environment["KOMPAS_TOKEN_SECRET"]).issue(),
        "ended": ended.token,
    }
    for name, token in of_no_use.items():
        reply = fetch(stack, method, path, _BODIES.get(path), {"Authorization": f"Bearer {token}"})
        # to end what has ended is no fault, and tells nothing
        wanted = 204 if path == "/api/chat/end" and name in ("ended", "never begun") else 401
        assert reply.status == wanted, (name, reply.body)
        assert not token or token not in json.dumps(reply.body), name
    assert visitor.press("/menu").ids == ["utter_menu"], "its own still does"


def test_no_token_of_a_visitor_opens_what_lies_behind(stack: Stack, arrive: Arrive) -> None:
    visitor, other = arrive("nl"), arrive("pl")
    tokens = Tokens(stack.environment["KOMPAS_TOKEN_SECRET"])
    sender = tokens.sender(other.token)
    behind = [
        ("rasa", "POST", "/webhooks/kompas/messages"),
        ("rasa", "DELETE", f"/webhooks/kompas/conversations/{sender}"),
        ("rasa", "GET", f"/webhooks/kompas/conversations/{sender}/checklist"),
        ("desk", "POST", "/api/cases"),
        ("desk", "DELETE", f"/api/conversations/{sender}"),
    ]
    for process, method, path in behind:
        connection = http.client.HTTPConnection("127.0.0.1", stack.ports[process], timeout=20)
        headers = {"Authorization": f"Bearer {visitor.token}", "Content-Type": "application/json"}
        connection.request(method, path, b"{}", headers)
        assert connection.getresponse().status == 401, path
        connection.close()
    assert other.press("/menu").ids == ["utter_menu"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_taken_back_and_ended_is_in_no_store(
    stack: Stack, arrive: Arrive, desk: Desk, language: str
) -> None:
    marks = [f"Roerdomp{language}{number}" for number in range(3)]
    visitor, stays = arrive(language), arrive(language)
    stays.say("Ik blijf nog even praten over een reis")
    for _ in range(15):
        # more than fits on a page of the database
        visitor.say(f"{marks[0]} {'is mijn kind, en nog veel meer. ' * 20}")
    walk_to(visitor, "q_event")
    visitor.say(marks[1])
    # who it is, the list knows
    visitor.press("/ask_human")
    assert visitor.press(step("yes")).ids == [FORM]
    send_form(visitor, name=marks[2], code_word=marks[2])
    eventually(lambda: desk.contacts(visitor))
    sender = desk.conversation(visitor)
    found = _files_with(stack, marks[0])
    assert found and found <= {"tracker.db", "tracker.db-wal"}
    assert withdraw(visitor).ids[0] == WITHDRAWN
    assert visitor.end().status == 204
    for mark in (*marks, visitor.token, sender):
        assert _files_with(stack, mark) == set(), mark
    assert not stays.press("/menu").failed
    assert visitor.press("/menu").status == 401


def _files_with(stack: Stack, word: str) -> set[str]:
    # in a process of its own: whoever closes a file of SQLite lets go of all locks on it
    found = subprocess.run(
        ["grep", "-srlaF", "-e", word, str(stack.folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    return {line.rpartition("/")[2] for line in found.stdout.splitlines()}
