"""What a colleague erases is erased in the Rasa server, too, however long that one is away.

The courier does it (tests/bot/test_erasures.py); here it has the real desk before it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from cast import SERVICE_TOKEN, Desk, environment_for, settings_for

from bot.desk_access import DeskAccess
from bot.erasures import PATH, RasaAccess, erase_pending
from desk import app as application
from desk.alarm import LATE_ERASURE_MINUTES, tell_of_late_erasures
from desk.app import create_app
from desk.erasure import ask_for_erasure
from desk.errors import Erased
from desk.intake import ERASURES_A_PAGE
from desk.keys import REGISTRY
from desk.models import AuditEntry
from desk.settings import Settings

CONVERSATION = "ab" * 32
SECRET = "c" * 32
BEARER = {"Authorization": f"Bearer {SERVICE_TOKEN}"}
Client = TestClient[web.Request, web.Application]


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
async def client(desk: Desk, aiohttp_client: Callable[..., Awaitable[Client]]) -> Client:
    app = create_app(settings_for(desk.url))
    app[REGISTRY].database.close()
    app[REGISTRY] = desk.registry
    return await aiohttp_client(app)


@pytest.fixture
async def courier(
    rasa: Rasa, client: Client, aiohttp_server: Callable[..., Awaitable[TestServer]]
) -> Callable[[], Awaitable[int]]:
    """Goes once: how many conversations are gone."""
    server = await aiohttp_server(rasa.app())
    ways = (
        DeskAccess(_address(client.server), SERVICE_TOKEN),
        RasaAccess((_address(server),), SECRET),
    )

    async def go() -> int:
        async with aiohttp.ClientSession() as session:
            return await erase_pending(session, *ways)

    return go


def _address(server: Any) -> str:
    return str(server.make_url("")).rstrip("/")


Courier = Callable[[], Awaitable[int]]


def actions(desk: Desk) -> list[str]:
    return [entry.action for entry in desk.registry.audit_log(desk["aad"])]


def erase(desk: Desk, *conversations: str) -> None:
    for conversation in conversations:
        desk.registry.erase_case(desk["cor"], desk.bring(conversation=conversation))


@pytest.mark.both_databases
async def test_it_is_erased_there_and_then_forgotten_here(desk: Desk, rasa: Rasa, courier: Courier):
    reference = desk.bring(conversation=CONVERSATION)
    receipt = desk.registry.erase_case(desk["cor"], reference)
    assert receipt.pending == ("conversation",)
    assert desk.registry.pending_erasures() == [CONVERSATION]
    assert await courier() == 1
    assert rasa.asked == [(CONVERSATION, f"Bearer {SECRET}")]
    assert desk.registry.pending_erasures() == []
    assert actions(desk).count("erased_elsewhere") == 1
    assert await courier() == 0
    assert len(rasa.asked) == 1


@pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 500])
async def test_what_was_not_erased_is_tried_again_and_logged_once(
    desk: Desk, rasa: Rasa, courier: Courier, status: int
):
    erase(desk, CONVERSATION)
    rasa.status = status
    assert [await courier() for _ in range(3)] == [0, 0, 0]
    assert actions(desk).count("erasure_failed") == 1
    rasa.status = 204
    assert await courier() == 1
    assert actions(desk).count("erased_elsewhere") == 1


async def test_more_than_a_page_goes_at_once(
    desk: Desk, rasa: Rasa, courier: Courier, client: Client
):
    many = [f"{number:064x}" for number in range(ERASURES_A_PAGE + 5)]
    with desk.database.writing() as session:
        ask_for_erasure(session, many, desk.clock())
    first = await (await client.get(PATH, headers=BEARER)).json()
    assert first == {"conversations": many[:ERASURES_A_PAGE], "more": True}
    rest = await client.get(PATH, headers=BEARER, params={"skip": str(ERASURES_A_PAGE)})
    assert await rest.json() == {"conversations": many[ERASURES_A_PAGE:], "more": False}
    assert await courier() == len(many)
    assert desk.registry.pending_erasures() == []


@pytest.mark.both_databases
async def test_a_report_is_noted_once_and_of_what_is_pending_only(desk: Desk, client: Client):
    stranger, other = "ef" * 32, "cd" * 32
    erase(desk, CONVERSATION, other)
    body = {"erased": [CONVERSATION, stranger, CONVERSATION], "failed": [other, "ee" * 32]}
    told = [await (await client.post(PATH, json=body, headers=BEARER)).json() for _ in range(2)]
    assert told == [{"noted": 1}, {"noted": 0}]
    assert desk.registry.pending_erasures() == [other]
    assert actions(desk).count("erased_elsewhere") == 1
    assert actions(desk).count("erasure_failed") == 1
    # one that says both is not believed the better half
    both = await client.post(PATH, json={"erased": [other], "failed": [other]}, headers=BEARER)
    assert (both.status, await both.json()) == (200, {"noted": 0})
    assert desk.registry.pending_erasures() == [other]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"erased": []}, "failed"),
        ({"erased": [], "failed": [], "word": CONVERSATION}, "word"),
        ({"erased": ["c1"], "failed": []}, "erased"),
        ({"erased": [], "failed": [CONVERSATION.upper()]}, "failed"),
        ({"erased": [CONVERSATION] * (ERASURES_A_PAGE + 1), "failed": []}, "erased"),
        ({"erased": CONVERSATION, "failed": []}, "erased"),
    ],
)
async def test_a_report_that_cannot_be_read_changes_nothing_and_is_not_repeated(
    desk: Desk,
    client: Client,
    caplog: pytest.LogCaptureFixture,
    body: dict[str, Any],
    field: str,
):
    erase(desk, CONVERSATION)
    reply = await client.post(PATH, json=body, headers=BEARER)
    said = await reply.text()
    assert reply.status == 400
    assert field in said.partition("fields")[2]
    assert CONVERSATION not in said + caplog.text
    assert desk.registry.pending_erasures() == [CONVERSATION]


@pytest.mark.parametrize("skip", ["", "-1", "x", "1.5", "٣", "1" * 10, "1&skip=2", "1&from=2"])
async def test_a_page_that_is_none_is_refused(client: Client, skip: str):
    reply = await client.get(f"{PATH}?skip={skip}", headers=BEARER)
    assert (reply.status, (await reply.json())["fields"]) == (400, ["skip"])


async def test_asking_leaves_nothing_in_a_log(
    desk: Desk, client: Client, caplog: pytest.LogCaptureFixture
):
    erase(desk, CONVERSATION)
    before = sorted(actions(desk))
    caplog.set_level(logging.INFO, "kompas.desk")
    caplog.clear()
    assert (await client.get(PATH, headers=BEARER)).status == 200
    assert [each for each in caplog.messages if "pending_erasures" in each] == []
    # but that this test has read it
    assert sorted(actions(desk)) == sorted([*before, "audit_log"])
    await client.post(PATH, json={"erased": [CONVERSATION], "failed": []}, headers=BEARER)
    assert any("route=report_erasures" in each for each in caplog.messages)
    assert not any(CONVERSATION in each for each in caplog.messages)
    with desk.database.reading() as session:
        assert not [e for e in session.scalars(sa.select(AuditEntry)) if CONVERSATION in e.details]


async def test_an_erasure_that_nobody_does_is_told_of(
    desk: Desk, client: Client, courier: Courier, caplog: pytest.LogCaptureFixture
):
    erase(desk, CONVERSATION)
    desk.clock.turn(minutes=LATE_ERASURE_MINUTES - 1)
    assert tell_of_late_erasures(desk.registry) == 0
    erase(desk, "cd" * 32)
    desk.clock.turn(minutes=1)
    assert "erasure_failed" not in actions(desk)
    caplog.clear()
    assert [tell_of_late_erasures(desk.registry) for _ in range(2)] == [1, 1]
    assert actions(desk).count("erasure_failed") == 1
    assert "1 conversations" in caplog.text
    assert CONVERSATION not in caplog.text
    assert await courier() == 2
    assert tell_of_late_erasures(desk.registry) == 0


async def test_the_desk_looks_by_itself(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    aiohttp_client: Callable[..., Awaitable[Client]],
):
    monkeypatch.setattr(application, "_ALARM_EVERY", 0.01)
    # by the clock of the test it is long ago
    desk.clock.now = datetime(2020, 1, 1, tzinfo=UTC)
    with desk.database.writing() as session:
        ask_for_erasure(session, [CONVERSATION], desk.clock())
    await aiohttp_client(create_app(settings_for(desk.url)))
    async with asyncio.timeout(20):
        while "still in the Rasa server" not in caplog.text:
            await asyncio.sleep(0.01)


async def test_the_desk_has_no_way_to_the_rasa_server():
    given = environment_for("")
    assert not {name for name in given if "RASA" in name or "CHANNEL" in name}
    names = {each.name for each in fields(Settings)}
    assert not {name for name in names if "rasa" in name or "channel" in name}


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
