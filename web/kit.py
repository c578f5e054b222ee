"""The kit for organisations: code to copy, a preview, things to print, and their counts."""

from __future__ import annotations

import asyncio
import csv
import io
import sqlite3
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
from aiohttp import web
from babel.dates import format_skeleton
from babel.numbers import format_decimal

from bot import catalogue
from bot.languages import is_language, languages
from bot.nlg import answers
from bot.small_numbers import LEAST
from bot.topics import topic_names
from bot.training_data import intents_by_topic
from web import counts, poster, widget_pages
from web.chat import Refused
from web.errors import visitor_language
from web.headers import policy
from web.house_colours import Chosen, Note, choose
from web.keys import COUNTS, SETTINGS, SITES, TOKENS
from web.limits import RateLimit
from web.sites import LEAST_CONTRAST, Site
from web.snippets import SNIPPETS, Placement, entry
from web.typesetting import TypesettingFailed
from web.widget_files import colours_css

PREVIEW = "_preview"
"""Stands for the site in the preview. No site can have this id, so nothing there is counted."""

_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Prints:
    """Made PDFs, the last few, so that asking again costs nothing; they are made one at a time."""

    def __init__(self, most: int = 60, per_minute: int = 30) -> None:
        self._most = most
        self._made: OrderedDict[tuple[str, ...], bytes] = OrderedDict()
        self._one_at_a_time = asyncio.Lock()
        self._limit = RateLimit(per_minute)

    async def get(self, remote: str, kind: str, home: str, language: str, site: Site) -> bytes:
        """The PDF. Raises `Refused` and `TypesettingFailed`."""
        key = (kind, home, language, site.id)
        async with self._one_at_a_time:
            if key not in self._made:
                wait = self._limit.wait(remote)
                if wait:
                    raise Refused("too_many", retry_after=wait)
                self._made[key] = await asyncio.to_thread(
                    poster.printed, kind, home, language, site, answers.current_time()
                )
                if len(self._made) > self._most:
                    self._made.popitem(last=False)
            self._made.move_to_end(key)
            return self._made[key]


PRINTS = web.AppKey("prints", Prints)


async def page(request: web.Request) -> web.Response:
    """GET /kit: everything an organisation needs, for the choices in the address."""
    query, language = request.query, visitor_language(request)
    sites = request.app[SITES]
    named = query.get("embed", "").strip()
    site = sites.by_id.get(named)
    chosen = _chosen(request, site)
    placement = Placement(
        home=home(request),
        site=site.id if site else catalogue.text(language, "web_kit_entry_id"),
        language=query["speak"] if is_language(query.get("speak")) else None,
        topic=query["topic"] if query.get("topic") in _topics(language) else None,
    )
    kept = {"embed": site.id if site else ""}
    shown = {"lang": placement.language or language, "topic": placement.topic or "", **kept}
    asked = {name: query.get(name, "").strip() for name in ("accent", "accent_dark")}
    return _html(
        "kit.html",
        request,
        frames=True,
        others=_in_other_languages(request, {**asked, "embed": named, "speak": "", "topic": ""}),
        site=site,
        named=named,
        placement=placement,
        groups=_groups(language),
        topics=_topics(language),
        asked=asked,
        example=sites.colours.accent,
        notes={
            name: _said(note, language)
            for name, note in (("accent", chosen.light), ("accent_dark", chosen.dark))
        },
        faulty={"accent": _is_fault(chosen.light), "accent_dark": _is_fault(chosen.dark)},
        colours={"accent": chosen.colours.accent, "accent_dark": chosen.colours.accent_dark},
        colours_url="/kit/colours.css?" + urlencode({**asked, **kept}),
        preview_url="/kit/preview?"
        + urlencode({**shown, **asked})
        # another choice is another conversation
        + "#kit-"
        + "-".join(shown.values()),
        snippets=[(name, getattr(placement, name)()) for name in SNIPPETS],
        entry=entry(placement.site, language, chosen.colours),
        prints=[
            (kind, code, f"/kit/{kind}.pdf?" + urlencode({"lang": code, **kept}))
            for kind in poster.KINDS
            for code in languages()
        ],
        least=str(LEAST),
    )


