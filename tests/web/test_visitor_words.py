"""What a visitor writes stays between the visitor and the conversation."""

from __future__ import annotations

import json
import logging

import pytest
from stand_in import Behind, Visitor

MARKER = "Roodkapje"

# Whatever is asked, and wherever in the request the words stand.
REQUESTS = [
    ("POST", "/api/chat/message", {"text": f"{MARKER} is weg"}),
    ("POST", "/api/chat/message", {"payload": f"/{MARKER}"}),
    ("POST", "/api/chat/message", {"lang": MARKER}),
    ("POST", "/api/chat/message", {MARKER: "x"}),
    ("POST", "/api/chat/message", {"text": MARKER, "extra": MARKER}),
    ("POST", "/api/chat/message", {"text": MARKER * 400}),
    ("POST", "/api/chat/message", MARKER),
    ("POST", "/api/chat/start", {"lang": MARKER}),
    ("POST", "/api/chat/start", {"topic": MARKER}),
    ("POST", "/api/chat/start", {"embed": MARKER}),
    ("POST", "/api/chat/start", {MARKER: 1}),
    ("POST", f"/api/chat/{MARKER}", {}),
    ("GET", f"/{MARKER}?{MARKER}={MARKER}", None),
    ("GET", f"/?lang={MARKER}&topic={MARKER}", None),
    ("GET", f"/help?lang={MARKER}", None),
    ("GET", f"/static/{MARKER}", None),
]

BEHIND = {
    "answers": (200, None),
    "fails": (500, None),
    "refuses": (400, None),
    "is gone": (410, None),
    "says nonsense": (200, b"[]"),
}


@pytest.mark.parametrize("case", BEHIND)
@pytest.mark.parametrize(("method", "path", "body"), REQUESTS)
async def test_no_word_of_a_visitor_reaches_a_log_a_figure_or_an_error(
    visitor: Visitor,
    behind: Behind,
    token: str,
    caplog: pytest.LogCaptureFixture,
    case: str,
    method: str,
    path: str,
    body: object,
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("web", "kompas", "aiohttp", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    behind.status, behind.raw = BEHIND[case]
    headers = {
        "Authorization": token,
        "Content-Type": "application/json",
        "User-Agent": MARKER,
        "Referer": f"https://{MARKER}.example/",
    }
    data = None if body is None else json.dumps(body).encode()
    response = await visitor.request(method, path, data=data, headers=headers)
    assert MARKER not in await response.text()
    assert MARKER not in str(response.headers)
    assert "kompas.web.access" in {record.name for record in caplog.records}
    logged = [(r.getMessage(), r.exc_text, r.exc_info) for r in caplog.records]
    assert MARKER not in str(logged)
    assert token.removeprefix("Bearer ") not in str(logged)
    assert behind.received[0]["sender"] not in str(logged)
    assert MARKER not in await (await visitor.get("/metrics")).text()
