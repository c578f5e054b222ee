"""Rasa's response generator: asks the catalogues, in the language of the conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot import catalogue, handover, hard_requests, reviews
from bot.checklist.state import FORM
from bot.handover import SLOT as HANDOVER
from bot.handover import Handover
from bot.languages import SOURCE, is_language
from bot.nlg import answers, checklist_messages, country_answer, handover_messages
from bot.nlu.emergency_step import DOUBTFUL
from bot.nlu.emergency_step import ENTITY as EMERGENCY
from bot.recent_turns import all_events
from bot.saved_checklists import kept_days
from bot.slots import spoken_language
from bot.topics import topics
from bot.trackers import SILENT, last_said, was_in_front, was_topic

NLU_FALLBACK_OPTIONS = "options"
DUTCH = "nl"
"""Key of the Dutch of a message that code put together: for the jurist, not for the visitor."""


def conversation_language(tracker: DialogueStateTracker) -> str:
    """What the visitor chose; before any choice, what the visitor last clearly wrote in."""
    return spoken_language(tracker.get_slot) or SOURCE


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


def _slot(tracker: DialogueStateTracker) -> Any:
    return tracker.get_slot("checklist") if "checklist" in tracker.slots else None


def _is_asking(tracker: DialogueStateTracker) -> bool:
    return bool(tracker.active_loop_name == FORM)


def _question(
    tracker: DialogueStateTracker, language: str, said: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    intent = tracker.latest_message.intent.get("name") if tracker.latest_message else None
    if last_said(tracker) in _ASKING:
        # one question at a time: the list goes on when that one is answered
        return None
    if intent in checklist_messages.INTERRUPTING or emergency_kind(tracker):
        return checklist_messages.offer(language)
    return checklist_messages.question(_slot(tracker), language)


def _why(
    tracker: DialogueStateTracker, language: str, said: Mapping[str, Any]
) -> Mapping[str, Any]:
    found = checklist_messages.why(_slot(tracker), language) if _is_asking(tracker) else None
    return found or answers.compose("utter_why_ask", language)


def _note(
    tracker: DialogueStateTracker, language: str, said: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    return checklist_messages.note(
        said["checklist"], said["item"], language, noted=said["noted"], changed=said["changed"]
    )


def _entities(tracker: DialogueStateTracker, name: str) -> Iterator[Any]:
    """Values of the entities `name` of the conversation, the latest first."""
    for event in all_events(tracker):
        if isinstance(event, UserUttered):
            yield from (found["value"] for found in event.entities if found["entity"] == name)


def _detail(
    tracker: DialogueStateTracker, language: str, said: Mapping[str, Any]
) -> Mapping[str, Any]:
    slot = _slot(tracker)
    # said again in another language, the part was named some turns ago
    part = next(_entities(tracker, "part"), None)
    if not isinstance(slot, dict) or part not in checklist_messages.PARTS:
        return answers.compose("utter_checklist_not_running", language)
    return checklist_messages.detail(slot, str(part), language)


def _code(key: str) -> _Composer:
    return lambda tracker, language, said: checklist_messages.code(key, language, kept_days())


_Composer = Callable[[DialogueStateTracker, str, Mapping[str, Any]], "Mapping[str, Any] | None"]

# What the checklist says follows from its slot and from what an action noted.
_CHECKLIST: Mapping[str, _Composer] = {
    checklist_messages.QUESTION: _question,
    checklist_messages.RESULT: lambda tracker, language, said: checklist_messages.outcome(
        said.get("checklist") or _slot(tracker), language
    ),
    "utter_checklist_note": _note,
    "utter_checklist_unclear": lambda tracker, language, said: checklist_messages.unclear(
        said["reason"], said["candidates"], language
    ),
    "utter_checklist_paused": lambda tracker, language, said: checklist_messages.paused(language),
    "utter_checklist_detail": _detail,
    "utter_checklist_code": _code("utter_checklist_code"),
    "utter_checklist_code_open": _code("utter_checklist_code_open"),
    "utter_why_ask": _why,
}


_ASKING = frozenset([handover.ASK, handover.ROLE_ASK, handover.FORM, handover.WITHDRAW_ASK])
"""Responses of the hand-over that wait for an answer."""


def _state(tracker: DialogueStateTracker, said: Mapping[str, Any]) -> Handover:
    """Where the hand-over stands: what the action just noted is not in the slot yet."""
    slot = tracker.get_slot(HANDOVER) if HANDOVER in tracker.slots else None
    return Handover(said.get("handover") or slot)


def _done(key: str) -> _Composer:
    return lambda tracker, language, said: handover_messages.done(
        key, _state(tracker, said), language
    )


_HANDOVER: Mapping[str, _Composer] = {
    handover.ASK: lambda tracker, language, said: handover_messages.ask(language),
    handover.ROLE_ASK: lambda tracker, language, said: handover_messages.role(language),
    handover.FORM: lambda tracker, language, said: handover_messages.form(language),
    handover.WITHDRAW_ASK: lambda tracker, language, said: handover_messages.withdraw_ask(language),
    "utter_handover_done": _done("utter_handover_done"),
    "utter_handover_waiting": _done("utter_handover_waiting"),
    "utter_handover_known": lambda tracker, language, said: handover_messages.known(
        _state(tracker, said), language, more=bool(said.get("more"))
    ),
    "utter_handover_kept": lambda tracker, language, said: handover_messages.kept(
        _state(tracker, said), language
    ),
}


def _hard_request(
    tracker: DialogueStateTracker, language: str, said: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The text of the latest kind; said again in another language, that was some turns ago."""
    kinds = _entities(tracker, hard_requests.ENTITY)
    keys = (key for kind in kinds if (key := hard_requests.own_answer(kind)))
    return answers.compose(next(keys, "utter_rephrase"), language)


