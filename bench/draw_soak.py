"""Run by .venv/bot, which has matplotlib: `python -m bench.draw_soak SOAK.json PICTURE.png`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt


def main() -> None:
    """Draw the time of each reply, and what the processes weighed."""
    source, target = sys.argv[1:]
    report = json.loads(Path(source).read_text(encoding="utf-8"))
    figure, (times, weights) = plt.subplots(
        2, 1, figsize=(10, 7), sharex=True, layout="constrained"
    )
    for label, colour, chosen in (
        ("at the first try", "#1f5f8b", [t for t in report["turns"] if t[2] == 1]),
        ("said again", "#c8893a", [t for t in report["turns"] if t[2] > 1]),
    ):
        times.scatter([t[0] for t in chosen], [t[1] for t in chosen], s=4, c=colour, label=label)
    times.set_yscale("log")
    times.set_ylabel("seconds to the reply")
    times.legend(fontsize=8)
    samples = report["weights"]
    for name in sorted({name for sample in samples for name in sample} - {"at"}):
        known = [sample for sample in samples if name in sample]
        weights.plot([s["at"] for s in known], [s[name] for s in known], label=name)
    weights.set_ylabel("resident memory, MB")
    weights.set_xlabel("seconds")
    weights.legend(fontsize=8)
    figure.savefig(target, dpi=110)


if __name__ == "__main__":
    main()
