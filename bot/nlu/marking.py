"""How the last steps of the pipeline change what a message was taken for."""

from __future__ import annotations

from rasa.shared.nlu.constants import (
    ENTITIES,
    INTENT,
    INTENT_NAME_KEY,
    PREDICTED_CONFIDENCE_KEY,
)
from rasa.shared.nlu.training_data.message import Message


def intent_of(message: Message) -> str | None:
    """Name of the message's intent, if it has one."""
    return (message.get(INTENT) or {}).get(INTENT_NAME_KEY)


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
