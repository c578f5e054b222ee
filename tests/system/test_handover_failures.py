"""Processes die while a conversation is handed over: no case is lost or doubled, no lie told."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
from collections.abc import Callable

import pytest
from handover_steps import (
    DONE,
    KNOWN,
    MARKERS,
    REFERENCE,
    WAITING,
    Desk,
    assert_in_no_file,
    eventually,
    gone,
    number_told,
    outbox,
    reference_in,
    send_form,
    step,
    to_the_form,
    withdraw,
)
from stack import Stack, Visitor

Arrive = Callable[..., Visitor]


def test_while_the_desk_is_down_the_truth_is_told_and_the_number_follows(
    stack: Stack, arrive: Arrive, desk: Desk
) -> None:
    pressed, filled = arrive("nl"), arrive("tr")
    for visitor in (pressed, filled):
        to_the_form(visitor)
    with gone(stack, "desk"):
        assert pressed.press(step("none")).ids == [WAITING]
        reply = send_form(filled)
        assert reply.ids == [WAITING]
        assert not REFERENCE.search(reply.text), "no number before there is one"
        assert pressed.press(step("none")).ids == [WAITING], "pressed again, it waits once"
        assert send_form(filled).ids == [WAITING]
        assert filled.press(step("status")).ids == [WAITING]
        assert_in_no_file(stack, MARKERS)
    for visitor in (pressed, filled):
        told = number_told(visitor)
        assert desk.references(visitor) == [told]
    eventually(lambda: desk.contacts(filled))
    assert desk.contacts(filled) == 1
    assert desk.details(filled)["name"] == MARKERS[0]


@pytest.mark.parametrize("end", [signal.SIGCONT, signal.SIGKILL])
def test_a_desk_that_stalls_in_the_middle_of_a_request_makes_one_case(
    stack: Stack, arrive: Arrive, desk: Desk, end: signal.Signals
) -> None:
    visitor = arrive("pl")
    to_the_form(visitor)
    stack.signal("desk", signal.SIGSTOP)
    try:
        # it takes the request in and never answers
        assert visitor.press(step("none")).ids == [WAITING]
    finally:
        if end == signal.SIGKILL:
            stack.kill("desk")
            stack.start("desk")
        else:
            stack.signal("desk", end)
    told = number_told(visitor)
    assert desk.references(visitor) == [told]
    assert visitor.press("/ask_human").ids == [KNOWN]
    assert len(desk.references(visitor)) == 1


def test_without_the_action_server_nothing_is_promised_and_a_second_try_is_one_case(
    stack: Stack, arrive: Arrive, desk: Desk
) -> None:
    visitor = arrive("nl")
    to_the_form(visitor)
    with gone(stack, "actions"):
        assert visitor.press(step("none")).failed
        reply = send_form(visitor)
        assert (reply.status, reply.body["error"]) == (503, "unavailable")
        assert reply.body["help"]["contacts"]
    reply = send_form(visitor)
    assert reply.ids == [DONE]
    eventually(lambda: desk.contacts(visitor))
    assert desk.references(visitor) == [reference_in(reply)]
    assert desk.contacts(visitor) == 1
    assert desk.details(visitor)["phone"] == MARKERS[1]


def test_a_form_sent_again_to_a_site_that_was_killed_is_one_form(
    stack: Stack, arrive: Arrive, desk: Desk
) -> None:
    visitor = arrive("tr")
    to_the_form(visitor)
    told = reference_in(send_form(visitor))
    with gone(stack, "web"), pytest.raises(OSError):
        send_form(visitor)
    reply = send_form(visitor)
    assert (reply.ids, reference_in(reply)) == ([KNOWN], told)
    eventually(lambda: desk.contacts(visitor))
    assert (desk.references(visitor), desk.contacts(visitor)) == ([told], 1)


def test_what_waits_is_taken_back_too(stack: Stack, arrive: Arrive, desk: Desk) -> None:
    visitor = arrive("nl")
    to_the_form(visitor)
    with gone(stack, "desk"):
        assert send_form(visitor).ids == [WAITING]
        assert withdraw(visitor).ids == ["utter_handover_withdrawing"]
        sender = desk.conversation(visitor)
        kinds = [kind for who, kind, _ in outbox(stack) if who == sender]
        assert kinds == ["erasure"], "neither case nor form waits any more"
    assert visitor.press(step("status")).ids == ["utter_handover_gone"]
    eventually(lambda: _erased_at(stack, sender))
    assert (desk.references(visitor), desk.contacts(visitor)) == ([], 0)


def _erased_at(stack: Stack, sender: str) -> bool:
    with contextlib.closing(sqlite3.connect(stack.folder / "outbox.db")) as connection:
        found = connection.execute(
            "SELECT state FROM letters WHERE conversation = ? AND kind = 'erasure'", (sender,)
        ).fetchall()
    return found in ([], [("delivered",)])
