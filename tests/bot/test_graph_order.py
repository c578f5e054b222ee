"""The components of the model run one after the other, as dask runs them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner

from bot.graph_order import InOrder

RAN: list[str] = []


def node(needs: dict[str, str], is_target: bool = False) -> SchemaNode:
    return SchemaNode(needs, SimpleNamespace, "create", "run", {}, is_target=is_target)


def runner() -> DaskGraphRunner:
    """A graph in which `end` needs both sides of a fork, and `aside` is needed by nobody."""
    made = DaskGraphRunner.__new__(DaskGraphRunner)
    made._graph_schema = GraphSchema(
        {
            "end": node({"a": "left", "b": "right", "c": "missing"}, is_target=True),
            "left": node({"a": "begin"}),
            "right": node({"a": "begin"}),
            "begin": node({"a": "__given__"}),
            "aside": node({"a": "begin"}),
        }
    )

    def of(name: str) -> Any:
        def call(*inputs: Any) -> tuple[str, Any]:
            RAN.append(name)
            return name, (name, inputs)

        return call

    made._instantiated_nodes = {name: of(name) for name in made._graph_schema.nodes}
    made._execution_context = None
    return made


@pytest.mark.parametrize("targets", [None, ["end"], ["left", "aside"]])
def test_it_gives_what_dask_gives(targets: list[str] | None):
    given = {"__given__": ["a message"]}
    assert InOrder.of(runner()).run(given, targets) == runner().run(given, targets)


def test_each_component_runs_once_and_after_those_it_needs():
    ordered = InOrder.of(runner())
    for _ in range(2):
        RAN.clear()
        ordered.run({"__given__": 1})
        assert RAN == ["begin", "left", "right", "end"]


def test_a_fault_is_raised_as_by_dask():
    broken = runner()

    def fail(*inputs: Any) -> None:
        raise RuntimeError

    broken._instantiated_nodes["left"] = fail
    with pytest.raises(GraphRunError):
        InOrder.of(broken).run({"__given__": 1})
