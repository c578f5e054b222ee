"""Changing the language of the conversation, at any turn."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Event, SafeAction
from bot.languages import is_language

# Said about the conversation, not about the visitor's question: not worth saying again.
_NOT_AGAIN = {
    "utter_ask_back",
    "utter_affirm",
    "utter_cancel",
    "utter_ask_checklist_answer",
    "utter_checklist_code",
    "utter_checklist_code_open",
    "utter_checklist_note",
    "utter_checklist_restarted",
    "utter_checklist_resumed",
    "utter_checklist_unclear",
    "utter_change_language",
    "utter_error",
    "utter_language_changed",
    "utter_language_unknown",
    "utter_nothing_readable",
    "utter_rephrase",
}


class ChangeLanguage(SafeAction):
    """Confirms the new language and gives the last answer again in it.

    The slot `language` is filled by its mapping before this runs. Without a language named,
    or with one that the assistant does not speak, it shows the choice.
    """

    def name(self) -> str:
        """Name of the action in the domain."""
        return "action_change_language"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[Event]:
        """Utter the confirmation and let the last answer follow."""
        if not is_language(next(tracker.get_latest_entity_values("language"), None)):
            dispatcher.utter_message(response="utter_change_language")
            return []
        dispatcher.utter_message(response="utter_language_changed")
        if tracker.active_loop.get("name"):
            # the form asks its question again by itself
            return []
        again = last_answer(tracker)
        return [FollowupAction(again)] if again else []


def last_answer(tracker: Tracker) -> str | None:
    """Key of the last response that answered the visitor, if there is one."""
    for event in reversed(tracker.events):
        key = (event.get("metadata") or {}).get("utter_action")
        if event.get("event") == "bot" and key and key not in _NOT_AGAIN:
            return str(key)
    return None
