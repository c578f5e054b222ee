"""The report as text and JSON. What could not be measured is missing, never zero."""

from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.machine import BOT_PYTHON, BUILD, ROOT

TEXT = BUILD / "report.md"
JSON = BUILD / "report.json"
PUBLISHED = ROOT / "docs" / "benchmarks.md"

_MEGABYTE = 1024**2
_PART_NAMES = {"kompas": "Kompas", "stock": "Stock Rasa"}
_STEP_NAMES = {"training": "training", "serving": "serving", "accuracy": "accuracy"}


def dig(found: Any, *path: str) -> Any:
    """The value at `path` of nested mappings, or None."""
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _megabytes(value: float) -> float:
    return value / _MEGABYTE


def _percent(value: float) -> float:
    return value * 100


def _rows(parts: Mapping[str, Any]) -> Iterator[tuple[str, str, Callable[[Any], Any]]]:
    """Title, unit, and how to find the figure in a part; an empty unit begins a section."""

    def at(*path: str, scale: Callable[[float], float] = float) -> Callable[[Any], Any]:
        def find(part: Any) -> Any:
            value = dig(part, *path)
            return None if value is None else scale(value)

        return find

    yield "Start and memory", "", at()
    yield "start to ready", "s", at("serving", "ready_s")
    yield "first reply", "ms", at("serving", "first_reply_ms")
    for name in ("rasa", "actions", "web", "supervisor"):
        yield f"memory of {name}", "MB", _memory(name)
    yield "memory of all", "MB", _all_memory
    for key, title in (("one_visitor", "One visitor"), ("ten_visitors", "Ten visitors at once")):
        yield title, "", at()
        for percent in (50, 95, 99):
            yield f"p{percent}", "ms", at("serving", key, f"p{percent}_ms")
        yield "messages per second", "", at("serving", key, "messages_per_second")
        yield "messages without a reply", "", at("serving", key, "failures", scale=int)
    yield "Training", "", at()
    yield "time", "s", at("training", "seconds")
    yield "processor time", "s", at("training", "cpu_seconds")
    yield "size of the model", "MB", at("training", "model_bytes", scale=_megabytes)
    for path, title in _groups(parts):
        yield title, "", at()
        for name, shown in (("top1", "right at first"), ("handled", "handled")):
            yield shown, "%", at("accuracy", *path, name, scale=_percent)
        yield "macro-F1", "%", at("accuracy", *path, "macro_f1", scale=_percent)
    yield "Language detection", "", at()
    detection = ("accuracy", "language_detection")
    yield "right", "%", at(*detection, "accuracy", scale=_percent)
    long_enough = at(*detection, "four_words_or_more", "accuracy", scale=_percent)
    yield "right, four words or more", "%", long_enough


