"""The classifier: a small real training on the project's messages of a few intents."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from featurizer_checks import ODD_TEXTS
from nlu_parts import QUESTIONS, Parts, development_set, message, training_messages
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.special import softmax

from bot.nlu.augmenter import COPY_OF, Augmenter
from bot.nlu.char_ngram_featurizer import CharNgramFeaturizer
from bot.nlu.linear_classifier import LinearClassifier, fitted_temperature, held_out
from bot.nlu.sentence_featurizer import SentenceFeaturizer

INTENTS = ["hague_costs", "lawyer", "greet", "travel_consent_form", "passport_child"]


class Trained:
    """The components before the classifier, their training data, and the classifier."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        augmenter = parts.create(Augmenter, copies=0.5)
        self.sentences = parts.create(SentenceFeaturizer, encoder="use")
        self.characters = parts.create(CharNgramFeaturizer)
        data = augmenter.process_training_data(training_messages(INTENTS, per_file=40))
        self.sentences.process_training_data(data)
        self.characters.train(data)
        self.data = self.characters.process_training_data(data)
        self.classifier = parts.create(LinearClassifier)
        self.classifier.train(self.data)

    def featured(self, text: str):
        return self.characters.process(self.sentences.process([message(text)]))[0]

    def classified(self, text: str, classifier=None):
        return (classifier or self.classifier).process([self.featured(text)])[0]


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Trained:
    return Trained(Parts(tmp_path_factory.mktemp("classifier")))


@pytest.fixture(scope="module")
def judged(trained: Trained):
    """Messages of the development set, with their right intent."""
    return [
        (row["intent"], trained.classified(row["text"]))
        for row in development_set()
        if row["intent"] in INTENTS
    ]


@pytest.mark.parametrize("text", [*QUESTIONS.values(), *ODD_TEXTS])
def test_one_message_is_judged_as_among_many(trained: Trained, text: str):
    # loaded ones take a quicker way for a message that comes alone
    alone = trained.parts.load(CharNgramFeaturizer).process(
        trained.sentences.process([message(text)])
    )
    model = trained.parts.load(LinearClassifier)._model
    many = trained.characters.process(trained.sentences.process([message(text), message("hallo")]))
    expected = model.probabilities(model.blocks.matrix(many))[0]
    assert model.probabilities_of(alone[0]) == pytest.approx(expected, abs=1e-4)


def test_unseen_messages_get_the_right_intent(judged):
    assert len(judged) > 50
    right = [found.get(INTENT)["name"] == intent for intent, found in judged]
    assert sum(right) / len(right) > 0.8


def test_the_ranking_is_in_order_and_adds_up_to_one(judged):
    for _, found in judged:
        confidences = [c["confidence"] for c in found.get(INTENT_RANKING_KEY)]
        assert confidences == sorted(confidences, reverse=True)
        assert {c["name"] for c in found.get(INTENT_RANKING_KEY)} == set(INTENTS)
        assert np.isclose(sum(confidences), 1, atol=1e-4)
        assert found.get(INTENT) == found.get(INTENT_RANKING_KEY)[0]


def test_confidence_is_about_as_often_right_as_it_says(judged):
    confidences = np.array([found.get(INTENT)["confidence"] for _, found in judged])
    right = np.array([found.get(INTENT)["name"] == intent for intent, found in judged])
    assert abs(confidences.mean() - right.mean()) < 0.15
    assert confidences[right].mean() > confidences[~right].mean()


def test_a_shorter_ranking_keeps_the_likeliest(trained: Trained):
    short = trained.parts.load(LinearClassifier, ranking_length=2)
    text = "wat kost een advocaat?"
    whole = trained.classified(text).get(INTENT_RANKING_KEY)
    assert trained.classified(text, short).get(INTENT_RANKING_KEY) == whole[:2]


def test_a_stored_classifier_gives_the_same_confidences(trained: Trained):
    loaded = trained.parts.load(LinearClassifier)
    for text in ("wat kost een advocaat?", "merhaba", "paszport dla dziecka"):
        first, second = trained.classified(text), trained.classified(text, loaded)
        assert first.get(INTENT_RANKING_KEY) == second.get(INTENT_RANKING_KEY)


def test_the_same_data_gives_the_same_weights(trained: Trained, tmp_path):
    again = Parts(tmp_path).create(LinearClassifier)
    again.train(trained.data)
    assert np.allclose(again._model.weights, trained.classifier._model.weights)
    assert again._model.temperature == trained.classifier._model.temperature


def test_a_message_and_its_copies_are_held_out_together(trained: Trained):
    messages = [m for m in trained.data.intent_examples if m.features]
    held = np.array([held_out(m) for m in messages])
    by_text = {m.get("text"): h for m, h in zip(messages, held) if not m.get(COPY_OF)}
    copies = [(m, h) for m, h in zip(messages, held) if m.get(COPY_OF)]
    assert copies
    assert all(by_text[m.get(COPY_OF)] == h for m, h in copies)
    assert 0.03 < held.mean() < 0.15


@pytest.mark.parametrize("text", ["/lawyer", ""])
def test_a_payload_and_an_empty_message_are_not_ranked(trained: Trained, text: str):
    [found] = trained.classifier.process([message(text)])
    assert found.get(INTENT_RANKING_KEY) is None


@pytest.mark.parametrize("text", ["🙂🙂", "中文", "a" * 2000, "{}", "xqzzy"])
def test_an_odd_message_gets_confidences_too(trained: Trained, text: str):
    assert np.isfinite(trained.classified(text).get(INTENT)["confidence"])


def test_training_without_features_is_refused(trained: Trained):
    bare = copy.deepcopy(training_messages(["greet"], per_file=3))
    with pytest.raises(InvalidConfigException, match="finds no features. Put featurizers before"):
        trained.parts.create(LinearClassifier).train(TrainingData(bare.training_examples))


@pytest.mark.parametrize("factor", [1, 4, 10])
def test_the_temperature_is_the_factor_that_was_used(factor: float):
    rng = np.random.default_rng(1)
    distances = rng.normal(size=(4000, 4))
    chances = softmax(distances * factor, axis=1)
    truth = np.array([rng.choice(4, p=row) for row in chances])
    assert fitted_temperature(distances, truth) == pytest.approx(factor, rel=0.15)


def test_large_distances_do_not_overflow():
    distances = 1e4 * np.array([[1.0, -1.0], [-1.0, 1.0]])
    with np.errstate(over="raise", invalid="raise"):
        assert np.isfinite(fitted_temperature(distances, np.array([0, 1])))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("C", 0),
        ("C", "strong"),
        ("dense_length", -1),
        ("ranking_length", 0),
        ("seed", "x"),
    ],
)
def test_a_wrong_option_is_refused(trained: Trained, option: str, value):
    with pytest.raises(InvalidConfigException, match=f"config.yml: LinearClassifier: {option} is"):
        trained.parts.create(LinearClassifier, **{option: value})
