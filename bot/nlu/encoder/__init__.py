"""The files of our own sentence encoder, made by `encoder/` and checked against their hashes."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

ARTEFACT = Path(__file__).parent


@lru_cache(maxsize=1)
def artefact_faults() -> list[str]:
    """What is missing or damaged of the encoder's files; nothing when all is well."""
    try:
        digests = json.loads((ARTEFACT / "manifest.json").read_text(encoding="utf-8"))["sha256"]
    except (OSError, ValueError, KeyError):
        return ["bot/nlu/encoder/manifest.json: cannot be read. Check it out again."]
    faults = []
    for name, digest in digests.items():
        path = ARTEFACT / name
        if not path.is_file():
            faults.append(f"bot/nlu/encoder/{name}: is missing. Check it out again.")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            faults.append(
                f"bot/nlu/encoder/{name}: has another hash than manifest.json says. "
                "Check it out again."
            )
    return faults
