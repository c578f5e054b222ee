"""The interface of the services in OpenAPI 3.1, served at /openapi.json.

What may be sent comes from the models that read it (`desk/intake.py`), so that the description
cannot drift from the code; what is answered is described here and held against the answers by
the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from bot.languages import languages
from desk.codes import codebook
from desk.intake import CaseBody, ContactBody, Conversation, ErasuresBody, Identifier

VERSION = "1.0.0"
_SCHEMAS = "#/components/schemas/"
_LANGUAGE_FIELDS = frozenset({"language", "lang"})
# what is sure to be taken; a form is read more generously than a description could say
_PHONE = r"^\+?[0-9]([ ./-]?[0-9]){4,16}$"
_EMAIL = r"^[!-;=?A-~]{1,64}@[0-9A-Za-z-]{1,60}(\.[0-9A-Za-z-]{1,60}){1,3}$"


class SealedBody(BaseModel):
    """Any body, sealed to the public key of the desk by `bot/sealing.py`."""

    model_config = ConfigDict(extra="forbid", strict=True)
    sealed: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+={0,2}$")]


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CaseReply(_Reply):
    """The case that was made, or was there already."""

    reference: Annotated[str, Field(pattern=r"^K-[0-9]{4}-[0-9]{4,7}-[A-Z]$")]
    line: Literal[1, 2]
    code: str
    urgent: bool
    next_reading: datetime | None


class ContactReply(_Reply):
    """What a case names its contact form by."""

    contact_ref: str


class ReceiptReply(_Reply):
    """That a conversation was erased: rows removed, by table."""

    receipt: str
    at: datetime
    removed: Mapping[str, Annotated[int, Field(ge=0)]]


class ErasuresReply(_Reply):
    """Conversations that are still to be erased in the Rasa server, the oldest first."""

    conversations: list[Conversation]
    more: bool


class NotedReply(_Reply):
    """How many of them are gone by this call; those told of before are not counted again."""

    noted: Annotated[int, Field(ge=0)]


class AliveReply(_Reply):
    """This process answers."""

    alive: Literal[True]


class ReadyReply(_Reply):
    """Whether every part is there."""

    ready: bool
    parts: Mapping[str, bool]


class ErrorReply(_Reply):
    """Why not. `fields` names what is at fault, never what stood in it."""

    error: str
    message: str = ""
    fields: list[str] = []


class _Generator(GenerateJsonSchema):
    """Without titles, which only repeat the names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


async def describe(request: web.Request) -> web.Response:
    """GET /openapi.json: this description."""
    return web.json_response(document())


@cache
def document() -> dict[str, Any]:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Kompas desk",
            "version": VERSION,
            "description": (
                "How the action server and the courier bring cases and contact forms to the desk, "
                "and how the courier learns what is to be erased. Not for the internet: the desk "
                "stands in the organisation's own network."
            ),
        },
        "tags": [
            {"name": "services", "description": "For our own processes, with the token."},
            {"name": "operation", "description": "For who keeps the desk running."},
        ],
        "paths": {
            "/api/cases": {"post": _create_case()},
            "/api/contacts": {"post": _store_contact()},
            "/api/conversations/{conversation}": {"delete": _erase_conversation()},
            "/api/erasures": {"get": _pending_erasures(), "post": _report_erasures()},
            "/healthz": {"get": _open("healthz", "Is this process alive?", {200: "AliveReply"})},
            "/readyz": {
                "get": _open(
                    "readyz",
                    "Is the database there, with the tables of this version?",
                    {200: "ReadyReply", 503: "ReadyReply"},
                )
            },
            "/openapi.json": {
                "get": {
                    "operationId": "describe",
                    "tags": ["operation"],
                    "summary": "This description.",
                    "security": [],
                    "responses": {
                        "200": {
                            "description": "OpenAPI 3.1.",
                            "content": {"application/json": {"schema": {"type": "object"}}},
                        }
                    },
                }
            },
        },
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "service": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "KOMPAS_DESK_SERVICE_TOKEN",
                }
            },
        },
    }


def _schemas() -> dict[str, Any]:
    replies = (
        *(CaseReply, ContactReply, ReceiptReply, ErasuresReply, NotedReply),
        *(AliveReply, ReadyReply, ErrorReply),
    )
    _, schema = models_json_schema(
        [
            (CaseBody, "validation"),
            (ContactBody, "validation"),
            (ErasuresBody, "validation"),
            (SealedBody, "validation"),
            *((reply, "validation") for reply in replies),
        ],
        ref_template=_SCHEMAS + "{model}",
        schema_generator=_Generator,
    )
    found: dict[str, Any] = _for_ecma(schema["$defs"])
    for each in found.values():
        each.pop("title", None)
        for name, field in each.get("properties", {}).items():
            if name in _LANGUAGE_FIELDS:
                _text_of(field)["enum"] = list(languages())
    codes = codebook().codes
    _text_of(found["CaseBody"]["properties"]["code"])["enum"] = [
        *codes,
        *(code.label for code in codes.values()),
    ]
    form = found["ContactBody"]
    _text_of(form["properties"]["phone"])["pattern"] = _PHONE
    _text_of(form["properties"]["email"])["pattern"] = _EMAIL
    form["if"] = {"properties": {"channel": {"const": "email"}}}
    form["then"] = _with_text("email")
    form["else"] = _with_text("phone")
    return found


def _with_text(name: str) -> dict[str, Any]:
    return {"required": [name], "properties": {name: {"type": "string"}}}


def _text_of(field: dict[str, Any]) -> dict[str, Any]:
    """The schema of the text where a field is a text or null."""
    return next((each for each in field.get("anyOf", ()) if each.get("type") == "string"), field)


