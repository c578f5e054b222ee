"""The learned lane of hard requests: how likely a message asks for what Kompas must not help with.

It learns from `data/hard_requests`, told.yml among it, which says what the messages of `data/nlu`
near a hard request are, and, as what is none, from lawful.yml there, other messages of `data/nlu`
and the answers to the checklist: who tells that they left without a word asks nothing of the kind.
The kinds and what is said to them: `bot/hard_requests.yml`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from bot import emergency_data, hard_request_data, lane_model, training_data
from bot.checklist import examples
from bot.hard_request_data import KINDS, LAWFUL, NEAR
from bot.labelled_messages import NONE, TOLD
from bot.lane_model import ORDINARY, Lane, LaneModel, Sample
from bot.languages import clean, languages
from bot.vector_store import Encode

LANE = Lane(
    name="hard-requests",
    kinds=KINDS,
    allowed={LAWFUL: 0.1, ORDINARY: 0.02},
    near=frozenset([*KINDS, LAWFUL, TOLD]),
    # eight kinds, many of them asked in passing: with half of these one in fifty more is missed.
    # Emergencies are seen as well with either number
    landmarks=8000,
)

_NEGATIVES_PER_INTENT = 30
_NEGATIVES_PER_QUESTION = 20
_ORDINARY_NEAR = 20 * len(NEAR)
"""Messages of near intents that count as ordinary traffic when the bars are set."""
_SEED = 20261122


def hard_request_file() -> Path:
    """Where the model for the present data lies, or would lie."""
    return lane_model.model_file(
        LANE.name,
        "bot/hard_request*.py",
        "bot/hard_requests.yml",
        "data/hard_requests/*/*.yml",
        "data/emergency/*/*.yml",
    )


def train(encode: Encode) -> LaneModel:
    """Learn from the present data."""
    return lane_model.train(LANE, samples(), encode)


def samples() -> list[Sample]:
    """What the lane learns from."""
    rng = random.Random(_SEED)
    found = []
    for listed in hard_request_data.messages_by_file():
        # of what people typed without a thought of these kinds, some counts as ordinary traffic
        ordinary = {m.text for m in listed if (m.source, m.kind) == (TOLD, NONE)}
        ordinary = set(rng.sample(sorted(ordinary), min(_ORDINARY_NEAR, len(ordinary))))
        for place, message in enumerate(listed):
            group = message.kind if message.kind != NONE else message.source
            group = ORDINARY if message.text in ordinary else group
            fold = lane_model.fold_of(place, len(listed))
            found.append(Sample(clean(message.text), message.kind, group, fold))
            if message.source != TOLD:
                found += lane_model.copies(found[-1])
    return lane_model.distinct([*found, *_others(rng)])


def _others(rng: random.Random) -> Iterator[Sample]:
    """Messages about something else: of other intents, emergencies, answers to the checklist."""
    for language in languages():
        lists = [
            ([e.text for e in training_data.examples_of(path)], _NEGATIVES_PER_INTENT)
            for intent in training_data.contract_intents()
            if intent not in NEAR
            for path in [training_data.DATA / language / f"{intent}.yml"]
        ]
        lists += [
            ([e.text for e in examples.examples(head) if e.language == language], most)
            for head, most in dict.fromkeys(examples.heads(), _NEGATIVES_PER_QUESTION).items()
        ]
        emergencies = [
            ([m.text for m in listed if m.source != TOLD], _NEGATIVES_PER_QUESTION)
            for listed in emergency_data.messages_by_file()
            if listed and listed[0].language == language
        ]
        ordinary = [text for texts, _ in lists for text in texts]
        yield from lane_model.words_alone(ordinary, rng)
        for texts, most in [*lists, *emergencies]:
            chosen = lane_model.drawn(texts, most, rng)
            for place, text in enumerate(chosen):
                yield Sample(clean(text), NONE, ORDINARY, lane_model.fold_of(place, len(chosen)))
