"""The contact form: read as people type, refused by the names of its fields."""

from __future__ import annotations

from typing import Any

import pytest

from web.contact_form import ContactForm, FormFault, parse

TIMES = {"days": ["Mon", "Sun"], "from": "09:00", "to": "12:30"}


def form(**changes: Any) -> dict[str, Any]:
    return {
        "channel": "phone",
        "phone": "0612345678",
        "language": "tr",
        "consent": True,
        **changes,
    }


def read(**changes: Any) -> ContactForm:
    found = parse(form(**changes))
    assert isinstance(found, ContactForm), found
    return found


def faults(**changes: Any) -> tuple[str, ...]:
    found = parse(form(**changes))
    assert isinstance(found, FormFault)
    return found.fields


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0612345678", "0612345678"),
        ("  06 12 34 56 78 ", "06 12 34 56 78"),
        ("06-12.34.56.78", "06-12.34.56.78"),
        ("06\u201312345678", "06-12345678"),
        ("+31 (0)6 12345678", "+31 (0)6 12345678"),
        ("(+90) 532 123 45 67", "(+90) 532 123 45 67"),
        ("0048 22/123.45.67", "0048 22/123.45.67"),
        ("\u202a+90\u00a0532\u00a01234567\u202c", "+90 532 1234567"),
        ("14010", "14010"),
    ],
)
def test_a_number_is_taken_as_people_type_it(typed: str, kept: str):
    assert read(phone=typed).phone == kept


@pytest.mark.parametrize(
    "typed", ["call me", "1234", "06+12345678", "٠٦١٢٣٤٥٦٧٨", "1" * 18, "06\n12345678", 612345678]
)
def test_a_number_nobody_can_call_is_named(typed: object):
    assert faults(phone=typed) == ("phone",)


@pytest.mark.parametrize(
    "typed", ["a@example.org", " a.b+c@sub.example.org\u200b", "ayşe@örnek.tr"]
)
def test_an_address_is_taken(typed: str):
    assert read(channel="email", phone="", email=typed).email == typed.strip(" \u200b")


@pytest.mark.parametrize(
    "typed", ["a", "a@b@c.nl", "a@b\nBcc: x@y.nl", "a@example", "a@b..nl", "<a@b.nl>", "a\x00@b.nl"]
)
def test_an_address_nobody_can_write_to_is_named(typed: str):
    assert faults(email=typed) == ("email",)


@pytest.mark.parametrize(
    ("channel", "field"), [("phone", "phone"), ("whatsapp", "phone"), ("email", "email")]
)
def test_a_channel_needs_what_it_reaches_people_by(channel: str, field: str):
    other = {"phone": "", "email": "a@example.org"} if field == "phone" else {"email": None}
    assert faults(channel=channel, **other) == (field,)


def test_what_is_left_empty_is_not_given():
    read_form = read(
        name="  ",
        email="",
        code_word="",
        if_someone_else_answers="\n",
        safe_times=[],
        interpreter=None,
    )
    assert read_form.model_dump(exclude_defaults=True) == {
        "channel": "phone",
        "language": "tr",
        "consent": True,
        "phone": "0612345678",
    }


def test_a_full_form_keeps_everything():
    full = form(
        name="Ayşe Yılmaz",
        email="a@example.org",
        safe_times=[TIMES],
        voicemail_allowed=True,
        if_someone_else_answers="Zeg dat de school belt",
        code_word="tulp",
        interpreter=True,
    )
    assert read(**full).model_dump(by_alias=True) == full


@pytest.mark.parametrize("consent", [False, None, "true", 1, ""])
def test_nothing_without_consent(consent: object):
    assert faults(consent=consent) == ("consent",)


@pytest.mark.parametrize(
    ("times", "field"),
    [
        ([TIMES] * 21, "safe_times"),
        ("Mon", "safe_times"),
        ([{**TIMES, "days": []}], "safe_times.0.days"),
        ([{**TIMES, "days": ["Maandag"]}], "safe_times.0.days.0"),
        ([{**TIMES, "from": "9:00"}], "safe_times.0.from"),
        ([{**TIMES, "to": "24:00"}], "safe_times.0.to"),
        ([{"days": ["Mon"], "from": "09:00"}], "safe_times.0.to"),
    ],
)
def test_hours_that_cannot_be_used_are_named(times: object, field: str):
    assert faults(safe_times=times) == (field,)


@pytest.mark.parametrize(
    "changes", [{"bsn": "1"}, {"conversation": "c"}, {"contact_ref": "r" * 32}]
)
def test_a_field_that_is_not_in_the_form_is_named(changes: dict[str, str]):
    assert faults(**changes) == tuple(changes)


def test_an_empty_list_is_no_name():
    assert faults(name=[]) == ("name",)


def test_every_fault_is_named_at_once_and_nothing_repeated():
    found = parse({"channel": "phone", "language": "xx", "email": "SECRET", "nonsense": "SECRET"})
    assert isinstance(found, FormFault)
    assert set(found.fields) == {"consent", "language", "phone", "email", "nonsense"}
    assert "SECRET" not in repr(found)


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("body", [None, [], "text", 1, {"name": nested(5000)}])
def test_what_is_no_form_is_refused_whole(body: object):
    assert parse(body) == FormFault(("body",))
