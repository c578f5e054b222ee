"""`make evaluate`: how well the trained model understands messages it has never seen.

Reads a CSV file `id,lang,intent,style,text` (or every one in a folder), where `intent` may hold
alternatives `a|b`, and writes the JSON result of the interface contract, and beside it a report
of what is taken for what, per language, as text and as a picture.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import logging
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.languages import languages
from bot.nlg.answers import answers

_COLUMNS = ("id", "lang", "intent", "style", "text")
FALLBACK = "nlu_fallback"
"""The intent of what is asked back about."""
_WORDS_FOR_LANGUAGE = 4


class EvaluationFileError(ValueError):
    """The evaluation file cannot be used; the message names line, fault and remedy."""


@dataclass(frozen=True)
class Row:
    """One line of an evaluation file; no intents: scored for language and countries only."""

    id: str
    lang: str
    intents: frozenset[str]
    style: str
    text: str


@dataclass
class Prediction:
    """What the model makes of one row."""

    row: Row
    top: list[tuple[str, float]]
    offered: list[str]
    answered: str | None
    language: str
    countries: list[str]
    emergency: bool = field(default=False)

    @property
    def right(self) -> bool:
        """The likeliest intent is right."""
        return bool(self.top) and self.top[0][0] in self.row.intents

    @property
    def handled(self) -> bool:
        """Answered with a right intent, or asked back with a right one among the options."""
        if self.offered:
            return bool(self.row.intents & set(self.offered))
        return self.answered in self.row.intents


def read_rows(path: Path) -> list[Row]:
    """Rows of a file, or of every CSV file in a folder. Raises `EvaluationFileError`."""
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    if not files:
        raise EvaluationFileError(f"{path}: holds no .csv file. Name a file or such a folder.")
    rows: list[Row] = []
    faults: list[str] = []
    for file in files:
        try:
            lines = list(csv.DictReader(file.open(encoding="utf-8-sig", newline="")))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise EvaluationFileError(f"{file}: {error}. Give a readable UTF-8 file.") from None
        for number, line in enumerate(lines, start=2):
            missing = [name for name in _COLUMNS if line.get(name) is None]
            if missing:
                faults.append(
                    f"{file}: line {number}: lacks {', '.join(missing)}. "
                    f"Columns are {','.join(_COLUMNS)}; quote a text that holds a comma."
                )
                continue
            intents = frozenset(i.strip() for i in line["intent"].split("|") if i.strip())
            rows.append(Row(line["id"], line["lang"], intents, line["style"], line["text"]))
    if faults:
        raise EvaluationFileError("\n".join(faults[:50]))
    return rows


def emergency_intents() -> frozenset[str]:
    """Intents whose answer is an emergency card."""
    return frozenset(
        key.removeprefix("utter_")
        for key, entry in answers().entries.items()
        if entry.kind == "emergency"
    )


def predict(rows: Sequence[Row], parse: Callable[[str], dict[str, Any]]) -> list[Prediction]:
    """What `parse`, which gives Rasa's parse data of a text, makes of each row."""
    urgent = emergency_intents()
    found = []
    for number, row in enumerate(rows, start=1):
        if number % 500 == 0:
            print(f"{number} of {len(rows)} messages.", file=sys.stderr, flush=True)
        data = parse(row.text)
        ranking = [(r["name"], r["confidence"]) for r in data.get("intent_ranking") or []]
        name = (data.get("intent") or {}).get("name")
        options = list(data.get("options") or []) if name == FALLBACK else []
        codes = [e["value"] for e in data.get("entities") or [] if e["entity"] == "country"]
        countries = [c for i, c in enumerate(codes) if i == 0 or codes[i - 1] != c]
        found.append(
            Prediction(
                row=row,
                top=[r for r in ranking if r[0] != FALLBACK][:3],
                offered=options,
                answered=None if options else name,
                language=(data.get("language") or {}).get("name") or "",
                countries=countries,
                emergency=name in urgent
                or any(e["entity"] == "emergency" for e in data.get("entities") or []),
            )
        )
    return found


