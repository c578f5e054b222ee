"""The learned emergency lane: how likely a message tells of which emergency.

Trained on `data/emergency` and the answers to the checklist's question about safety, and, as what
is none, on other answers and messages of `data/nlu`. The features are the sentence vector that the
message bears already and n-grams of its folded text. It is the company of words that makes an
emergency ("now" and "airport", "hits" and "not"), so pairs of features count: a polynomial kernel
of degree two over some thousand chosen messages.

The model stands beside the rules of `bot/emergency.py`: alone it needs a high score, and a lower
one where the rules or the classifier see an emergency too. These bars are set on messages that
the weights have not seen. It is kept in one file beside the Rasa model.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import joblib
import numpy as np
import scipy.linalg
import scipy.sparse

from bot import emergency, emergency_data, training_data
from bot.checklist import examples
from bot.checklist.examples import Example
from bot.emergency import KINDS
from bot.emergency_data import NONE
from bot.languages import clean, fold, languages
from bot.nlu.answer_model import Features

Encode = Callable[[Sequence[str]], np.ndarray]
"""Texts to vectors: float32 of shape (number of texts, size of the encoder)."""

LABELS = (NONE, *KINDS)

AN_EMERGENCY = {"threat_imminent": "departure"}
"""Intents whose training messages are emergencies (a sample was read), and of which kind."""
UNDECIDED = frozenset(["domestic_violence", "missing_child", "emotional_support"])
"""Intents that hold emergencies and others side by side: their messages teach neither."""
TELLING = frozenset(["child_abducted"])
"""Intents whose messages are none, but so near that the bars are not set on them."""

SAFETY = "q_safety"
SAFETY_ANSWERS = {"leaving_now": "departure", "danger": "violence", "no": NONE}
"""Answers to the question about safety, and the kind of emergency they tell of."""
UNDECIDED_ANSWERS = frozenset([SAFETY, "q_event"])
"""Questions whose answers tell of emergencies or of past ones: they do not stand for "none"."""

HARMLESS_ALARMS = 0.03
"""Part of `harmless.yml`, at most, on which the bars may let an alarm through.

