"""Whether a text may be said: the papers of every text visitors read, and what follows from them.

One place decides. A legal text that is stale, unreviewed, expired or withdrawn is not served; what
is said instead is chosen by bot/nlg/answers.py (`said`). The papers lie with the records they
belong to (bot/papers.py gathers them), the list of withdrawn texts in a file (bot/withdrawn.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import lru_cache

from bot import catalogue, withdrawn

SOON = timedelta(days=60)
"""So long before its last day a text counts as expiring."""
FALLBACK = "withheld_"
"""Begins the keys of what is said in the place of a text; these are never withheld."""


class State(str, Enum):
    """What a text's papers say of it on a day; the worst holds."""

    CURRENT = "current"
    EXPIRING = "expiring"
    STALE = "stale"
    UNREVIEWED = "unreviewed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


_NOT_SERVED = frozenset([State.STALE, State.UNREVIEWED, State.EXPIRED, State.WITHDRAWN])


@dataclass(frozen=True)
class Review:
    """The papers of one text or record.

    `owner` answers for it (a role), `sources` are titles or addresses, `reviewed` the day a jurist
    read it (None: never), `valid_until` its last day (None: it does not expire, as it says nothing
    of the law), `facts` the ids it rests on (bot/facts.csv), `check_facts` those still to be
    confirmed. `label`: a word of the page or a button, which is never withheld.
    """

    owner: str
    sources: tuple[str, ...] = ()
    reviewed: date | None = None
    valid_until: date | None = None
    facts: tuple[str, ...] = ()
    check_facts: tuple[str, ...] = ()
    legal: bool = False
    label: bool = False
    place: str = ""


@lru_cache(maxsize=1)
def reviews() -> Mapping[str, Review]:
    """The papers by catalogue key, `contact:<id>` and `state:<iso2>`; raises `ProjectFileError`."""
    # it reads every record; who only asks for the states of a text is not to wait for it
    from bot import papers

    return papers.gather()


def state_of(key: str, language: str, day: date) -> State:
    """The state of the text or record `key` in `language` on `day`. Raises KeyError."""
    review = reviews()[key]
    if not review.label and withdrawn.is_withdrawn(key, language):
        return State.WITHDRAWN
    if review.legal and review.reviewed is None:
        return State.UNREVIEWED
    if review.valid_until is not None and day > review.valid_until:
        return State.EXPIRED
    if key in catalogue.stale(language):
        return State.STALE
    if review.valid_until is not None and day > review.valid_until - SOON:
        return State.EXPIRING
    return State.CURRENT


_heard_in: ContextVar[str | None] = ContextVar("heard_in", default=None)


@contextmanager
def as_heard_in(language: str) -> Iterator[None]:
    """What is composed within is withheld as for a visitor who reads `language`.

    A jurist reads the Dutch of what such a visitor was told, not of what was kept from them.
    """
    token = _heard_in.set(language)
    try:
        yield
    finally:
        _heard_in.reset(token)


def served(key: str, language: str, day: date) -> bool:
    """Whether the text may be said; if not, the approved fallback is said in its place.

    A contact or a state that is not served is shown, but hedged. A text that says nothing of the
    law goes on when it is stale. Keys without papers are served: only what is known to be a legal
    text is withheld.
    """
    review = reviews().get(key)
    if review is None or review.label:
        return True
    state = state_of(key, _heard_in.get() or language, day)
    return state not in _NOT_SERVED or (state is State.STALE and not review.legal)