def result(predictions: Sequence[Prediction]) -> dict[str, Any]:
    """The JSON result of the interface contract."""
    scored = [p for p in predictions if p.row.intents]
    long_enough = [p for p in predictions if len(p.row.text.split()) >= _WORDS_FOR_LANGUAGE]
    return {
        "rows": len(predictions),
        "overall": scores(scored),
        "by_lang": _grouped(scored, lambda p: p.row.lang),
        "by_style": _grouped(scored, lambda p: p.row.style),
        "by_intent": {
            intent: scores([p for p in scored if intent in p.row.intents])
            for intent in sorted({i for p in scored for i in p.row.intents})
        },
        "language_detection": {
            **_language_scores(predictions),
            "four_words_or_more": _language_scores(long_enough),
        },
        "predictions": [
            {
                "id": p.row.id,
                "lang": p.language,
                "top": [[name, round(confidence, 4)] for name, confidence in p.top],
                "offered": p.offered,
                "emergency": p.emergency,
                "countries": p.countries,
            }
            for p in predictions
        ],
    }


def scores(predictions: Sequence[Prediction]) -> dict[str, float]:
    """Share right at first, share handled, and the F1 of the intents averaged over them."""
    if not predictions:
        return {"top1": 0.0, "handled": 0.0, "macro_f1": 0.0}
    return {
        "top1": _share(p.right for p in predictions),
        "handled": _share(p.handled for p in predictions),
        "macro_f1": _macro_f1(predictions),
    }


def _macro_f1(predictions: Sequence[Prediction]) -> float:
    hits: Counter[str] = Counter()
    predicted: Counter[str] = Counter()
    true: Counter[str] = Counter()
    for p in predictions:
        first = p.top[0][0] if p.top else ""
        # of several right intents the one that was found counts
        truth = first if first in p.row.intents else min(p.row.intents)
        predicted[first] += 1
        true[truth] += 1
        hits[truth] += first == truth
    return _rounded(
        sum(2 * hits[i] / (predicted[i] + true[i]) for i in true) / len(true) if true else 0.0
    )


def _grouped(
    predictions: Sequence[Prediction], key: Callable[[Prediction], str]
) -> dict[str, dict[str, float]]:
    groups: dict[str, list[Prediction]] = defaultdict(list)
    for p in predictions:
        groups[key(p)].append(p)
    return {name: scores(group) for name, group in sorted(groups.items())}


def _language_scores(predictions: Sequence[Prediction]) -> dict[str, Any]:
    def accuracy(group: Sequence[Prediction]) -> float:
        return _share(_same_language(p) for p in group)

    codes = sorted({p.row.lang for p in predictions})
    return {
        "accuracy": accuracy(predictions),
        "by_lang": {c: accuracy([p for p in predictions if p.row.lang == c]) for c in codes},
    }


def _same_language(prediction: Prediction) -> bool:
    if prediction.row.lang in languages():
        return prediction.language == prediction.row.lang
    return prediction.language not in languages()


def _share(values: Iterable[bool]) -> float:
    listed = list(values)
    return _rounded(sum(listed) / len(listed)) if listed else 0.0


def _rounded(value: float) -> float:
    return round(float(value), 4)


def confusions(predictions: Sequence[Prediction], lang: str) -> list[tuple[int, str, str]]:
    """How often which intent is taken for which, in one language, most frequent first."""
    pairs: Counter[tuple[str, str]] = Counter()
    for p in predictions:
        if p.row.lang == lang and p.row.intents and not p.right and p.top:
            pairs[min(p.row.intents), p.top[0][0]] += 1
    return [(count, true, taken) for (true, taken), count in pairs.most_common()]


