"""What emergencies look like in people's own words: `data/emergency`, read and checked.

`data/emergency/<language>/<kind>.yml` lists messages of one kind, `harmless.yml` messages that
sound alike and are none, `rules.yml` the messages, by kind, on which the rules of
`bot/emergency/` were written, and `told.yml` those messages of `data/nlu`, by kind, whose intents
lie near an emergency.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot.emergency import KINDS
from bot.labelled_messages import NONE, TOLD, Message, MessageFolder

DATA = Path(__file__).parents[1] / "data" / "emergency"

FEWEST = 100
"""Messages that a file has at least."""
HARMLESS, RULES = "harmless", "rules"
"""Files that are of no single kind."""
NEAR = (
    "domestic_violence",
    "missing_child",
    "emotional_support",
    "threat_imminent",
    "child_abducted",
)
"""Intents that hold emergencies and others side by side; `told.yml` says which is which."""

_FOLDER = MessageFolder(
    "data/emergency",
    {**{kind: kind for kind in KINDS}, HARMLESS: NONE},
    FEWEST,
    dict.fromkeys((RULES, TOLD), (*KINDS, NONE)),
)


def messages(data: Path = DATA) -> list[Message]:
    """Every message of every language. Raises ValueError saying what is wrong with a file."""
    return _FOLDER.messages(data)


def messages_by_file(data: Path = DATA) -> list[list[Message]]:
    """The same, file by file, each in its order."""
    return _FOLDER.messages_by_file(data)


def messages_of(path: Path) -> list[Message]:
    """Messages of one file. Raises ValueError saying what is wrong with it."""
    return _FOLDER.messages_of(path)


def faults(data: Path = DATA) -> Iterator[str]:
    """Every fault of the files: place, fault, remedy."""
    found = list(_FOLDER.faults(data))
    yield from found or _FOLDER.copies_of_nothing(data, TOLD, NEAR)
