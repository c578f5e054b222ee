"""Cleans what was typed, before any other component looks at it."""

from __future__ import annotations

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.languages import clean, fold
from bot.nlu.untrained_step import MadeFromOptions

FOLDED = "folded"
"""Attribute of a message: its text in lower-case base letters, position by position."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class Normalizer(MadeFromOptions):
    """Sets `text` to its clean form (NFC, nothing invisible) and `folded` to its folded copy."""

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
