"""Finding cases by what somebody names on the telephone, without opening what is sealed.

What is searched for is turned into the same tokens as what is known of a case's people, so the
database sees neither. A name may have a slip in it, as in `matching`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from desk import matching
from desk.crypto import BlindIndex
from desk.models import Case, Clue

_EMAIL = re.compile(r"[^\s<>,;]+@[^\s<>,;]+")
_DATE = re.compile(
    r"\b(?:(?P<y>\d{4})([-./])(?P<m>\d{1,2})\2(?P<d>\d{1,2})"
    r"|(?P<day>\d{1,2})([-./ ])(?P<month>\d{1,2})\6(?P<year>\d{4}))\b"
)
_PHONE = re.compile(r"\+?\(?\+?\d[\d()/. -]{6,38}\d")


@dataclass(frozen=True)
class Wanted:
    """Kind → groups of tokens, one of each of which a case must have."""

    clues: tuple[tuple[str, frozenset[str]], ...]

    @property
    def kinds(self) -> list[str]:
        """What was searched by, for the log."""
        return sorted({kind for kind, _ in self.clues})

    def condition(self) -> sa.ColumnElement[bool]:
        """The condition on `Case`."""
        if not self.clues:
            return sa.false()
        found = [
            sa.select(Clue.case_id).where(Clue.kind == kind, Clue.token.in_(group))
            for kind, group in self.clues
        ]
        return Case.id.in_(sa.intersect(*found) if len(found) > 1 else found[0])


def wanted(text: str, index: BlindIndex) -> Wanted:
    """The clues in `text`: mailboxes, birth dates, telephone numbers, names from the rest."""
    groups: list[tuple[str, set[str]]] = []

    def take(kind: str, keys: set[str]) -> None:
        groups.append((kind, {index.token(kind, key) for key in keys}))

    for found in _EMAIL.findall(text):
        if key := matching.email_key(found):
            take("email", {key})
    text = _EMAIL.sub(" ", text)
    for match in _DATE.finditer(text):
        if day := _date(match):
            take("birth_date", {matching.date_key(day)})
    text = _DATE.sub(" ", text)
    for found in _PHONE.findall(text):
        if key := matching.phone_key(found):
            take("phone", {key})
    text = _PHONE.sub(" ", text)
    for part in sorted(matching.name_parts(text)):
        take("name", set(matching.shortened(part)))
    return Wanted(tuple((kind, frozenset(group)) for kind, group in groups))


def _date(match: re.Match[str]) -> date | None:
    year, month, day = (
        int(match[long] or match[short])
        for long, short in (("y", "year"), ("m", "month"), ("d", "day"))
    )
    for each in ((month, day), (day, month)):
        try:
            return date(year, *each)
        except ValueError:
            continue
    return None
