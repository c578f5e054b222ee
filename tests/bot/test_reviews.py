"""Papers of texts: what is said when one is stale, unreviewed, expired or withdrawn."""

from __future__ import annotations

import dataclasses
import json
import logging
import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.io import read_file

from bot import catalogue, check, papers, reviews, withdraw, withdrawn
from bot.catalogue import LOCALES, compile_catalogues, po_file
from bot.channel import with_front_texts
from bot.checklist import flow
from bot.checklist.questions import UNKNOWN, checklist
from bot.checklist.values import record
from bot.errors import ProjectFileError
from bot.hard_request_data import KINDS
from bot.hard_requests import own_answer
from bot.languages import languages
from bot.nlg import answers, checklist_messages
from bot.nlg.answers import AMSTERDAM, emergency_card, help_card
from bot.nlg.generator import CatalogueResponseGenerator
from bot.reviews import State
from bot.training_data import ROOT

DOMAIN = Domain.from_yaml(read_file(str(ROOT / "domain.yml")))
REVIEWED = datetime(2026, 11, 23, 11, tzinfo=AMSTERDAM)
LAST = date(2027, 11, 22)
"""Last day of every text of the project as long as nobody reads it anew."""
TOO_LATE = datetime(2027, 11, 23, 11, tzinfo=AMSTERDAM)
KEY = "utter_hague_costs"
OTHERS = [code for code in languages() if code != "nl"]


@pytest.fixture(autouse=True)
def the_list(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A list of withdrawn texts of the test's own."""
    monkeypatch.setenv(withdrawn.VARIABLE, str(tmp_path / "withdrawn.json"))
    return tmp_path / "withdrawn.json"


@pytest.fixture(autouse=True)
def the_dates_of_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts read anew since keep the days that these tests go by."""
    found = {
        key: dataclasses.replace(each, reviewed=date(2026, 11, 22), valid_until=LAST)
        if each.valid_until
        else each
        for key, each in reviews.reviews().items()
    }
    monkeypatch.setattr(reviews, "reviews", lambda: found)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets the one clock that everything said goes by."""

    def put(moment: datetime) -> None:
        monkeypatch.setattr(answers, "current_time", lambda: moment)

    put(REVIEWED)
    return put


def change(monkeypatch: pytest.MonkeyPatch, key: str, **papers_of_it: object) -> None:
    found = dict(reviews.reviews())
    found[key] = dataclasses.replace(found[key], **papers_of_it)  # type: ignore[arg-type]
    monkeypatch.setattr(reviews, "reviews", lambda: found)


async def said(
    key: str, language: str, slots: dict | None = None, entities: list | None = None
) -> dict:
    """What the real generator says for `key`."""
    events: list = [SlotSet(k, v) for k, v in {"language": language, **(slots or {})}.items()]
    parsed = {"entities": entities or []}
    events.append(UserUttered("een vraag", entities=entities, parse_data=parsed))
    tracker = DialogueStateTracker.from_events("sender", events, slots=DOMAIN.slots)
    found = await CatalogueResponseGenerator().generate(key, tracker, "kompas")
    assert found is not None
    return found


def fallback_of(key: str, language: str) -> str:
    return answers.wording(answers.fallback(key), language, answers.current_time(), {})


def legal_sentences(language: str, *domains: str) -> list[str]:
    """Pieces of legal wording long enough to be known again, without their placeholders."""
    texts = catalogue._translations(language)
    instead = " ".join(text for key, text in texts.items() if key.startswith(reviews.FALLBACK))
    pieces = []
    for key, review in reviews.reviews().items():
        if review.valid_until is None or not any(key in catalogue.keys_of(d) for d in domains):
            continue
        for line in texts[key].replace("{", "\n").splitlines():
            piece = line.partition("}")[2].strip(" -*") or line.strip(" -*")
            if len(piece) > 40 and piece not in instead:
                pieces.append(piece)
    return pieces


# --- states ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "state", "served"),
    [
        (LAST - timedelta(days=61), State.CURRENT, True),
        (LAST - timedelta(days=60), State.CURRENT, True),
        (LAST - timedelta(days=59), State.EXPIRING, True),
        (LAST, State.EXPIRING, True),
        (LAST + timedelta(days=1), State.EXPIRED, False),
    ],
)
@pytest.mark.parametrize("language", languages())
def test_a_legal_text_holds_through_its_last_day(
    language: str, day: date, state: State, served: bool
):
    for key in (KEY, "q_custody_ask", "t_one_year_rule", "contact:centrum_iko", "state:TR"):
        assert reviews.state_of(key, language, day) is state
        assert reviews.served(key, language, day) is served


