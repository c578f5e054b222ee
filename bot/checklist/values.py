"""Answers as values: what JSON keeps, what a button sends, and what cannot be.

An answer travels as one line, `<item>=<value>`: `q_custody=yes_joint`, `q_proceedings=case_here+
case_there`, `q_child_where=TR`, `q_date=2026-07-01/2026-07-31`, `q_age=8+b2020-03-04/2020-03-04`,
`q_documents/d_birth=have`. Kept is, by question: an option (choice), a list of options (multi), a
country code, two ISO days (date), a list of children, or document → status. `unknown` fits every
question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta

from bot.checklist.questions import UNKNOWN, Question, checklist

Answers = dict[str, Any]
"""Question id → kept value; a question that is not in it has not been answered."""

NOT_YET = "not_yet"
"""Value of q_date: it has not happened."""

SAME_AS_HOME = "same_as_home"
"""Value of q_child_where: where the child lives, told without the country's name.

It is kept as said, so that it stays true when the answer to q_home_country is changed.
"""

ONE_BY_ONE, ALL, NONE = "one_by_one", "all", "none"
"""Answers to q_documents besides the documents themselves."""

STATUSES = ("have", "can_get", "not_available", UNKNOWN)
LAST_YEAR_OF_CHILDHOOD = 17
MOST_CHILDREN = 12
OLDEST_EVENT_YEARS = 16

_CHILD = re.compile(
    r"(?P<years>\d{1,2})(?:y(?P<more>\d{1,2})m)?|(?P<months>\d{1,2})m"
    r"|b(?P<first>\d{4}-\d\d-\d\d)/(?P<last>\d{4}-\d\d-\d\d)|unknown|\?",
    # digits of other scripts are on no button
    re.ASCII,
)
_NUMBER_OF_CHILD = re.compile("[1-9][0-9]?")
_RANGE = re.compile(r"(\d{4}-\d\d-\d\d)/(\d{4}-\d\d-\d\d)", re.ASCII)


class MalformedAnswer(ValueError):
    """A line that is no answer to any item of the list."""


@dataclass
class DoesNotFit(Exception):
    """An answer that cannot be: `problem` is the catalogue key that says so, with its values."""

    problem: str
    values: Mapping[str, str] = field(default_factory=dict)


def split_item(item: str) -> tuple[Question, str | None]:
    """Question of an item id and, for `q_age/2` or `q_documents/d_birth`, the part."""
    name, _, part = item.partition("/")
    question = checklist().questions.get(name)
    if question is None:
        raise MalformedAnswer("no such question")
    if not part:
        return question, None
    if question.type == "per_document" and part in checklist().documents:
        return question, part
    if question.type == "number_or_date_of_birth" and _is_child(part):
        return question, part
    raise MalformedAnswer("no such part of the question")


def _is_child(part: str) -> bool:
    return bool(_NUMBER_OF_CHILD.fullmatch(part)) and int(part) <= MOST_CHILDREN


def parse(line: str, today: date) -> tuple[str, Any]:
    """Item id and value of an answer line. Raises `MalformedAnswer`; says nothing of fitness."""
    item, found, text = line.partition("=")
    if not found:
        raise MalformedAnswer("not of the form item=value")
    question, part = split_item(item)
    return item, _value(question, part, text, today)


def _value(question: Question, part: str | None, text: str, today: date) -> Any:
    if question.type == "per_document":
        return _document_value(part, text)
    if text == UNKNOWN:
        return UNKNOWN
    if question.type == "choice" and text in question.options:
        return text
    if question.type == "multi":
        chosen = text.split("+")
        if set(chosen) <= set(question.options):
            # in the order of the file, so that the same ticks are the same answer
            return [option for option in question.options if option in chosen]
    if question.type == "country" and (re.fullmatch("[A-Z]{2}", text) or text == SAME_AS_HOME):
        return text
    if question.type == "date":
        if text == NOT_YET:
            return text
        if match := _RANGE.fullmatch(text):
            return _days(*match.groups())
    if question.type == "number_or_date_of_birth":
        if text == "+1":
            return text
        children = [_child(one, today) for one in text.split("+")]
        if len(children) <= (1 if part else MOST_CHILDREN):
            return children
    raise MalformedAnswer("no value of this question")


def _document_value(part: str | None, text: str) -> Any:
    if part is not None:
        if text in STATUSES:
            return text
        raise MalformedAnswer("no status of a document")
    if text in (UNKNOWN, ALL, NONE, ONE_BY_ONE):
        return text
    named = text.split("+")
    if set(named) <= set(checklist().documents):
        return named
    raise MalformedAnswer("no documents")


def _days(first: str, last: str) -> list[str]:
    try:
        if date.fromisoformat(first) <= date.fromisoformat(last):
            return [first, last]
    except ValueError:
        pass
    raise MalformedAnswer("no range of days")


def _child(text: str, today: date) -> Any:
    match = _CHILD.fullmatch(text)
    if match is None:
        raise MalformedAnswer("no age")
    if text == UNKNOWN:
        return UNKNOWN
    if text == "?":
        return None
    if match["first"]:
        return {"born": _days(match["first"], match["last"])}
    child: dict[str, Any] = {"years": int(match["years"] or 0), "on": today.isoformat()}
    months = match["months"] or match["more"]
    if months is not None:
        if int(months) > (23 if match["months"] else 11):
            raise MalformedAnswer("no age")
        child["years"] += int(months) // 12
        child["months"] = int(months) % 12
    return child


def birth_range(child: Mapping[str, Any]) -> tuple[date, date]:
    """First and last day on which a child of that age, or birth range, can have been born."""
    if "born" in child:
        return date.fromisoformat(child["born"][0]), date.fromisoformat(child["born"][1])
    said = date.fromisoformat(child["on"])
    age = relativedelta(years=child["years"], months=child.get("months") or 0)
    step = relativedelta(months=1) if "months" in child else relativedelta(years=1)
    return said - age - step + timedelta(days=1), said - age


def age_range(child: Mapping[str, Any], today: date) -> tuple[int, int]:
    """Lowest and highest age in whole years that the child can have today."""
    first, last = birth_range(child)
    return relativedelta(today, last).years, relativedelta(today, first).years


def record(answers: Answers, item: str, value: Any, today: date) -> Answers:
    """`answers` with a parsed `value` put in; the argument stays as it is.

    Raises `DoesNotFit` for what cannot be (a day to come, before birth, "none" and more).
    """
    question, part = split_item(item)
    kept = dict(answers)
    if question.type == "number_or_date_of_birth":
        kept[question.id] = _with_children(answers.get(question.id), part, value)
        _check_ages(kept, today)
    elif question.type == "per_document":
        kept[question.id] = _with_documents(answers.get(question.id), part, value)
    elif question.type == "multi":
        _check_options(question, value)
        kept[question.id] = value
    elif question.type == "date":
        kept[question.id] = _checked_date(kept, value, today)
    else:
        kept[question.id] = value
    return kept


def _with_children(before: Any, part: str | None, value: Any) -> Any:
    children = list(before) if isinstance(before, list) else []
    if value == "+1":
        return [*children, None][:MOST_CHILDREN]
    if part is None:
        return value
    position = int(part) - 1
    if position > len(children):
        raise MalformedAnswer("no such child")
    new = UNKNOWN if value == UNKNOWN else value[0]
    children[position : position + 1] = [new]
    return children


def _check_ages(answers: Answers, today: date) -> None:
    children = answers["q_age"]
    if not isinstance(children, list):
        return
    for child in children:
        if child in (None, UNKNOWN):
            continue
        first, last = birth_range(child)
        if first > today:
            raise DoesNotFit("problem_birth_future")
        if age_range(child, today)[0] > LAST_YEAR_OF_CHILDHOOD:
            raise DoesNotFit("problem_age")
    event = answers.get("q_date")
    if isinstance(event, list) and _born_after(children, date.fromisoformat(event[1])):
        raise DoesNotFit("problem_age_event")


def _born_after(children: list[Any], day: date) -> bool:
    """Whether all children of known age were certainly born after `day`."""
    known = [birth_range(child) for child in children if child not in (None, UNKNOWN)]
    return bool(known) and all(first > day for first, _ in known)


def _checked_date(answers: Answers, value: Any, today: date) -> Any:
    if not isinstance(value, list):
        return value
    first, last = map(date.fromisoformat, value)
    if first > today:
        raise DoesNotFit("problem_date_future")
    if last < today - relativedelta(years=OLDEST_EVENT_YEARS):
        raise DoesNotFit("problem_date_old", {"years": str(OLDEST_EVENT_YEARS)})
    children = answers.get("q_age")
    if isinstance(children, list) and _born_after(children, last):
        raise DoesNotFit("problem_date_before_birth")
    # of "this month" only the days that have been count
    return [first.isoformat(), min(last, today).isoformat()]


def _check_options(question: Question, value: Any) -> None:
    alone = {"none", "nothing", UNKNOWN}
    if isinstance(value, list) and len(value) > 1 and alone & set(value):
        raise DoesNotFit("problem_none_and_more")


def _with_documents(before: Any, part: str | None, value: Any) -> Any:
    documents = checklist().documents
    if part is not None:
        kept = dict(before) if isinstance(before, dict) else dict.fromkeys(documents)
        kept[part] = value
        return kept
    if value == UNKNOWN:
        return UNKNOWN
    if value == ONE_BY_ONE:
        # what is answered already is not asked again
        return {
            name: (before or {}).get(name) if isinstance(before, dict) else None
            for name in documents
        }
    have = set(documents) if value == ALL else set() if value == NONE else set(value)
    return {name: "have" if name in have else "can_get" for name in documents}
