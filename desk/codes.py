"""Registration codes: `desk/codes.yml`, and which one a conversation leads to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot import yaml_text
from bot.errors import raise_faults

_FILE = Path(__file__).with_name("codes.yml")


@dataclass(frozen=True)
class Code:
    """A code of the annual report."""

    id: str
    label: str
    line: int
    general: bool
    topics: frozenset[str]


@dataclass(frozen=True)
class Codebook:
    """The whole file. Mappings go from ids to Dutch labels."""

    codes: Mapping[str, Code]
    urgent: frozenset[str]
    return_verdicts: frozenset[str]
    roles: Mapping[str, str]
    third_parties: Mapping[str, str]
    channels: Mapping[str, str]
    closing: Mapping[str, str]

    def named(self, name: str) -> Code | None:
        """The code with this id or this exact Dutch name."""
        if name in self.codes:
            return self.codes[name]
        return next((code for code in self.codes.values() if code.label == name), None)

    def of_topic(self, topic: str) -> Code | None:
        """The code of an intent; awareness and small talk have none."""
        return next((code for code in self.codes.values() if topic in code.topics), None)


@dataclass(frozen=True)
class Proposal:
    """Line and code for a new case, and whether its topics alone make it urgent."""

    code: str
    line: int
    urgent: bool


@cache
def codebook() -> Codebook:
    """The codes. Raises `ProjectFileError` naming each fault of the file."""
    data: Any = yaml_text.load(_FILE.read_text(encoding="utf-8"))
    faults: list[str] = []
    seen: dict[str, str] = {}
    for name, entry in data["codes"].items():
        if entry.get("line") not in (1, 2):
            faults.append(f"desk/codes.yml: {name}: line is not 1 or 2. Correct it.")
        for topic in entry["topics"]:
            if topic in seen:
                faults.append(
                    f"desk/codes.yml: {name}: {topic} stands under {seen[topic]}, too. Choose one."
                )
            seen[topic] = name
    raise_faults(faults)
    return Codebook(
        codes={
            name: Code(
                name,
                entry["label"],
                entry["line"],
                entry.get("general", False),
                frozenset(entry["topics"]),
            )
            for name, entry in data["codes"].items()
        },
        urgent=frozenset(data["urgent"]),
        return_verdicts=frozenset(data["return_verdicts"]),
        roles=data["roles"],
        third_parties=data["third_parties"],
        channels=data["channels"],
        closing=data["closing"],
    )


def propose(
    hint: str | None,
    topics: Iterable[str] = (),
    *,
    role: str = "unknown",
    verdicts: Iterable[str | None] = (),
    line_hint: int | None = None,
) -> Proposal:
    """Line and code by the practice of registration; staff can change them with a reason.

    The last topic decides, but a lighter one does not undo a heavier: a question about a form
    that ends in "he refuses to sign" is a refusal. `hint` is what the conversation itself
    concluded, so it counts as said last.
    """
    book = codebook()
    topics = list(topics)
    found = [code for topic in topics if (code := book.of_topic(topic)) is not None]
    if any(verdict in book.return_verdicts for verdict in verdicts):
        found.append(book.codes["kinderontvoering"])
    if hint is not None and (hinted := book.named(hint)) is not None:
        found.append(hinted)
    chosen: Code | None = None
    for code in found:
        if chosen is None or _weight(code) >= _weight(chosen):
            chosen = code
    if chosen is None:
        # nothing but "I want to talk to someone": a jurist finds out
        chosen = book.codes["overig"]
    if "mediation" in topics and role == "taking" and chosen.general:
        chosen = book.codes["kinderontvoering"]
    if line_hint == 2 and chosen.line == 1:
        # line 1 has one code, so what must go to a jurist cannot keep it
        chosen = book.codes["overig"]
    return Proposal(chosen.id, chosen.line, bool(book.urgent.intersection(topics)))


def _weight(code: Code) -> int:
    if code.line == 1:
        return 0
    return 1 if code.general else 2
