"""Character n-grams of the folded text."""

from __future__ import annotations

import numpy as np
import pytest
from featurizer_checks import CHECKS, features, vector
from nlu_parts import QUESTIONS, Parts, training_messages
from rasa.shared.exceptions import InvalidConfigException

from bot.nlu.char_ngram_featurizer import CharNgramFeaturizer

INTENTS = ["hague_costs", "lawyer", "travel_consent_needed", "child_abducted"]


@pytest.fixture(scope="module")
def parts(tmp_path_factory) -> Parts:
    return Parts(tmp_path_factory.mktemp("chars"))


@pytest.fixture(scope="module")
def featurizer(parts: Parts) -> CharNgramFeaturizer:
    created = parts.create(CharNgramFeaturizer)
    created.train(training_messages(INTENTS))
    return created


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("language", QUESTIONS)
def test_it_passes_the_checks_of_featurizers(featurizer, language: str, check):
    check(featurizer, language)


def test_a_stored_featurizer_gives_the_same_rows(parts: Parts, featurizer):
    loaded = parts.load(CharNgramFeaturizer)
    for text in QUESTIONS.values():
        assert np.array_equal(vector(loaded, text), vector(featurizer, text))


@pytest.mark.parametrize(
    ("typed", "also"),
    [
        ("Çocuğum kaçırıldı", "COCUGUM KACIRILDI"),
        ("Dziecko zostało uprowadzone", "dziecko zostalo uprowadzone"),
        ("Mijn coördinatie", "mijn coordinatie"),
    ],
)
def test_diacritics_and_case_change_nothing(featurizer, typed: str, also: str):
    assert np.allclose(vector(featurizer, typed), vector(featurizer, also))


def test_a_slip_of_the_finger_leaves_most_of_the_row(featurizer):
    right, slipped, other = (
        vector(featurizer, text) for text in ("advocaat nodig", "advocaast nodg", "goedemorgen")
    )
    assert right @ slipped > 0.4 > right @ other


def test_training_messages_get_their_rows(featurizer):
    data = training_messages(INTENTS, per_file=3)
    featurizer.process_training_data(data)
    assert all(len(features(m)) == 1 for m in data.training_examples)


def test_rare_n_grams_are_left_out_and_no_more_are_kept_than_asked(parts: Parts):
    small = parts.create(CharNgramFeaturizer, max_features=100)
    small.train(training_messages(["greet"]))
    assert vector(small, "hallo").shape == (100,)


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"min_ngram": 0}, "min_ngram is 0; give a number"),
        ({"max_ngram": 99}, "max_ngram is 99; give a number"),
        ({"min_ngram": 4, "max_ngram": 3}, "n-grams from 4 to 3; give a min_ngram not above"),
        ({"min_messages": "few"}, "min_messages is 'few'; give a number"),
        ({"max_features": 0}, "max_features is 0; give a number"),
    ],
)
def test_a_wrong_option_is_refused(parts: Parts, options: dict, fault: str):
    with pytest.raises(InvalidConfigException) as caught:
        parts.create(CharNgramFeaturizer, **options)
    assert str(caught.value).startswith("config.yml: CharNgramFeaturizer: ")
    assert fault in str(caught.value)
