"""A message that is sent again after a lost reply is answered as the first time, not said twice."""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

_KEY = re.compile(r"[0-9a-f]{32}")


def is_key(text: str) -> bool:
    """Whether `text` can name a message: 32 hexadecimal digits, which nobody chooses twice."""
    return _KEY.fullmatch(text) is not None


@dataclass(frozen=True)
class _Answer:
    key: str
    reply: asyncio.Future[dict[str, Any]]
    since: float


class Repeats:
    """The last reply of each conversation, for a few minutes, in memory only and bounded."""

    def __init__(self, seconds: float = 300, most: int = 5_000) -> None:
        self._seconds = seconds
        self._most = most
        self._last: OrderedDict[str, _Answer] = OrderedDict()

    async def answer(
        self, sender: str, key: str | None, work: Callable[[], Awaitable[dict[str, Any]]]
    ) -> dict[str, Any]:
        """The reply of `work`, or the one that `key` already brought or is bringing.

        A failure is not remembered: sent again, the message is tried again.
        """
        self._drop_old()
        if key is None:
            # the conversation has gone on: what was said before is not said "again" any more
            self.forget(sender)
            return await work()
        known = self._last.get(sender)
        if known is None or known.key != key:
            known = _Answer(key, asyncio.ensure_future(work()), time.monotonic())
            self._last[sender] = known
            self._last.move_to_end(sender)
        try:
            # a visitor whose connection breaks must not break off the work
            return await asyncio.shield(known.reply)
        except Exception:
            if self._last.get(sender) is known:
                del self._last[sender]
            raise

    def forget(self, sender: str) -> None:
        """Drop an ended conversation."""
        self._last.pop(sender, None)

    def _drop_old(self) -> None:
        now = time.monotonic()
        while self._last:
            sender, oldest = next(iter(self._last.items()))
            if len(self._last) <= self._most and now - oldest.since < self._seconds:
                return
            del self._last[sender]
