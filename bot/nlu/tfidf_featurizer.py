"""What the n-gram featurizers share: a tf-idf vectorizer, trained, kept and applied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import coo_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.quick_tfidf import QuickTfidf

_FEW = 2


class TfidfFeaturizer(SparseFeaturizer, GraphComponent):
    """Adds one sparse vector of length 1 to each message; a subclass says of what."""

    FILE: ClassVar[str]

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
        self._use(vectorizer)

    def _use(self, vectorizer: TfidfVectorizer | None) -> None:
        self._vectorizer = vectorizer
        self._row = None if vectorizer is None else QuickTfidf(vectorizer)

    def new_vectorizer(self) -> TfidfVectorizer:
        """An untrained vectorizer, as the options want it."""
        raise NotImplementedError

    def document(self, message: Message) -> Any:
        """What the vectorizer reads of a message."""
        raise NotImplementedError

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TfidfFeaturizer:
        """Create an untrained featurizer."""
        return cls(config, execution_context.node_name, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn which n-grams there are and how rare they are."""
        vectorizer = self.new_vectorizer()
        vectorizer.fit([self.document(m) for m in training_data.training_examples if m.get(TEXT)])
        self._use(vectorizer)
        with self._model_storage.write_to(self._resource) as folder:
            joblib.dump(vectorizer, folder / self.FILE, compress=3)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TfidfFeaturizer:
        """Load a trained featurizer."""
        with model_storage.read_from(resource) as folder:
            vectorizer = joblib.load(folder / cls.FILE)
        return cls(config, execution_context.node_name, model_storage, resource, vectorizer)

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the vector of each message; button payloads get none."""
        typed = [
            m for m in messages if m.get(TEXT) and not m.get(TEXT).startswith(INTENT_MESSAGE_PREFIX)
        ]
        for message, row in zip(typed, self._rows([self.document(m) for m in typed])):
            message.add_features(Features(row, FEATURE_TYPE_SENTENCE, TEXT, self._identifier))
        return messages

    def _rows(self, documents: list[Any]) -> Iterator[coo_matrix]:
        """The vector of each document, of shape (1, number of n-grams)."""
        assert self._vectorizer is not None, "trained or loaded"
        if len(documents) <= _FEW and self._row is not None:
            shape = (1, len(self._vectorizer.vocabulary_))
            for places, values in map(self._row, documents):
                yield coo_matrix((values, (np.zeros_like(places), places)), shape=shape)
        else:
            for row in self._vectorizer.transform(documents):
                yield row.tocoo()

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the vectors of the training messages."""
        self.process(training_data.training_examples)
        return training_data
