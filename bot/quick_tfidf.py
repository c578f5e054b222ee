"""The tf-idf row of one text, as scikit-learn gives it, without what serves many texts.

Of a single message scikit-learn and scipy build, check and join some twenty sparse matrices, which
takes longer than the counting.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer


class Row(NamedTuple):
    """The numbers of a sparse row that are not 0, and their places in rising order."""

    places: np.ndarray
    values: np.ndarray


class QuickTfidf:
    """A trained vectorizer for one text at a time."""

    def __init__(self, vectorizer: TfidfVectorizer) -> None:
        if not (vectorizer.sublinear_tf and vectorizer.use_idf and vectorizer.norm == "l2"):
            raise ValueError("only logarithmic counts, weighted and of length 1, are computed here")
        self._ngrams = vectorizer.build_analyzer()
        self._places = vectorizer.vocabulary_
        self._weights = np.asarray(vectorizer.idf_, dtype=np.float32)

    def __call__(self, text: str) -> Row:
        """The row of `text`: float32, of length 1, or empty where no n-gram is known."""
        counts = Counter(map(self._places.get, self._ngrams(text)))
        counts.pop(None, None)
        places = np.fromiter(counts, dtype=np.int32, count=len(counts))
        values = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        order = places.argsort()
        places = places[order]
        values = (1 + np.log(values[order])) * self._weights[places]
        return Row(places, values / max(float(np.linalg.norm(values)), 1e-9))
