"""A hundred cases at once while the desk and its database are cut off: none lost, none doubled."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import aiohttp
import pytest
from cast import SERVICE_TOKEN, Cast, Desk, case_body, environment_for, open_desk
from ports import free_ports
from postgres import Cluster

from desk.registry import Filters

ROOT = Path(__file__).parents[2]
CASES = 100
BEARER = {"Authorization": f"Bearer {SERVICE_TOKEN}"}


class Process:
    """`python -m desk`, which can be killed."""

    def __init__(self, url: str) -> None:
        (self.port,) = free_ports(1)
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            **environment_for(url, KOMPAS_DESK_PORT=str(self.port), KOMPAS_LOG_LEVEL="ERROR"),
        }
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "desk"],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()


@pytest.fixture
def process(url: str) -> Iterator[Process]:
    process = Process(url)
    yield process
    process.kill()


async def deliver(session: aiohttp.ClientSession, port: int, body: dict[str, object]) -> str:
    """As the outbox of the action server does it: until there is an answer, and then once more."""
    headers = {**BEARER, "Idempotency-Key": f"{body['conversation']}-1"}
    references = set()
    answers = 0
    while answers < 2:
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with session.post(
                f"http://127.0.0.1:{port}/api/cases", json=body, headers=headers
            ) as reply:
                if reply.status in (200, 201):
                    references.add((await reply.json())["reference"])
                    answers += 1
                    continue
                assert reply.status == 503
        await asyncio.sleep(0.1)
    assert len(references) == 1
    return references.pop()


@pytest.mark.both_databases
async def test_none_is_lost_and_none_is_doubled(
    prepared: tuple[str, Cast], process: Process, request: pytest.FixtureRequest
):
    url = prepared[0]
    bodies = [case_body(conversation=f"c{number}") for number in range(CASES)]
    timeout = aiohttp.ClientTimeout(total=20)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        deliveries = [asyncio.create_task(deliver(session, process.port, body)) for body in bodies]
        for share in (0.2, 0.5):
            while sum(task.done() for task in deliveries) < share * CASES:
                await asyncio.sleep(0.02)
            await asyncio.to_thread(process.kill)
            if url.startswith("postgresql"):
                cluster: Cluster = request.getfixturevalue("cluster")
                await asyncio.to_thread(cluster.crash)
                await asyncio.to_thread(cluster.start)
            await asyncio.to_thread(process.start)
        while sum(task.done() for task in deliveries) < 0.8 * CASES:
            await asyncio.sleep(0.02)
        if url.startswith("postgresql"):
            # this time only the database, under a desk that goes on
            await asyncio.to_thread(cluster.crash)
            await asyncio.to_thread(cluster.start)
        references = await asyncio.gather(*deliveries)
    assert len(set(references)) == CASES
    desk = open_desk(*prepared)
    everything = desk.registry.queue(desk["cor"], Filters(), limit=200)
    assert {row.reference for row in everything} == set(references)
    assert desk.registry.verify_audit().whole
    desk.database.close()


def test_cases_wait_while_another_program_holds_the_file(desk: Desk):
    bodies = [case_body(conversation=f"c{number}") for number in range(12)]
    begun = threading.Barrier(len(bodies) + 1)

    def deliver_one(body: dict[str, object]) -> str:
        begun.wait(10)
        return desk.bring(**body)

    other = sqlite3.connect(desk.url.removeprefix("sqlite:///"), isolation_level=None)
    with ThreadPoolExecutor(len(bodies)) as pool:
        # as a backup does, or an operator in a shell
        other.execute("BEGIN IMMEDIATE")
        waiting = [pool.submit(deliver_one, body) for body in bodies]
        begun.wait(10)
        assert wait(waiting, timeout=0.3).done == set()
        other.execute("ROLLBACK")
        references = {each.result(30) for each in waiting}
    other.close()
    assert len(references) == len(bodies)
    assert {row.reference for row in desk.registry.queue(desk["cor"])} == references
    assert desk.registry.verify_audit().whole
