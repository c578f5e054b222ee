"""Opening hours of the contacts at given moments, and what is said about a broken file."""

from __future__ import annotations

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest

from bot.contacts import contacts, parse_contacts
from bot.errors import ProjectFileError

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
BRUSSELS = ZoneInfo("Europe/Brussels")

OFFICE = """
contacts:
- id: office
  emergency: false
  names: {{nl: Kantoor, tr: Ofis, pl: Biuro, en: Office}}
  phone: ["010-123 45 67"]
  web: https://example.org
  timezone: {zone}
  hours:
  - {{days: [Mon, Tue, Wed, Thu, Fri], from: "09:30", to: "12:00"}}
  - {{days: [Mon, Tue, Wed, Thu, Fri], from: "13:00", to: "16:30"}}
  confidence: sure
"""


def office(zone: str = "Europe/Amsterdam"):
    return parse_contacts(OFFICE.format(zone=zone))["office"]


def at(moment: str, zone: ZoneInfo = AMSTERDAM) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("moment", "state", "start"),
    [
        ("2026-11-23 09:29", "later_today", "2026-11-23 09:30"),
        ("2026-11-23 09:30", "open", "2026-11-23 09:30"),
        ("2026-11-23 11:59:59", "open", "2026-11-23 09:30"),
        ("2026-11-23 12:00", "later_today", "2026-11-23 13:00"),
        ("2026-11-23 16:29", "open", "2026-11-23 13:00"),
        ("2026-11-23 16:30", "closed", "2026-11-24 09:30"),
        ("2026-11-27 20:00", "closed", "2026-11-30 09:30"),
        ("2026-11-28 10:00", "closed", "2026-11-30 09:30"),
        ("2026-11-22 23:59", "closed", "2026-11-23 09:30"),
    ],
)
def test_weekdays_evenings_and_weekends(moment: str, state: str, start: str):
    status = office().status(at(moment))
    assert (status.state, status.start) == (state, at(start))


@pytest.mark.parametrize(
    ("holiday", "opens"),
    [
        ("2026-01-01", "2026-01-02"),
        ("2026-04-03", "2026-04-07"),
        ("2026-04-06", "2026-04-07"),
        ("2026-04-27", "2026-04-28"),
        ("2026-05-14", "2026-05-15"),
        ("2026-05-25", "2026-05-26"),
        ("2026-12-25", "2026-12-28"),
        ("2027-01-01", "2027-01-04"),
        ("2027-03-29", "2027-03-30"),
        ("2027-04-27", "2027-04-28"),
        ("2027-05-06", "2027-05-07"),
        ("2027-05-17", "2027-05-18"),
    ],
)
def test_a_dutch_public_holiday_is_closed(holiday: str, opens: str):
    status = office().status(at(f"{holiday} 10:00"))
    assert (status.state, status.start) == ("holiday", at(f"{opens} 09:30"))


@pytest.mark.parametrize(
    "holiday", ["2026-05-01", "2026-07-21", "2026-11-11", "2027-07-21", "2027-11-01", "2027-11-11"]
)
def test_a_belgian_public_holiday_is_closed_in_belgium_only(holiday: str):
    assert office("Europe/Brussels").status(at(f"{holiday} 10:00", BRUSSELS)).state == "holiday"
    assert office().status(at(f"{holiday} 10:00")).state == "open"


@pytest.mark.parametrize("day", ["2026-04-27", "2027-04-27"])
def test_kings_day_is_an_ordinary_day_in_belgium(day: str):
    assert office("Europe/Brussels").status(at(f"{day} 10:00", BRUSSELS)).state == "open"


def test_a_holiday_in_the_weekend_is_only_a_weekend():
    status = office().status(at("2026-12-26 10:00"))
    assert (status.state, status.start) == ("closed", at("2026-12-28 09:30"))


def test_the_night_before_a_holiday_names_the_day_after_it():
    status = office().status(at("2026-12-24 20:00"))
    assert (status.state, status.start) == ("closed", at("2026-12-28 09:30"))


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-11-23 08:29", "later_today"),
        ("2026-11-23 08:30", "open"),
        ("2026-07-06 07:29", "later_today"),
        ("2026-07-06 07:30", "open"),
    ],
)
def test_the_moment_may_be_given_in_another_zone(moment: str, state: str):
    utc = datetime.fromisoformat(moment).replace(tzinfo=timezone.utc)
    assert office().status(utc).state == state


