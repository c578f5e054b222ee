"""The emergency lane beside the classifier: what cannot wait for a likelier reading.

The rules of `bot/emergency.py` and the learned model of `bot/emergency_model.py` judge together,
and the classifier's ranking counts for them. Where they see an emergency, the message gets the
entity `emergency`, by which the channel puts the card before whatever else is answered, and an
intent that has to do with it, whatever the classifier made of the words. Where the classifier
alone sees danger and the model sees none, the visitor is asked back: an alarm that is none costs
the trust in the next one. What could be an emergency gets the entity `doubtful_emergency`: a line
before the usual answer says whom to call if it is one.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.nlu.constants import (
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message

from bot import emergency
from bot.emergency_model import emergency_file
from bot.labelled_messages import NONE
from bot.lane_model import loaded
from bot.languages import is_language
from bot.nlu.ambiguity import ask_back
from bot.nlu.language_detector import LANGUAGE
from bot.nlu.marking import (
    add_entity,
    intent_of,
    is_in_unknown_language,
    sentence_vector,
    set_intent,
)
from bot.quick_lane import QuickLane, quick

ENTITY = "emergency"
DOUBTFUL = "doubtful_emergency"
"""The entity of what could be an emergency; its value is the kind that it could be."""

ANSWERED_BY = {
    "departure": "threat_imminent",
    "violence": "domestic_violence",
    "child": "domestic_violence",
    "suicide": "emotional_support",
}
"""Kind of emergency → the intent whose answer goes on where the card ends."""

MISSING = "missing_child"
"""No kind of the model: what it makes of such a message says little against it."""

URGENT_INTENTS = frozenset(["threat_imminent", "domestic_violence", MISSING])
"""Where the classifier thinks of one of these first, a lower score of the model is enough."""

_SURE = 0.7
"""From here on the classifier is believed about it."""

_SURE_OF_OTHERS = 0.98
"""From here on the model is believed about a language it has not learned: of German and French it
reads most, of Arabic little. What is not believed gets the languages to choose from, and 112."""

# These fit an emergency as well, where the classifier saw one of them.
_FITTING = frozenset(
    [
        *ANSWERED_BY.values(),
        MISSING,
        "child_abducted",
        "child_retained",
        "police_report",
        # the buttons of the languages follow the card
        "other_language",
    ]
)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class EmergencyStep(GraphComponent, IntentClassifier):
    """Adds the entity `emergency` with its kind, and an intent that fits."""

    def __init__(self, model: QuickLane | None) -> None:
        self._model = model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EmergencyStep:
        """Load the model that lies beside the Rasa model; the component has no options."""
        return cls(quick(loaded(emergency_file(), "emergencies are seen by the rules alone")))

    def process(self, messages: list[Message]) -> list[Message]:
        """Mark each typed message that tells of an emergency."""
        for message in messages:
            text = message.get(TEXT) or ""
            if not text or text.startswith(INTENT_MESSAGE_PREFIX):
                continue
            self._look(message, text)
        return messages

    def _look(self, message: Message, text: str) -> None:
        detected = (message.get(LANGUAGE) or {}).get("name")
        rules = emergency.detect(text, detected if is_language(detected) else None)
        vector = sentence_vector(message)
        if self._model is None or vector is None or not self._model.knows(text):
            if rules:
                self._mark(message, rules.kind)
            return
        ranking = message.get(INTENT_RANKING_KEY) or []
        urgent = bool(ranking) and ranking[0][INTENT_NAME_KEY] in URGENT_INTENTS
        scores = self._model.scores(text, vector)
        kind = self._model.judge(scores, rules is not None, urgent)
        learned = not is_in_unknown_language(message)
        if kind is not None and (learned or rules or 1 - scores[NONE] >= _SURE_OF_OTHERS):
            self._mark(message, kind)
            return
        doubtful = self._model.doubt(scores)
        if doubtful is not None and learned:
            add_entity(message, DOUBTFUL, doubtful, "EmergencyStep")
        if self._may_be_denied(message, ranking):
            ask_back(message, ranking)

    @staticmethod
    def _may_be_denied(message: Message, ranking: list[dict[str, Any]]) -> bool:
        """Whether the classifier's alarm is one that the model may deny."""
        intent = intent_of(message)
        if intent == MISSING:
            return not ranking or ranking[0][PREDICTED_CONFIDENCE_KEY] < _SURE
        return intent in URGENT_INTENTS

    @staticmethod
    def _mark(message: Message, kind: str) -> None:
        add_entity(message, ENTITY, kind, "EmergencyStep")
        if intent_of(message) not in _FITTING:
            set_intent(message, ANSWERED_BY[kind])
