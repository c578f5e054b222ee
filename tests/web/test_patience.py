"""Slow clients: a body that never arrives, and a reply that is never late."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from stand_in import Behind, Visitor

from web import patience


async def _said(visitor: Visitor, data: bytes) -> tuple[bytes, float]:
    """What the site says until it closes the connection, and after how many seconds."""
    began = time.monotonic()
    reader, writer = await asyncio.open_connection(visitor.server.host, visitor.server.port)
    writer.write(data)
    try:
        reply = await asyncio.wait_for(reader.read(), 30)
    finally:
        writer.close()
    return reply, time.monotonic() - began


async def test_a_body_that_does_not_arrive_is_refused_and_the_connection_closed(
    visitor: Visitor, token: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(patience, "_BODY_SECONDS", 0.2)
    head = (
        "POST /api/chat/message HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Authorization: {token}\r\nContent-Length: 90\r\n\r\n"
    )
    reply, seconds = await _said(visitor, head.encode() + b'{"text": "mijn geheim')
    assert reply.startswith(b"HTTP/1.1 400 ")
    assert json.loads(reply.partition(b"\r\n\r\n")[2])["error"] == "malformed"
    assert seconds < 15
    assert b"geheim" not in reply
    assert "geheim" not in caplog.text


async def test_a_body_that_comes_in_pieces_is_read(visitor: Visitor, token: str) -> None:
    async def pieces():
        yield b'{"text": '
        await asyncio.sleep(0.05)
        yield b'"hallo"}'

    reply = await visitor.post(
        "/api/chat/message",
        data=pieces(),
        headers={"Authorization": token, "Content-Type": "application/json"},
    )
    assert reply.status == 200


async def test_whatever_a_handler_waits_for_the_reply_is_in_time(
    visitor: Visitor, behind: Behind, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # as if the handler had no limit of its own
    monkeypatch.setattr(patience, "_MARGIN", -9.7)
    behind.may_answer.clear()
    reply = await visitor.post(
        "/api/chat/message",
        json={"text": "hallo"},
        headers={"Authorization": token},
    )
    behind.may_answer.set()
    body = await reply.json()
    assert (reply.status, body["error"]) == (503, "unavailable")
    assert body["help"]["contacts"]


def test_it_asks_for_all_the_connections_that_the_system_grants() -> None:
    patience.as_many_connections_as_allowed()
    soft, hard = patience.resource.getrlimit(patience.resource.RLIMIT_NOFILE)
    assert soft == hard
