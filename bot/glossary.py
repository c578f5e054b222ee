"""The words agreed upon for what the law calls things: `locales/glossary.csv`."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from bot.catalogue import LOCALES
from bot.errors import raise_faults
from bot.languages import SOURCE, languages

_FILE = LOCALES / "glossary.csv"
_BRACKETS = re.compile(r"\([^)]*\)")


@dataclass(frozen=True)
class Term:
    """A line of the glossary: what each language calls it, the wished word first."""

    concept: str
    words: Mapping[str, tuple[str, ...]]
    note: str


@lru_cache(maxsize=1)
def terms() -> tuple[Term, ...]:
    """The glossary. Raises `ProjectFileError` naming each line that lacks a word."""
    found: list[Term] = []
    faults: list[str] = []
    with _FILE.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            words = {code: tuple(_variants(row[code] or "")) for code in languages() if code in row}
            lacking = [code for code, listed in words.items() if not listed]
            faults.extend(
                f"locales/glossary.csv line {number}: {row['concept']} has no word in {code}. "
                "Add one."
                for code in lacking
            )
            found.append(Term(row["concept"], words, (row.get("note") or "").strip()))
    raise_faults(faults)
    return tuple(found)


def _variants(cell: str) -> Iterator[str]:
    """The words of a cell: divided by `;`, what stands in brackets only explains."""
    for variant in _BRACKETS.sub(" ", cell).split(";"):
        if shown := " ".join(variant.split()):
            yield shown


@lru_cache(maxsize=1)
def _dutch() -> tuple[tuple[re.Pattern[str], tuple[Term, ...]], ...]:
    """Dutch words, the longest first, each with the terms that it may stand for."""
    by_word: dict[str, list[Term]] = {}
    for term in terms():
        for word in term.words[SOURCE]:
            by_word.setdefault(word.lower(), []).append(term)
    longest_first = sorted(by_word.items(), key=lambda item: -len(item[0]))
    return tuple(
        (re.compile(rf"\b{re.escape(word)}(?:e|s|en|n)?\b", re.IGNORECASE), tuple(found))
        for word, found in longest_first
    )


@lru_cache(maxsize=4096)
def found_in(dutch: str) -> tuple[tuple[str, tuple[Term, ...]], ...]:
    """The terms in a Dutch text: the word as it stands there, and what it may stand for."""
    found = []
    for pattern, meant in _dutch():
        match = pattern.search(dutch)
        if match:
            found.append((match.group(), meant))
            # what is part of a longer term is no term of its own there
            dutch = pattern.sub(" # ", dutch)
    return tuple(found)