async def preview(request: web.Request) -> web.Response:
    """GET /kit/preview: Kompas as it will be, in the colours that were chosen; not counted."""
    site = request.app[SITES].by_id.get(request.query.get("embed", ""))
    asked = {name: request.query.get(name, "") for name in ("accent", "accent_dark")}
    sheet = "/kit/colours.css?" + urlencode({**asked, "embed": site.id if site else ""})
    return widget_pages.render(
        request, "page.html", site, [], "'self'", colours=sheet, counted_as=PREVIEW
    )


async def colours(request: web.Request) -> web.Response:
    """GET /kit/colours.css: the colours that were chosen, for the preview and its samples."""
    site = request.app[SITES].by_id.get(request.query.get("embed", ""))
    found = _chosen(request, site).colours
    samples = (
        f".sample.light {{ --accent: {found.accent}; --on-accent: {found.on_accent}; }}\n"
        f".sample.dark {{ --accent: {found.accent_dark}; --on-accent: {found.on_accent_dark}; }}\n"
    )
    return web.Response(text=colours_css(found) + samples, content_type="text/css")


async def printed(request: web.Request) -> web.Response:
    """GET /kit/poster.pdf and /kit/card.pdf."""
    kind, language = request.match_info["kind"], visitor_language(request)
    site = request.app[SITES].by_id.get(request.query.get("embed", ""))
    standard = request.app[SITES].colours
    try:
        body = await request.app[PRINTS].get(
            request.remote or "",
            kind,
            home(request),
            language,
            site or Site("", (), None, standard, None),
        )
    except TypesettingFailed:
        raise Refused("unavailable") from None
    name = f"kompas-{kind}-{language}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return web.Response(body=body, content_type="application/pdf", headers=headers)


async def count_page(request: web.Request) -> web.Response:
    """GET /kit/counts: what was counted for a site in a month, for who has its key."""
    site, month, months = _counted(request)
    language = visitor_language(request)
    try:
        found = await asyncio.to_thread(request.app[COUNTS].month, site, month)
    except (sqlite3.Error, OSError):
        found = None
    query = {"embed": site, "key": request.query["key"], "month": month, "lang": language}
    return _html(
        "kit_counts.html",
        request,
        status=200 if found else 503,
        others=_in_other_languages(request, query),
        site=site,
        name=_name(request.app[SITES].by_id.get(site)),
        month=month,
        months={each: _month_name(each, language) for each in months},
        key=request.query["key"],
        found=found,
        tables=_tables(found, language) if found else {},
        least=str(LEAST),
        csv_url="/kit/counts.csv?" + urlencode(query),
    )


async def count_csv(request: web.Request) -> web.Response:
    """GET /kit/counts.csv: the same for a spreadsheet."""
    site, month, _ = _counted(request)
    language = visitor_language(request)
    try:
        found = await asyncio.to_thread(request.app[COUNTS].month, site, month)
    except (sqlite3.Error, OSError):
        raise Refused("unavailable") from None
    text = io.StringIO()
    # semicolons as spreadsheets in these languages expect; "<" for what is left out
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(["month", "site", "what", "which", "label", "number"])
    for what, which, number in counts.rows(found):
        label = _label(what, which, language)
        writer.writerow([month, site, what, which, label, "<" if number is None else number])
    headers = {"Content-Disposition": f'attachment; filename="kompas-{month}.csv"'}
    return web.Response(
        body=text.getvalue().encode("utf-8-sig"),
        content_type="text/csv",
        charset="utf-8",
        headers=headers,
    )


def home(request: web.Request) -> str:
    """Where visitors reach us, as `https://host`; without a setting, where the request went."""
    set_home = request.app[SETTINGS].public_url
    return set_home or f"{request.scheme}://{request.host}"


def check() -> None:
    """Read every word of the kit once, so that a missing one shows at start-up."""
    for code in languages():
        for key in catalogue.all_keys():
            if key.startswith("web_kit_"):
                names = catalogue.wording_placeholders(code, key)
                values = {name: "" for name in names if not name.startswith(("phone_", "email_"))}
                answers.wording(key, code, answers.current_time(), values)


