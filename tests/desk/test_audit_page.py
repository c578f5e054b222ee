"""The page of the audit log."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from cast import Desk
from console import Browser, Client, console_of, words

from bot.catalogue import text
from desk.console import audit
from desk.models import AuditEntry

ROOT = Path(__file__).parents[2]
_LOGGED = re.compile(
    r'(?:work\.log\(|self\._log\(\s*session,\s*[\w.]+,|audit\.Entry\(\s*[\w.]+,)\s*"([a-z_]+)"'
)


@pytest.fixture
async def browser(desk: Desk, aiohttp_client: Callable[..., Awaitable[Client]]) -> Browser:
    return Browser(await aiohttp_client(console_of(desk)), desk)


def test_every_action_that_is_logged_has_a_name():
    logged = {
        name
        for path in (ROOT / "desk").rglob("*.py")
        for name in _LOGGED.findall(path.read_text(encoding="utf-8"))
    }
    assert len(logged) > 30
    assert logged <= set(audit.actions()), logged - set(audit.actions())


async def test_it_shows_who_did_what_the_newest_first(desk: Desk, browser: Browser):
    reference = desk.bring()
    desk.registry.look(desk["jan"], reference)
    await browser.log_in("aad")
    page = words(await browser.get("/audit"))
    looked, brought = text("nl", "desk_audit_did_look"), text("nl", "desk_audit_did_create_case")
    table = page.split(text("nl", "desk_audit_details"))[-1]
    assert f"jan {looked}" in table
    assert table.index(f"jan {looked}") < table.index(brought)


async def test_it_names_no_case_and_nothing_of_a_client(desk: Desk, browser: Browser):
    reference = desk.bring()
    desk.registry.add_note(desk["jan"], reference, "een geheim")
    await browser.log_in("aad")
    page = await browser.get("/audit")
    assert reference not in page and "geheim" not in page


@pytest.mark.parametrize("name", ["wim", "jan", "cor", "tess"])
async def test_only_an_auditor_reads_it(browser: Browser, name: str):
    await browser.log_in(name)
    for path in ("/audit", "/audit.csv?from=1&to=2"):
        await browser.get(path, 403)
    await browser.post("/audit/verify", 403)


@pytest.mark.both_databases
async def test_one_pages_through_it_without_missing_an_entry(desk: Desk, browser: Browser):
    for _ in range(2 * audit.PER_PAGE + 20):
        desk.registry.queue(desk["jan"])
    await browser.log_in("aad")
    path, seen, first = "/audit", [], ""
    while path:
        page = await browser.get(path)
        positions = [int(each) for each in re.findall(r'id="entry-(\d+)"', page)]
        assert positions == sorted(positions, reverse=True)
        seen += positions
        first = first or page
        older = re.search(r'href="([^"]+)" rel="next"', page)
        path = older[1].replace("&amp;", "&") if older else ""
    assert seen == list(range(seen[0], 0, -1))
    newer = re.search(r'href="([^"]+)" rel="prev"', page)
    assert newer is not None
    again = await browser.get(newer[1].replace("&amp;", "&"))
    assert f'id="entry-{positions[0] + 1}"' in again


async def test_it_filters_by_who_what_and_about_which(desk: Desk, browser: Browser):
    one, other = desk.bring(), desk.bring()
    for reference in (one, other):
        desk.registry.look(desk["jan"], reference)
    desk.registry.look(desk["joke"], one)
    await browser.log_in("aad")

    def rows(page: str) -> list[str]:
        return [words(row) for row in page.split("<tbody")[1].split("</tr>") if "entry-" in row]

    by_joke = rows(await browser.get(f"/audit?actor={desk['joke'].id}&action=look"))
    assert len(by_joke) == 1 and "joke" in by_joke[0]
    with desk.database.reading() as session:
        subject = session.scalar(
            sa.select(AuditEntry.subject).where(AuditEntry.action == "look").limit(1)
        )
    about = rows(await browser.get(f"/audit?subject={subject}"))
    assert len(about) == 3
    nothing = await browser.get("/audit?subject=' OR 1=1 --")
    assert text("nl", "desk_audit_none") in words(nothing)


async def test_it_says_that_the_log_is_whole(desk: Desk, browser: Browser):
    desk.bring()
    await browser.log_in("aad")
    await browser.get("/audit")
    assert text("nl", "desk_audit_head") in words(await browser.post("/audit/verify", 200))


async def test_it_says_where_the_log_was_changed(desk: Desk, browser: Browser):
    desk.bring()
    with desk.database.writing() as session:
        session.execute(sa.text("DROP TRIGGER audit_no_update"))
        session.execute(sa.update(AuditEntry).where(AuditEntry.id == 3).values(actor="system2"))
    await browser.log_in("aad")
    await browser.get("/audit")
    page = words(await browser.post("/audit/verify", 200))
    assert text("nl", "desk_audit_broken", position="3") in page


async def test_a_range_is_exported_in_order(desk: Desk, browser: Browser):
    for _ in range(5):
        desk.registry.queue(desk["jan"])
    await browser.log_in("aad")
    response = await browser.client.get("/audit.csv?from=2&to=6")
    assert response.status == 200
    rows = list(csv.reader(io.StringIO((await response.read()).decode("utf-8-sig")), delimiter=";"))
    assert [row[0] for row in rows] == ["regel", "2", "3", "4", "5", "6"]


@pytest.mark.parametrize("query", ["", "from=2", "from=5&to=2", "from=1&to=6000", "from=x&to=2"])
async def test_a_range_that_is_none_is_refused(browser: Browser, query: str):
    await browser.log_in("aad")
    await browser.get(f"/audit.csv?{query}", 400)
