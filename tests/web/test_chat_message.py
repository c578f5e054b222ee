"""POST /api/chat/message."""

from __future__ import annotations

import asyncio
import json

import pytest
from stand_in import Behind, MakeVisitor, Visitor, a_message, begin

from web.keys import TOKENS

MESSAGE = "/api/chat/message"


@pytest.mark.parametrize(
    "body",
    [
        {"text": "Mag ik met mijn kind op vakantie?"},
        {"payload": "/travel_consent_needed"},
        {"lang": "pl"},
    ],
)
async def test_a_turn_reaches_the_channel_and_its_reply_the_visitor(
    visitor: Visitor, behind: Behind, token: str, body: dict[str, str]
) -> None:
    behind.reply = {"lang": "pl", "messages": [a_message("utter_menu", "pl")]}
    response = await visitor.post(MESSAGE, json=body, headers={"Authorization": token})
    assert response.status == 200
    assert await response.json() == behind.reply
    assert behind.received[-1] == {"sender": behind.received[0]["sender"], **body}


async def test_the_text_arrives_as_it_was_written(
    visitor: Visitor, behind: Behind, token: str
) -> None:
    text = '<b>"Çocuğum"</b> {x} %s \u200b\x07 😀 \ud800'
    raw = json.dumps({"text": text}).encode()
    headers = {"Authorization": token, "Content-Type": "application/json"}
    assert (await visitor.post(MESSAGE, data=raw, headers=headers)).status == 200
    assert behind.received[-1]["text"] == text


async def test_letters_are_sent_as_they_are(visitor: Visitor, behind: Behind, token: str) -> None:
    behind.reply["messages"][0]["text"] = "Çocuğunuz nerede?"
    response = await visitor.post(MESSAGE, json={"text": "slm"}, headers={"Authorization": token})
    assert "Çocuğunuz" in await response.text()
    assert response.charset == "utf-8"


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer abc",
        "Bearer " + "A" * 64,
        "Bearer " + "ü" * 64,
        "Basic dXNlcjpwYXNz",
    ],
)
async def test_it_refuses_a_missing_or_unknown_token(
    visitor: Visitor, behind: Behind, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    response = await visitor.post(MESSAGE, json={"text": "dag"}, headers=headers)
    assert response.status == 401
    assert (await response.json())["error"] == "unauthorized"
    assert behind.received == []


async def test_it_refuses_a_token_with_one_sign_changed(
    visitor: Visitor, behind: Behind, token: str
) -> None:
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")
    response = await visitor.post(MESSAGE, json={"text": "dag"}, headers={"Authorization": changed})
    assert response.status == 401
    assert len(behind.received) == 1


async def test_it_refuses_a_token_of_another_installation(
    visitor: Visitor, make_visitor: MakeVisitor
) -> None:
    elsewhere = await make_visitor(token_secret="e" * 32)
    response = await visitor.post(
        MESSAGE, json={"text": "dag"}, headers={"Authorization": await begin(elsewhere)}
    )
    assert response.status == 401


async def test_a_conversation_that_ended_is_unauthorized(
    visitor: Visitor, behind: Behind, token: str
) -> None:
    behind.status = 410
    response = await visitor.post(MESSAGE, json={"text": "dag"}, headers={"Authorization": token})
    assert response.status == 401


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b'{"text": "dag"',
        b"text=dag",
        b"null",
        b"[]",
        b'"dag"',
        b'{"text": "\xff"}',
        b"[" * 20_000,
        b"{}",
        b'{"text": ""}',
        b'{"text": "  \\n "}',
        b'{"text": null}',
        b'{"text": 5}',
        b'{"text": ["dag"]}',
        b'{"text": "dag", "lang": "nl"}',
        b'{"text": "dag", "payload": "/menu"}',
        b'{"text": "dag", "sender": "x"}',
        b'{"start": {}}',
        b'{"lang": "de"}',
        b'{"lang": "nl-NL"}',
        b'{"payload": ""}',
    ],
)
async def test_it_refuses_a_malformed_body(
    visitor: Visitor, behind: Behind, token: str, raw: bytes
) -> None:
    headers = {"Authorization": token, "Content-Type": "application/json"}
    response = await visitor.post(MESSAGE, data=raw, headers=headers)
    assert response.status == 400
    assert (await response.json())["error"] == "malformed"
    assert len(behind.received) == 1


