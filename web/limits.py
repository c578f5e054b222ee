"""How often one conversation or one address may ask.

Keys are kept as keyed hashes, in memory only: who reads the memory of this process, or a dump of
it, finds no visitor's address.
"""

from __future__ import annotations

import hashlib
import math
import secrets
import time
from collections import OrderedDict


class RateLimit:
    """A token bucket per key: `per_minute` at once, refilled evenly. In memory, bounded."""

    def __init__(self, per_minute: int, most_keys: int = 20_000) -> None:
        self._per_minute = per_minute
        self._most_keys = most_keys
        self._secret = secrets.token_bytes(32)
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def wait(self, key: str, now: float | None = None) -> int:
        """Take one; 0 when it was there, else the whole seconds until there is one."""
        now = time.monotonic() if now is None else now
        hashed = hashlib.blake2b(key.encode(), digest_size=16, key=self._secret).digest()
        left, since = self._buckets.pop(hashed, (float(self._per_minute), now))
        left = min(self._per_minute, left + (now - since) * self._per_minute / 60)
        allowed = left >= 1
        self._buckets[hashed] = (left - 1 if allowed else left, now)
        if len(self._buckets) > self._most_keys:
            self._buckets.popitem(last=False)
        return 0 if allowed else math.ceil((1 - left) * 60 / self._per_minute)
