"""Kompas on somebody else's page, on the real stack: each way in, whatever that page does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from widget_steps import (
    HOSTILE,
    NEUTRAL,
    MakeTab,
    Place,
    Tab,
    is_gone,
    say,
    say_and_wait,
    token,
    wait_for_answers,
)

from bot.languages import languages

CHECKLIST = "hague_start_checklist"
SECRET = "geheim woord"


def by_tag(tab: Tab) -> Place:
    """The script tag."""
    tab.host_page(tab.tag(lang="nl", topic=CHECKLIST), head=HOSTILE, policy=_strict(tab))
    return tab.open_by_keys()


def by_element(tab: Tab) -> Place:
    """The element, with the script beside it."""
    body = f'<kompas-widget data-embed="buren" data-topic="{CHECKLIST}"></kompas-widget>'
    script = f'<script src="{tab.stack.address}/kompas.js" async></script>'
    tab.host_page(body + script, head=HOSTILE, policy=_strict(tab))
    tab.page.wait_for_load_state("load")
    return tab.open_by_keys()


def by_frame(tab: Tab) -> Place:
    """The frame, without a script of ours on the page."""
    body = tab.plain_frame(f"lang=nl&topic={CHECKLIST}")
    tab.host_page(body, head=HOSTILE, policy=_strict(tab))
    return tab.frame()


def by_link(tab: Tab) -> Place:
    """A link to the full page, opened by a page that keeps a hand on it."""
    address = f"{tab.stack.address}/?lang=nl&amp;topic={CHECKLIST}"
    body = f'<a href="{address}" target="_blank" rel="opener" id="link">Hulp</a>'
    tab.host_page(body, head=HOSTILE, policy=_strict(tab))
    with tab.context.expect_page() as opened:
        tab.page.locator("#link").click()
    page = opened.value
    assert page.evaluate("opener") is None, "the page that opened it has no hand on it"
    return page


def _strict(tab: Tab) -> str:
    ours = tab.stack.address
    return (
        f"default-src 'none'; script-src 'nonce-host' {ours}; style-src 'nonce-host'; "
        f"frame-src {ours}"
    )


@pytest.mark.parametrize("way", [by_tag, by_element, by_frame, by_link])
def test_each_way_leads_through_the_checklist_and_to_the_emergency_card(
    make_tab: MakeTab, way: Callable[[Tab], Place]
) -> None:
    tab = make_tab()
    place = way(tab)
    expect(place.locator(".progress")).to_have_count(1)
    place.locator(".message").last.locator(".buttons button").first.click()
    expect(place.locator(".progress")).to_have_count(2)
    say(place, f"{SECRET} help hij slaat mij nu")
    card = place.locator(".message.emergency").first
    expect(card).to_be_visible()
    expect(card.locator("a[href='tel:112']").first).to_be_visible()
    heard = tab.page.locator("html").get_attribute("data-heard") or ""
    assert SECRET not in heard
    assert "peeked" not in heard, "the page read the conversation"
    assert not [line for line in tab.console if "in its own way" in line], tab.console
    assert tab.elsewhere == []
    assert tab.context.cookies() == []
    if way in (by_tag, by_element):
        expect(tab.page.locator("html")).to_have_attribute("data-refused", "SecurityError")


def test_two_on_one_page_are_two_conversations_and_one_exit_ends_both(make_tab: MakeTab) -> None:
    tab = make_tab(width=1280)
    tab.host_page(tab.tag(lang="nl") + tab.plain_frame("lang=tr"))
    tab.page.wait_for_load_state("load")
    tab.open_by_keys()
    # the frame of the tag names the page it is on
    first, second = sorted((tab.frame(0), tab.frame(1)), key=lambda f: "host=" not in f.url)
    wait_for_answers(first, 1)
    wait_for_answers(second, 1)
    keys = {token(first), token(second)}
    assert len(keys) == 2
    say_and_wait(first, "mag ik op vakantie met mijn kind")
    expect(second.locator(".message")).to_have_count(1)
    first.locator("#exit").click()
    tab.page.wait_for_url(NEUTRAL + "**")
    assert all(is_gone(tab.page, tab.stack, key) for key in keys)


def test_what_is_wrong_is_said_to_who_keeps_the_page_and_the_visitor_is_helped(
    make_tab: MakeTab,
) -> None:
    tab = make_tab()
    script = tab.tag(lang="xx", topic="nonsense", langg="pl").replace(
        "<script", '<script embed="x"'
    )
    tab.host_page(script)
    wait_for_answers(tab.open_by_keys(), 1)
    for wrong in (
        f'data-lang="xx" is none of {", ".join(languages())}',
        'data-topic="nonsense" is not known here',
        "data-langg is none of data-lang, data-topic, data-embed",
        "write data-embed for embed",
    ):
        tab.wait_until_said(wrong)
    assert len(tab.console) == 4


def test_nothing_but_the_tag_is_loaded_before_it_is_opened(make_tab: MakeTab) -> None:
    tab = make_tab()
    tab.host_page(tab.tag())
    tab.page.wait_for_load_state("load")
    assert [path for path in tab.asked if not path.startswith("http")] == ["/kompas.js"]
    wait_for_answers(tab.open_by_keys(), 1)
    assert any(path.endswith("/conversation.js") for path in tab.asked)
    assert tab.page.title() == "Buren"


def test_a_page_that_may_not_shows_the_numbers(make_tab: MakeTab) -> None:
    tab = make_tab()
    tab.host_page(tab.tag(embed="niemand", lang="pl"))
    frame = tab.open_by_keys()
    expect(frame.locator("html")).to_have_attribute("lang", "pl")
    expect(frame.locator("a.number[href='tel:112']")).to_be_visible()
    assert frame.locator("#form").count() == 0
    tab.wait_until_said('data-embed="niemand"')


def test_the_frame_helps_without_any_script(make_tab: MakeTab) -> None:
    tab = make_tab(script=False)
    tab.host_page(tab.plain_frame())
    frame = tab.page.frame_locator("iframe")
    expect(frame.locator("header .emergency")).to_have_attribute("href", "tel:112")
    expect(frame.locator("#fallback a.number[href='tel:0201234567']")).to_be_visible()
    expect(frame.locator("#form")).to_be_hidden()
    frame.locator("[data-language=pl]").click()
    expect(frame.locator("html")).to_have_attribute("lang", "pl")
    with tab.context.expect_page() as opened:
        frame.locator("#help").click()
    expect(opened.value.locator("a.number[href='tel:112']")).to_be_visible()
    frame.locator("#exit").click()
    tab.page.wait_for_url("https://www.buienradar.nl/**")


def test_a_conversation_that_does_not_come_leaves_the_numbers(make_tab: MakeTab) -> None:
    tab = make_tab()
    tab.context.route("**/messages.js", lambda route: route.abort())
    page = tab.full_page()
    expect(page.locator("#fallback a.number[href='tel:112']")).to_be_visible()
    expect(page.locator("#form")).to_be_hidden()
    assert page.evaluate("sessionStorage.length") == 0
