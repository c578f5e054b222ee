"""The chat of the visitor API: start, message, end (see the interface contract)."""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import sqlite3
import time
from collections.abc import Awaitable
from typing import Any

from aiohttp import web

from bot import emergency
from bot.languages import is_language
from bot.metrics import closed
from bot.nlg import answers
from web.counts import NOBODY, OWN
from web.errors import dumps, error_response, failure_reply, visitor_language, with_help
from web.gateway import ConversationGone, GatewayFailure, RefusedByChannel, TooManyWaiting
from web.keys import (
    CONVERSATION_LANGUAGE,
    COUNTS,
    GATEWAY,
    LANGUAGES,
    MESSAGE_LIMIT,
    METRICS,
    OUTBOX,
    REPEATS,
    SAID,
    SETTINGS,
    SITES,
    START_LIMIT,
    TOKENS,
)
from web.repeats import is_key

logger = logging.getLogger(__name__)


class Refused(Exception):
    """The request is answered with an error of the contract."""

    def __init__(self, code: str, detail: str | None = None, retry_after: int | None = None):
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.retry_after = retry_after


async def start(request: web.Request) -> web.Response:
    """POST /api/chat/start: open a conversation, greet, and answer the topic if one is given."""
    wait = request.app[START_LIMIT].wait(request.remote or "")
    if wait:
        raise Refused("too_many", retry_after=wait)
    body = await json_object(request, empty_is_object=True)
    fields_only(body, {"lang", "topic", "embed"})
    language, topic = text_field(body, "lang"), text_field(body, "topic")
    embed = text_field(body, "embed") or OWN
    if language is not None and not is_language(language):
        raise Refused("malformed", "lang: not one of the languages")
    # an id that nobody has opens a conversation, too; it is counted for nobody
    token = request.app[TOKENS].issue(embed if _is_counted(request, embed) else NOBODY)
    sender = request.app[TOKENS].sender(token)
    assert sender is not None
    opening = {k: v for k, v in (("lang", language), ("topic", topic)) if v is not None}
    try:
        reply = await request.app[GATEWAY].send(sender, {"start": opening})
    except RefusedByChannel:
        raise Refused("malformed", "topic: not one of the topics") from None
    except (GatewayFailure, ConversationGone) as failure:
        request.app[METRICS].failed(cause(failure))
        logger.error("A conversation could not start: %s.", cause(failure))
        raise Refused("unavailable") from None
    if language is not None:
        # without a choice the browser knows better than our default
        request.app[LANGUAGES].keep(sender, language)
    _count(request, reply)
    if _is_counted(request, embed):
        request.app[COUNTS].opening(embed, reply)
    return web.json_response({"token": token, **reply}, status=201, dumps=dumps)


async def message(request: web.Request) -> web.Response:
    """POST /api/chat/message: one turn. Whatever fails behind this process, there is a reply."""
    sender = conversation(request)
    speak_as_before(request, sender)
    wait = request.app[MESSAGE_LIMIT].wait(sender)
    if wait:
        raise Refused("too_many", retry_after=wait)
    body = await json_object(request)
    fields_only(body, {"text", "payload", "lang"})
    if len(body) != 1:
        raise Refused("malformed", "give one of text, payload and lang")
    name = next(iter(body))
    value = text_field(body, name)
    if value is None or not value.strip():
        raise Refused("malformed", f"{name}: is empty")
    if name == "lang" and not is_language(value):
        raise Refused("malformed", "lang: not one of the languages")
    if len(value) > request.app[SETTINGS].max_text:
        raise Refused("too_long")
    began = time.monotonic()
    try:
        key = repeat_key(request)
        reply = await request.app[REPEATS].answer(
            sender,
            key,
            lambda: counted(request, request.app[GATEWAY].send(sender, body, key)),
        )
    except RefusedByChannel as refusal:
        raise Refused("malformed", str(refusal)) from None
    except ConversationGone:
        raise Refused("unauthorized") from None
    except TooManyWaiting:
        raise Refused("too_many", retry_after=1) from None
    except GatewayFailure as failure:
        request.app[METRICS].failed(cause(failure))
        logger.error("A turn failed: %s.", cause(failure))
        language = value if name == "lang" else visitor_language(request)
        # what cannot wait does not need what failed
        found = emergency.detect(value, language) if name == "text" else None
        if found:
            request.app[METRICS].emergency(found.kind, language)
        return web.json_response(failure_reply(language, found), dumps=dumps)
    request.app[METRICS].turn(reply["lang"], time.monotonic() - began)
    request.app[LANGUAGES].keep(sender, reply["lang"])
    _count(request, reply)
    return web.json_response(with_help(reply), dumps=dumps)


