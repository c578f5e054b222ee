"""Kompas on other sites: the tag, its files, and the page that opens in a frame or on its own."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import jinja2
from aiohttp import web
from babel.dates import get_date_format, get_month_names

from bot import catalogue
from bot.contacts import contacts
from bot.errors import raise_faults
from bot.languages import is_language, languages
from bot.nlg import answers
from bot.training_data import contract_intents
from web.errors import dumps, visitor_language
from web.headers import policy
from web.sites import Colours, Site, SiteContact, Sites

FOLDER = Path(__file__).with_name("widget")

_LONG = "public, max-age=31536000, immutable"
# changes of the tag arrive within minutes everywhere
_SHORT = "public, max-age=600"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}

PAGE_LABELS = (
    "advice",
    "card_intro",
    "card_open",
    "emergency",
    "end",
    "ended",
    "exit",
    "exit_help",
    "exit_limits",
    "help_page",
    "input_label",
    "input_placeholder",
    "language",
    "more",
    "new_conversation",
    "no_script",
    "offline",
    "privacy_note",
    "progress",
    "retry",
    "reviewed",
    "send",
    "title",
    "too_long",
    "typing",
)
_LOADER_LABELS = ("title", "open", "close", "emergency", "advice")
# Placeholders that the script fills in.
_KEPT = {"date": "{date}", "step": "{step}", "of": "{of}"}
_NUMBERS = {"emergency": "emergency_112", "advice": "centrum_iko"}

_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(FOLDER),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class File:
    """What is sent for an address, plain and packed."""

    body: bytes
    packed: bytes
    content_type: str


@dataclass(frozen=True)
class Widget:
    """All files, read once at start-up; `version` is a hash of them and part of their address."""

    version: str
    files: Mapping[str, File]
    loader: File
    labels: Mapping[str, Mapping[str, str]]


WIDGET = web.AppKey("widget", Widget)
SITES = web.AppKey("sites", Sites)


def build(sites: Sites) -> Widget:
    """Read the files and the words of the pages. Raises `ProjectFileError` for missing words."""
    labels = _labels()
    sources = {
        path.name: path.read_bytes()
        for path in sorted(FOLDER.iterdir())
        if path.suffix in (".js", ".css") and path.name != "loader.js"
    }
    sources = {
        name: _bare(body.decode()).encode() if name.endswith(".js") else body
        for name, body in sources.items()
    }
    sources |= {f"labels/{code}.json": dumps(of).encode() for code, of in labels.items()}
    coloured = {
        "kompas": sites.colours,
        **{f"site-{s.id}": s.colours for s in sites.by_id.values()},
    }
    sources |= {f"colours/{name}.css": _colours(of).encode() for name, of in coloured.items()}
    files = {name: _file(name, body) for name, body in sources.items()}
    digest = hashlib.blake2b(digest_size=8)
    for name, file in sorted(files.items()):
        digest.update(name.encode() + b"\0" + file.body + b"\0")
    loader = _file("kompas.js", _loader(sites).encode())
    return Widget(digest.hexdigest(), files, loader, labels)


def _labels() -> dict[str, dict[str, str]]:
    faults: list[str] = []
    labels: dict[str, dict[str, str]] = {}
    now = answers.current_time()
    for code in languages():
        keys = {name: f"web_{name}" for name in {*PAGE_LABELS, *_LOADER_LABELS}}
        keys["unavailable"] = "error_unavailable"
        labels[code] = _date_words(code)
        for name, key in sorted(keys.items()):
            try:
                labels[code][name] = answers.wording(key, code, now, _KEPT)
            except catalogue.MissingText:
                faults.append(
                    f"locales/{code}/LC_MESSAGES/web.po: {key} has no text. "
                    "Add it, then run `make strings`."
                )
    raise_faults(faults)
    return labels


def _date_words(language: str) -> dict[str, str]:
    """How a date is written: the months, and the order as `{d} {MMMM} {y}`."""
    months = get_month_names("wide", context="format", locale=language)
    pattern = get_date_format("long", locale=language).format
    return {
        "months": "|".join(months[number] for number in range(1, 13)),
        "date": re.sub(r"%\((\w+)\)s", r"{\1}", pattern),
    }


def _loader(sites: Sites) -> str:
    labels = _labels()
    setup = {
        "exit": sites.exit,
        "colours": [sites.colours.accent, sites.colours.on_accent],
        "numbers": _numbers(),
        "words": {code: {name: of[name] for name in _LOADER_LABELS} for code, of in labels.items()},
    }
    source = (FOLDER / "loader.js").read_text(encoding="utf-8")
    return _bare(source).replace('"SETUP"', dumps(setup), 1)


def _bare(source: str) -> str:
    """A script without what only its readers need: an old phone's data plan pays for it."""
    without_types = re.sub(r"/\*\*.*?\*/ ?", "", source, flags=re.DOTALL)
    lines = (line.strip() for line in without_types.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"


def _numbers() -> dict[str, str]:
    return {name: f"tel:{contacts()[contact].dial}" for name, contact in _NUMBERS.items()}


def _colours(colours: Colours) -> str:
    return (
        f":root {{ --accent: {colours.accent}; --on-accent: {colours.on_accent}; }}\n"
        "@media (prefers-color-scheme: dark) {\n"
        f"  :root {{ --accent: {colours.accent_dark}; --on-accent: {colours.on_accent_dark}; }}\n"
        "}\n"
    )


def _file(name: str, body: bytes) -> File:
    # the same bytes at every start
    return File(body, gzip.compress(body, mtime=0), _TYPES[Path(name).suffix])


def _send(request: web.Request, file: File, headers: Mapping[str, str]) -> web.Response:
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    encoding = {"Content-Encoding": "gzip"} if packed else {}
    return web.Response(
        body=file.packed if packed else file.body,
        content_type=file.content_type,
        charset="utf-8",
        headers={"Vary": "Accept-Encoding", **encoding, **headers},
    )


async def loader(request: web.Request) -> web.Response:
    """GET /kompas.js: the tag for other sites."""
    headers = {
        "Cache-Control": _SHORT,
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Access-Control-Allow-Origin": "*",
    }
    return _send(request, request.app[WIDGET].loader, headers)


async def file(request: web.Request) -> web.Response:
    """GET /widget/{version}/{name}: a file of the page.

    A page opened before an update still asks by the old version; it gets what there is now, and
    nobody keeps that under the old name.
    """
    widget = request.app[WIDGET]
    found = widget.files.get(request.match_info["name"])
    if found is None:
        raise web.HTTPNotFound
    current = request.match_info["version"] == widget.version
    return _send(request, found, {"Cache-Control": _LONG if current else "no-store"})


async def embedded_page(request: web.Request) -> web.Response:
    """GET /embed: the page for a frame on another site, a mere card where that is not allowed."""
    query = request.query
    site = request.app[SITES].by_id.get(query.get("embed", ""))
    faults = _faults(request, site)
    if site is None or "embed" in faults or "card" in query:
        # a card says nothing of anybody: every page may show it
        return _render(request, "card.html", site, faults, "*")
    return _render(request, "page.html", site, faults, " ".join(["'self'", *site.origins]))


async def full_page(request: web.Request) -> web.Response:
    """GET /: the same page on its own, for links and QR codes; `embed` brings a site's own card."""
    site = request.app[SITES].by_id.get(request.query.get("embed", ""))
    return _render(request, "page.html", site, [], "'none'")


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


def _render(
    request: web.Request,
    template: Literal["page.html", "card.html"],
    site: Site | None,
    faults: list[str],
    frame_ancestors: str,
) -> web.Response:
    widget, sites, query = request.app[WIDGET], request.app[SITES], request.query
    language = _language(request, site)
    labels = widget.labels[language]
    help_card = _help(language, site)
    topic = query.get("topic")
    is_card = template == "card.html"
    setup = {
        "lang": language,
        "asked": is_language(query.get("lang")) or bool(site and site.language),
        "topic": topic if topic in contract_intents() else None,
        "site": site.id if site else None,
        # whom the page tells of its exit: only who may show it, or nobody
        "host": _host(request, site, is_card),
        "exit": sites.exit,
        "faults": faults,
        "languages": {code: each.direction for code, each in languages().items()},
        "labels": {} if is_card else labels,
        "help": help_card,
    }
    html = _templates.get_template(template).render(
        language=languages()[language],
        languages=languages(),
        other_languages={
            code: str(request.rel_url.update_query(lang=code)) for code in languages()
        },
        label=labels.__getitem__,
        version=widget.version,
        colours=f"site-{site.id}" if site else "kompas",
        # nothing of the address can end the script that carries it
        setup=dumps(setup).replace("<", "\\u003c"),
        modules=sorted(
            name
            for name in widget.files
            if name.endswith(".js") and name not in ("main.js", "frame.js")
        ),
        numbers=_numbers(),
        exit=sites.exit,
        help=help_card,
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
