"""Typed names of what the application shares between its handlers."""

from __future__ import annotations

from aiohttp import web

from desk.access import Member
from desk.crypto import Vault
from desk.login import LoggedIn, Login
from desk.oidc import Provider
from desk.registry import Registry
from desk.settings import Settings
from desk.texts.changes import TextChanges

SETTINGS = web.AppKey("settings", Settings)
REGISTRY = web.AppKey("registry", Registry)
LOGIN = web.AppKey("login", Login)
TEXTS = web.AppKey("texts", TextChanges)
VAULT = web.AppKey("vault", Vault)
PROVIDER: web.AppKey[Provider | None] = web.AppKey("provider")
"""The organisation's identity provider, if there is one."""

MEMBER = web.RequestKey("member", Member)
"""Who asks; set for every page of the console but the login."""
SESSION = web.RequestKey("session", LoggedIn)
