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
import sys
import time
import warnings
from pathlib import Path

from bot.nlu.encoder import artefact_faults

ROOT = Path(__file__).parents[1]
MODELS = ROOT / "models"

_SOURCES = ("config.yml", "domain.yml", "requirements/bot.txt", "bot/languages.yml")
_FOLDERS = (
    ("data/nlu", "*.yml"),
    ("data/stories", "*.yml"),
    ("bot/nlu", "*.py"),
    ("bot/nlu/encoder", "*.json"),
)


def digest() -> str:
    """Sixteen hexadecimal digits that change with the data, the configuration or the code."""
    found = hashlib.sha256()
    paths = [ROOT / name for name in _SOURCES]
    for folder, pattern in _FOLDERS:
        paths += sorted((ROOT / folder).rglob(pattern))
    for path in paths:
        if path.is_file():
            found.update(str(path.relative_to(ROOT)).encode())
            found.update(path.read_bytes())
    # a damaged encoder is replaced by another, whose vectors need a model of their own
    found.update(b"own" if not artefact_faults() else b"replaced")
    return found.hexdigest()[:16]


def model_file() -> Path:
    """Where the model for the present data lies, or would lie."""
    return MODELS / f"kompas-{digest()}.tar.gz"


def train() -> Path:
    """Train the model for the present data; return its file."""
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
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
        training_files=[str(ROOT / "data")],
        output=str(MODELS),
        fixed_model_name=target.name.removesuffix(".tar.gz"),
        force_training=True,
    )
    if result.code != 0 or not target.is_file():
        sys.exit("Training failed; the message above says where.")
    for old in MODELS.glob("kompas-*.tar.gz"):
        if old != target:
            old.unlink()
    print(f"Trained in {time.monotonic() - began:.0f} s.", flush=True)
    return target


def main() -> None:
    """Train if there is no model for the present data, or in any case with --force."""
    parser = argparse.ArgumentParser(description=train.__doc__)
    parser.add_argument("--force", action="store_true", help="train even if there is a model")
    arguments = parser.parse_args()
    if model_file().is_file() and not arguments.force:
        print(f"{model_file().name} fits the present data.")
        return
    train()


if __name__ == "__main__":
    main()