def _counted(request: web.Request) -> tuple[str, str, list[str]]:
    """Site, month, and the months to choose from. Without the site's key there is no such page."""
    site, key = request.query.get("embed", ""), request.query.get("key", "")
    known = site == counts.OWN or site in request.app[SITES].by_id
    if not request.app[TOKENS].opens_counts(site, key) or not known:
        raise web.HTTPNotFound
    months = counts.past_months(answers.current_time().date())
    month = request.query.get("month", months[0])
    if month not in months:
        raise Refused("malformed", "month: none of the last twelve, as 2026-10")
    return site, month, months


def _name(site: Site | None) -> str:
    if site is None:
        return ""
    return site.contact.name if site.contact else site.id


def _chosen(request: web.Request, site: Site | None) -> Chosen:
    standard = site.colours if site else request.app[SITES].colours
    accent, accent_dark = (
        request.query.get(name, "").strip() for name in ("accent", "accent_dark")
    )
    return choose(accent, accent_dark, standard)


def _is_fault(note: Note | None) -> bool:
    return note is not None and note.is_fault


def _said(note: Note | None, language: str) -> str:
    if note is None:
        return ""
    values = {
        "found": str(format_decimal(note.found, "0.0", locale=language)),
        "least": str(format_decimal(LEAST_CONTRAST, "0.0", locale=language)),
        "better": note.better,
        "example": "#14506e",
    }
    return _wording(f"colour_{note.kind}", language, **values)


def _groups(language: str) -> list[tuple[str, list[str]]]:
    return [
        (_wording(f"topic_{topic}", language), intents_by_topic()[topic]) for topic in topic_names()
    ]


def _topics(language: str) -> Mapping[str, str]:
    """Intents that a page can begin with, and how they are called."""
    return {
        intent: catalogue.text(language, f"option_{intent}")
        for topic in topic_names()
        for intent in intents_by_topic()[topic]
    }


def _tables(found: counts.Month, language: str) -> dict[str, dict[str, int | None]]:
    """Label → number, table by table."""
    return {
        "all": {
            _label(counts.OPENING, "", language): found.openings,
            **({} if found.is_quiet else {_label(counts.HANDOFF, "", language): found.handoffs}),
        },
        "spoken": {each.name: found.languages.get(code, 0) for code, each in languages().items()},
        "about": {
            _label(counts.TOPIC, which, language): number for which, number in found.topics.items()
        },
    }


def _label(what: str, which: str, language: str) -> str:
    if what == counts.LANGUAGE:
        return languages()[which].name
    return _wording(f"topic_{which}" if what == counts.TOPIC else f"counts_{what}", language)


def _month_name(month: str, language: str) -> str:
    year, number = month.split("-")
    day = answers.current_time().replace(year=int(year), month=int(number), day=1)
    return str(format_skeleton("yMMMM", day, locale=language))


def _wording(name: str, language: str, **values: str) -> str:
    return answers.wording(f"web_kit_{name}", language, answers.current_time(), values)


def _in_other_languages(request: web.Request, asked: Mapping[str, str]) -> dict[str, str]:
    kept = {name: request.query.get(name, "") for name in asked if request.query.get(name)}
    return {code: f"{request.path}?{urlencode({**kept, 'lang': code})}" for code in languages()}


def _html(
    template: str, request: web.Request, *, frames: bool = False, status: int = 200, **values: Any
) -> web.Response:
    language = visitor_language(request)
    now = answers.current_time()
    html = _templates.get_template(template).render(
        language=languages()[language],
        languages=languages(),
        text=lambda name, **filled: _wording(name, language, **filled),
        common=lambda name: answers.wording(f"web_{name}", language, now, {}),
        **values,
    )
    own = policy() + ("; frame-src 'self'" if frames else "")
    headers = {"Content-Security-Policy": own}
    return web.Response(text=html, content_type="text/html", status=status, headers=headers)
