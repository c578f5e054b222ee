"""What the desk shows operators: what waits, for how long; and which request a line belongs to."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import web
from aiohttp.test_utils import TestClient
from cast import SERVICE_TOKEN, Desk, case_body, settings_for
from prometheus_client import CollectorRegistry

from bot.metrics import REGISTRY
from desk.app import create_app
from desk.erasure import ask_for_erasure
from desk.metrics import Queue
from desk.models import Case

Client = TestClient[web.Request, web.Application]
REQUEST = "0123456789abcdef"


@pytest.fixture
def figures(desk: Desk) -> Callable[..., Any]:
    """Looks a figure up: `figures("cases", state="unopened", urgent="yes")`."""
    registry = CollectorRegistry()
    registry.register(Queue(desk.database))
    return lambda name, **labels: registry.get_sample_value(f"kompas_desk_{name}", labels)


@pytest.fixture
async def client(desk: Desk, aiohttp_client: Callable[..., Awaitable[Client]]) -> Client:
    return await aiohttp_client(create_app(settings_for(desk.url)))


def set_back(desk: Desk, reference: str, **changes: Any) -> None:
    with desk.database.writing() as session:
        session.execute(sa.update(Case).where(Case.reference == reference).values(**changes))


@pytest.mark.both_databases
def test_the_queue_is_told_by_urgency_and_whether_it_was_opened(
    desk: Desk, figures: Callable[..., Any]
):
    now = datetime.now(UTC)
    old, older, opened, closed = (desk.bring(urgent=True) for _ in range(4))
    desk.bring(urgent=False)
    set_back(desk, old, created=now - timedelta(hours=1))
    set_back(desk, older, created=now - timedelta(hours=2))
    set_back(desk, opened, created=now - timedelta(days=9), first_opened=now, status="open")
    set_back(desk, closed, created=now - timedelta(days=99), status="closed")
    assert figures("database_up") == 1
    assert figures("cases", state="unopened", urgent="yes") == 2
    assert figures("cases", state="unopened", urgent="no") == 1
    assert figures("cases", state="opened", urgent="yes") == 1
    assert figures("cases", state="opened", urgent="no") == 0
    waited = figures("oldest_case_seconds", state="unopened", urgent="yes")
    assert 7200 <= waited < 7200 + 600
    assert figures("oldest_case_seconds", state="opened", urgent="no") == 0


@pytest.mark.both_databases
def test_erasures_that_the_rasa_server_still_has_to_do_are_told_with_their_age(
    desk: Desk, figures: Callable[..., Any]
):
    assert figures("pending_erasures") == figures("oldest_erasure_seconds") == 0
    now = datetime.now(UTC)
    with desk.database.writing() as session:
        ask_for_erasure(session, ["ab" * 32], now - timedelta(hours=1))
        ask_for_erasure(session, ["cd" * 32], now)
    assert figures("pending_erasures") == 2
    assert 3600 <= figures("oldest_erasure_seconds") < 3600 + 600


def test_a_registry_that_is_away_is_said_and_no_case_is_made_up(
    desk: Desk, figures: Callable[..., Any]
):
    with desk.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE cases RENAME TO elsewhere")
    assert figures("database_up") == 0
    assert figures("cases", state="unopened", urgent="yes") is None


async def test_requests_are_counted_by_route_and_status(client: Client):
    labels = {"route": "create_case", "status": "401"}
    name = "kompas_desk_requests_total"
    before = REGISTRY.get_sample_value(name, labels) or 0.0
    await client.post("/api/cases", json=case_body())
    assert REGISTRY.get_sample_value(name, labels) == before + 1


async def test_addresses_nobody_serves_do_not_become_figures(client: Client):
    await client.get("/jan-jansen-0612345678")
    labels = {label for f in REGISTRY.collect() for s in f.samples for label in s.labels.values()}
    assert not any("jansen" in label for label in labels)


@pytest.mark.parametrize(
    ("token", "given", "is_taken"),
    [
        (SERVICE_TOKEN, REQUEST, True),
        ("x" * 32, REQUEST, False),
        (SERVICE_TOKEN, "Jan Jansen", False),
    ],
)
async def test_the_id_of_a_request_is_taken_from_our_own_processes_only(
    client: Client, caplog: pytest.LogCaptureFixture, token: str, given: str, is_taken: bool
):
    caplog.set_level(logging.INFO, "kompas.desk")
    body = case_body()
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"{body['conversation']}-1"}
    response = await client.post(
        "/api/cases", json=body, headers={**headers, "X-Kompas-Request": given}
    )
    request = response.headers["X-Request-Id"]
    assert (request == given) is is_taken
    assert any(f"request={request} route=create_case" in line for line in caplog.messages)
    assert given == REQUEST or given not in caplog.text


async def test_the_desk_shows_no_metrics_where_colleagues_reach_it(client: Client):
    response = await client.get("/metrics", allow_redirects=False)
    assert "kompas_" not in await response.text()
