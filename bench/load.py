"""Visitors who write, and how long they wait for each reply."""

from __future__ import annotations

import asyncio
import math
import random
import statistics
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import aiohttp

from bench.messages import Dialogue, Row, Supply
from bot.checklist.questions import UNKNOWN, checklist

WARM_UP = 100
MESSAGES_A_ROUND = 40
VISITORS = 25
MESSAGES_A_VISITOR = 4
FLOOR_TURNS = 20
DEPTHS = (5, 20, 50, 100, 200)
GROWING = 3
"""Conversations that grow; a depth is measured on its turn and the two before and after it."""
WALK_SECONDS = 20.0
_LEAST_STEPS, _MOST_STEPS = 10, 80
_NOT_GROWING = frozenset(["hague_start_checklist", "ask_human", "change_language"])
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

    @abstractmethod
    async def press(self, payload: str) -> bool:
        """Press a button and read the reply; whether it was one."""


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
        return await self._send({"text": text})

    async def press(self, payload: str) -> bool:
        """Press a button; a message of kind error is no reply."""
        return await self._send({"payload": payload})

    async def _send(self, sent: dict[str, str]) -> bool:
        url = f"{self._address}/api/chat/message"
        async with self._session.post(url, json=sent, headers=self._headers) as response:
            body = await response.json()
            self.messages: list[dict[str, Any]] = body.get("messages", [])
            return response.status == 200 and all(m["kind"] != "error" for m in self.messages)


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

    async def press(self, payload: str) -> bool:
        """Send the payload of a button, which Rasa reads as it reads words."""
        return await self.say(payload)


