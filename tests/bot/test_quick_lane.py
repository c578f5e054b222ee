"""The quick ways to the scores of one message say what the slow ones say."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.emergency_model import emergency_file
from bot.hard_request_model import hard_request_file
from bot.lane_model import LaneModel
from bot.nlu.sentence_featurizer import shared_encoder
from bot.quick_lane import QuickLane, quick
from bot.quick_tfidf import QuickTfidf

TEXTS = (
    "Hij staat nu met onze dochter op het vliegveld",
    "Kocam beni dövüyor, ne yapmalıyım?",
    "czy mogę jechać z dzieckiem do Turcji na wakacje?",
    "help help help help",
    "x" * 3000,
    "ş",
    "?!",
    "",
)


@pytest.mark.parametrize("find", [emergency_file, hard_request_file])
def test_a_quick_lane_scores_as_the_lane_does(find) -> None:
    model = LaneModel.load(find())
    lane = QuickLane(model)
    for text, vector in zip(TEXTS, shared_encoder("kompas")(TEXTS)):
        assert lane.scores(text, vector) == pytest.approx(model.scores(text, vector), abs=1e-4)
    scores = {**dict.fromkeys(model.labels, 0.0), model.labels[1]: 1.0}
    assert lane.judge(scores) == model.judge(scores) == model.labels[1]
    assert [lane.knows(text) for text in TEXTS[:3]] == [True] * 3
    assert not any(lane.knows(text) for text in ("Roerdompnl Roerdompnl", "x" * 3000, "?!", ""))


def test_a_lane_that_is_not_there_stays_away() -> None:
    assert quick(None) is None


@pytest.mark.parametrize("analyzer", ["char_wb", "word"])
def test_a_quick_row_is_that_of_the_vectorizer(analyzer: str) -> None:
    vectorizer = TfidfVectorizer(
        analyzer=analyzer, ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32
    ).fit(TEXTS[:4])
    row_of = QuickTfidf(vectorizer)
    for text in (*TEXTS, "nu nu naar het vliegveld, help"):
        expected = vectorizer.transform([text]).toarray()[0]
        found = np.zeros_like(expected)
        places, values = row_of(text)
        found[places] = values
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_what_it_does_not_compute_it_refuses() -> None:
    with pytest.raises(ValueError, match="logarithmic"):
        QuickTfidf(TfidfVectorizer().fit(TEXTS[:4]))
