"""The wordings in force: what the catalogues of this version hold, in every language.

Read from the `.po` files, not from what is compiled: an export changes these files, and a wording
that is no longer said must still be read by who mends it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from gettext import c2py  # type: ignore[attr-defined]
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from bot import catalogue
from bot.languages import SOURCE, languages

Forms = tuple[str, ...]
"""A wording: one text, or one for each plural form."""

_MOST_COUNTED = 200


def digest_of(forms: Sequence[str]) -> str:
    """What a translation notes of the wording it was made from (bot/catalogue.py)."""
    return catalogue.digest(forms[0] if len(forms) == 1 else str(tuple(forms)))


@dataclass(frozen=True)
class Wording:
    """The text of a key in a language. `made_from`: digest of the Dutch that it translates."""

    key: str
    domain: str
    language: str
    forms: Forms
    fuzzy: bool = False
    made_from: str | None = None
    counts: tuple[int, ...] = ()

    @cached_property
    def digest(self) -> str:
        """By which a proposal knows the wording that it started from."""
        return digest_of(self.forms)


class Book:
    """Every wording of the catalogues of a folder."""

    def __init__(self, wordings: Mapping[tuple[str, str], Wording]) -> None:
        self._wordings = wordings
        self.keys: Mapping[str, str] = {
            key: each.domain for (key, language), each in wordings.items() if language == SOURCE
        }
        """Key → domain, in the order of the Dutch catalogues."""

    def get(self, key: str, language: str) -> Wording | None:
        """The wording, if there is such a key and language."""
        return self._wordings.get((key, language))

    def text(self, key: str, language: str) -> str:
        """Its text with the placeholders as they stand; nothing without one."""
        found = self.get(key, language)
        return found.forms[0] if found else ""

    def is_stale(self, key: str, language: str) -> bool:
        """Whether a translation was made from another Dutch wording than that in force."""
        own, source = self.get(key, language), self.get(key, SOURCE)
        if own is None or source is None or language == SOURCE:
            return False
        return own.fuzzy or (own.made_from is not None and own.made_from != source.digest)


def read(language: str, domain: str, locales: Path = catalogue.LOCALES) -> Catalog:
    """A catalogue as it lies in its file."""
    with catalogue.po_file(language, domain, locales).open("rb") as file:
        return read_po(file, locale=language, domain=domain, abort_invalid=True)


def book(locales: Path = catalogue.LOCALES) -> Book:
    """The wordings of `locales`, read again when a file there has changed."""
    files = [
        (language, domain, catalogue.po_file(language, domain, locales))
        for language in languages()
        for domain in catalogue.DOMAINS
    ]
    states = tuple(
        (language, domain, path.stat().st_mtime_ns, path.stat().st_size)
        for language, domain, path in files
    )
    return _book(locales, states)


@lru_cache(maxsize=2)
def _book(locales: Path, states: tuple[tuple[str, str, int, int], ...]) -> Book:
    found: dict[tuple[str, str], Wording] = {}
    for language, domain, *_ in states:
        for wording in _wordings(read(language, domain, locales), language, domain):
            found[wording.key, language] = wording
    return Book(found)


def _wordings(read_in: Catalog, language: str, domain: str) -> Iterator[Wording]:
    for message in read_in:
        if not message.id:
            continue
        plural = not isinstance(message.id, str)
        yield Wording(
            key=key_of(message),
            domain=domain,
            language=language,
            forms=catalogue.forms(message),
            fuzzy=message.fuzzy,
            made_from=catalogue.made_from(message),
            counts=_counts(read_in) if plural else (),
        )


def key_of(message: Message) -> str:
    """The key of a message, which with plural forms has it twice."""
    return message.id if isinstance(message.id, str) else str(message.id[0])


def _counts(read_in: Catalog) -> tuple[int, ...]:
    """For each plural form the first number that takes it, to show the form with."""
    form_of = c2py(read_in.plural_expr)
    first: dict[int, int] = {}
    for number in [*range(1, _MOST_COUNTED), 0]:
        first.setdefault(form_of(number), number)
    return tuple(first.get(form, 0) for form in range(read_in.num_plurals))
