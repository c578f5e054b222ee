"""The tracker store: what is erased is gone, also from the files."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException

from bot.tracker_store import ErasableTrackerStore, erasable, erase, knows

DOMAIN = Domain.empty()
SENDER, OTHER = "0a" * 32, "0b" * 32
SECRET_WORDS = "zeldzame-woorden-van-de-bezoeker"


@pytest.fixture
def store(tmp_path: Path) -> ErasableTrackerStore:
    return ErasableTrackerStore(DOMAIN, host=f"sqlite:///{tmp_path / 'tracker.db'}")


async def say(store, sender: str, text: str = SECRET_WORDS, times: int = 1) -> None:
    events = [UserUttered(f"{text} {number}") for number in range(times)]
    await store.save(DialogueStateTracker.from_events(sender, events))


async def test_a_conversation_is_known_from_its_first_message_until_it_is_erased(store):
    assert not store.knows(SENDER)
    await say(store, SENDER)
    assert store.knows(SENDER)
    store.erase(SENDER)
    assert not store.knows(SENDER)
    assert await store.retrieve(SENDER) is None


async def test_erasing_one_conversation_keeps_the_others(store):
    await say(store, SENDER)
    await say(store, OTHER)
    store.erase(SENDER)
    assert store.knows(OTHER)


@pytest.mark.parametrize("times", [1, 300])
async def test_nothing_of_an_erased_conversation_is_left_in_the_files(store, tmp_path, times: int):
    await say(store, SENDER, times=times)
    await say(store, OTHER, text="iets anders")
    assert any(SECRET_WORDS.encode() in file.read_bytes() for file in tmp_path.iterdir())
    store.erase(SENDER)
    for file in tmp_path.iterdir():
        assert SECRET_WORDS.encode() not in file.read_bytes(), file.name
        assert SENDER.encode() not in file.read_bytes(), file.name


async def test_erasing_what_is_not_there_is_no_error(store):
    store.erase(SENDER)
    assert not store.knows(SENDER)


def test_the_probe_finds_a_working_database(store):
    assert store.answers()


def test_the_probe_finds_that_the_table_is_gone(store):
    store.SQLEvent.__table__.drop(store.engine)
    assert not store.answers()


@pytest.mark.parametrize("host", [None, "", "localhost", "var/tracker.db"])
def test_an_address_that_is_none_is_refused(host):
    with pytest.raises(InvalidConfigException, match="endpoints.yml.*KOMPAS_TRACKER_URL"):
        ErasableTrackerStore(DOMAIN, host=host)


async def test_the_wrapped_store_is_found_and_erased_with_its_fallback(store):
    wrapped = FailSafeTrackerStore(store)
    await say(wrapped, SENDER)
    assert erasable(wrapped) is store
    assert knows(wrapped, SENDER)
    fallback = wrapped.fallback_tracker_store
    await say(fallback, SENDER)
    erase(wrapped, SENDER)
    assert not knows(wrapped, SENDER)
    assert SENDER not in fallback.store


async def test_a_conversation_that_only_the_fallback_holds_is_known(store):
    wrapped = FailSafeTrackerStore(store)
    await say(wrapped.fallback_tracker_store, OTHER)
    assert knows(wrapped, OTHER)
    assert not knows(wrapped, SENDER)


def test_in_doubt_a_visitor_is_believed(store):
    store.SQLEvent.__table__.drop(store.engine)
    assert knows(store, SENDER)


def test_another_kind_of_store_is_refused():
    with pytest.raises(InvalidConfigException, match="endpoints.yml"):
        erasable(InMemoryTrackerStore(DOMAIN))
