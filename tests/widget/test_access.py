"""Who listens, types, magnifies, or sees other colours."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from visitor_stub import LONG, Kompas, every_part, message
from widget_visit import Visit, wait_for_answers

from bot.languages import languages

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def everything(page: Page, kompas: Kompas) -> None:
    """A conversation with one message of each kind."""
    wait_for_answers(page, 1)
    kompas.next = [*every_part(), message(LONG)]
    page.locator("#text").fill("dag")
    page.locator("#text").press("Enter")
    wait_for_answers(page, 1 + len(kompas.next))
    kompas.next = None


def assert_nothing_is_cut(page: Page) -> None:
    """No line runs out of the side."""
    wide = page.evaluate("""() => [...document.querySelectorAll("body *:not(.aloud, .aloud *)")]
      .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
      .map((each) => each.tagName + "." + each.className)""")
    assert wide == []


QUERIES = ["lang=nl", "embed=buren&lang=tr", "embed=buren&card=1&lang=pl", "embed=buren&lang=en"]


@pytest.mark.parametrize("query", QUERIES)
def test_axe_finds_nothing_without_a_conversation(
    arrive: Callable[..., Visit], kompas: Kompas, query: str
) -> None:
    visit = arrive(bypass_csp=True)
    visit.context.route("**/api/chat/start", lambda route: route.abort())
    page = visit.full_page(f"/embed?{query}")
    expect(page.locator("a.number:visible").first).to_be_visible()
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def test_a_new_message_is_read_once_and_then_gone(visit: Visit, kompas: Kompas) -> None:
    visit.page.clock.install()
    page = visit.full_page()
    wait_for_answers(page, 1)
    page.evaluate("""() => {
      window.heard = [];
      new MutationObserver((changes) => {
        for (const change of changes) {
          for (const node of change.addedNodes) heard.push(node.lang + ":" + node.textContent);
        }
      }).observe(document.querySelector("[aria-live]"), { childList: true, subtree: true });
    }""")
    kompas.next = [message("**Eerste** deel", buttons=[{"title": "Knop", "payload": "/x"}])]
    page.locator("#text").fill("dag")
    page.locator("#text").press("Enter")
    wait_for_answers(page, 2)
    assert page.evaluate("heard") == ["nl:Eerste deel"]
    page.clock.run_for(20_000)
    expect(page.locator("#aloud")).to_be_empty()
    page.reload()
    wait_for_answers(page, 2)
    expect(page.locator("#aloud")).to_be_empty()
    assert page.locator("[aria-live], [role=log], [role=alert]").count() == 1


def test_the_focus_stays_where_it_was(visit: Visit, kompas: Kompas) -> None:
    page = visit.full_page()
    wait_for_answers(page, 1)
    assert page.evaluate("document.activeElement === document.body"), "nothing is taken at first"
    page.locator("#text").fill("dag")
    page.locator("#text").press("Enter")
    wait_for_answers(page, 2)
    expect(page.locator("#text")).to_be_focused()


@pytest.mark.parametrize("width", [360, 1280])
def test_with_forced_colours_parts_can_be_told_apart(
    arrive: Callable[..., Visit], kompas: Kompas, width: int
) -> None:
    visit = arrive(width=width, forced_colors="active")
    page = visit.full_page()
    everything(page, kompas)
    for part in ["header .exit", ".message.visitor", ".message >> nth=0", ".bar-of-steps"]:
        style = page.locator(part).first.evaluate(
            "each => { const s = getComputedStyle(each);"
            " return [s.borderTopStyle, s.borderTopColor, s.backgroundColor]; }"
        )
        assert style[0] == "solid", part
        assert style[1] != style[2], part


def test_nothing_moves_for_who_asked_for_rest(arrive: Callable[..., Visit], kompas: Kompas) -> None:
    visit = arrive(reduced_motion="reduce")
    page = visit.full_page()
    everything(page, kompas)
    assert page.evaluate("document.getAnimations().length") == 0


def test_right_to_left_turns_everything_around(visit: Visit, kompas: Kompas) -> None:
    page = visit.full_page()
    everything(page, kompas)
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert_nothing_is_cut(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    mine, theirs = page.locator(".message.visitor"), page.locator(".message").first
    box, other = mine.bounding_box(), theirs.bounding_box()
    assert box is not None
    assert other is not None
    assert box["x"] == pytest.approx(other["x"], abs=1)
    assert box["width"] < other["width"]


def test_the_page_works_without_a_script_in_every_language(arrive: Callable[..., Visit]) -> None:
    visit = arrive(script=False)
    page = visit.full_page("/embed?embed=buren&lang=nl")
    for language in sorted(languages(), key=lambda each: each == "nl"):
        page.locator(f"[data-language={language}]").click()
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator("#fallback a[href='tel:0201234567']")).to_be_visible()
