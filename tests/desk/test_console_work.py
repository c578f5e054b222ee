"""What colleagues do with a case at the console: each form, right and wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cast import Desk
from console import Browser, Client, console_of, words

from desk.views import CaseView


@pytest.fixture
async def browser(desk: Desk, aiohttp_client: Callable[..., Awaitable[Client]]) -> Browser:
    return Browser(await aiohttp_client(console_of(desk)), desk)


@pytest.fixture
async def jan(browser: Browser) -> Browser:
    await browser.log_in("jan")
    return browser


@pytest.fixture
def reference(desk: Desk) -> str:
    return desk.bring()


async def seen(desk: Desk, reference: str) -> CaseView:
    return await asyncio.to_thread(desk.registry.look, desk["joke"], reference)


async def content(desk: Desk, reference: str) -> Any:
    return (await seen(desk, reference)).content


@pytest.mark.both_databases
async def test_a_note_is_kept_as_it_was_written(jan: Browser, desk: Desk, reference: str):
    where = await jan.post(f"/cases/{reference}/notes", text="Eerste regel\r\n  tweede regel ")
    assert where == f"/cases/{reference}?done=note#notes"
    page = await jan.get(where)
    assert 'role="status"' in page
    assert "De notitie is opgeslagen" in words(page)
    note = (await content(desk, reference)).notes[0]
    assert (note.author, note.text) == ("jan", "Eerste regel\n  tweede regel ")


@pytest.mark.both_databases
async def test_a_contact_moment_is_registered(jan: Browser, desk: Desk, reference: str):
    await jan.post(
        f"/cases/{reference}/moments",
        channel="phone",
        direction="out",
        minutes="25",
        when="2026-11-20T14:30",
        note="Niet opgenomen",
    )
    moment = (await content(desk, reference)).moments[0]
    assert (moment.channel, moment.incoming, moment.minutes) == ("phone", False, 25)
    assert (moment.author, moment.note) == ("jan", "Niet opgenomen")
    # half past two in the Netherlands
    assert moment.at == datetime(2026, 11, 20, 13, 30, tzinfo=UTC)
    page = words(await jan.get(f"/cases/{reference}"))
    assert "20 nov 2026, 14:30 : Telefoon, wij namen contact op, 25 min." in page


@pytest.mark.both_databases
async def test_another_code_needs_a_reason_and_moves_the_case(
    jan: Browser, desk: Desk, reference: str
):
    page = await jan.post(f"/cases/{reference}/code", 400, code="preventie", reason=" ")
    assert "Vul een reden in" in words(page)
    await jan.post(f"/cases/{reference}/code", code="toestemming_vakantie", reason="Alleen vragen")
    view = await seen(desk, reference)
    assert (view.row.code, view.row.line) == ("toestemming_vakantie", 1)
    page = words(await jan.get(f"/cases/{reference}"))
    assert "De regels stelden voor: Internationale Kinderontvoering." in page
    assert "Alleen vragen" in page


async def test_a_worker_who_moves_a_case_to_line_2_is_back_at_the_list(
    browser: Browser, desk: Desk
):
    reference = desk.bring(code="toestemming_vakantie", transcript=[])
    await browser.log_in("wim")
    where = await browser.post(f"/cases/{reference}/code", code="preventie", reason="Weigering")
    assert where == "/cases?done=code"
    assert "De registratiecode is gewijzigd" in words(await browser.get(where))
    await browser.get(f"/cases/{reference}", 404)


@pytest.mark.both_databases
async def test_role_and_urgency_are_changed(jan: Browser, desk: Desk, reference: str):
    await jan.post(f"/cases/{reference}/role", role="professional", third_party="school")
    await jan.post(f"/cases/{reference}/urgent", urgent="yes")
    row = (await seen(desk, reference)).row
    assert (row.role, row.third_party, row.urgent) == ("professional", "school", True)
    page = words(await jan.get(f"/cases/{reference}"))
    assert "Professional (School of kinderopvang)" in page
    assert "Dringend. Deze zaak kan niet wachten." in page
    await jan.post(f"/cases/{reference}/urgent")
    assert not (await seen(desk, reference)).row.urgent


@pytest.mark.both_databases
async def test_children_and_parents_are_described(jan: Browser, desk: Desk, reference: str):
    child = (await content(desk, reference)).children[0].id
    await jan.post(f"/cases/{reference}/children", child=child, given="Elif", family="Yılmaz")
    await jan.post(f"/cases/{reference}/children", given="Can", birth_date="2021-02-28")
    await jan.post(f"/cases/{reference}/people", part="other_parent", maiden="Demir", phone="06")
    found = await content(desk, reference)
    assert [dict(each.details) for each in found.children] == [
        {"given": "Elif", "family": "Yılmaz"},
        {"given": "Can", "birth_date": "2021-02-28"},
    ]
    assert dict(found.people[0].details) == {"maiden": "Demir", "phone": "06"}
    page = await jan.get(f"/cases/{reference}")
    assert 'value="Demir"' in page
    assert 'value="2021-02-28"' in page


@pytest.mark.both_databases
async def test_a_case_is_closed_with_a_reason_and_opened_again(
    jan: Browser, desk: Desk, reference: str
):
    await jan.post(f"/cases/{reference}/close", 400, reason="")
    await jan.post(f"/cases/{reference}/close", reason="referred")
    page = words(await jan.get(f"/cases/{reference}"))
    assert "gesloten: Verwezen" in page
    # an old page in another tab
    page = await jan.post(f"/cases/{reference}/close", 409, reason="advised")
    assert "Dit kan nu niet" in words(page)
    await jan.post(f"/cases/{reference}/reopen")
    assert (await seen(desk, reference)).row.status == "open"


async def test_a_case_is_taken_and_given_back(jan: Browser, desk: Desk, reference: str):
    await jan.post(f"/cases/{reference}/take")
    assert "Teruggeven aan de lijst" in words(await jan.get(f"/cases/{reference}"))
    await jan.post(f"/cases/{reference}/assign", staff="nobody")
    assert (await seen(desk, reference)).row.assignee is None


async def test_only_a_coordinator_assigns_to_others(browser: Browser, desk: Desk, reference: str):
    await browser.log_in("jan")
    assert desk["joke"].id not in await browser.get(f"/cases/{reference}")
    await browser.post(f"/cases/{reference}/assign", 403, staff=desk["joke"].id)
    await browser.post("/logout")
    await browser.log_in("cor")
    page = await browser.get(f"/cases/{reference}")
    assert f'<option value="{desk["joke"].id}">joke (jurist)</option>' in page
    assert desk["wim"].id not in page
    assert '<option value="nobody" selected>' in page
    await browser.post(f"/cases/{reference}/assign", staff=desk["joke"].id)
    assert (await seen(desk, reference)).row.assignee == "joke"
    # sent again as it is, the form changes nothing
    page = await browser.get(f"/cases/{reference}")
    assert f'<option value="{desk["joke"].id}" selected>' in page
    await browser.post(f"/cases/{reference}/assign", 409, staff="")
    page = await browser.post(f"/cases/{reference}/assign", 409, staff=desk["wim"].id)
    assert 'id="assign-staff-error"' in page


@pytest.mark.both_databases
async def test_a_coordinator_erases_a_case_after_confirming(browser: Browser, desk: Desk):
    reference = desk.bring(conversation="a1" * 32)
    desk.registry.add_note(desk["jan"], reference, "een notitie")
    await browser.log_in("cor")
    page = words(await browser.get(f"/cases/{reference}/erase"))
    assert "Wissen kan niet ongedaan worden gemaakt" in page
    page = words(await browser.post(f"/cases/{reference}/erase", 200))
    assert "Nummer van het bewijs" in page
    assert "notities 1" in page
    assert "Het gesprek staat nog bij de chatserver" in page
    await browser.get(f"/cases/{reference}", 404)
    await browser.post(f"/cases/{reference}/erase", 404)


WRONG: dict[str, tuple[str, dict[str, str], str]] = {
    "a note of nothing": ("notes", {"text": " \n "}, "note-text"),
    "no channel": ("moments", {"channel": "pigeon", "direction": "in", "minutes": "1"},
                   "moment-channel"),
    "no direction": ("moments", {"channel": "phone", "minutes": "1"}, "moment-direction"),
    "half a minute": ("moments", {"channel": "phone", "direction": "in", "minutes": "0.5"},
                      "moment-minutes"),
    "less than nothing": ("moments", {"channel": "phone", "direction": "in", "minutes": "-1"},
                          "moment-minutes"),
    "a day and more": ("moments", {"channel": "phone", "direction": "in", "minutes": "1441"},
                       "moment-minutes"),
    "other digits": ("moments", {"channel": "phone", "direction": "in", "minutes": "٣"},
                     "moment-minutes"),
    "no time": ("moments", {"channel": "phone", "direction": "in", "minutes": "1",
                            "when": "gisteren"}, "moment-when"),
    "a time of the romans": ("moments", {"channel": "phone", "direction": "in", "minutes": "1",
                                         "when": "0001-01-01T00:00"}, "moment-when"),
    "no such code": ("code", {"code": "x", "reason": "why"}, "code-code"),
    "no such role": ("role", {"role": "x"}, "role-role"),
    "no such third party": ("role", {"role": "professional", "third_party": "x"},
                            "role-third_party"),
    "no such reason": ("close", {"reason": "x"}, "close-reason"),
    "the 30th of February": ("people", {"part": "client", "birth_date": "2019-02-30"},
                             "client-birth_date"),
    "a name without end": ("people", {"part": "client", "given": "x" * 201}, "client-given"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
async def test_what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(
    jan: Browser, desk: Desk, reference: str, what: str
):
    path, fields, field = WRONG[what]
    before = await content(desk, reference)
    page = await jan.post(f"/cases/{reference}/{path}", 400, **fields)
    assert f'id="{field}-error"' in page
    assert f'href="#{field}"' in page
    assert 'role="alert"' in page
    form, name = field.split("-")
    typed = fields.get(name, "")
    if form in ("note", "client") or name in ("minutes", "when"):
        assert f'value="{typed}"' in page or f">\n{typed}</textarea>" in page
    assert (await content(desk, reference)) == before


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("people", {"part": "neighbour"}),
        ("children", {"child": "not a child"}),
        ("children", {"child": "x\x00y"}),
        ("urgent", {"urgent": "perhaps"}),
        ("release", {"staff": "x"}),
    ],
)
async def test_what_no_form_sends_is_refused(
    jan: Browser, reference: str, path: str, fields: dict[str, str]
):
    answer = await jan.client.post(
        f"/cases/{reference}/{path}", data={"csrf": jan.csrf, **fields}, allow_redirects=False
    )
    assert answer.status in (400, 403, 404)
    assert answer.content_type == "text/html"
