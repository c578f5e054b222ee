"""POST /api/chat/end."""

from __future__ import annotations

from stand_in import SECRET, Behind, Visitor

END = "/api/chat/end"


async def test_it_has_the_conversation_of_the_token_erased(
    visitor: Visitor, behind: Behind, token: str
) -> None:
    response = await visitor.post(END, headers={"Authorization": token})
    assert response.status == 204
    assert await response.read() == b""
    assert behind.erased == [behind.received[0]["sender"]]
    assert behind.secrets == {f"Bearer {SECRET}"}


async def test_it_can_be_asked_twice(visitor: Visitor, token: str) -> None:
    for _ in range(2):
        assert (await visitor.post(END, headers={"Authorization": token})).status == 204


async def test_it_needs_a_token(visitor: Visitor, behind: Behind) -> None:
    assert (await visitor.post(END)).status == 401
    assert behind.erased == []


async def test_it_does_not_claim_an_erasure_that_failed(
    visitor: Visitor, behind: Behind, token: str
) -> None:
    behind.status = 500
    response = await visitor.post(END, headers={"Authorization": token})
    body = await response.json()
    assert response.status == 503
    assert body["error"] == "unavailable"
    assert body["help"]["contacts"]


async def test_it_refuses_get(visitor: Visitor) -> None:
    assert (await visitor.get(END)).status == 405
