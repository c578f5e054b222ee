"""The answers of the checklist in Dutch, what a jurist must see first."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot import catalogue
from bot.checklist import wording
from bot.checklist.questions import UNKNOWN, checklist
from bot.checklist.values import SAME_AS_HOME
from bot.languages import SOURCE
from desk.views import AnswerView, ChildView

_GROUPS: Mapping[str, frozenset[str | None]] = {
    "look": frozenset({"stop", "jurist", "not_met"}),
    "unclear": frozenset({"unknown", "unclear", "attention"}),
    "fine": frozenset({"ok", "met"}),
}
"""Verdicts by what they ask of a reader; what is in none of them is told without a verdict."""
UNGROUPED = "told"
ORDER = (*_GROUPS, UNGROUPED)


@dataclass(frozen=True)
class Answer:
    """An answer in words. `readable` is false for what the checklist does not know."""

    title: str
    shown: str
    verdict: str | None
    readable: bool


def grouped(summary: Iterable[AnswerView]) -> list[tuple[str, list[Answer]]]:
    """Groups of answers in the order of `ORDER`, without empty ones."""
    groups: dict[str, list[Answer]] = {name: [] for name in ORDER}
    for row in summary:
        group = next((name for name, has in _GROUPS.items() if row.verdict in has), UNGROUPED)
        groups[group].append(answer(row))
    return [(name, answers) for name, answers in groups.items() if answers]


def answer(row: AnswerView) -> Answer:
    """One answer in words; as it was sent where the checklist has no words for it."""
    try:
        question = checklist().questions.get(row.question_id)
        if question is not None:
            title = wording.title(row.question_id, SOURCE)
            if question.type == "country" and not _is_country(row.answer):
                return Answer(title, _plain(row.answer), row.verdict, False)
            return Answer(
                title, wording.shown(row.question_id, row.answer, SOURCE), row.verdict, True
            )
    except (catalogue.MissingText, KeyError, IndexError, TypeError, ValueError, AttributeError):
        # an answer of another version of the checklist: nothing of it may be lost
        return Answer(title, _plain(row.answer), row.verdict, False)
    return Answer(row.question_id, _plain(row.answer), row.verdict, False)


def _is_country(value: Any) -> bool:
    """Whether it is what is kept of such an answer; the name of any other text is that text."""
    return isinstance(value, str) and (
        value in (UNKNOWN, SAME_AS_HOME) or re.fullmatch("[A-Z]{2}", value) is not None
    )


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def child_told(child: ChildView) -> str:
    """What the conversation knows of a child, in words."""
    if child.birth_year is not None:
        return catalogue.text(SOURCE, "desk_child_born", year=str(child.birth_year))
    if child.age is not None:
        return catalogue.text(SOURCE, "desk_child_age", age=str(child.age))
    return catalogue.text(SOURCE, "desk_child_unknown")
