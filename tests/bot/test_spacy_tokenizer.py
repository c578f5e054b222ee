"""The tokenizer: words by the rules of the language of the message."""

from __future__ import annotations

import pytest
from nlu_parts import QUESTIONS, Parts, message, training_messages
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import TEXT

from bot.nlu.language_detector import LANGUAGE
from bot.nlu.spacy_tokenizer import SpacyLanguageTokenizer


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory) -> SpacyLanguageTokenizer:
    return Parts(tmp_path_factory.mktemp("tokenizer")).create(SpacyLanguageTokenizer)


def tokens(tokenizer, text: str, language: str | None):
    found = message(text)
    # as the language detector says it
    if language is not None:
        found.set(LANGUAGE, {"name": language, "confidence": 1.0, "decisive": True})
    [found] = tokenizer.process([found])
    return found.get(TOKENS_NAMES[TEXT])


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("nl", "Mag ik z.s.m. weg?", ["Mag", "ik", "z.s.m.", "weg", "?"]),
        ("nl", "de auto's", ["de", "auto's"]),
        ("tr", "Türkiye'ye gitti.", ["Türkiye'ye", "gitti", "."]),
        ("pl", "Tak, jutro?", ["Tak", ",", "jutro", "?"]),
        ("en", "He won't come back.", ["He", "wo", "n't", "come", "back", "."]),
    ],
)
def test_words_are_split_by_the_rules_of_the_language(tokenizer, language, text, words):
    assert [t.text for t in tokens(tokenizer, text, language)] == words


@pytest.mark.parametrize("language", QUESTIONS)
def test_each_token_stands_where_it_says(tokenizer, language: str):
    text = QUESTIONS[language]
    found = tokens(tokenizer, text, language)
    assert len(found) > 5
    for token in found:
        assert text[token.start : token.end] == token.text


@pytest.mark.parametrize("language", [None, "other", "fr", "", "xx"])
def test_any_other_language_goes_by_the_rules_of_the_source(tokenizer, language):
    assert [t.text for t in tokens(tokenizer, "where is my son?", language)] == [
        "where",
        "is",
        "my",
        "son",
        "?",
    ]


@pytest.mark.parametrize("text", ["🙂🙂", "a" * 2_000, "...", "{}", "中文"])
def test_odd_texts_have_tokens(tokenizer, text: str):
    assert tokens(tokenizer, text, "nl")


def test_training_messages_are_split(tokenizer):
    data = training_messages(["greet"], per_file=5)
    tokenizer.process_training_data(data)
    assert all(m.get(TOKENS_NAMES[TEXT]) for m in data.training_examples)
