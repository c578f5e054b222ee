"""The time limits of the checklist result as entries for a calendar (iCalendar, RFC 5545).

A shared calendar shows titles to anyone, so they say nothing of the subject.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from dateutil.relativedelta import relativedelta
from icalendar import Calendar, Event

from bot import catalogue
from bot.checklist import wording
from bot.checklist.deadlines import Deadline
from bot.checklist.result import result
from bot.checklist.values import Answers
from bot.nlg import answers as nlg

_DESCRIPTIONS = {"t_one_year": "ics_one_year", "t_sixteen": "ics_sixteen"}
_REMINDED = "t_one_year"
_REMINDERS = (
    relativedelta(months=3),
    relativedelta(months=1),
    relativedelta(weeks=2),
)
# entries of the same limit on the same day are the same entry, whenever the file is made
_NAMESPACE = uuid.UUID("6d1f0c5e-2b57-4d0c-9a3b-7a3f3f0e5c11")


class NoDates(Exception):
    """No time limit has a date, so there is nothing for a calendar."""


def deadlines_ics(answers: Answers, language: str, now: datetime) -> bytes:
    """An all-day entry for each time limit with a date, and reminders of the one year.

    Of a limit that can end on several days the first counts. Raises `NoDates`.
    """
    today = now.date()
    limits = [each for each in result(answers, today).deadlines if each.first]
    if not limits:
        raise NoDates
    calendar = Calendar()
    calendar.add("prodid", "-//Kompas//Kompas//")
    calendar.add("version", "2.0")
    for number, limit in enumerate(limits, start=1):
        title = catalogue.text(language, "ics_title", number=str(number))
        for day, what in _entries(limit, title, language, today):
            calendar.add_component(_event(limit, day, what, language, now))
    made: bytes = calendar.to_ical()
    return made


def _entries(limit: Deadline, title: str, language: str, today: date) -> Iterator[tuple[date, str]]:
    """Days and titles: of the limit, and of its reminders that are still to come."""
    assert limit.first is not None
    yield limit.first, title
    if limit.id != _REMINDED:
        return
    for before in _REMINDERS:
        day = limit.first - before
        if day > today:
            yield day, catalogue.text(language, "ics_reminder", what=title)


def _event(limit: Deadline, day: date, title: str, language: str, now: datetime) -> Event:
    event = Event()
    name = f"{limit.id}/{limit.child or 1}/{limit.first}/{day}"
    event.add("uid", f"{uuid.uuid5(_NAMESPACE, name)}@kompas")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", title)
    event.add("description", _description(limit, language))
    # not a time at which one is busy, and not for those one shares the calendar with
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    return event


def _description(limit: Deadline, language: str) -> str:
    assert limit.first is not None and limit.last is not None
    head = wording.days(limit.first, limit.last, language)
    if limit.child:
        head = f"{catalogue.text(language, 'child_number', number=str(limit.child))}: {head}"
    said = nlg.said(_DESCRIPTIONS[limit.id], language, nlg.current_time(), {})
    return "\n".join([f"{head}.", said, catalogue.text(language, "ics_note")])
