"""The learned emergency lane: how likely a message tells of which emergency.

It learns from `data/emergency`, told.yml among it, which says what the messages of `data/nlu` near
an emergency tell of, from the answers to the checklist's question about safety, and, as what is
none, from other answers and messages of `data/nlu`. The model (`bot/lane_model.py`) stands beside
the rules of `bot/emergency.py`: alone it needs a high score, and a lower one where the rules or
the classifier see an emergency too.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from bot import emergency, emergency_data, lane_model, training_data
from bot.checklist import examples
from bot.checklist.examples import Example
from bot.emergency import KINDS
from bot.emergency_data import HARMLESS, NEAR, RULES
from bot.labelled_messages import NONE, TOLD
from bot.lane_model import ORDINARY, Lane, LaneModel, Sample
from bot.languages import clean, languages
from bot.vector_store import Encode

SAFETY = "q_safety"
SAFETY_ANSWERS = {"leaving_now": "departure", "danger": "violence", "no": NONE}
"""Answers to the question about safety, and the kind of emergency they tell of."""
UNDECIDED_ANSWERS = frozenset([SAFETY, "q_event", "q_defences"])
"""Questions whose answers tell of emergencies or of past ones: they do not stand for "none"."""
ANSWER = "answer"
"""The group of the answers to the other questions. Without its question many an answer sounds worse
than it is, so more alarms are allowed; the question comes again after one."""

LANE = Lane(
    name="emergency",
    kinds=KINDS,
    # harmless.yml sounds as much like emergencies as its writers managed: of what visitors type
    # near an emergency a tenth of that raises an alarm. A card too many costs a line to read, one
    # too few may cost a child
    allowed={HARMLESS: 0.06, ORDINARY: 0.007, ANSWER: 0.03},
    near=frozenset([*KINDS, HARMLESS, TOLD]),
)

_NEGATIVES_PER_INTENT = 30
_NEGATIVES_PER_QUESTION = 30
_SEED = 20261122


def emergency_file() -> Path:
    """Where the model for the present data lies, or would lie."""
    return lane_model.model_file(
        LANE.name, "bot/emergency*.py", "bot/emergency/*.yml", "data/emergency/*/*.yml"
    )


def train(encode: Encode) -> LaneModel:
    """Learn from the present data."""
    return lane_model.train(LANE, samples(), encode)


def samples() -> list[Sample]:
    """What the lane learns from."""
    rng = random.Random(_SEED)
    found = []
    for listed in emergency_data.messages_by_file():
        for place, message in enumerate(listed):
            fold = lane_model.fold_of(place, len(listed))
            found.append(
                _sample(message.text, message.kind, message.source, message.language, fold)
            )
            if message.source not in (RULES, TOLD):
                found += lane_model.copies(found[-1])
    return lane_model.distinct([*found, *_answers(rng), *_intents(rng)])


def _answers(rng: random.Random) -> Iterator[Sample]:
    """Answers to the checklist: to the question about safety, and to the others as none."""
    for head in examples.heads():
        for language in languages():
            listed = [e for e in examples.examples(head) if e.language == language]
            known = [(e.text, SAFETY_ANSWERS.get(_only(e))) for e in listed]
            group = SAFETY
            if head != SAFETY:
                texts = [text for text, _ in known]
                chosen = lane_model.drawn(texts, _NEGATIVES_PER_QUESTION, rng)
                known, group = [(text, NONE) for text in chosen], ANSWER
            if head in UNDECIDED_ANSWERS - {SAFETY}:
                continue
            for place, (text, kind) in enumerate(known):
                if kind is not None:
                    fold = lane_model.fold_of(place, len(known))
                    yield _sample(text, kind, group, language, fold)


def _only(example: Example) -> str:
    return next(iter(example.labels)) if len(example.labels) == 1 else ""


def _intents(rng: random.Random) -> Iterator[Sample]:
    """Messages of the intents that have nothing to do with emergencies."""
    for language in languages():
        ordinary: list[str] = []
        for intent in training_data.contract_intents():
            if intent not in NEAR:
                listed = training_data.examples_of(training_data.DATA / language / f"{intent}.yml")
                texts = [each.text for each in listed]
                ordinary += texts
                chosen = lane_model.drawn(texts, _NEGATIVES_PER_INTENT, rng)
                for place, text in enumerate(chosen):
                    fold = lane_model.fold_of(place, len(chosen))
                    yield _sample(text, NONE, ORDINARY, language, fold)
        yield from lane_model.words_alone(ordinary, rng)


def _sample(text: str, kind: str, group: str, language: str, fold: int) -> Sample:
    text = clean(text)
    rules = emergency.detect(text, language) is not None
    return Sample(text, kind, group, fold, rules)
