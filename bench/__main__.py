"""`python -m bench`: measure Kompas, then the stock Rasa pipeline, and report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import kompas, load, machine, messages, report, stock
from bench.processes import PartFailed


def main() -> None:
    """Measure what is asked for; a part that fails is reported as missing."""
    options = _options()
    machine.BUILD.mkdir(parents=True, exist_ok=True)
    about = machine.describe()
    rows = messages.rows(sample=options.sample)
    parts: dict[str, dict[str, Any]] = {}

    if not options.skip_kompas:
        part = parts["kompas"] = {}
        _step(part, "Kompas", "training", lambda: kompas.train(options.sample, options.retrain))
        if not options.train_only:
            _step(part, "Kompas", "serving", lambda: kompas.serve(rows, options.rounds))
            _step(part, "Kompas", "accuracy", lambda: kompas.accuracy(rows))
    if not options.skip_stock:
        part = parts["stock"] = {}
        _step(
            part,
            "Stock Rasa",
            "training",
            lambda: stock.train(options.sample, options.stock_epochs, options.retrain),
        )
        if not options.train_only:
            _stock(part, rows, options.rounds)
    if options.train_only:
        sys.exit(any("missing" in part for part in parts.values()))

    found = {
        "machine": about,
        "settings": {
            "rounds": options.rounds,
            "messages_a_round": load.MESSAGES_A_ROUND,
            "visitors": load.VISITORS,
            "messages_a_visitor": load.MESSAGES_A_VISITOR,
            "sample": options.sample,
            "stock_epochs": options.stock_epochs,
            "honest_epochs": stock.HONEST_EPOCHS,
        },
        "parts": parts,
    }
    print(f"\n{report.write(found)}")
    print(f"Text, JSON and picture: {machine.BUILD.relative_to(machine.ROOT)}/report.*")
    if options.publish:
        try:
            report.publish(found)
        except ValueError as error:
            sys.exit(f"Not published: {error}")
        print(f"Published as {report.PUBLISHED.relative_to(machine.ROOT)}.")


def _stock(part: dict[str, Any], rows: list[messages.Row], rounds: int) -> None:
    if "training" not in part:
        for step in ("serving", "accuracy"):
            part.setdefault("missing", {})[step] = "there is no model"
        return
    model = Path(part["training"]["model"])
    _step(part, "Stock Rasa", "serving", lambda: stock.serve(model, rows, rounds))
    _step(part, "Stock Rasa", "accuracy", lambda: stock.accuracy(model, rows))


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
        help="a trial: train on so many messages per intent and language, and send so many rows "
        "per language",
    )
    parser.add_argument("--retrain", action="store_true", help="train even what is kept")
    parser.add_argument("--train-only", action="store_true", help="train what is missing and stop")
    parser.add_argument(
        "--publish", action="store_true", help="copy the text to docs/benchmarks.md"
    )
    return parser.parse_args()


def _positive(value: str) -> int:
    number = int(value)
    if number < 1:
        raise ValueError(value)
    return number


if __name__ == "__main__":
    main()
