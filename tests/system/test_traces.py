"""Nothing personal in a log, an error, a metric or a file that is no store, whatever fails."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import sqlite3
from collections.abc import Callable

import pytest
from checklist_steps import walk_to
from handover_steps import (
    MARKERS,
    Desk,
    gone,
    send_form,
    to_the_form,
)
from stack import Stack, Visitor

Arrive = Callable[..., Visitor]
_WORD, _SENT = "Steltkluut", "Grutto"
_PROCESSES = ("rasa", "actions", "web", "desk", "delivery")
# requests that no page makes, each with the marker somewhere
_RAW = (
    b"GET /MARK HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /help?lang=MARK HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /api/help.json?lang=MARK&MARK=1 HTTP/1.1\r\nHost: MARK\r\n\r\n",
    b"GET /api/summary.pdf?lang2=MARK HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer MARK\r\n\r\n",
    b"GET /static/../MARK HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /help HTTP/1.1\r\nHost: x\r\nCookie: MARK\r\nUser-Agent: MARK\r\nReferer: MARK\r\n\r\n",
    b"POST /api/chat/start HTTP/1.1\r\nOrigin: https://MARK\r\nContent-Length: 0\r\n\r\n",
    b"POST /api/chat/start HTTP/1.1\r\nContent-Type: MARK\r\nContent-Length: 2\r\n\r\n{}",
    b"POST /api/chat/start HTTP/1.1\r\nHost: x\r\nContent-Length: MARK\r\n\r\n",
    b"POST /api/chat/start HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nMARK\r\n",
    b"POST /webhooks/kompas/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nMARK",
    b"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nMARK",
    b"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 22"
    b'\r\n\r\n{"next_action":"MARK"}',
    b"POST /api/cases HTTP/1.1\r\nIdempotency-Key: MARK\r\nContent-Length: 4\r\n\r\nMARK",
    b"DELETE /webhooks/kompas/conversations/MARK HTTP/1.1\r\nHost: x\r\n\r\n",
    b"MARK / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/9.MARK\r\n\r\n",
    b"MARK\r\n\r\n",
    b"GET / HTTP/1.1\r\nMARK: " + b"x" * 9000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nMARK\x00: MARK\r\n\r\n",
    b"GET /" + b"MARK" * 3000 + b" HTTP/1.1\r\n\r\n",
)


def _raw(port: int, data: bytes) -> bytes:
    """What a process says to bytes that are hardly a request."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(5)
        reply = b""
        with contextlib.suppress(OSError):
            while chunk := connection.recv(65536):
                reply += chunk
        return reply


def _assert_no_log_holds(stack: Stack, words: list[str]) -> None:
    for name in _PROCESSES:
        log = stack.log(name).read_text(errors="replace")
        for word in words:
            assert word not in log, f"{word} in the log of {name}"
        told = stack.metrics(name)
        for word in words:
            assert word not in told, f"{word} in a metric of {name}"


@pytest.mark.parametrize("process", ["web", "rasa", "actions", "desk"])
def test_what_no_page_sends_is_neither_logged_nor_shown(stack: Stack, process: str) -> None:
    for number, data in enumerate(_RAW):
        mark = f"{_SENT}{process}{number}"
        reply = _raw(stack.ports[process], data.replace(b"MARK", mark.encode()))
        if process in ("web", "desk"):
            head = reply.partition(b"\r\n\r\n")[0]
            # aiohttp shows who breaks the protocol where; no browser takes plain text for a page
            quoted = b" 400 " in head and b"Content-Type: text/plain" in head
            assert quoted or mark.encode() not in reply, (data, reply)
    _assert_no_log_holds(stack, [_SENT])


def test_what_is_said_while_things_fail_is_in_no_log(
    stack: Stack, arrive: Arrive, desk: Desk
) -> None:
    talking, asked, form = arrive("nl"), arrive("tr"), arrive("pl")
    walk_to(asked, "q_child_where")
    to_the_form(form)
    everyone = (talking, asked, form)

    def all_speak() -> None:
        for visitor in everyone:
            reply = visitor.say(f"{_WORD} 12, bel {MARKERS[1]} of {MARKERS[2]}")
            assert not reply.failed or _WORD not in json.dumps(reply.body)
            visitor.choose("nl")
        reply = send_form(form, email=f"{_WORD}@voorbeeld.nl")
        assert reply.status == 200 or _WORD not in json.dumps(reply.body)

    with gone(stack, "actions"):
        all_speak()
    with gone(stack, "desk"):
        all_speak()
    for name in ("tracker.db", "outbox.db", "desk.db"):
        with _locked(stack, name):
            all_speak()
    stack.signal("delivery", signal.SIGSTOP)
    try:
        all_speak()
    finally:
        stack.signal("delivery", signal.SIGCONT)
    _damage(stack, [desk.conversation(visitor) for visitor in everyone])
    all_speak()
    tokens = [visitor.token for visitor in everyone]
    senders = [desk.conversation(visitor) for visitor in everyone]
    _assert_no_log_holds(stack, [_WORD, *MARKERS, *tokens, *senders])
    for file in ("outbox.db", "desk.db"):
        found = b"".join(path.read_bytes() for path in stack.folder.glob(f"{file}*"))
        assert _WORD.encode() not in found, f"in the clear in {file}"


@contextlib.contextmanager
def _locked(stack: Stack, name: str):
    with contextlib.closing(sqlite3.connect(stack.folder / name, timeout=60)) as connection:
        connection.isolation_level = None
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


def _damage(stack: Stack, senders: list[str]) -> None:
    with contextlib.closing(sqlite3.connect(stack.folder / "tracker.db", timeout=60)) as found:
        for sender in senders:
            found.execute(
                "UPDATE events SET data = substr(data, 1, length(data) / 2) WHERE id ="
                " (SELECT max(id) - 3 FROM events WHERE sender_id = ?)",
                (sender,),
            )
        found.commit()
