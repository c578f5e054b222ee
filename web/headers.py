"""The security headers of every reply, of the visitor site and of the desk alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from bot import request_trace

Record = Callable[[web.Request, int, int], None]
"""Notes a request with its status and how many milliseconds it took."""

REQUEST_ID = web.RequestKey("request_id", str)
"""A random name of each request: it finds the line of the log that belongs to a reply."""


def policy(frame_ancestors: str = "'none'") -> str:
    """The Content-Security-Policy of a page that `frame_ancestors` may show."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self'; base-uri 'none'; form-action 'self'; "
        f"frame-ancestors {frame_ancestors}"
    )


COMMON: Mapping[str, str] = {
    "Content-Security-Policy": policy(),
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    # nothing of a conversation or a case stays in the cache of a shared device
    "Cache-Control": "no-store",
}


async def without_echo(request: web.Request, response: web.StreamResponse) -> None:
    """A signal `on_response_prepare`: say nothing back of a header `Expect` that nobody knows.

    aiohttp refuses such a request before any middleware, and repeats what it held.
    """
    if response.status == web.HTTPExpectationFailed.status_code and isinstance(
        response, web.Response
    ):
        response.body = b"417: Expectation Failed"
        response.headers["Content-Length"] = str(len(response.body))
        response.headers.update(COMMON)


def on_every_reply(
    headers: Mapping[str, str],
    record: Record,
    given: Callable[[web.Request], str | None] = lambda _: None,
) -> Any:
    """A middleware that sets `headers`, where a reply has none of its own, and calls `record`.

    `given` is the id that a process of ours sent with its request, if it is one.
    """

    @web.middleware
    async def headers_and_log(request: web.Request, handler: Any) -> web.StreamResponse:
        began = time.monotonic()
        # ours, never one of a visitor's making: it stands in the log
        request[REQUEST_ID] = request_trace.begin(given(request)).id
        try:
            response: web.StreamResponse = await handler(request)
        except web.HTTPException as error:
            error.headers.update({**headers, "X-Request-Id": request[REQUEST_ID]})
            record(request, error.status, _since(began))
            raise
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        response.headers["X-Request-Id"] = request[REQUEST_ID]
        record(request, response.status, _since(began))
        return response

    return headers_and_log


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
