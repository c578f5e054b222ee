"""The tracker store: what is erased is gone, also from the files."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from postgres import Cluster
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException

from bot import sqlite_traces
from bot.tracker_store import ErasableTrackerStore, TurnLate, bounded, deadline, erasable

DOMAIN = Domain.empty()
SENDER, OTHER = "0a" * 32, "0b" * 32
SECRET_WORDS = "zeldzame-woorden-van-de-bezoeker"


@pytest.fixture
def in_file(tmp_path: Path) -> ErasableTrackerStore:
    return ErasableTrackerStore(DOMAIN, host=f"sqlite:///{tmp_path / 'tracker.db'}")


@pytest.fixture(params=["in_file", "on_server"])
def store(request: pytest.FixtureRequest) -> Iterator[ErasableTrackerStore]:
    """On each kind of database."""
    if request.param == "in_file":
        yield request.getfixturevalue("in_file")
        return
    store = ErasableTrackerStore(DOMAIN, host=request.getfixturevalue("database"))
    yield store
    store.engine.dispose()


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
async def test_nothing_of_an_erased_conversation_is_left_in_the_files(
    in_file, tmp_path, times: int
):
    await say(in_file, SENDER, times=times)
    await say(in_file, OTHER, text="iets anders")
    assert any(SECRET_WORDS.encode() in file.read_bytes() for file in tmp_path.iterdir())
    in_file.erase(SENDER)
    for file in tmp_path.iterdir():
        assert SECRET_WORDS.encode() not in file.read_bytes(), file.name
        assert SENDER.encode() not in file.read_bytes(), file.name


@pytest.mark.parametrize("seed", [5, 8])
async def test_nothing_is_left_of_conversations_whose_rows_were_shared_out_among_pages(
    in_file, tmp_path, seed: int
):
    # many at the same time: pages of rows and of indexes are split between them, and joined again
    drawn = random.Random(seed)
    senders = [f"{drawn.getrandbits(256):064x}" for _ in range(40)]
    words = {sender: f"zeldzaam-{sender[:20]}" for sender in senders}
    said: dict[str, list[Event]] = {sender: [] for sender in senders}
    for _ in range(300):
        sender = drawn.choice(senders)
        for _ in range(3):
            said[sender].append(UserUttered(words[sender] * drawn.randint(1, 30)))
            said[sender].append(SlotSet(drawn.choice("abcdefgh"), words[sender]))
        await in_file.save(DialogueStateTracker.from_events(sender, said[sender]))
    for sender in senders[:30]:
        in_file.erase(sender)
        kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        left = [word for word in (sender, words[sender]) if word.encode() in kept]
        assert not left
    assert all(in_file.knows(sender) for sender in senders[30:])


async def test_copies_that_stay_in_a_large_file_are_told_without_a_word_of_them(
    in_file, caplog, monkeypatch
):
    monkeypatch.setattr(sqlite_traces, "MOST_BYTES", 1)
    await say(in_file, SENDER)
    in_file.erase(SENDER)
    assert not in_file.knows(SENDER)
    assert "docs/operations.md" in caplog.text
    assert SENDER not in caplog.text and SECRET_WORDS not in caplog.text


async def test_what_an_erasure_left_because_the_file_was_in_use_leaves_it_later(in_file, tmp_path):
    await say(in_file, SENDER)
    await say(in_file, OTHER, text="iets anders")
    with in_file.engine.connect() as reader:
        reader.execute(sa.text("BEGIN"))
        reader.execute(sa.text("SELECT * FROM events")).fetchall()
        in_file.erase(SENDER)
        assert not in_file.knows(SENDER)
    in_file.forget_traces()
    for file in tmp_path.iterdir():
        assert SECRET_WORDS.encode() not in file.read_bytes(), file.name


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


async def test_where_the_mark_of_the_session_is_damaged_nothing_that_is_new_is_lost(store):
    begun = [ActionExecuted("action_session_start"), SessionStarted(), UserUttered("eerst")]
    await store.save(DialogueStateTracker.from_events(SENDER, begun))
    with store.engine.begin() as connection:
        damage = "UPDATE events SET data = '{' WHERE type_name = 'session_started'"
        connection.execute(sa.text(damage))
    tracker = await store.retrieve(SENDER)
    assert store.was_mended(SENDER)
    tracker.update(UserUttered("daarna"))
    await store.save(tracker)
    kept = await store.retrieve(SENDER)
    assert [event.text for event in kept.events if isinstance(event, UserUttered)] == [
        "eerst",
        "daarna",
    ]
    assert not store.was_mended(SENDER)


async def test_of_a_conversation_that_is_all_damage_another_begins_under_the_same_id(store):
    await say(store, SENDER, times=3)
    with store.engine.begin() as connection:
        connection.execute(sa.text("UPDATE events SET data = '{'"))
    tracker = await store.retrieve(SENDER)
    assert tracker.latest_action_name == "action_listen"
    assert store.knows(SENDER), "its token still opens it"
    assert store.was_mended(SENDER)


def test_the_store_is_found_behind_what_rasa_wraps_it_in(store):
    assert erasable(FailSafeTrackerStore(store)) is store


async def test_an_error_of_the_database_does_not_tell_what_was_said(store):
    store.SQLEvent.__table__.drop(store.engine)
    with pytest.raises(sa.exc.SQLAlchemyError) as raised:
        await say(store, SENDER)
    assert SECRET_WORDS not in str(raised.value)


async def test_of_a_turn_that_nobody_waits_for_nothing_is_kept(store):
    token = deadline.set(time.time() - 1)
    try:
        with pytest.raises(TurnLate):
            await say(store, SENDER)
    finally:
        deadline.reset(token)
    assert not store.knows(SENDER)


@pytest.mark.parametrize(
    "garbage",
    ["", "{", "null", "[]", '"x"', "{}", '{"event": "user"', '{"event": "nothing"}', b"\xff\xfe{"],
)
async def test_a_damaged_row_is_removed_and_the_rest_goes_on(store, garbage: str | bytes):
    await say(store, SENDER, times=3)
    await say(store, OTHER)
    with store.engine.begin() as connection:
        rows = connection.execute(sa.text("SELECT id FROM events")).scalars().all()
        damage = sa.text("UPDATE events SET data = CAST(:data AS TEXT) WHERE id = :id")
        connection.execute(damage, {"data": garbage, "id": rows[1]})
    tracker = await store.retrieve(SENDER)
    assert [event.text[-1] for event in tracker.events] == ["0", "2"]
    tracker.update(UserUttered("daarna"))
    await store.save(tracker)
    kept = await store.retrieve(SENDER)
    assert [event.text[-1] for event in kept.events] == ["0", "2", "a"]
    assert store.was_mended(SENDER)
    assert not store.was_mended(SENDER), "it is said once"
    assert not store.was_mended(OTHER)


def test_another_kind_of_store_is_refused():
    with pytest.raises(InvalidConfigException, match="endpoints.yml"):
        erasable(InMemoryTrackerStore(DOMAIN))


async def test_what_the_database_was_away_for_is_an_error_and_with_its_return_it_goes_on(
    cluster: Cluster, database: str
):
    store = ErasableTrackerStore(DOMAIN, host=database)
    await say(store, SENDER)
    cluster.crash()
    try:
        assert not store.answers()
        with pytest.raises(sa.exc.OperationalError) as raised:
            await say(store, OTHER)
        assert SECRET_WORDS not in str(raised.value)
        with pytest.raises(sa.exc.OperationalError):
            store.erase(SENDER)
    finally:
        cluster.start()
    await say(store, OTHER)
    assert store.knows(SENDER)
    assert store.knows(OTHER)
    assert store.answers()


async def test_tables_that_could_not_be_made_at_the_start_are_made_once_the_database_is_there(
    cluster: Cluster, database: str
):
    cluster.crash()
    try:
        store = ErasableTrackerStore(DOMAIN, host=database)
        assert not store.answers()
    finally:
        cluster.start()
    store.answers()
    assert store.answers()
    await say(store, SENDER)
    assert store.knows(SENDER)


async def test_what_was_erased_leaves_the_pages_of_the_server(cluster: Cluster, database: str):
    store = ErasableTrackerStore(DOMAIN, host=database)
    await say(store, SENDER)
    store.erase(SENDER)
    with store.engine.connect() as connection:
        left = "SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'events'"
        store.forget_traces()
        # counted anew, not by what the statistics heard of so far
        connection.execute(sa.text("ANALYZE events"))
        assert connection.execute(sa.text(left)).scalar() == 0


def test_a_statement_on_the_server_ends_in_time_whatever_holds_it(database: str):
    engine = sa.create_engine(bounded(database.partition("?")[0]))
    with engine.connect() as connection, pytest.raises(sa.exc.OperationalError, match="timeout"):
        connection.execute(sa.text("SELECT pg_sleep(600)"))


def test_limits_that_the_address_names_stay():
    assert "connect_timeout=9" in bounded("postgresql://kompas@127.0.0.1/talks?connect_timeout=9")
    assert "pw" in bounded("postgresql://kompas:pw@127.0.0.1/talks"), "the password stays too"
    assert bounded("sqlite:///var/tracker.db") == "sqlite:///var/tracker.db"
