"""Several Rasa servers: a conversation has one of them, and another while that is down."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp.test_utils import TestServer
from stand_in import Behind, MakeVisitor, Visitor, begin

_MANY = 24


class Workers:
    """Two stand-ins, each for a Rasa server."""

    def __init__(self, behind: list[Behind], servers: list[TestServer]) -> None:
        self.behind = behind
        self.servers = servers

    def senders(self) -> list[set[str]]:
        """The conversations that each was asked about."""
        return [{body["sender"] for body in one.received} for one in self.behind]

    def of(self, sender: str) -> int:
        """The number of the worker that was asked last about a conversation."""
        return next(n for n, senders in enumerate(self.senders()) if sender in senders)

    def forget(self) -> None:
        for one in self.behind:
            one.received.clear()


@pytest.fixture
async def workers(aiohttp_server: Callable[..., Awaitable[TestServer]]) -> Workers:
    behind = [Behind(), Behind()]
    return Workers(behind, [await aiohttp_server(one.app()) for one in behind])


@pytest.fixture
async def site(workers: Workers, make_visitor: MakeVisitor) -> Visitor:
    urls = tuple(f"http://127.0.0.1:{server.port}/webhooks/kompas" for server in workers.servers)
    return await make_visitor(rasa_urls=urls, reply_timeout=0.5)


async def say(site: Visitor, token: str) -> bool:
    """Whether a message was answered, and not by the error message."""
    response = await site.post(
        "/api/chat/message", json={"text": "Dag."}, headers={"Authorization": token}
    )
    assert response.status == 200
    return (await response.json())["messages"][0]["kind"] != "error"


async def test_a_conversation_stays_with_its_worker_and_all_workers_have_some(
    site: Visitor, workers: Workers
) -> None:
    for token in [await begin(site) for _ in range(_MANY)]:
        assert await say(site, token)
    first, second = workers.senders()
    assert first
    assert second
    assert not first & second
    assert len(first | second) == _MANY


async def test_while_a_worker_is_down_the_other_has_its_conversations_and_then_it_again(
    site: Visitor, workers: Workers, aiohttp_server: Callable[..., Awaitable[TestServer]]
) -> None:
    token = await begin(site)
    (sender,) = set.union(*workers.senders())
    own = workers.of(sender)
    port = workers.servers[own].port
    await workers.servers[own].close()
    workers.forget()
    assert await say(site, token)
    assert workers.of(sender) == 1 - own
    again = Behind()
    await aiohttp_server(again.app(), port=port)
    assert await say(site, token)
    assert [body["sender"] for body in again.received] == [sender]


async def test_a_worker_that_is_silent_keeps_its_conversations(
    site: Visitor, workers: Workers
) -> None:
    token = await begin(site)
    (sender,) = set.union(*workers.senders())
    own = workers.of(sender)
    workers.behind[own].may_answer.clear()
    workers.forget()
    # it may be in the middle of a turn, so nobody else begins one
    assert not await say(site, token)
    assert not workers.behind[1 - own].received
    workers.behind[own].may_answer.set()
    assert await say(site, token)


async def test_an_ended_conversation_is_erased_by_whoever_has_it(
    site: Visitor, workers: Workers
) -> None:
    token = await begin(site)
    (sender,) = set.union(*workers.senders())
    own = workers.of(sender)
    await workers.servers[own].close()
    response = await site.post("/api/chat/end", headers={"Authorization": token})
    assert response.status == 204
    assert workers.behind[1 - own].erased == [sender]


async def test_without_any_worker_the_visitor_reads_whom_to_call(
    site: Visitor, workers: Workers
) -> None:
    token = await begin(site)
    await asyncio.gather(*(server.close() for server in workers.servers))
    assert not await say(site, token)


async def test_readiness_names_the_worker_that_is_missing(site: Visitor, workers: Workers) -> None:
    await workers.servers[1].close()
    response = await site.get("/readyz")
    body = await response.json()
    assert response.status == 200, "visitors are served"
    assert {name for name, up in body["behind"].items() if not up} >= {"rasa_1"}
    assert body["behind"]["rasa_0"]
    workers.behind[0].parts["tracker_store"] = False
    response = await site.get("/readyz")
    body = await response.json()
    assert response.status == 503
    assert [name for name, up in body["parts"].items() if not up] == ["tracker_store"]
