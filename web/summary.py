"""The checklist result as a PDF, in one language or in two side by side.

What is in it follows from the answers and the catalogues. Everything reaches Typst as data and is
set as text there; the only markup known is our own: paragraphs, lists, and `**` around what is
strong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

from babel.dates import format_time, get_day_names

from bot import catalogue
from bot.checklist import wording
from bot.checklist.result import Result, result
from bot.checklist.values import Answers
from bot.contacts import Contact, contacts
from bot.languages import languages as known_languages
from bot.nlg import answers as nlg
from bot.nlg import checklist_messages as messages
from web.typesetting import pdf

TEMPLATE = Path(__file__).parent / "typst" / "summary.typ"

# says nothing of the subject to who sees a list of files or an open window
_TITLE = "Kompas"
_PAGE, _PAGES = "\ufffc1", "\ufffc2"
_NUMBERED = re.compile(r"\d+\. ")

Line = list[dict[str, Any]]
Prose = list[dict[str, Any]]


def summary_pdf(answers: Answers, languages: Sequence[str], now: datetime) -> bytes:
    """The result of `answers` as a tagged PDF (PDF/UA-1), in one or two columns of a language each.

    The papers to gather are a page of their own in each language. An answer that left the list
    makes it the text of the other route. Raises `TypesettingFailed`.
    """
    found = result(answers, now.date())
    shown = content(found, list(dict.fromkeys(languages)), now)
    return pdf(TEMPLATE, inputs(shown), int(now.timestamp()))


def content(found: Result, languages: Sequence[str], now: datetime) -> dict[str, Any]:
    """What the template shows. A list with an entry for each language stands for a row."""
    parts = [list(_sections(found, language)) for language in languages]
    return {
        "document": _TITLE,
        "columns": [{"code": code, "name": known_languages()[code].name} for code in languages],
        "title": [_text(code, _title_key(found)) for code in languages],
        "notes": [
            [_text(code, "pdf_subtitle") for code in languages],
            [
                _text(code, "pdf_date", {"date": wording.day(now.date(), code)})
                for code in languages
            ],
        ],
        "page": _text(languages[0], "pdf_page", {"page": _PAGE, "pages": _PAGES}),
        "sections": [_side_by_side(section) for section in zip_longest(*parts)],
        "papers": [] if found.route else [_papers(found, language) for language in languages],
    }


def inputs(data: Mapping[str, Any]) -> dict[str, str]:
    """What the template reads: the data, and the marks that stand for the page numbers."""
    return {"data": json.dumps(data), "page": _PAGE, "pages": _PAGES}


def prose(text: str) -> Prose:
    """A text of the catalogues taken apart into paragraphs and lists of runs, some strong."""
    blocks: Prose = []
    for line in text.splitlines():
        kind = "paragraph"
        if line.startswith("- "):
            kind, line = "list", line[2:]
        elif match := _NUMBERED.match(line):
            kind, line = "numbers", line[match.end() :]
        if not line.strip():
            continue
        if kind != "paragraph" and blocks and blocks[-1]["kind"] == kind:
            blocks[-1]["lines"].append(_runs(line))
        else:
            blocks.append({"kind": kind, "lines": [_runs(line)]})
    return blocks


def _runs(line: str) -> Line:
    pieces = line.split("**")
    if len(pieces) % 2 == 0:
        # a pair is missing: the asterisks are shown as they are
        pieces = [line]
    return [
        {"text": piece, "strong": bool(number % 2)} for number, piece in enumerate(pieces) if piece
    ]


def _title_key(found: Result) -> str:
    # who is led elsewhere has nothing to do with a request
    return "utter_checklist_result_head" if found.route else "pdf_title"


def _text(language: str, key: str, values: Mapping[str, str] | None = None) -> str:
    filled = {**_hours(language), **(values or {})}
    return nlg.said(key, language, nlg.current_time(), filled)


def _hours(language: str) -> dict[str, str]:
    """Opening hours that still hold when the paper is read, for the places of `open_...`."""
    return {f"open_{name}": _opening(each, language) for name, each in contacts().items()}


def _opening(contact: Contact, language: str) -> str:
    if contact.always:
        said = [catalogue.text(language, "hours_always")]
    else:
        said = [
            catalogue.text(
                language,
                "pdf_hours",
                days=_weekdays(row.weekdays, language),
                **{
                    name: format_time(time, "H:mm", locale=language)
                    for name, time in (("from", row.start), ("to", row.end))
                },
            )
            for row in contact.openings
        ]
    if not contact.hours_confirmed or not said or nlg.is_old_contact(contact.id, language):
        said.append(catalogue.text(language, "hours_check"))
    return " ".join(said)


def _weekdays(days: frozenset[int], language: str) -> str:
    names = get_day_names("wide", context="stand-alone", locale=language)
    first, last = min(days), max(days)
    if len(days) > 2 and len(days) == last - first + 1:
        return f"{names[first]}–{names[last]}"
    return ", ".join(names[day] for day in sorted(days))


def _sections(found: Result, language: str) -> Iterator[tuple[str, str, list[Any]]]:
    """Heading, kind and rows of every part in one language; equally many in each language."""
    label = {name: _text(language, f"label_{name}") for name in _LABELS}
    check = _text(language, "pdf_check")
    answers_head = _text(language, "pdf_answers_head")
    if found.route:
        parts = [found.summary, found.route]
        rows = [_text(language, key) for key in parts]
        rows.append(messages.jurist(found, language, _hours(language)))
        yield "", "prose", [prose(row) for row in rows]
        yield answers_head, "table", _answers(found, language)
        yield "", "prose", [prose(check)]
        return
    head = _text(language, "utter_checklist_result_head")
    yield head, "prose", [prose(_text(language, found.summary))]
    yield label["conditions"], "prose", _lines(messages.conditions(found, language))
    points = _lines(messages.points(found, language))
    nothing = prose(_text(language, "utter_checklist_no_points"))
    yield label["points"], "prose", points or [nothing]
    yield answers_head, "table", _answers(found, language)
    yield label["submission"], "prose", _paragraphs(messages.addresses(found, language))
    yield label["after_sending"], "prose", _lines(messages.after_sending(language))
    yield label["deadlines"], "prose", _lines(messages.deadlines(found, language))
    closing = [messages.jurist(found, language, _hours(language)), check]
    if found.contacts:
        # elsewhere the next step is the sending that stands above
        closing.insert(0, messages.next_step(found, language))
    yield label["next_step"], "prose", [prose(text) for text in closing]


_LABELS = (
    "conditions",
    "points",
    "submission",
    "after_sending",
    "deadlines",
    "next_step",
)


def _lines(lines: Sequence[str]) -> list[Prose]:
    """Each line as a row."""
    return [prose(line) for line in lines]


def _paragraphs(lines: Sequence[str]) -> list[Prose]:
    """Each paragraph as a row, the lines of a list together with the paragraph before them."""
    rows: list[Prose] = []
    for line in lines:
        if line.startswith("- ") and rows:
            rows[-1] = [*rows[-1], *prose(line)]
        else:
            rows.append(prose(line))
    return rows


def _answers(found: Result, language: str) -> list[list[str]]:
    return [
        [wording.title(item, language), wording.shown(item, value, language)]
        for item, value in found.answers
    ]


def _side_by_side(section: Sequence[Any]) -> dict[str, Any]:
    kind = section[0][1]
    return {
        "heading": [heading for heading, _, _ in section],
        "kind": kind,
        "rows": list(zip_longest(*(rows for _, _, rows in section), fillvalue=[])),
    }


def _papers(found: Result, language: str) -> dict[str, Any]:
    rows = []
    for paper in messages.papers_to_get_first(found):
        note = f"{paper.id}_note"
        have = paper.status == "have"
        rows.append(
            {
                "ticked": have,
                "name": catalogue.text(language, f"{paper.id}_name"),
                "copies": messages.paper_copies(paper, language),
                "label": messages.paper_label(paper, language),
                "where": "" if have else messages.paper_places(paper.id, found, language),
                "note": _text(language, note) if nlg.can_say(note, language) else "",
                "parts": [] if have else [_part(part, found, language) for part in paper.parts],
            }
        )
    return {
        "code": language,
        "heading": _text(language, "label_documents"),
        "intro": _text(language, "utter_checklist_documents"),
        "where": _text(language, "label_where_to_get"),
        "any_of": _text(language, "label_any_of"),
        "rows": rows,
    }


def _part(part: str, found: Result, language: str) -> dict[str, str]:
    # of a country we do not know, the places of the paper as a whole say enough
    where = messages.paper_places(part, found, language) if found.home else ""
    return {"name": catalogue.text(language, f"{part}_name"), "where": where}
