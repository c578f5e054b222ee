"""Handing over to a person, from the visitor's first word to the case on the desk."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from checklist_steps import GOOD, OFFER, QUESTION, answer, asked, said, walk_all, walk_to
from handover_steps import (
    ASK,
    DECLINED,
    DONE,
    FORM,
    KNOWN,
    MARKERS,
    REFERENCE,
    ROLE,
    Desk,
    eventually,
    form,
    reference_in,
    send_form,
    step,
    texts,
    to_the_form,
)
from playwright.sync_api import Page, expect
from stack import LANGUAGES, Stack, Visitor, Watch

from bot import catalogue

Arrive = Callable[..., Visitor]


@pytest.mark.parametrize("language", LANGUAGES)
def test_by_buttons_and_without_details(arrive: Arrive, desk: Desk, language: str) -> None:
    visitor = arrive(language)
    reply = visitor.press("/ask_human")
    assert reply.ids == [ASK]
    assert reply.payloads[:2] == [step("yes"), step("no")]
    assert desk.references(visitor) == [], "nothing goes before permission is given"
    reply = visitor.press(step("yes"))
    assert (reply.ids, len(reply.payloads)) == ([ROLE], 5)
    reply = visitor.press(reply.payloads[2])
    assert reply.ids == [FORM]
    assert [field["name"] for field in reply.messages[0]["form"]["fields"]][:2] == [
        "channel",
        "phone",
    ]
    assert desk.references(visitor) == []
    reply = visitor.press(step("none"))
    assert reply.ids == [DONE]
    assert desk.references(visitor) == [reference_in(reply)]
    assert "088-800 9000" in reply.text, "nobody will call: the number is there"
    view = desk.case(visitor)
    assert (view.row.language, view.row.role, view.has_contact) == (language, "relative", False)


YES = {
    "nl": ["ja hoor", "doe maar", "graag", "prima, doe dat", "is goed"],
    "tr": ["evet lütfen", "olur", "tabii"],
    "pl": ["tak, proszę", "zgadzam się", "dobrze"],
    "en": ["yes please", "go ahead", "that's fine with me"],
}
NO = {
    "nl": ["nee dank u", "liever niet", "nee, nog niet"],
    "tr": ["hayır istemiyorum", "istemem", "şimdilik hayır"],
    "pl": ["nie, dziękuję", "wolę nie", "nie chcę"],
    "en": ["no thank you", "I'd rather not", "no, not yet"],
}
TYPED = [
    (language, text, expected)
    for lines, expected in ((YES, ROLE), (NO, DECLINED))
    for language, listed in lines.items()
    for text in listed
]


@pytest.mark.parametrize(("language", "text", "expected"), TYPED)
def test_permission_is_typed(
    arrive: Arrive, desk: Desk, language: str, text: str, expected: str
) -> None:
    visitor = arrive(language)
    visitor.press("/ask_human")
    assert visitor.say(text).ids == [expected]
    assert desk.references(visitor) == []


WHO = [
    ("nl", "ik ben de moeder, mijn ex heeft ons kind meegenomen", "left_behind"),
    ("nl", "ik ben oma van het kind", "relative"),
    ("nl", "maatschappelijk werker", "professional"),
    ("nl", "dat zeg ik liever niet", "unknown"),
    ("tr", "çocuğun annesiyim, babası kaçırdı", "left_behind"),
    ("tr", "teyzesiyim", "relative"),
    ("tr", "söylemek istemiyorum", "unknown"),
    ("pl", "to ja wyjechałam z dzieckiem", "taking"),
    ("pl", "jestem nauczycielką w szkole", "professional"),
    ("pl", "wolę nie mówić", "unknown"),
    ("en", "I'm the dad, my ex took our son", "left_behind"),
    ("en", "it was me who left with the child", "taking"),
    ("en", "I'm a social worker", "professional"),
    ("en", "I'd rather not say", "unknown"),
]


@pytest.mark.parametrize(("language", "text", "role"), WHO)
def test_the_role_is_typed(arrive: Arrive, desk: Desk, language: str, text: str, role: str) -> None:
    visitor = arrive(language)
    visitor.press("/ask_human")
    visitor.press(step("yes"))
    assert visitor.say(text).ids == [FORM]
    assert visitor.press(step("none")).ids == [DONE]
    view = desk.case(visitor)
    assert view.row.role == role
    assert text in texts(view), "the visitor's own words, as they are"


@pytest.mark.parametrize("language", LANGUAGES)
def test_with_details_they_reach_the_desk_and_nobody_else(
    arrive: Arrive, desk: Desk, language: str
) -> None:
    visitor = arrive(language)
    to_the_form(visitor)
    given = form(phone=f"06{desk.conversation(visitor).translate(_DIGITS)[:8]}", language=language)
    reply = send_form(visitor, **given)
    assert (reply.ids, reply.lang) == ([DONE], language)
    assert desk.references(visitor) == [reference_in(reply)]
    eventually(lambda: desk.contacts(visitor))
    assert desk.details(visitor) == {k: v for k, v in given.items() if k != "consent"}
    assert MARKERS[0] not in texts(desk.case(visitor))


# a number of one's own for each conversation: two cases with one number would be a conflict
_DIGITS = str.maketrans("abcdef", "123456")


@pytest.mark.parametrize("field", ["phone", "consent", "channel"])
def test_a_form_that_lacks_something_is_refused_by_name_and_makes_no_case(
    arrive: Arrive, desk: Desk, field: str
) -> None:
    visitor = arrive("pl")
    to_the_form(visitor)
    reply = send_form(visitor, **{field: None})
    assert (reply.status, reply.body["error"]) == (400, "malformed")
    assert reply.body["fields"] == [field]
    assert desk.references(visitor) == []
    assert send_form(visitor).ids == [DONE]


def test_whom_the_checklist_knows_is_not_asked_again(arrive: Arrive, desk: Desk) -> None:
    visitor = arrive("tr")
    walk_to(visitor, "q_role")
    visitor.press(answer("q_role", "taking_parent"))
    visitor.press("/ask_human")
    assert visitor.press(step("yes")).ids == [FORM]
    assert visitor.press(step("none")).ids[0] == DONE
    assert desk.case(visitor).row.role == "taking"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nl", "mijn ex staat nu met mijn dochter op schiphol en gaat vliegen"),
        ("tr", "kocam şu an çocuğumla havaalanında, uçağa biniyorlar"),
        ("pl", "mąż jest teraz z dzieckiem na lotnisku, zaraz wsiadają do samolotu"),
        ("en", "my ex is at schiphol with my daughter right now, they are about to board"),
    ],
)
def test_who_cannot_wait_reads_the_numbers_first_and_is_asked_less(
    arrive: Arrive, desk: Desk, language: str, text: str
) -> None:
    visitor = arrive(language)
    visitor.say(text)
    reply = visitor.press("/ask_human")
    assert reply.ids == ["utter_handover_urgent", ASK]
    assert "112" in reply.messages[0]["text"]
    assert visitor.press(step("yes")).ids == [FORM], "not who it is"
    reply = visitor.press(step("none"))
    assert reply.messages[-1]["kind"] == "emergency"
    assert reply.messages[-1]["links"][0]["url"] == "tel:112"
    view = desk.case(visitor)
    assert (view.row.urgent, view.row.role, view.row.line) == (True, "unknown", 2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_case_holds_what_was_said_and_answered(
    arrive: Arrive, desk: Desk, language: str
) -> None:
    visitor = arrive(language)
    visitor.press("/hague_costs")
    walk_all(visitor)
    visitor.press("/ask_human")
    visitor.press(step("yes"))
    reply = visitor.press(step("none"))
    view = desk.case(visitor)
    row = view.row
    assert row.reference == reference_in(reply)
    assert (row.language, row.role, row.line, row.code) == (
        language,
        "left_behind",
        2,
        "kinderontvoering",
    )
    assert (row.country_from, row.country_to, row.urgent) == ("NL", "TR", False)
    assert view.content
    assert [child.age for child in view.content.children] == [8]
    summary = {row.question_id: row for row in view.content.summary}
    assert set(summary) == set(GOOD)
    assert summary["q_child_where"].answer == "TR"
    assert summary["q_event"].verdict == "ok"
    told = view.content.transcript
    assert not [entry for entry in told if entry["text"].startswith("/")], "no payloads"
    assert {entry["from"] for entry in told} == {"visitor", "assistant"}
    composed = [entry for entry in told if entry.get("id") == QUESTION]
    assert len(composed) == len(GOOD)
    pressed = [entry for entry in told if entry["from"] == "visitor"]
    for entry in [*composed, *pressed]:
        dutch = entry.get("variables", {}).get("nl")
        assert bool(dutch) == (language != "nl"), entry
    last = pressed[-1]
    assert last["text"] == catalogue.text(language, "button_handover_none")
    if language != "nl":
        assert last["variables"]["nl"] == catalogue.text("nl", "button_handover_none")


def test_a_line_one_question_goes_to_line_one(arrive: Arrive, desk: Desk) -> None:
    visitor = arrive("nl")
    visitor.say("mag ik met mijn kind op vakantie naar Polen, moet zijn vader dat goed vinden")
    to_the_form(visitor, "unknown")
    visitor.press(step("none"))
    row = desk.case(visitor).row
    assert (row.line, row.code, row.country_to) == (1, "toestemming_vakantie", "PL")


def test_a_button_pressed_twice_and_buttons_of_earlier_turns_make_one_case(
    arrive: Arrive, desk: Desk
) -> None:
    visitor = arrive("nl")
    to_the_form(visitor)
    told = reference_in(visitor.press(step("none")))
    for again in (step("none"), step("yes"), step("role=taking"), "/ask_human", step("status")):
        reply = visitor.press(again)
        assert reply.ids == [KNOWN], again
        assert reference_in(reply) == told
    assert desk.references(visitor) == [told]


def test_a_form_sent_twice_is_one_case_with_one_form(arrive: Arrive, desk: Desk) -> None:
    visitor = arrive("nl")
    to_the_form(visitor)
    first, second = send_form(visitor), send_form(visitor)
    # the same form again is a repeat, whose first reply was lost on the way
    assert first.ids == second.ids == [DONE]
    assert first.body["contact_ref"] == second.body["contact_ref"]
    assert reference_in(first) == reference_in(second)
    eventually(lambda: desk.contacts(visitor))
    assert visitor.press(step("status")).ids == [KNOWN]
    assert (len(desk.references(visitor)), desk.contacts(visitor)) == (1, 1)


def test_forms_and_buttons_sent_at_the_same_moment_make_one_case(
    arrive: Arrive, desk: Desk
) -> None:
    visitor = arrive("tr")
    to_the_form(visitor)
    with ThreadPoolExecutor(4) as pool:
        forms = [pool.submit(send_form, visitor) for _ in range(3)]
        button = pool.submit(visitor.press, step("none"))
        replies = [each.result() for each in (*forms, button)]
    # the first to come makes the case; the same form again is told the same, or that it is known
    assert {reply.ids[0] for reply in replies} <= {DONE, KNOWN}
    assert DONE in [reply.ids[0] for reply in replies]
    assert {reference_in(reply) for reply in replies} == set(desk.references(visitor))
    eventually(lambda: desk.contacts(visitor))
    assert (len(desk.references(visitor)), desk.contacts(visitor)) == (1, 1)


def test_details_that_come_after_the_case_belong_to_it(arrive: Arrive, desk: Desk) -> None:
    visitor = arrive("nl")
    to_the_form(visitor)
    nobody_calls = said("handover_call_yourself", "nl")
    assert nobody_calls in visitor.press(step("none")).text
    reply = send_form(visitor)
    assert nobody_calls not in reply.text
    assert desk.references(visitor) == [reference_in(reply)]
    eventually(lambda: desk.contacts(visitor))
    assert desk.case(visitor).has_contact


@pytest.mark.parametrize("way", ["without", "with", "declined"])
def test_in_the_middle_of_the_checklist_nothing_is_lost(
    arrive: Arrive, desk: Desk, way: str
) -> None:
    visitor = arrive("pl")
    walk_to(visitor, "q_date")
    assert visitor.press("/ask_human").ids == [ASK], "one question at a time"
    if way == "declined":
        reply = visitor.say("nie, dziękuję")
        assert reply.ids[0] == DECLINED
    else:
        assert visitor.say("tak, proszę").ids == [FORM]
        reply = visitor.press(step("none")) if way == "without" else send_form(visitor)
        assert reply.ids[0] == DONE
    assert reply.ids[1] in (QUESTION, OFFER)
    assert asked(reply) == "q_date"
    reply = visitor.press(answer("q_date", GOOD["q_date"]))
    assert asked(reply) == "q_residence_facts"
    if way != "declined":
        view = desk.case(visitor)
        assert view.content
        assert "q_event" in {row.question_id for row in view.content.summary}


def test_the_language_changes_at_every_step(arrive: Arrive, desk: Desk) -> None:
    visitor = arrive("nl")
    visitor.press("/ask_human")
    assert visitor.choose("tr").ids == ["utter_language_changed", ASK]
    assert visitor.say("evet lütfen").ids == [ROLE]
    assert visitor.choose("pl").ids == ["utter_language_changed", ROLE]
    reply = visitor.press(step("role=taking"))
    assert reply.messages[0]["form"]["send"] == catalogue.text("pl", "contact_send")
    reply = visitor.choose("en")
    assert reply.ids == ["utter_language_changed", FORM]
    assert reply.messages[1]["form"]["send"] == catalogue.text("en", "contact_send")
    reply = visitor.choose("tr")
    assert reply.ids == ["utter_language_changed", FORM]
    reply = send_form(visitor)
    assert (reply.ids, reply.lang) == ([DONE], "tr")
    told = reference_in(reply)
    reply = visitor.choose("nl")
    assert reply.ids == ["utter_language_changed", DONE]
    assert reference_in(reply) == told
    row = desk.case(visitor).row
    assert (row.language, row.role) == ("tr", "taking")


def test_on_the_page_from_the_first_button_to_the_number(
    open_page: Callable[..., Page], stack: Stack, desk: Desk, watch: Watch
) -> None:
    # the browser notes a refused form as an error
    watch.errors_expected = True
    page = open_page("/?lang=pl")
    expect(page.locator(".message")).to_have_count(1)
    page.locator("#text").fill("chcę porozmawiać z człowiekiem")
    page.locator("#form button[type=submit]").click()
    for name in ("button_handover_yes", "button_handover_role_left_behind"):
        page.get_by_role("button", name=catalogue.text("pl", name), exact=True).click()
    shown = page.locator("form.contact")
    shown.locator("input[value=whatsapp]").check()
    shown.locator("[id$='-phone']").fill("12")
    shown.locator("[id$='-name']").fill(MARKERS[0])
    shown.locator("[id$='-consent']").check()
    send = shown.locator("button[type=submit]")
    with page.expect_response("**/api/contact") as refusal:
        send.click()
    assert refusal.value.status == 400
    expect(shown.locator("[id$='-phone']")).to_be_focused()
    shown.locator("[id$='-phone']").fill("+48 22 123 45 67")
    send.click()
    told = page.locator(".message").last
    expect(told).to_contain_text(REFERENCE)
    expect(page.locator("form.contact")).to_have_count(0)
    visitor = Visitor(stack, json.loads(page.evaluate("sessionStorage.getItem('kompas')"))["token"])
    eventually(lambda: desk.contacts(visitor))
    assert desk.references(visitor)[0] in told.inner_text()
    assert desk.details(visitor)["name"] == MARKERS[0]
    assert MARKERS[0] not in page.content()
