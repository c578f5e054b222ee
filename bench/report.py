"""The report as text and JSON. What could not be measured is missing, never zero."""

from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bench import encoders, load
from bench.machine import BOT_PYTHON, BUILD, ROOT

TEXT = BUILD / "report.md"
JSON = BUILD / "report.json"

_MEGABYTE = 1024**2
_PART_NAMES = {
    "kompas": "Kompas",
    "stock": "Stock Rasa",
    "stock_each": "Stock Rasa, one server a language",
}
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
    yield "memory of rasa at the end", "MB", _memory("rasa", "memory_at_the_end")
    for key, title in (
        ("one_visitor", "One visitor"),
        ("many_visitors", f"Many visitors at once: {load.VISITORS}"),
        ("floor", "The floor: a turn that needs no understanding"),
    ):
        yield title, "", at()
        for percent in (50, 95, 99):
            yield f"p{percent}", "ms", at("serving", key, f"p{percent}_ms")
        yield "messages per second", "", at("serving", key, "messages_per_second")
        yield "messages without a reply", "", at("serving", key, "failures", scale=int)
    yield "Understanding and more: one visitor less the floor", "", at()
    yield "p50", "ms", _over_floor
    yield "A turn as the conversation grows", "", at()
    for depth in load.DEPTHS:
        yield f"turn {depth}", "ms", at("serving", "growth", "median_ms", str(depth))
    yield f"turn {load.DEPTHS[-1]} : turn {load.DEPTHS[0]}", "", at("serving", "growth", "ratio")
    yield "Checklist by buttons", "", at()
    yield "walks a minute", "", at("serving", "walks_per_minute")
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


def _over_floor(part: Any) -> float | None:
    one = dig(part, "serving", "one_visitor", "p50_ms")
    floor = dig(part, "serving", "floor", "p50_ms")
    return None if one is None or floor is None else round(one - floor, 1)


_WEIGHED = ("rasa", "actions", "web", "supervisor")


def _memory(name: str, when: str = "memory") -> Callable[[Any], float | None]:
    def find(part: Any) -> float | None:
        memory = dig(part, "serving", when)
        if not memory:
            return None
        # where every language has a server, all of them
        sizes = [size for each, size in memory.items() if each.partition(" ")[0] == name]
        # weighed, and there is no such process: stock Rasa has no visitor site
        return _megabytes(sum(sizes)) if sizes else math.nan

    return find


def _all_memory(part: Any) -> float | None:
    """Of what both have: the desk is left out."""
    memory = dig(part, "serving", "memory") or {}
    sizes = [size for name, size in memory.items() if name.partition(" ")[0] in _WEIGHED]
    return _megabytes(sum(sizes)) if sizes else None


