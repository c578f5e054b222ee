"""A child's age in a message, in years."""

from __future__ import annotations

from collections.abc import Iterable

from rasa.engine.recipes.default_recipe import DefaultV1Recipe

from bot.ages import find_ages
from bot.nlu.extractor import Found, RuleExtractor


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class AgeExtractor(RuleExtractor):
    """Adds entities `age`: whole years from 0 to 18."""

    ENTITY = "age"

    def find(self, text: str, language: str | None) -> Iterable[Found]:
        """See `bot.ages`."""
        return [Found(m.years, m.start, m.end) for m in find_ages(text, language)]
