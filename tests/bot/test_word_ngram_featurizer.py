"""Folded words and pairs of words."""

from __future__ import annotations

import numpy as np
import pytest
from featurizer_checks import CHECKS, features, vector
from nlu_parts import QUESTIONS, Parts, message, training_messages
from rasa.shared.exceptions import InvalidConfigException

from bot.nlu.spacy_tokenizer import SpacyLanguageTokenizer
from bot.nlu.word_ngram_featurizer import WordNgramFeaturizer, folded_words

INTENTS = ["hague_costs", "lawyer", "travel_consent_needed", "child_abducted"]


@pytest.fixture(scope="module")
def parts(tmp_path_factory) -> Parts:
    return Parts(tmp_path_factory.mktemp("words"))


@pytest.fixture(scope="module")
def tokenizer(parts: Parts) -> SpacyLanguageTokenizer:
    return parts.create(SpacyLanguageTokenizer)


def tokenized(tokenizer, intents: list[str], per_file: int | None = None):
    return tokenizer.process_training_data(training_messages(intents, per_file))


@pytest.fixture(scope="module")
def featurizer(parts: Parts, tokenizer) -> WordNgramFeaturizer:
    created = parts.create(WordNgramFeaturizer)
    created.train(tokenized(tokenizer, INTENTS))
    return created


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("language", QUESTIONS)
def test_it_passes_the_checks_of_featurizers(featurizer, tokenizer, language: str, check):
    check(featurizer, language, before=[tokenizer])


def test_words_are_folded_and_signs_left_out(tokenizer):
    [found] = tokenizer.process([message("Eén KIND, naar İzmir?!")])
    assert folded_words(found) == ["een", "kind", "naar", "izmir"]


def test_a_pair_of_words_tells_their_order(featurizer, tokenizer):
    one, other = (
        vector(featurizer, text, [tokenizer]) for text in ("de moeder van", "van moeder de")
    )
    assert not np.allclose(one, other)


def test_a_stored_featurizer_gives_the_same_rows(parts: Parts, featurizer, tokenizer):
    loaded = parts.load(WordNgramFeaturizer)
    for text in QUESTIONS.values():
        assert np.array_equal(
            vector(loaded, text, [tokenizer]), vector(featurizer, text, [tokenizer])
        )


def test_a_message_of_unknown_words_has_an_empty_row(featurizer, tokenizer):
    assert not vector(featurizer, "xqzzy vwwqk", [tokenizer]).any()


def test_training_messages_get_their_rows(featurizer, tokenizer):
    data = tokenized(tokenizer, INTENTS, per_file=3)
    featurizer.process_training_data(data)
    assert all(len(features(m)) == 1 for m in data.training_examples)


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"max_ngram": 0}, "max_ngram is 0; give a number from 1 to 5"),
        ({"max_ngram": 6}, "max_ngram is 6; give a number from 1 to 5"),
        ({"max_ngram": "two"}, "max_ngram is 'two'; give a number from 1 to 5"),
        ({"min_messages": 0}, "min_messages is 0; give a number"),
    ],
)
def test_a_wrong_option_is_refused(parts: Parts, options: dict, fault: str):
    with pytest.raises(InvalidConfigException) as caught:
        parts.create(WordNgramFeaturizer, **options)
    assert str(caught.value).startswith("config.yml: WordNgramFeaturizer: ")
    assert fault in str(caught.value)
