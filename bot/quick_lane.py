"""A trained lane for one message at a time: what `LaneModel` says, in half the time.

Beside `bot/lane_model.py`, because whatever changes there trains the lanes anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bot.lane_model import _SHIFT, _WEIGHTS, LaneModel, probabilities
from bot.languages import fold
from bot.nlu.answer_model import _DENSE_LENGTH
from bot.quick_tfidf import QuickTfidf

_DENSE, _CHARACTERS, _WORDS = (float(np.sqrt(each / sum(_WEIGHTS))) for each in _WEIGHTS)


class QuickLane:
    """A `LaneModel` that judges message by message."""

    def __init__(self, model: LaneModel) -> None:
        features = model.kernel.features
        self._model = model
        self._mean = features.mean
        self._characters = QuickTfidf(features.characters)
        self._words = QuickTfidf(features.words)
        self._first_word = len(features.characters.vocabulary_)
        self._landmarks = np.ascontiguousarray(model.kernel.dense, dtype=np.float32)

    def scores(self, text: str, vector: np.ndarray) -> dict[str, float]:
        """How likely each label is for a text with sentence vector `vector`."""
        folded = fold(text)
        dense = vector - self._mean
        dense = _DENSE_LENGTH * dense / max(float(np.linalg.norm(dense)), 1e-9) * _DENSE
        characters, words = self._characters(folded), self._words(folded)
        places = np.concatenate([characters.places, words.places + self._first_word])
        values = np.concatenate([characters.values * _CHARACTERS, words.values * _WORDS])
        likeness = self._landmarks @ dense
        likeness += _weighted_sum(self._model.kernel.sparse, places, values)
        distances = (2 * (_SHIFT + likeness) ** 2) @ self._model.weights
        plane = self._model.plane
        # the features of the plane begin with the sentence vector
        sparse_weights = plane.weights[len(dense) :]
        distances[0] -= dense @ plane.weights[: len(dense)] + values @ sparse_weights[places]
        distances[0] -= plane.offset
        found = probabilities(distances[None, :], self._model.temperature)
        return dict(zip(self._model.labels, map(float, found[0])))

    def knows(self, text: str) -> bool:
        """Whether the lane has learned from a message with any of the words of `text`.

        Of names and of keys struck at random it can say nothing; they only look like no message.
        """
        return self._words(fold(text)).places.size > 0

    def judge(
        self, scores: Mapping[str, float], supported: bool = False, urgent: bool = False
    ) -> str | None:
        """As `LaneModel.judge`."""
        return self._model.judge(scores, supported, urgent)

    def doubt(self, scores: Mapping[str, float]) -> str | None:
        """As `LaneModel.doubt`."""
        return self._model.doubt(scores)


def quick(model: LaneModel | None) -> QuickLane | None:
    """The same lane; None stays None."""
    return None if model is None else QuickLane(model)


def _weighted_sum(rows: Any, places: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The sum of the sparse rows at `places`, each taken `values` times."""
    begins, ends = rows.indptr[places], rows.indptr[places + 1]
    lengths = ends - begins
    # where each number of the chosen rows stands
    steps = np.repeat(begins - np.concatenate([[0], lengths.cumsum()[:-1]]), lengths)
    chosen = np.arange(lengths.sum()) + steps
    weighted = rows.data[chosen] * np.repeat(values, lengths)
    size = rows.shape[1]
    return np.bincount(rows.indices[chosen], weights=weighted, minlength=size).astype(np.float32)
