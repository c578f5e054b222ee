"""Dates in a message, as the range of days they may mean."""

from __future__ import annotations

from collections.abc import Iterable

from rasa.engine.recipes.default_recipe import DefaultV1Recipe

from bot.dates import find_dates
from bot.nlg.answers import current_time
from bot.nlu.extractor import Found, RuleExtractor


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class DateExtractor(RuleExtractor):
    """Adds entities `date`: ISO 8601 intervals, 2026-03-01/2026-03-31 for "in March"."""

    ENTITY = "date"

    def find(self, text: str, language: str | None) -> Iterable[Found]:
        """See `bot.dates`; "tomorrow" is that of Amsterdam."""
        today = current_time().date()
        return [
            Found(f"{m.start_date.isoformat()}/{m.end_date.isoformat()}", m.start, m.end)
            for m in find_dates(text, language, today)
        ]
