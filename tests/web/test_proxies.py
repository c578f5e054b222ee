"""Behind a proxy each visitor has limits of their own; nobody else is believed about addresses."""

from __future__ import annotations

import pytest
from stand_in import MakeVisitor

from web.proxies import read_networks

START = "/api/chat/start"
HERE = {"KOMPAS_TRUSTED_PROXIES": "127.0.0.1 10.0.0.0/8"}


async def starts(make_visitor: MakeVisitor, trusted: dict[str, str], *forwarded: str) -> list[int]:
    """Statuses of a start for each `X-Forwarded-For`, where an address may start once a minute."""
    visitor = await make_visitor(
        starts_per_minute=1, trusted_proxies=read_networks(trusted, faults := [])
    )
    assert not faults
    replies = [
        await visitor.post(START, json={}, headers={"X-Forwarded-For": each}) for each in forwarded
    ]
    return [reply.status for reply in replies]


async def test_visitors_behind_a_trusted_proxy_do_not_share_a_limit(
    make_visitor: MakeVisitor,
) -> None:
    found = await starts(make_visitor, HERE, "203.0.113.7", "203.0.113.8", "203.0.113.7")
    assert found == [201, 201, 429]


async def test_what_a_visitor_writes_in_front_of_the_proxy_changes_nothing(
    make_visitor: MakeVisitor,
) -> None:
    found = await starts(
        make_visitor, HERE, "198.51.100.1, 203.0.113.7", "198.51.100.2, 203.0.113.7, 10.2.3.4"
    )
    assert found == [201, 429]


async def test_nobody_is_believed_without_the_setting(make_visitor: MakeVisitor) -> None:
    assert await starts(make_visitor, {}, "203.0.113.7", "203.0.113.8") == [201, 429]


@pytest.mark.parametrize("header", ["", "unknown", "a, ,", "203.0.113.7:80"])
async def test_a_header_that_names_no_address_is_passed_over(
    make_visitor: MakeVisitor, header: str
) -> None:
    assert await starts(make_visitor, HERE, header, header) == [201, 429]


def test_a_faulty_entry_is_named_with_the_remedy() -> None:
    faults: list[str] = []
    assert read_networks({"KOMPAS_TRUSTED_PROXIES": "10.0.0.1 10.0.0.1/8 proxy"}, faults)
    assert [fault.split("'")[1] for fault in faults] == ["10.0.0.1/8", "proxy"]
    assert all("parted by spaces" in fault for fault in faults)
