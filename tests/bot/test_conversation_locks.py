"""One turn of a conversation at a time, also among several Rasa servers."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from postgres import Cluster
from rasa.core.lock_store import LockError
from rasa.utils.endpoints import EndpointConfig

from bot.conversation_locks import ConversationLocks

SENDER, OTHER = "0a" * 32, "0b" * 32


def locks(url: str) -> ConversationLocks:
    return ConversationLocks(EndpointConfig(url))


async def refuses(store: ConversationLocks, sender: str) -> bool:
    """Whether the lock cannot be had now."""
    try:
        async with store.lock(sender, lock_lifetime=0.2, wait_time_in_seconds=0.01):
            return False
    except LockError:
        return True


async def test_in_one_process_turns_of_a_conversation_follow_each_other(tmp_path: Path):
    store, order = locks(f"sqlite:///{tmp_path}/tracker.db"), []

    async def turn(number: int) -> None:
        async with store.lock(SENDER):
            order.append(number)
            await asyncio.sleep(0)
            order.append(number)

    await asyncio.gather(*(turn(number) for number in range(4)))
    assert order == [0, 0, 1, 1, 2, 2, 3, 3]


def _another_process(hold: Callable[[], None]) -> int:
    """The id of a copy of this process that holds the lock when this returns, until killed."""
    heard, said = os.pipe()
    child = os.fork()
    if child == 0:
        hold()
        os.write(said, b"!")
        signal.pause()
        os._exit(0)
    os.close(said)
    assert os.read(heard, 1) == b"!"
    os.close(heard)
    return child


async def test_beside_a_file_another_process_waits_until_it_ends_or_lets_go(tmp_path: Path):
    store = locks(f"sqlite:///{tmp_path}/tracker.db")
    theirs = locks(f"sqlite:///{tmp_path}/tracker.db")

    kept: list[object] = []

    def hold() -> None:
        holding, loop = theirs.lock(SENDER), asyncio.new_event_loop()
        # what nobody refers to any more is ended, and with it the lock
        kept.extend([holding, loop])
        loop.run_until_complete(holding.__aenter__())

    child = await asyncio.to_thread(_another_process, hold)
    try:
        assert await refuses(store, SENDER)
        assert not await refuses(store, OTHER)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert not await refuses(store, SENDER), "it ends with its process"
    assert (tmp_path / "tracker.db-turns").stat().st_size == 0, "it tells of no conversation"


async def test_on_a_server_another_process_waits_until_it_lets_go(database: str):
    ours, theirs = locks(database), locks(database)
    async with theirs.lock(SENDER):
        assert await refuses(ours, SENDER)
        assert not await refuses(ours, OTHER)
    assert not await refuses(ours, SENDER)


async def test_a_lock_on_a_server_ends_with_the_connection_of_who_holds_it(
    cluster: Cluster, database: str
):
    ours, theirs = locks(database), locks(database)
    async with theirs.lock(SENDER):
        engine = sa.create_engine(database)
        with engine.connect() as connection:
            connection.execute(
                sa.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                )
            )
        engine.dispose()
        assert not await refuses(ours, SENDER)
    # and the next turn of that process connects anew
    assert not await refuses(theirs, SENDER)


async def test_a_server_that_is_away_fails_the_turn_and_the_next_one_finds_it_back(
    cluster: Cluster, database: str
):
    store = locks(database)
    assert not await refuses(store, SENDER)
    cluster.crash()
    try:
        with pytest.raises(sa.exc.OperationalError):
            await refuses(store, SENDER)
    finally:
        cluster.start()
    assert not await refuses(store, SENDER)