Those messages sound as much like emergencies as their writers managed; at 0.01 the lane would miss
a third of the emergencies that it sees now.
"""
ORDINARY_ALARMS = 0.005
"""The same of ordinary messages."""

_NEGATIVES_PER_INTENT = 20
_NEGATIVES_PER_QUESTION = 30
_LANDMARKS = 4000
_WEIGHTS = (1.0, 0.7, 0.5)
"""Of the sentence vector, the n-grams of characters and those of words in the kernel."""
_SHIFT = 0.3
_RIDGE = 0.3
_GRID = np.append(np.arange(0.1, 1.0, 0.01), 1.01)
"""Bars that are tried."""
_FOLDS = 4
_SEED = 20261122
_ROOT = training_data.ROOT


class Bars(NamedTuple):
    """Scores from which on an emergency is believed."""

    alone: float
    supported: float
    """Where the rules, or the classifier, see an emergency as well."""


class _Sample(NamedTuple):
    text: str
    kind: str
    source: str
    """File of `data/emergency`, `_COPY`, `_ORDINARY`, or another."""
    fold: int
    rules: bool


_COPY, _ORDINARY, _HARMLESS = "copy", "ordinary", "harmless"
_RULES = "rules"


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


@dataclass
class EmergencyModel:
    """Weights of shape (landmarks, labels), the temperature of the softmax, and the bars."""

    kernel: Kernel
    weights: np.ndarray
    temperature: float
    bars: Mapping[str, Bars]

    def scores(self, text: str, vector: np.ndarray) -> dict[str, float]:
        """How likely each label of `LABELS` is for a text with sentence vector `vector`."""
        rows = Rows.of(self.kernel.features, [text], vector.reshape(1, -1))
        found = _probabilities(self.kernel.of(rows) @ self.weights, self.temperature)
        return dict(zip(LABELS, map(float, found[0])))

    def judge(self, scores: Mapping[str, float], supported: bool) -> str | None:
        """The kind of emergency that `scores` tell of, or None.

        `supported`: something else than this model sees an emergency too.
        """
        kind = max(KINDS, key=lambda each: scores[each])
        bars = self.bars[kind]
        certain = 1 - scores[NONE] >= (bars.supported if supported else bars.alone)
        return kind if certain else None

    def save(self, path: Path) -> None:
        """Write the model; a half-written file never bears the name."""
        path.parent.mkdir(exist_ok=True)
        unfinished = path.with_suffix(".new")
        joblib.dump(self, unfinished, compress=1)
        unfinished.rename(path)

    @staticmethod
    def load(path: Path) -> EmergencyModel:
        """Read a model that `save` wrote."""
        model: EmergencyModel = joblib.load(path)
        return model


def emergency_file() -> Path:
    """Where the model for the present data lies, or would lie."""
    found = hashlib.sha256()
    paths = [
        _ROOT / "requirements" / "bot.txt",
        _ROOT / "bot" / "languages.py",
        _ROOT / "bot" / "nlu" / "answer_model.py",
        *sorted((_ROOT / "bot" / "nlu" / "encoder").glob("*.json")),
        *sorted(_ROOT.glob("bot/emergency*.py")),
        *sorted(_ROOT.glob("bot/emergency/*.yml")),
        _ROOT / "bot" / "checklist" / "questions.yml",
        *sorted(_ROOT.glob("data/emergency/*/*.yml")),
        *sorted(_ROOT.glob("data/answers/*/*.yml")),
        *sorted(_ROOT.glob("data/nlu/*/*.yml")),
    ]
    for path in paths:
        found.update(str(path.relative_to(_ROOT)).encode())
        found.update(path.read_bytes())
    return _ROOT / "models" / f"emergency-{found.hexdigest()[:16]}.joblib"


# --- training ------------------------------------------------------------------------------------


def train(encode: Encode) -> EmergencyModel:
    """Set the bars with weights from other messages, then fit the final weights."""
    samples = _samples()
    texts = [sample.text for sample in samples]
    vectors = encode(texts)
    features = Features.fit(texts, vectors)
    rows = Rows.of(features, texts, vectors)
    truth = np.array([LABELS.index(sample.kind) for sample in samples])
    folds = np.array([sample.fold for sample in samples])
    landmarks = _landmarks(samples)
    kernel = Kernel.fit(features, rows.chosen(landmarks))
    likeness = kernel.of(rows)
    wanted = 2 * np.eye(len(LABELS), dtype=np.float32)[truth] - 1
    squares = [likeness[folds == f].T @ likeness[folds == f] for f in range(_FOLDS)]
    targets = [likeness[folds == f].T @ wanted[folds == f] for f in range(_FOLDS)]
    unseen = np.zeros((len(samples), len(LABELS)), dtype=np.float32)
    for f in range(_FOLDS):
        # of the landmarks too only those count that are not held out
        known = folds[landmarks] != f
        square, target = sum(squares) - squares[f], sum(targets) - targets[f]
        weights = _solved(
            square[np.ix_(known, known)],
            target[known],
            likeness[landmarks[known]][:, known],
        )
        unseen[folds == f] = likeness[folds == f][:, known] @ weights
    plain = np.array([sample.source != _COPY for sample in samples])
    temperature = _temperature(unseen[plain], truth[plain])
    bars = _bars(samples, _probabilities(unseen, temperature))
    weights = _solved(sum(squares), sum(targets), likeness[landmarks])
    return EmergencyModel(kernel, weights, temperature, bars)


def _landmarks(samples: Sequence[_Sample]) -> np.ndarray:
    """Places of the messages with which others are compared: first what is near an emergency."""
    near = {*KINDS, _HARMLESS}
    order = np.random.default_rng(_SEED).permutation(len(samples))
    first = [place for place in order if samples[place].source in near]
    others = [p for p in order if samples[p].source not in near and samples[p].source != _COPY]
    return np.array([*first, *others][:_LANDMARKS])


def _solved(square: np.ndarray, target: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Weights of least squared error, kept small by the likeness of landmarks among each other."""
    left = square.astype(np.float64) + _RIDGE * among
    left[np.diag_indices_from(left)] += 1e-3
    found = scipy.linalg.solve(left, target.astype(np.float64), assume_a="pos")
    return np.asarray(found, dtype=np.float32)


def _samples() -> list[_Sample]:
    rng = random.Random(_SEED)
    found = []
    for message in emergency_data.messages():
        found.append(_sample(message.text, message.kind, message.source, message.language))
        if message.source != _RULES:
            text = found[-1].text
            copy = clean(_vary(text, rng))
            found.append(_Sample(copy, message.kind, _COPY, _fold(text), False))
    found += [*_answers(rng), *_intents(rng)]
    # the first of several equal ones: a line of data/emergency says more than the others
    return list({sample.text: sample for sample in reversed(found) if sample.text}.values())


