"""Figures like those of the annual report: tables, charts, and a file for a spreadsheet."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web
from babel.dates import get_month_names

from bot.languages import SOURCE
from bot.small_numbers import LEAST
from desk import charts, spreadsheet
from desk.codes import codebook
from desk.console import words
from desk.console.rendering import page
from desk.figures import ALL, UNKNOWN, YEAR, Figures
from desk.keys import MEMBER, REGISTRY
from desk.reading import ZONE

_TABLES = (
    "line",
    "code",
    "channel",
    "role",
    "third_party",
    "country_from",
    "country_to",
    "language",
)
"""Dimensions in the order of the annual report."""
_SHORT = get_month_names("abbreviated", context="stand-alone", locale=SOURCE)
_LONG = get_month_names("wide", context="stand-alone", locale=SOURCE)


@dataclass(frozen=True)
class Table:
    """A table of the page: label → the year and its twelve months; None is not shown."""

    name: str
    rows: tuple[tuple[str, tuple[int | None, ...]], ...]
    chart: charts.Chart


async def figures(request: web.Request) -> web.Response:
    """GET /figures: the figures of a year."""
    found, years = await _asked(request)
    totals = [_row(found, *ALL), _row(found, "moments", "")]
    return page(
        request,
        "figures.html",
        year=found.year,
        years=years,
        most=LEAST - 1,
        cases=totals[0],
        moments=totals[1],
        months=[(_SHORT[month], _LONG[month]) for month in range(1, 13)],
        cases_chart=charts.beside([_SHORT[month][:1] for month in range(1, 13)], totals[0][1:]),
        tables=[table for name in _TABLES if (table := _table(found, name)).rows],
    )


async def figures_csv(request: web.Request) -> web.Response:
    """GET /figures.csv: all numbers of a year, one a line."""
    found, _ = await _asked(request)
    head = [words.t(f"desk_figures_csv_{name}") for name in ("year", "about", "what", "month", "n")]
    rows: list[list[str | int]] = [[*head]]
    for (dimension, value, month), number in sorted(found.numbers.items()):
        rows.append(
            [
                found.year,
                words.t(f"desk_figures_{'cases' if dimension == 'all' else dimension}"),
                name_of(dimension, value),
                _LONG[month] if month != YEAR else words.t("desk_figures_whole_year"),
                words.t("desk_figures_hidden_short") if number is None else number,
            ]
        )
    return spreadsheet.download(f"kompas-{found.year}", rows)


async def _asked(request: web.Request) -> tuple[Figures, list[int]]:
    member, registry = request[MEMBER], request.app[REGISTRY]
    years = await asyncio.to_thread(registry.figure_years, member)
    given = request.query.get("year", "")
    if given.isascii() and given.isdigit() and len(given) == 4:
        year = int(given)
    else:
        year = years[0] if years else datetime.now(UTC).astimezone(ZONE).year
    found = await asyncio.to_thread(registry.figures, member, year)
    return found, years or [year]


def _row(found: Figures, dimension: str, value: str) -> tuple[int | None, ...]:
    return tuple(found.numbers.get((dimension, value, month), 0) for month in range(13))


def _table(found: Figures, dimension: str) -> Table:
    rows = [
        (name_of(dimension, value), tuple(numbers))
        for value, numbers in found.table(dimension).items()
        if not (dimension == "third_party" and value == UNKNOWN)
    ]
    if dimension in ("line", "code"):
        # in the order of the annual report, not by size
        order = ["1", "2", *codebook().codes]
        rows = [
            (name_of(dimension, value), _row(found, dimension, value))
            for value in sorted(found.table(dimension), key=lambda each: _place(order, each))
        ]
    return Table(dimension, tuple(rows), charts.below((name, row[YEAR]) for name, row in rows))


def _place(order: list[str], value: str) -> int:
    return order.index(value) if value in order else len(order)


def name_of(dimension: str, value: str) -> str:
    """A value of a dimension in Dutch."""
    if dimension in ("all", "moments"):
        return words.t("desk_figures_total")
    if value == UNKNOWN:
        return words.t("desk_not_known")
    if dimension == "line":
        return words.t("desk_line", line=value).capitalize()
    if dimension == "code":
        return words.code_label(value)
    if dimension in ("country_from", "country_to"):
        return words.country(value)
    if dimension == "language":
        return words.language(value)
    kinds = {"role": "roles", "channel": "channels", "third_party": "third_parties"}
    return words.label(kinds[dimension], value) if dimension in kinds else value
