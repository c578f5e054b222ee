"""A turn is done whole or not at all: what fails in it fails it.

Rasa would go on: in memory when the database is away, and as if an action had done nothing when
the action server is. Then half a turn is kept that the visitor was told had failed.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema.validators import validator_for  # type: ignore[import-untyped]
from rasa.core.actions.action import RemoteAction
from rasa.core.agent import Agent
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from bot import request_trace
from bot.graph_order import InOrder
from bot.tracker_store import ErasableTrackerStore, deadline, erasable

# the form rejects itself so: no fault, and Rasa reads the body
_REJECTED = 400

READ_ALL = frozenset(["action_ask_human", "action_change_language", "action_handover"])
"""Actions that look back over the conversation; the others read slots and the last message."""


class ActionServerFailed(Exception):
    """The action server cannot be reached or did not do its work."""


class _Rejected(Exception):
    """The action rejects itself; `error` is what Rasa expects then."""

    def __init__(self, error: ClientResponseError) -> None:
        super().__init__()
        self.error = error


class ActionServer(EndpointConfig):
    """The endpoint of the actions."""

    _store: ErasableTrackerStore | None = None

    @classmethod
    def at(cls, endpoint: EndpointConfig, store: ErasableTrackerStore) -> ActionServer:
        """The same place as `endpoint`; `store` has the conversations."""
        server = cls(
            endpoint.url,
            endpoint.params,
            endpoint.headers,
            endpoint.basic_auth,
            endpoint.token,
            endpoint.token_name,
            endpoint.cafile,
            **endpoint.kwargs,
        )
        server._store = store
        return server

    async def _request(self, *arguments: Any, **options: Any) -> Any:
        options["headers"] = {**options.get("headers", {}), **request_trace.headers()}
        try:
            return await super().request(*arguments, **options)
        except ClientResponseError as error:
            if error.status == _REJECTED:
                raise _Rejected(error) from None
            raise

    async def request(self, *arguments: Any, **options: Any) -> Any:
        """Call the action server. Raises `ActionServerFailed`, and lets the turn not be kept."""
        try:
            self._choose_events(options.get("json") or {})
            with request_trace.stage("actions", _Rejected):
                return await self._request(*arguments, **options)
        except _Rejected as rejection:
            raise rejection.error from None
        except Exception as error:
            deadline.set(0.0)
            # Rasa logs the error: the body of the reply could hold what the visitor wrote
            raise ActionServerFailed(type(error).__name__) from None

    def _choose_events(self, body: dict[str, Any]) -> None:
        """Send what the action reads: of this turn, and of all turns where it looks back."""
        tracker = body.get("tracker")
        if tracker is None or self._store is None:
            return
        events = tracker.get("events") or []
        said = [place for place, event in enumerate(events) if event["event"] == "user"]
        # the visitor's last message begins what is not stored yet
        turn = events[said[-1] :] if said else []
        all_read = body.get("next_action") in READ_ALL
        tracker["events"] = [
            *(self._store.session_so_far(tracker["sender_id"]) if all_read else []),
            *turn,
        ]


@cache
def _reply_schema() -> Any:
    schema = RemoteAction.action_response_format_spec()
    return validator_for(schema)(schema)


def _is_valid(action: RemoteAction, reply: dict[str, Any]) -> bool:
    # Rasa's own examines the schema itself at each call, which takes longer than the action
    _reply_schema().validate(reply)
    return True


def let_failures_fail(agent: Agent) -> None:
    """Take the soft landings out of `agent`, and what is done over and over."""
    RemoteAction._validate_action_result = _is_valid
    agent.tracker_store = erasable(agent.tracker_store)
    if agent.action_endpoint is not None:
        agent.action_endpoint = ActionServer.at(agent.action_endpoint, agent.tracker_store)
    if agent.processor is not None:
        agent.processor.tracker_store = agent.tracker_store
        agent.processor.action_endpoint = agent.action_endpoint
        agent.processor.graph_runner = InOrder.of(agent.processor.graph_runner)
