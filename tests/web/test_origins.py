"""Which sites' pages may use the visitor API."""

from __future__ import annotations

import pytest
from stand_in import Behind, Visitor

ALLOWED = "https://vereniging.example"


async def test_an_allowed_site_may_embed(visitor: Visitor) -> None:
    response = await visitor.post("/api/chat/start", json={}, headers={"Origin": ALLOWED})
    assert response.status == 201
    assert response.headers["Access-Control-Allow-Origin"] == ALLOWED
    assert response.headers["Vary"] == "Origin"
    assert "Access-Control-Allow-Credentials" not in response.headers


async def test_its_browser_may_ask_first(visitor: Visitor) -> None:
    response = await visitor.options(
        "/api/chat/message",
        headers={"Origin": ALLOWED, "Access-Control-Request-Method": "POST"},
    )
    assert response.status == 204
    assert response.headers["Access-Control-Allow-Origin"] == ALLOWED
    allowed = response.headers["Access-Control-Allow-Headers"]
    assert allowed == "Authorization, Content-Type, Idempotency-Key"


async def test_it_can_read_the_errors_too(visitor: Visitor) -> None:
    response = await visitor.post(
        "/api/chat/message", json={"text": "dag"}, headers={"Origin": ALLOWED}
    )
    assert response.status == 401
    assert response.headers["Access-Control-Allow-Origin"] == ALLOWED


@pytest.mark.parametrize(
    "origin",
    [
        "https://elders.example",
        "http://vereniging.example",
        "https://vereniging.example.evil.example",
        "https://vereniging.example:8443",
        "null",
        "",
    ],
)
@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
async def test_any_other_site_is_refused(
    visitor: Visitor, behind: Behind, origin: str, method: str
) -> None:
    response = await visitor.request(
        method, "/api/chat/start", json={}, headers={"Origin": origin, "Accept-Language": "pl"}
    )
    assert response.status == 403
    assert (await response.json())["error"] == "forbidden_origin"
    assert "Access-Control-Allow-Origin" not in response.headers
    assert behind.received == []


async def test_our_own_page_needs_no_permission(visitor: Visitor) -> None:
    own = str(visitor.make_url("/")).rstrip("/")
    response = await visitor.post("/api/chat/start", json={}, headers={"Origin": own})
    assert response.status == 201
    assert "Access-Control-Allow-Origin" not in response.headers