def test_the_hours_are_those_of_the_contacts_own_zone():
    # 08:00 in Amsterdam is 10:00 in Istanbul in winter, when Turkey keeps summer time
    moment = at("2026-11-23 08:00")
    assert office("Europe/Istanbul").status(moment).state == "open"
    assert office().status(moment).state == "later_today"


@pytest.mark.parametrize(
    ("utc_open", "utc_before"),
    [
        # the Monday before and after the clocks change
        ("2026-03-23 08:30", "2026-03-23 08:29"),
        ("2026-03-30 07:30", "2026-03-30 07:29"),
        ("2026-10-19 07:30", "2026-10-19 07:29"),
        ("2026-10-26 08:30", "2026-10-26 08:29"),
    ],
)
def test_opening_times_follow_the_clock_when_it_changes(utc_open: str, utc_before: str):
    for moment, state in ((utc_open, "open"), (utc_before, "later_today")):
        utc = datetime.fromisoformat(moment).replace(tzinfo=timezone.utc)
        assert office().status(utc).state == state


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25", "2027-03-28", "2027-10-31"])
@pytest.mark.parametrize("hour", ["01:30", "02:30", "03:00"])
def test_the_day_the_clocks_change_is_an_ordinary_sunday(day: str, hour: str):
    status = office().status(at(f"{day} {hour}"))
    assert status.state == "closed" or (status.state, day) == ("holiday", "2027-03-28")
    assert status.start is not None
    assert status.start.hour == 9


def test_a_line_that_is_always_open_is_open_at_night_on_a_holiday():
    assert contacts()["emergency_112"].status(at("2026-12-25 03:00")).state == "always"


def test_without_hours_the_status_is_unknown():
    assert contacts()["mikk"].status(at("2026-11-23 10:00")).state == "unknown"


def test_every_number_can_be_dialled():
    for contact in contacts().values():
        if contact.dial is not None:
            digits = contact.dial.removeprefix("+")
            assert digits.isdigit(), contact.id
            assert 3 <= len(digits) <= 15, contact.id


def test_every_number_that_is_to_be_checked_says_so():
    assert not contacts()["centrum_iko"].confirmed
    assert not contacts()["centrum_iko"].hours_confirmed
    assert contacts()["emergency_112"].confirmed


GOOD = OFFICE.format(zone="Europe/Amsterdam")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (GOOD.replace("  web: https://example.org\n", ""), "office: has no web. Add it."),
        (GOOD.replace(", pl: Biuro", ""), "office: has no name in pl. Add it."),
        (GOOD.replace("Europe/Amsterdam", "Europe/Rotterdam"), "office: "),
        (GOOD.replace("Mon, Tue", "Maandag, Tue"), "office: "),
        (GOOD.replace("09:30", "half tien"), "office: "),
        (GOOD.replace('from: "09:30", ', ""), "office: "),
        (GOOD + GOOD.replace("contacts:\n", ""), "office: occurs twice"),
        ("contacts:\n- just a line\n", "entry 1: has no id"),
        ("contacts: [\n", "is not YAML with a list `contacts`. Mend the file."),
        ("people: []\n", "is not YAML with a list `contacts`. Mend the file."),
        ("", "is not YAML with a list `contacts`. Mend the file."),
        ("contacts:\n", "is not YAML with a list `contacts`. Mend the file."),
        ("contacts: 3\n", "is not YAML with a list `contacts`. Mend the file."),
    ],
)
def test_a_broken_file_is_told(text: str, fault: str):
    with pytest.raises(ProjectFileError) as caught:
        parse_contacts(text)
    assert caught.value.faults[0].startswith("bot/contacts.yml:")
    assert fault in caught.value.faults[0]


def test_hours_in_words_are_refused():
    text = GOOD[: GOOD.index("  hours:")] + "  hours: by appointment\n  confidence: sure\n"
    with pytest.raises(ProjectFileError, match="office: hours 'by appointment' are not understood"):
        parse_contacts(text)


def test_all_faults_are_told_together():
    second = GOOD.replace("contacts:\n", "").replace("id: office", "id: second")
    text = (GOOD + second).replace(", pl: Biuro", "")
    with pytest.raises(ProjectFileError) as caught:
        parse_contacts(text)
    assert len(caught.value.faults) == 2