def text(report: Mapping[str, Any]) -> str:
    """The report as Markdown that reads well as plain text."""
    parts = report["parts"]
    lines = ["# Benchmarks", "", *_head(report), ""]
    lines += _table(parts)
    lines += _encoders(report.get("encoders") or {})
    lines += ["", "## What it must reach", "", *_targets(parts), "", "## How to read this", ""]
    lines += _notes(report)
    missing = [
        f"- {_PART_NAMES[name]}, {_STEP_NAMES[step]}: {reason}"
        for name, part in parts.items()
        for step, reason in (part.get("missing") or {}).items()
    ]
    missing += [
        f"- {shown}: left out of this run by --skip-{name.partition('_')[0]}"
        for name, shown in _PART_NAMES.items()
        if name not in parts
    ]
    missing += [
        f"- encoder {encoders.NAMES[name]}: {reason}"
        for name, reason in (dig(report, "encoders", "missing") or {}).items()
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
    if settings["sample"]:
        yield ""
        yield (
            f"**On a sample**: all sides learnt from {settings['sample']} messages of each file of "
            "data/nlu, because stock Rasa does not learn from all of them within "
            f"{settings['hours']:g} h (BENCH_HOURS). Accuracies of a sample say nothing of the "
            "assistant that is run. Replies of Kompas come from its full model, which is larger."
        )
    if settings["stock_epochs"] != settings["honest_epochs"]:
        yield ""
        yield f"**A trial, no result**: {settings['stock_epochs']} epochs of DIET."


def _table(parts: Mapping[str, Any]) -> Iterator[str]:
    shown = ("", "Kompas", "stock Rasa", "one a language", "Kompas : stock", ": one a language")
    yield "| " + " | ".join(shown) + " |"
    yield "|:---|---:|---:|---:|---:|---:|"
    section = None
    held: list[str] = []
    for title, unit, find in _rows(parts):
        if not unit and title[0].isupper():
            section, held = title, []
            continue
        ours, theirs, each = (find(parts.get(name)) for name in _PART_NAMES)
        if ours is None and theirs is None and section == "Language detection":
            continue
        if section is not None and not held:
            yield f"| **{section}** | | | | | |"
            held.append(section)
        label = f"{title}{f', {unit}' if unit else ''}"
        figures = (_number(ours), _number(theirs), _number(each))
        ratios = (_ratio(ours, theirs, unit), _ratio(ours, each, unit))
        yield "| " + " | ".join((label, *figures, *ratios)) + " |"


def _encoders(found: Mapping[str, Any]) -> Iterator[str]:
    """Time, memory and shares right at first of each encoder; groups as the first has them."""
    measured = [name for name in encoders.NAMES if name in found]
    if not measured:
        return
    one = found[measured[0]]
    yield ""
    yield "## Encoders side by side"
    yield ""
    yield (
        f"A linear classifier that learns from messages which our encoder never saw: four fifths "
        f"of {one['training_messages']}, drawn five times. Right at first of {one['asked']} "
        "development messages, percent: mean and spread (standard deviation) of the five. One "
        "text at a time on one core."
    )
    for features, groups in one["right_at_first"].items():
        yield ""
        yield f"| vectors {features} | ms, median | p95 | MB | " + " | ".join(groups) + " |"
        yield "|:---|---:|---:|---:|" + "---:|" * len(groups)
        for name in measured:
            each = found[name]
            shares = [
                f"{_percent(share['mean']):.1f} ± {_percent(share['spread']):.1f}"
                for share in each["right_at_first"][features].values()
            ]
            costs = [each["median_ms"], each["p95_ms"], each["memory_mb"]]
            yield f"| {encoders.NAMES[name]} | " + " | ".join([*map(str, costs), *shares]) + " |"


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
    ours, theirs, each = (parts.get(name) for name in _PART_NAMES)
    one, rasa = ("serving", "one_visitor"), _memory("rasa")
    for title, value, sign, bound, unit in (
        ("median for one visitor", dig(ours, *one, "p50_ms"), "<", 35, "ms"),
        ("median above the floor", _over_floor(ours), "<", 40, "ms"),
        (
            f"turn {load.DEPTHS[-1]} : turn {load.DEPTHS[0]}",
            dig(ours, "serving", "growth", "ratio"),
            "<=",
            1.3,
            "",
        ),
        ("start to ready", dig(ours, "serving", "ready_s"), "<", 30, "s"),
        (
            "p95 for one visitor : stock",
            _quotient(dig(ours, *one, "p95_ms"), dig(theirs, *one, "p95_ms")),
            "<=",
            1,
            "",
        ),
        (
            f"messages a second, {load.VISITORS} at once : stock",
            _quotient(
                *(dig(p, "serving", "many_visitors", "messages_per_second") for p in (ours, theirs))
            ),
            ">=",
            1,
            "",
        ),
        ("memory of the Rasa process : stock", _quotient(rasa(ours), rasa(theirs)), "<=", 1, ""),
        (
            "memory of all : one server a language",
            _quotient(_all_memory(ours), _all_memory(each)),
            "<",
            0.45,
            "",
        ),
        (
            "start to ready : stock",
            _quotient(dig(ours, "serving", "ready_s"), dig(theirs, "serving", "ready_s")),
            "<=",
            0.5,
            "",
        ),
        (
            "training : stock",
            _quotient(dig(ours, "training", "seconds"), dig(theirs, "training", "seconds")),
            "<=",
            0.33,
            "",
        ),
        (
            "right at first, points above stock",
            _difference(*(dig(p, "accuracy", "overall", "top1") for p in (ours, theirs))),
            ">=",
            30,
            "",
        ),
    ):
        wanted = f"{sign} {bound:g}{f' {unit}' if unit else ''}"
        if value is None:
            yield f"- {title}: {wanted}: missing"
            continue
        reached = {"<": value < bound, "<=": value <= bound, ">=": value >= bound}[sign]
        shown = f"{value:.2f}" if bound < 2 else _number(value)
        yield f"- {title}: {wanted}: {shown}, {'reached' if reached else 'NOT reached'}"


def _quotient(ours: float | None, theirs: float | None) -> float | None:
    if not ours or not theirs or math.isnan(ours) or math.isnan(theirs):
        return None
    return ours / theirs


def _difference(ours: float | None, theirs: float | None) -> float | None:
    return None if ours is None or theirs is None else (ours - theirs) * 100


def _notes(report: Mapping[str, Any]) -> Iterator[str]:
    settings = report["settings"]
    yield (
        f"- Latencies are medians over {settings['rounds']} rounds of each round's percentile, "
        f"{settings['messages_a_round']} messages a round for one visitor and "
        f"{settings['visitors']} x {settings['messages_a_visitor']} for many; p99 of one visitor "
        "is a round's slowest message. 100 messages of warm-up are not counted. The rounds are "
        "in report.json."
    )
    yield (
        "- Messages are rows of tests/nlu in all languages, dealt out by a fixed seed, the same "
        "for all. Nothing is tuned to them here. Client and servers share the cores."
    )
    yield (
        f"- The floor is a pressed button (/privacy). A turn of a growing conversation is the "
        f"median of {load.GROWING} conversations and five turns about the depth, fresh messages "
        "each, of intents that no action and no form answers."
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
