"""Codes, lines, references, times of reading, safe hours: the plain rules."""

from __future__ import annotations

from datetime import datetime

import pytest
import yaml
from cast import SEAL_KEY, environment_for, settings_for
from hypothesis import given
from hypothesis import strategies as st

from bot import contacts
from desk import codes, reading, references
from desk.settings import Settings, SettingsError

INTENTS = {
    intent
    for group in yaml.safe_load(
        contacts._FILE.with_name("intents.yml").read_text(encoding="utf-8")
    ).values()
    for intent in group
}


def test_the_codes_are_those_of_the_annual_report():
    book = codes.codebook()
    assert len(book.codes) == 13
    assert [code.id for code in book.codes.values() if code.line == 1] == ["toestemming_vakantie"]
    assert set().union(*(code.topics for code in book.codes.values())) <= INTENTS
    assert book.urgent <= INTENTS


PROPOSALS = [
    ("Toestemming vakantie", [], {}, "toestemming_vakantie", 1),
    ("preventie", [], {}, "preventie", 2),
    (None, [], {}, "overig", 2),
    (None, ["greet", "ask_human"], {}, "overig", 2),
    (None, ["travel_consent_form"], {}, "toestemming_vakantie", 1),
    (None, ["travel_consent_form", "travel_consent_refused"], {}, "geen_toestemming_vakantie", 2),
    (None, ["travel_consent_refused", "travel_consent_form"], {}, "geen_toestemming_vakantie", 2),
    (None, ["threat_signals", "child_abducted"], {}, "kinderontvoering", 2),
    (None, ["child_abducted", "move_abroad_rules"], {}, "toestemming_vertrek", 2),
    (None, ["child_abducted", "lawyer"], {}, "kinderontvoering", 2),
    (None, ["lawyer", "child_abducted"], {}, "kinderontvoering", 2),
    (None, ["travel_documents", "lawyer"], {}, "overig", 2),
    (None, ["missing_child"], {}, "vermissing", 2),
    (None, ["contact_arrangement"], {}, "omgang", 2),
    (None, ["mediation"], {"role": "taking"}, "kinderontvoering", 2),
    (None, ["mediation"], {"role": "professional"}, "overig", 2),
    (None, ["greet"], {"verdicts": ["ok", "jurist"]}, "kinderontvoering", 2),
    ("omgang", ["child_abducted"], {}, "omgang", 2),
    ("Toestemming vakantie", [], {"line_hint": 2}, "overig", 2),
    ("preventie", [], {"line_hint": 1}, "preventie", 2),
]


@pytest.mark.parametrize(("hint", "topics", "more", "code", "line"), PROPOSALS)
def test_what_a_conversation_leads_to(
    hint: str | None, topics: list[str], more: dict[str, object], code: str, line: int
):
    proposal = codes.propose(hint, topics, **more)  # type: ignore[arg-type]
    assert (proposal.code, proposal.line) == (code, line)


def test_some_topics_are_urgent_by_themselves():
    assert codes.propose(None, ["threat_imminent"]).urgent
    assert not codes.propose(None, ["travel_documents"]).urgent


@given(year=st.integers(2020, 2099), number=st.integers(1, 999_999), data=st.data())
def test_a_slip_in_a_reference_is_noticed(year: int, number: int, data: st.DataObject):
    right = references.reference(year, number)
    assert references.parse(right) == references.parse(f" {right.lower()} ") == right
    digits = [i for i, character in enumerate(right) if character.isdigit()]
    at = data.draw(st.sampled_from(digits))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != right[at]]))
    assert references.parse(right[:at] + other + right[at + 1 :]) is None


@pytest.mark.parametrize("text", ["", "K-2026", "K-2026-0001", "x" * 1000, "'; --", "K-2026-1-A"])
def test_what_is_no_reference(text: str):
    assert references.parse(text) is None


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=reading.ZONE)


