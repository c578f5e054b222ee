"""Handing over to a person: permission, who it is, the contact form, the case, taking it back."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from functools import cache

import aiohttp
from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Event, SafeAction
from bot import handover
from bot.delivery import deliver, outbox_from_environment
from bot.desk_access import DeskAccess
from bot.handover import SLOT, Handover
from bot.languages import SOURCE
from bot.nlg.answers import current_time
from bot.outbox import (
    CASE,
    DELIVERED,
    ERASED,
    Letter,
    Outbox,
    Receipt,
    case_key,
)
from bot.slots import spoken_language

logger = logging.getLogger(__name__)

# after the first try the couriers take it
_HOLD = 4.0


def _patience() -> float:
    """Seconds for the first try, of the 5 that a visitor waits at most for a reply."""
    return float(os.environ.get("KOMPAS_DESK_TIMEOUT", "2.5"))


@cache
def _outbox() -> Outbox:
    return outbox_from_environment()


async def _send(letter: Letter) -> None:
    """One try while the visitor waits; `bot.delivery` makes the others."""
    async with aiohttp.ClientSession() as session:
        await deliver(
            _outbox(), letter, session, DeskAccess.from_environment(), timeout=_patience()
        )


async def _receipt(key: str) -> Receipt | None:
    return await asyncio.to_thread(_outbox().receipt, key)


async def _refreshed(state: Handover, conversation: str) -> Handover:
    """`state` with what the desk has replied meanwhile."""
    if state.state == handover.UNDERWAY:
        _take(state, await _receipt(case_key(conversation, state.number)))
    return state


def _take(state: Handover, receipt: Receipt | None) -> None:
    if receipt is None:
        return
    if receipt.state == ERASED:
        state.state = handover.WITHDRAWN
    elif receipt.state == DELIVERED:
        state.state = handover.SENT
        state.reference = receipt.reply.get("reference")
        state.reading = receipt.reply.get("next_reading")
        state.urgent = state.urgent or bool(receipt.reply.get("urgent"))


class AskHuman(SafeAction):
    """Asks permission to hand over, or says how it stands with what was handed over."""

    def name(self) -> str:
        """Name of the action in the domain."""
        return "action_ask_human"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[Event]:
        """Say it."""
        state = await _refreshed(Handover(tracker.get_slot(SLOT)), tracker.sender_id)
        _say_where_it_stands(dispatcher, tracker, state)
        return [SlotSet(SLOT, state.as_slot())]


def _say_where_it_stands(
    dispatcher: CollectingDispatcher, tracker: Tracker, state: Handover
) -> None:
    if state.state == handover.WITHDRAWN:
        dispatcher.utter_message(response="utter_handover_gone")
    elif state.state == handover.UNDERWAY:
        dispatcher.utter_message(response="utter_handover_waiting", handover=state.as_slot())
    elif state.state == handover.SENT:
        dispatcher.utter_message(
            response="utter_handover_known",
            handover=state.as_slot(),
            more=_says_more(tracker, state),
        )
    else:
        if handover.is_urgent(tracker.events):
            dispatcher.utter_message(response="utter_handover_urgent")
        dispatcher.utter_message(response=handover.ASK)


def _says_more(tracker: Tracker, state: Handover) -> bool:
    """Whether something was said since the case went to the desk."""
    return state.state == handover.SENT and handover.turns(tracker.events) > state.turn


class HandOver(SafeAction):
    """Each step of the hand-over: the entity `handover` says which."""

    def name(self) -> str:
        """Name of the action in the domain."""
        return "action_handover"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[Event]:
        """Do the step."""
        step = str(next(tracker.get_latest_entity_values(handover.ENTITY), None) or handover.STATUS)
        state = await _refreshed(Handover(tracker.get_slot(SLOT)), tracker.sender_id)
        if step in (handover.WITHDRAW, handover.WITHDRAW_YES, handover.WITHDRAW_NO):
            await self._withdraw(step, dispatcher, tracker, state)
        elif step == handover.NO:
            dispatcher.utter_message(response="utter_handover_declined")
        elif step == handover.AGAIN and _says_more(tracker, state):
            await self._create(dispatcher, tracker, state)
        elif state.state is not None:
            # a button further up, pressed again: there is one case, and it stays one; a form
            # filled in after all finds it
            state.contact_ref = state.contact_ref or handover.contact_ref(step)
            _say_where_it_stands(dispatcher, tracker, state)
        elif step in (handover.STATUS, handover.AGAIN):
            _say_where_it_stands(dispatcher, tracker, state)
        elif (reference := handover.contact_ref(step)) is not None:
            state.contact_ref = reference
            await self._create(dispatcher, tracker, state)
        elif step == handover.WITHOUT:
            await self._create(dispatcher, tracker, state)
        else:
            self._go_on(step, dispatcher, tracker, state)
        return [SlotSet(SLOT, state.as_slot())]

    def _go_on(
        self, step: str, dispatcher: CollectingDispatcher, tracker: Tracker, state: Handover
    ) -> None:
        """Permission is given: who is it, then how to be reached."""
        if step.startswith("role="):
            state.role = step.removeprefix("role=")
        role = state.role or handover.role_of(tracker.get_slot("checklist"), tracker.events)
        if role is None:
            dispatcher.utter_message(response=handover.ROLE_ASK)
            return
        state.role = role
        dispatcher.utter_message(response=handover.FORM)

    async def _create(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, state: Handover
    ) -> None:
        state.role = state.role or handover.role_of(tracker.get_slot("checklist"), tracker.events)
        body = handover.case(
            tracker.sender_id,
            spoken_language(tracker.get_slot) or SOURCE,
            tracker.events,
            tracker.slots,
            state,
            today=current_time().date(),
        )
        number = state.number + 1
        letter = Letter(case_key(tracker.sender_id, number), tracker.sender_id, CASE, body)
        try:
            await asyncio.to_thread(_outbox().put, letter, hold=_HOLD)
        except sqlite3.Error as error:
            # nothing was accepted, so nothing is promised
            logger.error("A case cannot be kept: %s.", type(error).__name__)
            dispatcher.utter_message(response="utter_error")
            return
        await _send(letter)
        state.number, state.state, state.reference = number, handover.UNDERWAY, None
        state.urgent, state.turn = bool(body["urgent"]), handover.turns(tracker.events)
        _take(state, await _receipt(letter.key))
        response = {
            handover.SENT: "utter_handover_done",
            handover.UNDERWAY: "utter_handover_waiting",
            handover.WITHDRAWN: "utter_handover_gone",
        }[state.state]
        dispatcher.utter_message(response=response, handover=state.as_slot())

    async def _withdraw(
        self, step: str, dispatcher: CollectingDispatcher, tracker: Tracker, state: Handover
    ) -> None:
        if state.state not in (handover.SENT, handover.UNDERWAY):
            gone = state.state == handover.WITHDRAWN
            dispatcher.utter_message(
                response="utter_handover_gone" if gone else "utter_handover_nothing"
            )
        elif step == handover.WITHDRAW:
            dispatcher.utter_message(response=handover.WITHDRAW_ASK)
        elif step == handover.WITHDRAW_NO:
            dispatcher.utter_message(response="utter_handover_kept", handover=state.as_slot())
        else:
            dispatcher.utter_message(response=await _withdrawn(tracker.sender_id))
            vars(state).update(Handover({"state": handover.WITHDRAWN}).as_slot())


async def _withdrawn(conversation: str) -> str:
    """Take everything back; the response that says how far it is."""
    letter = await asyncio.to_thread(_outbox().withdraw, conversation, hold=_HOLD)
    await _send(letter)
    receipt = await _receipt(letter.key)
    done = receipt is not None and receipt.state == DELIVERED
    return "utter_handover_withdrawn" if done else "utter_handover_withdrawing"
