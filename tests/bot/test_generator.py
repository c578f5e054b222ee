"""The response generator: which message a response becomes in a conversation."""

from __future__ import annotations

import pytest
from nlu_parts import ROOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.io import read_file

from bot import catalogue, hard_requests
from bot.channel import with_front_texts
from bot.emergency import KINDS
from bot.languages import languages
from bot.nlg.answers import answers, compose
from bot.nlg.generator import CatalogueResponseGenerator, conversation_language

DOMAIN = Domain.from_yaml(read_file(str(ROOT / "domain.yml")))


def conversation(slots: dict | None = None, parse_data: dict | None = None) -> DialogueStateTracker:
    events = [SlotSet(name, value) for name, value in (slots or {}).items()]
    if parse_data is not None:
        events.append(UserUttered("een vraag", parse_data=parse_data))
    return DialogueStateTracker.from_events("sender", events, slots=DOMAIN.slots)


async def generated(key: str, **conversation_parts) -> dict | None:
    tracker = conversation(**conversation_parts)
    return await CatalogueResponseGenerator().generate(key, tracker, "kompas")


@pytest.mark.parametrize(
    ("slots", "language"),
    [
        ({}, "nl"),
        ({"detected_language": "tr"}, "tr"),
        ({"detected_language": "en"}, "en"),
        ({"language": "pl", "detected_language": "tr"}, "pl"),
        ({"language": "en", "detected_language": "nl"}, "en"),
        ({"language": "xx", "detected_language": "tr"}, "tr"),
        ({"language": "xx", "detected_language": "other"}, "nl"),
    ],
)
def test_what_the_visitor_chose_comes_before_what_was_detected(slots: dict, language: str):
    assert conversation_language(conversation(slots)) == language


@pytest.mark.parametrize("language", languages())
async def test_a_response_carries_its_parts_as_the_channel_expects_them(language: str):
    message = await generated("utter_hague_costs", slots={"language": language})
    assert message["text"] == compose("utter_hague_costs", language)["text"]
    assert message["custom"]["id"] == "utter_hague_costs"
    assert message["custom"]["lang"] == language
    assert message["custom"]["kind"] == "text"
    assert (
        message["custom"]["reviewed"] == answers().entries["utter_hague_costs"].reviewed.isoformat()
    )
    assert message["custom"]["links"]
    assert message["buttons"]


@pytest.mark.parametrize(
    ("before", "key", "topic"),
    [
        ([], "utter_hague_costs", "return"),
        (["utter_greet", "utter_travel_documents"], "utter_hague_costs", "return"),
        (["utter_hague_duration", "utter_greet"], "utter_hague_costs", None),
        ([], "utter_greet", None),
        ([], "utter_rephrase", None),
    ],
)
async def test_the_first_answer_on_a_topic_names_it(before: list, key: str, topic: str | None):
    tracker = conversation(slots={"language": "tr"})
    for each in before:
        tracker.update(BotUttered("…", {"custom": {"id": each}}))
    message = await CatalogueResponseGenerator().generate(key, tracker, "kompas")
    assert message["custom"].get("topic") == topic


def _told(doubtful: str | None, **others: str) -> UserUttered:
    found = {**({"doubtful_emergency": doubtful} if doubtful else {}), **others}
    entities = [{"entity": name, "value": value} for name, value in found.items()]
    return UserUttered("een vraag", entities=entities)


async def _front(*events: Event, key: str = "utter_hague_costs") -> list[str]:
    tracker = DialogueStateTracker.from_events("sender", events, slots=DOMAIN.slots)
    message = await CatalogueResponseGenerator().generate(key, tracker, "kompas")
    return message["custom"].get("front", [])


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("kind", KINDS)
async def test_before_the_answer_to_what_could_be_an_emergency_stands_whom_to_call(
    kind: str, language: str
):
    assert await _front(_told(kind)) == [f"utter_doubtful_{kind}"]
    turn = with_front_texts(
        [{"id": "utter_hague_costs", "lang": language, "front": [f"utter_doubtful_{kind}"]}]
    )
    assert [message["id"] for message in turn] == [f"utter_doubtful_{kind}", "utter_hague_costs"]
    assert "112" in turn[0]["text"]
    assert "tel:112" in [link["url"] for link in turn[0]["links"]]


async def test_whom_to_call_is_not_said_again_at_once():
    said = BotUttered("…", {"custom": {"id": "utter_greet", "front": ["utter_doubtful_child"]}})
    assert await _front(_told("child"), said, _told("child")) == []
    assert await _front(_told("child"), said, _told("suicide")) == ["utter_doubtful_suicide"]


async def test_an_answer_to_a_question_is_not_asked_whether_it_is_an_emergency():
    assert await _front(_told("violence", answer="yes")) == []
    assert await _front(_told("child"), key="utter_handover_role") == []


async def test_whom_to_call_comes_before_all_else():
    both = await _front(_told("departure", hard_request="prediction"))
    assert both == ["utter_doubtful_departure", "utter_hard_prediction"]
    assert await _front(_told(None, hard_request="prediction")) == ["utter_hard_prediction"]


@pytest.mark.parametrize("kind", hard_requests.KINDS)
async def test_before_the_answer_to_what_could_be_a_hard_request_stands_the_principle(kind: str):
    principle = hard_requests.principle(kind)
    told = _told(None, doubtful_hard_request=kind)
    assert await _front(told) == [principle]
    said = BotUttered("…", {"custom": {"id": "utter_greet", "front": [principle]}})
    assert await _front(told, said, told) == []
    assert await _front(_told(None, doubtful_hard_request=kind, answer="yes")) == []


async def test_the_text_of_a_hard_request_says_itself_whom_to_call():
    told = _told("suicide", hard_request="leave_unnoticed")
    assert await _front(told, key="utter_hard_request") == []
    # nor before the question of the checklist that comes again after it
    assert await _front(told, key="utter_ask_checklist_answer") == []


async def test_of_two_doubts_only_whom_to_call_is_said():
    both = await _front(_told("child", doubtful_hard_request="leave_unnoticed"))
    assert both == ["utter_doubtful_child"]


async def test_an_unknown_response_gives_nothing():
    assert await generated("utter_nowhere") is None


async def test_asking_back_offers_the_options_and_none_of_these():
    message = await generated(
        "utter_ask_back",
        slots={"language": "tr"},
        parse_data={"options": ["hague_costs", "lawyer"]},
    )
    assert [b["payload"] for b in message["buttons"]] == ["/hague_costs", "/lawyer", "/menu"]
    assert message["buttons"][0]["title"] == catalogue.text("tr", "option_hague_costs")
    assert message["buttons"][2]["title"] == catalogue.text("tr", "utter_ask_back_none")


async def test_without_options_it_asks_to_say_it_otherwise():
    message = await generated("utter_ask_back", parse_data={})
    assert message["custom"]["id"] == "utter_rephrase"


async def test_the_country_answer_goes_by_the_countries_of_the_conversation():
    message = await generated("utter_hague_country", slots={"countries": ["TR"]})
    assert "Turkije" in message["text"]


@pytest.mark.parametrize("key", ["utter_change_language", "utter_language_unknown"])
async def test_the_choice_of_languages_has_a_button_for_each(key: str):
    message = await generated(key)
    assert [b["title"] for b in message["buttons"]] == [
        language.name for language in languages().values()
    ]
    assert message["buttons"][1]["payload"] == '/change_language{"language": "tr"}'
