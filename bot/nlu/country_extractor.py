"""Countries named in a message, in any inflected form, as ISO 3166 codes."""

from __future__ import annotations

from collections.abc import Iterable

from rasa.engine.recipes.default_recipe import DefaultV1Recipe

from bot.gazetteer import find_countries
from bot.nlu.extractor import Found, RuleExtractor


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class CountryExtractor(RuleExtractor):
    """Adds entities `country` with values such as TR, in the order of the text."""

    ENTITY = "country"

    def find(self, text: str, language: str | None) -> Iterable[Found]:
        """See `bot.gazetteer`."""
        return [Found(m.code, m.start, m.end) for m in find_countries(text, language)]
