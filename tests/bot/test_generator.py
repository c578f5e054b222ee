"""The response generator: which message a response becomes in a conversation."""

from __future__ import annotations

import pytest
from nlu_parts import ROOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.io import read_file

from bot import catalogue
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
