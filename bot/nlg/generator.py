"""Rasa's response generator: asks the catalogues, in the language of the conversation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot import catalogue
from bot.languages import SOURCE, is_language
from bot.nlg import answers, country_answer

NLU_FALLBACK_OPTIONS = "options"


def conversation_language(tracker: DialogueStateTracker) -> str:
    """What the visitor chose; before any choice, what the visitor last clearly wrote in."""
    for slot in ("language", "detected_language"):
        value = tracker.get_slot(slot) if slot in tracker.slots else None
        if is_language(value):
            return str(value)
    return SOURCE


def proposed_language(tracker: DialogueStateTracker) -> str | None:
    """What the last message is clearly written in, when the visitor chose another language."""
    chosen, latest = tracker.get_slot("language"), tracker.latest_message
    if not is_language(chosen) or latest is None:
        return None
    if latest.intent.get("name") == "change_language":
        # "ik wil in het Turks verder" is Dutch, and no wish for it
        return None
    written = [e["value"] for e in latest.entities if e["entity"] == "detected_language"]
    return next((code for code in written if is_language(code) and code != chosen), None)


class CatalogueResponseGenerator(NaturalLanguageGenerator):
    """Named in endpoints.yml. Gives one message of the visitor API per response."""

    def __init__(self, endpoint_config: EndpointConfig | None = None, domain: Domain | None = None):
        self._keys = frozenset(answers.answers().entries)

    async def generate(
        self,
        utter_action: str,
        tracker: DialogueStateTracker,
        output_channel: str,
        **kwargs: Any,
    ) -> dict[str, Any] | None:
        """The message as Rasa carries it: text, and the rest under `custom`."""
        if utter_action not in self._keys:
            return None
        message = self._message(utter_action, tracker)
        custom = {k: v for k, v in message.items() if k not in ("text", "buttons")}
        if proposed := proposed_language(tracker):
            # the channel makes a message of it, at the end of the turn
            custom["proposal"] = proposed
        return {
            "text": message["text"],
            "buttons": [dict(button) for button in message["buttons"]],
            "custom": custom,
        }

    def _message(self, key: str, tracker: DialogueStateTracker) -> answers.Message:
        language = conversation_language(tracker)
        parse: Mapping[str, Any] = (
            tracker.latest_message.parse_data if tracker.latest_message else {}
        )
        if key == "utter_ask_back":
            options = [
                answers.option_button(intent, language)
                for intent in parse.get(NLU_FALLBACK_OPTIONS) or []
            ]
            if not options:
                return answers.compose("utter_rephrase", language)
            other = answers.Button(
                title=catalogue.text(language, "utter_ask_back_none"), payload="/menu"
            )
            return answers.compose(key, language, buttons=[*options, other])
        if key == "utter_hague_country":
            countries = tracker.get_slot("countries") or []
            return country_answer.compose(countries, language)
        if key in ("utter_change_language", "utter_language_unknown"):
            return answers.compose(key, language, buttons=answers.language_buttons())
        return answers.compose(key, language)
