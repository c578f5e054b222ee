"""The tag on somebody else's page: it opens, says what is wrong, and leaks nothing either way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from visitor_stub import Kompas
from waiting import wait_for_equal
from widget_visit import Visit, wait_for_answers

from bot.languages import languages

HOSTILE = (
    "<style>*,*::before{all:unset!important;color:red!important;font-size:7px!important}</style>"
)


def test_it_opens_on_a_page_that_resets_every_style_under_a_strict_policy(
    visit: Visit, kompas: Kompas
) -> None:
    policy = (
        f"default-src 'none'; script-src {kompas.address}; frame-src {kompas.address}; "
        "style-src 'unsafe-inline'"
    )
    visit.host_page(visit.tag(embed="buren", lang="nl"), head=HOSTILE, policy=policy)
    button = visit.page.get_by_role("button", name="Kompas openen")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["y"] + box["height"] == pytest.approx(740, abs=2), "it floats in the corner"
    frame = visit.open_widget()
    wait_for_answers(frame, 1)
    assert kompas.starts == [{"lang": "nl", "embed": "buren"}]
    frame.locator("#text").fill("dag")
    frame.locator("#text").press("Enter")
    wait_for_answers(frame, 2)
    assert visit.console == []
    assert visit.elsewhere == []


def test_without_styles_of_the_page_at_all_it_works_too(visit: Visit, kompas: Kompas) -> None:
    policy = f"default-src 'none'; script-src {kompas.address}; frame-src {kompas.address}"
    visit.host_page(visit.tag(embed="buren"), policy=policy)
    wait_for_answers(visit.open_widget(), 1)
    assert visit.console == []


def test_the_page_around_stays_as_it_was(visit: Visit) -> None:
    look = """() => JSON.stringify([...document.querySelectorAll('h1, p')].map((each) => {
      const style = getComputedStyle(each);
      return [...style].map((name) => style.getPropertyValue(name));
    })) + document.title + document.cookie + localStorage.length + sessionStorage.length"""
    visit.host_page("<p>Tekst</p>")
    before = visit.page.evaluate(look)
    visit.host_page(f"<p>Tekst</p>{visit.tag(embed='buren')}")
    frame = visit.open_widget()
    wait_for_answers(frame, 1)
    assert visit.page.evaluate(look) == before
    assert visit.context.cookies() == []


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        ({"embed": "niemand"}, 'data-embed="niemand"'),
        ({}, 'data-embed=""'),
        ({"embed": "elders"}, 'data-embed="elders"'),
    ],
)
def test_a_wrong_site_gets_the_card_with_the_numbers(
    visit: Visit, kompas: Kompas, data: dict[str, str], wrong: str
) -> None:
    visit.host_page(visit.tag(lang="tr", **data))
    visit.page.get_by_role("button").click()
    frame = visit.frame()
    expect(frame.locator("a[href='tel:112']").first).to_be_visible()
    expect(frame.locator("a[target=_blank][href^='/?lang=tr']")).to_be_visible()
    assert frame.locator("#form").count() == 0
    assert kompas.starts == []
    visit.wait_until_said(wrong)


@pytest.mark.parametrize(
    ("data", "wrong", "start"),
    [
        ({"lang": "xx"}, f'data-lang="xx" is none of {", ".join(languages())}', {"embed": "buren"}),
        ({"topic": "nonsense"}, 'data-topic="nonsense"', {"embed": "buren"}),
        ({"langg": "pl"}, "data-langg is none of", {"embed": "buren"}),
        (
            {"topic": "threat_abduction"},
            None,
            {"embed": "buren", "topic": "threat_abduction"},
        ),
    ],
)
def test_a_wrong_attribute_is_named_and_passed_over(
    visit: Visit, kompas: Kompas, data: dict[str, str], wrong: str | None, start: dict[str, str]
) -> None:
    visit.host_page(visit.tag(embed="buren", **data))
    wait_for_answers(visit.open_widget(), 1)
    assert kompas.starts == [start]
    if wrong is None:
        assert visit.console == []
    else:
        visit.wait_until_said(wrong)


def test_a_page_that_lies_about_itself_is_refused_by_the_browser(
    visit: Visit, kompas: Kompas
) -> None:
    address = f"{kompas.address}/embed?embed=elders&host=https://elders.example"
    visit.host_page(f'<iframe src="{address}"></iframe>')
    visit.wait_until_said("frame-ancestors")
    assert kompas.starts == []


def test_a_frame_without_any_script_on_the_page_works(visit: Visit, kompas: Kompas) -> None:
    visit.host_page(f'<iframe src="{kompas.address}/embed?embed=buren&lang=pl"></iframe>')
    frame = visit.frame()
    wait_for_answers(frame, 1)
    expect(frame.locator("html")).to_have_attribute("lang", "pl")
    assert kompas.starts == [{"lang": "pl", "embed": "buren"}]


def test_an_element_is_as_good_as_a_tag(visit: Visit, kompas: Kompas) -> None:
    body = '<kompas-widget data-embed="buren" data-lang="nl"><a href="#">plain</a></kompas-widget>'
    visit.host_page(body + f'<script async src="{kompas.address}/kompas.js"></script>')
    wait_for_answers(visit.open_widget(), 1)
    expect(visit.page.locator("kompas-widget")).to_have_count(1)
    expect(visit.page.get_by_text("plain")).to_be_hidden()


@pytest.mark.parametrize(
    "head",
    [
        "<script>customElements.define = () => { throw new Error('taken'); };</script>",
        "<script>customElements.define('kompas-other', class extends HTMLElement {});</script>",
    ],
)
def test_a_registry_that_the_page_uses_does_not_matter(visit: Visit, head: str) -> None:
    visit.host_page(visit.tag(embed="buren"), head=head)
    wait_for_answers(visit.open_widget(), 1)


def test_two_widgets_hold_two_conversations_and_one_exit_ends_both(
    visit: Visit, kompas: Kompas
) -> None:
    visit.host_page(visit.tag(embed="buren") + visit.tag(embed="buren", lang="nl"))
    buttons = visit.page.get_by_role("button", name="Kompas openen")
    expect(buttons).to_have_count(2)
    # both float in the same corner: the one on top first
    buttons.last.click()
    first = visit.frame(0)
    wait_for_answers(first, 1)
    visit.page.get_by_role("button", name="Kompas sluiten").click()
    visit.page.evaluate(
        "document.querySelectorAll('kompas-widget')[1].style.setProperty('bottom', "
        "'60px', 'important')"
    )
    buttons.first.click()
    second = visit.frame(1)
    wait_for_answers(second, 1)
    second.locator("#text").fill("dag")
    second.locator("#text").press("Enter")
    wait_for_answers(second, 2)
    expect(first.locator(".message")).to_have_count(1)
    second.locator("#exit").click()
    visit.page.wait_for_url("https://www.buienradar.nl/**")
    wait_for_equal(visit.page, lambda: sorted(set(kompas.ended)), ["token-1", "token-2"])


def test_the_numbers_are_there_while_the_server_is_away(visit: Visit, kompas: Kompas) -> None:
    visit.host_page(visit.tag(embed="buren"))
    visit.context.route(f"{kompas.address}/embed**", lambda route: route.abort())
    visit.page.get_by_role("button", name="Kompas openen").click()
    expect(visit.page.get_by_role("link", name="112")).to_be_visible()
    expect(visit.page.get_by_role("link", name="088-800 9000")).to_be_visible()


def test_closing_keeps_the_conversation_and_gives_the_focus_back(visit: Visit) -> None:
    visit.host_page(visit.tag(embed="buren"))
    frame = visit.open_widget()
    wait_for_answers(frame, 1)
    visit.page.get_by_role("button", name="Kompas sluiten").click()
    button = visit.page.get_by_role("button", name="Kompas openen")
    expect(button).to_be_focused()
    button.press("Enter")
    expect(frame.locator(".message")).to_have_count(1)


def test_a_page_of_any_width_keeps_its_own_width(arrive: Callable[..., Visit]) -> None:
    for width in (320, 1280):
        visit = arrive(width=width)
        visit.host_page(visit.tag(embed="buren"))
        wait_for_answers(visit.open_widget(), 1)
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
