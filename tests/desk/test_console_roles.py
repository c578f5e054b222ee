"""Which role may open what at the console, address by address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from cast import PASSWORD, Desk, settings_for
from console import Browser, Client, console_of, words
from proposing import propose

from desk.app import create_app
from desk.replies import replies

EVERYBODY = frozenset({"worker", "jurist", "coordinator", "translator", "auditor"})
CASES = frozenset({"worker", "jurist", "coordinator"})
COORDINATOR = frozenset({"coordinator"})
COLLEAGUES = {
    "worker": "wim",
    "jurist": "jan",
    "coordinator": "cor",
    "translator": "tess",
    "auditor": "aad",
}
REPLY = next(iter(replies()))
TEXTS = frozenset({"jurist", "coordinator", "translator"})


@dataclass(frozen=True)
class Way:
    """Who may, and what a form sends that would do."""

    roles: frozenset[str]
    fields: dict[str, str] = field(default_factory=dict)


# Every route of the console: a new one does not pass until it stands here.
TABLE: dict[str, Way] = {
    "start": Way(EVERYBODY),
    "login": Way(EVERYBODY),
    "account": Way(EVERYBODY),
    "change_password": Way(EVERYBODY, {"old": PASSWORD, "new": "x", "again": "x"}),
    "log_out": Way(EVERYBODY),
    "queue": Way(CASES),
    "search": Way(CASES, {"text": "Yılmaz"}),
    "case": Way(CASES),
    "transcript": Way(CASES),
    "contact": Way(CASES),
    "take_case": Way(CASES),
    "assign_case": Way(CASES, {"staff": "nobody"}),
    "add_note": Way(CASES, {"text": "a note"}),
    "add_moment": Way(CASES, {"channel": "phone", "direction": "in", "minutes": "3"}),
    "change_code": Way(CASES, {"code": "toestemming_vakantie", "reason": "why"}),
    "set_role": Way(CASES, {"role": "taking"}),
    "set_urgent": Way(CASES, {"urgent": "yes"}),
    "set_child": Way(CASES, {"given": "Elif"}),
    "set_person": Way(CASES, {"part": "client", "given": "Ayşe"}),
    "close_case": Way(CASES, {"reason": "advised"}),
    "reopen_case": Way(CASES),
    "confirm_conflict": Way(CASES),
    "declare_conflict": Way(CASES),
    "release_case": Way(CASES, {"staff": "x"}),
    "confirm_erasure": Way(COORDINATOR),
    "erase_case": Way(COORDINATOR),
    "figures": Way(CASES),
    "figures_csv": Way(CASES),
    "conflicts": Way(COORDINATOR),
    "conflict": Way(COORDINATOR),
    "conflict_resolve": Way(COORDINATOR, {"verdict": "confirmed"}),
    "conflict_assign": Way(COORDINATOR, {"staff0": "nobody"}),
    "replies": Way(CASES | {"translator"}),
    "case_replies": Way(CASES),
    "case_reply": Way(CASES),
    "use_reply": Way(CASES, {"language": "tr", "minutes": "5"}),
    "audit": Way(frozenset({"auditor"})),
    "audit_csv": Way(frozenset({"auditor"})),
    "audit_verify": Way(frozenset({"auditor"})),
    "texts": Way(TEXTS),
    "texts_due": Way(TEXTS),
    "text_subject": Way(TEXTS),
    "text_wording": Way(TEXTS),
    "propose_text": Way(TEXTS, {"text0": "x", "reason": "why"}),
    "text_changes": Way(TEXTS),
    "text_change": Way(TEXTS),
    "edit_text": Way(TEXTS, {"text0": "x", "reason": "why"}),
    "approve_text": Way(TEXTS, {"kind": "x"}),
    "reject_text": Way(TEXTS, {"reason": "why"}),
    "withdraw_text": Way(TEXTS),
    "text_export": Way(TEXTS - {"jurist"}),
    "export_texts": Way(TEXTS - {"jurist"}),
}
# Before there is a session, so before there is a role; each has tests of its own.
WITHOUT_ROLE = {"log_in", "static", "oidc_start", "oidc_return"}
FOR_PROGRAMS = {"healthz", "readyz", "describe"}


def console_routes(url: str) -> dict[str, tuple[str, str]]:
    """Method and address of each route that is not for programs, by name."""
    found = {}
    for route in create_app(settings_for(url)).router.routes():
        assert route.name is not None
        assert route.resource is not None
        if route.method == "HEAD" or route.resource.canonical.startswith("/api/"):
            continue
        if route.name not in FOR_PROGRAMS | WITHOUT_ROLE:
            found[route.name] = (route.method, route.resource.canonical)
    return found


def a_change(desk: Desk) -> str:
    """A proposal of tom's, of which there is one at a time."""
    running = [each for each in desk.texts.changes(desk["tom"]) if "withdraw" in each.may]
    if running:
        return running[0].id
    return propose(desk, "tom", "utter_thank", "tr", "Rica ederim.")


