"""The answers: every response in every language, and what is said about faults."""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import yaml

from bot import catalogue, reviews
from bot.contacts import OpeningStatus, contacts
from bot.errors import ProjectFileError
from bot.languages import SOURCE, languages
from bot.nlg import answers
from bot.training_data import ROOT, contract_intents

DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
RESPONSES = [
    a
    for a in DOMAIN["actions"]
    if isinstance(a, str) and a.startswith("utter_") and not answers.answers().entries[a].composed
]
LANGUAGES = list(languages())
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=answers.AMSTERDAM)
HOLIDAY = datetime(2026, 12, 25, 10, 0, tzinfo=answers.AMSTERDAM)

LONGEST_BUTTON = 32
LONGEST_OPTION = 70

_PAYLOAD = re.compile(r'/([a-z_]+)(\{"language": "([a-z]{2})"\})?')


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", RESPONSES)
def test_a_response_is_complete(key: str, language: str):
    for now in (MONDAY, HOLIDAY):
        message = answers.compose(key, language, now=now)
        assert message["id"] == key
        assert message["lang"] == language
        assert message["kind"] in answers.KINDS
        assert message["text"].strip()
        assert not re.search(r"[{}]", message["text"])
        assert "<" not in message["text"]
        for button in message["buttons"]:
            payload = _PAYLOAD.fullmatch(button["payload"])
            assert payload, button
            assert payload[1] in DOMAIN["intents"]
            assert payload[3] is None or payload[3] in LANGUAGES
            assert 0 < len(button["title"]) <= LONGEST_BUTTON, button
        for link in message["links"]:
            assert link["title"].strip()
            assert re.fullmatch(r"https://\S+|tel:\+?\d+|http://www\.116000\.nl", link["url"]), link


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("intent", contract_intents())
def test_an_option_is_short_and_leads_to_its_intent(intent: str, language: str):
    option = answers.option_button(intent, language)
    assert option["payload"] == f"/{intent}"
    assert 0 < len(option["title"]) <= LONGEST_OPTION


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_options_read_alike(language: str):
    titles = [answers.option_button(intent, language)["title"] for intent in contract_intents()]
    assert len(set(titles)) == len(titles)


def test_the_answers_differ_from_language_to_language():
    for key in RESPONSES:
        texts = {catalogue.text(language, key, **_any(language, key)) for language in LANGUAGES}
        assert len(texts) == len(LANGUAGES), key


def _any(language: str, key: str) -> dict[str, str]:
    return dict.fromkeys(catalogue.wording_placeholders(language, key), "x")


@pytest.mark.parametrize("key", RESPONSES)
def test_a_legal_text_shows_when_it_was_reviewed_and_until_when_it_holds(key: str):
    entry = answers.answers().entries[key]
    if reviews.reviews()[key].legal:
        assert entry.reviewed is not None
        assert entry.valid_until is not None
        assert entry.reviewed < entry.valid_until
        assert answers.compose(key, SOURCE)["reviewed"] == entry.reviewed.isoformat()
    else:
        assert "reviewed" not in answers.compose(key, SOURCE)


@pytest.mark.parametrize("key", RESPONSES)
def test_facts_to_check_are_among_the_facts(key: str):
    entry = answers.answers().entries[key]
    assert set(entry.check_facts) <= set(entry.facts)