def test_a_text_that_no_jurist_read_is_not_served(monkeypatch: pytest.MonkeyPatch):
    change(monkeypatch, KEY, reviewed=None)
    assert reviews.state_of(KEY, "nl", REVIEWED.date()) is State.UNREVIEWED
    assert not reviews.served(KEY, "nl", REVIEWED.date())


def test_words_that_say_nothing_of_the_law_neither_expire_nor_stop_for_a_stale_translation(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(catalogue, "stale", lambda language: frozenset(["utter_greet"]))
    assert reviews.state_of("utter_greet", "tr", TOO_LATE.date()) is State.STALE
    assert reviews.served("utter_greet", "tr", TOO_LATE.date())
    assert reviews.served("button_menu", "tr", date(2050, 1, 1))


def test_every_text_and_record_has_papers():
    listed = papers.gather()
    assert {key for domain in catalogue.DOMAINS for key in catalogue.keys_of(domain)} <= set(listed)
    assert all(review.owner for review in listed.values())
    assert "contact:emergency_112" in listed
    assert "state:TR" in listed


def test_112_does_not_age():
    assert reviews.served("contact:emergency_112", "nl", date(2050, 1, 1))


# --- what is said instead ---------------------------------------------------------------------


@pytest.mark.parametrize("language", languages())
async def test_an_answer_past_its_day_is_replaced_by_the_fallback_with_contacts(
    clock, language: str
):
    before = await said(KEY, language)
    assert "reviewed" in before["custom"]
    clock(TOO_LATE)
    after = await said(KEY, language)
    assert after["text"] == fallback_of(KEY, language)
    assert "088-800 9000" in after["text"]
    assert "112" in after["text"]
    assert after["custom"]["id"] == KEY
    assert after["custom"]["withheld"] is True
    assert "reviewed" not in after["custom"]
    payloads = [button["payload"] for button in after["buttons"]]
    assert payloads[:2] == ["/ask_human", "/contact_hours"]
    assert {b["payload"] for b in before["buttons"]} <= set(payloads)
    assert {link["url"] for link in after["custom"]["links"]} >= {"tel:0888009000", "tel:112"}


@pytest.mark.parametrize("language", OTHERS)
async def test_the_jurist_reads_the_dutch_of_what_was_said_instead(
    clock, the_list: Path, language: str
):
    withdraw.withdraw(KEY, language, "fout", REVIEWED)
    found = await said(KEY, language)
    assert found["text"] == fallback_of(KEY, language)
    assert found["custom"]["nl"] == fallback_of(KEY, "nl")
    assert (await said(KEY, "nl"))["text"] != fallback_of(KEY, "nl")


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(
    "key",
    [
        key
        for key, entry in answers.answers().entries.items()
        if not entry.composed and not key.startswith(("utter_checklist_", "utter_handover_"))
    ],
)
async def test_no_answer_says_a_legal_text_past_its_day(clock, language: str, key: str):
    clock(TOO_LATE)
    if key in DOMAIN.action_names_or_texts:
        text = (await said(key, language))["text"]
    else:
        text = answers.compose(key, language)["text"]
    assert text.strip()
    if reviews.reviews()[key].legal:
        assert not [piece for piece in legal_sentences(language, "answers") if piece in text]


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("kind", ["departure", "violence", "child", "suicide"])
def test_the_emergency_card_falls_back_to_its_numbers_and_loses_none(
    clock, language: str, kind: str
):
    before = emergency_card(kind, language)
    clock(TOO_LATE)
    after = emergency_card(kind, language)
    assert after["kind"] == "emergency"
    assert {link["url"] for link in before["links"]} <= {link["url"] for link in after["links"]}
    for number in ("112", "113", "0800-2000", "088-800 9000"):
        assert number in after["text"]
    assert len(after["text"]) < len(before["text"])


@pytest.mark.parametrize("language", languages())
def test_the_help_page_keeps_every_number_and_asks_to_check_those_past_their_date(
    clock, language: str
):
    before = help_card(language)
    clock(TOO_LATE)
    after = help_card(language)
    assert [row["url"] for row in after["contacts"]] == [row["url"] for row in before["contacts"]]
    assert "112" in after["text"]
    hint = catalogue.text(language, "number_check")
    hinted = {row["id"] for row in after["contacts"] if hint in row["hours"]}
    assert "centrum_iko" in hinted
    assert "emergency_112" not in hinted
    assert not [row for row in before["contacts"] if hint in row["hours"]]


@pytest.mark.parametrize("language", languages())
async def test_the_hand_over_still_asks_for_permission(clock, language: str):
    before = await said("utter_ask_human", language)
    clock(TOO_LATE)
    after = await said("utter_ask_human", language)
    assert after["buttons"] == before["buttons"]
    own = answers.wording("withheld_utter_ask_human", language, TOO_LATE, {})
    assert after["text"] == own


@pytest.mark.parametrize("language", languages())
async def test_a_hard_request_is_still_answered_with_the_numbers(clock, language: str):
    clock(TOO_LATE)
    kind = next(k for k in KINDS if own_answer(k) == "utter_hard_leave_unnoticed")
    entity = {"entity": "hard_request", "value": kind}
    found = await said("utter_hard_request", language, entities=[entity])
    assert found["text"] == fallback_of("utter_hard_leave_unnoticed", language)
    assert "tel:08002000" in {link["url"] for link in found["custom"]["links"]}


def test_what_stands_before_the_usual_answer_is_left_out_when_it_is_withdrawn(clock):
    messages = [{"id": KEY, "lang": "tr", "text": "…", "front": ["utter_hard_prediction"]}]
    assert [m["id"] for m in with_front_texts(messages)] == ["utter_hard_prediction", KEY]
    withdraw.withdraw("utter_hard_prediction", None, "fout", REVIEWED)
    assert [m["id"] for m in with_front_texts(messages)] == [KEY]


@pytest.mark.parametrize("language", languages())
async def test_what_the_table_of_states_says_past_its_date_is_hedged(
    clock, monkeypatch: pytest.MonkeyPatch, language: str
):
    hedge = catalogue.text(language, "line_country_check")
    assert hedge not in (await said("utter_hague_country", language, {"countries": ["TR"]}))["text"]
    change(monkeypatch, "state:TR", valid_until=REVIEWED.date() - timedelta(days=1))
    message = (await said("utter_hague_country", language, {"countries": ["TR"]}))["text"]
    assert message.endswith(hedge)
    slot = slot_of({"q_safety": "no", "q_home_country": "NL", "q_child_where": "TR"})
    note = checklist_messages.note(slot, "q_child_where", language, noted=False)
    assert note is not None
    assert note["text"].endswith(hedge)


# --- checklist --------------------------------------------------------------------------------


def slot_of(given: dict) -> dict:
    return {"answers": given, "item": None}


def walk_by_skipping(language: str) -> Iterator[dict]:
    """Every message of a walk on which each question is skipped."""
    given: dict = {}
    today = answers.current_time().date()
    while (item := flow.walk(given, today).current) is not None:
        message = checklist_messages.question(slot_of(given), language)
        assert message["item"] == item
        yield message
        skip = [b for b in message["buttons"] if f"{item}={UNKNOWN}" in b["payload"]]
        assert skip, item
        given = record(given, item, UNKNOWN, today)
    yield checklist_messages.question(slot_of(given), language)


@pytest.mark.parametrize("language", languages())
def test_the_walk_stays_whole_when_all_its_words_are_past_their_day(clock, language: str):
    usual = list(walk_by_skipping(language))
    clock(TOO_LATE)
    late = list(walk_by_skipping(language))
    assert [m.get("question_id") for m in late] == [m.get("question_id") for m in usual]
    assert late[-1]["id"] == checklist_messages.RESULT
    legal = legal_sentences(language, "checklist")
    for message in late:
        assert message["text"].strip()
        assert not [piece for piece in legal if piece in message["text"]]
    custody = next(m for m in late if m.get("question_id") == "q_custody")
    assert catalogue.text(language, "q_custody_title") in custody["text"]
    assert "088-800 9000" in custody["text"]


@pytest.mark.parametrize("language", languages())
def test_no_part_of_the_result_says_a_legal_text_past_its_day(clock, language: str):
    clock(TOO_LATE)
    given = dict.fromkeys(checklist().questions, UNKNOWN)
    given |= {"q_home_country": "NL", "q_child_where": "TR", "q_custody": "no"}
    given |= {"q_age": [{"years": 8, "on": "2027-11-01"}], "q_date": ["2027-10-01", "2027-10-01"]}
    slot, legal = slot_of(given), legal_sentences(language, "checklist")
    messages = [checklist_messages.detail(slot, p, language) for p in checklist_messages.PARTS]
    messages += [checklist_messages.outcome(slot, language)]
    messages += [
        note
        for name in checklist().questions
        if (note := checklist_messages.note(slot, name, language, noted=True))
    ]
    for message in messages:
        assert message["text"].strip()
        assert not [piece for piece in legal if piece in message["text"]], message["id"]
    assert catalogue.text(language, "q_custody_title") in messages[0]["text"]


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("answer", ["danger", "leaving_now"])
def test_who_is_in_danger_still_gets_the_numbers(clock, language: str, answer: str):
    clock(TOO_LATE)
    message = checklist_messages.outcome(slot_of({"q_safety": answer}), language)
    assert message["kind"] == "emergency"
    assert "112" in message["text"]
    assert message["links"][0]["url"] == "tel:112"


def test_the_question_about_danger_is_asked_in_other_words_when_it_is_withdrawn(clock):
    withdraw.withdraw("q_safety_ask", None, "fout", REVIEWED)
    message = checklist_messages.question(None, "tr")
    assert message["question_id"] == "q_safety"
    assert message["text"] == answers.wording("withheld_q_safety_ask", "tr", REVIEWED, {})
    assert len(message["buttons"]) >= 4


# --- stale translations -----------------------------------------------------------------------


@pytest.fixture
def locales(tmp_path: Path) -> Path:
    """The catalogues, with the Dutch of one answer changed."""
    copy = Path(shutil.copytree(LOCALES, tmp_path / "locales"))
    with po_file("nl", "answers", copy).open("rb") as file:
        dutch = read_po(file, locale="nl", domain="answers")
    dutch[KEY].string += " Nieuw."
    with po_file("nl", "answers", copy).open("wb") as file:
        write_po(file, dutch)
    return copy


def test_changed_dutch_that_was_only_compiled_makes_its_translations_stale(locales: Path):
    compile_catalogues(locales, allow_stale=True)
    for language in OTHERS:
        assert catalogue.stale(language, locales) == {KEY}
    assert catalogue.stale("nl", locales) == frozenset()


def test_a_catalogue_compiled_by_another_program_is_known_by_its_source(locales: Path):
    for language in ("nl", "tr"):
        path = po_file(language, "answers", locales)
        with path.open("rb") as file, path.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, read_po(file, locale=language, domain="answers"))
    catalogue.stale.cache_clear()
    catalogue._translations.cache_clear()
    assert catalogue.stale("tr", locales) == {KEY}


