"""Understands what is typed while a question of the checklist is open.

The last step of the pipeline. The intents are known by now; where the message answers the open
question (the tracker says which), the intent becomes `checklist_answer` with the answer as an
entity, and otherwise stays what it is: an interruption, which is answered before the question
comes again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import (
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message

from bot import handover
from bot.checklist import reading
from bot.checklist.examples import DOCUMENT_STATUS, ITEMS, NO_ITEM, OTHER
from bot.checklist.questions import UNKNOWN, checklist
from bot.checklist.reading import Reading
from bot.checklist.state import FORM, WHICH_ITEM, State
from bot.hard_requests import INTENT as HARD_REQUEST
from bot.languages import is_language
from bot.model import answers_file
from bot.nlg.answers import current_time
from bot.nlg.checklist_messages import INTERRUPTING, OFFER
from bot.nlu.answer_model import AnswerModel
from bot.nlu.emergency_step import ENTITY as EMERGENCY
from bot.nlu.language_detector import LANGUAGE
from bot.nlu.marking import add_entity, has_entity, intent_of, sentence_vector, set_intent
from bot.nlu.options import number
from bot.nlu.sentence_featurizer import ENCODERS, shared_encoder
from bot.slots import spoken_language
from bot.trackers import last_said

ANSWER_INTENT = "checklist_answer"
ANSWER_ENTITY = "answer"
ITEM_ENTITY = "item"
SAFETY = "q_safety"

# Wishes about the conversation itself: they are no answers, however short the question.
_CONTROL = frozenset(
    ["cancel", "why_ask", "correct_answer", "change_language", "hague_start_checklist", "ask_human"]
)
_LAWYER = frozenset(["lawyer"])
# What an intent says to a question of the hand-over.
_HANDOVER_STEPS: Mapping[str, Mapping[str, str]] = {
    handover.ASK: {
        "affirm": handover.YES,
        # "ja, ik wil graag iemand spreken"
        "ask_human": handover.YES,
        "deny": handover.NO,
        "cancel": handover.NO,
    },
    handover.ROLE_ASK: {
        "skip_unknown": handover.role_step("unknown"),
        "cancel": handover.NO,
    },
    handover.FORM: {"deny": handover.NO, "cancel": handover.NO},
    handover.WITHDRAW_ASK: {
        "affirm": handover.WITHDRAW_YES,
        "deny": handover.WITHDRAW_NO,
        "cancel": handover.WITHDRAW_NO,
    },
}
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\s*\n\s*")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class AnswerStep(GraphComponent, IntentClassifier):
    """Turns an answer to the open question into `checklist_answer`."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Options of the component."""
        return {
            # the encoder of SentenceFeaturizer
            "encoder": "kompas",
            # words from which on a message is a story, read sentence by sentence as well
            "story_words": 25,
            # and how many sentences at most
            "most_sentences": 10,
            # an intent about the conversation itself is believed from here on
            "control": 0.7,
            # and where the message also reads as an answer ("Turkije", "dat klopt niet") from here
            "certain_control": 0.97,
            # danger is believed from here on, and comes before any answer
            "urgent": 0.6,
        }

    def __init__(self, config: dict[str, Any], model: AnswerModel) -> None:
        if config["encoder"] not in set(ENCODERS) - {"onnx"}:
            raise InvalidConfigException(
                f"config.yml: AnswerStep: encoder is {config['encoder']!r}. "
                f"Choose one of {', '.join(sorted(set(ENCODERS) - {'onnx'}))}."
            )
        number("AnswerStep", config, "story_words", 1, 10_000)
        number("AnswerStep", config, "most_sentences", 1, 100)
        number("AnswerStep", config, "control", 0, 1)
        number("AnswerStep", config, "certain_control", 0, 1)
        number("AnswerStep", config, "urgent", 0, 1)
        self._config = config
        self._model = model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> AnswerStep:
        """Load the answer model that lies beside the Rasa model."""
        return cls(config, AnswerModel.load(answers_file()))

    def process(self, messages: list[Message], tracker: DialogueStateTracker) -> list[Message]:
        """Change the intent of each message that answers what `tracker` says is open."""
        item = open_item(tracker)
        for message in messages:
            text = message.get(TEXT) or ""
            if not text or text.startswith(INTENT_MESSAGE_PREFIX):
                continue
            if intent_of(message) == HARD_REQUEST:
                # an interruption, whatever is open
                continue
            if self._answers_handover(message, text, tracker):
                continue
            if item is not None and tracker.active_loop_name == FORM:
                self._understand(message, text, item, tracker)
            elif _was_offered(tracker) and intent_of(message) == "affirm":
                set_intent(message, "hague_start_checklist")
            elif intent_of(message) == "correct_answer":
                self._add_item(message, text)
        return messages

    def _answers_handover(self, message: Message, text: str, tracker: DialogueStateTracker) -> bool:
        """Turn the answer to what the hand-over asked into its step; whether it was one."""
        asked, intent = last_said(tracker), intent_of(message)
        if has_entity(message, EMERGENCY):
            return False
        step = _HANDOVER_STEPS.get(asked or "", {}).get(intent or "")
        if asked == handover.ROLE_ASK and step is None:
            found = self.read(message, text, "q_role", _language(message, tracker))
            if found is not None:
                said = handover.role_said(found.line, found.candidates, intent)
                step = handover.role_step(said)
        if step is None:
            return False
        set_intent(message, handover.INTENT)
        add_entity(message, handover.ENTITY, step, "AnswerStep")
        return True

    def _understand(
        self, message: Message, text: str, item: str, tracker: DialogueStateTracker
    ) -> None:
        if _was_offered(tracker):
            if intent_of(message) == "affirm":
                set_intent(message, "hague_start_checklist")
            elif intent_of(message) == "deny":
                set_intent(message, "cancel")
            return
        if item == WHICH_ITEM:
            self._understand_choice(message, text)
            return
        if self._is_urgent(message, item):
            return
        found = self.read(message, text, item, _language(message, tracker))
        noted = found is not None and found.line is not None
        # "Turkije" may sound like a wish for a language, but a country was asked for
        named = noted and intent_of(message) == "change_language"
        if found is not None and not noted and self._means(message, _LAWYER, "control"):
            # "bir avukatla konuşmak istiyorum" to "who are you?"
            return
        if not named and self._means(message, _CONTROL, "certain_control" if noted else "control"):
            if intent_of(message) == "correct_answer":
                self._add_item(message, text)
        elif found is not None:
            _answer(message, found)
        elif intent_of(message) == "out_of_scope":
            # "çocuğun yaşını düzeltmek istiyorum" is about the checklist, if about anything
            self._correct_item(message, text)
        elif intent_of(message) == "other_language":
            # a word or two that answer nothing are no reason to doubt the language
            _answer(message, Reading(item, reason="utter_checklist_unclear"))

    def read(self, message: Message, text: str, item: str, language: str | None) -> Reading | None:
        """What `text` says to `item`; None when it says something else."""
        name, _, part = item.partition("/")
        question = checklist().questions[name]
        head = DOCUMENT_STATUS if question.type == "per_document" and part else name
        today = current_time().date()
        vector = sentence_vector(message)
        if vector is None:
            vector = self._encoded(text)

        def single(piece: str, encoded: np.ndarray) -> Reading | None:
            scores = self._model.scores(head, piece, encoded)
            return reading.read(question, item, piece, language, scores, today)

        whole = single(text, vector)
        if len(text.split()) >= int(self._config["story_words"]):
            whole = self._story(text, whole, item, single)
        if whole is None and self._says_nothing_else(message):
            plain = f"{item}={UNKNOWN}" if intent_of(message) == "skip_unknown" else None
            whole = Reading(item, plain, None if plain else "utter_checklist_unclear")
        return whole

    def _story(self, text: str, whole: Reading | None, item: str, single: Any) -> Reading | None:
        """A long message: noted is what its sentences say, if they say one thing only."""
        sentences = [each for each in _SENTENCE.split(text) if each.strip()]
        found = [
            single(each, self._encoded(each))
            for each in sentences[: int(self._config["most_sentences"])]
        ]
        lines = {each.line for each in found if each and each.line}
        if whole and whole.line:
            lines.add(whole.line)
        lines.discard(f"{item}={UNKNOWN}")
        if len(lines) == 1:
            return Reading(item, lines.pop())
        if whole is None and not lines:
            return None
        return Reading(item, reason="utter_checklist_long", candidates=tuple(sorted(lines)[:3]))

    def _understand_choice(self, message: Message, text: str) -> None:
        """The visitor was asked which answer to change."""
        intent = intent_of(message)
        if intent in ("deny", "skip_unknown"):
            set_intent(message, "hague_start_checklist")
        elif intent not in _CONTROL - {"correct_answer"}:
            self._correct_item(message, text)

    def _correct_item(self, message: Message, text: str) -> None:
        """A message that names an answer is a wish to change it."""
        if self._add_item(message, text):
            set_intent(message, "correct_answer")

    def _add_item(self, message: Message, text: str) -> bool:
        """Mark the answer that a message wants to change; whether it says which."""
        name = self._item(message, text)
        if name is not None:
            add_entity(message, ITEM_ENTITY, name, "AnswerStep")
        return name is not None

    def _item(self, message: Message, text: str) -> str | None:
        """The question whose answer a message wants to change, if it says which."""
        vector = sentence_vector(message)
        scores = self._model.scores(ITEMS, text, self._encoded(text) if vector is None else vector)
        ranked = sorted(scores.items(), key=lambda pair: -pair[1])
        (first, best), (_, second) = ranked[0], ranked[1]
        if first in (NO_ITEM, OTHER) or best < 0.5 or best - second < 0.2:
            return None
        return first

    def _is_urgent(self, message: Message, item: str) -> bool:
        """Whether something else comes before any answer, unless that is what was asked."""
        intent = intent_of(message)
        asked = checklist().questions[item.partition("/")[0]]
        ranking = message.get(INTENT_RANKING_KEY) or []
        if has_entity(message, EMERGENCY):
            # only the question about safety asks for just that
            return asked.id != SAFETY
        return (
            intent in INTERRUPTING
            and intent not in asked.overlaps
            and bool(ranking)
            and ranking[0][PREDICTED_CONFIDENCE_KEY] >= self._config["urgent"]
        )

    def _means(self, message: Message, intents: frozenset[str], threshold: str) -> bool:
        """Whether the classifier is sure enough that it is one of `intents`."""
        ranking = message.get(INTENT_RANKING_KEY) or []
        return (
            intent_of(message) in intents
            and bool(ranking)
            and ranking[0][PREDICTED_CONFIDENCE_KEY] >= self._config[threshold]
        )

    def _says_nothing_else(self, message: Message) -> bool:
        """Whether no intent but yes, no or "don't know" was understood: then one asks again."""
        return intent_of(message) in ("affirm", "deny", "skip_unknown")

    def _encoded(self, text: str) -> np.ndarray:
        vector: np.ndarray = shared_encoder(self._config["encoder"])([text])[0]
        return vector


def open_item(tracker: DialogueStateTracker) -> str | None:
    """The item of the checklist that is asked, None when the list was not begun or is done."""
    state = State(tracker.get_slot("checklist") if "checklist" in tracker.slots else None)
    return state.current(current_time().date()) if state.given else None


def _was_offered(tracker: DialogueStateTracker) -> bool:
    """Whether the last message offered to go on with the list, and asked no question."""
    return last_said(tracker) in (OFFER, "utter_checklist_paused")


def _language(message: Message, tracker: DialogueStateTracker) -> str | None:
    """The language of the message; of one too short to tell, that of the conversation."""
    detected = message.get(LANGUAGE) or {}
    if detected.get("decisive") and is_language(detected.get("name")):
        return str(detected["name"])
    return spoken_language(tracker.get_slot)


def _answer(message: Message, found: Reading) -> None:
    set_intent(message, ANSWER_INTENT)
    line = found.line
    if line is None:
        line = "|".join([f"{found.item}?{found.reason}", *found.candidates])
    add_entity(message, ANSWER_ENTITY, line, "AnswerStep")
