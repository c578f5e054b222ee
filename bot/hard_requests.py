"""Requests that are answered otherwise than asked: `hard_requests.yml`, read and checked.

Which message is one, `bot/nlu` finds out; here is what is said then, and that a reason stands by
it. Plain Python.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot import catalogue, yaml_text
from bot.errors import raise_faults
from bot.hard_request_data import KINDS
from bot.languages import languages
from bot.nlg.answers import answers

INTENT = ENTITY = "hard_request"
"""Names in the domain: the intent of such a message, and what says its kind."""

DOUBTFUL = "doubtful_hard_request"
"""The entity of what could be one; its value is the kind that it could be."""

RESPONSE = "utter_hard_request"
"""The response of the rule; the generator says the text of the kind instead."""

_NAME = "bot/hard_requests.yml"
_FILE = Path(__file__).with_suffix(".yml")


@dataclass(frozen=True)
class HardRequest:
    """An entry of the file; its header explains the fields."""

    kind: str
    response: str
    usual_answer: bool
    principle: str
    reason: str


@lru_cache(maxsize=1)
def hard_requests() -> Mapping[str, HardRequest]:
    """The entries by kind. Raises `ProjectFileError` naming each fault."""
    return parse(_FILE.read_text(encoding="utf-8"))


def parse(text: str) -> dict[str, HardRequest]:
    """Read a text in the form of the file. Raises `ProjectFileError` naming each fault."""
    try:
        rows = yaml_text.load(text)
    except yaml.YAMLError as error:
        line = yaml_text.after_name(error)
        raise_faults([f"{_NAME}:{line} is not YAML. Mend the indentation or the quotes there."])
    if not isinstance(rows, dict):
        raise_faults([f"{_NAME}: holds no kinds. Restore the file."])
    faults = [f"{_NAME}: {kind} is missing. Add it." for kind in KINDS if kind not in rows]
    for kind, row in rows.items():
        faults.extend(f"{_NAME}: {kind}: {fault}" for fault in _row_faults(kind, row))
    raise_faults(faults)
    return {kind: HardRequest(kind, **rows[kind]) for kind in KINDS}


def _row_faults(kind: Any, row: Any) -> Iterator[str]:
    if kind not in KINDS:
        yield f"is none of {', '.join(KINDS)}. Rename it, or add it to bot/hard_request_data.py."
        return
    fields = {"response": str, "usual_answer": bool, "principle": str, "reason": str}
    if not isinstance(row, dict) or set(row) != set(fields):
        yield f"needs exactly {', '.join(fields)}. Write it like its neighbours."
        return
    for name, form in fields.items():
        if not isinstance(row[name], form) or not str(row[name]).strip():
            yield f"{name} is no {'yes or no' if form is bool else 'text'}. Mend it."


def front_text(kind: str | None) -> str | None:
    """Key of the text that stands before the usual answer to a request of `kind`, if one does."""
    found = hard_requests().get(kind or "")
    return found.response if found and found.usual_answer else None


def principle(kind: str | None) -> str | None:
    """Key of the text that stands before the usual answer to what could be a request of `kind`."""
    found = hard_requests().get(kind or "")
    return found.principle if found else None


def own_answer(kind: str | None) -> str | None:
    """Key of the text that is the whole answer to a request of `kind`, if it is."""
    found = hard_requests().get(kind or "")
    return found.response if found and not found.usual_answer else None


def faults() -> Iterator[str]:
    """Texts that are missing: every kind needs its own, reviewed and in every language."""
    for found in hard_requests().values():
        # a principle may be the response itself
        for key in dict.fromkeys((found.response, found.principle)):
            yield from _text_faults(f"{_NAME}: {found.kind}: {key}", key)
    used = [found.response for found in hard_requests().values()]
    for key in sorted({key for key in used if used.count(key) > 1}):
        yield f"{_NAME}: {key} is the text of two kinds. Give each its own."


def _text_faults(place: str, key: str) -> Iterator[str]:
    entry = answers().entries.get(key)
    if entry is None:
        yield f"{place} has no entry in bot/nlg/answers.yml. Add it."
        return
    if not entry.facts:
        yield f"{place} names no facts in bot/nlg/answers.yml. Add what its text rests on."
    for language in languages():
        if not catalogue.has_text(language, key):
            yield (
                f"{place} has no text in locales/{language}/LC_MESSAGES/answers.po. "
                "Add it, then run `make strings`."
            )
