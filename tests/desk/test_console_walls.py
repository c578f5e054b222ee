"""A case behind a wall does not exist at the console either, page by page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from cast import Desk
from console import Browser, Client, console_of, words
from test_console_roles import REPLY, TABLE, console_routes
from test_walls import meet

ABSENT = "K-2026-9999-A"


@pytest.fixture
async def browser(desk: Desk, aiohttp_client: Callable[..., Awaitable[Client]]) -> Browser:
    return Browser(await aiohttp_client(console_of(desk)), desk)


@pytest.mark.both_databases
async def test_its_pages_equal_those_of_a_case_that_is_not_there(browser: Browser, desk: Desk):
    _, father = meet(desk)
    await browser.log_in("jan")
    for name, (method, address) in console_routes(desk.url).items():
        if "{reference}" not in address:
            continue
        for fields in (TABLE[name].fields, {}, {"unknown": "x"}):
            answers = []
            for reference in (father, ABSENT):
                answer = await browser.client.request(
                    method,
                    address.format(reference=reference, reply=REPLY),
                    data={"csrf": browser.csrf, **fields} if method == "POST" else None,
                    allow_redirects=False,
                )
                headers = {
                    k: v
                    for k, v in answer.headers.items()
                    if k.title() not in ("Date", "X-Request-Id")
                }
                answers.append((answer.status, headers, await answer.text()))
            assert answers[0] == answers[1], name
            assert answers[0][0] in (400, 403, 404), name
            assert father not in answers[0][2]


async def test_it_is_in_no_list_and_no_search(browser: Browser, desk: Desk):
    mother, father = meet(desk)
    await browser.log_in("jan")
    page = await browser.get("/cases?status=all")
    assert mother in page
    assert father not in page
    assert "Zaken in deze lijst: 1." in words(page)
    found = await browser.post("/cases/search", 200, text="Elif Yılmaz")
    assert mother in found
    assert father not in found
    assert await browser.post("/cases/search", 303, text=father) == f"/cases/{father}"
    await browser.get(f"/cases/{father}", 404)


async def test_who_withdraws_is_told_and_sees_it_no_more(browser: Browser, desk: Desk):
    reference = desk.bring()
    await browser.log_in("jan")
    page = words(await browser.get(f"/cases/{reference}/conflict"))
    assert "U hoeft geen reden te geven" in page
    where = await browser.post(f"/cases/{reference}/conflict")
    page = await browser.get(where)
    assert "U hebt zich teruggetrokken" in words(page)
    assert reference not in page
    await browser.get(f"/cases/{reference}", 404)


async def test_a_detail_that_finds_the_other_parent_leads_to_no_dead_page(
    browser: Browser, desk: Desk
):
    """Jan has a hand in both cases, the other one is his: this one is gone, and no more is told."""
    child = {"given": "Elif", "family": "Yılmaz", "birth_date": "2019-03-04"}
    mother, father = desk.bring(role="left_behind"), desk.bring(role="taking")
    desk.registry.set_child(desk["jan"], mother, None, child)
    desk.registry.assign(desk["jan"], mother, desk["jan"].id)
    await browser.log_in("jan")
    await browser.get(f"/cases/{father}")
    where = await browser.post(f"/cases/{father}/children", **child)
    assert where == "/cases?done=child"
    page = await browser.get(where)
    assert mother in page
    assert father not in page


class TestACoordinator:
    async def test_sees_the_case_without_what_people_said(self, browser: Browser, desk: Desk):
        mother, _ = meet(desk)
        desk.registry.add_note(desk["jan"], mother, "a word of the mother")
        await browser.log_in("cor")
        page = await browser.get(f"/cases/{mother}")
        assert "De inhoud is voor u afgeschermd" in words(page)
        for word in ("a word of the mother", "Elif", "Yardım", "2019", "Veilig contact"):
            assert word not in page, word
        await browser.get(f"/cases/{mother}/transcript", 403)
        page = words(await browser.post(f"/cases/{mother}/contact", 403))
        assert "De inhoud is afgeschermd" in page

    async def test_sees_it_once_the_handler_has_released_it(self, browser: Browser, desk: Desk):
        mother, father = meet(desk)
        desk.registry.add_note(desk["jan"], mother, "a word of the mother")
        await browser.log_in("jan")
        page = await browser.get(f"/cases/{mother}")
        assert f'value="{desk["cor"].id}"' in page
        assert desk["joke"].id not in page
        await browser.post(f"/cases/{mother}/release", staff=desk["cor"].id)
        await browser.post("/logout")
        await browser.log_in("cor")
        assert "a word of the mother" in await browser.get(f"/cases/{mother}")
        await browser.get(f"/cases/{father}", 404)

    async def test_assigns_it_to_who_has_no_hand_in_the_other(self, browser: Browser, desk: Desk):
        mother, _ = meet(desk)
        await browser.log_in("cor")
        page = await browser.get(f"/cases/{mother}")
        assert desk["joke"].id not in page
        await browser.post(f"/cases/{mother}/assign", staff=desk["cora"].id)
        page = await browser.post(f"/cases/{mother}/assign", 409, staff=desk["joke"].id)
        assert "Deze collega kan deze zaak niet krijgen" in words(page)
