"""What the hand-over says: complete in every language, true, and urgent things first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from bot import catalogue, handover
from bot.channel import BUTTON_INTENTS, to_rasa_text
from bot.handover import Handover
from bot.languages import languages
from bot.nlg import answers, handover_messages
from bot.nlg.answers import AMSTERDAM, contact_value, opening_sentence
from bot.training_data import contract_intents

INTENTS = frozenset(contract_intents()) | BUTTON_INTENTS
LONGEST_TITLE = 60
MOMENTS = {
    "open": datetime(2026, 11, 23, 11, 0, tzinfo=AMSTERDAM),
    "closed": datetime(2026, 11, 22, 3, 0, tzinfo=AMSTERDAM),
    "holiday": datetime(2026, 12, 25, 11, 0, tzinfo=AMSTERDAM),
    "summer": datetime(2026, 7, 31, 23, 59, tzinfo=AMSTERDAM),
}
SENT: dict[str, Any] = {
    "number": 1,
    "state": handover.SENT,
    "role": "left_behind",
    "contact_ref": "r" * 43,
    "reference": "K-2026-7F3Q",
    "reading": "2026-11-23T08:00:00+00:00",
}
WITHOUT_FORM = {**SENT, "contact_ref": None}
URGENT = {**SENT, "urgent": True}
SAID_AS_THEY_ARE = [
    "utter_handover_urgent",
    "utter_handover_declined",
    "utter_handover_withdrawn",
    "utter_handover_withdrawing",
    "utter_handover_gone",
    "utter_handover_nothing",
]
UNDERWAY = {**SENT, "state": handover.UNDERWAY, "reference": None, "reading": None}


@pytest.fixture(params=MOMENTS)
def moment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> datetime:
    return at(request.param, monkeypatch)


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """A Sunday night: the office opens on Monday at nine."""
    return at("closed", monkeypatch)


def at(name: str, monkeypatch: pytest.MonkeyPatch) -> datetime:
    monkeypatch.setattr(answers, "current_time", lambda: MOMENTS[name])
    return MOMENTS[name]


def every_message(language: str) -> Iterator[dict[str, Any]]:
    """Each message of the hand-over, in each state it can be said in."""
    yield dict(handover_messages.ask(language))
    yield dict(handover_messages.role(language))
    yield handover_messages.form(language)
    yield dict(handover_messages.withdraw_ask(language))
    for state in (SENT, WITHOUT_FORM, URGENT, {**WITHOUT_FORM, "urgent": True}):
        for reading in (state["reading"], None, "2020-01-01T00:00:00+00:00", "tomorrow"):
            known = Handover({**state, "reading": reading})
            yield dict(handover_messages.done("utter_handover_done", known, language))
            yield dict(handover_messages.known(known, language, more=True))
            yield dict(handover_messages.known(known, language, more=False))
            yield dict(handover_messages.kept(known, language))
    for state in (UNDERWAY, {**UNDERWAY, "urgent": True}):
        waits = Handover(state)
        yield dict(handover_messages.done("utter_handover_waiting", waits, language))
        yield dict(handover_messages.kept(waits, language))
    for key in SAID_AS_THEY_ARE:
        yield dict(answers.compose(key, language))


def test_no_message_of_the_hand_over_is_left_out_here(closed: datetime):
    told = {key for key in answers.answers().entries if key.startswith("utter_handover_")}
    assert told <= {message["id"] for message in every_message("nl")}


def payloads(message: dict[str, Any]) -> list[str]:
    return [button["payload"] for button in message["buttons"]]


def step(name: str) -> str:
    return f'/handover{{"handover": "{name}"}}'


@pytest.mark.parametrize("language", languages())
def test_every_message_is_whole(language: str, moment: datetime):
    for message in every_message(language):
        assert message["text"].strip(), message["id"]
        assert message["lang"] == language
        assert message["kind"] in answers.KINDS
        for sign in ("{", "}", "None", "  "):
            assert sign not in message["text"], message["id"]
        for link in message["links"]:
            assert link["title"]
            assert link["url"].startswith(("tel:", "https://"))


@pytest.mark.parametrize("language", languages())
def test_every_button_is_short_and_does_something(language: str, closed: datetime):
    for message in every_message(language):
        # the question for permission follows that one
        assert message["buttons"] or message["id"] == "utter_handover_urgent", message["id"]
        titles = [button["title"] for button in message["buttons"]]
        assert len(set(titles)) == len(titles)
        for title in titles:
            assert 0 < len(title) <= LONGEST_TITLE
            assert "{" not in title
        for payload in payloads(message):
            assert to_rasa_text({"payload": payload}, INTENTS) == payload


@pytest.mark.parametrize("language", languages())
def test_each_language_says_it_in_its_own_words(language: str, closed: datetime):
    for mine, dutch in zip(every_message(language), every_message("nl")):
        assert mine["id"] == dutch["id"]
        assert payloads(mine) == payloads(dutch)
        assert language == "nl" or mine["text"] != dutch["text"]


def test_permission_is_asked_with_yes_no_and_the_number_to_call_oneself():
    message = handover_messages.ask("nl")
    assert payloads(dict(message))[:2] == [step("yes"), step("no")]
    assert message["links"][0]["url"].startswith("tel:")


def test_each_role_of_the_contract_has_a_button():
    message = dict(handover_messages.role("nl"))
    assert payloads(message) == [step(f"role={role}") for role in handover.ROLES]


@pytest.mark.parametrize(
    ("language", "day"),
    [
        ("nl", "maandag 23 november"),
        ("tr", "23 Kasım Pazartesi"),
        ("pl", "poniedziałek, 23 listopada"),
        ("en", "Monday, 23 November"),
    ],
)
def test_the_day_somebody_looks_is_written_as_the_language_writes_it(
    language: str, day: str, closed: datetime
):
    text = handover_messages.done("utter_handover_done", Handover(SENT), language)["text"]
    assert day in text
    # Dutch time, not the desk's
    assert "9:00" in text
    assert "2026-11" not in text
    assert "K-2026-7F3Q" in text


def paragraph(language: str, key: str, **values: str) -> str:
    return answers.wording(key, language, answers.current_time(), values)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(
    ("reading", "key"),
    [
        ("2026-11-22T02:00:00+00:00", "handover_read_now"),
        ("2026-11-20T08:00:00Z", "handover_read_now"),
        (None, "handover_read_unknown"),
        ("", "handover_read_unknown"),
        ("tomorrow", "handover_read_unknown"),
    ],
)
def test_it_says_no_more_of_the_time_than_the_desk_did(
    language: str, reading: str | None, key: str, closed: datetime
):
    state = Handover({**SENT, "reading": reading})
    text = handover_messages.done("utter_handover_done", state, language)["text"]
    assert paragraph(language, key) in text
    others = {"handover_read_now", "handover_read_unknown"} - {key}
    assert all(paragraph(language, other) not in text for other in others)


@pytest.mark.parametrize("language", languages())
def test_what_cannot_wait_comes_first(language: str, moment: datetime):
    state = Handover(URGENT)
    for message in (
        handover_messages.done("utter_handover_done", state, language),
        handover_messages.known(state, language, more=False),
        handover_messages.done(
            "utter_handover_waiting", Handover(UNDERWAY | {"urgent": True}), language
        ),
    ):
        assert message["kind"] == "emergency"
        assert message["text"].startswith(paragraph(language, "utter_handover_urgent"))
        assert contact_value("phone_emergency_112", language, moment) in message["text"]
        assert message["links"][0]["url"] == "tel:112"
        # nobody is asked whether it can wait
        assert paragraph(language, "handover_sooner") not in message["text"]


@pytest.mark.parametrize("language", languages())
def test_what_can_wait_says_whom_to_call_sooner_and_when(language: str, moment: datetime):
    message = handover_messages.done("utter_handover_done", Handover(SENT), language)
    assert message["kind"] == "card"
    assert paragraph(language, "utter_handover_urgent") not in message["text"]
    assert paragraph(language, "handover_sooner") in message["text"]
    status = answers.contacts()["centrum_iko"].status(moment)
    assert opening_sentence(status, language) in message["text"]


@pytest.mark.parametrize("language", languages())
def test_who_left_no_details_is_told_that_nobody_calls(language: str, closed: datetime):
    state = Handover(WITHOUT_FORM)
    text = handover_messages.done("utter_handover_done", state, language)["text"]
    assert paragraph(language, "handover_call_yourself") in text
    for key in ("handover_safe", "handover_how_soon", "handover_sooner"):
        assert paragraph(language, key) not in text


@pytest.mark.parametrize("language", languages())
def test_who_left_details_is_told_what_is_kept_to(language: str, closed: datetime):
    text = handover_messages.done("utter_handover_done", Handover(SENT), language)["text"]
    for key in ("handover_safe", "handover_how_soon", "handover_keeping"):
        assert paragraph(language, key) in text
    assert paragraph(language, "handover_call_yourself") not in text


@pytest.mark.parametrize("language", languages())
def test_while_it_is_on_its_way_no_number_and_no_time_is_promised(language: str, closed: datetime):
    message = dict(handover_messages.done("utter_handover_waiting", Handover(UNDERWAY), language))
    assert "K-2026" not in message["text"]
    assert paragraph(language, "handover_read_unknown") not in message["text"]
    assert payloads(message) == [step("status"), step("withdraw")]
    assert any(link["url"].startswith("tel:") for link in message["links"])


def test_what_was_said_since_can_follow_only_when_there_is_something():
    state = Handover(SENT)
    assert payloads(dict(handover_messages.known(state, "nl", more=True)))[0] == step("again")
    assert step("again") not in payloads(dict(handover_messages.known(state, "nl", more=False)))


def test_every_case_can_be_taken_back():
    for state in (SENT, WITHOUT_FORM, URGENT):
        message = dict(handover_messages.done("utter_handover_done", Handover(state), "nl"))
        assert step("withdraw") in payloads(message)
    asked = dict(handover_messages.withdraw_ask("nl"))
    assert payloads(asked) == [step("withdraw_yes"), step("withdraw_no")]


def test_a_case_that_stays_is_named_when_it_has_a_name():
    assert "K-2026-7F3Q" in handover_messages.kept(Handover(SENT), "nl")["text"]
    waiting = handover_messages.kept(Handover(UNDERWAY), "nl")
    assert waiting["id"] == "utter_handover_kept_waiting"


@pytest.mark.parametrize("language", languages())
def test_the_form_says_everything_in_the_language_of_the_conversation(language: str):
    form = handover_messages.form(language)["form"]
    json.dumps(form)
    assert (form["kind"], form["url"]) == ("contact", "/api/contact")
    assert form["send"]
    for field in form["fields"]:
        assert field["label"] == catalogue.text(language, f"contact_{field['name']}")
        assert all(option["title"] for option in field.get("options", []))
    fields = {field["name"]: field for field in form["fields"]}
    assert fields["language"]["value"] == language
    assert fields["consent"]["required"] is True
    # the page fills in the number of the time
    unfilled = {name: word for name, word in form["words"].items() if "{" in word}
    assert set(unfilled) == {"time", "remove_time"}
    assert all(word.count("{number}") == word.count("{") == 1 for word in unfilled.values())


@pytest.mark.parametrize(
    ("language", "first", "last"),
    [
        ("nl", "maandag", "zondag"),
        ("tr", "Pazartesi", "Pazar"),
        ("pl", "poniedziałek", "niedziela"),
        ("en", "Monday", "Sunday"),
    ],
)
def test_the_days_of_the_form_are_those_of_the_week(language: str, first: str, last: str):
    fields = {each["name"]: each for each in handover_messages.contact_form(language)["fields"]}
    days = fields["safe_times"]["days"]
    assert (days[0]["value"], days[0]["title"].lower()) == ("Mon", first.lower())
    assert (days[-1]["value"], days[-1]["title"].lower()) == ("Sun", last.lower())
    assert len(days) == 7


@pytest.mark.parametrize("language", languages())
def test_each_language_can_be_chosen_in_its_own_name(language: str):
    fields = {each["name"]: each for each in handover_messages.contact_form(language)["fields"]}
    named = {each["value"]: each["title"] for each in fields["language"]["options"]}
    assert named == {code: each.name for code, each in languages().items()}
