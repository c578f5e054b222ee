"""Words and pairs of words, folded: what names a thing exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.languages import fold
from bot.nlu.options import number
from bot.nlu.tfidf_featurizer import TfidfFeaturizer


def folded_words(message: Message) -> list[str]:
    """The message's tokens in folded form, without signs."""
    words = [fold(token.text) for token in message.get(TOKENS_NAMES[TEXT]) or []]
    return [word for word in words if any(c.isalnum() for c in word)]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class WordNgramFeaturizer(TfidfFeaturizer):
    """Adds one sparse tf-idf vector of length 1 to each message, from the tokenizer's words."""

    FILE = "word_ngrams.joblib"

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Options of the component."""
        return {
            **TfidfFeaturizer.get_default_config(),
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

    def new_vectorizer(self) -> TfidfVectorizer:
        """An untrained vectorizer, as the options want it."""
        return TfidfVectorizer(
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

    def document(self, message: Message) -> list[str]:
        """The tokenizer's words."""
        return folded_words(message)


def _as_they_are(words: list[str]) -> list[str]:
    return words
