"""The questions file: `questions.yml` as typed records, with every fault named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot import yaml_text
from bot.errors import ProjectFileError

_FILE = Path(__file__).with_name("questions.yml")
_NAME = "bot/checklist/questions.yml"

TYPES = ("choice", "multi", "country", "date", "number_or_date_of_birth", "per_document")
VERDICTS = ("ok", "attention", "jurist", "stop", "unknown")
AUTHORITIES = ("NL", "BE")
UNKNOWN = "unknown"
"""The visitor does not know, or skips: a value that every question takes."""

# Outcomes that a rule computes (rules.py), for the types whose answer is not one of the options.
COMPUTED = {
    "q_home_country": ("NL", "BE", "other_party", "not_party", "kingdom_caribbean", UNKNOWN),
    "q_child_where": (
        "in_force_yes",
        "in_force_unknown",
        "in_force_no",
        "same_as_home",
        "child_in_nl_or_be",
        "eu_except_dk",
        UNKNOWN,
    ),
    "q_age": ("under_15", "from_15_under_16", "16_or_older", UNKNOWN),
    "q_date": (
        "under_nine_months",
        "nine_months_to_one_year",
        "over_one_year",
        "future",
        UNKNOWN,
    ),
}
EVALUATE = (
    "left_the_list",
    "any_jurist",
    "in_force_unknown",
    "main_points_unknown",
    "over_one_year",
    "all_conditions_met",
    "otherwise",
)
"""Names of the rules that choose the summary (rules.py)."""
_TYPES_WITH_A_RULE = {
    "country": ("q_home_country", "q_child_where"),
    "date": ("q_date",),
    "number_or_date_of_birth": ("q_age",),
}


@dataclass(frozen=True)
class Outcome:
    """What an answer leads to: `verdict` is one of `VERDICTS`, `next` a route that ends the list.

    `tells`: whether something is said about it (catalogue key `<question>_tell_<name>`).
    """

    name: str
    verdict: str
    next: str | None
    tells: bool


@dataclass(frozen=True)
class Question:
    """A question; its wording has the catalogue keys `<id>_ask`, `<id>_why`, `<id>_title`.

    `overlaps` are intents whose messages can be answers to this question.
    """

    id: str
    type: str
    options: tuple[str, ...]
    outcomes: Mapping[str, Outcome]
    help: tuple[str, ...]
    overlaps: tuple[str, ...]

    def outcome(self, name: str) -> Outcome:
        """The outcome `name`; one that the question lacks counts as not known."""
        return self.outcomes.get(name) or Outcome(UNKNOWN, "unknown", None, tells=False)


@dataclass(frozen=True)
class Document:
    """A paper for the request. `need` and `copies` go by authority, `parts` are its alternatives.

    `obtained_in` are the countries for which the catalogue says where to get it.
    """

    id: str
    need: Mapping[str, str]
    copies: Mapping[str, int]
    parts: tuple[str, ...]
    noted: bool


@dataclass(frozen=True)
class Condition:
    """A condition of an authority: question → outcomes that speak for it, and against it."""

    id: str
    met: Mapping[str, frozenset[str]]
    not_met: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Checklist:
    """The whole file. `evaluate` are pairs of a rule's name and the summary it says."""

    questions: Mapping[str, Question]
    documents: Mapping[str, Document]
    conditions: Mapping[str, tuple[Condition, ...]]
    evaluate: tuple[tuple[str, str, str], ...]
    deadlines: tuple[str, ...]
    routes: Mapping[str, tuple[str, ...]]
    contacts: Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def checklist() -> Checklist:
    """The checklist of `questions.yml`. Raises `ProjectFileError` naming each fault."""
    return parse(_FILE.read_text(encoding="utf-8"))


def parse(text: str) -> Checklist:
    """Read a text in the form of `questions.yml`. Raises `ProjectFileError`."""
    try:
        data = yaml_text.load(text)
        order: list[str] = list(data["flow"]["order"])
        rows: dict[str, Any] = {row["id"]: row for row in data["questions"]}
        routes: dict[str, Any] = dict(data["routes"])
        summaries = set(data["summaries"])
        faults = list(_faults(data, order, rows, routes, summaries))
        if not faults:
            return _checklist(data, order, rows, routes)
    except (yaml.YAMLError, TypeError, KeyError, ValueError, AttributeError) as error:
        line = yaml_text.after_name(error)
        said = "" if line else f" ({type(error).__name__}: {error})"
        faults = [f"{_NAME}:{line} cannot be read{said}. Compare the place with its neighbours."]
    raise ProjectFileError(faults)


def _checklist(
    data: Mapping[str, Any], order: list[str], rows: Mapping[str, Any], routes: Mapping[str, Any]
) -> Checklist:
    return Checklist(
        questions={name: _question(rows[name]) for name in order},
        documents={row["id"]: _document(row) for row in data["documents"]},
        conditions={
            side: tuple(_condition(row) for row in listed)
            for side, listed in data["conditions"].items()
        },
        evaluate=tuple((row["if"], row["verdict"], row["say"]) for row in data["flow"]["evaluate"]),
        deadlines=tuple(row["id"] for row in data["deadlines"]),
        routes={name: tuple(route.get("intents", [])) for name, route in routes.items()},
        contacts={
            side: tuple(entry["contacts"])
            for side, entry in data["submission"].items()
            if side in AUTHORITIES
        },
    )


