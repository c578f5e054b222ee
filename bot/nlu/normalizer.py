"""Cleans what was typed, before any other component looks at it."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.languages import clean, fold

FOLDED = "folded"
"""Attribute of a message: its text in lower-case base letters, position by position."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class Normalizer(GraphComponent):
    """Sets `text` to its clean form (NFC, nothing invisible) and `folded` to its folded copy."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Normalizer:
        """Create the component; it has no options."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Normalise each message in place."""
        for message in messages:
            text = clean(message.get(TEXT) or "")
            message.set(TEXT, text)
            message.set(FOLDED, fold(text))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Normalise the training messages in place."""
        self.process([m for m in training_data.training_examples if m.get(TEXT)])
        return training_data
