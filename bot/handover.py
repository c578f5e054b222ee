"""Handing a conversation over to a person: how far it is, and the case that goes to the desk.

Plain rules over what a tracker holds. The case has what was said and answered, and no name or
number: those go past the conversation, from the contact form to the desk.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from bot import catalogue
from bot.checklist import rules, values, wording
from bot.checklist.questions import UNKNOWN, checklist
from bot.checklist.result import result
from bot.checklist.state import State
from bot.checklist.values import SAME_AS_HOME
from bot.languages import SOURCE, is_language
from bot.nlg.answers import AMSTERDAM, PAYLOAD
from desk.codes import codebook, propose

INTENT, ENTITY, SLOT = "handover", "handover", "handover"
"""Names in the domain: the intent of the buttons, what they carry, where it stands."""

ASK, ROLE_ASK, FORM, WITHDRAW_ASK = (
    "utter_ask_human",
    "utter_handover_role",
    "utter_handover_form",
    "utter_handover_withdraw_ask",
)
"""Responses that ask the visitor something."""

YES, NO, WITHOUT, AGAIN, STATUS, WITHDRAW, WITHDRAW_YES, WITHDRAW_NO = (
    "yes",
    "no",
    "none",
    "again",
    "status",
    "withdraw",
    "withdraw_yes",
    "withdraw_no",
)
STEPS = frozenset([YES, NO, WITHOUT, AGAIN, STATUS, WITHDRAW, WITHDRAW_YES, WITHDRAW_NO])
"""What a button says; besides these `role=<role>`."""

ROLES = ("left_behind", "taking", "relative", "professional", "unknown")
_CONTACT = "ref="
# the checklist asks more closely who somebody is
_ROLE_OF: Mapping[str, str] = {
    "left_behind_parent": "left_behind",
    "other_person_with_custody": "left_behind",
    "institution": "professional",
    "taking_parent": "taking",
    "family_or_friend": "relative",
    "professional": "professional",
}

# told by the parent who stays behind or fears to
_ROLE_OF_INTENT: Mapping[str, str] = {
    **dict.fromkeys(
        [
            "child_abducted",
            "child_retained",
            "move_other_parent_wants",
            "threat_abduction",
            "threat_imminent",
            "threat_measures",
            "threat_signals",
            "travel_other_parent_without_consent",
        ],
        "left_behind",
    ),
    "taking_parent": "taking",
    "professional_question": "professional",
}

SENT, UNDERWAY, WITHDRAWN = "sent", "waiting", "withdrawn"
"""Where a case is: with the desk, in the outbox, taken back by the visitor."""

_OPENING = frozenset(["start_conversation", "session_start"])
_MOST_ENTRIES = 3999
_LEFT_OUT: dict[str, Any] = {"from": "assistant", "text": "[…]"}
# the desk takes 4 MiB; what it refuses for its size would never arrive
_MOST_BYTES = 3_000_000

Event = Mapping[str, Any]


def role_step(role: str) -> str:
    """What the button for a role says."""
    return f"role={role}"


def contact_step(reference: str) -> str:
    """The step after the contact form; no button says it, for it names the form."""
    return f"{_CONTACT}{reference}"


def contact_ref(step: str) -> str | None:
    """The form that a step names, if it does."""
    return step.removeprefix(_CONTACT) if step.startswith(_CONTACT) else None


def is_step(value: str) -> bool:
    """Whether a button of ours says this."""
    return value in STEPS or value in {role_step(role) for role in ROLES}


class Handover:
    """The slot `handover`: `number` of the last case, its `state`, what the desk replied.

    `turn` is how many messages the visitor had sent when it was handed over.
    """

    def __init__(self, slot: Any) -> None:
        slot = slot if isinstance(slot, dict) else {}
        self.number: int = slot.get("number") or 0
        self.state: str | None = slot.get("state")
        self.role: str | None = slot.get("role")
        self.contact_ref: str | None = slot.get("contact_ref")
        self.reference: str | None = slot.get("reference")
        self.reading: str | None = slot.get("reading")
        self.urgent: bool = bool(slot.get("urgent"))
        self.turn: int = slot.get("turn") or 0

    def as_slot(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return dict(vars(self))


def role_of(slot: Any, events: Iterable[Event]) -> str | None:
    """Who the visitor is, as far as the conversation says; the checklist asks it outright."""
    answered = State(slot).answers.get("q_role")
    if isinstance(answered, str) and answered in _ROLE_OF:
        return _ROLE_OF[answered]
    if is_urgent(events):
        # whoever cannot wait is not asked one question more
        return "unknown"
    return None


def role_said(line: str | None, candidates: Sequence[str] = (), intent: str | None = None) -> str:
    """The role that a typed answer tells of: its line for `q_role`, or else what comes near.

    Nobody is asked twice; what stays open, a colleague asks.
    """
    near = [line] if line else candidates if len(candidates) == 1 else []
    for each in near:
        role = _ROLE_OF.get(each.partition("=")[2])
        if role is not None:
            return role
    return _ROLE_OF_INTENT.get(intent or "", "unknown")


def is_urgent(events: Iterable[Event]) -> bool:
    """Whether the visitor told of something for which nobody waits until tomorrow."""
    urgent = codebook().urgent
    return any(
        _intent(event) in urgent or any(_entities(event, "emergency"))
        for event in events
        if event.get("event") == "user"
    )


def turns(events: Iterable[Event]) -> int:
    """How many messages the visitor sent that say something."""
    silent = {INTENT, "ask_human", "change_language", "affirm", "deny", "thank", *_OPENING}
    return sum(event.get("event") == "user" and _intent(event) not in silent for event in events)


def case(
    conversation: str,
    language: str,
    events: Sequence[Event],
    slots: Mapping[str, Any],
    handover: Handover,
    *,
    today: date,
) -> dict[str, Any]:
    """The body of `POST /api/cases` (see the interface contract)."""
    said = _latest(list(transcript(events, today)))
    answers = State(slots.get("checklist")).answers
    summary = list(_summary(answers, today))
    role = handover.role or "unknown"
    proposal = propose(
        None,
        [entry["intent"] for entry in said if entry.get("intent")],
        role=role,
        verdicts=[row["verdict"] for row in summary],
    )
    home, now = _countries(answers, slots.get("countries"))
    body: dict[str, Any] = {
        "conversation": conversation,
        "language": language,
        "line_hint": proposal.line,
        "code": codebook().codes[proposal.code].label,
        "role": role,
        "countries": {"from": home, "to": now},
        "children": list(_children(answers)),
        "urgent": is_urgent(events),
        "summary": summary,
        "transcript": said,
    }
    if handover.contact_ref:
        body["contact_ref"] = handover.contact_ref
    return body


def _latest(said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The end of a transcript, as far as it fits in a case."""
    room, first = _MOST_BYTES, len(said)
    for entry in reversed(said[-_MOST_ENTRIES:]):
        room -= len(json.dumps(entry)) + 2
        if room < 0:
            break
        first -= 1
    # who reads it sees that there was more
    return [*([_LEFT_OUT] if first else []), *said[first:]]


