"""Walking through the checklist: beginning, noting answers, changing them, stopping."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Event, SafeAction
from bot.checklist import values
from bot.checklist.questions import checklist
from bot.checklist.state import FORM, WHICH_ITEM, State
from bot.nlg.answers import current_time

_SLOT, _ANSWER, _REQUESTED = "checklist", "checklist_answer", "requested_slot"


def _state(tracker: Tracker) -> State:
    return State(tracker.get_slot(_SLOT))


def _is_open(tracker: Tracker) -> bool:
    return (tracker.active_loop or {}).get("name") == FORM


def _entity(tracker: Tracker, name: str) -> str | None:
    value = next(tracker.get_latest_entity_values(name), None)
    return value if isinstance(value, str) else None


def _ask(state: State) -> list[Event]:
    """Events that open the form; it asks the current item."""
    return [SlotSet(_SLOT, state.as_slot()), SlotSet(_ANSWER, None), FollowupAction(FORM)]


def take(state: State, line: str, typed: bool, dispatcher: CollectingDispatcher) -> None:
    """Note the answer `line` in `state`, or say why it cannot be; raises `MalformedAnswer`.

    An unclear answer, `<item>?<reason>|<line>|…`, is not noted: the reason is said.
    """
    if "?" in line.partition("=")[0]:
        _, _, reason = line.partition("?")
        key, *candidates = reason.split("|")
        dispatcher.utter_message(
            response="utter_checklist_unclear", reason=key, candidates=candidates
        )
        return
    today = current_time().date()
    item, value = values.parse(line, today)
    asked = state.current(today)
    changed = item.partition("/")[0] in state.answers and item != asked
    try:
        state.answers = values.record(state.answers, item, value, today)
    except values.DoesNotFit as fault:
        dispatcher.utter_message(
            response="utter_checklist_unclear", reason=fault.problem, candidates=[]
        )
        return
    if value == "+1":
        # nothing is known of that child yet: its question follows
        state.item = None
        return
    if state.item in (item, item.partition("/")[0], WHICH_ITEM):
        changed = changed or state.item != WHICH_ITEM
        state.item = None
    dispatcher.utter_message(
        response="utter_checklist_note",
        item=item,
        noted=typed,
        changed=changed,
        checklist=state.as_slot(),
    )


def _typed(tracker: Tracker) -> bool:
    return not str(tracker.latest_message.get("text") or "").startswith("/")


class ValidateChecklistForm(SafeAction):
    """Called by the form on every turn while the list is open: notes the answer, if it is one."""

    def name(self) -> str:
        """Name of the action in the domain."""
        return f"validate_{FORM}"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[Event]:
        """Note the answer in the slot `checklist`; close the form at the end of the walk."""
        line = tracker.get_slot(_ANSWER)
        if not isinstance(line, str):
            return []
        state = _state(tracker)
        try:
            take(state, line, _typed(tracker), dispatcher)
        except values.MalformedAnswer:
            dispatcher.utter_message(
                response="utter_checklist_unclear", reason="problem_option", candidates=[]
            )
        finished = state.current(current_time().date()) is None
        return [
            SlotSet(_SLOT, state.as_slot()),
            # what was noted lies in `checklist`; a value here ends the form
            SlotSet(_ANSWER, "done" if finished else None),
        ]


class StartChecklist(SafeAction):
    """Begins the list, goes on with it, or begins it anew when the button says so."""

    def name(self) -> str:
        """Name of the action in the domain."""
        return "action_start_checklist"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[Event]:
        """Say what happens and open the form; a finished list shows its result."""
        state = _state(tracker)
        if not state.given:
            dispatcher.utter_message(response="utter_hague_start_checklist")
            return _ask(State({}))
        if _entity(tracker, "checklist") == "restart":
            dispatcher.utter_message(response="utter_checklist_restarted")
            return _ask(State({}))
        state.item = None
        if state.current(current_time().date()) is None:
            dispatcher.utter_message(response="utter_checklist_result")
            return []
        if state.answers:
            dispatcher.utter_message(response="utter_checklist_resumed")
        return _ask(state)


class TakeAnswer(SafeAction):
    """Notes an answer that comes while the list is closed: a button further up was pressed."""

    def name(self) -> str:
        """Name of the action in the domain."""
        return "action_take_answer"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[Event]:
        """Note it, and go on from there."""
        state, line = _state(tracker), _entity(tracker, "answer")
        if not state.given or line is None:
            dispatcher.utter_message(response="utter_checklist_not_running")
            return []
        try:
            take(state, line, _typed(tracker), dispatcher)
        except values.MalformedAnswer:
            dispatcher.utter_message(response="utter_checklist_not_running")
            return []
        if state.current(current_time().date()) is None:
            dispatcher.utter_message(response="utter_checklist_result", checklist=state.as_slot())
            return [SlotSet(_SLOT, state.as_slot())]
        return _ask(state)


class CorrectAnswer(SafeAction):
    """Asks an earlier question again, or which one when the visitor does not say."""

    def name(self) -> str:
        """Name of the action in the domain."""
        return "action_correct_answer"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[Event]:
        """Turn the list to the item that is to be changed."""
        state = _state(tracker)
        if not state.given:
            dispatcher.utter_message(response="utter_correct_answer")
            return []
        if not state.answers:
            dispatcher.utter_message(response="utter_checklist_nothing_to_change")
            return _ask(state)
        name = _entity(tracker, "item")
        if name in checklist().questions and name in state.answers:
            state.item = name
        else:
            state.item = WHICH_ITEM
        return _ask(state)


class Cancel(SafeAction):
    """Stops the list; what was answered stays in the conversation."""

    def name(self) -> str:
        """Name of the action in the domain."""
        return "action_cancel"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[Event]:
        """Close the form, if it is open."""
        if not _is_open(tracker):
            dispatcher.utter_message(response="utter_cancel")
            return []
        state = _state(tracker)
        state.item = None
        dispatcher.utter_message(response="utter_checklist_paused")
        closed: list[Any] = [ActiveLoop(None), SlotSet(_REQUESTED, None)]
        return [*closed, SlotSet(_SLOT, state.as_slot()), SlotSet(_ANSWER, None)]
