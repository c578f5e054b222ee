"""Somebody else's page with Kompas on it, for the tests: its server, its tab, what to look at."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import elsewhere
from playwright.sync_api import BrowserContext, Frame, Locator, Page, Route, expect
from stack import Stack, fetch
from waiting import wait_for

NEUTRAL = "https://www.buienradar.nl/"
SITE = "buren"
_SITES = """
exit: https://www.buienradar.nl
colours:
  {{accent: "#14506e", on_accent: "#ffffff", accent_dark: "#8cc8e8", on_accent_dark: "#0b1a22"}}
sites:
  - id: {site}
    origins: ["{host}"]
    contact: {{name: "Vereniging Buren", phone: "020 123 45 67"}}
"""
# What a page can do to those on it: every rule its own, every method of arrays, JSON, fetch and the
# registry of elements taken away, and an ear at everything that is said.
HOSTILE = """
<style nonce="host">
  *, *::before, *::after { all: unset !important; color: red !important; font-size: 7px !important }
</style>
<script nonce="host">
  const page = document.documentElement;
  const note = (text) => page.setAttribute("data-heard", page.dataset.heard + " " + text);
  page.setAttribute("data-heard", "");
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (how) {
    const root = attach.call(this, how);
    setInterval(() => {
      const frame = root.querySelector("iframe");
      try {
        const text = frame.contentWindow.document.body.textContent;
        // before it loads there is an empty page in it, which is theirs
        if (text || frame.contentWindow.kompas) note("peeked " + text);
      } catch (error) {
        page.setAttribute("data-refused", error.name);
      }
    }, 100);
    return root;
  };
  addEventListener("message", ({ data }) => {
    for (const key in data) if (typeof data[key] === "string") note(key + "=" + data[key]);
  });
  for (const type of ["keydown", "input", "beforeinput"]) {
    addEventListener(type, (event) => note(type + " " + (event.data || event.key)), true);
  }
  const no = () => { throw new Error("this page does it in its own way"); };
  customElements.define = customElements.get = no;
  JSON.parse = JSON.stringify = fetch = XMLHttpRequest = no;
  Object.prototype.extend = no;
  for (const name of Object.getOwnPropertyNames(Array.prototype)) {
    if (typeof Array.prototype[name] === "function" && name !== "constructor") {
      Object.defineProperty(Array.prototype, name, { value: no });
    }
  }
  Object.defineProperty(Array.prototype, Symbol.iterator, { value: no });
