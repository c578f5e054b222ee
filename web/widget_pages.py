"""Kompas in a frame on another site, on a page of its own, and as a mere list of numbers."""

from __future__ import annotations

import re
from typing import Any, Literal
from urllib.parse import urlencode

import jinja2
from aiohttp import web

from bot.languages import is_language, languages
from bot.nlg import answers
from bot.training_data import contract_intents
from web.errors import dumps, visitor_language
from web.headers import policy
from web.keys import SITES
from web.sites import Site, SiteContact
from web.widget_files import FOLDER, WIDGET, numbers

_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(FOLDER),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


async def embedded_page(request: web.Request) -> web.Response:
    """GET /embed: the page for a frame on another site, a mere card where that is not allowed."""
    query = request.query
    site = request.app[SITES].by_id.get(query.get("embed", ""))
    faults = _faults(request, site)
    if site is None or "embed" in faults or "card" in query:
        # a card says nothing of anybody: every page may show it
        return render(request, "card.html", site, faults, "*")
    return render(request, "page.html", site, faults, " ".join(["'self'", *site.origins]))


async def full_page(request: web.Request) -> web.Response:
    """GET /: the same page on its own, for links and QR codes; `embed` brings a site's own card."""
    site = request.app[SITES].by_id.get(request.query.get("embed", ""))
    return render(request, "page.html", site, [], "'none'")


async def help_page(request: web.Request) -> web.Response:
    """GET /help: whom to call; needs no script."""
    site = request.app[SITES].by_id.get(request.query.get("embed", ""))
    return render(request, "help.html", site, [], "'none'")


async def help_card(request: web.Request) -> web.Response:
    """GET /api/help.json: the static help card, with the own card of the site in `embed`."""
    site = request.app[SITES].by_id.get(request.query.get("embed", ""))
    return web.json_response(_help(visitor_language(request), site), dumps=dumps)


def _faults(request: web.Request, site: Site | None) -> list[str]:
    """The attributes of the tag that cannot be used."""
    query = request.query
    faults = []
    if "lang" in query and not is_language(query["lang"]):
        faults.append("lang")
    if "topic" in query and query["topic"] not in contract_intents():
        faults.append("topic")
    if site is None or not _may_show(site, request):
        faults.append("embed")
    return faults


def _may_show(site: Site, request: web.Request) -> bool:
    """Whether the page around, as far as it is known, is one of the site's.

    It names itself in `host` (the tag) or in the referrer; that it is true, the browser sees to
    by `frame-ancestors`.
    """
    named = request.query.get("host")
    if named is None:
        named = "/".join(request.headers.get("Referer", "").split("/")[:3]) or None
    return named is None or named in site.origins or _is_own(named, request)


def _is_own(origin: str, request: web.Request) -> bool:
    return origin.partition("://")[2] == request.host


def _language(request: web.Request, site: Site | None) -> str:
    asked = request.query.get("lang")
    if site is not None and site.language is not None and not is_language(asked):
        return site.language
    return visitor_language(request)


def render(
    request: web.Request,
    template: Literal["page.html", "card.html", "help.html"],
    site: Site | None,
    faults: list[str],
    frame_ancestors: str,
    *,
    colours: str | None = None,
    counted_as: str | None = None,
) -> web.Response:
    """The page for `site`, which `frame_ancestors` may show.

    `colours` is another style sheet for its colours; `counted_as` another name to be counted by.
    """
    widget, sites, query = request.app[WIDGET], request.app[SITES], request.query
    language = _language(request, site)
    labels = widget.labels[language]
    card = _help(language, site)
    topic = query["topic"] if query.get("topic") in contract_intents() else None
    # of an address nothing is repeated but what we know ourselves
    known = {"embed": site.id if site else None, "topic": topic, "card": "card" in query and "1"}
    kept = {name: value for name, value in known.items() if value}
    is_card, talks = template == "card.html", template == "page.html"
    setup = {
        "lang": language,
        "asked": is_language(query.get("lang")) or bool(site and site.language),
        "topic": topic,
        "site": counted_as or (site.id if site else None),
        # whom the page tells of its exit: only who may show it, or nobody
        "host": _host(request, site, is_card),
        "exit": sites.exit,
        "faults": faults,
        "languages": {code: each.direction for code, each in languages().items()},
        "labels": labels if talks else {},
        "help": card if talks else None,
    }
    html = _templates.get_template(template).render(
        language=languages()[language],
        languages=languages(),
        other_languages={
            code: f"{request.path}?{urlencode({'lang': code, **kept})}" for code in languages()
        },
        label=labels.__getitem__,
        version=widget.version,
        colours=colours
        or f"/widget/{widget.version}/colours/{f'site-{site.id}' if site else 'kompas'}.css",
        # nothing of the address can end the script that carries it
        setup=dumps(setup).replace("<", "\\u003c"),
        modules=sorted(
            name
            for name in widget.files
            if name.endswith(".js") and name not in ("main.js", "frame.js")
        ),
        numbers=numbers(),
        exit=sites.exit,
        help=card,
        framed=request.path == "/embed",
        site=site.id if site else None,
    )
    headers = {"Content-Security-Policy": policy(frame_ancestors)}
    return web.Response(text=html, content_type="text/html", headers=headers)


def _host(request: web.Request, site: Site | None, is_card: bool) -> str | None:
    named = request.query.get("host")
    if named is None:
        return None
    if (site and named in site.origins) or _is_own(named, request):
        return named
    # a card has nothing to tell but which attribute is wrong
    return "*" if is_card else None


def _help(language: str, site: Site | None) -> dict[str, Any]:
    card = answers.help_card(language)
    own = [_own_row(site.contact, language)] if site and site.contact else []
    # after the number that cannot wait
    return {**card, "contacts": [*card["contacts"][:1], *own, *card["contacts"][1:]]}


def _own_row(contact: SiteContact, language: str) -> dict[str, Any]:
    dial = re.sub(r"[^\d+]", "", contact.phone) if contact.phone else None
    return {
        "id": "site",
        "name": contact.name,
        "phone": contact.phone,
        "url": f"tel:{dial}" if dial else None,
        "email": contact.email,
        "web": contact.web,
        "hours": contact.hours.get(language, ""),
        "emergency": False,
    }
