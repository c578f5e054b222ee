"""Approved reply texts: all of them for who looks after texts, the suited ones for a case."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from bot import catalogue
from bot.languages import SOURCE, is_language, languages
from bot.nlg.answers import current_time
from desk import replies as texts
from desk.access import Scope
from desk.console import words
from desk.console.forms import FORM
from desk.console.rendering import address, page, redirect
from desk.errors import NotAllowed, NotFound, Withheld
from desk.keys import MEMBER, REGISTRY
from desk.replies import Reply
from desk.views import CaseView

_EMAIL = "email"


async def replies(request: web.Request) -> web.Response:
    """GET /replies: every text in every language, to read."""
    if not {"texts", "cases"} & Scope(request[MEMBER]).permissions:
        raise NotAllowed("This role does not include the texts.")
    every = texts.replies().values()
    frame = ["reply_greeting", "reply_closing"] + [f"reply_subject_{s}" for s in texts.SUBJECTS]
    return page(
        request,
        "replies.html",
        replies=[(reply, _in_all_languages(reply.key)) for reply in every],
        frame=[(key, _in_all_languages(key)) for key in frame],
    )


def _in_all_languages(key: str) -> list[tuple[str, str]]:
    """Language and wording, with the placeholders as they stand."""
    found = []
    for code in languages():
        if catalogue.has_text(code, key):
            names = catalogue.wording_placeholders(code, key)
            shown = catalogue.text(code, key, **{name: f"{{{name}}}" for name in names})
            found.append((code, shown))
    return found


@dataclass(frozen=True)
class Permission:
    """Whether the client can be written to now: a kind, and what to fill in its text."""

    kind: str
    channel: str = ""
    again: datetime | None = None

    @property
    def given(self) -> bool:
        """Whether an e-mail reaches them safely now."""
        return self.kind == "safe"


def permission(view: CaseView) -> Permission:
    """What the contact forms of a case say about e-mail at this moment; the last one counts."""
    if not view.contacts:
        return Permission("no_form")
    last = view.contacts[0]
    channel = str(last.safety.get("channel", ""))
    if channel != _EMAIL:
        return Permission("not_email", channel)
    return Permission("safe") if last.safe else Permission("not_now", again=last.next_safe)


async def case_replies(request: web.Request) -> web.Response:
    """GET /cases/{reference}/replies: which texts there are, those that suit the case first."""
    view = await _case(request)
    assert view.content is not None
    topics = [str(entry["intent"]) for entry in view.content.transcript if entry.get("intent")]
    suited, others = texts.suited_first(view.row.code, view.row.role, topics)
    return page(
        request,
        "reply_choice.html",
        row=view.row,
        permission=permission(view),
        suited=suited,
        others=others,
    )


async def case_reply(request: web.Request) -> web.Response:
    """GET /cases/{reference}/replies/{reply}: a text, ready to copy, beside its Dutch."""
    reply = _reply(request)
    view = await _case(request)
    row, now = view.row, current_time()
    language = request.query.get("language", row.language)
    language = language if is_language(language) else SOURCE
    shown = [texts.mail(reply, language, row.reference, now)]
    if language != SOURCE:
        shown.append(texts.mail(reply, SOURCE, row.reference, now))
    return page(
        request,
        "reply.html",
        row=row,
        reply=reply,
        permission=permission(view),
        # what nobody has read for a year is not sent
        mails=shown if reply.is_valid(now.date(), language) else [],
        languages=[code for code in languages() if code != language],
    )


async def use_reply(request: web.Request) -> web.Response:
    """POST /cases/{reference}/replies/{reply}: it was sent; the case shows it as a contact."""
    member, registry = request[MEMBER], request.app[REGISTRY]
    reply = _reply(request)
    form = request[FORM].only("language", "minutes")
    reference, language = request.match_info["reference"], form.text("language")
    minutes = form.number("minutes")
    note = words.t(
        "desk_reply_moment_note",
        name=words.named("reply_name", reply.name),
        language=words.language(language),
    )
    await asyncio.to_thread(registry.use_reply, member, reference, reply.key, language)
    await asyncio.to_thread(
        registry.add_moment,
        member,
        reference,
        channel=_EMAIL,
        incoming=False,
        minutes=minutes,
        note=note,
    )
    return redirect(f"{address(request, 'case', reference=reference)}?done=reply_sent")


def _reply(request: web.Request) -> Reply:
    reply = texts.replies().get(request.match_info["reply"])
    if reply is None:
        # as for a case that is not there: asked first, it tells nothing of the case
        raise NotFound("There is no such text.")
    return reply


async def _case(request: web.Request) -> CaseView:
    view = await asyncio.to_thread(
        request.app[REGISTRY].look, request[MEMBER], request.match_info["reference"]
    )
    if view.content is None:
        raise Withheld("The content of a case in conflict is withheld.")
    return view
