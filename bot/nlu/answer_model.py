"""Which option a typed answer means: one small linear classifier per question of the checklist.

Trained on `data/answers`, on the titles of the buttons, and, as what is no answer, on messages of
`data/nlu`. The features are those of the intents (a sentence vector, n-grams of characters and of
words), so a typed answer is encoded once. Kept in one file beside the Rasa model, so that a new
question takes a minute of training and not the whole of it.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import scipy.sparse
from scipy.special import expit, softmax
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from bot import catalogue, training_data
from bot.checklist import examples
from bot.checklist.examples import DOCUMENT_STATUS, ITEMS, OTHER, UNCLEAR, Example
from bot.checklist.questions import UNKNOWN, checklist
from bot.languages import clean, fold, languages
from bot.model_file import ModelFile

Encode = Callable[[Sequence[str]], np.ndarray]
"""Texts to vectors: float32 of shape (number of texts, size of the encoder)."""

NEGATIVES_PER_INTENT = 14
"""Messages of each intent and language that stand for "no answer" to a question."""
_DENSE_LENGTH = 1.0
_STRENGTH = 0.5
_FEWEST_UNSEEN = 60
"""Messages that are enough to fit the temperature of a question."""
_SEED = 20261122
# A message of these intents can be the plainest answer there is.
_ANSWERS = {"affirm": "yes", "deny": "no", "skip_unknown": UNKNOWN}


@dataclass
class Features:
    """Turns texts into rows; `mean` is the mean sentence vector."""

    characters: TfidfVectorizer
    words: TfidfVectorizer
    mean: np.ndarray

    @classmethod
    def fit(cls, texts: Sequence[str], vectors: np.ndarray) -> Features:
        """Learn the n-grams of `texts` and the mean of their `vectors`."""
        folded = [fold(text) for text in texts]
        return cls(
            characters=TfidfVectorizer(
                analyzer="char_wb",
                ngram_range=(2, 5),
                min_df=3,
                max_features=40_000,
                sublinear_tf=True,
                dtype=np.float32,
            ).fit(folded),
            words=TfidfVectorizer(
                token_pattern=r"(?u)\w+",  # noqa: S106 - of words
                ngram_range=(1, 2),
                min_df=2,
                max_features=30_000,
                sublinear_tf=True,
                dtype=np.float32,
            ).fit(folded),
            mean=vectors.mean(axis=0),
        )

    def rows(self, texts: Sequence[str], vectors: np.ndarray) -> scipy.sparse.csr_matrix:
        """One row per text, float32; `vectors` are the sentence vectors of the texts."""
        folded = [fold(text) for text in texts]
        dense = vectors - self.mean
        dense = _DENSE_LENGTH * dense / np.maximum(np.linalg.norm(dense, axis=1)[:, None], 1e-9)
        return scipy.sparse.hstack(
            [
                scipy.sparse.csr_matrix(dense.astype(np.float32)),
                self.characters.transform(folded),
                self.words.transform(folded),
            ],
            format="csr",
            dtype=np.float32,
        )


@dataclass
class Head:
    """The classifier of one question: `weights` of shape (features, labels), and offsets.

    `several`: labels are judged one by one; else exactly one holds and the scores add up to 1.
    """

    labels: tuple[str, ...]
    weights: np.ndarray
    offsets: np.ndarray
    temperature: float
    several: bool

    @classmethod
    def fit(
        cls,
        rows: scipy.sparse.csr_matrix,
        labels: Sequence[frozenset[str]],
        several: bool,
        held_out: np.ndarray,
    ) -> Head:
        """Fit weights, and the temperature on the rows `held_out`, which other weights and the
        encoder have not seen; where these are few, on a quarter."""
        names = tuple(sorted({label for each in labels for label in each}))
        truth = np.array([[name in each for name in names] for each in labels])
        unseen, seen = np.flatnonzero(held_out), np.flatnonzero(~held_out)
        if len(unseen) < _FEWEST_UNSEEN:
            order = np.random.default_rng(_SEED).permutation(len(labels))
            unseen, seen = np.split(order, [len(labels) // 4])
        weights, offsets = _planes(rows[seen], truth[seen])
        distances = rows[unseen] @ weights + offsets
        temperature = _temperature(distances, truth[unseen], several)
        return cls(names, *_planes(rows, truth), temperature, several)

    def scores(self, row: scipy.sparse.csr_matrix) -> dict[str, float]:
        """How likely each label is, from 0 to 1."""
        distances = np.asarray(row @ self.weights + self.offsets)[0]
        found = _probabilities(distances[None, :], self.temperature, self.several)[0]
        return dict(zip(self.labels, map(float, found)))


def _planes(rows: scipy.sparse.csr_matrix, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    weights, offsets = [], []
    for column in truth.T:
        if column.all() or not column.any():
            weights.append(np.zeros(rows.shape[1]))
            offsets.append(1.0 if column.all() else -1.0)
            continue
        plane = LinearSVC(C=_STRENGTH, class_weight="balanced", random_state=_SEED)
        plane.fit(rows, column)
        weights.append(plane.coef_[0])
        offsets.append(float(plane.intercept_[0]))
    return (
        np.ascontiguousarray(np.array(weights).T.astype(np.float32)),
        np.array(offsets, dtype=np.float32),
    )


def _probabilities(distances: np.ndarray, temperature: float, several: bool) -> np.ndarray:
    scaled = distances * temperature
    return np.asarray(expit(scaled) if several else softmax(scaled, axis=1))


def _temperature(distances: np.ndarray, truth: np.ndarray, several: bool) -> float:
    """The factor under which the truth is likeliest."""

    def surprise(factor: float) -> float:
        # in double precision: of a number near 1 there is nothing left in single
        found = _probabilities(distances.astype(np.float64), factor, several)
        found = np.clip(found, 1e-9, 1 - 1e-9)
        if several:
            return float(-np.where(truth, np.log(found), np.log(1 - found)).mean())
        # a row may be without a truth: what is no answer has no label of its own
        return float(-np.log(np.maximum((found * truth).sum(axis=1), 1e-9)).mean())

    candidates = np.geomspace(0.5, 20, 30)
    return float(candidates[int(np.argmin([surprise(each) for each in candidates]))])


@dataclass
class AnswerModel(ModelFile):
    """All heads with the features they share."""

    features: Features
    heads: Mapping[str, Head]

    def scores(self, head: str, text: str, vector: np.ndarray) -> dict[str, float]:
        """How likely each label of `head` is for a text with sentence vector `vector`."""
        return self.heads[head].scores(self.features.rows([text], vector.reshape(1, -1)))


def train(encode: Encode, heads: Sequence[str] | None = None) -> AnswerModel:
    """Train a head for every question, or for the named ones."""
    return fit(encode, {head: answers_to(head) for head in heads or examples.heads()})


def fit(encode: Encode, answers: Mapping[str, Sequence[Example]]) -> AnswerModel:
    """Fit heads to the answers given, with the messages of `data/nlu` as what is no answer."""
    negatives = _negatives()
    texts = list(
        dict.fromkeys(
            [example.text for listed in answers.values() for example in listed]
            + [message.text for message in negatives]
        )
    )
    vectors = encode(texts)
    features = Features.fit(texts, vectors)
    rows = features.rows(texts, vectors)
    place = {text: index for index, text in enumerate(texts)}

    def head_of(head: str) -> Head:
        listed = answers[head]
        known = [(example.text, example.labels) for example in listed]
        known += [(m.text, frozenset([OTHER])) for m in _no_answers(head, listed, negatives)]
        return Head.fit(
            rows[[place[text] for text, _ in known]],
            [labels for _, labels in known],
            examples.several(head),
            np.array([training_data.is_held_out(clean(text)) for text, _ in known]),
        )

    # the fitting is compiled code that lets other threads run
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        found = dict(zip(answers, pool.map(head_of, answers)))
    return AnswerModel(features, found)


def answers_to(head: str) -> list[Example]:
    """What is known to answer `head`: its file, the titles of its buttons, plain yes and no."""
    found = list(examples.examples(head))
    labels = set(examples.labels_of(head))
    for language in languages():
        for label in sorted(labels - {OTHER, UNCLEAR}):
            key = _title_key(head, label)
            if catalogue.has_text(language, key) and "{" not in catalogue.text(language, key):
                title = catalogue.text(language, key)
                found.append(Example(language, frozenset([label]), title))
        for intent, label in _ANSWERS.items():
            if label in labels and head != ITEMS:
                path = training_data.DATA / language / f"{intent}.yml"
                for message in training_data.examples_of(path)[:60]:
                    found.append(Example(language, frozenset([label]), message.text))
    # a line of the file says more than a title that happens to be the same
    return list({example.text: example for example in reversed(found)}.values())


def _title_key(head: str, label: str) -> str:
    if head == ITEMS:
        return f"{label}_title"
    if label in checklist().documents:
        return f"{label}_name"
    return f"{head}_option_{label}"


def _negatives() -> list[training_data.Example]:
    chosen = []
    for language in languages():
        for intent in training_data.contract_intents():
            path = training_data.DATA / language / f"{intent}.yml"
            found = training_data.examples_of(path)
            choice = random.Random(f"{language}{intent}")  # noqa: S311 - no secret
            chosen.extend(choice.sample(found, min(NEGATIVES_PER_INTENT, len(found))))
    return chosen


def _no_answers(
    head: str, answers: Sequence[Example], negatives: Sequence[training_data.Example]
) -> list[training_data.Example]:
    if head in (ITEMS, DOCUMENT_STATUS):
        overlaps: set[str] = {"correct_answer"}
    else:
        overlaps = set(checklist().questions[head].overlaps)
    if head == ITEMS:
        return []
    known = {example.text for example in answers}
    labels = {label for example in answers for label in example.labels}
    overlaps |= {intent for intent, label in _ANSWERS.items() if label in labels}
    return [m for m in negatives if m.intent not in overlaps and m.text not in known]
