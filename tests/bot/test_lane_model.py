"""What the learned lanes share: what they learn, where their bars lie, how they are kept.

Trained here on a few messages with vectors that only count words: how much the real models see is
measured by `make evaluate-emergency`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import random
from collections.abc import Sequence
from pathlib import Path

import joblib
import numpy as np
import pytest

from bot import lane_model
from bot.labelled_messages import NONE
from bot.lane_model import COPY, FOLDS, ORDINARY, WORDS, Bars, Lane, LaneModel, Sample
from bot.languages import fold
from bot.model_file import ModelFile

SIZE = 64
LANE = Lane("test", ("fire", "water"), {"harmless": 0.02, ORDINARY: 0.01}, frozenset(["fire"]))

_WORDS = {
    "fire": "brand vuur vlammen rook nu help",
    "water": "lek stroomt water nat nu help",
    NONE: "vraag formulier toestemming reis wanneer kosten",
}


def encode(texts: Sequence[str]) -> np.ndarray:
    vectors = np.zeros((len(texts), SIZE), dtype=np.float32)
    for row, text in enumerate(texts):
        for word in fold(text).split():
            vectors[row, hashlib.blake2b(word.encode(), digest_size=1).digest()[0] % SIZE] += 1
    return vectors


def _samples() -> list[Sample]:
    rng = random.Random(1)
    found = []
    for kind, words in _WORDS.items():
        for i in range(80):
            text = " ".join(rng.choices(words.split(), k=4)) + f" {i}"
            group = ("harmless", ORDINARY)[i % 2] if kind == NONE else kind
            found.append(Sample(text, kind, group, lane_model.fold_of(i, 80)))
    return found


@pytest.fixture(scope="module")
def model() -> LaneModel:
    return lane_model.train(LANE, _samples(), encode)


def _scores(model: LaneModel, text: str) -> dict[str, float]:
    return model.scores(text, encode([text])[0])


def test_it_tells_the_kinds_apart_and_from_a_question(model: LaneModel) -> None:
    assert model.judge(_scores(model, "brand en vlammen")) == "fire"
    assert model.judge(_scores(model, "het water stroomt")) == "water"
    question = _scores(model, "een vraag over het formulier")
    assert model.judge(question, supported=True, urgent=True) is None


def test_scores_are_of_every_label_and_add_up(model: LaneModel) -> None:
    scores = _scores(model, "brand")
    assert tuple(scores) == (NONE, "fire", "water")
    assert sum(scores.values()) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("text", ["", "?!", "x" * 5000, "\U0001f198", "0"])
def test_any_text_has_scores(model: LaneModel, text: str) -> None:
    scores = model.scores(text, np.zeros(SIZE, dtype=np.float32))
    assert all(np.isfinite(list(scores.values())))


def test_it_is_the_same_after_it_was_stored(model: LaneModel, tmp_path: Path) -> None:
    path = tmp_path / "models" / "test-0.joblib"
    model.save(path)
    loaded = lane_model.loaded(path, "nothing is seen")
    assert loaded is not None
    assert _scores(loaded, "brand") == _scores(model, "brand")
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_file_of_another_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "test-0.joblib"

    class Other(ModelFile):
        pass

    joblib.dump([], path)
    for kind in (LaneModel, Other):
        with pytest.raises(TypeError, match=rf"test-0.joblib holds a list, no {kind.__name__}"):
            kind.load(path)


def test_a_file_that_cannot_be_read_is_said_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    damaged = tmp_path / "test-0.joblib"
    damaged.write_bytes(b"no model")
    for path in (damaged, tmp_path / "missing.joblib"):
        caplog.clear()
        assert lane_model.loaded(path, "fires are not seen") is None
        assert path.name in caplog.text
        assert "fires are not seen" in caplog.text


def test_a_bar_counts_from_its_score_on(model: LaneModel) -> None:
    bars = Bars(alone=0.75, supported=0.25, urgent=0.5, doubtful=0.4)
    changed = dataclasses.replace(model, bars=bars)
    sure, likely, unlikely = (
        {NONE: 1 - score, "fire": score * 0.75, "water": score * 0.25}
        for score in (0.75, 0.5, 0.25)
    )
    assert changed.judge(sure) == "fire"
    assert changed.judge(likely) is None
    assert changed.judge(likely, urgent=True) == "fire"
    assert changed.judge(likely, supported=True) == "fire"
    assert changed.judge(unlikely, urgent=True) is None
    assert changed.judge(unlikely, supported=True) == "fire"
    assert [changed.doubt(scores) for scores in (sure, likely, unlikely)] == ["fire", "fire", None]


def test_the_bars_keep_to_the_allowed_false_alarms() -> None:
    rng = np.random.default_rng(1)
    groups = ["fire", "water"] * 200 + ["harmless", ORDINARY] * 1000
    kinds = [group if group in LANE.kinds else NONE for group in groups]
    samples = [
        Sample(str(i), kind, group, 0, i % 3 == 0)
        for i, (kind, group) in enumerate(zip(kinds, groups))
    ]
    truth = np.array([LANE.labels.index(kind) for kind in kinds])
    distances = rng.normal(size=(len(kinds), 3)) + 2 * np.eye(3)[truth]
    found = lane_model.probabilities(distances, 1.0)
    bars = lane_model.fitted_bars(LANE, samples, found)
    assert bars.supported <= bars.alone
    assert bars.doubtful <= bars.urgent <= bars.alone
    for name, most in LANE.allowed.items():
        alarms = sum(
            1 - each[0] >= (bars.supported if sample.supported else bars.alone)
            for sample, each in zip(samples, found)
            if sample.group == name
        )
        assert alarms <= most * 1000


def test_neighbours_in_a_file_are_held_out_together() -> None:
    folds = [lane_model.fold_of(place, 10) for place in range(10)]
    assert folds == sorted(folds)
    assert set(folds) == set(range(FOLDS))


def test_words_alone_tell_of_nothing_and_count_for_no_bar() -> None:
    found = list(lane_model.words_alone(["mijn huis staat", "in 3 dagen"], random.Random(1)))
    assert len(found) == lane_model.WORDS_ALONE
    assert {(each.kind, each.group) for each in found} == {(NONE, WORDS)}
    words = {word.lower() for each in found for word in each.text.split()}
    assert words == {"mijn", "huis", "staat", "in", "dagen"}
    assert max(len(each.text.split()) for each in found) == 2


def test_a_copy_is_held_out_with_its_message_and_does_not_count_for_the_bars() -> None:
    samples = [Sample(f"mijn huis staat in brand {i}", "fire", "fire", 3) for i in range(20)]
    made = [copy for sample in samples for copy in lane_model.copies(sample)]
    assert 0 < len(made) < len(samples)
    assert {(copy.group, copy.kind, copy.fold) for copy in made} == {(COPY, "fire", 3)}
    assert list(lane_model.copies(samples[0])) == list(lane_model.copies(samples[0]))


def test_of_equal_texts_the_first_counts() -> None:
    first, second = Sample("brand", "fire", "fire", 0), Sample("brand", NONE, ORDINARY, 1)
    assert lane_model.distinct([first, second, Sample("", NONE, ORDINARY, 0)]) == [first]


def test_the_file_is_another_when_a_message_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(lane_model, "_ROOT", tmp_path)
    line = tmp_path / "data" / "fires" / "nl" / "fire.yml"
    line.parent.mkdir(parents=True)
    line.write_text("messages: [brand]", encoding="utf-8")
    first = lane_model.model_file("fires", "data/fires/*/*.yml")
    assert lane_model.model_file("fires", "data/fires/*/*.yml") == first
    line.write_text("messages: [brand!]", encoding="utf-8")
    assert lane_model.model_file("fires", "data/fires/*/*.yml") != first
