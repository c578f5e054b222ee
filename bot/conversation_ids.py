"""Ids of conversations, as the gateway makes them; the Rasa server knows no others."""

from __future__ import annotations

import re
from typing import TypeGuard

PATTERN = "[0-9a-f]{64}"
_ID = re.compile(PATTERN)


def is_conversation(value: object) -> TypeGuard[str]:
    """Whether it is such an id; nothing else may become part of an address or a query."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None
