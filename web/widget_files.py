"""The files of the widget: read once at start-up, packed, sent under an address of their own."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from babel.dates import get_date_format, get_month_names

from bot import catalogue
from bot.contacts import contacts
from bot.errors import raise_faults
from bot.languages import SOURCE, languages, locale_of
from bot.nlg import answers
from web.errors import dumps
from web.sites import Colours, Sites

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
    "help_intro",
    "help_page",
    "help_title",
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
    sources |= {f"colours/{name}.css": colours_css(of).encode() for name, of in coloured.items()}
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
    months = get_month_names("wide", context="format", locale=locale_of(language))
    pattern = get_date_format("long", locale=locale_of(language)).format
    return {
        "months": "|".join(months[number] for number in range(1, 13)),
        "date": re.sub(r"%\((\w+)\)s", r"{\1}", pattern),
    }


def _loader(sites: Sites) -> str:
    labels = _labels()
    setup = {
        "first": SOURCE,
        "languages": ", ".join(languages()),
        "exit": sites.exit,
        "colours": [sites.colours.accent, sites.colours.on_accent],
        "numbers": numbers(),
        "words": {code: {name: of[name] for name in _LOADER_LABELS} for code, of in labels.items()},
    }
    source = (FOLDER / "loader.js").read_text(encoding="utf-8")
    return _bare(source).replace('"SETUP"', dumps(setup), 1)


def _bare(source: str) -> str:
    """A script without what only its readers need: an old phone's data plan pays for it."""
    without_types = re.sub(r"/\*\*.*?\*/ ?", "", source, flags=re.DOTALL)
    lines = (line.strip() for line in without_types.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"


def numbers() -> dict[str, str]:
    """The links of the strip that is always in sight."""
    return {name: f"tel:{contacts()[contact].dial}" for name, contact in _NUMBERS.items()}


def colours_css(colours: Colours) -> str:
    """The style sheet that sets the colours of the page."""
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
