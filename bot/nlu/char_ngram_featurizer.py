"""Character n-grams of the folded text: what survives inflection, typos and lost diacritics."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu.normalizer import FOLDED
from bot.nlu.options import number
from bot.nlu.tfidf_featurizer import TfidfFeaturizer


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class CharNgramFeaturizer(TfidfFeaturizer):
    """Adds one sparse tf-idf vector of length 1 to each message."""

    FILE = "char_ngrams.joblib"

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Options of the component."""
        return {
            **TfidfFeaturizer.get_default_config(),
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

    def new_vectorizer(self) -> TfidfVectorizer:
        """An untrained vectorizer, as the options want it."""
        return TfidfVectorizer(
            analyzer="char_wb",
            ngram_range=(self._config["min_ngram"], self._config["max_ngram"]),
            min_df=self._config["min_messages"],
            max_features=self._config["max_features"],
            sublinear_tf=True,
            dtype=np.float32,
        )

    def document(self, message: Message) -> str:
        """The folded text."""
        return str(message.get(FOLDED))
