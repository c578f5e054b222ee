"""A short message is read once more, together with the one before it."""

from __future__ import annotations

from pathlib import Path

import pytest
from nlu_parts import Parts, conversation, said
from rasa.shared.core.events import ActiveLoop, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.previous_message import JOINED, PreviousMessage


@pytest.fixture
def step(tmp_path: Path) -> PreviousMessage:
    return Parts(tmp_path).create(PreviousMessage)


ANSWERED = conversation(UserUttered("do i need a letter"), said("utter_travel_consent_form"))


def read(step: PreviousMessage, text: str, tracker: DialogueStateTracker) -> list[str]:
    found = step.process([Message(data={TEXT: text})], tracker)
    assert [bool(one.get(JOINED)) for one in found] == [False, True][: len(found)]
    return [one.get(TEXT) for one in found]


@pytest.mark.parametrize("key", ["utter_travel_consent_form", "utter_ask_back"])
def test_it_stands_beside_the_one_before_and_itself(step, key: str):
    tracker = conversation(UserUttered("do i need a letter"), said(key))
    assert read(step, "where is it", tracker) == ["where is it", "do i need a letter. where is it"]


def test_what_was_asked_back_about_stands_after_the_message_that_was_answered(step):
    tracker = conversation(
        UserUttered("earlier"),
        said("utter_lawyer"),
        UserUttered("my husband is at the airport"),
        said("utter_threat_imminent"),
        UserUttered("schiphol"),
        said("utter_ask_back"),
    )
    joined = read(step, "he does not answer", tracker)[1]
    assert joined == "my husband is at the airport. schiphol. he does not answer"


def test_of_a_long_message_before_the_end_counts(step):
    tracker = conversation(UserUttered("woord " * 500 + "einde"), said("utter_lawyer"))
    joined = read(step, "hoe duur", tracker)[1]
    assert joined.endswith("woord einde. hoe duur")
    assert len(joined) < 350


@pytest.mark.parametrize(
    "tracker",
    [
        conversation(),
        conversation(UserUttered("ja"), said("utter_greet")),
        conversation(UserUttered("ja"), said("utter_handover_role")),
        conversation(UserUttered("/lawyer"), said("utter_lawyer")),
        conversation(UserUttered("ja"), said("utter_child_abducted"), ActiveLoop("checklist_form")),
    ],
    ids=["nothing said", "a greeting", "a question", "a button", "the list"],
)
def test_where_nothing_was_typed_and_answered_it_stands_alone(step, tracker):
    assert read(step, "where is it", tracker) == ["where is it"]


@pytest.mark.parametrize("text", ["", "/menu", "woord " * 13])
def test_what_says_enough_itself_or_nothing_stands_alone(step, text: str):
    assert read(step, text, ANSWERED) == [text]


def test_bad_options_are_named(tmp_path):
    with pytest.raises(InvalidConfigException, match=r"PreviousMessage.*most_words"):
        Parts(tmp_path).create(PreviousMessage, most_words=0)
