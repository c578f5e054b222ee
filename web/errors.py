"""Error replies of the visitor API: a code for the program, a sentence for the visitor."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from aiohttp import web

from bot import catalogue
from bot.emergency import Emergency
from bot.languages import SOURCE, is_language, languages
from bot.nlg import answers
from web.keys import CONVERSATION_LANGUAGE

STATUS = {
    "malformed": 400,
    "unauthorized": 401,
    "forbidden_origin": 403,
    "not_found": 404,
    "too_long": 413,
    "unsupported_type": 415,
    "too_many": 429,
    "unavailable": 503,
}


def visitor_language(request: web.Request) -> str:
    """The language to speak.

    That of the conversation where it is known, else the one asked for in the address, else the
    browser's, else the source.
    """
    known: str | None = request.get(CONVERSATION_LANGUAGE)
    if known is not None:
        return known
    asked = request.query.get("lang")
    if is_language(asked):
        return str(asked)
    for part in request.headers.get("Accept-Language", "").split(","):
        code = part.split(";")[0].strip().lower().split("-")[0]
        if code in languages():
            return code
    return SOURCE


def error_body(code: str, language: str) -> dict[str, Any]:
    """The error and its sentence."""
    return {
        "error": code,
        "message": answers.wording(f"error_{code}", language, answers.current_time(), {}),
    }


def error_response(
    code: str, language: str, *, detail: str | None = None, retry_after: int | None = None
) -> web.Response:
    """A JSON error of the contract; 503 carries the help card."""
    body = error_body(code, language)
    if detail:
        body["detail"] = detail
    if code == "unavailable":
        body["help"] = answers.help_card(language)
    headers = {"Retry-After": str(retry_after)} if retry_after is not None else {}
    return web.json_response(body, status=STATUS[code], headers=headers, dumps=dumps)


def dumps(value: Any) -> str:
    """JSON with letters as they are: an old phone's data plan pays for every escape."""
    return json.dumps(value, ensure_ascii=False)


def with_help(reply: dict[str, Any]) -> dict[str, Any]:
    """`reply`, with the help card where it says that something failed."""
    if any(message.get("kind") == "error" for message in reply["messages"]):
        return {**reply, "help": answers.help_card(reply["lang"])}
    return reply


def failure_reply(language: str, found: Emergency | None = None) -> dict[str, Any]:
    """What the visitor reads when something behind this process failed: never silence.

    The card for an emergency that was `found` comes first.
    """
    messages = []
    if found:
        # of all replies this is the one that may not fail
        with contextlib.suppress(catalogue.MissingText):
            messages.append(answers.emergency_card(found.kind, language))
    messages.append(answers.compose("utter_error", language))
    return {"lang": language, "messages": messages, "help": answers.help_card(language)}
