"""GET /metrics."""

from __future__ import annotations

import pytest
from stand_in import Behind, MakeVisitor, Visitor, begin


async def test_this_machine_may_read_the_figures(visitor: Visitor, token: str) -> None:
    await visitor.post("/api/chat/message", json={"text": "dag"}, headers={"Authorization": token})
    response = await visitor.get("/metrics")
    figures = await response.text()
    assert response.status == 200
    assert response.content_type == "text/plain"
    assert 'kompas_requests_total{route="chat_message",status="200"} 1.0' in figures
    assert 'kompas_responses_total{key="utter_greet",language="nl"} 2.0' in figures
    assert 'kompas_turn_seconds_count{language="nl"} 1.0' in figures


async def test_failures_are_counted_by_cause(visitor: Visitor, behind: Behind, token: str) -> None:
    behind.status = 500
    await visitor.post("/api/chat/message", json={"text": "dag"}, headers={"Authorization": token})
    figures = await (await visitor.get("/metrics")).text()
    assert 'kompas_failures_total{cause="status 500"} 1.0' in figures


@pytest.mark.parametrize(
    "header", [{"X-Forwarded-For": "127.0.0.1"}, {"Forwarded": "for=127.0.0.1"}]
)
async def test_who_comes_through_a_proxy_needs_the_token(
    make_visitor: MakeVisitor, header: dict[str, str]
) -> None:
    visitor = await make_visitor(metrics_token="m" * 20)
    assert (await visitor.get("/metrics", headers=header)).status == 404
    wrong = {**header, "Authorization": "Bearer " + "x" * 20}
    assert (await visitor.get("/metrics", headers=wrong)).status == 404
    right = {**header, "Authorization": "Bearer " + "m" * 20}
    assert (await visitor.get("/metrics", headers=right)).status == 200


async def test_without_a_token_set_no_token_opens_it(visitor: Visitor) -> None:
    headers = {"X-Forwarded-For": "203.0.113.5", "Authorization": "Bearer "}
    assert (await visitor.get("/metrics", headers=headers)).status == 404


async def test_addresses_nobody_serves_do_not_become_figures(visitor: Visitor) -> None:
    await visitor.get("/jan-jansen-0612345678")
    assert "jansen" not in await (await visitor.get("/metrics")).text()


async def test_no_token_and_no_sender_is_in_the_figures(visitor: Visitor, behind: Behind) -> None:
    token = await begin(visitor)
    figures = await (await visitor.get("/metrics")).text()
    assert token.removeprefix("Bearer ") not in figures
    assert behind.received[0]["sender"] not in figures
