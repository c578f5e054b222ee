"""What a visitor can keep of the checklist: the summary as PDF, the time limits as a calendar."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from aiohttp import web

from bot import catalogue
from bot.languages import SOURCE, is_language
from bot.nlg.answers import current_time
from web.chat import Refused, cause, conversation
from web.deadlines import NoDates, deadlines_ics
from web.gateway import ConversationGone, GatewayFailure
from web.keys import CONVERSATION_LANGUAGE, GATEWAY, LANGUAGES, MESSAGE_LIMIT, METRICS
from web.summary import summary_pdf

logger = logging.getLogger(__name__)


async def summary(request: web.Request) -> web.Response:
    """GET /api/summary.pdf: the result of this conversation, beside it in a second language."""
    second = _language(request, "lang2") or SOURCE
    answers, language = await _checklist(request)
    # in a thread: setting the pages would keep other visitors waiting
    body = await asyncio.to_thread(summary_pdf, answers, [language, second], current_time())
    return _attachment(body, "application/pdf", catalogue.text(language, "pdf_filename") + ".pdf")


async def deadlines(request: web.Request) -> web.Response:
    """GET /api/deadlines.ics: the dated time limits of this conversation."""
    answers, language = await _checklist(request)
    try:
        body = deadlines_ics(answers, language, current_time())
    except NoDates:
        raise Refused("not_found") from None
    return _attachment(body, "text/calendar", "kompas.ics", charset="utf-8")


async def _checklist(request: web.Request) -> tuple[dict[str, Any], str]:
    """The answers of the conversation and the language to show them in. Raises `Refused`."""
    sender = conversation(request)
    asked = _language(request, "lang")
    known = request.app[LANGUAGES].get(sender)
    if known is not None:
        request[CONVERSATION_LANGUAGE] = known
    wait = request.app[MESSAGE_LIMIT].wait(sender)
    if wait:
        raise Refused("too_many", retry_after=wait)
    try:
        kept = await request.app[GATEWAY].checklist(sender)
    except ConversationGone:
        raise Refused("unauthorized") from None
    except GatewayFailure as failure:
        request.app[METRICS].failed(cause(failure))
        logger.error("The answers could not be read: %s.", cause(failure))
        raise Refused("unavailable") from None
    if not kept["answers"]:
        raise Refused("not_found")
    return kept["answers"], asked or kept["lang"]


def _language(request: web.Request, name: str) -> str | None:
    code = request.query.get(name)
    if code is not None and not is_language(code):
        raise Refused("malformed", f"{name}: not one of the languages")
    return code


def _attachment(
    body: bytes, content_type: str, filename: str, charset: str | None = None
) -> web.Response:
    return web.Response(
        body=body,
        content_type=content_type,
        charset=charset,
        headers={
            "Content-Disposition": f'attachment; filename="{filename}"',
            "Cache-Control": "no-store",
        },
    )
