"""Learned lanes beside the classifier: how likely a message is of a kind that cannot wait.

A lane knows some kinds and `NONE`. `bot/emergency_model.py` and `bot/hard_request_model.py` say of
what a lane learns and how many false alarms it may raise; here is how it learns. The features are
the sentence vector that a message bears already and n-grams of its folded text. It is the company
of words that makes an emergency ("now" and "airport", "hits" and "not"), so pairs of features
count: a polynomial kernel of degree two over some thousand chosen messages. Beside it a plane
through the features themselves parts what is something from what is nothing; it errs elsewhere.
The scores from which on a lane believes are set on messages that neither the weights nor the
encoder have seen.
"""

from __future__ import annotations

import hashlib
import logging
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import scipy.linalg
import scipy.sparse
from scipy.special import expit, softmax
from sklearn.svm import LinearSVC

from bot import training_data
from bot.labelled_messages import NONE
from bot.languages import clean, is_of_draft
from bot.model_file import ModelFile
from bot.nlu.answer_model import Features
from bot.vector_store import Encode

logger = logging.getLogger(__name__)

COPY, ORDINARY, WORDS = "copy", "ordinary", "words"
"""Groups of samples that every lane has: misspelt copies, messages about something else, and words
that say nothing."""
FOLDS = 4
WORDS_ALONE = 300
"""Samples of words that say nothing, of each language."""

_WEIGHTS = (1.0, 0.7, 0.5)
"""Of the sentence vector, the n-grams of characters and those of words in the kernel."""
_SHIFT = 0.3
_RIDGE = 0.3
_ALARM, _NEAR_MISS = 3.0, 2.0
"""How much such a message counts against one that is far from any alarm."""
_STRENGTH = 1.2
"""Inverse strength of the regularisation of the plane."""
_COPIED = 0.5
_URGENT = 1.5
"""So many times the allowed alarms may lie above the bar for what the classifier calls urgent."""
_DOUBTFUL = 2.0
"""And so many above the bar from which on it could be an alarm."""
_GRID = np.append(expit(np.linspace(-5, 9, 281)), 1.01)
"""Bars that are tried."""
_SEED = 20261122
_ROOT = training_data.ROOT


class Sample(NamedTuple):
    """A message to learn from."""

    text: str
    kind: str
    group: str
    """With what it is counted when the bars are set: its own kind, a group of allowed alarms, or
    anything else, which counts for nothing."""
    fold: int
    """Messages of one number are held out together."""
    supported: bool = False
    """Something else than the lane sees an emergency in it too."""


@dataclass(frozen=True)
class Lane:
    """What a lane is to tell apart; `allowed`: group → part of it that may raise an alarm."""

    name: str
    kinds: tuple[str, ...]
    allowed: Mapping[str, float]
    near: frozenset[str]
    """Groups near an alarm: most of the landmarks are of these."""
    landmarks: int = 4000
    """Messages with which every other is compared: more tell finer, and cost memory and time."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The kinds after `NONE`."""
        return (NONE, *self.kinds)


class Bars(NamedTuple):
    """Scores from which on an alarm is believed."""

    alone: float
    supported: float
    """Where something else sees an emergency as well."""
    urgent: float
    """Where the classifier thinks of something urgent; below it the classifier is not believed."""
    doubtful: float
    """Below an alarm: where it could be one, and the visitor is told whom to call if it is."""


class Rows(NamedTuple):
    """Features of messages, so weighted that a message is like itself by 1."""

    dense: np.ndarray
    sparse: scipy.sparse.csr_matrix

    @classmethod
    def of(cls, features: Features, texts: Sequence[str], vectors: np.ndarray) -> Rows:
        """Features of `texts`, which have the sentence vectors `vectors`."""
        size, characters = vectors.shape[1], len(features.characters.vocabulary_)
        rows = features.rows(texts, vectors)
        first, second, third = (float(np.sqrt(each / sum(_WEIGHTS))) for each in _WEIGHTS)
        sparse = rows[:, size:]
        sparse.data *= np.where(sparse.indices < characters, second, third).astype(np.float32)
        return cls(np.asarray(rows[:, :size].todense(), dtype=np.float32) * first, sparse)

    def chosen(self, places: np.ndarray) -> Rows:
        """The rows at `places`."""
        return Rows(self.dense[places], self.sparse[places])

    def joined(self) -> scipy.sparse.csr_matrix:
        """All features side by side."""
        return scipy.sparse.hstack([scipy.sparse.csr_matrix(self.dense), self.sparse], "csr")


