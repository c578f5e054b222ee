"""Logging in through the organisation's identity provider, beside the password."""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging

from aiohttp import web

from desk.console.guard import (
    SESSION_COOKIE,
    cookie_name,
    delete_cookie,
    local,
    secure,
    set_cookie,
)
from desk.console.rendering import address, home, page
from desk.crypto import CannotOpen
from desk.errors import LoginRefused, NotFound
from desk.keys import LOGIN, MEMBER, PROVIDER, SESSION, VAULT
from desk.oidc import LONGEST, Cancelled, NotProven, Pending, Provider, ProviderAway

logger = logging.getLogger("kompas.desk.oidc")

_COOKIE = "kompas_desk_oidc"
_PLACE = "cookie.oidc:pending"


async def start(request: web.Request) -> web.Response:
    """GET /login/oidc: on to the provider, with what proves later that this browser began it."""
    provider = _provider(request)
    back = local(request.query.get("next", "")) or ""
    try:
        there, pending = await provider.begin(back)
    except ProviderAway as error:
        return _failed(request, "away", error)
    response = web.Response(status=303, headers={"Location": there})
    sealed = request.app[VAULT].seal(pending.as_json(), _PLACE)
    response.set_cookie(
        cookie_name(request, _COOKIE),
        base64.urlsafe_b64encode(sealed).decode(),
        max_age=LONGEST,
        path="/",
        httponly=True,
        # Lax: the browser comes back from another site
        samesite="Lax",
        secure=secure(request),
    )
    return response


async def finish(request: web.Request) -> web.Response:
    """GET /login/oidc/callback: what the provider says; a session for who has an account."""
    provider = _provider(request)
    try:
        pending = _pending(request)
        proven = await provider.finish(pending, dict(request.query))
    except ProviderAway as error:
        return _failed(request, "away", error)
    except Cancelled as error:
        return _failed(request, "cancelled", error)
    except NotProven as error:
        return _failed(request, "not_proven", error)
    service = request.app[LOGIN]
    try:
        session = await asyncio.to_thread(service.log_in_with_identity, proven.identity)
    except LoginRefused as error:
        return _failed(request, "no_account", error, subject=proven.subject)
    if SESSION in request:
        await asyncio.to_thread(service.log_out, request[SESSION].token)
    request[SESSION], request[MEMBER] = session, session.member
    # a redirect would still count as coming from the provider, and the cookie of the session
    # (SameSite=Strict) would not go with it
    response = page(request, "oidc_done.html", target=pending.back or home(request))
    set_cookie(request, response, SESSION_COOKIE, session.token)
    delete_cookie(request, response, _COOKIE)
    return response


def _provider(request: web.Request) -> Provider:
    provider = request.app[PROVIDER]
    if provider is None:
        raise NotFound("No identity provider is set.")
    return provider


def _pending(request: web.Request) -> Pending:
    try:
        sealed = base64.urlsafe_b64decode(request.cookies[cookie_name(request, _COOKIE)])
        return Pending(**request.app[VAULT].open(sealed, _PLACE))
    except (KeyError, ValueError, TypeError, binascii.Error, CannotOpen):
        raise NotProven("not begun here") from None


_STATUS = {"away": 503, "cancelled": 401, "not_proven": 401, "no_account": 403}


def _failed(
    request: web.Request, kind: str, error: Exception, *, subject: str = ""
) -> web.Response:
    logger.warning("Logging in through the provider failed: %s", error)
    response = page(
        request,
        "oidc_failed.html",
        status=_STATUS[kind],
        kind=kind,
        subject=subject,
        again=address(request, "oidc_start"),
    )
    delete_cookie(request, response, _COOKIE)
    return response
