"""Typed answers written by other people than those of the training: understood, or asked again.

`make evaluate-answers` gives the figures; the bounds here lie a little below what was measured.
"""

from __future__ import annotations

from collections import Counter

import pytest

from bot.checklist.examples import DOCUMENT_STATUS
from bot.checklist.questions import checklist
from bot.evaluate_answers import RIGHT, WRONG, evaluate, read_rows
from bot.languages import languages
from bot.model import ROOT, answers_file
from bot.nlu.answer_model import AnswerModel

LEAST_RIGHT = 0.87
MOST_WRONG = 0.025
FEWEST_PER_QUESTION = 25

ROWS = read_rows(ROOT / "tests" / "answers")


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Counter[str]]:
    model = AnswerModel.load(answers_file())
    found: dict[str, Counter[str]] = {code: Counter() for code in languages()}
    for row, _, outcome in evaluate(ROWS, model):
        found[row.language][outcome] += 1
    return found


@pytest.mark.parametrize("language", languages())
def test_every_question_is_tested_with_enough_answers(language: str) -> None:
    counts = Counter(row.question for row in ROWS if row.language == language)
    wanted = [*checklist().questions, DOCUMENT_STATUS]
    assert [name for name in wanted if counts[name] < FEWEST_PER_QUESTION] == []


@pytest.mark.parametrize("language", languages())
def test_answers_of_strangers_are_understood(
    outcomes: dict[str, Counter[str]], language: str
) -> None:
    counts = outcomes[language]
    assert counts[RIGHT] / counts.total() >= LEAST_RIGHT, counts
    assert counts[WRONG] / counts.total() <= MOST_WRONG, counts


def test_no_test_answer_is_in_the_training() -> None:
    from bot.checklist.examples import examples, heads

    # short plain answers are the same for everybody: "ja", "weet ik niet", "mama en papa"
    trained = {e.text.lower() for head in heads() for e in examples(head)}
    long = [row.text for row in ROWS if len(row.text.split()) > 6]
    again = [text for text in long if text.lower() in trained]
    assert again == []
