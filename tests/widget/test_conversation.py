"""The conversation in the widget: what is shown, sent, kept, and sent again."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from visitor_stub import LONG, Kompas, every_part, message
from waiting import wait_for, wait_for_equal
from widget_visit import Visit, held, hold, wait_for_answers


def said(page: Page, kompas: Kompas, *messages: dict[str, object], text: str = "dag") -> None:
    """Say `text` and be answered with `messages`."""
    before = page.locator(".message:not(.visitor)").count()
    kompas.next = list(messages)
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")
    wait_for_answers(page, before + len(messages))
    kompas.next = None


@pytest.fixture
def page(visit: Visit) -> Page:
    page = visit.full_page()
    wait_for_answers(page, 1)
    return page


def test_a_list_is_a_list_and_emphasis_is_emphasis(page: Page, kompas: Kompas) -> None:
    said(page, kompas, every_part()[0])
    last = page.locator(".message").last
    expect(last.locator("ul:not(.links) li")).to_have_count(2)
    expect(last.locator("ol li")).to_have_count(2)
    expect(last.locator("strong")).to_have_text("een")
    expect(last.locator(".reviewed")).to_contain_text("22 november 2026")


def test_several_answers_are_ticked_and_sent_together(page: Page, kompas: Kompas) -> None:
    said(page, kompas, every_part()[1])
    last = page.locator(".message").last
    expect(last.locator(".progress")).to_contain_text("Stap 4 van 18")
    expect(last.locator(".buttons button")).to_have_text(["Overslaan"])
    last.get_by_role("button", name="Verstuur").click()
    expect(last.get_by_label("Eerste")).to_be_focused()
    last.get_by_label("Eerste").check()
    last.get_by_label("Tweede").check()
    last.get_by_role("button", name="Verstuur").click()
    expect(page.locator(".message.visitor").last).to_have_text("Eerste; Tweede")
    sent = {"payload": '/checklist_answer{"answer": "q=a+b"}'}
    wait_for_equal(page, lambda: kompas.said[-1], sent)


def test_it_says_it_is_busy_while_a_request_is_under_way_and_only_then(page: Page) -> None:
    waiting = hold(page.context, "**/api/chat/message")
    expect(page.locator("#status")).to_have_text("")
    page.locator(".message button").click()
    expect(page.locator("#status")).to_have_text("Bezig met uw bericht")
    expect(page.locator("#send")).to_have_attribute("aria-disabled", "true")
    held(page, waiting).continue_()
    wait_for_answers(page, 2)
    expect(page.locator("#status")).to_have_text("")


def test_of_several_messages_the_first_is_in_sight(page: Page, kompas: Kompas) -> None:
    said(page, kompas, message("Bel nu 112.", kind="emergency"), message(LONG), message(LONG))
    expect(page.locator(".emergency.message")).to_be_in_viewport()
    wait_for(
        page,
        lambda: page.evaluate("""() =>
          document.querySelector(".emergency.message").getBoundingClientRect().top
          >= document.querySelector("header").getBoundingClientRect().bottom"""),
    )


def test_a_long_text_folds_and_an_emergency_does_not(page: Page, kompas: Kompas) -> None:
    said(page, kompas, message(LONG), message(LONG, kind="emergency"))
    folded, urgent = page.locator(".message").nth(-2), page.locator(".message").nth(-1)
    expect(folded.get_by_text("Alinea 1.")).to_be_visible()
    expect(folded.get_by_text("Alinea 5.")).to_be_hidden()
    folded.locator("summary").click()
    expect(folded.get_by_text("Alinea 5.")).to_be_visible()
    expect(urgent.get_by_text("Alinea 5.")).to_be_visible()


def test_a_code_number_is_shown_and_kept_nowhere(page: Page, kompas: Kompas) -> None:
    said(page, kompas, every_part()[3])
    page.get_by_label("Getal").fill("482199")
    page.get_by_role("button", name="Ok").click()
    wait_for_answers(page, 3)
    assert kompas.codes == [{"number": "482199"}]
    assert "482199" not in page.evaluate("JSON.stringify(sessionStorage)") + page.content()
    expect(page.get_by_label("Getal")).to_have_value("")


def test_a_file_is_fetched_with_the_token(page: Page, kompas: Kompas) -> None:
    said(page, kompas, every_part()[5])
    with page.expect_download() as download:
        page.get_by_role("button", name="Agenda").click()
    assert download.value.suggested_filename == "kompas.ics"
    expect(page.get_by_role("link", name="Meer")).to_have_attribute("rel", "noreferrer")


def test_a_link_that_is_no_page_and_no_number_is_left_out(page: Page, kompas: Kompas) -> None:
    said(page, kompas, message("x", links=[{"title": "kwaad", "url": "javascript:alert(1)"}]))
    assert page.get_by_text("kwaad").count() == 0


def test_a_lost_reply_is_asked_for_again_and_said_once(
    visit: Visit, page: Page, kompas: Kompas
) -> None:
    kompas.lose_replies = 1
    page.locator("#text").fill("wat kost een advocaat")
    page.locator("#text").press("Enter")
    expect(page.locator("#status button")).to_be_visible()
    expect(page.locator("#trouble a[href='tel:112']")).to_be_visible()
    page.locator("#status button").click()
    wait_for_answers(page, 2)
    expect(page.locator(".message.visitor")).to_have_count(1)
    expect(page.locator("#trouble")).to_be_empty()
    assert kompas.said == [{"text": "wat kost een advocaat"}]


def test_a_reload_while_waiting_asks_again_and_says_once(
    visit: Visit, page: Page, kompas: Kompas
) -> None:
    kompas.lose_replies = 1
    page.locator("#text").fill("dag")
    page.locator("#text").press("Enter")
    expect(page.locator("#status button")).to_be_visible()
    page.reload()
    wait_for_answers(page, 2)
    expect(page.locator(".message.visitor")).to_have_count(1)
    assert kompas.said == [{"text": "dag"}]
    assert len(kompas.starts) == 1


def test_the_numbers_open_without_the_server(visit: Visit, page: Page) -> None:
    visit.context.set_offline(True)
    page.locator("#help").click()
    expect(page.locator("#numbers a[href='tel:112']")).to_be_visible()
    page.locator("#help").click()
    expect(page.locator("#numbers a")).to_have_count(0)


def test_a_site_has_its_own_number_among_them(visit: Visit) -> None:
    visit.host_page(visit.tag(embed="buren"))
    frame = visit.open_widget()
    wait_for_answers(frame, 1)
    frame.locator("#help").click()
    expect(frame.locator("#numbers a[href='tel:0201234567']")).to_be_visible()
    frame.locator("[data-language=tr]").click()
    expect(frame.locator("html")).to_have_attribute("lang", "tr")


def test_the_page_changes_its_words_with_the_conversation(page: Page, kompas: Kompas) -> None:
    said(page, kompas, message("antwoord"))
    page.locator("[data-language=pl]").click()
    expect(page.locator("html")).to_have_attribute("lang", "pl")
    expect(page.locator("#send")).to_have_text("Wyślij")
    expect(page.locator("[data-language=pl]")).to_have_attribute("aria-current", "true")
    expect(page.locator(".message").last).to_have_attribute("lang", "pl")
    expect(page.locator(".message").first).to_have_attribute("lang", "nl")
    wait_for_equal(page, lambda: kompas.said[-1], {"lang": "pl"})
    page.reload()
    expect(page.locator("#send")).to_have_text("Wyślij")


def test_before_anything_is_said_the_conversation_begins_in_the_other_language(
    page: Page, kompas: Kompas
) -> None:
    page.locator("[data-language=tr]").click()
    expect(page.locator(".message")).to_have_text(["welkom trknop tr"])
    expect(page.locator("html")).to_have_attribute("lang", "tr")
    assert [start["lang"] for start in kompas.starts] == ["nl", "tr"]
    wait_for_equal(page, lambda: kompas.ended, ["token-1"])


def test_a_language_chosen_while_a_reply_is_under_way_comes_after_it(
    page: Page, kompas: Kompas
) -> None:
    waiting = hold(page.context, "**/api/chat/message")
    page.locator(".message button").click()
    expect(page.locator("#status")).not_to_have_text("")
    page.locator("[data-language=pl]").click()
    held(page, waiting).continue_()
    wait_for_answers(page, 3)
    expect(page.locator("html")).to_have_attribute("lang", "pl")
    assert kompas.said == [{"payload": "/button"}, {"lang": "pl"}]


def test_a_conversation_that_the_server_forgot_can_begin_anew(page: Page, kompas: Kompas) -> None:
    page.context.route(
        "**/api/chat/message",
        lambda route: route.fulfill(
            status=401,
            content_type="application/json",
            body=json.dumps({"error": "unauthorized", "message": "Dit gesprek is afgelopen."}),
        ),
    )
    page.locator(".message button").click()
    expect(page.locator("#status")).to_contain_text("Dit gesprek is afgelopen.")
    page.locator("#status button").click()
    expect(page.locator(".message.visitor")).to_have_count(0)
    wait_for_answers(page, 1)
    assert len(kompas.starts) == 2


def test_a_gateway_that_sends_its_own_error_page_is_no_silence(page: Page) -> None:
    page.context.route(
        "**/api/chat/message",
        lambda route: route.fulfill(status=502, content_type="text/html", body="<h1>Bad</h1>"),
    )
    page.locator(".message button").click()
    expect(page.locator("#status")).to_contain_text("112")
    expect(page.locator("#status button")).to_be_visible()


def test_what_is_too_long_is_said_so_and_stays_in_its_field(page: Page, kompas: Kompas) -> None:
    page.evaluate("document.getElementById('text').removeAttribute('maxlength')")
    page.locator("#text").fill("a" * 2_001)
    page.locator("#text").press("Enter")
    expect(page.locator("#status")).to_contain_text("2.000")
    assert kompas.said == []
    assert len(page.locator("#text").input_value()) == 2_001


def test_a_browser_that_keeps_nothing_still_talks(arrive: Callable[..., Visit]) -> None:
    visit = arrive()
    visit.context.add_init_script("""Object.defineProperty(window, "sessionStorage", {
      get() { throw new DOMException("no", "SecurityError"); } });""")
    page = visit.full_page()
    wait_for_answers(page, 1)
    page.locator(".message button").click()
    wait_for_answers(page, 2)
    page.locator("#exit").click()
    page.wait_for_url("https://www.buienradar.nl/**")
    wait_for_equal(page, lambda: visit.kompas.ended, ["token-1"])


def test_nothing_is_asked_of_anybody_else(visit: Visit, page: Page, kompas: Kompas) -> None:
    said(page, kompas, *every_part())
    assert visit.elsewhere == []
    assert visit.context.cookies() == []
    assert page.evaluate("localStorage.length") == 0
