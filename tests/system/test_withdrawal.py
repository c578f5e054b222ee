"""A text taken back while Kompas runs: what the running processes say with the next message."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator

import pytest
from stack import LANGUAGES, ROOT, Stack, Visitor, fetch

KEY = "utter_hague_costs"


@pytest.fixture
def withdraw(stack: Stack) -> Iterator[Callable[..., None]]:
    """Runs the command as a colleague does, beside the running processes."""
    changed: list[str] = []

    def run(*arguments: str) -> None:
        subprocess.run(
            [str(ROOT / ".venv/web/bin/python"), "-m", "bot.withdraw", *arguments],
            cwd=ROOT,
            env=stack.environment,
            capture_output=True,
            timeout=180,
            check=True,
        )

    def take_back(key: str, *more: str) -> None:
        run(key, "--reason", "een proef", *more)
        changed.append(key)

    yield take_back
    for key in changed:
        run("--restore", key)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_answer_is_taken_back_with_the_next_message(
    arrive: Callable[..., Visitor], withdraw: Callable[..., None], lang: str
) -> None:
    visitor = arrive(lang)
    usual = visitor.press("/hague_costs").messages[0]
    assert "reviewed" in usual
    withdraw(KEY)
    now = visitor.press("/hague_costs").messages[0]
    assert now["id"] == KEY
    assert now["withheld"] is True
    assert now["text"] != usual["text"]
    assert "088-800 9000" in now["text"]
    assert "/ask_human" in [button["payload"] for button in now["buttons"]]


def test_the_other_languages_go_on_saying_it(
    arrive: Callable[..., Visitor], withdraw: Callable[..., None]
) -> None:
    withdraw(KEY, "--language", "tr")
    assert "withheld" in arrive("tr").press("/hague_costs").messages[0]
    assert "withheld" not in arrive("pl").press("/hague_costs").messages[0]


def test_the_help_card_of_the_visitor_site_keeps_the_numbers(
    withdraw: Callable[..., None], stack: Stack
) -> None:
    usual = fetch(stack, "GET", "/api/help.json?lang=tr").body
    withdraw("utter_emergency")
    card = fetch(stack, "GET", "/api/help.json?lang=tr").body
    assert card["text"] != usual["text"]
    assert len(card["text"]) < len(usual["text"])
    assert "112" in card["text"]
    assert card["contacts"] == usual["contacts"]
