"""GET /api/help.json and GET /help: whom to call, whatever else is down."""

from __future__ import annotations

import re

import pytest
from stand_in import Visitor

from bot.languages import languages

LANGUAGES = list(languages())


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_card_works_with_everything_behind_the_site_down(
    stranded: Visitor, language: str
) -> None:
    response = await stranded.get("/api/help.json", params={"lang": language})
    card = await response.json()
    assert response.status == 200
    assert card["lang"] == language
    assert card["title"]
    assert "112" in card["text"]
    assert card["contacts"][0]["phone"] == "112"
    assert card["contacts"][0]["emergency"] is True
    for contact in card["contacts"]:
        assert contact["name"]
        assert contact["hours"]
        assert re.fullmatch(r"tel:\+?\d+", contact["url"])
    assert not re.search(r"[{}]", str([card["text"], card["title"]]))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_works_with_everything_behind_the_site_down(
    stranded: Visitor, language: str
) -> None:
    response = await stranded.get("/help", params={"lang": language})
    html = await response.text()
    assert response.status == 200
    assert f'<html lang="{language}"' in html
    assert 'href="tel:112"' in html
    assert 'href="tel:+31888009000"' in html or 'href="tel:0888009000"' in html
    assert "main.js" not in html, "the page must work without any conversation"


@pytest.mark.parametrize(
    ("query", "accepted", "expected"),
    [
        ("?lang=pl", "tr", "pl"),
        ("?lang=xx", "tr", "tr"),
        ("", "tr-TR,tr;q=0.9,en;q=0.8", "tr"),
        ("", "de-DE,de;q=0.9,pl;q=0.8", "pl"),
        ("", "en-GB,en;q=0.9,pl;q=0.8", "en"),
        ("", "PL", "pl"),
        ("", "de", "nl"),
        ("", ";;,,=", "nl"),
        ("", "", "nl"),
    ],
)
async def test_the_language_is_the_one_asked_for_then_the_browsers(
    stranded: Visitor, query: str, accepted: str, expected: str
) -> None:
    response = await stranded.get(f"/api/help.json{query}", headers={"Accept-Language": accepted})
    assert (await response.json())["lang"] == expected
