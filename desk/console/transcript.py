"""The conversation as colleagues read it: the assistant's messages in Dutch beside the original.

The visitor's own words stay as they are; nobody translates them here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape

from bot import catalogue
from bot.languages import SOURCE, languages
from bot.nlg import answers
from desk.reading import ZONE

PER_BLOCK = 50
"""Entries that fold together."""
ON_CASE_PAGE = 200
"""The last entries, which stand on the page of the case; the others have pages of their own."""
PER_PAGE = 500


@dataclass(frozen=True)
class Line:
    """An entry. `dutch` is what an assistant's message says in Dutch, where that is known.

    `original` is None for a Dutch message of the assistant, which needs no translation.
    """

    number: int
    from_visitor: bool
    at: datetime | None
    language: str
    direction: str
    original: str
    dutch: str | None
    topic: str | None

    @property
    def needs_dutch(self) -> bool:
        """Whether it is an assistant's message in another language."""
        return not self.from_visitor and self.language != SOURCE


@dataclass(frozen=True)
class Block:
    """Entries that fold together; the last block of a conversation is open."""

    lines: tuple[Line, ...]
    is_open: bool


def blocks(
    entries: Sequence[Mapping[str, Any]], language: str, came: datetime, *, first: int = 1
) -> list[Block]:
    """The entries in blocks, oldest first; `first` is the number of the first one.

    `language` is that of the conversation and `came` when the case came in: what is told of
    opening hours must be what was told then.
    """
    lines = [
        _line(number, entry, language, came) for number, entry in enumerate(entries, start=first)
    ]
    starts = range(0, len(lines), PER_BLOCK)
    return [
        Block(tuple(lines[start : start + PER_BLOCK]), start + PER_BLOCK >= len(lines))
        for start in starts
    ]


def _line(number: int, entry: Mapping[str, Any], language: str, came: datetime) -> Line:
    from_visitor = entry.get("from") != "assistant"
    own = str(entry.get("lang") or language)
    at = _time(entry.get("at"))
    text = str(entry.get("text", ""))
    dutch = None
    if not from_visitor and own != SOURCE:
        dutch = _in_dutch(entry, at or came)
    return Line(
        number,
        from_visitor,
        at,
        own,
        languages()[own].direction if own in languages() else "auto",
        text,
        dutch,
        _topic(entry.get("intent")) if from_visitor else None,
    )


def _in_dutch(entry: Mapping[str, Any], at: datetime) -> str | None:
    """The Dutch of an assistant's message: what came with it, else that of the catalogue."""
    given: Any = entry.get("variables")
    variables: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    if isinstance(variables.get(SOURCE), str):
        return str(variables[SOURCE])
    values = {name: value for name, value in variables.items() if isinstance(value, str)}
    question = f"{entry.get('question_id')}_ask"
    for key in (str(entry.get("id", "")), question):
        if not catalogue.has_text(SOURCE, key):
            continue
        try:
            message = answers.compose(
                key, SOURCE, now=at, text_keys=[(key, values)], as_written=True
            )
        except (catalogue.MissingText, KeyError, ValueError):
            # a text with a value that did not come with it
            continue
        return message["text"]
    return None


def _topic(intent: Any) -> str | None:
    key = f"option_{intent}"
    return catalogue.text(SOURCE, key) if catalogue.has_text(SOURCE, key) else None


def _time(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    # year 1 or 9999 cannot be shown in another time zone
    if not 1970 < found.year < 3000:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=ZONE)


_STRONG = re.compile(r"\*\*(.+?)\*\*", re.S)


def emphasised(text: str) -> Markup:
    """A text of ours with its emphasis; everything else in it is shown as it is."""
    return Markup(_STRONG.sub(r"<strong>\1</strong>", str(escape(text))))  # noqa: S704
