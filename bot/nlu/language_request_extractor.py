"""The language a visitor asks for: "türkçe konuşalım", "po polsku", "in het Nederlands".

The names are in `language_names.yml`. A slot mapping uses the entity only when the intent is to
change the language, so that "is the form in Polish?" changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rasa.engine.recipes.default_recipe import DefaultV1Recipe

from bot.language_names import language_names
from bot.languages import fold
from bot.nlu.extractor import Found, RuleExtractor

# with what follows an apostrophe: "can't"
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


def requested_languages(text: str) -> list[Found]:
    """Languages asked for in `text`, those that are only refused left out."""
    listed = language_names()
    words = list(_WORD.finditer(fold(text)))
    found = []
    for position, word in enumerate(words):
        code = next(
            (
                code
                for code, stems in listed.stems.items()
                if any(word.group().startswith(stem) for stem in stems)
            ),
            None,
        )
        if code is None:
            continue
        # "no Dutch, rather Polish": a refusal ends with its clause
        start = max(text.rfind(sign, 0, word.start()) for sign in ",.;:!?")
        earlier = {w.group() for w in words[max(0, position - 3) : position] if w.start() >= start}
        later = {w.group() for w in words[position + 1 : position + 3]}
        # "not Dutch but Turkish"
        if earlier & listed.not_before or later & listed.not_after:
            continue
        found.append(Found(code, word.start(), word.end()))
    return found


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class LanguageRequestExtractor(RuleExtractor):
    """Adds the entity `language`, the last language asked for, as its code."""

    ENTITY = "language"

    def find(self, text: str, language: str | None) -> Iterable[Found]:
        """At most one: the last, as in "from Dutch to Turkish"."""
        return requested_languages(text)[-1:]
