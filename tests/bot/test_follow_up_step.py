"""What was said before weighs in what a message can mean."""

from __future__ import annotations

from pathlib import Path

import pytest
from nlu_parts import Parts, conversation, said
from rasa.shared.core.events import ActiveLoop, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.follow_up_step import FollowUpStep
from bot.nlu.previous_message import JOINED


@pytest.fixture
def step(tmp_path: Path) -> FollowUpStep:
    return Parts(tmp_path).create(FollowUpStep)


def asked_about(key: str) -> DialogueStateTracker:
    return conversation(UserUttered("…"), said(key))


def message(**confidences: float) -> Message:
    ranking = [
        {"name": name, "confidence": value}
        for name, value in sorted(confidences.items(), key=lambda pair: -pair[1])
    ]
    return Message(data={TEXT: "o?", INTENT: ranking[0], INTENT_RANKING_KEY: ranking})


def weighed(
    step: FollowUpStep, tracker: DialogueStateTracker, **confidences: float
) -> dict[str, float]:
    [found] = step.process([message(**confidences)], tracker)
    ranking = found.get(INTENT_RANKING_KEY)
    assert found.get(INTENT) == ranking[0]
    assert [one["confidence"] for one in ranking] == sorted(
        (one["confidence"] for one in ranking), reverse=True
    )
    return {one["name"]: round(one["confidence"], 3) for one in ranking}


REFUSED = {"deny": 0.5, "travel_consent_refused": 0.2, "move_abroad_refused": 0.2}


def test_the_same_words_mean_another_thing_after_another_answer(step):
    after_moving = weighed(step, asked_about("utter_move_abroad_rules"), **REFUSED)
    after_travel = weighed(step, asked_about("utter_travel_consent_needed"), **REFUSED)
    assert next(iter(after_moving)) == "move_abroad_refused"
    assert next(iter(after_travel)) == "travel_consent_refused"


def test_confidences_stay_shares_of_one(step):
    found = weighed(step, asked_about("utter_move_abroad_rules"), **REFUSED)
    # the tenth that no intent of the ranking had stays
    assert sum(found.values()) == pytest.approx(1 - 0.1 / (0.15 + 0.6 + 0.2 + 0.1), abs=0.002)


def test_what_is_plain_by_itself_stays_what_it_is(step):
    plain = {"hague_costs": 0.97, "travel_documents": 0.03}
    assert next(iter(weighed(step, asked_about("utter_travel_consent_form"), **plain))) == (
        "hague_costs"
    )


def test_a_plain_yes_stays_a_yes(step):
    plain = {"affirm": 0.98, "travel_documents": 0.01}
    assert next(iter(weighed(step, asked_about("utter_travel_documents"), **plain))) == "affirm"


def test_a_message_means_what_it_means_together_with_the_one_before(step):
    unclear = message(privacy=0.6, travel_consent_form=0.2, menu=0.1)
    joined = message(travel_consent_form=0.9, hague_documents=0.05)
    joined.set(JOINED, True)
    [found] = step.process([unclear, joined], asked_about("utter_travel_documents"))
    assert found.get(INTENT)["name"] == "travel_consent_form"
    assert sum(one["confidence"] for one in found.get(INTENT_RANKING_KEY)) <= 1
    assert not found.get(JOINED)


def test_what_is_plain_alone_is_not_drawn_back_to_the_message_before(step):
    plain = message(hague_costs=0.98, lawyer=0.01)
    joined = message(travel_consent_form=0.9, hague_costs=0.05)
    joined.set(JOINED, True)
    [found] = step.process([plain, joined], asked_about("utter_travel_documents"))
    assert found.get(INTENT)["name"] == "hague_costs"


def test_thanks_after_a_question_are_thanks(step):
    alone = message(thank=0.8, travel_consent_form=0.01)
    joined = message(travel_consent_form=0.95, thank=0.01)
    joined.set(JOINED, True)
    [found] = step.process([alone, joined], asked_about("utter_travel_consent_form"))
    assert found.get(INTENT)["name"] == "thank"


