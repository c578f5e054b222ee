"""Leaving Kompas on the real stack: what is left, listed; what comes back, nothing."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from waiting import leave_by_keys
from widget_steps import (
    NEUTRAL,
    MakeTab,
    Place,
    Tab,
    is_gone,
    say_and_wait,
    token,
    wait_for_answers,
)

NAME = "Merel"
# All that a browser keeps for a page of ours.
_KEPT = """async () => JSON.stringify({
  session: Object.entries(sessionStorage), local: Object.entries(localStorage),
  cookies: document.cookie, caches: await caches.keys(),
  databases: await indexedDB.databases(), window: window.name, state: history.state,
  workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""
_NOTHING = {
    "session": [],
    "local": [],
    "cookies": "",
    "caches": [],
    "databases": [],
    "window": "",
    "state": None,
    "workers": 0,
}
# Presses, and tells what is on the screen before anything else can happen in the page.
_PRESS = """() => {
  document.getElementById("exit").click();
  return {
    hidden: document.documentElement.hidden,
    elements: document.body.childElementCount,
    text: document.body.textContent,
    title: document.title,
    kept: (() => {
      try {
        return sessionStorage.length;
      } catch {
        return 0;  // a browser that keeps nothing for a frame of another site
      }
    })(),
  };
}"""


def on_its_own(tab: Tab) -> Place:
    """The full page."""
    return tab.full_page()


def under_the_tag(tab: Tab) -> Place:
    """In the frame of the tag."""
    tab.host_page(tab.tag(lang="nl"))
    return tab.open_by_keys()


def in_a_plain_frame(tab: Tab) -> Place:
    """In a frame without the tag."""
    tab.host_page(tab.plain_frame())
    return tab.frame()


WAYS = [on_its_own, under_the_tag, in_a_plain_frame]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("by", ["button", "keys"])
def test_nothing_is_left_and_nothing_comes_back(
    make_tab: MakeTab, way: Callable[[Tab], Place], by: str
) -> None:
    tab = make_tab()
    tab.page.goto(tab.host.address + "/eerder")
    place = way(tab)
    wait_for_answers(place, 1)
    said = say_and_wait(place, f"mijn kind {NAME} wordt misschien ontvoerd")
    assert said.inner_text()
    key = token(place)
    entries = tab.page.evaluate("history.length")
    tab.hold()
    if by == "button":
        left = place.evaluate(_PRESS)
        assert left == {"hidden": True, "elements": 0, "text": "", "title": "", "kept": 0}
    else:
        place.locator("#text").focus()
        leave_by_keys(tab.page, lambda: tab.held)
    # the other page is not there yet, and ours has gone already: there and on the server
    assert is_gone(tab.page, tab.stack, key)
    tab.let_go()
    tab.page.wait_for_url(NEUTRAL + "**")
    assert tab.elsewhere == [NEUTRAL]
    assert tab.page.evaluate("history.length") == entries, "it took the place of ours"

    tab.page.reload()
    assert tab.page.url == NEUTRAL
    tab.page.go_back()
    assert tab.page.url.endswith("/eerder"), "neither back nor the page cache has it"
    tab.page.go_forward()
    assert tab.page.url == NEUTRAL
    _assert_nothing_is_kept(tab.page, tab)
    again = way(tab)
    wait_for_answers(again, 1)
    assert NAME not in again.content()
    assert token(again) != key


def _assert_nothing_is_kept(page: Page, tab: Tab) -> None:
    # a page of ours without a conversation
    page.goto(f"{tab.stack.address}/help?lang=nl")
    assert json.loads(page.evaluate(_KEPT)) == _NOTHING
    assert tab.context.cookies() == []


def test_a_page_that_was_kept_by_the_browser_does_not_come_back_with_it(
    make_tab: MakeTab,
) -> None:
    tab = make_tab()
    page = tab.full_page()
    wait_for_answers(page, 1)
    say_and_wait(page, f"mijn kind {NAME}")
    # gone elsewhere by a link, not by the exit: back again the conversation is still theirs
    page.goto(tab.host.address + "/elders")
    page.go_back()
    wait_for_answers(page, 2)
    page.locator("#exit").click()
    page.wait_for_url(NEUTRAL + "**")
    page.go_forward()
    page.go_back()
    assert NAME not in page.content()


def test_ending_the_conversation_leaves_nothing_either(make_tab: MakeTab) -> None:
    tab = make_tab()
    page = tab.full_page()
    wait_for_answers(page, 1)
    say_and_wait(page, f"mijn kind {NAME}")
    key = token(page)
    page.locator("#end").click()
    assert is_gone(tab.page, tab.stack, key)
    assert json.loads(page.evaluate(_KEPT)) == _NOTHING
    assert NAME not in page.content()


def test_the_page_with_the_numbers_can_be_left_in_the_same_way(make_tab: MakeTab) -> None:
    tab = make_tab()
    tab.page.goto(tab.host.address + "/eerder")
    tab.page.goto(f"{tab.stack.address}/help?lang=tr")
    leave_by_keys(tab.page, lambda: tab.elsewhere)
    tab.page.wait_for_url(NEUTRAL + "**")
    tab.page.go_back()
    assert tab.page.url.endswith("/eerder")
