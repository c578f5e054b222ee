"""Making pages of templates: what every page gets, redirects, and what went wrong in a form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
from aiohttp import web

from bot import catalogue
from bot.checklist.questions import checklist
from bot.languages import SOURCE, languages
from bot.nlg.answers import answers
from bot.reviews import reviews
from desk.access import Scope
from desk.console import transcript, words
from desk.keys import MEMBER, SESSION
from desk.models import CLOSED, NEW, OPEN
from desk.texts.subjects import subjects
from desk.texts.wordings import book

STATIC = Path(__file__).parents[1] / "static"

templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parents[1] / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
templates.filters.update(words.FILTERS, emphasised=transcript.emphasised)
templates.globals.update(
    t=words.t,
    label=words.label,
    named=words.named,
    NEW=NEW,
    OPEN=OPEN,
    CLOSED=CLOSED,
)

_NAVIGATION = (
    ("queue", {"cases"}),
    ("figures", {"figures"}),
    ("conflicts", {"conflicts"}),
    ("replies", {"cases", "texts"}),
    ("texts", {"texts"}),
    ("audit", {"audit"}),
)
"""Routes of the menu with the permissions of which each needs one."""

_HOME = (("cases", "queue"), ("texts", "texts"), ("audit", "audit"))
"""Where a colleague begins: the first route whose permission they have."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with a form that was sent: which one, which fields, and what stood in it.

    `said` has more exact words for a field than the catalogue has for all of its kind.
    """

    form: str
    fields: tuple[str, ...]
    values: Mapping[str, str] = field(default_factory=dict)
    code: str = "malformed"
    said: Mapping[str, str] = field(default_factory=dict)

    def of(self, form: str, name: str) -> str | None:
        """What is wrong with a field of a form, if anything."""
        if form != self.form or name not in self.fields:
            return None
        if name in self.said:
            return self.said[name]
        keys = (f"desk_fault_{form}_{name}", f"desk_fault_{name}", "desk_fault_unusable")
        return words.t(next(key for key in keys if catalogue.has_text(SOURCE, key)))

    def value(self, form: str, name: str, otherwise: str) -> str:
        """What stood in a field, so that nobody has to type it again."""
        return self.values.get(name, "") if form == self.form else otherwise


def page(
    request: web.Request, template: str, /, *, status: int = 200, **context: Any
) -> web.Response:
    """The page that `template` makes of `context` and of what every page gets."""
    html = templates.get_template(template).render({**_frame(request), **context})
    return web.Response(text=html, content_type="text/html", status=status)


def warm() -> None:
    """Load what the first page would wait for; a template with a fault stops the start."""
    for name in templates.list_templates():
        templates.get_template(name)
    words.country("NL")
    words.language("tr")
    checklist()
    answers()
    subjects(book().keys)
    reviews()


def redirect(location: str) -> web.Response:
    """See another page: what follows a form that was taken in."""
    return web.Response(status=303, headers={"Location": location})


def address(request: web.Request, route: str, /, **parts: str) -> str:
    """Address of a route of the console."""
    return str(request.app.router[route].url_for(**parts))


def home(request: web.Request) -> str:
    """Where the colleague who asks begins, by role."""
    permissions = Scope(request[MEMBER]).permissions
    for permission, route in _HOME:
        if permission in permissions and route in request.app.router:
            return address(request, route)
    return address(request, "account")


def _frame(request: web.Request) -> dict[str, Any]:
    member, session = request.get(MEMBER), request.get(SESSION)
    permissions = Scope(member).permissions if member is not None else frozenset()
    return {
        "member": member,
        "csrf_token": session.csrf if session is not None else "",
        "permissions": permissions,
        "menu": [
            (route, address(request, route))
            for route, needed in _NAVIGATION
            if needed & permissions and route in request.app.router
        ],
        "here": request.match_info.route.name,
        "url": lambda route, /, **parts: address(request, route, **parts),
        "has_route": lambda route: route in request.app.router,
        "direction": lambda code: languages()[code].direction if code in languages() else "auto",
        "done": _done(request),
        "problem": None,
    }


def _done(request: web.Request) -> str | None:
    """The line that says what a form did: the address names it, the catalogue words it."""
    name = request.query.get("done", "")
    key = f"desk_done_{name}"
    if re.fullmatch("[a-z_]{1,40}", name) and catalogue.has_text(SOURCE, key):
        return words.t(key)
    return None