def _summary(answers: values.Answers, today: date) -> Iterator[dict[str, Any]]:
    kept = dict(result(answers, today).answers) if answers else {}
    for name, value in kept.items():
        question = checklist().questions[name]
        yield {
            "question_id": name,
            "answer": value,
            "verdict": rules.verdict(question, kept, today),
        }


def _countries(answers: values.Answers, named: Any) -> tuple[str | None, str | None]:
    """Where the child lived and where it is; else what was named, the Netherlands as home."""
    home, where = answers.get("q_home_country"), answers.get("q_child_where")
    where = home if where == SAME_AS_HOME else where
    if is_country(home) or is_country(where):
        return (
            str(home) if is_country(home) else None,
            str(where) if is_country(where) else None,
        )
    listed = [str(code) for code in named or [] if is_country(code)]
    abroad = next((code for code in listed if code != "NL"), None)
    return ("NL" if "NL" in listed and abroad else None), abroad


def is_country(value: Any) -> bool:
    """Whether a kept answer is a country's code."""
    return isinstance(value, str) and bool(re.fullmatch(r"[A-Z]{2}", value))


def _children(answers: values.Answers) -> Iterator[dict[str, int]]:
    listed = answers.get("q_age")
    for child in listed if isinstance(listed, list) else []:
        if not isinstance(child, dict):
            yield {}
        elif "born" in child:
            first, last = (date.fromisoformat(day) for day in child["born"])
            yield {"birth_year": first.year} if first.year == last.year else {}
        elif isinstance(child.get("years"), int):
            yield {"age": child["years"]}


# --- transcript -----------------------------------------------------------------------------


