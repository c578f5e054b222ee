"""What an answer is about: the topics of `intents.yml`, by response key."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from bot.training_data import intents_by_topic

# Of what is no matter of its own.
_NO_TOPICS = ("conversation",)


@cache
def topics() -> Mapping[str, str]:
    """Response key → topic, for the answers to a question of a visitor."""
    return {
        f"utter_{intent}": topic
        for topic, intents in intents_by_topic().items()
        for intent in intents
        if topic not in _NO_TOPICS
    }


def topic_names() -> list[str]:
    """The topics, in the order of the file."""
    return list(dict.fromkeys(topics().values()))
