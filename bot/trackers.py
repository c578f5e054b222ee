"""What the tracker of a conversation tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.core.events import BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.recent_turns import RecentTracker
from bot.topics import topics

_ANSWERS = frozenset([*topics(), "utter_ask_back"])

SILENT = "silent"
"""Marks a message that says nothing: the form asks, but something else was asked before it."""


def custom_of(event: Event) -> Mapping[str, Any]:
    """What a message of ours carries besides its text, such as `id`; of other events nothing."""
    found = (event.data or {}).get("custom") if isinstance(event, BotUttered) else None
    return found or {}


def was_topic(tracker: DialogueStateTracker, topic: str) -> bool:
    """Whether an answer of the conversation was on `topic`."""
    if any(topics().get(key) == topic for key in _said(tracker)):
        return True
    earlier = tracker.earlier if isinstance(tracker, RecentTracker) else None
    return earlier is not None and earlier.was_topic(topic)


def _said(tracker: DialogueStateTracker) -> Iterator[str]:
    """Keys of all that was said in the last turns."""
    for event in tracker.events:
        if key := custom_of(event).get("id"):
            yield str(key)


def was_in_front(tracker: DialogueStateTracker, key: str) -> bool:
    """Whether the text `key` stood before an answer of the last turns."""
    return any(key in custom_of(event).get("front", ()) for event in tracker.events)


def last_said(tracker: DialogueStateTracker) -> str | None:
    """Key of what was said last since the visitor's last message, if anything was."""
    for event in reversed(tracker.events):
        if isinstance(event, BotUttered):
            custom = custom_of(event)
            if custom.get(SILENT):
                continue
            key = custom.get("id")
            return str(key) if key else None
        if isinstance(event, UserUttered):
            return None
    return None


def last_topic(tracker: DialogueStateTracker) -> str | None:
    """Topic of the last answer that had one, in the last turns."""
    return next((topics()[key] for key in reversed(list(_said(tracker))) if key in topics()), None)


def answered_last(tracker: DialogueStateTracker) -> bool:
    """Whether the last thing said was an answer or that nothing was understood: no question."""
    return not tracker.active_loop_name and last_said(tracker) in _ANSWERS


def last_typed(tracker: DialogueStateTracker) -> str | None:
    """What the visitor typed last, from the message on that was answered last.

    None where the last message was a button, or nothing. What was asked back about is part of it.
    """
    typed: list[str] = []
    understood = False
    for event in reversed(tracker.events):
        if isinstance(event, BotUttered):
            understood = custom_of(event).get("id") in topics()
        elif isinstance(event, UserUttered):
            text = event.text or ""
            if not text or text.startswith(INTENT_MESSAGE_PREFIX):
                break
            typed.append(text)
            if understood:
                break
    return ". ".join(reversed(typed)) or None


def offered_language(tracker: DialogueStateTracker) -> str | None:
    """The language that was offered with the last answer, if one was."""
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            return None
        if offered := custom_of(event).get("proposal"):
            return str(offered)
    return None
