"""What fails in a turn fails it, whole: nothing goes on in memory, nothing half is kept."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import web
from aiohttp.test_utils import TestServer
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from bot.tracker_store import ErasableTrackerStore, TurnLate, deadline
from bot.whole_turns import ActionServer, ActionServerFailed, let_failures_fail

SENDER = "0a" * 32


@pytest.fixture
def store(tmp_path: Path) -> ErasableTrackerStore:
    return ErasableTrackerStore(Domain.empty(), host=f"sqlite:///{tmp_path / 'tracker.db'}")


@pytest.fixture
def agent(store) -> SimpleNamespace:
    agent = SimpleNamespace(
        tracker_store=FailSafeTrackerStore(store),
        action_endpoint=EndpointConfig("http://127.0.0.1:9", enable_selective_domain=True),
        processor=SimpleNamespace(graph_runner=SimpleNamespace()),
    )
    let_failures_fail(agent)
    return agent


def said() -> DialogueStateTracker:
    return DialogueStateTracker.from_events(SENDER, [UserUttered("geheim")])


async def test_a_database_that_is_away_fails_the_turn(agent, store):
    store.SQLEvent.__table__.drop(store.engine)
    assert agent.processor.tracker_store is agent.tracker_store
    with pytest.raises(sa.exc.OperationalError):
        await agent.processor.tracker_store.save(said())
    with pytest.raises(sa.exc.OperationalError):
        await agent.processor.tracker_store.retrieve(SENDER)


async def test_of_a_turn_whose_action_failed_nothing_is_kept(agent, store):
    token = deadline.set(None)
    try:
        with pytest.raises(ActionServerFailed):
            await agent.processor.action_endpoint.request(json={})
        with pytest.raises(TurnLate):
            await store.save(said())
    finally:
        deadline.reset(token)
    assert not store.knows(SENDER)
    assert agent.action_endpoint.kwargs == {"enable_selective_domain": True}


@pytest.mark.parametrize(
    ("action", "sent"),
    [
        ("validate_checklist_form", ["nu"]),
        ("action_take_answer", ["nu"]),
        ("action_handover", ["eerst", "daarna", "nu"]),
        ("action_ask_human", ["eerst", "daarna", "nu"]),
        ("action_change_language", ["eerst", "daarna", "nu"]),
    ],
)
async def test_an_action_gets_the_turns_that_it_reads(agent, store, monkeypatch, action, sent):
    stored = [UserUttered("eerst"), UserUttered("daarna")]
    await store.save(DialogueStateTracker.from_events(SENDER, stored))
    bodies: list[dict[str, Any]] = []

    async def keeps(self: EndpointConfig, *arguments: Any, **options: Any) -> dict[str, Any]:
        bodies.append(options["json"])
        return {"events": [], "responses": []}

    monkeypatch.setattr(EndpointConfig, "request", keeps)
    tracker = DialogueStateTracker.from_events(SENDER, [*stored, UserUttered("nu")])
    output = SimpleNamespace(name=lambda: "kompas")
    remote = RemoteAction(action, agent.processor.action_endpoint)
    await remote.run(output, None, tracker, Domain.empty())
    assert [event["text"] for event in bodies[0]["tracker"]["events"]] == sent


@pytest.mark.parametrize("reply", [{"events": [{"event": "x"}]}, {"events": 1}, [], "x"])
async def test_a_reply_of_another_form_than_agreed_is_refused(agent, monkeypatch, reply):
    async def says(self: EndpointConfig, *arguments: Any, **options: Any) -> Any:
        return reply

    monkeypatch.setattr(EndpointConfig, "request", says)
    remote = RemoteAction("action_cancel", agent.processor.action_endpoint)
    with pytest.raises(ValidationError):
        await remote.run(None, None, said(), Domain.empty())


@pytest.mark.parametrize(
    ("status", "raised"), [(400, ClientResponseError), (500, ActionServerFailed)]
)
async def test_what_the_action_server_says_of_a_failure_is_not_logged(status: int, raised):
    async def fails(request: web.Request) -> web.Response:
        return web.Response(status=status, text="mijn geheim")

    app = web.Application()
    app.router.add_post("/webhook", fails)
    token = deadline.set(None)
    try:
        async with TestServer(app) as server:
            with pytest.raises(raised) as caught:
                await ActionServer(str(server.make_url("/webhook"))).request(json={})
        # a form that rejects itself is no failure
        assert (deadline.get() is None) == (status == 400)
    finally:
        deadline.reset(token)
    assert status == 400 or "geheim" not in str(caught.value)
