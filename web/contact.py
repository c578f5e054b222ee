"""The contact form: checked, sealed to the desk and kept until the desk has it.

What is filled in never passes through Rasa. This process cannot read again what it kept.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import sqlite3
from typing import Any

from aiohttp import web

from bot import catalogue
from bot.outbox import CONTACT, Letter
from bot.sealing import seal
from web.chat import Refused, conversation, counted, json_object, speak_as_before
from web.contact_form import FormFault, parse
from web.errors import dumps, error_body, visitor_language, with_help
from web.gateway import ConversationGone, GatewayFailure, RefusedByChannel
from web.keys import (
    CONTACT_LIMIT,
    GATEWAY,
    LANGUAGES,
    METRICS,
    OUTBOX,
    REPEATS,
    SETTINGS,
    TOKENS,
)

logger = logging.getLogger(__name__)


async def submit(request: web.Request) -> web.Response:
    """POST /api/contact: keep the form for the desk, then hand the conversation over.

    Sent again after a cut it is the same form, with the same `contact_ref`.
    """
    sender = conversation(request)
    speak_as_before(request, sender)
    wait = request.app[CONTACT_LIMIT].wait(sender)
    if wait:
        raise Refused("too_many", retry_after=wait)
    form = parse(await json_object(request))
    if isinstance(form, FormFault):
        return _faulty(form, visitor_language(request))
    details = form.model_dump(by_alias=True, exclude_none=True)
    reference = request.app[TOKENS].reference(sender, json.dumps(details, sort_keys=True))
    try:
        await asyncio.to_thread(_keep, request.app, sender, reference, details)
    except sqlite3.Error as error:
        logger.error("A contact form cannot be kept: %s.", type(error).__name__)
        raise Refused("unavailable") from None
    try:
        reply = await request.app[REPEATS].answer(
            sender,
            # what is filled in names itself: no client can get this wrong
            hashlib.blake2b(reference.encode(), digest_size=16).hexdigest(),
            lambda: counted(request, request.app[GATEWAY].hand_over(sender, reference)),
        )
    except ConversationGone:
        raise Refused("unauthorized") from None
    except (GatewayFailure, RefusedByChannel) as failure:
        # the form waits for its case; sent again, both meet
        request.app[METRICS].failed("handover")
        logger.error("A hand-over failed: %s.", failure)
        raise Refused("unavailable") from None
    request.app[LANGUAGES].keep(sender, reply["lang"])
    return web.json_response({"contact_ref": reference, **with_help(reply)}, dumps=dumps)


def _keep(app: web.Application, sender: str, reference: str, details: dict[str, Any]) -> None:
    body = {**details, "conversation": sender, "contact_ref": reference}
    raw = json.dumps(body, ensure_ascii=False).encode()
    sealed = {"sealed": seal(app[SETTINGS].seal_public, raw)}
    app[OUTBOX].put(Letter(reference, sender, CONTACT, sealed))


def _faulty(fault: FormFault, language: str) -> web.Response:
    """400 that names the fields, for the page by their names and for the visitor in words."""
    keys = dict.fromkeys(f"contact_{field.partition('.')[0]}_name" for field in fault.fields)
    named = [catalogue.text(language, key) for key in keys if catalogue.has_text(language, key)]
    body = error_body("malformed", language)
    if named:
        body["message"] = catalogue.text(language, "contact_wrong", fields="; ".join(named))
    return web.json_response({**body, "fields": list(fault.fields)}, status=400, dumps=dumps)