def _groups(parts: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    yield ("overall",), "Development set"
    for key, word in (("by_lang", "language"), ("by_style", "style")):
        names: set[str] = set()
        for part in parts.values():
            names |= set(dig(part, "accuracy", key) or {})
        for name in sorted(names):
            yield (key, name), f"Development set, {word} {name}"


def _memory(name: str) -> Callable[[Any], float | None]:
    def find(part: Any) -> float | None:
        memory = dig(part, "serving", "memory")
        # weighed, and there is no such process: stock Rasa has no visitor site
        if memory and name in ("web", "supervisor") and name not in memory:
            return math.nan
        value = dig(memory, name)
        return None if value is None else _megabytes(value)

    return find


def _all_memory(part: Any) -> float | None:
    memory = dig(part, "serving", "memory")
    return _megabytes(sum(memory.values())) if memory else None


def text(report: Mapping[str, Any]) -> str:
    """The report as Markdown that reads well as plain text."""
    parts = report["parts"]
    lines = ["# Benchmarks", "", *_head(report), ""]
    lines += _table(parts)
    lines += ["", "## What it must reach", "", *_targets(parts), "", "## How to read this", ""]
    lines += _notes(report)
    missing = [
        f"- {_PART_NAMES[name]}, {_STEP_NAMES[step]}: {reason}"
        for name, part in parts.items()
        for step, reason in (part.get("missing") or {}).items()
    ]
    missing += [
        f"- {shown}: left out of this run by --skip-{name}"
        for name, shown in _PART_NAMES.items()
        if name not in parts
    ]
    if missing:
        lines += ["", "## Missing", "", *missing]
    return "\n".join(lines) + "\n"


def _head(report: Mapping[str, Any]) -> Iterator[str]:
    machine = report["machine"]
    settings = report["settings"]
    yield (
        f"{machine['date']}, commit {machine['commit'] or 'unknown'}, {machine['processor']}, "
        f"{machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}; load of the "
        f"machine before the run {machine['load_before']}."
    )
    if settings["sample"] or settings["stock_epochs"] != settings["honest_epochs"]:
        yield ""
        yield (
            f"**A trial, no result**: sample {settings['sample']}, "
            f"{settings['stock_epochs']} epochs of DIET."
        )


def _table(parts: Mapping[str, Any]) -> Iterator[str]:
    yield f"| {'':34} | {'Kompas':>10} | {'stock Rasa':>10} | {'Kompas : stock':>14} |"
    yield f"|:{'-' * 34}-|-{'-' * 10}:|-{'-' * 10}:|-{'-' * 14}:|"
    section = None
    held: list[str] = []
    for title, unit, find in _rows(parts):
        if not unit and title[0].isupper():
            section, held = title, []
            continue
        ours, theirs = find(parts.get("kompas")), find(parts.get("stock"))
        if ours is None and theirs is None and section == "Language detection":
            continue
        if section is not None and not held:
            yield f"| {f'**{section}**':34} | {'':10} | {'':10} | {'':14} |"
            held.append(section)
        shown = f"{title}{f', {unit}' if unit else ''}"
        yield f"| {shown:34} | {_number(ours):>10} | {_number(theirs):>10} | " + (
            f"{_ratio(ours, theirs, unit):>14} |"
        )


def _number(value: float | None) -> str:
    if value is None:
        return "missing"
    if math.isnan(value):
        return "none"
    return f"{value:.0f}" if isinstance(value, int) or abs(value) >= 100 else f"{value:.1f}"


def _ratio(ours: float | None, theirs: float | None, unit: str) -> str:
    if ours is None or theirs is None or math.isnan(ours) or math.isnan(theirs):
        return ""
    if unit == "%":
        return f"{ours - theirs:+.1f} points"
    return f"{ours / theirs:.2f}" if theirs else ""


def _targets(parts: Mapping[str, Any]) -> Iterator[str]:
    ours = parts.get("kompas")
    for title, value, most, unit in (
        ("median for one visitor", dig(ours, "serving", "one_visitor", "p50_ms"), 60, "ms"),
        ("start to ready", dig(ours, "serving", "ready_s"), 30, "s"),
        ("training", dig(ours, "training", "seconds"), 300, "s"),
        ("memory of the Rasa process", dig(ours, "serving", "memory", "rasa"), 1200, "MB"),
    ):
        if value is None:
            yield f"- {title}: under {most} {unit}: missing"
            continue
        shown = _megabytes(value) if unit == "MB" else value
        verdict = "reached" if shown < most else "NOT reached"
        yield f"- {title}: under {most} {unit}: {_number(shown)} {unit}, {verdict}"


def _notes(report: Mapping[str, Any]) -> Iterator[str]:
    settings = report["settings"]
    yield (
        f"- Latencies are medians over {settings['rounds']} rounds of each round's percentile, "
        f"{settings['messages_a_round']} messages a round for one visitor and "
        f"{settings['visitors']} x {settings['messages_a_visitor']} for ten; p99 of one visitor "
        "is a round's slowest message. 100 messages of warm-up are not counted. The rounds are "
        "in report.json."
    )
    yield (
        "- Messages are rows of tests/nlu in three languages, dealt out by a fixed seed, the same "
        "for both; up to 13 rounds no message is sent twice. Nothing is tuned to them here. "
        "Client and servers share the cores."
    )
    yield (
        "- Kompas is asked through its visitor site (web, Rasa and action server under "
        "supervisord). Stock Rasa is asked at its REST channel directly, which spares it the way "
        "through a gateway; it has the same action server, rules and words, as response "
        "templates conditioned on the language slot, and SQLite."
    )
    yield (
        "- Stock pipeline: WhitespaceTokenizer, CountVectorsFeaturizer (words, and char_wb 1-4), "
        f"DIETClassifier ({settings['stock_epochs']} epochs), FallbackClassifier (0.3, 0.1), "
        "MemoizationPolicy, RulePolicy, TEDPolicy (epochs of its default, 1). The rules stand "
        "there as stories too, because TED learns from stories alone."
    )
    yield (
        "- Right at first looks at the ranking. Handled is what the visitor gets: a right answer, "
        "or for Kompas a right option among those offered; the stock fallback offers none."
    )
    yield (
        "- Memory is resident memory after the 100 messages of warm-up, child processes included; "
        "1 MB is 1,048,576 bytes."
    )
    for name, part in report["parts"].items():
        training = part.get("training")
        if training:
            yield (
                f"- {_PART_NAMES[name]} was trained on {training['messages']} messages at "
                f"{training['date']}, niceness {training['nice']}, load of the machine "
                f"{training['load_before']} before and {training['load_after']} after; a model is "
                "kept and trained anew only when data, configuration or code change."
            )


def write(report: Mapping[str, Any]) -> str:
    """Write text, JSON and picture to build/bench; return the text."""
    words = text(report)
    JSON.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    TEXT.write_text(words, encoding="utf-8")
    drawn = subprocess.run(
        [str(BOT_PYTHON), "-m", "bench.draw", str(JSON), str(BUILD / "report.png")], cwd=ROOT
    )
    if drawn.returncode:
        print("The picture could not be drawn; text and JSON are complete.")
    return words


def publish(report: Mapping[str, Any], target: Path = PUBLISHED) -> None:
    """Copy the text to docs/; a trial is refused with ValueError."""
    settings = report["settings"]
    if settings["sample"] or settings["stock_epochs"] != settings["honest_epochs"]:
        raise ValueError("a trial is not published. Run without --sample and --stock-epochs.")
    target.write_text(text(report), encoding="utf-8")
