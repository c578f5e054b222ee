"""A trained model in a file of its own, beside the Rasa model."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import joblib

_Model = TypeVar("_Model", bound="ModelFile")


class ModelFile:
    """What can be written to a file and read again."""

    def save(self, path: Path) -> None:
        """Write the model; a half-written file never bears the name."""
        path.parent.mkdir(exist_ok=True)
        unfinished = path.with_suffix(".new")
        joblib.dump(self, unfinished, compress=1)
        unfinished.rename(path)

    @classmethod
    def load(cls: type[_Model], path: Path) -> _Model:
        """Read a model that `save` wrote. Raises TypeError when it is another one."""
        model = joblib.load(path)
        if not isinstance(model, cls):
            raise TypeError(f"models/{path.name} holds a {type(model).__name__}, no {cls.__name__}")
        return model
