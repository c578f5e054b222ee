"""What the slots of a conversation tell, whichever of Rasa's trackers holds them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.languages import is_language

_LANGUAGE = ("language", "detected_language")


def spoken_language(get_slot: Callable[[str], Any]) -> str | None:
    """What the visitor chose; before any choice, what the visitor last clearly wrote in."""
    return next((str(code) for code in map(get_slot, _LANGUAGE) if is_language(code)), None)
