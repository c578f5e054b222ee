"""What a colleague erases is erased in the Rasa server, too, however long that one is away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from cast import Desk, settings_for

from desk import app as application
from desk.elsewhere import erase_pending, rasa_eraser
from desk.errors import Erased
from desk.settings import Settings

CONVERSATION = "ab" * 32
SECRET = "c" * 32


class Rasa:
    """The channel of bot/channel.py, as far as it erases."""

    def __init__(self) -> None:
        self.status = 204
        self.asked: list[tuple[str, str | None]] = []
        self.seen = asyncio.Event()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_delete("/webhooks/kompas/conversations/{id}", self._erase)
        return app

    async def _erase(self, request: web.Request) -> web.Response:
        self.asked.append((request.match_info["id"], request.headers.get("Authorization")))
        self.seen.set()
        return web.Response(status=self.status)


@pytest.fixture
def rasa() -> Rasa:
    return Rasa()


@pytest.fixture
async def settings(
    desk: Desk, rasa: Rasa, aiohttp_server: Callable[..., Awaitable[TestServer]]
) -> Settings:
    server = await aiohttp_server(rasa.app())
    return settings_for(
        desk.url,
        KOMPAS_DESK_RASA_URL=str(server.make_url("/")),
        KOMPAS_CHANNEL_SECRET=SECRET,
    )


async def run(desk: Desk, settings: Settings) -> int:
    async with aiohttp.ClientSession() as session:
        return await erase_pending(desk.registry, rasa_eraser(session, settings))


def actions(desk: Desk) -> list[str]:
    return [entry.action for entry in desk.registry.audit_log(desk["aad"])]


@pytest.mark.both_databases
async def test_it_is_erased_there_and_then_forgotten_here(
    desk: Desk, rasa: Rasa, settings: Settings
):
    reference = desk.bring(conversation=CONVERSATION)
    receipt = desk.registry.erase_case(desk["cor"], reference)
    assert receipt.pending == ("conversation",)
    assert desk.registry.pending_erasures() == [CONVERSATION]
    assert await run(desk, settings) == 1
    assert rasa.asked == [(CONVERSATION, f"Bearer {SECRET}")]
    assert desk.registry.pending_erasures() == []
    assert "erased_elsewhere" in actions(desk)
    assert await run(desk, settings) == 0
    assert len(rasa.asked) == 1


@pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 500])
async def test_what_was_not_erased_is_tried_again_and_logged_once(
    desk: Desk, rasa: Rasa, settings: Settings, status: int
):
    desk.registry.erase_case(desk["cor"], desk.bring(conversation=CONVERSATION))
    rasa.status = status
    assert [await run(desk, settings) for _ in range(3)] == [0, 0, 0]
    assert actions(desk).count("erasure_failed") == 1
    rasa.status = 204
    assert await run(desk, settings) == 1


async def test_a_server_that_is_away_loses_nothing_and_no_log_names_the_conversation(
    desk: Desk, caplog: pytest.LogCaptureFixture
):
    desk.registry.erase_case(desk["cor"], desk.bring(conversation=CONVERSATION))
    nowhere = settings_for(
        desk.url, KOMPAS_DESK_RASA_URL="http://127.0.0.1:1", KOMPAS_CHANNEL_SECRET=SECRET
    )
    assert await run(desk, nowhere) == 0
    assert desk.registry.pending_erasures() == [CONVERSATION]
    assert "erased nothing" in caplog.text
    assert CONVERSATION not in caplog.text


async def test_one_that_fails_keeps_no_other_from_being_erased(desk: Desk):
    other = "cd" * 32
    for conversation in (CONVERSATION, other):
        desk.registry.erase_case(desk["cor"], desk.bring(conversation=conversation))

    async def erase(conversation: str) -> bool:
        return conversation == other

    assert await erase_pending(desk.registry, erase) == 1
    assert desk.registry.pending_erasures() == [CONVERSATION]


@pytest.mark.parametrize("conversation", ["c1", "AB" * 32, "ab" * 31, "ab" * 33, "../" + "a" * 61])
async def test_only_ids_of_ours_are_sent(desk: Desk, conversation: str):
    if "/" in conversation:
        conversation = "a.b" + "a" * 61
    receipt = desk.registry.erase_case(desk["cor"], desk.bring(conversation=conversation))
    assert receipt.pending == ()
    assert desk.registry.pending_erasures() == []


async def test_what_the_visitor_erases_has_been_erased_there_already(desk: Desk):
    desk.bring(conversation=CONVERSATION)
    assert desk.registry.erase_conversation(CONVERSATION).pending == ()
    assert desk.registry.pending_erasures() == []


async def test_what_an_outbox_still_holds_is_refused_meanwhile(desk: Desk):
    body: dict[str, Any] = {"conversation": CONVERSATION}
    desk.registry.erase_case(desk["cor"], desk.bring(**body))
    with pytest.raises(Erased):
        desk.bring_again(2, **body)
    with pytest.raises(Erased):
        desk.contact(**body)


async def test_retention_reaches_there_once_a_conversation_has_no_case_left(desk: Desk):
    days = {"new": 365, "open": 730, "closed": 730, "unlinked": 7}
    desk.bring(conversation=CONVERSATION)
    desk.clock.turn(days=300)
    desk.bring_again(2, conversation=CONVERSATION)
    desk.clock.turn(days=66)
    assert desk.registry.retention(None, days, dry_run=False)["new"] == 1
    assert desk.registry.pending_erasures() == []
    desk.clock.turn(days=300)
    assert desk.registry.retention(None, days, dry_run=False)["new"] == 1
    assert desk.registry.pending_erasures() == [CONVERSATION]


async def test_the_desk_does_it_by_itself(
    desk: Desk,
    rasa: Rasa,
    settings: Settings,
    aiohttp_client: Callable[..., Awaitable[TestClient[web.Request, web.Application]]],
):
    desk.registry.erase_case(desk["cor"], desk.bring(conversation=CONVERSATION))
    await aiohttp_client(application.create_app(settings))
    async with asyncio.timeout(10):
        await rasa.seen.wait()
    assert rasa.asked == [(CONVERSATION, f"Bearer {SECRET}")]


async def test_without_the_secret_nothing_is_tried_and_nothing_lost(
    desk: Desk,
    rasa: Rasa,
    settings: Settings,
    aiohttp_client: Callable[..., Awaitable[TestClient[web.Request, web.Application]]],
):
    desk.registry.erase_case(desk["cor"], desk.bring(conversation=CONVERSATION))
    silent = settings_for(desk.url, KOMPAS_DESK_RASA_URL=" ".join(settings.rasa_urls))
    client = await aiohttp_client(application.create_app(silent))
    assert (await client.get("/healthz")).status == 200
    assert rasa.asked == []
    assert desk.registry.pending_erasures() == [CONVERSATION]
