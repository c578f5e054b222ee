"""GET /healthz and GET /readyz."""

from __future__ import annotations

from pathlib import Path

from stand_in import Behind, Visitor


async def test_the_site_lives_whatever_is_behind_it(stranded: Visitor) -> None:
    response = await stranded.get("/healthz")
    assert response.status == 200
    assert await response.json() == {"alive": True}


async def test_it_is_ready_when_every_part_is(visitor: Visitor) -> None:
    response = await visitor.get("/readyz")
    assert response.status == 200
    assert await response.json() == {
        "ready": True,
        "parts": {
            "catalogues": True,
            "model": True,
            "tracker_store": True,
            "actions": True,
            "outbox": True,
        },
        # no part of a visitor's conversation needs them
        "behind": {"desk": False, "delivery": True},
    }


async def test_it_names_the_database_that_does_not_answer(visitor: Visitor, behind: Behind) -> None:
    behind.parts["tracker_store"] = False
    response = await visitor.get("/readyz")
    body = await response.json()
    assert response.status == 503
    assert body["ready"] is False
    assert [name for name, ready in body["parts"].items() if not ready] == ["tracker_store"]


async def test_it_names_the_action_server_that_does_not_answer(
    visitor: Visitor, behind: Behind
) -> None:
    behind.actions_status = 500
    body = await (await visitor.get("/readyz")).json()
    assert [name for name, ready in body["parts"].items() if not ready] == ["actions"]


async def test_it_names_every_part_when_nothing_is_there(stranded: Visitor) -> None:
    response = await stranded.get("/readyz")
    body = await response.json()
    assert response.status == 503
    missing = {name for name, ready in body["parts"].items() if not ready}
    assert missing == {"model", "tracker_store", "actions"}


async def test_it_names_the_outbox_that_cannot_be_read(visitor: Visitor, outbox: Path) -> None:
    for file in outbox.parent.glob("outbox.db*"):
        file.write_bytes(b"no database" * 500)
    response = await visitor.get("/readyz")
    body = await response.json()
    assert response.status == 503
    assert [name for name, ready in body["parts"].items() if not ready] == ["outbox"]
