"""What every reply of the desk carries, and what becomes of a refusal or a fault."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot import request_trace
from desk import metrics
from desk.api import is_service
from desk.console.guard import is_api, log_fault
from desk.errors import Refused, TooManyAttempts
from desk.keys import REGISTRY
from web.headers import COMMON, on_every_reply

logger = logging.getLogger("kompas.desk")

_HEADERS = {
    **COMMON,
    # with "no-referrer" browsers send forms with the origin "null", which could be anybody's
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_OFTEN = frozenset({"healthz", "pending_erasures"})
_STATUS_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_long"}


def _record(request: web.Request, status: int, milliseconds: int) -> None:
    """Log id, route, status and time, never an address or a word."""
    route = request.match_info.route.name or "none"
    metrics.count(route, status, milliseconds, is_api=is_api(request))
    told: dict[str, object] = {"route": route, "status": status, "ms": milliseconds}
    # the watchdog asks every few seconds whether we live, the courier what is to be erased
    level = logging.DEBUG if route in _OFTEN and status < 400 else logging.INFO
    logger.log(level, request_trace.line("request", **told))


def _given(request: web.Request) -> str | None:
    """The id that the action server or a courier sent along; from nobody else."""
    return request.headers.get(request_trace.HEADER) if is_service(request) else None


headers_and_log = on_every_reply(_HEADERS, _record, _given)


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
        log_fault(logger, request, error)
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
