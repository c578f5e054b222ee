"""Case references such as K-2026-0042-P: short enough for the telephone, safe against slips."""

from __future__ import annotations

import re
import secrets

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.models import Counter

# letters that are not taken for one another or for digits when read out or written down;
# their number is prime, which is what lets one check character find every single slip
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_PATTERN = re.compile(r"K-(\d{4})-(\d{4,7})-?([A-Z])")


def reference(year: int, number: int) -> str:
    """The reference of a case."""
    return f"K-{year:04d}-{number:04d}-{_check(year, number)}"


def parse(text: str) -> str | None:
    """The reference in `text` as it is stored; None if there is a slip in it."""
    found = _PATTERN.fullmatch(re.sub(r"\s", "", text.upper()))
    if found is None:
        return None
    year, number = int(found[1]), int(found[2])
    return reference(year, number) if _check(year, number) == found[3] else None


def _check(year: int, number: int) -> str:
    digits = f"{year:04d}{number:07d}"
    return _LETTERS[
        sum(weight * int(digit) for weight, digit in enumerate(digits, 1)) % len(_LETTERS)
    ]


def take_number(session: Session, year: int) -> int:
    """The next number of `year`. Small random gaps: a missing number says nothing.

    Without them, whoever sees all cases but one would know from the gap that it exists.
    """
    step = 1 + secrets.randbelow(3)
    taken = session.scalar(
        sa.update(Counter)
        .where(Counter.id == year)
        .values(last=Counter.last + step)
        .returning(Counter.last)
    )
    if taken is None:
        # the first of a year; of two at once, one fails here and is tried again
        session.add(Counter(id=year, last=step))
        session.flush()
        taken = step
    return int(taken)
