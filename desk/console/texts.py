"""The words of the assistant, to read: as a conversation, one by one, and what is due."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from aiohttp import web

from bot import catalogue
from bot.languages import SOURCE, is_language, languages
from bot.nlg.answers import current_time
from bot.reviews import State
from desk.console import words
from desk.console.rendering import Problem, page
from desk.errors import NotFound
from desk.keys import MEMBER, TEXTS
from desk.texts import checks, samples, views
from desk.texts.standing import DUE, Standing, due, standing
from desk.texts.subjects import Line, Section, Subject, subject_of, subjects
from desk.texts.views import ChangeView
from desk.texts.wordings import Book, Forms, Wording, digest_of


@dataclass(frozen=True)
class Said:
    """A text in a language, as it is said, beside the Dutch, with its standing."""

    key: str
    said: list[str]
    dutch: list[str]
    standing: Standing


@dataclass(frozen=True)
class Bubble:
    """A line of a subject with its texts."""

    line: Line
    texts: list[Said]
    buttons: list[Said]
    links: list[Said]


@dataclass(frozen=True)
class Part:
    """A section with its bubbles."""

    title: str
    bubbles: list[Bubble]


async def texts(request: web.Request) -> web.Response:
    """GET /texts: which subjects there are, and how they stand in a language."""
    store, language = request.app[TEXTS], chosen_language(request)
    every = await asyncio.to_thread(store.changes, request[MEMBER])
    book, today = store.book(), current_time().date()
    found = subjects(book.keys)
    groups: dict[str, list[tuple[Subject, Counter[State]]]] = {}
    for subject in found.values():
        groups.setdefault(subject.group, []).append(
            (subject, _counted(book, subject.keys, language, today))
        )
    return page(
        request,
        "texts.html",
        language=language,
        languages=list(languages()),
        groups=groups,
        counts=_counted(book, book.keys, language, today),
        DUE=DUE,
        changes=Counter(change.state for change in every),
        todo=[change for change in every if set(views.KINDS) & change.may],
        mine=[change for change in every if "withdraw" in change.may],
    )


def _counted(book: Book, keys: Iterable[str], language: str, day: date) -> Counter[State]:
    states = (standing(book, key, language, day).state for key in keys)
    return Counter(state for state in states if state in DUE)


async def subject(request: web.Request) -> web.Response:
    """GET /texts/subjects/{subject}: read it as a conversation, in a language beside Dutch."""
    store, language = request.app[TEXTS], chosen_language(request)
    await asyncio.to_thread(store.allow, request[MEMBER])
    book, now = store.book(), current_time()
    found = subjects(book.keys).get(request.match_info["subject"])
    if found is None:
        raise NotFound("There is no such subject.")
    return page(
        request,
        "text_subject.html",
        language=language,
        languages=list(languages()),
        subject=found,
        parts=[_part(each, book, language, now) for each in found.sections],
        counts=_counted(book, found.keys, language, now.date()),
        DUE=DUE,
    )


def _part(section: Section, book: Book, language: str, now: datetime) -> Part:
    def said(keys: tuple[str, ...]) -> list[Said]:
        return [said_of(key, book, language, now) for key in keys]

    bubbles = [
        Bubble(line, said(line.keys), said(line.buttons), said(line.links))
        for line in section.lines
    ]
    return Part(_title(section, book, now), bubbles)


def _title(section: Section, book: Book, now: datetime) -> str:
    """What names a section: a text of its own, else a word of the console, else its id."""
    text = book.get(section.title, SOURCE) if section.title else None
    if text is not None:
        return samples.shown(text, 0, now)
    known = words.named("texts_section", section.name)
    return known if known != section.name else words.named("reply_name", section.name)


def said_of(key: str, book: Book, language: str, now: datetime) -> Said:
    """A text as the visitor sees it, in `language` and in Dutch."""
    own, dutch = book.get(key, language), book.get(key, SOURCE)
    return Said(
        key,
        shown(own, now),
        shown(dutch, now) if language != SOURCE else [],
        standing(book, key, language, now.date()),
    )


def shown(wording: Wording | None, now: datetime) -> list[str]:
    """The forms of a wording with their placeholders filled; none without a wording."""
    if wording is None:
        return []
    return [samples.shown(wording, form, now) for form in range(len(wording.forms))]


async def texts_due(request: web.Request) -> web.Response:
    """GET /texts/due: what is not said any more, stale, or expires soon."""
    store, language = request.app[TEXTS], chosen_language(request)
    await asyncio.to_thread(store.allow, request[MEMBER])
    book, today = store.book(), current_time().date()
    rows = [
        (key, each, subject_of(key, book.keys))
        for key, each in due(book, book.keys, language, today)
    ]
    return page(
        request,
        "texts_due.html",
        language=language,
        languages=list(languages()),
        rows=rows,
        counts=Counter(each.state for _, each, _ in rows),
        DUE=DUE,
    )


async def wording(request: web.Request) -> web.Response:
    """GET /texts/wordings/{language}/{key}: a text with its papers, and the form to propose."""
    return await wording_page(request)


async def wording_page(
    request: web.Request, problem: Problem | None = None, status: int = 200
) -> web.Response:
    """The page of a text, perhaps with what is wrong with a proposal."""
    store, member = request.app[TEXTS], request[MEMBER]
    await asyncio.to_thread(store.allow, member)
    key, language = request.match_info["key"], request.match_info["language"]
    book, now = store.book(), current_time()
    own = book.get(key, language) if is_language(language) else None
    if own is None:
        raise NotFound("There is no such text.")
    source, is_coming = await asyncio.to_thread(store.source, member, key)
    history = await asyncio.to_thread(store.changes, member, key=key, language=language)
    return page(
        request,
        "text.html",
        status=status,
        problem=problem,
        wording=own,
        subject=subject_of(key, book.keys),
        said=said_of(key, book, language, now),
        languages=[code for code in languages() if code != language],
        source=source,
        coming=samples.shown_forms(source, book.get(key, SOURCE) or own, now) if is_coming else [],
        running=next((each for each in history if each.state in _RUNNING), None),
        history=history,
        **form_values(own, own.forms, source),
    )


_RUNNING = (views.OPEN, views.APPROVED, views.EXPORTED)


def form_values(wording: Wording, forms: Forms, source: Forms) -> dict[str, object]:
    """What the form of a proposal needs besides its fields."""
    names = {name for each in (*source, *wording.forms) for name in names_in(each)}
    return {
        "forms": forms,
        "base": wording.digest,
        "source_digest": digest_of(source) if wording.language != SOURCE else "",
        "placeholders": sorted(names),
        "most_text": checks.MOST_TEXT,
        "most_reason": checks.MOST_REASON,
    }


def names_in(text: str) -> frozenset[str]:
    """The placeholders of a text, in braces; none where a brace is out of place."""
    try:
        return frozenset(f"{{{name}}}" for name in catalogue.placeholders(text))
    except ValueError:
        return frozenset()


def chosen_language(request: web.Request) -> str:
    """The language asked for; without one the first that is a translation."""
    given = request.query.get("language", "")
    others = [code for code in languages() if code != SOURCE]
    return given if is_language(given) else (others or [SOURCE])[0]


def texts_of(change: ChangeView) -> Wording:
    """A stand-in for the text of a change whose key is no more."""
    return Wording(change.key, change.domain, change.language, change.proposal)
