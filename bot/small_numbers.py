"""Tables in which no small number can be read, nor worked out from the sums.

A number from 1 to 4 could point at a family. It is left out, and so is as much beside it as it
takes that it does not follow from the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

LEAST = 5
"""Smallest number that is shown, beside none."""

Cell = TypeVar("Cell", bound="tuple[Any, ...]")
"""The name of a number in a table."""


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
