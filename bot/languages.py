"""The languages of the assistant and what is particular about their letters."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from bot import yaml_text
from bot.errors import raise_faults

SOURCE = "nl"
"""Texts are written in this language first; the others are its translations."""

_FILE = Path(__file__).with_name("languages.yml")
_KEYS = {"name", "spacy", "dotted_i", "direction"}
_MAY_HAVE = {"draft", "locale"}


@dataclass(frozen=True)
class Language:
    """One line of `bot/languages.yml`."""

    code: str
    name: str
    spacy: str
    dotted_i: bool
    direction: str
    draft: bool = False
    """Not complete yet: neither offered nor trained, and its catalogues may have gaps."""
    locale: str = ""
    """How CLDR writes dates and numbers in it; the code where the file says nothing."""

    def __post_init__(self) -> None:
        """Fill in the locale."""
        if not self.locale:
            object.__setattr__(self, "locale", self.code)


@cache
def languages() -> dict[str, Language]:
    """The languages that are offered by their codes, in the order of the file."""
    return {
        code: each
        for code, each in every_language().items()
        if not each.draft or code in _also_offered
    }


@cache
def drafts() -> frozenset[str]:
    """Codes of the languages that are being made."""
    return frozenset(every_language()) - set(languages())


def is_of_draft(path: Path) -> bool:
    """Whether a file is of a language that is being made: data/nlu/xx/…, bot/emergency/xx.yml."""
    return path.parent.name in drafts() or path.stem in drafts()


_also_offered: set[str] = set()


def offer(code: str) -> None:
    """Take a draft for complete in this process, to see what it lacks. For `bot.drafts`."""
    _also_offered.add(code)
    languages.cache_clear()
    drafts.cache_clear()


def every_language() -> dict[str, Language]:
    """Every language of the file, those that are being made among them."""
    data = yaml_text.load(_FILE.read_text(encoding="utf-8"))
    faults = [
        f"bot/languages.yml: {code}: needs exactly the keys {', '.join(sorted(_KEYS))}. "
        "Complete the line."
        for code, line in data.items()
        if not isinstance(line, dict) or set(line) - _MAY_HAVE != _KEYS
    ]
    if not isinstance(data.get(SOURCE), dict) or data[SOURCE].get("draft"):
        faults.append(f"bot/languages.yml: the source language {SOURCE} is missing. Add it.")
    raise_faults(faults)
    return {code: Language(code=code, **line) for code, line in data.items()}


@cache
def locale_of(code: str) -> str:
    """The CLDR locale that dates and numbers are written by in a language."""
    found = every_language().get(code)
    return found.locale if found else code


def is_language(code: object) -> bool:
    """Whether `code` is the code of one of our languages."""
    return isinstance(code, str) and code in languages()


# Letters that Unicode does not take apart into a base letter and a mark.
_FOLDS = str.maketrans(
    {
        "ı": "i",
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ß": "s",
        "æ": "e",
        "œ": "e",
        "’": "'",
        "‘": "'",
        "`": "'",
        "´": "'",
        "ʼ": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "–": "-",
        "—": "-",
        "\u00a0": " ",
    }
)


def _fold_character(character: str) -> str:
    folded = character.lower()[:1].translate(_FOLDS)
    # again: Ǽ is Æ with a mark on it
    return unicodedata.normalize("NFD", folded)[:1].translate(_FOLDS) or character


@lru_cache(maxsize=4096)
def _cached_fold(character: str) -> str:
    return _fold_character(character)


def fold(text: str) -> str:
    """`text` in lower-case base letters: "Çocuğu İZİN" and "cocugu izin" fold alike.

    Turkish I, İ, ı and i all become i, because people type without the dots. Exactly one
    character comes out for each that goes in, so that positions stay valid.
    """
    return "".join(
        chr(ord(c) + 32) if "A" <= c <= "Z" else c if c < "\x80" else _cached_fold(c) for c in text
    )


def lower(text: str, language: str | None = None) -> str:
    """Lower case by the rules of `language`; `str.lower` gets Turkish I and İ wrong."""
    if language in languages() and languages()[language].dotted_i:
        text = text.replace("İ", "i").replace("I", "ı")
    # str.lower makes two characters of İ; the dot that follows is of no use to anyone
    return text.lower().replace("i\u0307", "i")


_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e"
    "\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
)
_SPACES = re.compile(r"\s+")


def clean(text: str) -> str:
    """NFC, without control, zero-width and direction characters, with single spaces.

    Lone surrogates, which no database or log can store, become the replacement character.
    """
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    return _SPACES.sub(" ", text).strip()


def has_words(text: str) -> bool:
    """Whether there is a letter or a digit of any script in `text`."""
    return any(character.isalnum() for character in text)
