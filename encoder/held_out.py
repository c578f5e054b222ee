"""Which training messages the encoder is never adapted to."""

from __future__ import annotations

import hashlib


def is_held_out(text: str) -> bool:
    """One message in thirteen, by the hash of its clean text.

    On these messages, and not on others, a classifier above the encoder can learn how far to
    trust it.
    """
    return hashlib.blake2b(text.encode(), digest_size=1).digest()[0] < 20
