"""Proposed wordings in the console: proposing, approving, rejecting, taking back, exporting."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

from aiohttp import web

from bot.languages import SOURCE, languages
from bot.nlg.answers import current_time
from desk.console import words
from desk.console.forms import FORM, Form
from desk.console.rendering import Problem, address, page, redirect
from desk.console.texts import form_values, shown, texts_of, wording_page
from desk.errors import Malformed, NotPossible
from desk.keys import MEMBER, TEXTS
from desk.texts import checks, samples, views
from desk.texts.changes import WrongWording
from desk.texts.difference import difference
from desk.texts.views import ChangeView, Proposal

_MOST_FORMS = 6
_FIELDS = (*(f"text{number}" for number in range(_MOST_FORMS)), "reason", "base", "source")
FORM_NAME = "text"


async def propose(request: web.Request) -> web.Response:
    """POST /texts/wordings/{language}/{key}: another wording, and why."""
    form = request[FORM].only(*_FIELDS)
    key, language = request.match_info["key"], request.match_info["language"]
    store, member = request.app[TEXTS], request[MEMBER]
    try:
        change = await asyncio.to_thread(store.propose, member, key, language, _proposal(form))
    except (Malformed, NotPossible) as refusal:
        return await wording_page(request, _problem(refusal, form), refusal.status)
    return redirect(f"{address(request, 'text_change', change=change)}?done=text_proposed")


async def edit(request: web.Request) -> web.Response:
    """POST /texts/changes/{change}/edit: the author puts it otherwise; approvals are gone."""
    form = request[FORM].only(*_FIELDS)
    store, member = request.app[TEXTS], request[MEMBER]
    change = request.match_info["change"]
    try:
        await asyncio.to_thread(store.edit, member, change, _proposal(form))
    except (Malformed, NotPossible) as refusal:
        return await _change_page(request, _problem(refusal, form), refusal.status)
    return redirect(f"{address(request, 'text_change', change=change)}?done=text_edited")


def _proposal(form: Form) -> Proposal:
    given = [form[name] for name in _FIELDS[:_MOST_FORMS] if name in form]
    return Proposal(
        forms=tuple(checks.cleaned(text) for text in given),
        reason=form.text("reason"),
        base=form.text("base"),
        source=form.text("source") or None,
    )


def _problem(refusal: Malformed | NotPossible, form: Form) -> Problem:
    if isinstance(refusal, WrongWording):
        said = {
            f"text{fault.form}": words.t(f"desk_fault_text_{fault.kind}", about=fault.about)
            for fault in reversed(refusal.faults)
        }
        return Problem(FORM_NAME, refusal.fields, form, said=said)
    code = "text_busy" if isinstance(refusal, NotPossible) else "malformed"
    if "base" in refusal.fields:
        return Problem(FORM_NAME, (), form, "text_moved")
    return Problem(FORM_NAME, refusal.fields, form, code)


async def text_changes(request: web.Request) -> web.Response:
    """GET /texts/changes: the proposals, those of one state or all."""
    every = await asyncio.to_thread(request.app[TEXTS].changes, request[MEMBER])
    state = request.query.get("state", views.OPEN)
    state = state if state in views.STATES else views.OPEN
    return page(
        request,
        "text_changes.html",
        state=state,
        states=views.STATES,
        counts=Counter(change.state for change in every),
        changes=[change for change in every if change.state == state],
    )


async def text_change(request: web.Request) -> web.Response:
    """GET /texts/changes/{change}: a proposal, what differs, and what can be done with it."""
    return await _change_page(request)


async def _change_page(
    request: web.Request, problem: Problem | None = None, status: int = 200
) -> web.Response:
    store, member = request.app[TEXTS], request[MEMBER]
    change = await asyncio.to_thread(store.change, member, request.match_info["change"])
    source, is_coming = await asyncio.to_thread(store.source, member, change.key)
    book, now = store.book(), current_time()
    wording = book.get(change.key, change.language)
    like, dutch = wording or texts_of(change), book.get(change.key, SOURCE)
    before = (*change.before, *[""] * (len(change.proposal) - len(change.before)))
    return page(
        request,
        "text_change.html",
        status=status,
        problem=problem,
        change=change,
        wording=wording,
        differences=[difference(old, new) for old, new in zip(before, change.proposal)],
        seen=samples.shown_forms(change.proposal, like, now),
        in_force=shown(wording, now),
        dutch=samples.shown_forms(source, dutch, now)
        if dutch and change.language != SOURCE
        else [],
        is_coming=is_coming,
        remarks=checks.remarks(change.key, change.domain, change.language, change.proposal, source),
        source=source,
        kinds=[kind for kind in views.KINDS if kind in change.may],
        **form_values(like, change.proposal, source),
    )


async def approve(request: web.Request) -> web.Response:
    """POST /texts/changes/{change}/approve: stand for its content, or for its language."""
    form = request[FORM].only("kind", "seen", "native")
    kind = form.text("kind")
    if kind == views.LANGUAGE and not form.ticked("native"):
        problem = Problem("approve_language", ("native",))
        return await _change_page(request, problem, 400)
    return await _act(request, "text_approved", request.app[TEXTS].approve, kind, form.text("seen"))


async def reject(request: web.Request) -> web.Response:
    """POST /texts/changes/{change}/reject: not like this, and why."""
    form = request[FORM].only("reason")
    return await _act(
        request, "text_rejected", request.app[TEXTS].reject, form.text("reason"), form_name="reject"
    )


async def withdraw(request: web.Request) -> web.Response:
    """POST /texts/changes/{change}/withdraw: the author takes it back."""
    request[FORM].only()
    return await _act(request, "text_withdrawn", request.app[TEXTS].withdraw)


async def _act(
    request: web.Request,
    done: str,
    act: Callable[..., None],
    *given: Any,
    form_name: str = "act",
) -> web.Response:
    change, values = request.match_info["change"], request[FORM]
    try:
        await asyncio.to_thread(act, request[MEMBER], change, *given)
    except Malformed as refusal:
        problem = Problem(form_name, refusal.fields, values)
        return await _change_page(request, problem, refusal.status)
    except NotPossible as refusal:
        return await _change_page(request, Problem("act", (), code="text_act"), refusal.status)
    return redirect(f"{address(request, 'text_change', change=change)}?done={done}")


async def export(request: web.Request) -> web.Response:
    """GET /texts/export: what a patch would hold now."""
    return await _export_page(request)


async def _export_page(
    request: web.Request, problem: Problem | None = None, status: int = 200
) -> web.Response:
    store = request.app[TEXTS]
    ready = await asyncio.to_thread(store.exportable, request[MEMBER])
    return page(
        request,
        "text_export.html",
        status=status,
        problem=problem,
        changes=ready,
        stale=_becoming_stale(ready),
    )


def _becoming_stale(ready: list[ChangeView]) -> list[tuple[str, list[str]]]:
    """Dutch texts of an export, with the languages that do not follow in it."""
    together = {(change.key, change.language) for change in ready}
    found = []
    for change in ready:
        if change.language == SOURCE:
            left = [
                code
                for code in languages()
                if code != SOURCE and (change.key, code) not in together
            ]
            if left:
                found.append((change.key, left))
    return found


async def download(request: web.Request) -> web.Response:
    """POST /texts/export: the patch; what it holds is marked as exported."""
    request[FORM].only()
    try:
        patch = await asyncio.to_thread(request.app[TEXTS].export, request[MEMBER])
    except NotPossible as refusal:
        return await _export_page(request, Problem("export", (), code="text_none"), refusal.status)
    name = f"kompas-texts-{current_time():%Y-%m-%d}.patch"
    return web.Response(
        body=patch.encode(),
        content_type="text/x-diff",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
