"""Conversations do not mix, are erased when they end, and leave no words in a log."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from stack import LANGUAGES, Stack, Visitor

Arrive = Callable[..., Visitor]


def test_two_interleaved_conversations_do_not_mix(arrive: Arrive) -> None:
    mother, father = arrive("pl"), arrive("tr")
    assert mother.press("/child_abducted").lang == "pl"
    assert father.press("/taking_parent").lang == "tr"
    assert mother.press("/change_language").lang == "pl"
    assert father.choose("nl").ids == ["utter_language_changed", "utter_taking_parent"]
    answer = mother.choose("tr")
    assert answer.ids == ["utter_language_changed", "utter_child_abducted"]
    assert father.press("/thank").lang == "nl"


def test_many_conversations_at_once_each_get_their_own_answers(arrive: Arrive) -> None:
    topics = ["hague_costs", "lawyer", "mediation", "border_check"]

    def talk(number: int) -> None:
        language, topic = LANGUAGES[number % len(LANGUAGES)], topics[number % 4]
        visitor = arrive(language)
        for _ in range(3):
            answer = visitor.press(f"/{topic}")
            assert (answer.ids, answer.lang) == ([f"utter_{topic}"], language)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(talk, range(12)))


def test_what_ends_is_erased_from_the_database_files(stack: Stack, arrive: Arrive) -> None:
    marker = "Zwaluwstaartje"
    visitor, other = arrive("nl"), arrive("nl")
    other.say("Kwikstaartje is mijn kind, mag ik met haar reizen?")
    visitor.say(f"{marker} is mijn kind, mag ik met haar op reis?")
    visitor.say(f"en is {marker} dan verzekerd?")
    assert marker.encode() in _database(stack), "else this test would prove nothing"
    assert visitor.end().status == 204
    left = _database(stack)
    assert marker.encode() not in left
    assert b"Kwikstaartje" in left, "another's conversation stays"
    assert other.press("/menu").ids == ["utter_menu"]


def test_a_conversation_that_ended_cannot_go_on(arrive: Arrive) -> None:
    visitor = arrive("tr")
    visitor.press("/menu")
    assert visitor.end().status == 204
    answer = visitor.press("/menu")
    assert (answer.status, answer.body["error"]) == (401, "unauthorized")
    assert visitor.end().status == 204


def test_the_token_is_nowhere_in_the_database(stack: Stack, arrive: Arrive) -> None:
    visitor = arrive("tr")
    visitor.press("/menu")
    assert visitor.token.encode() not in _database(stack)


def test_no_log_holds_words_tokens_or_senders(stack: Stack, arrive: Arrive) -> None:
    visitor = arrive("pl")
    marker = "Pliszka"
    visitor.say(f"{marker} to moje dziecko, czy mogę z nią jechać do Turcji?")
    visitor.say(f"<b>{marker}</b> {{x}}")
    visitor.press(f"/{marker}")
    visitor.send({"lang": marker})
    visitor.choose("nl")
    visitor.end()
    for name in ("rasa", "actions", "web"):
        log = stack.log(name).read_text(errors="replace")
        assert marker not in log, name
        assert visitor.token not in log, name
        assert not re.search(r"\b[0-9a-f]{64}\b", log), name


def _database(stack: Stack) -> bytes:
    files: list[Path] = sorted(stack.folder.glob("tracker.db*"))
    assert files
    return b"".join(path.read_bytes() for path in files)
