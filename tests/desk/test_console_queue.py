"""The queue of the console: order, filters, pages, search, taking a case."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

import pytest
from cast import Desk
from console import Browser, Client, console_of, words

from desk.console import queue


@pytest.fixture
async def browser(desk: Desk, aiohttp_client: Callable[..., Awaitable[Client]]) -> Browser:
    return Browser(await aiohttp_client(console_of(desk)), desk)


def listed(page: str) -> list[str]:
    """References in the order of the page."""
    return re.findall(r'<th role="rowheader" scope="row"><a href="/cases/([^"]+)"', page)


@pytest.mark.both_databases
async def test_urgent_cases_come_first_then_who_has_waited_longest(browser: Browser, desk: Desk):
    first = desk.bring()
    desk.clock.turn(hours=1)
    second, urgent = desk.bring(), desk.bring(urgent=True)
    await browser.log_in("jan")
    page = await browser.get("/cases")
    assert listed(page) == [urgent, first, second]
    # not by its colour alone
    assert words(page).count("▲ Dringend") == 1


async def test_a_case_tells_how_long_it_waits_and_what_it_is_about(browser: Browser, desk: Desk):
    desk.bring(language="pl", countries={"from": "NL", "to": "PL"}, role="taking")
    desk.clock.turn(hours=26)
    await browser.log_in("jan")
    page = words(await browser.get("/cases"))
    for said in (
        "26 uur nog niet geopend",
        "Internationale Kinderontvoering lijn 2",
        "Pools",
        "Nederland → naar Polen",
        "Meenemende ouder",
    ):
        assert said in page, said


async def test_a_worker_sees_the_first_line_only(browser: Browser, desk: Desk):
    first, second = desk.bring(code="toestemming_vakantie", transcript=[]), desk.bring()
    await browser.log_in("wim")
    page = await browser.get("/cases?status=all&line=2")
    assert listed(page) == [first]
    assert "filter-line" not in page
    await browser.get(f"/cases/{second}", 404)


@pytest.mark.both_databases
async def test_the_filters_narrow_the_list(browser: Browser, desk: Desk):
    turkish = desk.bring()
    polish = desk.bring(language="pl", code="preventie", transcript=[], urgent=True)
    line1 = desk.bring(code="toestemming_vakantie", transcript=[])
    closed = desk.bring()
    desk.registry.close(desk["jan"], closed, "advised")
    desk.registry.assign(desk["jan"], line1, desk["jan"].id)
    await browser.log_in("jan")
    for asked, expected in {
        "": {turkish, polish, line1},
        "language=pl": {polish},
        "code=preventie": {polish},
        "urgent=yes": {polish},
        "line=1": {line1},
        "mine=yes": {line1},
        "status=closed": {closed},
        "status=all": {turkish, polish, line1, closed},
        "language=pl&line=1": set(),
        # what cannot be chosen does not narrow anything
        "language=xx&code=%27%20OR%201&line=9&urgent=1&status=%3Cb%3E": {turkish, polish, line1},
    }.items():
        page = await browser.get(f"/cases?{asked}")
        assert set(listed(page)) == expected, asked
    assert "Er zijn geen zaken die hierbij passen" in words(
        await browser.get("/cases?line=1&mine=yes&urgent=yes")
    )


async def test_what_was_chosen_stays_chosen(browser: Browser, desk: Desk):
    await browser.log_in("jan")
    page = await browser.get("/cases?language=pl&urgent=yes")
    assert '<option value="pl" selected>' in page
    assert re.search(r'name="urgent" type="checkbox" value="yes" checked', page)
    assert "<details open>" in page


async def test_a_long_list_has_pages(browser: Browser, desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(queue, "_PER_PAGE", 2)
    brought = []
    for _ in range(5):
        brought.append(desk.bring(language="tr"))
        desk.clock.turn(minutes=1)
    await browser.log_in("jan")
    page = await browser.get("/cases?language=tr")
    assert listed(page) == brought[:2]
    assert 'href="/cases?language=tr&amp;page=2"' in page
    assert listed(await browser.get("/cases?language=tr&page=3")) == brought[4:]
    for beyond in ("4", "99999", "0", "-1", "x", "999999999999"):
        assert listed(await browser.get(f"/cases?page={beyond}"))


async def test_a_case_is_taken_from_the_list(browser: Browser, desk: Desk):
    reference = desk.bring()
    await browser.log_in("jan")
    await browser.get("/cases")
    where = await browser.post(f"/cases/{reference}/take")
    assert "De zaak staat nu op uw naam" in words(await browser.get(where))
    view = await asyncio.to_thread(desk.registry.look, desk["jan"], reference)
    assert view.row.assignee == "jan"


async def test_a_case_that_somebody_took_is_not_taken_from_them(browser: Browser, desk: Desk):
    reference = desk.bring()
    desk.registry.assign(desk["joke"], reference, desk["joke"].id)
    await browser.log_in("jan")
    assert "Op mij nemen" not in words(await browser.get("/cases"))
    await browser.post(f"/cases/{reference}/take", 403)


class TestSearching:
    @pytest.mark.both_databases
    async def test_finds_a_case_by_what_a_client_says(self, browser: Browser, desk: Desk):
        reference = desk.bring(contact_ref="r" * 32)
        desk.contact(contact_ref="r" * 32)
        other = desk.bring()
        await browser.log_in("jan")
        await browser.get("/cases")
        for text in ("0612345678", "Yılmaz", "ayse yilmaz"):
            page = await browser.post("/cases/search", 200, text=text)
            assert listed(page) == [reference], text
        assert "Geen zaak gevonden" in words(
            await browser.post("/cases/search", 200, text="Kowalski")
        )
        assert other not in page

    async def test_a_reference_leads_to_the_case_as_it_is_read_out(
        self, browser: Browser, desk: Desk
    ):
        reference = desk.bring()
        await browser.log_in("jan")
        spoken = f" {reference.lower()} "
        assert await browser.post("/cases/search", text=spoken) == f"/cases/{reference}"

    async def test_what_is_searched_for_stands_in_no_address(self, browser: Browser):
        await browser.log_in("jan")
        page = await browser.get("/cases")
        form = re.search(r'<form method="(\w+)" action="/cases/search"', page)
        assert form is not None
        assert form[1] == "post"

    @pytest.mark.parametrize("text", ["", "   ", "' OR 1=1 --", "<b>x</b>", "%", "\x00"])
    async def test_takes_whatever_is_typed(self, browser: Browser, desk: Desk, text: str):
        desk.bring()
        await browser.log_in("jan")
        page = await browser.post("/cases/search", 200, text=text)
        assert listed(page) == []
        assert "<b>x" not in page

    async def test_says_when_it_is_too_much(self, browser: Browser):
        await browser.log_in("jan")
        page = await browser.post("/cases/search", 400, text="x" * 1000)
        assert 'id="search-text-error"' in page
