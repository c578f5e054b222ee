"""Several Rasa servers: which of them has a conversation, decided alike by all who ask one.

By rendezvous hashing: each conversation has an order of its own over the workers. While the first
is down the next has it; the others keep theirs, whichever worker goes or comes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from hashlib import sha256

WORKERS, WORKER, PORT = "KOMPAS_RASA_WORKERS", "KOMPAS_RASA_WORKER", "KOMPAS_RASA_PORT"
_MOST = 64


class BadWorkers(ValueError):
    """A variable of the workers cannot be used; the message names it, the fault and the remedy."""


def many(environment: Mapping[str, str] = os.environ) -> int:
    """How many Rasa servers there are. Raises `BadWorkers`."""
    return _number(environment, WORKERS, "1", 1, _MOST)


def own(environment: Mapping[str, str] = os.environ) -> int:
    """Which of them this process is, the first being 0. Raises `BadWorkers`."""
    return _number(environment, WORKER, "0", 0, many(environment) - 1)


def ports(environment: Mapping[str, str] = os.environ) -> tuple[int, ...]:
    """Where they listen: the first on KOMPAS_RASA_PORT, then one by one. Raises `BadWorkers`."""
    first, count = _number(environment, PORT, "5005", 1, 65535), many(environment)
    if first + count - 1 > 65535:
        raise BadWorkers(f"{PORT} is {first}: {count} ports from there go past 65535. Lower it.")
    return tuple(range(first, first + count))


def addresses(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The same as addresses. Raises `BadWorkers`."""
    return tuple(f"http://127.0.0.1:{port}" for port in ports(environment))


def in_turn(conversation: str, all_of_them: Sequence[str]) -> list[str]:
    """All workers in the order in which `conversation` is theirs."""
    ranked = sorted(range(len(all_of_them)), key=lambda number: _score(conversation, number))
    return [all_of_them[number] for number in ranked]


def has(number: int, conversation: str, count: int) -> bool:
    """Whether worker `number` of `count` is the first to have `conversation`."""
    return number == min(range(count), key=lambda each: _score(conversation, each))


def _score(conversation: str, number: int) -> bytes:
    # by number, not by address: an address may change and the conversation stays
    return sha256(f"{number} {conversation}".encode()).digest()


def _number(environment: Mapping[str, str], name: str, default: str, least: int, most: int) -> int:
    value = environment.get(name, "") or default
    if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
        raise BadWorkers(f"{name} is {value!r}. Give a whole number from {least} to {most}.")
    return int(value)
