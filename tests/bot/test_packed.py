"""What was trained is written again, with the same contents, so that it is read quickly."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from bot import packed

TEXTS = ["de reis", "het kind", "de reis naar het kind"]


class Model:
    """Holds a vectorizer as the lanes do: somewhere inside."""

    def __init__(self) -> None:
        # with a limit scikit-learn keeps places as numbers of NumPy
        self.parts = [TfidfVectorizer(max_features=4, dtype=np.float32).fit(TEXTS)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A model as it is trained."""
    path = tmp_path / "model.joblib"
    joblib.dump(Model(), path, compress=1)
    return path


def test_the_contents_are_the_same(file: Path):
    before = joblib.load(file).parts[0]
    packed.pack(file)
    after = joblib.load(file).parts[0]
    assert after.vocabulary_ == before.vocabulary_
    assert (after.transform(TEXTS) != before.transform(TEXTS)).nnz == 0


def test_places_are_plain_numbers(file: Path):
    assert {type(place) for place in joblib.load(file).parts[0].vocabulary_.values()} != {int}
    packed.pack(file)
    assert {type(place) for place in joblib.load(file).parts[0].vocabulary_.values()} == {int}


def test_it_is_packed_once(file: Path):
    packed.pack(file)
    once = file.stat()
    packed.pack(file)
    assert file.stat().st_mtime_ns == once.st_mtime_ns
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.fixture
def archive(tmp_path: Path, file: Path) -> Path:
    """A model of Rasa, as far as packing it goes."""
    path = tmp_path / "model.tar.gz"
    metadata = {"train_schema": {"nodes": {"a": {}}}, "predict_schema": {"nodes": {"b": {}}}}
    (tmp_path / "metadata.json").write_text(json.dumps(metadata))
    (tmp_path / "rules.json").write_text("[]")
    with tarfile.open(path, "w:gz") as made:
        made.add(tmp_path / "metadata.json", "metadata.json")
        made.add(tmp_path / "rules.json", "components/rules/rules.json")
        made.add(file, "components/words/words.joblib")
    return path


def contents(archive: Path) -> dict[str, bytes]:
    with tarfile.open(archive, "r:gz") as opened:
        return {name: opened.extractfile(name).read() for name in opened.getnames()}


def test_an_archive_keeps_what_serves(archive: Path):
    packed.pack(archive)
    found = contents(archive)
    assert found["components/rules/rules.json"] == b"[]"
    assert json.loads(found["metadata.json"]) == {
        "train_schema": {"nodes": {}},
        "predict_schema": {"nodes": {"b": {}}},
    }
    words = joblib.load(io.BytesIO(found["components/words/words.joblib"])).parts[0]
    assert {type(place) for place in words.vocabulary_.values()} == {int}


def test_an_archive_is_packed_once(archive: Path):
    packed.pack(archive)
    once = archive.stat()
    packed.pack(archive)
    assert archive.stat().st_mtime_ns == once.st_mtime_ns
