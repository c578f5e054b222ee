"""What the Rasa server counts of a turn once it is kept, and how long its parts take.

Rasa 3.6 has no hooks for this (tracing belongs to its paid edition), so `measure` puts a clock
around the methods at the seams: loading a conversation, reading a message, choosing what to do,
wording, keeping. Calls of the action server are measured in bot/whole_turns.py.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client import Counter
from rasa.core.agent import Agent
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.core.events import ActionExecuted, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot import handover, hard_requests
from bot.emergency import KINDS
from bot.hard_request_data import KINDS as HARD_KINDS
from bot.languages import languages
from bot.metrics import REGISTRY, closed
from bot.nlg.generator import NLU_FALLBACK_OPTIONS, conversation_language
from bot.recent_turns import all_events
from bot.request_trace import stage
from bot.trackers import SILENT, custom_of

logger = logging.getLogger(__name__)

OUTCOMES = ("pressed", "understood", "asked_back", "not_understood", "other_language")
CHECKLIST_STEPS = ("begun", "finished", "paused", "abandoned")
HANDOVER_STEPS = ("asked", "declined", "accepted", "taken_back")
ERASURES = ("asked", "days")
"""Why a conversation was erased: somebody ended it, or its days were over."""

_LANGUAGES = tuple(languages())

messages = Counter(
    "kompas_messages_total",
    "Messages of visitors, buttons included, by what they meant.",
    ["intent", "language"],
    registry=REGISTRY,
)
understanding = Counter(
    "kompas_understanding_total",
    "Messages of visitors by how they were understood.",
    ["outcome", "language"],
    registry=REGISTRY,
)
emergencies = Counter(
    "kompas_emergencies_total",
    "Emergency cards shown.",
    ["kind", "language"],
    registry=REGISTRY,
)
hard = Counter(
    "kompas_hard_requests_total",
    "Hard requests seen.",
    ["kind"],
    registry=REGISTRY,
)
checklists = Counter(
    "kompas_checklists_total",
    "Walks through the checklist.",
    ["step", "language"],
    registry=REGISTRY,
)
handovers = Counter(
    "kompas_handovers_total",
    "Steps of handing over to a person.",
    ["step", "language"],
    registry=REGISTRY,
)
erasures = Counter(
    "kompas_erasures_total",
    "Conversations erased.",
    ["reason"],
    registry=REGISTRY,
)

# a count that begins at nothing hides its first rise
for _counter, _values in (
    (understanding, OUTCOMES),
    (emergencies, KINDS),
    (checklists, CHECKLIST_STEPS),
    (handovers, HANDOVER_STEPS),
):
    for _value in _values:
        for _language in _LANGUAGES:
            _counter.labels(_value, _language)
for _kind in HARD_KINDS:
    hard.labels(_kind)
for _reason in ERASURES:
    erasures.labels(_reason)

_BEGUN = frozenset(["utter_hague_start_checklist", "utter_checklist_restarted"])
_RESULT, _PAUSED = "utter_checklist_result", "utter_checklist_paused"
_HANDED_OVER = frozenset(["utter_handover_done", "utter_handover_waiting"])
_HANDOVER_KEYS = {
    handover.ASK: "asked",
    "utter_handover_declined": "declined",
    "utter_handover_withdrawn": "taken_back",
    "utter_handover_withdrawing": "taken_back",
}


def measure(agent: Agent) -> None:
    """From now on the turns of `agent` are measured and counted."""
    processor = agent.processor
    if processor is None:
        return
    intents = frozenset(processor.domain.intents)
    save = processor.save_tracker

    async def save_tracker(tracker: DialogueStateTracker) -> None:
        with stage("keep"):
            await save(tracker)
        try:
            count(tracker, intents)
        except Exception as error:
            # a turn is worth more than a figure of it
            logger.error("A turn was not counted: %s.", type(error).__name__)

    processor.save_tracker = save_tracker
    processor.get_tracker = _timed("load", processor.get_tracker)
    processor.parse_message = _timed("parse", processor.parse_message)
    processor.nlg.generate = _timed("answers", processor.nlg.generate)
    predict = processor.predict_next_with_tracker_if_should

    @functools.wraps(predict)
    def predict_next(tracker: DialogueStateTracker) -> Any:
        with stage("policy"):
            return predict(tracker)

    processor.predict_next_with_tracker_if_should = predict_next


def _timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    async def timed(*arguments: Any, **options: Any) -> Any:
        with stage(name):
            return await function(*arguments, **options)

    return timed


def count(tracker: DialogueStateTracker, intents: frozenset[str]) -> None:
    """Count the last turn of a conversation, which is kept."""
    message = tracker.latest_message
    turn = _last_turn(tracker)
    if message is None or turn is None:
        return
    language = closed(conversation_language(tracker), _LANGUAGES)
    intent = message.intent.get("name")
    messages.labels(closed(intent, intents), language).inc()
    understanding.labels(_outcome(message, intent), language).inc()
    kind = next(iter(tracker.get_latest_entity_values("emergency")), None)
    if kind is not None:
        emergencies.labels(closed(kind, KINDS), language).inc()
    for kind in tracker.get_latest_entity_values(hard_requests.ENTITY):
        hard.labels(closed(kind, HARD_KINDS)).inc()
    said = [key for event in turn if (key := _key(event))]
    _count_checklist(tracker, turn, said, language)
    _count_handover(tracker, said, language)


def _last_turn(tracker: DialogueStateTracker) -> list[Event] | None:
    """What happened since the visitor's last message, the latest first."""
    turn: list[Event] = []
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            return turn
        turn.append(event)
    return None


