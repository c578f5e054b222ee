"""`make review-report`: all texts of a language in one document, for sign-off.

HTML and PDF (PDF/UA) in `build/review/`: every text beside the Dutch, with what it rests on, its
state, what is still to be confirmed, and a place to sign for each part.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot import catalogue, reviews, yaml_text
from bot.contacts import Contact, contacts
from bot.countries import convention_between, country_name, states
from bot.errors import ProjectFileError, raise_faults
from bot.languages import SOURCE
from bot.nlg import answers
from web.summary import prose
from web.typesetting import FONTS, typeset
from words import checks
from words.arguments import chosen_languages
from words.report_parts import Part, parts

FOLDER = Path(__file__).parents[1] / "build" / "review"
_HERE = Path(__file__).parent
_CONFIRM = _HERE / "facts_to_confirm.yml"
_SHORT = re.compile(
    r"(?:button|option|link|label|contact|web|error|pdf|ics|word|hours)_|\w+_title$"
)
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def t(key: str, /, **values: object) -> str:
    """A text of the report; its readers are colleagues, who read Dutch."""
    return catalogue.text(SOURCE, key, **{name: str(value) for name, value in values.items()})


def day(value: date) -> str:
    """A day as Dutch writes it."""
    return str(format_date(value, "long", locale=SOURCE))


@lru_cache(maxsize=1)
def to_confirm() -> Mapping[str, str]:
    """Fact → what a jurist still has to confirm. Raises `ProjectFileError` where one is missing."""
    data = yaml_text.load(_CONFIRM.read_text(encoding="utf-8"))
    found = {str(fact): str(question) for fact, question in data.items()}
    wanted = {fact for review in reviews.reviews().values() for fact in review.check_facts}
    raise_faults(
        [
            f"words/facts_to_confirm.yml: {fact} is missing; a text rests on it unconfirmed. "
            "Add what a jurist has to confirm."
            for fact in sorted(wanted - set(found))
        ]
    )
    return found


def _filled(text: str) -> str:
    """A wording with the numbers of contacts in it; other placeholders as they are."""

    def value(match: re.Match[str]) -> str:
        part, _, name = match.group(1).partition("_")
        contact = contacts().get(name)
        if contact is None:
            return match.group()
        if part == "open":
            return f"[{t('desk_report_contact_hours', name=contact.names[SOURCE])}]"
        return str({"phone": contact.phone, "email": contact.email}.get(part) or match.group())

    return _PLACEHOLDER.sub(value, text)


@lru_cache(maxsize=8)
def _wordings(language: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for text in checks.texts(language):
        # plural forms stand below each other
        found[text.key] = (
            f"{found[text.key]}\n{text.wording}" if text.key in found else text.wording
        )
    return found


def _papers(key: str, language: str, today: date) -> dict[str, Any]:
    """What a text rests on, until when it holds, and its state."""
    review = reviews.reviews()[key]
    state = reviews.state_of(key, language, today).value
    lines = []
    if review.facts:
        lines.append(t("desk_report_facts", facts=", ".join(review.facts)))
    if review.sources:
        lines.append(t("desk_report_sources", sources=" · ".join(review.sources)))
    if review.reviewed:
        lines.append(t("desk_report_reviewed", date=day(review.reviewed)))
    if review.valid_until:
        lines.append(t("desk_report_valid_until", date=day(review.valid_until)))
    if not review.legal:
        lines.append(t("desk_report_no_law"))
    owner = f"desk_report_owner_{review.owner}"
    shown = t(owner) if catalogue.has_text(SOURCE, owner) else review.owner
    lines.append(t("desk_report_owner", owner=shown))
    return {
        "place": review.place,
        "state_text": t("desk_report_state", state=t(f"desk_report_state_{state}")),
        "fine": state == reviews.State.CURRENT.value,
        "lines": lines,
        "confirm": [f"{fact}: {to_confirm()[fact]}" for fact in review.check_facts],
    }


def _buttons(key: str, language: str) -> str:
    entry = answers.answers().entries.get(key)
    names = [f"button_{name}" for name in entry.buttons] if entry else []
    wordings = _wordings(language)
    return " | ".join(wordings[name] for name in names if name in wordings)


def _text(key: str, language: str, today: date) -> dict[str, Any]:
    columns = [language] if language == SOURCE else [language, SOURCE]
    # what a visitor says before it: a question, or the answer to one of ours
    asked = f"option_{key.removeprefix('utter_')}"
    if "_tell_" in key:
        asked = key.replace("_tell_", "_option_")
    return {
        "key": key,
        "asked": [_wordings(code).get(asked, "") for code in columns],
        "columns": [prose(_filled(_wordings(code).get(key, ""))) for code in columns],
        "buttons": [_buttons(key, code) for code in columns],
        "papers": _papers(key, language, today),
    }


def _blocks(part: Part, language: str, today: date) -> list[dict[str, Any]]:
    """Texts as they are, and tables of the short ones between them."""
    columns = [language] if language == SOURCE else [language, SOURCE]
    blocks: list[dict[str, Any]] = []
    for key in part.keys:
        review = reviews.reviews()[key]
        if not (review.label or _SHORT.match(key)):
            block = {"kind": "text", **_text(key, language, today)}
            before = [each["papers"] for each in blocks if each["kind"] == "text"][-1:]
            block["papers"]["shown"] = block["papers"]["lines"]
            if before and before[0]["place"] == block["papers"]["place"] and review.legal:
                # the texts of one question have the same papers
                block["papers"]["shown"] = [t("desk_report_as_above")]
            blocks.append(block)
            continue
        if not blocks or blocks[-1]["kind"] != "rows":
            blocks.append({"kind": "rows", "rows": []})
        state = reviews.state_of(key, language, today).value
        fine = state == reviews.State.CURRENT.value
        blocks[-1]["rows"].append(
            {
                "key": key,
                "columns": [_filled(_wordings(code).get(key, "")) for code in columns],
                "state_text": "" if fine else t(f"desk_report_state_{state}"),
            }
        )
    return blocks


def _record_state(name: str, today: date) -> str:
    state = reviews.state_of(name, SOURCE, today).value
    review = reviews.reviews()[name]
    parts_of = [t(f"desk_report_state_{state}")]
    if review.valid_until:
        parts_of.append(t("desk_report_valid_until", date=day(review.valid_until)))
    return "; ".join(parts_of)


def _contact_rows(language: str, today: date) -> Iterator[list[str]]:
    for contact in contacts().values():
        data = [*contact.phones, contact.phone_from_abroad, contact.email, contact.web]
        data += [contact.address, contact.visit, *_hours(contact)]
        if not (contact.confirmed and contact.hours_confirmed):
            data.append(t("desk_report_contact_check"))
        name = contact.names[language]
        if contact.names[SOURCE] != name:
            name = f"{name} / {contact.names[SOURCE]}"
        shown = "; ".join(dict.fromkeys(each for each in data if each))
        yield [name, shown, _with_sources(f"contact:{contact.id}", today)]


def _hours(contact: Contact) -> Iterator[str]:
    if contact.always:
        yield t("desk_report_contact_always")
    names = Locale(SOURCE).days["stand-alone"]["abbreviated"]
    for row in contact.openings:
        days = ", ".join(names[each] for each in sorted(row.weekdays))
        yield f"{days} {row.start:%H.%M}-{row.end:%H.%M}"


def _with_sources(name: str, today: date) -> str:
    sources = " · ".join(reviews.reviews()[name].sources)
    return f"{_record_state(name, today)}. {sources}".strip()


def _state_rows(language: str, today: date) -> Iterator[list[str]]:
    for code in sorted(states(), key=lambda each: country_name(each, SOURCE)):
        name = country_name(code, language)
        if country_name(code, SOURCE) != name:
            name = f"{name} / {country_name(code, SOURCE)}"
        status = convention_between("NL", code) if code != "NL" else None
        shown = t(f"desk_report_country_{status.answer}") if status else ""
        if status and status.confidence != "sure":
            shown = f"{shown} {t('desk_report_country_check')}"
        yield [name, shown, _with_sources(f"state:{code}", today)]


def content(language: str, today: date) -> dict[str, Any]:
    """Everything the templates show."""
    made = [
        {"title": t(part.title), "name": part.name, "blocks": _blocks(part, language, today)}
        for part in parts()
    ]
    counted = [_counts(part, language, today) for part in parts()]
    own = Locale(SOURCE).languages[language].capitalize()
    columns = [own] if language == SOURCE else [own, t("desk_report_dutch")]
    papers = t("desk_report_papers")
    record_head = {
        "contacts": [t("desk_report_contact"), t("desk_report_contact_data"), papers],
        "states": [t("desk_report_country"), t("desk_report_country_nl"), papers],
    }
    records = {
        "contacts": list(_contact_rows(language, today)),
        "states": list(_state_rows(language, today)),
    }
    for name, rows in records.items():
        title = t(f"desk_report_section_{name}")
        table = {"kind": "records", "head": record_head[name], "rows": rows}
        made.append({"title": title, "name": name, "blocks": [table]})
    signatures = [t("desk_report_sign_content")]
    if language != SOURCE:
        signatures.append(t("desk_report_sign_language"))
    intro = "desk_report_intro_nl" if language == SOURCE else "desk_report_intro"
    return {
        "lang": language,
        "langs": [language] if language == SOURCE else [language, SOURCE],
        "title": t("desk_report_title", language=own),
        "made": t("desk_report_made", date=day(today)),
        "intro": t(intro),
        "columns": columns,
        "parts": made,
        "overview": {"title": t("desk_report_overview"), **_overview(counted)},
        "open": _open_points(language, today),
        "signatures": signatures,
        "words": {
            name: t(f"desk_report_{name}")
            for name in ("sign", "sign_name", "sign_date", "sign_signature", "key", "confirm")
        },
        "labels": {
            "page": t("desk_report_page", page="{page}", pages="{pages}"),
            "asked": t("desk_report_asked", text="{text}"),
            "buttons": t("desk_report_buttons", titles="{text}"),
        },
    }


def _counts(part: Part, language: str, today: date) -> tuple[str, Counter[str]]:
    states_of = Counter(reviews.state_of(key, language, today).value for key in part.keys)
    return t(part.title), states_of


def _overview(counted: list[tuple[str, Counter[str]]]) -> dict[str, Any]:
    shown = [each.value for each in reviews.State if any(c[each.value] for _, c in counted)]
    head = [t("desk_report_part"), t("desk_report_texts")]
    return {
        "head": [*head, *(t(f"desk_report_state_{state}") for state in shown)],
        "rows": [
            [title, str(sum(counts.values())), *(str(counts[state]) for state in shown)]
            for title, counts in counted
        ],
    }


def _open_points(language: str, today: date) -> dict[str, Any]:
    wanting: list[str] = []
    resting: dict[str, list[str]] = {}
    for part in parts():
        for key in part.keys:
            state = reviews.state_of(key, language, today)
            if state is not reviews.State.CURRENT:
                wanting.append(f"{key}: {t(f'desk_report_state_{state.value}')}")
            for fact in reviews.reviews()[key].check_facts:
                resting.setdefault(fact, []).append(key)
    return {
        "title": t("desk_report_open_points"),
        "none": t("desk_report_open_none"),
        "states": {"title": t("desk_report_open_states"), "lines": wanting},
        "findings": {
            "title": t("desk_report_open_findings"),
            "lines": [f"{each.key}: {each.says}" for each in checks.findings([language])],
        },
        "facts": {
            "title": t("desk_report_open_facts"),
            "head": [t(f"desk_report_{name}") for name in ("fact", "confirm", "in_texts")],
            "rows": [
                [fact, to_confirm()[fact], ", ".join(dict.fromkeys(resting[fact]))]
                for fact in sorted(resting)
            ],
        },
    }


def html(data: Mapping[str, Any]) -> str:
    """The report as one HTML file that needs nothing else."""
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["marked"] = _marked
    return environment.get_template("review.html").render(data=data)


def _marked(label: str, text: str) -> Markup:
    return Markup(label).replace("{text}", Markup.escape(text))  # noqa: S704 (label is ours)


def pdf(data: Mapping[str, Any], today: date) -> bytes:
    """The report as a PDF (PDF/UA-1)."""
    made_at = int((today - date(1970, 1, 1)).total_seconds())
    return typeset(str(_HERE / "typst" / "review.typ"), {"data": json.dumps(data)}, made_at)


def write(language: str, today: date, folder: Path = FOLDER) -> list[Path]:
    """Write both files of a language; return where they are."""
    data = content(language, today)
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / f"review-{language}"
    written = [stem.with_suffix(".html"), stem.with_suffix(".pdf")]
    written[0].write_text(html(data), encoding="utf-8")
    written[1].write_bytes(pdf(data, today))
    return written


def main() -> None:
    """Write the report of every language, or of those named."""
    given = chosen_languages("python -m words.report", __doc__)
    assert FONTS.is_dir()
    today = answers.current_time().date()
    try:
        for language in given:
            for path in write(language, today):
                print(path.relative_to(FOLDER.parents[1]))
    except ProjectFileError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
