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
