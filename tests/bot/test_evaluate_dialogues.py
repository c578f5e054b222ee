"""Messages that lean on those before them: what is read, and how well it goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.evaluate import trained_agent
from bot.evaluate_dialogues import (
    FIRST,
    LATER,
    LATER_ALONE,
    SET,
    Counts,
    DialogueFileError,
    Turn,
    measured,
    read_dialogues,
)
from bot.languages import languages


@pytest.fixture(scope="module")
def agent() -> Any:
    return trained_agent()


@pytest.mark.parametrize("language", languages())
def test_later_messages_are_handled_better_after_the_others_than_alone(agent, language: str):
    path = SET / f"{language}.yml"
    if not path.is_file():
        pytest.skip("nobody wrote dialogues in this language yet")
    groups, _ = measured(read_dialogues(path), agent)
    shares = {name: counts.handled / counts.all for name, counts in groups.items()}
    assert shares[FIRST] >= 0.9
    assert shares[LATER] >= 0.72
    assert shares[LATER] > shares[LATER_ALONE] + 0.05


def test_every_file_of_the_project_can_be_read():
    for path in SET.rglob("*.yml"):
        dialogues = read_dialogues(path)
        assert len(dialogues) >= 30
        assert all(len(dialogue) >= 3 for dialogue in dialogues)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("say: hoi", "holds no list"),
        ("- - {say: hoi}", "dialogue 1: a message is not"),
        ("- hoi", "dialogue 1: a message is not"),
        ("- - {say: hoi, intent: greet}\n- - {say: x, intent: greet|nope}", "dialogue 2: 'nope'"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, content: str, said: str):
    path = tmp_path / "nl.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DialogueFileError, match=said) as error:
        read_dialogues(path)
    assert str(path) in str(error.value)


def test_a_message_is_handled_by_a_right_answer_or_a_right_offer():
    turn = Turn("hoe dan", frozenset(["lawyer", "mediation"]))
    ranking = [{"name": "lawyer", "confidence": 0.5}]
    counts = Counts()
    for intent, offered in (("lawyer", []), ("nlu_fallback", ["mediation"]), ("menu", [])):
        counts.add(
            turn, {"intent": {"name": intent}, "intent_ranking": ranking, "options": offered}
        )
    counts.add(turn, {"intent": {"name": "nlu_fallback"}, "intent_ranking": [], "options": []})
    assert (counts.all, counts.right, counts.handled, counts.asked_back) == (4, 3, 2, 2)
