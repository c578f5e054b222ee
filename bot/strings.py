"""`make strings`: brings the catalogues in step with the Dutch source, then compiles them.

Each translation notes which Dutch wording it was made from (`#. source 1a2b3c4d`, eight digits
of a SHA-256). When the Dutch changes, the translation is marked fuzzy, with a note of the new
wording (`#. stale since 5e6f7a8b`), and no longer served until somebody has translated it anew and
taken the mark away, as Poedit and Weblate do by themselves; the next run writes the notes anew. A
key that a language lacks is added empty, so that a translator sees it.
"""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from bot import catalogue, check, translator_notes
from bot.errors import ProjectFileError
from bot.languages import SOURCE, drafts, every_language

_NOTE = catalogue.NOTE
_STALE = "stale since "


def bring_in_step(source: Catalog, translation: Catalog) -> Catalog:
    """A catalogue with the keys of `source` in its order and the texts of `translation`."""
    result = Catalog(
        locale=translation.locale,
        domain=translation.domain,
        header_comment=translation.header_comment,
        project="Kompas",
        version="1",
        msgid_bugs_address=source.msgid_bugs_address,
        creation_date=source.creation_date,
        revision_date=translation.revision_date,
        last_translator=translation.last_translator,
        language_team=translation.language_team,
        fuzzy=False,
    )
    for message in source:
        if not message.id:
            continue
        own = translation.get(message.id) or Message(message.id, "")
        today = catalogue.digest(str(message.string))
        notes = [f"{_NOTE}{today}"]
        noted = [c for c in own.auto_comments if c.startswith(_NOTE)]
        flags = set(own.flags)
        if own.string and noted and noted != notes:
            since = f"{_STALE}{today}"
            # who takes the mark away has this Dutch before them, not one that came later
            if own.fuzzy or since not in own.auto_comments:
                flags.add("fuzzy")
                notes = [noted[0], since]
        key = message.id if isinstance(message.id, str) else message.id[0]
        kept = _by_hand(message.auto_comments)
        written = translator_notes.comments(key, _dutch(message), str(translation.locale))
        result.add(
            message.id,
            own.string,
            flags=flags,
            auto_comments=[*kept, *written, *(notes if own.string else [])],
            user_comments=own.user_comments,
        )
    return _with_headers(result, str(translation.locale))


def annotate(source: Catalog) -> Catalog:
    """The Dutch catalogue with what its writers need to know above each text."""
    for message in source:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            message.auto_comments = [
                *_by_hand(message.auto_comments),
                *translator_notes.comments(key, _dutch(message), SOURCE),
            ]
    return source


def _by_hand(comments: Iterable[str]) -> list[str]:
    notes = (_NOTE, _STALE)
    return [c for c in comments if not c.startswith(notes) and not translator_notes.is_ours(c)]


def _dutch(message: Message) -> str:
    return "\n".join(catalogue.forms(message))


def update(locales: Path = catalogue.LOCALES) -> list[Path]:
    """Bring every translation in step; return the files that changed."""
    changed = []
    for domain in catalogue.DOMAINS:
        source = _read(SOURCE, domain, locales)
        for language in every_language():
            path = catalogue.po_file(language, domain, locales)
            if language == SOURCE:
                written = as_file(annotate(_with_headers(_read(SOURCE, domain, locales), SOURCE)))
            elif language in drafts() and not path.is_file():
                continue
            else:
                written = as_file(bring_in_step(source, _read(language, domain, locales)))
            if written != path.read_bytes():
                path.write_bytes(written)
                changed.append(path)
    return changed


def as_file(of: Catalog) -> bytes:
    """A catalogue as the file that `make strings` writes."""
    written = io.BytesIO()
    write_po(written, of, width=100)
    return written.getvalue()


def _with_headers(of: Catalog, language: str) -> Catalog:
    """The headers that Poedit and Weblate go by, right for the language."""
    of.project, of.version = "Kompas", "1"
    of.msgid_bugs_address = ""
    if "ADDRESS" in of.last_translator:
        of.last_translator = "Kompas"
    of.language_team = language
    if not isinstance(of.revision_date, datetime):
        # a new file has the words "YEAR-MO-DA" there, which Weblate cannot read
        of.revision_date = of.creation_date
    return of


def _read(language: str, domain: str, locales: Path) -> Catalog:
    with catalogue.po_file(language, domain, locales).open("rb") as file:
        return read_po(file, locale=language, domain=domain, abort_invalid=True)


def main() -> None:
    """Update, compile, and exit with 1 and every gap when there is one."""
    try:
        for path in update():
            print(f"{path.relative_to(catalogue.LOCALES.parent)} is brought in step.")
        count = catalogue.compile_catalogues()
    except ProjectFileError as error:
        sys.exit(str(error))
    found = check.faults()
    if found:
        sys.exit("\n".join(found))
    for notice in check.notices():
        print(f"Notice: {notice}")
    print(f"{count} texts are complete and compiled.")
    for language in sorted(drafts()):
        print(f"\n{language} is a draft and not offered to visitors. It lacks:")
        # apart from this process, which has read everything without the draft
        subprocess.run([sys.executable, "-m", "bot.drafts", language], check=False)  # noqa: S603


if __name__ == "__main__":
    main()