async def test_a_payload_the_channel_refuses_is_malformed(
    visitor: Visitor, behind: Behind, token: str
) -> None:
    behind.status, behind.reply = 400, {"error": "malformed", "detail": "not one of a button"}
    response = await visitor.post(
        MESSAGE, json={"payload": "/restart"}, headers={"Authorization": token}
    )
    assert response.status == 400
    assert (await response.json())["detail"] == "not one of a button"


@pytest.mark.parametrize("letter", ["a", "ş", "😀", '"', "\u0001"])
async def test_it_takes_exactly_2000_characters_and_refuses_one_more(
    visitor: Visitor, behind: Behind, token: str, letter: str
) -> None:
    headers = {"Authorization": token}
    response = await visitor.post(MESSAGE, json={"text": letter * 2000}, headers=headers)
    assert response.status == 200
    assert behind.received[-1]["text"] == letter * 2000
    response = await visitor.post(MESSAGE, json={"text": letter * 2001}, headers=headers)
    assert response.status == 413
    assert (await response.json())["error"] == "too_long"
    assert len(behind.received) == 2


async def test_it_refuses_a_body_of_megabytes_unread(
    visitor: Visitor, behind: Behind, token: str
) -> None:
    response = await visitor.post(
        MESSAGE, json={"text": "a" * 3_000_000}, headers={"Authorization": token}
    )
    assert response.status == 413
    assert len(behind.received) == 1


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
async def test_it_refuses_other_types(visitor: Visitor, token: str, content_type: str) -> None:
    headers = {"Authorization": token, "Content-Type": content_type}
    response = await visitor.post(MESSAGE, data=b'{"text": "dag"}', headers=headers)
    assert response.status == 415
    assert (await response.json())["error"] == "unsupported_type"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_it_refuses_other_methods(visitor: Visitor, method: str) -> None:
    response = await visitor.request(method, MESSAGE)
    assert response.status == 405
    assert "POST" in response.headers["Allow"]


async def test_one_conversation_cannot_flood_and_another_does_not_suffer(
    make_visitor: MakeVisitor,
) -> None:
    visitor = await make_visitor(messages_per_minute=3)
    first, second = await begin(visitor), await begin(visitor)

    async def say(token: str) -> int:
        headers = {"Authorization": token}
        return (await visitor.post(MESSAGE, json={"text": "dag"}, headers=headers)).status

    assert [await say(first) for _ in range(4)] == [200, 200, 200, 429]
    assert await say(second) == 200
    response = await visitor.post(MESSAGE, json={"text": "dag"}, headers={"Authorization": first})
    assert 1 <= int(response.headers["Retry-After"]) <= 20
    assert "112" in (await response.json())["message"]


async def test_messages_of_one_conversation_go_in_one_after_the_other_in_order(
    visitor: Visitor, behind: Behind, token: str
) -> None:
    behind.may_answer.clear()
    headers = {"Authorization": token}
    turns = []
    for number in range(5):
        turns.append(
            asyncio.ensure_future(
                visitor.post(MESSAGE, json={"text": f"vraag {number}"}, headers=headers)
            )
        )
        await asyncio.sleep(0.05)
    assert len(behind.received) == 2, "the second waits for the first"
    behind.may_answer.set()
    assert [response.status for response in await asyncio.gather(*turns)] == [200] * 5
    assert [r["text"] for r in behind.received[1:]] == [f"vraag {n}" for n in range(5)]
    assert behind.most_at_once == 1


async def test_conversations_do_not_wait_for_each_other(visitor: Visitor, behind: Behind) -> None:
    tokens = [await begin(visitor) for _ in range(3)]
    behind.may_answer.clear()
    turns = [
        asyncio.ensure_future(
            visitor.post(MESSAGE, json={"text": "dag"}, headers={"Authorization": token})
        )
        for token in tokens
    ]
    while behind.answering < 3:
        await asyncio.sleep(0.01)
    behind.may_answer.set()
    assert [response.status for response in await asyncio.gather(*turns)] == [200] * 3


async def test_more_waiting_messages_than_one_person_types_are_refused(
    visitor: Visitor, behind: Behind, token: str
) -> None:
    behind.may_answer.clear()
    turns = [
        asyncio.ensure_future(
            visitor.post(MESSAGE, json={"text": "dag"}, headers={"Authorization": token})
        )
        for _ in range(12)
    ]
    refused, _ = await asyncio.wait(turns, timeout=2, return_when=asyncio.FIRST_COMPLETED)
    assert {turn.result().status for turn in refused} == {429}
    assert all("Retry-After" in turn.result().headers for turn in refused)
    behind.may_answer.set()
    statuses = [response.status for response in await asyncio.gather(*turns)]
    assert statuses.count(200) == 8
    assert statuses.count(429) == 4


