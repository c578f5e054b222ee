"""The page of a case, its conversation, and how to reach the client."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from desk.access import Scope
from desk.codes import codebook
from desk.console import summary, transcript, words
from desk.console.forms import FORM
from desk.console.rendering import Problem, page
from desk.errors import Withheld
from desk.keys import MEMBER, REGISTRY
from desk.models import CHANNELS, PARTS
from desk.reading import ZONE
from desk.views import CaseView, ChildView, Colleague, PersonView

CHILD_FIELDS = ("given", "family", "birth_date")
NOBODY = "nobody"
"""What a form sends to take a case from whoever has it."""
PERSON_FIELDS = ("given", "family", "maiden", "birth_date", "phone", "email")


async def case(request: web.Request) -> web.Response:
    """GET /cases/{reference}: everything about a case that this colleague may know."""
    return await case_page(request)


async def case_page(
    request: web.Request, problem: Problem | None = None, status: int = 200
) -> web.Response:
    """The page of a case; with `problem` after a form that could not be taken in."""
    member, registry = request[MEMBER], request.app[REGISTRY]
    reference = request.match_info["reference"]
    view = await asyncio.to_thread(registry.look, member, reference)
    related = await asyncio.to_thread(registry.related, member, reference)
    is_mine = view.row.assignee == member.name
    colleagues: list[Colleague] = []
    releasable: list[Colleague] = []
    if "assign_others" in Scope(member).permissions:
        colleagues = await asyncio.to_thread(registry.colleagues, member, reference)
    if view.content is not None and view.row.conflict and is_mine:
        releasable = await asyncio.to_thread(registry.releasable_to, member, reference)
    return page(
        request,
        "case.html",
        status=status,
        problem=problem,
        case=view,
        row=view.row,
        content=view.content,
        is_mine=is_mine,
        related=related,
        colleagues=colleagues,
        colleague_options=[(NOBODY, words.t("desk_nobody"))]
        + [(each.id, _colleague(each)) for each in colleagues],
        assignee_id=next(
            (each.id for each in colleagues if each.name == view.row.assignee), NOBODY
        ),
        releasable=releasable,
        releasable_options=[(each.id, each.name) for each in releasable],
        **(_told(view) if view.content is not None else {}),
        **_choices(view),
    )


def _colleague(colleague: Colleague) -> str:
    return f"{colleague.name} ({words.named('role', colleague.role)})"


def _told(view: CaseView) -> dict[str, Any]:
    """What people said, in words."""
    content = view.content
    assert content is not None
    total = len(content.transcript)
    first = max(0, total - transcript.ON_CASE_PAGE)
    people = {person.part: person for person in content.people}
    return {
        "answers": summary.grouped(content.summary),
        "children": [(child, summary.child_told(child)) for child in content.children],
        "blocks": transcript.blocks(
            content.transcript[first:], view.row.language, view.row.created, first=first + 1
        ),
        "talk_total": total,
        "talk_hidden": first,
        "people": [people.get(part, PersonView(part, {})) for part in PARTS],
        "new_child": ChildView("", None, None, {}),
    }


def _choices(view: CaseView) -> dict[str, Any]:
    """What can be chosen in the forms of the page: values and labels."""
    book = codebook()
    return {
        "codes": [
            (code.id, f"{code.label} ({words.t('desk_line', line=code.line)})")
            for code in book.codes.values()
        ],
        "channels": [(channel, book.channels[channel]) for channel in CHANNELS],
        "roles": list(book.roles.items()),
        "third_parties": list(book.third_parties.items()),
        "closing": list(book.closing.items()),
        "child_fields": CHILD_FIELDS,
        "person_fields": PERSON_FIELDS,
        "now_local": datetime.now(ZONE).strftime("%Y-%m-%dT%H:%M"),
    }


async def conversation(request: web.Request) -> web.Response:
    """GET /cases/{reference}/transcript: a long conversation, page by page."""
    member, registry = request[MEMBER], request.app[REGISTRY]
    view = await asyncio.to_thread(registry.look, member, request.match_info["reference"])
    if view.content is None:
        raise Withheld("The content of a case in conflict is withheld.")
    entries = view.content.transcript
    pages = max(1, -(-len(entries) // transcript.PER_PAGE))
    given = request.query.get("page", "1")
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 6 else 1
    number = max(1, min(number, pages))
    first = (number - 1) * transcript.PER_PAGE
    blocks = transcript.blocks(
        entries[first : first + transcript.PER_PAGE],
        view.row.language,
        view.row.created,
        first=first + 1,
    )
    return page(
        request,
        "transcript.html",
        row=view.row,
        blocks=blocks,
        talk_total=len(entries),
        number=number,
        pages=pages,
    )


async def contact(request: web.Request) -> web.Response:
    """POST /cases/{reference}/contact: how to reach the client; each look is in the audit log."""
    request[FORM].only()
    reference = request.match_info["reference"]
    contacts = await asyncio.to_thread(request.app[REGISTRY].contacts, request[MEMBER], reference)
    return page(
        request, "contact.html", reference=reference, contacts=contacts, at=datetime.now(UTC)
    )


async def confirm_conflict(request: web.Request) -> web.Response:
    """GET /cases/{reference}/conflict: what it means to withdraw from a case."""
    return await _confirm(request, "conflict", "work")


async def confirm_erasure(request: web.Request) -> web.Response:
    """GET /cases/{reference}/erase: what would be erased."""
    return await _confirm(request, "erase", "erase")


async def _confirm(request: web.Request, act: str, permission: str) -> web.Response:
    member = request[MEMBER]
    Scope(member).require(permission)
    view = await asyncio.to_thread(
        request.app[REGISTRY].look, member, request.match_info["reference"]
    )
    return page(request, f"confirm_{act}.html", row=view.row)


def details_of(form: Mapping[str, str], fields: tuple[str, ...]) -> dict[str, str]:
    """The fields of a person or child in a form."""
    return {name: form.get(name, "") for name in fields}
