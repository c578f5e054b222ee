"""Texts as a visitor sees them: every placeholder filled with something likely."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from bot import catalogue
from bot.checklist import wording
from bot.contacts import contacts
from bot.countries import country_name
from bot.nlg import answers
from desk.texts.wordings import Wording

_COUNTRIES = {"country": "TR", "country_a": "NL", "country_b": "TR"}
_AUTHORITY = "central_authority_nl"
# what is no word of any language
_PLAIN = {
    "reference": "K-2026-0042-P",
    "number": "2",
    "count": "3",
    "step": "4",
    "of": "18",
    "page": "1",
    "pages": "6",
    "years": "30",
    "days": "30",
    "met": "4",
    "unclear": "1",
    "not_met": "1",
    "least": "10",
}
_WORDS = {
    "title": "q_consent_title",
    "answer": "q_consent_option_no",
    "document": "d_birth_name",
    "what": "ics_one_year",
    "fields": "contact_phone_name",
    "label": "web_kit_colour",
}
"""Placeholders that stand for another text."""


def shown(wording: Wording, form: int, now: datetime) -> str:
    """A form of a wording as it is said; a placeholder nobody can fill stands as it is."""
    text = wording.forms[form]
    try:
        names = catalogue.placeholders(text)
    except ValueError:
        return text
    values = {name: _value(name, wording.language, now) for name in names}
    if wording.counts:
        values["count"] = str(wording.counts[form])
    return text.format(**values)


def shown_forms(forms: tuple[str, ...], like: Wording, now: datetime) -> list[str]:
    """Other forms for `like`, as they would be said."""
    other = Wording(like.key, like.domain, like.language, forms, counts=like.counts)
    return [shown(other, form, now) for form in range(len(forms))]


def _value(name: str, language: str, now: datetime) -> str:
    try:
        return answers.contact_value(name, language, now)
    except KeyError:
        pass
    if name in _PLAIN:
        return _PLAIN[name]
    if name in _COUNTRIES:
        return country_name(_COUNTRIES[name], language)
    if name in _WORDS:
        return catalogue.text(language, _WORDS[name])
    if name in ("date", "first", "last"):
        days = 7 if name == "last" else 0
        return wording.day(now.date() + timedelta(days=days), language)
    if name == "day":
        return answers.day_of_week(now.date(), language)
    if name in ("time", "from", "to"):
        return answers.time_of_day(time(17 if name == "to" else 9, 30), language)
    authority = contacts().get(_AUTHORITY)
    if authority is not None and name in ("authority", "phone"):
        return authority.names[language] if name == "authority" else authority.phone or ""
    return f"{{{name}}}"
