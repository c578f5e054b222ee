"""When a colleague will look at a case, and when it is safe to reach a client."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.contacts import DAYS, contacts

OFFICE = "centrum_iko"
"""The entry of bot/contacts.yml whose opening hours are the service's."""
ZONE = ZoneInfo("Europe/Amsterdam")


def month_of(moment: datetime) -> int:
    """The month in Dutch time, as 202611."""
    local = moment.astimezone(ZONE)
    return local.year * 100 + local.month


def next_reading(now: datetime, *, urgent: bool) -> datetime | None:
    """When somebody will look: urgent cases at once while the office is open.

    Other cases wait for the next opening, and while the office is open for the next day's: that
    is what can be kept. None where the opening hours are not known.
    """
    status = contacts()[OFFICE].status(now)
    if status.state == "always":
        return now
    if status.state != "open" or status.end is None:
        return status.start
    return now if urgent else contacts()[OFFICE].status(status.end).start


def is_safe(times: Iterable[Mapping[str, Any]], now: datetime) -> bool:
    """Whether `now` lies in one of the safe times; without any, every time is."""
    times = list(times)
    return not times or any(start <= now < end for start, end in _windows(times, now))


def next_safe(times: Iterable[Mapping[str, Any]], now: datetime) -> datetime | None:
    """When the next safe time begins; `now` during one."""
    times = list(times)
    if is_safe(times, now):
        return now
    starts = [start for start, _ in _windows(times, now) if start > now]
    return min(starts, default=None)


def _windows(times: list[Mapping[str, Any]], now: datetime) -> list[tuple[datetime, datetime]]:
    today = now.astimezone(ZONE).date()
    found = []
    for each in times:
        start, end = time.fromisoformat(each["from"]), time.fromisoformat(each["to"])
        for offset in range(-1, 8):
            day = today + timedelta(days=offset)
            if DAYS[day.weekday()] in each["days"]:
                # "22:00 to 02:00" goes past midnight
                last = day if end > start else day + timedelta(days=1)
                found.append(
                    (datetime.combine(day, start, ZONE), datetime.combine(last, end, ZONE))
                )
    return found
