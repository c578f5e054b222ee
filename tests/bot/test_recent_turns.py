"""Of a long conversation Rasa gets the last turns, and the state of the whole."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.recent_turns import TURNS, RecentTracker, all_events
from bot.tracker_store import ConversationChanged, ErasableTrackerStore
from bot.trackers import was_topic

DOMAIN = Domain.from_yaml(
    """
version: "3.1"
slots:
  language: {type: text, influence_conversation: false, mappings: [{type: custom}]}
  checklist: {type: any, influence_conversation: false, mappings: [{type: custom}]}
forms:
  checklist_form: {required_slots: [checklist]}
"""
)
SENDER, OTHER = "0a" * 32, "0b" * 32
START: list[Event] = [
    ActionExecuted("action_session_start"),
    SessionStarted(),
    ActionExecuted("action_listen"),
]


@pytest.fixture
def store(tmp_path: Path) -> ErasableTrackerStore:
    return ErasableTrackerStore(DOMAIN, host=f"sqlite:///{tmp_path / 'tracker.db'}")


def turn(text: str, *events: Event, topic: str | None = None) -> list[Event]:
    custom = {"id": "utter_travel_documents", **({"topic": topic} if topic else {})}
    said = BotUttered("antwoord", {"custom": custom})
    return [UserUttered(text), *events, said, ActionExecuted("action_listen")]


async def talk(store: ErasableTrackerStore, *turns: list[Event]) -> None:
    """Each turn read, gone on with and saved, as Rasa does."""
    for events in turns:
        tracker = await store.get_or_create_tracker(SENDER, append_action_listen=False)
        tracker.update_with_events(events if tracker.events else [*START, *events], DOMAIN)
        await store.save(tracker)


def words(events) -> list[str]:
    return [event.text for event in events if isinstance(event, UserUttered)]


def rows(store: ErasableTrackerStore) -> int:
    with store.engine.connect() as connection:
        return connection.execute(sa.text("SELECT count(*) FROM events")).scalar()


async def test_a_long_conversation_is_as_long_for_rasa_as_a_short_one(store) -> None:
    await talk(store, *(turn(f"{n}", SlotSet("language", "nl")) for n in range(10)))
    ten = await store.retrieve(SENDER)
    await talk(store, *(turn(f"{n}", SlotSet("language", "nl")) for n in range(10, 60)))
    sixty = await store.retrieve(SENDER)
    assert len(sixty.events) == len(ten.events)
    assert words(sixty.events) == [f"{n}" for n in range(60 - TURNS, 60)]
    full = await store.retrieve_full_tracker(SENDER)
    assert words(full.events) == [f"{n}" for n in range(60)]


async def test_slots_and_the_open_form_are_those_of_the_whole(store) -> None:
    asked = [ActionExecuted("checklist_form"), ActiveLoop("checklist_form")]
    await talk(
        store,
        turn("0", SlotSet("language", "tr"), SlotSet("checklist", {"answers": {}})),
        turn("1", SlotSet("language", "pl"), *asked),
        *(turn(f"{n}") for n in range(2, 20)),
    )
    tracker = await store.retrieve(SENDER)
    assert tracker.get_slot("language") == "pl"
    assert tracker.get_slot("checklist") == {"answers": {}}
    assert tracker.active_loop_name == "checklist_form"
    assert tracker.latest_action_name == "action_listen"
    # Rasa builds trackers of its own from the events
    again = DialogueStateTracker.from_events(SENDER, list(tracker.events), DOMAIN.slots)
    assert again.current_slot_values() == tracker.current_slot_values()
    assert again.active_loop_name == "checklist_form"


async def test_a_form_that_was_closed_stays_closed(store) -> None:
    opened, closed = ActiveLoop("checklist_form"), ActiveLoop(None)
    await talk(store, turn("0", opened), turn("1", closed), *(turn(f"{n}") for n in range(2, 9)))
    assert (await store.retrieve(SENDER)).active_loop_name is None


async def test_a_slot_that_was_emptied_stays_empty(store) -> None:
    last = [SlotSet("language", "nl")], [SlotSet("language", None)]
    await talk(store, *(turn("x", *each) for each in last), *(turn(f"{n}") for n in range(9)))
    assert (await store.retrieve(SENDER)).get_slot("language") is None


async def test_what_went_before_can_be_read(store) -> None:
    await talk(store, *(turn(f"{n}") for n in range(9)))
    tracker = await store.retrieve(SENDER)
    assert words(all_events(tracker)) == [f"{n}" for n in reversed(range(9))]
    assert words(all_events(tracker.copy())) == [f"{n}" for n in reversed(range(9))]
    said = [event["text"] for event in store.session_so_far(SENDER) if event["event"] == "user"]
    assert said == [f"{n}" for n in range(9)]


async def test_a_topic_is_remembered_for_the_whole_session(store) -> None:
    await talk(store, turn("0", topic="return"), *(turn(f"{n}") for n in range(1, 9)))
    tracker = await store.retrieve(SENDER)
    assert was_topic(tracker, "return")
    assert was_topic(tracker.copy(), "return")
    assert not was_topic(tracker, "retur_")
    assert not was_topic(tracker, "safety")


async def test_only_what_is_new_is_stored_and_only_once(store) -> None:
    await talk(store, *(turn(f"{n}") for n in range(9)))
    before = rows(store)
    tracker = await store.retrieve(SENDER)
    await store.save(tracker)
    assert rows(store) == before
    tracker.update(UserUttered("nieuw"))
    await store.save(tracker)
    await store.save(tracker)
    assert rows(store) == before + 1


@pytest.mark.parametrize("meanwhile", ["written", "erased"])
async def test_a_turn_beside_which_something_else_happened_leaves_nothing(store, meanwhile) -> None:
    await talk(store, *(turn(f"{n}") for n in range(5)))
    tracker = await store.retrieve(SENDER)
    tracker.update(UserUttered("geheim"))
    if meanwhile == "written":
        await talk(store, turn("eerder"))
    else:
        store.erase(SENDER)
    before = rows(store)
    with pytest.raises(ConversationChanged):
        await store.save(tracker)
    assert rows(store) == before


async def test_a_new_session_knows_nothing_of_the_one_before(store) -> None:
    first = [turn("oud", SlotSet("language", "tr"), topic="return")]
    await talk(store, *first, [*START, *turn("nieuw")], *(turn(f"{n}") for n in range(9)))
    tracker = await store.retrieve(SENDER)
    assert tracker.get_slot("language") is None
    assert not was_topic(tracker, "return")
    assert "oud" not in words(all_events(tracker))
    assert words(all_events(tracker))[-1] == "nieuw"


async def test_where_the_last_values_do_not_tell_the_state_all_is_read(store) -> None:
    await talk(store, turn("0", SlotSet("language", "tr"), Restarted()))
    await talk(store, *(turn(f"{n}") for n in range(1, 9)))
    tracker = await store.retrieve(SENDER)
    assert tracker.earlier is None
    assert tracker.get_slot("language") is None


async def test_a_damaged_row_of_a_slot_is_mended_too(store) -> None:
    first = turn("0", SlotSet("language", "tr"), SlotSet("checklist", {"answers": {}}))
    await talk(store, first, *(turn(f"{n}") for n in range(1, 9)))
    with store.engine.begin() as connection:
        connection.execute(sa.text("UPDATE events SET data = '{' WHERE action_name = 'language'"))
    tracker = await store.retrieve(SENDER)
    assert store.was_mended(SENDER)
    assert (tracker.get_slot("language"), tracker.get_slot("checklist")) == (None, {"answers": {}})


async def test_a_copy_goes_its_own_way(store) -> None:
    await talk(store, turn("0", SlotSet("language", "nl"), ActiveLoop("checklist_form")))
    tracker = await store.retrieve(SENDER)
    twin = tracker.copy()
    assert isinstance(twin, RecentTracker)
    twin.update_with_events([SlotSet("language", "pl"), ActiveLoop(None)], DOMAIN)
    twin.reject_action("checklist_form")
    assert tracker.get_slot("language") == "nl"
    assert tracker.active_loop_name == "checklist_form"
    assert not tracker.is_active_loop_rejected
    assert len(twin.events) == len(tracker.events) + 2


async def test_a_database_that_was_moved_is_not_written_any_more(store, tmp_path) -> None:
    await talk(store, turn("0"))
    file, away = tmp_path / "tracker.db", tmp_path / "away"
    away.mkdir()
    for part in tmp_path.glob("tracker.db*"):
        part.rename(away / part.name)
    assert not store.answers()
    with pytest.raises(sa.exc.OperationalError):
        await talk(store, turn("1"))
    file.unlink(missing_ok=True)
    for part in away.iterdir():
        part.rename(tmp_path / part.name)
    assert store.answers()
    assert words((await store.retrieve(SENDER)).events) == ["0"]


async def test_other_conversations_are_never_read(store) -> None:
    await talk(store, *(turn(f"{n}", SlotSet("language", "tr")) for n in range(9)))
    other = [*START, *(e for n in range(9) for e in turn(f"ander {n}"))]
    await store.save(DialogueStateTracker.from_events(OTHER, other, DOMAIN.slots))
    tracker = await store.retrieve(OTHER)
    assert tracker.get_slot("language") is None
    assert all(text.startswith("ander") for text in words(all_events(tracker)))
