"""What every reply of the visitor site carries, and who may ask from another site."""

from __future__ import annotations

import logging
import time
from typing import Any

from aiohttp import web

from web.errors import error_response, visitor_language
from web.keys import METRICS, SETTINGS

logger = logging.getLogger("kompas.web.access")

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    # nothing of a conversation stays in the cache of a shared phone
    "Cache-Control": "no-store",
}


@web.middleware
async def headers_and_log(request: web.Request, handler: Any) -> web.StreamResponse:
    """Set the security headers; log route, status and time, never an address or a word."""
    began = time.monotonic()
    try:
        response: web.StreamResponse = await handler(request)
    except web.HTTPException as error:
        error.headers.update(_HEADERS)
        _record(request, error.status, began)
        raise
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    _record(request, response.status, began)
    return response


def _record(request: web.Request, status: int, began: float) -> None:
    route = request.match_info.route.name or "none"
    request.app[METRICS].requests.labels(route, str(status)).inc()
    logger.info("%s %d %d ms", route, status, round((time.monotonic() - began) * 1000))


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
        response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE"
        response.headers["Vary"] = "Origin"
    return response
