"""`make strings`: brings the catalogues in step with the Dutch source, then compiles them.

Each translation notes which Dutch wording it was made from (`#. source 1a2b3c4d`, eight digits
of a SHA-256). When the Dutch changes, the translation is marked fuzzy and no longer served until
somebody has translated it anew, taken the mark away and removed the note; the next run writes
the note again. A key that a language lacks is added empty, so that a translator sees it.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from bot import catalogue, check
from bot.catalogue import digest
from bot.errors import ProjectFileError
from bot.languages import SOURCE, languages

_NOTE = catalogue.NOTE


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
        note = f"{_NOTE}{digest(str(message.string))}"
        noted = [c for c in own.auto_comments if c.startswith(_NOTE)]
        flags = set(own.flags)
        if own.string and noted and noted != [note]:
            flags.add("fuzzy")
            note = noted[0]
        kept = [c for c in message.auto_comments if not c.startswith(_NOTE)]
        result.add(
            message.id,
            own.string,
            flags=flags,
            auto_comments=[*kept, note] if own.string else kept,
            user_comments=own.user_comments,
        )
    return result


def update(locales: Path = catalogue.LOCALES) -> list[Path]:
    """Bring every translation in step; return the files that changed."""
    changed = []
    for domain in catalogue.DOMAINS:
        source = _read(SOURCE, domain, locales)
        for language in languages():
            if language == SOURCE:
                continue
            path = catalogue.po_file(language, domain, locales)
            written = io.BytesIO()
            write_po(written, bring_in_step(source, _read(language, domain, locales)), width=100)
            if written.getvalue() != path.read_bytes():
                path.write_bytes(written.getvalue())
                changed.append(path)
    return changed


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


if __name__ == "__main__":
    main()
