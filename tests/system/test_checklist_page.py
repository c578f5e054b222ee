"""The checklist on the chat page in a real browser, on a small phone and on a desk."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from checklist_steps import GOOD, ORDER, answer, days_ago
from playwright.sync_api import Locator, Page, expect
from test_page import (
    WIDTHS,
    assert_begins_in_sight,
    assert_fits,
    picture,
)
from widget_steps import wait_for_rest

from bot import catalogue
from bot.languages import languages

Open = Callable[..., Page]

NUMBER = "58203947"


def _start(open_page: Open, language: str = "nl", width: int = 360) -> Page:
    page = open_page(f"/?lang={language}&topic=hague_start_checklist", width=width)
    expect(page.locator(".progress")).to_have_count(1)
    return page


def _last(page: Page) -> Locator:
    return page.locator(".message").last


def _press(page: Page, title: str) -> None:
    """Press a button of the last message and wait for what it brings."""
    said = page.locator(".message").count()
    _last(page).get_by_role("button", name=title, exact=True).click()
    expect(page.locator(".message.visitor").last).to_have_text(title)
    _wait_for_reply(page, said)


def _wait_for_reply(page: Page, said: int) -> None:
    page.wait_for_function(
        "n => document.querySelectorAll('.message').length > n + 1"
        " && !document.querySelector('#send[aria-disabled]')",
        arg=said,
    )


def _send(page: Page, payload: str) -> None:
    """Do what a button of the page does, without finding it: on its way a word becomes one."""
    said = page.locator(".message").count()
    page.route(
        "**/api/chat/message",
        lambda route: route.continue_(post_data=json.dumps({"payload": payload})),
        times=1,
    )
    page.locator("#text").fill("…")
    page.locator("#text").press("Enter")
    _wait_for_reply(page, said)


def _walk_to(page: Page, item: str) -> None:
    for name in ORDER[: ORDER.index(item)]:
        _send(page, answer(name, GOOD[name]))


def _assert_labelled(page: Page) -> None:
    """Everything to fill in has a name that a screen reader says."""
    for field in page.locator("#conversation input").all():
        assert field.evaluate("field => [...field.labels].map(l => l.textContent.trim()).join('')")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", languages())
def test_a_question_shows_how_far_one_is(open_page: Open, language: str, width: int) -> None:
    page = _start(open_page, language, width)
    shown = page.locator(".progress").last
    numbers = re.findall(r"\d+", shown.inner_text())
    assert numbers == ["1", str(len(ORDER))]
    expect(shown.locator(".bar-of-steps")).to_have_attribute("aria-hidden", "true")
    before = _bar(shown)
    _last(page).locator(".buttons button").first.click()
    expect(page.locator(".progress")).to_have_count(2)
    shown = page.locator(".progress").last
    assert re.findall(r"\d+", shown.inner_text())[0] == "2"
    assert _bar(shown) > before
    assert_begins_in_sight(page)
    assert_fits(page)
    picture(page, f"checklist-question-{language}", width)


def _bar(progress: Locator) -> float:
    return float(
        progress.locator(".bar-of-steps span").evaluate("bar => bar.getBoundingClientRect().width")
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_several_options_are_ticked_and_sent(open_page: Open, width: int) -> None:
    page = _start(open_page, width=width)
    _walk_to(page, "q_proceedings")
    choices = _last(page).locator("fieldset.choices")
    expect(choices.locator("input[type=checkbox]")).to_have_count(6)
    _assert_labelled(page)
    send = choices.locator("button.send")
    said = page.locator(".message").count()
    send.click()
    expect(choices.locator("input").first).to_be_focused()
    assert page.locator(".message").count() == said, "nothing ticked, nothing sent"
    labels = choices.locator("label")
    labels.nth(1).click()
    # and by keyboard, as one who sees no pointer does
    choices.locator("input").nth(2).focus()
    page.keyboard.press("Space")
    titles = [labels.nth(number).inner_text() for number in (1, 2)]
    assert_fits(page)
    picture(page, "checklist-choices", width)
    send.click()
    expect(page.locator(".message.visitor").last).to_have_text("; ".join(titles))
    expect(_last(page).locator("fieldset.choices input")).to_have_count(7)
    assert re.findall(r"\d+", _last(page).locator(".progress").inner_text())[0] == "15"


@pytest.mark.parametrize("width", WIDTHS)
def test_papers_are_ticked_and_the_result_follows(open_page: Open, width: int) -> None:
    page = _start(open_page, width=width)
    _walk_to(page, "q_documents")
    choices = _last(page).locator("fieldset.choices")
    expect(choices.locator("input")).to_have_count(15)
    for number in (0, 2, 7):
        choices.locator("label").nth(number).click()
    assert_fits(page)
    picture(page, "checklist-documents", width)
    choices.locator("button.send").click()
    card = page.locator(".message.card").last
    expect(card).to_be_visible()
    assert card.locator(".buttons button").count() >= 7
    assert card.locator("a[href^='tel:']").count() >= 1
    assert_begins_in_sight(page)
    assert_fits(page)
    picture(page, "checklist-result", width)
    card.locator(".buttons button").nth(2).click()
    expect(_last(page).locator("li")).to_have_count(15)
    assert_begins_in_sight(page)
    assert_fits(page)
    picture(page, "checklist-detail", width)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_code_is_made_and_opened_in_forms(open_page: Open, width: int) -> None:
    page = _start(open_page, width=width)
    _walk_to(page, "q_event")
    _send(page, "/cancel")
    _press(page, catalogue.text("nl", "button_checklist_save"))
    form = page.locator("form.code")
    number = form.locator("input[name=number]")
    expect(number).to_have_attribute("inputmode", "numeric")
    expect(number).to_have_attribute("autocomplete", "off")
    _assert_labelled(page)
    said = page.locator(".message").count()
    form.locator("button[type=submit]").click()
    number.fill("12")
    form.locator("button[type=submit]").click()
    assert page.locator(".message").count() == said, "too short a number is not sent"
    assert_fits(page)
    picture(page, "checklist-code", width)
    number.fill(NUMBER)
    form.locator("button[type=submit]").click()
    made = _last(page).locator("strong")
    expect(made).to_be_visible()
    words = made.inner_text()
    assert len(words.split()) == 4
    expect(number).to_have_value("")
    _assert_nowhere(page, NUMBER)
    assert_fits(page)
    picture(page, "checklist-code-made", width)

    elsewhere = open_page("/?lang=tr", width=width)
    expect(elsewhere.locator(".message")).to_have_count(1)
    _send(elsewhere, "/checklist_open")
    form = elsewhere.locator("form.code")
    fields = form.locator("input")
    expect(fields).to_have_count(2)
    _assert_labelled(elsewhere)
    picture(elsewhere, "checklist-open", width)
    fields.nth(0).fill(words.upper())
    fields.nth(1).fill(NUMBER)
    fields.nth(1).press("Enter")
    expect(elsewhere.locator(".progress")).to_have_count(1)
    assert re.findall(r"\d+", elsewhere.locator(".progress").inner_text())[0] == "6"
    _assert_nowhere(elsewhere, NUMBER)
    assert words.upper() not in elsewhere.locator("#conversation").inner_text()
    assert_fits(elsewhere)
    picture(elsewhere, "checklist-opened", width)


def _assert_nowhere(page: Page, text: str) -> None:
    """Neither shown nor kept by the page."""
    assert text not in page.evaluate("JSON.stringify(sessionStorage)")
    assert text not in page.evaluate("JSON.stringify(localStorage)")
    assert text not in page.content()


def test_a_reload_brings_the_question_back_as_it_was(open_page: Open) -> None:
    page = _start(open_page)
    _walk_to(page, "q_proceedings")
    page.reload()
    choices = page.locator("fieldset.choices").last
    expect(choices.locator("input")).to_have_count(6)
    wait_for_rest(page)
    choices.locator("label").first.click()
    choices.locator("button.send").click()
    expect(_last(page).locator("fieldset.choices input")).to_have_count(7)


def test_a_date_is_typed_and_noted(open_page: Open) -> None:
    page = _start(open_page)
    _walk_to(page, "q_date")
    said = page.locator(".message").count()
    page.locator("#text").fill(days_ago(30).partition("/")[0])
    page.keyboard.press("Enter")
    expect(page.locator(".message")).to_have_count(said + 3)
    assert "8" in _last(page).locator(".progress").inner_text()
