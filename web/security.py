"""What every reply of the visitor site carries, and who may ask from another site."""

from __future__ import annotations

import logging
from typing import Any

from aiohttp import web

from bot import request_trace
from web.errors import error_response, visitor_language
from web.headers import COMMON, on_every_reply
from web.keys import METRICS, SAID, SETTINGS

logger = logging.getLogger("kompas.web.access")

_HEADERS = {**COMMON, "Referrer-Policy": "no-referrer"}


def _record(request: web.Request, status: int, milliseconds: int) -> None:
    """Log id, route, status and time, never an address or a word."""
    route = request.match_info.route.name or "none"
    request.app[METRICS].requests.labels(route, str(status)).inc()
    told: dict[str, object] = {"route": route, "status": status, "ms": milliseconds}
    if keys := request.get(SAID):
        told["keys"] = ",".join(keys)
    # the watchdog asks every few seconds whether we live
    level = logging.DEBUG if route == "healthz" else logging.INFO
    logger.log(level, request_trace.line("request", **told))


headers_and_log = on_every_reply(_HEADERS, _record)


@web.middleware
async def origins(request: web.Request, handler: Any) -> web.StreamResponse:
    """Refuse the API to pages of sites that are not allowed; let the allowed ones in (CORS)."""
    origin = request.headers.get("Origin")
    if origin is None or not request.path.startswith("/api/"):
        response: web.StreamResponse = await handler(request)
        return response
    same = origin.partition("://")[2] == request.host
    if not same and origin not in request.app[SETTINGS].allowed_origins:
        return error_response("forbidden_origin", visitor_language(request))
    response = web.Response(status=204) if request.method == "OPTIONS" else await handler(request)
    if not same:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Headers"] = (
            "Authorization, Content-Type, Idempotency-Key"
        )
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE"
        response.headers["Vary"] = "Origin"
    return response
