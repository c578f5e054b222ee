"""A colleague's own account."""

from __future__ import annotations

import asyncio

from aiohttp import web

from desk.console.forms import FORM
from desk.console.guard import SESSION_COOKIE, delete_cookie, note_refusal
from desk.console.rendering import Problem, address, page, redirect
from desk.errors import LoginRefused, Malformed
from desk.keys import LOGIN, MEMBER
from desk.login import LEAST_PASSWORD


async def account(request: web.Request) -> web.Response:
    """GET /account: who one is here, and the form for another password."""
    return _page(request)


async def change_password(request: web.Request) -> web.Response:
    """POST /account/password: set another password; one logs in anew with it."""
    form = request[FORM].only("old", "new", "again")
    if form.text("new") != form.text("again"):
        return _page(request, Problem("password", ("again",)))
    try:
        await asyncio.to_thread(
            request.app[LOGIN].change_password,
            request[MEMBER],
            form.text("old"),
            form.text("new"),
        )
    except LoginRefused:
        return _page(request, Problem("password", ("old",)))
    except Malformed as refusal:
        await note_refusal(request, refusal)
        return _page(request, Problem("password", ("new",)))
    response = redirect(address(request, "login") + "?done=password")
    delete_cookie(request, response, SESSION_COOKIE)
    return response


def _page(request: web.Request, problem: Problem | None = None) -> web.Response:
    return page(
        request,
        "account.html",
        status=400 if problem else 200,
        problem=problem,
        least=LEAST_PASSWORD,
    )
