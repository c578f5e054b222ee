"""Answers and items in words, and the messages made of them: nothing lacks its text."""

from __future__ import annotations

import re
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from checklist_walks import TODAY, answered, favourable, other_questions, outcome_cases

from bot import catalogue
from bot.checklist import flow, reading, wording
from bot.checklist.questions import UNKNOWN, checklist
from bot.checklist.state import WHICH_ITEM
from bot.checklist.values import STATUSES, parse
from bot.languages import languages
from bot.nlg import answers as nlg
from bot.nlg import checklist_messages as messages

LANGUAGES = list(languages())
KEY = re.compile(r"\b(?:q|d|t|sum|be|nl|route|utter|button|label|word|problem)_\w+")
DOCUMENTS = list(checklist().documents)


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
    monkeypatch.setattr(nlg, "current_time", lambda: moment.astimezone(nlg.AMSTERDAM))


def is_told(text: str) -> bool:
    """Whether a text for visitors is there, whole, and shows no key or placeholder."""
    return bool(text.strip()) and not KEY.search(text) and "{" not in text


def check(message: dict[str, Any]) -> None:
    assert is_told(message["text"])
    for button in message["buttons"]:
        assert is_told(button["title"])
    for link in message["links"]:
        assert is_told(link["title"])


# --- words ------------------------------------------------------------------------------------


def test_every_text_that_the_file_asks_for_is_there() -> None:
    assert list(wording.faults()) == []
    keys = list(wording.needed_keys())
    assert len(keys) == len(set(keys))
    for language in LANGUAGES:
        assert [key for key in keys if not catalogue.has_text(language, key)] == []


