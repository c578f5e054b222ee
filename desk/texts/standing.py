"""Whether a text may be said, and until when: what bot/reviews.py knows, beside the catalogues."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bot import reviews
from bot.reviews import Review, State
from desk.texts.wordings import Book

DUE = (State.WITHDRAWN, State.EXPIRED, State.UNREVIEWED, State.STALE, State.EXPIRING)
"""The states that ask for somebody's work, the most urgent first."""


@dataclass(frozen=True)
class Standing:
    """The papers of a text, and what follows from them on a day."""

    state: State
    review: Review | None
    said: bool


def standing(book: Book, key: str, language: str, day: date) -> Standing:
    """How the text of `key` stands in `language`."""
    review = reviews.reviews().get(key)
    state = reviews.state_of(key, language, day) if review else State.CURRENT
    if state in (State.CURRENT, State.EXPIRING) and book.is_stale(key, language):
        # the file has changed since it was compiled
        state = State.STALE
    return Standing(state, review, reviews.served(key, language, day))


def due(book: Book, keys: Iterable[str], language: str, day: date) -> list[tuple[str, Standing]]:
    """The texts that ask for work, the most urgent and then the first to expire in front."""
    found = [(key, standing(book, key, language, day)) for key in keys]
    found = [(key, each) for key, each in found if each.state in DUE]
    return sorted(found, key=lambda pair: (DUE.index(pair[1].state), _last_day(pair[1])))


def _last_day(standing: Standing) -> date:
    review = standing.review
    return (review and review.valid_until) or date.max
