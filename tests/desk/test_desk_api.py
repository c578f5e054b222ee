"""The interface for our own processes, over HTTP."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from cast import (
    SEAL_KEY,
    SEAL_PUBLIC,
    SERVICE_TOKEN,
    Desk,
    case_body,
    contact_body,
    settings_for,
)

from bot.sealing import new_keys, seal
from desk.api import MOST_BODY
from desk.app import create_app
from desk.keys import REGISTRY

Client = TestClient[web.Request, web.Application]
BEARER = {"Authorization": f"Bearer {SERVICE_TOKEN}"}


@pytest.fixture
async def client(desk: Desk, aiohttp_client: Callable[..., Awaitable[Client]]) -> Client:
    return await aiohttp_client(create_app(settings_for(desk.url)))


def keyed(body: dict[str, Any], number: int = 1) -> dict[str, str]:
    return {**BEARER, "Idempotency-Key": f"{body['conversation']}-{number}"}


@pytest.mark.both_databases
async def test_a_case_is_created_once(client: Client):
    body = case_body(code="Preventie", urgent=True)
    first = await client.post("/api/cases", json=body, headers=keyed(body))
    assert first.status == 201
    said = await first.json()
    assert said["reference"].startswith("K-20")
    assert (said["line"], said["code"], said["urgent"]) == (2, "Preventie", True)
    assert set(said) == {"reference", "line", "code", "urgent", "next_reading"}
    again = await client.post("/api/cases", json=body, headers=keyed(body))
    assert (again.status, await again.json()) == (200, said)


@pytest.mark.both_databases
async def test_a_contact_is_stored_once(client: Client):
    body = contact_body(contact_ref="r" * 32)
    first = await client.post("/api/contacts", json=body, headers=BEARER)
    assert (first.status, await first.json()) == (201, {"contact_ref": "r" * 32})
    again = await client.post("/api/contacts", json=body, headers=BEARER)
    assert (again.status, await again.json()) == (200, {"contact_ref": "r" * 32})


@pytest.mark.both_databases
async def test_a_conversation_is_erased(client: Client):
    body = case_body()
    await client.post("/api/cases", json=body, headers=keyed(body))
    erased = await client.delete(f"/api/conversations/{body['conversation']}", headers=BEARER)
    assert erased.status == 200
    assert (await erased.json())["removed"]["cases"] == 1
    late = await client.post("/api/cases", json=body, headers=keyed(body))
    assert (late.status, (await late.json())["error"]) == (410, "erased")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        f"Bearer {SERVICE_TOKEN}x",
        f"bearer {SERVICE_TOKEN}",
        SERVICE_TOKEN,
        "Bearer Ünïcode",
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/cases"),
        ("POST", "/api/contacts"),
        ("DELETE", "/api/conversations/c"),
        ("GET", "/api/erasures"),
        ("POST", "/api/erasures"),
    ],
)
async def test_nothing_without_the_token(
    client: Client, method: str, path: str, header: str | None
):
    headers = {} if header is None else {"Authorization": header}
    reply = await client.request(method, path, json={}, headers=headers)
    assert (reply.status, (await reply.json())["error"]) == (401, "unauthorized")


@pytest.mark.parametrize(
    ("data", "kind", "status", "error", "fields"),
    [
        (b"{", "application/json", 400, "malformed", ["body"]),
        (b"[]", "application/json", 400, "malformed", ["body"]),
        (b"null", "application/json", 400, "malformed", ["body"]),
        (b"\xff\xfe", "application/json", 400, "malformed", ["body"]),
        (b'{"urgent": NaN}', "application/json", 400, "malformed", ["body"]),
        (b"[" * 100_000, "application/json", 400, "malformed", ["body"]),
        (b"a=b", "application/x-www-form-urlencoded", 415, "unsupported_type", None),
        (b" " * (MOST_BODY + 1), "application/json", 413, "too_long", ["body"]),
    ],
    ids=["cut", "list", "null", "bytes", "nan", "deep", "form", "huge"],
)
async def test_a_body_that_cannot_be_read(
    client: Client, data: bytes, kind: str, status: int, error: str, fields: list[str] | None
):
    headers = {**BEARER, "Idempotency-Key": "c-1", "Content-Type": kind}
    reply = await client.post("/api/cases", data=data, headers=headers)
    body = await reply.json()
    assert (reply.status, body["error"], body.get("fields")) == (status, error, fields)


def sealed(body: object, public: str = SEAL_PUBLIC) -> dict[str, str]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return {"sealed": seal(public, raw)}


async def test_a_sealed_case_is_the_same_case(client: Client):
    body = case_body()
    first = await client.post("/api/cases", json=sealed(body), headers=keyed(body))
    assert first.status == 201
    again = await client.post("/api/cases", json=body, headers=keyed(body))
    assert (again.status, await again.json()) == (200, await first.json())


async def test_a_sealed_contact_is_the_same_contact(client: Client):
    body = contact_body(contact_ref="r" * 32)
    reply = await client.post("/api/contacts", json=sealed(body), headers=BEARER)
    assert (reply.status, await reply.json()) == (201, {"contact_ref": "r" * 32})


async def test_what_was_sealed_to_an_older_key_is_opened(
    desk: Desk, aiohttp_client: Callable[..., Awaitable[Client]]
):
    settings = settings_for(desk.url, KOMPAS_DESK_SEAL_KEYS=f"{new_keys()[0]} {SEAL_KEY}")
    client = await aiohttp_client(create_app(settings))
    reply = await client.post("/api/contacts", json=sealed(contact_body()), headers=BEARER)
    assert reply.status == 201


@pytest.mark.parametrize(
    ("body", "status", "error", "fields"),
    [
        ({"sealed": "x"}, 400, "malformed", ["sealed"]),
        ({"sealed": 1}, 400, "malformed", ["sealed"]),
        ({"sealed": None}, 400, "malformed", ["sealed"]),
        (sealed({}, new_keys()[1]), 400, "malformed", ["sealed"]),
        ({**sealed({}), "urgent": True}, 400, "malformed", ["urgent"]),
        (sealed(b"{"), 400, "malformed", ["body"]),
        (sealed([]), 400, "malformed", ["body"]),
        (sealed({**case_body(), "bsn": "1"}), 400, "malformed", ["bsn"]),
        (sealed(b" " * (MOST_BODY + 1)), 413, "too_long", ["body"]),
    ],
    ids=[
        "nonsense",
        "number",
        "null",
        "other-key",
        "more",
        "no-json",
        "list",
        "field",
        "huge",
    ],
)
async def test_a_sealed_body_is_refused_as_a_plain_one_is(
    client: Client, body: dict[str, Any], status: int, error: str, fields: list[str]
):
    headers = {**BEARER, "Idempotency-Key": "c-1"}
    reply = await client.post("/api/cases", json=body, headers=headers)
    said = await reply.json()
    assert (reply.status, said["error"], said["fields"]) == (status, error, fields)


async def test_as_much_fits_sealed_as_plain(client: Client):
    body = case_body(transcript=[{"from": "visitor", "text": "x" * (MOST_BODY - 2000)}])
    for number, each in enumerate((body, sealed(body)), start=1):
        reply = await client.post("/api/cases", json=each, headers=keyed(body, number))
        assert reply.status == 201


async def test_a_missing_key_is_named(client: Client):
    reply = await client.post("/api/cases", json=case_body(), headers=BEARER)
    assert (reply.status, (await reply.json())["fields"]) == (400, ["Idempotency-Key"])


async def test_unknown_fields_are_named(client: Client):
    body = case_body(phone="0612345678", bsn="1")
    reply = await client.post("/api/cases", json=body, headers=keyed(body))
    assert (reply.status, set((await reply.json())["fields"])) == (400, {"phone", "bsn"})


async def test_a_refusal_is_in_the_audit_log(client: Client, desk: Desk):
    body = case_body(bsn="1")
    await client.post("/api/cases", json=body, headers=keyed(body))
    entry = desk.registry.audit_log(desk["aad"])[0]
    assert (entry.action, entry.details["fields"]) == ("refused", ["bsn"])


async def test_nothing_personal_is_logged(
    client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    caplog.set_level(logging.DEBUG)
    secret = "Ayşe 0612345678"
    body = case_body(transcript=[{"from": "visitor", "text": secret}])
    await client.post("/api/cases", json=body, headers=keyed(body))
    await client.post("/api/contacts", json=contact_body(name=secret, bsn=secret), headers=BEARER)
    await client.post("/api/cases", json={**body, "role": secret}, headers=keyed(body, 2))
    await client.get(f"/api/{secret}")

    def fail(*_: object) -> None:
        raise RuntimeError(secret)

    monkeypatch.setattr(client.app[REGISTRY], "create_case", fail)
    reply = await client.post("/api/cases", json=body, headers=keyed(body, 3))
    assert (reply.status, await reply.json()) == (500, {"error": "failed"})
    # the test server's own log of addresses; `python -m desk` serves without one
    said = [record.getMessage() for record in caplog.records if record.name != "aiohttp.access"]
    assert any("create_case failed: RuntimeError" in line for line in said)
    assert [line for line in said if "0612345678" in line or body["conversation"] in line] == []
    assert not any(record.exc_info for record in caplog.records)


async def test_when_the_database_is_away(aiohttp_client: Callable[..., Awaitable[Client]]):
    client = await aiohttp_client(create_app(settings_for("postgresql://nobody@127.0.0.1:1/none")))
    assert (await client.get("/healthz")).status == 200
    assert (await client.get("/readyz")).status == 503
    body = case_body()
    reply = await client.post("/api/cases", json=body, headers=keyed(body))
    assert (reply.status, await reply.json()) == (503, {"error": "unavailable"})
    assert reply.headers["Retry-After"]


async def test_it_is_ready_and_alive(client: Client):
    assert (await client.get("/healthz")).status == 200
    ready = await client.get("/readyz")
    assert (ready.status, await ready.json()) == (
        200,
        {"ready": True, "parts": {"database": True}},
    )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/healthz", 200), ("GET", "/api/none", 404), ("GET", "/api/cases", 405)],
)
async def test_every_reply_has_the_security_headers(
    client: Client, method: str, path: str, status: int
):
    reply = await client.request(method, path)
    assert reply.status == status
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Cache-Control"] == "no-store"
    if status != 200:
        assert "error" in await reply.json()
