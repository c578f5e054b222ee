"""The trained model for the present data: whether there is one, where, and making it.

`python -m bot.model` trains when there is none. The name of the model file holds a digest of
everything it depends on, so a second start trains nothing and a changed message is never
answered with an old model.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import os
import re
import shutil
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from bot import catalogue, packed
from bot.checklist.questions import checklist
from bot.languages import is_of_draft, languages
from bot.nlu.encoder import artefact_faults

ROOT = Path(__file__).parents[1]
MODELS = ROOT / "models"

_SOURCES = ("config.yml", "domain.yml", "requirements/bot.txt", "bot/languages.yml")
# Parts of the pipeline of which nothing is kept in the trained model.
_NOT_TRAINED = frozenset(
    [
        "ambiguity.py",
        "answer_model.py",
        "answer_step.py",
        "emergency_step.py",
        "follow_up_step.py",
        "hard_request_step.py",
        "marking.py",
        "previous_message.py",
        "untrained_step.py",
    ]
)
_CODE_SOURCES = ("requirements/bot.txt", "bot/languages.py", "bot/languages.yml", "bot/numerals.py")
_CODE_FOLDERS = (("bot/nlu", "*.py"), ("bot/nlu/encoder", "*.json"))
_FOLDERS = (("data/nlu", "*.yml"), ("data/stories", "*.yml"), *_CODE_FOLDERS)


def digest() -> str:
    """Sixteen hexadecimal digits that change with the data, the configuration or the code."""
    return _digest(_SOURCES, _FOLDERS)


def _digest(sources: Iterable[str], folders: Iterable[tuple[str, str]]) -> str:
    found = hashlib.sha256()
    paths = [ROOT / name for name in sources]
    for folder, pattern in folders:
        paths += sorted((ROOT / folder).rglob(pattern))
    for path in paths:
        if path.is_file() and path.name not in _NOT_TRAINED and not is_of_draft(path):
            found.update(str(path.relative_to(ROOT)).encode())
            # a language that is being made changes nothing yet
            lines = path.read_bytes().splitlines(keepends=True)
            found.update(b"".join(line for line in lines if b"draft: true" not in line))
    # a damaged encoder is replaced by another, whose vectors need a model of their own
    found.update(b"own" if not artefact_faults() else b"replaced")
    return found.hexdigest()[:16]


def model_file() -> Path:
    """Where the model for the present data lies, or would lie."""
    return MODELS / f"kompas-{digest()}.tar.gz"


_ANSWER_SOURCES = (
    "bot/checklist/examples.py",
    "bot/languages.yml",
    "requirements/bot.txt",
)
_ANSWER_FOLDERS = (
    ("data/answers", "*.yml"),
    ("data/nlu", "*.yml"),
    ("bot/nlu/encoder", "*.json"),
)


def answers_file() -> Path:
    """Where the model of typed answers to the checklist lies, or would lie, for the present data.

    It is apart from the Rasa model: a new question takes minutes of training, not many.
    """
    found = hashlib.sha256(_digest(_ANSWER_SOURCES, _ANSWER_FOLDERS).encode())
    found.update((ROOT / "bot/nlu/answer_model.py").read_bytes())
    listed = checklist()
    # what is asked and may be answered; the papers of a question may change without training
    for each in listed.questions.values():
        found.update(repr((each.id, each.type, each.options, each.overlaps)).encode())
    found.update(repr(list(listed.documents)).encode())
    for language in languages():
        for key in sorted(catalogue.all_keys(language)):
            # the titles that are read as answers; other wording may change without training
            if re.fullmatch(r"[qd]_\w+_(?:title|name|option_\w+)", key):
                found.update(f"{key}={catalogue.text(language, key)}".encode())
    return MODELS / f"answers-{found.hexdigest()[:16]}.joblib"


def train_answers() -> Path:
    """Train the model of typed answers; return its file."""
    from bot.nlu import answer_model

    return _train_beside(answers_file(), "reads the typed answers", answer_model.train)


def _train_beside(target: Path, doing: str, train: Callable[[Any], Any]) -> Path:
    """Train a model that lies beside the Rasa model, and remove those of other data."""
    from bot.nlu.sentence_featurizer import shared_encoder
    from bot.vector_store import kept_vectors

    began = time.monotonic()
    print(f"Training {target.name}: {doing}, takes minutes.", flush=True)
    encode = kept_vectors(shared_encoder("kompas"))
    try:
        train(encode).save(target)
    finally:
        # what is encoded is of use even if the training was stopped
        encode.save()
    packed.pack(target)
    for old in MODELS.glob(f"{target.name.rpartition('-')[0]}-*.joblib"):
        if old != target:
            old.unlink()
    print(f"Trained in {time.monotonic() - began:.0f} s.", flush=True)
    return target


def emergency_file() -> Path:
    """Where the model of the emergency lane lies, or would lie, for the present data."""
    from bot import emergency_model

    return emergency_model.emergency_file()


def train_emergencies() -> Path:
    """Train the model of the emergency lane; return its file."""
    from bot import emergency_model

    return _train_beside(emergency_file(), "learns emergencies", emergency_model.train)


def hard_request_file() -> Path:
    """Where the model of hard requests lies, or would lie, for the present data."""
    from bot import hard_request_model

    return hard_request_model.hard_request_file()


def train_hard_requests() -> Path:
    """Train the model of hard requests; return its file."""
    from bot import hard_request_model

    return _train_beside(hard_request_file(), "learns hard requests", hard_request_model.train)


def _cache() -> Path:
    """Where Rasa keeps trained components; of other code than the present nothing is left."""
    name = f"rasa-{_digest(_CODE_SOURCES, _CODE_FOLDERS)}"
    folder = ROOT / "build" / "cache"
    for old in folder.glob("rasa-*"):
        if old.name != name:
            shutil.rmtree(old)
    return folder / name


def train(force: bool = False) -> Path:
    """Train the model for the present data; return its file."""
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    # what has not changed is not trained again: a new rule takes seconds. Rasa looks at data and
    # options; of our code it would not notice a change, so that has a cache of its own
    os.environ.setdefault("RASA_CACHE_DIRECTORY", str(_cache()))
    import rasa
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    # without this Rasa's log prints every training message
    configure_logging_and_warnings(log_level=logging.INFO, warn_only_once=True)
    configure_structlog(logging.INFO)
    # the featurizers say how far they are
    logging.basicConfig(format="%(message)s")
    logging.getLogger("bot").setLevel(logging.INFO)
    # the wording lies in the catalogues, and `bot.check` has seen that none is missing
    warnings.filterwarnings("ignore", message=".*listed as a response action")
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    target = model_file()
    began = time.monotonic()
    print(f"Training {target.name}: reads every message in data/nlu, takes minutes.", flush=True)
    result = rasa.train(
        domain=str(ROOT / "domain.yml"),
        config=str(ROOT / "config.yml"),
        training_files=[
            *(str(ROOT / "data" / "nlu" / language) for language in languages()),
            str(ROOT / "data" / "stories"),
        ],
        output=str(MODELS),
        fixed_model_name=target.name.removesuffix(".tar.gz"),
        force_training=force,
    )
    if result.code != 0 or not target.is_file():
        sys.exit("Training failed; the message above says where.")
    packed.pack(target)
    for old in MODELS.glob("kompas-*.tar.gz"):
        if old != target:
            old.unlink()
    print(f"Trained in {time.monotonic() - began:.0f} s.", flush=True)
    return target


def main() -> None:
    """Train what is missing for the present data, or everything with --force."""
    parser = argparse.ArgumentParser(description=train.__doc__)
    parser.add_argument("--force", action="store_true", help="train even if there is a model")
    arguments = parser.parse_args()
    for file, make in (
        (answers_file(), train_answers),
        (emergency_file(), train_emergencies),
        (hard_request_file(), train_hard_requests),
        (model_file(), partial(train, arguments.force)),
    ):
        if file.is_file() and not arguments.force:
            print(f"{file.name} fits the present data.")
            # trained by an earlier version, it may not be
            packed.pack(file)
        else:
            make()


if __name__ == "__main__":
    main()
