"""Adds misspelt copies of training messages, so that spelling does not decide the intent.

People type without diacritics, in one case, with slips of the finger. The data files hold what
was written; the copies exist during training only.
"""

from __future__ import annotations

import random
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.languages import clean, fold
from bot.nlu.language_detector import LANGUAGE
from bot.nlu.normalizer import FOLDED
from bot.nlu.options import MOST_SEED, number
from bot.nlu.untrained_step import MadeFromOptions

COPY_OF = "copy_of"
"""Attribute of a copy: the text it was made from."""

# Neighbours on a phone keyboard, where most slips come from.
_NEIGHBOURS = {
    "a": "sqz", "b": "vn", "c": "xv", "d": "sfe", "e": "wrd", "f": "dgr", "g": "fht",
    "h": "gjy", "i": "uok", "j": "hku", "k": "jli", "l": "kop", "m": "nj", "n": "bmh",
    "o": "ipl", "p": "ol", "q": "wa", "r": "etf", "s": "adw", "t": "ryg", "u": "yij",
    "v": "cbf", "w": "qes", "x": "zcs", "y": "tuh", "z": "xas",
}  # fmt: skip


def misspell(text: str, rng: random.Random, rate: float = 0.04) -> str:
    """`text` with a slip in one of `1 / rate` letters: left out, swapped, doubled, wrong key."""
    result: list[str] = []
    characters = list(text)
    position = 0
    while position < len(characters):
        character = characters[position]
        if character.isalpha() and rng.random() < rate:
            slip = rng.choice(("omit", "swap", "double", "neighbour"))
            if slip == "swap" and position + 1 < len(characters):
                result += [characters[position + 1], character]
                position += 2
                continue
            if slip == "double":
                result += [character, character]
            elif slip == "neighbour":
                result.append(rng.choice(_NEIGHBOURS.get(character.lower(), character)))
        else:
            result.append(character)
        position += 1
    return "".join(result)


def vary(text: str, rng: random.Random) -> str:
    """One more way in which somebody in a hurry would type `text`."""
    variant = fold(text)
    if rng.random() < 0.5:
        variant = "".join(c for c in variant if c.isalnum() or c in " '-")
    if rng.random() < 0.7:
        variant = misspell(variant, rng)
    if rng.random() < 0.05:
        variant = variant.upper()
    return variant


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class Augmenter(MadeFromOptions):
    """Adds varied copies of the training messages; does nothing to a visitor's message."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Options of the component."""
        return {
            # copies per training message; a fraction copies that share of them
            "copies": 0.5,
            # the same data gives the same copies
            "seed": 20261122,
        }

    def __init__(self, config: dict[str, Any]) -> None:
        self._copies = number("Augmenter", config, "copies", 0, 10)
        self._seed = int(number("Augmenter", config, "seed", 0, MOST_SEED))

    def process(self, messages: list[Message]) -> list[Message]:
        """Return the messages as they are."""
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Append the copies; each carries its original's intent and metadata."""
        rng = random.Random(self._seed)
        seen = {message.get(TEXT) for message in training_data.training_examples}
        copies: list[Message] = []
        for message in training_data.intent_examples:
            whole = int(self._copies) + (rng.random() < self._copies % 1)
            for _ in range(whole):
                text = clean(vary(message.get(TEXT), rng))
                if text and text not in seen:
                    seen.add(text)
                    copies.append(_copy(message, text))
        return training_data.merge(TrainingData(training_examples=copies))


def _copy(message: Message, text: str) -> Message:
    data = {
        TEXT: text,
        # the components before this one have set these of the original
        FOLDED: fold(text),
        LANGUAGE: message.get(LANGUAGE),
        INTENT: message.get(INTENT),
        "metadata": message.get("metadata"),
        COPY_OF: message.get(TEXT),
    }
    return Message(data=data)
