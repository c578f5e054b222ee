"""The secrets by which our processes know each other: from the environment, never from a file."""

from __future__ import annotations

CHANNEL = "KOMPAS_CHANNEL_SECRET"
_LEAST = 32


def weakness(name: str, secret: str) -> str | None:
    """What is wrong with the `secret` in the variable `name`, with the remedy, if anything is."""
    if len(secret) >= _LEAST:
        return None
    return (
        f"{name} has fewer than {_LEAST} characters. Start with `make run`, which makes one in "
        "var/secrets.env, or set it."
    )
