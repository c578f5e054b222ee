"""What stands above each text in a catalogue, for translators: comments that begin with `#.`.

Where the text is shown, what fits there, what its placeholders are; in a translation also the
Dutch text (the msgid is only a key) and the agreed words for the terms in it. Data:
`locales/notes.yml` and `locales/glossary.csv`. `make strings` writes the comments.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from bot import glossary, yaml_text
from bot.catalogue import LOCALES, placeholders
from bot.contacts import contacts
from bot.errors import raise_faults
from bot.languages import SOURCE

_FILE = LOCALES / "notes.yml"
_KINDS = ("Shown: ", "At most ", "Placeholder ", "Term: ", f"{SOURCE}: ")
"""How the comments written here begin; any other belongs to whoever wrote it."""
_WIDTH = 90
_OF_A_CONTACT = {
    "phone": "telephone number of {}",
    "email": "e-mail address of {}",
    "open": "sentence or two: the opening hours of {}, ends with a full stop",
}


@dataclass(frozen=True)
class Note:
    """An entry of `locales/notes.yml`; its header explains the fields."""

    keys: re.Pattern[str]
    shown: str
    most: int | None


@lru_cache(maxsize=1)
def _data() -> tuple[tuple[Note, ...], dict[str, str]]:
    try:
        data: Any = yaml_text.load(_FILE.read_text(encoding="utf-8"))
        notes = tuple(
            Note(re.compile(each["keys"]), each["shown"], each.get("most"))
            for each in data["texts"]
        )
        return notes, dict(data["placeholders"])
    except (yaml.YAMLError, KeyError, TypeError, re.error) as error:
        said = " ".join(str(error).split())
        raise_faults([f"locales/notes.yml: cannot be used ({said}). Mend it."])
        raise


def note(key: str) -> Note | None:
    """Where the text `key` is shown, if `locales/notes.yml` says so."""
    return next((each for each in _data()[0] if each.keys.match(key)), None)


def most(key: str) -> int | None:
    """How many characters fit where the text `key` is shown; None where the layout sets no end."""
    found = note(key)
    return found.most if found else None


def placeholder(name: str) -> str | None:
    """What stands in the place of `{name}`, in English."""
    part, _, contact = name.partition("_")
    if part in _OF_A_CONTACT and contact in contacts():
        return _OF_A_CONTACT[part].format(contacts()[contact].names[SOURCE])
    return _data()[1].get(name)


def comments(key: str, dutch: str, language: str) -> list[str]:
    """The comments above the text `key` in a language; `dutch` is its Dutch wording."""
    found: list[str] = []
    if shown := note(key):
        found += _lines("Shown: ", shown.shown)
        if shown.most:
            found.append(f"At most {shown.most} characters.")
    try:
        names = sorted(placeholders(dutch))
    except ValueError:
        # the catalogue's own check names the brace
        names = []
    for name in names:
        if said := placeholder(name):
            found += _lines("Placeholder ", f"{{{name}}}: {said}.")
    if language != SOURCE:
        for word, meant in glossary.found_in(dutch):
            wished = dict.fromkeys(w for t in meant for w in t.words.get(language, ()))
            if wished:
                found += _lines("Term: ", f"{word} = {' / '.join(wished)}")
        for line in dutch.split("\n"):
            found += _lines(f"{SOURCE}: ", line, found)
    return found


def _lines(kind: str, text: str, before: Collection[str] = ()) -> list[str]:
    """A comment in lines: a longer one would be broken when the file is written, and come back as
    two. Of two lines that are the same, Babel keeps one: so a line is broken elsewhere then."""
    for width in range(_WIDTH, _WIDTH // 2, -1):
        found = [f"{kind}{line}" for line in textwrap.wrap(text, width, break_on_hyphens=False)]
        if not set(found) & set(before) or len(found) == 1:
            break
    return found


def is_ours(comment: str) -> bool:
    """Whether a comment was written here, and so is written anew."""
    return comment.startswith(_KINDS)
