"""`python -m bench.soak`: many conversations at once for some minutes, a Rasa worker killed in the
middle; who waited how long, who was told that something failed, and what the processes weighed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import aiohttp

from bench import kompas, machine, messages
from bench.load import percentile
from bench.machine import BOT_PYTHON, BUILD, ROOT

TEXT, JSON, PICTURE = (BUILD / f"soak.{end}" for end in ("md", "json", "png"))

_PATIENCE = aiohttp.ClientTimeout(total=60)
# a visitor who is told that it failed says it again, for as long as a server takes to start
_AGAIN_AFTER = 2.0
_MOST_TRIES = 60
_SAMPLE_EVERY = 5.0
# of the time: what is still loaded or filled at first is no growth
_WARM_UP = 0.2
_PRESSED = 0.4
_TOPICS = ("/hague_start_checklist", "/menu", "/privacy", "/hague_conditions")


@dataclass
class Turn:
    """A message and what came of it; times are in seconds since the beginning."""

    at: float
    took: float
    tries: int
    answered: bool


@dataclass
class Found:
    """What all visitors together saw."""

    turns: list[Turn] = field(default_factory=list)
    begun: int = 0
    lost: int = 0
    """Conversations that did not go on where they were."""
    ended: int = 0
    weights: list[dict[str, float]] = field(default_factory=list)
    killed_at: float | None = None
    back_at: float | None = None


class Conversation:
    """One visitor: reads, thinks, writes or presses a button, until the time is over."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        address: str,
        found: Found,
        texts: Sequence[str],
        language: str,
        seed: int,
        began: float,
    ) -> None:
        self._session = session
        self._address = address
        self._found = found
        self._texts = texts
        self._language = language
        self._choose = random.Random(seed)
        self._began = began
        self._headers: dict[str, str] = {}
        self._buttons: list[str] = []

    async def hold(self, until: float, think: float) -> None:
        """Begin, talk and end."""
        # not all of them come in the same second
        await asyncio.sleep(self._choose.uniform(0, think))
        self._found.begun += 1
        reply = await self._turn("start", {"lang": self._language})
        if reply is None:
            self._found.lost += 1
            return
        self._headers = {"Authorization": f"Bearer {reply['token']}"}
        for number in count():
            # most are quick, some go and look for a paper
            await asyncio.sleep(self._choose.expovariate(1 / think))
            if time.monotonic() >= until:
                break
            if await self._turn("message", self._next(number)) is None:
                self._found.lost += 1
                return
        async with self._session.post(
            f"{self._address}/api/chat/end", headers=self._headers
        ) as response:
            self._found.ended += response.status == 204

    def _next(self, number: int) -> dict[str, str]:
        if self._buttons and self._choose.random() < _PRESSED:
            return {"payload": self._choose.choice(self._buttons)}
        if number % 7 == 3:
            return {"payload": self._choose.choice(_TOPICS)}
        return {"text": self._choose.choice(self._texts)}

    async def _turn(self, what: str, body: Mapping[str, str]) -> dict[str, Any] | None:
        """The reply, after as many tries as it takes; None when the conversation is lost."""
        began = time.monotonic()
        for tries in range(1, _MOST_TRIES + 1):
            status, reply = await self._post(what, body)
            if status in (200, 201):
                self._note(began, tries, True)
                shown = [b["payload"] for m in reply["messages"] for b in m["buttons"]]
                self._buttons = [p for p in shown if not p.startswith("/handover")]
                return reply
            if status in (401, 410):
                break
            await asyncio.sleep(_AGAIN_AFTER)
        self._note(began, tries, False)
        return None

    async def _post(self, what: str, body: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        try:
            async with self._session.post(
                f"{self._address}/api/chat/{what}", json=body, headers=self._headers
            ) as response:
                reply: dict[str, Any] = await response.json()
                failed = any(m["kind"] == "error" for m in reply.get("messages", ()))
                return (503 if failed else response.status), reply
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return 0, {}

    def _note(self, began: float, tries: int, answered: bool) -> None:
        now = time.monotonic()
        self._found.turns.append(Turn(began - self._began, now - began, tries, answered))


async def converse(
    address: str,
    *,
    conversations: int,
    seconds: float,
    think: float,
    weigh: Callable[[], dict[str, int]] = dict,
    kill: Callable[[], None] | None = None,
) -> Found:
    """Let so many visitors talk for so long; `kill` is called in the middle."""
    found, began = Found(), time.monotonic()
    texts: dict[str, list[str]] = {}
    for row in messages.rows():
        texts.setdefault(row.lang, []).append(row.text)
    languages = sorted(texts)

    async def watch() -> None:
        while True:
            weights = {name: size / 1024**2 for name, size in weigh().items()}
            found.weights.append({"at": time.monotonic() - began, **weights})
            await asyncio.sleep(_SAMPLE_EVERY)

    async def strike() -> None:
        if kill is not None:
            await asyncio.sleep(seconds / 2)
            found.killed_at = time.monotonic() - began
            kill()

    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(timeout=_PATIENCE, connector=connector) as session:
        beside = [asyncio.create_task(watch()), asyncio.create_task(strike())]
        visitors = [
            Conversation(
                session,
                address,
                found,
                texts[languages[number % len(languages)]],
                languages[number % len(languages)],
                number,
                began,
            )
            for number in range(conversations)
        ]
        await asyncio.gather(*(each.hold(began + seconds, think) for each in visitors))
        for task in beside:
            task.cancel()
    if found.killed_at is not None:
        failed = [t.at + t.took for t in found.turns if t.tries > 1 and t.answered]
        found.back_at = max(failed, default=found.killed_at)
    return found


def figures(found: Found) -> dict[str, Any]:
    """What the report says; times of the turns beside the restart stand apart."""
    killed, back = found.killed_at, found.back_at

    def beside(turn: Turn) -> bool:
        return (
            killed is not None
            and back is not None
            and turn.at <= back
            and (turn.at + turn.took >= killed)
        )

    calm = [turn for turn in found.turns if not beside(turn)]
    answered = [turn.took for turn in calm if turn.answered and turn.tries == 1]
    during = [turn for turn in found.turns if beside(turn)]
    return {
        "conversations": found.begun,
        "lost": found.lost,
        "ended": found.ended,
        "messages": len(found.turns),
        "messages_per_second": round(len(calm) / max((t.at for t in calm), default=1) or 1, 2),
        "failures": sum(turn.tries > 1 or not turn.answered for turn in calm),
        **{
            f"p{p}_ms": round(percentile(answered, p) * 1000, 1) if answered else None
            for p in (50, 95, 99)
        },
        "beside_the_restart": {
            "messages": len(during),
            "said_again": sum(turn.tries > 1 for turn in during),
            "longest_s": round(max((turn.took for turn in during), default=0.0), 1),
            "seconds": round(back - killed, 1) if killed is not None and back else None,
        },
        "memory_mb": _memory(found),
    }


def _memory(found: Found) -> dict[str, dict[str, float]]:
    """Of each process the least and most after the warm-up, and the last; before a kill too."""
    if not found.weights:
        return {}
    length = found.weights[-1]["at"]
    warm = [sample for sample in found.weights if sample["at"] >= length * _WARM_UP]
    names = sorted({name for sample in warm for name in sample} - {"at"})
    result = {}
    for name in names:
        sizes = [round(sample[name], 1) for sample in warm if name in sample]
        result[name] = {"least": min(sizes), "most": max(sizes), "last": sizes[-1]}
    return result


def text(report: Mapping[str, Any]) -> str:
    """The report as Markdown that reads well as plain text."""
    about, given, found = report["machine"], report["settings"], report["figures"]
    restart = found["beside_the_restart"]
    lines = [
        "# Soak test",
        "",
        f"{about['date']}, commit {about['commit'] or 'unknown'}, {about['processor']}, "
        f"{about['cores']} cores; load of the machine before the run {about['load_before']}.",
        f"{given['conversations']} conversations at once in {given['languages']} languages for "
        f"{given['minutes']:g} minutes, {given['think']:g} s between reply and next message "
        "(mean of an exponential).",
        "",
        f"- messages: {found['messages']}, {found['messages_per_second']} a second",
        f"- reply: p50 {_ms(found['p50_ms'])}, p95 {_ms(found['p95_ms'])}, "
        f"p99 {_ms(found['p99_ms'])}",
        f"- failures outside the restart: {found['failures']}",
        f"- conversations lost: {found['lost']} of {found['conversations']}",
        f"- conversations erased at their end: {found['ended']}",
    ]
    if given["killed"]:
        lines.append(
            f"- a Rasa worker was killed in the middle: {restart['messages']} messages fell into "
            f"the {restart['seconds']} s until all went on, {restart['said_again']} were said "
            f"again, the longest wait was {restart['longest_s']} s"
        )
    else:
        lines.append("- no worker was killed")
    lines += ["", "| process | least MB | most MB | at the end |", "|---|---:|---:|---:|"]
    for name, size in found["memory_mb"].items():
        lines.append(f"| {name} | {size['least']} | {size['most']} | {size['last']} |")
    lines += ["", f"Memory is resident memory after the first {_WARM_UP:.0%} of the time."]
    return "\n".join(lines) + "\n"


def _ms(value: float | None) -> str:
    return "missing" if value is None else f"{value:.0f} ms"


def main() -> None:
    """Start everything, let the visitors talk, report."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--conversations", type=int, default=200)
    parser.add_argument("--think", type=float, default=20, help="seconds, in the mean (20)")
    parser.add_argument("--keep-alive", action="store_true", help="kill no worker")
    options = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    # what was started ends with it
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    about = machine.describe()
    with kompas.started(BUILD / "soak.log") as running:

        def kill() -> None:
            os.kill(running.pids("rasa")[0], signal.SIGKILL)

        found = asyncio.run(
            converse(
                running.address,
                conversations=options.conversations,
                seconds=options.minutes * 60,
                think=options.think,
                weigh=running.memory,
                kill=None if options.keep_alive else kill,
            )
        )
    report = {
        "machine": about,
        "settings": {
            "conversations": options.conversations,
            "minutes": options.minutes,
            "think": options.think,
            "languages": len({row.lang for row in messages.rows()}),
            "killed": not options.keep_alive,
        },
        "figures": figures(found),
        "weights": found.weights,
        "turns": [[round(t.at, 2), round(t.took, 3), t.tries] for t in found.turns],
    }
    JSON.write_text(json.dumps(report) + "\n", encoding="utf-8")
    TEXT.write_text(text(report), encoding="utf-8")
    print(f"\n{text(report)}")
    drawn = subprocess.run(
        [str(BOT_PYTHON), "-m", "bench.draw_soak", str(JSON), str(PICTURE)], cwd=ROOT
    )
    if drawn.returncode:
        print("The picture could not be drawn; text and JSON are complete.")


if __name__ == "__main__":
    main()