def _question(row: Mapping[str, Any]) -> Question:
    return Question(
        id=row["id"],
        type=row["type"],
        options=tuple(row.get("options", ())),
        outcomes={
            name: Outcome(name, entry["verdict"], entry.get("next"), bool(entry.get("tell")))
            for name, entry in row["outcomes"].items()
        },
        help=tuple(row.get("help", {})),
        overlaps=tuple(row.get("overlaps", ())),
    )


def _document(row: Mapping[str, Any]) -> Document:
    return Document(
        id=row["id"],
        need=dict(row["need"]),
        copies=dict(row.get("copies", {})),
        parts=tuple(part["id"] for part in row.get("any_of", ())),
        noted=bool(row.get("notes")),
    )


def _condition(row: Mapping[str, Any]) -> Condition:
    return Condition(
        id=row["id"],
        met={question: frozenset(test["met"]) for question, test in row["tests"].items()},
        not_met={question: frozenset(test["not_met"]) for question, test in row["tests"].items()},
    )


def _faults(
    data: Mapping[str, Any],
    order: list[str],
    rows: Mapping[str, Any],
    routes: Mapping[str, Any],
    summaries: set[str],
) -> Iterator[str]:
    for name in order:
        if name not in rows:
            yield f"{_NAME}: flow.order: {name} is no question. Add it or correct the name."
    for name in set(rows) - set(order):
        yield f"{_NAME}: {name}: is not in flow.order, so it is never asked. Add it there."
    if len(rows) != len(data["questions"]):
        yield f"{_NAME}: two questions have the same id. Rename one."
    for name, row in rows.items():
        yield from _faults_of(name, row, routes)
    for row in data["documents"]:
        for side in AUTHORITIES:
            if side not in row["need"]:
                yield f"{_NAME}: {row['id']}: need has no {side}. Say how much it asks for it."
    for side, listed in data["conditions"].items():
        for row in listed:
            for question, test in row["tests"].items():
                if question not in rows:
                    yield f"{_NAME}: {row['id']}: {question} is no question. Correct the name."
                    continue
                known = set(rows[question].get("outcomes") or {})
                for outcome in set(test["met"] + test["not_met"]) - known:
                    yield f"{_NAME}: {row['id']}: {question} has no outcome {outcome!r}. Mend it."
        if side not in AUTHORITIES:
            known_sides = ", ".join(AUTHORITIES)
            yield f"{_NAME}: conditions: {side} is none of {known_sides}. Correct the name."
    verdicts = ", ".join(VERDICTS)
    for row in data["flow"]["evaluate"]:
        if row["if"] not in EVALUATE:
            yield f"{_NAME}: flow.evaluate: {row['if']} is no rule of rules.py. Correct the name."
        if row["verdict"] not in VERDICTS:
            yield f"{_NAME}: flow.evaluate: {row['if']}: verdict is none of {verdicts}. Choose one."
        if row["say"] not in summaries:
            yield f"{_NAME}: flow.evaluate: {row['say']} is no summary. Add it under summaries."
    if [row["if"] for row in data["flow"]["evaluate"]][-1:] != ["otherwise"]:
        yield f"{_NAME}: flow.evaluate: does not end with otherwise. Add it as the last rule."


def _faults_of(name: str, row: Mapping[str, Any], routes: Mapping[str, Any]) -> Iterator[str]:
    place = f"{_NAME}: {name}"
    kind, outcomes = row.get("type"), row.get("outcomes") or {}
    if kind not in TYPES:
        yield f"{place}: type {kind!r} is none of {', '.join(TYPES)}. Choose one."
        return
    if kind in _TYPES_WITH_A_RULE and name not in _TYPES_WITH_A_RULE[kind]:
        yield (
            f"{place}: no rule of bot/checklist/rules.py computes the outcome of this {kind}. "
            "Add one, or ask a choice."
        )
    options = row.get("options", [])
    if any(not isinstance(option, str) for option in options):
        yield f"{place}: an option is no text. Put yes and no in quotes."
    expected = set(COMPUTED.get(name, options))
    if kind != "per_document" and expected != set(outcomes):
        off = sorted(map(str, expected ^ set(outcomes)))
        yield f"{place}: options and outcomes differ in {', '.join(off)}. Make them equal."
    for outcome, entry in outcomes.items():
        if entry.get("verdict") not in VERDICTS:
            yield f"{place}: {outcome}: verdict is none of {', '.join(VERDICTS)}. Choose one."
        if entry.get("next") is not None and entry["next"] not in routes:
            yield f"{place}: {outcome}: next {entry['next']!r} is no route. Add it under routes."
        if entry.get("verdict") == "stop" and not entry.get("next"):
            yield f"{place}: {outcome}: stops without another route. Name one under `next`."
