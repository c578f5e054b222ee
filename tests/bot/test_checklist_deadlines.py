"""By when: the days that follow from the answers."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from checklist_walks import TODAY, answered, favourable
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.checklist import rules
from bot.checklist.deadlines import Deadline, deadlines, one_year, sixteen
from bot.checklist.questions import checklist
from bot.nlg import answers as nlg
from bot.nlg import checklist_messages as messages

bounded = settings(max_examples=150)
any_day = st.dates(date(2008, 1, 1), date(2040, 12, 31))


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("event", "ends"),
    [
        ("2026-10-01", "2027-10-01"),
        ("2025-12-31", "2026-12-31"),
        ("2026-01-01", "2027-01-01"),
        ("2024-02-29", "2025-02-28"),
        ("2027-02-28", "2028-02-28"),
        ("2027-03-01", "2028-03-01"),
    ],
)
def test_the_year_ends_on_the_same_day_a_year_later(event: str, ends: str) -> None:
    found = one_year(day(event), day(event))
    assert found == Deadline("t_one_year", day(ends), day(ends))


@pytest.mark.parametrize(
    ("born", "birthday"),
    [
        ("2012-11-22", "2028-11-22"),
        ("2012-02-29", "2028-02-29"),
        ("2011-02-28", "2027-02-28"),
        ("2010-12-31", "2026-12-31"),
    ],
)
def test_the_sixteenth_birthday(born: str, birthday: str) -> None:
    found = sixteen(day(born), day(born), 2)
    assert found == Deadline("t_sixteen", day(birthday), day(birthday), 2)


@pytest.mark.parametrize(
    ("event", "first", "last"),
    [
        ("2026-10-01/2026-10-01", "2027-10-01", "2027-10-01"),
        ("2026-10-01/2026-10-31", "2027-10-01", "2027-10-31"),
        # "last summer"
        ("2026-06-01/2026-08-31", "2027-06-01", "2027-08-31"),
        # the last winter of a leap year
        ("2023-12-01/2024-02-29", "2024-12-01", "2025-02-28"),
    ],
)
def test_of_a_range_of_days_the_year_ends_in_a_range(event: str, first: str, last: str) -> None:
    found = deadlines(answered(f"q_date={event}"), TODAY)
    assert found[0] == Deadline("t_one_year", day(first), day(last))


@pytest.mark.parametrize("line", ["q_date=unknown", "q_date=not_yet", "q_custody=yes_joint"])
def test_without_a_date_the_year_is_told_without_a_day(line: str) -> None:
    assert deadlines(answered(line), TODAY) == [
        Deadline("t_quick"),
        Deadline("t_one_year"),
        Deadline("t_six_weeks"),
    ]


def test_an_age_gives_the_year_of_the_birthday() -> None:
    (found,) = [d for d in deadlines(answered("q_age=15"), TODAY) if d.id == "t_sixteen"]
    assert (found.first, found.last) == (day("2026-11-23"), day("2027-11-22"))
    assert found.child is None


def test_every_child_has_its_birthday_and_those_past_or_not_known_have_none() -> None:
    children = "16+unknown+b2013-05-01/2013-05-01+b2012-01-01/2012-12-31+?"
    found = [d for d in deadlines(answered(f"q_age={children}"), TODAY) if d.first]
    assert [(d.child, d.first) for d in found] == [(4, day("2028-01-01")), (3, day("2029-05-01"))]


@pytest.mark.parametrize("told", ["16", "b2010-11-22/2010-11-22", "17"])
def test_a_birthday_that_has_come_is_no_limit_any_more(told: str) -> None:
    assert "t_sixteen" not in [each.id for each in deadlines(answered(f"q_age={told}"), TODAY)]


def test_the_day_before_the_birthday_it_is_told() -> None:
    birthday = TODAY + timedelta(1)
    answers = answered("q_age=b2010-11-23/2010-11-23")
    assert deadlines(answers, TODAY)[0] == Deadline("t_sixteen", birthday, birthday)
    assert deadlines(answers, birthday)[0].id != "t_sixteen"


def test_dated_limits_come_first_and_the_earliest_before_the_others() -> None:
    answers = favourable({"q_age": "b2011-01-15/2011-01-15+b2020-01-01/2020-01-01"})
    found = deadlines(answers, TODAY)
    assert [d.id for d in found] == [
        "t_sixteen",
        "t_one_year",
        "t_sixteen",
        "t_quick",
        "t_six_weeks",
    ]


@pytest.mark.parametrize(
    ("home", "where", "names"),
    [
        ("NL", "TR", ["t_quick", "t_six_weeks"]),
        ("NL", "DK", ["t_quick", "t_six_weeks"]),
        ("NL", "PL", ["t_quick", "t_six_weeks_eu", "t_three_months"]),
        ("BE", "NL", ["t_quick", "t_six_weeks_eu", "t_three_months", "t_appeal_nl"]),
        ("TR", "NL", ["t_quick", "t_six_weeks", "t_appeal_nl"]),
        ("unknown", "PL", ["t_quick", "t_six_weeks"]),
        ("NL", "unknown", ["t_quick", "t_six_weeks"]),
        ("NL", "same_as_home", ["t_quick", "t_six_weeks"]),
    ],
)
def test_the_limits_of_courts_go_by_the_two_countries(
    home: str, where: str, names: list[str]
) -> None:
    answers = favourable({"q_home_country": home, "q_child_where": where})
    assert [d.id for d in deadlines(answers, TODAY) if d.first is None] == names


def test_every_limit_is_one_of_the_questions_file_and_each_is_told_somewhere() -> None:
    told = set()
    for home, where in (("BE", "NL"), ("NL", "TR")):
        changed: dict[str, str | None] = {"q_home_country": home, "q_child_where": where}
        told |= {d.id for d in deadlines(favourable(changed), TODAY)}
    assert told == set(checklist().deadlines)


@bounded
@given(any_day, any_day)
@example(date(2024, 2, 28), date(2024, 2, 29))
@example(date(2024, 2, 29), date(2024, 3, 1))
def test_limits_never_end_earlier_for_a_later_day(one: date, other: date) -> None:
    earlier, later = sorted([one, other])
    for limit in (one_year, sixteen):
        assert limit(earlier, earlier).first <= limit(later, later).first  # type: ignore[operator]
        found = limit(earlier, later)
        assert found.first is not None
        assert found.last is not None
        assert found.first <= found.last


@bounded
@given(st.dates(date(2012, 1, 1), TODAY))
@example(date(2025, 11, 22))
@example(date(2025, 11, 23))
@example(date(2024, 2, 29))
def test_the_year_is_over_in_the_answer_exactly_when_the_limit_has_come(event: date) -> None:
    answers = answered(f"q_date={event}/{event}")
    (outcome,) = rules.outcomes(checklist().questions["q_date"], answers, TODAY)
    limit = one_year(event, event)
    assert limit.last is not None
    assert (outcome.name == "over_one_year") == (limit.last <= TODAY)


# --- the day is that of Amsterdam -------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "today"),
    [
        ("2026-12-31T22:59", "2026-12-31"),
        ("2026-12-31T23:00", "2027-01-01"),
        # in summer midnight is two hours earlier in UTC
        ("2026-07-31T21:59", "2026-07-31"),
        ("2026-07-31T22:00", "2026-08-01"),
        ("2028-02-28T23:30", "2028-02-29"),
    ],
)
def test_the_day_is_that_of_amsterdam(
    moment: str, today: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.fromisoformat(moment).replace(tzinfo=timezone.utc).astimezone(tz)

    monkeypatch.setattr(nlg, "datetime", Clock)
    assert nlg.current_time().date() == day(today)


def test_the_year_is_over_from_midnight_in_amsterdam(monkeypatch: pytest.MonkeyPatch) -> None:
    slot = {"answers": favourable({"q_date": "2026-01-01/2026-01-01"})}
    verdicts, notes = [], []
    for moment in ("2026-12-31T22:59", "2026-12-31T23:00"):
        now = datetime.fromisoformat(moment).replace(tzinfo=timezone.utc)
        monkeypatch.setattr(nlg, "current_time", lambda now=now: now.astimezone(nlg.AMSTERDAM))
        verdicts.append(messages.outcome(slot, "nl")["verdict"])
        note = messages.note(slot, "q_date", "nl", noted=False)
        assert note is not None
        notes.append(note["text"])
    assert verdicts == ["ok", "attention"]
    assert notes[0] != notes[1]
