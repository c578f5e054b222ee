"""The emergency lane beside the classifier: what cannot wait for a likelier reading.

The rules of `bot/emergency.py` and the learned model of `bot/emergency_model.py` judge together,
and the classifier's ranking counts for them. Where they see an emergency, the message gets the
entity `emergency`, by which the channel puts the card before whatever else is answered, and an
intent that has to do with it, whatever the classifier made of the words.
"""

from __future__ import annotations

import logging
from pathlib import Path
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
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message

from bot import emergency
from bot.emergency_model import EmergencyModel, emergency_file
from bot.languages import is_language
from bot.nlu.language_detector import LANGUAGE
from bot.nlu.marking import add_entity, intent_of, sentence_vector, set_intent

logger = logging.getLogger(__name__)

ENTITY = "emergency"

ANSWERED_BY = {
    "departure": "threat_imminent",
    "violence": "domestic_violence",
    "child": "domestic_violence",
    "suicide": "emotional_support",
}
"""Kind of emergency → the intent whose answer goes on where the card ends."""

URGENT_INTENTS = frozenset(["threat_imminent", "domestic_violence", "missing_child"])
"""Where the classifier thinks of one of these first, a lower score of the model is enough."""

# These fit an emergency as well, where the classifier saw one of them.
_FITTING = frozenset(
    [
        *ANSWERED_BY.values(),
        "missing_child",
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

    def __init__(self, model: EmergencyModel | None) -> None:
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
        return cls(load(emergency_file()))

    def process(self, messages: list[Message]) -> list[Message]:
        """Mark each typed message that tells of an emergency."""
        for message in messages:
            text = message.get(TEXT) or ""
            if not text or text.startswith(INTENT_MESSAGE_PREFIX):
                continue
            kind = self._kind(message, text)
            if kind is not None:
                self._mark(message, kind)
        return messages

    def _kind(self, message: Message, text: str) -> str | None:
        detected = (message.get(LANGUAGE) or {}).get("name")
        rules = emergency.detect(text, detected if is_language(detected) else None)
        vector = sentence_vector(message)
        if self._model is None or vector is None:
            return rules.kind if rules else None
        ranking = message.get(INTENT_RANKING_KEY) or []
        urgent = bool(ranking) and ranking[0][INTENT_NAME_KEY] in URGENT_INTENTS
        return self._model.judge(self._model.scores(text, vector), rules is not None or urgent)

    @staticmethod
    def _mark(message: Message, kind: str) -> None:
        add_entity(message, ENTITY, kind, "EmergencyStep")
        if intent_of(message) not in _FITTING:
            set_intent(message, ANSWERED_BY[kind])


def load(path: Path) -> EmergencyModel | None:
    """The model in `path`, or None, said in the log: then the rules judge alone."""
    try:
        return EmergencyModel.load(path)
    except Exception as error:
        # whatever is wrong with the file, an assistant with the rules alone is better than none
        logger.error(
            "models/%s cannot be read (%s); emergencies are seen by the rules alone. "
            "Run `make train`.",
            path.name,
            type(error).__name__,
        )
        return None
