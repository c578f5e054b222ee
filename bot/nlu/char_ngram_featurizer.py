"""Character n-grams of the folded text: what survives inflection, typos and lost diacritics."""

from __future__ import annotations

from typing import Any

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu.normalizer import FOLDED
from bot.nlu.options import number

_FILE = "char_ngrams.joblib"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class CharNgramFeaturizer(SparseFeaturizer, GraphComponent):
    """Adds one sparse tf-idf vector of length 1 to each message."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Options of the component."""
        return {
            **SparseFeaturizer.get_default_config(),
            # shortest and longest n-gram, within words
            "min_ngram": 2,
            "max_ngram": 5,
            # n-grams seen in fewer training messages are left out
            "min_messages": 3,
            # and of the rest at most so many are kept, the most frequent
            "max_features": 60_000,
        }

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Check the options; raises `InvalidConfigException`."""
        for option in ("min_ngram", "max_ngram"):
            number("CharNgramFeaturizer", config, option, 1, 10)
        number("CharNgramFeaturizer", config, "min_messages", 1, 1_000_000)
        number("CharNgramFeaturizer", config, "max_features", 1, 10_000_000)
        if config["min_ngram"] > config["max_ngram"]:
            raise InvalidConfigException(
                f"config.yml: CharNgramFeaturizer: n-grams from {config['min_ngram']} to "
                f"{config['max_ngram']}; give a min_ngram not above max_ngram."
            )

    def __init__(
        self,
        config: dict[str, Any],
        name: str,
        model_storage: ModelStorage,
        resource: Resource,
        vectorizer: TfidfVectorizer | None = None,
    ) -> None:
        super().__init__(name, config)
        self._model_storage = model_storage
        self._resource = resource
        self._vectorizer = vectorizer

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> CharNgramFeaturizer:
        """Create an untrained featurizer."""
        return cls(config, execution_context.node_name, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn which n-grams there are and how rare they are."""
        self._vectorizer = TfidfVectorizer(
            analyzer="char_wb",
            ngram_range=(self._config["min_ngram"], self._config["max_ngram"]),
            min_df=self._config["min_messages"],
            max_features=self._config["max_features"],
            sublinear_tf=True,
            dtype=np.float32,
        )
        self._vectorizer.fit(
            [m.get(FOLDED) for m in training_data.training_examples if m.get(FOLDED)]
        )
        with self._model_storage.write_to(self._resource) as folder:
            joblib.dump(self._vectorizer, folder / _FILE, compress=3)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> CharNgramFeaturizer:
        """Load a trained featurizer."""
        with model_storage.read_from(resource) as folder:
            vectorizer = joblib.load(folder / _FILE)
        return cls(config, execution_context.node_name, model_storage, resource, vectorizer)

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the vector of each message; button payloads get none."""
        typed = [
            m
            for m in messages
            if m.get(FOLDED) and not m.get(TEXT).startswith(INTENT_MESSAGE_PREFIX)
        ]
        if typed:
            assert self._vectorizer is not None, "trained or loaded"
            rows = self._vectorizer.transform([m.get(FOLDED) for m in typed])
            for message, row in zip(typed, rows):
                message.add_features(
                    Features(row.tocoo(), FEATURE_TYPE_SENTENCE, TEXT, self._identifier)
                )
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the vectors of the training messages."""
        self.process(training_data.training_examples)
        return training_data
