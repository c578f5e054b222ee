"""What the tracker of a conversation tells."""

from __future__ import annotations

from collections.abc import Iterator

from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.recent_turns import RecentTracker
from bot.topics import topics

SILENT = "silent"
"""Marks a message that says nothing: the form asks, but something else was asked before it."""


def was_topic(tracker: DialogueStateTracker, topic: str) -> bool:
    """Whether an answer of the conversation was on `topic`."""
    if any(topics().get(key) == topic for key in _said(tracker)):
        return True
    earlier = tracker.earlier if isinstance(tracker, RecentTracker) else None
    return earlier is not None and earlier.was_topic(topic)


def _said(tracker: DialogueStateTracker) -> Iterator[str]:
    """Keys of all that was said in the last turns."""
    for event in tracker.events:
        if isinstance(event, BotUttered):
            custom = (event.data or {}).get("custom") or {}
            if custom.get("id"):
                yield str(custom["id"])


def last_said(tracker: DialogueStateTracker) -> str | None:
    """Key of what was said last since the visitor's last message, if anything was."""
    for event in reversed(tracker.events):
        if isinstance(event, BotUttered):
            custom = (event.data or {}).get("custom") or {}
            if custom.get(SILENT):
                continue
            key = custom.get("id")
            return str(key) if key else None
        if isinstance(event, UserUttered):
            return None
    return None
