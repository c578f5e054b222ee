"""What the tests of the visitor site put behind it, and how they talk to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient

from bot.sealing import new_keys
from web.settings import Settings
from web.sites import FILE as SITES_FILE

SECRET = "c" * 32
TOKEN_SECRET = "t" * 32
SEAL_KEY, SEAL_PUBLIC = new_keys()

Visitor = TestClient[web.Request, web.Application]
MakeVisitor = Callable[..., Awaitable[Visitor]]


class Behind:
    """Both processes behind the site: Rasa with our channel, and the action server.

    Answers as told by its fields, and remembers what it was asked.
    """

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.handed_over: list[tuple[str, Any]] = []
        self.erased: list[str] = []
        self.secrets: set[str] = set()
        self.requests: list[str] = []
        self.status = 200
        self.reply: Any = {"lang": "nl", "messages": [a_message("utter_greet", "nl")]}
        self.raw: bytes | None = None
        self.checklist: dict[str, Any] = {"lang": "nl", "answers": {}}
        self.parts = {"model": True, "tracker_store": True}
        self.actions_status = 200
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.answering = 0
        self.most_at_once = 0

    def app(self) -> web.Application:
        """The addresses of `bot/channel.py`, and the health check of rasa_sdk."""
        app = web.Application()
        app.router.add_post("/webhooks/kompas/messages", self._messages)
        app.router.add_delete("/webhooks/kompas/conversations/{sender}", self._erase)
        app.router.add_get(
            "/webhooks/kompas/conversations/{sender}/checklist", self._read_checklist
        )
        app.router.add_post("/webhooks/kompas/conversations/{sender}/handover", self._hand_over)
        app.router.add_get("/webhooks/kompas/ready", self._ready)
        app.router.add_get("/health", self._health)
        return app

    async def _messages(self, request: web.Request) -> web.Response:
        self.secrets.add(request.headers.get("Authorization", ""))
        self.requests.append(request.headers.get("X-Kompas-Request", ""))
        self.received.append(await request.json())
        self.answering += 1
        self.most_at_once = max(self.most_at_once, self.answering)
        try:
            await self.may_answer.wait()
            await asyncio.sleep(0)
        finally:
            self.answering -= 1
        if self.raw is not None:
            return web.Response(body=self.raw, content_type="application/json")
        return web.json_response(self.reply, status=self.status)

    async def _erase(self, request: web.Request) -> web.Response:
        self.secrets.add(request.headers.get("Authorization", ""))
        self.erased.append(request.match_info["sender"])
        return web.Response(status=204 if self.status == 200 else self.status)

    async def _read_checklist(self, request: web.Request) -> web.Response:
        self.secrets.add(request.headers.get("Authorization", ""))
        return web.json_response(self.checklist, status=self.status)

    async def _hand_over(self, request: web.Request) -> web.Response:
        self.secrets.add(request.headers.get("Authorization", ""))
        self.handed_over.append((request.match_info["sender"], await request.json()))
        return web.json_response(self.reply, status=self.status)

    async def _ready(self, request: web.Request) -> web.Response:
        return web.json_response(self.parts, status=200 if all(self.parts.values()) else 503)

    async def _health(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"}, status=self.actions_status)


def a_message(key: str, language: str) -> dict[str, Any]:
    """A message of the visitor API."""
    return {
        "id": key,
        "text": "Dag.",
        "lang": language,
        "kind": "text",
        "buttons": [],
        "links": [],
    }


def settings_for(port: int, outbox: Path, **changes: Any) -> Settings:
    """Settings of a site whose Rasa server and action server listen on `port`.

    What it has for the desk lies in the file `outbox`.
    """
    values: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": 8080,
        "rasa_urls": (f"http://127.0.0.1:{port}/webhooks/kompas",),
        "actions_url": f"http://127.0.0.1:{port}",
        "channel_secret": SECRET,
        "token_secret": TOKEN_SECRET,
        "seal_public": SEAL_PUBLIC,
        "outbox": str(outbox),
        "counts": str(outbox.with_name("counts.db")),
        "public_url": "",
        "sites": SITES_FILE,
        "allowed_origins": frozenset({"https://vereniging.example"}),
        "trusted_proxies": (),
        "reply_timeout": 10.0,
        "max_text": 2000,
        "messages_per_minute": 1000,
        "starts_per_minute": 1000,
        "codes_per_minute": 1000,
        "metrics_token": "",
        "log_level": "INFO",
    }
    return Settings(**{**values, **changes})


async def begin(visitor: Visitor, **opening: str) -> str:
    """Start a conversation; the value of the Authorization header for it."""
    response = await visitor.post("/api/chat/start", json=opening)
    assert response.status == 201
    return f"Bearer {(await response.json())['token']}"
