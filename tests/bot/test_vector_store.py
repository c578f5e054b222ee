"""The store of sentence vectors: nothing is encoded twice, and nothing goes stale."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bot import vector_store
from bot.vector_store import VectorStore, kept_vectors


class Counting:
    """An encoder that notes what it was asked; a vector is the lengths of text and words."""

    def __init__(self, factor: float = 1) -> None:
        self.asked: list[str] = []
        self.factor = factor

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += texts
        found = [[len(text), len(text.split())] for text in texts]
        return np.array(found, dtype=np.float32) * self.factor


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "vectors-0.npz"


def test_a_text_is_encoded_once_however_often_it_is_asked_for(path: Path) -> None:
    encode = Counting()
    store = VectorStore(encode, path)
    first = store(["hoi", "dag", "hoi"])
    second = store(["dag", "tot ziens"])
    assert encode.asked == ["hoi", "dag", "tot ziens"]
    assert first.tolist() == [[3, 1], [3, 1], [3, 1]]
    assert second.tolist() == [[3, 1], [9, 2]]


def test_a_later_run_encodes_only_what_is_new(path: Path) -> None:
    store = VectorStore(Counting(), path)
    store(["hoi", "dag"])
    store.save()
    encode = Counting()
    found = VectorStore(encode, path)(["dag", "goede dag", "hoi"])
    assert encode.asked == ["goede dag"]
    assert found.dtype == np.float32
    assert found.tolist() == [[3, 1], [9, 2], [3, 1]]


def test_a_damaged_file_is_made_anew(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"PK half a file")
    store = VectorStore(Counting(), path)
    store(["hoi"])
    store.save()
    encode = Counting()
    VectorStore(encode, path)(["hoi"])
    assert encode.asked == []


def test_the_vectors_of_another_encoder_are_not_used_and_are_removed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vector_store, "FOLDER", path.parent)
    ours = kept_vectors(Counting())
    ours(["hoi"])
    ours.save()
    monkeypatch.setattr(vector_store, "artefact_faults", lambda: ["damaged"])
    encode = Counting(2)
    other = kept_vectors(encode)
    assert other(["hoi"]).tolist() == [[6, 2]]
    other.save()
    assert encode.asked == ["hoi"]
    assert len(list(path.parent.iterdir())) == 1


def test_what_nobody_asks_for_any_more_goes_when_the_file_is_full(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = VectorStore(Counting(), path)
    before(["een", "twee"])
    before.save()
    monkeypatch.setattr(vector_store, "_MOST", 2)
    after = VectorStore(Counting(), path)
    after(["twee", "drie"])
    after.save()
    encode = Counting()
    VectorStore(encode, path)(["twee", "drie", "een"])
    assert encode.asked == ["een"]


def test_the_file_holds_no_text(path: Path) -> None:
    store = VectorStore(Counting(), path)
    store(["woorden van een bericht"])
    store.save()
    with np.load(path) as content:
        assert set(content) == {"keys", "vectors"}
        assert content["keys"].dtype == np.uint8
