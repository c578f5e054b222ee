"""Whom to call: `bot/contacts.yml`, with opening hours as of a given moment.

The file is the project's copy of the contacts the jurists keep; its header explains the fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import yaml

from bot import yaml_text
from bot.errors import raise_faults
from bot.languages import languages

_FILE = Path(__file__).with_name("contacts.yml")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_COUNTRY_OF_ZONE = {
    "Europe/Amsterdam": "NL",
    "Europe/Brussels": "BE",
    "Europe/Warsaw": "PL",
    "Europe/Istanbul": "TR",
    "Europe/Berlin": "DE",
}
_REQUIRED = ("id", "emergency", "names", "phone", "web", "timezone", "hours", "confidence")


@dataclass(frozen=True)
class Opening:
    """One row of opening hours: weekdays (Monday is 0), local times from and to."""

    weekdays: frozenset[int]
    start: time
    end: time


@dataclass(frozen=True)
class OpeningStatus:
    """Whether a contact can be reached at a moment, and else when next.

    `state` is always, open, later_today, closed, holiday or unknown. `start` and `end` are the
    local opening and closing time of the current or next opening; both are None for always
    and unknown.
    """

    state: str
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True)
class Contact:
    """One entry of `contacts.yml`; `confirmed` is false where number or hours must be checked."""

    id: str
    names: Mapping[str, str]
    phones: tuple[str, ...]
    phone_from_abroad: str | None
    email: str | None
    web: str | None
    address: str | None
    visit: str | None
    emergency: bool
    timezone: ZoneInfo
    always: bool
    openings: tuple[Opening, ...]
    confirmed: bool
    hours_confirmed: bool

    @property
    def phone(self) -> str | None:
        """The number to show, or None where there is none."""
        return self.phones[0] if self.phones else None

    @property
    def dial(self) -> str | None:
        """The number for a `tel:` link: digits, with a leading + where the number has one."""
        if self.phone is None:
            return None
        return re.sub(r"[^\d+]", "", self.phone)

    def status(self, now: datetime) -> OpeningStatus:
        """Opening status at `now` (aware); public holidays of the contact's country count."""
        if self.always:
            return OpeningStatus("always")
        if not self.openings:
            return OpeningStatus("unknown")
        local = now.astimezone(self.timezone)
        for start, end in self._openings_of(local.date()):
            if start <= local < end:
                return OpeningStatus("open", start, end)
            if local < start:
                return OpeningStatus("later_today", start, end)
        # A fortnight bridges every run of holidays and weekends there is.
        for days in range(1, 15):
            for start, end in self._openings_of(local.date() + timedelta(days=days)):
                today_is_holiday = self._is_holiday(local.date()) and any(
                    local.weekday() in opening.weekdays for opening in self.openings
                )
                return OpeningStatus("holiday" if today_is_holiday else "closed", start, end)
        return OpeningStatus("unknown")

    def _openings_of(self, day: date) -> list[tuple[datetime, datetime]]:
        if self._is_holiday(day):
            return []
        return sorted(
            (
                datetime.combine(day, opening.start, self.timezone),
                datetime.combine(day, opening.end, self.timezone),
            )
            for opening in self.openings
            if day.weekday() in opening.weekdays
        )

    def _is_holiday(self, day: date) -> bool:
        country = _COUNTRY_OF_ZONE.get(str(self.timezone))
        return country is not None and day in _holidays(country, day.year)


@lru_cache(maxsize=32)
def _holidays(country: str, year: int) -> holidays.HolidayBase:
    return holidays.country_holidays(country, years=year)


@lru_cache(maxsize=1)
def contacts() -> dict[str, Contact]:
    """Every contact by its id. Raises `ProjectFileError` naming each fault of the file."""
    return parse_contacts(_FILE.read_text(encoding="utf-8"))


def parse_contacts(text: str) -> dict[str, Contact]:
    """Contacts of a YAML text in the form of `contacts.yml`."""
    try:
        entries = yaml_text.load(text)["contacts"]
        if not isinstance(entries, list):
            raise TypeError
    except (yaml.YAMLError, TypeError, KeyError) as error:
        line = yaml_text.after_name(error)
        raise_faults(
            [f"bot/contacts.yml:{line} is not YAML with a list `contacts`. Mend the file."]
        )
        raise
    found: dict[str, Contact] = {}
    faults: list[str] = []
    for number, entry in enumerate(entries, start=1):
        name = entry.get("id", f"entry {number}") if isinstance(entry, dict) else f"entry {number}"
        missing = [key for key in _REQUIRED if not isinstance(entry, dict) or key not in entry]
        if missing:
            faults.append(f"bot/contacts.yml: {name}: has no {', '.join(missing)}. Add it.")
            continue
        if name in found:
            faults.append(f"bot/contacts.yml: {name}: occurs twice. Give one another id.")
            continue
        untranslated = [code for code in languages() if not entry["names"].get(code)]
        if untranslated:
            faults.append(
                f"bot/contacts.yml: {name}: has no name in {', '.join(untranslated)}. Add it."
            )
            continue
        try:
            found[name] = _contact(entry)
        except (ValueError, KeyError, TypeError) as error:
            faults.append(
                f"bot/contacts.yml: {name}: {error}. Hours are a list of days, from and to, "
                "or a text with 24/7, or null; the timezone is an IANA name."
            )
    raise_faults(faults)
    return found


def _contact(entry: Mapping[str, Any]) -> Contact:
    hours = entry["hours"]
    rows = hours if isinstance(hours, list) else []
    if isinstance(hours, str) and "24/7" not in hours:
        raise ValueError(f"hours {hours!r} are not understood")
    abroad = entry.get("phone_from_abroad") or []
    unverified = set(entry.get("unverified_fields") or [])
    return Contact(
        id=entry["id"],
        names=entry["names"],
        phones=tuple(entry["phone"]),
        phone_from_abroad=abroad[0] if abroad else None,
        email=entry.get("email"),
        web=entry["web"],
        address=entry.get("address"),
        visit=entry.get("visit"),
        emergency=bool(entry["emergency"]),
        timezone=ZoneInfo(entry["timezone"]),
        always=isinstance(hours, str),
        openings=tuple(
            Opening(
                weekdays=frozenset(DAYS.index(day) for day in row["days"]),
                start=time.fromisoformat(row["from"]),
                end=time.fromisoformat(row["to"]),
            )
            for row in rows
        ),
        confirmed=entry["confidence"] == "sure" and "phone" not in unverified,
        hours_confirmed="hours" not in unverified,
    )
