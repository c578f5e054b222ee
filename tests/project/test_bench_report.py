"""The performance report says what is missing, and what was measured on a sample."""

from __future__ import annotations

from typing import Any

import pytest

from bench import report

MACHINE = {
    "date": "2026-11-22",
    "commit": "abc",
    "processor": "x",
    "cores": 2,
    "memory_gb": 4,
    "system": "Linux",
    "load_before": 0.1,
}
SETTINGS = {
    "rounds": 5,
    "messages_a_round": 40,
    "visitors": 25,
    "messages_a_visitor": 4,
    "sample": None,
    "hours": 1.0,
    "stock_epochs": 100,
    "honest_epochs": 100,
}


def serving(rasa: int, p50: float) -> dict[str, Any]:
    figures = {"p50_ms": p50, "p95_ms": p50 * 2, "p99_ms": p50 * 3, "messages_per_second": 10.0}
    return {
        "ready_s": 10.0,
        "memory": {"rasa": rasa * 1024**2, "actions": 40 * 1024**2},
        "one_visitor": {**figures, "failures": 0},
        "many_visitors": {**figures, "failures": 0},
        "floor": {**figures, "p50_ms": 5.0, "failures": 0},
        "growth": {"median_ms": {"5": 20.0, "200": 22.0}, "ratio": 1.1},
    }


def text(parts: dict[str, Any], **settings: Any) -> str:
    return report.text({"machine": MACHINE, "settings": {**SETTINGS, **settings}, "parts": parts})


def row(written: str, title: str) -> list[str]:
    found = next(line for line in written.splitlines() if line.startswith(f"| {title} |"))
    return [cell.strip() for cell in found.strip("|").split("|")[1:]]


def test_a_part_that_could_not_start_is_missing_with_its_reason_and_the_rest_stands() -> None:
    failed = {"missing": {"serving": "a server ended while starting"}}
    written = text({"kompas": {"serving": serving(800, 30)}, "stock": failed})
    assert row(written, "start to ready, s") == ["10.0", "missing", "missing", "", ""]
    assert "Stock Rasa, serving: a server ended while starting" in written
    assert "Stock Rasa, one server a language: left out" in written
    assert "memory of the Rasa process : stock: <= 1: missing" in written
    assert " 0.0 " not in " ".join(row(written, "memory of rasa, MB"))


def test_the_ratios_are_of_the_same_run() -> None:
    each = serving(1000, 60)
    each["memory"] = {"rasa nl": 1000 * 1024**2, "rasa tr": 1000 * 1024**2, "actions": 0}
    parts = {
        "kompas": {"serving": serving(800, 30)},
        "stock": {"serving": serving(1000, 60)},
        "stock_each": {"serving": each},
    }
    written = text(parts)
    ratios = ["800", "1000", "2000", "0.80", "0.40"]
    assert row(written, "memory of rasa, MB") == ratios
    assert "memory of the Rasa process : stock: <= 1: 0.80, reached" in written
    assert "median above the floor: < 40 ms: 25.0, reached" in written
    assert "turn 200 : turn 5: <= 1.3: 1.10, reached" in written
    assert "start to ready : stock: <= 0.5: 1.00, NOT reached" in written


@pytest.mark.parametrize(("sample", "said"), [(None, False), (8, True)])
def test_a_sample_says_so(sample: int | None, said: bool) -> None:
    written = text({"kompas": {"serving": serving(800, 30)}}, sample=sample)
    assert ("On a sample" in written) is said


def test_encoders_stand_side_by_side_with_their_spread_and_one_that_failed_is_missing() -> None:
    share = {"mean": 0.9312, "spread": 0.0042}
    ours = {
        "training_messages": 2559,
        "asked": 2248,
        "median_ms": 6.1,
        "p95_ms": 11.8,
        "memory_mb": 85,
        "right_at_first": {"alone": {"all": share, "nl": share}},
    }
    found = {"kompas": ours, "missing": {"use": "no result; its log: build/bench/x.log"}}
    written = report.text(
        {"machine": MACHINE, "settings": SETTINGS, "parts": {}, "encoders": found}
    )
    cells = row(written, "ours (bot/nlu/encoder)")
    assert cells == ["6.1", "11.8", "85", "93.1 ± 0.4", "93.1 ± 0.4"]
    assert "- encoder universal sentence encoder, frozen: no result" in written
    assert "frozen |" not in written
