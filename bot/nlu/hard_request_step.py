"""Sees what Kompas must not help with: hard requests, among them instructions to itself.

After the EmergencyStep, whose intents stay, and before the AnswerStep. A message that the lane of
`bot/hard_request_model.py` believes in gets the entity `hard_request` with its kind and, unless
the usual answer follows, the intent of that name, whatever the classifier made of the words. What
could be one gets the entity `doubtful_hard_request`: a sentence before the usual answer tells the
principle.
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

from bot.hard_request_model import hard_request_file
from bot.hard_requests import DOUBTFUL, ENTITY, INTENT, hard_requests
from bot.lane_model import loaded
from bot.nlu.emergency_step import ENTITY as EMERGENCY
from bot.nlu.marking import (
    add_entity,
    has_entity,
    is_in_unknown_language,
    sentence_vector,
    set_intent,
)
from bot.quick_lane import QuickLane, quick


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class HardRequestStep(GraphComponent, IntentClassifier):
    """Adds the entity `hard_request` with its kind, and the intent that answers it, or a doubt."""

    def __init__(self, model: QuickLane | None) -> None:
        self._model = model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> HardRequestStep:
        """Load the model that lies beside the Rasa model; the component has no options."""
        return cls(quick(loaded(hard_request_file(), "hard requests are answered as any other")))

    def process(self, messages: list[Message]) -> list[Message]:
        """Mark each typed message that is a hard request."""
        for message in messages:
            text = message.get(TEXT) or ""
            vector = sentence_vector(message)
            if self._model is None or vector is None or text.startswith(INTENT_MESSAGE_PREFIX):
                continue
            if is_in_unknown_language(message) or not self._model.knows(text):
                # the model can say nothing of it
                continue
            scores = self._model.scores(text, vector)
            kind = self._model.judge(scores)
            if kind is None:
                doubtful = self._model.doubt(scores)
                if doubtful is not None:
                    add_entity(message, DOUBTFUL, doubtful, "HardRequestStep")
                continue
            add_entity(message, ENTITY, kind, "HardRequestStep")
            if not (hard_requests()[kind].usual_answer or has_entity(message, EMERGENCY)):
                set_intent(message, INTENT)
        return messages
