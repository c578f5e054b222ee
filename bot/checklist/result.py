"""What the walk leaves a parent with, as data: the messages, the PDF and the calendar show this.

Nothing here is wording, and nothing is in it that does not follow from the answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.checklist import deadlines, flow, rules
from bot.checklist.deadlines import Deadline
from bot.checklist.questions import UNKNOWN, checklist
from bot.checklist.values import Answers

OBTAINED_IN = ("NL", "BE", "PL", "TR")
"""Countries for which the catalogues say where to get a paper."""


@dataclass(frozen=True)
class Point:
    """An answer at which a jurist, or the parent, must look: `verdict` as in questions.yml."""

    question: str
    outcome: str
    verdict: str


@dataclass(frozen=True)
class Paper:
    """A document: `status` as in `values.STATUSES`, None when it was not asked.

    `need` is required, if_available, helpful or on_request for the authority.
    """

    id: str
    status: str | None
    need: str
    copies: int
    parts: tuple[str, ...]
    noted: bool


@dataclass(frozen=True)
class Result:
    """The outcome of a walk, finished or not.

    `answers`: item → value in order; `summary` and `route` are catalogue keys, `verdict` one of
    `VERDICTS`. `authority` is NL, BE or `rules.OTHER`; `contacts` are ids of bot/contacts.yml.
    `home` is where papers are obtained, if that is one of `OBTAINED_IN`.
    """

    answers: tuple[tuple[str, Any], ...]
    finished: bool
    verdict: str
    summary: str
    route: str | None
    authority: str
    contacts: tuple[str, ...]
    home: str | None
    conditions: tuple[tuple[str, str], ...]
    points: tuple[Point, ...]
    papers: tuple[Paper, ...]
    deadlines: tuple[Deadline, ...]

    def count(self, status: str) -> int:
        """Number of conditions of a status."""
        return sum(each == status for _, each in self.conditions)


def result(answers: Answers, today: date) -> Result:
    """The result of `answers` as of `today`."""
    walk = flow.walk(answers, today)
    kept = flow.reachable(answers, today)
    verdict, summary = rules.evaluate(kept, today)
    side = rules.authority(kept)
    home = kept.get("q_home_country")
    return Result(
        answers=tuple((name, kept[name]) for name in checklist().questions if name in kept),
        finished=walk.finished,
        verdict=verdict,
        summary=summary,
        route=_route(walk.route, side),
        authority=side,
        contacts=checklist().contacts.get(side, ()),
        home=home if home in OBTAINED_IN else None,
        conditions=tuple(
            (condition.id, status) for condition, status in rules.conditions(kept, today)
        ),
        points=tuple(_points(kept, today)),
        papers=tuple(_papers(kept, side)),
        deadlines=tuple(deadlines.deadlines(kept, today)),
    )


def _route(route: str | None, side: str) -> str | None:
    """The text of a route; where it differs by authority, that of the authority."""
    return f"{route}_{side}" if route == "route_non_hague" else route


def _points(answers: Answers, today: date) -> list[Point]:
    found = []
    for name, question in checklist().questions.items():
        if name not in answers or question.type == "per_document":
            continue
        for outcome in rules.outcomes(question, answers, today):
            if outcome.verdict in ("jurist", "attention", "stop"):
                found.append(Point(name, outcome.name, outcome.verdict))
    # what a jurist must see stands first
    return sorted(found, key=lambda point: point.verdict == "attention")


def _papers(answers: Answers, side: str) -> list[Paper]:
    states: Any = answers.get("q_documents")
    known: Mapping[str, str | None] = states if isinstance(states, dict) else {}
    return [
        Paper(
            id=name,
            status=known.get(name, UNKNOWN if states == UNKNOWN else None),
            # the authority of another country asks at least what the Convention asks
            need=document.need["BE" if side == "BE" else "NL"],
            copies=document.copies.get(side, 1),
            parts=document.parts,
            noted=document.noted,
        )
        for name, document in checklist().documents.items()
    ]