class _Round:
    """Times of one round, and how many messages got no reply."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.failures = 0
        self.seconds = 0.0

    async def converse(self, visitor: Visitor, dialogue: Dialogue) -> None:
        """Write each message of `dialogue` after the reply to the one before."""
        for text in dialogue.texts:
            await self.time(visitor.say(text))

    async def time(self, turn: Awaitable[bool]) -> None:
        """Note how long a turn takes, or that it got no reply."""
        began = time.perf_counter()
        try:
            replied = await turn
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError):
            replied = False
        if replied:
            self.times.append(time.perf_counter() - began)
        else:
            self.failures += 1


async def measure(
    kind: type[Visitor],
    address: Callable[[str], str],
    rows: Sequence[Row],
    rounds: int,
    after_warm_up: Callable[[], dict[str, int]],
) -> dict[str, Any]:
    """First reply, memory after the warm-up, then `rounds` for one visitor and for several.

    `address` gives that of the server for a language. Then the floor: turns of buttons, which need
    no understanding; conversations that grow to 200 turns; and for Kompas walks of the checklist.
    """
    supply = Supply(rows)
    async with aiohttp.ClientSession(timeout=_PATIENCE) as session:
        first = _Round()
        await _alone(first, kind, session, address, [supply.dialogue(0, 1)])
        await _alone(_Round(), kind, session, address, supply.dialogues(WARM_UP - 1))
        memory = after_warm_up()
        alone: list[_Round] = []
        together: list[_Round] = []
        floor: list[_Round] = []
        for number in range(rounds):
            alone.append(_Round())
            await _alone(alone[-1], kind, session, address, supply.dialogues(MESSAGES_A_ROUND))
            floor.append(_Round())
            await _floor(floor[-1], kind, session, address, supply.languages)
            together.append(_Round())
            dialogues = [supply.dialogue(v, MESSAGES_A_VISITOR) for v in range(VISITORS)]
            await _together(together[-1], kind, session, address, dialogues)
            print(f"  round {number + 1} of {rounds}", flush=True)
        print("  conversations of 200 turns", flush=True)
        growth = await _growth(kind, session, address, rows)
        walks = None
        if issubclass(kind, KompasVisitor):
            walks = await _walks(kind, session, address, supply.languages)
    return {
        "first_reply_ms": round(first.times[0] * 1000, 1) if first.times else None,
        "memory": memory,
        "memory_at_the_end": after_warm_up(),
        "one_visitor": _summary(alone),
        "many_visitors": _summary(together),
        "floor": _summary(floor),
        "growth": growth,
        "walks_per_minute": walks,
    }


async def _floor(
    timed: _Round,
    kind: type[Visitor],
    session: aiohttp.ClientSession,
    address: Callable[[str], str],
    languages: Sequence[str],
) -> None:
    began = time.perf_counter()
    for number in range(FLOOR_TURNS // 5):
        language = languages[number % len(languages)]
        visitor = kind(session, address(language))
        await visitor.open(language)
        for _ in range(5):
            await timed.time(visitor.press("/privacy"))
    timed.seconds = time.perf_counter() - began


async def _growth(
    kind: type[Visitor],
    session: aiohttp.ClientSession,
    address: Callable[[str], str],
    rows: Sequence[Row],
) -> dict[str, Any]:
    """Median of the turns about each depth, of questions that no form and no action answers."""
    plain = [row for row in rows if row.intent and row.intent not in _NOT_GROWING]
    languages = sorted({row.lang for row in plain})
    found: dict[int, list[float]] = {depth: [] for depth in DEPTHS}
    for number in range(GROWING):
        language = languages[number % len(languages)]
        texts = [row.text for row in plain if row.lang == language]
        random.Random(number).shuffle(texts)
        visitor = kind(session, address(language))
        await visitor.open(language)
        timed = _Round()
        for turn in range(1, max(DEPTHS) + 3):
            before = len(timed.times)
            await timed.time(visitor.say(texts[turn % len(texts)]))
            depth = next((d for d in DEPTHS if abs(d - turn) <= 2), None)
            if depth is not None:
                found[depth] += timed.times[before:]
    medians = {
        str(depth): round(statistics.median(times) * 1000, 1) if times else None
        for depth, times in found.items()
    }
    first, last = medians[str(DEPTHS[0])], medians[str(DEPTHS[-1])]
    return {
        "median_ms": medians,
        "ratio": round(last / first, 2) if first and last else None,
    }


async def _walks(
    kind: type[KompasVisitor],
    session: aiohttp.ClientSession,
    address: Callable[[str], str],
    languages: Sequence[str],
) -> float | None:
    """Checklists a minute by buttons, one visitor after the other, each to the result."""
    began, walked = time.perf_counter(), 0
    while time.perf_counter() - began < WALK_SECONDS:
        language = languages[walked % len(languages)]
        visitor = kind(session, address(language))
        await visitor.open(language)
        said = await visitor.press("/hague_start_checklist")
        for step in range(_MOST_STEPS):
            last = visitor.messages[-1]
            if not said or last["id"] == "utter_checklist_result":
                # an answer that ends the list at once is no walk
                said = said and step >= _LEAST_STEPS
                break
            said = await visitor.press(_answer(last))
        else:
            return None
        if not said:
            return None
        walked += 1
    return round(walked / (time.perf_counter() - began) * 60, 1)


def _answer(asked: dict[str, Any]) -> str:
    """What the first button that leads on says; that it is not known where there is none."""
    item = str(asked.get("item") or "")
    question = checklist().questions.get(item.partition("/")[0])
    if question is not None and question.type in ("choice", "multi"):
        for option in question.options:
            if not question.outcome(option).next:
                return f'/checklist_answer{{"answer": "{item}={option}"}}'
    return f'/checklist_answer{{"answer": "{item}={UNKNOWN}"}}'


async def _alone(
    timed: _Round,
    kind: type[Visitor],
    session: aiohttp.ClientSession,
    address: Callable[[str], str],
    dialogues: Sequence[Dialogue],
) -> None:
    for dialogue in dialogues:
        visitor = kind(session, address(dialogue.language))
        await visitor.open(dialogue.language)
        began = time.perf_counter()
        await timed.converse(visitor, dialogue)
        timed.seconds += time.perf_counter() - began


async def _together(
    timed: _Round,
    kind: type[Visitor],
    session: aiohttp.ClientSession,
    address: Callable[[str], str],
    dialogues: Sequence[Dialogue],
) -> None:
    visitors = [kind(session, address(dialogue.language)) for dialogue in dialogues]
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
