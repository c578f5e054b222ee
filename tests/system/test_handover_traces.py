"""What a hand-over leaves behind: with the desk until it is taken back, and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from handover_steps import (
    MARKERS,
    WITHDRAWN,
    Desk,
    assert_in_no_file,
    eventually,
    outbox,
    reference_in,
    send_form,
    step,
    texts,
    to_the_form,
    withdraw,
)
from stack import LANGUAGES, Stack, Visitor

Arrive = Callable[..., Visitor]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_taken_back_is_gone_everywhere(
    stack: Stack, arrive: Arrive, desk: Desk, language: str
) -> None:
    visitor = arrive(language)
    to_the_form(visitor)
    send_form(visitor)
    eventually(lambda: desk.contacts(visitor))
    assert visitor.press(step("withdraw")).ids == ["utter_handover_withdraw_ask"]
    reply = visitor.press(step("withdraw_no"))
    assert reply.ids == ["utter_handover_kept"]
    assert desk.references(visitor) == [reference_in(reply)]
    assert withdraw(visitor).ids == [WITHDRAWN]
    assert (desk.references(visitor), desk.contacts(visitor)) == ([], 0)
    sender = desk.conversation(visitor)
    assert [kind for who, kind, body in outbox(stack) if who == sender and body] == []
    assert visitor.press(step("status")).ids == ["utter_handover_gone"]
    assert visitor.press("/ask_human").ids == ["utter_handover_gone"]
    send_form(visitor)
    eventually(lambda: not [body for who, _, body in outbox(stack) if who == sender and body])
    assert desk.contacts(visitor) == 0, "a form that comes late is not taken in"


def test_the_conversation_ends_and_the_case_stays(stack: Stack, arrive: Arrive, desk: Desk) -> None:
    marker = "Wielewaaltje"
    visitor = arrive("nl")
    visitor.say(f"{marker} is mijn kind, mag ik met haar op reis?")
    to_the_form(visitor)
    told = reference_in(send_form(visitor))
    eventually(lambda: desk.contacts(visitor))
    assert visitor.end().status == 204
    assert visitor.press("/menu").status == 401
    assert_in_no_file(stack, (marker,))
    assert desk.references(visitor) == [told]
    assert marker in texts(desk.case(visitor)), "what was handed over stays until it is taken back"
    assert desk.details(visitor)["name"] == MARKERS[0]


def test_what_is_typed_into_the_form_is_nowhere_but_with_the_desk(
    stack: Stack, arrive: Arrive, desk: Desk
) -> None:
    visitor = arrive("tr")
    to_the_form(visitor)
    refused = send_form(visitor, channel="pigeon")
    assert refused.status == 400
    assert not [word for word in MARKERS if word in json.dumps(refused.body)]
    send_form(visitor)
    eventually(lambda: desk.contacts(visitor))
    assert desk.details(visitor)["code_word"] == MARKERS[4]
    assert_in_no_file(stack, MARKERS)
    sender = desk.conversation(visitor).encode()
    for name in ("web", "actions", "desk", "delivery"):
        assert sender not in stack.log(name).read_bytes(), name