def _answers(rng: random.Random) -> Iterator[_Sample]:
    """Answers to the checklist: to the question about safety, and to the others as none."""
    for head in examples.heads():
        for language in languages():
            listed = [e for e in examples.examples(head) if e.language == language]
            if head == SAFETY:
                for example in listed:
                    kind = SAFETY_ANSWERS.get(_only(example))
                    if kind is not None:
                        yield _sample(example.text, kind, SAFETY, language)
            elif head not in UNDECIDED_ANSWERS:
                for example in rng.sample(listed, min(_NEGATIVES_PER_QUESTION, len(listed))):
                    yield _sample(example.text, NONE, _ORDINARY, language)


def _only(example: Example) -> str:
    return next(iter(example.labels)) if len(example.labels) == 1 else ""


def _intents(rng: random.Random) -> Iterator[_Sample]:
    for language in languages():
        for intent in training_data.contract_intents():
            if intent in UNDECIDED:
                continue
            kind = AN_EMERGENCY.get(intent, NONE)
            listed = training_data.examples_of(training_data.DATA / language / f"{intent}.yml")
            if kind == NONE:
                listed = rng.sample(listed, min(_NEGATIVES_PER_INTENT, len(listed)))
            for each in listed:
                ordinary = kind == NONE and intent not in TELLING
                yield _sample(each.text, kind, _ORDINARY if ordinary else intent, language)


def _sample(text: str, kind: str, source: str, language: str) -> _Sample:
    text = clean(text)
    rules = emergency.detect(text, language) is not None
    return _Sample(text, kind, source, _fold(text), rules)


def _vary(text: str, rng: random.Random) -> str:
    # at call time: the augmenter is a component of Rasa
    from bot.nlu.augmenter import vary

    return vary(text, rng)


def _fold(text: str) -> int:
    """A text and its copies are held out together."""
    return hashlib.blake2b(fold(text).encode(), digest_size=1).digest()[0] % _FOLDS


def _probabilities(distances: np.ndarray, temperature: float) -> np.ndarray:
    scaled = distances * temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _temperature(distances: np.ndarray, truth: np.ndarray) -> float:
    """The factor under which the truth is likeliest."""

    def surprise(factor: float) -> float:
        found = _probabilities(distances, factor)[np.arange(len(truth)), truth]
        return float(-np.log(np.maximum(found, 1e-9)).mean())

    candidates = np.geomspace(0.5, 20, 30)
    return float(candidates[int(np.argmin([surprise(each) for each in candidates]))])


def _bars(samples: Sequence[_Sample], probabilities: np.ndarray) -> dict[str, Bars]:
    """The bars that let most emergencies through for the false alarms that are allowed.

    Every kind counts alike. The messages on which the rules were written are left out, because
    on them the rules know too much.
    """
    likeliest = probabilities[:, 1:].argmax(axis=1)
    score = 1 - probabilities[:, 0]
    rules = np.array([sample.rules for sample in samples])
    source = np.array([sample.source for sample in samples])
    reached = score[:, None] >= _GRID
    emergencies = [source == kind for kind in KINDS]
    false = [(source == _HARMLESS, HARMLESS_ALARMS), (source == _ORDINARY, ORDINARY_ALARMS)]
    cells = [(likeliest == i) & (rules == seen) for i in range(len(KINDS)) for seen in (0, 1)]
    # of every cell and bar: the part of the emergencies it wins
    won = np.array(
        [sum(reached[c & e].sum(axis=0) / max(1, e.sum()) for e in emergencies) for c in cells]
    )
    # and the part of each allowance it takes
    lost = np.array(
        [[reached[c & f].sum(axis=0) / max(1, f.sum()) / most for c in cells] for f, most in false]
    )
    for price in np.geomspace(1e-4, 1e3, 300):
        chosen = (won - price * lost.sum(axis=0)).argmax(axis=1)
        if lost[:, range(len(cells)), chosen].sum(axis=1).max() <= 1:
            break
    found = _GRID[chosen].reshape(len(KINDS), 2)
    return {k: Bars(float(alone), float(min(alone, s))) for k, (alone, s) in zip(KINDS, found)}
