"""The messages that are sent: rows of the development set, the same for both parts."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from bench.machine import ROOT

DEVELOPMENT = sorted((ROOT / "tests" / "nlu").glob("development_*.csv"))
_FIELDS = ("id", "lang", "intent", "style", "text")


class Row(NamedTuple):
    """One message of the development set."""

    id: str
    lang: str
    intent: str
    style: str
    text: str


class Dialogue(NamedTuple):
    """What one visitor writes, in one language."""

    language: str
    texts: list[str]


def rows(paths: Iterable[Path] = DEVELOPMENT, sample: int | None = None) -> list[Row]:
    """The rows of the development set; of each file at most `sample`, spread evenly."""
    found: list[Row] = []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            here = [Row(*(line[field] for field in _FIELDS)) for line in csv.DictReader(file)]
        step = max(1, len(here) // sample) if sample else 1
        found += here[::step][:sample]
    return found


def write(path: Path, chosen: Iterable[Row]) -> None:
    """Write `chosen` as a file for `bot.evaluate`."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_FIELDS)
        writer.writerows(chosen)


class Supply:
    """Deals the messages out once, so that no cache of one round serves the next."""

    def __init__(self, chosen: Iterable[Row]) -> None:
        self._texts: dict[str, list[str]] = {}
        for row in chosen:
            self._texts.setdefault(row.lang, []).append(row.text)
        # fixed, so that both parts and every run get the same messages
        shuffle = random.Random(2024).shuffle
        for texts in self._texts.values():
            shuffle(texts)
        self._next = dict.fromkeys(self._texts, 0)

    @property
    def languages(self) -> list[str]:
        """The languages that the messages are in."""
        return sorted(self._texts)

    def dialogues(self, messages: int) -> list[Dialogue]:
        """`messages` messages, shared evenly among one dialogue in each language."""
        languages = sorted(self._texts)
        each, more = divmod(messages, len(languages))
        return [self.dialogue(number, each + (number < more)) for number in range(len(languages))]

    def dialogue(self, number: int, messages: int) -> Dialogue:
        """`messages` messages in the language of visitor `number`."""
        languages = sorted(self._texts)
        language = languages[number % len(languages)]
        texts, first = self._texts[language], self._next[language]
        self._next[language] = first + messages
        # only a small sample ever begins again
        return Dialogue(language, [texts[i % len(texts)] for i in range(first, first + messages)])
