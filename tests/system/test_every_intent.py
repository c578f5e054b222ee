"""Every intent of the contract is answered end to end in every language."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import yaml
from stack import LANGUAGES, ROOT, Answer, Visitor, in_turn

INTENTS = [
    intent
    for topic in yaml.safe_load((ROOT / "bot/intents.yml").read_text(encoding="utf-8")).values()
    for intent in topic
]
# Each message in a conversation of its own; of every ten at most one may be misread.
SHARE_UNDERSTOOD = 0.9
# The list begins with its first question.
FOLLOWED_BY = {"hague_start_checklist": ["utter_ask_checklist_answer"]}
# About the conversation: a change of the language does not bring it again.
NOT_SAID_AGAIN = {"affirm", "cancel", "change_language", "hague_start_checklist"}


@pytest.mark.parametrize("intent", INTENTS)
def test_its_button_gives_its_answer_in_every_language(
    arrive: Callable[..., Visitor], intent: str
) -> None:
    first, *others = in_turn(INTENTS.index(intent), len(LANGUAGES))
    visitor = arrive(first)
    expected = [f"utter_{intent}", *FOLLOWED_BY.get(intent, [])]
    assert_answered(visitor.press(f"/{intent}"), expected, first)
    for language in others:
        if intent in NOT_SAID_AGAIN:
            answer = arrive(language).press(f"/{intent}")
        else:
            # one turn instead of two: the change of the language brings it again
            answer = visitor.choose(language)
            expected = ["utter_language_changed", f"utter_{intent}"]
        assert_answered(answer, expected, language)


def assert_answered(answer: Answer, ids: list[str], language: str) -> None:
    """With these messages, all of them in the language."""
    assert answer.ids == ids
    assert answer.lang == language
    assert {message["lang"] for message in answer.messages} == {language}
    assert not answer.failed


@pytest.mark.parametrize("language", LANGUAGES)
def test_typical_messages_get_the_right_answer_or_the_offer_of_it(
    arrive: Callable[..., Visitor], language: str
) -> None:
    misread = []
    for intent in INTENTS:
        message = _first_message(language, intent)
        answer = arrive(language).say(message)
        assert not answer.failed, message
        if intent != "change_language":
            assert answer.lang == language, message
        right = {f"utter_{intent}"}
        if intent == "change_language":
            right.add("utter_language_changed")
        if not right & set(answer.ids) and f"/{intent}" not in answer.payloads:
            misread.append((intent, message, answer.ids))
    assert len(misread) <= (1 - SHARE_UNDERSTOOD) * len(INTENTS), misread


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", ["threat_abduction", "travel_consent_needed", "hague_country"])
def test_a_topic_of_the_campaign_page_is_answered_at_the_start(
    arrive: Callable[..., Visitor], stack, language: str, topic: str
) -> None:
    answer = Visitor(stack).start(language, topic=topic)
    assert answer.ids == ["utter_welcome", f"utter_{topic}"]
    assert answer.lang == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_welcome_is_in_the_language_chosen(stack, language: str) -> None:
    answer = Visitor(stack).start(language)
    assert answer.ids == ["utter_welcome"]
    assert answer.messages[0]["lang"] == answer.lang == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_button_an_answer_offers_leads_on(
    arrive: Callable[..., Visitor], language: str
) -> None:
    visitor = arrive(language)
    seen: set[str] = set()
    ahead = ["/menu"]
    while ahead:
        payload = ahead.pop()
        seen.add(payload)
        answer = visitor.press(payload)
        assert not answer.failed, payload
        ahead += {p for p in answer.payloads if "{" not in p} - seen - set(ahead)
    assert len(seen) > 30, "the menu leads to the greater part of the answers"


def _first_message(language: str, intent: str) -> str:
    path = ROOT / "data/nlu" / language / f"{intent}.yml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return str(data["nlu"][0]["examples"]).splitlines()[0].removeprefix("- ")