def test_every_route_of_the_console_stands_in_the_table(url: str):
    assert console_routes(url).keys() == TABLE.keys()


@pytest.fixture
async def open_as(
    desk: Desk, aiohttp_client: Callable[..., Awaitable[Client]]
) -> Callable[[str], Awaitable[Browser]]:
    async def opened(role: str) -> Browser:
        browser = Browser(await aiohttp_client(console_of(desk)), desk)
        await browser.log_in(COLLEAGUES[role])
        return browser

    return opened


@pytest.mark.parametrize("role", sorted(EVERYBODY))
async def test_a_role_opens_what_the_table_says_and_nothing_else(
    desk: Desk, open_as: Callable[[str], Awaitable[Browser]], role: str
):
    routes = console_routes(desk.url)
    member, browser = desk[COLLEAGUES[role]], await open_as(role)
    # what ends the session comes last
    for name in sorted(TABLE, key=lambda each: each == "log_out"):
        way, (method, address) = TABLE[name], routes[name]
        reference = desk.bring(code="toestemming_vakantie", transcript=[])
        if role in CASES:
            # who handles a case may do everything with it that the role includes
            desk.registry.assign(desk["cor"], reference, member.id)
        if name == "reopen_case":
            desk.registry.close(desk["cor"], reference, "advised")
        parts = {
            "reference": reference,
            "reply": REPLY,
            "conflict": "",
            "subject": "topic_travel",
            "language": "tr",
            "key": "utter_lawyer",
            "change": a_change(desk) if "{change}" in address else "",
        }
        if "{conflict}" in address:
            desk.registry.declare_conflict(desk["wilma"], reference)
            parts["conflict"] = desk.registry.conflicts(desk["cor"])[-1].id
        answer = await browser.client.request(
            method,
            address.format(**parts),
            data={"csrf": browser.csrf, **way.fields} if method == "POST" else None,
            allow_redirects=False,
        )
        said = words(await answer.text())
        assert answer.status < 500, (name, said)
        if role in way.roles:
            assert answer.status not in (401, 403, 404), (name, answer.status, said)
        elif "{reference}" in address and role not in CASES:
            assert answer.status == 404, (name, said)
        else:
            assert answer.status == 403, (name, said)


@pytest.mark.parametrize("role", ["translator", "auditor"])
async def test_to_who_sees_no_cases_one_that_exists_is_as_one_that_does_not(
    desk: Desk, open_as: Callable[[str], Awaitable[Browser]], role: str
):
    reference = desk.bring()
    browser = await open_as(role)
    for name, (method, address) in console_routes(desk.url).items():
        if "{reference}" not in address:
            continue
        pages = []
        for asked in (reference, "K-2026-9999-A", "nothing"):
            answer = await browser.client.request(
                method,
                address.format(reference=asked, reply=REPLY),
                data={"csrf": browser.csrf, **TABLE[name].fields} if method == "POST" else None,
                allow_redirects=False,
            )
            pages.append((answer.status, await answer.text()))
        assert pages[0] == pages[1] == pages[2], name
        assert pages[0][0] == 404


@pytest.mark.parametrize("role", sorted(EVERYBODY))
async def test_the_menu_offers_only_what_the_role_may_open(
    open_as: Callable[[str], Awaitable[Browser]], desk: Desk, role: str
):
    browser = await open_as(role)
    page = await browser.get("/account")
    routes = console_routes(desk.url)
    for name in ("queue", "figures", "conflicts", "replies", "texts", "audit"):
        address = routes[name][1]
        assert (f'<a href="{address}"' in page) == (role in TABLE[name].roles), name
        await browser.get(address, 200 if role in TABLE[name].roles else 403)
