"""The widget on the real stack when the way to the server is slow, broken, or the server dies."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3

import pytest
from playwright.sync_api import Page, Route, expect
from stack import Stack
from widget_steps import MakeTab, say, say_and_wait, wait_for_answers

from bot import catalogue

CHECKLIST_BUTTON = "/hague_start_checklist"


def copies(stack: Stack, text: str) -> int:
    """How often the conversation store has a message."""
    with contextlib.closing(sqlite3.connect(f"{stack.folder}/tracker.db")) as database:
        rows = database.execute("SELECT data FROM events WHERE type_name = 'user'").fetchall()
    return sum(json.loads(data).get("text") == text for (data,) in rows)


def begun(make_tab: MakeTab) -> Page:
    """A conversation on the page of its own."""
    page = make_tab().full_page()
    wait_for_answers(page, 1)
    return page


@pytest.mark.parametrize("moment", ["before the reply", "after the reply"])
def test_a_message_under_way_when_the_server_dies_is_said_once(
    make_tab: MakeTab, stack: Stack, moment: str
) -> None:
    page = begun(make_tab)
    # one message for each, so that the copies of both can be counted
    text = {"before the reply": "wat kost een advocaat?"}.get(moment, "wat kost zo'n advocaat?")
    if moment == "before the reply":
        stack.signal("rasa", signal.SIGSTOP)
        try:
            with page.expect_request("**/api/chat/message"):
                say(page, text)
            stack.kill("web")
            expect(page.locator("#trouble a[href='tel:112']")).to_be_visible()
        finally:
            stack.signal("rasa", signal.SIGCONT)
    else:
        lost: list[Route] = []

        def lose(route: Route) -> None:
            # the server has answered, the answer never arrives
            assert route.fetch().status == 200
            lost.append(route)
            route.abort()

        page.route("**/api/chat/message", lose, times=1)
        say(page, text)
        expect(page.locator("#trouble a[href='tel:112']")).to_be_visible()
        assert len(lost) == 1
        stack.kill("web")
    stack.start("web")
    page.locator("#status button").click()
    wait_for_answers(page, 2)
    expect(page.locator(".message.visitor")).to_have_text([text])
    expect(page.locator("#trouble")).to_be_empty()
    assert copies(stack, text) == 1
    say_and_wait(page, "en hoe lang duurt het")


def test_a_slow_line_says_that_it_is_under_way_and_the_exit_does_not_wait(
    make_tab: MakeTab,
) -> None:
    tab = make_tab()
    cdp = tab.context.new_cdp_session(tab.page)
    cdp.send("Network.enable")
    # an old phone at the edge of a village
    slow = {
        "offline": False,
        "latency": 800,
        "downloadThroughput": 6_000,
        "uploadThroughput": 3_000,
    }
    cdp.send("Network.emulateNetworkConditions", slow)
    page = tab.full_page()
    expect(page.locator("header .emergency")).to_be_visible()
    wait_for_answers(page, 1)
    page.evaluate("""() => {
      globalThis.shown = [];
      const status = document.getElementById("status");
      new MutationObserver(() => shown.push(status.textContent)).observe(status, {
        childList: true, subtree: true, characterData: true,
      });
    }""")
    say(page, "wat is internationale kinderontvoering")
    wait_for_answers(page, 2)
    assert catalogue.text("nl", "web_typing") in page.evaluate("shown")
    expect(page.locator("#status")).to_have_text("")
    say(page, "en dan")
    page.locator("#exit").click()
    page.wait_for_url("https://www.buienradar.nl/**")


def test_without_a_line_the_numbers_come_and_what_was_typed_goes_once_it_is_back(
    make_tab: MakeTab, stack: Stack
) -> None:
    page = begun(make_tab)
    page.context.set_offline(True)
    text = "wat kost een advocaat zonder verbinding"
    say(page, text)
    expect(page.locator("#status")).to_contain_text("112")
    assert page.locator("#trouble a[href^='tel:']").count() >= 5
    page.locator("#help").click()
    expect(page.locator("#numbers a[href='tel:112']")).to_be_visible()
    page.context.set_offline(False)
    wait_for_answers(page, 2)
    expect(page.locator(".message.visitor")).to_have_count(1)
    assert copies(stack, text) == 1