</script>
"""


class Host:
    """Somebody else's site, whose page the test writes; on loopback, of an origin of its own."""

    def __init__(self) -> None:
        self.html = ""
        self.policy: str | None = None
        host = self

        class Handler(BaseHTTPRequestHandler):
            """Gives the page of the test at /, and a short one anywhere else."""

            def do_GET(self) -> None:
                """Answer."""
                text = (
                    host.html if self.path == "/" else "<!doctype html><p>Nieuws van de buren</p>"
                )
                body = text.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                if host.policy is not None and self.path == "/":
                    self.send_header("Content-Security-Policy", host.policy)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Print nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Its origin: another site than ours for a browser, which goes by the name."""
        return f"http://localhost:{self._server.server_port}"

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


def write_sites(file: Path, host: Host) -> Path:
    """A file of sites with one, whose page `host` has."""
    file.write_text(_SITES.format(site=SITE, host=host.address), encoding="utf-8")
    return file


class Tab:
    """A browser tab, what its console said and what it asked of others."""

    def __init__(self, context: BrowserContext, stack: Stack, host: Host) -> None:
        self.context = context
        self.stack = stack
        self.host = host
        self.console: list[str] = []
        self.elsewhere: list[str] = []
        self.asked: list[str] = []
        self.held: list[Route] | None = None
        context.route("**/*", self._answer)
        self.page: Page = context.new_page()
        self.page.on("console", lambda said: self.console.append(said.text))
        self.page.on("pageerror", lambda error: self.console.append(str(error)))

    def _answer(self, route: Route) -> None:
        if route.request.url.startswith((self.stack.address, self.host.address)):
            self.asked.append(route.request.url.removeprefix(self.stack.address))
            route.continue_()
            return
        self.elsewhere.append(route.request.url)
        if self.held is None:
            route.fulfill(content_type="text/html", body=elsewhere.PAGE)
        else:
            self.held.append(route)

    def hold(self) -> None:
        """Let other sites wait: what is on the screen until they come can be looked at."""
        self.held = []

    def let_go(self) -> None:
        """Let them come."""
        held, self.held = self.held or [], None
        for route in held:
            route.fulfill(content_type="text/html", body=elsewhere.PAGE)

    def full_page(self, query: str = "lang=nl") -> Page:
        """Kompas on its own."""
        self.page.goto(f"{self.stack.address}/?{query}")
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
        given = {"embed": SITE, **data}
        more = " ".join(f'data-{name}="{value}"' for name, value in given.items() if value)
        return f'<script src="{self.stack.address}/kompas.js" {more}></script>'

    def plain_frame(self, query: str = "lang=nl") -> str:
        """The frame without any script."""
        address = f"{self.stack.address}/embed?embed={SITE}&{query}".replace("&", "&amp;")
        return f'<iframe src="{address}" title="Kompas" width="360" height="600"></iframe>'

    def open_by_keys(self) -> Frame:
        """The button of the tag stands first on the page; its root is closed to everybody."""
        self.page.keyboard.press("Tab")
        self.page.keyboard.press("Enter")
        return self.frame()

    def frame(self, number: int = 0) -> Frame:
        """The frame of ours that was opened so manieth."""

        def frames() -> list[Frame]:
            ours = self.stack.address + "/embed"
            return [each for each in self.page.frames if each.url.startswith(ours)][number:]

        return wait_for(self.page, frames)[0]

    def wait_until_said(self, words: str) -> None:
        """Until the console has a line with these words."""
        wait_for(self.page, lambda: any(words in line for line in self.console))


Place = Page | Frame


def wait_for_answers(place: Place, count: int) -> None:
    """Until the assistant has said so much and nothing is under way."""
    expect(place.locator(".message:not(.visitor)")).to_have_count(count)
    wait_for_rest(place)


def wait_for_rest(place: Place) -> None:
    """Nothing is under way."""
    expect(place.locator("#send")).not_to_have_attribute("aria-disabled", "true")


def say(place: Place, text: str) -> None:
    """Type and send."""
    place.locator("#text").fill(text)
    place.locator("#text").press("Enter")


def say_and_wait(place: Place, text: str) -> Locator:
    """Type, send, and wait for what comes; the last message."""
    before = place.locator(".message").count()
    say(place, text)
    # ours and at least one more
    expect(place.locator(".message").nth(before + 1)).to_be_visible()
    wait_for_rest(place)
    return place.locator(".message").last


def press(place: Place, payload: str) -> Locator:
    """Do what a button does, without finding it: on its way a word becomes one."""
    page = place.page if isinstance(place, Frame) else place
    page.route(
        "**/api/chat/message",
        lambda route: route.continue_(post_data=json.dumps({"payload": payload})),
        times=1,
    )
    return say_and_wait(place, "…")


def token(place: Place) -> str:
    """The key of the conversation, which the page keeps for itself."""
    return str(place.evaluate("[...kompas.tokens][0]"))


_UNTIDY = """() => {
  const shown = (each) => each.checkVisibility() && !each.closest(".aloud")
    && each.getBoundingClientRect().width > 0;
  const words = (each) => (each.innerText || "").slice(0, 40);
  const name = (each) => `${each.tagName}.${each.className}: ${words(each)}`;
  const faults = [];
  for (const each of document.body.querySelectorAll("*")) {
    if (!shown(each)) continue;
    const box = each.getBoundingClientRect();
    const beside = box.right > innerWidth + 1 || box.left < -1;
    if (beside) faults.push(`beside the screen: ${name(each)}`);
    const text = [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const wider = each.scrollWidth > each.clientWidth + 1;
    const inline = getComputedStyle(each).display === "inline";
    if (text && wider && !inline) faults.push(`text cut: ${name(each)}`);
  }
  // what is pressed: its words are inside of it, and nothing else of this kind lies over it
  const pressed = [...document.querySelectorAll("a, button, label, input, textarea, summary")]
    .filter(shown);
  for (const each of pressed) {
    const range = document.createRange();
    range.selectNodeContents(each);
    const outer = each.getBoundingClientRect();
    const inner = range.getBoundingClientRect();
    const inside = inner.width === 0 || (
      inner.left >= outer.left - 1 && inner.right <= outer.right + 1
      && inner.top >= outer.top - 3 && inner.bottom <= outer.bottom + 3);
    if (!inside) faults.push(`words outside: ${name(each)}`);
  }
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) faults.push(`the page is ${wide} pixels wider than the screen`);
  const still = (each) => each.closest("header, #form") !== null;
  for (const [at, one] of pressed.entries()) {
    for (const other of pressed.slice(at + 1)) {
      // what scrolls goes below what stands still
      if (one.contains(other) || other.contains(one) || still(one) !== still(other)) continue;
      const a = one.getBoundingClientRect();
      const b = other.getBoundingClientRect();
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 1 && high > 1) faults.push(`over each other: ${name(one)} / ${name(other)}`);
    }
  }
  return faults;
}"""


def assert_tidy(place: Place) -> None:
    """No text is cut off or beside the screen, nothing to press lies over something else.

    Pictures are for people: pixels differ from one font to the next, and a test of them fails for
    what nobody sees. Boxes tell what somebody would see.
    """
    faults: list[str] = []

    def tidy() -> bool:
        faults[:] = place.evaluate(_UNTIDY)
        return not faults

    # a page that has just changed may still be laid out
    with contextlib.suppress(AssertionError):
        wait_for(place, tidy, seconds=10)
    assert not faults, "\n".join(faults)


def set_letters(page: Page, percent: int) -> None:
    """What a browser's own setting for larger letters does."""
    page.evaluate(
        """percent => {
          document.documentElement.style.fontSize = percent + "%";
          dispatchEvent(new Event("resize"));
          return new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
        }""",
        percent,
    )


def is_gone(page: Page, stack: Stack, key: str) -> bool:
    """Whether the server knows nothing of a conversation any more, soon."""
    headers = {"Authorization": f"Bearer {key}"}

    def refused() -> bool:
        return fetch(stack, "POST", "/api/chat/message", {"lang": "nl"}, headers).status == 401

    with contextlib.suppress(AssertionError):
        return wait_for(page, refused)
    return False


MakeTab = Callable[..., Tab]