def test_the_second_message_is_taken_away_whatever_else_happens(step):
    for tracker in (conversation(), asked_about("utter_ask_human")):
        first, joined = message(menu=0.9), message(menu=0.9)
        joined.set(JOINED, True)
        assert step.process([first, joined], tracker) == [first]


def test_the_topic_is_that_of_the_last_answer_that_had_one(step):
    tracker = conversation(
        UserUttered("…"),
        said("utter_threat_measures"),
        UserUttered("…"),
        said("utter_move_abroad_rules"),
        UserUttered("…"),
        said("utter_ask_back"),
    )
    assert next(iter(weighed(step, tracker, **REFUSED))) == "move_abroad_refused"


@pytest.mark.parametrize(
    "tracker",
    [
        conversation(),
        asked_about("utter_ask_human"),
        asked_about("utter_greet"),
        conversation(UserUttered("…"), said("utter_child_abducted"), ActiveLoop("checklist_form")),
    ],
    ids=["nothing said", "a question is open", "no topic", "the list is open"],
)
def test_where_a_question_is_open_or_nothing_was_said_all_stays(step, tracker):
    assert weighed(step, tracker, **REFUSED) == REFUSED


@pytest.mark.parametrize("intent", ["affirm", "change_language"])
def test_yes_to_a_language_that_was_offered_changes_the_language(step, intent: str):
    tracker = conversation(UserUttered("…"), said("utter_child_abducted", proposal="en"))
    [found] = step.process([message(**{intent: 0.9, "menu": 0.1})], tracker)
    assert found.get(INTENT) == {"name": "change_language", "confidence": 1.0}
    # the next step must not doubt it
    assert found.get(INTENT_RANKING_KEY) == [found.get(INTENT)]
    assert [(e["entity"], e["value"]) for e in found.get(ENTITIES)] == [("language", "en")]


@pytest.mark.parametrize(
    ("text", "shares"),
    [("1", {"affirm": 0.95}), ("👍", {"affirm": 0.95}), ("hm", {"affirm": 0.6, "menu": 0.1})],
)
def test_what_says_little_does_not_change_the_language(step, text: str, shares: dict[str, float]):
    tracker = conversation(UserUttered("…"), said("utter_child_abducted", proposal="en"))
    said_then = message(**shares)
    said_then.set(TEXT, text)
    [found] = step.process([said_then], tracker)
    assert found.get(INTENT)["name"] == "affirm"
    assert not found.get(ENTITIES)


def test_yes_and_the_name_of_the_language_together_are_a_yes(step):
    tracker = conversation(UserUttered("…"), said("utter_child_abducted", proposal="en"))
    [found] = step.process([message(affirm=0.4, change_language=0.4)], tracker)
    assert found.get(INTENT)["name"] == "change_language"


def test_the_language_that_was_named_wins_over_the_one_offered(step):
    tracker = conversation(UserUttered("…"), said("utter_child_abducted", proposal="en"))
    named = message(change_language=0.9, menu=0.1)
    named.set(ENTITIES, [{"entity": "language", "value": "pl"}])
    [found] = step.process([named], tracker)
    assert [e["value"] for e in found.get(ENTITIES)] == ["pl"]


def test_an_offer_of_an_earlier_turn_is_over(step):
    tracker = conversation(
        UserUttered("…"),
        said("utter_child_abducted", proposal="en"),
        UserUttered("…"),
        said("utter_menu"),
    )
    [found] = step.process([message(affirm=0.9, menu=0.1)], tracker)
    assert found.get(INTENT)["name"] == "affirm"


def test_a_button_is_left_alone(step):
    button = Message(data={TEXT: "/deny", INTENT: {"name": "deny", "confidence": 1.0}})
    step.process([button], asked_about("utter_move_abroad_rules"))
    assert button.get(INTENT) == {"name": "deny", "confidence": 1.0}


@pytest.mark.parametrize("options", [{"following": 0.5}, {"unasked": 0}, {"unasked": "no"}])
def test_bad_options_are_named(tmp_path, options):
    with pytest.raises(InvalidConfigException, match=f"FollowUpStep.*{next(iter(options))}"):
        Parts(tmp_path).create(FollowUpStep, **options)