@dataclass
class Kernel:
    """Likeness of messages to the landmarks, some messages of the training."""

    features: Features
    dense: np.ndarray
    """Sentence vectors of the landmarks: float32 of shape (landmarks, size of the encoder)."""
    sparse: scipy.sparse.csr_matrix
    """Their n-grams, of shape (number of n-grams, landmarks)."""

    @classmethod
    def fit(cls, features: Features, rows: Rows) -> Kernel:
        """Make the messages of `rows` the landmarks."""
        return cls(features, rows.dense, rows.sparse.T.tocsr())

    def of(self, rows: Rows) -> np.ndarray:
        """Likeness, of shape (messages, landmarks)."""
        product = rows.dense @ self.dense.T
        product += np.asarray((rows.sparse @ self.sparse).todense())
        return np.asarray(2 * (_SHIFT + product) ** 2)


@dataclass
class Plane:
    """A plane through the features; distances are positive where an alarm is."""

    weights: np.ndarray
    offset: float

    @classmethod
    def fit(cls, rows: scipy.sparse.csr_matrix, alarm: np.ndarray) -> Plane:
        """The plane that parts the rows that are an `alarm` from the others."""
        found = LinearSVC(C=_STRENGTH, class_weight="balanced", random_state=_SEED)
        found.fit(rows, alarm)
        return cls(found.coef_[0].astype(np.float32), float(found.intercept_[0]))

    def of(self, rows: scipy.sparse.csr_matrix) -> np.ndarray:
        """Distances of `rows`."""
        return np.asarray(rows @ self.weights + self.offset)


@dataclass
class LaneModel(ModelFile):
    """Weights of shape (landmarks, labels), the temperature of the softmax, and the bars."""

    labels: tuple[str, ...]
    kernel: Kernel
    weights: np.ndarray
    plane: Plane
    temperature: float
    bars: Bars

    def scores(self, text: str, vector: np.ndarray) -> dict[str, float]:
        """How likely each label is for a text with sentence vector `vector`."""
        rows = Rows.of(self.kernel.features, [text], vector.reshape(1, -1))
        distances = self.kernel.of(rows) @ self.weights
        distances[:, 0] -= self.plane.of(rows.joined())
        found = probabilities(distances, self.temperature)
        return dict(zip(self.labels, map(float, found[0])))

    def judge(
        self, scores: Mapping[str, float], supported: bool = False, urgent: bool = False
    ) -> str | None:
        """The kind that `scores` tell of, or None.

        `supported`: as in `Sample`; `urgent`: the classifier thinks of something urgent.
        """
        bar = self.bars.supported if supported else self.bars.alone
        if urgent:
            bar = min(bar, self.bars.urgent)
        if 1 - scores[NONE] < bar:
            return None
        return self._likeliest(scores)

    def doubt(self, scores: Mapping[str, float]) -> str | None:
        """The kind that `scores` could tell of, whether or not they do; None far from any."""
        return self._likeliest(scores) if 1 - scores[NONE] >= self.bars.doubtful else None

    def _likeliest(self, scores: Mapping[str, float]) -> str:
        return max(self.labels[1:], key=lambda each: scores[each])


def loaded(path: Path, without: str) -> LaneModel | None:
    """The model in `path`, or None, said in the log with what holds then: `without`."""
    try:
        return LaneModel.load(path)
    except Exception as error:
        # whatever is wrong with the file, an assistant that judges by less is better than none
        logger.error(
            "models/%s cannot be read (%s); %s. Run `make train`.",
            path.name,
            type(error).__name__,
            without,
        )
        return None


