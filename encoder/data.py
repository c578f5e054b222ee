"""Reads the messages: training data of `data/nlu` and of the two lanes, `data/emergency` and
`data/hard_requests`; development set of `tests/nlu`."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

from bot import emergency_data, hard_request_data, yaml_text
from bot.labelled_messages import TOLD, Message
from bot.languages import clean

ROOT = Path(__file__).resolve().parents[1]
TRAINING = ROOT / "data" / "nlu"
DEVELOPMENT = ROOT / "tests" / "nlu"


class Row(NamedTuple):
    """One labelled message; an intent `a|b` means that both are right."""

    language: str
    intent: str
    style: str
    text: str


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


def lane_rows() -> list[Row]:
    """The messages of the lanes; their intent is the lane and the kind, or `none`."""
    rows = [
        *_rows("emergency", emergency_data.messages()),
        *_rows("hard", hard_request_data.messages()),
    ]
    return list({(row.intent, row.text): row for row in rows}.values())


def _rows(lane: str, messages: list[Message]) -> list[Row]:
    return [
        Row(message.language, f"{lane}_{message.kind}", "training", text)
        for message in messages
        # those of told.yml stand in data/nlu, under their intents
        if message.source != TOLD and (text := clean(message.text))
    ]


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
