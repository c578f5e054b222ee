"""What the monthly counts hold after conversations on the real processes."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from handover_steps import DONE, send_form, to_the_form
from stack import Stack, Visitor, fetch
from widget_steps import SITE

Numbers = dict[tuple[str, str], int]


def numbers(stack: Stack, site: str = SITE) -> Numbers:
    """What, which → number, of what is on the disk."""
    file = Path(stack.environment["KOMPAS_VAR"]) / "counts.db"
    if not file.exists():
        return {}
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
        rows = connection.execute(
            "SELECT what, which, SUM(number) FROM counts WHERE site = ? GROUP BY what, which",
            (site,),
        ).fetchall()
    return {(what, which): number for what, which, number in rows}


def written(stack: Stack, expected: Numbers, before: Numbers) -> None:
    """The numbers grow by `expected`, within the seconds that they may take."""
    wanted = {key: before.get(key, 0) + number for key, number in expected.items()}
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if numbers(stack) == {**before, **wanted}:
            return
        time.sleep(0.2)
    assert numbers(stack) == {**before, **wanted}


def begin(stack: Stack, lang: str, topic: str, embed: str = SITE) -> Visitor:
    visitor = Visitor(stack)
    body = {"lang": lang, "topic": topic, "embed": embed}
    answer = fetch(stack, "POST", "/api/chat/start", body, {})
    assert answer.status == 201
    visitor.token = answer.body["token"]
    return visitor


def test_a_conversation_is_counted_by_what_it_was_and_survives_a_killed_process(
    stack: Stack,
) -> None:
    before = numbers(stack)
    visitor = begin(stack, "tr", "travel_documents")
    visitor.press("/travel_consent_needed")
    visitor.press("/hague_costs")
    visitor.press("/hague_duration")
    visitor.choose("pl")
    to_the_form(visitor)
    for _ in range(2):
        assert DONE in send_form(visitor).ids
    begin(stack, "tr", "lawyer", embed="niemand")
    expected: Numbers = {
        ("opening", ""): 1,
        ("language", "tr"): 1,
        ("topic", "travel"): 1,
        ("topic", "return"): 1,
        ("handoff", ""): 1,
    }
    written(stack, expected, before)
    stack.kill("web")
    stack.start("web")
    written(stack, expected, before)
