"""Run by .venv/bot: `python -m bench.encoder_scores ENCODER OUT.json` measures one encoder.

A linear classifier learns from messages that our encoder never saw, so that none is favoured, and
is asked the development set: five times, each on another four fifths of these messages.
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bot.nlu.sentence_featurizer import ENCODERS, SentenceFeaturizer
from bot.training_data import is_held_out
from encoder.compare import character_rows, distances, groups, scaled, word_rows
from encoder.data import Row, development_rows, training_rows

SEEDS = range(5)
_SHARE = 0.8
_STRENGTH = 0.3
_KILOBYTES = 1024


def main() -> None:
    """Write time, memory, and shares right at first with their spread."""
    name, target = sys.argv[1:]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    encode = ENCODERS[name]({**SentenceFeaturizer.get_default_config(), "encoder": name})
    encode(["warm"])
    training = [row for row in training_rows() if is_held_out(row.text)]
    asked = development_rows()
    vectors, times = [], []
    for row in [*training, *asked]:
        # one at a time, as the server does
        began = time.perf_counter()
        vectors.append(encode([row.text])[0])
        times.append(time.perf_counter() - began)
    found = {
        "training_messages": len(training),
        "asked": len(asked),
        "median_ms": round(1000 * statistics.median(times), 1),
        "p95_ms": round(1000 * statistics.quantiles(times, n=20)[-1], 1),
        # the peak, so what loading took for a moment counts
        "memory_mb": round(
            (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / _KILOBYTES
        ),
        "right_at_first": _scores(training, asked, np.asarray(vectors)),
    }
    Path(target).write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _scores(
    training: Sequence[Row], asked: Sequence[Row], vectors: np.ndarray
) -> dict[str, dict[str, dict[str, float]]]:
    """Mean and spread (standard deviation over the seeds), by features and group of messages."""
    drawn: dict[str, dict[str, list[float]]] = {}
    for seed in SEEDS:
        places = random.Random(seed).sample(range(len(training)), int(_SHARE * len(training)))
        learnt = [training[place] for place in places]
        dense = scaled(vectors[places], vectors[len(training) :], 1.0)
        blocks = [dense, character_rows(learnt, list(asked)), word_rows(learnt, list(asked))]
        intents = np.array([row.intent for row in learnt])
        for label, used in (("alone", blocks[:1]), ("with characters and words", blocks)):
            scores, classes = distances(used, intents, _STRENGTH)
            first = classes[scores.argmax(axis=1)]
            hits = np.array([name in row.intent.split("|") for row, name in zip(asked, first)])
            for group, mask in groups(asked).items():
                drawn.setdefault(label, {}).setdefault(group, []).append(float(hits[mask].mean()))
    return {
        label: {
            group: {
                "mean": round(statistics.mean(shares), 4),
                "spread": round(statistics.stdev(shares), 4),
            }
            for group, shares in by_group.items()
        }
        for label, by_group in drawn.items()
    }


if __name__ == "__main__":
    main()
