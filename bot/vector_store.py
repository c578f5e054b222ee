"""Sentence vectors of training texts, computed once and kept in `build/cache`.

Several models learn from the same messages. A vector is found again by the digest of its text in a
file that bears the digest of the encoder, so that a changed line is encoded anew and another
encoder begins an empty file. Only training asks here: no visitor's words are kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bot.nlu.encoder import ARTEFACT, artefact_faults

Encode = Callable[[Sequence[str]], np.ndarray]
"""Texts to vectors: float32 of shape (number of texts, size of the encoder)."""

FOLDER = Path(__file__).parents[1] / "build" / "cache"

_MOST = 200_000
"""Vectors that the file holds at most; beyond, those not asked for in this run are dropped."""


class VectorStore:
    """Encodes what it does not know yet; `save` keeps what it knows."""

    def __init__(self, encode: Encode, path: Path) -> None:
        self._encode = encode
        self._path = path
        self._keys, self._vectors = _read(path)
        self._places = {key: place for place, key in enumerate(self._keys)}
        self._asked: set[bytes] = set()
        self._new = False

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of `texts`: float32, shape (number of texts, size of the encoder)."""
        keys = [hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts]
        self._asked.update(keys)
        missing = {k: text for k, text in zip(keys, texts) if k not in self._places}
        if missing:
            found = np.asarray(self._encode(list(missing.values())), dtype=np.float32)
            known = self._vectors if self._keys else found[:0]
            self._vectors = np.vstack([known, found])
            self._places.update(zip(missing, range(len(self._keys), len(self._vectors))))
            self._keys += missing
            self._new = True
        return self._vectors[[self._places[key] for key in keys]]

    def save(self) -> None:
        """Write the file, if something came to it, and remove those of other encoders."""
        if not self._new:
            return
        kept = range(len(self._keys))
        places = [p for p in kept if len(kept) <= _MOST or self._keys[p] in self._asked]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._path.with_suffix(".new")
        with unfinished.open("wb") as file:
            keys = np.frombuffer(b"".join(self._keys[p] for p in places), dtype=np.uint8)
            np.savez(file, keys=keys.reshape(-1, 16), vectors=self._vectors[places])
        unfinished.replace(self._path)
        self._new = False
        for old in self._path.parent.glob("vectors-*.npz"):
            if old != self._path:
                old.unlink()


def _read(path: Path) -> tuple[list[bytes], np.ndarray]:
    try:
        with np.load(path) as content:
            keys, vectors = content["keys"], content["vectors"]
    except Exception:
        # missing, or cut short by a stop: then everything is encoded again
        return [], np.zeros((0, 0), dtype=np.float32)
    return [key.tobytes() for key in keys], vectors


def kept_vectors(encode: Encode) -> VectorStore:
    """The store of our own encoder, or of what takes its place."""
    found = hashlib.sha256((ARTEFACT / "manifest.json").read_bytes())
    found.update(b"own" if not artefact_faults() else b"replaced")
    return VectorStore(encode, FOLDER / f"vectors-{found.hexdigest()[:16]}.npz")
