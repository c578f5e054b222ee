"""Run by .venv/bot, which has matplotlib: `python -m bench.draw REPORT.json PICTURE.png`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

_COLOURS = {"kompas": "#1f5f8b", "stock": "#c8893a", "stock_each": "#8a8f98"}
_NAMES = {
    "kompas": "Kompas",
    "stock": "stock Rasa",
    "stock_each": "stock Rasa, one server a language",
}


def _dig(found: object, path: tuple[str, ...]) -> float | None:
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, (int, float)) else None


def _chart(axes: plt.Axes, title: str, parts: dict, bars: list, scale: float = 1) -> None:
    """Bars of each part side by side; a missing figure has no bar and says so."""
    for number, part in enumerate(_NAMES):
        for place, (_, path) in enumerate(bars):
            value = _dig(parts.get(part), path)
            x = place + (number - 1) * 0.28
            if value is None:
                # stock Rasa has no such process
                word = (
                    "none"
                    if path[-1] == "web" and _dig(parts.get(part), (*path[:-1], "rasa"))
                    else "missing"
                )
                axes.text(x, 0, word, rotation=90, ha="center", va="bottom", fontsize=7)
                continue
            drawn = axes.bar(x, value * scale, 0.26, color=_COLOURS[part])
            label = f"{value * scale:.0f}" if value * scale >= 100 else f"{value * scale:.1f}"
            axes.bar_label(drawn, [label], fontsize=7)
    axes.set_title(title, fontsize=10)
    axes.set_xticks(range(len(bars)), [label for label, _ in bars], fontsize=8)
    axes.set_xlim(-0.6, len(bars) - 0.4)
    axes.margins(y=0.15)
    axes.spines[["top", "right"]].set_visible(False)


def main() -> None:
    """Draw the report."""
    source, target = sys.argv[1:]
    report = json.loads(Path(source).read_text(encoding="utf-8"))
    parts = report["parts"]
    figure, axes = plt.subplots(3, 3, figsize=(15, 10), layout="constrained")
    (one, ten, growth), (memory, start, train), (size, overall, language) = axes
    depths = sorted(
        {
            int(depth)
            for part in parts.values()
            for depth in ((part.get("serving") or {}).get("growth") or {}).get("median_ms", {})
        }
    )
    bars = [(f"turn {depth}", ("serving", "growth", "median_ms", str(depth))) for depth in depths]
    _chart(growth, "As the conversation grows, ms", parts, bars)
    percentiles = [(f"p{p}", f"p{p}_ms") for p in (50, 95, 99)]
    for chart, key, title in (
        (one, "one_visitor", "One visitor"),
        (ten, "many_visitors", "Many at once"),
    ):
        bars = [(label, ("serving", key, name)) for label, name in percentiles]
        _chart(chart, f"{title}: time to reply, ms", parts, bars)
    names = ("rasa", "actions", "web")
    bars = [(name, ("serving", "memory", name)) for name in names]
    _chart(memory, "Memory after 100 messages, MB", parts, bars, 1 / 1024**2)
    _chart(start, "Start to ready, s", parts, [("", ("serving", "ready_s"))])
    bars = [("elapsed", ("training", "seconds")), ("processor", ("training", "cpu_seconds"))]
    _chart(train, "Training, s", parts, bars)
    _chart(size, "Model, MB", parts, [("", ("training", "model_bytes"))], 1 / 1024**2)
    names = ("top1", "handled", "macro_f1")
    bars = [(name, ("accuracy", "overall", name)) for name in names]
    _chart(overall, "Development set, %", parts, bars, 100)
    languages = sorted(
        {
            name
            for part in parts.values()
            for name in (part.get("accuracy") or {}).get("by_lang", {})
        }
    )
    bars = [(name, ("accuracy", "by_lang", name, "top1")) for name in languages]
    _chart(language, "Right at first, %", parts, bars, 100)
    handles = [plt.Rectangle((0, 0), 1, 1, color=colour) for colour in _COLOURS.values()]
    figure.legend(handles, _NAMES.values(), loc="upper left", ncol=3, fontsize=9)
    machine = report["machine"]
    settings = report["settings"]
    sampled = settings["sample"]
    figure.suptitle(
        f"{machine['date']}, commit {machine['commit']}, {machine['cores']} cores"
        + (f" (learnt from {sampled} messages of each file)" if sampled else "")
        # room for the legend
        + "\n"
    )
    figure.savefig(target, dpi=110)


if __name__ == "__main__":
    main()
