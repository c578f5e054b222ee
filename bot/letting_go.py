"""What visitors left behind without ending it is erased after some days, by itself."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Mapping
from datetime import datetime, timezone

from rasa.core.agent import Agent
from sanic import Sanic

from bot import turn_metrics, workers
from bot.saved_checklists import SavedChecklists
from bot.tracker_store import erasable

logger = logging.getLogger(__name__)

CONVERSATION_DAYS, CODE_DAYS = "KOMPAS_CONVERSATION_DAYS", "KOMPAS_CODE_DAYS"
_DEFAULTS = {CONVERSATION_DAYS: "2", CODE_DAYS: "14"}
_MOST_DAYS = 365
_EVERY = 3600.0


def faults(environment: Mapping[str, str] = os.environ) -> list[str]:
    """What is wrong with the settings of days, for the start."""
    return [
        f"{name} is {value!r}. Give a whole number of days from 1 to {_MOST_DAYS}."
        for name, default in _DEFAULTS.items()
        for value in [environment.get(name, default)]
        if not (value.isascii() and value.isdigit() and 1 <= int(value) <= _MOST_DAYS)
    ]


def conversation_days() -> int:
    """Days after its last message for which a conversation is kept."""
    return int(os.environ.get(CONVERSATION_DAYS, _DEFAULTS[CONVERSATION_DAYS]))


async def let_conversations_go(agent: Agent, now: float) -> int:
    """Erase conversations of this worker in which nothing was said for so many days; how many."""
    store, own, many = erasable(agent.tracker_store), workers.own(), workers.many()
    before = now - conversation_days() * 24 * 3600
    gone = 0
    for sender in store.unused_since(before):
        if not workers.has(own, sender, many):
            continue
        async with agent.lock_store.lock(sender):
            # somebody may have gone on meanwhile
            if store.is_unused_since(sender, before):
                said = list(store.said(sender))
                store.erase(sender, forget=False)
                turn_metrics.erased(said, "days")
                gone += 1
    # in a thread: PostgreSQL takes its time for it
    await asyncio.to_thread(store.forget_traces)
    return gone


async def go_on(app: Sanic, saved: SavedChecklists) -> None:
    """Look each hour, for as long as the server runs."""
    while True:
        try:
            gone = await let_conversations_go(app.ctx.agent, time.time())
            await asyncio.to_thread(saved.forget_old, datetime.now(timezone.utc))
            if gone:
                logger.info("%d conversations that nobody went on with were erased.", gone)
        except Exception as error:
            # only the kind of the error: its text could hold what a visitor wrote
            logger.error("Old conversations were not erased: %s.", type(error).__name__)
        await asyncio.sleep(_EVERY)
