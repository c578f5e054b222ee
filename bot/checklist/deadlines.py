"""By when: the dates that follow from the answers, each a range where the answer was one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

from bot import countries
from bot.checklist.questions import UNKNOWN
from bot.checklist.values import Answers, birth_range


@dataclass(frozen=True)
class Deadline:
    """A time limit of questions.yml.

    `first` and `last` are the days on which it can end (equal when the answer was a day), None for
    a limit that does not run yet. `child` is the number of the child it concerns, from 1.
    """

    id: str
    first: date | None = None
    last: date | None = None
    child: int | None = None


def one_year(first: date, last: date) -> Deadline:
    """End of the year of hc art. 12: the same day a year later; after 29 February, 28 February."""
    year = relativedelta(years=1)
    return Deadline("t_one_year", first + year, last + year)


def sixteen(first: date, last: date, child: int | None = None) -> Deadline:
    """The sixteenth birthday (hc art. 4); of who is born on 29 February, 29 February again."""
    years = relativedelta(years=16)
    return Deadline("t_sixteen", first + years, last + years, child)


def deadlines(answers: Answers, today: date) -> list[Deadline]:
    """Every limit that concerns these answers: those with a date first, the earliest first."""
    dated = []
    event = answers.get("q_date")
    if isinstance(event, list):
        dated.append(one_year(*map(date.fromisoformat, event)))
    children = answers.get("q_age")
    if isinstance(children, list):
        for number, child in enumerate(children, start=1):
            if child in (None, UNKNOWN):
                continue
            ends = sixteen(*birth_range(child), number if len(children) > 1 else None)
            # from the birthday itself on the Convention no longer applies
            if ends.last is not None and ends.last > today:
                dated.append(ends)
    dated.sort(key=lambda each: (each.first or today, each.child or 0))
    home, where = answers.get("q_home_country"), answers.get("q_child_where")
    european = bool(home and where) and countries.brussels_iib_between(str(home), str(where))
    names = ["t_quick"]
    if not isinstance(event, list):
        names.append("t_one_year")
    names += ["t_six_weeks_eu", "t_three_months"] if european else ["t_six_weeks"]
    if where == "NL":
        # two weeks are the term of the Dutch court, which decides when the child is there
        names.append("t_appeal_nl")
    return [*dated, *(Deadline(name) for name in names)]
