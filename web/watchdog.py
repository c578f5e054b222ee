"""`python -m web.watchdog`: ends a process that hangs, so that the supervisor starts it again.

The supervisor sees what dies, not what stands still. A process that listens and gives no answer,
several times in a row, is killed; one that has not answered since its start is left alone: it may
still be loading a model.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bot import workers
from bot.delivery import heartbeat_file
from bot.logs import leave_out_words

logger = logging.getLogger("kompas.watchdog")

# between two looks at a process
_PAUSE = 2.0

Look = Callable[[], Awaitable[bool | None]]
"""Whether a process answers; None when there is nobody to ask."""


@dataclass(frozen=True)
class Settings:
    """How long an answer may take, in seconds, and how often in a row it may fail to come."""

    seconds: float
    misses: int
    addresses: Mapping[str, str]
    heartbeat: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the variables. Raises `ValueError` with every fault."""
        faults: list[str] = []

        def number(name: str, default: str, least: float, most: float) -> float:
            value = environment.get(name, "") or default
            with contextlib.suppress(ValueError):
                if least <= float(value) <= most:
                    return float(value)
            faults.append(f"{name} is {value!r}. Give a number from {least:g} to {most:g}.")
            return least

        def address(host: str, port: str, default: str, path: str) -> str:
            where = environment.get(host, "") or "127.0.0.1"
            # what listens on every address listens on loopback
            where = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(where, where)  # noqa: S104
            return f"http://{where}:{environment.get(port, '') or default}{path}"

        found = cls(
            number("KOMPAS_WATCHDOG_SECONDS", "5", 0, 600),
            int(number("KOMPAS_WATCHDOG_MISSES", "3", 1, 100)),
            {
                # a Rasa server says hello there, whatever its model or database do
                **{
                    f"rasa_{number}": f"{where}/"
                    for number, where in enumerate(workers.addresses(environment))
                },
                "actions": address("", "KOMPAS_ACTIONS_PORT", "5055", "/health"),
                "web": address("KOMPAS_WEB_HOST", "KOMPAS_WEB_PORT", "8080", "/healthz"),
                "desk": address("KOMPAS_DESK_HOST", "KOMPAS_DESK_PORT", "8081", "/healthz"),
            },
            heartbeat_file(environment),
        )
        if faults:
            raise ValueError("\n".join(faults))
        return found


@dataclass
class Watch:
    """One process of the supervisor: what it was last seen to do."""

    name: str
    look: Look
    misses: int
    _pid: int | None = None
    _answered: bool = False
    _missed: int = 0

    async def turn(self, pid: int | None) -> bool:
        """Look once at the process with the id `pid`; whether it hangs."""
        if pid != self._pid:
            self._pid, self._answered, self._missed = pid, False, 0
        if pid is None:
            return False
        answer = await self.look()
        if answer is False and self._answered:
            self._missed += 1
            logger.warning("%s gives no answer: %d of %d.", self.name, self._missed, self.misses)
        else:
            self._missed = 0
            if answer and not self._answered:
                self._answered = True
                logger.info("%s answers: process %d.", self.name, pid)
        return self._missed >= self.misses


def over_http(address: str, seconds: float) -> Look:
    """Asks a server; any reply is a sign of life, and one who refuses to connect is not there."""

    async def look() -> bool | None:
        # a connection of its own each time: an old one says nothing of a process begun since
        timeout = aiohttp.ClientTimeout(total=seconds)
        try:
            async with aiohttp.ClientSession(timeout=timeout) as session, session.get(address):
                return True
        except TimeoutError:
            return False
        except aiohttp.ClientError:
            return None

    return look


def by_heartbeat(file: Path, seconds: float) -> Look:
    """Looks whether a file is touched, for a process that listens to nobody."""

    def touched() -> int | None:
        with contextlib.suppress(OSError):
            return file.stat().st_mtime_ns
        return None

    async def look() -> bool | None:
        before = touched()
        for _ in range(10):
            await asyncio.sleep(seconds / 10)
            now = touched()
            if now != before:
                return True
        return None if before is None else False

    return look


def children(supervisor: int) -> Iterator[tuple[str, int]]:
    """Name and id of each process of the supervisor, as it names them to themselves."""
    listed = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text()
    for pid in map(int, listed.split()):
        with contextlib.suppress(OSError):
            for setting in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                name, _, value = setting.partition(b"=")
                if name == b"SUPERVISOR_PROCESS_NAME":
                    yield value.decode(errors="replace"), pid


async def guard(watch: Watch, supervisor: int) -> None:
    """Look at a process for ever; end it when it hangs."""
    while True:
        pid = dict(children(supervisor)).get(watch.name)
        # the same one still: an id can be given to another process
        if await watch.turn(pid) and dict(children(supervisor)).get(watch.name) == pid:
            assert pid is not None
            logger.error("%s hangs. It is ended; the supervisor starts it again.", watch.name)
            with contextlib.suppress(ProcessLookupError):
                # one that stands still hears nothing gentler
                os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(_PAUSE)


async def run(settings: Settings, supervisor: int) -> None:
    """Look at all of them; at none when no answer is to be waited for."""
    if not settings.seconds:
        logger.info("KOMPAS_WATCHDOG_SECONDS is 0: a process that hangs is not ended.")
        # whoever goes is started again
        await asyncio.Event().wait()
    looks = {
        name: over_http(address, settings.seconds) for name, address in settings.addresses.items()
    }
    looks["delivery"] = by_heartbeat(settings.heartbeat, settings.seconds)
    watches = [Watch(name, look, settings.misses) for name, look in looks.items()]
    await asyncio.gather(*(guard(watch, supervisor) for watch in watches))


def main() -> None:
    """Watch the processes of the supervisor that started this one."""
    leave_out_words()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    if not os.environ.get("SUPERVISOR_ENABLED"):
        sys.exit("The watchdog watches what the supervisor started with it. Start with `make run`.")
    try:
        settings = Settings.from_environment()
    except ValueError as error:
        sys.exit(str(error))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run(settings, os.getppid()))


if __name__ == "__main__":
    main()
