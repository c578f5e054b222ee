"""What the tests of the hand-over put in the desk's place."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from bot.outbox import CASE, CONTACT, ERASURE

REPLIES: dict[str, dict[str, Any]] = {
    CASE: {
        "reference": "K-2026-7F3Q",
        "line": 2,
        "code": "kinderontvoering",
        "urgent": False,
        "next_reading": "2026-11-23T08:00:00+00:00",
    },
    CONTACT: {"contact_ref": "r" * 43},
    ERASURE: {"receipt": "W-1", "at": "2026-11-22T10:00:00+00:00", "removed": {}},
}


class Desk:
    """Stands for the desk: answers as told, remembers each case and form by its key."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.body: bytes | None = None
        self.hangs = False
        self.requests: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.kept: dict[str, Any] = {}
        self.arrived = asyncio.Event()
        self.released = asyncio.Event()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/api/erasures", self._erasures)
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    async def _erasures(self, request: web.Request) -> web.Response:
        """Nothing is to be erased, and nobody here is told that somebody asked."""
        return web.json_response({"conversations": [], "more": False})

    async def _answer(self, request: web.Request) -> web.Response:
        self.requests.append((request.method, request.path))
        self.headers.append(dict(request.headers))
        body = await request.json() if request.can_read_body else None
        self.arrived.set()
        if self.hangs:
            await self.released.wait()
        if self.body is not None:
            return web.Response(
                body=self.body, status=self.status or 200, content_type="application/json"
            )
        if self.status is not None:
            return web.json_response({"error": "x", "message": "mijn geheim"}, status=self.status)
        key = request.headers["Idempotency-Key"]
        known = key in self.kept
        self.kept.setdefault(key, body)
        kinds = {"/api/cases": CASE, "/api/contacts": CONTACT}
        reply = REPLIES[kinds.get(request.path, ERASURE)]
        return web.json_response(reply, status=200 if known else 201)
