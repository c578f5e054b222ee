"""The language a visitor asks for."""

from __future__ import annotations

import pytest

from bot.nlu.language_request_extractor import LanguageRequestExtractor, requested_languages


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Türkçe konuşalım", ["tr"]),
        ("turkce yazabilir miyim", ["tr"]),
        ("TÜRKÇE", ["tr"]),
        ("Flemenkçe bilmiyorum, Türkçe olur mu?", ["tr"]),
        ("Hollandaca devam edelim", ["nl"]),
        ("Lehçe olsun", ["pl"]),
        ("po polsku proszę", ["pl"]),
        ("Proszę po niderlandzku", ["nl"]),
        ("czy można po turecku?", ["tr"]),
        ("nie mówię po niderlandzku, proszę po polsku", ["pl"]),
        ("kan het in het Nederlands", ["nl"]),
        ("Ik spreek geen Nederlands, liever Pools", ["pl"]),
        ("mag het in het turks aub", ["tr"]),
        ("Can we speak English?", ["en"]),
        ("English please", ["en"]),
        ("do you speak english", ["en"]),
        ("i don't speak dutch, english please", ["en"]),
        ("I can’t read Dutch", []),
        ("my dutch is bad can i write in english", ["en"]),
        ("is it possible in Turkish?", ["tr"]),
        ("kan 't in 't Engels?", ["en"]),
        ("İngilizce konuşabilir miyiz", ["en"]),
        ("czy można po angielsku", ["en"]),
        ("auf Deutsch bitte", ["de"]),
        ("van Nederlands naar Turks", ["nl", "tr"]),
        ("ik wil een andere taal", []),
        ("", []),
    ],
)
def test_the_languages_asked_for_are_found(text: str, codes: list[str]):
    assert [found.value for found in requested_languages(text)] == codes


@pytest.mark.parametrize(
    ("text", "code"), [("van Nederlands naar Turks", "tr"), ("Turks of anders Pools", "pl")]
)
def test_of_several_the_last_counts(text: str, code: str):
    [found] = LanguageRequestExtractor().find(text, None)
    assert found.value == code


def test_the_place_is_that_of_the_word_in_the_text():
    text = "Graag in het Türkçe!"
    [found] = requested_languages(text)
    assert text[found.start : found.end] == "Türkçe"
