"""What the action server has besides its actions: the request's id, metrics. Loaded by rasa_sdk."""

from __future__ import annotations

import pluggy
from sanic import Sanic
from sanic.request import Request

from bot import metrics, request_trace

METRICS_VARIABLE = "KOMPAS_ACTIONS_METRICS_PORT"

hookimpl = pluggy.HookimplMarker("rasa_sdk")


@hookimpl  # type: ignore[misc]
def attach_sanic_app_extensions(app: Sanic) -> None:
    """Called by rasa_sdk before its server starts."""

    @app.middleware("request")  # type: ignore[misc]
    async def follow(request: Request) -> None:
        request_trace.begin(request.headers.get(request_trace.HEADER))

    @app.listener("after_server_start")  # type: ignore[misc]
    async def show(app: Sanic, loop: object) -> None:
        metrics.expose(METRICS_VARIABLE)
