"""The words of the assistant: gettext catalogues, one per language and domain.

A key such as `utter_hague_costs` is the msgid, the wording its msgstr; Dutch is the source. A
wording may hold placeholders in braces, filled in by `text`. The catalogues are compiled by
`make strings` (and by `make run`) to the binary files that gettext reads.
"""

from __future__ import annotations

import gettext
import hashlib
import io
import logging
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from bot.errors import ProjectFileError, raise_faults
from bot.languages import SOURCE, languages

logger = logging.getLogger(__name__)

LOCALES = Path(__file__).parents[1] / "locales"
DOMAINS = ("answers", "checklist", "web", "replies")
"""What visitors read, in every language."""
STAFF_DOMAINS = ("desk",)
"""What colleagues read, in Dutch only."""

NOTE = "source "
"""Begins the comment of a translation that names the Dutch wording it was made from."""
_CONTEXT = "source"
# gettext keeps the context of a text before its key
_MARK = f"{_CONTEXT}\x04"


class MissingText(KeyError):
    """No catalogue of the language has a text for the key."""

    def __init__(self, language: str, key: str) -> None:
        super().__init__(f"{key} has no text in {language}")


def po_file(language: str, domain: str, locales: Path = LOCALES) -> Path:
    """Where the catalogue of `language` and `domain` lies."""
    return locales / language / "LC_MESSAGES" / f"{domain}.po"


def domains(language: str) -> tuple[str, ...]:
    """The catalogues that `language` has."""
    return DOMAINS + STAFF_DOMAINS if language == SOURCE else DOMAINS


def placeholders(text: str) -> frozenset[str]:
    """Names of the placeholders in `text`. Raises ValueError where the braces do not match."""
    names: set[str] = set()
    for _, name, specification, conversion in string.Formatter().parse(text):
        if name is None:
            continue
        if not name.isidentifier() or specification or conversion:
            raise ValueError(f"{{{name}}} is not a plain placeholder")
        names.add(name)
    return frozenset(names)


