"""Leaving: blank at once, ended on the server, nothing left and nothing coming back."""

from __future__ import annotations

from collections.abc import Callable

import elsewhere
from playwright.sync_api import Frame, Page, expect
from visitor_stub import Kompas
from waiting import leave_by_keys, wait_for, wait_for_equal
from widget_visit import Visit, held, hold, wait_for_answers

NEUTRAL = "https://www.buienradar.nl/**"


def talk(page: Page | Frame) -> None:
    """Say something that must not be found afterwards."""
    wait_for_answers(page, 1)
    page.locator("#text").fill("mijn kind Merel")
    page.locator("#text").press("Enter")
    wait_for_answers(page, 2)


def on_its_own(visit: Visit) -> Page:
    return visit.full_page()


def under_the_tag(visit: Visit) -> Frame:
    visit.host_page(visit.tag(embed="buren"))
    return visit.open_widget()


def in_a_plain_frame(visit: Visit) -> Frame:
    visit.host_page(
        f'<iframe src="{visit.kompas.address}/embed?embed=buren" height="600"></iframe>'
    )
    return visit.frame()


WAYS = [on_its_own, under_the_tag, in_a_plain_frame]


def test_escape_on_the_page_around_leaves_too_once_kompas_is_open(
    arrive: Callable[..., Visit], kompas: Kompas
) -> None:
    visit = arrive(width=1280)
    frame = under_the_tag(visit)
    talk(frame)
    visit.page.locator("h1").click()
    leave_by_keys(visit.page, lambda: visit.elsewhere)
    visit.page.wait_for_url(NEUTRAL)
    wait_for_equal(visit.page, lambda: kompas.ended, ["token-1"])


def test_before_it_is_open_escape_belongs_to_the_page(visit: Visit) -> None:
    visit.host_page(visit.tag(embed="buren"))
    for _ in range(4):
        visit.page.keyboard.press("Escape")
    expect(visit.page.get_by_role("button", name="Kompas openen")).to_be_visible()


def test_other_keys_between_and_a_key_held_down_do_not_leave(visit: Visit) -> None:
    page = visit.full_page()
    talk(page)
    for key in ["Escape", "Escape", "a", "Escape"]:
        page.locator("#text").press(key)
    for _ in range(5):
        page.keyboard.down("Escape")
    page.keyboard.up("Escape")
    expect(page.locator(".message.visitor")).to_have_count(1)


def test_the_page_around_goes_blank_with_it(visit: Visit) -> None:
    seen: list[str] = []
    visit.page.expose_function("note", lambda what: seen.append(what))
    visit.page.add_init_script("""
      new MutationObserver(() => {
        const all = document.documentElement;
        if (self === top && (!all || getComputedStyle(all).display === "none")) note("blank");
      }).observe(document, { attributes: true, childList: true, subtree: true });
    """)
    frame = under_the_tag(visit)
    talk(frame)
    seen.clear()
    waiting = hold(visit.context, NEUTRAL)
    frame.locator("#exit").click(no_wait_after=True)
    # the other page is asked for and does not come: what a person sees meanwhile is nothing
    wait_for(visit.page, lambda: seen)
    held(visit.page, waiting).fulfill(content_type="text/html", body=elsewhere.PAGE)
    visit.page.wait_for_url(NEUTRAL)


def test_a_page_that_asks_before_it_is_left_is_not_heard(visit: Visit) -> None:
    asks = """<script>
      addEventListener("beforeunload", (event) => event.preventDefault());
      onbeforeunload = () => "Weet u het zeker?";
    </script>"""
    visit.host_page(visit.tag(embed="buren"), head=asks)
    asked: list[str] = []
    visit.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    frame = visit.open_widget()
    talk(frame)
    frame.locator("#exit").click()
    visit.page.wait_for_url(NEUTRAL)
    assert asked == []


def test_a_script_of_the_page_cannot_send_the_visitor_elsewhere(
    visit: Visit, kompas: Kompas
) -> None:
    visit.host_page(visit.tag(embed="buren"))
    frame = visit.open_widget()
    talk(frame)
    visit.page.evaluate("""() => {
      for (const origin of ["*", location.origin]) {
        postMessage({ kompas: "exit", exit: "https://evil.example" }, origin);
      }
    }""")
    # the message was heard by then: one to itself comes after those before it
    visit.page.evaluate("""() => new Promise((heard) => {
      addEventListener("message", ({ data }) => data === "last" && heard());
      postMessage("last", "*");
    })""")
    expect(visit.page.locator("h1")).to_be_visible()
    assert kompas.ended == []


def test_a_reply_that_comes_after_leaving_is_kept_nowhere(visit: Visit) -> None:
    page = visit.full_page()
    wait_for_answers(page, 1)
    waiting = hold(visit.context, "**/api/chat/message")
    page.locator("#text").fill("mijn kind Merel")
    page.locator("#text").press("Enter")
    expect(page.locator("#status")).not_to_have_text("")
    route = held(page, waiting)
    # without going: the page stays to be looked at
    page.evaluate("kompas.left = true; kompas.forget()")
    with page.expect_response("**/api/chat/message"):
        route.continue_()
    page.evaluate("new Promise((next) => setTimeout(next))")
    assert page.evaluate("Object.keys(sessionStorage).length") == 0
    expect(page.locator(".message:not(.visitor)")).to_have_count(1)


def test_the_exit_works_when_the_conversation_did_not_load(visit: Visit, kompas: Kompas) -> None:
    visit.context.route("**/main.js", lambda route: route.abort())
    page = visit.full_page()
    page.evaluate("sessionStorage.setItem('kompas', JSON.stringify({token: 'kept', items: []}))")
    page.locator("#exit").click()
    visit.page.wait_for_url(NEUTRAL)
    # the request outlives the page, and may come in after it has gone
    wait_for_equal(page, lambda: kompas.ended, ["kept"])


def test_the_exit_works_when_the_server_is_away(visit: Visit, kompas: Kompas) -> None:
    page = visit.full_page()
    talk(page)
    visit.context.route(f"{kompas.address}/**", lambda route: route.abort())
    page.locator("#exit").click()
    visit.page.wait_for_url(NEUTRAL)


def test_neither_address_nor_title_shows_the_topic(visit: Visit, kompas: Kompas) -> None:
    page = visit.full_page("/?lang=nl&topic=threat_abduction")
    wait_for_answers(page, 1)
    assert kompas.starts == [{"lang": "nl", "topic": "threat_abduction"}]
    wait_for(page, lambda: "topic" not in page.url)
    assert page.title() == "Kompas"