def model_file(name: str, *patterns: str) -> Path:
    """Where the lane `name` lies that learned from the files of `patterns`, or would lie."""
    found = hashlib.sha256()
    common = (
        "requirements/bot.txt",
        "bot/languages.py",
        "bot/lane_model.py",
        "bot/nlu/answer_model.py",
        "bot/nlu/augmenter.py",
        "bot/nlu/encoder/*.json",
        "bot/checklist/questions.yml",
        "data/answers/*/*.yml",
        "data/nlu/*/*.yml",
    )
    for path in sorted({path for each in (*common, *patterns) for path in _ROOT.glob(each)}):
        if not is_of_draft(path):
            found.update(str(path.relative_to(_ROOT)).encode())
            found.update(path.read_bytes())
    return _ROOT / "models" / f"{name}-{found.hexdigest()[:16]}.joblib"


# --- samples -------------------------------------------------------------------------------------


def fold_of(place: int, size: int) -> int:
    """The fold of the message at `place` of a list of `size`.

    Whole stretches are held out: neighbours in a file are by one author and often alike.
    """
    return place * FOLDS // size


def copies(sample: Sample) -> Iterator[Sample]:
    """Of every second message a misspelt copy, held out together with it."""
    # at call time: the augmenter is a component of Rasa
    from bot.nlu.augmenter import vary

    # by the text, so that a new message changes no copy of another, whose vectors are kept
    rng = random.Random(sample.text)  # noqa: S311 - no secret
    if rng.random() < _COPIED:
        yield sample._replace(text=clean(vary(sample.text, rng)), group=COPY)


def drawn(texts: Sequence[str], most: int, rng: random.Random) -> list[str]:
    """Some `most` of `texts`, and of the others all on which the bars can be set."""
    chosen = set(rng.sample(range(len(texts)), min(most, len(texts))))
    return [
        text
        for place, text in enumerate(texts)
        if place in chosen or training_data.is_held_out(clean(text))
    ]


def words_alone(texts: Iterable[str], rng: random.Random) -> Iterator[Sample]:
    """Words of ordinary messages, one or two at a time, as what tells of nothing.

    A message of names or of words that no training message has must not look like an alarm only
    because it looks like nothing else.
    """
    known = sorted({word for text in texts for word in text.split() if word.isalpha()})
    for place in range(WORDS_ALONE):
        words = rng.choices(known, k=rng.choice((1, 2)))
        text = " ".join(words if rng.random() < 0.7 else [words[0].capitalize()] * len(words))
        yield Sample(clean(text), NONE, WORDS, fold_of(place, WORDS_ALONE))


def distinct(samples: Iterable[Sample]) -> list[Sample]:
    """The first of several samples of one text, which says more than the later ones."""
    found: dict[str, Sample] = {}
    for sample in samples:
        if sample.text:
            found.setdefault(sample.text, sample)
    return list(found.values())


# --- training ------------------------------------------------------------------------------------


def train(lane: Lane, samples: Sequence[Sample], encode: Encode) -> LaneModel:
    """Set the bars with weights from other messages, then fit the final weights."""
    texts = [sample.text for sample in samples]
    vectors = encode(texts)
    features = Features.fit(texts, vectors)
    rows = Rows.of(features, texts, vectors)
    truth = np.array([lane.labels.index(sample.kind) for sample in samples])
    folds = np.array([sample.fold for sample in samples])
    landmarks = _landmarks(lane, samples)
    kernel = Kernel.fit(features, rows.chosen(landmarks))
    likeness, joined = kernel.of(rows), rows.joined()
    wanted = 2 * np.eye(len(lane.labels), dtype=np.float32)[truth] - 1
    weight = np.array([[_weight(lane, sample)] for sample in samples], np.float32)
    squares, targets = [], []
    for f in range(FOLDS):
        # fold by fold: the likeness of all is gigabytes, and need not be there twice
        part = likeness[folds == f]
        weighted = part * weight[folds == f]
        squares.append(weighted.T @ part)
        targets.append(weighted.T @ wanted[folds == f])
    unseen = np.zeros((len(samples), len(lane.labels)), dtype=np.float32)
    for f in range(FOLDS):
        held = folds == f
        # of the landmarks too only those count that are not held out
        known = ~held[landmarks]
        square, target = sum(squares) - squares[f], sum(targets) - targets[f]
        weights = _solved(
            square[np.ix_(known, known)], target[known], likeness[landmarks[known]][:, known]
        )
        unseen[held] = likeness[held][:, known] @ weights
        unseen[held, 0] -= Plane.fit(joined[~held], truth[~held] > 0).of(joined[held])
    # the encoder was adapted to the other messages: on those it is surer than on a visitor's
    judged = _judged(samples)
    temperature = fitted_temperature(unseen[judged], truth[judged])
    bars = fitted_bars(
        lane, [samples[place] for place in judged], probabilities(unseen[judged], temperature)
    )
    weights = _solved(sum(squares), sum(targets), likeness[landmarks])
    plane = Plane.fit(joined, truth > 0)
    return LaneModel(lane.labels, kernel, weights, plane, temperature, bars)


