"""Erasing in the Rasa server what a colleague erased at the desk; the courier does it.

The desk has neither a way to the Rasa server nor the secret of its channel. So it is asked what
is still to be erased, and told what is gone and what is not.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot import request_trace, shared_secrets, workers
from bot.conversation_ids import is_conversation
from bot.desk_access import DeskAccess

logger = logging.getLogger("kompas.erasures")

# docs promise a minute: this, and what one silent worker may cost
_EVERY = 20.0
# each refusal is in the audit log of the desk: not three a minute of them
_AFTER_REFUSAL = 60.0
_DESK_TIMEOUT = aiohttp.ClientTimeout(total=30)
_RASA_TIMEOUT = aiohttp.ClientTimeout(total=20)

PATH = "/api/erasures"


class BadAccess(ValueError):
    """A variable cannot be used; the message names it, the fault and the remedy."""


class NotTheDesk(ValueError):
    """A reply is not one of the desk; what stood in it is not repeated."""


class DeskRefused(Exception):
    """The desk answered, and neither listed nor noted anything."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"status {status}")


@dataclass(frozen=True)
class RasaAccess:
    """Where the Rasa servers are, in their order, and the secret of our channel there."""

    urls: tuple[str, ...]
    secret: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> RasaAccess:
        """As the settings say. Raises `BadAccess`."""
        secret = environment.get(shared_secrets.CHANNEL, "")
        if weakness := shared_secrets.weakness(shared_secrets.CHANNEL, secret):
            raise BadAccess(weakness)
        try:
            return cls(workers.addresses(environment), secret)
        except workers.BadWorkers as error:
            raise BadAccess(str(error)) from None


@dataclass(frozen=True)
class _Page:
    conversations: tuple[str, ...]
    more: bool


async def run(desk: DeskAccess, rasa: RasaAccess) -> None:
    """Erase for ever; whatever fails, the letters of the courier go on."""
    async with aiohttp.ClientSession() as session:
        while True:
            pause = _EVERY
            try:
                request_trace.begin()
                await erase_pending(session, desk, rasa)
            except DeskRefused as refusal:
                # a fault of the settings; one whose database is away is back sooner
                pause = _AFTER_REFUSAL if refusal.status < 500 else _EVERY
                logger.error("The desk did not speak of erasures: status %d.", refusal.status)
            except (aiohttp.ClientError, asyncio.TimeoutError, TimeoutError) as error:
                logger.info("The desk cannot be reached: %s.", type(error).__name__)
            except Exception as error:
                # only its kind: the text could hold the conversation
                logger.error("Erasures were not looked at: %s.", type(error).__name__)
            await asyncio.sleep(pause)


async def erase_pending(session: aiohttp.ClientSession, desk: DeskAccess, rasa: RasaAccess) -> int:
    """Try everything that is still to be erased; how many conversations are gone.

    Raises `DeskRefused`, `NotTheDesk` and what aiohttp does when the desk is away.
    """
    gone = passed = 0
    away: set[str] = set()
    more = True
    while more:
        page = await _pending(session, desk, passed)
        erased = [
            conversation
            for conversation in page.conversations
            if await _erased(session, rasa, conversation, away)
        ]
        failed = sorted(set(page.conversations) - set(erased))
        if page.conversations:
            await _report(session, desk, erased, failed)
        gone += len(erased)
        # what failed stays at the head of the list: behind it come those not tried yet
        passed += len(failed)
        more = page.more and bool(page.conversations)
    return gone


async def _pending(session: aiohttp.ClientSession, desk: DeskAccess, skip: int) -> _Page:
    reply = await _ask_desk(session, desk, "GET", params={"skip": str(skip)})
    found, more = reply.get("conversations"), reply.get("more")
    if not isinstance(found, list) or not isinstance(more, bool):
        raise NotTheDesk
    # they become part of an address
    if not all(is_conversation(each) for each in found):
        raise NotTheDesk
    return _Page(tuple(found), more)


async def _report(
    session: aiohttp.ClientSession, desk: DeskAccess, erased: list[str], failed: list[str]
) -> None:
    body = {"erased": erased, "failed": failed}
    reply = await _ask_desk(session, desk, "POST", json=body)
    if not isinstance(reply.get("noted"), int):
        raise NotTheDesk


async def _ask_desk(
    session: aiohttp.ClientSession, desk: DeskAccess, method: str, **more: Any
) -> dict[str, Any]:
    with request_trace.stage("desk"):
        async with session.request(
            method,
            f"{desk.url}{PATH}",
            headers={"Authorization": f"Bearer {desk.token}", **request_trace.headers()},
            timeout=_DESK_TIMEOUT,
            allow_redirects=False,
            **more,
        ) as response:
            if response.status != 200:
                raise DeskRefused(response.status)
            reply = await response.json()
    if not isinstance(reply, dict):
        raise NotTheDesk
    return reply


async def _erased(
    session: aiohttp.ClientSession, rasa: RasaAccess, conversation: str, away: set[str]
) -> bool:
    """Whether the conversation is gone; a worker that is `away` is asked once a round."""
    # by the worker that has it; not while that is down, for the next round comes
    worker = workers.in_turn(conversation, rasa.urls)[0]
    if worker in away:
        return False
    try:
        async with session.delete(
            f"{worker}/webhooks/kompas/conversations/{conversation}",
            headers={"Authorization": f"Bearer {rasa.secret}", **request_trace.headers()},
            timeout=_RASA_TIMEOUT,
            allow_redirects=False,
        ) as reply:
            if reply.status != 204:
                logger.error("The Rasa server erased nothing: status %d.", reply.status)
            return reply.status == 204
    except (aiohttp.ClientError, asyncio.TimeoutError, TimeoutError) as error:
        # no address in a log: it holds the conversation
        logger.error("The Rasa server erased nothing: %s.", type(error).__name__)
        away.add(worker)
        return False
