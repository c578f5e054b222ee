"""A linear intent classifier over every sentence feature, with confidences that mean something.

One weight per feature and intent (a linear support vector machine, one intent against the
rest). Distances from the dividing planes become probabilities by a softmax whose temperature is
fitted on messages that neither the weights nor our encoder have seen: a confidence of 0.7 is
right about seven times in ten, which the ambiguity step relies on.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import joblib
import numpy as np
import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import (
    FEATURE_TYPE_SENTENCE,
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.optimize import minimize_scalar
from scipy.special import softmax
from sklearn.svm import LinearSVC

from bot.nlu.augmenter import COPY_OF
from bot.nlu.options import MOST_SEED, number
from bot.training_data import is_held_out

logger = logging.getLogger(__name__)

_FILE = "linear_classifier.joblib"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearClassifier(GraphComponent, IntentClassifier):
    """Sets `intent` and `intent_ranking` from the sentence features of the featurizers."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Options of the component."""
        return {
            # inverse strength of the regularisation
            "C": 0.3,
            # dense vectors are centred and scaled to this length; sparse ones have length 1
            "dense_length": 0.7,
            # intents in the ranking
            "ranking_length": 10,
            "seed": 20261122,
        }

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: LinearModel | None = None,
    ) -> None:
        number("LinearClassifier", config, "C", 1e-6, 1e6)
        number("LinearClassifier", config, "dense_length", 0, 1000)
        number("LinearClassifier", config, "ranking_length", 1, 1000)
        number("LinearClassifier", config, "seed", 0, MOST_SEED)
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinearClassifier:
        """Create an untrained classifier."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the weights and the temperature."""
        messages = [m for m in training_data.intent_examples if m.features]
        if not messages:
            raise InvalidConfigException(
                "config.yml: LinearClassifier finds no features. Put featurizers before it."
            )
        blocks = Blocks.fit(messages, float(self._config["dense_length"]))
        self._model = LinearModel.fit(
            blocks,
            blocks.matrix(messages),
            np.array([m.get(INTENT) for m in messages]),
            np.array([held_out(m) for m in messages]),
            float(self._config["C"]),
            int(self._config["seed"]),
        )
        with self._model_storage.write_to(self._resource) as folder:
            joblib.dump(self._model, folder / _FILE, compress=1)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LinearClassifier:
        """Load a trained classifier."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, joblib.load(folder / _FILE))

    def process(self, messages: list[Message]) -> list[Message]:
        """Rank the intents of each message; a button's payload names its own."""
        assert self._model is not None, "trained or loaded"
        for message in messages:
            text = message.get(TEXT) or ""
            if not text or text.startswith(INTENT_MESSAGE_PREFIX):
                continue
            probabilities = self._model.probabilities_of(message)
            order = np.argsort(-probabilities)[: int(self._config["ranking_length"])]
            ranking = [
                {
                    INTENT_NAME_KEY: str(self._model.classes[index]),
                    PREDICTED_CONFIDENCE_KEY: float(probabilities[index]),
                }
                for index in order
            ]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages


def held_out(message: Message) -> bool:
    """Whether the temperature is fitted on a message; it goes together with its varied copies."""
    return is_held_out(message.get(COPY_OF) or message.get(TEXT))


