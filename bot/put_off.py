"""TensorFlow, which Rasa loads at every start, is loaded when something uses it: for us, never.

Of all that `rasa run` imports two modules need TensorFlow, for the training of Rasa's own
classifiers. `tensorflow` stands in their place something that loads them when it is called,
subclassed or asked for anything. A pipeline with a component that learns by TensorFlow imports it
itself, and works as ever: it starts slower and takes more memory, as all did before.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

_MODULES = {
    "rasa.utils.tensorflow.callback": ("RasaTrainingLogger", "RasaModelCheckpoint"),
    "rasa.utils.tensorflow.data_generator": ("RasaDataGenerator", "RasaBatchDataGenerator"),
}


class _Later:
    """A class of a module that is put off."""

    def __init__(self, module: str, name: str) -> None:
        self.__module__ = module
        self.__name__ = name

    def _found(self) -> Any:
        return getattr(_loaded(self.__module__), self.__name__)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return self._found()(*arguments, **options)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            # type hints ask every class for these
            raise AttributeError(name)
        return getattr(self._found(), name)

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return (self._found(),)

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, self._found())


class _Place(ModuleType):
    """Stands where the module will be."""


def tensorflow() -> None:
    """Put off what loads TensorFlow; call it before Rasa is imported."""
    for module, names in _MODULES.items():
        if module in sys.modules:
            continue
        place = sys.modules[module] = _Place(module)
        for name in names:
            setattr(place, name, _Later(module, name))


def _loaded(module: str) -> ModuleType:
    """The module itself."""
    if isinstance(sys.modules.get(module), _Place):
        del sys.modules[module]
    return importlib.import_module(module)
