"""The queue: which cases there are, urgent ones first, and finding one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bot.languages import languages
from desk.access import Scope
from desk.codes import codebook
from desk.console import words
from desk.console.forms import FORM
from desk.console.guard import note_refusal
from desk.console.rendering import Problem, address, page, redirect
from desk.errors import Malformed
from desk.keys import MEMBER, REGISTRY
from desk.models import CLOSED, NEW, OPEN, STATUSES
from desk.references import parse
from desk.registry import Filters
from desk.views import CaseRow

_PER_PAGE = 50
_MOST_PAGES = 10_000
ALL = "all"
_SHOWN: dict[str, tuple[str, ...] | None] = {
    "": None,
    NEW: (NEW,),
    OPEN: (OPEN,),
    CLOSED: (CLOSED,),
    ALL: STATUSES,
}
"""What can be asked of the state of cases; nothing asked is what waits or is worked on."""


async def queue(request: web.Request) -> web.Response:
    """GET /cases: the cases that fit the filters."""
    member, registry = request[MEMBER], request.app[REGISTRY]
    asked = {name: request.query.get(name, "") for name in _choices(member.role)}
    asked = {
        name: value if value in dict(_choices(member.role)[name]) else ""
        for name, value in asked.items()
    }
    filters = Filters(
        status=_SHOWN[asked["status"]],
        line=int(asked["line"]) if asked.get("line") else None,
        code=asked["code"] or None,
        language=asked["language"] or None,
        urgent=True if asked["urgent"] else None,
        mine=bool(asked["mine"]),
    )
    number = _page_number(request.query.get("page", ""))
    total = await asyncio.to_thread(registry.count, member, filters)
    number = min(number, max(1, -(-total // _PER_PAGE)))
    rows = await asyncio.to_thread(
        registry.queue, member, filters, limit=_PER_PAGE, offset=(number - 1) * _PER_PAGE
    )

    def to_page(other: int) -> str:
        kept = {name: value for name, value in asked.items() if value} | {"page": str(other)}
        return f"{address(request, 'queue')}?{urlencode(kept)}"

    return _page(
        request,
        rows,
        asked=asked,
        filtered=any(asked.values()),
        total=total,
        number=number,
        earlier=to_page(number - 1) if number > 1 else None,
        later=to_page(number + 1) if number * _PER_PAGE < total else None,
    )


async def search(request: web.Request) -> web.Response:
    """POST /cases/search: find cases; what is looked for must not stand in an address."""
    wanted = request[FORM].only("text").text("text").strip()
    member, registry = request[MEMBER], request.app[REGISTRY]
    Scope(member).require("cases")
    if parse(wanted) is not None:
        return redirect(address(request, "case", reference=str(parse(wanted))))
    rows: Sequence[CaseRow] = ()
    problem = None
    try:
        rows = await asyncio.to_thread(registry.search, member, wanted) if wanted else ()
    except Malformed as refusal:
        await note_refusal(request, refusal)
        problem = Problem("search", ("text",), {"text": wanted})
    return page(
        request,
        "search.html",
        status=400 if problem else 200,
        problem=problem,
        rows=rows,
        wanted=wanted,
    )


def _page(request: web.Request, rows: Sequence[CaseRow], **context: Any) -> web.Response:
    return page(
        request,
        "queue.html",
        rows=rows,
        choices=_choices(request[MEMBER].role),
        now=datetime.now(UTC),
        **context,
    )


def _choices(role: str) -> dict[str, list[tuple[str, str]]]:
    """Filters with what can be chosen in each: value and label."""
    codes = codebook().codes.values()
    found = {
        "status": [("", words.t("desk_queue_waiting"))]
        + [(status, words.named("status", status)) for status in STATUSES]
        + [(ALL, words.t("desk_queue_all"))],
        "code": [("", words.t("desk_queue_every_code"))]
        + [(code.id, code.label) for code in codes],
        "language": [("", words.t("desk_queue_every_language"))]
        + [(code, words.language(code)) for code in languages()],
        "urgent": [("", ""), ("yes", "")],
        "mine": [("", ""), ("yes", "")],
    }
    if role != "worker":
        found["line"] = [("", words.t("desk_queue_every_line"))] + [
            (str(line), words.t("desk_line", line=line)) for line in (1, 2)
        ]
    return found


def _page_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        return 1
    return max(1, min(int(text), _MOST_PAGES))
