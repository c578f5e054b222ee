"""The normaliser: what the other components get to see."""

from __future__ import annotations

import pytest
from nlu_parts import message
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.normalizer import FOLDED, Normalizer


@pytest.mark.parametrize(
    ("typed", "text", "folded"),
    [
        ("  Çocuğum  İZMİR'de ", "Çocuğum İZMİR'de", "cocugum izmir'de"),
        ("Do\u200bbrze, ŁÓDŹ", "Dobrze, ŁÓDŹ", "dobrze, lodz"),
        ("e\u0301e\u0301n", "één", "een"),
        ("He  WON\u2019T come\u200b back", "He WON\u2019T come back", "he won't come back"),
        ("", "", ""),
        ("\u200b", "", ""),
    ],
)
def test_a_message_gets_a_clean_and_a_folded_text(typed: str, text: str, folded: str):
    found = message(typed)
    assert found.get(TEXT) == text
    assert found.get(FOLDED) == folded
    assert len(text) == len(folded)


def test_a_message_without_text_is_taken_as_empty():
    [found] = Normalizer({}).process([Message(data={})])
    assert found.get(TEXT) == ""


def test_training_messages_are_normalised_and_keep_their_intent():
    data = TrainingData(
        [Message(data={TEXT: " Hallo\u200b  daar ", INTENT: "greet"}), Message(data={INTENT: "x"})]
    )
    Normalizer({}).process_training_data(data)
    typed, without_text = data.training_examples
    assert (typed.get(TEXT), typed.get(FOLDED), typed.get(INTENT)) == (
        "Hallo daar",
        "hallo daar",
        "greet",
    )
    assert without_text.get(TEXT) is None
