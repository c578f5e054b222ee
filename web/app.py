"""The visitor site as an application; `python -m web` serves it."""

from __future__ import annotations

import logging
import sqlite3
import sys
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from bot.errors import ProjectFileError
from bot.logs import leave_out_words
from bot.outbox import Misplaced, Outbox
from web import kit, pages, sites, widget_files
from web.chat import refusals
from web.counts import Counts
from web.gateway import Gateway
from web.headers import without_echo
from web.keys import (
    CODE_LIMIT,
    CONTACT_LIMIT,
    COUNTS,
    GATEWAY,
    LANGUAGES,
    MESSAGE_LIMIT,
    METRICS,
    OUTBOX,
    REPEATS,
    SETTINGS,
    SITES,
    START_LIMIT,
    TOKENS,
)
from web.languages import LastLanguages
from web.limits import RateLimit
from web.metrics import Metrics
from web.patience import IDLE_SECONDS, LINGERING_SECONDS, as_many_connections_as_allowed, in_time
from web.proxies import behind
from web.repeats import Repeats
from web.routes import add_routes
from web.security import headers_and_log, origins
from web.settings import Settings, SettingsError
from web.tokens import Tokens

logger = logging.getLogger("kompas.web")

# A body holds at most max_text characters of up to four bytes, each perhaps escaped.
_BYTES_PER_CHARACTER = 12


def create_app(settings: Settings) -> web.Application:
    """The application. Raises `ProjectFileError` for a missing text or a faulty site."""
    pages.check()
    kit.check()
    app = web.Application(
        middlewares=[
            behind(settings.trusted_proxies),
            headers_and_log,
            origins,
            refusals,
            in_time,
        ],
        client_max_size=settings.max_text * _BYTES_PER_CHARACTER + 1024,
    )
    app.on_response_prepare.append(without_echo)
    app[SETTINGS] = settings
    app[TOKENS] = Tokens(settings.token_secret)
    app[MESSAGE_LIMIT] = RateLimit(settings.messages_per_minute)
    app[START_LIMIT] = RateLimit(settings.starts_per_minute)
    app[CODE_LIMIT] = RateLimit(settings.codes_per_minute)
    app[CONTACT_LIMIT] = RateLimit(settings.codes_per_minute)
    app[METRICS] = Metrics()
    app[OUTBOX] = Outbox(settings.outbox)
    app[LANGUAGES] = LastLanguages()
    app[REPEATS] = Repeats()
    app[SITES] = sites.load(settings.sites)
    app[widget_files.WIDGET] = widget_files.build(app[SITES])
    app[COUNTS] = Counts(settings.counts)
    app[kit.PRINTS] = kit.Prints()
    app.cleanup_ctx.append(_counting)
    app.cleanup_ctx.append(_gateway)
    add_routes(app)
    return app


async def _counting(app: web.Application) -> AsyncIterator[None]:
    async with app[COUNTS].writing():
        yield


async def _gateway(app: web.Application) -> AsyncIterator[None]:
    settings = app[SETTINGS]
    # the gateway sets a limit of its own for each turn
    timeout = aiohttp.ClientTimeout(total=None)
    connector = aiohttp.TCPConnector(limit=100)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
        app[GATEWAY] = Gateway(
            session, settings.rasa_urls, settings.channel_secret, settings.reply_timeout
        )
        yield


def main() -> None:
    """Serve until told to stop; say what is wrong when it cannot start."""
    leave_out_words()
    try:
        settings = Settings.from_environment()
        logging.basicConfig(
            level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s"
        )
        app = create_app(settings)
    except (SettingsError, ProjectFileError) as error:
        sys.exit(str(error))
    as_many_connections_as_allowed()
    try:
        app[OUTBOX].count()
    except Misplaced as error:
        sys.exit(
            f"KOMPAS_OUTBOX cannot be opened ({error}). Give a file in a folder that this process "
            "may write to."
        )
    except sqlite3.Error as error:
        # all else is served: a visitor without a contact form still reads whom to call
        logger.error("The outbox cannot be used (%s). Is the disk full?", type(error).__name__)
    web.run_app(
        app,
        host=settings.host,
        port=settings.port,
        # the address of a request can hold what a visitor typed
        access_log=None,
        print=lambda *_: None,
        handle_signals=True,
        keepalive_timeout=IDLE_SECONDS,
        lingering_time=LINGERING_SECONDS,
    )
