"""Logging in and out."""

from __future__ import annotations

import asyncio
import math
import secrets

from aiohttp import web

from desk.console.forms import FORM, WrongForm
from desk.console.guard import (
    SESSION_COOKIE,
    cookie_name,
    delete_cookie,
    equal,
    local,
    set_cookie,
)
from desk.console.rendering import address, home, page, redirect
from desk.errors import LoginRefused, TooManyAttempts
from desk.keys import LOGIN, MEMBER, SESSION, SETTINGS
from desk.login import LoggedIn

_TOKEN_COOKIE = "kompas_desk_login"  # noqa: S105
"""Before there is a session, the token of the login form is compared with this."""


async def start(request: web.Request) -> web.Response:
    """GET /: where this colleague begins."""
    return redirect(home(request))


async def login(request: web.Request) -> web.Response:
    """GET /login: the form. Who is logged in already goes on."""
    wanted = local(request.query.get("next", "")) or ""
    if SESSION in request:
        return redirect(wanted or home(request))
    return _form(request, wanted, over="over" in request.query)


async def log_in(request: web.Request) -> web.Response:
    """POST /login: check name, password and code; a new session, whatever there was before."""
    form = request[FORM].only("name", "password", "code", "next", "csrf")
    wanted = local(form.text("next")) or ""
    given = request.cookies.get(cookie_name(request, _TOKEN_COOKIE), "")
    if SESSION not in request and not (given and equal(given, form.text("csrf"))):
        raise WrongForm("The token of the form is missing or wrong.", ["csrf"])
    service = request.app[LOGIN]
    code = "".join(form.text("code").split())
    try:
        session = await asyncio.to_thread(
            service.log_in, form.text("name"), form.text("password"), code, request.remote or ""
        )
    except LoginRefused:
        return _form(request, wanted, name=form.text("name"), status=401)
    except TooManyAttempts as refusal:
        response = _form(
            request,
            wanted,
            name=form.text("name"),
            status=429,
            minutes=math.ceil(refusal.retry_after / 60),
        )
        response.headers["Retry-After"] = str(refusal.retry_after)
        return response
    return await enter(request, session, wanted)


async def enter(request: web.Request, session: LoggedIn, wanted: str = "") -> web.Response:
    """Begin a session that was just made; the one that this browser had is over."""
    if SESSION in request:
        await asyncio.to_thread(request.app[LOGIN].log_out, request[SESSION].token)
    request[SESSION], request[MEMBER] = session, session.member
    response = redirect(wanted or home(request))
    set_cookie(request, response, SESSION_COOKIE, session.token)
    delete_cookie(request, response, _TOKEN_COOKIE)
    return response


async def log_out(request: web.Request) -> web.Response:
    """POST /logout: end the session, here and in the database."""
    request[FORM].only()
    await asyncio.to_thread(request.app[LOGIN].log_out, request[SESSION].token)
    response = redirect(address(request, "login") + "?done=logged_out")
    delete_cookie(request, response, SESSION_COOKIE)
    return response


def _form(
    request: web.Request,
    wanted: str,
    *,
    name: str = "",
    over: bool = False,
    minutes: int = 0,
    status: int = 200,
) -> web.Response:
    if SESSION in request:
        token = request[SESSION].csrf
    else:
        token = request.cookies.get(cookie_name(request, _TOKEN_COOKIE), "")
        if not 32 <= len(token) <= 64:
            token = secrets.token_urlsafe(32)
    response = page(
        request,
        "login.html",
        status=status,
        csrf_token=token,
        wanted=wanted,
        name=name,
        over=over,
        minutes=minutes,
        refused=status == 401,
        oidc=request.app[SETTINGS].oidc,
    )
    if SESSION not in request:
        set_cookie(request, response, _TOKEN_COOKIE, token)
    return response
