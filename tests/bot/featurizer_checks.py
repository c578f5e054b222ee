"""What every featurizer of bot/nlu must do; the tests of each run all of it per language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from nlu_parts import QUESTIONS, message
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message

ODD_TEXTS = ["a" * 2_000, "tak " * 500, "🙂🙂🙂", "中文", "{}", "<b>", "?", "7"]


def prepared(featurizer: Any, text: str, before: Sequence[Any] = ()) -> Message:
    """A message of `text` after the components `before` and the featurizer."""
    messages = [message(text)]
    for component in [*before, featurizer]:
        messages = component.process(messages)
    return messages[0]


def features(message: Message) -> list[Features]:
    """The sentence features of the text."""
    return [f for f in message.features if f.attribute == TEXT and f.type == FEATURE_TYPE_SENTENCE]


def vector(featurizer: Any, text: str, before: Sequence[Any] = ()) -> np.ndarray:
    """The one row that the featurizer gives for `text`."""
    [feature] = features(prepared(featurizer, text, before))
    row = feature.features if feature.is_dense() else feature.features.toarray()
    return np.asarray(row, dtype=np.float64)[0]


def check_one_row_of_length_one(featurizer, language: str, before=()) -> None:
    """Neither long nor short messages weigh more than others."""
    row = vector(featurizer, QUESTIONS[language], before)
    assert row.ndim == 1
    assert np.isclose(np.linalg.norm(row), 1, atol=1e-3)


def check_the_same_text_gives_the_same_row(featurizer, language: str, before=()) -> None:
    """Also when other texts were seen in between."""
    first = vector(featurizer, QUESTIONS[language], before)
    for other in QUESTIONS.values():
        vector(featurizer, other, before)
    assert np.allclose(first, vector(featurizer, QUESTIONS[language], before), atol=1e-5)


def check_another_text_gives_another_row(featurizer, language: str, before=()) -> None:
    """Rows tell texts apart."""
    first, other = (t for code, t in QUESTIONS.items() if code in (language, _next(language)))
    assert vector(featurizer, first, before) @ vector(featurizer, other, before) < 0.99


def check_rows_of_a_batch_belong_to_their_messages(featurizer, language: str, before=()) -> None:
    """A batch gives each message its own row."""
    messages = [message(text) for text in [QUESTIONS[language], *QUESTIONS.values()]]
    for component in [*before, featurizer]:
        messages = component.process(messages)
    for found in messages:
        [feature] = features(found)
        row = feature.features if feature.is_dense() else feature.features.toarray()
        assert np.allclose(row[0], vector(featurizer, found.get(TEXT), before), atol=1e-5)


def check_a_buttons_payload_gets_no_row(featurizer, language: str, before=()) -> None:
    """A payload has no meaning to embed."""
    payload = f'/change_language{{"language": "{language}"}}'
    assert features(prepared(featurizer, payload, before)) == []


def check_odd_texts_give_finite_rows(featurizer, language: str, before=()) -> None:
    """Whatever a visitor types, the row is of the same size and holds numbers."""
    size = vector(featurizer, QUESTIONS[language], before).shape
    for text in ODD_TEXTS:
        row = vector(featurizer, text, before)
        assert row.shape == size
        assert np.isfinite(row).all()


def _next(language: str) -> str:
    codes = list(QUESTIONS)
    return codes[(codes.index(language) + 1) % len(codes)]


CHECKS = [
    check_one_row_of_length_one,
    check_the_same_text_gives_the_same_row,
    check_another_text_gives_another_row,
    check_rows_of_a_batch_belong_to_their_messages,
    check_a_buttons_payload_gets_no_row,
    check_odd_texts_give_finite_rows,
]