def test_make_strings_and_ci_name_the_stale_text(locales: Path):
    with pytest.raises(ProjectFileError) as caught:
        compile_catalogues(locales)
    assert [fault.partition(" Translate")[0] for fault in caught.value.faults] == [
        f"locales/{language}/LC_MESSAGES/answers.po: {KEY} is stale: its Dutch text has changed."
        for language in OTHERS
    ]


@pytest.mark.parametrize("language", OTHERS)
async def test_of_a_stale_translation_the_fallback_is_said_in_that_language_only(
    clock, monkeypatch: pytest.MonkeyPatch, language: str
):
    monkeypatch.setattr(
        catalogue, "stale", lambda code: frozenset([KEY] if code == language else [])
    )
    assert (await said(KEY, language))["text"] == fallback_of(KEY, language)
    assert (await said(KEY, "nl"))["text"] != fallback_of(KEY, "nl")


# --- the switch -------------------------------------------------------------------------------


async def test_a_withdrawal_works_at_once_and_so_does_the_restoring(clock, the_list: Path):
    usual = (await said(KEY, "pl"))["text"]
    withdraw.main([KEY, "--reason", "bedrag is fout"])
    assert (await said(KEY, "pl"))["text"] == fallback_of(KEY, "pl")
    withdraw.main(["--restore", KEY])
    assert (await said(KEY, "pl"))["text"] == usual


