"""Typed names of what the application shares between its handlers."""

from __future__ import annotations

from aiohttp import web

from bot.outbox import Outbox
from web.counts import Counts
from web.gateway import Gateway
from web.languages import LastLanguages
from web.limits import RateLimit
from web.metrics import Metrics
from web.repeats import Repeats
from web.settings import Settings
from web.sites import Sites
from web.tokens import Tokens

SETTINGS = web.AppKey("settings", Settings)
GATEWAY = web.AppKey("gateway", Gateway)
TOKENS = web.AppKey("tokens", Tokens)
MESSAGE_LIMIT = web.AppKey("message_limit", RateLimit)
CODE_LIMIT = web.AppKey("code_limit", RateLimit)
CONTACT_LIMIT = web.AppKey("contact_limit", RateLimit)
START_LIMIT = web.AppKey("start_limit", RateLimit)
CONVERSATION_LANGUAGE = web.RequestKey("conversation_language", str)
SAID = web.RequestKey("said", list[str])
"""Keys of the responses in the reply, for the log."""
LANGUAGES = web.AppKey("languages", LastLanguages)
OUTBOX = web.AppKey("outbox", Outbox)
METRICS = web.AppKey("metrics", Metrics)
REPEATS = web.AppKey("repeats", Repeats)
SITES = web.AppKey("sites", Sites)
COUNTS = web.AppKey("counts", Counts)
