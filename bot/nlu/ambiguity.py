"""Asks back instead of guessing, and notices a language that the assistant does not speak.

When the classifier is not sure, the visitor is offered the two or three likeliest intents in
her own words. A wrong answer costs a frightened parent more than one more touch.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME, INTENT_MESSAGE_PREFIX
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import (
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.marking import is_in_unknown_language, set_intent
from bot.nlu.options import number
from bot.nlu.untrained_step import UntrainedStep
from bot.trackers import answered_last

OPTIONS = "options"
"""Attribute of a message: the intents to offer, likeliest first; absent when sure."""

OTHER_LANGUAGE = "other_language"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class AmbiguityStep(UntrainedStep):
    """Replaces an unsure intent by Rasa's `nlu_fallback`, with the intents to offer."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Options of the component. Confidences are the calibrated ones, from 0 to 1."""
        return {
            # below this the assistant asks back
            "threshold": 0.7,
            # and when the second is so near to the first
            "margin": 0.2,
            # either answer serves who asks what a lawyer costs: between these the likelier is
            # given, where the two together are sure
            "alike": [["hague_costs", "lawyer"]],
            # how many intents are offered at most
            "most_options": 3,
            # one less likely than this is not offered
            "least_option": 0.03,
            # answered even when unsure: waiting for a choice could cost the minutes that count
            "urgent": ["threat_imminent", "missing_child"],
            "urgent_threshold": 0.35,
        }

    def __init__(self, config: dict[str, Any]) -> None:
        for option in ("threshold", "margin", "least_option", "urgent_threshold"):
            number("AmbiguityStep", config, option, 0, 1)
        # a choice of more than three helps nobody who is frightened
        number("AmbiguityStep", config, "most_options", 1, 3)
        super().__init__(config)

    def process(self, messages: list[Message], tracker: DialogueStateTracker) -> list[Message]:
        """Change the intent of each message that needs it; keep the ranking as it is."""
        goes_on = answered_last(tracker)
        for message in messages:
            if (message.get(TEXT) or "").startswith(INTENT_MESSAGE_PREFIX):
                continue
            ranking = message.get(INTENT_RANKING_KEY) or []
            if not ranking or self._is_urgent(ranking[0]):
                continue
            unsure = self._unsure(ranking)
            # a few words without diacritics look like many a language; who was answered and is
            # understood goes on in the same
            if is_in_unknown_language(message) and (unsure or not goes_on):
                set_intent(message, OTHER_LANGUAGE)
            elif unsure:
                _offer(message, self._options(ranking))
        return messages

    def _is_urgent(self, first: dict[str, Any]) -> bool:
        return (
            first[INTENT_NAME_KEY] in self._config["urgent"]
            and first[PREDICTED_CONFIDENCE_KEY] >= self._config["urgent_threshold"]
        )

    def _unsure(self, ranking: list[dict[str, Any]]) -> bool:
        first: float = ranking[0][PREDICTED_CONFIDENCE_KEY]
        second: float = ranking[1][PREDICTED_CONFIDENCE_KEY] if len(ranking) > 1 else 0.0
        likeliest = {candidate[INTENT_NAME_KEY] for candidate in ranking[:2]}
        if likeliest in map(set, self._config["alike"]):
            return first + second < float(self._config["threshold"])
        return first < float(self._config["threshold"]) or first - second < float(
            self._config["margin"]
        )

    def _options(self, ranking: list[dict[str, Any]]) -> list[str]:
        return [
            candidate[INTENT_NAME_KEY]
            for candidate in ranking[: int(self._config["most_options"])]
            if candidate[PREDICTED_CONFIDENCE_KEY] >= self._config["least_option"]
        ]


def ask_back(message: Message, ranking: list[dict[str, Any]]) -> None:
    """Offer the two likeliest intents, however sure the classifier was of the first."""
    _offer(message, [candidate[INTENT_NAME_KEY] for candidate in ranking[:2]])


def _offer(message: Message, intents: list[str]) -> None:
    message.set(OPTIONS, intents, add_to_output=True)
    set_intent(message, DEFAULT_NLU_FALLBACK_INTENT_NAME)
