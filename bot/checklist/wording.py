"""Answers and items in words: the catalogues' texts with values, dates and countries filled in."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from babel.dates import format_date, format_skeleton

from bot import catalogue
from bot.checklist.questions import UNKNOWN, checklist
from bot.checklist.values import NOT_YET, SAME_AS_HOME, STATUSES
from bot.countries import country_name
from bot.languages import SOURCE, locale_of


def day(value: date, language: str) -> str:
    """A day in full, as the language writes it."""
    return str(format_date(value, "long", locale=locale_of(language)))


def days(first: date, last: date, language: str) -> str:
    """A range of days: the day, the month or the year where it is one, else both ends."""
    if first == last:
        return day(first, language)
    whole_month = first.day == 1 and last.day == calendar.monthrange(last.year, last.month)[1]
    if whole_month and (first.year, first.month) == (last.year, last.month):
        return str(format_skeleton("yMMMM", first, locale=locale_of(language)))
    if whole_month and first.year == last.year and (first.month, last.month) == (1, 12):
        return str(first.year)
    return catalogue.text(
        language, "date_between", first=day(first, language), last=day(last, language)
    )


def title(item: str, language: str) -> str:
    """Short name of an item: of its question, of one document, or of one child."""
    name, _, part = item.partition("/")
    if part in checklist().documents:
        return catalogue.text(language, f"{part}_name")
    own = catalogue.text(language, f"{name}_title")
    if part:
        return f"{own} ({catalogue.text(language, 'child_number', number=part)})"
    return own


def option(name: str, value: str, language: str) -> str:
    """Title of an option; "I don't know" for a question that has no words of its own for it."""
    key = f"{name}_option_{value}"
    if value == UNKNOWN and not catalogue.has_text(language, key):
        key = "word_unknown"
    return catalogue.text(language, key)


def child(value: Any, language: str) -> str:
    """Age or birth of one child."""
    if value in (None, UNKNOWN):
        return catalogue.text(language, "word_unknown")
    if "born" in value:
        first, last = map(date.fromisoformat, value["born"])
        return catalogue.text(language, "born_on", date=days(first, last, language))
    parts = []
    if value["years"]:
        parts.append(catalogue.counted(language, "age_years", value["years"]))
    if value.get("months"):
        parts.append(catalogue.counted(language, "age_months", value["months"]))
    return ", ".join(parts) or catalogue.counted(language, "age_months", 0)


def shown(item: str, value: Any, language: str) -> str:
    """A kept value of an item, in words."""
    name, _, part = item.partition("/")
    question = checklist().questions[name]
    if value == UNKNOWN and not part:
        return option(name, UNKNOWN, language)
    if question.type == "per_document":
        return _documents(part, value, language)
    if question.type == "number_or_date_of_birth":
        children = value if isinstance(value, list) else [value]
        if part:
            children = children[int(part) - 1 : int(part)]
        else:
            # one that is still to be asked about is not one of unknown age
            children = [each for each in children if each is not None] or [UNKNOWN]
        return "; ".join(child(each, language) for each in children)
    if question.type == "country":
        return country_name(value, language) if value != SAME_AS_HOME else option_same(language)
    if question.type == "date":
        if value == NOT_YET:
            return catalogue.text(language, "button_checklist_not_yet")
        first, last = map(date.fromisoformat, value)
        return days(first, last, language)
    chosen = value if isinstance(value, list) else [value]
    return "; ".join(option(name, each, language) for each in chosen)


def option_same(language: str) -> str:
    """The child is still in the country where it lives, told without the country's name."""
    return catalogue.text(language, "same_as_home")


_STATUS_LABELS = {
    "have": "label_have",
    "can_get": "label_get",
    "not_available": "label_missing",
    UNKNOWN: "label_doc_unknown",
    None: "label_doc_unknown",
}
assert set(STATUSES) < set(_STATUS_LABELS)


def status(value: str | None, language: str) -> str:
    """Label of the status of a document."""
    return catalogue.text(language, _STATUS_LABELS[value])


def _documents(part: str, value: Any, language: str) -> str:
    if isinstance(value, Mapping) and part:
        return status(value.get(part), language)
    if not isinstance(value, Mapping):
        return option("q_documents", str(value), language)
    have = [name for name, state in value.items() if state == "have"]
    names = [catalogue.text(language, f"{name}_name") for name in have]
    label = catalogue.text(language, "label_have")
    return f"{label}: {'; '.join(names)}" if names else option("q_documents", "none", language)


def needed_keys() -> Iterator[str]:
    """Every catalogue key that `questions.yml` makes necessary."""
    listed = checklist()
    for question in listed.questions.values():
        yield from (f"{question.id}_{part}" for part in ("ask", "why", "title"))
        if question.type in ("choice", "multi"):
            yield from (f"{question.id}_option_{option}" for option in question.options)
        yield from (f"{question.id}_help_{side}" for side in question.help)
        if question.type != "per_document":
            yield from (
                f"{question.id}_tell_{o.name}" for o in question.outcomes.values() if o.tells
            )
    for document in listed.documents.values():
        yield f"{document.id}_name"
        if document.noted:
            yield f"{document.id}_note"
        yield from (f"{part}_name" for part in document.parts)
    yield from (f"condition_{each.id}" for side in listed.conditions.values() for each in side)
    yield from (f"{limit}_{part}" for limit in listed.deadlines for part in ("rule", "tell"))
    yield from (summary for _, _, summary in listed.evaluate)
    for route in listed.routes:
        sides = ("_NL", "_BE", "_other") if route == "route_non_hague" else ("",)
        yield from (f"{route}{side}" for side in sides)


def faults() -> Iterator[str]:
    """What the checklist asks for and the Dutch catalogue has not."""
    for key in needed_keys():
        if not catalogue.has_text(SOURCE, key):
            yield (
                f"locales/{SOURCE}/LC_MESSAGES/checklist.po: {key} has no text. "
                "Add it, then run `make strings`."
            )