def test_a_text_that_is_missing_is_told_with_its_place_and_remedy(tmp_path: Path) -> None:
    def add_paper(data: dict[str, Any]) -> None:
        data["documents"].append({"id": "d_new", "need": {"NL": "helpful", "BE": "helpful"}})

    with other_questions(add_paper, tmp_path):
        (said,) = wording.faults()
    assert said.startswith("locales/nl/LC_MESSAGES/checklist.po: d_new_name has no text.")
    assert "make strings" in said


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        (
            "2026-03-04",
            "2026-03-04",
            ("4 maart 2026", "4 Mart 2026", "4 marca 2026", "4 March 2026"),
        ),
        ("2024-02-01", "2024-02-29", ("februari 2024", "Şubat 2024", "luty 2024", "February 2024")),
        ("2026-01-01", "2026-12-31", ("2026", "2026", "2026", "2026")),
    ],
)
def test_a_day_a_month_and_a_year_are_named(
    first: str, last: str, shown: tuple[str, str, str, str]
) -> None:
    ends = date.fromisoformat(first), date.fromisoformat(last)
    assert tuple(wording.days(*ends, language) for language in ("nl", "tr", "pl", "en")) == shown


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-06-01", "2026-08-31"),
        ("2025-02-01", "2025-02-27"),
        ("2024-02-01", "2024-02-28"),
        ("2025-12-01", "2026-12-31"),
    ],
)
def test_any_other_stretch_is_told_with_both_ends(first: str, last: str, language: str) -> None:
    ends = date.fromisoformat(first), date.fromisoformat(last)
    shown = wording.days(*ends, language)
    assert wording.day(ends[0], language) in shown
    assert wording.day(ends[1], language) in shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("q_custody=yes_joint", None),
        ("q_proceedings=case_here+case_there", None),
        ("q_home_country=TR", "Turkije"),
        ("q_child_where=same_as_home", None),
        ("q_date=2026-07-01/2026-07-31", "juli 2026"),
        ("q_date=not_yet", None),
        ("q_age=8", "8 jaar"),
        ("q_age=8y6m", "8 jaar, 6 maanden"),
        ("q_age=0m", "0 maanden"),
        ("q_age=b2020-03-04/2020-03-04", None),
        ("q_age=8+unknown+?", None),
        ("q_documents=all", None),
        ("q_documents=none", None),
        ("q_documents=one_by_one", None),
        ("q_documents=d_birth", None),
        *((f"{name}=unknown", None) for name in checklist().questions),
    ],
)
def test_every_kind_of_answer_is_shown_in_words(line: str, shown: str | None) -> None:
    name = line.partition("=")[0]
    kept = answered(line)[name]
    for language in LANGUAGES:
        assert is_told(wording.shown(name, kept, language))
    if shown:
        assert wording.shown(name, kept, "nl") == shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_child_and_one_paper_are_shown_by_their_item(language: str) -> None:
    answers = answered("q_age=8+5", "q_documents=d_birth")
    assert "5" in wording.shown("q_age/2", answers["q_age"], language)
    assert "8" not in wording.shown("q_age/2", answers["q_age"], language)
    have = wording.shown("q_documents/d_birth", answers["q_documents"], language)
    get = wording.shown("q_documents/d_form", answers["q_documents"], language)
    assert have == wording.status("have", language)
    assert get == wording.status("can_get", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_item_has_a_title_of_its_own(language: str) -> None:
    items = [*checklist().questions, "q_age/1", "q_age/2"]
    items += [f"q_documents/{name}" for name in DOCUMENTS]
    titles = [wording.title(item, language) for item in items]
    assert all(is_told(title) for title in titles)
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("status", [*STATUSES, None])
def test_every_status_of_a_paper_has_a_label(status: str | None) -> None:
    assert all(is_told(wording.status(status, language)) for language in LANGUAGES)


# --- messages ---------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_is_asked_with_buttons_and_its_reason(language: str) -> None:
    names = list(checklist().questions)
    for number, name in enumerate(names):
        slot = {"answers": favourable(dict.fromkeys(names[number:]))}
        asked = messages.question(slot, language)
        check(asked)
        assert (asked["question_id"], asked["item"]) == (name, name)
        assert asked["progress"] == {"step": number + 1, "of": len(names)}
        payloads = [button["payload"] for button in asked["buttons"]]
        assert len(payloads) == len(set(payloads))
        for payload in payloads:
            if payload.startswith("/checklist_answer"):
                assert parse(payload.split('"')[3], TODAY)
        assert any(f"{name}={UNKNOWN}" in payload for payload in payloads)
        reason = messages.why(slot, language)
        assert reason is not None
        check(dict(reason))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_ticked_answer_can_be_sent(language: str) -> None:
    names = list(checklist().questions)
    ticked = []
    for number, name in enumerate(names):
        asked = messages.question({"answers": favourable(dict.fromkeys(names[number:]))}, language)
        if "choices" in asked:
            ids = [option["id"] for option in asked["choices"]["options"]]
            line = (asked["choices"]["prefix"] + "+".join(ids) + asked["choices"]["suffix"]).split(
                '"'
            )[3]
            assert parse(line, TODAY)[0] == name
            ticked.append(name)
    assert ticked == ["q_proceedings", "q_defences", "q_documents"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_child_and_every_paper_is_asked(language: str) -> None:
    for number in (2, 3):
        slot = {"answers": favourable({"q_age": "8+?+?"}), "item": f"q_age/{number}"}
        asked = messages.question(slot, language)
        check(asked)
        assert str(number) in asked["text"]
    one_by_one = favourable({"q_documents": "one_by_one"})
    for name in DOCUMENTS:
        slot = {"answers": one_by_one, "item": f"q_documents/{name}"}
        asked = messages.question(slot, language)
        check(asked)
        assert wording.title(f"q_documents/{name}", language) in asked["text"]
        reason = messages.why(slot, language)
        assert reason is not None
        check(dict(reason))


@pytest.mark.parametrize("home", ["NL", "BE", "TR", "unknown"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_reason_of_a_question_helps_by_country(language: str, home: str) -> None:
    slot = {"answers": favourable({"q_home_country": home}), "item": "q_custody"}
    reason = messages.why(slot, language)
    assert reason is not None
    side = home if home in ("NL", "BE") else "other"
    assert catalogue.text(language, f"q_custody_help_{side}") in reason["text"]


def test_without_an_open_question_there_is_no_reason() -> None:
    for slot in (None, {"answers": favourable()}, {"answers": {}, "item": WHICH_ITEM}):
        assert messages.why(slot, "nl") is None


@pytest.mark.parametrize(("name", "outcome", "changed"), outcome_cases())
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_an_outcome_tells_is_told(
    language: str, name: str, outcome: str, changed: dict[str, str | None]
) -> None:
    answers = favourable(changed)
    tells = checklist().questions[name].outcomes[outcome].tells
    quiet = messages.note({"answers": answers}, name, language, noted=False)
    assert (quiet is not None) == tells
    if quiet is not None:
        check(dict(quiet))
    noted = messages.note({"answers": answers}, name, language, noted=True)
    assert noted is not None
    check(dict(noted))
    assert wording.title(name, language) in noted["text"]
    assert wording.shown(name, answers[name], language) in noted["text"]
    changed_note = messages.note({"answers": answers}, name, language, noted=False, changed=True)
    assert changed_note is not None
    check(dict(changed_note))


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_told_of_one_paper(language: str, status: str) -> None:
    answers = favourable({"q_documents": "one_by_one"})
    answers = answered(f"q_documents/d_birth={status}", after=answers)
    noted = messages.note({"answers": answers}, "q_documents/d_birth", language, noted=True)
    assert noted is not None
    check(dict(noted))


def test_what_is_told_of_children_is_told_once_for_each_kind() -> None:
    answers = favourable({"q_age": "15+15+8+unknown"})
    said = messages.note({"answers": answers}, "q_age", "nl", noted=False)
    assert said is not None
    assert said["text"].count(catalogue.text("nl", "q_age_tell_from_15_under_16")) == 1
    assert catalogue.text("nl", "q_age_tell_unknown") in said["text"]


@pytest.mark.parametrize(("name", "outcome", "changed"), outcome_cases())
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_outcome_can_be_seen_in_the_result(
    language: str, name: str, outcome: str, changed: dict[str, str | None]
) -> None:
    slot = {"answers": favourable(changed)}
    check(messages.outcome(slot, language))
    for part in messages.PARTS:
        check(messages.detail(slot, part, language))


@pytest.mark.parametrize("home", ["NL", "BE", "TR", "PL", "US"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_result_of_every_authority_is_told(language: str, home: str) -> None:
    where = "BE" if home == "NL" else "MA"
    slot = {"answers": favourable({"q_home_country": home, "q_child_where": where})}
    for part in messages.PARTS:
        check(messages.detail(slot, part, language))
    outcome = messages.outcome(slot, language)
    check(outcome)
    assert [each["type"] for each in outcome["downloads"]] == ["application/pdf", "text/calendar"]


def test_without_a_date_there_is_no_calendar() -> None:
    slot = {"answers": favourable({"q_date": "unknown", "q_age": "unknown"})}
    downloads = messages.outcome(slot, "nl")["downloads"]
    assert [each["type"] for each in downloads] == ["application/pdf"]


@pytest.mark.parametrize(
    ("changed", "emergency"),
    [
        ({"q_safety": "danger"}, True),
        ({"q_safety": "leaving_now"}, True),
        ({"q_date": "not_yet"}, True),
        ({"q_child_where": "EG"}, False),
    ],
)
def test_in_danger_112_stands_first(changed: dict[str, str | None], emergency: bool) -> None:
    outcome = messages.outcome({"answers": favourable(changed)}, "nl")
    assert (outcome["kind"] == "emergency") is emergency
    assert ("112" in outcome["links"][0]["title"] + outcome["links"][0]["url"]) is emergency


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_choice_of_an_answer_to_change_offers_what_was_answered(language: str) -> None:
    slot = {"answers": answered("q_safety=no", "q_age=8+5"), "item": WHICH_ITEM}
    asked = messages.question(slot, language)
    check(asked)
    assert [wording.title(name, language) for name in ("q_safety", "q_age")] == [
        button["title"] for button in asked["buttons"][:2]
    ]


def test_every_answer_can_be_chosen_for_a_change() -> None:
    asked = messages.question({"answers": favourable(), "item": WHICH_ITEM}, "nl")
    assert len(asked["buttons"]) == len(checklist().questions) + 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "reason",
    [
        "utter_checklist_unclear",
        "utter_checklist_which_danger",
        "utter_checklist_no_country",
        "utter_checklist_no_date",
        "utter_checklist_no_age",
        "problem_countries_several",
        "problem_option",
        "problem_date_future",
        "problem_date_old",
        "problem_date_impossible",
        "problem_date_before_birth",
        "problem_age",
        "problem_age_event",
        "problem_birth_future",
        "problem_none_and_more",
    ],
)
def test_every_reason_to_ask_again_is_told(reason: str, language: str) -> None:
    check(dict(messages.unclear(reason, [], language)))


def test_every_reason_in_the_code_is_one_of_those() -> None:
    for module in (reading, flow):
        source = Path(module.__file__).read_text(encoding="utf-8")
        for key in set(re.findall(r'"((?:problem|utter_checklist)_\w+)"', source)):
            assert all(catalogue.has_text(language, key) for language in LANGUAGES), key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "line",
    [
        "q_custody=yes_joint",
        "q_safety=danger",
        "q_child_where=TR",
        "q_date=2025-03-12/2025-03-12",
        *(f"q_documents/d_birth={status}" for status in STATUSES),
    ],
)
def test_a_likely_answer_is_offered_in_words(line: str, language: str) -> None:
    (button, *_) = messages.unclear("utter_checklist_unclear", [line], language)["buttons"]
    assert is_told(button["title"])
    assert line in button["payload"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_messages_about_the_list_itself_are_told(language: str) -> None:
    check(dict(messages.offer(language)))
    check(dict(messages.paused(language)))
    for key, fields in (("utter_checklist_code", 1), ("utter_checklist_code_open", 2)):
        made = messages.code(key, language, 14)
        check(made)
        assert len(made["form"]["fields"]) == fields
    for key in ("utter_checklist_code_refused", "utter_checklist_code_opened"):
        check(dict(messages.composed(key, language)))
