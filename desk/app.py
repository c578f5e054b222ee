"""The desk as an application; `python -m desk` serves it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from datetime import timedelta

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from desk.alarm import send_alarms, tell_of_late_erasures
from desk.codes import codebook
from desk.console.guard import console
from desk.console.rendering import warm
from desk.crypto import BlindIndex, Vault
from desk.database import Database
from desk.erased import ErasedList
from desk.keys import LOGIN, PROVIDER, REGISTRY, SETTINGS, TEXTS, VAULT
from desk.login import Login
from desk.oidc import Provider
from desk.registry import Registry
from desk.replies import replies
from desk.routes import add_routes
from desk.security import headers_and_log, refusals
from desk.settings import Settings
from desk.texts.changes import TextChanges
from web.headers import without_echo
from web.proxies import behind

MOST_BODY = 4 * 1024 * 1024
"""Bytes of a body: a day of talking, not a disk full."""
_ALARM_EVERY = 60.0
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

logger = logging.getLogger("kompas.desk")


def create_app(settings: Settings) -> web.Application:
    """The application. Raises `ProjectFileError` when codes.yml or replies.yml has a fault."""
    codebook()
    replies()
    warm()
    if settings.host not in _LOOPBACK and not settings.url.startswith("https://"):
        logger.warning("KOMPAS_DESK_URL is not https: passwords and cases travel in the clear.")
    app = web.Application(
        middlewares=[behind(settings.trusted_proxies), headers_and_log, refusals, console],
        client_max_size=MOST_BODY,
    )
    app.on_response_prepare.append(without_echo)
    app[SETTINGS] = settings
    database, vault, index = open_stores(settings)
    app[REGISTRY] = Registry(database, vault, index, erased=ErasedList(settings.erased))
    app[TEXTS] = TextChanges(database, index)
    app[LOGIN] = make_login(settings, database, vault, index)
    app[VAULT] = vault
    app[PROVIDER] = _make_provider(settings)
    app.cleanup_ctx.append(_database)
    app.on_startup.append(_rehearse)
    app.cleanup_ctx.append(_provider)
    app.cleanup_ctx.append(_alarms)
    add_routes(app)
    return app


def open_stores(settings: Settings) -> tuple[Database, Vault, BlindIndex]:
    """What registry and login work on."""
    return Database(settings.database_url), Vault(settings.keys), BlindIndex(settings.index_key)


def make_login(settings: Settings, database: Database, vault: Vault, index: BlindIndex) -> Login:
    """Logging in, by the settings."""
    return Login(
        database,
        vault,
        index,
        idle=timedelta(minutes=settings.session_idle_minutes),
        longest=timedelta(hours=settings.session_hours),
        failures=settings.login_failures,
    )


def _make_provider(settings: Settings) -> Provider | None:
    oidc = settings.oidc
    if oidc is None:
        return None
    back = f"{settings.url}/login/oidc/callback"
    return Provider(oidc.issuer, oidc.client_id, oidc.client_secret, back)


async def _provider(app: web.Application) -> AsyncIterator[None]:
    yield
    provider = app[PROVIDER]
    if provider is not None:
        await provider.close()


async def _rehearse(app: web.Application) -> None:
    """Before the first request: a desk that answers is a desk that has loaded everything."""
    try:
        await asyncio.to_thread(app[REGISTRY].rehearse)
    except SQLAlchemyError as error:
        # it serves all the same, and /readyz says what is missing
        logger.error("The database does not answer: %s.", type(error).__name__)


async def _database(app: web.Application) -> AsyncIterator[None]:
    yield
    await asyncio.to_thread(app[REGISTRY].database.close)


async def _alarms(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(_watch(app))
    yield
    await _stop(task)


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _watch(app: web.Application) -> None:
    while True:
        await asyncio.sleep(_ALARM_EVERY)
        try:
            await asyncio.to_thread(send_alarms, app[REGISTRY], app[SETTINGS])
            await asyncio.to_thread(tell_of_late_erasures, app[REGISTRY])
            await asyncio.to_thread(app[LOGIN].sweep)
        except SQLAlchemyError as error:
            logger.error("The alarms were not looked at: %s.", type(error).__name__)
