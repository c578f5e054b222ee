"""The desk as an application; `python -m desk` serves it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from datetime import timedelta

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from desk.alarm import send_alarms
from desk.codes import codebook
from desk.crypto import BlindIndex, Vault
from desk.database import Database
from desk.keys import LOGIN, REGISTRY, SETTINGS
from desk.login import Login
from desk.registry import Registry
from desk.routes import add_routes
from desk.security import headers_and_log, refusals
from desk.settings import Settings

MOST_BODY = 4 * 1024 * 1024
"""Bytes of a body: a day of talking, not a disk full."""
_ALARM_EVERY = 60.0

logger = logging.getLogger("kompas.desk")


def create_app(settings: Settings) -> web.Application:
    """The application. Raises `ProjectFileError` when codes.yml has a fault."""
    codebook()
    app = web.Application(middlewares=[headers_and_log, refusals], client_max_size=MOST_BODY)
    app[SETTINGS] = settings
    database, vault, index = open_stores(settings)
    app[REGISTRY] = Registry(database, vault, index)
    app[LOGIN] = make_login(settings, database, vault, index)
    app.cleanup_ctx.append(_database)
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


async def _database(app: web.Application) -> AsyncIterator[None]:
    yield
    await asyncio.to_thread(app[REGISTRY].database.close)


async def _alarms(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(_watch(app))
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _watch(app: web.Application) -> None:
    while True:
        await asyncio.sleep(_ALARM_EVERY)
        try:
            await asyncio.to_thread(send_alarms, app[REGISTRY], app[SETTINGS])
            await asyncio.to_thread(app[LOGIN].sweep)
        except SQLAlchemyError as error:
            logger.error("The alarms were not looked at: %s.", type(error).__name__)
