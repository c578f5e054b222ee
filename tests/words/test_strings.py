"""`make strings` and `make words`: what they print and when they stop."""

from __future__ import annotations

import pytest

from words import __main__ as words_main
from words import checks, extraction, strings


def test_content_catalogues_are_no_fault():
    assert strings.faults() == []


def test_a_fault_of_the_checker_stops_it(monkeypatch: pytest.MonkeyPatch):
    fault = checks.Finding("nl", "answers", "utter_x", "forbidden", checks.FAULT, "a prediction.")
    advice = checks.Finding("nl", "answers", "utter_y", "sentence", checks.ADVICE, "long.")
    monkeypatch.setattr(strings.strings, "main", lambda: None)
    monkeypatch.setattr(checks, "findings", lambda: [fault, advice])
    assert strings.faults() == [str(fault)]


def test_a_text_that_nothing_uses_stops_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(strings.strings, "main", lambda: None)
    monkeypatch.setattr(extraction, "faults", lambda: ["unused"])
    with pytest.raises(SystemExit, match="unused"):
        strings.main()


def test_a_gap_is_told_together_with_the_rest(monkeypatch: pytest.MonkeyPatch):
    def gap() -> None:
        raise SystemExit("a gap")

    monkeypatch.setattr(strings.strings, "main", gap)
    monkeypatch.setattr(extraction, "faults", lambda: ["unused"])
    assert strings.faults()[:2] == ["a gap", "unused"]


def test_advice_is_printed_and_does_not_stop(monkeypatch: pytest.MonkeyPatch):
    advice = checks.Finding("tr", "answers", "utter_y", "sentence", checks.ADVICE, "long.")
    monkeypatch.setattr(checks, "findings", lambda of: [advice])
    listed, faulty = words_main.report(["tr"])
    assert not faulty
    assert listed[0] == f"advice: {advice}"


def test_each_language_is_summed_up():
    listed, faulty = words_main.report(["pl"])
    assert not faulty
    assert "FOG-PL" in listed[-1]


def test_an_unknown_language_is_refused_with_those_there_are(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.argv", ["words", "xx"])
    with pytest.raises(SystemExit, match=r"xx: is no language .* Choose from nl"):
        words_main.main()
