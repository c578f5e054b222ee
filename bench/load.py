"""Visitors who write, and how long they wait for each reply."""

from __future__ import annotations

import asyncio
import math
import statistics
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import aiohttp

from bench.messages import Dialogue, Supply

WARM_UP = 100
MESSAGES_A_ROUND = 40
VISITORS = 10
MESSAGES_A_VISITOR = 8
_PATIENCE = aiohttp.ClientTimeout(total=60)


class Visitor(ABC):
    """One conversation with a server."""

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        self._session = session
        self._address = address

    @abstractmethod
    async def open(self, language: str) -> None:
        """Begin the conversation."""

    @abstractmethod
    async def say(self, text: str) -> bool:
        """Send a message and read the reply; whether it was one."""


class KompasVisitor(Visitor):
    """Uses the visitor API, as the chat page does."""

    async def open(self, language: str) -> None:
        """Begin the conversation in a language."""
        url = f"{self._address}/api/chat/start"
        async with self._session.post(url, json={"lang": language}) as response:
            response.raise_for_status()
            token = (await response.json())["token"]
        self._headers = {"Authorization": f"Bearer {token}"}

    async def say(self, text: str) -> bool:
        """Send a message; a message of kind error is no reply."""
        url = f"{self._address}/api/chat/message"
        async with self._session.post(url, json={"text": text}, headers=self._headers) as response:
            body = await response.json()
            return response.status == 200 and all(
                message["kind"] != "error" for message in body["messages"]
            )


class StockVisitor(Visitor):
    """Uses the REST channel of Rasa."""

    async def open(self, language: str) -> None:
        """Begin the conversation with the same first turn as in Kompas."""
        self._sender = uuid.uuid4().hex
        await self.say(f'/start_conversation{{"language": "{language}"}}')

    async def say(self, text: str) -> bool:
        """Send a message; an empty list is no reply."""
        url = f"{self._address}/webhooks/rest/webhook"
        async with self._session.post(
            url, json={"sender": self._sender, "message": text}
        ) as response:
            return response.status == 200 and bool(await response.json())


class _Round:
    """Times of one round, and how many messages got no reply."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.failures = 0
        self.seconds = 0.0

    async def converse(self, visitor: Visitor, dialogue: Dialogue) -> None:
        """Write each message of `dialogue` after the reply to the one before."""
        for text in dialogue.texts:
            began = time.perf_counter()
            try:
                replied = await visitor.say(text)
            except (aiohttp.ClientError, TimeoutError, ValueError, KeyError):
                replied = False
            if replied:
                self.times.append(time.perf_counter() - began)
            else:
                self.failures += 1


async def measure(
    kind: type[Visitor],
    address: str,
    supply: Supply,
    rounds: int,
    after_warm_up: Callable[[], dict[str, int]],
) -> dict[str, Any]:
    """First reply, memory after the warm-up, then `rounds` for one visitor and for several."""
    async with aiohttp.ClientSession(timeout=_PATIENCE) as session:
        first = _Round()
        await _alone(first, kind, session, address, [supply.dialogue(0, 1)])
        await _alone(_Round(), kind, session, address, supply.dialogues(WARM_UP - 1))
        memory = after_warm_up()
        alone: list[_Round] = []
        together: list[_Round] = []
        for number in range(rounds):
            alone.append(_Round())
            await _alone(alone[-1], kind, session, address, supply.dialogues(MESSAGES_A_ROUND))
            together.append(_Round())
            dialogues = [supply.dialogue(v, MESSAGES_A_VISITOR) for v in range(VISITORS)]
            await _together(together[-1], kind, session, address, dialogues)
            print(f"  round {number + 1} of {rounds}", flush=True)
    return {
        "first_reply_ms": round(first.times[0] * 1000, 1) if first.times else None,
        "memory": memory,
        "one_visitor": _summary(alone),
        "ten_visitors": _summary(together),
    }


async def _alone(
    timed: _Round,
    kind: type[Visitor],
    session: aiohttp.ClientSession,
    address: str,
    dialogues: Sequence[Dialogue],
) -> None:
    for dialogue in dialogues:
        visitor = kind(session, address)
        await visitor.open(dialogue.language)
        began = time.perf_counter()
        await timed.converse(visitor, dialogue)
        timed.seconds += time.perf_counter() - began


async def _together(
    timed: _Round,
    kind: type[Visitor],
    session: aiohttp.ClientSession,
    address: str,
    dialogues: Sequence[Dialogue],
) -> None:
    visitors = [kind(session, address) for _ in dialogues]
    for visitor, dialogue in zip(visitors, dialogues, strict=True):
        await visitor.open(dialogue.language)
    began = time.perf_counter()
    await asyncio.gather(
        *(timed.converse(v, dialogue) for v, dialogue in zip(visitors, dialogues, strict=True))
    )
    timed.seconds = time.perf_counter() - began


def percentile(times: Sequence[float], percent: float) -> float:
    """The time that `percent` of `times` do not exceed (nearest rank)."""
    ordered = sorted(times)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def _summary(rounds: Sequence[_Round]) -> dict[str, Any]:
    """Medians over the rounds, and what each round gave. No reply, no figure."""
    answered = [timed for timed in rounds if timed.times]
    figures: dict[str, Any] = {
        "failures": sum(timed.failures for timed in rounds),
        "messages": sum(len(timed.times) + timed.failures for timed in rounds),
    }
    for percent in (50, 95, 99):
        each = [round(percentile(timed.times, percent) * 1000, 1) for timed in answered]
        figures[f"p{percent}_ms"] = round(statistics.median(each), 1) if each else None
        figures[f"p{percent}_ms_rounds"] = each
    rates = [round(len(timed.times) / timed.seconds, 2) for timed in answered]
    figures["messages_per_second"] = statistics.median(rates) if rates else None
    figures["messages_per_second_rounds"] = rates
    return figures
