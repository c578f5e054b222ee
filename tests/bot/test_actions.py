"""The action server: failures, changing the language, what was answered last."""

from __future__ import annotations

import logging

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.base import SafeAction
from actions.language import ChangeLanguage, last_answer


def tracker(entities: dict[str, str] | None = None, events: list[dict] | None = None) -> Tracker:
    message = {
        "text": "geheime woorden",
        "entities": [{"entity": k, "value": v} for k, v in (entities or {}).items()],
    }
    return Tracker("sender", {}, message, events or [], False, None, {}, "action_listen")


def uttered(key: str | None) -> dict:
    return {"event": "bot", "text": "…", "metadata": {"utter_action": key} if key else None}


USER = {"event": "user", "text": "een vraag", "metadata": {}}


class Broken(SafeAction):
    """Says half a thing and then fails on what the visitor wrote."""

    def name(self) -> str:
        return "action_broken"

    async def act(self, dispatcher, tracker):
        dispatcher.utter_message(response="utter_greet")
        raise ValueError(tracker.latest_message["text"])


async def test_a_failing_action_says_so_and_shows_no_words(caplog):
    dispatcher = CollectingDispatcher()
    with caplog.at_level(logging.DEBUG):
        events = await Broken().run(dispatcher, tracker(), {})
    assert events == []
    assert [m["response"] for m in dispatcher.messages] == ["utter_error"]
    assert "action_broken failed with ValueError" in caplog.text
    assert "geheime" not in caplog.text
    assert all(record.exc_info is None for record in caplog.records)


async def run_change(**parts):
    dispatcher = CollectingDispatcher()
    events = await ChangeLanguage().run(dispatcher, tracker(**parts), {})
    return [m["response"] for m in dispatcher.messages], events


async def test_a_new_language_is_confirmed_and_the_last_answer_follows():
    said, events = await run_change(
        entities={"language": "tr"}, events=[uttered("utter_hague_costs"), USER]
    )
    assert said == ["utter_language_changed"]
    assert [(e["event"], e["name"]) for e in events] == [("followup", "utter_hague_costs")]


async def test_without_an_answer_so_far_it_is_only_confirmed():
    said, events = await run_change(entities={"language": "pl"}, events=[USER])
    assert said == ["utter_language_changed"]
    assert events == []


@pytest.mark.parametrize("entities", [{}, {"language": "fr"}, {"language": ""}, {"country": "TR"}])
async def test_without_one_of_our_languages_the_choice_is_shown(entities: dict):
    said, events = await run_change(entities=entities, events=[uttered("utter_hague_costs")])
    assert said == ["utter_change_language"]
    assert events == []


@pytest.mark.parametrize(
    ("events", "key"),
    [
        ([], None),
        ([USER], None),
        ([uttered("utter_lawyer")], "utter_lawyer"),
        ([uttered("utter_lawyer"), USER, uttered("utter_hague_costs")], "utter_hague_costs"),
        ([uttered("utter_lawyer"), USER, uttered("utter_error"), USER], "utter_lawyer"),
        ([uttered("utter_lawyer"), uttered("utter_language_changed")], "utter_lawyer"),
        ([uttered("utter_lawyer"), uttered("utter_ask_back")], "utter_lawyer"),
        ([uttered("utter_lawyer"), uttered(None)], "utter_lawyer"),
        ([uttered("utter_ask_back"), uttered("utter_rephrase")], None),
        ([{"event": "slot", "metadata": {"utter_action": "utter_lawyer"}}], None),
    ],
)
def test_the_last_answer_is_what_answered_the_visitor(events: list[dict], key: str | None):
    assert last_answer(tracker(events=events)) == key
