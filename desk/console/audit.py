"""The audit log: what was looked at and changed, by whom, and whether the log is whole."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bot import catalogue
from bot.languages import SOURCE
from desk import audit as log
from desk import spreadsheet
from desk.access import ROLES, Scope
from desk.console import words
from desk.console.forms import FORM
from desk.console.rendering import address, page
from desk.errors import Malformed
from desk.keys import MEMBER, REGISTRY
from desk.reading import ZONE
from desk.views import LogEntry

PER_PAGE = 100
MOST_EXPORTED = 5000
_ACTION = "desk_audit_"


async def audit(request: web.Request) -> web.Response:
    """GET /audit: the newest entries, or those beside a position."""
    return await _log_page(request)


async def verify(request: web.Request) -> web.Response:
    """POST /audit/verify: go through the whole chain and say whether it holds."""
    request[FORM].only()
    verdict = await asyncio.to_thread(request.app[REGISTRY].verify_audit, request[MEMBER])
    return await _log_page(request, verdict=verdict)


async def audit_csv(request: web.Request) -> web.Response:
    """GET /audit.csv: the entries from one position to another."""
    member, registry = request[MEMBER], request.app[REGISTRY]
    Scope(member).require("audit")
    first, last = _position(request, "from"), _position(request, "to")
    if first is None or last is None or not 0 <= last - first < MOST_EXPORTED:
        raise Malformed("No range of positions, or too large a one.", ["from", "to"])
    entries = await asyncio.to_thread(
        registry.audit_log, member, after=first - 1, before=last + 1, limit=MOST_EXPORTED
    )
    names = await _names(request)
    head = [
        words.t(f"desk_audit_csv_{name}")
        for name in ("position", "time", "who", "what", "about", "details")
    ]
    rows: list[list[str | int]] = [[*head]]
    for entry in reversed(entries):
        rows.append(
            [
                entry.position,
                entry.at.astimezone(ZONE).isoformat(timespec="seconds"),
                _who(entry),
                action(entry.action),
                entry.subject,
                "; ".join(f"{name}: {value}" for name, value in _details(entry, names)),
            ]
        )
    return spreadsheet.download(f"kompas-logboek-{first}-{last}", rows)


async def _log_page(request: web.Request, verdict: log.Verdict | None = None) -> web.Response:
    member, registry = request[MEMBER], request.app[REGISTRY]
    Scope(member).require("audit")
    asked = {name: request.query.get(name, "").strip() for name in ("subject", "actor", "action")}
    before, after = _position(request, "before"), _position(request, "after")
    entries = await asyncio.to_thread(
        registry.audit_log,
        member,
        **{name: value[:64] or None for name, value in asked.items()},
        before=before,
        after=after if before is None else None,
        limit=PER_PAGE,
    )
    names = await _names(request)

    def beside(**position: int) -> str:
        kept = {name: value for name, value in asked.items() if value} | position
        return f"{address(request, 'audit')}?{urlencode(kept)}"

    at_the_top = before is None and (after is None or len(entries) < PER_PAGE)
    return page(
        request,
        "audit.html",
        asked=asked,
        filtered=any(asked.values()),
        actions=sorted(
            ((name, action(name)) for name in actions()), key=lambda pair: pair[1].lower()
        ),
        actors=[
            (log.SERVICE, words.t("desk_audit_service")),
            (log.SYSTEM, words.t("desk_audit_system")),
        ]
        + sorted(names.items(), key=lambda pair: pair[1].lower()),
        rows=[
            (entry, _who(entry), action(entry.action), _details(entry, names)) for entry in entries
        ],
        newer=None if at_the_top or not entries else beside(after=entries[0].position),
        older=beside(before=entries[-1].position) if len(entries) == PER_PAGE else None,
        first=entries[-1].position if entries else 1,
        last=entries[0].position if entries else 1,
        most=MOST_EXPORTED,
        verdict=verdict,
    )


async def _names(request: web.Request) -> dict[str, str]:
    colleagues = await asyncio.to_thread(request.app[REGISTRY].audit_actors, request[MEMBER])
    return {each.id: each.name for each in colleagues}


def _position(request: web.Request, name: str) -> int | None:
    given = request.query.get(name, "").strip()
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


def _who(entry: LogEntry) -> str:
    if entry.actor in (log.SERVICE, log.SYSTEM):
        return words.t(f"desk_audit_{entry.actor}")
    return entry.actor_name or entry.actor


def actions() -> list[str]:
    """Every action that has a name."""
    prefix = f"{_ACTION}did_"
    return [key.removeprefix(prefix) for key in catalogue.all_keys() if key.startswith(prefix)]


def action(name: str) -> str:
    """What was done, in Dutch."""
    key = f"{_ACTION}did_{name}"
    return words.t(key) if catalogue.has_text(SOURCE, key) else name


def _details(entry: LogEntry, names: Mapping[str, str]) -> list[tuple[str, str]]:
    return [
        (words.named("audit_detail", name), _value(name, value, names))
        for name, value in entry.details.items()
        if value not in (None, "", [], {})
    ]


def _value(name: str, value: Any, names: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return words.t("desk_yes" if value else "desk_no")
    if isinstance(value, dict):
        return ", ".join(f"{key} {each}" for key, each in sorted(value.items()))
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    if name == "clues":
        return ", ".join(words.named("audit_clue", clue) for clue in str(value).split(","))
    if name == "key":
        return words.named("reply_name", str(value).removeprefix("reply_"))
    if name == "to":
        return names.get(str(value), str(value))
    if name == "language":
        return words.language(str(value))
    if name == "kind":
        return words.named("text_kind", str(value))
    if name in ("code", "old", "new"):
        return words.code_label(str(value))
    if name == "wanted":
        return action(str(value))
    if name == "part" or (name == "role" and value in ROLES):
        return words.named(name, str(value))
    kinds = {
        "role": "roles",
        "channel": "channels",
        "third_party": "third_parties",
        "reason": "closing",
    }
    return words.label(kinds[name], str(value)) if name in kinds else str(value)
