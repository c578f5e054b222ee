"""The learned emergency lane: what it learns, where its bars lie, and how the step uses it.

Trained here on little, with vectors that only count words: how many unseen emergencies the real
model recognises is measured by `python -m bot.evaluate_emergency`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features as RasaFeatures
from rasa.shared.nlu.training_data.message import Message

from bot import emergency_model
from bot.emergency import KINDS
from bot.emergency_data import NONE
from bot.emergency_model import LABELS, Bars, EmergencyModel, _bars, _Sample
from bot.languages import fold
from bot.nlu import emergency_step
from bot.nlu.emergency_step import ENTITY, EmergencyStep

SIZE = 64
ALARM = "hij slaat mij nu help"
HARMLESS = "mag ik in de zomer met mijn zoon naar Polen"


def encode(texts: Sequence[str]) -> np.ndarray:
    vectors = np.zeros((len(texts), SIZE), dtype=np.float32)
    for row, text in enumerate(texts):
        for word in fold(text).split():
            vectors[row, hashlib.blake2b(word.encode(), digest_size=1).digest()[0] % SIZE] += 1
    return vectors


@pytest.fixture(scope="module")
def model() -> EmergencyModel:
    with pytest.MonkeyPatch.context() as patch:
        # every eighth message and a quarter of the landmarks: seconds instead of a minute
        whole = emergency_model._samples()
        patch.setattr(emergency_model, "_samples", lambda: whole[::8])
        patch.setattr(emergency_model, "_LANDMARKS", 400)
        return emergency_model.train(encode)


def _judged(model: EmergencyModel, text: str, supported: bool = True) -> str | None:
    return model.judge(model.scores(text, encode([text])[0]), supported)


def test_it_tells_an_emergency_from_a_question(model: EmergencyModel) -> None:
    alarm, harmless = (model.scores(text, encode([text])[0]) for text in (ALARM, HARMLESS))
    assert alarm[NONE] < 0.5 < harmless[NONE]
    assert max(KINDS, key=lambda kind: alarm[kind]) == "violence"


def test_scores_are_of_every_label_and_add_up(model: EmergencyModel) -> None:
    scores = model.scores(ALARM, encode([ALARM])[0])
    assert tuple(scores) == LABELS
    assert sum(scores.values()) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("text", ["", "?!", "x" * 5000, "\U0001f198", "0"])
def test_any_text_has_scores(model: EmergencyModel, text: str) -> None:
    scores = model.scores(text, np.zeros(SIZE, dtype=np.float32))
    assert all(np.isfinite(list(scores.values())))


def test_support_never_raises_a_bar(model: EmergencyModel) -> None:
    assert set(model.bars) == set(KINDS)
    assert all(bars.supported <= bars.alone for bars in model.bars.values())


def test_it_is_the_same_after_it_was_stored(model: EmergencyModel, tmp_path: Path) -> None:
    path = tmp_path / "models" / "emergency.joblib"
    model.save(path)
    vector = encode([ALARM])[0]
    assert EmergencyModel.load(path).scores(ALARM, vector) == model.scores(ALARM, vector)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_bar_counts_from_its_score_on(model: EmergencyModel) -> None:
    scores = {NONE: 0.4, "violence": 0.5, "departure": 0.1, "child": 0.0, "suicide": 0.0}
    changed = EmergencyModel(
        model.kernel, model.weights, model.temperature, dict.fromkeys(KINDS, Bars(0.9, 0.5))
    )
    assert changed.judge(scores, supported=False) is None
    assert changed.judge(scores, supported=True) == "violence"


def test_the_bars_keep_to_the_allowed_false_alarms() -> None:
    rng = np.random.default_rng(1)
    kinds = [*KINDS] * 100 + [NONE] * 2000
    sources = [*KINDS] * 100 + ["harmless"] * 1000 + ["ordinary"] * 1000
    samples = [
        _Sample(str(i), kind, source, 0, bool(i % 3 == 0))
        for i, (kind, source) in enumerate(zip(kinds, sources))
    ]
    truth = np.array([LABELS.index(kind) for kind in kinds])
    distances = rng.normal(size=(len(kinds), len(LABELS))) + 3 * np.eye(len(LABELS))[truth]
    probabilities = np.exp(distances) / np.exp(distances).sum(axis=1, keepdims=True)
    bars = _bars(samples, probabilities)
    for source, most in (
        ("harmless", emergency_model.HARMLESS_ALARMS),
        ("ordinary", emergency_model.ORDINARY_ALARMS),
    ):
        alarms = 0
        for sample, found in zip(samples, probabilities):
            if sample.source == source:
                kind = LABELS[1 + found[1:].argmax()]
                bar = bars[kind].supported if sample.rules else bars[kind].alone
                alarms += 1 - found[0] >= bar
        assert alarms <= most * 1000 + 1


def test_the_file_is_another_when_the_messages_are(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = emergency_model.emergency_file()
    assert emergency_model.emergency_file() == before
    monkeypatch.setattr(emergency_model, "_ROOT", tmp_path)
    (tmp_path / "data" / "emergency" / "nl").mkdir(parents=True)
    for name in (
        "requirements/bot.txt",
        "bot/languages.py",
        "bot/nlu/answer_model.py",
        "bot/checklist/questions.yml",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("", encoding="utf-8")
    line = tmp_path / "data" / "emergency" / "nl" / "child.yml"
    line.write_text("messages: [help]", encoding="utf-8")
    first = emergency_model.emergency_file()
    line.write_text("messages: [help mij]", encoding="utf-8")
    assert emergency_model.emergency_file() != first


# --- the step in the pipeline --------------------------------------------------------------------


def _message(text: str, intent: str = "greet", ranked: str | None = None) -> Message:
    message = Message(data={TEXT: text, "intent": {"name": intent, "confidence": 0.9}})
    message.set("intent_ranking", [{"name": ranked or intent, "confidence": 0.9}])
    vector = encode([text])
    message.add_features(RasaFeatures(vector, FEATURE_TYPE_SENTENCE, TEXT, "SentenceFeaturizer"))
    return message


class Fixed:
    """Stands for the model: believes in violence, from a given support on."""

    def __init__(self, alone: bool, supported: bool) -> None:
        self.alone, self.with_support = alone, supported

    def scores(self, text: str, vector: np.ndarray) -> dict[str, float]:
        return {}

    def judge(self, scores: dict[str, float], supported: bool) -> str | None:
        return "violence" if (self.with_support if supported else self.alone) else None


def _entities(message: Message) -> list[str]:
    return [e["value"] for e in message.get("entities", []) if e["entity"] == ENTITY]


def test_the_model_sees_what_the_rules_do_not() -> None:
    [message] = EmergencyStep(Fixed(True, True)).process([_message("qwertz")])  # type: ignore[arg-type]
    assert _entities(message) == ["violence"]
    assert message.get("intent")["name"] == "domestic_violence"


def test_the_rules_support_the_model() -> None:
    step = EmergencyStep(Fixed(False, True))  # type: ignore[arg-type]
    [seen, other] = step.process([_message("hij slaat mij"), _message("qwertz")])
    assert _entities(seen) == ["violence"]
    assert _entities(other) == []


def test_the_classifier_supports_the_model() -> None:
    step = EmergencyStep(Fixed(False, True))  # type: ignore[arg-type]
    # asked back by the step before: the ranking still tells what the classifier thought of first
    [message] = step.process([_message("qwertz", "nlu_fallback", "threat_imminent")])
    assert _entities(message) == ["violence"]


def test_the_model_holds_the_rules_back() -> None:
    [message] = EmergencyStep(Fixed(False, False)).process([_message("hij slaat mij")])  # type: ignore[arg-type]
    assert _entities(message) == []
    assert message.get("intent")["name"] == "greet"


def test_a_button_is_no_emergency() -> None:
    [message] = EmergencyStep(Fixed(True, True)).process([_message("/threat_imminent")])  # type: ignore[arg-type]
    assert _entities(message) == []


def test_without_a_model_the_rules_judge_alone_and_the_log_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    damaged = tmp_path / "emergency-0.joblib"
    damaged.write_bytes(b"no model")
    for path in (damaged, tmp_path / "missing.joblib"):
        caplog.clear()
        step = EmergencyStep(emergency_step.load(path))
        assert "rules alone" in caplog.text
        [message, other] = step.process([_message("hij slaat mij"), _message("qwertz")])
        assert _entities(message) == ["violence"]
        assert _entities(other) == []
