"""GET /api/summary.pdf and GET /api/deadlines.ics: the result of one's own conversation."""

from __future__ import annotations

import pytest
from stand_in import Behind, Visitor, begin
from walks import WALKS

ADDRESSES = ["/api/summary.pdf", "/api/deadlines.ics"]


@pytest.fixture
def answered(behind: Behind) -> Behind:
    """The Rasa server with a finished walk in Turkish."""
    behind.checklist = {"lang": "tr", "answers": WALKS["finished"]}
    return behind


@pytest.mark.parametrize(
    ("address", "kind", "name"),
    [
        ("/api/summary.pdf", "application/pdf", "kompas-ozet.pdf"),
        ("/api/summary.pdf?lang=pl", "application/pdf", "kompas-podsumowanie.pdf"),
        ("/api/summary.pdf?lang=pl&lang2=tr", "application/pdf", "kompas-podsumowanie.pdf"),
        ("/api/deadlines.ics", "text/calendar; charset=utf-8", "kompas.ics"),
    ],
)
async def test_the_file_is_handed_over_to_be_kept(
    visitor: Visitor, token: str, answered: Behind, address: str, kind: str, name: str
):
    response = await visitor.get(address, headers={"Authorization": token})
    assert response.status == 200
    assert response.headers["Content-Type"] == kind
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response.headers["Cache-Control"] == "no-store"
    body = await response.read()
    assert body.startswith((b"%PDF-", b"BEGIN:VCALENDAR"))


async def test_the_calendar_speaks_the_language_of_the_conversation(
    visitor: Visitor, token: str, answered: Behind
):
    response = await visitor.get("/api/deadlines.ics", headers={"Authorization": token})
    assert "Hatırlatma" in await response.text()
    response = await visitor.get("/api/deadlines.ics?lang=pl", headers={"Authorization": token})
    assert "Przypomnienie" in await response.text()


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nothing"}])
async def test_it_asks_for_the_token(
    visitor: Visitor, answered: Behind, address: str, headers: dict[str, str]
):
    response = await visitor.get(address, headers=headers)
    assert response.status == 401


@pytest.mark.parametrize("address", ADDRESSES)
async def test_nothing_answered_is_not_found(
    visitor: Visitor, token: str, behind: Behind, address: str
):
    behind.checklist = {"lang": "nl", "answers": {}}
    response = await visitor.get(address, headers={"Authorization": token})
    assert response.status == 404
    assert (await response.json())["error"] == "not_found"


async def test_no_date_is_not_found(visitor: Visitor, token: str, behind: Behind):
    behind.checklist = {"lang": "nl", "answers": WALKS["unfinished"]}
    response = await visitor.get("/api/deadlines.ics", headers={"Authorization": token})
    assert response.status == 404


@pytest.mark.parametrize(
    "address",
    [
        "/api/summary.pdf?lang2=xx",
        "/api/summary.pdf?lang2=",
        "/api/summary.pdf?lang=xx",
        "/api/deadlines.ics?lang=xx",
    ],
)
async def test_a_language_we_do_not_speak_is_refused(
    visitor: Visitor, token: str, answered: Behind, address: str
):
    response = await visitor.get(address, headers={"Authorization": token})
    assert response.status == 400
    assert (await response.json())["error"] == "malformed"


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(("behind_it", "status"), [(410, 401), (500, 503)])
async def test_what_fails_behind_it_is_told(
    visitor: Visitor, token: str, answered: Behind, address: str, behind_it: int, status: int
):
    answered.status = behind_it
    response = await visitor.get(address, headers={"Authorization": token})
    assert response.status == status
    assert ("help" in await response.json()) is (status == 503)


async def test_it_counts_as_a_message(make_visitor, answered: Behind):
    visitor = await make_visitor(messages_per_minute=2)
    token = await begin(visitor)
    statuses = [
        (await visitor.get("/api/deadlines.ics", headers={"Authorization": token})).status
        for _ in range(3)
    ]
    assert statuses == [200, 200, 429]
