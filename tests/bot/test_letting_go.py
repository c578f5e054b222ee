"""What a visitor left without ending it is erased after some days, and nothing else."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from rasa.core.lock_store import InMemoryLockStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot import letting_go
from bot.tracker_store import ErasableTrackerStore

LEFT, GOES_ON = "0a" * 32, "0b" * 32
WORDS = "zeldzame-woorden-van-de-bezoeker"
NOW = time.time()
DAY = 24 * 3600


@pytest.fixture
def agent(tmp_path: Path) -> SimpleNamespace:
    store = ErasableTrackerStore(Domain.empty(), host=f"sqlite:///{tmp_path / 'tracker.db'}")
    return SimpleNamespace(tracker_store=store, lock_store=InMemoryLockStore())


async def say(agent, sender: str, *days_ago: float) -> None:
    events = [UserUttered(WORDS, timestamp=NOW - days * DAY) for days in days_ago]
    await agent.tracker_store.save(DialogueStateTracker.from_events(sender, events))


async def test_a_conversation_goes_days_after_its_last_message(agent, tmp_path):
    await say(agent, LEFT, 2.1, 2.01)
    await say(agent, GOES_ON, 9, 1.9)
    assert await letting_go.let_conversations_go(agent, NOW) == 1
    assert not agent.tracker_store.knows(LEFT)
    assert agent.tracker_store.knows(GOES_ON)
    assert all(LEFT.encode() not in path.read_bytes() for path in tmp_path.iterdir())


async def test_the_setting_says_how_many(agent, monkeypatch):
    await say(agent, LEFT, 2.1)
    monkeypatch.setenv("KOMPAS_CONVERSATION_DAYS", "3")
    assert await letting_go.let_conversations_go(agent, NOW) == 0


async def test_what_is_gone_on_with_at_that_moment_stays(agent, monkeypatch):
    await say(agent, LEFT, 3)
    found = agent.tracker_store.unused_since

    def slow(before: float) -> list[str]:
        listed = found(before)
        agent.tracker_store.is_unused_since = lambda *_: False
        return listed

    monkeypatch.setattr(agent.tracker_store, "unused_since", slow)
    assert await letting_go.let_conversations_go(agent, NOW) == 0
    assert agent.tracker_store.knows(LEFT)


@pytest.mark.parametrize("name", ["KOMPAS_CONVERSATION_DAYS", "KOMPAS_CODE_DAYS"])
@pytest.mark.parametrize("value", ["", "0", "two", "-1", "1.5", "366", "²"])
def test_days_that_cannot_be_are_told_before_the_start(name: str, value: str):
    [fault] = letting_go.faults({name: value})
    assert fault.startswith(f"{name} is ")
    assert letting_go.faults({}) == []
