"""Walks through the checklist for its tests: answers that all speak for return, and changes."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import strategies as st

from bot.checklist import questions
from bot.checklist.questions import UNKNOWN, Question, checklist
from bot.checklist.values import Answers, parse, record

TODAY = date(2026, 11, 22)

# By type: an answer that speaks for return, where the answer is not an option.
_FAVOURABLE = {"q_home_country": "NL", "q_child_where": "TR", "q_age": "8"}
_FAVOURABLE |= {"q_date": "2026-10-01/2026-10-01", "q_documents": "all"}

# What makes each outcome that a rule computes: the answers that differ from the favourable ones.
COMPUTED_CASES: dict[tuple[str, str], dict[str, str]] = {
    ("q_home_country", "NL"): {"q_home_country": "NL"},
    ("q_home_country", "BE"): {"q_home_country": "BE"},
    ("q_home_country", "other_party"): {"q_home_country": "PL"},
    ("q_home_country", "not_party"): {"q_home_country": "EG"},
    ("q_home_country", "kingdom_caribbean"): {"q_home_country": "CW"},
    ("q_home_country", "unknown"): {"q_home_country": "unknown"},
    ("q_child_where", "in_force_yes"): {"q_child_where": "TR"},
    ("q_child_where", "in_force_unknown"): {"q_child_where": "TN"},
    ("q_child_where", "in_force_no"): {"q_child_where": "EG"},
    ("q_child_where", "same_as_home"): {"q_child_where": "same_as_home"},
    ("q_child_where", "child_in_nl_or_be"): {"q_home_country": "TR", "q_child_where": "NL"},
    ("q_child_where", "eu_except_dk"): {"q_child_where": "PL"},
    ("q_child_where", "unknown"): {"q_child_where": "unknown"},
    ("q_age", "under_15"): {"q_age": "8"},
    ("q_age", "from_15_under_16"): {"q_age": "15"},
    ("q_age", "16_or_older"): {"q_age": "16"},
    ("q_age", "unknown"): {"q_age": "unknown"},
    ("q_date", "under_nine_months"): {"q_date": "2026-10-01/2026-10-01"},
    ("q_date", "nine_months_to_one_year"): {"q_date": "2026-01-15/2026-01-15"},
    ("q_date", "over_one_year"): {"q_date": "2025-01-15/2025-01-15"},
    ("q_date", "future"): {"q_date": "not_yet"},
    ("q_date", "unknown"): {"q_date": "unknown"},
}


def favourable_value(question: Question) -> str:
    """Text of an answer that speaks for return; of a choice the first with the verdict ok."""
    if question.id in _FAVOURABLE:
        return _FAVOURABLE[question.id]
    fitting = (o for o in question.options if question.outcome(o).verdict == "ok")
    return next(fitting, question.options[-1])


def answered(*lines: str, after: Answers | None = None, today: date = TODAY) -> Answers:
    """The answers after `lines`."""
    answers = after or {}
    for line in lines:
        answers = record(answers, *parse(line, today), today)
    return answers


def favourable(changed: dict[str, str | None] | None = None, today: date = TODAY) -> Answers:
    """A whole walk of favourable answers with some changed; None leaves a question open."""
    changed = changed or {}
    texts = {
        name: changed.get(name, favourable_value(question))
        for name, question in checklist().questions.items()
    }
    return answered(*(f"{name}={text}" for name, text in texts.items() if text), today=today)


def outcome_cases() -> list[tuple[str, str, dict[str, str | None]]]:
    """Question, outcome, and the changed answers that make it: for every outcome of the file."""
    cases = []
    for name, question in checklist().questions.items():
        for outcome in question.outcomes:
            changed: dict[str, str | None] = {name: outcome}
            if question.type in ("country", "date", "number_or_date_of_birth"):
                changed = dict(COMPUTED_CASES[name, outcome])
            cases.append((name, outcome, changed))
    return [case for case in cases if checklist().questions[case[0]].type != "per_document"]


def texts_for(question: Question) -> st.SearchStrategy[str]:
    """Texts that answer a question as a whole, and fit every other answer."""
    if question.type == "choice":
        return st.sampled_from([*question.options, UNKNOWN])
    if question.type == "multi":
        together = [o for o in question.options if o not in ("none", "nothing", UNKNOWN)]
        several = st.lists(st.sampled_from(together), min_size=1, unique=True).map("+".join)
        return st.one_of(st.sampled_from([*question.options, UNKNOWN]), several)
    if question.type == "country":
        codes = ["NL", "BE", "TR", "PL", "DE", "MA", "EG", "TN", "CW", "XK", "DK", "ZZ", UNKNOWN]
        return st.sampled_from(codes + (["same_as_home"] if question.id == "q_child_where" else []))
    if question.type == "date":
        days = st.dates(date(2024, 1, 1), TODAY).map(lambda day: f"{day}/{day}")
        return st.one_of(days, st.sampled_from(["not_yet", UNKNOWN]))
    if question.type == "number_or_date_of_birth":
        ages = st.sampled_from(["4", "8", "15", "16", "17", UNKNOWN, "9y6m"])
        return st.lists(ages, min_size=1, max_size=12).map("+".join)
    papers = st.lists(st.sampled_from(list(checklist().documents)), min_size=1, unique=True)
    return st.one_of(st.sampled_from(["all", "none", UNKNOWN]), papers.map("+".join))


def questions_text(edit: Callable[[dict[str, Any]], object]) -> str:
    """questions.yml after `edit` has changed what it holds."""
    data = copy.deepcopy(_data())
    edit(data)
    return str(yaml.dump(data, Dumper=_DUMPER, sort_keys=False, allow_unicode=True))


# written in C where there is one: ten times as fast
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(questions._FILE.read_text(encoding="utf-8"))
    return data


@contextmanager
def other_questions(edit: Callable[[dict[str, Any]], object], folder: Path) -> Iterator[None]:
    """The checklist of a changed questions.yml, as long as it lasts."""
    path = folder / "questions.yml"
    path.write_text(questions_text(edit), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(questions, "_FILE", path)
        checklist.cache_clear()
        try:
            yield
        finally:
            checklist.cache_clear()
