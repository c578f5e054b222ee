"""`python -m bench`: measure Kompas, then the stock Rasa pipeline, and report."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bench import encoders, kompas, load, machine, messages, report, stock
from bench.processes import PartFailed

_SAMPLE = 8
"""Messages of each file where stock Rasa cannot learn from all within the time."""


def main() -> None:
    """Measure what is asked for; a part that fails is reported as missing."""
    options = _options()
    machine.BUILD.mkdir(parents=True, exist_ok=True)
    about = machine.describe()
    rows = messages.rows(sample=options.sample)
    parts: dict[str, dict[str, Any]] = {}
    sample = options.sample or (None if options.full else _fitting_sample(options))
    if not options.skip_kompas:
        _kompas(parts.setdefault("kompas", {}), rows, sample, options)
    if not options.skip_stock:
        _stock(parts.setdefault("stock", {}), rows, sample, options, each=False)
        _stock(parts.setdefault("stock_each", {}), rows, sample, options, each=True)
    if options.train_only:
        sys.exit(any("missing" in part for part in parts.values()))

    found = {
        "machine": about,
        "settings": {
            "rounds": options.rounds,
            "messages_a_round": load.MESSAGES_A_ROUND,
            "visitors": load.VISITORS,
            "messages_a_visitor": load.MESSAGES_A_VISITOR,
            "rows": options.sample,
            "sample": sample,
            "hours": options.hours,
            "stock_epochs": options.stock_epochs,
            "honest_epochs": stock.HONEST_EPOCHS,
        },
        "parts": parts,
        "encoders": {} if options.skip_encoders else _encoders(),
    }
    print(f"\n{report.write(found)}")
    print(f"Text, JSON and picture: {machine.BUILD.relative_to(machine.ROOT)}/report.*")


def _fitting_sample(options: argparse.Namespace) -> int | None:
    """None where stock Rasa learns from all messages within the hours given; else a sample.

    Found by training on the sample: DIET takes at least as long for each message of more.
    """
    if options.skip_stock:
        return None
    try:
        tried = stock.train(_SAMPLE, options.stock_epochs, options.retrain)
    except PartFailed:
        return None
    every = kompas.training_messages()
    hours = tried["seconds"] / 3600 * every / tried["messages"]
    if hours <= options.hours:
        return None
    print(
        f"Stock Rasa would learn from all {every} messages in {hours:.1f} hours or more; "
        f"allowed are {options.hours:g} (--hours). Both sides learn from {_SAMPLE} of each file."
    )
    return _SAMPLE


def _kompas(
    part: dict[str, Any], rows: list[messages.Row], sample: int | None, options: argparse.Namespace
) -> None:
    _step(part, "Kompas", "training", lambda: kompas.train(sample, options.retrain))
    if options.train_only:
        return
    _step(part, "Kompas", "serving", lambda: kompas.serve(rows, options.rounds))
    if sample is None:
        _step(part, "Kompas", "accuracy", lambda: kompas.accuracy(rows))
    elif "training" in part:
        model = Path(part["training"]["model"])
        _step(part, "Kompas", "accuracy", lambda: kompas.sampled_accuracy(model, rows))


def _stock(
    part: dict[str, Any],
    rows: list[messages.Row],
    sample: int | None,
    options: argparse.Namespace,
    each: bool,
) -> None:
    name = "Stock Rasa, one server a language" if each else "Stock Rasa"
    train = stock.train_each if each else stock.train
    _step(part, name, "training", lambda: train(sample, options.stock_epochs, options.retrain))
    if options.train_only:
        return
    if "training" not in part:
        for step in ("serving", "accuracy"):
            part.setdefault("missing", {})[step] = "there is no model"
        return
    made = part["training"]
    models = {lang: Path(m) for lang, m in made.get("models", {"": made["model"]}).items()}
    _step(part, name, "serving", lambda: stock.serve(models, rows, options.rounds))
    _step(part, name, "accuracy", lambda: stock.accuracy(models, rows))


def _encoders() -> dict[str, Any]:
    part: dict[str, Any] = {}
    for name in encoders.NAMES:
        _step(part, "Encoders", name, partial(encoders.measure, name))
    return part


def _step(part: dict[str, Any], name: str, step: str, work: Callable[[], dict[str, Any]]) -> None:
    """Put what `work` measured into `part`, or the reason why it could not."""
    print(f"{name}: {step}", flush=True)
    try:
        part[step] = work()
    # whatever happens to one part, the others are still worth their hour
    except Exception as error:
        reason = str(error) if isinstance(error, PartFailed) else f"{type(error).__name__}: {error}"
        part.setdefault("missing", {})[step] = reason
        print(f"  missing: {reason}", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=_positive, default=5, help="rounds of messages (5)")
    parser.add_argument("--skip-stock", action="store_true", help="measure Kompas alone")
    parser.add_argument("--skip-encoders", action="store_true", help="do not compare encoders")
    parser.add_argument("--skip-kompas", action="store_true", help="measure stock Rasa alone")
    parser.add_argument(
        "--stock-epochs",
        type=_positive,
        default=stock.HONEST_EPOCHS,
        help="epochs of DIET (100; any other number is a trial)",
    )
    parser.add_argument(
        "--sample",
        type=_positive,
        help="train both sides on so many messages of each file, and send so many rows of each "
        "language",
    )
    parser.add_argument(
        "--hours",
        type=float,
        default=float(os.environ.get("BENCH_HOURS") or 1),
        help="a training of stock Rasa on all messages may take so long (BENCH_HOURS, 1)",
    )
    parser.add_argument("--full", action="store_true", help="on all messages, however long")
    parser.add_argument("--retrain", action="store_true", help="train even what is kept")
    parser.add_argument("--train-only", action="store_true", help="train what is missing and stop")
    return parser.parse_args()


def _positive(value: str) -> int:
    number = int(value)
    if number < 1:
        raise ValueError(value)
    return number


if __name__ == "__main__":
    main()
