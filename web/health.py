"""Whether the service lives, is ready, and how it does: for operators, not for visitors."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import sqlite3
import time

import aiohttp
from aiohttp import web

from bot.desk_access import DeskAccess
from web.errors import dumps
from web.keys import GATEWAY, METRICS, OUTBOX, SETTINGS


async def healthz(request: web.Request) -> web.Response:
    """GET /healthz: this process answers."""
    return web.json_response({"alive": True})


async def readyz(request: web.Request) -> web.Response:
    """GET /readyz: 200 when every part can do its work, else 503; says which part cannot."""
    rasa, actions, desk = await asyncio.gather(
        request.app[GATEWAY].ready(),
        _answers(f"{request.app[SETTINGS].actions_url}/health"),
        _answers(f"{DeskAccess.from_environment().url}/readyz"),
    )
    outbox, delivery = await asyncio.to_thread(_outbox_answers, request)
    # the best of them: while one is down the others have its conversations
    parts = {
        "catalogues": True,
        **max(rasa, key=lambda worker: sum(worker.values())),
        "actions": actions,
        "outbox": outbox,
    }
    ready = all(parts.values())
    # without these visitors are served all the same: what is for the desk waits
    behind = {"desk": desk, "delivery": delivery, **_workers(rasa)}
    return web.json_response(
        {"ready": ready, "parts": parts, "behind": behind},
        status=200 if ready else 503,
        dumps=dumps,
    )


def _workers(rasa: list[dict[str, bool]]) -> dict[str, bool]:
    """Each of several Rasa servers, by number."""
    if len(rasa) == 1:
        return {}
    return {f"rasa_{number}": all(parts.values()) for number, parts in enumerate(rasa)}


async def _answers(url: str) -> bool:
    try:
        async with (
            asyncio.timeout(2),
            aiohttp.ClientSession() as session,
            session.get(url) as response,
        ):
            return response.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


def _gauge_outbox(request: web.Request) -> None:
    found, outbox = request.app[METRICS], request.app[OUTBOX]
    try:
        waiting, oldest = outbox.count(), outbox.oldest()
    except sqlite3.Error:
        # /readyz says so
        return
    found.outbox.set(waiting)
    found.outbox_age.set(max(0.0, time.time() - oldest) if oldest is not None else 0)


def _outbox_answers(request: web.Request) -> tuple[bool, bool]:
    """Whether the outbox can be used, and whether somebody takes the letters out of it."""
    try:
        return True, not request.app[OUTBOX].unattended()
    except sqlite3.Error:
        return False, False


async def metrics(request: web.Request) -> web.Response:
    """GET /metrics: Prometheus text, for this machine or with the token."""
    token = request.app[SETTINGS].metrics_token
    given = request.headers.get("Authorization", "")
    with_token = bool(token) and hmac.compare_digest(
        # aiohttp keeps bytes that are no UTF-8 as surrogates
        given.encode("utf-8", "surrogateescape"),
        f"Bearer {token}".encode(),
    )
    # behind a proxy every request comes from this machine: then only the token counts
    direct = "X-Forwarded-For" not in request.headers and "Forwarded" not in request.headers
    if not with_token and not (direct and _is_loopback(request.remote)):
        raise web.HTTPNotFound
    await asyncio.to_thread(_gauge_outbox, request)
    return web.Response(
        body=request.app[METRICS].text(),
        headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
    )


def _is_loopback(address: str | None) -> bool:
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False
