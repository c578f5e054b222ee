"""How well typed answers to the checklist are understood: `python -m bot.evaluate_answers`.

Reads `tests/answers/<language>.csv` with the columns question, expected, text. `expected` is an
option, several joined with `+`, a country code, a range of days, ages as in
bot/checklist/values.py, `unknown`, `_other` (no answer to this question), `?` (nobody could tell),
or alternatives `a|b`. Dates are meant as written on 22 November 2026.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.checklist import reading
from bot.checklist.examples import DOCUMENT_STATUS, OTHER
from bot.checklist.questions import checklist
from bot.checklist.values import parse
from bot.languages import languages
from bot.model import ROOT, answers_file
from bot.nlu.answer_model import AnswerModel
from bot.nlu.sentence_featurizer import shared_encoder

WRITTEN_ON = date(2026, 11, 22)
"""The day on which the test answers were written: "last week" is the week before."""

RIGHT, ASKED_AGAIN, WRONG, MISSED = "right", "asked again", "noted wrong", "taken for no answer"


@dataclass(frozen=True)
class Row:
    """A line of the test."""

    language: str
    question: str
    expected: str
    text: str


def read_rows(folder: Path) -> list[Row]:
    """The lines of every language's file."""
    rows = []
    for language in languages():
        path = folder / f"{language}.csv"
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as file:
                rows += [
                    Row(language, line["question"], line["expected"], line["text"])
                    for line in csv.DictReader(file)
                ]
    return rows


def judge(row: Row, found: reading.Reading | None) -> str:
    """What became of a test answer."""
    wanted = row.expected.split("|")
    if found is None:
        return RIGHT if OTHER in wanted else MISSED
    if found.line is None:
        fine = {"?", "impossible", "future"} & set(wanted)
        return RIGHT if fine else ASKED_AGAIN
    value = found.line.partition("=")[2]
    return RIGHT if any(_fits(row, value, each) for each in wanted) else WRONG


def _fits(row: Row, value: str, wanted: str) -> bool:
    if row.question == "q_date":
        if wanted == "future":
            return value[:10] > WRITTEN_ON.isoformat()
        if "/" in value and "/" in wanted:
            first, last = value.split("/")
            low, high = wanted.split("/")
            return low <= first and last <= high or (first <= low and high <= last)
    if row.question == "q_age":
        return _ages(value) == _ages(wanted)
    return sorted(value.split("+")) == sorted(wanted.split("+"))


def _ages(text: str) -> object:
    try:
        return parse(f"q_age={text}", WRITTEN_ON)[1]
    except ValueError:
        return text


def evaluate(rows: list[Row], model: AnswerModel) -> list[tuple[Row, reading.Reading | None, str]]:
    """Read every row and judge it."""
    vectors = shared_encoder("kompas")([row.text for row in rows])
    found = []
    for row, vector in zip(rows, vectors):
        status = row.question == DOCUMENT_STATUS
        name = "q_documents" if status else row.question
        item = f"{name}/d_birth" if status else name
        scores = model.scores(row.question, row.text, vector)
        read = reading.read(
            checklist().questions[name], item, row.text, row.language, scores, WRITTEN_ON
        )
        found.append((row, read, judge(row, read)))
    return found


def main() -> None:
    """Print shares per language and question; with --faults, every line that went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", type=Path, default=ROOT / "tests" / "answers")
    parser.add_argument("--out", type=Path, help="write the shares as JSON")
    parser.add_argument("--faults", action="store_true", help="list what was not right")
    arguments = parser.parse_args()
    rows = read_rows(arguments.set)
    if not rows:
        sys.exit(f"{arguments.set}: holds no file of a language. Name a folder with nl.csv.")
    judged = evaluate(rows, AnswerModel.load(answers_file()))
    shares = {}
    for name in ("language", "question"):
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for row, _, outcome in judged:
            counts[getattr(row, name)][outcome] += 1
        shares[name] = {
            key: {o: round(c[o] / c.total(), 3) for o in (RIGHT, ASKED_AGAIN, WRONG, MISSED)}
            for key, c in counts.items()
        }
        for key, each in shares[name].items():
            print(f"{key:24}", "  ".join(f"{o} {share:.3f}" for o, share in each.items()))
    if arguments.faults:
        for row, read, outcome in judged:
            if outcome != RIGHT:
                said = read.line or read.reason if read else None
                print(outcome, row.language, row.question, row.expected, repr(row.text), said)
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(json.dumps(shares, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
