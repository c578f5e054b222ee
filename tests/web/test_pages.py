"""GET / and what every page and reply carries."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from stand_in import Visitor

from bot.languages import languages

LANGUAGES = list(languages())


def setup_of(html: str) -> dict[str, Any]:
    """What a page tells its scripts."""
    found = re.search(r'<script type="application/json" id="setup">(.*?)</script>', html, re.S)
    assert found is not None
    return dict(json.loads(found[1]))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_chat_page_comes_in_each_language(stranded: Visitor, language: str) -> None:
    response = await stranded.get("/", params={"lang": language})
    html = await response.text()
    assert response.status == 200
    assert response.content_type == "text/html"
    assert f'<html lang="{language}"' in html
    assert 'href="tel:112"' in html
    setup = setup_of(html)
    assert setup["asked"] is True
    assert all(setup["labels"].values())


async def test_without_a_choice_the_page_leaves_the_language_open(stranded: Visitor) -> None:
    html = await (await stranded.get("/", headers={"Accept-Language": "pl"})).text()
    assert '<html lang="pl"' in html
    assert setup_of(html)["asked"] is False


async def test_the_address_cannot_put_anything_into_the_page(stranded: Visitor) -> None:
    response = await stranded.get("/", params={"lang": '"><script>alert(1)</script>'})
    assert "alert(1)" not in await response.text()


@pytest.mark.parametrize("page", ["/", "/help"])
async def test_neither_address_nor_title_gives_the_subject_away(
    stranded: Visitor, page: str
) -> None:
    html = await (await stranded.get(page, params={"lang": "nl"})).text()
    title = re.search(r"<title>(.*?)</title>", html)
    assert title is not None
    assert title[1] == "Kompas"


@pytest.mark.parametrize(
    "path", ["/", "/help", "/api/help.json", "/static/icon.svg", "/healthz", "/nothing-here"]
)
async def test_every_reply_forbids_caching_and_other_hosts(stranded: Visitor, path: str) -> None:
    response = await stranded.get(path)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    "path", ["/nothing-here", "/api/nothing", "/static/%2e%2e/app.py", "/.git/config"]
)
async def test_an_unknown_address_is_not_found_in_the_visitors_language(
    stranded: Visitor, path: str
) -> None:
    response = await stranded.get(path, headers={"Accept-Language": "tr"})
    body = await response.json()
    assert response.status == 404
    assert body["error"] == "not_found"
    turkish = body["message"]
    dutch = await (await stranded.get(path, headers={"Accept-Language": "nl"})).json()
    assert turkish != dutch["message"]


@pytest.mark.parametrize("path", ["/static/nothing.js", "/static/", "/static/..%2fapp.py"])
async def test_the_static_folder_gives_its_files_and_no_more(stranded: Visitor, path: str) -> None:
    assert (await stranded.get(path)).status in (403, 404)


async def test_a_reply_can_be_found_in_the_log_by_its_number(
    stranded: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "kompas.web.access")
    own = {"X-Request-Id": "of-the-visitor"}
    replies = [await stranded.get(path, headers=own) for path in ("/", "/", "/nothing-here")]
    numbers = [reply.headers["X-Request-Id"] for reply in replies]
    assert len(set(numbers)) == 3
    assert all(re.fullmatch("[0-9a-f]{16}", number) for number in numbers)
    assert all(number in caplog.text for number in numbers)
    assert "of-the-visitor" not in caplog.text
