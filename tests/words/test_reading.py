"""Sentences, syllables and formulas."""

from __future__ import annotations

import pytest

from words import checks, reading


@pytest.mark.parametrize(
    ("language", "word", "number"),
    [
        ("nl", "ouder", 2),
        ("nl", "ouderlijk", 3),
        ("nl", "België", 3),
        ("nl", "nieuwe", 2),
        ("nl", "kind", 1),
        ("tr", "çocuk", 2),
        ("tr", "çocuğunuzun", 5),
        ("tr", "iade", 3),
        ("tr", "ülke", 2),
        ("pl", "dziecko", 2),
        ("pl", "rodzicielska", 4),
        ("pl", "miejsce", 2),
        ("pl", "zgoda", 2),
        ("en", "child", 1),
        ("en", "custody", 3),
        ("en", "make", 1),
        ("en", "little", 2),
        ("en", "the", 1),
        ("en", "parent", 2),
    ],
)
def test_syllables_are_counted_as_the_language_has_them(language: str, word: str, number: int):
    assert reading.syllables(word, checks.rules(language).vowels) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Bel nu. Wacht niet.", 2),
        ("Vraag het aan art. 3 van de wet.", 1),
        ("Kies:\n- een huis\n- een school", 3),
        ("**Bel nu {phone_x}.** Wacht niet.", 2),
        ("Op 1 januari 2023. Daarna niet meer!", 2),
        ("Dat heet 'toestemming'. Vraag het na.", 2),
        ("", 0),
    ],
)
def test_sentences_end_where_a_reader_stops(text: str, number: int):
    assert len(reading.sentences(text)) == number


def test_the_formula_of_douma_is_computed_as_published():
    # five words of one syllable: 206.84 - 0.93 * 5 - 77 * 1
    rules = checks.rules("nl")
    assert reading.score("Ik bel nu een man.", rules.formula, rules.vowels) == pytest.approx(125.19)


def test_the_formula_of_atesman_is_computed_as_published():
    # three words, six syllables: 198.825 - 40.175 * 2 - 2.610 * 3
    rules = checks.rules("tr")
    assert reading.score("Bizi hemen ara.", rules.formula, rules.vowels) == pytest.approx(110.645)


def test_the_fog_index_counts_long_polish_words():
    # four words, one of four syllables: 0.4 * (4 + 25)
    rules = checks.rules("pl")
    score = reading.score("To jest organizacja tu.", rules.formula, rules.vowels)
    assert score == pytest.approx(0.4 * (4 + 25))
