"""Which language a training message is in: said in the data files, in the intent's metadata."""

from __future__ import annotations

from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message

from bot.languages import is_language


def training_language(message: Message) -> str:
    """Language of a training message, from `metadata: {language: ..}` of its intent."""
    metadata = message.get("metadata") or {}
    language = (metadata.get("intent") or {}).get("language")
    if not is_language(language):
        raise InvalidConfigException(
            f"data/nlu: an example of {message.get(INTENT)} has the language {language!r}. "
            "Write `metadata: {language: nl}` (or another of bot/languages.yml) under its intent."
        )
    return str(language)
