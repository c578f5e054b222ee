"""Figures like the annual report's, in which no small number can be read or worked out."""

from __future__ import annotations

import csv
import io
from fractions import Fraction

import pytest
from cast import Desk
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.small_numbers import LEAST, suppress
from desk.errors import Malformed, NotAllowed
from desk.figures import Cell, equations

CODES = ["toestemming_vakantie", "preventie", "kinderontvoering", "omgang"]
LINE = {"toestemming_vakantie": "1"}


@pytest.mark.both_databases
def test_they_count_what_is_there(desk: Desk):
    for _ in range(6):
        desk.bring(code="preventie", language="pl", role="taking", transcript=[])
    table = desk.registry.figures(desk["cor"], 2026)
    assert table.table("code") == {"preventie": [6] + [0] * 10 + [6, 0]}
    assert table.table("language")["pl"][0] == 6
    assert table.table("country_to")["TR"][11] == 6
    assert table.table("channel")["chat"][0] == 6
    assert table.table("all")[""][0] == 6


def test_third_parties_are_counted_by_kind(desk: Desk):
    for third_party, number in (("police", 6), ("school", 7), (None, 8)):
        for _ in range(number):
            reference = desk.bring(code="preventie", role="professional", transcript=[])
            desk.registry.set_role(desk["jan"], reference, "professional", third_party)
    table = desk.registry.figures(desk["cor"], 2026)
    assert {name: row[0] for name, row in table.table("third_party").items()} == {
        "": 8,
        "school": 7,
        "police": 6,
    }
    assert ";third_party;police;Politie;" in table.csv()


@pytest.mark.both_databases
def test_a_worker_counts_line_one_only(desk: Desk):
    for code in ["toestemming_vakantie"] * 7 + ["preventie"] * 6:
        desk.bring(code=code, transcript=[])
    assert desk.registry.figures(desk["wim"], 2026).table("all")[""][0] == 7
    assert desk.registry.figures(desk["jan"], 2026).table("all")[""][0] == 13


def test_a_small_number_is_left_out_and_one_more_with_it(desk: Desk):
    for code, number in (("preventie", 3), ("kinderontvoering", 6), ("omgang", 9)):
        for _ in range(number):
            desk.bring(code=code, transcript=[])
    table = desk.registry.figures(desk["cor"], 2026).table("code")
    assert {code: row[0] for code, row in table.items()} == {
        "preventie": None,
        "kinderontvoering": None,
        "omgang": 9,
    }


def test_the_csv_has_no_small_number(desk: Desk):
    for code, number in (("preventie", 2), ("omgang", 8), ("kinderontvoering", 5)):
        for _ in range(number):
            desk.bring(code=code, transcript=[])
    rows = list(
        csv.DictReader(io.StringIO(desk.registry.figures(desk["cor"], 2026).csv()), delimiter=";")
    )
    assert {row["number"] for row in rows} <= {"<", "5", "8", "15"}
    assert {row["label"] for row in rows if row["value"] == "omgang"} == {"Internationale Omgang"}


def test_another_year_is_empty(desk: Desk):
    desk.bring()
    assert desk.registry.figures(desk["cor"], 2025).numbers == {}
    with pytest.raises(Malformed):
        desk.registry.figures(desk["cor"], 9999)


@pytest.mark.parametrize("name", ["tess", "aad"])
def test_who_has_no_cases_has_no_figures(desk: Desk, name: str):
    with pytest.raises(NotAllowed):
        desk.registry.figures(desk[name], 2026)


def determined(hidden: list[Cell], groups: list[list[Cell]]) -> set[Cell]:
    """Hidden cells that follow from the numbers shown, by solving the equations.

    `groups` are total-first: the total less its parts is nought.
    """
    rows = []
    for group in groups:
        row = [Fraction(0)] * len(hidden)
        for position, cell in enumerate(group):
            if cell in hidden:
                row[hidden.index(cell)] += -1 if position == 0 else 1
        rows.append(row)
    pivots: list[int] = []
    reduced: list[list[Fraction]] = []
    for row in rows:
        for pivot, known in zip(pivots, reduced):
            factor = row[pivot]
            row = [a - factor * b for a, b in zip(row, known)]
        pivot_at = next((i for i, value in enumerate(row) if value), None)
        if pivot_at is None:
            continue
        row = [value / row[pivot_at] for value in row]
        reduced = [[a - known[pivot_at] * b for a, b in zip(known, row)] for known in reduced]
        reduced.append(row)
        pivots.append(pivot_at)
    return {
        hidden[pivot]
        for pivot, row in zip(pivots, reduced)
        if sum(bool(value) for value in row) == 1
    }


COUNTS = st.dictionaries(
    st.tuples(st.sampled_from(CODES), st.integers(1, 3)), st.integers(1, 12), min_size=1
)


# several sums together gave this one away
@example(
    cells={
        ("toestemming_vakantie", 2): 1,
        ("preventie", 2): 1,
        ("kinderontvoering", 1): 1,
        ("kinderontvoering", 3): 4,
    }
)
@settings(max_examples=100)
@given(cells=COUNTS)
def test_what_is_left_out_cannot_be_worked_out(cells: dict[tuple[str, int], int]):
    counts: dict[Cell, int] = {}
    for (code, month), number in cells.items():
        for column in (0, month):
            for cell in (
                ("all", "", column),
                ("line", LINE.get(code, "2"), column),
                ("code", code, column),
            ):
                counts[cell] = counts.get(cell, 0) + number
    groups = equations(counts)
    shown = suppress(counts, groups)
    assert not [cell for cell, number in shown.items() if number is not None and number < LEAST]
    hidden = sorted(cell for cell, number in shown.items() if number is None)
    assert determined(hidden, groups) == set()
