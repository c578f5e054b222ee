"""Erasing what the Rasa server keeps of a conversation that a colleague erased here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import aiohttp

from bot.workers import in_turn
from desk.registry import Registry
from desk.settings import Settings

logger = logging.getLogger("kompas.desk.elsewhere")

_TIMEOUT = aiohttp.ClientTimeout(total=20)

Eraser = Callable[[str], Awaitable[bool]]
"""Erases a conversation; whether it is gone."""


def rasa_eraser(session: aiohttp.ClientSession, settings: Settings) -> Eraser:
    """Asks the channel of the Rasa server (bot/channel.py)."""
    headers = {"Authorization": f"Bearer {settings.channel_secret}"}

    async def erase(conversation: str) -> bool:
        # by the worker that has it; not while that is down, for its minute comes again
        worker = in_turn(conversation, settings.rasa_urls)[0]
        # no address in a log: it holds the conversation
        address = f"{worker}/webhooks/kompas/conversations/{conversation}"
        try:
            async with session.delete(
                address, headers=headers, timeout=_TIMEOUT, allow_redirects=False
            ) as reply:
                if reply.status != 204:
                    logger.error("The Rasa server erased nothing: status %d.", reply.status)
                return reply.status == 204
        except (aiohttp.ClientError, TimeoutError) as error:
            logger.error("The Rasa server erased nothing: %s.", type(error).__name__)
            return False

    return erase


async def erase_pending(registry: Registry, erase: Eraser) -> int:
    """Try everything that is still to be erased; how many conversations are gone."""
    gone = 0
    for conversation in await asyncio.to_thread(registry.pending_erasures):
        done = await erase(conversation)
        await asyncio.to_thread(registry.conversation_erased, conversation, done=done)
        gone += done
    return gone