def _judged(samples: Sequence[Sample]) -> np.ndarray:
    """Places of the messages on which scores are as on a visitor's."""
    plain = [place for place, sample in enumerate(samples) if sample.group != COPY]
    found = [place for place in plain if training_data.is_held_out(samples[place].text)]
    return np.array(found or plain)


def _weight(lane: Lane, sample: Sample) -> float:
    if sample.kind != NONE:
        return _ALARM
    return _NEAR_MISS if sample.group in lane.near else 1.0


def _landmarks(lane: Lane, samples: Sequence[Sample]) -> np.ndarray:
    """Places of the messages with which others are compared, most of them near an alarm."""
    order = np.random.default_rng(_SEED).permutation(len(samples))
    first = [place for place in order if samples[place].group in lane.near]
    others = [p for p in order if samples[p].group not in {*lane.near, COPY}]
    return np.array([*first[: lane.landmarks - lane.landmarks // 4], *others][: lane.landmarks])


def _solved(square: np.ndarray, target: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Weights of least squared error, kept small by the likeness of landmarks among each other."""
    left = square.astype(np.float64) + _RIDGE * among
    left[np.diag_indices_from(left)] += 1e-3
    found = scipy.linalg.solve(left, target.astype(np.float64), assume_a="pos")
    return np.asarray(found, dtype=np.float32)


def probabilities(distances: np.ndarray, temperature: float) -> np.ndarray:
    """Each row of `distances` as probabilities that add up to 1."""
    return np.asarray(softmax(distances * temperature, axis=1))


def fitted_temperature(distances: np.ndarray, truth: np.ndarray) -> float:
    """The factor under which the truth is likeliest."""

    def surprise(factor: float) -> float:
        found = probabilities(distances, factor)[np.arange(len(truth)), truth]
        return float(-np.log(np.maximum(found, 1e-9)).mean())

    candidates = np.geomspace(0.5, 20, 30)
    return float(candidates[int(np.argmin([surprise(each) for each in candidates]))])


def fitted_bars(lane: Lane, samples: Sequence[Sample], found: np.ndarray) -> Bars:
    """The bars that let most alarms through, every kind alike, for the false ones allowed.

    `found` are probabilities of messages that the weights have not seen.
    """
    score = 1 - found[:, 0]
    supported = np.array([sample.supported for sample in samples])
    group = np.array([sample.group for sample in samples])
    reached = score[:, None] >= _GRID
    wanted = [group == kind for kind in lane.kinds]
    false = [(group == name, most) for name, most in lane.allowed.items()]
    cells = [~supported, supported]
    # of every cell and bar: the part of the alarms it wins
    won = np.array(
        [sum(reached[c & w].sum(axis=0) / max(1, w.sum()) for w in wanted) for c in cells]
    )
    # and the part of each allowance it takes
    lost = np.array(
        [[reached[c & f].sum(axis=0) / max(1, f.sum()) / most for c in cells] for f, most in false]
    )
    # every pair of bars: the best of those that keep to all allowances
    kept = (lost[:, 0, :, None] + lost[:, 1, None, :] <= 1).all(axis=0)
    worth = np.where(kept, won[0][:, None] + won[1][None, :], -1)
    first, second = np.unravel_index(worth.argmax(), worth.shape)
    alone = float(_GRID[first])
    other = min(alone, float(_GRID[second])) if supported.any() else alone
    # here not every message above the bar raises an alarm: only one that others take for urgent,
    # and below the others none does
    rates = [(reached[f].mean(axis=0), most) for f, most in false]
    urgent, doubtful = (
        float(_GRID[np.logical_and.reduce([line <= times * most for line, most in rates]).argmax()])
        for times in (_URGENT, _DOUBTFUL)
    )
    return Bars(alone, other, min(urgent, alone), min(doubtful, alone))