def transcript(events: Iterable[Event], today: date) -> Iterator[dict[str, Any]]:
    """What was said, in order. A pressed button is what stood on it.

    Messages that code put together carry their Dutch wording (`variables.nl`); any other the
    desk finds in the catalogue by its `id`.
    """
    language = SOURCE
    titles: dict[str, str] = {}
    for event in events:
        at = _moment(event)
        if event.get("event") == "bot":
            data = event.get("data") or {}
            custom = data.get("custom") or {}
            language = custom["lang"] if is_language(custom.get("lang")) else language
            titles.update({b["payload"]: b["title"] for b in data.get("buttons") or []})
            if event.get("text"):
                yield _assistant(event["text"], custom, at)
        elif event.get("event") == "user":
            text = str(event.get("text") or "")
            if text.startswith("/"):
                yield from _pressed(text, titles, language, at, today)
            elif text:
                yield {"from": "visitor", "text": text, **at, **_understood(event)}


def _assistant(text: str, custom: Mapping[str, Any], at: Mapping[str, str]) -> dict[str, Any]:
    entry: dict[str, Any] = {"from": "assistant", "text": text, **at}
    for name, key in (("id", "id"), ("lang", "lang"), ("question_id", "question_id")):
        if custom.get(key):
            entry[name] = custom[key]
    if custom.get("nl"):
        entry["variables"] = {SOURCE: custom["nl"]}
    return entry


def _pressed(
    payload: str, titles: Mapping[str, str], language: str, at: Mapping[str, str], today: date
) -> Iterator[dict[str, Any]]:
    found = PAYLOAD.fullmatch(payload)
    if found is None or found["intent"] in _OPENING:
        return
    title = titles.get(payload) or _title(found["intent"], found["entities"], language, today)
    if title is None:
        return
    entry = {"from": "visitor", "text": title, "lang": language, **at, "intent": found["intent"]}
    if language != SOURCE:
        dutch = _title(found["intent"], found["entities"], SOURCE, today)
        entry["variables"] = {SOURCE: dutch} if dutch else {}
    yield entry


def _title(intent: str, entities: str | None, language: str, today: date) -> str | None:
    """What stands on the button of a payload, where the payload tells."""
    carried = _carried(entities)
    if intent == "checklist_answer" and "answer" in carried:
        return _answered(str(carried["answer"]), language, today)
    if intent == INTENT and ENTITY in carried:
        name = f"button_handover_{str(carried[ENTITY]).replace('=', '_')}"
        return catalogue.text(language, name) if catalogue.has_text(language, name) else None
    for key in (f"button_{intent}", f"option_{intent}"):
        if catalogue.has_text(language, key):
            return catalogue.text(language, key)
    return None


def _answered(line: str, language: str, today: date) -> str | None:
    """An answer of the checklist in words, as it was pressed or ticked."""
    try:
        item, value = values.parse(line, today)
    except values.MalformedAnswer:
        return None
    name = item.partition("/")[0]
    if value == "+1":
        return catalogue.text(language, "button_checklist_one_more_child")
    if checklist().questions[name].type == "per_document" and isinstance(value, list):
        value = dict.fromkeys(value, "have")
    return wording.shown(name, value, language)


def _carried(entities: str | None) -> dict[str, Any]:
    try:
        found = json.loads(entities or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _understood(event: Event) -> dict[str, Any]:
    intent = _intent(event)
    known = intent and re.fullmatch(r"[a-z0-9_]{1,80}", intent)
    found: dict[str, Any] = {"intent": intent} if known else {}
    language = next(iter(_entities(event, "detected_language")), None)
    if is_language(language):
        found["lang"] = language
    return found


def _intent(event: Event) -> str | None:
    return ((event.get("parse_data") or {}).get("intent") or {}).get("name")


def _entities(event: Event, name: str) -> Iterator[Any]:
    for entity in (event.get("parse_data") or {}).get("entities") or []:
        if entity.get("entity") == name:
            yield entity.get("value")


def moment(text: Any) -> datetime | None:
    """A time as the desk writes it; None for anything else."""
    try:
        # Python 3.10 does not know Z
        found = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _moment(event: Event) -> dict[str, str]:
    stamp = event.get("timestamp")
    if not isinstance(stamp, (int, float)):
        return {}
    return {"at": datetime.fromtimestamp(stamp, AMSTERDAM).isoformat(timespec="seconds")}


assert UNKNOWN not in _ROLE_OF
