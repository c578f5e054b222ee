"""What people call languages, and how they say that they do not want one.

`bot/nlu/language_names.yml` names more languages than those that are offered, so that asking for
another one is understood too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from bot import yaml_text
from bot.errors import ProjectFileError
from bot.languages import fold, languages

FILE = Path(__file__).parent / "nlu" / "language_names.yml"
PLACE = "bot/nlu/language_names.yml"


@dataclass(frozen=True)
class LanguageNames:
    """Beginnings of names by language, and words around a name that refuse it; all folded."""

    stems: Mapping[str, tuple[str, ...]]
    not_before: frozenset[str]
    not_after: frozenset[str]


@lru_cache(maxsize=1)
def language_names() -> LanguageNames:
    """The names of the file. Raises `ProjectFileError` when it is not as it should be."""
    try:
        data = yaml_text.load(FILE.read_text(encoding="utf-8"))
        return LanguageNames(
            {
                str(code): tuple(fold(str(stem)) for stem in stems)
                for code, stems in data["names"].items()
            },
            frozenset(fold(str(word)) for word in data["not_before"]),
            frozenset(fold(str(word)) for word in data["not_after"]),
        )
    except (yaml.YAMLError, TypeError, KeyError, AttributeError):
        raise ProjectFileError(
            [f"{PLACE}: has not the lists names, not_before and not_after. Mend the file."]
        ) from None


def faults() -> Iterator[str]:
    """Languages that are offered and cannot be asked for by name."""
    for language in languages():
        if not language_names().stems.get(language):
            yield f"{PLACE}: names: {language} is missing. Add what people call the language."
