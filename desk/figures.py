"""Figures like those of the annual report, with small numbers suppressed.

A number from 1 to 4 could point at a family. It is left out, and so is as much beside it as it
takes that it cannot be worked out from the sums.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.access import Scope
from desk.codes import codebook
from desk.models import Case, Moment

LEAST = 5
"""Smallest number that is shown, beside none."""
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


def suppress(
    counts: Mapping[Cell, int], groups: Iterable[Sequence[Cell]]
) -> dict[Cell, int | None]:
    """`counts` without the small ones, and without what would give one of them away.

    In each of `groups` the first is the sum of the others.
    """
    hidden = {cell for cell, number in counts.items() if 0 < number < LEAST}
    groups = [group for group in groups if len(group) > 1]
    _hide_beside(counts, groups, hidden)
    # what no single sum gives away, several together can
    while exposed := _exposed(hidden, groups):
        mixed = [
            (group, rest)
            for group in groups
            if (rest := [cell for cell in group if cell not in hidden]) and len(rest) < len(group)
        ]
        # beside it if something is shown there, else wherever the sums begin that lead to it
        near = [rest for group, rest in mixed if not exposed.isdisjoint(group)]
        shown = {cell for rest in near or [rest for _, rest in mixed] for cell in rest}
        if not shown:
            break
        hidden.add(min(shown, key=lambda cell: (counts[cell], cell)))
        _hide_beside(counts, groups, hidden)
    return {cell: None if cell in hidden else number for cell, number in counts.items()}


def _hide_beside(
    counts: Mapping[Cell, int], groups: Sequence[Sequence[Cell]], hidden: set[Cell]
) -> None:
    """Hide more in each group where one alone, or a few of almost nothing, are hidden."""
    changed = True
    while changed:
        changed = False
        for group in groups:
            within = [cell for cell in group if cell in hidden]
            if not within:
                continue
            while len(within) < 2 or sum(counts[cell] for cell in within) < LEAST:
                rest = [cell for cell in group if cell not in hidden]
                if not rest:
                    break
                chosen = min(rest, key=lambda cell: (counts[cell], cell))
                hidden.add(chosen)
                within.append(chosen)
                changed = True


_PRIME = 2**61 - 1
"""Sums are solved in whole numbers modulo this: exact, and without fractions."""


def _exposed(hidden: set[Cell], groups: Sequence[Sequence[Cell]]) -> set[Cell]:
    """Hidden cells that follow from all sums together (Gauss-Jordan on the hidden ones)."""
    solved: dict[Cell, dict[Cell, int]] = {}
    for group in groups:
        row = {cell: 1 for cell in group[1:] if cell in hidden}
        if group[0] in hidden:
            row[group[0]] = _PRIME - 1
        for pivot in [cell for cell in row if cell in solved]:
            _take_off(row, solved[pivot], row[pivot])
        if not row:
            continue
        pivot = min(row)
        inverse = pow(row[pivot], -1, _PRIME)
        row = {cell: value * inverse % _PRIME for cell, value in row.items()}
        for other in solved.values():
            if pivot in other:
                _take_off(other, row, other[pivot])
        solved[pivot] = row
    return {pivot for pivot, row in solved.items() if len(row) == 1}


def _take_off(row: dict[Cell, int], other: Mapping[Cell, int], factor: int) -> None:
    for cell, value in other.items():
        left = (row.get(cell, 0) - factor * value) % _PRIME
        if left:
            row[cell] = left
        else:
            row.pop(cell, None)
