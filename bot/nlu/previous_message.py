"""Reads a short message once more, together with the one before it.

"Can I download it?" says little, and much after "do I need a letter of consent?". A second message
of both texts goes through the pipeline beside the first; `FollowUpStep` weighs what the two mean
and takes the second away.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.options import number
from bot.nlu.untrained_step import UntrainedStep
from bot.trackers import answered_last, last_typed

JOINED = "joined"
"""Attribute of the second message."""

_MOST_CHARACTERS = 300
"""Of the message before: its end, where the point of a long one mostly stands."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class PreviousMessage(UntrainedStep):
    """Adds the message that a later step reads beside the one that was typed."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Options of the component."""
        return {
            # a message of more words says itself what it means
            "most_words": 12,
        }

    def __init__(self, config: dict[str, Any]) -> None:
        number("PreviousMessage", config, "most_words", 1, 1000)
        super().__init__(config)

    def process(self, messages: list[Message], tracker: DialogueStateTracker) -> list[Message]:
        """Append the second message, where the one before was typed and answered."""
        if len(messages) != 1 or not answered_last(tracker):
            return messages
        text, before = messages[0].get(TEXT) or "", last_typed(tracker)
        if (
            before is None
            or text.startswith(INTENT_MESSAGE_PREFIX)
            or not 0 < len(text.split()) <= self._config["most_words"]
        ):
            return messages
        joined = Message(data={TEXT: f"{before[-_MOST_CHARACTERS:]}. {text}", JOINED: True})
        return [*messages, joined]
