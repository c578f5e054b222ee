"""How well emergencies are recognised: `python -m bot.evaluate_emergency --set tests/emergency`.

Reads CSV files `<language>_….csv` with the columns expected, text; `expected` is a kind of
emergency, or `none` (or nothing) for a harmless message. Beside them it measures false alarms on
ordinary traffic: the messages of `tests/nlu` and `data/nlu` whose intents have nothing to do with
emergencies, and the answers of `tests/answers`. Counted are the rules alone, the learned model
alone, the classifier's urgent intents alone, the lane (rules, model and classifier as
EmergencyStep joins them), and what the visitor gets: an emergency card or an emergency answer.
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
from bot.emergency_data import NONE
from bot.languages import clean, languages

ROOT = training_data.ROOT

NEAR = frozenset(
    ["threat_imminent", "domestic_violence", "missing_child", "emotional_support", "child_abducted"]
)
"""Intents in whose messages emergencies are told: no ordinary traffic."""
ASKS_FOR_DANGER = "q_safety"
"""The question of the checklist to which an emergency is an answer."""

SEEN_BY = ("rules", "learned", "classifier", "lane", "visitor")
_PER_INTENT = 8


@dataclass(frozen=True)
class Row:
    """A message of a test; `kind` is one of `KINDS` or `NONE`; `group` says where it is from."""

    language: str
    kind: str
    text: str
    group: str


@dataclass(frozen=True)
class Judged:
    """Which parts saw an emergency in a row, and the kind the lane saw."""

    row: Row
    seen: dict[str, bool]
    kind: str | None


class EmergencyFileError(ValueError):
    """A test file cannot be used; the message names file, line and fault."""


def read_rows(path: Path) -> list[Row]:
    """Rows of a file, or of every CSV file of a folder. Raises `EmergencyFileError`."""
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    rows = []
    for file in files:
        language = file.stem.split("_")[0]
        if language not in languages():
            raise EmergencyFileError(f"{file}: its name must begin with a language, as nl_new.csv.")
        with file.open(encoding="utf-8-sig", newline="") as lines:
            for number, line in enumerate(csv.DictReader(lines), start=2):
                kind, text = line.get("expected"), line.get("text")
                if kind is None or not text or (kind or NONE) not in (*KINDS, NONE):
                    raise EmergencyFileError(
                        f"{file}: line {number}: needs expected ({', '.join(KINDS)} or {NONE}) "
                        "and text. Quote a text that holds a comma."
                    )
                rows.append(Row(language, kind or NONE, text, "harmless"))
    if not rows:
        raise EmergencyFileError(f"{path}: holds no lines. Name a file or a folder of CSV files.")
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
    from bot.emergency_model import EmergencyModel, emergency_file
    from bot.evaluate import Row as ParsedRow
    from bot.evaluate import predict, trained_parser
    from bot.nlu.emergency_step import URGENT_INTENTS
    from bot.nlu.sentence_featurizer import shared_encoder

    model = EmergencyModel.load(emergency_file())
    texts = [clean(row.text) for row in rows]
    vectors = shared_encoder("kompas")(texts)
    kinds: list[str | None] = []
    parse = trained_parser()

    def noting(text: str) -> dict[str, object]:
        data = parse(text)
        found = (e["value"] for e in data.get("entities") or [] if e["entity"] == "emergency")
        kinds.append(next(found, None))
        return data

    parsed = predict([ParsedRow("", r.language, frozenset(), "", r.text) for r in rows], noting)
    judged = []
    for row, text, vector, kind, whole in zip(rows, texts, vectors, kinds, parsed):
        learned = model.judge(model.scores(text, vector), supported=False)
        seen = {
            "rules": emergency.detect(text, row.language) is not None,
            "learned": learned is not None,
            "classifier": bool(whole.top) and whole.top[0][0] in URGENT_INTENTS,
            "lane": kind is not None,
            "visitor": whole.emergency,
        }
        judged.append(Judged(row, seen, kind))
    return judged


def report(judged: Sequence[Judged]) -> str:
    """A table: per language what each part saw, of emergencies, harmless and ordinary messages."""
    lines = [f"{'':34}" + "".join(f"{part:>16}" for part in SEEN_BY) + f"{'right kind':>16}"]
    for language in languages():
        groups: dict[str, list[Judged]] = defaultdict(list)
        for each in judged:
            if each.row.language != language:
                continue
            if each.row.kind == NONE:
                groups[f"false alarms, {each.row.group}"].append(each)
                if each.row.group != "harmless":
                    groups["false alarms, ordinary together"].append(each)
            else:
                groups["recognised"].append(each)
                groups[f"  {each.row.kind}"].append(each)
        for name in sorted(groups, key=_place):
            lines.append(_line(f"{language} {name}", groups[name]))
    return "\n".join(lines) + "\n"


def _place(name: str) -> tuple[int, str]:
    order = ("recognised", *(f"  {kind}" for kind in KINDS), "false alarms, harmless")
    return (order.index(name) if name in order else len(order), name)


def _line(name: str, group: Sequence[Judged]) -> str:
    cells = [_share(each.seen[part] for each in group) for part in SEEN_BY]
    if group[0].row.kind != NONE:
        cells.append(_share(each.kind == each.row.kind for each in group if each.seen["lane"]))
    return f"{name:34}" + "".join(f"{cell:>16}" for cell in cells)


def _share(values: Iterable[bool]) -> str:
    listed = list(values)
    return f"{sum(listed)}/{len(listed)} {sum(listed) / max(1, len(listed)):.3f}"


def main() -> None:
    """Judge the files of --set and ordinary traffic, print the table; --faults lists the errors."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--set", type=Path, default=ROOT / "tests" / "emergency")
    parser.add_argument("--faults", action="store_true", help="list what the visitor gets wrong")
    parser.add_argument("--only-set", action="store_true", help="leave ordinary traffic out")
    arguments = parser.parse_args()
    try:
        rows = read_rows(arguments.set)
    except EmergencyFileError as error:
        sys.exit(str(error))
    if not arguments.only_set:
        rows += ordinary_rows()
    judged = judge(rows)
    print(report(judged))
    if arguments.faults:
        for each in judged:
            if each.seen["visitor"] != (each.row.kind != NONE):
                seen = [part for part in SEEN_BY if each.seen[part]]
                print(each.row.language, each.row.kind, each.row.group, seen, repr(each.row.text))


if __name__ == "__main__":
    main()