def _outcome(message: UserUttered, intent: str | None) -> str:
    if (message.text or "").startswith("/"):
        return "pressed"
    if intent == DEFAULT_NLU_FALLBACK_INTENT_NAME:
        options = (message.parse_data or {}).get(NLU_FALLBACK_OPTIONS)
        return "asked_back" if options else "not_understood"
    return "other_language" if intent == "other_language" else "understood"


def _key(event: Event) -> str | None:
    """The key of a response that was said."""
    custom = custom_of(event)
    return None if custom.get(SILENT) else custom.get("id")


def _count_checklist(
    tracker: DialogueStateTracker, turn: list[Event], said: list[str], language: str
) -> None:
    did = {event.action_name for event in turn if isinstance(event, ActionExecuted)}
    if "action_start_checklist" in did and not _BEGUN.isdisjoint(said):
        checklists.labels("begun", language).inc()
    if _PAUSED in said:
        checklists.labels("paused", language).inc()
    if _RESULT in said:
        # Rasa has the last turns only; the latest come first
        earlier = [key for event in all_events(tracker) if (key := _key(event))][len(said) :]
        # shown again, a result is no further walk
        if is_open([*reversed(earlier), *(key for key in said if key in _BEGUN)]):
            checklists.labels("finished", language).inc()


def is_open(said: Iterable[str]) -> bool:
    """Whether, by what was said in a conversation, a walk was begun that has no result yet."""
    begun = False
    for key in said:
        if key in _BEGUN:
            begun = True
        elif key == _RESULT:
            begun = False
    return begun


def _count_handover(tracker: DialogueStateTracker, said: list[str], language: str) -> None:
    for key in said:
        if key in _HANDOVER_KEYS:
            handovers.labels(_HANDOVER_KEYS[key], language).inc()
    if _HANDED_OVER.isdisjoint(said):
        return
    # the same words answer how it stands: a case more is a higher number
    numbers = [
        handover.Handover(event.value).number
        for event in all_events(tracker)
        if isinstance(event, SlotSet) and event.key == handover.SLOT
    ]
    if numbers and numbers[0] > next(iter(numbers[1:]), 0):
        handovers.labels("accepted", language).inc()


def erased(said: Iterable[tuple[str, str]], reason: str) -> None:
    """Count a conversation that goes; `said` are the keys and languages of what it said."""
    pairs = list(said)
    if not pairs:
        return
    erasures.labels(closed(reason, ERASURES)).inc()
    if is_open(key for key, _ in pairs):
        checklists.labels("abandoned", closed(pairs[-1][1], _LANGUAGES)).inc()
