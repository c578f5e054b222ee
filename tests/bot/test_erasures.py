"""Erasures: what the desk wants gone goes from the Rasa server, and the desk is told."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot import delivery, erasures
from bot.desk_access import DeskAccess
from bot.erasures import BadAccess, DeskRefused, NotTheDesk, RasaAccess, erase_pending
from bot.outbox import CONTACT, Letter, Outbox
from bot.workers import in_turn

ROOT = Path(__file__).parents[2]
SECRET, TOKEN, KEY = "c" * 64, "t" * 40, "k" * 64
NOWHERE = "http://127.0.0.1:1"


def conversations(count: int) -> list[str]:
    return [f"{number:064x}" for number in range(count)]


ONE, *_ = conversations(1)


class Rasa:
    """The channel of bot/channel.py, as far as it erases; `refuses` gives some another status."""

    def __init__(self) -> None:
        self.kept: set[str] = set()
        self.refuses: dict[str, int] = {}
        self.hangs = False
        self.asked: list[tuple[str, str | None]] = []
        self.released = asyncio.Event()
        self.url = ""

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_delete("/webhooks/kompas/conversations/{id}", self._erase)
        return app

    async def _erase(self, request: web.Request) -> web.Response:
        conversation = request.match_info["id"]
        self.asked.append((conversation, request.headers.get("Authorization")))
        if self.hangs:
            await self.released.wait()
        if conversation in self.refuses:
            return web.Response(
                status=self.refuses[conversation], text=conversation, headers={"Location": "/"}
            )
        self.kept.discard(conversation)
        return web.Response(status=204)


class Desk:
    """Stands for the desk: lists what is pending a page at a time, notes what it is told."""

    def __init__(self, page: int = 100) -> None:
        self.page = page
        self.pending: list[str] = []
        self.failed: list[str] = []
        self.status: int | None = None
        self.body: Any = None
        self.skips: list[int] = []
        self.tokens: set[str | None] = set()
        self.letters: list[str] = []
        self.asked = asyncio.Event()
        self.told = asyncio.Event()
        self.brought = asyncio.Event()
        self.access = DeskAccess(NOWHERE, TOKEN)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/api/erasures", self._list)
        app.router.add_post("/api/erasures", self._note)
        app.router.add_post("/api/contacts", self._take)
        return app

    async def _list(self, request: web.Request) -> web.Response:
        self.asked.set()
        self.tokens.add(request.headers.get("Authorization"))
        if self.status is not None:
            return web.json_response({"error": ONE}, status=self.status)
        if self.body is not None:
            return web.Response(body=self.body, content_type="application/json")
        skip = int(request.query["skip"])
        self.skips.append(skip)
        found = self.pending[skip:]
        return web.json_response(
            {"conversations": found[: self.page], "more": len(found) > self.page}
        )

    async def _note(self, request: web.Request) -> web.Response:
        self.tokens.add(request.headers.get("Authorization"))
        said = await request.json()
        self.pending = [each for each in self.pending if each not in said["erased"]]
        self.failed += said["failed"]
        self.told.set()
        return web.json_response({"noted": len(said["erased"])})

    async def _take(self, request: web.Request) -> web.Response:
        self.letters.append(request.headers["Idempotency-Key"])
        self.brought.set()
        return web.json_response({"contact_ref": "r"}, status=201)


@pytest.fixture
async def rasas() -> AsyncIterator[list[Rasa]]:
    """Two workers."""
    both = [Rasa(), Rasa()]
    async with TestServer(both[0].app()) as first, TestServer(both[1].app()) as second:
        for each, server in zip(both, (first, second)):
            each.url = str(server.make_url("")).rstrip("/")
        yield both
        for each in both:
            each.released.set()


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    stand_in = Desk()
    async with TestServer(stand_in.app()) as server:
        stand_in.access = DeskAccess(str(server.make_url("")).rstrip("/"), TOKEN)
        yield stand_in


def access(*rasas: Rasa) -> RasaAccess:
    return RasaAccess(tuple(each.url for each in rasas), SECRET)


async def once(desk: Desk, rasa: RasaAccess) -> int:
    async with aiohttp.ClientSession() as session:
        return await erase_pending(session, desk.access, rasa)


async def test_it_is_erased_there_and_the_desk_is_told(desk: Desk, rasas: list[Rasa]):
    rasa = rasas[0]
    desk.pending = [ONE]
    assert await once(desk, access(rasa)) == 1
    assert rasa.asked == [(ONE, f"Bearer {SECRET}")]
    assert (desk.pending, desk.failed) == ([], [])
    assert desk.tokens == {f"Bearer {TOKEN}"}
    assert await once(desk, access(rasa)) == 0
    assert len(rasa.asked) == 1


async def test_each_worker_is_asked_for_what_it_has(desk: Desk, rasas: list[Rasa]):
    rasa = access(*rasas)
    desk.pending = conversations(20)
    assert await once(desk, rasa) == 20
    for each in rasas:
        assert each.asked, "of twenty each has some"
        assert all(in_turn(asked, rasa.urls)[0] == each.url for asked, _ in each.asked)


@pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 500])
async def test_what_was_not_erased_is_told_and_tried_again(
    desk: Desk, rasas: list[Rasa], status: int
):
    rasa = rasas[0]
    desk.pending, rasa.refuses = [ONE], {ONE: status}
    assert await once(desk, access(rasa)) == 0
    assert (desk.pending, desk.failed) == ([ONE], [ONE])
    rasa.refuses = {}
    assert await once(desk, access(rasa)) == 1
    assert desk.pending == []


@pytest.mark.parametrize("page", [1, 3, 100])
async def test_those_that_fail_keep_no_other_from_being_erased(rasas: list[Rasa], page: int):
    desk, rasa, every = Desk(page), rasas[0], conversations(10)
    # the oldest of all, more than a page of them, and one in the middle
    stuck = [*every[:4], every[6]]
    desk.pending, rasa.refuses = list(every), dict.fromkeys(stuck, 500)
    async with TestServer(desk.app()) as server:
        desk.access = DeskAccess(str(server.make_url("")).rstrip("/"), TOKEN)
        assert await once(desk, access(rasa)) == 5
        assert desk.pending == stuck
        assert sorted(asked for asked, _ in rasa.asked) == every, "each once a round"


async def test_of_a_worker_that_is_away_one_is_tried_and_the_other_workers_go_on(
    desk: Desk, rasas: list[Rasa]
):
    rasa = RasaAccess((NOWHERE, rasas[1].url), SECRET)
    desk.pending = conversations(20)
    theirs = [each for each in desk.pending if in_turn(each, rasa.urls)[0] == NOWHERE]
    assert await once(desk, rasa) == 20 - len(theirs)
    assert desk.pending == theirs == sorted(desk.failed)


async def test_a_worker_that_is_silent_costs_its_wait_once(
    desk: Desk, rasas: list[Rasa], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(erasures, "_RASA_TIMEOUT", aiohttp.ClientTimeout(total=0.2))
    rasas[0].hangs = True
    desk.pending = conversations(20)
    rasa = access(*rasas)
    theirs = [each for each in desk.pending if in_turn(each, rasa.urls)[0] == rasas[0].url]
    assert await once(desk, rasa) == 20 - len(theirs)
    assert len(rasas[0].asked) == 1
    assert desk.pending == theirs


@pytest.mark.parametrize("status", [204, 302, 400, 401, 404, 500, 503])
async def test_a_desk_that_refuses_has_nothing_erased(desk: Desk, rasas: list[Rasa], status: int):
    desk.pending, desk.status = [ONE], status
    with pytest.raises(DeskRefused):
        await once(desk, access(rasas[0]))
    assert rasas[0].asked == []


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{}",
        b'{"conversations": "x", "more": false}',
        b'{"conversations": [], "more": 1}',
        b'{"conversations": [1], "more": false}',
        b'{"conversations": ["../../status"], "more": false}',
        b'{"conversations": ["%s"], "more": false}' % (b"A" * 64),
    ],
)
async def test_only_ids_of_ours_from_the_desk_are_erased(
    desk: Desk, rasas: list[Rasa], body: bytes
):
    desk.body = body
    with pytest.raises(NotTheDesk):
        await once(desk, access(rasas[0]))
    assert rasas[0].asked == []


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (erasures, delivery):
        monkeypatch.setattr(module, "_EVERY", 0.01)
    monkeypatch.setattr(erasures, "_AFTER_REFUSAL", 0.01)


async def until(look: Callable[[], bool]) -> None:
    async def wait() -> None:
        while not look():
            await asyncio.sleep(0.01)

    await asyncio.wait_for(wait(), 20)


async def while_running(what: Awaitable[None], look: Callable[[], bool]) -> None:
    task = asyncio.ensure_future(what)
    try:
        await until(lambda: task.done() or look())
        assert not task.done(), "it goes on"
    finally:
        task.cancel()


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("fault", ["refused", "garbage", "no json", "failing"])
async def test_it_goes_on_after_a_fault(
    desk: Desk, rasas: list[Rasa], fault: str, monkeypatch: pytest.MonkeyPatch
):
    desk.pending = [ONE]
    real, faults = erasures.erase_pending, []
    if fault == "refused":
        desk.status = 500
    elif fault == "garbage":
        desk.body = b'{"conversations": ["x"], "more": false}'
    elif fault == "no json":
        desk.body = b"{"
    else:

        async def failing(*given: Any) -> int:
            faults.append(given)
            if len(faults) < 3:
                raise RuntimeError(ONE)
            return await real(*given)

        monkeypatch.setattr(erasures, "erase_pending", failing)
    task = asyncio.ensure_future(erasures.run(desk.access, access(rasas[0])))
    await asyncio.wait_for(desk.asked.wait(), 20)
    desk.status = desk.body = None
    await until(lambda: not desk.pending or task.done())
    assert not task.done()
    task.cancel()


@pytest.mark.usefixtures("quick")
async def test_it_begins_when_the_desk_is_there(desk: Desk, rasas: list[Rasa]):
    away = DeskAccess(NOWHERE, TOKEN)
    task = asyncio.ensure_future(erasures.run(away, access(rasas[0])))
    await asyncio.sleep(0.1)
    assert not task.done()
    task.cancel()
    desk.pending = [ONE]
    await while_running(erasures.run(desk.access, access(rasas[0])), lambda: desk.pending == [])


@pytest.mark.parametrize(("status", "wait"), [(401, 60), (404, 60), (500, 20), (503, 20)])
async def test_a_desk_that_knows_us_not_is_asked_less_often(
    desk: Desk, rasas: list[Rasa], status: int, wait: float, monkeypatch: pytest.MonkeyPatch
):
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        raise asyncio.CancelledError

    desk.status = status
    monkeypatch.setattr(erasures.asyncio, "sleep", sleep)
    with pytest.raises(asyncio.CancelledError):
        await erasures.run(desk.access, access(rasas[0]))
    assert waited == [wait]


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox.db", KEY)


LETTER = Letter("r" * 43, ONE, CONTACT, {"sealed": "abc"})


@pytest.mark.usefixtures("quick")
async def test_letters_go_on_while_no_erasure_succeeds(
    desk: Desk, rasas: list[Rasa], outbox: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("KOMPAS_VAR", str(tmp_path))
    desk.pending, rasas[0].hangs = [ONE], True
    outbox.put(LETTER)
    await while_running(
        delivery._do_all(outbox, desk.access, access(rasas[0])),
        lambda: bool(rasas[0].asked and desk.letters) and outbox.count() == 0,
    )
    assert desk.pending == [ONE]


@pytest.mark.usefixtures("quick")
async def test_erasures_go_on_while_no_letter_is_taken(
    desk: Desk, rasas: list[Rasa], outbox: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("KOMPAS_VAR", str(tmp_path))
    desk.pending = [ONE]
    Outbox(tmp_path / "outbox.db", "another" * 10).put(LETTER)
    (tmp_path / "outbox.db").write_bytes(b"this is no database" * 100)
    await while_running(
        delivery._do_all(outbox, desk.access, access(rasas[0])), lambda: desk.pending == []
    )


@pytest.mark.parametrize("failing", ["status", "away", "silent", "desk", "garbage", "done"])
async def test_no_log_names_a_conversation(
    desk: Desk,
    rasas: list[Rasa],
    failing: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(erasures, "_RASA_TIMEOUT", aiohttp.ClientTimeout(total=0.2))
    desk.pending, rasa, tried = [ONE], access(rasas[0]), desk.told
    if failing == "status":
        rasas[0].refuses = {ONE: 500}
    elif failing == "away":
        rasa = RasaAccess((NOWHERE,), SECRET)
    elif failing == "silent":
        rasas[0].hangs = True
    elif failing == "desk":
        desk.status, tried = 500, desk.asked
    elif failing == "garbage":
        desk.body, tried = f'{{"conversations": ["{ONE}x"]}}'.encode(), desk.asked
    with caplog.at_level(logging.DEBUG):
        task = asyncio.ensure_future(erasures.run(desk.access, rasa))
        await asyncio.wait_for(tried.wait(), 20)
        await asyncio.sleep(0.1)
        task.cancel()
    ours = [record for record in caplog.records if record.name.startswith("kompas")]
    assert bool(ours) is (failing != "done")
    for record in caplog.records:
        assert record.exc_info is None
        # the stand-ins are servers with a log of their own
        if record.name != "aiohttp.access":
            for word in (ONE, SECRET, TOKEN):
                assert word not in record.getMessage()


def test_where_and_by_which_secret_the_settings_say():
    given = {
        "KOMPAS_CHANNEL_SECRET": SECRET,
        "KOMPAS_RASA_PORT": "6005",
        "KOMPAS_RASA_WORKERS": "2",
    }
    urls = ("http://127.0.0.1:6005", "http://127.0.0.1:6006")
    assert RasaAccess.from_environment(given) == RasaAccess(urls, SECRET)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KOMPAS_CHANNEL_SECRET", ""),
        ("KOMPAS_CHANNEL_SECRET", "short"),
        ("KOMPAS_RASA_PORT", "x"),
        ("KOMPAS_RASA_WORKERS", "0"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name: str, value: str):
    with pytest.raises(BadAccess, match=name) as raised:
        RasaAccess.from_environment({"KOMPAS_CHANNEL_SECRET": SECRET, name: value})
    assert "short" not in str(raised.value)


def test_the_courier_does_not_start_with_such_a_value(tmp_path: Path):
    ended = subprocess.run(
        [sys.executable, "-m", "bot.delivery"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "KOMPAS_VAR": str(tmp_path),
            "KOMPAS_OUTBOX_KEY": KEY,
            "KOMPAS_DESK_SERVICE_TOKEN": TOKEN,
            "KOMPAS_CHANNEL_SECRET": SECRET,
            "KOMPAS_RASA_WORKERS": "many",
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1
    assert "KOMPAS_RASA_WORKERS" in ended.stderr
    assert "Traceback" not in ended.stderr