def test_a_withdrawal_holds_for_a_process_that_starts_later(
    monkeypatch: pytest.MonkeyPatch, the_list: Path
):
    withdraw.withdraw(KEY, "tr", "fout", REVIEWED)
    monkeypatch.setattr(withdrawn, "_known", withdrawn._Known())
    assert reviews.state_of(KEY, "tr", REVIEWED.date()) is State.WITHDRAWN
    assert reviews.served(KEY, "nl", REVIEWED.date())


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", '{"withdrawn": [1]}', "\x00", '{"withdrawn": 3}']
)
def test_a_damaged_list_is_told_of_once_and_the_last_good_one_holds(
    monkeypatch: pytest.MonkeyPatch, caplog, the_list: Path, damage: str
):
    withdraw.withdraw(KEY, None, "een reden die niemand aangaat", REVIEWED)
    assert withdrawn.is_withdrawn(KEY, "tr")
    the_list.write_text(damage, encoding="utf-8")
    with caplog.at_level(logging.ERROR):
        assert withdrawn.is_withdrawn(KEY, "tr")
        assert withdrawn.is_withdrawn(KEY, "nl")
    assert [record.levelname for record in caplog.records].count("ERROR") == 1
    assert str(the_list) in caplog.text
    assert "bot.withdraw" in caplog.text
    assert "niemand aangaat" not in caplog.text
    # so it is for a process that starts now
    monkeypatch.setattr(withdrawn, "_known", withdrawn._Known())
    assert withdrawn.is_withdrawn(KEY, "tr")
    with pytest.raises(withdraw.NotWithdrawn, match="cannot be read"):
        withdraw.withdraw("utter_mediation", None, "fout", REVIEWED)


