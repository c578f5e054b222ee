"""Processes die; a visitor's message never meets silence. Each test puts back what it took."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from stack import LANGUAGES, Stack, Visitor, fetch

Arrive = Callable[..., Visitor]


def test_without_the_action_server_every_message_still_has_a_reply(
    stack: Stack, arrive: Arrive
) -> None:
    visitor = arrive("tr")
    stack.kill("actions")
    try:
        answer = visitor.choose("pl")
        assert answer.failed
        assert answer.body["help"]["contacts"]
        assert "112" in answer.text
        assert visitor.press("/lawyer").ids == ["utter_lawyer"], "questions need no action"
        ready = fetch(stack, "GET", "/readyz")
        assert ready.status == 503
        assert [name for name, up in ready.body["parts"].items() if not up] == ["actions"]
    finally:
        stack.start("actions")
    assert visitor.choose("pl").lang == "pl"


def test_without_rasa_the_visitor_reads_whom_to_call_and_nothing_is_lost(
    stack: Stack, arrive: Arrive
) -> None:
    visitor = arrive("tr")
    visitor.headers["Accept-Language"] = "tr"
    visitor.press("/hague_costs")
    stack.kill("rasa")
    try:
        answer = visitor.say("Merhaba, çocuğumu kaçırdılar")
        assert answer.status == 200
        assert answer.failed
        assert answer.ids == ["utter_error"]
        assert answer.lang == answer.body["help"]["lang"] == "tr"
        assert "112" in answer.text
        assert "112" in json.dumps(answer.body["help"])
        start = fetch(stack, "POST", "/api/chat/start", {"lang": "pl"}, visitor.headers)
        assert start.status == 503
        assert start.body["help"]["contacts"]
        end = visitor.end()
        assert end.status == 503, "it cannot claim to have erased"
        for language in LANGUAGES:
            card = fetch(stack, "GET", f"/api/help.json?lang={language}")
            assert (card.status, card.body["lang"]) == (200, language)
        assert fetch(stack, "GET", "/healthz").status == 200
        missing = {name for name, up in stack.readiness().items() if not up}
        assert missing == {"model", "tracker_store"}
    finally:
        stack.start("rasa")
    answer = visitor.choose("pl")
    assert answer.ids == ["utter_language_changed", "utter_hague_costs"]


def test_without_the_site_a_conversation_outlives_its_restart(stack: Stack, arrive: Arrive) -> None:
    visitor = arrive("pl")
    visitor.press("/mediation")
    stack.kill("web")
    with pytest.raises(OSError):
        visitor.press("/menu")
    stack.start("web")
    assert visitor.choose("nl").ids == ["utter_language_changed", "utter_mediation"]
