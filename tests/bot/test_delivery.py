"""Delivery: from the outbox to a desk that answers, refuses, hangs or is not there."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from desk_stand_in import REPLIES, Desk

from bot import delivery
from bot.delivery import deliver, outbox_from_environment
from bot.desk_access import DeskAccess
from bot.outbox import (
    CASE,
    CONTACT,
    DELIVERED,
    ERASED,
    ERASURE,
    WAITING,
    Letter,
    Outbox,
    Receipt,
    case_key,
    erasure_key,
)

ROOT = Path(__file__).parents[2]
SECRET, TOKEN = "k" * 64, "t" * 40
CONVERSATION = "0a" * 32
CASE_LETTER = Letter(
    case_key(CONVERSATION, 1),
    CONVERSATION,
    CASE,
    {"conversation": CONVERSATION, "transcript": [{"from": "visitor", "text": "mijn geheim"}]},
)
FORM_LETTER = Letter("r" * 43, CONVERSATION, CONTACT, {"sealed": "abc"})
ERASURE_LETTER = Letter(erasure_key(CONVERSATION), CONVERSATION, ERASURE, {})


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox.db", SECRET)


@pytest.fixture
async def desk() -> AsyncIterator[tuple[Desk, DeskAccess]]:
    stand_in = Desk()
    async with TestServer(stand_in.app()) as server:
        yield stand_in, DeskAccess(str(server.make_url("")).rstrip("/"), TOKEN)
        stand_in.released.set()


async def sent(
    outbox: Outbox, access: DeskAccess, letter: Letter = CASE_LETTER, timeout: float = 5
) -> bool:
    await asyncio.to_thread(outbox.put, letter)
    async with aiohttp.ClientSession() as session:
        return await deliver(outbox, letter, session, access, timeout=timeout)


def is_kept(outbox: Outbox, letter: Letter = CASE_LETTER) -> bool:
    return outbox.one(letter.key) == letter


@pytest.mark.parametrize(
    ("letter", "request_line"),
    [
        (CASE_LETTER, ("POST", "/api/cases")),
        (FORM_LETTER, ("POST", "/api/contacts")),
        (ERASURE_LETTER, ("DELETE", f"/api/conversations/{CONVERSATION}")),
    ],
)
async def test_each_kind_of_letter_reaches_its_address(desk, outbox, letter, request_line):
    stand_in, access = desk
    assert await sent(outbox, access, letter)
    assert stand_in.requests == [request_line]
    assert stand_in.headers[0]["Authorization"] == f"Bearer {TOKEN}"
    assert stand_in.headers[0]["Idempotency-Key"] == letter.key
    assert stand_in.kept == {letter.key: dict(letter.body) or None}
    assert outbox.receipt(letter.key) == Receipt(DELIVERED, REPLIES[letter.kind])
    assert outbox.count() == 0


async def test_the_same_letter_again_is_the_same_case(desk, outbox):
    stand_in, access = desk
    assert await sent(outbox, access)
    assert await sent(outbox, access)
    assert len(stand_in.requests) == 2
    assert len(stand_in.kept) == 1
    assert outbox.receipt(CASE_LETTER.key) == Receipt(DELIVERED, REPLIES[CASE])


async def test_two_couriers_with_the_same_letter_deliver_one_case(desk, outbox, tmp_path):
    stand_in, access = desk
    other = Outbox(tmp_path / "outbox.db", SECRET)
    assert await asyncio.gather(sent(outbox, access), sent(other, access)) == [True, True]
    assert list(stand_in.kept) == [CASE_LETTER.key]
    assert outbox.count() == 0


async def test_of_an_erased_conversation_nothing_more_is_sent(desk, outbox):
    stand_in, access = desk
    stand_in.status = 410
    assert await sent(outbox, access)
    assert outbox.receipt(CASE_LETTER.key) == Receipt(ERASED, {})
    assert outbox.count() == 0


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 415, 429, 500, 503])
async def test_what_is_refused_stays(desk, outbox, status, caplog):
    stand_in, access = desk
    stand_in.status = status
    assert not await sent(outbox, access)
    assert is_kept(outbox)
    assert outbox.receipt(CASE_LETTER.key) == Receipt(WAITING, {})
    assert str(status) in caplog.text


GARBAGE = [
    b"",
    b"<html>",
    b"{broken",
    b"\xff\xfe",
    b"[]",
    b"null",
    b"{}",
    b'{"reference": ""}',
    b'{"alive": true}',
]


@pytest.mark.parametrize(
    ("letter", "body"),
    [
        *((CASE_LETTER, body) for body in GARBAGE),
        (FORM_LETTER, b'{"reference": "K-2026-1"}'),
        (ERASURE_LETTER, b'{"contact_ref": "r"}'),
    ],
)
async def test_a_reply_that_is_not_the_desks_delivers_nothing(desk, outbox, letter, body):
    stand_in, access = desk
    stand_in.body = body
    assert not await sent(outbox, access, letter)
    assert is_kept(outbox, letter)


async def test_a_page_instead_of_json_delivers_nothing(outbox):
    async def page(request: web.Request) -> web.Response:
        return web.Response(text='{"reference": "K-2026-1"}', content_type="text/html")

    app = web.Application()
    app.router.add_post("/api/cases", page)
    async with TestServer(app) as server:
        access = DeskAccess(str(server.make_url("")).rstrip("/"), TOKEN)
        assert not await sent(outbox, access)
    assert is_kept(outbox)


async def test_a_desk_that_hangs_is_not_waited_for(desk, outbox):
    stand_in, access = desk
    stand_in.hangs = True
    began = time.monotonic()
    assert not await sent(outbox, access, timeout=0.2)
    # not the ten seconds that are usual
    assert time.monotonic() - began < 9
    assert is_kept(outbox)


async def test_a_desk_that_is_cut_off_while_it_answers_gets_the_letter_again(desk, outbox):
    stand_in, access = desk
    stand_in.hangs = True
    assert not await sent(outbox, access, timeout=0.2)
    stand_in.hangs = False
    assert await sent(outbox, access)
    assert list(stand_in.kept) == [CASE_LETTER.key]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://", "nonsense", ""])
async def test_no_desk_at_all_keeps_the_letter(outbox, url):
    assert not await sent(outbox, DeskAccess(url, TOKEN))
    assert is_kept(outbox)


@pytest.mark.parametrize("failing", ["refused", "garbage", "away", "erased", "delivered"])
async def test_nothing_personal_is_logged(desk, outbox, caplog, failing):
    stand_in, access = desk
    if failing == "refused":
        stand_in.status = 400
    elif failing == "garbage":
        stand_in.body = b"mijn geheim"
    elif failing == "erased":
        stand_in.status = 410
    elif failing == "away":
        access = DeskAccess("http://127.0.0.1:1", TOKEN)
    with caplog.at_level(logging.DEBUG):
        await sent(outbox, access)
    ours = "\n".join(r.getMessage() for r in caplog.records if not r.name.startswith("asyncio"))
    for words in ("geheim", CONVERSATION, TOKEN):
        assert words not in ours
    assert all(record.exc_info is None for record in caplog.records)


async def test_each_failure_makes_the_next_try_later(outbox):
    outbox.put(CASE_LETTER, now=0.0)
    async with aiohttp.ClientSession() as session:
        for _ in range(3):
            before = time.time()
            await deliver(outbox, CASE_LETTER, session, DeskAccess("http://127.0.0.1:1", TOKEN))
    assert outbox.waiting(now=before + 1.9) == []
    assert outbox.waiting(now=time.time() + 2) == [CASE_LETTER]


async def until_waiting(outbox: Outbox, count: int) -> None:
    """Wait until so many letters wait."""

    async def look() -> None:
        while await asyncio.to_thread(outbox.count) != count:
            await asyncio.sleep(0.02)

    await asyncio.wait_for(look(), 10)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "_EVERY", 0.01)
    monkeypatch.setattr(delivery, "_AFTER_FAULT", 0.01)


@pytest.mark.usefixtures("quick")
async def test_the_courier_takes_everything_that_waits(desk, outbox):
    stand_in, access = desk
    courier = asyncio.create_task(delivery.run(outbox, access))
    for letter in (CASE_LETTER, FORM_LETTER, ERASURE_LETTER):
        outbox.put(letter)
    await until_waiting(outbox, 0)
    courier.cancel()
    assert set(stand_in.kept) == {CASE_LETTER.key, FORM_LETTER.key, ERASURE_LETTER.key}


@pytest.mark.usefixtures("quick")
async def test_the_courier_goes_on_when_the_desk_comes_back(desk, outbox):
    stand_in, access = desk
    stand_in.status = 503
    outbox.put(CASE_LETTER)
    courier = asyncio.create_task(delivery.run(outbox, access))
    await asyncio.wait_for(stand_in.arrived.wait(), 10)
    assert outbox.count() == 1
    stand_in.status = None
    await until_waiting(outbox, 0)
    courier.cancel()
    assert list(stand_in.kept) == [CASE_LETTER.key]


@pytest.mark.usefixtures("quick")
async def test_a_refused_letter_does_not_hold_up_the_others(outbox):
    accepted = []

    async def answer(request: web.Request) -> web.Response:
        if request.headers["Idempotency-Key"] == CASE_LETTER.key:
            return web.json_response({"error": "malformed"}, status=400)
        accepted.append(request.headers["Idempotency-Key"])
        return web.json_response(REPLIES[CONTACT], status=201)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server:
        access = DeskAccess(str(server.make_url("")).rstrip("/"), TOKEN)
        outbox.put(CASE_LETTER, now=0.0)
        outbox.put(FORM_LETTER, now=1.0)
        courier = asyncio.create_task(delivery.run(outbox, access))
        await until_waiting(outbox, 1)
        courier.cancel()
    assert accepted == [FORM_LETTER.key]
    assert is_kept(outbox)


@pytest.mark.usefixtures("quick")
async def test_a_letter_under_another_key_does_not_hold_up_the_others(
    desk, outbox, tmp_path, caplog
):
    stand_in, access = desk
    Outbox(tmp_path / "outbox.db", "another" * 10).put(CASE_LETTER, now=0.0)
    outbox.put(FORM_LETTER, now=1.0)
    courier = asyncio.create_task(delivery.run(outbox, access))
    await until_waiting(outbox, 1)
    courier.cancel()
    assert list(stand_in.kept) == [FORM_LETTER.key]
    assert "CannotRead" in caplog.text


@pytest.mark.usefixtures("quick")
async def test_the_courier_survives_a_disk_that_fails_for_a_while(
    desk, outbox, monkeypatch, caplog
):
    stand_in, access = desk
    outbox.put(CASE_LETTER)
    real, calls = outbox.delivered, []

    def failing(*arguments: Any, **more: Any) -> None:
        calls.append(arguments)
        if len(calls) < 3:
            raise sqlite3.OperationalError("database or disk is full")
        real(*arguments, **more)

    monkeypatch.setattr(outbox, "delivered", failing)
    courier = asyncio.create_task(delivery.run(outbox, access))
    await until_waiting(outbox, 0)
    courier.cancel()
    # sent three times, and one case for the desk
    assert len(stand_in.requests) == 3
    assert list(stand_in.kept) == [CASE_LETTER.key]
    assert "OperationalError" in caplog.text


def environment(outbox: Path, access: DeskAccess) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "KOMPAS_OUTBOX": str(outbox),
        "KOMPAS_OUTBOX_KEY": SECRET,
        "KOMPAS_DESK_API": access.url,
        "KOMPAS_DESK_SERVICE_TOKEN": access.token,
        "KOMPAS_CHANNEL_SECRET": "c" * 32,
    }


async def test_a_courier_that_dies_with_a_letter_in_hand_loses_and_doubles_nothing(
    desk, outbox, tmp_path
):
    stand_in, access = desk
    stand_in.hangs = True
    outbox.put(CASE_LETTER)
    command = (sys.executable, "-m", "bot.delivery")
    variables = environment(tmp_path / "outbox.db", access)
    first = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=variables)
    await asyncio.wait_for(stand_in.arrived.wait(), 15)
    first.send_signal(signal.SIGKILL)
    await first.wait()
    assert is_kept(outbox)
    stand_in.hangs = False
    second = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=variables)
    await until_waiting(outbox, 0)
    second.terminate()
    await second.wait()
    assert list(stand_in.kept) == [CASE_LETTER.key]
    assert outbox.receipt(CASE_LETTER.key) == Receipt(DELIVERED, REPLIES[CASE])


@pytest.mark.parametrize(
    "missing", ["KOMPAS_OUTBOX_KEY", "KOMPAS_DESK_SERVICE_TOKEN", "KOMPAS_CHANNEL_SECRET"]
)
def test_without_its_secrets_it_says_what_to_do(tmp_path, missing):
    variables = environment(tmp_path / "outbox.db", DeskAccess("http://127.0.0.1:1", TOKEN))
    del variables[missing]
    ended = subprocess.run(
        [sys.executable, "-m", "bot.delivery"],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ended.returncode == 1
    assert missing in ended.stderr
    assert "make run" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({}, "http://127.0.0.1:8081"),
        ({"KOMPAS_DESK_PORT": "9000"}, "http://127.0.0.1:9000"),
        ({"KOMPAS_DESK_PORT": "9000", "KOMPAS_DESK_API": ""}, "http://127.0.0.1:9000"),
        ({"KOMPAS_DESK_API": "http://10.0.0.5:8081"}, "http://10.0.0.5:8081"),
    ],
)
def test_the_desk_is_where_the_settings_say(settings: dict[str, str], url: str):
    access = DeskAccess.from_environment({**settings, "KOMPAS_DESK_SERVICE_TOKEN": TOKEN})
    assert access == DeskAccess(url, TOKEN)


def test_the_outbox_lies_where_the_settings_say(tmp_path):
    variables = {"KOMPAS_VAR": str(tmp_path), "KOMPAS_OUTBOX_KEY": SECRET}
    outbox_from_environment(variables).put(CASE_LETTER)
    assert is_kept(Outbox(tmp_path / "outbox.db", SECRET))
    elsewhere = {**variables, "KOMPAS_OUTBOX": str(tmp_path / "other.db")}
    assert outbox_from_environment(elsewhere).count() == 0
