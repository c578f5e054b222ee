"""The language a visitor asks for: "türkçe konuşalım", "po polsku", "in het Nederlands".

The names are in `language_names.yml`. A slot mapping uses the entity only when the intent is to
change the language, so that "is the form in Polish?" changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import yaml
from rasa.engine.recipes.default_recipe import DefaultV1Recipe

from bot.languages import fold
from bot.nlu.extractor import Found, RuleExtractor

_FILE = Path(__file__).with_name("language_names.yml")
# "not Dutch but Turkish": the language after such a word is not the one asked for.
_WORD = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=1)
def _names() -> tuple[dict[str, list[str]], frozenset[str], frozenset[str]]:
    data = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    names = {code: [fold(str(stem)) for stem in stems] for code, stems in data["names"].items()}
    before = frozenset(fold(str(word)) for word in data["not_before"])
    after = frozenset(fold(str(word)) for word in data["not_after"])
    return names, before, after


def requested_languages(text: str) -> list[Found]:
    """Languages asked for in `text`, those that are only refused left out."""
    names, before, after = _names()
    words = list(_WORD.finditer(fold(text)))
    found = []
    for position, word in enumerate(words):
        code = next(
            (
                code
                for code, stems in names.items()
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
        if earlier & before or later & after:
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
