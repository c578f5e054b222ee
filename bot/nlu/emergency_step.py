"""The emergency lane beside the classifier: what cannot wait for a likelier reading.

Where the rules of `bot/emergency.py` see an emergency, the message gets the entity `emergency`, by
which the channel puts the card before whatever else is answered, and an intent that has to do
with it, whatever the classifier made of the words.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot import emergency
from bot.languages import is_language
from bot.nlu.language_detector import LANGUAGE
from bot.nlu.marking import add_entity, intent_of, set_intent

ENTITY = "emergency"

ANSWERED_BY = {
    "departure": "threat_imminent",
    "violence": "domestic_violence",
    "child": "domestic_violence",
    "suicide": "emotional_support",
}
"""Kind of emergency → the intent whose answer goes on where the card ends."""

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

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EmergencyStep:
        """Create the component; it has no options."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Mark each typed message that tells of an emergency."""
        for message in messages:
            text = message.get(TEXT) or ""
            if not text or text.startswith(INTENT_MESSAGE_PREFIX):
                continue
            detected = (message.get(LANGUAGE) or {}).get("name")
            found = emergency.detect(text, detected if is_language(detected) else None)
            if found is not None:
                self._mark(message, found.kind)
        return messages

    @staticmethod
    def _mark(message: Message, kind: str) -> None:
        add_entity(message, ENTITY, kind, "EmergencyStep")
        if intent_of(message) not in _FITTING:
            set_intent(message, ANSWERED_BY[kind])