@pytest.mark.parametrize(
    ("arguments", "said_of_it"),
    [
        (["utter_hauge_costs", "--reason", "x"], "Did you mean utter_hague_costs"),
        ([KEY], "--reason: is missing"),
        ([KEY, "--reason", "x", "--language", "xx"], "--language: xx is none of"),
        (["button_menu", "--reason", "x"], "has no fallback"),
        (["withheld_answer", "--reason", "x"], "has no fallback"),
        (["contact:centrum_iko", "--reason", "x"], "bot/contacts.yml"),
        (["utter_handover_done", "--reason", "x"], "has no fallback"),
        (["--restore", KEY], "is not withdrawn"),
    ],
)
def test_what_cannot_be_withdrawn_is_told_with_a_way_out(
    the_list: Path, arguments: list[str], said_of_it: str
):
    with pytest.raises(SystemExit) as stopped:
        withdraw.main(arguments)
    assert said_of_it in str(stopped.value)
    assert not the_list.exists() or json.loads(the_list.read_text())["withdrawn"] == []


def test_the_list_shows_key_language_and_reason(capsys, the_list: Path):
    withdraw.main(["state:TR", "--reason", "toetreding onzeker", "--language", "tr"])
    capsys.readouterr()
    withdraw.main(["--list"])
    assert capsys.readouterr().out.split("\t")[:2] == ["state:TR", "tr"]


