"""How long anybody may take, so that slow and broken connections keep nobody else waiting.

aiohttp itself closes a connection that sends no whole request, or none after its last, at the
end of `keepalive_timeout`.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
from typing import Any

from aiohttp import web

from web.chat import Refused
from web.keys import SETTINGS

IDLE_SECONDS = 30
"""After which a connection without a request is closed."""
LINGERING_SECONDS = 2
"""For the rest of a body that is read no more."""
_BODY_SECONDS = 8.0
_UNREAD_SECONDS = 20
# what a handler does after its own time limit
_MARGIN = 0.6


@web.middleware
async def in_time(request: web.Request, handler: Any) -> web.StreamResponse:
    """Refuse a body that does not arrive, and answer within the limit whatever happens."""
    _give_up_on_who_does_not_read(request)
    if request.can_read_body:
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                await request.read()
        except TimeoutError:
            # the rest of the body is not waited for
            request.protocol.close()
            raise Refused("malformed", "the body did not arrive in time") from None
    if not request.path.startswith("/api/"):
        response: web.StreamResponse = await handler(request)
        return response
    async with asyncio.timeout(request.app[SETTINGS].reply_timeout + _MARGIN):
        answer: web.StreamResponse = await handler(request)
        return answer


def _give_up_on_who_does_not_read(request: web.Request) -> None:
    """Let the kernel close the connection to a client that takes nothing off it."""
    transport = request.transport
    connection = transport.get_extra_info("socket") if transport is not None else None
    if connection is None or not hasattr(socket, "TCP_USER_TIMEOUT"):
        return
    with contextlib.suppress(OSError):
        milliseconds = _UNREAD_SECONDS * 1000
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)


def as_many_connections_as_allowed() -> None:
    """Use all the file descriptors that the system grants, not only the first thousand."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