def _for_ecma(value: Any) -> Any:
    """Patterns end in `$` there, which means what `\\z` means to pydantic's engine."""
    if isinstance(value, dict):
        return {
            key: each.removesuffix(r"\z") + "$"
            if key == "pattern" and isinstance(each, str) and each.endswith(r"\z")
            else _for_ecma(each)
            for key, each in value.items()
        }
    return [_for_ecma(each) for each in value] if isinstance(value, list) else value


def _create_case() -> dict[str, Any]:
    return {
        "operationId": "create_case",
        "tags": ["services"],
        "summary": "Bring a case, once for each key.",
        "description": (
            "The same key again gives the case it made before, also while it is being made. "
            "Send again after 503 and after no answer at all; never after 410."
        ),
        "security": [{"service": []}],
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "description": "`<conversation>-<n>`: must begin with the body's conversation.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 160},
            }
        ],
        "requestBody": _body("CaseBody"),
        "responses": {
            "201": _reply("The case is made.", "CaseReply", links=_ERASABLE),
            "200": _reply("The case was made by this key before.", "CaseReply", links=_ERASABLE),
            **_refusals(400, 401, 410, 413, 415, 503),
        },
    }


def _store_contact() -> dict[str, Any]:
    return {
        "operationId": "store_contact",
        "tags": ["services"],
        "summary": "Keep a contact form.",
        "description": (
            "It meets its case by `contact_ref` or `conversation`, whichever of the two comes "
            "first. A `contact_ref` of the sender's own lets it be sent again after a cut."
        ),
        "security": [{"service": []}],
        "requestBody": _body("ContactBody"),
        "responses": {
            "201": _reply("The form is kept.", "ContactReply"),
            "200": _reply("The form of this `contact_ref` was kept before.", "ContactReply"),
            **_refusals(400, 401, 410, 413, 415, 503),
        },
    }


def _erase_conversation() -> dict[str, Any]:
    return {
        "operationId": "erase_conversation",
        "tags": ["services"],
        "summary": "Erase all there is of a conversation.",
        "description": (
            "Also of one that is not known: what arrives of it later is refused with 410. "
            "The receipt names nobody."
        ),
        "security": [{"service": []}],
        "parameters": [
            {
                "name": "conversation",
                "in": "path",
                "required": True,
                "schema": _for_ecma(TypeAdapter(Identifier).json_schema()),
            }
        ],
        "responses": {
            "200": _reply("It is erased.", "ReceiptReply"),
            **_refusals(400, 401, 503),
        },
    }


def _pending_erasures() -> dict[str, Any]:
    return {
        "operationId": "pending_erasures",
        "tags": ["services"],
        "summary": "What is still to be erased in the Rasa server.",
        "description": (
            "What colleagues and retention erased at the desk, a page at a time, the oldest "
            "first. What could not be erased stays in its place: skip as many for the next page."
        ),
        "security": [{"service": []}],
        "parameters": [
            {
                "name": "skip",
                "in": "query",
                "required": False,
                "description": "How many of the oldest to pass over.",
                "schema": {"type": "integer", "minimum": 0, "maximum": 999_999_999, "default": 0},
            }
        ],
        "responses": {
            "200": _reply("A page, which may be empty.", "ErasuresReply"),
            **_refusals(400, 401, 503),
        },
    }


def _report_erasures() -> dict[str, Any]:
    plain = {"application/json": {"schema": {"$ref": _SCHEMAS + "ErasuresBody"}}}
    return {
        "operationId": "report_erasures",
        "tags": ["services"],
        "summary": "Tell which of them are gone, and which are not.",
        "description": (
            "Sent again it changes nothing; conversations that are not pending are passed over. "
            "What is told to be both is not gone."
        ),
        "security": [{"service": []}],
        "requestBody": {"required": True, "content": plain},
        "responses": {
            "200": _reply("It is noted.", "NotedReply"),
            **_refusals(400, 401, 413, 415, 503),
        },
    }


_ERASABLE = {
    "erase": {
        "operationId": "erase_conversation",
        "parameters": {"conversation": "$request.body#/conversation"},
    }
}
_REFUSALS = {
    400: "A field is missing, unknown or cannot be used; `fields` names each.",
    401: "The token is missing or wrong.",
    410: "The conversation was erased. Do not send this again.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    503: "The database is away. Send it again after Retry-After.",
}


def _open(name: str, summary: str, replies: Mapping[int, str]) -> dict[str, Any]:
    return {
        "operationId": name,
        "tags": ["operation"],
        "summary": summary,
        "security": [],
        "responses": {
            str(status): _reply("No." if status >= 400 else "Yes.", schema)
            for status, schema in replies.items()
        },
    }


def _body(schema: str) -> dict[str, Any]:
    forms = [{"$ref": _SCHEMAS + name} for name in (schema, "SealedBody")]
    return {"required": True, "content": {"application/json": {"schema": {"oneOf": forms}}}}


def _reply(description: str, schema: str, **more: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": _SCHEMAS + schema}}}
    return {"description": description, "content": content, **more}


def _refusals(*statuses: int) -> dict[str, Any]:
    return {
        str(status): _reply(
            _REFUSALS[status],
            "ErrorReply",
            **({"headers": _HEADERS[status]} if status in _HEADERS else {}),
        )
        for status in statuses
    }


_HEADERS: dict[int, JsonValue] = {
    401: {"WWW-Authenticate": {"schema": {"const": "Bearer"}}},
    503: {
        "Retry-After": {
            "description": "In how many seconds.",
            "schema": {"type": "integer", "minimum": 0},
        }
    },
}
