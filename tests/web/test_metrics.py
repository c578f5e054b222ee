"""GET /metrics."""

from __future__ import annotations

import logging

import pytest
from stand_in import Behind, MakeVisitor, Visitor, a_message, begin


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


async def test_keys_and_languages_that_are_not_ours_are_other(
    visitor: Visitor, behind: Behind, token: str
) -> None:
    behind.reply = {"lang": "Grutto", "messages": [{**a_message("Grutto", "nl"), "lang": "Grutto"}]}
    await visitor.post("/api/chat/message", json={"text": "dag"}, headers={"Authorization": token})
    figures = await (await visitor.get("/metrics")).text()
    assert "Grutto" not in figures
    assert 'kompas_responses_total{key="other",language="other"} 1.0' in figures


async def test_causes_of_failures_are_a_closed_set(
    visitor: Visitor, behind: Behind, token: str
) -> None:
    behind.status = 418
    await visitor.post("/api/chat/message", json={"text": "dag"}, headers={"Authorization": token})
    figures = await (await visitor.get("/metrics")).text()
    assert 'kompas_failures_total{cause="other"} 1.0' in figures


async def test_a_card_that_is_shown_without_rasa_is_counted(
    visitor: Visitor, behind: Behind, token: str
) -> None:
    behind.status = 500
    text = "mijn man slaat mij nu"
    await visitor.post("/api/chat/message", json={"text": text}, headers={"Authorization": token})
    figures = await (await visitor.get("/metrics")).text()
    assert 'kompas_emergencies_total{kind="violence",language="nl"} 1.0' in figures


async def test_processes_and_disk_are_measured(visitor: Visitor) -> None:
    figures = await (await visitor.get("/metrics")).text()
    for name in ("process_resident_memory_bytes", "process_cpu_seconds_total"):
        assert f"\n{name} " in figures
    assert "\nkompas_disk_free_bytes " in figures


async def test_a_request_has_one_id_for_the_reply_rasa_and_the_log(
    visitor: Visitor, behind: Behind, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "kompas.web.access")
    theirs = {"Authorization": token, "X-Kompas-Request": "0123456789abcdef"}
    response = await visitor.post("/api/chat/message", json={"text": "dag"}, headers=theirs)
    request = response.headers["X-Request-Id"]
    # what a visitor sends is nobody's id
    assert request != "0123456789abcdef"
    assert behind.requests[-1] == request
    told = next(line for line in caplog.messages if request in line)
    assert told.startswith(f"request request={request} route=chat_message status=200 ms=")
    assert " keys=utter_greet " in told
    assert " rasa=" in told
