"""Making components and messages as Rasa makes them, for the tests of bot/nlu."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.languages import languages
from bot.nlu.normalizer import Normalizer
from bot.training_data import DATA, contract_intents, examples_of

ROOT = Path(__file__).parents[2]

_QUESTIONS = {
    "nl": "Mag ik met mijn dochter naar Polen zonder toestemming van haar vader?",
    "tr": "Eşim çocuğu Türkiye'ye götürdü, İzmir'den geri getirmiyor",
    "pl": "Czy mogę pojechać z synem do babci na wakacje, gdy ojciec się nie zgadza?",
    "en": "Can I take my son to his grandma’s in Poland if his father doesn’t agree?",
}
QUESTIONS = {code: _QUESTIONS[code] for code in languages()}
"""A message of each language, with its own letters; a new language needs one."""


class Parts:
    """Makes components whose trained parts lie in one folder."""

    def __init__(self, folder: Path) -> None:
        self.storage = LocalModelStorage(folder)
        self.context = ExecutionContext(GraphSchema({}), node_name="tested")

    def create(self, component: type, **options: Any) -> Any:
        """A new component with its defaults and `options`."""
        config = {**component.get_default_config(), **options}
        return component.create(config, self.storage, Resource(component.__name__), self.context)

    def load(self, component: type, **options: Any) -> Any:
        """The component as it was trained and stored."""
        config = {**component.get_default_config(), **options}
        return component.load(config, self.storage, Resource(component.__name__), self.context)


def message(text: str) -> Message:
    """A visitor's message, normalised."""
    [found] = Normalizer({}).process([Message(data={TEXT: text})])
    return found


def conversation(*events: Event) -> DialogueStateTracker:
    """A conversation in which `events` happened."""
    return DialogueStateTracker.from_events("s", events, Domain.empty().slots)


def said(key: str, **custom: Any) -> BotUttered:
    """A message of ours, as the generator makes it."""
    return BotUttered("…", data={"custom": {"id": key, **custom}})


def training_messages(intents: list[str], per_file: int | None = None) -> TrainingData:
    """The project's own messages of `intents`, in all languages, normalised."""
    examples = [
        Message(
            data={
                TEXT: example.text,
                INTENT: example.intent,
                "metadata": {"intent": {"language": example.language}},
            }
        )
        for path in sorted(DATA.glob("*/*.yml"))
        if path.stem in intents
        for example in examples_of(path)[:per_file]
    ]
    return Normalizer({}).process_training_data(TrainingData(training_examples=examples))


def all_training_messages() -> TrainingData:
    """Every training message of the project."""
    return training_messages(contract_intents())


def development_set() -> list[dict[str, str]]:
    """Rows of tests/nlu, written apart from the training messages."""
    rows: list[dict[str, str]] = []
    for path in sorted((ROOT / "tests" / "nlu").glob("development_*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows.extend(csv.DictReader(file))
    return rows
