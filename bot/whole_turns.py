"""A turn is done whole or not at all: what fails in it fails it.

Rasa would go on: in memory when the database is away, and as if an action had done nothing when
the action server is. Then half a turn is kept that the visitor was told had failed.
"""

from __future__ import annotations

from typing import Any

from rasa.core.agent import Agent
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from bot import request_trace
from bot.tracker_store import deadline, erasable

# the form rejects itself so: no fault, and Rasa reads the body
_REJECTED = 400


class ActionServerFailed(Exception):
    """The action server cannot be reached or did not do its work."""


class _Rejected(Exception):
    """The action rejects itself; `error` is what Rasa expects then."""

    def __init__(self, error: ClientResponseError) -> None:
        super().__init__()
        self.error = error


class ActionServer(EndpointConfig):
    """The endpoint of the actions."""

    @classmethod
    def at(cls, endpoint: EndpointConfig) -> ActionServer:
        """The same place as `endpoint`."""
        return cls(
            endpoint.url,
            endpoint.params,
            endpoint.headers,
            endpoint.basic_auth,
            endpoint.token,
            endpoint.token_name,
            endpoint.cafile,
            **endpoint.kwargs,
        )

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
            with request_trace.stage("actions", _Rejected):
                return await self._request(*arguments, **options)
        except _Rejected as rejection:
            raise rejection.error from None
        except Exception as error:
            deadline.set(0.0)
            # Rasa logs the error: the body of the reply could hold what the visitor wrote
            raise ActionServerFailed(type(error).__name__) from None


def let_failures_fail(agent: Agent) -> None:
    """Take the soft landings out of `agent`."""
    agent.tracker_store = erasable(agent.tracker_store)
    if agent.action_endpoint is not None:
        agent.action_endpoint = ActionServer.at(agent.action_endpoint)
    if agent.processor is not None:
        agent.processor.tracker_store = agent.tracker_store
        agent.processor.action_endpoint = agent.action_endpoint
