"""The training messages `data/nlu/<language>/<intent>.yml`, read and checked without Rasa."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import yaml

from bot import yaml_text
from bot.languages import fold, languages

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data" / "nlu"
FEWEST = {"out_of_scope": 250}
FEWEST_PER_INTENT = 60


class Example(NamedTuple):
    """One training message and where it stands."""

    language: str
    intent: str
    text: str
    line: int


@lru_cache(maxsize=1)
def intents_by_topic() -> dict[str, list[str]]:
    """The intents of the contract, from `bot/intents.yml`."""
    text = Path(__file__).with_name("intents.yml").read_text(encoding="utf-8")
    topics: dict[str, list[str]] = yaml_text.load(text)
    return topics


def contract_intents() -> list[str]:
    """Every intent of the contract, in the order of the file."""
    return [intent for intents in intents_by_topic().values() for intent in intents]


class Neighbours(NamedTuple):
    """Intents that lie near each other, and what tells them apart."""

    intents: str
    rule: str


@lru_cache(maxsize=1)
def intent_meanings() -> tuple[dict[str, str], list[Neighbours]]:
    """What a message of each intent says, and how neighbours are told apart."""
    text = Path(__file__).with_name("intent_meanings.yml").read_text(encoding="utf-8")
    found = yaml_text.load(text)
    return found["meanings"], [Neighbours(**line) for line in found["neighbours"]]


def meaning_faults() -> Iterator[str]:
    """Intents of which nobody says what they are."""
    meanings, _ = intent_meanings()
    place = "bot/intent_meanings.yml: meanings"
    for intent in contract_intents():
        if not meanings.get(intent):
            yield f"{place}: {intent} is missing. Say what the visitor says or asks."
    for intent in sorted(set(meanings) - set(contract_intents())):
        yield f"{place}: {intent} is no intent of bot/intents.yml. Remove or rename it."


def is_held_out(text: str) -> bool:
    """Whether a training message, by its clean text, is kept apart: one in thirteen.

    Our sentence encoder is not adapted to these, so that on them, and not on others, the
    classifier above it learns how far to trust it.
    """
    return hashlib.blake2b(text.encode(), digest_size=1).digest()[0] < 20


def examples_of(path: Path) -> list[Example]:
    """Messages of one file. Raises ValueError saying what is wrong with the file."""
    language, intent = path.parent.name, path.stem
    raw = path.read_text(encoding="utf-8")
    try:
        blocks = yaml_text.load(raw)["nlu"]
    except yaml.YAMLError as error:
        where = yaml_text.in_file(error)
        raise ValueError(f"{where} is not YAML. Mend the indentation or the quotes there") from None
    except (TypeError, KeyError):
        raise ValueError("has no list `nlu`. Write it like its neighbours") from None
    if not isinstance(blocks, list):
        raise ValueError("has no list `nlu`. Write it like its neighbours")
    if len(blocks) != 1 or not isinstance(blocks[0], dict) or blocks[0].get("intent") != intent:
        raise ValueError(f"holds something else than the one intent {intent}. Keep one a file")
    if not isinstance(blocks[0].get("examples"), str):
        raise ValueError(
            "has no `examples: |` with messages under it. Write it like its neighbours"
        )
    if (blocks[0].get("metadata") or {}).get("language") != language:
        raise ValueError(f"lacks `metadata: {{language: {language}}}` under the intent. Add it")
    found = []
    for number, line in enumerate(raw.splitlines(), start=1):
        if line.startswith("    - "):
            found.append(Example(language, intent, line[6:].strip(), number))
    if len(found) != len(blocks[0]["examples"].splitlines()):
        raise ValueError("has a line that is no message. Begin each with four spaces and `- `")
    return found


def faults(data: Path = DATA) -> list[str]:
    """Every fault of the training messages, with file, line and remedy."""
    return list(_faults(data))


def _faults(data: Path) -> Iterator[str]:
    intents = contract_intents()
    for language in languages():
        seen: dict[str, Example] = {}
        for intent in intents:
            path = data / language / f"{intent}.yml"
            place = f"data/nlu/{language}/{intent}.yml"
            if not path.is_file():
                yield f"{place}: is missing; the contract has this intent. Write the file."
                continue
            try:
                examples = examples_of(path)
            except (ValueError, UnicodeDecodeError) as error:
                yield f"{place}: {error}."
                continue
            fewest = FEWEST.get(intent, FEWEST_PER_INTENT)
            if len(examples) < fewest:
                yield f"{place}: has {len(examples)} messages. Write {fewest} or more."
            for example in examples:
                key = "".join(c for c in fold(example.text) if c.isalnum())
                twin = seen.setdefault(key, example)
                if twin is not example:
                    yield (
                        f"{place}:{example.line}: stands again in {twin.intent}.yml:{twin.line} "
                        "(case, diacritics and signs aside). Remove one."
                    )
        for path in sorted((data / language).glob("*.yml")):
            if path.stem not in intents:
                yield (
                    f"data/nlu/{language}/{path.name}: is no intent of bot/intents.yml. "
                    "Add it there, with a rule and its wording, or remove the file."
                )