@pytest.mark.parametrize("key", ["utter_emergency", "utter_threat_imminent", "utter_missing_child"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_emergency_answer_begins_with_the_emergency_number(key: str, language: str):
    message = answers.compose(key, language)
    assert message["kind"] == "emergency"
    assert "112" in message["text"][:120]
    assert "tel:112" in [link["url"] for link in message["links"]]


@pytest.mark.parametrize(
    ("status", "key"),
    [
        (OpeningStatus("always"), "hours_always"),
        (OpeningStatus("unknown"), "hours_check"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_hours_without_times_are_said_plainly(status, key: str, language: str):
    assert answers.opening_sentence(status, language) == catalogue.text(language, key)


@pytest.mark.parametrize(
    ("language", "day"),
    [
        ("nl", "maandag 28 december"),
        ("tr", "28 Aralık Pazartesi"),
        ("pl", "poniedziałek, 28 grudnia"),
    ],
)
@pytest.mark.parametrize("state", ["closed", "holiday"])
def test_the_next_opening_is_named_by_day_and_time(language: str, day: str, state: str):
    start = datetime(2026, 12, 28, 9, 30, tzinfo=answers.AMSTERDAM)
    sentence = answers.opening_sentence(
        OpeningStatus(state, start, start.replace(hour=16)), language
    )
    assert day in sentence
    assert "9:30" in sentence
    assert "16:30" in sentence
    assert "2026" not in sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_hours_to_be_confirmed_say_so(language: str):
    said = answers.contact_value("open_centrum_iko", language, MONDAY)
    assert said.endswith(catalogue.text(language, "hours_check"))


def test_a_contact_gives_its_number_and_address():
    iko = contacts()["centrum_iko"]
    assert answers.contact_value("phone_centrum_iko", "nl", MONDAY) == iko.phone
    assert answers.contact_value("email_centrum_iko", "nl", MONDAY) == iko.email


@pytest.mark.parametrize(
    "placeholder",
    ["phone_nobody", "phone_kmar", "email_emergency_112", "fax_centrum_iko", "day", ""],
)
def test_a_placeholder_that_names_nothing_is_an_error(placeholder: str):
    with pytest.raises(KeyError):
        answers.contact_value(placeholder, "nl", MONDAY)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_help_card_names_every_number_with_its_hours(language: str):
    card = answers.help_card(language, MONDAY)
    assert [row["id"] for row in card["contacts"]] == list(answers.HELP_CONTACTS)
    for row in card["contacts"]:
        assert row["url"] == f"tel:{contacts()[row['id']].dial}"
        assert row["hours"]
        assert row["name"]
    assert card["contacts"][0]["phone"] == "112"
    assert not re.search(r"[{}]", str(card["text"]))


def test_a_text_without_entry_has_no_buttons_nor_links():
    message = answers.compose("hours_always", "nl")
    assert (message["kind"], message["buttons"], message["links"]) == ("text", [], [])


def test_a_key_without_wording_is_an_error():
    with pytest.raises(catalogue.MissingText):
        answers.compose("utter_nowhere", "nl")


ENTRIES = """
defaults: {reviewed: 2026-11-22, valid_until: 2027-11-22}
links: {site: https://example.org}
answers:
  utter_greet: %s
"""


def test_an_entry_may_have_its_own_review_date():
    parsed = answers.parse_answers(ENTRIES % "{facts: [A-1], reviewed: 2027-01-05}")
    assert parsed.entries["utter_greet"].reviewed == date(2027, 1, 5)


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("{kind: loud}", "kind 'loud' is none of text, question"),
        ("{links: [nowhere]}", "link 'nowhere' has no address under `links`"),
        ("{numbers: [nobody]}", "'nobody' is no contact of bot/contacts.yml with a phone number"),
        ("{numbers: [kmar]}", "'kmar' is no contact of bot/contacts.yml with a phone number"),
        ("{button: [menu]}", "has unknown fields button"),
        ("just words", "is no list of fields"),
    ],
)
def test_a_fault_of_an_entry_is_named(entry: str, fault: str):
    with pytest.raises(ProjectFileError) as caught:
        answers.parse_answers(ENTRIES % entry)
    [found] = caught.value.faults
    assert found.startswith(f"bot/nlg/answers.yml: utter_greet: {fault}")


@pytest.mark.parametrize("text", ["answers: [", "", "answers: {}", "- a list"])
def test_a_file_of_another_form_is_named(text: str):
    with pytest.raises(ProjectFileError, match="bot/nlg/answers.yml:"):
        answers.parse_answers(text)


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("{buttons: [dance]}", "button 'dance' has no text button_dance"),
        ("{links: [site]}", "link 'site' has no text link_site"),
    ],
)
def test_a_button_or_link_without_words_is_named(monkeypatch, entry: str, fault: str):
    parsed = answers.parse_answers(ENTRIES % entry)
    monkeypatch.setattr(answers, "answers", lambda: parsed)
    [found] = answers.faults([])
    assert found.startswith(f"bot/nlg/answers.yml: utter_greet: {fault}")


def test_an_intent_without_words_for_asking_back_is_named():
    [found] = answers.faults(["dance"])
    assert "option_dance has no text" in found


def test_the_project_has_no_fault():
    assert answers.faults(contract_intents()) == []


def test_now_is_the_time_of_amsterdam():
    assert answers.current_time().tzinfo == ZoneInfo("Europe/Amsterdam")
