"""Keeping the checklist for later under a code, and going on with it (see docs/api.md)."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from web.chat import (
    Refused,
    conversation,
    fields_only,
    json_object,
    repeat_key,
    text_field,
)
from web.errors import dumps, failure_reply, visitor_language
from web.gateway import (
    ConversationGone,
    GatewayFailure,
    NothingToKeep,
    RefusedByChannel,
)
from web.keys import CODE_LIMIT, GATEWAY, LANGUAGES, REPEATS

logger = logging.getLogger(__name__)


async def keep(request: web.Request) -> web.Response:
    """POST /api/checklist/code: a code of words for what was answered, locked with a number."""
    sender = conversation(request)
    body = await json_object(request)
    fields_only(body, {"number"})
    number = text_field(body, "number") or ""
    return await _reply(request, sender, lambda: request.app[GATEWAY].keep(sender, number))


async def withdraw(request: web.Request) -> web.Response:
    """DELETE /api/checklist/code: the code made in this conversation opens nothing any more."""
    sender = conversation(request)
    return await _reply(request, sender, lambda: request.app[GATEWAY].withdraw(sender))


async def go_on(request: web.Request) -> web.Response:
    """POST /api/checklist/open: go on in this conversation with what was kept under a code."""
    sender = conversation(request)
    # who guesses changes conversations: the limit goes by the address
    wait = request.app[CODE_LIMIT].wait(request.remote or "")
    if wait:
        raise Refused("too_many", retry_after=wait)
    body = await json_object(request)
    fields_only(body, {"words", "number"})
    words, number = text_field(body, "words"), text_field(body, "number") or ""
    if words is None:
        raise Refused("malformed", "words: is missing")
    if len(words) > 200:
        raise Refused("malformed", "words: too long")
    return await _reply(request, sender, lambda: request.app[GATEWAY].open(sender, words, number))


async def _reply(
    request: web.Request, sender: str, call: Callable[[], Awaitable[dict[str, Any]]]
) -> web.Response:
    try:
        reply = await request.app[REPEATS].answer(sender, repeat_key(request), call)
    except RefusedByChannel as refusal:
        raise Refused("malformed", str(refusal)) from None
    except NothingToKeep:
        raise Refused("not_found") from None
    except ConversationGone:
        raise Refused("unauthorized") from None
    except GatewayFailure as failure:
        logger.error("A code could not be handled: %s.", failure)
        return web.json_response(failure_reply(visitor_language(request)), dumps=dumps)
    request.app[LANGUAGES].keep(sender, reply["lang"])
    return web.json_response(reply, dumps=dumps)
