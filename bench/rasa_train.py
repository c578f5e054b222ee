"""Run by .venv/bot: `python -m bench.rasa_train FOLDER` makes FOLDER/model.tar.gz."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import rasa
from rasa.utils.common import configure_logging_and_warnings


def main() -> None:
    """Train on config.yml, domain.yml and data/ of the folder."""
    folder = Path(sys.argv[1])
    configure_logging_and_warnings(log_level=logging.INFO, warn_only_once=True)
    result = rasa.train(
        domain=str(folder / "domain.yml"),
        config=str(folder / "config.yml"),
        training_files=[str(folder / "data")],
        output=str(folder),
        fixed_model_name="model",
        force_training=True,
    )
    sys.exit(result.code)


if __name__ == "__main__":
    main()
