"""Walks the whole application: every route there is, filled with whatever one could guess.

Routes come from the application itself and forms from its pages, so that what is added later is
walked, too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import quote, urlencode, urljoin, urlsplit

from aiohttp import web
from console import Browser
from yarl import URL

Pairs = tuple[tuple[str, str], ...]

_PARAMETER = re.compile(r"\{([a-z_]+)[^}]*\}")
_MOST_PAGES = 250
# a list with filters has more addresses than there is time
_MOST_OF_ONE = 10
# a visit there ends the session, or leaves the application
_NOT_WALKED = frozenset({"log_out", "static", "oidc_start", "oidc_return"})
_TIMES = re.compile(r"\b\d{1,2}[.:]\d{2}(:\d{2}(\.\d+)?)?\b|T\d{2}:\d{2}")
_TOKENS = re.compile(r'(name="csrf" value=")[^"]*')


@dataclass(frozen=True)
class Form:
    """A form of a page: where it leads, what it holds, which fields are for typing."""

    method: str
    action: str
    fields: Pairs
    choices: tuple[tuple[str, str], ...]
    typed: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """What came back, without what differs each time."""

    status: int
    headers: Pairs
    body: str

    @property
    def all(self) -> str:
        """Everything in which something could show."""
        return f"{self.headers} {self.body}"

    def without(self, *echoes: str) -> Answer:
        """The same without what was asked, in all ways in which a page could repeat it."""
        text, headers = self.body, str(self.headers)
        for echo in sorted({e for each in echoes for e in _ways(each)}, key=len, reverse=True):
            text, headers = text.replace(echo, "…"), headers.replace(echo, "…")
        return Answer(self.status, (("", headers),), text)


def _ways(text: str) -> set[str]:
    return {text, quote(text, safe=""), quote(text), text.replace("&", "&amp;")} - {""}


class _Reader(HTMLParser):
    """Collects links and forms."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._form: dict[str, str] | None = None
        self._fields: list[tuple[str, str]] = []
        self._choices: list[tuple[str, str]] = []
        self._typed: list[str] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "form":
            self._form = given
            self._fields, self._choices, self._typed = [], [], []
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            self._choices.append((self._select, given.get("value", "")))
        elif tag == "textarea" and name:
            self._typed.append(name)
        elif tag == "input" and name and name != "csrf":
            kind = given.get("type", "text")
            if kind in ("checkbox", "radio"):
                self._choices.append((name, given.get("value", "on")))
            elif kind == "hidden":
                self._fields.append((name, given.get("value", "")))
            else:
                self._typed.append(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "form" and self._form is not None:
            self.forms.append(
                Form(
                    self._form.get("method", "get").lower(),
                    self._form.get("action", ""),
                    tuple(self._fields),
                    tuple(self._choices),
                    tuple(dict.fromkeys(self._typed)),
                )
            )
            self._form = None


@dataclass
class Walker:
    """A colleague who tries everything. `fill`: values for each parameter of an address."""

    browser: Browser
    fill: dict[str, tuple[str, ...]]
    seen: dict[str, Answer] = field(default_factory=dict)
    forms: set[Form] = field(default_factory=set)
    known: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def app(self) -> web.Application:
        app = self.browser.client.app
        assert app is not None
        return app

    async def ask(self, method: str, path: str | URL, fields: Pairs | None = None) -> Answer:
        """One request, with the token of the forms."""
        data = None
        if fields is not None:
            data = urlencode([("csrf", self.browser.csrf), *fields], errors="surrogatepass")
        response = await self.browser.client.request(
            method,
            path,
            data=data,
            headers={"Content-Type": "application/x-www-form-urlencoded"} if data else {},
            allow_redirects=False,
        )
        raw = await response.read()
        text = raw.decode("utf-8", "replace")
        body = _TIMES.sub("#", _TOKENS.sub(r"\1", text))
        headers = tuple(
            sorted(
                (name, value)
                for name, value in response.headers.items()
                if name.title() not in ("Date", "Content-Length", "X-Request-Id")
            )
        )
        reader = _Reader()
        if response.content_type == "text/html":
            reader.feed(text)
            self.forms |= {
                Form(
                    form.method,
                    urljoin(str(path), form.action),
                    form.fields,
                    form.choices,
                    form.typed,
                )
                for form in reader.forms
            }
        self.links = [urljoin(str(path), link) for link in reader.links]
        return Answer(response.status, headers, body)

    async def walk(self, guesses: Iterable[str] = ()) -> dict[str, Answer]:
        """Every page that a link, a route or a form for looking leads to, and `guesses`."""
        waiting = ["/", *guesses, *self.addresses("GET")]
        visits: Counter[str] = Counter()
        while waiting and len(self.seen) < _MOST_PAGES:
            path = waiting.pop(0).split("#")[0]
            place = self._route_of(path)
            if path in self.seen or not self._is_walked(path) or visits[place] >= _MOST_OF_ONE:
                continue
            visits[place] += 1
            answer = self.seen[path] = await self.ask("GET", path)
            waiting += self.links
            where = dict(answer.headers).get("Location")
            if where:
                waiting.append(urljoin(path, where))
            waiting += [
                f"{form.action}?{urlencode([*form.fields, choice])}"
                for form in sorted(self.forms, key=str)
                if form.method == "get"
                for choice in form.choices
            ]
        return self.seen

    def _route_of(self, path: str) -> str:
        """Which route answers there: of each, only some addresses are tried."""
        asked = urlsplit(path).path
        for _, pattern, _ in self.routes():
            if pattern == asked or re.fullmatch(_PARAMETER.sub("[^/]+", pattern), asked):
                return pattern
        return asked

    def _is_walked(self, path: str) -> bool:
        parts = urlsplit(path)
        return not parts.netloc and not parts.path.startswith("/static/")

    def routes(self) -> Iterator[tuple[str, str, str]]:
        """Method, path and name of every route that is walked."""
        for route in self.app.router.routes():
            resource = route.resource
            if resource is None or resource.name in _NOT_WALKED or route.method == "HEAD":
                continue
            yield route.method, resource.canonical, resource.name or ""

    def addresses(self, method: str) -> list[str]:
        """Addresses of the routes with every value for their parameter."""
        return [
            path
            for each, pattern, _ in self.routes()
            if each == method
            for path in self.filled(pattern)
        ]

    def filled(self, pattern: str) -> list[str]:
        """`pattern` with every value for its parameter."""
        found = _PARAMETER.search(pattern)
        if found is None:
            return [pattern]
        return [
            path
            for value in self.fill[found[1]]
            for path in self.filled(pattern.replace(found[0], quote(value, safe=""), 1))
        ]


def parameters(app: web.Application) -> set[str]:
    """Names of the parameters of all routes that are walked."""
    return {
        name
        for route in app.router.routes()
        if route.resource is not None and route.resource.name not in _NOT_WALKED
        for name in _PARAMETER.findall(route.resource.canonical)
    }
