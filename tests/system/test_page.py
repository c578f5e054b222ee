"""The chat page in a real browser, on a small phone and on a desk."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from stack import ROOT, Stack, Watch, fetch
from waiting import wait_for, wait_for_equal
from widget_steps import is_gone

from bot.languages import languages

WIDTHS = [360, 1280]
SCREENSHOTS = ROOT / "build/screenshots"


def answers(page: Page) -> list[str]:
    """What the assistant said, in order."""
    return page.locator(".message:not(.visitor)").all_inner_texts()


def wait_for_answers(page: Page, count: int) -> None:
    """Until the assistant has said so much."""
    expect(page.locator(".message:not(.visitor)")).to_have_count(count)


def picture(page: Page, name: str, width: int) -> None:
    """Keep what the page looks like."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}-{width}.png")


def assert_fits(page: Page) -> None:
    """Nothing runs out of the side of the screen; a page that has just come is laid out first."""
    wait_for(
        page,
        lambda: page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        ),
    )


def assert_begins_in_sight(page: Page) -> None:
    """The first line of the last message, the answer itself, is not under the strip."""
    wait_for(
        page,
        lambda: page.evaluate("""() =>
          [...document.querySelectorAll(".message")].at(-1).getBoundingClientRect().top
          >= document.querySelector("header").getBoundingClientRect().bottom"""),
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_a_question_is_typed_and_answered(open_page: Callable[..., Page], width: int) -> None:
    page = open_page(width=width)
    wait_for_answers(page, 1)
    expect(page.locator(".note")).to_be_in_viewport()
    picture(page, "welcome", width)
    page.get_by_label("Uw vraag").fill("wat is internationale kinderontvoering")
    page.keyboard.press("Enter")
    wait_for_answers(page, 2)
    expect(page.locator(".message.visitor")).to_have_text("wat is internationale kinderontvoering")
    expect(page.get_by_label("Uw vraag")).to_have_value("")
    expect(page.locator("#status")).to_have_text("")
    assert_fits(page)
    picture(page, "answer", width)


EMERGENCIES = {
    "nl": "help hij slaat mij nu",
    "tr": "eşim şu anda çocukla havaalanında",
    "pl": "on mnie teraz bije, pomocy",
    "en": "help he is hitting me right now",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("language", "words"), EMERGENCIES.items())
def test_the_card_in_an_emergency_can_be_read(
    open_page: Callable[..., Page], language: str, words: str, scheme: Literal["light", "dark"]
) -> None:
    page = open_page(f"/?lang={language}")
    page.emulate_media(color_scheme=scheme)
    wait_for_answers(page, 1)
    page.locator("#text").fill(words)
    page.keyboard.press("Enter")
    expect(page.locator(".message.emergency").first).to_be_visible()
    picture(page, f"emergency-{language}-{scheme}", 360)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", languages())
def test_a_button_is_pressed_and_answered(
    open_page: Callable[..., Page], language: str, width: int
) -> None:
    page = open_page(f"/?lang={language}", width=width)
    wait_for_answers(page, 1)
    button = page.locator(".message .buttons button").first
    title = button.inner_text()
    button.click()
    wait_for_answers(page, 2)
    expect(page.locator(".message.visitor")).to_have_text(title)
    expect(page.locator(".message").last).to_have_attribute("lang", language)
    assert page.locator(".message").last.locator("li").count() >= 2, "the steps are a list"
    assert "**" not in answers(page)[1]
    assert_begins_in_sight(page)
    assert_fits(page)
    picture(page, f"button-{language}", width)


def test_a_line_end_is_typed_with_shift(open_page: Callable[..., Page]) -> None:
    page = open_page()
    wait_for_answers(page, 1)
    page.locator("#text").press_sequentially("mag ik reizen")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("met mijn kind")
    expect(page.locator("#text")).to_have_value("mag ik reizen\nmet mijn kind")
    page.keyboard.press("Enter")
    wait_for_answers(page, 2)


@pytest.mark.parametrize("width", WIDTHS)
def test_without_script_the_numbers_and_the_exit_are_there(
    open_page: Callable[..., Page], width: int
) -> None:
    page = open_page(width=width, script=False)
    emergency = page.locator("header .emergency")
    expect(emergency).to_be_visible()
    expect(emergency).to_have_attribute("href", "tel:112")
    expect(page.locator("a#exit")).to_have_attribute("href", "https://www.buienradar.nl")
    expect(page.locator("#fallback p")).to_be_visible()
    picture(page, "no-script", width)
    page.locator("a[href^='/help']").click()
    expect(page.locator("a.number[href='tel:112']")).to_be_visible()
    assert page.locator("a.number[href^='tel:']").count() >= 5


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", languages())
def test_the_help_page_lists_whom_to_call(
    open_page: Callable[..., Page], language: str, width: int
) -> None:
    page = open_page(f"/help?lang={language}", width=width)
    expect(page.locator("html")).to_have_attribute("lang", language)
    for link in page.locator("a.number").all():
        assert (link.get_attribute("href") or "").startswith("tel:")
    assert_fits(page)
    picture(page, f"help-{language}", width)


def test_the_language_of_a_conversation_is_switched_on_the_page(
    open_page: Callable[..., Page],
) -> None:
    page = open_page()
    wait_for_answers(page, 1)
    page.locator(".message .buttons button").first.click()
    wait_for_answers(page, 2)
    page.get_by_role("link", name="Türkçe").click()
    wait_for_answers(page, 4)
    last = page.locator(".message").last
    expect(last).to_have_attribute("lang", "tr")
    assert answers(page)[3] != answers(page)[1]


def test_before_anything_is_said_the_page_itself_changes(open_page: Callable[..., Page]) -> None:
    page = open_page()
    wait_for_answers(page, 1)
    page.get_by_role("link", name="Polski").click()
    expect(page.locator("html")).to_have_attribute("lang", "pl")
    wait_for_answers(page, 1)
    expect(page.locator(".message").first).to_have_attribute("lang", "pl")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_quick_exit_blanks_ends_and_cannot_be_gone_back_on(
    open_page: Callable[..., Page], stack: Stack, watch: Watch, width: int
) -> None:
    watch.exit_expected = True
    page = open_page("/help?lang=nl", width=width)
    page.goto(f"{stack.address}/?lang=nl")
    wait_for_answers(page, 1)
    page.locator("#text").fill("Mijn kind heet Merel")
    page.keyboard.press("Enter")
    wait_for_answers(page, 2)
    token = json.loads(page.evaluate("sessionStorage.getItem('kompas')"))["token"]
    page.locator("#exit").click()
    page.wait_for_url("https://www.buienradar.nl/**")
    wait_for_equal(page, lambda: watch.other_hosts, ["https://www.buienradar.nl/"])
    assert is_gone(page, stack, token)
    page.go_back()
    assert "/help" in page.url, "the conversation has left the history"
    assert "Merel" not in page.content()
    page.goto(f"{stack.address}/?lang=nl")
    wait_for_answers(page, 1)
    assert "Merel" not in page.content()


def test_the_quick_exit_hides_the_page_before_the_other_one_comes(
    open_page: Callable[..., Page], watch: Watch
) -> None:
    watch.exit_expected = True
    page = open_page()
    wait_for_answers(page, 1)
    # in one go: whatever the other page takes to come, this is what the screen shows
    left = page.evaluate(
        """() => {
          document.getElementById("exit").click();
          return [document.documentElement.hidden, document.title, sessionStorage.length];
        }"""
    )
    assert left == [True, "", 0]
    page.wait_for_url("https://www.buienradar.nl/**")


def test_html_of_a_visitor_is_shown_as_text(open_page: Callable[..., Page]) -> None:
    page = open_page()
    wait_for_answers(page, 1)
    text = "<img src=x onerror=\"document.title='taken'\"><b>vet</b> & <script>1</script>"
    page.locator("#text").fill(text)
    page.keyboard.press("Enter")
    wait_for_answers(page, 2)
    expect(page.locator(".message.visitor")).to_have_text(text)
    page.reload()
    expect(page.locator(".message.visitor")).to_have_text(text)
    assert page.locator("#conversation img, #conversation b, #conversation script").count() == 0
    assert page.title() == "Kompas"


def test_the_conversation_survives_a_reload_of_the_page(open_page: Callable[..., Page]) -> None:
    page = open_page()
    wait_for_answers(page, 1)
    page.locator(".message .buttons button").first.click()
    wait_for_answers(page, 2)
    before = answers(page)
    page.reload()
    wait_for_answers(page, 2)
    assert answers(page) == before
    page.locator(".message").last.locator(".buttons button").first.click()
    wait_for_answers(page, 3)


def test_ending_wipes_the_page_and_offers_a_new_conversation(
    open_page: Callable[..., Page], stack: Stack
) -> None:
    page = open_page()
    wait_for_answers(page, 1)
    token = json.loads(page.evaluate("sessionStorage.getItem('kompas')"))["token"]
    page.locator("#end").click()
    wait_for_answers(page, 0)
    assert is_gone(page, stack, token)
    page.locator("#status button").click()
    wait_for_answers(page, 1)


def test_without_a_connection_nothing_typed_is_lost(
    open_page: Callable[..., Page], watch: Watch
) -> None:
    watch.errors_expected = True
    page = open_page()
    wait_for_answers(page, 1)
    page.context.set_offline(True)
    page.locator("#text").fill("wat kost een advocaat")
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_contain_text("112")
    page.context.set_offline(False)
    wait_for_answers(page, 2)
    expect(page.locator(".message.visitor")).to_have_count(1)
    expect(page.locator("#status")).to_have_text("")


def test_a_conversation_that_the_server_forgot_can_begin_anew(
    open_page: Callable[..., Page], stack: Stack, watch: Watch
) -> None:
    watch.errors_expected = True
    page = open_page()
    wait_for_answers(page, 1)
    token = json.loads(page.evaluate("sessionStorage.getItem('kompas')"))["token"]
    fetch(stack, "POST", "/api/chat/end", headers={"Authorization": f"Bearer {token}"})
    page.locator(".message .buttons button").first.click()
    page.locator("#status button").click()
    wait_for_answers(page, 1)
    page.locator(".message .buttons button").first.click()
    wait_for_answers(page, 2)
