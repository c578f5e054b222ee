"""What the extractors share: finding values in a typed message and adding them as entities."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.languages import is_language
from bot.nlu.language_detector import LANGUAGE


class Found(NamedTuple):
    """A value, as a code, and where it stands in the text."""

    value: Any
    start: int
    end: int


class RuleExtractor(EntityExtractorMixin, GraphComponent):
    """An extractor that needs no training: a subclass says which entity and how to find it."""

    ENTITY: str

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RuleExtractor:
        """Create the component; it has no options."""
        return cls()

    def find(self, text: str, language: str | None) -> Iterable[Found]:
        """Values in `text`; `language` is the detected one and only a hint."""
        raise NotImplementedError

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities of each message; a button's payload carries its own."""
        for message in messages:
            text = message.get(TEXT) or ""
            if not text or text.startswith(INTENT_MESSAGE_PREFIX):
                continue
            detected = message.get(LANGUAGE) or {}
            # a doubtful language would hide what another one shows
            language = detected.get("name") if detected.get("decisive") else None
            if not is_language(language):
                language = None
            found = [
                {
                    "entity": self.ENTITY,
                    "value": value,
                    "start": start,
                    "end": end,
                    "extractor": type(self).__name__,
                }
                for value, start, end in self.find(text, language)
            ]
            message.set(ENTITIES, [*message.get(ENTITIES, []), *found], add_to_output=True)
        return messages
