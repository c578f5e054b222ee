"""Who may open a page of the console: session, token of forms, and refusals as pages.

What a role may do is decided by the registry (desk/access.py) alone.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
import traceback
from typing import Any
from urllib.parse import quote, urlsplit

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from desk.access import Scope
from desk.console.forms import FORM, WrongForm, read_form
from desk.console.rendering import address, page, redirect
from desk.errors import LoginRefused, NotAllowed, NotFound, Refused, TooManyAttempts, Withheld
from desk.keys import LOGIN, MEMBER, REGISTRY, SESSION, SETTINGS
from desk.login import LoggedIn, Login

logger = logging.getLogger("kompas.desk.console")

_OPEN = frozenset({"login", "log_in", "static", "oidc_start", "oidc_return"})
"""Routes that need no session."""
_PROGRAMS = frozenset({"/healthz", "/readyz", "/openapi.json"})
"""Addresses for programs, besides those under /api/."""
_LOCAL = re.compile(r"/(?![/\\])[\w/.~?&=%+-]{0,400}", re.ASCII)
_READING = ("GET", "HEAD")
# the registry has noted these itself, or they are nothing to note
_NOTED = (NotAllowed, NotFound, Withheld, LoginRefused, TooManyAttempts)


def log_fault(log: logging.Logger, request: web.Request, error: Exception) -> None:
    """Log kind and place of a fault: the text of an error can hold what someone wrote."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    log.error(
        "%s failed: %s in %s line %s",
        request.match_info.route.name,
        type(error).__name__,
        place.name,
        place.lineno,
    )


def is_api(request: web.Request) -> bool:
    """Whether a request is for a program, which gets JSON, and not for a person."""
    return request.path.startswith("/api/") or request.path in _PROGRAMS


def secure(request: web.Request) -> bool:
    """Whether colleagues reach the console through TLS, by KOMPAS_DESK_URL."""
    return _own_origin(request).startswith("https://")


def cookie_name(request: web.Request, name: str) -> str:
    """Name of a cookie; through TLS with the prefix that ties it to this host."""
    return f"__Host-{name}" if secure(request) else name


def set_cookie(request: web.Request, response: web.Response, name: str, value: str) -> None:
    """Set a cookie that no script reads, no other site sends and no disk keeps."""
    response.set_cookie(
        cookie_name(request, name),
        value,
        path="/",
        httponly=True,
        samesite="Strict",
        secure=secure(request),
    )


def delete_cookie(request: web.Request, response: web.Response, name: str) -> None:
    """Take a cookie back."""
    response.del_cookie(
        cookie_name(request, name),
        path="/",
        httponly=True,
        samesite="Strict",
        secure=secure(request),
    )


SESSION_COOKIE = "kompas_desk"


def local(path: str) -> str | None:
    """`path` if it is an address of this console, for going back there; else None."""
    return path if _LOCAL.fullmatch(path) else None


def equal(first: str, second: str) -> bool:
    """Whether two secrets are the same, in the same time for all wrong ones."""
    return hmac.compare_digest(first.encode("utf-8", "replace"), second.encode("utf-8", "replace"))


@web.middleware
async def console(request: web.Request, handler: Any) -> web.StreamResponse:
    """Let in who is logged in; answer refusals and faults with a page that says what to do."""
    if is_api(request):
        response: web.StreamResponse = await handler(request)
        return response
    try:
        return await _admitted(request, handler)
    except Refused as refusal:
        return await refused(request, refusal)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        response = _error_page(request, error.status)
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response
    except Exception as error:
        log_fault(logger, request, error)
        away = isinstance(error, SQLAlchemyError)
        response = _error_page(request, 503 if away else 500)
        if away:
            response.headers["Retry-After"] = "5"
        return response


