"""The real processes and a real browser, started once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import elsewhere
import pytest
from handover_steps import Desk
from playwright.sync_api import Browser, Page, Request, Route, expect, sync_playwright
from stack import Stack, Visitor, Watch
from waiting import EXPECT, LAUNCH, be_patient, close
from widget_steps import Host, MakeTab, Tab, write_sites

expect.set_options(timeout=EXPECT)
# What this machine's closed network would otherwise see Chromium try.
_FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    """Another site, which may show Kompas on its page."""
    server = Host()
    yield server
    server.close()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, host: Host) -> Iterator[Stack]:
    running = Stack(tmp_path_factory.mktemp("kompas"))
    running.environment["KOMPAS_SITES"] = str(write_sites(running.folder / "sites.yml", host))
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
def arrive(stack: Stack) -> Callable[..., Visitor]:
    """Makes a visitor whose conversation has begun: `arrive("tr")`, or without a choice."""

    def make(lang: str | None = None, **more: str) -> Visitor:
        visitor = Visitor(stack)
        visitor.start(lang, **more)
        return visitor

    return make


@pytest.fixture(scope="module")
def desk(stack: Stack) -> Iterator[Desk]:
    """What the desk has, as a jurist sees it."""
    seen = Desk(stack)
    yield seen
    seen.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=_FLAGS, timeout=LAUNCH
        )
        yield browser
        browser.close()


@pytest.fixture
def make_tab(browser: Browser, stack: Stack, host: Host) -> Iterator[MakeTab]:
    """Opens a tab for pages of the other site and of ours: `make_tab(width=320)`."""
    contexts = []

    def make(width: int = 360, height: int = 740, script: bool = True, **more: Any) -> Tab:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=script,
            locale="nl-NL",
            **more,
        )
        be_patient(context)
        contexts.append(context)
        return Tab(context, stack, host)

    yield make
    for context in contexts:
        close(context)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def open_page(browser: Browser, stack: Stack, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Opens a page of the site; afterwards there was no error and no request elsewhere."""
    contexts = []

    def answer_elsewhere(route: Route, request: Request) -> None:
        if request.url.startswith(stack.address):
            route.continue_()
        else:
            watch.other_hosts.append(request.url)
            route.fulfill(content_type="text/html", body=elsewhere.PAGE)

    def make(path: str = "/?lang=nl", width: int = 360, script: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 740},
            java_script_enabled=script,
            locale="nl-NL",
        )
        be_patient(context)
        contexts.append(context)
        context.route("**/*", answer_elsewhere)
        page = context.new_page()
        page.on("console", watch.note)
        page.on("pageerror", lambda error: watch.errors.append(str(error)))
        page.goto(stack.address + path)
        return page

    yield make
    # what a page asks for while it is being closed nobody answers any more
    errors = list(watch.errors)
    for context in contexts:
        close(context)
    if not watch.errors_expected:
        assert errors == []
    if not watch.exit_expected:
        assert watch.other_hosts == []
