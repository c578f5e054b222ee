"""The interface for our own processes: the action server and the courier."""

from __future__ import annotations

import asyncio
import hmac
import json
import math
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from aiohttp import web

from bot.sealing import CannotOpen, open_sealed
from desk.errors import Malformed, Refused
from desk.intake import ERASURES_A_PAGE, parse_case, parse_contact, parse_erasures
from desk.keys import REGISTRY, SETTINGS

MOST_BODY = 4 * 1024 * 1024
"""Bytes of a body: a day of talking, not a disk full."""
MOST_SEALED = MOST_BODY * 4 // 3 + 1024
"""The same, sealed."""
MOST_DEPTH = 32
"""Levels of a body: what is nested deeper than a program can follow fails where it is stored."""
_CONVERSATION = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


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


async def pending_erasures(request: web.Request) -> web.Response:
    """GET /api/erasures: a page of what is still to be erased in the Rasa server."""
    _authorize(request)
    if set(request.query) - {"skip"}:
        raise Malformed("Only skip is known here.", ["skip"])
    given = request.query.getall("skip", ["0"])
    if len(given) != 1 or not _NUMBER.fullmatch(given[0]):
        raise Malformed("This is no number of erasures.", ["skip"])
    registry = request.app[REGISTRY]
    # one more than is shown tells whether there is more
    found = await asyncio.to_thread(registry.pending_erasures, int(given[0]), ERASURES_A_PAGE + 1)
    return web.json_response(
        {"conversations": found[:ERASURES_A_PAGE], "more": len(found) > ERASURES_A_PAGE}
    )


async def report_erasures(request: web.Request) -> web.Response:
    """POST /api/erasures: take in which of them the Rasa server erased, and which not."""
    _authorize(request)
    body = parse_erasures(await _json(request))
    noted = await asyncio.to_thread(request.app[REGISTRY].note_erasures, body.erased, body.failed)
    return web.json_response({"noted": noted})


async def healthz(request: web.Request) -> web.Response:
    """GET /healthz: this process answers."""
    return web.json_response({"alive": True})


async def readyz(request: web.Request) -> web.Response:
    """GET /readyz: 200 when the database is there with the tables of this version."""
    ready = await asyncio.to_thread(request.app[REGISTRY].database.answers)
    return web.json_response(
        {"ready": ready, "parts": {"database": ready}}, status=200 if ready else 503
    )


def is_service(request: web.Request) -> bool:
    """Whether a process of our own asks."""
    given = request.headers.get("Authorization", "")
    expected = f"Bearer {request.app[SETTINGS].service_token}"
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), expected.encode())


def _authorize(request: web.Request) -> None:
    if not is_service(request):
        raise Unauthorized("The token is missing or wrong.")


async def _json(request: web.Request) -> Any:
    """The body, opened where it is sealed."""
    if request.content_type != "application/json":
        raise UnsupportedType("The body is not application/json.")
    try:
        raw = await request.clone(client_max_size=MOST_SEALED).read()
    except web.HTTPRequestEntityTooLarge:
        raise _too_long() from None
    if len(raw) > MOST_BODY and b'"sealed"' not in raw[:100]:
        raise _too_long()
    body = _parsed(raw)
    if isinstance(body, dict) and "sealed" in body:
        opened = await asyncio.to_thread(_opened, body, request.app[SETTINGS].seal_keys)
        return _parsed(opened)
    if len(raw) > MOST_BODY:
        raise _too_long()
    return body


def _opened(body: dict[str, Any], keys: Sequence[str]) -> bytes:
    """What is sealed in `body`, to whichever of our keys."""
    unknown = [name[:80] for name in body if name != "sealed"]
    if unknown:
        raise Malformed("Beside a sealed body there is nothing else.", unknown)
    sealed = body["sealed"]
    for key in keys if isinstance(sealed, str) else ():
        try:
            opened = open_sealed(key, sealed)
        except CannotOpen:
            continue
        if len(opened) > MOST_BODY:
            raise _too_long()
        return opened
    raise Malformed("It is not sealed to a key of KOMPAS_DESK_SEAL_KEYS.", ["sealed"])


def _parsed(raw: bytes) -> Any:
    try:
        body = json.loads(raw.decode("utf-8"), parse_constant=_no_number, parse_float=_number)
    except (ValueError, RecursionError):
        raise Malformed("The body is not JSON in UTF-8.", ["body"]) from None
    if _is_deeper(body, MOST_DEPTH):
        raise Malformed(f"The body is nested more than {MOST_DEPTH} deep.", ["body"])
    return body


def _is_deeper(value: Any, most: int) -> bool:
    """Whether anything in `value` is nested more than `most` deep."""
    level = [value]
    for _ in range(most):
        level = [
            child
            for each in level
            if isinstance(each, dict | list)
            for child in (each.values() if isinstance(each, dict) else each)
        ]
    return any(isinstance(each, dict | list) for each in level)


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        # 1e999 is correct JSON, and infinity, which is none
        raise ValueError
    # JSON does not tell 20.0 from 20
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _too_long() -> TooLong:
    return TooLong("The body is too large.", ["body"])


def _no_number(_: str) -> NoReturn:
    raise ValueError
