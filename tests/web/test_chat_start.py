"""POST /api/chat/start."""

from __future__ import annotations

import json

import pytest
from stand_in import SECRET, Behind, MakeVisitor, Visitor, a_message

from bot.languages import languages

START = "/api/chat/start"


async def test_it_opens_a_conversation_and_gives_its_token(visitor: Visitor) -> None:
    response = await visitor.post(START, json={})
    body = await response.json()
    assert response.status == 201
    assert len(body["token"]) == 64
    assert body["lang"] == "nl"
    assert body["messages"] == [a_message("utter_greet", "nl")]


async def test_it_takes_an_empty_body(visitor: Visitor) -> None:
    assert (await visitor.post(START)).status == 201


async def test_every_conversation_has_its_own_token_and_sender(
    visitor: Visitor, behind: Behind
) -> None:
    tokens = {(await (await visitor.post(START)).json())["token"] for _ in range(5)}
    assert len(tokens) == 5
    assert len({request["sender"] for request in behind.received}) == 5


async def test_the_inside_never_learns_the_token(visitor: Visitor, behind: Behind) -> None:
    body = await (await visitor.post(START)).json()
    sender = behind.received[0]["sender"]
    assert len(sender) == 64
    assert set(sender) <= set("0123456789abcdef")
    assert body["token"] not in str(behind.received)


async def test_language_and_topic_reach_the_channel_with_the_shared_secret(
    visitor: Visitor, behind: Behind
) -> None:
    opening = {"lang": "tr", "topic": "threat_abduction", "embed": "gemeente"}
    assert (await visitor.post(START, json=opening)).status == 201
    assert behind.received[0]["start"] == {"lang": "tr", "topic": "threat_abduction"}
    assert behind.secrets == {f"Bearer {SECRET}"}


async def test_a_null_is_no_choice(visitor: Visitor, behind: Behind) -> None:
    assert (await visitor.post(START, json={"lang": None, "topic": None})).status == 201
    assert behind.received[0]["start"] == {}


@pytest.mark.parametrize(
    "body",
    [
        {"lang": "de"},
        {"lang": ""},
        {"lang": "NL"},
        {"lang": 1},
        {"lang": ["nl"]},
        {"topic": 1},
        {"topic": {"a": 1}},
        {"embed": 5},
        {"sender": "a" * 64},
        [],
        "nl",
        None,
        7,
    ],
)
async def test_it_refuses_what_the_contract_does_not_know(
    visitor: Visitor, behind: Behind, body: object
) -> None:
    headers = {"Content-Type": "application/json"}
    response = await visitor.post(START, data=json.dumps(body), headers=headers)
    assert response.status == 400
    assert (await response.json())["error"] == "malformed"
    assert behind.received == []


async def test_a_topic_the_channel_refuses_is_malformed(visitor: Visitor, behind: Behind) -> None:
    behind.status, behind.reply = 400, {"error": "malformed", "detail": "payload"}
    response = await visitor.post(START, json={"topic": "weather"})
    assert response.status == 400
    assert "topic" in (await response.json())["detail"]


async def test_it_refuses_get(visitor: Visitor) -> None:
    response = await visitor.get(START)
    assert response.status == 405
    assert "POST" in response.headers["Allow"]


@pytest.mark.parametrize("language", languages())
async def test_without_anything_behind_it_the_refusal_carries_the_help_card(
    stranded: Visitor, language: str
) -> None:
    response = await stranded.post(START, json={}, headers={"Accept-Language": language})
    body = await response.json()
    assert response.status == 503
    assert body["error"] == "unavailable"
    assert body["help"]["lang"] == language
    assert {"112", "088-800 9000"} <= {contact["phone"] for contact in body["help"]["contacts"]}
    assert "112" in body["message"]


async def test_one_address_cannot_open_conversations_without_end(
    make_visitor: MakeVisitor, behind: Behind
) -> None:
    visitor = await make_visitor(starts_per_minute=2)
    assert [(await visitor.post(START)).status for _ in range(3)] == [201, 201, 429]
    response = await visitor.post(START)
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert len(behind.received) == 2
