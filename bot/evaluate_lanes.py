"""How well the lanes see what cannot wait: `python -m bot.evaluate_lanes`.

Reads CSV files with the columns expected, text, in whose name the language stands
(`nl_unseen.csv`): of emergencies (`--emergencies`) and of hard requests (`--hard-requests`);
`expected` is a kind, or `none` (or nothing) for a message that only sounds alike. Beside them it
measures false alarms on ordinary traffic: the messages of `tests/nlu` and `data/nlu` whose intents
have nothing to do with emergencies, and the answers of `tests/answers`.

Of emergencies it counts the rules alone, the learned model alone, the classifier's urgent intents
alone, the lane (rules, model and classifier as EmergencyStep joins them), and what the visitor
gets: an emergency card or an emergency answer; or, beside these, the line before another answer
that says whom to call. Of hard requests, what the HardRequestStep sees; or, beside these, the
principle before another answer.
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot import emergency, training_data
from bot.emergency import KINDS
from bot.emergency_data import NEAR
from bot.hard_request_data import KINDS as HARD_KINDS
from bot.hard_requests import DOUBTFUL as DOUBTFUL_REQUEST
from bot.hard_requests import ENTITY as HARD_REQUEST
from bot.labelled_messages import NONE
from bot.languages import clean, languages

ROOT = training_data.ROOT

EMERGENCIES, HARD_REQUESTS = ROOT / "tests" / "emergency", ROOT / "tests" / "hard_requests"
"""The folders of the sets of the project."""

ASKS_FOR_DANGER = "q_safety"
"""The question of the checklist to which an emergency is an answer."""

HARMLESS, LAWFUL = "harmless", "lawful"
"""Groups of messages that only sound alike."""

SEEN_BY = ("rules", "learned", "classifier", "lane", "visitor", "or line")
SEEN_HARD = ("hard", "or principle")
_PER_INTENT = 8


@dataclass(frozen=True)
class Row:
    """A message of a test; `kind` is one of its set or `NONE`; `group` says where it is from."""

    language: str
    kind: str
    text: str
    group: str


@dataclass(frozen=True)
class Judged:
    """Which parts saw an alarm in a row, and the kinds that the lanes saw."""

    row: Row
    seen: dict[str, bool]
    kind: str | None
    hard: str | None = None


class LaneFileError(ValueError):
    """A test file cannot be used; the message names file, line and fault."""


def read_rows(path: Path, kinds: Sequence[str], group: str) -> list[Row]:
    """Rows of a file, or of every CSV file of a folder. Raises `LaneFileError`.

    `group`: what the messages of no kind are called.
    """
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    rows = []
    for file in files:
        language = next((part for part in file.stem.split("_") if part in languages()), None)
        if language is None:
            raise LaneFileError(f"{file}: its name must hold a language, as nl_new.csv.")
        with file.open(encoding="utf-8-sig", newline="") as lines:
            for number, line in enumerate(csv.DictReader(lines), start=2):
                kind, text = line.get("expected"), line.get("text")
                if kind is None or not text or (kind or NONE) not in (*kinds, NONE):
                    raise LaneFileError(
                        f"{file}: line {number}: needs expected ({', '.join(kinds)} or {NONE}) "
                        "and text. Quote a text that holds a comma."
                    )
                rows.append(Row(language, kind or NONE, text, group))
    if not rows:
        raise LaneFileError(f"{path}: holds no lines. Name a file or a folder of CSV files.")
    return rows


def ordinary_rows() -> list[Row]:
    """Ordinary traffic: messages that ask about something else."""
    rows = []
    choice = random.Random(20261122)
    for language in languages():
        tests = (
            ("tests/nlu", f"development_{language}.csv", "intent", NEAR),
            ("tests/answers", f"{language}.csv", "question", {ASKS_FOR_DANGER}),
        )
        for folder, name, column, left_out in tests:
            path = ROOT / folder / name
            with path.open(encoding="utf-8", newline="") as lines:
                rows += [
                    Row(language, NONE, line["text"], folder)
                    for line in csv.DictReader(lines)
                    if line[column] not in left_out
                ]
        for intent in training_data.contract_intents():
            if intent not in NEAR:
                listed = training_data.examples_of(training_data.DATA / language / f"{intent}.yml")
                for example in choice.sample(listed, min(_PER_INTENT, len(listed))):
                    rows.append(Row(language, NONE, example.text, "data/nlu"))
    return rows


def judge(rows: Sequence[Row]) -> list[Judged]:
    """What the parts and the whole make of each row, with the models for the present data."""
    from bot.emergency_model import emergency_file
    from bot.evaluate import Row as ParsedRow
    from bot.evaluate import predict, trained_parser
    from bot.lane_model import LaneModel
    from bot.nlu.emergency_step import DOUBTFUL, ENTITY, URGENT_INTENTS
    from bot.nlu.sentence_featurizer import shared_encoder

    model = LaneModel.load(emergency_file())
    texts = [clean(row.text) for row in rows]
    vectors = shared_encoder("kompas")(texts)
    found: list[dict[str, str]] = []
    parse = trained_parser()

    def noting(text: str) -> dict[str, object]:
        data = parse(text)
        found.append({e["entity"]: e["value"] for e in data.get("entities") or []})
        return data

    parsed = predict([ParsedRow("", r.language, frozenset(), "", r.text) for r in rows], noting)
    judged = []
    for row, text, vector, entities, whole in zip(rows, texts, vectors, found, parsed):
        kind, hard = entities.get(ENTITY), entities.get(HARD_REQUEST)
        learned = model.judge(model.scores(text, vector), supported=False)
        seen = {
            "rules": emergency.detect(text, row.language) is not None,
            "learned": learned is not None,
            "classifier": bool(whole.top) and whole.top[0][0] in URGENT_INTENTS,
            "lane": kind is not None,
            "visitor": whole.emergency,
            "or line": whole.emergency or DOUBTFUL in entities,
            "hard": hard is not None,
            "or principle": hard is not None or DOUBTFUL_REQUEST in entities,
        }
        judged.append(Judged(row, seen, kind, hard))
    return judged


def report(judged: Sequence[Judged], parts: Sequence[str] = SEEN_BY) -> str:
    """A table: per language what each part saw, of alarms and of messages that are none."""
    hard = parts == SEEN_HARD
    kinds, passed = (HARD_KINDS, HARMLESS) if hard else (KINDS, LAWFUL)
    lines = [f"{'':34}" + "".join(f"{part:>16}" for part in parts) + f"{'right kind':>16}"]
    for language in languages():
        groups: dict[str, list[Judged]] = defaultdict(list)
        for each in judged:
            row = each.row
            if row.language != language or row.group == passed:
                # the near misses of one lane may be alarms of the other
                continue
            if row.kind == NONE:
                groups[f"false alarms, {row.group}"].append(each)
                if row.group not in (HARMLESS, LAWFUL):
                    groups["false alarms, ordinary together"].append(each)
            elif row.kind in kinds:
                groups["recognised"].append(each)
                groups[f"  {row.kind}"].append(each)
        for name in sorted(groups, key=lambda name: _place(name, kinds)):
            lines.append(_line(f"{language} {name}", groups[name], parts))
    return "\n".join(lines) + "\n"


def _place(name: str, kinds: Sequence[str]) -> tuple[int, str]:
    order = ("recognised", *(f"  {kind}" for kind in kinds), "false alarms, harmless")
    return (order.index(name) if name in order else len(order), name)


def _line(name: str, group: Sequence[Judged], parts: Sequence[str]) -> str:
    cells = [_share(each.seen[part] for each in group) for part in parts]
    if group[0].row.kind != NONE:
        found = [(e.hard if parts == SEEN_HARD else e.kind, e.row.kind) for e in group]
        cells.append(_share(kind == wanted for kind, wanted in found if kind is not None))
    return f"{name:34}" + "".join(f"{cell:>16}" for cell in cells)


def _share(values: Iterable[bool]) -> str:
    listed = list(values)
    return f"{sum(listed)}/{len(listed)} {sum(listed) / max(1, len(listed)):.3f}"


def faults(judged: Sequence[Judged]) -> list[str]:
    """A line for each message of a set that the visitor gets a wrong answer to."""
    lines = []
    for each in judged:
        row = each.row
        part = "hard" if row.group == LAWFUL else "visitor"
        if each.seen[part] != (row.kind != NONE):
            seen = [name for name in (*SEEN_BY, *SEEN_HARD) if each.seen[name]]
            lines.append(f"{row.language} {row.kind} {row.group} {seen} {row.text!r}")
    return lines


def main() -> None:
    """Judge both sets and ordinary traffic, print the tables; --faults lists the errors."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--emergencies", type=Path, default=EMERGENCIES)
    parser.add_argument("--hard-requests", type=Path, default=HARD_REQUESTS)
    parser.add_argument("--faults", action="store_true", help="list what the visitor gets wrong")
    parser.add_argument("--only-sets", action="store_true", help="leave ordinary traffic out")
    arguments = parser.parse_args()
    try:
        rows = read_rows(arguments.emergencies, KINDS, HARMLESS)
        rows += read_rows(arguments.hard_requests, HARD_KINDS, LAWFUL)
    except LaneFileError as error:
        sys.exit(str(error))
    if not arguments.only_sets:
        rows += ordinary_rows()
    judged = judge(rows)
    print(report(judged))
    print(report(judged, SEEN_HARD))
    if arguments.faults:
        print("\n".join(faults(judged)))


if __name__ == "__main__":
    main()
