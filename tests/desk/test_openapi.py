"""The description of the interface is the interface: no more, no less, and nothing secret."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from cast import (
    INDEX_KEY,
    KEY,
    SEAL_KEY,
    SERVICE_TOKEN,
    case_body,
    contact_body,
    settings_for,
)

from desk.api import MOST_DEPTH
from desk.app import create_app
from desk.codes import codebook
from desk.intake import CaseBody, ContactBody
from desk.openapi import document

Client = TestClient[web.Request, web.Application]
BEARER = {"Authorization": f"Bearer {SERVICE_TOKEN}"}
OPERATION = {"/healthz", "/readyz", "/openapi.json"}
SHOWN_AS_THEY_ARE = {"ContactBody.name", "EntryBody.text", "SealedBody.sealed"}
"""Texts of a visitor's own, and what is sealed."""


@pytest.fixture
def app(migrated_file: tuple[Path, Any], tmp_path: Path) -> web.Application:
    path = shutil.copy(migrated_file[0], tmp_path / "desk.db")
    return create_app(settings_for(f"sqlite:///{path}"))


@pytest.fixture
async def client(app: web.Application, aiohttp_client: Callable[..., Awaitable[Client]]) -> Client:
    return await aiohttp_client(app)


def routes(app: web.Application) -> set[tuple[str, str]]:
    """Method and path of what is for programs; HEAD goes with GET."""
    return {
        (route.method.lower(), route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None
        and route.method != "HEAD"
        and (route.resource.canonical.startswith("/api/") or route.resource.canonical in OPERATION)
    }


def described() -> set[tuple[str, str]]:
    return {(method, path) for path, item in document()["paths"].items() for method in item}


def test_every_route_for_programs_is_described_and_nothing_else(app: web.Application):
    assert described() == routes(app)


def test_a_description_is_named_as_its_route(app: web.Application):
    for name, resource in app.router.named_resources().items():
        item = document()["paths"].get(resource.canonical, {})
        for route in resource:
            if route.method.lower() in item:
                assert item[route.method.lower()]["operationId"] == name


async def test_it_is_served_to_whoever_asks(client: Client):
    reply = await client.get("/openapi.json")
    assert (reply.status, reply.content_type) == (200, "application/json")
    assert await reply.json() == document()
    assert reply.headers["Cache-Control"] == "no-store"


async def test_it_holds_no_secret_and_no_address(client: Client):
    text = await (await client.get("/openapi.json")).text()
    for secret in (SERVICE_TOKEN, KEY, INDEX_KEY, SEAL_KEY, "sqlite", "127.0.0.1"):
        assert secret not in text


@pytest.mark.parametrize(("name", "model"), [("CaseBody", CaseBody), ("ContactBody", ContactBody)])
def test_fields_are_those_of_the_models(name: str, model: type[CaseBody] | type[ContactBody]):
    schema = document()["components"]["schemas"][name]
    assert set(schema["properties"]) == {
        field.alias or field_name for field_name, field in model.model_fields.items()
    }
    assert set(schema["required"]) == {
        field.alias or field_name
        for field_name, field in model.model_fields.items()
        if field.is_required()
    }
    assert schema["additionalProperties"] is False


def test_every_code_is_named():
    code = document()["components"]["schemas"]["CaseBody"]["properties"]["code"]
    book = codebook().codes
    assert set(code["anyOf"][0]["enum"]) == {*book, *(each.label for each in book.values())}


def texts(value: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of a text, with the field it is of."""
    if value.get("type") == "string":
        yield place, value
    for each in value.get("anyOf", ()):
        yield from texts(each, place)
    if isinstance(value.get("items"), dict):
        yield from texts(value["items"], place)


def test_every_text_says_what_it_may_be():
    """A rule in code that a schema does not show (a language, a code) would be missing here."""
    open_texts = {
        place
        for name, schema in document()["components"]["schemas"].items()
        if name.endswith("Body") or name in ("SafeTime", "Countries")
        for field, value in schema.get("properties", {}).items()
        for place, text in texts(value, f"{name}.{field}")
        if not {"pattern", "enum", "maxLength", "const"} & set(text)
    }
    assert open_texts <= SHOWN_AS_THEY_ARE


def test_patterns_are_those_of_javascript():
    for pattern in re.findall(r'"pattern": "([^"]*)"', json.dumps(document())):
        assert r"\\z" not in pattern
        assert pattern.endswith("$")


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("depth", [MOST_DEPTH, 200, 400, 900, 20_000])
async def test_what_is_nested_too_deep_to_store_is_refused(client: Client, depth: int):
    body = json.dumps(case_body(summary=[{"question_id": "q", "answer": "HERE"}]))
    body = body.replace('"HERE"', "[" * depth + "]" * depth)
    for text in (body, body.replace('"summary"', '"unknown"')):
        reply = await client.post("/api/cases", data=text, headers={**BEARER, **keyed("c")})
        said = await reply.json()
        assert (reply.status, said["error"], said["fields"]) == (400, "malformed", ["body"])


async def test_what_is_nested_as_deep_as_may_be_is_kept(client: Client):
    body = case_body(summary=[{"question_id": "q", "answer": nested(MOST_DEPTH - 3)}])
    body["transcript"][1]["variables"] = {"deep": nested(MOST_DEPTH - 4)}
    reply = await client.post(
        "/api/cases", json=body, headers={**BEARER, **keyed(body["conversation"])}
    )
    assert reply.status == 201


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity", "-Infinity"])
async def test_what_is_no_number_is_refused(client: Client, number: str):
    body = json.dumps(case_body(summary=[{"question_id": "q", "answer": "HERE"}]))
    reply = await client.post(
        "/api/cases", data=body.replace('"HERE"', number), headers={**BEARER, **keyed("c")}
    )
    assert (reply.status, (await reply.json())["fields"]) == (400, ["body"])


async def test_a_whole_number_with_a_point_is_a_whole_number(client: Client):
    body = case_body(children=[{"age": 7.0}])
    reply = await client.post(
        "/api/cases", json=body, headers={**BEARER, **keyed(body["conversation"])}
    )
    assert reply.status == 201


async def test_a_refused_token_says_which_kind_is_wanted(client: Client):
    reply = await client.post("/api/contacts", json=contact_body())
    assert (reply.status, reply.headers["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize("length", [160, 161])
async def test_a_key_is_as_long_as_described(client: Client, length: int):
    body = case_body()
    key = f"{body['conversation']}-".ljust(length, "1")
    reply = await client.post("/api/cases", json=body, headers={**BEARER, "Idempotency-Key": key})
    assert reply.status == (201 if length <= 160 else 400)


def keyed(conversation: str) -> dict[str, str]:
    return {"Idempotency-Key": f"{conversation}-1", "Content-Type": "application/json"}
