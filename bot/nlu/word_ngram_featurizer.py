"""Words and pairs of words, folded: what names a thing exactly."""

from __future__ import annotations

from typing import Any

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.languages import fold
from bot.nlu.options import number

_FILE = "word_ngrams.joblib"


def folded_words(message: Message) -> list[str]:
    """The message's tokens in folded form, without signs."""
    words = [fold(token.text) for token in message.get(TOKENS_NAMES[TEXT]) or []]
    return [word for word in words if any(c.isalnum() for c in word)]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class WordNgramFeaturizer(SparseFeaturizer, GraphComponent):
    """Adds one sparse tf-idf vector of length 1 to each message, from the tokenizer's words."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Options of the component."""
        return {
            **SparseFeaturizer.get_default_config(),
            # the longest run of words
            "max_ngram": 2,
            # runs seen in fewer training messages are left out
            "min_messages": 2,
        }

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Check the options; raises `InvalidConfigException`."""
        number("WordNgramFeaturizer", config, "max_ngram", 1, 5)
        number("WordNgramFeaturizer", config, "min_messages", 1, 1_000_000)

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
    ) -> WordNgramFeaturizer:
        """Create an untrained featurizer."""
        return cls(config, execution_context.node_name, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn which runs of words there are and how rare they are."""
        self._vectorizer = TfidfVectorizer(
            analyzer="word",
            # the words come ready from the tokenizer
            tokenizer=_as_they_are,
            preprocessor=_as_they_are,
            token_pattern=None,
            lowercase=False,
            ngram_range=(1, self._config["max_ngram"]),
            min_df=self._config["min_messages"],
            sublinear_tf=True,
            dtype=np.float32,
        )
        self._vectorizer.fit(
            [folded_words(m) for m in training_data.training_examples if m.get(TEXT)]
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
    ) -> WordNgramFeaturizer:
        """Load a trained featurizer."""
        with model_storage.read_from(resource) as folder:
            vectorizer = joblib.load(folder / _FILE)
        return cls(config, execution_context.node_name, model_storage, resource, vectorizer)

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the vector of each message; button payloads get none."""
        typed = [
            m for m in messages if m.get(TEXT) and not m.get(TEXT).startswith(INTENT_MESSAGE_PREFIX)
        ]
        if typed:
            assert self._vectorizer is not None, "trained or loaded"
            rows = self._vectorizer.transform([folded_words(m) for m in typed])
            for message, row in zip(typed, rows):
                message.add_features(
                    Features(row.tocoo(), FEATURE_TYPE_SENTENCE, TEXT, self._identifier)
                )
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the vectors of the training messages."""
        self.process(training_data.training_examples)
        return training_data


def _as_they_are(words: list[str]) -> list[str]:
    return words
