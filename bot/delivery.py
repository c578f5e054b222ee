"""`python -m bot.delivery`: takes letters of the outbox to the desk until it has them.

The action server uses `deliver` too, to try at once while the visitor waits. Both may carry the
same letter: the desk knows it by its key. The same process erases in the Rasa server what a
colleague erased at the desk (bot/erasures.py); neither waits for the other.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sqlite3
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
from prometheus_client import Counter

from bot import erasures, metrics, request_trace
from bot.desk_access import DeskAccess
from bot.erasures import BadAccess, RasaAccess
from bot.logs import leave_out_words
from bot.outbox import CASE, CONTACT, ERASED, ERASURE, CannotRead, Letter, Outbox

logger = logging.getLogger("kompas.delivery")

_EVERY = 0.5
_BEAT = 1.0
_AFTER_FAULT = 5.0
_SWEEP_EVERY = 3600.0
_TIMEOUT = 10.0
# its receipt says that the conversation was erased: nothing more of it is sent
_GONE = 410
# what the desk's reply to a letter names; a reply without it comes from something else
_NAMED = {CASE: "reference", CONTACT: "contact_ref", ERASURE: "receipt"}

METRICS_VARIABLE = "KOMPAS_DELIVERY_METRICS_PORT"

RESULTS = ("delivered", "erased", "refused", "unreachable")
deliveries = Counter(
    "kompas_deliveries_total",
    "Tries to take a letter of the outbox to the desk.",
    ["kind", "result"],
    registry=metrics.REGISTRY,
)
for _kind in _NAMED:
    for _result in RESULTS:
        # a count that begins at nothing hides its first rise
        deliveries.labels(_kind, _result)


def outbox_from_environment(environment: Mapping[str, str] = os.environ) -> Outbox:
    """The outbox of this machine, as the settings say."""
    folder = environment.get("KOMPAS_VAR", "var")
    return Outbox(
        environment.get("KOMPAS_OUTBOX", "") or Path(folder) / "outbox.db",
        environment.get("KOMPAS_OUTBOX_KEY", "") or None,
    )


def heartbeat_file(environment: Mapping[str, str] = os.environ) -> Path:
    """What a courier that is alive touches (web/watchdog.py looks)."""
    return Path(environment.get("KOMPAS_VAR", "") or "var") / "delivery.alive"


async def beat(file: Path) -> None:
    """Touch the file for ever: whoever stands still does not."""
    while True:
        # a full disk is no standstill, and said elsewhere
        with contextlib.suppress(OSError):
            file.touch()
        await asyncio.sleep(_BEAT)


async def deliver(
    outbox: Outbox,
    letter: Letter,
    session: aiohttp.ClientSession,
    desk: DeskAccess,
    *,
    timeout: float = _TIMEOUT,
) -> bool:
    """Take a letter to the desk; whether the desk has it, or has erased its conversation."""
    method, path = _address(letter)
    counted = metrics.closed(letter.kind, _NAMED)
    try:
        with request_trace.stage("desk"):
            status, reply = await _call(session, desk, method, path, letter, timeout)
    except (aiohttp.ClientError, asyncio.TimeoutError, TimeoutError, ValueError) as error:
        logger.info("The desk cannot be reached: %s.", type(error).__name__)
        deliveries.labels(counted, "unreachable").inc()
        await asyncio.to_thread(outbox.later, letter.key)
        return False
    if isinstance(reply, dict) and reply.get(_NAMED[letter.kind]):
        deliveries.labels(counted, "delivered").inc()
        await asyncio.to_thread(outbox.delivered, letter.key, reply)
        return True
    if status == _GONE:
        deliveries.labels(counted, "erased").inc()
        await asyncio.to_thread(outbox.delivered, letter.key, {}, state=ERASED)
        return True
    # 400 is a fault of ours, 401 of the settings: the letter stays until it is mended
    logger.error("The desk did not take this: %s, status %d. It stays.", letter.kind, status)
    deliveries.labels(counted, "refused").inc()
    await asyncio.to_thread(outbox.later, letter.key)
    return False


async def _call(
    session: aiohttp.ClientSession,
    desk: DeskAccess,
    method: str,
    path: str,
    letter: Letter,
    timeout: float,
) -> tuple[int, Any]:
    """Status of the desk, and what it says of a letter that it took."""
    headers = {"Authorization": f"Bearer {desk.token}", "Idempotency-Key": letter.key}
    async with session.request(
        method,
        f"{desk.url}{path}",
        json=dict(letter.body) if letter.body else None,
        headers={**headers, **request_trace.headers()},
        timeout=aiohttp.ClientTimeout(total=timeout),
    ) as response:
        return response.status, await response.json() if response.status in (200, 201) else None


def _address(letter: Letter) -> tuple[str, str]:
    if letter.kind == CASE:
        return "POST", "/api/cases"
    if letter.kind == CONTACT:
        return "POST", "/api/contacts"
    return "DELETE", f"/api/conversations/{letter.conversation}"


async def run(outbox: Outbox, desk: DeskAccess) -> None:
    """Deliver for ever."""
    clock = asyncio.get_running_loop().time
    swept = clock()
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                for letter in await asyncio.to_thread(outbox.waiting):
                    request_trace.begin()
                    await deliver(outbox, letter, session, desk)
                if clock() - swept > _SWEEP_EVERY:
                    swept = clock()
                    await asyncio.to_thread(outbox.sweep)
            except (sqlite3.Error, CannotRead) as error:
                # a full disk or a key from elsewhere: said, and tried again
                logger.error("The outbox cannot be used: %s.", type(error).__name__)
                await asyncio.sleep(_AFTER_FAULT)
            await asyncio.sleep(_EVERY)


async def _do_all(outbox: Outbox, desk: DeskAccess, rasa: RasaAccess) -> None:
    await asyncio.gather(run(outbox, desk), erasures.run(desk, rasa), beat(heartbeat_file()))


def main() -> None:
    """Deliver until told to stop; say what is wrong when it cannot start."""
    leave_out_words()
    logging.basicConfig(
        level=os.environ.get("KOMPAS_LOG_LEVEL", "INFO"),
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    desk = DeskAccess.from_environment()
    if not desk.token or not os.environ.get("KOMPAS_OUTBOX_KEY"):
        sys.exit(
            "KOMPAS_DESK_SERVICE_TOKEN or KOMPAS_OUTBOX_KEY is not set. Start with `make run`, "
            "which makes them in var/secrets.env, or set them."
        )
    try:
        rasa = RasaAccess.from_environment()
    except BadAccess as error:
        sys.exit(str(error))
    metrics.expose(METRICS_VARIABLE)
    try:
        asyncio.run(_do_all(outbox_from_environment(), desk, rasa))
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
