"""What people say next: `bot/follow_ups.yml`, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from bot import yaml_text
from bot.errors import raise_faults
from bot.training_data import contract_intents, intents_by_topic

FILE = Path(__file__).with_name("follow_ups.yml")
_PLACE = "bot/follow_ups.yml"
_PARTS = ("after", "replies", "closing")


class FollowUps(NamedTuple):
    """What the file says; the intents are those of bot/intents.yml."""

    after: Mapping[str, list[str]]
    """Intents by the topic that they follow on; its own are among them."""
    replies: list[str]
    closing: list[str]


@cache
def follow_ups() -> FollowUps:
    """Read the file. Raises `ProjectFileError`, which names what in it is unknown."""
    read = yaml_text.load(FILE.read_text(encoding="utf-8"))
    missing = [part for part in _PARTS if not isinstance(read, Mapping) or part not in read]
    raise_faults([f"{_PLACE}: {part}: is missing. Add it, empty if need be." for part in missing])
    own, known = intents_by_topic(), set(contract_intents())
    faults = [
        f"{_PLACE}: there is no topic {topic!r} in bot/intents.yml. Name one of {', '.join(own)}."
        for topic in sorted(set(read["after"]) - set(own))
    ]
    named = {*read["replies"], *read["closing"], *chain(*read["after"].values())}
    faults += [
        f"{_PLACE}: there is no intent {intent!r} in bot/intents.yml. Mend or remove it."
        for intent in sorted(named - known)
    ]
    raise_faults(faults)
    after = {topic: [*own[topic], *more] for topic, more in read["after"].items()}
    return FollowUps(after, read["replies"], read["closing"])
