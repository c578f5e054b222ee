"""The visitor site as it is, before a stand-in for the Rasa server: only that boundary is ours."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from stand_in import Behind, MakeVisitor, Visitor, begin, settings_for

from bot.outbox import Outbox
from web.app import create_app


@pytest.fixture
def behind() -> Behind:
    return Behind()


@pytest.fixture(scope="session")
def empty_outbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with tables, to copy: making one waits for the disk."""
    path = tmp_path_factory.mktemp("outbox") / "outbox.db"
    Outbox(path)
    return path


@pytest.fixture
def outbox(tmp_path: Path, empty_outbox: Path) -> Path:
    """Where the site keeps what it has for the desk."""
    return Path(shutil.copy(empty_outbox, tmp_path / "outbox.db"))


@pytest.fixture
async def make_visitor(
    behind: Behind,
    aiohttp_server: Callable[..., Awaitable[TestServer]],
    aiohttp_client: Callable[..., Awaitable[Visitor]],
    outbox: Path,
) -> MakeVisitor:
    """Makes a client of a site with changed settings."""
    server = await aiohttp_server(behind.app())

    async def make(**changes: Any) -> Visitor:
        return await aiohttp_client(create_app(settings_for(server.port, outbox, **changes)))

    return make


@pytest.fixture
async def visitor(make_visitor: MakeVisitor) -> Visitor:
    """A client of the site with the settings above."""
    return await make_visitor()


@pytest.fixture
async def stranded(
    unused_tcp_port: int, aiohttp_client: Callable[..., Awaitable[Visitor]], outbox: Path
) -> Visitor:
    """A client of a site with nothing behind it: no Rasa server, no action server."""
    return await aiohttp_client(create_app(settings_for(unused_tcp_port, outbox)))


@pytest.fixture
async def token(visitor: Visitor) -> str:
    """A token that `visitor` was issued, as the value of its header."""
    return await begin(visitor)
