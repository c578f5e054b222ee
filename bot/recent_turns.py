"""A conversation as Rasa needs it: its last turns, and what went before in a few events.

Rasa replays and copies all events of a session several times in a turn, so each turn of a long
conversation would take longer than the one before. It looks back a few turns at most. Whoever needs
more (a language chosen anew, the topics of a conversation) reads it when it is needed.
"""

from __future__ import annotations

import copy
import dataclasses
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

TURNS = 3
"""So many messages of the visitor and what followed them; Rasa's rules and its form need one."""


class Earlier(Protocol):
    """What went before the last turns in the same session."""

    def events(self) -> Sequence[Event]:
        """All of it, in order."""

    def was_topic(self, topic: str) -> bool:
        """Whether an answer on `topic` was given."""


class RecentTracker(DialogueStateTracker):
    """The state of a whole conversation with the events of its last turns."""

    earlier: Earlier | None = None
    """None where nothing is left out."""
    kept: int = 0
    """How many of the events need not be stored: they are, or stand for others that are."""
    last_row: int | None = None
    """The last row that was read; None when it is not known any more."""

    @classmethod
    def read(
        cls,
        sender: str,
        slots: Iterable[Slot],
        before: Sequence[Event],
        recent: Sequence[Event],
        last_row: int,
    ) -> RecentTracker:
        """A tracker of the events of `recent`, and of `before`, which stand for earlier ones."""
        tracker = cls(sender, slots)
        for event in (*before, *recent):
            tracker.update(event)
        tracker.kept, tracker.last_row = len(tracker.events), last_row
        return tracker

    def copy(self) -> RecentTracker:
        """The same state and events; Rasa's own way is to replay them."""
        twin = copy.copy(self)
        twin.events = deque(self.events)
        twin.slots = {name: copy.copy(slot) for name, slot in self.slots.items()}
        twin.active_loop = self.active_loop and dataclasses.replace(self.active_loop)
        return twin


def standing_for(slots: Iterable[Event], loop: str | None) -> list[Event]:
    """Events after which the slots and the open form are as earlier events left them."""
    events: list[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted(), *slots]
    if loop is not None:
        # as an open form leaves it: asked once at least
        events += [ActionExecuted(loop), ActiveLoop(loop)]
    return [*events, ActionExecuted(ACTION_LISTEN_NAME)]


def all_events(tracker: DialogueStateTracker) -> Iterator[Event]:
    """The events of the session, the latest first; of earlier turns when they are asked for."""
    earlier = getattr(tracker, "earlier", None)
    if earlier is None:
        yield from reversed(tracker.events)
        return
    recent = list(tracker.events)
    yield from reversed(recent)
    yield from reversed(earlier.events())
