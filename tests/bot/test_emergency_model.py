"""What the learned emergency lane learns, and how the step of the pipeline uses it.

How many unseen emergencies the model recognises is measured by `make evaluate-emergency`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features as RasaFeatures
from rasa.shared.nlu.training_data.message import Message

from bot import emergency, emergency_data, emergency_model, training_data
from bot.emergency import KINDS
from bot.emergency_data import HARMLESS, NEAR
from bot.labelled_messages import NONE, TOLD
from bot.lane_model import COPY, ORDINARY, Sample
from bot.languages import clean, languages
from bot.nlu import emergency_step
from bot.nlu.ambiguity import OPTIONS
from bot.nlu.emergency_step import DOUBTFUL, ENTITY, EmergencyStep
from bot.nlu.language_detector import LANGUAGE, OTHER


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    with pytest.MonkeyPatch.context() as patch:
        # what the rules see is tested apart, and takes its time
        patch.setattr(emergency, "detect", lambda text, language: None)
        return emergency_model.samples()


def test_it_learns_every_message_of_the_files_under_its_kind(samples: list[Sample]) -> None:
    learned = {sample.text: sample.kind for sample in samples}
    for message in emergency_data.messages():
        assert learned[clean(message.text)] == message.kind, message.source


def test_a_message_near_an_emergency_teaches_only_what_somebody_read_in_it(
    samples: list[Sample],
) -> None:
    told = {clean(m.text) for m in emergency_data.messages() if m.source == TOLD}
    ordinary = {sample.text for sample in samples if sample.group == ORDINARY}
    for language in languages():
        for intent in NEAR:
            path = training_data.DATA / language / f"{intent}.yml"
            undecided = {clean(e.text) for e in training_data.examples_of(path)} - told
            assert not undecided & ordinary, path


def test_every_group_that_the_bars_count_has_messages(samples: list[Sample]) -> None:
    groups = {sample.group for sample in samples}
    assert groups >= {*KINDS, HARMLESS, ORDINARY, COPY, *emergency_model.LANE.allowed}
    assert all(s.kind == NONE for s in samples if s.group in emergency_model.LANE.allowed)


def test_copies_are_never_of_the_other_side_of_a_fold(samples: list[Sample]) -> None:
    by_kind: dict[tuple[str, int], int] = {}
    for sample in samples:
        by_kind[sample.kind, sample.fold] = by_kind.get((sample.kind, sample.fold), 0) + 1
    # every fold holds out messages of every kind
    assert len(by_kind) == (len(KINDS) + 1) * 4


# --- the step in the pipeline --------------------------------------------------------------------


def _message(text: str, intent: str = "greet", ranked: str | None = None) -> Message:
    message = Message(data={TEXT: text, "intent": {"name": intent, "confidence": 0.9}})
    ranking = [(ranked or intent, 0.9), ("police_report", 0.06), ("thank", 0.02)]
    message.set("intent_ranking", [{"name": n, "confidence": c} for n, c in ranking])
    vector = np.ones((1, 8), dtype=np.float32)
    message.add_features(RasaFeatures(vector, FEATURE_TYPE_SENTENCE, TEXT, "SentenceFeaturizer"))
    return message


class Fixed:
    """Stands for the model: believes in violence, from a given support on, or thinks of it."""

    def __init__(
        self,
        alone: bool,
        supported: bool,
        urgent: bool = False,
        doubtful: bool = False,
        score: float = 0.9,
        known: bool = True,
    ) -> None:
        self.alone, self.supported, self.urgent, self.score = alone, supported, urgent, score
        self.doubtful, self.known = doubtful or alone, known

    def scores(self, text: str, vector: np.ndarray) -> dict[str, float]:
        return {NONE: 1 - self.score}

    def knows(self, text: str) -> bool:
        return self.known

    def judge(self, scores: dict[str, float], supported: bool, urgent: bool) -> str | None:
        seen = self.alone or supported and self.supported or urgent and self.urgent
        return "violence" if seen else None

    def doubt(self, scores: dict[str, float]) -> str | None:
        return "violence" if self.doubtful else None


def _entities(message: Message, name: str = ENTITY) -> list[str]:
    return [e["value"] for e in message.get("entities", []) if e["entity"] == name]


def test_the_model_sees_what_the_rules_do_not() -> None:
    [message] = EmergencyStep(Fixed(True, True)).process([_message("qwertz")])  # type: ignore[arg-type]
    assert _entities(message) == ["violence"]
    assert message.get("intent")["name"] == "domestic_violence"


def test_of_words_it_has_never_seen_the_model_says_nothing() -> None:
    step = EmergencyStep(Fixed(True, True, doubtful=True, known=False))  # type: ignore[arg-type]
    [message, ruled] = step.process([_message("Grutto"), _message("hij slaat mij")])
    assert _entities(message) == _entities(message, DOUBTFUL) == []
    assert _entities(ruled) == ["violence"], "the rules alone judge"


def test_the_rules_support_the_model() -> None:
    step = EmergencyStep(Fixed(False, True))  # type: ignore[arg-type]
    [seen, other] = step.process([_message("hij slaat mij"), _message("qwertz")])
    assert _entities(seen) == ["violence"]
    assert _entities(other) == []


def test_the_classifier_supports_the_model() -> None:
    step = EmergencyStep(Fixed(False, False, True))  # type: ignore[arg-type]
    # asked back by the step before: the ranking still tells what the classifier thought of first
    [message] = step.process([_message("qwertz", "nlu_fallback", "threat_imminent")])
    assert _entities(message) == ["violence"]


def test_the_model_holds_the_rules_back() -> None:
    [message] = EmergencyStep(Fixed(False, False)).process([_message("hij slaat mij")])  # type: ignore[arg-type]
    assert _entities(message) == []
    assert message.get("intent")["name"] == "greet"


def test_where_the_classifier_alone_sees_danger_the_visitor_is_asked_back() -> None:
    step = EmergencyStep(Fixed(False, False))  # type: ignore[arg-type]
    [message] = step.process([_message("er zit een film over geweld", "domestic_violence")])
    assert _entities(message) == []
    assert message.get("intent")["name"] == "nlu_fallback"
    assert message.get(OPTIONS) == ["domestic_violence", "police_report"]


def test_a_classifier_that_is_sure_of_a_missing_child_is_believed() -> None:
    step = EmergencyStep(Fixed(False, False))  # type: ignore[arg-type]
    sure, unsure = _message("weg is ze", "missing_child"), _message("weg is ze", "missing_child")
    unsure.set("intent_ranking", [{"name": "missing_child", "confidence": 0.5}])
    step.process([sure, unsure])
    assert sure.get("intent")["name"] == "missing_child"
    assert unsure.get("intent")["name"] == "nlu_fallback"


def test_a_message_of_another_intent_stays_what_it_is() -> None:
    step = EmergencyStep(Fixed(False, False))  # type: ignore[arg-type]
    [message] = step.process([_message("dank u", "thank")])
    assert message.get("intent")["name"] == "thank"


def test_what_could_be_an_emergency_is_answered_as_usual_behind_a_line() -> None:
    step = EmergencyStep(Fixed(False, True, doubtful=True))  # type: ignore[arg-type]
    [doubtful, sure] = step.process([_message("qwertz"), _message("hij slaat mij")])
    assert _entities(doubtful, DOUBTFUL) == ["violence"]
    assert _entities(doubtful) == []
    assert doubtful.get("intent")["name"] == "greet"
    # where there is a card, it says whom to call
    assert _entities(sure, DOUBTFUL) == []


def test_what_could_be_one_in_a_language_unknown_to_the_model_is_no_matter_of_doubt() -> None:
    step = EmergencyStep(Fixed(False, False, doubtful=True))  # type: ignore[arg-type]
    message = _message("qwertz")
    message.set(LANGUAGE, {"name": OTHER, "decisive": True})
    step.process([message])
    assert _entities(message, DOUBTFUL) == []


@pytest.mark.parametrize(
    ("score", "text", "seen"),
    [
        (0.9, "qwertz", []),
        (0.99, "qwertz", ["violence"]),
        (0.9, "hij slaat mij", ["violence"]),
    ],
)
def test_in_a_language_it_has_not_learned_the_model_alone_must_be_surer(
    score: float, text: str, seen: list[str]
) -> None:
    message = _message(text)
    message.set(LANGUAGE, {"name": OTHER, "decisive": True})
    EmergencyStep(Fixed(True, True, score=score)).process([message])  # type: ignore[arg-type]
    assert _entities(message) == seen


def test_a_button_is_no_emergency() -> None:
    [message] = EmergencyStep(Fixed(True, True)).process([_message("/threat_imminent")])  # type: ignore[arg-type]
    assert _entities(message) == []


def test_without_a_model_the_rules_judge_alone_and_the_log_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(emergency_step, "emergency_file", lambda: tmp_path / "emergency-0.joblib")
    step = EmergencyStep.create({}, None, None, None)  # type: ignore[arg-type]
    assert "rules alone" in caplog.text
    [message, other] = step.process([_message("hij slaat mij"), _message("qwertz")])
    assert _entities(message) == ["violence"]
    assert _entities(other) == []
