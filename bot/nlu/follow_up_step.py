"""Weighs what a message can mean by what was said before it.

The classifier sees one message, and what people type second is short and leans on what was said
before. Where no question is open, three things count beside the message alone: what it means
together with the one before (`PreviousMessage`), whether an intent follows on the last topic
(`bot/follow_ups.yml`), and that replies are less likely where nothing was asked. A message that is
plain by itself stays what it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message

from bot.follow_ups import follow_ups
from bot.nlu.marking import add_entity, has_entity
from bot.nlu.options import number
from bot.nlu.previous_message import JOINED
from bot.nlu.untrained_step import UntrainedStep
from bot.trackers import answered_last, last_topic, offered_language

_AGREED = frozenset(["affirm", "change_language"])
_LANGUAGE = "language"
# the least share that counts of an intent, and the share that makes it neither likelier nor less
_LEAST, _USUAL = 0.003, 0.05


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class FollowUpStep(UntrainedStep):
    """Changes the confidences of the ranking, and the intent with them."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Options of the component."""
        return {
            # how many times likelier an intent is that follows on the last topic
            "following": 3.0,
            # how much the reading together with the message before counts: 1 as much as that alone
            "joined": 0.7,
            # and a reply to a question, where none was asked
            "unasked": 0.3,
            # how sure a yes to an offered language must be, from 0 to 1
            "agreed": 0.7,
        }

    def __init__(self, config: dict[str, Any]) -> None:
        number("FollowUpStep", config, "following", 1, 100)
        number("FollowUpStep", config, "unasked", 0.01, 1)
        for option in ("joined", "agreed"):
            number("FollowUpStep", config, option, 0, 1)
        super().__init__(config)
        follow_ups()

    def process(self, messages: list[Message], tracker: DialogueStateTracker) -> list[Message]:
        """Weigh the ranking of each message."""
        joined = next((message for message in messages if message.get(JOINED)), None)
        messages = [message for message in messages if message is not joined]
        offered, weights = offered_language(tracker), self._weights(tracker)
        for message in messages:
            ranking = message.get(INTENT_RANKING_KEY) or []
            if not ranking or (message.get(TEXT) or "").startswith(INTENT_MESSAGE_PREFIX):
                continue
            if offered and self._agrees(message):
                agreed = {INTENT_NAME_KEY: "change_language", PREDICTED_CONFIDENCE_KEY: 1.0}
                message.set(INTENT, agreed, add_to_output=True)
                message.set(INTENT_RANKING_KEY, [agreed], add_to_output=True)
                if not has_entity(message, _LANGUAGE):
                    add_entity(message, _LANGUAGE, offered, "FollowUpStep")
            elif weights:
                alone, together = _confidences(message), _confidences(joined)
                weighed = _weighed(alone, together, self._config["joined"], weights)
                message.set(INTENT_RANKING_KEY, weighed[: len(ranking)], add_to_output=True)
                message.set(INTENT, weighed[0], add_to_output=True)
        return messages

    def _agrees(self, message: Message) -> bool:
        """Whether a message says yes to a language, or names one; a digit says nothing."""
        shares = _confidences(message)
        sure = sum(shares.get(intent, 0.0) for intent in _AGREED) >= self._config["agreed"]
        return sure and any(letter.isalpha() for letter in message.get(TEXT))

    def _weights(self, tracker: DialogueStateTracker) -> Mapping[str, float]:
        """Factor by intent; none while a question is open."""
        if not answered_last(tracker):
            return {}
        after = follow_ups().after.get(last_topic(tracker) or "", ())
        return {
            **dict.fromkeys(follow_ups().replies, float(self._config["unasked"])),
            **dict.fromkeys(after, float(self._config["following"])),
        }


def _confidences(message: Message | None) -> dict[str, float]:
    ranking = message.get(INTENT_RANKING_KEY) if message else None
    return {one[INTENT_NAME_KEY]: one[PREDICTED_CONFIDENCE_KEY] for one in ranking or []}


def _weighed(
    alone: Mapping[str, float],
    together: Mapping[str, float],
    exponent: float,
    weights: Mapping[str, float],
) -> list[dict[str, Any]]:
    """The ranking from both readings; what neither names keeps its share before scaling."""
    found = dict(alone)
    if together:
        for intent in {*alone, *together}:
            likelier = max(together.get(intent, 0.0), _LEAST) / _USUAL
            if intent in follow_ups().closing:
                # a question and thanks together are a question
                likelier = max(likelier, 1.0)
            found[intent] = max(alone.get(intent, 0.0), _LEAST) * likelier**exponent
    found = {intent: share * weights.get(intent, 1.0) for intent, share in found.items()}
    total = max(0.0, 1 - sum(alone.values())) + sum(found.values())
    return [
        {INTENT_NAME_KEY: intent, PREDICTED_CONFIDENCE_KEY: found[intent] / total}
        for intent in sorted(found, key=lambda intent: -found[intent])
    ]
