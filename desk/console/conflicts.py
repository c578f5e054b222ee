"""Conflicts between cases: a coordinator decides without knowing what either parent said."""

from __future__ import annotations

import asyncio

from aiohttp import web

from desk import conflicts as rules
from desk.access import Scope
from desk.console import words
from desk.console.forms import FORM, Form
from desk.console.rendering import Problem, address, page, redirect
from desk.errors import Malformed, NotPossible
from desk.keys import MEMBER, REGISTRY
from desk.models import CLOSED

_STATES = (rules.OPEN, rules.CONFIRMED, rules.DISMISSED)
_NOBODY = "nobody"


async def conflicts(request: web.Request) -> web.Response:
    """GET /conflicts: those that this coordinator can decide about."""
    state = request.query.get("state", rules.OPEN)
    state = state if state in _STATES else rules.OPEN
    found = await asyncio.to_thread(request.app[REGISTRY].conflicts, request[MEMBER], state)
    return page(request, "conflicts.html", conflicts=found, state=state, states=_STATES)


async def conflict(request: web.Request) -> web.Response:
    """GET /conflicts/{conflict}: one of them."""
    return await _conflict_page(request)


async def _conflict_page(
    request: web.Request, problem: Problem | None = None, status: int = 200
) -> web.Response:
    member, registry = request[MEMBER], request.app[REGISTRY]
    view = await asyncio.to_thread(registry.conflict, member, request.match_info["conflict"])
    choices = []
    for number, row in enumerate(view.cases):
        able = await asyncio.to_thread(registry.colleagues, member, row.reference)
        now = next((each.id for each in able if each.name == row.assignee), _NOBODY)
        options = [(_NOBODY, words.t("desk_conflict_assign_nobody"))] + [
            (each.id, f"{each.name} ({words.named('role', each.role)})") for each in able
        ]
        choices.append((f"staff{number}", row, now, options))
    return page(
        request,
        "conflict.html",
        status=status,
        problem=problem,
        conflict=view,
        declared=len(view.cases) == 1,
        choices=choices,
        can_assign=any(row.status != CLOSED for row in view.cases),
    )


async def resolve(request: web.Request) -> web.Response:
    """POST /conflicts/{conflict}/resolve: confirm it or dismiss it."""
    verdict = request[FORM].only("verdict").text("verdict")
    if verdict not in ("confirmed", "dismissed", "settled"):
        raise Malformed("This is no decision.", ["verdict"])
    await asyncio.to_thread(
        request.app[REGISTRY].resolve,
        request[MEMBER],
        request.match_info["conflict"],
        confirmed=verdict == "confirmed",
    )
    return _done(request, f"conflict_{verdict}")


async def assign(request: web.Request) -> web.Response:
    """POST /conflicts/{conflict}/assign: give each of the cases to another colleague."""
    member, registry = request[MEMBER], request.app[REGISTRY]
    form = request[FORM].only("staff0", "staff1")
    # only who may decide learns whether there is such a conflict
    Scope(member).require("conflicts")
    view = await asyncio.to_thread(registry.conflict, member, request.match_info["conflict"])
    wanted = {}
    for number, row in enumerate(view.cases):
        chosen = form.text(f"staff{number}")
        if not chosen:
            raise Malformed("Somebody, or nobody, has to be chosen.", [f"staff{number}"])
        wanted[row.reference] = None if chosen == _NOBODY else chosen
    people = [each for each in wanted.values() if each is not None]
    if len(set(people)) < len(people):
        return await _again(request, form, "staff1")
    # the coordinator's own last: after it, they can do nothing about the other any more
    for number, (reference, staff) in sorted(
        enumerate(wanted.items()), key=lambda pair: pair[1][1] == member.id
    ):
        row = view.cases[number]
        able = await asyncio.to_thread(registry.colleagues, member, reference)
        now = next((each.id for each in able if each.name == row.assignee), None)
        if staff == now:
            continue
        try:
            await asyncio.to_thread(registry.assign, member, reference, staff)
        except NotPossible:
            return await _again(request, form, f"staff{number}")
    return _done(request, "conflict_assigned")


async def _again(request: web.Request, form: Form, field: str) -> web.Response:
    return await _conflict_page(request, Problem("assign", (field,), form, "same"), status=409)


def _done(request: web.Request, what: str) -> web.Response:
    # to the list: who takes a case on themselves cannot open its conflict any more
    return redirect(f"{address(request, 'conflicts')}?done={what}")
