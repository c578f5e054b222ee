"""The page for organisations in a browser, and what is copied from it on somebody else's page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FrameLocator, Page, expect
from visitor_stub import Kompas
from waiting import wait_for, wait_for_equal
from widget_visit import Visit, wait_for_answers

from bot import catalogue
from bot.languages import languages
from web.keys import SETTINGS
from web.sites import Sites

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
Arrive = Callable[..., Visit]


class WithKit(Kompas):
    """The stub with the setting that the page needs."""

    def application(self, sites: Sites) -> web.Application:
        app = super().application(sites)
        settings: Any = SimpleNamespace(public_url="")
        app[SETTINGS] = settings
        return app


@pytest.fixture(scope="module")
def running(sites: Sites) -> Iterator[Kompas]:
    server = WithKit()
    server.start(server.application(sites))
    yield server
    server.close()


def snippet(visit: Visit, name: str) -> str:
    """What stands to be copied on the page."""
    return visit.page.locator(f"#snippet-{name}").input_value()


def holding(part: str) -> re.Pattern[str]:
    return re.compile(re.escape(part))


def kit(visit: Visit, query: str = "lang=nl&embed=buren") -> Page:
    page = visit.full_page(f"/kit?{query}")
    page.locator("#preview").scroll_into_view_if_needed()
    wait_for_answers(preview(page), 1)
    return page


def preview(page: Page) -> FrameLocator:
    """The frame that stands there now: each choice brings another one."""
    return page.frame_locator("#preview iframe[src*='/kit/preview']")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", sorted(languages()))
def test_axe_finds_nothing(arrive: Arrive, language: str, width: int) -> None:
    scheme = "dark" if width == 360 else "light"
    visit = arrive(width=width, height=900, bypass_csp=True, color_scheme=scheme)
    page = kit(visit, f"lang={language}&embed=fout&accent=%23ffcc00&accent_dark=%23222222")
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("language", sorted(languages()))
def test_nothing_is_lost_on_a_small_screen(arrive: Arrive, language: str) -> None:
    visit = arrive(width=320, height=640)
    page = kit(visit, f"lang={language}&embed=buren&accent=%23ffcc00")
    for letters in (100, 200):
        page.evaluate("percent => document.documentElement.style.fontSize = percent + '%'", letters)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        wide = page.evaluate("""() => [...document.querySelectorAll("body *:not(.hidden)")]
          .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
          .map((each) => each.tagName + "." + each.className)""")
        assert wide == [], letters


@pytest.mark.parametrize("name", ["tag", "element"])
def test_code_with_a_button_opens_kompas_on_their_page(
    visit: Visit, kompas: Kompas, name: str
) -> None:
    kit(visit, "lang=nl&embed=buren&speak=nl&topic=lawyer")
    code, policy = snippet(visit, name), snippet(visit, "policy")
    kompas.reset()
    visit.host_page(code, policy=f"default-src 'none'; {policy}")
    wait_for_answers(visit.open_widget(), 1)
    assert kompas.starts == [{"lang": "nl", "topic": "lawyer", "embed": "buren"}]
    assert visit.console == []


def test_code_for_a_frame_opens_kompas_on_their_page(visit: Visit, kompas: Kompas) -> None:
    kit(visit, "lang=nl&embed=buren&speak=tr")
    code, policy = snippet(visit, "frame"), snippet(visit, "policy")
    kompas.reset()
    visit.host_page(code, policy=f"default-src 'none'; {policy}")
    visit.page.locator("iframe").scroll_into_view_if_needed()
    wait_for_answers(visit.frame(), 1)
    assert kompas.starts == [{"lang": "tr", "embed": "buren"}]
    assert visit.console == []


def test_the_link_opens_kompas(visit: Visit, kompas: Kompas) -> None:
    kit(visit, "lang=nl&embed=buren&speak=pl&topic=lawyer")
    link = snippet(visit, "link")
    kompas.reset()
    visit.page.goto(link)
    wait_for_answers(visit.page, 1)
    assert kompas.starts == [{"lang": "pl", "topic": "lawyer", "embed": "buren"}]


@pytest.mark.parametrize("name", ["tag", "element"])
def test_without_scripts_the_code_leaves_a_link(arrive: Arrive, name: str) -> None:
    copied = arrive()
    kit(copied)
    code = snippet(copied, name)
    visit = arrive(script=False)
    visit.host_page(code)
    visit.page.get_by_role("link", name="Kompas").click()
    expect(visit.page.locator("header .emergency")).to_be_visible()


def test_a_text_is_copied_by_keyboard_and_that_is_said(arrive: Arrive) -> None:
    language = "tr"
    visit = arrive()
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = kit(visit, f"lang={language}&embed=buren")
    for name in ("tag", "entry"):
        label = catalogue.text(language, "web_kit_copy")
        field = page.locator(f"#snippet-{name}")
        field.focus()
        page.keyboard.press("Tab")
        button = page.locator(f"[data-copy=snippet-{name}]")
        expect(button).to_be_focused()
        assert (button.get_attribute("aria-label") or "").startswith(f"{label}: ")
        page.keyboard.press("Enter")
        said = page.locator(f".copying:has([data-copy=snippet-{name}]) [role=status]")
        expect(said).to_have_text(catalogue.text(language, "web_kit_copied"))
        copied = field.input_value()
        wait_for_equal(page, lambda: page.evaluate("navigator.clipboard.readText()"), copied)


def test_where_nothing_may_be_copied_the_text_is_selected(arrive: Arrive) -> None:
    visit = arrive()
    visit.context.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', { value: undefined })"
    )
    page = kit(visit)
    page.locator("[data-copy=snippet-link]").click()
    expect(page.locator("#snippet-link")).to_be_focused()
    assert page.evaluate("getSelection().toString()") == snippet(visit, "link")
    expect(page.locator(".copying:has([data-copy=snippet-link]) .said")).to_contain_text("Ctrl+C")


def test_a_choice_shows_at_once_in_code_preview_and_address(visit: Visit) -> None:
    page = kit(visit)
    page.locator("#topic").select_option("lawyer")
    expect(page.locator("#snippet-tag")).to_have_value(holding('data-topic="lawyer"'))
    page.locator("#speak").select_option("tr")
    expect(page.locator("#snippet-tag")).to_have_value(holding('data-lang="tr"'))
    expect(preview(page).locator("html")).to_have_attribute("lang", "tr")
    page.locator("#accent").fill("#ffcc00")
    page.locator("#accent").press("Tab")
    note = page.locator("#accent-note")
    expect(note).to_contain_text("contrast")
    better = page.locator("[data-picks=accent]").input_value()
    expect(note).to_contain_text(better)
    expect(page.locator("#status")).to_have_text(catalogue.text("nl", "web_kit_updated"))
    expect(preview(page).locator("html")).to_have_css("--accent", better)
    wait_for(page, lambda: "topic=lawyer" in page.url)
    assert visit.console == []
    assert visit.elsewhere == []
    assert visit.context.cookies() == []


def test_a_choice_that_cannot_be_shown_says_so(visit: Visit) -> None:
    page = kit(visit)
    visit.context.route("**/kit?*", lambda route: route.abort())
    page.locator("#topic").select_option("lawyer")
    expect(page.locator("#status")).to_have_text(catalogue.text("nl", "web_kit_not_updated"))


def test_the_preview_is_a_conversation_that_is_not_counted(visit: Visit, kompas: Kompas) -> None:
    kompas.reset()
    kit(visit, "lang=pl&embed=buren")
    assert kompas.starts == [{"lang": "pl", "embed": "_preview"}]


def test_the_quick_exit_of_the_preview_leaves_the_page(visit: Visit) -> None:
    page = kit(visit)
    preview(page).locator("#exit").click()
    page.wait_for_url("https://www.buienradar.nl/")


def test_without_scripts_everything_is_there(arrive: Arrive) -> None:
    visit = arrive(script=False)
    page = visit.full_page("/kit?lang=nl&embed=buren")
    expect(page.locator("[data-copy]").first).to_be_hidden()
    page.locator("#topic").select_option("lawyer")
    page.get_by_role("button", name="Laat zien").click()
    expect(page.locator("#snippet-tag")).to_have_value(holding('data-topic="lawyer"'))
    assert page.locator(".prints a").count() == 2 * len(languages())
    frame = page.frame_locator("#preview iframe")
    expect(frame.locator("a.number[href='tel:112']")).to_be_visible()


def test_the_keyboard_reaches_everything_in_order(visit: Visit) -> None:
    page = kit(visit)
    page.locator("#embed").focus()
    reached = []
    for _ in range(7):
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.type"))
        page.keyboard.press("Tab")
    assert reached == ["embed", "speak", "topic", "accent", "color", "accent_dark", "color"]