class Blocks:
    """How the features of the featurizers stand side by side in one row per message.

    `origins` lists the featurizers in order; `means` holds the mean vector of the dense ones.
    """

    def __init__(self, origins: list[str], means: dict[str, np.ndarray], dense_length: float):
        self.origins = origins
        self.means = means
        self.dense_length = dense_length

    @classmethod
    def fit(cls, messages: list[Message], dense_length: float) -> Blocks:
        """Read origins from the first message and means from all."""
        features = _sentence_features(messages[0])
        means = {
            origin: np.vstack(
                [_sentence_features(message)[origin].features for message in messages]
            ).mean(axis=0)
            for origin, feature in features.items()
            if feature.is_dense()
        }
        return cls(list(features), means, dense_length)

    def matrix(self, messages: list[Message]) -> scipy.sparse.csr_matrix:
        """Rows of `messages`: float32, shape (number of messages, number of all features)."""
        found = [_sentence_features(message) for message in messages]
        columns = []
        for origin in self.origins:
            stack = [features[origin].features for features in found]
            if origin not in self.means:
                columns.append(scipy.sparse.vstack(stack, format="csr"))
                continue
            columns.append(scipy.sparse.csr_matrix(self._scaled(origin, np.vstack(stack))))
        return scipy.sparse.hstack(columns, format="csr", dtype=np.float32)

    def parts(self, message: Message) -> Iterator[tuple[int, np.ndarray, np.ndarray | None]]:
        """A row in parts: how long each is, its numbers, and their places where it is sparse."""
        features = _sentence_features(message)
        for origin in self.origins:
            found = features[origin].features
            if origin not in self.means:
                found = found.tocoo()
                yield found.shape[1], found.data, found.col
                continue
            yield found.shape[1], self._scaled(origin, found)[0], None

    def _scaled(self, origin: str, vectors: np.ndarray) -> np.ndarray:
        """Dense vectors, a row each, centred and of the length that the options say."""
        dense = vectors - self.means[origin]
        length = np.linalg.norm(dense, axis=1, keepdims=True)
        scaled: np.ndarray = dense * (self.dense_length / np.maximum(length, 1e-9))
        return scaled.astype(np.float32)


def _sentence_features(message: Message) -> dict[str, Any]:
    return {
        str(feature.origin): feature
        for feature in message.features
        if feature.type == FEATURE_TYPE_SENTENCE and feature.attribute == TEXT
    }


class LinearModel:
    """Weights of shape (features, intents), offsets, and the temperature of the softmax."""

    def __init__(
        self,
        blocks: Blocks,
        classes: np.ndarray,
        weights: np.ndarray,
        offsets: np.ndarray,
        temperature: float,
    ) -> None:
        self.blocks = blocks
        self.classes = classes
        self.weights = weights
        self.offsets = offsets
        self.temperature = temperature

    @classmethod
    def fit(
        cls,
        blocks: Blocks,
        rows: scipy.sparse.csr_matrix,
        intents: np.ndarray,
        held_out: np.ndarray,
        strength: float,
        seed: int,
    ) -> LinearModel:
        """Fit the temperature with weights from the other messages, then the final weights."""
        first = LinearSVC(C=strength, random_state=seed).fit(rows[~held_out], intents[~held_out])
        known = held_out & np.isin(intents, first.classes_)
        distances = first.decision_function(rows[known])
        truth = np.searchsorted(first.classes_, intents[known])
        temperature = fitted_temperature(distances, truth)
        final = LinearSVC(C=strength, random_state=seed).fit(rows, intents)
        return cls(
            blocks=blocks,
            classes=final.classes_,
            weights=np.ascontiguousarray(final.coef_.T.astype(np.float32)),
            offsets=final.intercept_.astype(np.float32),
            temperature=temperature,
        )

    def probabilities(self, rows: scipy.sparse.csr_matrix) -> np.ndarray:
        """Probability of each intent: shape (rows, intents), each row adds up to 1."""
        distances = rows @ self.weights + self.offsets
        return np.asarray(softmax(distances * self.temperature, axis=1))

    def probabilities_of(self, message: Message) -> np.ndarray:
        """The same of one message: shape (intents,). Without the matrices that serve many."""
        distances, begin = self.offsets.copy(), 0
        for length, values, places in self.blocks.parts(message):
            end = begin + length
            rows = self.weights[begin:end] if places is None else self.weights[begin + places]
            distances += values @ rows
            begin = end
        found: np.ndarray = softmax(distances * self.temperature)
        return found


def fitted_temperature(distances: np.ndarray, truth: np.ndarray) -> float:
    """The factor on `distances` under which the right classes `truth` are likeliest."""

    def surprise(factor: float) -> float:
        likelihood = softmax(distances * factor, axis=1)[np.arange(len(truth)), truth]
        return float(-np.log(np.maximum(likelihood, 1e-12)).mean())

    return float(minimize_scalar(surprise, bounds=(0.5, 30), method="bounded").x)
