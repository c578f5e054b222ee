"""What fails in a turn fails it, whole: nothing goes on in memory, nothing half is kept."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from aiohttp import web
from aiohttp.test_utils import TestServer
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
        processor=SimpleNamespace(),
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
