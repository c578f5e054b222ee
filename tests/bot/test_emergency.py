"""The emergency lane: what it must see, what it must leave alone, and the faults of its files.

The messages are data, `data/emergency/<language>/rules.yml`: adding a case is adding a line. The
word lists were tuned on these lines, so the figures here guard against losses; they do not tell
how many unseen emergencies are recognised. `python -m bot.evaluate_lanes` tells that, on
`tests/emergency`.
"""

from __future__ import annotations

import csv
import shutil
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import emergency, emergency_data
from bot.languages import languages

ROOT = Path(__file__).parents[2]
LANGUAGES = tuple(languages())
NEAR = {
    "threat_imminent",
    "domestic_violence",
    "missing_child",
    "emotional_support",
    "child_abducted",
}
"""Intents in which an emergency may well be told."""


@cache
def messages(language: str) -> list[tuple[str, str]]:
    path = emergency_data.DATA / language / "rules.yml"
    return [(message.kind, message.text) for message in emergency_data.messages_of(path)]


def _kind(text: str, language: str | None) -> str:
    found = emergency.detect(text, language)
    return found.kind if found else "none"


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_enough_messages(language: str) -> None:
    kinds = [expected for expected, _ in messages(language)]
    assert set(kinds) == {*emergency.KINDS, "none"}
    assert len(kinds) - kinds.count("none") >= 250
    assert kinds.count("none") >= 350


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_recognises_emergencies(language: str) -> None:
    urgent = [(kind, text) for kind, text in messages(language) if kind != "none"]
    missed = [text for _, text in urgent if _kind(text, language) == "none"]
    other = [text for kind, text in urgent if _kind(text, language) not in (kind, "none")]
    assert len(missed) <= 0.01 * len(urgent), missed
    assert len(other) <= 0.02 * len(urgent), other


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_holds_back_on_harmless_messages(language: str) -> None:
    harmless = [text for kind, text in messages(language) if kind == "none"]
    alarms = [text for text in harmless if _kind(text, language) != "none"]
    assert len(alarms) < 0.01 * len(harmless), alarms


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_holds_back_on_ordinary_traffic(language: str) -> None:
    path = ROOT / "tests" / "nlu" / f"development_{language}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        ordinary = [row["text"] for row in csv.DictReader(file) if row["intent"] not in NEAR]
    alarms = [text for text in ordinary if _kind(text, language) != "none"]
    assert len(alarms) < 0.005 * len(ordinary), alarms


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_or_missing_language_does_no_harm(language: str) -> None:
    urgent = [text for kind, text in messages(language) if kind != "none"]
    for hint in (None, *LANGUAGES, "xx"):
        missed = [text for text in urgent if _kind(text, hint) == "none"]
        assert len(missed) <= 0.02 * len(urgent), (hint, missed)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("departure", "he is taking my daughter to the airport right now"),
        ("violence", "he is beating me"),
        ("suicide", "i want to kill myself"),
        ("departure", "HIJ NEEMT MIJN DOCHTER MEE NAAR HET VLIEGVELD"),
        ("violence", "hij slaaaaat mijjj help"),
        ("violence", "hijslaatmij"),
        ("violence", "kocam beni dövüyor"),
        ("violence", "kocam beni dovuyor"),
        ("violence", "HE IS BEATING ME"),
        ("violence", "my husband is beeting me, he is strangeling me"),
        ("violence", "heishittingme"),
        ("departure", "my ex is at the airoprt with my doughter now"),
        ("departure", "he take my son to airport now"),
        ("departure", "she's leaving for Poland tonight with my kids, I never agreed"),
        ("suicide", "i dont wanna live anymore i want die"),
        ("child", "daddy hits mummy"),
        ("child", "im 10 and im alone at home"),
        ("child", "papa slaat mama"),
        ("child", "kom mij halen"),
    ],
)
def test_it_sees_through_spelling_and_language(kind: str, text: str) -> None:
    assert _kind(text, None) == kind


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "?!",
        "0",
        "the airport check next summer",
        "is the police station far",
        "danger of delays",
        "we fly tomorrow on holiday, do I need the consent form?",
        "he hit me years ago",
        "my child is killing me with questions",
        "I don't want to live with him any more",
        "I don't want to live in the Netherlands any more",
        "i will end it here, this chat is done",
        "my ex is allowed to go to Egypt with the children by the judge",
        "can the police put her in the system so he can't leave",
        "ik kan wel door de grond zakken",
        "ölüyorum meraktan",
    ],
)
def test_it_leaves_harmless_messages_alone(text: str) -> None:
    assert emergency.detect(text) is None


