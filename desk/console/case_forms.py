"""What is done with a case: each form of its page, and where one is after it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from aiohttp import web

from desk.console.case import CHILD_FIELDS, NOBODY, PERSON_FIELDS, case_page, details_of
from desk.console.forms import FORM
from desk.console.guard import note_refusal
from desk.console.rendering import Problem, address, page, redirect
from desk.errors import Malformed, NotPossible
from desk.keys import MEMBER, REGISTRY
from desk.models import STATUSES
from desk.reading import ZONE
from desk.registry import Filters, Registry


async def take(request: web.Request) -> web.Response:
    """POST /cases/{reference}/take: the case is mine now."""
    request[FORM].only()
    return await _act(request, "assign", "taken", Registry.assign, request[MEMBER].id)


async def assign(request: web.Request) -> web.Response:
    """POST /cases/{reference}/assign: to a colleague, or to nobody."""
    staff = request[FORM].only("staff").text("staff")
    done = "unassigned" if staff == NOBODY else "assigned"
    return await _act(request, "assign", done, Registry.assign, None if staff == NOBODY else staff)


async def add_note(request: web.Request) -> web.Response:
    """POST /cases/{reference}/notes: add a note."""
    text = request[FORM].only("text").text("text")
    return await _act(request, "note", "note", Registry.add_note, text, at="notes")


async def add_moment(request: web.Request) -> web.Response:
    """POST /cases/{reference}/moments: register a contact."""
    form = request[FORM].only("channel", "direction", "minutes", "when", "note")
    faults = []
    if form.text("direction") not in ("in", "out"):
        faults.append("direction")
    when = None
    try:
        when = _dutch_time(form.text("when")) if form.text("when").strip() else None
    except ValueError:
        faults.append("when")
    minutes = 0
    try:
        minutes = form.number("minutes")
    except Malformed:
        faults.append("minutes")
    if faults:
        return await _wrong(request, "moment", Malformed("Fields are not usable.", faults))
    return await _act(
        request,
        "moment",
        "moment",
        partial(
            Registry.add_moment,
            channel=form.text("channel"),
            incoming=form.text("direction") == "in",
            minutes=minutes,
            note=form.text("note").strip() and form.text("note"),
            at=when,
        ),
        at="moments",
    )


async def change_code(request: web.Request) -> web.Response:
    """POST /cases/{reference}/code: register it under another code, with a reason."""
    form = request[FORM].only("code", "reason")
    return await _act(
        request,
        "code",
        "code",
        Registry.change_code,
        form.text("code"),
        form.text("reason"),
        leads_away=True,
    )


async def set_role(request: web.Request) -> web.Response:
    """POST /cases/{reference}/role: who asks, and for a third party which kind."""
    form = request[FORM].only("role", "third_party")
    return await _act(
        request,
        "role",
        "role",
        Registry.set_role,
        form.text("role"),
        form.text("third_party") or None,
    )


async def set_urgent(request: web.Request) -> web.Response:
    """POST /cases/{reference}/urgent: it cannot wait, or it can."""
    urgent = request[FORM].only("urgent").ticked("urgent")
    done = "urgent" if urgent else "not_urgent"
    return await _act(request, "urgent", done, Registry.set_urgent, urgent)


async def set_child(request: web.Request) -> web.Response:
    """POST /cases/{reference}/children: name and birth date of a child, or another child."""
    form = request[FORM].only("child", *CHILD_FIELDS)
    child = form.text("child") or None
    return await _act(
        request,
        f"child{child or ''}",
        "child",
        Registry.set_child,
        child,
        details_of(form, CHILD_FIELDS),
        at="people",
        leads_away=True,
    )


async def set_person(request: web.Request) -> web.Response:
    """POST /cases/{reference}/people: what is known of a parent."""
    form = request[FORM].only("part", *PERSON_FIELDS)
    part = form.text("part")
    return await _act(
        request,
        part,
        "person",
        Registry.set_person,
        part,
        details_of(form, PERSON_FIELDS),
        at="people",
        leads_away=True,
    )


async def close(request: web.Request) -> web.Response:
    """POST /cases/{reference}/close: it is done, and why."""
    reason = request[FORM].only("reason").text("reason")
    return await _act(request, "close", "closed", Registry.close, reason)


async def reopen(request: web.Request) -> web.Response:
    """POST /cases/{reference}/reopen: it is not done after all."""
    request[FORM].only()
    return await _act(request, "reopen", "reopened", Registry.reopen)


async def declare_conflict(request: web.Request) -> web.Response:
    """POST /cases/{reference}/conflict: withdraw from it, without a reason."""
    request[FORM].only()
    await asyncio.to_thread(
        request.app[REGISTRY].declare_conflict, request[MEMBER], request.match_info["reference"]
    )
    return redirect(f"{address(request, 'queue')}?done=withdrawn")


async def release(request: web.Request) -> web.Response:
    """POST /cases/{reference}/release: open the content to a coordinator."""
    staff = request[FORM].only("staff").text("staff")
    return await _act(request, "release", "released", Registry.release, staff)


async def erase(request: web.Request) -> web.Response:
    """POST /cases/{reference}/erase: erase the case with its conversation; the receipt."""
    request[FORM].only()
    receipt = await asyncio.to_thread(
        request.app[REGISTRY].erase_case, request[MEMBER], request.match_info["reference"]
    )
    return page(request, "receipt.html", receipt=receipt)


async def _act(
    request: web.Request,
    form: str,
    done: str,
    method: Callable[..., Any],
    *values: Any,
    at: str = "",
    leads_away: bool = False,
) -> web.Response:
    """Let the registry do it; then the page of the case, with what is wrong if anything is.

    `at` is the part of the page to go back to. `leads_away`: afterwards the case may be out of
    this colleague's sight, in another line or behind a wall.
    """
    registry, reference = request.app[REGISTRY], request.match_info["reference"]
    try:
        await asyncio.to_thread(method, registry, request[MEMBER], reference, *values)
    except (Malformed, NotPossible) as refusal:
        return await _wrong(request, form, refusal)
    if leads_away and not await _still_there(request):
        return redirect(f"{address(request, 'queue')}?done={done}")
    place = f"#{at}" if at else ""
    return redirect(f"{address(request, 'case', reference=reference)}?done={done}{place}")


async def _still_there(request: web.Request) -> bool:
    registry, reference = request.app[REGISTRY], request.match_info["reference"]
    found = await asyncio.to_thread(
        registry.count, request[MEMBER], Filters(reference=reference, status=STATUSES)
    )
    return found > 0


async def _wrong(request: web.Request, form: str, refusal: Malformed | NotPossible) -> web.Response:
    await note_refusal(request, refusal)
    sent = request[FORM]
    problem = Problem(form, refusal.fields, dict(sent), refusal.code)
    return await case_page(request, problem, refusal.status)


def _dutch_time(text: str) -> datetime:
    """A time as browsers send it, which is meant in Dutch time. Raises ValueError."""
    found = datetime.fromisoformat(text.strip())
    if found.tzinfo is not None or not 2000 <= found.year <= 2200:
        raise ValueError
    return found.replace(tzinfo=ZONE)
