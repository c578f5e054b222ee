"""How hard a text is to read: sentences, syllables, and the formula of its language.

Own code, some forty lines, because no kept library counts all our languages (textstat has no
Turkish and brings a hyphenation dictionary along). The formulas and where they come from stand in
`words/rules/<language>.yml`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_MARKS = re.compile(r"\*\*|^(?:- |\d+\. )", re.MULTILINE)
_PLACEHOLDER = re.compile(r"\{\w+\}")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
# a full stop within a date, an abbreviation or a number has no capital after it
_END = re.compile(r"(?<=[.!?:…])[\"'”’)»]*\s+(?=[\"'“‘„(«]?[^\W\d_a-zçğıöşüąćęłńóśźżëéè])")


@dataclass(frozen=True)
class Formula:
    """A formula: `base - per_word * W - per_syllable * S - per_long * L`.

    W words a sentence, S syllables a word, L long words (`long` syllables or more) of a hundred.
    A text passes at `limit`: at least that, or at most that where `lower_is_easier`.
    """

    name: str
    base: float
    per_word: float
    per_syllable: float
    per_long: float
    long: int
    limit: float
    lower_is_easier: bool
    from_words: int

    def passes(self, score: float) -> bool:
        """Whether a text of this score is easy enough."""
        return score <= self.limit if self.lower_is_easier else score >= self.limit


def plain(text: str) -> str:
    """A text without marks; a placeholder is one word."""
    return _PLACEHOLDER.sub("Xx", _MARKS.sub("", text))


def sentences(text: str) -> list[str]:
    """The sentences of a text; each line of a list is at least one."""
    lines = [line for line in plain(text).splitlines() if line.strip()]
    return [part.strip() for line in lines for part in _END.split(line) if words(part)]


def words(text: str) -> list[str]:
    """The words of a text, numbers not counted."""
    return _WORD.findall(text)


def syllables(word: str, vowels: re.Pattern[str]) -> int:
    """How many syllables a word has, at least one."""
    return max(1, len(vowels.findall(word.lower())))


def score(text: str, formula: Formula, vowels: re.Pattern[str]) -> float:
    """What the formula says of a text."""
    counted = [syllables(word, vowels) for word in words(plain(text))]
    length = len(counted) / max(1, len(sentences(text)))
    long = sum(number >= formula.long for number in counted) / len(counted) * 100
    mean = sum(counted) / len(counted)
    return (
        formula.base
        - formula.per_word * length
        - formula.per_syllable * mean
        - formula.per_long * long
    )


def read_formula(data: Mapping[str, object]) -> Formula:
    """A formula as `words/rules/<language>.yml` writes it."""
    numbers = {
        name: float(str(data.get(name, 0)))
        for name in ("base", "per_word", "per_syllable", "per_long", "limit")
    }
    return Formula(
        name=str(data["name"]),
        long=int(str(data.get("long", 99))),
        lower_is_easier=bool(data.get("lower_is_easier", False)),
        from_words=int(str(data["from_words"])),
        **numbers,
    )
