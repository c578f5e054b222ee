"""The steps of handing over, as the action server takes them."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from desk_stand_in import REPLIES, Desk
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import handover as actions
from actions.handover import AskHuman, HandOver
from bot import delivery, handover
from bot.delivery import outbox_from_environment
from bot.desk_access import DeskAccess
from bot.outbox import CASE, ERASED, Letter, Outbox, case_key, erasure_key

CONVERSATION = "0a" * 32
REFERENCE, OTHER_REFERENCE = "r" * 43, "s" * 43
FORM, OTHER_FORM = (handover.contact_step(each) for each in (REFERENCE, OTHER_REFERENCE))
ROLE = handover.role_step("left_behind")
WORDS = "mijn geheim is 0612345678"


class Conversation:
    """A conversation of one visitor: its events and slots, turn by turn."""

    def __init__(self, **slots: Any) -> None:
        self.events: list[dict[str, Any]] = []
        self.slots: dict[str, Any] = {"language": "nl", "handover": None, **slots}
        self.said: list[dict[str, Any]] = []

    def writes(self, text: str, intent: str, **entities: Any) -> None:
        found = [{"entity": name, "value": value} for name, value in entities.items()]
        parse = {"text": text, "intent": {"name": intent}, "entities": found}
        self.events.append({"event": "user", "text": text, "parse_data": parse})

    async def presses(self, *steps: str) -> list[str]:
        """What is said to the last of these steps."""
        for step in steps:
            self.writes(json.dumps({"handover": step}), "handover", handover=step)
            await self._run(HandOver(), {"handover": step})
        return self.keys

    async def asks(self) -> list[str]:
        """What is said to the wish for a person."""
        self.writes("/ask_human", "ask_human")
        await self._run(AskHuman(), {})
        return self.keys

    async def _run(self, action: Any, entities: dict[str, Any]) -> None:
        message = {
            "text": WORDS,
            "entities": [{"entity": name, "value": value} for name, value in entities.items()],
        }
        tracker = Tracker(
            CONVERSATION, dict(self.slots), message, self.events, False, None, {}, "action_listen"
        )
        dispatcher = CollectingDispatcher()
        for event in await action.run(dispatcher, tracker, {}):
            # what Rasa keeps has been JSON on its way
            self.slots[event["name"]] = json.loads(json.dumps(event["value"]))
        self.said = dispatcher.messages

    @property
    def keys(self) -> list[str]:
        return [message["response"] for message in self.said]

    @property
    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = self.slots["handover"] or {}
        return found


@pytest.fixture(autouse=True)
def outbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outbox]:
    monkeypatch.setenv("KOMPAS_OUTBOX", str(tmp_path / "outbox.db"))
    monkeypatch.setenv("KOMPAS_OUTBOX_KEY", "k" * 64)
    monkeypatch.setenv("KOMPAS_DESK_SERVICE_TOKEN", "t" * 40)
    monkeypatch.setenv("KOMPAS_DESK_TIMEOUT", "0.5")
    monkeypatch.setattr(actions, "_HOLD", 0.0)
    actions._outbox.cache_clear()
    yield outbox_from_environment()
    actions._outbox.cache_clear()


@pytest.fixture
async def desk(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    stand_in = Desk()
    async with TestServer(stand_in.app()) as server:
        monkeypatch.setenv("KOMPAS_DESK_API", str(server.make_url("")).rstrip("/"))
        yield stand_in
        stand_in.released.set()


@pytest.fixture
def no_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOMPAS_DESK_API", "http://127.0.0.1:1")


async def delivered(outbox: Outbox) -> None:
    """The courier comes by once."""
    async with aiohttp.ClientSession() as session:
        for letter in outbox.waiting(now=9e9):
            await delivery.deliver(outbox, letter, session, DeskAccess.from_environment())


# --- permission, role, form -------------------------------------------------------------------


async def test_permission_is_asked_first(desk: Desk, outbox: Outbox):
    assert await Conversation().asks() == ["utter_ask_human"]
    assert (outbox.count(), desk.requests) == (0, [])


async def test_who_cannot_wait_reads_the_numbers_first():
    talk = Conversation()
    talk.writes("Hij rijdt nu weg", "greet", emergency="departure")
    assert await talk.asks() == ["utter_handover_urgent", "utter_ask_human"]


async def test_after_yes_comes_the_role_and_then_the_form():
    talk = Conversation()
    assert await talk.presses("yes") == ["utter_handover_role"]
    assert await talk.presses(ROLE) == ["utter_handover_form"]
    assert talk.state["role"] == "left_behind"


async def test_who_said_in_the_checklist_who_it_is_is_not_asked_again():
    talk = Conversation(checklist={"answers": {"q_role": "taking_parent"}, "item": None})
    assert await talk.presses("yes") == ["utter_handover_form"]
    assert talk.state["role"] == "taking"


async def test_who_cannot_wait_is_not_asked_one_question_more():
    talk = Conversation()
    talk.writes("Ze gaan nu", "threat_imminent")
    assert await talk.presses("yes") == ["utter_handover_form"]


async def test_no_hands_nothing_over(desk: Desk, outbox: Outbox):
    talk = Conversation()
    assert await talk.presses("yes", ROLE, "no") == ["utter_handover_declined"]
    assert (outbox.count(), desk.requests, talk.state["state"]) == (0, [], None)
    # and the visitor may change that
    assert await talk.asks() == ["utter_ask_human"]


# --- the case ---------------------------------------------------------------------------------


async def test_the_form_makes_a_case_and_tells_its_number(desk: Desk, outbox: Outbox):
    talk = Conversation()
    talk.writes("Mijn ex is weg", "child_abducted")
    assert await talk.presses("yes", ROLE, FORM) == ["utter_handover_done"]
    body = desk.kept[case_key(CONVERSATION, 1)]
    assert (body["role"], body["contact_ref"]) == ("left_behind", REFERENCE)
    assert [entry["text"] for entry in body["transcript"]][0] == "Mijn ex is weg"
    assert talk.state["reference"] == REPLIES[CASE]["reference"]
    assert talk.state["reading"] == REPLIES[CASE]["next_reading"]
    # what the message says is what was just noted
    assert talk.said[0]["handover"] == talk.state
    assert outbox.count() == 0


async def test_without_a_form_the_case_has_none(desk: Desk):
    talk = Conversation()
    assert await talk.presses("yes", ROLE, "none") == ["utter_handover_done"]
    assert "contact_ref" not in desk.kept[case_key(CONVERSATION, 1)]
    assert talk.state["contact_ref"] is None


async def test_a_form_sent_before_anything_was_asked_is_a_case_too(desk: Desk):
    talk = Conversation()
    assert await talk.presses(FORM) == ["utter_handover_done"]
    assert desk.kept[case_key(CONVERSATION, 1)]["role"] == "unknown"


@pytest.mark.parametrize(
    ("slots", "language"),
    [
        ({"language": "pl"}, "pl"),
        ({"language": "pl", "detected_language": "tr"}, "pl"),
        ({"language": None, "detected_language": "tr"}, "tr"),
        ({"language": "en", "detected_language": "nl"}, "en"),
        ({"language": "fr", "detected_language": None}, "nl"),
    ],
)
async def test_the_case_is_in_the_language_of_the_conversation(
    desk: Desk, slots: dict[str, Any], language: str
):
    await Conversation(**slots).presses("none")
    assert desk.kept[case_key(CONVERSATION, 1)]["language"] == language


async def test_what_the_desk_finds_urgent_is_urgent(desk: Desk):
    desk.body = json.dumps({**REPLIES[CASE], "urgent": True}).encode()
    talk = Conversation()
    await talk.presses("none")
    assert talk.state["urgent"] is True


async def test_pressed_again_it_stays_one_case(desk: Desk):
    talk = Conversation()
    await talk.presses(ROLE, FORM)
    for step in (FORM, "none", "yes", ROLE, "status", "again"):
        assert await talk.presses(step) == ["utter_handover_known"]
    assert await talk.asks() == ["utter_handover_known"]
    assert list(desk.kept) == [case_key(CONVERSATION, 1)]


async def test_a_form_filled_in_after_all_belongs_to_the_case(desk: Desk):
    talk = Conversation()
    await talk.presses("none")
    assert await talk.presses(FORM) == ["utter_handover_known"]
    # so nobody is told that no one will call
    assert talk.said[0]["handover"]["contact_ref"] == REFERENCE
    assert len(desk.kept) == 1


async def test_what_was_said_since_goes_along_once_when_asked_for(desk: Desk):
    talk = Conversation()
    await talk.presses(ROLE, FORM)
    assert await talk.asks() == ["utter_handover_known"]
    assert talk.said[0]["more"] is False
    talk.writes("Hij heeft gebeld", "threat_abduction")
    await talk.asks()
    assert talk.said[0]["more"] is True
    assert await talk.presses("again") == ["utter_handover_done"]
    assert await talk.presses("again") == ["utter_handover_known"]
    assert list(desk.kept) == [case_key(CONVERSATION, number) for number in (1, 2)]
    texts = [entry["text"] for entry in desk.kept[case_key(CONVERSATION, 2)]["transcript"]]
    assert "Hij heeft gebeld" in texts
    assert desk.kept[case_key(CONVERSATION, 2)]["contact_ref"] == REFERENCE


async def test_again_before_anything_was_handed_over_asks_permission(desk: Desk):
    assert await Conversation().presses("again") == ["utter_ask_human"]
    assert desk.kept == {}


@pytest.mark.parametrize("step", ["status", "nonsense", "role=", ""])
async def test_no_step_is_no_reason_to_fail(step: str):
    assert (await Conversation().presses(step))[-1] in {
        "utter_ask_human",
        "utter_handover_role",
        "utter_handover_form",
    }


# --- when the desk is not there ---------------------------------------------------------------


@pytest.mark.usefixtures("no_desk")
async def test_with_the_desk_away_the_case_is_kept_and_the_truth_is_told(outbox: Outbox):
    talk = Conversation()
    assert await talk.presses(ROLE, FORM) == ["utter_handover_waiting"]
    [letter] = outbox.waiting(now=9e9)
    assert (letter.key, letter.body["contact_ref"]) == (case_key(CONVERSATION, 1), REFERENCE)
    assert (talk.state["state"], talk.state["reference"]) == ("waiting", None)
    for step in ("status", FORM, "yes", "again"):
        assert await talk.presses(step) == ["utter_handover_waiting"]
    assert outbox.count() == 1


@pytest.mark.parametrize("status", [400, 401, 503])
async def test_a_desk_that_refuses_is_as_good_as_away(desk: Desk, outbox: Outbox, status: int):
    desk.status = status
    talk = Conversation()
    assert await talk.presses(FORM) == ["utter_handover_waiting"]
    desk.status = None
    await delivered(outbox)
    assert await talk.presses("status") == ["utter_handover_known"]
    assert talk.state["reference"] == REPLIES[CASE]["reference"]
    assert list(desk.kept) == [case_key(CONVERSATION, 1)]


async def test_a_desk_that_hangs_keeps_nobody_waiting(desk: Desk, outbox: Outbox):
    desk.hangs = True
    talk = Conversation()
    assert await asyncio.wait_for(talk.presses(FORM), 4) == ["utter_handover_waiting"]
    assert outbox.count() == 1


async def test_asking_for_a_person_again_tells_the_number_that_came_meanwhile(
    desk: Desk, outbox: Outbox
):
    desk.status = 503
    talk = Conversation()
    await talk.presses(FORM)
    assert await talk.asks() == ["utter_handover_waiting"]
    desk.status = None
    await delivered(outbox)
    assert await talk.asks() == ["utter_handover_known"]
    assert talk.said[0]["handover"]["reference"] == REPLIES[CASE]["reference"]


async def test_a_turn_whose_end_was_lost_makes_no_second_case(desk: Desk):
    talk = Conversation()
    await talk.presses(ROLE, FORM)
    # Rasa gave up waiting: the slot is as it was before
    talk.slots["handover"] = {"role": "left_behind"}
    assert await talk.presses(FORM) == ["utter_handover_done"]
    assert talk.state["reference"] == REPLIES[CASE]["reference"]
    assert list(desk.kept) == [case_key(CONVERSATION, 1)]


async def test_a_case_that_cannot_be_kept_is_not_promised(
    desk: Desk, outbox: Outbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def full(*arguments: Any, **more: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    talk = Conversation()
    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "put", full)
        assert await talk.presses(ROLE, FORM) == ["utter_error"]
    assert "OperationalError" in caplog.text
    assert (talk.state["number"], talk.state["state"], desk.kept) == (0, None, {})
    # and it can be tried again
    assert await talk.presses(FORM) == ["utter_handover_done"]


async def test_an_unusable_outbox_key_is_told_as_a_failure(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("KOMPAS_OUTBOX_KEY")
    actions._outbox.cache_clear()
    assert await Conversation().presses(FORM) == ["utter_error"]
    assert desk.kept == {}


# --- taking it back ---------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["withdraw", "withdraw_yes", "withdraw_no"])
async def test_without_a_case_there_is_nothing_to_take_back(desk: Desk, step: str):
    assert await Conversation().presses(step) == ["utter_handover_nothing"]
    assert desk.requests == []


async def test_it_is_asked_before_anything_is_taken_back(desk: Desk):
    talk = Conversation()
    await talk.presses(FORM)
    assert await talk.presses("withdraw") == ["utter_handover_withdraw_ask"]
    assert await talk.presses("withdraw_no") == ["utter_handover_kept"]
    assert talk.said[0]["handover"]["reference"] == REPLIES[CASE]["reference"]
    assert desk.requests == [("POST", "/api/cases")]


async def test_what_is_taken_back_is_erased_at_the_desk(desk: Desk, outbox: Outbox):
    talk = Conversation()
    await talk.presses(FORM, "withdraw")
    assert await talk.presses("withdraw_yes") == ["utter_handover_withdrawn"]
    assert desk.requests[-1] == ("DELETE", f"/api/conversations/{CONVERSATION}")
    assert outbox.count() == 0
    # nothing of the case is remembered
    assert REPLIES[CASE]["reference"] not in json.dumps(talk.state)
    assert REFERENCE not in json.dumps(talk.state)


async def test_with_the_desk_away_it_says_that_it_is_still_to_be_erased(desk: Desk, outbox: Outbox):
    talk = Conversation()
    await talk.presses(FORM)
    desk.status = 503
    assert await talk.presses("withdraw_yes") == ["utter_handover_withdrawing"]
    assert [letter.key for letter in outbox.waiting(now=9e9)] == [erasure_key(CONVERSATION)]
    desk.status = None
    await delivered(outbox)
    assert desk.requests[-1] == ("DELETE", f"/api/conversations/{CONVERSATION}")


@pytest.mark.usefixtures("no_desk")
async def test_a_case_that_never_left_is_taken_back_too(outbox: Outbox):
    talk = Conversation()
    await talk.presses(FORM)
    assert await talk.presses("withdraw_yes") == ["utter_handover_withdrawing"]
    assert [letter.key for letter in outbox.waiting(now=9e9)] == [erasure_key(CONVERSATION)]


async def test_after_taking_back_nothing_is_handed_over_any_more(desk: Desk):
    talk = Conversation()
    await talk.presses(FORM, "withdraw_yes")
    before = list(desk.requests)
    for step in ("yes", ROLE, OTHER_FORM, "none", "again", "status", "withdraw", "withdraw_yes"):
        assert await talk.presses(step) == ["utter_handover_gone"]
    assert await talk.asks() == ["utter_handover_gone"]
    assert desk.requests == before


async def test_no_pressed_then_keeps_the_case(desk: Desk):
    talk = Conversation()
    await talk.presses(FORM)
    await talk.presses("no")
    assert await talk.presses("status") == ["utter_handover_known"]


async def test_a_conversation_erased_at_the_desk_is_gone(desk: Desk, outbox: Outbox):
    desk.status = 410
    talk = Conversation()
    assert await talk.presses(FORM) == ["utter_handover_gone"]
    assert outbox.count() == 0


async def test_a_case_erased_while_it_was_on_its_way_is_gone(desk: Desk, outbox: Outbox):
    desk.status = 503
    talk = Conversation()
    await talk.presses(FORM)
    desk.status = 410
    await delivered(outbox)
    assert await talk.presses("status") == ["utter_handover_gone"]


async def test_no_word_of_the_visitor_is_logged(
    desk: Desk, outbox: Outbox, caplog: pytest.LogCaptureFixture
):
    talk = Conversation()
    talk.writes(WORDS, "child_abducted")
    with caplog.at_level(logging.DEBUG):
        await talk.presses(ROLE, FORM)
        desk.status = 400
        talk.writes(WORDS, "child_abducted")
        await talk.presses("again")
        await talk.presses("withdraw_yes")
    # the stand-in of the desk logs its requests as it likes
    ours = "\n".join(r.getMessage() for r in caplog.records if r.name != "aiohttp.access")
    assert "did not take" in ours
    for words in ("0612345678", "geheim", CONVERSATION):
        assert words not in ours


# --- any order --------------------------------------------------------------------------------

STEPS = [*sorted(handover.STEPS), ROLE, handover.role_step("unknown"), FORM, OTHER_FORM]
TURNS = st.one_of(
    st.tuples(st.just("press"), st.sampled_from(STEPS)),
    st.tuples(st.just("ask"), st.none()),
    st.tuples(st.just("write"), st.sampled_from(["child_abducted", "thank", "threat_imminent"])),
    st.tuples(st.just("desk"), st.sampled_from(["up", "down", "cut"])),
    st.tuples(st.just("courier"), st.none()),
    st.tuples(st.just("lose"), st.none()),
)


class FakeDesk:
    """Stands for the way to the desk and the desk; `cut`: it takes a letter, its reply is lost."""

    def __init__(self) -> None:
        self.way = "up"
        self.cases: dict[str, Any] = {}
        self.erased = False

    async def deliver(self, outbox: Outbox, letter: Letter, *_: Any, **__: Any) -> bool:
        if self.way == "down":
            outbox.later(letter.key)
            return False
        if letter.kind == CASE and self.erased:
            outbox.delivered(letter.key, {}, state=ERASED)
            return True
        if letter.kind == CASE:
            known = self.cases.setdefault(letter.key, dict(letter.body))
            assert known["conversation"] == letter.conversation
            reply = {**REPLIES[CASE], "reference": f"K-{letter.key[-1]}"}
        else:
            self.erased, self.cases, reply = True, {}, {"receipt": "W-1"}
        if self.way == "cut":
            outbox.later(letter.key)
            return False
        outbox.delivered(letter.key, reply)
        return True


async def _played(turns: list[tuple[str, Any]], desk: FakeDesk, outbox: Outbox) -> None:
    talk = Conversation()
    more, lost, before = 0, False, dict(talk.slots)
    for kind, what in turns:
        if kind in ("press", "ask"):
            before = dict(talk.slots)
        if kind == "press":
            await talk.presses(what)
        elif kind == "ask":
            await talk.asks()
        elif kind == "write":
            talk.writes("…", what)
            more += what != "thank"
        elif kind == "desk":
            desk.way = what
        elif kind == "courier":
            for letter in outbox.waiting(now=9e9):
                await desk.deliver(outbox, letter)
        elif before != talk.slots:
            # the reply of the action server came too late for Rasa
            talk.slots, lost = dict(before), True
        if kind in ("press", "ask"):
            assert "utter_error" not in talk.keys
            assert 1 <= len(talk.keys) <= 2
        # one case, and one more each time that something was said since
        assert len(desk.cases) <= 1 + more
        state = talk.state.get("state")
        assert state in (None, "sent", "waiting", "withdrawn")
        if state == "sent":
            assert talk.state["reference"].startswith("K-")
    desk.way = "up"
    for letter in outbox.waiting(now=9e9):
        await desk.deliver(outbox, letter)
    assert outbox.count() == 0
    if desk.erased:
        assert desk.cases == {}
    elif talk.state.get("state") is not None:
        made = {case_key(CONVERSATION, number + 1) for number in range(talk.state["number"])}
        assert made <= set(desk.cases) if lost else made == set(desk.cases)


@settings(max_examples=40)
@given(turns=st.lists(TURNS, max_size=14))
def test_in_any_order_nothing_is_lost_doubled_or_broken(
    tmp_path_factory: pytest.TempPathFactory, turns: list[tuple[str, Any]]
):
    outbox = Outbox(tmp_path_factory.mktemp("any") / "outbox.db", "k" * 64)
    desk = FakeDesk()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(actions, "_outbox", lambda: outbox)
        patch.setattr(actions, "deliver", desk.deliver)
        asyncio.run(_played(turns, desk, outbox))
