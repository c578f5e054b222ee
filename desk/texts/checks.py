"""What a proposed wording must keep to: as the checks of the catalogues, before it is stored."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from bot import catalogue
from bot.languages import SOURCE
from desk.texts.wordings import Forms
from words.checks import FAULT, Text, check

MOST_TEXT = 6000
"""Characters of a wording; the longest there is has less than a quarter."""
MOST_REASON = 1000

_BOLD = re.compile(r"\*\*")
_EMPTY_BOLD = re.compile(r"\*\*\s*\*\*")
_ITEM = re.compile(r"(?:- |\d{1,2}\. )")
_ALMOST_ITEM = re.compile(r"(?:[-–•*](?! )(?!\*)\S|[•*] |\d{1,2}\)|\d{1,2}\.(?=[^\W\d]))")
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
# overrides and embeddings turn round what stands after them, far beyond a bubble
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e")
_JOINERS = frozenset("\u200c\u200d\u200e\u200f\u2066\u2067\u2068\u2069")


@dataclass(frozen=True)
class Fault:
    """What is wrong with a form of a wording: a kind, and what it is about."""

    form: int
    kind: str
    about: str = ""


def cleaned(text: str) -> str:
    """A wording as it is stored: NFC, lines without spaces at their end, nothing around it."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


def faults(forms: Sequence[str], source: Forms, number: int) -> list[Fault]:
    """What stands against `forms`, of which there are to be `number`, beside their Dutch."""
    found: list[Fault] = []
    if len(forms) != number:
        return [Fault(0, "forms")]
    for position, text in enumerate(forms):
        found += [Fault(position, kind, about) for kind, about in _form_faults(text, source)]
    if not found:
        found += _placeholder_faults(forms, source)
    return found


def _form_faults(text: str, source: Forms) -> list[tuple[str, str]]:
    if not text:
        return [("missing", "")]
    if len(text) > MOST_TEXT:
        return [("too_long", str(MOST_TEXT))]
    strange = sorted({f"U+{ord(c):04X}" for c in text if _is_strange(c)})
    if strange:
        return [("character", ", ".join(strange[:5]))]
    found: list[tuple[str, str]] = []
    try:
        catalogue.placeholders(text)
    except ValueError:
        found.append(("brace", ""))
    for line in text.split("\n"):
        if len(_BOLD.findall(line)) % 2 or _EMPTY_BOLD.search(line):
            found.append(("bold", line[:60]))
        if _ALMOST_ITEM.match(line):
            found.append(("item", line[:60]))
    # pages for webmasters name tags; nothing else does, and none is ever read as one
    known = {tag for each in source for tag in _TAG.findall(each)}
    tag = next((tag for tag in _TAG.findall(text) if tag not in known), None)
    if tag:
        found.append(("tag", tag[:60]))
    if "\n\n\n" in text:
        found.append(("paragraphs", ""))
    return found


@dataclass(frozen=True)
class Remark:
    """What the checker of words says of a wording; `stops`: `make strings` would stop at it."""

    says: str
    stops: bool


def remarks(key: str, domain: str, language: str, forms: Forms, source: Forms) -> list[Remark]:
    """What words/checks.py finds: terms, predictions, address, length, reading ease.

    For the author and who approves to weigh: exceptions can be made, so it forbids nothing.
    """
    found = []
    for position, text in enumerate(forms):
        dutch = text
        if language != SOURCE and source:
            dutch = source[min(position, len(source) - 1)]
        for each in check(Text(language, domain, key, text, dutch)):
            found.append(Remark(each.says, each.severity == FAULT))
    return found


def is_plain(text: str) -> bool:
    """Whether a text holds no character that misleads or breaks a file."""
    return not any(_is_strange(character) for character in text)


def _is_strange(character: str) -> bool:
    """A character that no text needs: it would break the file or mislead who reads it."""
    if character in _TURNING:
        return True
    if character in _JOINERS or character == "\n":
        return False
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") and (
        # what flags are made of
        not 0xE0020 <= ord(character) <= 0xE007F
    )


def _placeholder_faults(forms: Sequence[str], source: Forms) -> list[Fault]:
    """The placeholders of all forms together are those of the Dutch, as in the catalogues."""
    expected = catalogue.placeholders(" ".join(source))
    given = catalogue.placeholders(" ".join(forms))
    found = []
    if expected - given:
        found.append(Fault(0, "placeholder_missing", listed(expected - given)))
    if given - expected:
        found.append(Fault(0, "placeholder_unknown", listed(given - expected)))
    return found


def listed(names: frozenset[str]) -> str:
    """Placeholders as they stand in a text."""
    return ", ".join(f"{{{name}}}" for name in sorted(names))
