"""Typed names of what the application shares between its handlers."""

from __future__ import annotations

from aiohttp import web

from desk.login import Login
from desk.registry import Registry
from desk.settings import Settings

SETTINGS = web.AppKey("settings", Settings)
REGISTRY = web.AppKey("registry", Registry)
LOGIN = web.AppKey("login", Login)