def report(predictions: Sequence[Prediction], figures: dict[str, Any]) -> str:
    """The result to read: scores, weakest intents, what is taken for what per language."""
    lines = [f"{figures['rows']} messages", "", f"{'':24}{'top1':>8}{'handled':>9}{'macro-F1':>10}"]
    groups = {
        "overall": figures["overall"],
        **{f"language {k}": v for k, v in figures["by_lang"].items()},
        **{f"style {k}": v for k, v in figures["by_style"].items()},
    }
    lines += [
        f"{name:24}{s['top1']:8.3f}{s['handled']:9.3f}{s['macro_f1']:10.3f}"
        for name, s in groups.items()
    ]
    asked = _share(bool(p.offered) for p in predictions)
    four = figures["language_detection"]["four_words_or_more"]
    lines += ["", f"asked back: {asked:.3f}"]
    lines += [f"language, four words or more: {four['accuracy']:.3f}"]
    weakest = sorted(figures["by_intent"].items(), key=lambda item: item[1]["top1"])[:15]
    lines += ["", "weakest intents"]
    lines += [f"  {name:40}{s['top1']:8.3f}{s['handled']:9.3f}" for name, s in weakest]
    for lang in figures["by_lang"]:
        lines += ["", f"{lang}: taken for"]
        pairs = confusions(predictions, lang)[:20]
        lines += [f"  {count:3} {true} > {taken}" for count, true, taken in pairs]
    return "\n".join(lines) + "\n"


def draw(predictions: Sequence[Prediction], path: Path) -> None:
    """The confusions as a picture: a panel per language, the right diagonal left out."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import numpy as np

    codes = sorted({p.row.lang for p in predictions if p.row.intents})
    names = sorted({i for p in predictions for i in p.row.intents})
    place = {name: position for position, name in enumerate(names)}
    figure, panels = plt.subplots(1, len(codes), figsize=(13 * len(codes), 13), squeeze=False)
    for panel, code in zip(panels[0], codes):
        counts = np.zeros((len(names), len(names)))
        for count, true, taken in confusions(predictions, code):
            if taken in place:
                counts[place[true], place[taken]] = count
        panel.imshow(counts, cmap="Reds")
        panel.set_title(f"{code}: row taken for column")
        panel.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
        panel.set_yticks(range(len(names)), names, fontsize=7)
        for row, column in zip(*counts.nonzero()):
            panel.text(column, row, int(counts[row, column]), ha="center", va="center", fontsize=7)
    figure.tight_layout()
    figure.savefig(path, dpi=80)
    plt.close(figure)


def trained_agent() -> Any:
    """The model for the present data, as the server has it."""
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    from rasa.core.agent import Agent
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    from bot.model import model_file

    configure_logging_and_warnings(log_level=logging.ERROR, warn_only_once=True)
    configure_structlog(logging.ERROR)
    return Agent.load(str(model_file()))


def as_typed(text: str) -> str:
    """`text` as the channel hands it on: what is typed never is a payload, nor nothing."""
    return text.lstrip("/ ") or "."


def trained_parser() -> Callable[[str], dict[str, Any]]:
    """Parses a text with the model for the present data, exactly as the server does."""
    agent, loop = trained_agent(), asyncio.new_event_loop()

    def parse(text: str) -> dict[str, Any]:
        return dict(loop.run_until_complete(agent.parse_message(as_typed(text))))

    return parse


def main() -> None:
    """Read, predict, write; say what is wrong with a file that cannot be used."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--set", type=Path, required=True, help="a CSV file, or a folder of them")
    parser.add_argument("--out", type=Path, required=True, help="where the JSON result goes")
    arguments = parser.parse_args()
    try:
        rows = read_rows(arguments.set)
    except EvaluationFileError as error:
        sys.exit(str(error))
    predictions = predict(rows, trained_parser())
    figures = result(predictions)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(
        json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    text = report(predictions, figures)
    arguments.out.with_suffix(".txt").write_text(text, encoding="utf-8")
    if any(p.row.intents for p in predictions):
        draw(predictions, arguments.out.with_suffix(".png"))
    print(text)
    print(f"Written to {arguments.out}, with the report (.txt) and the picture (.png) beside it.")


if __name__ == "__main__":
    main()