def _compiled(language: str, domain: str, locales: Path = LOCALES) -> gettext.NullTranslations:
    """The compiled catalogue; one that is damaged is compiled anew, in memory.

    Raises `FileNotFoundError` when it was never compiled.
    """
    try:
        return gettext.translation(domain, locales, languages=[language])
    except FileNotFoundError:
        raise
    except Exception as error:
        # half a file fails in many ways. Visitors are not to be without words for it.
        place = _shown(language, domain)
        logger.error("%s cannot be read (%s).", place.replace(".po", ".mo"), type(error).__name__)
    compiled = io.BytesIO()
    try:
        with po_file(language, domain, locales).open("rb") as file:
            write_mo(compiled, read_po(file, locale=language, domain=domain, abort_invalid=True))
    except (OSError, PoFileError, ValueError):
        fault = f"{place}: cannot be read. Restore it, then run `make strings`."
        raise ProjectFileError([fault]) from None
    logger.error("%s serves in its place. Run `make strings`.", place)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def digest(text: str) -> str:
    """Eight digits that stand for a Dutch wording (`#. source 1a2b3c4d`)."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


@cache
def stale(language: str, locales: Path = LOCALES) -> frozenset[str]:
    """Keys whose text in `language` was made from another Dutch wording than that of today."""
    if language == SOURCE:
        return frozenset()
    dutch = _translations(SOURCE, locales)
    return frozenset(
        key
        for domain in domains(language)
        for key, note in _notes(language, domain, locales).items()
        if key in dutch and note != digest(dutch[key])
    )


def stale_texts() -> Iterator[str]:
    """A line for each stale text of the compiled catalogues: place, fault, remedy."""
    for language in languages():
        for domain in DOMAINS:
            for key in sorted(stale(language) & keys_of(domain)):
                yield _stale_fault(_shown(language, domain), key, "is stale")


def _stale_fault(place: str, key: str, fault: str) -> str:
    return (
        f"{place}: {key} {fault}: its Dutch text has changed. Translate it anew and remove the "
        "mark and the note `#. source`."
    )


def _notes(language: str, domain: str, locales: Path) -> dict[str, str]:
    """Which Dutch wording each translation was made from, as `compile_catalogues` wrote it down."""
    try:
        catalogue = _compiled(language, domain, locales)
    except FileNotFoundError:
        return {}
    texts: dict[object, str] = catalogue._catalog  # type: ignore[attr-defined]
    found = {
        key.removeprefix(_MARK): note
        for key, note in texts.items()
        if isinstance(key, str) and key.startswith(_MARK)
    }
    if found:
        return found
    # compiled by another program (Poedit does so when it saves): the notes are in the source only
    try:
        with po_file(language, domain, locales).open("rb") as file:
            return dict(_noted(read_po(file, locale=language, domain=domain)))
    except (OSError, PoFileError, ValueError):
        return {}


def _noted(catalogue: Catalog) -> Iterator[tuple[str, str]]:
    for message in catalogue:
        # of a text with plural forms nothing is legal
        if not isinstance(message.id, str) or not message.id:
            continue
        if message.fuzzy:
            yield message.id, "fuzzy"
            continue
        note = made_from(message)
        if note is not None:
            yield message.id, note


def made_from(message: Message) -> str | None:
    """The digest of the Dutch wording that a translation was made from, where it is noted."""
    noted = (c for c in message.auto_comments if c.startswith(NOTE))
    return next((c.removeprefix(NOTE).strip() for c in noted), None)


@cache
def keys_of(domain: str, locales: Path = LOCALES) -> frozenset[str]:
    """The keys of one catalogue."""
    texts: dict[object, str] = _compiled(SOURCE, domain, locales)._catalog  # type: ignore[attr-defined]
    # of a text with plural forms gettext keeps a pair of key and number
    keys = (key[0] if isinstance(key, tuple) else key for key in texts)
    return frozenset(key for key in keys if isinstance(key, str) and key and _is_text(key))


def _is_text(key: str) -> bool:
    return not key.startswith(_MARK)


@cache
def _translations(language: str, locales: Path = LOCALES) -> dict[str, str]:
    texts: dict[str, str] = {}
    faults: list[str] = []
    for domain in domains(language):
        try:
            catalogue = _compiled(language, domain, locales)
        except FileNotFoundError:
            faults.append(f"{_shown(language, domain)}: is not compiled. Run `make strings`.")
            continue
        # of a text with plural forms gettext keeps a key for each
        texts.update(
            {
                k: v
                for k, v in catalogue._catalog.items()  # type: ignore[attr-defined]
                if k and isinstance(k, str) and _is_text(k)
            }
        )
    raise_faults(faults)
    return texts


def text(language: str, key: str, /, **values: str) -> str:
    """Wording of `key` in `language` with `values` in its placeholders.

    Raises `MissingText` without such a key and `KeyError` for a placeholder without a value.
    """
    try:
        wording = _translations(language)[key]
    except KeyError:
        raise MissingText(language, key) from None
    return wording.format(**values) if "{" in wording else wording


@cache
def _plural_domain(language: str, key: str) -> gettext.NullTranslations:
    for domain in domains(language):
        found = _compiled(language, domain)
        if found.ngettext(key, key, 1) != key:
            return found
    raise MissingText(language, key)


def counted(language: str, key: str, count: int, /, **values: str) -> str:
    """Wording of `key` for `count` in the plural form that the language has for it.

    `{count}` in the wording is the number. Raises `MissingText`.
    """
    wording = _plural_domain(language, key).ngettext(key, key, count)
    return wording.format(count=count, **values)


def has_text(language: str, key: str) -> bool:
    """Whether `key` has a wording in `language`."""
    return key in _translations(language)


def wording_placeholders(language: str, key: str) -> frozenset[str]:
    """Names of the placeholders that the wording of `key` in `language` holds."""
    try:
        return placeholders(_translations(language)[key])
    except KeyError:
        raise MissingText(language, key) from None


def all_keys(language: str = SOURCE) -> frozenset[str]:
    """Every key that has a wording in `language`."""
    return frozenset(_translations(language))


def _shown(language: str, domain: str) -> str:
    return f"locales/{language}/LC_MESSAGES/{domain}.po"


def compile_catalogues(locales: Path = LOCALES, *, allow_stale: bool = False) -> int:
    """Check every catalogue and compile it; return the number of compiled texts.

    Raises `ProjectFileError` with every fault: unreadable file, key without text or missing in a
    language, placeholders that differ from the Dutch ones, fuzzy (stale) translations. With
    `allow_stale` the last are compiled as well, noted as stale: bot/reviews.py withholds them.
    """
    catalogues: dict[tuple[str, str], Catalog] = {}
    faults: list[str] = []
    for language in languages():
        for domain in domains(language):
            path = po_file(language, domain, locales)
            try:
                with path.open("rb") as file:
                    catalogues[language, domain] = read_po(
                        file, locale=language, domain=domain, abort_invalid=True
                    )
            except FileNotFoundError:
                faults.append(f"{_shown(language, domain)}: is missing. Restore the file.")
            except (PoFileError, UnicodeDecodeError, ValueError) as error:
                line = f" line {error.lineno + 1}:" if isinstance(error, PoFileError) else ""
                faults.append(
                    f"{_shown(language, domain)}:{line} cannot be read as a catalogue. "
                    "Mend the quotes and keywords there (Poedit shows the place)."
                )
    raise_faults(faults)
    for domain in domains(SOURCE):
        source = catalogues[SOURCE, domain]
        for language in languages():
            if domain not in domains(language):
                continue
            found = _faults(source, catalogues[language, domain], language, domain, allow_stale)
            faults.extend(found)
    raise_faults(faults)
    count = 0
    for (language, domain), catalogue in catalogues.items():
        target = po_file(language, domain, locales).with_suffix(".mo")
        # written aside and moved, so that a running server never reads half a file
        aside = target.with_suffix(".mo.new")
        count += len(catalogue)
        if language != SOURCE:
            _write_notes(catalogues[SOURCE, domain], catalogue)
        with aside.open("wb") as file:
            write_mo(file, catalogue, use_fuzzy=allow_stale)
        aside.replace(target)
    for cached in (_translations, _plural_domain, stale, keys_of):
        cached.cache_clear()
    return count


def _write_notes(source: Catalog, catalogue: Catalog) -> None:
    """Note beside each text which Dutch wording it was made from, so that the servers know."""
    noted = dict(_noted(catalogue))
    for message in source:
        if isinstance(message.id, str) and message.id and isinstance(message.string, str):
            # without a note it was translated just now
            note = noted.get(message.id) or digest(message.string)
            catalogue.add(message.id, note, context=_CONTEXT)


def stale_faults(source: Catalog, catalogue: Catalog, place: str) -> Iterator[str]:
    """The translations that were made from another Dutch wording, as faults."""
    noted = dict(_noted(catalogue))
    for message in source:
        if not isinstance(message.id, str) or not isinstance(message.string, str):
            continue
        if noted.get(message.id, digest(message.string)) == digest(message.string):
            continue
        fault = "is marked fuzzy" if noted[message.id] == "fuzzy" else "is stale"
        yield _stale_fault(place, message.id, fault)


def _faults(
    source: Catalog, catalogue: Catalog, language: str, domain: str, allow_stale: bool
) -> Iterator[str]:
    place = _shown(language, domain)
    for message in source:
        if not message.id:
            continue
        own = catalogue.get(message.id)
        if own is None:
            yield f"{place}: {message.id} is missing. Add it, then run `make strings`."
            continue
        if not all(forms(own)):
            yield f"{place}: {message.id} has no text. Add it, then run `make strings`."
            continue
        yield from _placeholder_faults(place, message, own)
    for message in catalogue:
        if message.id and source.get(message.id) is None:
            yield f"{place}: {message.id} has no Dutch text. Remove it or add the Dutch one."
    if language != SOURCE and not allow_stale:
        yield from stale_faults(source, catalogue, place)


def forms(message: Message) -> tuple[str, ...]:
    """The text, or one for each plural form."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def _placeholder_faults(place: str, source: Message, own: Message) -> Iterator[str]:
    try:
        expected = placeholders(" ".join(forms(source)))
        found = placeholders(" ".join(forms(own)))
    except ValueError as error:
        yield f"{place}: {own.id} has a brace out of place ({error}). Mend it."
        return
    if expected != found:
        yield (
            f"{place}: {own.id} has the placeholders {_listed(found)}, "
            f"the Dutch text {_listed(expected)}. Make them equal."
        )


def _listed(names: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "none"
