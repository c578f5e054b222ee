"""`python -m bench.workers`: one and two Rasa servers, what a message costs and how many a second.

The processor time of each process is measured besides the clock, as other work on the machine
does not change it. Visitors type messages of the development set, and press a button after each.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

from bench import load, machine, messages
from tests.postgres import Cluster
from tests.system.stack import Stack, fetch

_BUTTONS = ("/hague_costs", "/mediation", "/lawyer", "/menu")
_TICKS = os.sysconf("SC_CLK_TCK")


class _Timed:
    """The times of a message and the button after it, of all visitors."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.failures = 0


class _Visitor(load.KompasVisitor):
    """Presses a button after each message: half of what visitors do is that."""

    async def converse(self, timed: _Timed, dialogue: messages.Dialogue) -> None:
        """Open the conversation and go through the dialogue."""
        await self.open(dialogue.language)
        for number, text in enumerate(dialogue.texts):
            began = time.perf_counter()
            done = await self.say(text) and await self._press(_BUTTONS[number % len(_BUTTONS)])
            timed.times.append(time.perf_counter() - began)
            timed.failures += not done

    async def _press(self, payload: str) -> bool:
        url, body = f"{self._address}/api/chat/message", {"payload": payload}
        async with self._session.post(url, json=body, headers=self._headers) as response:
            return response.status == 200


def main() -> None:
    """Measure each number of workers on each database and print it as JSON."""
    options = _options()
    # so that what was started is ended, too
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    rows = messages.rows()
    found: dict[str, Any] = {"machine": machine.describe(), "runs": []}
    cluster = Cluster()
    try:
        for database in options.databases:
            for count in options.workers:
                run = _run(cluster, database, count, messages.Supply(rows), options)
                found["runs"].append(run)
                print(json.dumps(run), flush=True)
    finally:
        cluster.close()
    machine.BUILD.mkdir(parents=True, exist_ok=True)
    (machine.BUILD / "workers.json").write_text(json.dumps(found, indent=1), encoding="utf-8")


def _run(
    cluster: Cluster,
    database: str,
    count: int,
    supply: messages.Supply,
    options: argparse.Namespace,
) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="kompas-bench-") as folder:
        name = f"talks{count}"
        url = cluster.create(name) if database == "postgresql" else f"sqlite:///{folder}/t.db"
        stack = Stack(Path(folder), workers=count, KOMPAS_TRACKER_URL=url)
        try:
            stack.start()
            while not all(_answers(stack)):
                time.sleep(0.2)
            measured = asyncio.run(_load(stack, supply, options))
        finally:
            stack.stop()
        return {"database": database, "workers": count, **measured}


def _answers(stack: Stack) -> list[bool]:
    behind = fetch(stack, "GET", "/readyz").body["behind"]
    return [up for name, up in behind.items() if name.startswith("rasa_")]


async def _load(
    stack: Stack, supply: messages.Supply, options: argparse.Namespace
) -> dict[str, Any]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:

        async def together(number: int) -> _Timed:
            timed = _Timed()
            dialogues = [supply.dialogue(visitor, number) for visitor in range(options.visitors)]
            await asyncio.gather(
                *(_Visitor(session, stack.address).converse(timed, one) for one in dialogues)
            )
            return timed

        await together(2)
        before = _processor_seconds(stack)
        began = time.monotonic()
        timed = await together(options.messages)
        seconds = time.monotonic() - began
        after = _processor_seconds(stack)
    turns = 2 * len(timed.times) + options.visitors
    return {
        "turns": turns,
        "failures": timed.failures,
        "turns_per_second": round(turns / seconds, 1),
        # of a message and a button
        "pair_p50_ms": round(load.percentile(timed.times, 50) * 1000),
        "pair_p95_ms": round(load.percentile(timed.times, 95) * 1000),
        "processor_ms_a_turn": {
            name: round((after[name] - before[name]) * 1000 / turns, 2) for name in after
        },
        "memory_mb": {name: _memory(stack.pid(name)) for name in after},
        "load_average": os.getloadavg()[0],
    }


def _processor_seconds(stack: Stack) -> Mapping[str, float]:
    found = {}
    for name in stack.names:
        fields = Path(f"/proc/{stack.pid(name)}/stat").read_text().rpartition(")")[2].split()
        found[name] = (int(fields[11]) + int(fields[12])) / _TICKS
    return found


def _memory(pid: int) -> dict[str, int]:
    """Resident, and its share where others map the same pages."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith("kB")}
    return {"resident": kilobytes["Rss"] // 1024, "share": kilobytes["Pss"] // 1024}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.workers", description=__doc__)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--messages", type=int, default=10, help="of each visitor")
    return parser.parse_args()


if __name__ == "__main__":
    main()
