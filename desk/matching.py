"""Whether two people are the same, as far as names, dates and numbers tell.

Names cross three alphabets' spellings, are turned round, shortened to maiden names and typed
from hearing; dates change day and month. This is plain Python on plain values: `conflicts.py`
finds the pairs to compare over blind indexes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz.distance import OSA

# Parts that many share or leave out; a name is not the same because of them.
_PARTICLES = {
    *("van", "von", "de", "der", "den", "het", "ter", "ten", "te", "la", "le", "di", "da", "do"),
    *("el", "al", "bin", "bint", "ibn", "mr", "mrs", "mevrouw"),
}
# Spellings of one sound: Polish, Turkish, Dutch, German and English ears write differently.
_SOUNDS = (
    ("tsch", "c"),
    ("sch", "s"),
    ("tsj", "c"),
    ("sj", "s"),
    ("sh", "s"),
    ("sz", "s"),
    ("cz", "c"),
    ("ch", "h"),
    ("tj", "c"),
    ("dj", "c"),
    ("dz", "z"),
    ("rz", "z"),
    ("zh", "z"),
    ("ph", "f"),
    ("gh", "g"),
    ("kh", "h"),
    ("th", "t"),
    ("oe", "u"),
    ("ou", "u"),
    ("ue", "u"),
    ("ae", "a"),
    ("ij", "i"),
    ("x", "ks"),
    ("q", "k"),
    ("w", "v"),
    ("y", "i"),
    ("j", "i"),
)
# A Polish surname ends by the sex of who bears it: Kowalski, Kowalska.
_POLISH_ENDING = re.compile(r"(?<=[a-z]{2})(sk|ck|zk|n)[aiy]$")
_REPEATED = re.compile(r"(.)\1+")
_SPLIT = re.compile(r"[^a-z]+")
_LEAST_FUZZY = 5
"""Shorter parts must be equal: at one letter's distance, Ali is Ala."""


@dataclass(frozen=True)
class Individual:
    """What is known of someone; empty where it is not."""

    names: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    birth_date: date | None = None
    birth_years: frozenset[int] = frozenset()
    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()


def individual(
    *,
    names: Iterable[str | None] = (),
    given: str | None = None,
    birth_date: str | None = None,
    birth_years: Iterable[int] = (),
    phone: str | None = None,
    email: str | None = None,
) -> Individual:
    """Someone by what was written down; `given` belongs to `names`, too."""
    first = name_parts(given or "")
    born = date.fromisoformat(birth_date) if birth_date else None
    number, mailbox = phone_key(phone or ""), email_key(email or "")
    return Individual(
        names=first.union(*(name_parts(name or "") for name in names)),
        given=first,
        birth_date=born,
        birth_years=frozenset({born.year} if born else birth_years),
        phones=frozenset({number} if number else ()),
        emails=frozenset({mailbox} if mailbox else ()),
    )


@lru_cache(maxsize=4096)
def name_parts(name: str) -> frozenset[str]:
    """The parts of a name by their sound: "Szymon Wójcik-Demir" → simon, voicik, demir."""
    parts = (_sound(part) for part in _SPLIT.split(anyascii(name).lower()))
    return frozenset(part for part in parts if len(part) > 1)


def _sound(part: str) -> str:
    if part in _PARTICLES:
        return ""
    part = _POLISH_ENDING.sub(r"\1", part)
    for spelling, sound in _SOUNDS:
        part = part.replace(spelling, sound)
    return _REPEATED.sub(r"\1", part)


def phone_key(number: str) -> str | None:
    """The last eight digits: the same with +31 (0)6, 0031 6 and 06, in every country here."""
    digits = re.sub(r"\D", "", anyascii(number))
    return digits[-8:] if len(digits) >= 8 else None


def email_key(address: str) -> str | None:
    """The mailbox: without case, and without what a provider ignores."""
    local, at, domain = anyascii(address.strip()).lower().rpartition("@")
    if not at or not local:
        return None
    local = local.split("+")[0]
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def date_key(day: date) -> str:
    """The same for a date and for the one with day and month swapped."""
    low, high = sorted((day.day, day.month))
    return f"{day.year}-{low}-{high}"


def shortened(part: str) -> frozenset[str]:
    """`part` and, where it is long enough, all that is left when one letter is dropped.

    Parts at one letter's distance have one of these in common, which lets a blind index find
    a slip that it cannot see.
    """
    if len(part) < _LEAST_FUZZY:
        return frozenset({part})
    return frozenset({part} | {part[:i] + part[i + 1 :] for i in range(len(part))})


def similar_parts(one: str, other: str) -> bool:
    """Whether two parts of a name are the same but for a slip."""
    if one == other:
        return True
    # the dropped letters that the index looks for reach this far and no further
    return min(len(one), len(other)) >= _LEAST_FUZZY and OSA.distance(one, other) <= 1


def common_parts(one: frozenset[str], other: frozenset[str]) -> int:
    """How many parts of `one` are in `other` as well."""
    left = set(other)
    count = 0
    for part in sorted(one, key=len, reverse=True):
        found = next((each for each in sorted(left) if similar_parts(part, each)), None)
        if found is not None:
            left.discard(found)
            count += 1
    return count


def same_name(one: Individual, other: Individual) -> bool:
    """Whether given name and one surname agree, in whichever order and with whichever others."""
    # a given name may stand in the field of the surname, but it must stand somewhere
    for first, second in ((one, other), (other, one)):
        if first.given and second.given and common_parts(first.given, second.names) == 0:
            return False
    return common_parts(one.names, other.names) >= 2


def same_contact(one: Individual, other: Individual) -> bool:
    """Whether a telephone number or a mailbox is shared."""
    return bool(one.phones & other.phones or one.emails & other.emails)


def same_birth_date(one: Individual, other: Individual) -> bool:
    """Whether the birth dates agree, day and month perhaps swapped."""
    if one.birth_date is None or other.birth_date is None:
        return False
    return date_key(one.birth_date) == date_key(other.birth_date)


def ages_agree(one: Individual, other: Individual) -> bool | None:
    """Whether the years of birth can be the same; None where one is not known."""
    if not one.birth_years or not other.birth_years:
        return None
    return any(abs(a - b) <= 1 for a in one.birth_years for b in other.birth_years)


def same_child(one: Individual, other: Individual) -> frozenset[str]:
    """The kinds of evidence that two children are one; empty if there is not enough."""
    date_agrees = same_birth_date(one, other)
    both_dates = one.birth_date is not None and other.birth_date is not None
    if date_agrees and common_parts(one.names, other.names) >= 1:
        # siblings born on one day differ in the given name
        twins = one.given and other.given and common_parts(one.given, other.given) == 0
        return frozenset() if twins and not _surnames_agree(one, other) else _evidence(date=True)
    if not same_name(one, other):
        return frozenset()
    if both_dates:
        # a slip in the date: one of its three parts differs, the name does not
        return _evidence(date=False) if _nearly(one.birth_date, other.birth_date) else frozenset()
    return frozenset() if ages_agree(one, other) is False else _evidence(date=False)


def _evidence(*, date: bool) -> frozenset[str]:
    return frozenset({"child_name", "child_birth_date"} if date else {"child_name"})


def _surnames_agree(one: Individual, other: Individual) -> bool:
    return common_parts(one.names - one.given, other.names - other.given) >= 1


def _nearly(one: date | None, other: date | None) -> bool:
    if one is None or other is None:
        return False
    parts = zip((one.year, one.month, one.day), (other.year, other.month, other.day))
    return sum(a != b for a, b in parts) <= 1
