"""Steps through the checklist, for the tests: what a button sends and which item is asked."""

from __future__ import annotations

from datetime import date, timedelta

from stack import Answer, Visitor

from bot.checklist.questions import Question, checklist
from bot.nlg.answers import current_time, wording

QUESTION, RESULT = "utter_ask_checklist_answer", "utter_checklist_result"
NOTE, OFFER = "utter_checklist_note", "utter_checklist_offer"
START = "/hague_start_checklist"
RESTART = '/hague_start_checklist{"checklist": "restart"}'
DETAILS = ("conditions", "points", "documents", "submission", "deadlines")
ORDER = list(checklist().questions)
DOCUMENTS = list(checklist().documents)


def today() -> date:
    """The day in Amsterdam, as the assistant counts."""
    return current_time().date()


def days_ago(days: int) -> str:
    """Value of a day in the past, as a button sends it."""
    day = (today() - timedelta(days=days)).isoformat()
    return f"{day}/{day}"


def answer(item: str, value: str) -> str:
    """Payload that answers `item` with `value`."""
    return f'/checklist_answer{{"answer": "{item}={value}"}}'


def correct(item: str) -> str:
    """Payload that asks `item` again."""
    return f'/correct_answer{{"item": "{item}"}}'


def detail(part: str) -> str:
    """Payload that shows a part of the result."""
    return f'/checklist_detail{{"part": "{part}"}}'


_BEST_FIRST = ("ok", "attention", "unknown", "jurist")


def _first_good(question: Question) -> str:
    computed = {"q_home_country": "NL", "q_child_where": "TR", "q_age": "8"}
    if question.type in ("choice", "multi"):
        leads_on = [o for o in question.options if not question.outcome(o).next]
        return min(leads_on, key=lambda o: _BEST_FIRST.index(question.outcome(o).verdict))
    if question.type == "date":
        return days_ago(60)
    return "all" if question.type == "per_document" else computed[question.id]


GOOD = {name: _first_good(question) for name, question in checklist().questions.items()}
"""For each question the first answer that leads on, favourable where there is one."""


def said(key: str, language: str) -> str:
    """A text of the catalogues as a visitor reads it, with the numbers to call filled in."""
    return wording(key, language, current_time(), {})


def asked(reply: Answer) -> str | None:
    """The item that a reply ends by asking; None when it asks none."""
    last = reply.messages[-1]
    return str(last["item"]) if last["id"] == QUESTION else None


def walk_to(visitor: Visitor, item: str, answers: dict[str, str] | None = None) -> Answer:
    """Begin the list and answer by buttons until `item` is asked; `answers` go before `GOOD`."""
    name, _, part = item.partition("/")
    given = {**GOOD, **(answers or {})}
    reply = visitor.press(START)
    for question in ORDER[: ORDER.index(name)]:
        reply = visitor.press(answer(question, given[question]))
    if part in DOCUMENTS:
        reply = visitor.press(answer(name, "one_by_one"))
        for document in DOCUMENTS[: DOCUMENTS.index(part)]:
            reply = visitor.press(answer(f"{name}/{document}", "have"))
    elif part:
        reply = visitor.press(answer(name, "?+?"))
        for child in range(1, int(part)):
            reply = visitor.press(answer(f"{name}/{child}", "8"))
    assert asked(reply) == item, (item, reply.ids)
    return reply


def walk_all(visitor: Visitor, answers: dict[str, str] | None = None) -> Answer:
    """Answer everything by buttons, up to the result."""
    last = ORDER[-1]
    walk_to(visitor, last, answers)
    reply = visitor.press(answer(last, {**GOOD, **(answers or {})}[last]))
    assert reply.ids[-1] == RESULT, reply.ids
    return reply
