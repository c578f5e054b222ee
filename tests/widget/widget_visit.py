"""A browser tab with the widget in it, for the tests of this folder."""

from __future__ import annotations

import elsewhere
from playwright.sync_api import BrowserContext, Frame, FrameLocator, Page, Route, expect
from visitor_stub import Host, Kompas
from waiting import wait_for


class Visit:
    """A browser tab, what its console said and what it asked of others."""

    def __init__(self, context: BrowserContext, kompas: Kompas, host: Host) -> None:
        self.context = context
        self.kompas = kompas
        self.host = host
        self.console: list[str] = []
        self.elsewhere: list[str] = []
        context.route("**/*", self._answer)
        self.page: Page = context.new_page()
        self.page.on("console", lambda said: self.console.append(said.text))
        self.page.on("pageerror", lambda error: self.console.append(str(error)))

    def _answer(self, route: Route) -> None:
        if route.request.url.startswith((self.kompas.address, self.host.address)):
            route.continue_()
        else:
            self.elsewhere.append(route.request.url)
            route.fulfill(content_type="text/html", body=elsewhere.PAGE)

    def full_page(self, path: str = "/?lang=nl") -> Page:
        """Kompas on its own."""
        self.page.goto(self.kompas.address + path)
        return self.page

    def host_page(self, body: str, *, head: str = "", policy: str | None = None) -> Page:
        """The page of the other site with `body` on it."""
        self.host.html = (
            f'<!doctype html><html lang="nl"><head><title>Buren</title>{head}</head>'
            f"<body><h1>Welkom bij de buren</h1>{body}</body></html>"
        )
        self.host.policy = policy
        self.page.goto(self.host.address + "/")
        return self.page

    def tag(self, **data: str) -> str:
        """The script tag of the widget."""
        more = " ".join(f'data-{name}="{value}"' for name, value in data.items())
        return f'<script src="{self.kompas.address}/kompas.js" {more}></script>'

    def open_widget(self, number: int = 0) -> Frame:
        """Press the button of the widget; its frame."""
        self.page.get_by_role("button", name="Kompas openen").first.click()
        return self.frame(number)

    def frame(self, number: int = 0) -> Frame:
        """The frame of the widget that was opened so manieth."""

        def frames() -> list[Frame]:
            ours = self.kompas.address + "/embed"
            return [each for each in self.page.frames if each.url.startswith(ours)][number:]

        return wait_for(self.page, frames)[0]

    def wait_until_said(self, words: str) -> None:
        """Until the console has a line with these words."""
        wait_for(self.page, lambda: any(words in line for line in self.console))


def wait_for_answers(page: Page | Frame | FrameLocator, count: int) -> None:
    """Until the assistant has said so much."""
    expect(page.locator(".message:not(.visitor)")).to_have_count(count)


def hold(context: BrowserContext, address: str) -> list[Route]:
    """Requests to `address` wait in the list, from the first on.

    A page says that it is busy before its request is there: take one by `held`.
    """
    waiting: list[Route] = []
    context.route(address, lambda route: waiting.append(route), times=1)
    return waiting


def held(page: Page, waiting: list[Route]) -> Route:
    """The request that waits."""
    return wait_for(page, lambda: waiting)[0]
