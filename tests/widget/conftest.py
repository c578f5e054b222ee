"""A real browser on somebody else's page with the widget on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from visitor_stub import Host, Kompas
from waiting import EXPECT, LAUNCH, be_patient, close
from widget_visit import Visit

from web.sites import Sites, parse_sites

expect.set_options(timeout=EXPECT)
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# The driver of the browser sees no closed shadow root: for it, and for it alone, they are open.
OPEN_ROOTS = """(() => {
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function () { return attach.call(this, { mode: "open" }); };
})()"""
SITES = """
exit: https://www.buienradar.nl
colours:
  {{accent: "#14506e", on_accent: "#ffffff", accent_dark: "#8cc8e8", on_accent_dark: "#0b1a22"}}
sites:
  - id: buren
    origins: ["{host}"]
    contact: {{name: "Vereniging Buren", phone: "020 123 45 67"}}
  - id: elders
    origins: ["https://elders.example"]
"""


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    server = Host()
    server.start(server.application())
    yield server
    server.close()


@pytest.fixture(scope="session")
def sites(host: Host) -> Sites:
    return parse_sites(SITES.format(host=host.address))


@pytest.fixture(scope="session")
def running(sites: Sites) -> Iterator[Kompas]:
    server = Kompas()
    server.start(server.application(sites))
    yield server
    server.close()


@pytest.fixture
def kompas(running: Kompas, host: Host) -> Kompas:
    running.reset()
    host.policy = None
    return running


# of a module, as in tests/system: of two drivers in one process only one may run at a time
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=FLAGS, timeout=LAUNCH
        )
        yield browser
        browser.close()


@pytest.fixture
def arrive(browser: Browser, kompas: Kompas, host: Host) -> Iterator[Callable[..., Visit]]:
    contexts = []

    def make(
        width: int = 360,
        height: int = 740,
        script: bool = True,
        closed: bool = False,
        **more: Any,
    ) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=script,
            locale="nl-NL",
            **more,
        )
        be_patient(context)
        if not closed:
            context.add_init_script(OPEN_ROOTS)
        contexts.append(context)
        return Visit(context, kompas, host)

    yield make
    for context in contexts:
        close(context)


@pytest.fixture
def visit(arrive: Callable[..., Visit]) -> Visit:
    return arrive()