async def end(request: web.Request) -> web.Response:
    """POST /api/chat/end: erase the conversation."""
    sender = conversation(request)
    try:
        await request.app[GATEWAY].erase(sender)
    except GatewayFailure as failure:
        logger.error("A conversation could not be erased: %s.", cause(failure))
        raise Refused("unavailable") from None
    request.app[LANGUAGES].forget(sender)
    request.app[REPEATS].forget(sender)
    try:
        await asyncio.to_thread(request.app[OUTBOX].forget, sender)
    except sqlite3.Error as error:
        # it holds no word of the conversation, and goes by itself in two days
        logger.error("The outbox could not be tidied: %s.", type(error).__name__)
    return web.Response(status=204)


def conversation(request: web.Request) -> str:
    """Id of the conversation whose token the request bears. Raises `Refused`."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    sender = request.app[TOKENS].sender(token) if scheme.lower() == "bearer" else None
    if sender is None:
        raise Refused("unauthorized")
    return sender


def repeat_key(request: web.Request) -> str | None:
    """The client's name for a message, the same when it sends it again; None if it is no name."""
    key = request.headers.get("Idempotency-Key", "")
    return key if is_key(key) else None


async def counted(request: web.Request, work: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    """The reply that `work` brings, counted for the site of the conversation: once."""
    reply = await work
    token = request.headers.get("Authorization", "").partition(" ")[2]
    site = request.app[TOKENS].site(token)
    if site is not None and _is_counted(request, site):
        request.app[COUNTS].reply(site, reply)
    return reply


def _is_counted(request: web.Request, site: str) -> bool:
    return site == OWN or site in request.app[SITES].by_id


def speak_as_before(request: web.Request, sender: str) -> None:
    """Let what this process says itself be in the language of the conversation, where known."""
    known = request.app[LANGUAGES].get(sender)
    if known is not None:
        request[CONVERSATION_LANGUAGE] = known


async def json_object(request: web.Request, *, empty_is_object: bool = False) -> dict[str, Any]:
    """The body. Raises `Refused` for anything but a JSON object."""
    raw = await request.read()
    if not raw and empty_is_object:
        return {}
    if request.content_type != "application/json":
        raise Refused("unsupported_type", "send application/json")
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise Refused("malformed", "the body is not JSON") from None
    if not isinstance(body, dict):
        raise Refused("malformed", "the body is not a JSON object")
    return body


def fields_only(body: dict[str, Any], known: set[str]) -> None:
    """Raise `Refused` when `body` has other fields than `known`."""
    if set(body) - known:
        # the names of the fields that exist, not the visitor's
        raise Refused("malformed", f"only {', '.join(sorted(known))} are fields here")


def text_field(body: dict[str, Any], name: str) -> str | None:
    """A field that is a text or not there. Raises `Refused` for another type."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise Refused("malformed", f"{name}: not a string")
    return value


def cause(failure: Exception) -> str:
    """What failed, for the log and the metrics."""
    return str(failure) or type(failure).__name__


def _count(request: web.Request, reply: dict[str, Any]) -> None:
    for sent in reply["messages"]:
        request.app[METRICS].said(sent["id"], sent["lang"])
    request[SAID] = [closed(sent["id"], answers.answers().entries) for sent in reply["messages"]]


@web.middleware
async def refusals(request: web.Request, handler: Any) -> web.StreamResponse:
    """Turn refusals and unexpected faults of the API into the errors of the contract."""
    try:
        response: web.StreamResponse = await handler(request)
        return response
    except Refused as refusal:
        return error_response(
            refusal.code,
            visitor_language(request),
            detail=refusal.detail,
            retry_after=refusal.retry_after,
        )
    except web.HTTPRequestEntityTooLarge:
        return error_response("too_long", visitor_language(request))
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed) as error:
        response = error_response("not_found", visitor_language(request))
        if isinstance(error, web.HTTPMethodNotAllowed):
            response.set_status(405)
            response.headers["Allow"] = error.headers["Allow"]
        return response
    except web.HTTPException:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
            # no file of ours has such a name
            return error_response("not_found", visitor_language(request))
        # only the kind of the error: its text could hold what the visitor wrote
        logger.error("%s failed with %s.", request.match_info.route.name, type(error).__name__)
        return error_response("unavailable", visitor_language(request))
