"""The interface for our own processes: the action server and the visitor site."""

from __future__ import annotations

import asyncio
import hmac
import json
import re
from typing import Any, NoReturn

from aiohttp import web

from desk.errors import Malformed, Refused
from desk.intake import parse_case, parse_contact
from desk.keys import REGISTRY, SETTINGS

_CONVERSATION = re.compile(r"[A-Za-z0-9_.:-]{1,128}")


class Unauthorized(Refused):
    """The token of the services is missing or wrong."""

    code = "unauthorized"
    status = 401


class UnsupportedType(Refused):
    """The body is not JSON."""

    code = "unsupported_type"
    status = 415


class TooLong(Refused):
    """The body is larger than any conversation."""

    code = "too_long"
    status = 413


async def create_case(request: web.Request) -> web.Response:
    """POST /api/cases: take in a case, once for each Idempotency-Key."""
    _authorize(request)
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        raise Malformed("The header Idempotency-Key is missing.", ["Idempotency-Key"])
    body = parse_case(await _json(request))
    registry = request.app[REGISTRY]
    receipt, is_new = await asyncio.to_thread(registry.create_case, body, key)
    return web.json_response(
        {
            "reference": receipt.reference,
            "line": receipt.line,
            "code": receipt.code,
            "urgent": receipt.urgent,
            "next_reading": receipt.next_reading.isoformat() if receipt.next_reading else None,
        },
        status=201 if is_new else 200,
    )


async def store_contact(request: web.Request) -> web.Response:
    """POST /api/contacts: keep a contact form."""
    _authorize(request)
    body = parse_contact(await _json(request))
    contact_ref, is_new = await asyncio.to_thread(request.app[REGISTRY].store_contact, body)
    return web.json_response({"contact_ref": contact_ref}, status=201 if is_new else 200)


async def erase_conversation(request: web.Request) -> web.Response:
    """DELETE /api/conversations/{conversation}: erase all there is of it; the receipt."""
    _authorize(request)
    conversation = request.match_info["conversation"]
    if not _CONVERSATION.fullmatch(conversation):
        raise Malformed("This is no conversation.", ["conversation"])
    receipt = await asyncio.to_thread(request.app[REGISTRY].erase_conversation, conversation)
    return web.json_response(
        {
            "receipt": receipt.code,
            "at": receipt.at.isoformat(),
            "removed": dict(receipt.removed),
        }
    )


async def healthz(request: web.Request) -> web.Response:
    """GET /healthz: this process answers."""
    return web.json_response({"alive": True})


async def readyz(request: web.Request) -> web.Response:
    """GET /readyz: 200 when the database is there with the tables of this version."""
    ready = await asyncio.to_thread(request.app[REGISTRY].database.answers)
    return web.json_response(
        {"ready": ready, "parts": {"database": ready}}, status=200 if ready else 503
    )


def _authorize(request: web.Request) -> None:
    given = request.headers.get("Authorization", "")
    expected = f"Bearer {request.app[SETTINGS].service_token}"
    if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), expected.encode()):
        raise Unauthorized("The token is missing or wrong.")


async def _json(request: web.Request) -> Any:
    if request.content_type != "application/json":
        raise UnsupportedType("The body is not application/json.")
    try:
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise TooLong("The body is too large.", ["body"]) from None
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Malformed("The body is not JSON in UTF-8.", ["body"]) from None


def _no_number(_: str) -> NoReturn:
    raise ValueError