@pytest.mark.parametrize(
    ("now", "urgent", "then"),
    [
        ("2026-11-24T11:00", True, "2026-11-24T11:00"),
        ("2026-11-24T11:00", False, "2026-11-25T09:30"),
        ("2026-11-24T08:00", True, "2026-11-24T09:30"),
        ("2026-11-24T08:00", False, "2026-11-24T09:30"),
        ("2026-11-24T20:00", True, "2026-11-25T09:30"),
        ("2026-11-27T15:00", False, "2026-11-30T09:30"),
        ("2026-11-28T12:00", True, "2026-11-30T09:30"),
        # Christmas is on Friday and Saturday
        ("2026-12-24T17:00", True, "2026-12-28T09:30"),
        ("2026-04-06T12:00", False, "2026-04-07T09:30"),
    ],
)
def test_when_somebody_will_look(now: str, urgent: bool, then: str):
    assert reading.next_reading(at(now), urgent=urgent) == at(then)


TIMES = [{"days": ["Mon", "Tue"], "from": "09:00", "to": "12:00"}]
NIGHT = [{"days": ["Tue"], "from": "22:00", "to": "02:00"}]


@pytest.mark.parametrize(
    ("times", "now", "safe"),
    [
        ([], "2026-11-24T03:00", True),
        (TIMES, "2026-11-24T09:00", True),
        (TIMES, "2026-11-24T12:00", False),
        (TIMES, "2026-11-25T10:00", False),
        (NIGHT, "2026-11-24T23:00", True),
        (NIGHT, "2026-11-25T01:59", True),
        (NIGHT, "2026-11-25T02:00", False),
        (NIGHT, "2026-11-24T01:00", False),
    ],
)
def test_when_it_is_safe(times: list[dict[str, object]], now: str, safe: bool):
    assert reading.is_safe(times, at(now)) is safe


def test_when_it_is_safe_next():
    assert reading.next_safe(TIMES, at("2026-11-24T12:00")) == at("2026-11-30T09:00")
    assert reading.next_safe(TIMES, at("2026-11-24T10:00")) == at("2026-11-24T10:00")


def test_settings_have_defaults():
    settings = settings_for("", KOMPAS_VAR="/var/kompas")
    assert settings.database_url == "sqlite:////var/kompas/desk.db"
    assert (settings.host, settings.port) == ("127.0.0.1", 8081)
    assert settings.url == "http://127.0.0.1:8081"
    assert set(settings.retention_days) == {"new", "open", "closed", "unlinked"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KOMPAS_DATABASE_URL", "mysql://host/name"),
        ("KOMPAS_DATABASE_URL", "nonsense"),
        ("KOMPAS_DESK_PORT", "0"),
        ("KOMPAS_DESK_PORT", "1e3"),
        ("KOMPAS_DESK_SERVICE_TOKEN", "short"),
        ("KOMPAS_DESK_KEYS", ""),
        ("KOMPAS_DESK_KEYS", f"{'k' * 32},short"),
        ("KOMPAS_DESK_INDEX_KEY", ""),
        ("KOMPAS_DESK_SEAL_KEYS", ""),
        ("KOMPAS_DESK_SEAL_KEYS", f"{SEAL_KEY},short"),
        ("KOMPAS_DESK_URL", "desk.example.org"),
        ("KOMPAS_DESK_URL", "https://desk.example.org/console"),
        ("KOMPAS_DESK_IDLE_MINUTES", "-1"),
        ("KOMPAS_DESK_SESSION_HOURS", "many"),
        ("KOMPAS_DESK_LOGIN_FAILURES", "0"),
        ("KOMPAS_DESK_DAYS_NEW", "0"),
        ("KOMPAS_DESK_DAYS_OPEN", ""),
        ("KOMPAS_DESK_DAYS_CLOSED", "forever"),
        ("KOMPAS_DESK_DAYS_UNLINKED", "0.5"),
        ("KOMPAS_DESK_ALARM_MINUTES", "soon"),
        ("KOMPAS_SMTP_HOST", "mail.example.org"),
        ("KOMPAS_SMTP_PORT", "smtp"),
        ("KOMPAS_SMTP_FROM", "desk"),
        ("KOMPAS_SMTP_TO", "a@b, c"),
        ("KOMPAS_LOG_LEVEL", "LOUD"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name: str, value: str):
    given = {**environment_for(""), name: value}
    with pytest.raises(SettingsError, match=name) as raised:
        Settings.from_environment(given)
    assert "short" not in str(raised.value)
