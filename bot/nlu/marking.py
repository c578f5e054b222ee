"""What the last steps of the pipeline read of a message, and change of what it was taken for."""

from __future__ import annotations

import numpy as np
from rasa.shared.nlu.constants import (
    ENTITIES,
    FEATURE_TYPE_SENTENCE,
    INTENT,
    INTENT_NAME_KEY,
    PREDICTED_CONFIDENCE_KEY,
)
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.language_detector import LANGUAGE, OTHER


def intent_of(message: Message) -> str | None:
    """Name of the message's intent, if it has one."""
    return (message.get(INTENT) or {}).get(INTENT_NAME_KEY)


def is_in_unknown_language(message: Message) -> bool:
    """Whether the message is for certain in none of our languages."""
    language = message.get(LANGUAGE) or {}
    return language.get("name") == OTHER and bool(language.get("decisive"))


def set_intent(message: Message, intent: str) -> None:
    """Replace the intent; the confidence stays that of the one before."""
    confidence = (message.get(INTENT) or {}).get(PREDICTED_CONFIDENCE_KEY, 1.0)
    message.set(
        INTENT,
        {INTENT_NAME_KEY: intent, PREDICTED_CONFIDENCE_KEY: confidence},
        add_to_output=True,
    )


def add_entity(message: Message, entity: str, value: str, extractor: str) -> None:
    """Add an entity that the whole message stands for, found by `extractor`."""
    found = {"entity": entity, "value": value, "start": 0, "end": 0, "extractor": extractor}
    message.set(ENTITIES, [*message.get(ENTITIES, []), found], add_to_output=True)


def has_entity(message: Message, entity: str) -> bool:
    """Whether an entity of this name was found in the message."""
    return any(found["entity"] == entity for found in message.get(ENTITIES, []))


def sentence_vector(message: Message) -> np.ndarray | None:
    """The vector that the sentence featurizer gave the message, float32 of its size."""
    for feature in message.features:
        if feature.type == FEATURE_TYPE_SENTENCE and feature.is_dense():
            vector: np.ndarray = np.asarray(feature.features)[0]
            return vector
    return None
