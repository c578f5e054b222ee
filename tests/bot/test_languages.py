"""The letters of the languages: cleaning, folding, lower case."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import languages
from bot.errors import ProjectFileError
from bot.languages import clean, fold, has_words, is_language, lower

ANY_TEXT = st.text(st.characters(), max_size=60)
"""Lone surrogates and control characters included."""


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("  twee   spaties\n en een regel\t", "twee spaties en een regel"),
        ("c\u0327ocuk", "çocuk"),
        ("o\u200bnzichtbaar\ufeff", "onzichtbaar"),
        ("\u202eomgekeerd\u202c", "omgekeerd"),
        ("af\u00adbreken", "afbreken"),
        ("nul\x00bel\x07", "nulbel"),
        ("vast\u00a0wit", "vast wit"),
        ("half \ud83d teken", "half \ufffd teken"),
        ("👨‍👧", "👨👧"),
        ("<b>{naam}</b>", "<b>{naam}</b>"),
        ("\u200b\u200c \u2060", ""),
        ("", ""),
    ],
)
def test_clean_takes_away_what_nobody_meant_to_type(typed: str, cleaned: str):
    assert clean(typed) == cleaned


@given(ANY_TEXT)
def test_clean_text_is_composed_and_can_be_stored(text: str):
    cleaned = clean(text)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert "  " not in cleaned
    assert "\x00" not in cleaned


@given(ANY_TEXT)
def test_cleaning_again_changes_nothing(text: str):
    assert clean(clean(text)) == clean(text)


@given(ANY_TEXT)
def test_fold_keeps_every_position(text: str):
    assert len(fold(text)) == len(text)


@given(ANY_TEXT)
def test_folding_again_changes_nothing(text: str):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Çocuğu İZİN ISTANBUL ılık", "cocugu izin istanbul ilik"),
        ("Zażółć gęślą jaźń ŁÓDŹ", "zazolc gesla jazn lodz"),
        ("Coördinatie Eén", "coordinatie een"),
        ("Türkiye’ye „raz” – dwa", 'turkiye\'ye "raz" - dwa'),
        ("Straße", "strase"),
        ("🙂中文", "🙂中文"),
    ],
)
def test_fold_gives_lower_case_base_letters(text: str, folded: str):
    # the closing Polish sign ” is folded like the opening one
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("İZMİR", "tr", "izmir"),
        ("ISPARTA", "tr", "ısparta"),
        ("KIZIM İÇİN", "tr", "kızım için"),
        ("IJSSEL", "nl", "ijssel"),
        ("İzmir", "nl", "izmir"),
        ("ŁÓDŹ", "pl", "łódź"),
        ("IRELAND", "en", "ireland"),
        ("İzmir", "en", "izmir"),
        ("INTERNET", None, "internet"),
        ("INTERNET", "other", "internet"),
    ],
)
def test_lower_case_goes_by_the_rules_of_the_language(text, language, expected):
    assert lower(text, language) == expected


@given(ANY_TEXT, st.sampled_from(list(languages.languages())))
def test_lower_and_plain_text_fold_alike(text: str, language: str):
    # as every message comes, composed; a dot left over then belongs to no letter
    text = clean(text).replace("\u0307", "")
    assert fold(lower(text, language)) == fold(text)


@pytest.mark.parametrize("text", ["ja", "7", "中", "عربي", "?a?"])
def test_a_letter_or_digit_of_any_script_counts_as_words(text: str):
    assert has_words(text)


@pytest.mark.parametrize("text", ["", " ", "?!", "👍🏽", "...", "{}", "-"])
def test_signs_are_no_words(text: str):
    assert not has_words(text)


@pytest.mark.parametrize("code", ["nl", "tr", "pl", "en"])
def test_the_four_languages_are_known(code: str):
    assert is_language(code)


@pytest.mark.parametrize("code", ["xx", "NL", "", None, 3, ["nl"], {"nl": 1}])
def test_anything_else_is_no_language(code: object):
    assert not is_language(code)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("nl: {name: Nederlands, spacy: nl, dotted_i: false}\n", "nl: needs exactly the keys"),
        ("tr: {name: Türkçe, spacy: tr, dotted_i: true, direction: ltr}\n", "source language nl"),
        ("nl: {name: a, spacy: nl, dotted_i: false, direction: ltr}\npl: leeg\n", "pl: needs"),
    ],
)
def test_a_broken_list_of_languages_is_told(monkeypatch, tmp_path, content: str, fault: str):
    file = tmp_path / "languages.yml"
    file.write_text(content, encoding="utf-8")
    monkeypatch.setattr(languages, "_FILE", file)
    languages.languages.cache_clear()
    try:
        with pytest.raises(ProjectFileError, match=fault):
            languages.languages()
    finally:
        languages.languages.cache_clear()
