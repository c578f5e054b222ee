"""What the lane of hard requests learns, and how the step of the pipeline uses it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message

from bot import hard_request_data, hard_request_model
from bot.hard_requests import DOUBTFUL, ENTITY, INTENT, KINDS, hard_requests
from bot.labelled_messages import NONE
from bot.lane_model import Sample
from bot.languages import clean
from bot.nlu import hard_request_step
from bot.nlu.emergency_step import ENTITY as EMERGENCY
from bot.nlu.hard_request_step import HardRequestStep
from bot.nlu.marking import add_entity


class Fixed:
    """Stands for the model: every message is of `kind`, or could be of `doubtful`."""

    def __init__(self, kind: str | None, doubtful: str | None = None) -> None:
        self.kind = kind
        self.doubtful = doubtful

    def scores(self, text: str, vector: np.ndarray) -> dict[str, float]:
        return {}

    def knows(self, text: str) -> bool:
        return text != "Grutto"

    def judge(self, scores: dict[str, float], supported: bool = False) -> str | None:
        return self.kind

    def doubt(self, scores: dict[str, float]) -> str | None:
        return self.doubtful


def _message(text: str = "qwertz", intent: str = "border_check") -> Message:
    message = Message(data={TEXT: text, "intent": {"name": intent, "confidence": 0.9}})
    vector = np.ones((1, 8), dtype=np.float32)
    message.add_features(Features(vector, FEATURE_TYPE_SENTENCE, TEXT, "SentenceFeaturizer"))
    return message


def _seen(kind: str | None, message: Message) -> tuple[list[str], str]:
    [message] = HardRequestStep(Fixed(kind)).process([message])  # type: ignore[arg-type]
    found = [e["value"] for e in message.get("entities", []) if e["entity"] == ENTITY]
    return found, message.get("intent")["name"]


@pytest.mark.parametrize("kind", [k for k in KINDS if not hard_requests()[k].usual_answer])
def test_a_kind_with_an_answer_of_its_own_becomes_the_intent(kind: str) -> None:
    assert _seen(kind, _message()) == ([kind], INTENT)


@pytest.mark.parametrize("kind", [k for k in KINDS if hard_requests()[k].usual_answer])
def test_before_the_usual_answer_the_intent_stays(kind: str) -> None:
    assert _seen(kind, _message(intent="hague_refusal")) == ([kind], "hague_refusal")


def test_of_words_it_has_never_seen_the_model_says_nothing() -> None:
    assert _seen("prediction", _message("Grutto")) == ([], "border_check")


def test_any_other_message_stays_what_it_is() -> None:
    assert _seen(None, _message()) == ([], "border_check")


@pytest.mark.parametrize("kind", [None, "prediction"])
def test_what_could_be_one_is_answered_as_usual_and_marked(kind: str | None) -> None:
    step = HardRequestStep(Fixed(kind, "forged_consent"))  # type: ignore[arg-type]
    [message] = step.process([_message()])
    found = {e["entity"]: e["value"] for e in message.get("entities")}
    assert found == ({ENTITY: kind} if kind else {DOUBTFUL: "forged_consent"})
    assert message.get("intent")["name"] == "border_check"


def test_an_emergency_in_the_same_message_keeps_its_answer() -> None:
    message = _message(intent="threat_imminent")
    add_entity(message, EMERGENCY, "departure", "EmergencyStep")
    assert _seen("leave_unnoticed", message) == (["leave_unnoticed"], "threat_imminent")


def test_a_button_is_no_hard_request() -> None:
    assert _seen("prediction", _message("/hague_refusal")) == ([], "border_check")


def test_without_a_model_everything_is_answered_as_usual_and_the_log_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hard_request_step, "hard_request_file", lambda: tmp_path / "none.joblib")
    step = HardRequestStep.create({}, None, None, None)  # type: ignore[arg-type]
    assert "answered as any other" in caplog.text
    [message] = step.process([_message()])
    assert message.get("intent")["name"] == "border_check"


# --- what is learned -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return hard_request_model.samples()


def test_it_learns_every_message_of_the_files_under_its_kind(samples: list[Sample]) -> None:
    learned = {sample.text: sample.kind for sample in samples}
    for message in hard_request_data.messages():
        assert learned[clean(message.text)] == message.kind


def test_every_group_that_the_bars_count_has_messages(samples: list[Sample]) -> None:
    groups = {sample.group for sample in samples}
    assert groups >= {*KINDS, *hard_request_model.LANE.allowed}
    assert all(s.kind == NONE for s in samples if s.group in hard_request_model.LANE.allowed)
