"""The sentence encoder that is committed: whole, right, small and fast."""

from __future__ import annotations

import json
import random
import shutil
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from bot.languages import clean
from bot.training_data import is_held_out
from encoder.augment import vary
from encoder.data import training_rows
from encoder.measure import ARTEFACT, DamagedArtefact, check_artefact, encode_all, open_encoder

pytest.importorskip("onnxruntime")
pytest.importorskip("tokenizers")

TEXTS = [
    "mag ik met mijn dochter naar Polen zonder toestemming van haar vader",
    "eşim çocuğu Türkiye'ye götürdü, geri getirmiyor",
    "czy mogę pojechać z synem do babci na wakacje",
    "tak",
    "",
]


@pytest.fixture(scope="module")
def encode():
    return open_encoder()


def test_the_committed_files_have_the_hashes_of_the_manifest():
    check_artefact()


def test_it_is_under_forty_megabytes():
    assert sum(path.stat().st_size for path in ARTEFACT.iterdir()) < 40e6


def test_the_manifest_names_source_and_licence():
    manifest = json.loads((ARTEFACT / "manifest.json").read_text(encoding="utf-8"))
    assert "multilingual-e5-small" in manifest["source"]
    assert manifest["licence"] == "MIT"
    assert set(manifest["sha256"]) == {"model.onnx", "tokenizer.json"}


def test_every_fault_of_a_damaged_copy_is_named(tmp_path: Path):
    copy = tmp_path / "encoder"
    shutil.copytree(ARTEFACT, copy)
    (copy / "model.onnx").write_bytes(b"cut short")
    (copy / "tokenizer.json").unlink()
    with pytest.raises(DamagedArtefact, match="model.onnx.*\n.*tokenizer.json"):
        check_artefact(copy)


def test_a_missing_manifest_is_told(tmp_path: Path):
    with pytest.raises(DamagedArtefact, match="manifest.json"):
        check_artefact(tmp_path)


def test_vectors_have_length_one_also_of_an_empty_text(encode):
    vectors = encode(TEXTS)
    assert vectors.shape == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)


def test_the_same_question_in_another_language_is_nearer_than_another_question(encode):
    dutch, turkish, other = encode(
        [
            "hoe lang duurt de procedure?",
            "işlem ne kadar sürer?",
            "wie zijn jullie eigenlijk",
        ]
    )
    assert dutch @ turkish > dutch @ other


def test_a_text_in_a_batch_is_nearly_what_it_is_alone(encode):
    alone = np.vstack([encode([text]) for text in TEXTS[:4]])
    together = encode_all(encode, TEXTS[:4])
    assert (alone * together).sum(axis=1).min() > 0.97


@pytest.mark.parametrize(
    "text", ["a" * 20_000, "tak " * 5_000, "🙂🙂🙂", "\u200b", "<s><pad></s>", "中文", "‮abc"]
)
def test_odd_input_gives_a_vector(encode, text: str):
    vector = encode([clean(text)])
    assert np.isfinite(vector).all()


def test_no_word_of_a_training_message_has_an_unknown_piece():
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(ARTEFACT / "tokenizer.json"))
    unknown = tokenizer.token_to_id("<unk>")
    for row in training_rows():
        # emoji younger than the published encoder are unknown to it, and stay so
        words = "".join(c for c in row.text if unicodedata.category(c) not in ("So", "Cn"))
        assert unknown not in tokenizer.encode(words).ids, (row.language, row.intent)


def test_about_one_message_in_thirteen_is_held_out_of_training():
    share = np.mean([is_held_out(row.text) for row in training_rows()])
    assert 0.06 < share < 0.1


def test_a_varied_message_is_never_empty_and_often_the_same():
    rng = random.Random(1)
    varied = [vary("Mag ik naar Turkije met mijn zoon?", rng) for _ in range(300)]
    assert all(varied)
    assert 60 < varied.count("Mag ik naar Turkije met mijn zoon?") < 180
