"""Reads the messages: training data of `data/nlu`, of the two lanes (`data/emergency` and
`data/hard_requests`) and of the checklist (`data/answers`); development set of `tests/nlu`."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from bot import emergency_data, hard_request_data, yaml_text
from bot.labelled_messages import NONE, TOLD, Message
from bot.languages import clean
from bot.training_data import is_held_out

ROOT = Path(__file__).resolve().parents[1]
TRAINING = ROOT / "data" / "nlu"
ANSWERS = ROOT / "data" / "answers"
DEVELOPMENT = ROOT / "tests" / "nlu"

INTENT = "intent"
"""The task of telling the intents apart."""
LANES = {"emergency": emergency_data, "hard request": hard_request_data}
"""The tasks of the lanes."""


class Row(NamedTuple):
    """One labelled message; an intent `a|b` means that both are right."""

    language: str
    intent: str
    style: str
    text: str


class Lesson(NamedTuple):
    """A message to learn from.

    `labels`: for each task that says something of it, the right label. A task is the intent, a
    lane, or a question of the checklist. `kin`: what its like have in common, empty for none.
    """

    text: str
    labels: Mapping[str, str]
    kin: str


def training_rows(folder: Path = TRAINING) -> list[Row]:
    """The training messages of every language, each text of an intent once."""
    rows: dict[tuple[str, str, str], Row] = {}
    for path in sorted(folder.glob("*/*.yml")):
        language = path.parent.name
        for block in yaml_text.load(path.read_text(encoding="utf-8"))["nlu"]:
            if "intent" not in block:
                continue
            for line in block["examples"].splitlines():
                text = clean(line.removeprefix("- "))
                if text:
                    row = Row(language, block["intent"], "training", text)
                    rows.setdefault((language, row.intent, text), row)
    return list(rows.values())


def lessons() -> list[Lesson]:
    """All that the encoder is to tell apart: intents, both lanes, and the answers to questions.

    Messages that the classifiers need unseen (`bot.training_data.is_held_out`) are not among them.
    """
    found = [*_of_intents(), *_of_lanes(), *_of_answers()]
    return [lesson for lesson in found if not is_held_out(lesson.text)]


def _of_intents() -> Iterator[Lesson]:
    told = {lane: _told(lane.messages()) for lane in LANES.values()}
    for row in training_rows():
        labels = {INTENT: row.intent}
        for task, lane in LANES.items():
            kind = told[lane].get((row.language, row.text))
            if kind is None and row.intent not in lane.NEAR:
                kind = NONE
            # what lies near a lane and is not told could be either
            if kind is not None:
                labels[task] = kind
        yield Lesson(row.text, labels, row.intent)


def _told(messages: list[Message]) -> dict[tuple[str, str], str]:
    return {(m.language, clean(m.text)): m.kind for m in messages if m.source == TOLD}


def _of_lanes() -> Iterator[Lesson]:
    for task, lane in LANES.items():
        known = {(m.kind, clean(m.text)) for m in lane.messages() if m.source != TOLD}
        for kind, text in sorted(known):
            if text:
                # what is of no kind has no kin: it may be about anything
                yield Lesson(text, {task: kind}, f"{task} {kind}" if kind != NONE else "")


def _of_answers(folder: Path = ANSWERS) -> Iterator[Lesson]:
    known: set[tuple[str, str, str]] = set()
    for path in folder.glob("*/*.yml"):
        # read here and not by bot.checklist, which needs more of the server's libraries
        for label, lines in yaml_text.load(path.read_text(encoding="utf-8")).items():
            known.update((path.stem, label, clean(line)) for line in lines)
    for question, label, text in sorted(known):
        if text:
            yield Lesson(text, {question: label}, f"{question} {label}")


def development_rows(folder: Path = DEVELOPMENT) -> list[Row]:
    """The messages of the development set, written apart from the training data."""
    rows = []
    for path in sorted(folder.glob("development_*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows += [
                Row(line["lang"], line["intent"], line["style"], clean(line["text"]))
                for line in csv.DictReader(file)
            ]
    return rows