async def _admitted(request: web.Request, handler: Any) -> web.StreamResponse:
    if request.match_info.route.name != "static":
        await _recognise(request)
    if request.method not in _READING:
        _check_origin(request)
    needs_session = (
        request.match_info.http_exception is None and request.match_info.route.name not in _OPEN
    )
    if needs_session and SESSION not in request:
        return _to_login(request)
    if request.method not in _READING and request.match_info.http_exception is None:
        form, token = await read_form(request)
        if SESSION in request and not Login.csrf_fits(request[SESSION], token):
            raise WrongForm("The token of the form is missing or wrong.", ["csrf"])
        if SESSION not in request:
            # before a login there is no session: the handler compares it with its cookie
            form["csrf"] = token
        request[FORM] = form
    response: web.StreamResponse = await handler(request)
    return response


async def _recognise(request: web.Request) -> None:
    token = request.cookies.get(cookie_name(request, SESSION_COOKIE), "")
    if not token or len(token) > 200:
        return
    session: LoggedIn | None = await asyncio.to_thread(request.app[LOGIN].session, token)
    if session is not None:
        request[SESSION] = session
        request[MEMBER] = session.member


def _to_login(request: web.Request) -> web.Response:
    if request.method in _READING:
        wanted = request.path_qs
    else:
        reference = request.match_info.get("reference")
        wanted = address(request, "case", reference=reference) if reference else "/"
    query = f"?next={quote(wanted, safe='/')}" if local(wanted) and wanted != "/" else ""
    if cookie_name(request, SESSION_COOKIE) in request.cookies:
        query += "&over=yes" if query else "?over=yes"
    response = redirect(address(request, "login") + query)
    delete_cookie(request, response, SESSION_COOKIE)
    return response


def _own_origin(request: web.Request) -> str:
    # KOMPAS_DESK_URL is what colleagues type, whatever stands between them and this process
    return request.app[SETTINGS].url


def _check_origin(request: web.Request) -> None:
    """Refuse what another site sends. Raises `WrongForm`."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        raise WrongForm("The form comes from another site.", ["Sec-Fetch-Site"])
    origin = request.headers.get("Origin")
    if origin is None or origin == _own_origin(request):
        return
    if secure(request) or urlsplit(origin).netloc != request.host:
        raise WrongForm("The form comes from another site.", ["Origin"])


async def refused(request: web.Request, refusal: Refused) -> web.Response:
    """The page of a refusal, which is in the audit log."""
    await note_refusal(request, refusal)
    status = refusal.status
    if "reference" in request.match_info and _sees_no_cases(request):
        # cases do not exist for this colleague, whichever is asked for
        status = 404
    headers = {}
    if isinstance(refusal, TooManyAttempts):
        headers["Retry-After"] = str(refusal.retry_after)
    kind = refusal.code if refusal.code in ("wrong_form", "withheld") else str(status)
    response = _error_page(request, status, kind)
    response.headers.update(headers)
    return response


async def note_refusal(request: web.Request, refusal: Refused) -> None:
    """Write a refusal of the console to the audit log, where the registry has not."""
    if isinstance(refusal, _NOTED):
        return
    wanted = request.match_info.route.name or "none"
    try:
        await asyncio.to_thread(
            request.app[REGISTRY].record_refusal,
            wanted,
            refusal.code,
            refusal.fields,
            request.get(MEMBER),
        )
    except SQLAlchemyError as error:
        logger.error("The refusal of %s is not in the audit log: %s", wanted, type(error).__name__)


def _sees_no_cases(request: web.Request) -> bool:
    member = request.get(MEMBER)
    return member is not None and "cases" not in Scope(member).permissions


_PAGES = frozenset({"400", "401", "403", "404", "405", "409", "413", "429", "500", "503"})


def _error_page(request: web.Request, status: int, kind: str | None = None) -> web.Response:
    kind = kind or str(status)
    if kind.isdigit() and kind not in _PAGES:
        kind = "400"
    return page(request, "error.html", status=status, kind=kind)
