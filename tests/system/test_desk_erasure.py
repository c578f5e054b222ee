"""What a colleague erases at the desk is gone from the conversations, too, and from every file."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable

import pytest
from handover_steps import Desk, assert_in_no_file, eventually, gone, send_form, to_the_form
from stack import LANGUAGES, Stack, Visitor

Arrive = Callable[..., Visitor]


def in_conversations(stack: Stack, sender: str) -> int:
    with contextlib.closing(sqlite3.connect(stack.folder / "tracker.db", timeout=30)) as connection:
        (count,) = connection.execute(
            "SELECT count(*) FROM events WHERE sender_id = ?", (sender,)
        ).fetchone()
    return int(count)


def handed_over(arrive: Arrive, desk: Desk, language: str, marker: str) -> Visitor:
    visitor = arrive(language)
    visitor.say(f"{marker} {marker}")
    to_the_form(visitor)
    send_form(visitor)
    eventually(lambda: desk.contacts(visitor))
    return visitor


def assert_gone(stack: Stack, desk: Desk, visitor: Visitor, marker: str) -> None:
    sender = desk.conversation(visitor)
    assert (desk.references(visitor), desk.contacts(visitor)) == ([], 0)
    assert in_conversations(stack, sender) == 0
    assert_in_no_file(stack, (marker,))
    assert visitor.press("/menu").status == 401, "nothing of it goes on"
    for name in ("web", "rasa", "actions", "desk", "delivery"):
        log = stack.log(name).read_bytes()
        assert sender.encode() not in log, name
        assert marker.encode() not in log, name


@pytest.mark.parametrize("language", LANGUAGES[:2])
def test_what_is_erased_at_the_desk_is_gone_everywhere(
    stack: Stack, arrive: Arrive, desk: Desk, language: str
) -> None:
    marker = f"Roerdomp{language}"
    visitor = handed_over(arrive, desk, language, marker)
    other = handed_over(arrive, desk, language, "Kwikstaart")
    assert in_conversations(stack, desk.conversation(visitor))
    desk.erase(visitor)
    eventually(lambda: not desk.pending())
    assert_gone(stack, desk, visitor, marker)
    # nothing but that one
    assert in_conversations(stack, desk.conversation(other))
    assert other.press("/menu").status == 200
    other.end()


def test_it_waits_for_a_courier_that_is_down(stack: Stack, arrive: Arrive, desk: Desk) -> None:
    visitor = handed_over(arrive, desk, "nl", "Grutto")
    with gone(stack, "delivery"):
        desk.erase(visitor)
        assert desk.pending() == [desk.conversation(visitor)]
        assert in_conversations(stack, desk.conversation(visitor))
    eventually(lambda: not desk.pending())
    assert_gone(stack, desk, visitor, "Grutto")