def assert_apology(body: dict[str, object], language: str) -> None:
    """The reply when something behind the site failed: one error message and the help card."""
    (message,) = body["messages"]  # type: ignore[misc]
    assert message["kind"] == "error"
    assert message["id"] == "utter_error"
    assert message["lang"] == body["lang"] == language
    assert "112" in message["text"]
    assert body["help"]["lang"] == language  # type: ignore[index]
    assert body["help"]["contacts"]  # type: ignore[index]


@pytest.mark.parametrize("status", [401, 404, 500, 503])
async def test_a_failing_rasa_server_gives_an_error_message_and_the_help_card(
    visitor: Visitor, behind: Behind, token: str, status: int
) -> None:
    behind.status, behind.reply = status, {"error": "failed"}
    headers = {"Authorization": token, "Accept-Language": "tr-TR,tr;q=0.9,en;q=0.5"}
    response = await visitor.post(MESSAGE, json={"text": "slm"}, headers=headers)
    assert response.status == 200
    assert_apology(await response.json(), "tr")


@pytest.mark.parametrize(
    "raw",
    [b"", b"not json", b"[]", b"null", b'{"lang": "nl"}', b'{"lang": "nl", "messages": []}'],
)
async def test_an_unreadable_or_silent_reply_is_never_silence(
    visitor: Visitor, behind: Behind, token: str, raw: bytes
) -> None:
    behind.raw = raw
    headers = {"Authorization": token, "Accept-Language": "pl"}
    response = await visitor.post(MESSAGE, json={"text": "hej"}, headers=headers)
    assert response.status == 200
    assert_apology(await response.json(), "pl")


async def test_a_late_reply_gives_an_error_message_and_the_help_card(
    make_visitor: MakeVisitor, behind: Behind
) -> None:
    visitor = await make_visitor(reply_timeout=0.2)
    token = await begin(visitor)
    behind.may_answer.clear()
    response = await visitor.post(MESSAGE, json={"text": "dag"}, headers={"Authorization": token})
    behind.may_answer.set()
    assert response.status == 200
    assert_apology(await response.json(), "nl")
    response = await visitor.post(MESSAGE, json={"text": "dag"}, headers={"Authorization": token})
    assert (await response.json())["messages"][0]["id"] == "utter_greet"


async def test_with_nothing_behind_it_there_is_still_a_reply_in_the_language_asked_for(
    stranded: Visitor,
) -> None:
    token = stranded.app[TOKENS].issue()  # type: ignore[index]
    response = await stranded.post(
        MESSAGE, json={"lang": "pl"}, headers={"Authorization": f"Bearer {token}"}
    )
    assert response.status == 200
    assert_apology(await response.json(), "pl")


async def test_the_same_message_sent_again_is_said_once(
    visitor: Visitor, behind: Behind, token: str
) -> None:
    headers = {"Authorization": token, "Idempotency-Key": "a" * 32}
    replies = [
        await (await visitor.post(MESSAGE, json={"text": "dag"}, headers=headers)).json()
        for _ in range(2)
    ]
    assert replies[0] == replies[1]
    said = [each for each in behind.received if "start" not in each]
    assert [(each["text"], each["key"]) for each in said] == [("dag", "a" * 32)]


@pytest.mark.parametrize("key", ["", "nope", "A" * 32, "a" * 33])
async def test_a_key_that_is_none_is_passed_over(
    visitor: Visitor, behind: Behind, token: str, key: str
) -> None:
    headers = {"Authorization": token, "Idempotency-Key": key}
    for _ in range(2):
        await visitor.post("/api/chat/message", json={"text": "dag"}, headers=headers)
    said = [each for each in behind.received if "start" not in each]
    assert len(said) == 2
    assert all("key" not in each for each in said)


async def test_an_error_that_rasa_tells_brings_the_help_card_too(
    visitor: Visitor, behind: Behind, token: str
) -> None:
    failed = {**a_message("utter_error", "tr"), "kind": "error"}
    behind.reply = {"lang": "tr", "messages": [failed]}
    response = await visitor.post(MESSAGE, json={"text": "x"}, headers={"Authorization": token})
    body = await response.json()
    assert response.status == 200
    assert body["help"]["lang"] == "tr"
    assert body["help"]["contacts"]
