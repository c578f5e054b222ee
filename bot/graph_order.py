"""Runs the components of the model one after the other.

Rasa gives its graph to dask, which plans anew at each of the three runs of a turn what may go side
by side, and then runs one component at a time all the same. Here the order is found once.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.exceptions import GraphRunError
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.runner.interface import GraphRunner


class InOrder(DaskGraphRunner):
    """Gives what `DaskGraphRunner` gives."""

    _orders: dict[tuple[str, ...], list[tuple[str, list[str]]]]

    @classmethod
    def of(cls, runner: GraphRunner) -> InOrder:
        """The same components as `runner` has."""
        own = cls.__new__(cls)
        own.__dict__.update(runner.__dict__)
        own._orders = {}
        return own

    def run(
        self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None
    ) -> dict[str, Any]:
        """Run what `targets` need, and give their outputs by name."""
        wanted = tuple(targets or self._graph_schema.target_names)
        found = {name: (name, value) for name, value in (inputs or {}).items()}
        try:
            for name, needs in self._order(wanted):
                # of what is not given a component gets the name, as from dask
                found[name] = self._instantiated_nodes[name](
                    *(found.get(need, need) for need in needs)
                )
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error
        return dict(found[name] for name in wanted)

    def _order(self, wanted: tuple[str, ...]) -> list[tuple[str, list[str]]]:
        """Names and needs of the components, each after those it needs."""
        if wanted not in self._orders:
            nodes = self._graph_schema.nodes
            order: dict[str, list[str]] = {}

            def add(name: str) -> None:
                if name in nodes and name not in order:
                    needs = list(nodes[name].needs.values())
                    for need in needs:
                        add(need)
                    order[name] = needs

            for name in wanted:
                add(name)
            self._orders[wanted] = list(order.items())
        return self._orders[wanted]
