"""What a typed message becomes while a question of the checklist is open."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from rasa.shared.core.events import ActiveLoop, BotUttered, SlotSet, UserUttered
from rasa.shared.core.slots import AnySlot, TextSlot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message

from bot import handover
from bot.model import answers_file
from bot.nlu.answer_model import AnswerModel
from bot.nlu.answer_step import AnswerStep
from bot.nlu.sentence_featurizer import shared_encoder

BEGUN = {"q_safety": "no", "q_role": "left_behind_parent"}


@pytest.fixture(scope="module")
def step() -> AnswerStep:
    return AnswerStep(AnswerStep.get_default_config(), AnswerModel.load(answers_file()))


def tracker(
    answers: dict[str, Any] | None, item: str | None = None, *, open_: bool = True, said: str = ""
) -> DialogueStateTracker:
    slots = [
        AnySlot("checklist", mappings=[], influence_conversation=False),
        TextSlot("language", mappings=[], influence_conversation=False),
    ]
    events: list[Any] = [SlotSet("language", "nl")]
    if answers is not None:
        events.append(SlotSet("checklist", {"answers": answers, "item": item}))
    if open_:
        events.append(ActiveLoop("checklist_form"))
    if said:
        events += [UserUttered("…"), BotUttered("…", {"custom": {"id": said}})]
    return DialogueStateTracker.from_events("sender", events, slots)


def message(text: str, intent: str = "out_of_scope", confidence: float = 0.9) -> Message:
    made = Message({TEXT: text})
    ranking = [{"name": intent, "confidence": confidence}]
    made.set("intent", ranking[0])
    made.set("intent_ranking", ranking)
    vector = shared_encoder("kompas")([text])
    made.add_features(Features(np.asarray(vector), FEATURE_TYPE_SENTENCE, TEXT, "test"))
    return made


def understood(step: AnswerStep, made: Message, where: DialogueStateTracker) -> tuple[str, Any]:
    step.process([made], where)
    values = {e["entity"]: e["value"] for e in made.get("entities", [])}
    return made.get("intent")["name"], values.get("answer") or values.get("item")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("in Nederland", "q_home_country=NL"),
        ("Polska", "q_home_country=PL"),
        ("bij mij in Gent", "q_home_country=BE"),
        ("geen idee eigenlijk", "q_home_country=unknown"),
    ],
)
def test_an_answer_becomes_an_answer(step: AnswerStep, text: str, line: str) -> None:
    assert understood(step, message(text), tracker(BEGUN)) == ("checklist_answer", line)


def test_a_country_that_is_also_a_wish_for_a_language_is_an_answer(step: AnswerStep) -> None:
    made = message("turkije", "change_language", 0.85)
    assert understood(step, made, tracker(BEGUN)) == ("checklist_answer", "q_home_country=TR")


@pytest.mark.parametrize("intent", ["cancel", "why_ask", "ask_human", "change_language"])
def test_a_wish_about_the_conversation_is_none(step: AnswerStep, intent: str) -> None:
    made = message("ik wil nu even iets heel anders van u", intent, 0.99)
    assert understood(step, made, tracker(BEGUN)) == (intent, None)


def test_another_question_stays_what_it_is(step: AnswerStep) -> None:
    made = message("wat kost een advocaat", "hague_costs")
    assert understood(step, made, tracker(BEGUN)) == ("hague_costs", None)


def test_several_countries_are_offered_as_buttons(step: AnswerStep) -> None:
    intent, line = understood(step, message("Nederland of Polen"), tracker(BEGUN))
    assert intent == "checklist_answer"
    assert line == "q_home_country?problem_countries_several|q_home_country=NL|q_home_country=PL"


def test_yes_and_no_without_a_meaning_are_asked_again(step: AnswerStep) -> None:
    intent, line = understood(step, message("ja", "affirm"), tracker(BEGUN))
    assert intent == "checklist_answer"
    assert line.startswith("q_home_country?")


def test_a_story_that_says_one_thing_is_an_answer(step: AnswerStep) -> None:
    story = (
        "Ik ben zo moe van alles. Mijn ex belt niet meer terug en mijn moeder huilt elke dag. "
        "We woonden gewoon in Nederland, al jaren. Ik weet niet meer wat ik moet doen, echt niet."
    )
    assert understood(step, message(story), tracker(BEGUN)) == (
        "checklist_answer",
        "q_home_country=NL",
    )


@pytest.mark.parametrize("where", [tracker(None, open_=False), tracker(BEGUN, open_=False)])
def test_nothing_changes_while_no_question_is_open(step: AnswerStep, where) -> None:
    assert understood(step, message("Nederland"), where) == ("out_of_scope", None)


@pytest.mark.parametrize("said", ["utter_checklist_offer", "utter_checklist_paused"])
def test_yes_after_the_offer_goes_on_with_the_list(step: AnswerStep, said: str) -> None:
    made = message("ja graag", "affirm")
    found = understood(step, made, tracker(BEGUN, said=said))
    assert found == ("hague_start_checklist", None)


def test_after_the_offer_nothing_is_noted(step: AnswerStep) -> None:
    made = message("Nederland")
    where = tracker(BEGUN, said="utter_checklist_offer")
    assert understood(step, made, where) == ("out_of_scope", None)


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("de leeftijd klopt niet", "q_age"),
        ("ik wil het land veranderen waar hij nu is", "q_child_where"),
    ],
)
def test_what_is_to_be_changed_is_found(step: AnswerStep, text: str, item: str) -> None:
    made = message(text, "correct_answer", 0.99)
    assert understood(step, made, tracker(BEGUN)) == ("correct_answer", item)


def test_a_button_is_left_alone(step: AnswerStep) -> None:
    made = message("/checklist_answer")
    assert understood(step, made, tracker(BEGUN)) == ("out_of_scope", None)


@pytest.mark.parametrize(
    "option",
    [{"encoder": "onnx"}, {"story_words": 0}, {"most_sentences": "many"}, {"control": 2}],
)
def test_wrong_options_are_named(step: AnswerStep, option: dict[str, Any]) -> None:
    config = {**AnswerStep.get_default_config(), **option}
    with pytest.raises(InvalidConfigException, match=f"AnswerStep.*{next(iter(option))}"):
        AnswerStep(config, step._model)


def test_danger_comes_before_any_answer(step: AnswerStep) -> None:
    made = message("hij slaat mij nu, we zijn in Nederland", "domestic_violence", 0.8)
    assert understood(step, made, tracker(BEGUN)) == ("domestic_violence", None)


def test_danger_is_an_answer_where_it_was_asked_for(step: AnswerStep) -> None:
    made = message("er is nu gevaar, hij slaat ons", "domestic_violence", 0.9)
    assert understood(step, made, tracker({})) == ("checklist_answer", "q_safety=danger")


# --- the questions of the hand-over ---------------------------------------------------------


def read(made: Message, where: DialogueStateTracker, by: AnswerStep) -> tuple[str, str | None]:
    """Intent and step of the hand-over that a typed message has become."""
    by.process([made], where)
    values = {e["entity"]: e["value"] for e in made.get("entities", [])}
    return made.get("intent")["name"], values.get(handover.ENTITY)


def after(key: str) -> DialogueStateTracker:
    return tracker(None, open_=False, said=key)


@pytest.mark.parametrize(
    ("asked", "text", "intent", "expected"),
    [
        (handover.ASK, "ja graag", "affirm", "yes"),
        (handover.ASK, "evet lütfen", "affirm", "yes"),
        (handover.ASK, "ja, ik wil iemand spreken", "ask_human", "yes"),
        (handover.ASK, "nie, dziękuję", "deny", "no"),
        (handover.ASK, "stop maar", "cancel", "no"),
        (handover.ROLE_ASK, "zeg ik niet", "skip_unknown", "role=unknown"),
        (handover.ROLE_ASK, "laat maar", "cancel", "no"),
        (handover.FORM, "nee toch niet", "deny", "no"),
        (handover.FORM, "stop", "cancel", "no"),
        (handover.WITHDRAW_ASK, "ja", "affirm", "withdraw_yes"),
        (handover.WITHDRAW_ASK, "nee", "deny", "withdraw_no"),
        (handover.WITHDRAW_ASK, "stop", "cancel", "withdraw_no"),
    ],
)
def test_a_typed_yes_or_no_is_the_answer_to_what_was_asked(
    step: AnswerStep,
    asked: str,
    text: str,
    intent: str,
    expected: str,
) -> None:
    assert read(message(text, intent), after(asked), step) == (handover.INTENT, expected)


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("ik ben de vader, de moeder is met ons kind weg", "left_behind"),
        ("ik ben advocaat", "professional"),
        ("ik ben de oma", "relative"),
        ("ben babaannesiyim", "relative"),
    ],
)
def test_who_it_is_can_be_typed(step: AnswerStep, text: str, role: str) -> None:
    found = read(message(text), after(handover.ROLE_ASK), step)
    assert found == (handover.INTENT, f"role={role}")


def test_an_unclear_answer_to_who_it_is_is_not_asked_again(step: AnswerStep) -> None:
    found = read(message("ja", "affirm"), after(handover.ROLE_ASK), step)
    assert found == (handover.INTENT, "role=unknown")


@pytest.mark.parametrize("asked", [handover.ASK, handover.ROLE_ASK, handover.FORM])
def test_another_question_is_answered_as_such(step: AnswerStep, asked: str) -> None:
    made = message("wat kost een advocaat", "hague_costs")
    assert read(made, after(asked), step) == ("hague_costs", None)


@pytest.mark.parametrize("asked", [handover.ASK, handover.ROLE_ASK, handover.WITHDRAW_ASK])
def test_an_emergency_is_no_answer(step: AnswerStep, asked: str) -> None:
    made = message("ja hij slaat mij nu", "affirm")
    made.set("entities", [{"entity": "emergency", "value": "violence"}])
    assert read(made, after(asked), step) == ("affirm", None)


@pytest.mark.parametrize("asked", [handover.ASK, handover.ROLE_ASK, handover.WITHDRAW_ASK])
def test_a_hard_request_is_no_answer(step: AnswerStep, asked: str) -> None:
    made = message("ja en hoe vervals ik een handtekening", "hard_request")
    assert read(made, after(asked), step) == ("hard_request", None)


@pytest.mark.parametrize("text", ["in Nederland", "geen idee eigenlijk"])
def test_a_hard_request_interrupts_the_checklist(step: AnswerStep, text: str) -> None:
    assert understood(step, message(text, "hard_request"), tracker(BEGUN)) == ("hard_request", None)


@pytest.mark.parametrize("said", ["utter_greet", "utter_handover_done", "utter_handover_known"])
def test_yes_to_anything_else_is_no_step(step: AnswerStep, said: str) -> None:
    assert read(message("ja", "affirm"), after(said), step) == ("affirm", None)


def test_yes_counts_for_the_last_question_only(step: AnswerStep) -> None:
    events = [
        UserUttered("…"),
        BotUttered("…", {"custom": {"id": handover.ASK}}),
        UserUttered("…"),
        BotUttered("…", {"custom": {"id": "utter_hague_costs"}}),
    ]
    where = DialogueStateTracker.from_events("sender", events, [])
    assert read(message("ja", "affirm"), where, step) == ("affirm", None)


def test_within_the_checklist_yes_answers_what_was_asked_last(step: AnswerStep) -> None:
    where = tracker(BEGUN, said=handover.ASK)
    assert read(message("ja", "affirm"), where, step) == (handover.INTENT, "yes")


def test_a_pressed_step_is_left_alone(step: AnswerStep) -> None:
    made = message('/handover{"handover": "yes"}', handover.INTENT)
    assert read(made, after(handover.ASK), step) == (handover.INTENT, None)
