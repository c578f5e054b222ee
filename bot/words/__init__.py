"""How a language speaks of numbers, dates, ages and of answers to the checklist: data.

`bot/words/<language>/` has the files of `PARTS`, each with the same keys in every language; the
comments of the Dutch ones say what a key is for. They hold parts of regular expressions for folded
text (`bot.languages.fold`); a space in them is any space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot import yaml_text
from bot.errors import ProjectFileError
from bot.languages import SOURCE, languages

FOLDER = Path(__file__).parent
TO_DO = "TODO"
"""What `make add-language` leaves where words belong; it stands for nothing in folded text."""
PARTS = ("numbers", "dates", "ages", "answers")


@cache
def words(language: str, part: str, folder: Path = FOLDER) -> Mapping[str, Any]:
    """The words of `part` in `language`. Raises `ProjectFileError` naming file and remedy."""
    path = folder / language / f"{part}.yml"
    place = f"bot/words/{language}/{part}.yml"
    try:
        found = yaml_text.load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ProjectFileError([f"{place}: is missing. Restore the file."]) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        line = yaml_text.after_name(error)
        raise ProjectFileError([f"{place}:{line} is not YAML. Mend the quotes there."]) from None
    if not isinstance(found, dict):
        raise ProjectFileError([f"{place}: maps no keys to words. Write it like its neighbours."])
    return found


def has_words(language: str | None) -> bool:
    """Whether there are words for `language`; a draft has them before it is offered."""
    return language is not None and (FOLDER / language / f"{PARTS[0]}.yml").is_file()


def chosen(language: str | None) -> list[str]:
    """The language to look in, or all that are offered where it is not known."""
    return [language] if language is not None and has_words(language) else list(languages())


def faults(folder: Path = FOLDER) -> Iterator[str]:
    """What the words of an offered language lack, or say in a way that cannot be read."""
    for part in PARTS:
        try:
            expected = set(words(SOURCE, part, folder))
        except ProjectFileError as error:
            yield from error.faults
            continue
        for language in languages():
            place = f"bot/words/{language}/{part}.yml"
            try:
                found = words(language, part, folder)
            except ProjectFileError as error:
                yield from error.faults
                continue
            for key in sorted(expected - set(found)):
                yield f"{place}: {key} is missing. Add it; bot/words/{SOURCE} says what it is."
            for key in sorted(set(found) - expected):
                yield f"{place}: {key} is no key of bot/words/{SOURCE}/{part}.yml. Correct it."
            for key, pattern in _patterns(found):
                if TO_DO in pattern:
                    yield f"{place}: {key}: is still to be written. Put words for {TO_DO}."
                    continue
                try:
                    re.compile(re.sub(r"\{[a-z_]+\}", "", pattern))
                except re.error as error:
                    yield f"{place}: {key}: {pattern} is no regular expression ({error}). Mend it."


def _patterns(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _patterns(str(name), f"{key} {name}".strip())
            yield from _patterns(each, f"{key} {name}".strip())
    elif isinstance(value, list):
        for each in value:
            yield from _patterns(each, key)
