"""Browsers of colleagues, for the tests of the console."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import pyotp
import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient
from cast import PASSWORD, Desk, settings_for

from desk.app import create_app
from desk.keys import LOGIN, REGISTRY, TEXTS

Client = TestClient[web.Request, web.Application]


@dataclass
class Browser:
    """A browser that follows no redirect by itself; `csrf` is of the page seen last."""

    client: Client
    desk: Desk
    csrf: str = ""

    async def get(self, path: str, status: int = 200, **more: Any) -> str:
        """The page at `path`, which answers with `status`."""
        response = await self.client.get(path, allow_redirects=False, **more)
        return await self._read(response, status)

    async def post(self, path: str, status: int = 303, **fields: str) -> str:
        """What a form leads to: the page, or the address of a redirect."""
        response = await self.client.post(
            path, data={"csrf": self.csrf, **fields}, allow_redirects=False
        )
        return await self._read(response, status)

    async def _read(self, response: ClientResponse, status: int) -> str:
        text = await response.text()
        assert response.status == status, (response.status, words(text))
        if response.status == 303:
            return response.headers["Location"]
        self.csrf = token_of(text) or self.csrf
        return text

    async def log_in(self, name: str, *, password: str = PASSWORD, next: str = "") -> str:
        """Log in; where it leads."""
        await self.get("/login")
        where = await self.post(
            "/login", name=name, password=password, code=code_for(self.desk, name), next=next
        )
        await self.get("/account")
        return where


def code_for(desk: Desk, name: str) -> str:
    """A code that the colleague's app shows; the clock turns so that it is a new one."""
    desk.clock.turn(seconds=30)
    otp = pyotp.parse_uri(desk.uris[name])
    assert isinstance(otp, pyotp.TOTP)
    return otp.at(desk.clock())


def console_of(desk: Desk, **changes: str) -> web.Application:
    """The application on the registry and the clock of `desk`."""
    app = create_app(settings_for(desk.url, **changes))
    app[REGISTRY].database.close()
    app[REGISTRY], app[LOGIN], app[TEXTS] = desk.registry, desk.login, desk.texts
    return app


def token_of(page: str) -> str:
    """The token that the forms of a page carry."""
    found = re.search(r'name="csrf" value="([^"]*)"', page)
    return found[1] if found else ""


def words(page: str) -> str:
    """What a page says, without its marks."""
    text = re.sub(r"<(script|style|head).*?</\1>", " ", page, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


ONE_DATABASE = pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
"""For what does not depend on the database."""


class Refs(HTMLParser):
    """What a page links, labels and describes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        if given.get("id"):
            self.ids.append(str(given["id"]))
