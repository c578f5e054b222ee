"""Values of the registry in Dutch words, for the templates."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta

from bot import catalogue
from bot.countries import country_name
from bot.languages import SOURCE
from desk.codes import codebook
from desk.reading import ZONE

_DUTCH = Locale(SOURCE)


def t(key: str, /, **values: Any) -> str:
    """Text of the console; `values` go into its placeholders."""
    return catalogue.text(SOURCE, key, **{name: str(value) for name, value in values.items()})


def moment(value: datetime) -> str:
    """Day and time in the Netherlands."""
    return str(format_datetime(value, "d MMM yyyy, H:mm", tzinfo=ZONE, locale=SOURCE))


def weekday_moment(value: datetime) -> str:
    """Day of the week, day and time in the Netherlands, as one says it."""
    return str(format_datetime(value, "EEEE d MMMM, H:mm", tzinfo=ZONE, locale=SOURCE))


def day(value: date) -> str:
    """A day in full; of a time, its day in the Netherlands."""
    if isinstance(value, datetime):
        value = value.astimezone(ZONE).date()
    return str(format_date(value, "long", locale=SOURCE))


def duration(value: timedelta) -> str:
    """How long something takes or took, roughly: "3 dagen"."""
    if value < timedelta(minutes=1):
        return t("desk_less_than_a_minute")
    return str(format_timedelta(value, "minute", threshold=1.5, locale=SOURCE))


def country(code: str | None) -> str:
    """Name of a country."""
    return country_name(code, SOURCE) if code else t("desk_not_known")


def language(code: str | None) -> str:
    """Name of a language: "Turks"."""
    name = _DUTCH.languages.get(code) if code else None
    return str(name).capitalize() if name else code or t("desk_not_known")


def code_label(code: str) -> str:
    """Registration code as the annual report names it; the id of one that is no more."""
    known = codebook().codes.get(code)
    return known.label if known is not None else code


def label(kind: str, value: str | None) -> str:
    """Label of a value from codes.yml: kind is roles, channels, closing or third_parties."""
    if value is None:
        return t("desk_not_known")
    return str(getattr(codebook(), kind, {}).get(value, value))


def named(kind: str, value: str | None) -> str:
    """Text `desk_<kind>_<value>`, such as that of a status; the value itself without one."""
    key = f"desk_{kind}_{value}"
    return catalogue.text(SOURCE, key) if catalogue.has_text(SOURCE, key) else str(value)


FILTERS = {
    "code_label": code_label,
    "country": country,
    "day": day,
    "duration": duration,
    "language": language,
    "moment": moment,
    "weekday_moment": weekday_moment,
}
