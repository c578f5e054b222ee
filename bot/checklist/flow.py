"""The way through the list: which item comes next, and how far one is.

The way follows from the answers alone. A corrected answer therefore leads to the same place as the
same answer given at once, whatever the order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.checklist import rules
from bot.checklist.questions import Question, checklist
from bot.checklist.values import Answers


@dataclass(frozen=True)
class Walk:
    """Where one stands.

    `items` are the ids passed, in order; `current` the one to ask, None at the end; `route` the
    place to go when an answer leads out of the list; `total` the number of items on this branch.
    """

    items: tuple[str, ...]
    current: str | None
    route: str | None
    total: int

    @property
    def step(self) -> int:
        """Number of the current item, from 1; at the end the number of items."""
        return min(len(self.items) + 1, self.total)

    @property
    def finished(self) -> bool:
        """Whether no question is left, or an answer led out of the list."""
        return self.current is None


def walk(answers: Answers, today: date) -> Walk:
    """The walk that `answers` make, up to the first item without an answer."""
    passed: list[str] = []
    order = list(checklist().questions.values())
    for position, question in enumerate(order):
        items = _items(question, answers)
        for number, (item, answered) in enumerate(items):
            if not answered:
                left = len(items) - number + len(order) - position - 1
                return Walk(tuple(passed), item, None, len(passed) + left)
            passed.append(item)
        route = next((o.next for o in rules.outcomes(question, answers, today) if o.next), None)
        if route:
            return Walk(tuple(passed), None, route, len(passed))
    return Walk(tuple(passed), None, None, len(passed))


def reachable(answers: Answers, today: date) -> Answers:
    """The answers that lie on the walk; those after a turn that leads out do not count."""
    names = {item.partition("/")[0] for item in walk(answers, today).items}
    return {name: value for name, value in answers.items() if name in names}


def _items(question: Question, answers: Answers) -> list[tuple[str, bool]]:
    """Items of a question with whether each has an answer: per child, per document, else one."""
    if question.id not in answers:
        return [(question.id, False)]
    value: Any = answers[question.id]
    if question.type == "number_or_date_of_birth" and isinstance(value, list) and len(value) > 1:
        return [
            (f"{question.id}/{number}", child is not None)
            for number, child in enumerate(value, start=1)
        ]
    if question.type == "number_or_date_of_birth" and value == [None]:
        return [(question.id, False)]
    if question.type == "per_document" and isinstance(value, dict) and None in value.values():
        return [
            (question.id, True),
            *((f"{question.id}/{name}", status is not None) for name, status in value.items()),
        ]
    return [(question.id, True)]