_COMPOSERS: Mapping[str, _Composer] = {
    **_CHECKLIST,
    **_HANDOVER,
    hard_requests.RESPONSE: _hard_request,
    "utter_hague_country": lambda tracker, language, said: country_answer.compose(
        tracker.get_slot("countries") or [], language
    ),
}


def emergency_kind(tracker: DialogueStateTracker) -> str | None:
    """The kind of emergency that the last message tells of (bot/emergency.py)."""
    return next(iter(tracker.get_latest_entity_values(EMERGENCY)), None)


def new_topic(key: str, tracker: DialogueStateTracker) -> str | None:
    """The topic of the answer `key`, if it is the first on it in the conversation."""
    topic = topics().get(key)
    return None if topic is None or was_topic(tracker, topic) else topic


def front_texts(key: str, tracker: DialogueStateTracker) -> list[str]:
    """Keys of what is said before the answer `key` to the last message.

    What belongs before the usual answer to a hard request (bot/hard_requests.yml); before that,
    whom to call, should the message be an emergency (bot/nlu/emergency_step.py). Where neither is
    certain, the principle, should it be a hard request. What is only for the case is not said to
    who answers a question of the checklist or of the hand-over, nor again within some turns, nor
    before the text of a hard request, which names whom to call.
    """
    latest = tracker.get_latest_entity_values
    requests = list(latest(hard_requests.ENTITY))
    found = [text for text in map(hard_requests.front_text, requests) if text][:1]
    answers_a_question = key in _HANDOVER or next(latest("answer"), None) is not None
    if answers_a_question or any(map(hard_requests.own_answer, requests)):
        return found
    doubts = [f"utter_doubtful_{kind}" for kind in latest(DOUBTFUL)][:1]
    if not (doubts or found):
        principles = map(hard_requests.principle, latest(hard_requests.DOUBTFUL))
        doubts = [text for text in principles if text][:1]
    return [text for text in doubts if not was_in_front(tracker, text)] + found


class CatalogueResponseGenerator(NaturalLanguageGenerator):
    """Named in endpoints.yml. Gives one message of the visitor API per response."""

    def __init__(self, endpoint_config: EndpointConfig | None = None, domain: Domain | None = None):
        self._keys = frozenset(answers.answers().entries)
        # read now: a fault stops the start, and no visitor waits for it
        reviews.reviews()

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
        language = conversation_language(tracker)
        message = self._message(utter_action, tracker, kwargs, language)
        if message is None:
            return {"text": "", "buttons": [], "custom": {SILENT: True}}
        custom = {k: v for k, v in message.items() if k not in ("text", "buttons")}
        if language != SOURCE and (utter_action in _COMPOSERS or message.get("withheld")):
            # what was put together cannot be found by its key when a jurist reads it, nor what
            # was said in the place of a text
            with reviews.as_heard_in(language):
                dutch = self._message(utter_action, tracker, kwargs, SOURCE)
            custom[DUTCH] = dutch["text"] if dutch else ""
        if topic := new_topic(utter_action, tracker):
            # so that a conversation is counted once, wherever that is done
            custom["topic"] = topic
        if kind := emergency_kind(tracker):
            # the channel puts the card before everything else of the turn
            custom["emergency"] = kind
        elif front := front_texts(utter_action, tracker):
            # so do these texts, where the usual answer follows them
            custom["front"] = front
        if proposed := proposed_language(tracker):
            # the channel makes a message of it, at the end of the turn
            custom["proposal"] = proposed
        return {
            "text": message["text"],
            "buttons": [dict(button) for button in message["buttons"]],
            "custom": custom,
        }

    def _message(
        self, key: str, tracker: DialogueStateTracker, said: Mapping[str, Any], language: str
    ) -> Mapping[str, Any] | None:
        """The message of `key`; `said` is what an action gave besides the key."""
        if key in _COMPOSERS:
            return _COMPOSERS[key](tracker, language, said)
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
        if key in ("utter_change_language", "utter_language_unknown"):
            return answers.compose(key, language, buttons=answers.language_buttons())
        return answers.compose(key, language)
