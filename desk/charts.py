"""Where the parts of a chart lie; templates/chart.html draws them as SVG.

Each chart stands beside the table with the same numbers, which says everything it shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH = 360
"""Width of a drawing, in its own units: that of a small telephone, so that text stays readable."""
_BAR = 12
_ROW = 40
_PLOT = 150
_MOST_BARS = 12


@dataclass(frozen=True)
class Bar:
    """One bar with its label and number; `number` None is one that is not shown."""

    label: str
    number: int | None
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Chart:
    """Bars beside each other (`upright`) or below each other."""

    bars: tuple[Bar, ...]
    height: int
    upright: bool
    left_out: int = 0


def below(rows: Iterable[tuple[str, int | None]]) -> Chart:
    """Bars below each other, each under its label; the largest ones when there are many."""
    rows = list(rows)
    most = _most(number for _, number in rows)
    bars = tuple(
        Bar(label, number, 0, place * _ROW + 20, _length(number, most, WIDTH - 60), _BAR)
        for place, (label, number) in enumerate(rows[:_MOST_BARS])
    )
    return Chart(bars, max(1, len(bars)) * _ROW, False, max(0, len(rows) - _MOST_BARS))


def beside(labels: Sequence[str], numbers: Sequence[int | None]) -> Chart:
    """Bars beside each other, such as the months of a year."""
    most = _most(numbers)
    step = WIDTH / max(1, len(labels))
    bars = []
    for place, (label, number) in enumerate(zip(labels, numbers)):
        height = _length(number, most, _PLOT)
        bars.append(Bar(label, number, place * step + 3, _PLOT + 20 - height, step - 6, height))
    return Chart(tuple(bars), _PLOT + 44, True)


def _most(numbers: Iterable[int | None]) -> int:
    return max((number for number in numbers if number is not None), default=0)


def _length(number: int | None, most: int, room: float) -> float:
    # a number that is not shown gets no bar: its length would show it
    if not number or not most:
        return 0
    return max(1.0, round(room * number / most, 1))
