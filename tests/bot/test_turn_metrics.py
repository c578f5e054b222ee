"""What is counted of a turn: by closed labels, from its own events."""

from __future__ import annotations

from typing import Any

import pytest
from nlu_parts import ROOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.io import read_file

from bot import turn_metrics
from bot.metrics import REGISTRY
from bot.turn_metrics import count, erased

DOMAIN = Domain.from_yaml(read_file(str(ROOT / "domain.yml")))
INTENTS = frozenset(DOMAIN.intents)
MARK = "Steltkluut 0612345678"


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"kompas_{name}_total", labels) or 0.0


class Counted:
    """How much a figure rises: `rises()` since it was made."""

    def __init__(self, name: str, **labels: str) -> None:
        self._name, self._labels = name, labels
        self._before = value(name, **labels)

    def rises(self) -> float:
        return value(self._name, **self._labels) - self._before


def user(
    intent: str, text: str = MARK, entities: dict[str, str] | None = None, **parsed: Any
) -> UserUttered:
    found = [{"entity": name, "value": each} for name, each in (entities or {}).items()]
    data = {"intent": {"name": intent}, "entities": found, **parsed}
    return UserUttered(text, {"name": intent, "confidence": 1.0}, found, parse_data=data)


def bot(*keys: str) -> list[Event]:
    return [BotUttered(MARK, {"custom": {"id": key, "lang": "tr"}}) for key in keys]


def talk(*events: Event, language: str = "tr") -> DialogueStateTracker:
    chosen = SlotSet("language", language)
    return DialogueStateTracker.from_events("0a" * 32, [chosen, *events], DOMAIN.slots)


def test_a_message_counts_by_intent_and_language():
    messages = Counted("messages", intent="hague_costs", language="tr")
    count(talk(user("hague_costs"), *bot("utter_hague_costs")), INTENTS)
    assert messages.rises() == 1


def test_an_intent_that_the_domain_has_not_is_other():
    messages = Counted("messages", intent="other", language="tr")
    count(talk(user(MARK)), INTENTS)
    assert messages.rises() == 1


@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        (user("hague_costs"), "understood"),
        (user("hague_costs", "/hague_costs"), "pressed"),
        (user("nlu_fallback", options=["hague_costs", "menu"]), "asked_back"),
        (user("nlu_fallback"), "not_understood"),
        (user("other_language"), "other_language"),
    ],
)
def test_how_a_message_was_understood(message: UserUttered, outcome: str):
    figure = Counted("understanding", outcome=outcome, language="tr")
    count(talk(message, *bot("utter_menu")), INTENTS)
    assert figure.rises() == 1


def test_only_the_last_turn_is_counted():
    first = Counted("messages", intent="hague_costs", language="tr")
    count(talk(user("hague_costs"), *bot("utter_hague_costs"), user("greet")), INTENTS)
    assert first.rises() == 0


@pytest.mark.parametrize(("kind", "label"), [("violence", "violence"), (MARK, "other")])
def test_an_emergency_counts_by_kind_and_language(kind: str, label: str):
    figure = Counted("emergencies", kind=label, language="tr")
    count(talk(user("domestic_violence", entities={"emergency": kind})), INTENTS)
    assert figure.rises() == 1


def test_a_hard_request_counts_by_kind():
    kind = turn_metrics.HARD_KINDS[0]
    figure = Counted("hard_requests", kind=kind)
    count(talk(user("hard_request", entities={"hard_request": kind})), INTENTS)
    assert figure.rises() == 1


BEGIN = [
    user("hague_start_checklist"),
    ActionExecuted("action_start_checklist"),
    *bot("utter_hague_start_checklist", "utter_checklist_question"),
]
RESULT = [user("checklist_answer"), *bot("utter_checklist_result")]


@pytest.mark.parametrize(
    ("events", "step", "number"),
    [
        (BEGIN, "begun", 1),
        ([*BEGIN, user("checklist_answer"), *bot("utter_checklist_question")], "begun", 0),
        ([*BEGIN, user("stop"), *bot("utter_checklist_paused")], "paused", 1),
        ([*BEGIN, *RESULT], "finished", 1),
        ([*BEGIN, *RESULT, *RESULT], "finished", 0),
        ([*BEGIN, *RESULT, *BEGIN, *RESULT], "finished", 1),
    ],
)
def test_walks_through_the_checklist(events: list[Event], step: str, number: int):
    figure = Counted("checklists", step=step, language="tr")
    count(talk(*events), INTENTS)
    assert figure.rises() == number


def handed(number: int) -> SlotSet:
    return SlotSet("handover", {"number": number, "state": "waiting"})


@pytest.mark.parametrize(
    ("events", "step", "number"),
    [
        ([user("ask_human"), *bot("utter_ask_human")], "asked", 1),
        ([user("handover"), *bot("utter_handover_declined")], "declined", 1),
        ([user("handover"), *bot("utter_handover_done"), handed(1)], "accepted", 1),
        ([user("handover"), *bot("utter_handover_waiting"), handed(1)], "accepted", 1),
        # asked how it stands
        (
            [handed(1), user("ask_human"), *bot("utter_handover_waiting"), handed(1)],
            "accepted",
            0,
        ),
        # a second case, after the first or after it was taken back
        ([handed(1), user("handover"), *bot("utter_handover_done"), handed(2)], "accepted", 1),
        (
            [handed(1), handed(0), user("handover"), *bot("utter_handover_done"), handed(1)],
            "accepted",
            1,
        ),
        ([user("handover"), *bot("utter_handover_withdrawing")], "taken_back", 1),
    ],
)
def test_steps_of_the_hand_over(events: list[Event], step: str, number: int):
    figure = Counted("handovers", step=step, language="tr")
    count(talk(*events), INTENTS)
    assert figure.rises() == number


@pytest.mark.parametrize(
    ("said", "abandoned"),
    [
        (["utter_greet"], 0),
        (["utter_hague_start_checklist", "utter_checklist_question"], 1),
        (["utter_hague_start_checklist", "utter_checklist_result"], 0),
    ],
)
def test_a_walk_without_result_is_abandoned_with_its_conversation(said: list[str], abandoned: int):
    figure = Counted("checklists", step="abandoned", language="pl")
    gone = Counted("erasures", reason="asked")
    erased([(key, "pl") for key in said], "asked")
    assert (figure.rises(), gone.rises()) == (abandoned, 1)


def test_a_conversation_of_which_nothing_is_left_is_not_erased_again():
    gone = Counted("erasures", reason="asked")
    erased([], "asked")
    assert gone.rises() == 0


def test_no_word_becomes_a_label():
    tracker = talk(user(MARK, entities={"emergency": MARK, "hard_request": MARK}), *bot(MARK))
    count(tracker, INTENTS)
    erased([("utter_hague_start_checklist", MARK)], MARK)
    for family in REGISTRY.collect():
        for sample in family.samples:
            assert MARK not in sample.labels.values()
