"""Approved wordings as a patch of the catalogues, as `make strings` would write them.

`git apply` takes it; with `--3way` also where the catalogues have moved on, and a second time.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from bot import catalogue, strings
from bot.languages import SOURCE, languages
from desk.texts.wordings import Forms, read

_WIDTH = 100


@dataclass(frozen=True)
class NewWording:
    """A wording to be. `source`: digest of the Dutch that it was made from, if it is no Dutch."""

    key: str
    domain: str
    language: str
    forms: Forms
    source: str | None = None


def patch(wordings: Iterable[NewWording], locales: Path = catalogue.LOCALES) -> str:
    """The patch that brings `wordings` into the catalogues; nothing where they are there."""
    by_file: dict[tuple[str, str], list[NewWording]] = {}
    for each in wordings:
        by_file.setdefault((each.domain, each.language), []).append(each)
    with tempfile.TemporaryDirectory(prefix="kompas-texts-") as folder:
        copies = Path(folder) / "locales"
        shutil.copytree(locales, copies, ignore=shutil.ignore_patterns("*.mo", "*.new"))
        for (domain, language), own in by_file.items():
            _write(own, language, domain, copies)
        # a translation that was made from another Dutch becomes stale here
        strings.update(copies)
        changed = dict.fromkeys(domain for domain, _ in by_file)
        return "".join(
            _difference(
                f"locales/{language}/LC_MESSAGES/{domain}.po",
                catalogue.po_file(language, domain, locales).read_bytes(),
                catalogue.po_file(language, domain, copies).read_bytes(),
            )
            for domain in catalogue.DOMAINS
            if domain in changed
            for language in languages()
        )


def _write(wordings: list[NewWording], language: str, domain: str, locales: Path) -> None:
    catalog: Catalog = read(language, domain, locales)
    for each in wordings:
        message = catalog.get(each.key)
        if message is None:
            continue
        message.string = each.forms[0] if isinstance(message.id, str) else each.forms
        message.flags.discard("fuzzy")
        if language != SOURCE:
            message.auto_comments = [
                comment
                for comment in message.auto_comments
                if not comment.startswith(catalogue.NOTE)
            ]
            message.auto_comments.append(f"{catalogue.NOTE}{each.source}")
    target = io.BytesIO()
    write_po(target, catalog, width=_WIDTH)
    catalogue.po_file(language, domain, locales).write_bytes(target.getvalue())


def _difference(place: str, before: bytes, after: bytes) -> str:
    if before == after:
        return ""
    # by line ends alone: a text may hold other characters that Python takes for one
    old, new = (_lines(each.decode()) for each in (before, after))
    lines = unified_diff(old, new, f"a/{place}", f"b/{place}")
    body = "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
    head = f"diff --git a/{place} b/{place}\nindex {_blob(before)}..{_blob(after)} 100644\n"
    return head + body


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _blob(content: bytes) -> str:
    """The name by which git knows a content, for `git apply --3way`."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
