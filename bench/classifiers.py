"""Three intent classifiers on the same features: linear, a small MLP, and Rasa's DIET.

Runs in the bot environment: `.venv/bot/bin/python -m bench.classifiers --out FILE`. Each is
trained on data/nlu with the featurizers of config.yml and scored on the development set
(tests/nlu), which none of them has seen. The figures are in docs/decisions/.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.diet_classifier import DIETClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import class_from_module_path
from sklearn.neural_network import MLPClassifier

from bot.model import ROOT
from bot.nlu.linear_classifier import Blocks, LinearClassifier

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")


def development_messages() -> list[tuple[Message, frozenset[str], str]]:
    """Messages of tests/nlu with their right intents and language."""
    found = []
    for path in sorted((ROOT / "tests" / "nlu").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            found += [
                (Message.build(row["text"]), frozenset(row["intent"].split("|")), row["lang"])
                for row in csv.DictReader(file)
            ]
    return found


def featurized(
    training_data: TrainingData, unseen: list[Message], storage: LocalModelStorage
) -> TrainingData:
    """Both with the features of config.yml's pipeline, up to its classifier."""
    pipeline = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    for number, options in enumerate(pipeline):
        clazz = class_from_module_path(options["name"])
        if clazz is LinearClassifier:
            return training_data
        config = {**clazz.get_default_config(), **options}
        resource = Resource(f"{clazz.__name__}{number}")
        context = ExecutionContext(GraphSchema({}), node_name=resource.name)
        component = clazz.create(config, storage, resource, context)
        if hasattr(component, "train"):
            component.train(training_data)
        training_data = component.process_training_data(training_data)
        component.process(unseen)
    raise ValueError("config.yml: the pipeline has no LinearClassifier to compare with.")


def scored(names: list[list[str]], unseen: list[tuple[Message, frozenset[str], str]]) -> Any:
    """Shares right at first and among the first three, over all and per language."""
    first = np.array([bool(r) and r[0] in t for r, (_, t, _) in zip(names, unseen)])
    three = np.array([bool(set(r[:3]) & t) for r, (_, t, _) in zip(names, unseen)])
    codes = np.array([code for _, _, code in unseen])
    return {
        "top1": round(float(first.mean()), 4),
        "top3": round(float(three.mean()), 4),
        "top1_by_lang": {
            code: round(float(first[codes == code].mean()), 4) for code in sorted(set(codes))
        },
    }


def ranked(messages: list[Message]) -> list[list[str]]:
    """Names of the ranked intents of processed messages."""
    return [[r["name"] for r in m.get(INTENT_RANKING_KEY) or []] for m in messages]


def main() -> None:
    """Train and score the three; write the figures as JSON."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "classifiers.json")
    parser.add_argument("--diet-epochs", type=int, default=30)
    arguments = parser.parse_args()
    storage = LocalModelStorage(Path(tempfile.mkdtemp()))
    unseen = development_messages()
    messages = [message for message, _, _ in unseen]
    training_data = featurized(load_data(str(ROOT / "data" / "nlu")), messages, storage)
    figures: dict[str, Any] = {"training_messages": len(training_data.intent_examples)}

    def note(name: str, names: list[list[str]], began: float, trained: float) -> None:
        figures[name] = {
            **scored(names, unseen),
            "training_s": round(trained - began, 1),
            "ms_a_message": round((time.monotonic() - trained) * 1000 / len(unseen), 2),
        }
        print(name, figures[name], flush=True)
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")

    began = time.monotonic()
    linear = LinearClassifier(LinearClassifier.get_default_config(), storage, Resource("linear"))
    linear.train(training_data)
    trained = time.monotonic()
    note("linear", ranked(linear.process([_bare(m) for m in messages])), began, trained)

    # the MLP reads the dense vectors: sparse n-grams would make it a thousand times larger
    began = time.monotonic()
    examples = training_data.intent_examples
    blocks = Blocks.fit(examples, 1.0)
    blocks.origins = [origin for origin in blocks.origins if origin in blocks.means]
    network = MLPClassifier((512,), batch_size=128, max_iter=20, random_state=1)
    network.fit(blocks.matrix(examples).toarray(), [m.get(INTENT) for m in examples])
    trained = time.monotonic()
    order = np.argsort(-network.predict_proba(blocks.matrix(messages).toarray()), axis=1)
    note("mlp", [list(network.classes_[row[:3]]) for row in order], began, trained)

    began = time.monotonic()
    config = {
        **DIETClassifier.get_default_config(),
        "epochs": arguments.diet_epochs,
        "entity_recognition": False,
        "constrain_similarities": True,
    }
    context = ExecutionContext(GraphSchema({}), node_name="diet")
    diet = DIETClassifier.create(config, storage, Resource("diet"), context)
    diet.train(training_data)
    trained = time.monotonic()
    note(
        f"diet, {arguments.diet_epochs} epochs",
        ranked(diet.process([_bare(m) for m in messages])),
        began,
        trained,
    )


def _bare(message: Message) -> Message:
    """The message with its features, without what a classifier before set."""
    return Message(
        data={TEXT: message.get(TEXT), "text_tokens": message.get("text_tokens")},
        features=message.features,
    )


if __name__ == "__main__":
    main()