# --- faults and notices -----------------------------------------------------------------------


def changed(name: str, old: str, new: str) -> Callable[[str], str]:
    def read(file: str) -> str:
        text = papers._read(file)
        if file == name:
            assert old in text
            text = text.replace(old, new, 1)
        return text

    return read


@pytest.mark.parametrize(
    ("name", "old", "new", "fault"),
    [
        (papers.ANSWERS, "facts: [TC-01,", "facts: [TC-0l,", "TC-0l is no fact of bot/facts.csv"),
        (papers.ANSWERS, "check_facts: [TC-42]", "check_facts: [TC-99]", "not among facts"),
        (papers.ANSWERS, "  owner: jurists\n", "", "has no owner"),
        (papers.ANSWERS, "valid_until: 2027-11-22", "valid_until: 2026-11-21", "lies before"),
        (papers.ANSWERS, "reviewed: 2026-11-22", "reviewed: gisteren", "is no date"),
        (papers.QUESTIONS, "sources: [hc, seed001]", "sources: [nobody]", "has no source"),
        (papers.QUESTIONS, "facts: [HR 3.3,", "facts: [HR 33,", "HR 33 is no fact"),
        (papers.REPLIES, "  owner: jurists\n", "", "desk/replies.yml"),
        (papers.CONTACTS, "owner: coordinators\n", "", "bot/contacts.yml"),
        (papers.STATES, ",jurists,", ",,", "bot/contracting-states.csv: AF: has no owner"),
    ],
)
def test_missing_and_impossible_papers_are_named(name: str, old: str, new: str, fault: str):
    found = list(papers.faults(papers.gather(changed(name, old, new))))
    assert [line for line in found if fault in line and line.endswith(".")]


def test_the_papers_of_the_project_are_in_order():
    assert list(papers.faults()) == []
    assert list(papers.faults_on(date(2026, 11, 22))) == []
    assert list(papers.notices_on(date(2026, 11, 22))) == []


def test_a_review_still_to_come_is_a_fault():
    assert any("is still to come" in fault for fault in papers.faults_on(date(2026, 11, 21)))


def test_what_expires_within_60_days_is_a_notice_and_what_has_expired_a_fault():
    assert list(papers.faults_on(LAST)) == []
    soon = list(papers.notices_on(LAST - timedelta(days=30)))
    assert any(line.startswith("bot/nlg/answers.yml: ") for line in soon)
    assert all("expires on 2027-11-22" in line for line in soon)
    assert len(soon) == 5
    late = list(papers.faults_on(LAST + timedelta(days=1)))
    assert [line.partition(":")[0] for line in late] == [line.partition(":")[0] for line in soon]


def test_expired_texts_fail_the_check_but_do_not_stop_a_start(clock):
    clock(TOO_LATE)
    assert [line for line in check.faults() if "expired on" in line]
    assert check.faults(at_start=True) == []
    assert [line for line in check.notices(at_start=True) if "expired on" in line]
