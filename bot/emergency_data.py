"""What emergencies look like in people's own words: `data/emergency`, read and checked.

`data/emergency/<language>/<kind>.yml` lists messages of one kind, `harmless.yml` messages that
sound alike and are none, `rules.yml` the messages, by kind, on which the rules of
`bot/emergency/` were written, and `told.yml` those messages of `data/nlu`, by kind, whose intents
lie near an emergency. Plain Python: the check at the start reads it without Rasa.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from bot import training_data
from bot.emergency import KINDS
from bot.languages import fold, languages

DATA = Path(__file__).parents[1] / "data" / "emergency"

NONE = "none"
"""The kind of a message that tells of no emergency."""
FEWEST = 100
"""Messages that a file has at least."""

HARMLESS, RULES, TOLD = "harmless", "rules", "told"
"""Files that are of no single kind."""

NEAR = (
    "domestic_violence",
    "missing_child",
    "emotional_support",
    "threat_imminent",
    "child_abducted",
)
"""Intents that hold emergencies and others side by side; `told.yml` says which is which."""

_BY_KIND = frozenset([RULES, TOLD])


class Message(NamedTuple):
    """A message with its kind: one of `KINDS`, or `NONE`; `source` is the name of its file."""

    language: str
    kind: str
    text: str
    source: str


def messages(data: Path = DATA) -> list[Message]:
    """Every message of every language. Raises ValueError naming what is wrong with a file."""
    return [message for listed in messages_by_file(data) for message in listed]


def messages_by_file(data: Path = DATA) -> list[list[Message]]:
    """The same, file by file, each in its order."""
    return [
        messages_of(data / language / f"{name}.yml") for language in languages() for name in _files()
    ]


def messages_of(path: Path) -> list[Message]:
    """Messages of one file. Raises ValueError saying what is wrong with it."""
    language, name = path.parent.name, path.stem
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark is not None else "the file"
        raise ValueError(f"{where} is not YAML. Mend the indentation or the quotes there") from None
    kinds = (*KINDS, NONE) if name in _BY_KIND else ("messages",)
    if not isinstance(content, dict) or set(content) != set(kinds):
        raise ValueError(f"needs exactly {', '.join(kinds)}. Write it like its neighbours")
    found = []
    for key in kinds:
        kind = key if name in _BY_KIND else NONE if name == HARMLESS else name
        lines = content[key]
        if not isinstance(lines, list):
            raise ValueError(f"{key} is no list. Begin each message with `- `")
        for line in lines:
            if not isinstance(line, str) or not line.strip():
                raise ValueError(f"{line!r} is no text. Put quotes around it")
            found.append(Message(language, kind, line, name))
    return found


def faults(data: Path = DATA) -> Iterator[str]:
    """Every fault of the files: place, fault, remedy."""
    for language in languages():
        seen: dict[str, Message] = {}
        near = {
            example.text
            for intent in NEAR
            for example in training_data.examples_of(training_data.DATA / language / f"{intent}.yml")
        }
        for name in _files():
            path = data / language / f"{name}.yml"
            place = f"data/emergency/{language}/{name}.yml"
            if not path.is_file():
                yield f"{place}: is missing. Write it like those of the other languages."
                continue
            try:
                found = messages_of(path)
            except (ValueError, UnicodeDecodeError) as error:
                yield f"{place}: {error}."
                continue
            if len(found) < FEWEST:
                yield f"{place}: has {len(found)} messages. Write {FEWEST} or more."
            for message in found:
                if name == TOLD and message.text not in near:
                    yield (
                        f"{place}: {message.text!r} stands in none of data/nlu/{language}/"
                        f"{{{','.join(NEAR)}}}.yml. Copy it anew or remove it."
                    )
                key = "".join(c for c in fold(message.text) if c.isalnum())
                twin = seen.setdefault(key, message)
                if twin.kind != message.kind:
                    yield (
                        f"{place}: {message.text!r} stands as {twin.kind} in {twin.source}.yml "
                        "too. Decide which it is and remove the other."
                    )


def _files() -> tuple[str, ...]:
    return (*KINDS, HARMLESS, RULES, TOLD)
