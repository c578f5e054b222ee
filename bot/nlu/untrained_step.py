"""What the steps of the pipeline share that learn nothing and have options in config.yml."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier


class MadeFromOptions(GraphComponent):
    """Made from its options alone: it learns nothing, and keeps nothing beside the model."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MadeFromOptions:
        """Create the component from its options in config.yml."""
        return cls(config)


class UntrainedStep(MadeFromOptions, IntentClassifier):
    """The same among the classifiers; a subclass checks its options."""
