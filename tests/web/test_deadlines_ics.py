"""The time limits as a calendar, read back with a calendar library."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from icalendar import Calendar, Event
from walks import FINISHED, NOW, WALKS

from bot import catalogue
from bot.checklist import wording
from bot.languages import languages
from web.deadlines import NoDates, deadlines_ics

LANGUAGES = list(languages())


def events(answers: dict[str, Any], language: str = "nl", now: Any = NOW) -> list[Event]:
    return list(Calendar.from_ical(deadlines_ics(answers, language, now)).walk("VEVENT"))


def days(found: list[Event]) -> list[date]:
    return [event.decoded("dtstart") for event in found]


def with_date(first: str, last: str | None = None) -> dict[str, Any]:
    return {**FINISHED, "q_age": "unknown", "q_date": [first, last or first]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_limit_and_its_reminders_are_entries_of_a_whole_day(language: str):
    found = events(with_date("2026-08-24"), language)
    assert days(found) == [
        date(2027, 8, 24),
        date(2027, 5, 24),
        date(2027, 7, 24),
        date(2027, 8, 10),
    ]
    title = catalogue.text(language, "ics_title", number="1")
    reminder = catalogue.text(language, "ics_reminder", what=title)
    assert [str(event["summary"]) for event in found] == [title, reminder, reminder, reminder]
    for event in found:
        assert event["dtstart"].params["VALUE"] == "DATE"
        assert event.decoded("dtend") - event.decoded("dtstart") == timedelta(days=1)
        said = str(event["description"])
        assert wording.day(date(2027, 8, 24), language) in said
        assert catalogue.text(language, "ics_one_year") in said
        assert catalogue.text(language, "ics_note") in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_say_nothing_of_the_subject(language: str):
    for event in events(WALKS["several_children"], language):
        assert "Kompas" in event["summary"]
        assert len(event["summary"]) < 40
        assert event["class"] == "PRIVATE"
        assert "uuid" not in event["uid"] and "year" not in event["uid"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_child_of_known_age_has_an_entry(language: str):
    found = events({**WALKS["several_children"], "q_date": "unknown"}, language)
    # the first day on which a child of eight years can turn sixteen
    assert days(found) == [date(2028, 2, 29), date(2033, 11, 24)]
    for event, number in zip(found, ["2", "1"], strict=True):
        assert catalogue.text(language, "child_number", number=number) in event["description"]
        assert catalogue.text(language, "ics_sixteen") in event["description"]


def test_of_a_range_the_first_day_counts():
    found = events(with_date("2026-08-01", "2026-08-31"))
    assert days(found)[0] == date(2027, 8, 1)
    assert "augustus 2027" in found[0]["description"]


@pytest.mark.parametrize(
    ("event", "today", "expected"),
    [
        # a year after 29 February is 28 February; a month before 31 is the last of the month
        ("2024-02-29", (2024, 3, 1), ["2025-02-28", "2024-11-28", "2025-01-28", "2025-02-14"]),
        ("2023-02-28", (2023, 3, 1), ["2024-02-28", "2023-11-28", "2024-01-28", "2024-02-14"]),
        ("2023-05-31", (2023, 6, 1), ["2024-05-31", "2024-02-29", "2024-04-30", "2024-05-17"]),
        # only the reminders that are still to come
        ("2026-01-24", (2026, 11, 23), ["2027-01-24", "2026-12-24", "2027-01-10"]),
        ("2026-01-24", (2026, 12, 24), ["2027-01-24", "2027-01-10"]),
        ("2026-01-24", (2027, 1, 20), ["2027-01-24"]),
        ("2025-01-24", (2026, 11, 23), ["2026-01-24"]),
    ],
)
def test_days_at_the_ends_of_months(event: str, today: tuple[int, int, int], expected: list[str]):
    year, month, day = today
    found = events(with_date(event), now=NOW.replace(year=year, month=month, day=day))
    assert [str(each) for each in days(found)] == expected


def test_the_file_made_again_changes_the_entries_instead_of_doubling_them():
    answers = WALKS["several_children"]
    names = [[str(event["uid"]) for event in events(answers, "nl")]]
    names.append([str(e["uid"]) for e in events(answers, "tr", NOW + timedelta(hours=3))])
    assert names[0] == names[1]
    assert len(set(names[0])) == len(names[0])


def test_other_days_are_other_entries():
    first = {str(event["uid"]) for event in events(with_date("2026-08-24"))}
    assert first.isdisjoint(str(event["uid"]) for event in events(with_date("2026-08-25")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_calendar_can_read_it(language: str):
    raw = deadlines_ics(WALKS["several_children"], language, NOW)
    assert raw.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert raw.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    for line in raw.split(b"\r\n"):
        assert len(line) <= 75
        # a fold that split a letter would not be UTF-8
        line.decode("utf-8")
    assert b"DTSTAMP:20261123T100000Z" in raw


@pytest.mark.parametrize("walk", ["all_unknown", "unfinished", "led_elsewhere", "in_danger"])
def test_without_a_date_there_is_no_calendar(walk: str):
    with pytest.raises(NoDates):
        deadlines_ics(WALKS[walk], "nl", NOW)
