"""What hard requests look like in people's own words: `data/hard_requests`, read and checked.

`data/hard_requests/<language>/<kind>.yml` lists messages of one kind (bot/hard_requests.yml),
`lawful.yml` messages that sound alike and are answered as any other, and `told.yml` those messages
of `data/nlu`, by kind, whose intents lie near a hard request.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot.labelled_messages import NONE, TOLD, Message, MessageFolder

KINDS = (
    "leave_unnoticed",
    "avoid_border_check",
    "forged_consent",
    "disable_phone",
    "papers_secretly",
    "prediction",
    "another_case",
    "hidden_instructions",
)
"""The kinds; where a message is several, the first of these wins."""

DATA = Path(__file__).parents[1] / "data" / "hard_requests"

FEWEST = 25
"""Messages that a file has at least."""
LAWFUL = "lawful"
"""The file of messages that are no hard requests."""
NEAR = (
    "taking_parent",
    "border_check",
    "passport_child",
    "travel_consent_needed",
    "travel_consent_refused",
    "move_abroad_rules",
    "move_abroad_refused",
    "threat_measures",
    "hague_country",
    "hague_refusal",
    "bot_challenge",
    "privacy",
    "out_of_scope",
)
"""Intents whose messages may be hard requests themselves; `told.yml` says which are."""

_FOLDER = MessageFolder(
    "data/hard_requests",
    {**{kind: kind for kind in KINDS}, LAWFUL: NONE},
    FEWEST,
    {TOLD: (*KINDS, NONE)},
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
