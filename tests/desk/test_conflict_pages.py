"""What a coordinator sees of conflicts, and what can be done about them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest
from cast import Desk
from console import Browser, Client, console_of, words

from bot.catalogue import text
from desk.errors import NotFound

CHILD = {"given": "Deniz", "family": "Yılmaz", "birth_date": "2019-03-07"}


@pytest.fixture
async def browser(desk: Desk, aiohttp_client: Callable[..., Awaitable[Client]]) -> Browser:
    return Browser(await aiohttp_client(console_of(desk)), desk)


def both_parents(desk: Desk) -> tuple[str, str]:
    """Cases of the two parents of one child; jan handles the one, joke the other."""
    references = []
    for name, role in (("jan", "left_behind"), ("joke", "taking")):
        reference = desk.bring(role=role, code="kinderontvoering")
        desk.registry.assign(desk[name], reference, desk[name].id)
        view = desk.registry.look(desk[name], reference)
        assert view.content is not None
        child = view.content.children[0].id
        desk.registry.set_child(desk[name], reference, child, CHILD)
        references.append(reference)
    return references[0], references[1]


async def open_conflict(browser: Browser, name: str = "cor") -> str:
    """Log in and open the only conflict; its address."""
    await browser.log_in(name)
    found = re.findall(r'href="(/conflicts/[0-9a-f]+)"', await browser.get("/conflicts"))
    assert len(set(found)) == 1
    return found[0]


async def test_it_shows_both_cases_and_the_kinds_of_evidence_without_content(
    desk: Desk, browser: Browser
):
    one, other = both_parents(desk)
    page = await browser.get(await open_conflict(browser))
    assert one in page and other in page
    assert text("nl", "desk_conflict_clue_child_name") in words(page)
    for hidden in ("Deniz", "Yılmaz", "2019-03-07", "Yardım"):
        assert hidden not in page


async def test_every_kind_of_evidence_has_words(desk: Desk):
    for clue in ("child_name", "child_birth_date", "contact", "parent_name", "declared"):
        assert text("nl", f"desk_conflict_clue_{clue}")


@pytest.mark.parametrize("name", ["wim", "jan", "joke", "tess", "aad"])
async def test_nobody_else_learns_of_it(desk: Desk, browser: Browser, name: str):
    both_parents(desk)
    conflict = desk.registry.conflicts(desk["cor"])[0].id
    await browser.log_in(name)
    await browser.get("/conflicts", 403)
    there = await browser.get(f"/conflicts/{conflict}", 403)
    nowhere = await browser.get(f"/conflicts/{'0' * 32}", 403)
    assert there == nowhere
    await browser.post(f"/conflicts/{conflict}/resolve", 403, verdict="dismissed")
    await browser.post(f"/conflicts/{conflict}/assign", 403, staff0="nobody", staff1="nobody")


async def test_confirmed_it_leaves_the_list_and_the_walls_stay(desk: Desk, browser: Browser):
    one, other = both_parents(desk)
    path = await open_conflict(browser)
    await browser.get(path)
    where = await browser.post(f"{path}/resolve", verdict="confirmed")
    assert text("nl", "desk_done_conflict_confirmed") in words(await browser.get(where))
    assert path not in await browser.get("/conflicts")
    assert path in await browser.get("/conflicts?state=confirmed")
    with pytest.raises(NotFound):
        desk.registry.look(desk["jan"], other)
    with pytest.raises(NotFound):
        desk.registry.look(desk["joke"], one)


async def test_dismissed_its_walls_fall(desk: Desk, browser: Browser):
    _, other = both_parents(desk)
    path = await open_conflict(browser)
    await browser.get(path)
    await browser.post(f"{path}/resolve", verdict="dismissed")
    assert desk.registry.look(desk["jan"], other).row.reference == other
    page = words(await browser.get(path))
    assert "cor" in page and text("nl", "desk_conflict_state_dismissed") in page


async def test_who_dismissed_it_too_soon_can_still_confirm_it(desk: Desk, browser: Browser):
    _, other = both_parents(desk)
    path = await open_conflict(browser)
    for verdict in ("dismissed", "confirmed"):
        await browser.get(path)
        await browser.post(f"{path}/resolve", verdict=verdict)
    with pytest.raises(NotFound):
        desk.registry.look(desk["jan"], other)


async def test_the_cases_are_given_to_two_different_people(desk: Desk, browser: Browser):
    one, other = both_parents(desk)
    path = await open_conflict(browser)
    page = await browser.get(path)
    order = re.findall(r"<h2 id=\"case-\d\">\D+(K-\d{4}-\d+-\w)</h2>", page)
    assert set(order) == {one, other}
    chosen = {order.index(one): desk["jan"].id, order.index(other): desk["cora"].id}
    await browser.post(f"{path}/assign", staff0=chosen[0], staff1=chosen[1])
    rows = {
        row.reference: row.assignee
        for row in desk.registry.conflict(desk["cor"], path.split("/")[2]).cases
    }
    assert rows == {one: "jan", other: "cora"}


async def test_one_person_for_both_is_refused_and_nothing_changes(desk: Desk, browser: Browser):
    both_parents(desk)
    path = await open_conflict(browser)
    await browser.get(path)
    page = await browser.post(f"{path}/assign", 409, staff0=desk["cora"].id, staff1=desk["cora"].id)
    assert text("nl", "desk_fault_same") in words(page)
    assignees = {row.assignee for row in desk.registry.conflicts(desk["cor"])[0].cases}
    assert assignees == {"jan", "joke"}


async def test_who_has_a_hand_in_the_other_case_cannot_be_chosen(desk: Desk, browser: Browser):
    one, _ = both_parents(desk)
    path = await open_conflict(browser)
    page = await browser.get(path)
    number = page.index(one) > page.index('<h2 id="case-2">')
    field = page.split(f'name="staff{int(number)}"')[1].split("</select>")[0]
    assert "jan" in field and "joke" not in field
    await browser.post(
        f"{path}/assign",
        409,
        **{f"staff{int(number)}": desk["joke"].id, f"staff{int(not number)}": "nobody"},
    )


async def test_a_coordinator_who_takes_one_cannot_decide_any_more(desk: Desk, browser: Browser):
    both_parents(desk)
    path = await open_conflict(browser)
    await browser.get(path)
    where = await browser.post(f"{path}/assign", staff0=desk["cor"].id, staff1="nobody")
    assert path not in await browser.get(where)
    await browser.get(path, 404)


async def test_a_case_somebody_withdrew_from_is_given_to_another(desk: Desk, browser: Browser):
    reference = desk.bring()
    desk.registry.look(desk["jan"], reference)
    desk.registry.declare_conflict(desk["jan"], reference)
    path = await open_conflict(browser)
    page = await browser.get(path)
    assert text("nl", "desk_conflict_clue_declared") in words(page)
    assert "staff1" not in page
    assert "jan" not in page.split("<select")[1].split("</select>")[0]
    await browser.post(f"{path}/assign", staff0=desk["joke"].id)
    await browser.get(path)
    await browser.post(f"{path}/resolve", verdict="settled")
    assert desk.registry.look(desk["joke"], reference).row.assignee == "joke"
    with pytest.raises(NotFound):
        desk.registry.look(desk["jan"], reference)


@pytest.mark.parametrize(
    "fields", [{}, {"verdict": "maybe"}, {"verdict": "confirmed", "more": "x"}]
)
async def test_a_decision_that_is_none_is_refused(
    desk: Desk, browser: Browser, fields: dict[str, str]
):
    both_parents(desk)
    path = await open_conflict(browser)
    await browser.get(path)
    await browser.post(f"{path}/resolve", 400, **fields)
    assert desk.registry.conflicts(desk["cor"])[0].state == "open"
