"""Figures like those of the annual report, with small numbers suppressed.

`bot.small_numbers` leaves them out, and what would give them away.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.small_numbers import suppress
from desk.access import Scope
from desk.codes import codebook
from desk.models import Case, Moment

YEAR = 0
"""The column of the whole year; months are 1 to 12."""
ALL = ("all", "")
UNKNOWN = ""
_COUNTED_TOGETHER = (
    # in the order of the index of figures
    ("line", "code", "role", "third_party"),
    ("language",),
    ("country_from",),
    ("country_to",),
)
"""All at once there would be almost as many combinations as cases."""

Cell = tuple[str, str, int]
"""Dimension, value, month."""


@dataclass(frozen=True)
class Figures:
    """Numbers by dimension, value and month (0: the year); None where one is suppressed."""

    year: int
    numbers: Mapping[Cell, int | None]

    def table(self, dimension: str) -> dict[str, list[int | None]]:
        """Value → the year and its twelve months, the largest first."""
        values = {value for name, value, _ in self.numbers if name == dimension}
        rows = {
            value: [self.numbers.get((dimension, value, month), 0) for month in range(13)]
            for value in values
        }
        return dict(sorted(rows.items(), key=lambda row: (-(row[1][0] or 0), row[0])))

    def csv(self) -> str:
        """Semicolons, as spreadsheets in Dutch expect; `<` stands for a suppressed number."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        writer.writerow(["year", "dimension", "value", "label", "month", "number"])
        for (dimension, value, month), number in sorted(self.numbers.items()):
            writer.writerow(
                [
                    self.year,
                    dimension,
                    value,
                    label(dimension, value),
                    month or "",
                    "<" if number is None else number,
                ]
            )
        return text.getvalue()


def label(dimension: str, value: str) -> str:
    """The Dutch name of a value, where it has one."""
    book = codebook()
    names: Mapping[str, Mapping[str, str]] = {
        "code": {name: code.label for name, code in book.codes.items()},
        "role": book.roles,
        "third_party": book.third_parties,
        "channel": book.channels,
    }
    return names.get(dimension, {}).get(value, value)


def figures(session: Session, scope: Scope, year: int) -> Figures:
    """The figures of `year` over the cases that exist for this colleague."""
    scope.require("figures")
    counts = _count_cases(session, scope, year) + _count_moments(session, scope, year)
    return Figures(year, suppress(counts, equations(counts)))


def years(session: Session, scope: Scope) -> list[int]:
    """Years with cases, the last first."""
    scope.require("figures")
    # each from its end of the index of months
    query = sa.select(Case.month).where(scope.cases).limit(1)
    first = session.scalar(query.order_by(Case.month))
    last = session.scalar(query.order_by(Case.month.desc()))
    if first is None or last is None:
        return []
    return list(range(last // 100, first // 100 - 1, -1))


def _months(year: int) -> tuple[int, int]:
    return year * 100 + 1, year * 100 + 12


def _count_cases(session: Session, scope: Scope, year: int) -> Counter[Cell]:
    counts: Counter[Cell] = Counter()
    for dimensions in _COUNTED_TOGETHER:
        columns = [getattr(Case, name) for name in dimensions]
        query = (
            sa.select(*columns, Case.month, sa.func.count())
            # + 0 keeps SQLite from going by line, which leads it away from the index of figures
            .where(Case.month.between(*_months(year)), (Case.line + 0).in_(scope.lines))
            .group_by(Case.month, *columns)
        )
        for sign, each in _less(query, query.where(Case.id.in_(scope.walled))):
            for *values, month, number in session.execute(each):
                for column in (YEAR, month % 100):
                    for dimension, value in zip(dimensions, values):
                        name = UNKNOWN if value is None else str(value)
                        counts[(dimension, name, column)] += sign * number
    for (dimension, _, column), number in list(counts.items()):
        if dimension == "line":
            counts[(*ALL, column)] += number
    return +counts


def _count_moments(session: Session, scope: Scope, year: int) -> Counter[Cell]:
    query = (
        sa.select(Moment.channel, Moment.month, sa.func.count())
        .where(Moment.month.between(*_months(year)), Moment.line.in_(scope.lines))
        .group_by(Moment.month, Moment.line, Moment.channel)
    )
    counts: Counter[Cell] = Counter()
    for sign, each in _less(query, query.where(Moment.case_id.in_(scope.walled))):
        for channel, month, number in session.execute(each):
            for column in (YEAR, month % 100):
                counts[("moments", "", column)] += sign * number
                counts[("channel", channel, column)] += sign * number
    return +counts


def _less(everything: sa.Select, walled: sa.Select) -> tuple[tuple[int, sa.Select], ...]:
    """What to add, and what to take off again.

    Walls hide few of very many cases. To ask of each whether it is walled would mean to look at
    every row; this way the numbers come out of an index.
    """
    return (1, everything), (-1, walled)


def equations(counts: Mapping[Cell, int]) -> list[list[Cell]]:
    """Groups of cells of which any one follows from the others."""
    found: list[list[Cell]] = []
    values: dict[str, set[str]] = {}
    for dimension, value, _ in counts:
        values.setdefault(dimension, set()).add(value)
    lines = {name: str(code.line) for name, code in codebook().codes.items()}
    for month in range(13):
        for dimension, present in values.items():
            if dimension in ("all", "moments", "code"):
                continue
            total: Cell = ("moments", "", month) if dimension == "channel" else (*ALL, month)
            found.append([total, *((dimension, value, month) for value in sorted(present))])
        for line in values.get("line", set()):
            codes = [code for code in values.get("code", set()) if lines.get(code) == line]
            found.append(
                [("line", line, month), *(("code", code, month) for code in sorted(codes))]
            )
    for dimension, present in values.items():
        for value in present:
            found.append([(dimension, value, month) for month in range(13)])
    return [[cell for cell in group if counts.get(cell)] for group in found]
