"""What every reply of the desk carries, and what becomes of a refusal or a fault."""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from typing import Any

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from desk.console.guard import is_api
from desk.errors import Refused, TooManyAttempts
from desk.keys import REGISTRY

logger = logging.getLogger("kompas.desk")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    # with "no-referrer" browsers send forms with the origin "null", which could be anybody's
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
_STATUS_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_long"}


@web.middleware
async def headers_and_log(request: web.Request, handler: Any) -> web.StreamResponse:
    """Set the security headers; log route, status and time, never an address or a word."""
    began = time.monotonic()
    try:
        response: web.StreamResponse = await handler(request)
    except web.HTTPException as error:
        error.headers.update(HEADERS)
        _record(request, error.status, began)
        raise
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    _record(request, response.status, began)
    return response


def _record(request: web.Request, status: int, began: float) -> None:
    route = request.match_info.route.name or "none"
    logger.info("%s %d %d ms", route, status, round((time.monotonic() - began) * 1000))


@web.middleware
async def refusals(request: web.Request, handler: Any) -> web.StreamResponse:
    """Errors of the JSON interface as JSON that names fields; nothing of the request in a log.

    Those of the console become pages (desk/console/guard.py).
    """
    if not is_api(request):
        page: web.StreamResponse = await handler(request)
        return page
    try:
        response: web.StreamResponse = await handler(request)
    except Refused as refusal:
        await _note(request, refusal)
        return error_reply(refusal)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        code = _STATUS_CODES.get(error.status, "refused")
        headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
        return web.json_response({"error": code}, status=error.status, headers=headers)
    except Exception as error:
        # the kind and the place: the text of an error can hold what someone wrote
        place = traceback.extract_tb(error.__traceback__)[-1]
        logger.error(
            "%s failed: %s in %s line %s",
            request.match_info.route.name,
            type(error).__name__,
            place.name,
            place.lineno,
        )
        away = isinstance(error, SQLAlchemyError)
        return web.json_response(
            {"error": "unavailable" if away else "failed"},
            status=503 if away else 500,
            headers={"Retry-After": "5"} if away else {},
        )
    return response


async def _note(request: web.Request, refusal: Refused) -> None:
    """Refused calls of the services are in the audit log; the registry notes colleagues' own."""
    wanted = request.match_info.route.name or "none"
    try:
        await asyncio.to_thread(
            request.app[REGISTRY].record_refusal, wanted, refusal.code, refusal.fields
        )
    except SQLAlchemyError as error:
        logger.error("The refusal of %s is not in the audit log: %s", wanted, type(error).__name__)


def error_reply(refusal: Refused) -> web.Response:
    """A refusal as JSON."""
    body: dict[str, Any] = {"error": refusal.code, "message": str(refusal)}
    if refusal.fields:
        body["fields"] = list(refusal.fields)
    headers = {}
    if isinstance(refusal, TooManyAttempts):
        headers["Retry-After"] = str(refusal.retry_after)
    if refusal.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return web.json_response(body, status=refusal.status, headers=headers)