def test_its_result_holds_nothing_of_the_message() -> None:
    found = emergency.detect("hij slaat mij, ik heet Zwartkopje", "nl")
    assert found is not None
    assert "zwartkopje" not in repr(found).lower()


@settings(max_examples=200)
@given(st.text(max_size=600), st.sampled_from([None, *LANGUAGES, "xx", ""]))
def test_it_never_raises(text: str, language: str | None) -> None:
    found = emergency.detect(text, language)
    assert found is None or found.kind in emergency.KINDS


_FRAGMENTS = st.sampled_from(
    ["hij", "slaat", "mij", "now", ".", "!", "\n", "9", "18:30", "ÇOCUĞUMU", "lotnisko", "x" * 50]
)


@settings(max_examples=200)
@given(st.lists(_FRAGMENTS, max_size=400), st.sampled_from(["", " "]))
def test_it_never_raises_for_words_it_knows(words: list[str], gap: str) -> None:
    emergency.detect(gap.join(words))


# --- the files -----------------------------------------------------------------------------------


def test_the_files_have_no_faults() -> None:
    assert emergency.faults() == []


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = tmp_path / "emergency"
    shutil.copytree(emergency.FOLDER, copy)
    monkeypatch.setattr(emergency, "FOLDER", copy)
    return copy


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("nl.yml", "words: [", "nl.yml: line"),
        ("nl.yml", "- a list", "is no mapping of sections"),
        ("nl.yml", "words: {}\nmore: {}", "more: is no section"),
        ("nl.yml", "marks: een", "has no section `words`"),
        ("nl.yml", "marks: [een]\nwords: {}", "marks: must be words"),
        ("nl.yml", "words:\n  Now: [nu]", "named in small letters"),
        ("nl.yml", "words:\n  now: nu", "must be a list of lines"),
        ("nl.yml", "words:\n  now: [no, yes]", "must be a list of lines"),
        ("nl.yml", "words:\n  now: ['nu?']", "nu?: is no word or phrase"),
        ("nl.yml", "words:\n  now: ['.. nu']", "is no word or phrase"),
        ("nl.yml", "words:\n  now: [nu*]", "too short for a stem"),
        ("nl.yml", "words:\n  now: ['gid<iyor>']", "no endings <iyor>"),
        ("nl.yml", "endings: 3\nwords:\n  now: [nu]", "endings: is no mapping"),
        ("patterns.yml", "patterns: {}\nholds: {}", "needs exactly"),
        ("patterns.yml", None, "patterns.yml: is missing"),
    ],
)
def test_a_fault_names_place_and_remedy(
    folder: Path, file: str, content: str | None, said: str
) -> None:
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_text(content, encoding="utf-8")
    found = [fault for fault in emergency.faults() if said in fault]
    assert found, emergency.faults()
    assert found[0].startswith("bot/emergency/")
    assert found[0].endswith(".")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("goes somewhere", "no language has a group of this name"),
        ("'[8]'", "names no group"),
        ("3", "must be a list of lines"),
    ],
)
def test_a_fault_in_a_pattern_is_named(folder: Path, line: str, said: str) -> None:
    path = folder / "patterns.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("  child:\n", f"  child:\n    - {line}\n", 1), encoding="utf-8")
    assert any(said in fault for fault in emergency.faults())


def test_without_files_there_is_a_fault_and_no_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emergency, "FOLDER", tmp_path / "nowhere")
    assert emergency.faults()


def test_a_faulty_file_stops_the_start(folder: Path) -> None:
    (folder / "nl.yml").write_text("- a list", encoding="utf-8")
    emergency._lexicon.cache_clear()
    try:
        with pytest.raises(emergency.EmergencyError):
            emergency.detect("hallo")
    finally:
        emergency._lexicon.cache_clear()
