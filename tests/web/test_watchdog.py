"""The watchdog: what hangs is ended, and nothing else is."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.delivery import beat, heartbeat_file
from web import watchdog
from web.watchdog import Settings, Watch, by_heartbeat, children, guard, over_http

PID, OTHER = 4001, 4002


async def hangs(answers: list[bool | None], pids: list[int | None] | None = None) -> list[bool]:
    """What is thought of a process at each of its answers."""
    left = iter(answers)

    async def look() -> bool | None:
        return next(left)

    watch = Watch("web", look, 3)
    return [await watch.turn(pid) for pid in pids or [PID] * len(answers)]


async def test_a_process_that_answered_and_then_does_not_several_times_hangs() -> None:
    assert await hangs([True, False, False, False]) == [False, False, False, True]


async def test_one_that_has_not_answered_since_its_start_is_left_alone() -> None:
    assert not any(await hangs([False] * 20))


async def test_an_answer_in_between_begins_the_count_anew() -> None:
    assert not any(await hangs([True, False, False, True, False, False]))


async def test_one_with_whom_there_is_no_connection_is_the_supervisors() -> None:
    assert not any(await hangs([True, False, False, None, False, False]))


async def test_one_that_was_started_again_begins_anew() -> None:
    assert not any(await hangs([True, False, False, False], [PID, PID, PID, OTHER]))


async def test_one_that_is_not_there_is_not_asked() -> None:
    assert await hangs([], [None, None]) == [False, False]


@pytest.fixture
async def deaf() -> AsyncIterator[str]:
    """A server that takes requests in and does nothing."""

    async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(nothing, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    server.close()


async def test_no_answer_is_a_miss(deaf: str) -> None:
    assert await over_http(deaf, 0.2)() is False


async def test_a_closed_port_is_none(deaf: str) -> None:
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    assert await over_http(f"http://127.0.0.1:{port}/", 60)() is None


async def test_any_answer_is_a_sign_of_life() -> None:
    async def unavailable(request: web.Request) -> web.Response:
        raise web.HTTPServiceUnavailable

    app = web.Application()
    app.router.add_get("/healthz", unavailable)
    async with TestServer(app) as server:
        assert await over_http(str(server.make_url("/healthz")), 60)() is True


async def test_a_courier_that_lives_is_seen_to(tmp_path: Path) -> None:
    file = heartbeat_file({"KOMPAS_VAR": str(tmp_path)})
    alive = asyncio.create_task(beat(file))
    try:
        assert await by_heartbeat(file, 60)() is True
    finally:
        alive.cancel()
    assert await by_heartbeat(file, 0.2)() is False
    file.unlink()
    assert await by_heartbeat(file, 0.2)() is None


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """A process as the supervisor starts one."""
    process = subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"],
        env={**os.environ, "SUPERVISOR_PROCESS_NAME": "web"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()
    yield process
    process.kill()
    process.communicate()


def test_processes_are_known_by_the_names_that_the_supervisor_gave_them(
    child: subprocess.Popen[bytes],
) -> None:
    assert ("web", child.pid) in children(os.getpid())


async def test_what_hangs_is_ended_and_nothing_else(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "_PAUSE", 0.01)
    answers = iter([True])

    async def look() -> bool:
        return next(answers, False)

    looked = 0

    async def look_at_another() -> bool:
        nonlocal looked
        looked += 1
        return False

    guards = [
        asyncio.create_task(guard(Watch(name, each, 3), os.getpid()))
        for name, each in (("web", look), ("rasa", look_at_another))
    ]
    try:
        code = await asyncio.to_thread(child.wait, 60)
    finally:
        for task in guards:
            task.cancel()
    assert code == -9
    assert looked == 0


def test_the_addresses_are_those_of_the_settings() -> None:
    found = Settings.from_environment(
        {"KOMPAS_WEB_HOST": "::", "KOMPAS_WEB_PORT": "80", "KOMPAS_DESK_HOST": "10.0.0.7"}
    )
    assert found.addresses["web"] == "http://[::1]:80/healthz"
    assert found.addresses["desk"] == "http://10.0.0.7:8081/healthz"
    assert found.addresses["rasa_0"] == "http://127.0.0.1:5005/"


def test_every_fault_of_the_settings_is_named() -> None:
    with pytest.raises(ValueError) as said:
        Settings.from_environment(
            {"KOMPAS_WATCHDOG_SECONDS": "soon", "KOMPAS_WATCHDOG_MISSES": "0"}
        )
    assert str(said.value).splitlines() == [
        "KOMPAS_WATCHDOG_SECONDS is 'soon'. Give a number from 0 to 600.",
        "KOMPAS_WATCHDOG_MISSES is '0'. Give a number from 1 to 100.",
    ]
