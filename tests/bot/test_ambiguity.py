"""Asking back: when, with which options, and when not."""

from __future__ import annotations

import pytest
from nlu_parts import Parts, conversation, message, said
from rasa.shared.core.events import UserUttered
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY

from bot.nlu.ambiguity import OPTIONS, OTHER_LANGUAGE, AmbiguityStep
from bot.nlu.language_detector import LANGUAGE


@pytest.fixture(scope="module")
def parts(tmp_path_factory) -> Parts:
    return Parts(tmp_path_factory.mktemp("ambiguity"))


def judged(parts: Parts, ranking, text="een vraag", language=None, after=(), **options):
    """A message with this ranking (name and confidence) after the step with `options`.

    `after`: what happened in the conversation before.
    """
    given = message(text)
    full = [{"name": name, "confidence": confidence} for name, confidence in ranking]
    if full:
        given.set(INTENT, full[0])
        given.set(INTENT_RANKING_KEY, full)
    if language is not None:
        given.set(LANGUAGE, language)
    config = {"threshold": 0.5, "margin": 0.1, "least_option": 0.03, "urgent_threshold": 0.35}
    [found] = parts.create(AmbiguityStep, **{**config, **options}).process(
        [given], conversation(*after)
    )
    assert found.get(INTENT_RANKING_KEY) == (full or None)
    return found


@pytest.mark.parametrize(
    "ranking",
    [
        [("lawyer", 0.9), ("hague_costs", 0.05)],
        [("lawyer", 0.5), ("hague_costs", 0.39)],
        [("lawyer", 0.5)],
    ],
)
def test_a_sure_intent_stays(parts: Parts, ranking):
    found = judged(parts, ranking)
    assert found.get(INTENT)["name"] == "lawyer"
    assert found.get(OPTIONS) is None


@pytest.mark.parametrize(
    ("ranking", "options"),
    [
        # below the threshold
        ([("lawyer", 0.49), ("menu", 0.2), ("greet", 0.1)], ["lawyer", "menu", "greet"]),
        # the second is too near
        ([("lawyer", 0.54), ("menu", 0.46)], ["lawyer", "menu"]),
        # at most three
        (
            [("lawyer", 0.3), ("menu", 0.2), ("greet", 0.2), ("thank", 0.2)],
            ["lawyer", "menu", "greet"],
        ),
        # an unlikely one is not offered
        ([("lawyer", 0.4), ("menu", 0.2), ("greet", 0.02)], ["lawyer", "menu"]),
        ([("lawyer", 0.02), ("menu", 0.01)], []),
    ],
)
def test_an_unsure_intent_becomes_a_choice(parts: Parts, ranking, options):
    found = judged(parts, ranking)
    assert found.get(INTENT) == {"name": "nlu_fallback", "confidence": ranking[0][1]}
    assert found.get(OPTIONS) == options


def test_between_answers_that_both_serve_the_likelier_is_given(parts: Parts):
    near = [("hague_costs", 0.3), ("lawyer", 0.25)]
    assert judged(parts, near).get(INTENT)["name"] == "hague_costs"
    assert judged(parts, near, threshold=0.6).get(OPTIONS) == ["hague_costs", "lawyer"]
    assert judged(parts, near, alike=[]).get(OPTIONS) == ["hague_costs", "lawyer"]


def test_fewer_options_can_be_asked_for(parts: Parts):
    found = judged(parts, [("lawyer", 0.4), ("menu", 0.2), ("greet", 0.1)], most_options=2)
    assert found.get(OPTIONS) == ["lawyer", "menu"]


@pytest.mark.parametrize("intent", ["threat_imminent", "missing_child"])
def test_an_urgent_intent_is_answered_even_when_unsure(parts: Parts, intent: str):
    assert judged(parts, [(intent, 0.36), ("menu", 0.35)]).get(INTENT)["name"] == intent


def test_a_very_unsure_urgent_intent_is_asked_about(parts: Parts):
    found = judged(parts, [("missing_child", 0.34), ("menu", 0.1)])
    assert found.get(INTENT)["name"] == "nlu_fallback"


def test_another_language_is_answered_as_such(parts: Parts):
    other = {"name": "other", "confidence": 0.9, "decisive": True}
    found = judged(parts, [("lawyer", 0.9)], language=other)
    assert found.get(INTENT)["name"] == OTHER_LANGUAGE


def test_an_urgent_message_of_another_language_is_answered_as_urgent(parts: Parts):
    other = {"name": "other", "confidence": 0.9, "decisive": True}
    found = judged(parts, [("missing_child", 0.9)], language=other)
    assert found.get(INTENT)["name"] == "missing_child"


def test_another_language_that_is_not_decisive_changes_nothing(parts: Parts):
    other = {"name": "other", "confidence": 0.5, "decisive": False}
    assert judged(parts, [("lawyer", 0.9)], language=other).get(INTENT)["name"] == "lawyer"


def test_a_buttons_payload_is_never_asked_about(parts: Parts):
    found = judged(parts, [("lawyer", 0.1), ("menu", 0.1)], text="/lawyer")
    assert found.get(INTENT)["name"] == "lawyer"


def test_a_message_without_ranking_is_left_alone(parts: Parts):
    assert judged(parts, []).get(OPTIONS) is None


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("threshold", 1.5),
        ("threshold", "high"),
        ("margin", -0.1),
        ("least_option", None),
        ("urgent_threshold", 2),
        ("most_options", 0),
        ("most_options", 4),
    ],
)
def test_a_wrong_option_is_refused(parts: Parts, option: str, value):
    with pytest.raises(InvalidConfigException, match=f"config.yml: AmbiguityStep: {option} is"):
        parts.create(AmbiguityStep, **{option: value})


ANSWERED = [UserUttered("…"), said("utter_lawyer")]
STRANGE = {"name": "other", "confidence": 0.9, "decisive": True}


def test_who_was_answered_and_is_understood_goes_on_in_the_same_language(parts: Parts):
    sure = [("passport_child", 0.9), ("menu", 0.05)]
    assert judged(parts, sure, language=STRANGE).get(INTENT)["name"] == OTHER_LANGUAGE
    found = judged(parts, sure, language=STRANGE, after=ANSWERED)
    assert found.get(INTENT)["name"] == "passport_child"


def test_who_was_answered_and_is_not_understood_is_told_the_languages(parts: Parts):
    unsure = [("passport_child", 0.3), ("menu", 0.25)]
    found = judged(parts, unsure, language=STRANGE, after=ANSWERED)
    assert found.get(INTENT)["name"] == OTHER_LANGUAGE
